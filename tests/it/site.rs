//! Behaviour of `site`.
