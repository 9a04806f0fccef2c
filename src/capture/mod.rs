//! Frames → camera poses with their uncertainty, or a counted reason why not.
//!
//! *Invariant*: this room never reads pixels.

mod cameras;
mod pose;

pub use cameras::{CameraTable, Error as CameraTableError, ThermalCamera};
pub use pose::{
    Ground, NoPose, Params, PoseNote, PoseSigmas, PosedFrame, Twin, pose_from_metadata,
};
