//! The 95 % error ellipse of a horizontal position.

use nalgebra::Matrix3;
use serde::{Deserialize, Serialize};

/// An ellipse that holds the true place with a probability of 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ellipse95 {
    /// Semi-major axis in metres.
    pub major_m: f64,
    /// Semi-minor axis in metres.
    pub minor_m: f64,
    /// Direction of the major axis in degrees clockwise from north, 0 to 180.
    pub azimuth_deg: f64,
}

impl Ellipse95 {
    /// Whether it holds what lies so many metres east and north of its middle.
    #[must_use]
    pub fn holds(&self, [east_m, north_m]: [f64; 2]) -> bool {
        let (sin, cos) = self.azimuth_deg.to_radians().sin_cos();
        let along_m = east_m * sin + north_m * cos;
        let across_m = east_m * cos - north_m * sin;
        // Multiplied out, so that an ellipse without width is no division by 0.
        (along_m * self.minor_m).powi(2) + (across_m * self.major_m).powi(2)
            <= (self.major_m * self.minor_m).powi(2)
    }
}

/// √(χ² with 2 degrees of freedom at 0.95) = √5.9915.
const RADIUS_95: f64 = 2.447_746_830_680_816;

/// The ellipse of the horizontal block of a covariance in m², axes east, north, up.
#[must_use]
pub fn ellipse95(covariance_enu: &Matrix3<f64>) -> Ellipse95 {
    let (east, north) = (covariance_enu[(0, 0)], covariance_enu[(1, 1)]);
    let both = covariance_enu[(0, 1)];
    let middle = (east + north) / 2.0;
    let swing = ((east - north) / 2.0).hypot(both);
    let azimuth_deg = if swing <= f64::EPSILON * middle {
        0.0
    } else {
        (0.5 * (2.0 * both).atan2(north - east)).to_degrees().rem_euclid(180.0)
    };
    Ellipse95 {
        major_m: RADIUS_95 * (middle + swing).max(0.0).sqrt(),
        minor_m: RADIUS_95 * (middle - swing).max(0.0).sqrt(),
        azimuth_deg,
    }
}
