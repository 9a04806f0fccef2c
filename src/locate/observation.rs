//! A detection on the ground.

use nalgebra::Matrix3;
use serde::{Deserialize, Serialize};

use crate::detect::Detection;
use crate::geo::Geodetic;

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
