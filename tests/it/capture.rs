//! Behaviour of `capture`.
