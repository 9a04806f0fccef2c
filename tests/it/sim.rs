//! Behaviour of `sim`.
