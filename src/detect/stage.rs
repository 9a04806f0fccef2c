//! The frame stage: a plane in, detections out.

use crate::thermal::PlaneUnit;

use super::{Detection, Params};

/// A frame as 16-bit steps.
#[derive(Debug, Clone, Copy)]
pub struct Plane<'a> {
    /// Columns.
    pub width_px: u32,
    /// Rows.
    pub height_px: u32,
    /// Row by row; 0 where there is no temperature.
    pub values: &'a [u16],
    /// What a step means.
    pub unit: PlaneUnit,
    /// The value from which on the sensor only says "at least".
    pub saturated_from: Option<u16>,
}

/// The detector with its working memory, to be used for one frame after the other.
#[derive(Debug)]
pub struct Detector {
    params: Params,
}

impl Detector {
    /// A detector for frames of any size.
    #[must_use]
    pub fn new(params: Params) -> Self {
        Self { params }
    }

    /// The spots of one frame, best score first; ties by row, then column.
    pub fn detect(&mut self, plane: &Plane<'_>) -> Vec<Detection> {
        let _ = (plane, self.params);
        Vec::new()
    }
}
