//! Thermal files: what they are, the temperatures in them, and what they say about themselves.
//!
//! | file | what |
//! |---|---|
//! | `thermogram` | counts and the one table a frame that turns them into degrees |
//! | `metadata` | position, attitude, time, camera as the file tells them |
//! | `reader` | a file → its frames, by payload and never by name |
//!
//! *Invariant*: this room never knows where a frame was taken beyond what the file says.

mod decoded;
mod dji;
mod fault;
mod flir;
mod jpeg;
mod metadata;
mod reader;
mod thermogram;
mod vendor_sdk;

pub use metadata::{
    CameraIdentity, EulerDegrees, FilePosition, LaserRange, Metadata, RtkFix, StoredCalibration,
};
pub use reader::{
    Error, Format, Frame, LinearScale, Overrides, Parameter, ParameterSource, Parameters,
    PathConvention, ReadOptions, Reader, open, read_bytes, read_metadata,
};
pub use thermogram::{CountTable, PlaneUnit, Samples, Thermogram};
