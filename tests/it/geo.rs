//! Behaviour of `geo`.
