//! What a family's decoder hands to the reader.

use super::{CameraIdentity, FilePosition, Format, Parameters, Thermogram};
use crate::time::FrameTime;

/// One frame as a family's decoder sees it; the reader joins it with EXIF and XMP.
#[derive(Debug, Clone)]
pub(super) struct Decoded {
    pub(super) format: Format,
    pub(super) thermogram: Thermogram,
    pub(super) parameters: Parameters,
    /// What the payload itself says of the camera; beats EXIF where it is there.
    pub(super) camera: CameraIdentity,
    /// The payload's own time; beats EXIF.
    pub(super) taken_at: Option<FrameTime>,
    /// The payload's own position (FLIR GPS record); taken where EXIF has none.
    pub(super) position: Option<FilePosition>,
    /// Height that goes with it.
    pub(super) altitude_m: Option<f64>,
    pub(super) warnings: Vec<String>,
}
