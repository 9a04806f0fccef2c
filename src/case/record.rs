//! What a run leaves in the case.

use serde::{Deserialize, Serialize};

use crate::capture::PosedFrame;
use crate::fuse::{Calibration, Finding};
use crate::locate::Observation;
use crate::time::FrameTime;

/// Names a run by its inputs and parameters: the same work has the same id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RunId(pub String);

/// An input, or one frame of it, that gave nothing, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Skipped {
    /// The file as the user named it (folder joined with what was found in it).
    pub file: String,
    /// The reason in words.
    pub reason: String,
}

/// A frame that was inspected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrameRecord {
    /// Number in the run; observations and findings name it.
    pub frame: u32,
    /// The file as the user named it.
    pub file: String,
    /// Index within a sequence file.
    pub index: u32,
    /// SHA-256 of the whole file, lower-case hexadecimal.
    pub sha256: String,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// Thermal format.
    pub format: String,
    /// Camera id of the table, else the model in the file.
    pub camera: String,
    /// Columns.
    pub width_px: u32,
    /// Rows.
    pub height_px: u32,
    /// When: UTC where the file or a flight log tells it, else on the camera's own clock.
    pub taken_at: Option<FrameTime>,
    /// Coldest, hottest, mean in °C; `None` for grey levels.
    pub range_c: Option<[f32; 3]>,
    /// Where the camera was; `None` if that is not known.
    pub pose: Option<PosedFrame>,
    /// Why there is no pose, in words.
    pub no_pose: Option<String>,
    /// Corners of the footprint, (longitude, latitude) in degrees; empty if unknown.
    pub footprint: Vec<(f64, f64)>,
    /// Detections in the frame, also those that have no place on the ground.
    pub detections: u32,
    /// Detections without a place, by reason.
    pub unplaced: Vec<(String, u32)>,
    /// Warnings of the reader.
    pub warnings: Vec<String>,
    /// Radiometric parameters as JSON text, with the file in the case (`flat_field`) whose pattern
    /// was taken off before spots were looked for.
    pub parameters: String,
}

/// A flight log that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRecord {
    /// The file as the user named it.
    pub file: String,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub sha256: String,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// `tlog`, `dataflash`, `ulog`, `csv` or `gpx`.
    pub format: String,
}

/// What one shard of a run gave.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ShardResult {
    /// Files and frames seen, inspected or not.
    pub frames_seen: u32,
    /// Frames inspected, in order.
    pub frames: Vec<FrameRecord>,
    /// What gave nothing.
    pub skipped: Vec<Skipped>,
    /// Detections with a place, in order.
    pub observations: Vec<Observation>,
}

/// A run: what was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Version of the program.
    pub version: String,
    /// Parameters as JSON text.
    pub parameters: String,
}

/// All that a run found out, to be committed at once.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// The run.
    pub run: &'a Run,
    /// Frames inspected, in order.
    pub frames: &'a [FrameRecord],
    /// Flight logs, sorted by file.
    pub logs: &'a [LogRecord],
    /// What gave nothing.
    pub skipped: &'a [Skipped],
    /// Detections with a place, sorted by frame, then index.
    pub observations: &'a [Observation],
    /// Findings, sorted by id.
    pub findings: &'a [Finding],
    /// What each flight was off, and whether its poses were corrected by it.
    pub calibrations: &'a [Calibration],
    /// The site as GeoJSON-like shapes, if one was given.
    pub site: Option<&'a crate::site::Site>,
    /// Whether frames are still being taken, so that a later run of them all will be current.
    /// Findings and inputs of such a run are kept, observations and frames only of the later one.
    pub more_to_come: bool,
}

/// What a person decided about a finding. Reviews are only ever added; undoing one is a review that
/// withdraws it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// The run that found it.
    pub run: RunId,
    /// The finding's id in that run.
    pub finding: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Who.
    pub person: String,
    /// As what.
    pub role: String,
    /// The decision; `None` for a comment, a measurement or a withdrawal.
    pub decision: Option<crate::fuse::Status>,
    /// Why, in words.
    pub reason: String,
    /// What the reviewer saw, as JSON text.
    pub view: String,
    /// The review that this one takes back.
    pub withdraws: Option<i64>,
}
