//! Behaviour of `inspect`.
