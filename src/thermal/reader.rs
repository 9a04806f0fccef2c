//! A file → its thermal frames.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Metadata, Thermogram};

/// The family of a thermal file, told by its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// FLIR radiometric JPEG.
    FlirRjpeg,
    /// FLIR sequence of raw frames.
    FlirSeq,
    /// FLIR sequence of JPEG-LS frames.
    FlirCsq,
    /// DJI M2EA, M30T, M3T, H20N, M4T, H30T.
    DjiIirp,
    /// DJI M30T, some captures.
    DjiGirp,
    /// DJI M3TD, newer M4T.
    DjiHirp,
    /// DJI H20T.
    DjiH20t,
    /// DJI XT S.
    DjiXts,
    /// Unsigned 16-bit TIFF.
    TiffU16,
    /// Signed 16-bit TIFF.
    TiffI16,
    /// 32-bit float TIFF.
    TiffF32,
    /// InfiRay IRG.
    InfirayIrg,
    /// A plain picture, read on request as grey levels.
    Picture,
}

impl Format {
    /// The name used on the command line and in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FlirRjpeg => "flir-rjpeg",
            Self::FlirSeq => "flir-seq",
            Self::FlirCsq => "flir-csq",
            Self::DjiIirp => "dji-iirp",
            Self::DjiGirp => "dji-girp",
            Self::DjiHirp => "dji-hirp",
            Self::DjiH20t => "dji-h20t",
            Self::DjiXts => "dji-xts",
            Self::TiffU16 => "tiff-u16",
            Self::TiffI16 => "tiff-i16",
            Self::TiffF32 => "tiff-f32",
            Self::InfirayIrg => "infiray-irg",
            Self::Picture => "picture",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which transmission the FLIR formula takes for the air between camera and object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathConvention {
    /// Two halves with the window between them, as Thermimage and flyr do.
    #[default]
    Half,
    /// One whole path, FLIR's published formula; the window is left out.
    Full,
}

/// What the user says instead of the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Overrides {
    /// 0 (exclusive) to 1.
    pub emissivity: Option<f64>,
    /// Metres, above 0.
    pub distance_m: Option<f64>,
    /// Relative humidity in percent, 0 to 100.
    pub humidity_percent: Option<f64>,
    /// Reflected apparent temperature.
    pub reflected_c: Option<f64>,
    /// Temperature of the air.
    pub ambient_c: Option<f64>,
    /// Temperature of an external window (FLIR).
    pub window_c: Option<f64>,
    /// Transmission of an external window (FLIR), 0 (exclusive) to 1.
    pub window_transmission: Option<f64>,
}

/// Kelvin or degrees from the samples of a TIFF: `celsius = scale · value + offset_c`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LinearScale {
    /// Kelvin a count.
    pub scale: f64,
    /// Degrees Celsius at 0.
    pub offset_c: f64,
}

/// How files are read.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// What the user says instead of the file.
    pub overrides: Overrides,
    /// The FLIR path convention.
    pub path_convention: PathConvention,
    /// The scale of a TIFF that does not tell it.
    pub tiff_scale: Option<LinearScale>,
    /// Read pictures without radiometry as grey levels.
    pub uncalibrated: bool,
    /// The vendor's own decoder, if the user has it and wants it (`--vendor-sdk`).
    pub vendor_sdk: Option<PathBuf>,
}

/// Where a parameter's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterSource {
    /// The file.
    File,
    /// The vendor's default, since this family ignores what the file stores.
    VendorDefault,
    /// The user.
    User,
    /// Given by the user, ignored by this family.
    Ignored,
}

/// A parameter of radiometry as it was used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parameter {
    /// E.g. `emissivity`, `distance_m`, `humidity_percent`, `reflected_c`, `ambient_c`.
    pub name: &'static str,
    /// The value used (the user's value where it was ignored).
    pub value: f64,
    /// Whence.
    pub source: ParameterSource,
}

/// All parameters of a frame's radiometry.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parameters {
    /// In a fixed order.
    pub values: Vec<Parameter>,
    /// FLIR only.
    pub path_convention: Option<PathConvention>,
    /// TIFF only.
    pub scale: Option<LinearScale>,
    /// Whether a vendor's decoder gave the temperatures.
    pub decoded_by_vendor_sdk: bool,
}

/// One frame of a file.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Index in a sequence; 0 for single pictures.
    pub index: u32,
    /// The family.
    pub format: Format,
    /// The pixels.
    pub thermogram: Thermogram,
    /// The parameters used.
    pub parameters: Parameters,
    /// What the file says besides.
    pub metadata: Metadata,
    /// What a person should know, e.g. an implausible stored parameter.
    pub warnings: Vec<String>,
}

/// Why a file gave no temperatures.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be opened or read.
    #[error("{file}: {source}", file = file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The file is no thermal file that can be read; the reason says what to do.
    #[error("{file}: {reason}", file = file.display())]
    Refused {
        /// The file.
        file: PathBuf,
        /// Reason and remedy in one sentence.
        reason: String,
    },
    /// The file is damaged or contradicts itself.
    #[error("{file}: {what} at byte {offset}", file = file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// Where.
        offset: u64,
        /// What is wrong.
        what: String,
    },
}

/// Frames of one file, in order; a sequence is read frame by frame.
#[derive(Debug)]
pub struct Reader {}

impl Iterator for Reader {
    type Item = Result<Frame, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        None
    }
}

/// Opens a thermal file.
///
/// # Errors
/// [`Error`] if it cannot be opened or is no thermal file.
pub fn open(path: &Path, _options: &ReadOptions) -> Result<Reader, Error> {
    Err(Error::Refused { file: path.to_owned(), reason: "no reader".to_owned() })
}

/// All frames of a file that is in memory; `path` is for messages only.
///
/// # Errors
/// [`Error`] of the first frame that cannot be read.
pub fn read_bytes(path: &Path, _bytes: &[u8], _options: &ReadOptions) -> Result<Vec<Frame>, Error> {
    Err(Error::Refused { file: path.to_owned(), reason: "no reader".to_owned() })
}

/// What a picture's file says besides its pixels, also without radiometry.
///
/// # Errors
/// [`Error`] if the file cannot be read or is no picture.
pub fn read_metadata(path: &Path) -> Result<Metadata, Error> {
    Err(Error::Refused { file: path.to_owned(), reason: "no reader".to_owned() })
}
