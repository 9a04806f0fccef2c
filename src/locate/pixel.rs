//! Where a pixel looks.

use nalgebra::Matrix3;

use crate::capture::PosedFrame;
use crate::geo::{Geodetic, Miss, Terrain};

/// One sigma of a pixel coordinate, both axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PixelSigma(pub f64);

/// A place on the ground.
#[derive(Debug, Clone, Copy)]
pub struct Located {
    /// The place.
    pub point: Geodetic,
    /// Slant range in metres.
    pub range_m: f64,
    /// Angle between the ray and the ground's normal in radians.
    pub incidence_rad: f64,
    /// Covariance in m², axes east, north, up: what this frame alone is off.
    pub own_enu_m2: Matrix3<f64>,
    /// Covariance in m², axes east, north, up: what all frames of the flight are off together.
    pub common_enu_m2: Matrix3<f64>,
}

impl Located {
    /// Both parts together.
    #[must_use]
    pub fn covariance_enu_m2(&self) -> Matrix3<f64> {
        self.own_enu_m2 + self.common_enu_m2
    }
}

/// Why a pixel gave no place.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The ray does not meet the ground.
    #[error(transparent)]
    Miss(#[from] Miss),
    /// The pixel lies outside the picture.
    #[error("pixel {x_px}, {y_px} lies outside the picture of {width_px} x {height_px}")]
    OutsidePicture {
        /// Asked for.
        x_px: f64,
        /// Asked for.
        y_px: f64,
        /// Columns.
        width_px: u32,
        /// Rows.
        height_px: u32,
    },
}

/// The place that a pixel looks at, and how sure it is.
///
/// # Errors
/// [`Refusal`]: the reason why there is none.
pub fn locate(
    _pose: &PosedFrame,
    _pixel: (f64, f64),
    _sigma: PixelSigma,
    _terrain: &Terrain,
) -> Result<Located, Refusal> {
    Err(Refusal::Miss(Miss::AboveHorizon))
}
