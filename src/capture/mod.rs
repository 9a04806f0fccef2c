//! Frames → camera poses with their uncertainty, or a counted reason why not.
//!
//! | file | what |
//! |---|---|
//! | `cameras` | the table of thermal cameras, `cameras.toml` and the user's |
//! | `lens` | the camera model of a frame: table or calibration in the file |
//! | `place` | which of a file's positions and heights is taken |
//! | `direction` | gimbal or flight attitude |
//! | `pose` | all of that together, with sigmas and notes |
//!
//! *Invariant*: this room never reads pixels.

mod cameras;
mod direction;
mod lens;
mod place;
mod pose;
mod sentence;

pub use cameras::{CameraTable, Error as CameraTableError, ThermalCamera};
pub use place::{Takeoff, implied_takeoff};
pub use pose::{
    Ground, NoPose, Params, PoseNote, PoseSigmas, PosedFrame, Twin, pose_from_metadata,
};
