//! Behaviour of `damage`.
