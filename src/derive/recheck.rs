//! What was stated of a finding, worked out once more from the original and the pose.

use std::path::Path;

use nalgebra::Vector3;
use serde::Deserialize as _;
use serde_json::Value;

use crate::capture::{self, CameraTable, Ground};
use crate::detect::{self, Detection, Detector, FlatField, Plane, Polarity};
use crate::geo::{Attitude, CameraModel, Geodetic, LocalFrame, Terrain, enu_from_ned};
use crate::thermal::{self, Frame, PlaneUnit};

use super::original;

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

/// An original to be read once more, as a package has it.
#[derive(Debug, Clone, Copy)]
pub struct Original<'a> {
    /// Its name, for its ending and for messages.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The frame in it.
    pub index: u32,
    /// The radiometry that the run used, JSON text.
    pub radiometry: &'a str,
    /// The file with the sensor's pattern that the run took off before it looked, if it did.
    pub flat_field: Option<&'a [u8]>,
}

/// What a spot of a frame is when it is found once more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// Hottest (coldest) of its own pixels.
    pub peak_c: f64,
    /// Median of the ring around it.
    pub background_c: f64,
    /// Its weighted centre.
    pub centre_px: (f64, f64),
}

/// A frame that was read once more, with all its spots.
#[derive(Debug)]
pub struct Again {
    frame: Frame,
    spots: Vec<Detection>,
}

impl Again {
    /// Reads a frame and looks for spots in it with the run's parameters (JSON of
    /// [`detect::Params`]), as the run did.
    ///
    /// # Errors
    /// Why there is no such frame, or none with temperatures, in words.
    pub fn of(original: &Original<'_>, detect: &Value) -> Result<Self, String> {
        let params = detect::Params::deserialize(detect)
            .map_err(|error| format!("the detector's parameters: {error}"))?;
        if params.least_score > 1.0 {
            return Err("the run's scores are no chances: an older detector made it".to_owned());
        }
        let options = original::options(original.radiometry, false);
        let frames = thermal::read_bytes(Path::new(original.name), original.bytes, &options)
            .map_err(|error| error.to_string())?;
        let frame = frames.into_iter().find(|frame| frame.index == original.index);
        let frame =
            frame.ok_or_else(|| format!("{}: no frame {}", original.name, original.index))?;
        let (mut values, mut flat) = (Vec::new(), Vec::new());
        let (mut detector, plane) =
            (Detector::new(params), Plane::of(&frame.thermogram, &mut values));
        let spots = match original.flat_field {
            Some(tiff) => pattern(tiff, plane.unit)?.spots(&mut detector, &plane, &mut flat),
            None => detector.detect(&plane),
        };
        Ok(Self { frame, spots })
    }

    /// The spot with that box (left, top, width, height). By its own pixels: the box alone may hold
    /// a corner of another.
    #[must_use]
    pub fn spot(&self, bounds: [u32; 4], hot: bool) -> Option<Spot> {
        let polarity = if hot { Polarity::Hot } else { Polarity::Cold };
        let same =
            |spot: &&Detection| spot.polarity == polarity && spot.bbox_px.map(u32::from) == bounds;
        self.spots.iter().find(same).map(|spot| Spot {
            peak_c: f64::from(spot.peak),
            background_c: f64::from(spot.background),
            centre_px: (f64::from(spot.x_px), f64::from(spot.y_px)),
        })
    }

    /// The lens that the run used: what the file says of it, else what is known of the camera.
    #[must_use]
    pub fn lens(&self, camera: &str) -> Option<CameraModel> {
        let cameras = CameraTable::builtin();
        let params = capture::Params {
            cameras: &cameras,
            camera_id: cameras.by_id(camera).map(|known| known.id.as_str()),
            heading: None,
            ground: Ground { terrain: None, takeoff_height_m: None },
        };
        let size_px = (self.frame.thermogram.width(), self.frame.thermogram.height());
        capture::lens(size_px, &self.frame.metadata, &params).ok()
    }
}

fn pattern(tiff: &[u8], unit: PlaneUnit) -> Result<FlatField, String> {
    let PlaneUnit::Kelvin { step_k, .. } = unit else {
        return Err("a frame without temperatures has no pattern in kelvin".to_owned());
    };
    FlatField::of_tiff(tiff, step_k).map_err(|reason| format!("the sensor's pattern: {reason}"))
}

/// A temperature as stated against one that was read once more.
#[must_use]
pub fn temperature(stated_c: f64, found_c: f64) -> Recheck {
    Recheck { stated: stated_c, found: found_c, tolerance: TOLERANCE_C }
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
