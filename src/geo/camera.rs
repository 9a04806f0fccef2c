//! From a pixel to a ray and back.

use nalgebra::{Matrix2, Matrix3x2, Vector2, Vector3};
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
    ///
    /// Beyond the fold of a distortion polynomial (see [`CameraModel::ray_with_slopes`]) there is
    /// no such ray, and the vector is NaN.
    #[must_use]
    pub fn ray(&self, x_px: f64, y_px: f64) -> Vector3<f64> {
        self.ray_with_slopes(x_px, y_px).map_or_else(|| Vector3::repeat(f64::NAN), |(ray, _)| ray)
    }

    /// The ray as [`CameraModel::ray`], and how it changes a pixel to the right and a pixel down.
    ///
    /// `None` where the lens model has no ray: a Brown polynomial is fitted to the picture and may
    /// turn back outside of it, so that two directions share a pixel and others have none.
    #[must_use]
    pub fn ray_with_slopes(&self, x_px: f64, y_px: f64) -> Option<(Vector3<f64>, Matrix3x2<f64>)> {
        let x_seen = (x_px - self.cx_px) / self.fx_px;
        let y_seen = (y_px - self.cy_px) / self.fy_px;
        let ((x, y), jacobian) = self.undistorted(x_seen, y_seen)?;
        let length = (1.0 + x * x + y * y).sqrt();
        let ray = Vector3::new(1.0, x, y) / length;
        let undo = jacobian.try_inverse()?;
        // d(c/|c|) = (I - r rᵀ) dc/|c|, and dc = (0, dx, dy).
        let along = |dx: f64, dy: f64| {
            let change = Vector3::new(0.0, dx, dy) / length;
            change - ray * ray.dot(&change)
        };
        let right = along(undo[(0, 0)], undo[(1, 0)]) / self.fx_px;
        let down = along(undo[(0, 1)], undo[(1, 1)]) / self.fy_px;
        Some((ray, Matrix3x2::from_columns(&[right, down])))
    }

    /// Pixel of a direction given in forward, right, down; `None` behind the camera and beyond the
    /// fold of the distortion polynomial.
    ///
    /// The answer may lie outside the picture.
    #[must_use]
    pub fn project(&self, body: &Vector3<f64>) -> Option<(f64, f64)> {
        if body.x <= 0.0 {
            return None;
        }
        let (x, y) = (body.y / body.x, body.z / body.x);
        if !self.before_fold(x * x + y * y) {
            return None;
        }
        let ((x, y), _) = self.distorted(x, y);
        Some((self.cx_px + self.fx_px * x, self.cy_px + self.fy_px * y))
    }

    /// Whether the radial polynomial grows all the way to a squared radius, tried at 32 places.
    fn before_fold(&self, r2: f64) -> bool {
        let Distortion { k1, k2, k3, .. } = self.distortion;
        self.distortion == Distortion::default()
            || (1..=32).all(|step| {
                let s = r2 * f64::from(step) / 32.0;
                1.0 + s * (3.0 * k1 + s * (5.0 * k2 + s * 7.0 * k3)) > 0.0
            })
    }

    /// Distorted coordinates and their derivatives.
    fn distorted(&self, x: f64, y: f64) -> ((f64, f64), Matrix2<f64>) {
        let Distortion { k1, k2, p1, p2, k3 } = self.distortion;
        let r2 = x * x + y * y;
        let radial = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3));
        let slope = 2.0 * (k1 + r2 * (2.0 * k2 + r2 * 3.0 * k3));
        let seen = (
            x * radial + 2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x),
            y * radial + p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y,
        );
        let both = x * y * slope + 2.0 * p1 * x + 2.0 * p2 * y;
        let jacobian = Matrix2::new(
            radial + x * x * slope + 2.0 * p1 * y + 6.0 * p2 * x,
            both,
            both,
            radial + y * y * slope + 6.0 * p1 * y + 2.0 * p2 * x,
        );
        (seen, jacobian)
    }

    /// Newton's method from the seen place. Before the fold a barrel is concave and a cushion
    /// convex in the radius, and the seen place lies on the safe side of both.
    fn undistorted(&self, x_seen: f64, y_seen: f64) -> Option<((f64, f64), Matrix2<f64>)> {
        if self.distortion == Distortion::default() {
            return Some(((x_seen, y_seen), Matrix2::identity()));
        }
        let mut place = Vector2::new(x_seen, y_seen);
        for _ in 0..50 {
            let ((x, y), jacobian) = self.distorted(place.x, place.y);
            let off = Vector2::new(x_seen - x, y_seen - y);
            if off.norm() < 1e-12 {
                let sound = self.before_fold(place.norm_squared()) && jacobian.determinant() > 0.0;
                return sound.then_some(((place.x, place.y), jacobian));
            }
            place += jacobian.try_inverse()? * off;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_fold_there_is_no_ray() {
        let mut camera = CameraModel::pinhole(640, 512, 500.0);
        // 1 + 3·k1·r² = 0 at r = 0.9129: the polynomial reaches 0.6086 there, and no pixel further.
        camera.distortion.k1 = -0.4;
        let edge_px = 0.6086 * 500.0;
        assert!(camera.ray(320.0 + edge_px - 1.0, 256.0).x.is_finite());
        assert!(camera.ray(320.0 + edge_px + 1.0, 256.0).x.is_nan());
        assert!(camera.project(&Vector3::new(1.0, 0.9, 0.0)).is_some());
        assert!(camera.project(&Vector3::new(1.0, 0.93, 0.0)).is_none());
        assert!(camera.project(&Vector3::new(1.0, 2.0, 0.0)).is_none());
    }

    #[test]
    fn slopes_are_the_ray_s_differences() {
        let mut camera = CameraModel::pinhole(640, 512, 758.3);
        camera.distortion = Distortion { k1: -0.12, k2: 0.03, p1: 0.001, p2: -0.002, k3: 0.01 };
        for (x, y) in [(320.0, 256.0), (3.0, 500.0), (600.0, 10.0)] {
            let (_, slopes) = camera.ray_with_slopes(x, y).unwrap();
            let right = (camera.ray(x + 0.01, y) - camera.ray(x - 0.01, y)) / 0.02;
            let down = (camera.ray(x, y + 0.01) - camera.ray(x, y - 0.01)) / 0.02;
            assert!((slopes.column(0) - right).norm() < 1e-9);
            assert!((slopes.column(1) - down).norm() < 1e-9);
        }
    }
}
