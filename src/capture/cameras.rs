//! The table of thermal cameras, a data file that a user can extend.

use std::path::Path;

use nalgebra::Vector3;
use serde::{Deserialize, Serialize};

use crate::geo::{CameraModel, Distortion};
use crate::thermal::Metadata;

/// A thermal camera's geometry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThermalCamera {
    /// The model in lower case: `m2ea`, `m3t`, `h20t` …
    pub id: String,
    /// Maker and name for people.
    pub name: String,
    /// Names that files carry (EXIF model, XMP model), compared without case.
    pub matches: Vec<String>,
    /// Columns of the sensor itself.
    pub width_px: u32,
    /// Rows of the sensor itself.
    pub height_px: u32,
    /// Pixel pitch of the sensor in µm.
    pub pixel_pitch_um: f64,
    /// Focal length of the thermal lens in mm.
    pub focal_length_mm: f64,
    /// Focal lengths in mm of other lenses of the same model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_focal_lengths_mm: Vec<f64>,
    /// Lens distortion, if known.
    #[serde(default)]
    pub distortion: Distortion,
    /// Thermal time constant of the detector in ms, where its maker tells it: what is seen in
    /// motion smears over it. Not told: bolometers of vanadium oxide have some 8 to 12 ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_constant_ms: Option<f64>,
    /// Least time from one kept thermal picture to the next in s, where its maker tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least_interval_s: Option<f64>,
    /// The camera for visible light that looks along with it, if there is one and it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible: Option<Companion>,
    /// How the camera sits in the airframe, if it is fixed to it: its poses then come from the
    /// airframe's attitude in a flight log, never from a gimbal's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mount: Option<Mount>,
    /// How the camera sits on its gimbal, where that was calibrated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boresight: Option<Boresight>,
    /// Where the figures come from.
    pub source: String,
}

/// A camera for visible light beside a thermal one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Companion {
    /// Columns of its largest picture.
    pub width_px: u32,
    /// Rows of its largest picture.
    pub height_px: u32,
    /// Field of view from corner to corner in degrees.
    pub diagonal_deg: f64,
}

/// A camera that is fixed to an airframe. Angles turn the airframe's axes (forward, right, down)
/// into the camera's, in the order yaw, pitch, roll; a camera that looks straight down with the
/// picture's upper edge forward has a pitch of -90.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mount {
    /// To the right, in degrees.
    pub yaw_deg: f64,
    /// Upwards, in degrees.
    pub pitch_deg: f64,
    /// Right side down, in degrees.
    pub roll_deg: f64,
    /// From the log's reference point to the camera, forward in metres.
    pub forward_m: f64,
    /// The same, to the right.
    pub right_m: f64,
    /// The same, down.
    pub down_m: f64,
}

impl Companion {
    fn is_sound(&self) -> bool {
        let view = self.diagonal_deg > 0.0 && self.diagonal_deg < 180.0;
        self.width_px > 0 && self.height_px > 0 && view
    }
}

impl Mount {
    /// From the log's reference point to the camera: forward, right, down in metres.
    #[must_use]
    pub fn arm_m(&self) -> Vector3<f64> {
        Vector3::new(self.forward_m, self.right_m, self.down_m)
    }

    fn is_sound(&self) -> bool {
        let angles = [self.yaw_deg, self.pitch_deg, self.roll_deg];
        angles.iter().all(|deg| deg.abs() <= 360.0)
            && self.arm_m().iter().all(|metres| metres.abs() <= LONGEST_ARM_M)
    }
}

/// A camera on a gimbal, against what gimbal and receiver state. Angles turn the gimbal's axes
/// (forward along the line of sight, right, down) into the camera's, in the order yaw, pitch, roll;
/// the arm leads from the place that file or log states to the camera, in the aircraft's axes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Boresight {
    /// To the right in the picture, in degrees.
    pub yaw_deg: f64,
    /// Upwards in the picture, in degrees.
    pub pitch_deg: f64,
    /// About the line of sight, clockwise as the camera looks, in degrees.
    pub roll_deg: f64,
    /// Forward in metres.
    pub forward_m: f64,
    /// To the right in metres.
    pub right_m: f64,
    /// Down in metres.
    pub down_m: f64,
}

impl Boresight {
    /// Forward, right, down in metres.
    #[must_use]
    pub fn arm_m(&self) -> Vector3<f64> {
        Vector3::new(self.forward_m, self.right_m, self.down_m)
    }

    fn is_sound(&self) -> bool {
        let angles = [self.yaw_deg, self.pitch_deg, self.roll_deg];
        angles.iter().all(|deg| deg.abs() <= MOST_ASKEW_DEG)
            && self.arm_m().iter().all(|metres| metres.abs() <= LONGEST_ARM_M)
    }
}

