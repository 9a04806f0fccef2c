//! A file → its thermal frames.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::decoded::Decoded;
use super::fault::Fault;
use super::jpeg::{self, Segments};
use super::{Format, Metadata, Thermogram, dji, flir, irg, picture, tiff};

/// Which transmission the FLIR formula takes for the air between camera and object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathConvention {
    /// Two halves with the window between them, as Thermimage and flyr do.
    #[default]
    Half,
    /// One whole path, FLIR's published formula, with the window in front of the camera.
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

impl Overrides {
    /// What the user gave, as ignored: for families whose samples are temperatures already.
    pub(super) fn all_ignored(&self) -> Vec<Parameter> {
        let given = [
            ("emissivity", self.emissivity),
            ("distance_m", self.distance_m),
            ("humidity_percent", self.humidity_percent),
            ("reflected_c", self.reflected_c),
            ("ambient_c", self.ambient_c),
            ("window_c", self.window_c),
            ("window_transmission", self.window_transmission),
        ];
        let ignored = |(name, value): (_, Option<f64>)| {
            Some(Parameter { name, value: value?, source: ParameterSource::Ignored })
        };
        given.into_iter().filter_map(ignored).collect()
    }
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
    /// Index among the frames of a sequence that could be read; 0 for single pictures.
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

/// Largest file that is read as one picture; sequences have no limit.
const MOST_BYTES: u64 = 256 << 20;
/// Enough of a file's start to tell its family.
const HEAD_BYTES: u64 = 32;

/// Frames of one file, in order; a sequence is read frame by frame, so that memory stays at one
/// frame. After a damaged frame the next one is looked for.
#[derive(Debug)]
pub struct Reader {
    file: PathBuf,
    index: u32,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Frames(std::vec::IntoIter<Frame>),
    Sequence(Box<flir::Sequence<BufReader<File>>>),
}

impl Iterator for Reader {
    type Item = Result<Frame, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.source {
            Source::Frames(frames) => frames.next().map(Ok),
            Source::Sequence(sequence) => {
                let decoded = sequence.next()?;
                let frame = in_sequence(decoded, self.index);
                // A fault between two frames, say of foreign bytes, is no frame.
                self.index += u32::from(frame.is_ok());
                Some(frame.map_err(|fault| named(&self.file, fault)))
            }
        }
    }
}

/// Whether a file that begins so is a sequence, which [`open`] reads frame by frame; all others
/// hold one frame, and [`read_bytes`] is the same as `open` for them. 32 bytes are enough.
#[must_use]
pub fn is_sequence(head: &[u8]) -> bool {
    flir::is_sequence(head)
}

/// Opens a thermal file. The family is told by what is in it, never by its name or maker.
///
/// # Errors
/// [`Error`] if it cannot be opened, is no thermal file, or, where it holds one frame only, that
/// frame cannot be read.
pub fn open(path: &Path, options: &ReadOptions) -> Result<Reader, Error> {
    let source = match contents(path)? {
        Contents::Picture(bytes) => Source::Frames(read_bytes(path, &bytes, options)?.into_iter()),
        Contents::Sequence(file) => {
            let sequence = flir::Sequence::new(BufReader::new(file), options)
                .map_err(|source| Error::Io { file: path.to_owned(), source })?;
            Source::Sequence(Box::new(sequence))
        }
    };
    Ok(Reader { file: path.to_owned(), index: 0, source })
}

