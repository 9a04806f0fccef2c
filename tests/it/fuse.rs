//! Behaviour of `fuse`.
