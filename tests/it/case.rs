//! Behaviour of `case`.
