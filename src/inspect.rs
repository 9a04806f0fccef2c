//! The main job on one page: a plan (immutable list of inputs), shards (some inputs → observations,
//! the same whenever they are run), and a fuse (observations → findings).
//!
//! A shard that is done is kept in the case at once, so a run that is killed goes on where it was.
//!
//! *Invariant*: what this room gives never depends on the number of threads.

mod clocks;
mod fits;
mod flat_fields;
mod identity;
mod inputs;
mod logs;
mod motion;
mod seal;
mod thumb;
mod worker;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::capture::{CameraTable, PoseNote};
use crate::case::{self, Case, FrameRecord, LogRecord, Outcome, RunId, ShardResult, Skipped};
use crate::detect;
use crate::fuse::{self, Calibration, Finding, FindingBudget, Surface, View};
use crate::geo::{North, Terrain};
use crate::locate::{self, Observation};
use crate::site::{ControlPoint, Site};
use crate::thermal::{Metadata, ReadOptions};

pub use clocks::ClockAccount;
use clocks::Clocks;
pub use flat_fields::FlatFieldAccount;
use flat_fields::FlatFields;
use identity::{described, run_of};
pub use inputs::Input;
use logs::LogFile;
pub use logs::{LogAccount, LogParams, LossAccount};
pub use seal::sealed;

/// One sigma of the height of ground that is taken as flat, in metres: what a built-up site of the
/// Low Countries rises and falls by (our convention; a terrain model replaces it).
pub const FLAT_GROUND_SIGMA_M: f64 = 1.0;

/// Pictures of one trigger carry times that differ by no more than this.
const TWINS_APART_S: f64 = 2.0;

/// Inputs a shard.
const SHARD_INPUTS: usize = 200;

/// What a run is asked to do.
#[derive(Debug)]
pub struct Params {
    /// How files are read.
    pub read: ReadOptions,
    /// What is looked for.
    pub detect: detect::Params,
    /// How observations become findings.
    pub fuse: fuse::Params,
    /// The cameras that are known.
    pub cameras: CameraTable,
    /// The camera to take, whatever the files say.
    pub camera_id: Option<String>,
    /// The ground.
    pub terrain: Option<Terrain>,
    /// Height of flat ground above the ellipsoid in metres, where there is no terrain model.
    pub ground_height_m: Option<f64>,
    /// Height of the take-off place above the ellipsoid in metres, if it is known apart from flat
    /// ground.
    pub takeoff_height_m: Option<f64>,
    /// The site.
    pub site: Option<Site>,
    /// Whether the fixed pattern of each flight's sensor is taken off before frames are looked at.
    pub flat_field: bool,
    /// Whether flights are corrected by what their own overlapping views tell.
    pub calibrate: bool,
    /// Surveyed places that help with that.
    pub control: Vec<ControlPoint>,
    /// Which north headings count from, whatever files and logs say.
    pub heading: Option<North>,
    /// How poses are found in flight logs.
    pub logs: LogParams,
    /// Whether the error budget of each finding is worked out; changes nothing else.
    pub explain: bool,
    /// Threads; 0 takes one a core.
    pub threads: usize,
    /// All of the above but the last two as JSON text, for the run's record and its id.
    pub description: String,
}