/// All frames of a file that is in memory; `path` is for messages only. A sequence is decoded
/// whole: see [`is_sequence`].
///
/// # Errors
/// [`Error`] of the first frame that cannot be read.
pub fn read_bytes(path: &Path, bytes: &[u8], options: &ReadOptions) -> Result<Vec<Frame>, Error> {
    let named = |fault| named(path, fault);
    if is_sequence(bytes) {
        let sequence = flir::Sequence::new(Cursor::new(bytes), options)
            .map_err(|source| Error::Io { file: path.to_owned(), source })?;
        return (0..)
            .zip(sequence)
            .map(|(i, frame)| in_sequence(frame, i).map_err(named))
            .collect();
    }
    let mut warnings = Vec::new();
    let (metadata, decoded) = if jpeg::is_jpeg(bytes) {
        let segments = jpeg::segments(bytes);
        let metadata = Metadata::of_jpeg(bytes, &segments, &mut warnings);
        let decoded = decode_jpeg(path, bytes, &segments, &metadata, options);
        (metadata, decoded.map_err(named)?)
    } else if tiff::is_tiff(bytes) {
        let decoded = tiff::decode(bytes, options).map_err(named)?;
        (tiff::metadata(bytes, &mut warnings).map_err(named)?, decoded)
    } else if irg::is_irg(bytes) {
        (Metadata::default(), irg::decode(bytes, options).map_err(named)?)
    } else if picture::is_png(bytes) && options.uncalibrated {
        (Metadata::default(), picture::decode(bytes).map_err(named)?)
    } else if picture::is_png(bytes) {
        return Err(named(picture::refusal(path, &Metadata::default())));
    } else {
        return Err(named(unknown(bytes)));
    };
    Ok(vec![joined(decoded, metadata, warnings, 0)])
}

/// What a picture's file says besides its pixels, also without radiometry. A thermal payload adds
/// what it says of itself; one that cannot be decoded is left out. Of a sequence: the first frame.
///
/// # Errors
/// [`Error`] if the file cannot be read or is no picture.
pub fn read_metadata(path: &Path) -> Result<Metadata, Error> {
    match contents_up_to(path, Part::Header)? {
        Contents::Picture(bytes) => read_metadata_bytes(path, &bytes),
        Contents::Sequence(_) => {
            let first = open(path, &ReadOptions::default())?.next();
            let none = || named(path, Fault::refused("sequence without a frame"));
            first.unwrap_or_else(|| Err(none())).map(|frame| frame.metadata)
        }
    }
}

/// As [`read_metadata`], of a file that is in memory; `path` is for messages only.
///
/// # Errors
/// As [`read_metadata`].
pub fn read_metadata_bytes(path: &Path, bytes: &[u8]) -> Result<Metadata, Error> {
    let options = ReadOptions::default();
    let mut warnings = Vec::new();
    if jpeg::is_jpeg(bytes) {
        let segments = jpeg::segments(bytes);
        let mut metadata = Metadata::of_jpeg(bytes, &segments, &mut warnings);
        if let Some(Ok(decoded)) = radiometric_jpeg(bytes, &segments, &options) {
            metadata.join(&decoded);
        }
        return Ok(metadata);
    }
    if tiff::is_tiff(bytes) {
        return tiff::metadata(bytes, &mut warnings).map_err(|fault| named(path, fault));
    }
    let options = ReadOptions { uncalibrated: true, ..options };
    let frames = read_bytes(path, bytes, &options)?;
    Ok(frames.into_iter().next().map(|frame| frame.metadata).unwrap_or_default())
}

/// A thermal file's bytes, or the file itself where it is too long to hold.
#[derive(Debug)]
pub enum Contents {
    /// A file with one frame, whole: for [`read_bytes`].
    Picture(Vec<u8>),
    /// A sequence, at its start: [`open`] reads it frame by frame.
    Sequence(File),
}

/// Reads a file that holds one picture. What is no file, empty, of no known family or too large
/// for one picture is refused before it is read.
///
/// # Errors
/// [`Error`] names the file and the reason.
pub fn contents(path: &Path) -> Result<Contents, Error> {
    contents_up_to(path, Part::Whole)
}

/// How much of a file is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    /// All that comes before the picture, where the family tells where that begins (JPEG).
    Header,
}

/// How much of a JPEG is read at first for its header: EXIF and XMP are shorter.
const HEADER_BYTES: u64 = 256 << 10;

