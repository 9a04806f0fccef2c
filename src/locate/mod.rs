//! Pixel + pose + terrain → a point on the ground with its covariance.
//!
//! *Invariant*: this room never touches a file.

mod explain;
mod observation;
mod pixel;
mod spread;

pub use explain::{Cause, Explained, Part, Term, explain, explain_observation};
pub use observation::{Observation, observe, symmetric, upper_triangle};
pub use pixel::{Located, PixelSigma, Refusal, footprint, locate};
