//! Flight logs among the inputs: which files are logs, and what was read of them.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::case::Skipped;
use crate::flight::{self, Autopilot, Log, LogFormat, Track};

use super::inputs::{Found, Input};
use super::worker::hexadecimal;

/// How poses are found in logs.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LogParams {
    /// Seconds from the camera's clock to the log's UTC, or to the log's own clock where it never
    /// learnt UTC, as the user tells it.
    pub clock_offset_s: Option<f64>,
    /// Pitch of a camera that is fixed to the airframe, in degrees, as the user tells it.
    pub mount_pitch_deg: Option<f64>,
}

/// What was read of a flight log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogAccount {
    /// The file as the user named it.
    pub file: String,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub sha256: String,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// `tlog`, `dataflash`, `ulog`, `csv` or `gpx`.
    pub format: &'static str,
    /// Vehicles and their starts, one for each track.
    pub vehicles: Vec<String>,
    /// Sound messages, records, rows or points.
    pub messages: u64,
    /// Pictures that the log tells of.
    pub camera_events: usize,
    /// Stretches that could not be read, at most the first 1,000.
    pub losses: Vec<LossAccount>,
    /// How many such stretches there are.
    pub lost_stretches: usize,
    /// Bytes in all such stretches.
    pub lost_bytes: u64,
    /// What was odd, one sentence a kind.
    pub warnings: Vec<String>,
}

/// A stretch of a log that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LossAccount {
    /// Bytes from the start of the file.
    pub offset: u64,
    /// How long it is.
    pub bytes: u64,
    /// What it is.
    pub what: String,
}

/// A log that was read.
#[derive(Debug)]
pub(super) struct LogFile {
    pub(super) name: String,
    pub(super) sha256: String,
    pub(super) bytes: u64,
    pub(super) log: Log,
}

/// Endings of files that are tried as logs; what they are is told by their content.
const ENDINGS: [&str; 5] = ["tlog", "bin", "ulg", "gpx", "csv"];
/// Bytes that tell what a file in a folder is.
const START_BYTES: u64 = 64 << 10;
/// A log is read as a whole; larger ones than this do not fit beside the frames in a laptop.
const LARGEST_LOG_BYTES: u64 = 4 << 30;
/// Losses that are listed one by one.
const LOSSES_LISTED: usize = 1000;

/// Takes the logs out of the inputs and reads them. A file that was named and has a log's ending is
/// one, or is skipped with the reason; in a folder only what is unmistakable is.
pub(super) fn take(found: &mut Found, roots: &[PathBuf]) -> Vec<LogFile> {
    let mut logs = Vec::new();
    let inputs = std::mem::take(&mut found.inputs);
    for input in inputs {
        let named = roots.contains(&input.path);
        if !has_ending(&input.path) || !(named || is_unmistakable(&input.path)) {
            found.inputs.push(input);
            continue;
        }
        match read(&input) {
            Ok(log) => logs.push(log),
            Err(reason) => found.skipped.push(Skipped { file: input.name, reason }),
        }
    }
    found.skipped.sort_by(|one, other| one.file.cmp(&other.file));
    logs
}

fn has_ending(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

/// A log by its start, other than a table: tables of all kinds lie about in folders.
fn is_unmistakable(path: &Path) -> bool {
    let mut start = Vec::new();
    let read =
        std::fs::File::open(path).and_then(|file| file.take(START_BYTES).read_to_end(&mut start));
    let has_track = || start.windows(4).any(|window| window.eq_ignore_ascii_case(b"<trk"));
    match read.ok().and_then(|_| flight::sniff(&start)) {
        None | Some(LogFormat::Csv) => false,
        Some(LogFormat::Gpx) => has_track(),
        Some(LogFormat::Tlog | LogFormat::DataFlash | LogFormat::ULog) => true,
    }
}

fn read(input: &Input) -> Result<LogFile, String> {
    if input.bytes > LARGEST_LOG_BYTES {
        return Err(format!(
            "{} bytes are too many for a flight log; cut it to the flight",
            input.bytes
        ));
    }
    let bytes = std::fs::read(&input.path).map_err(|error| error.to_string())?;
    let log = flight::read_bytes(&input.path, &bytes).map_err(|error| {
        // A skipped input names its file already.
        let text = error.to_string();
        let path = input.path.display().to_string();
        let rest = text.strip_prefix(&path).map(|rest| rest.trim_start_matches([':', ',', ' ']));
        rest.unwrap_or(&text).to_owned()
    })?;
    let sha256 = hexadecimal(&Sha256::digest(&bytes));
    Ok(LogFile { name: input.name.clone(), sha256, bytes: bytes.len() as u64, log })
}

impl LogFile {
    pub(super) fn account(&self) -> LogAccount {
        let Log { format, messages, tracks, losses, warnings } = &self.log;
        let of_tracks = tracks.iter().flat_map(|track| &track.warnings);
        let listed = losses.iter().take(LOSSES_LISTED).map(|loss| LossAccount {
            offset: loss.offset,
            bytes: loss.bytes,
            what: loss.what.clone().into_owned(),
        });
        LogAccount {
            file: self.name.clone(),
            sha256: self.sha256.clone(),
            bytes: self.bytes,
            format: format_name(*format),
            vehicles: tracks.iter().map(vehicle).collect(),
            messages: *messages,
            camera_events: tracks.iter().map(|track| track.camera.len()).sum(),
            losses: listed.collect(),
            lost_stretches: losses.len(),
            lost_bytes: losses.iter().map(|loss| loss.bytes).sum(),
            warnings: warnings.iter().chain(of_tracks).map(ToString::to_string).collect(),
        }
    }
}

fn format_name(format: LogFormat) -> &'static str {
    match format {
        LogFormat::Tlog => "tlog",
        LogFormat::DataFlash => "dataflash",
        LogFormat::ULog => "ulog",
        LogFormat::Csv => "csv",
        LogFormat::Gpx => "gpx",
    }
}

/// Whose track it is and how long, in words.
fn vehicle(track: &Track) -> String {
    let pilot = match track.vehicle.autopilot {
        Autopilot::ArduPilot => "ArduPilot".to_owned(),
        Autopilot::Px4 => "PX4".to_owned(),
        Autopilot::Other(number) => format!("autopilot {number}"),
        Autopilot::Unknown => "unknown autopilot".to_owned(),
    };
    let name = track.vehicle.name.as_deref().map_or(String::new(), |name| format!(" ({name})"));
    let system = track.vehicle.system.map_or(String::new(), |id| format!(", system {}", id.0));
    let span_s = track.span().map_or(0.0, |(first, last)| last - first);
    format!("{pilot}{name}{system}, start {}, {span_s:.0} s", track.boot + 1)
}
