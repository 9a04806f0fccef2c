//! Behaviour of `locate`.
