//! Behaviour of `detect`.
