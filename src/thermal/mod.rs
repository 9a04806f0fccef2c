//! Thermal files: what they are, the temperatures in them, and what they say about themselves.
//!
//! | file | what |
//! |---|---|
//! | `thermogram` | counts and the one table a frame that turns them into degrees |
//! | `metadata` | position, attitude, time, camera as the file tells them |
//! | `exif`, `xmp` | the two blocks that say it |
//! | `format` | the families, by name |
//! | `reader` | a file → its frames, by payload and never by name |
//! | `flir`, `dji`, `tiff`, `irg`, `picture` | the families |
//! | `vendor_sdk` | DJI's own decoder, if the user has it |
//! | `write`, `palette` | frames → arrays, tables, pictures |
//! | `canvas` | a picture that can be drawn and written on |
//!
//! *Invariant*: this room never knows where a frame was taken beyond what the file says.

mod canvas;
mod decoded;
mod dji;
mod exif;
mod fault;
mod flir;
mod format;
mod irg;
mod jpeg;
mod json;
mod metadata;
mod palette;
mod picture;
mod reader;
mod thermogram;
mod tiff;
mod vendor_sdk;
pub mod write;
mod xmp;

pub use canvas::{Canvas, Rgb};
pub use format::Format;
pub use metadata::{
    CameraIdentity, EulerDegrees, FilePosition, ImageDirection, LaserRange, Metadata, RtkFix,
    StoredCalibration,
};
pub use palette::Palette;
pub use reader::{
    Contents, Error, Frame, LinearScale, Overrides, Parameter, ParameterSource, Parameters,
    PathConvention, ReadOptions, Reader, contents, is_sequence, open, read_bytes, read_metadata,
    read_metadata_bytes,
};
pub use thermogram::{CountTable, PlaneUnit, Samples, Statistics, Thermogram};
