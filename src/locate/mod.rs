//! Pixel + pose + terrain → a point on the ground with its covariance.
//!
//! *Invariant*: this room never touches a file.

mod observation;
mod pixel;

pub use observation::{Observation, observe, symmetric, upper_triangle};
pub use pixel::{Located, PixelSigma, Refusal, footprint, locate};
