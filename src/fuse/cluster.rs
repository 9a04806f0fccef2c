//! From observations to findings.

use crate::capture::PosedFrame;
use crate::geo::Terrain;
use crate::locate::Observation;
use crate::site::Site;
use crate::time::FrameTime;

use super::Finding;

/// A frame as fusion needs it.
#[derive(Debug, Clone)]
pub struct View {
    /// Where the camera was; its `frame` is the number that observations name.
    pub pose: PosedFrame,
    /// When.
    pub taken_at: Option<FrameTime>,
    /// Whether its values are grey levels.
    pub grey_levels: bool,
}

/// How observations become findings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// Gate of the squared Mahalanobis distance: 9.21 is χ² with 2 degrees of freedom at 0.99.
    pub gate: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self { gate: 9.21 }
    }
}

/// Findings of a run, sorted by id. `observations` are sorted by frame, then index.
#[must_use]
pub fn fuse(
    _observations: &[Observation],
    _views: &[View],
    _terrain: &Terrain,
    _site: Option<&Site>,
    _params: &Params,
) -> Vec<Finding> {
    Vec::new()
}