/// Why a run ended without a result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An input that the user named is not there.
    #[error("{path}: {source}", path = path.display())]
    Input {
        /// The input.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The case.
    #[error(transparent)]
    Case(#[from] case::Error),
    /// Threads could not be had.
    #[error("threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// The user stopped it.
    #[error("interrupted; the case keeps what is done, and the same command goes on from there")]
    Interrupted,
}

/// Someone who wants to know how far a run is, and may stop it.
pub trait Watch: Sync {
    /// `total` inputs are ahead.
    fn planned(&self, total: usize);
    /// `inputs` more are done (from an earlier run if `resumed`).
    fn done(&self, inputs: usize, resumed: bool);
    /// Set to stop after the inputs in work.
    fn stop(&self) -> &AtomicBool;
}

/// What a run gave.
#[derive(Debug)]
pub struct Summary {
    /// The run, as the case names it.
    pub run: RunId,
    /// Frames and other inputs seen: those inspected and those skipped.
    pub frames_seen: u64,
    /// Frames inspected, in order.
    pub frames: Vec<FrameRecord>,
    /// What gave nothing, and why.
    pub skipped: Vec<Skipped>,
    /// Detections, also those without a place.
    pub detections: u64,
    /// Detections with a place.
    pub observations: usize,
    /// Findings.
    pub findings: Vec<Finding>,
    /// What each finding's ellipse is made of, where that was asked for.
    pub budgets: Vec<FindingBudget>,
    /// What each flight was off.
    pub calibrations: Vec<Calibration>,
    /// Flight logs that were read.
    pub logs: Vec<LogAccount>,
    /// The clock of each camera on each log.
    pub clocks: Vec<ClockAccount>,
    /// The fixed pattern of each flight's sensor.
    pub flat_fields: Vec<FlatFieldAccount>,
    /// Whether the case held this run already.
    pub known: bool,
}

/// An immutable list of inputs in shards.
#[derive(Debug)]
pub struct Plan {
    id: RunId,
    inputs: Vec<Input>,
    skipped: Vec<Skipped>,
    logs: Vec<LogFile>,
}

/// Lists the inputs below `roots`, and reads the flight logs among them.
///
/// # Errors
/// [`Error::Input`] if one of `roots` is not there.
pub fn plan(roots: &[PathBuf], params: &Params) -> Result<Plan, Error> {
    let mut found = inputs::find(roots)?;
    let logs = logs::take(&mut found, roots);
    let mut hasher = Sha256::new();
    hasher.update(env!("CARGO_PKG_VERSION"));
    hasher.update(&params.description);
    for input in &found.inputs {
        hasher.update(format!("{}\0{}\0{}\0", input.name, input.bytes, input.modified_ns));
        hasher.update(format!("{:?}\n", input.twin_bytes_and_modified_ns));
    }
    for log in &logs {
        hasher.update(format!("{}\0{}\n", log.name, log.sha256));
    }
    let id = RunId(worker::hexadecimal(&hasher.finalize()[..8]));
    Ok(Plan { id, inputs: found.inputs, skipped: found.skipped, logs })
}

/// The whole job: plan, shards, fuse, commit.
///
/// # Errors
/// [`Error`]; what was done is kept in the case.
pub fn inspect(
    roots: &[PathBuf],
    params: &Params,
    case: &mut Case,
    watch: &dyn Watch,
) -> Result<Summary, Error> {
    run(roots, params, case, watch, false)
}

/// The same of frames of which more are to come: its findings are in the case, and stand there
/// until a later run has them all.
///
/// # Errors
/// As [`inspect`].
pub fn inspect_so_far(
    roots: &[PathBuf],
    params: &Params,
    case: &mut Case,
    watch: &dyn Watch,
) -> Result<Summary, Error> {
    run(roots, params, case, watch, true)
}

fn run(
    roots: &[PathBuf],
    params: &Params,
    case: &mut Case,
    watch: &dyn Watch,
    more_to_come: bool,
) -> Result<Summary, Error> {
    let mut plan = plan(roots, params)?;
    watch.planned(plan.inputs.len());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(params.threads).build()?;
    let logs = std::mem::take(&mut plan.logs);
    let clocks = pool.install(|| Clocks::find(logs, &plan.inputs, params));
    let fields = pool.install(|| FlatFields::find(&plan.inputs, params, &clocks, watch));
    fields.keep(case)?;
    let mut gathered = Gathered { skipped: plan.skipped.clone(), ..Gathered::default() };
    for (number, inputs) in plan.inputs.chunks(SHARD_INPUTS).enumerate() {
        let number = number as u32;
        let result = if let Some(result) = case.shard(&plan.id, number)? {
            watch.done(inputs.len(), true);
            result
        } else {
            let (result, thumbs) =
                pool.install(|| shard(inputs, params, (&clocks, &fields), watch))?;
            for (name, png) in &thumbs {
                case.keep_thumb(name, png)?;
            }
            case.keep_shard(&plan.id, number, &result)?;
            result
        };
        gathered.add(result);
    }
    let (logs, accounts) = (clocks.log_accounts(), clocks.accounts());
    let flat_fields = fields.accounts();
    let description = described(params, &logs, &accounts, &flat_fields, more_to_come);
    let run = run_of(description, &gathered);
    let known = case.has_run(&run.id)?;
    let Fused { findings, calibrations, budgets } = fuse(&mut gathered, params);
    case.commit(&Outcome {
        run: &run,
        frames: &gathered.frames,
        logs: &logs.iter().map(recorded).collect::<Vec<_>>(),
        skipped: &gathered.skipped,
        observations: &gathered.observations,
        findings: &findings,
        calibrations: &calibrations,
        site: params.site.as_ref(),
        more_to_come,
    })?;
    case.drop_shards(&plan.id)?;
    Ok(Summary {
        run: run.id,
        frames_seen: (gathered.frames.len() + gathered.skipped.len()) as u64,
        detections: gathered.frames.iter().map(|frame| u64::from(frame.detections)).sum(),
        observations: gathered.observations.len(),
        frames: gathered.frames,
        skipped: gathered.skipped,
        findings,
        budgets,
        calibrations,
        logs,
        clocks: accounts,
        flat_fields,
        known,
    })
}

fn recorded(log: &LogAccount) -> LogRecord {
    let LogAccount { file, sha256, bytes, format, .. } = log;
    let (file, sha256) = (file.clone(), sha256.clone());
    LogRecord { file, sha256, bytes: *bytes, format: (*format).to_owned() }
}

type Thumbs = Vec<(String, Vec<u8>)>;

/// Some inputs → what they gave, frames numbered from 0.
fn shard(
    inputs: &[Input],
    params: &Params,
    (clocks, fields): (&Clocks, &FlatFields),
    watch: &dyn Watch,
) -> Result<(ShardResult, Thumbs), Error> {
    let workers = worker::Workers::new(params, clocks, fields);
    let files: Vec<_> = inputs
        .par_iter()
        .with_max_len(1)
        .map(|input| {
            if watch.stop().load(Ordering::Relaxed) {
                return None;
            }
            let result = workers.inspect(input);
            watch.done(1, false);
            Some(result)
        })
        .collect();
    let mut gathered = Gathered::default();
    let mut thumbs = Vec::new();
    for file in files {
        let file = file.ok_or(Error::Interrupted)?;
        thumbs.extend(file.thumbs);
        gathered.add(ShardResult {
            frames_seen: (file.frames.len() + file.skipped.len()) as u32,
            frames: file.frames,
            skipped: file.skipped,
            observations: file.observations,
        });
    }
    let result = ShardResult {
        frames_seen: (gathered.frames.len() + gathered.skipped.len()) as u32,
        frames: gathered.frames,
        skipped: gathered.skipped,
        observations: gathered.observations,
    };
    Ok((result, thumbs))
}

/// Results in input order, frames numbered through.
#[derive(Debug, Default)]
struct Gathered {
    frames: Vec<FrameRecord>,
    skipped: Vec<Skipped>,
    observations: Vec<Observation>,
}

impl Gathered {
    fn add(&mut self, mut result: ShardResult) {
        let before = self.frames.len() as u32;
        for frame in &mut result.frames {
            frame.frame += before;
            if let Some(pose) = &mut frame.pose {
                pose.frame += before;
            }
        }
        for observation in &mut result.observations {
            observation.frame += before;
        }
        self.frames.append(&mut result.frames);
        self.skipped.append(&mut result.skipped);
        self.observations.append(&mut result.observations);
    }
}

/// What fusion gave.
struct Fused {
    findings: Vec<Finding>,
    calibrations: Vec<Calibration>,
    budgets: Vec<FindingBudget>,
}

/// Observations → findings. Where a flight's own views tell what its poses are off, poses and
/// observations are corrected first.
fn fuse(gathered: &mut Gathered, params: &Params) -> Fused {
    let mut views: Vec<View> = gathered
        .frames
        .iter()
        .filter_map(|frame| {
            let view = View::new(frame.pose.clone()?, frame.taken_at, frame.range_c.is_none());
            Some(view.with_surface(Surface::told(&frame.parameters)))
        })
        .collect();
    let flat;
    let terrain = match &params.terrain {
        Some(model) => model,
        None => {
            flat = Terrain::Flat {
                height_m: middle_height_m(&gathered.observations),
                sigma_m: FLAT_GROUND_SIGMA_M,
            };
            &flat
        }
    };
    let observations = &mut gathered.observations;
    let mut calibrations = Vec::new();
    if params.calibrate {
        calibrations =
            fuse::calibrate(observations, &views, terrain, &params.control, &params.fuse);
        fuse::correct(&calibrations, &mut views, observations, terrain);
        keep_corrected(&views, &mut gathered.frames, observations, terrain);
    }
    let site = params.site.as_ref();
    let findings = fuse::fuse(observations, &views, terrain, site, &params.fuse);
    let budgets = match params.explain {
        true => fuse::explain(&findings, observations, &views, terrain),
        false => Vec::new(),
    };
    Fused { findings, calibrations, budgets }
}

/// Puts corrected poses, and footprints by them, into the frames' records.
fn keep_corrected(
    views: &[View],
    frames: &mut [FrameRecord],
    observations: &[Observation],
    terrain: &Terrain,
) {
    for view in views.iter().filter(|view| view.pose.notes.contains(&PoseNote::Calibrated)) {
        let Some(record) = frames.get_mut(view.pose.frame as usize) else { continue };
        record.pose = Some(view.pose.clone());
        let first = observations.partition_point(|one| one.frame < view.pose.frame);
        let first = observations.get(first).filter(|one| one.frame == view.pose.frame);
        let ground = match (terrain, first) {
            (Terrain::Flat { sigma_m, .. }, Some(one)) => {
                &Terrain::Flat { height_m: one.point.height_m, sigma_m: *sigma_m }
            }
            _ => terrain,
        };
        if let Some(corners) = locate::footprint(&view.pose, ground) {
            record.footprint = corners.map(|at| (at.lon_deg(), at.lat_deg())).to_vec();
        }
    }
}

/// Median height of the observations: the level of flat ground.
fn middle_height_m(observations: &[Observation]) -> f64 {
    let mut heights: Vec<f64> = observations.iter().map(|seen| seen.point.height_m).collect();
    let middle = heights.len() / 2;
    if heights.is_empty() {
        return 0.0;
    }
    *heights.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// Files below `roots` in the order in which they are inspected, for verbs that take files.
///
/// # Errors
/// [`Error::Input`] if one of `roots` is not there.
pub fn files(roots: &[PathBuf]) -> Result<(Vec<PathBuf>, Vec<Skipped>), Error> {
    let found = inputs::find(roots)?;
    Ok((found.inputs.into_iter().map(|input| input.path).collect(), found.skipped))
}

/// SHA-256 of a file's bytes, hexadecimal. What a run depends on is described by this rather than
/// by a path, so that a changed file is another run.
///
/// # Errors
/// The system's.
pub fn content_hash(file: &Path) -> std::io::Result<String> {
    worker::hash(&mut std::fs::File::open(file)?).map(|(sha256, _)| sha256)
}

/// What the visible picture beside a thermal one says, if it is of the same instant and may know
/// its place better.
#[must_use]
pub fn visible_twin(thermal: &Path, metadata: &Metadata) -> Option<Metadata> {
    worker::twin_of(&crate::capture::visible_beside(thermal)?, metadata)
}

/// A path as JSON and messages show it.
#[must_use]
pub fn name_of(path: &Path) -> String {
    inputs::name_of(path)
}
