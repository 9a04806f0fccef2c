//! A detection on the ground.

use nalgebra::Matrix3;
use serde::{Deserialize, Serialize};

use crate::capture::PosedFrame;
use crate::detect::{Detection, Reason};
use crate::geo::{Geodetic, Terrain};

use super::{PixelSigma, Refusal, locate};

/// A detection and its place on the ground. A million of them must fit into memory, so the
/// covariances are kept as the six numbers of their upper triangle, in single precision.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// The frame's number in the run.
    pub frame: u32,
    /// The detection's number in its frame.
    pub index: u16,
    /// What was seen.
    pub detection: Detection,
    /// Where, height above the ellipsoid.
    pub point: Geodetic,
    /// Slant range in metres.
    pub range_m: f32,
    /// Angle between ray and ground normal in radians.
    pub incidence_rad: f32,
    /// Area on the ground in m².
    pub area_m2: f32,
    /// ee, en, eu, nn, nu, uu in m²: what this frame alone is off.
    pub own_enu_m2: [f32; 6],
    /// The same for what the whole flight is off.
    pub common_enu_m2: [f32; 6],
}

/// One sigma of the centre of a small detection in pixels; larger ones are less sharply centred.
const CENTRE_SIGMA_PX: f64 = 0.1;
/// Share of the diameter that adds to it.
const CENTRE_SIGMA_SHARE: f64 = 0.02;
/// The same for a detection that the picture's border cuts: the middle of what is left of it lies
/// off the middle of the whole, in simulated flights with true poses by 0.5 of its diameter (241
/// cut views). Twice that, since neighbours on a leg are cut alike and their errors do not average
/// out.
const CUT_SIGMA_SHARE: f64 = 1.0;

/// What the picture's border cuts has no place below this prominence, nor when it is wide: what is
/// left of it does not tell where the whole one's middle is, a corner of a roof may look so, and
/// the next frame shows the whole. Our convention.
const LEAST_CUT_PROMINENCE: f32 = 24.0;

/// The place of a detection: `index` is its number in its frame.
///
/// # Errors
/// [`Refusal`]: the reason why it has none.
pub fn observe(
    pose: &PosedFrame,
    index: u16,
    detection: &Detection,
    terrain: &Terrain,
) -> Result<Observation, Refusal> {
    if is_cut(detection) {
        return Err(Refusal::Cut);
    }
    let sigma = centre_sigma(detection);
    let pixel = (f64::from(detection.x_px), f64::from(detection.y_px));
    let located = locate(pose, pixel, sigma, terrain)?;
    let pixel_m2 = located.range_m.powi(2) / (pose.camera.fx_px * pose.camera.fy_px);
    let slant = located.incidence_rad.cos().max(0.05);
    Ok(Observation {
        frame: pose.frame,
        index,
        detection: *detection,
        point: located.point,
        range_m: located.range_m as f32,
        incidence_rad: located.incidence_rad as f32,
        area_m2: (f64::from(detection.area_px) * pixel_m2 / slant) as f32,
        own_enu_m2: upper_triangle(&located.own_enu_m2),
        common_enu_m2: upper_triangle(&located.common_enu_m2),
    })
}

/// Whether the border cuts it so that its middle is not known.
fn is_cut(detection: &Detection) -> bool {
    let is_weak = detection.prominence < LEAST_CUT_PROMINENCE;
    let reasons = detection.reasons;
    reasons.contains(Reason::Border) && (is_weak || reasons.contains(Reason::Wide))
}

/// How sharply a detection's centre is known.
pub(super) fn centre_sigma(detection: &Detection) -> PixelSigma {
    let diameter_px = (f64::from(detection.area_px) * 4.0 / std::f64::consts::PI).sqrt();
    let cut = detection.reasons.contains(Reason::Border);
    let share = if cut { CUT_SIGMA_SHARE } else { CENTRE_SIGMA_SHARE };
    PixelSigma(CENTRE_SIGMA_PX.hypot(share * diameter_px))
}

/// The six numbers of a symmetric matrix's upper triangle.
#[must_use]
pub fn upper_triangle(m: &Matrix3<f64>) -> [f32; 6] {
    [m[(0, 0)], m[(0, 1)], m[(0, 2)], m[(1, 1)], m[(1, 2)], m[(2, 2)]].map(|v| v as f32)
}

/// The symmetric matrix of an upper triangle.
#[must_use]
pub fn symmetric(upper: &[f32; 6]) -> Matrix3<f64> {
    let [ee, en, eu, nn, nu, uu] = upper.map(f64::from);
    Matrix3::new(ee, en, eu, en, nn, nu, eu, nu, uu)
}
