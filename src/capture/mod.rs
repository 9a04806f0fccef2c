//! Frames → camera poses with their uncertainty, or a counted reason why not.
//!
//! | file | what |
//! |---|---|
//! | `cameras` | the table of thermal cameras, `cameras.toml` and the user's |
//! | `lens` | the camera model of a frame: table or calibration in the file |
//! | `place` | which of a file's positions and heights is taken |
//! | `direction` | gimbal or flight attitude |
//! | `north` | magnetic headings to true north |
//! | `boresight` | how a camera sits on its gimbal |
//! | `pose` | all of that together, with sigmas and notes |
//! | `twins` | thermal and visible pictures of one instant |
//! | `track_pose` | the same from a flight's log |
//! | `track_place` | place and height by the log |
//! | `track_direction` | gimbal or fixed mount by the log |
//!
//! *Invariant*: this room never reads pixels.

mod boresight;
mod cameras;
mod direction;
mod lens;
mod north;
mod place;
mod pose;
mod sentence;
mod track_direction;
mod track_place;
mod track_pose;
mod twins;

pub use cameras::{
    Boresight, CameraTable, Companion, Error as CameraTableError, Mount, ThermalCamera,
};
pub use lens::lens;
pub use place::{Takeoff, implied_takeoff};
pub use pose::{
    Ground, NoPose, Params, PoseNote, PoseSigmas, PosedFrame, Twin, pose_from_metadata,
};
pub use track_place::implied_takeoff_on_track;
pub use track_pose::{TrackMoment, TrackParams, pose_from_track};
pub use twins::{visible_beside, visible_names, whole_view_beside};
