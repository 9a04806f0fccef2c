//! From a pixel to a ray and back.

use nalgebra::Vector3;
use serde::{Deserialize, Serialize};

/// Lens distortion after Brown, in the order of OpenCV and of DJI's `DewarpData`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Distortion {
    /// Radial, r².
    pub k1: f64,
    /// Radial, r⁴.
    pub k2: f64,
    /// Tangential.
    pub p1: f64,
    /// Tangential.
    pub p2: f64,
    /// Radial, r⁶.
    pub k3: f64,
}

/// A camera as a pinhole with lens distortion.
///
/// Pixel coordinates start at the outer corner of the first pixel, x to the right, y down: the
/// middle of 640x512 is (320, 256).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CameraModel {
    /// Columns.
    pub width_px: u32,
    /// Rows.
    pub height_px: u32,
    /// Focal length over pixel pitch, horizontally.
    pub fx_px: f64,
    /// Focal length over pixel pitch, vertically.
    pub fy_px: f64,
    /// Principal point.
    pub cx_px: f64,
    /// Principal point.
    pub cy_px: f64,
    /// Lens distortion.
    pub distortion: Distortion,
}

impl CameraModel {
    /// Square pixels, the principal point in the middle, no distortion.
    #[must_use]
    pub fn pinhole(width_px: u32, height_px: u32, focal_px: f64) -> Self {
        Self {
            width_px,
            height_px,
            fx_px: focal_px,
            fy_px: focal_px,
            cx_px: f64::from(width_px) / 2.0,
            cy_px: f64::from(height_px) / 2.0,
            distortion: Distortion::default(),
        }
    }

    /// Unit vector of the pixel's ray in forward, right, down; distortion removed.
    #[must_use]
    pub fn ray(&self, x_px: f64, y_px: f64) -> Vector3<f64> {
        let x_seen = (x_px - self.cx_px) / self.fx_px;
        let y_seen = (y_px - self.cy_px) / self.fy_px;
        let (x, y) = self.undistorted(x_seen, y_seen);
        Vector3::new(1.0, x, y).normalize()
    }

    /// Pixel of a direction given in forward, right, down; `None` behind the camera.
    ///
    /// The answer may lie outside the picture.
    #[must_use]
    pub fn project(&self, body: &Vector3<f64>) -> Option<(f64, f64)> {
        if body.x <= 0.0 {
            return None;
        }
        let (x, y) = self.distorted(body.y / body.x, body.z / body.x);
        Some((self.cx_px + self.fx_px * x, self.cy_px + self.fy_px * y))
    }

    fn distorted(&self, x: f64, y: f64) -> (f64, f64) {
        let Distortion { k1, k2, p1, p2, k3 } = self.distortion;
        let r2 = x * x + y * y;
        let radial = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3));
        (
            x * radial + 2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x),
            y * radial + p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y,
        )
    }

    fn undistorted(&self, x_seen: f64, y_seen: f64) -> (f64, f64) {
        if self.distortion == Distortion::default() {
            return (x_seen, y_seen);
        }
        let (mut x, mut y) = (x_seen, y_seen);
        for _ in 0..20 {
            let (x_back, y_back) = self.distorted(x, y);
            x += x_seen - x_back;
            y += y_seen - y_back;
        }
        (x, y)
    }
}