/// A camera that sits further askew, in degrees, is mounted otherwise than its gimbal says.
const MOST_ASKEW_DEG: f64 = 20.0;

/// The largest airframe that carries a camera, in metres.
const LONGEST_ARM_M: f64 = 20.0;

/// The table could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not readable.
    #[error("{file}: {source}")]
    Io {
        /// The file.
        file: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// Not a camera table.
    #[error("{file}: {reason}")]
    Syntax {
        /// The file.
        file: String,
        /// With line and column.
        reason: String,
    },
}

/// How far a file's focal length may lie from a lens of the table to be that lens: files round to
/// 0.1 or 0.5 mm.
const SAME_LENS: f64 = 0.03;

impl ThermalCamera {
    /// The camera for pictures of a size, with the lens that the file names.
    ///
    /// A focal length in the file is taken only where it is one of the model's lenses within 3 %:
    /// some files carry the visible camera's, or a round number. A picture of another size than the
    /// sensor's counts as scaled; where its two scales differ by more than 2 %, as cut out at the
    /// larger one.
    #[must_use]
    pub fn model(&self, size_px: (u32, u32), file_focal_mm: Option<f64>) -> CameraModel {
        let lenses = std::iter::once(&self.focal_length_mm).chain(&self.other_focal_lengths_mm);
        let focal_mm = file_focal_mm
            .and_then(|mm| lenses.copied().find(|lens| (mm / lens - 1.0).abs() <= SAME_LENS))
            .unwrap_or(self.focal_length_mm);
        let focal_px = focal_mm * 1000.0 / self.pixel_pitch_um;
        let across = f64::from(size_px.0) / f64::from(self.width_px);
        let down = f64::from(size_px.1) / f64::from(self.height_px);
        let larger = across.max(down);
        let cut = (across / down - 1.0).abs() > 0.02;
        let (across, down) = if cut { (larger, larger) } else { (across, down) };
        CameraModel {
            fx_px: focal_px * across,
            fy_px: focal_px * down,
            distortion: self.distortion,
            ..CameraModel::pinhole(size_px.0, size_px.1, focal_px)
        }
    }

    fn fault(&self) -> Option<&'static str> {
        let positive = |value: f64| value.is_finite() && value > 0.0;
        let Distortion { k1, k2, p1, p2, k3 } = self.distortion;
        if self.id.is_empty() {
            Some("id is empty")
        } else if self.width_px == 0 || self.height_px == 0 {
            Some("the sensor has no pixels")
        } else if !positive(self.pixel_pitch_um) {
            Some("pixel_pitch_um is not above 0")
        } else if !positive(self.focal_length_mm)
            || !self.other_focal_lengths_mm.iter().all(|&mm| positive(mm))
        {
            Some("a focal length is not above 0")
        } else if ![k1, k2, p1, p2, k3].iter().all(|k| k.is_finite()) {
            Some("distortion is not a number")
        } else if !self.time_constant_ms.is_none_or(positive) {
            Some("time_constant_ms is not above 0")
        } else if !self.least_interval_s.is_none_or(positive) {
            Some("least_interval_s is not above 0")
        } else if self.visible.is_some_and(|visible| !visible.is_sound()) {
            Some("the visible camera has no pixels, or no view between 0 and 180 degrees")
        } else if self.mount.is_some_and(|mount| !mount.is_sound()) {
            Some("the mount's angles exceed 360 degrees or its arm 20 m")
        } else if self.boresight.is_some_and(|boresight| !boresight.is_sound()) {
            Some("the boresight's angles exceed 20 degrees or its arm 20 m")
        } else if self.mount.is_some() && self.boresight.is_some() {
            Some("a camera on a gimbal has a boresight, a fixed one a mount, none has both")
        } else {
            None
        }
    }
}

/// The file's form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    format_version: u32,
    #[serde(default, rename = "camera")]
    cameras: Vec<ThermalCamera>,
}

/// The version of the form that is read here.
const FORMAT_VERSION: u32 = 1;

/// A user's table is a few lines for each camera.
const LARGEST_FILE_BYTES: u64 = 4 << 20;

/// All cameras that are known.
#[derive(Debug, Clone, Default)]
pub struct CameraTable {
    cameras: Vec<ThermalCamera>,
}

impl CameraTable {
    /// The table that ships with the program.
    #[must_use]
    pub fn builtin() -> Self {
        let cameras = parse(include_str!("cameras.toml"))
            .expect("the table that ships is read by a test of this file");
        Self { cameras }
    }

