//! Hot and cold spots in one thermogram.
//!
//! *Invariant*: this room never knows a coordinate on the ground.

mod detection;
mod params;
mod stage;

pub use detection::{Detection, Polarity, Reason, Reasons};
pub use params::{Params, Profile};
pub use stage::{Detector, Plane};
