//! Where a body points: yaw, pitch and roll in the z-y-x order of aerospace.

use nalgebra::Matrix3;
use serde::{Deserialize, Serialize};

/// Attitude of a body with axes forward, right, down against north, east, down.
///
/// The order is yaw about down, then pitch about right, then roll about forward: the convention of
/// DJI and Skydio gimbals. Pitch down is negative, nadir is -π/2. North is true north.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Attitude {
    /// Clockwise from true north, seen from above.
    pub yaw_rad: f64,
    /// Upwards positive.
    pub pitch_rad: f64,
    /// Right side down positive.
    pub roll_rad: f64,
}

impl Attitude {
    /// From degrees.
    #[must_use]
    pub fn from_degrees(yaw_deg: f64, pitch_deg: f64, roll_deg: f64) -> Self {
        Self {
            yaw_rad: yaw_deg.to_radians(),
            pitch_rad: pitch_deg.to_radians(),
            roll_rad: roll_deg.to_radians(),
        }
    }

    /// Rz(yaw) · Ry(pitch) · Rx(roll).
    #[must_use]
    pub fn ned_from_body(&self) -> Matrix3<f64> {
        let (sy, cy) = self.yaw_rad.sin_cos();
        let (sp, cp) = self.pitch_rad.sin_cos();
        let (sr, cr) = self.roll_rad.sin_cos();
        #[rustfmt::skip]
        let rotation = Matrix3::new(
            cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr,
            sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr,
            -sp,     cp * sr,                cp * cr,
        );
        rotation
    }
}