    /// Adds the cameras of a file; those with an id that is known replace it.
    ///
    /// Cameras of the file come before those of the program when a frame's name fits both.
    ///
    /// # Errors
    /// [`Error`] if the file cannot be read or is no camera table.
    pub fn extend_from(&mut self, file: &Path) -> Result<(), Error> {
        let name = file.display().to_string();
        let failed = |source| Error::Io { file: name.clone(), source };
        let bytes = std::fs::metadata(file).map_err(failed)?.len();
        if bytes > LARGEST_FILE_BYTES {
            let reason = format!("{bytes} bytes are too many for a camera table");
            return Err(Error::Syntax { file: name, reason });
        }
        let text = std::fs::read_to_string(file).map_err(failed)?;
        self.extend_from_text(&text).map_err(|reason| Error::Syntax { file: name.clone(), reason })
    }

    /// As [`CameraTable::extend_from`], from a table's text.
    ///
    /// # Errors
    /// The reason why it is no camera table, with line and column where there are any.
    pub fn extend_from_text(&mut self, text: &str) -> Result<(), String> {
        let mut cameras = parse(text)?;
        let known = std::mem::take(&mut self.cameras);
        let replaced: Vec<String> = cameras.iter().map(|camera| camera.id.clone()).collect();
        cameras.extend(known.into_iter().filter(|camera| !replaced.contains(&camera.id)));
        self.cameras = cameras;
        Ok(())
    }

    /// All cameras, those of the user first.
    #[must_use]
    pub fn cameras(&self) -> &[ThermalCamera] {
        &self.cameras
    }

    /// By id.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&ThermalCamera> {
        self.cameras.iter().find(|camera| camera.id.eq_ignore_ascii_case(id))
    }

    /// The camera that took a frame, by the names in its file: the model, or make and model
    /// together, since "FLIR" alone is what the XT2 writes and says nothing.
    #[must_use]
    pub fn of_frame(&self, metadata: &Metadata) -> Option<&ThermalCamera> {
        let plain = |text: &str| text.trim_matches(['\0', ' ']).to_lowercase();
        let model = plain(metadata.camera.model.as_deref()?);
        if model.is_empty() {
            return None;
        }
        let make = metadata.camera.make.as_deref().map(plain).unwrap_or_default();
        let names = [format!("{make} {model}"), model];
        self.cameras
            .iter()
            .find(|camera| camera.matches.iter().any(|known| names.contains(&plain(known))))
    }
}

fn parse(text: &str) -> Result<Vec<ThermalCamera>, String> {
    let table: TableFile = toml::from_str(text).map_err(|error| error.to_string())?;
    if table.format_version != FORMAT_VERSION {
        return Err(format!(
            "format_version {} is not the {FORMAT_VERSION} that is read here",
            table.format_version
        ));
    }
    let mut seen = std::collections::BTreeSet::new();
    for camera in &table.cameras {
        if let Some(fault) = camera.fault() {
            return Err(format!("camera `{}`: {fault}", camera.id));
        }
        if !seen.insert(camera.id.to_lowercase()) {
            return Err(format!("camera `{}` stands there twice", camera.id));
        }
    }
    Ok(table.cameras)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_that_ships_is_sound_and_no_name_is_claimed_twice() {
        let cameras = parse(include_str!("cameras.toml")).unwrap();
        let mut names: Vec<String> = cameras
            .iter()
            .flat_map(|camera| {
                let unique: std::collections::BTreeSet<String> =
                    camera.matches.iter().map(|name| name.to_lowercase()).collect();
                unique
            })
            .collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(cameras.iter().all(|camera| !camera.source.is_empty()));
    }

    #[test]
    fn what_plans_need_of_a_camera_is_read_and_checked() {
        let with = |more: &str| {
            parse(&format!(
                "format_version = 1\n[[camera]]\nid = \"x\"\nname = \"x\"\nmatches = []\n\
                 width_px = 640\nheight_px = 512\npixel_pitch_um = 12\nfocal_length_mm = 9.1\n\
                 source = \"a sheet\"\n{more}\n"
            ))
        };
        let told = "time_constant_ms = 10.5\nleast_interval_s = 2\n\
                    visible = { width_px = 8000, height_px = 6000, diagonal_deg = 84 }";
        let [camera] = &with(told).unwrap()[..] else { panic!("one camera") };
        assert_eq!((camera.time_constant_ms, camera.least_interval_s), (Some(10.5), Some(2.0)));
        assert!(camera.visible.is_some_and(|visible| visible.diagonal_deg == 84.0));
        for (wrong, says) in [
            ("time_constant_ms = 0", "time_constant_ms is not above 0"),
            ("least_interval_s = nan", "least_interval_s is not above 0"),
            ("visible = { width_px = 1, height_px = 1, diagonal_deg = 180 }", "no view between"),
            ("time_constant = 8", "unknown field"),
        ] {
            let refused = with(wrong).unwrap_err();
            assert!(refused.contains(says), "{says}: {refused}");
        }
    }
}
