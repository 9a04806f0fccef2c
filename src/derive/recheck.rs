//! What was stated of a finding, worked out once more from the original and the pose.

use nalgebra::Vector3;

use crate::geo::{Attitude, CameraModel, Geodetic, LocalFrame, Terrain, enu_from_ned};
use crate::thermal::Thermogram;

/// Stated temperatures are rounded to 0.01 °C; single precision and the rounding of parameters that
/// a case keeps may shift a pixel as much again.
const TOLERANCE_C: f64 = 0.02;
/// What a position may be off beside its own ellipse: rounding of angles to 0.01 degree at 100 m.
const ROUNDING_M: f64 = 0.05;

/// How a figure compares with what was stated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recheck {
    /// As stated: °C, or 0 m away from the stated place.
    pub stated: f64,
    /// As worked out now: °C, or metres from the stated place.
    pub found: f64,
    /// What the two may differ by.
    pub tolerance: f64,
}

impl Recheck {
    /// Whether they agree.
    #[must_use]
    pub fn agrees(&self) -> bool {
        (self.found - self.stated).abs() <= self.tolerance
    }
}

/// The peak of a box (left, top, width, height) of the original against the stated one: the warmest
/// pixel, or the coldest one for a cold spot. `None` where the box holds no temperature.
#[must_use]
pub fn peak(frame: &Thermogram, bounds: [usize; 4], hot: bool, stated_c: f64) -> Option<Recheck> {
    let [left, top, wide, high] = bounds;
    let celsius = frame.celsius();
    let rows = celsius.chunks_exact(frame.width() as usize).skip(top).take(high);
    let inside = rows.flat_map(|row| row.iter().skip(left).take(wide)).filter(|c| !c.is_nan());
    let found = inside.copied().reduce(if hot { f32::max } else { f32::min })?;
    Some(Recheck { stated: stated_c, found: f64::from(found), tolerance: TOLERANCE_C })
}

/// A pose as a package's `frames.csv` tells it.
#[derive(Debug, Clone)]
pub struct StatedPose {
    /// The camera's place.
    pub position: Geodetic,
    /// Its attitude.
    pub attitude: Attitude,
    /// Its lens.
    pub camera: CameraModel,
}

/// Where a pixel looks from a stated pose, on level ground at the stated height, against where the
/// finding was stated to be; `radius_m` is the finding's 95 % ellipse's major semi-axis, since one
/// view may lie that far from what all views together gave. `None` where the ray meets no ground.
#[must_use]
pub fn place(
    pose: &StatedPose,
    pixel: (f64, f64),
    stated: &Geodetic,
    radius_m: f64,
) -> Option<Recheck> {
    let ground = Terrain::Flat { height_m: stated.height_m, sigma_m: 0.0 };
    let ray = pose.camera.ray(pixel.0, pixel.1);
    let direction = enu_from_ned(&(pose.attitude.ned_from_body() * ray));
    let hit = ground.cast(&pose.position, &direction).ok()?;
    let off: Vector3<f64> = LocalFrame::at(stated).enu(&hit.point);
    let found = off.x.hypot(off.y);
    Some(Recheck { stated: 0.0, found, tolerance: radius_m + ROUNDING_M })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thermal::{CountTable, Samples};

    #[test]
    fn a_peak_that_was_changed_does_not_agree() {
        let table = CountTable::new(0, vec![f32::NAN, 10.0, 15.5, 4.0]);
        let counts = vec![1, 1, 1, 2, 0, 1, 1, 3, 1];
        let frame = Thermogram::new(3, 3, Samples::Counts { counts, table }, None).unwrap();
        for (bounds, hot, stated, agrees) in [
            ([0, 0, 3, 3], true, 15.51, Some(true)),
            ([0, 0, 3, 3], true, 15.6, Some(false)),
            ([0, 0, 9, 9], false, 4.0, Some(true)),
            ([1, 1, 1, 1], true, 10.0, None),
            ([7, 7, 1, 1], true, 10.0, None),
        ] {
            let found = peak(&frame, bounds, hot, stated).map(|check| check.agrees());
            assert_eq!(found, agrees, "{bounds:?} {stated}");
        }
    }

    #[test]
    fn a_camera_that_looks_straight_down_sees_what_is_below_it() {
        let below = Geodetic::from_degrees(52.0, 5.0, 40.0);
        let pose = StatedPose {
            position: Geodetic { height_m: 140.0, ..below },
            attitude: Attitude::from_degrees(0.0, -90.0, 0.0),
            camera: CameraModel::pinhole(640, 512, 1000.0),
        };
        let middle = place(&pose, (320.0, 256.0), &below, 0.3).unwrap();
        assert!(middle.agrees() && middle.found < 0.01, "{middle:?}");
        // 100 pixels are 10 m from 100 m above.
        let aside = place(&pose, (420.0, 256.0), &below, 0.3).unwrap();
        assert!(!aside.agrees() && (aside.found - 10.0).abs() < 0.01, "{aside:?}");
    }
}
