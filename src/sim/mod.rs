//! A thermal camera over a scene with known truth.
//!
//! *Invariant*: this room is used by nothing but `cli` and tests.

mod scene;

pub use scene::{Flight, Params, PlantedSpot, Scene, Truth, write_flight};