fn contents_up_to(path: &Path, part: Part) -> Result<Contents, Error> {
    let io = |source| Error::Io { file: path.to_owned(), source };
    let refused = |reason: &str| Err(named(path, Fault::refused(reason)));
    let kind = std::fs::metadata(path).map_err(io)?;
    if kind.is_dir() {
        return refused("a folder, not a file; name the files in it, as in FOLDER/*");
    }
    if !kind.is_file() {
        return refused("not a regular file");
    }
    let mut file = File::open(path).map_err(io)?;
    let mut bytes = Vec::new();
    file.by_ref().take(HEAD_BYTES).read_to_end(&mut bytes).map_err(io)?;
    if bytes.is_empty() {
        return refused("the file is empty");
    }
    if is_sequence(&bytes) {
        file.rewind().map_err(io)?;
        return Ok(Contents::Sequence(file));
    }
    let known = [jpeg::is_jpeg, tiff::is_tiff, irg::is_irg, picture::is_png];
    if !known.iter().any(|begins| begins(&bytes)) {
        return Err(named(path, unknown(&bytes)));
    }
    if kind.len() > MOST_BYTES {
        return refused("larger than 256 MiB, which no thermal picture is");
    }
    let mut file = file.take(MOST_BYTES);
    if part == Part::Header && jpeg::is_jpeg(&bytes) {
        let mut more = HEADER_BYTES;
        while jpeg::segments(&bytes).broken_at.is_some()
            && file.by_ref().take(more).read_to_end(&mut bytes).map_err(io)? > 0
        {
            more *= 2;
        }
    } else {
        bytes.reserve_exact(kind.len().saturating_sub(HEAD_BYTES) as usize);
        file.read_to_end(&mut bytes).map_err(io)?;
    }
    Ok(Contents::Picture(bytes))
}

fn radiometric_jpeg(
    bytes: &[u8],
    segments: &Segments,
    options: &ReadOptions,
) -> Option<Result<Decoded, Fault>> {
    flir::decode_jpeg(bytes, segments, options)
        .or_else(|| dji::decode_jpeg(bytes, segments, options))
}

fn decode_jpeg(
    path: &Path,
    bytes: &[u8],
    segments: &Segments,
    metadata: &Metadata,
    options: &ReadOptions,
) -> Result<Decoded, Fault> {
    if let Some(decoded) = radiometric_jpeg(bytes, segments, options) {
        return decoded;
    }
    if let Some(offset) = segments.broken_at {
        let what = "the JPEG breaks off before its picture, so a payload would be incomplete,";
        return Err(Fault::damaged(offset, what));
    }
    if options.uncalibrated {
        return picture::decode(bytes);
    }
    // APP2 of InfiRay's own JPEG: four bytes, then its name (seen in files).
    let infiray = |payload: &[u8]| payload.get(4..).is_some_and(|p| p.starts_with(b"IJPEG\0"));
    if segments.with(bytes, 0xE2).any(infiray) {
        return Err(Fault::refused("InfiRay IJPEG is not decoded; export IRG or TIFF instead"));
    }
    Err(picture::refusal(path, metadata))
}

fn unknown(head: &[u8]) -> Fault {
    if head.starts_with(b"FLIR Public Image Format") {
        return Fault::refused("FLIR FPF is not decoded; export R-JPEG or SEQ instead");
    }
    let start: Vec<String> = head.iter().take(4).map(|byte| format!("{byte:02X}")).collect();
    Fault::refused(format!(
        "no thermal file: it begins with {}; JPEG, SEQ, CSQ, TIFF and IRG are read",
        start.join(" ")
    ))
}

fn in_sequence(decoded: Result<Decoded, Fault>, index: u32) -> Result<Frame, Fault> {
    decoded.map(|decoded| joined(decoded, Metadata::default(), Vec::new(), index))
}

fn joined(decoded: Decoded, mut metadata: Metadata, also: Vec<String>, index: u32) -> Frame {
    metadata.join(&decoded);
    let Decoded { format, thermogram, parameters, mut warnings, .. } = decoded;
    metadata.picture_px.get_or_insert((thermogram.width(), thermogram.height()));
    warnings.extend(also);
    Frame { index, format, thermogram, parameters, metadata, warnings }
}

fn named(path: &Path, fault: Fault) -> Error {
    let file = path.to_owned();
    match fault {
        Fault::Refused(reason) => Error::Refused { file, reason },
        Fault::Damaged { offset, what } => Error::Damaged { file, offset, what },
    }
}
