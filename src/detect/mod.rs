//! Hot and cold spots in one thermogram.
//!
//! *Invariant*: this room never knows a coordinate on the ground.

mod bits;
mod candidates;
mod chance;
mod cores;
mod detection;
mod fit;
mod flat;
mod flat_tiff;
mod ground;
mod heat;
mod joined;
mod level;
mod noise;
mod overlap;
mod overlay;
mod params;
mod parts;
mod pv;
mod rank;
mod ring;
mod shape;
mod shift;
mod stage;
mod standing;
mod stuck;

pub use chance::Measures;
pub use detection::{Detection, Polarity, Reason, Reasons};
pub use flat::FlatField;
pub use overlay::overlay;
pub use params::{Params, Profile};
pub use shift::{Moved, Small, moved};
pub use stage::{Detector, Plane};
