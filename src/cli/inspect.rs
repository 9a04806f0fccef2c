//! `inspect`: the main job.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;

use crate::case::{Case, Skipped};
use crate::geo::{self, HeightDatum, ModelParams, North};
use crate::inspect::{self, Summary};
use crate::{fuse, site};

use super::ending::{BadInput, UsageError, within};
use super::progress::Progress;
use super::shared_args::{CameraArgs, DetectArgs, RadiometryArgs};
use super::signing::KeyArgs;
use super::terrain::opened;
use super::who::Who;
use super::{Ending, budget, files, grouped, output, seal};

/// Frames → findings on the map: reads every thermal file below INPUT into a case folder
///
/// Flight logs among the inputs (.tlog, .bin, .ulg, .gpx, and .csv where it is named) give the
/// poses: the camera's clock is found on the log's. Frames that the logs cannot place keep what
/// their own file says.
///
/// A run that is stopped or killed goes on where it was when the same command is given again.
/// Earlier runs and reviews in the case stay as they are.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Folders and files, e.g. the folder that came off the drone's card
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// The case folder, made if it is not there
    #[arg(long, value_name = "DIR")]
    case: PathBuf,
    /// Print the summary as one JSON object
    #[arg(long)]
    json: bool,
    /// Site file (TOML or GeoJSON): its assets decide what kind a finding is; `unknown` without one
    #[arg(long, value_name = "FILE")]
    site: Option<PathBuf>,
    /// Elevation model (GeoTIFF, or a folder of tiles); given again, the next one fills what the
    /// first leaves open; flat ground at the level of take-off without one
    #[arg(long, value_name = "DEM")]
    terrain: Vec<PathBuf>,
    /// What the elevation model's heights refer to, where it does not say
    #[arg(long, value_name = "DATUM", value_enum, requires = "terrain")]
    terrain_datum: Option<DatumArg>,
    /// Height of flat ground above the WGS84 ellipsoid in metres, where there is no elevation model
    #[arg(long, value_name = "M", allow_hyphen_values = true, conflicts_with = "terrain")]
    ground_height: Option<f64>,
    /// Threads, up to 1024; 0, as unless told, takes one a core. Any number gives the same result
    #[arg(
        long,
        value_name = "N",
        allow_hyphen_values = true,
        default_value_t = 0,
        hide_default_value = true,
        value_parser = clap::value_parser!(u16).range(0..=1024),
    )]
    threads: u16,
    /// Surveyed places that stand out as spots, to tie the flight to: CSV with
    /// name,lat,lon,height_m,sigma_m (height above the ellipsoid)
    #[arg(long, value_name = "FILE")]
    control: Option<PathBuf>,
    /// Take all poses as they are stated, though overlapping frames may tell what they are off
    #[arg(long, conflicts_with = "control")]
    no_calibration: bool,
    /// Log's clock less camera's clock in seconds, where it cannot be found: to the log's UTC, or
    /// to its own clock if it never learnt UTC. A camera on Dutch summer time has -7200
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true)]
    clock_offset: Option<f64>,
    /// Which north headings count from, whatever files and logs say; without it true north, but for
    /// columns and EXIF directions that say magnetic
    #[arg(long, value_name = "NORTH", value_enum)]
    heading: Option<NorthArg>,
    /// For poses from logs: pitch of a camera that is fixed to the airframe; -90 looks down
    #[arg(long, value_name = "DEG", allow_hyphen_values = true)]
    mount_pitch: Option<f64>,
    /// Also give the error budget of findings: which sigma brings how much of an ellipse. Without
    /// --json of the first few, the most severe first
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    camera: CameraArgs,
    #[command(flatten)]
    detect: DetectArgs,
    #[command(flatten)]
    radiometry: RadiometryArgs,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    who: Who,
}

const EXAMPLES: &str = "\
Examples:
  torenvalk inspect /media/card/DCIM --case works.case
  torenvalk inspect DCIM --case works.case --site works.toml --profile leak
  torenvalk inspect DCIM flight.bin --case works.case
  torenvalk inspect DCIM --case works.case --terrain dem.tif --terrain-datum nap --json

Exit code 6 tells that some files were skipped; the reasons are printed, and listed by --json.";

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum NorthArg {
    True,
    Magnetic,
}

impl NorthArg {
    fn north(self) -> North {
        match self {
            Self::True => North::True,
            Self::Magnetic => North::Magnetic,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum DatumArg {
    Ellipsoid,
    Egm96,
    Egm2008,
    Nap,
}

impl DatumArg {
    pub(super) fn datum(self) -> HeightDatum {
        match self {
            Self::Ellipsoid => HeightDatum::Ellipsoid,
            Self::Egm96 => HeightDatum::Egm96,
            Self::Egm2008 => HeightDatum::Egm2008,
            Self::Nap => HeightDatum::Nap,
        }
    }

    pub(super) fn model(told: Option<Self>) -> ModelParams {
        ModelParams { vertical: told.map(Self::datum), sigma_m: None }
    }
}

#[derive(Debug, Serialize)]
struct Report<'a> {
    case: String,
    frames_seen: u64,
    inspected: usize,
    skipped: &'a [Skipped],
    positioned: usize,
    without_position: Vec<Skipped>,
    detections: u64,
    observations: usize,
    unplaced: Vec<Unplaced>,
    findings: usize,
    calibrations: &'a [fuse::Calibration],
    logs: &'a [inspect::LogAccount],
    clocks: &'a [inspect::ClockAccount],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    explain: Vec<budget::OfFinding>,
    frames_per_s: f64,
    elapsed_s: f64,
}

/// Reasons that are told to people; JSON has all.
const UNPLACED_TOLD: usize = 10;

/// Detections that got no place, and why.
#[derive(Debug, Serialize)]
struct Unplaced {
    reason: String,
    detections: u64,
}

fn unplaced(summary: &Summary) -> Vec<Unplaced> {
    let mut reasons = std::collections::BTreeMap::<&str, u64>::new();
    for (reason, count) in summary.frames.iter().flat_map(|frame| &frame.unplaced) {
        *reasons.entry(reason).or_default() += u64::from(*count);
    }
    let one =
        |(reason, detections): (&str, u64)| Unplaced { reason: reason.to_owned(), detections };
    reasons.into_iter().map(one).collect()
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let params = params(args)?;
    let signer = args.key.signer()?;
    let mut case = Case::open_or_create(&args.case)?;
    let progress = Progress::start(false);
    let summary = inspect::inspect(&args.inputs, &params, &mut case, &progress);
    progress.finish();
    let summary = summary?;
    seal::seal(&mut case, &summary, &args.who, signer.as_deref())?;
    report(&args.case, &summary, progress.elapsed_s(), args.json)?;
    Ok(if summary.frames.is_empty() {
        Ending::Nothing
    } else if summary.skipped.is_empty() && summary.frames.iter().all(|f| f.no_pose.is_none()) {
        Ending::Done
    } else {
        Ending::Skipped
    })
}

fn params(args: &Args) -> anyhow::Result<inspect::Params> {
    let read = args.radiometry.options()?;
    let detect = args.detect.params()?;
    let told_height_m = ground_height(args.ground_height)?;
    let cameras = args.camera.table()?;
    let site = args.site.as_deref().map(read_site).transpose()?;
    let terrain = if args.terrain.is_empty() {
        None
    } else {
        Some(opened(&args.terrain, args.terrain_datum)?)
    };
    let terrain_files: Vec<_> = geo::terrain_files(&args.terrain)?
        .iter()
        .map(|file| hashed(Some(file)))
        .collect::<Result<_, _>>()?;
    let control = args.control.as_deref().map(read_control).transpose()?;
    let ground_height_m = told_height_m.or(site.as_ref().and_then(|site| site.ground_height_m));
    let logs = inspect::LogParams {
        clock_offset_s: within("clock-offset", args.clock_offset, -1e10, 1e10)?,
        mount_pitch_deg: within("mount-pitch", args.mount_pitch, -180.0, 180.0)?,
    };
    let heading = args.heading.map(NorthArg::north);
    let description = json!({
        "overrides": read.overrides,
        "flir_path": read.path_convention,
        "tiff_scale": read.tiff_scale,
        "uncalibrated": read.uncalibrated,
        "vendor_sdk": hashed(read.vendor_sdk.as_deref())?,
        "detect": detect,
        "camera": args.camera.camera,
        "camera_table": hashed(args.camera.camera_table.as_deref())?,
        "terrain": terrain_files,
        "terrain_datum": args.terrain_datum.map(DatumArg::datum),
        "ground_height_m": ground_height_m,
        "site": site,
        "calibrate": !args.no_calibration,
        "control": control,
        "heading": heading,
        "clock_offset_s": logs.clock_offset_s,
        "mount_pitch_deg": logs.mount_pitch_deg,
    });
    let takeoff = site.as_ref().and_then(|site| site.takeoff);
    let takeoff_height_m = terrain
        .as_ref()
        .zip(takeoff)
        .and_then(|(terrain, (lon, lat))| terrain.height_m(lat.to_radians(), lon.to_radians()));
    Ok(inspect::Params {
        read,
        detect,
        fuse: fuse::Params::default(),
        cameras,
        camera_id: args.camera.camera.clone(),
        heading,
        terrain,
        ground_height_m,
        takeoff_height_m,
        site,
        calibrate: !args.no_calibration,
        control: control.unwrap_or_default(),
        logs,
        explain: args.explain,
        threads: usize::from(args.threads),
        description: description.to_string(),
    })
}

/// A file as the run's description has it: with its content, so that a changed file makes another
/// run and nothing that was worked out with the old one is taken for it.
fn hashed(file: Option<&Path>) -> anyhow::Result<serde_json::Value> {
    let Some(file) = file else { return Ok(serde_json::Value::Null) };
    let name = inspect::name_of(file);
    let sha256 = inspect::content_hash(file)
        .map_err(|error| BadInput(format!("{name}: cannot be read: {error}")))?;
    Ok(json!({"file": name, "sha256": sha256}))
}

fn read_control(file: &Path) -> anyhow::Result<Vec<site::ControlPoint>> {
    files::regular(file)?;
    Ok(site::read_control(file)?)
}

fn read_site(file: &Path) -> anyhow::Result<site::Site> {
    files::regular(file)?;
    Ok(site::read(file)?)
}

/// `--ground-height`, checked: from below the lowest land to above the highest.
pub(super) fn ground_height(metres: Option<f64>) -> Result<Option<f64>, UsageError> {
    within("ground-height", metres, -1000.0, 10_000.0)
}

/// What a run gave, for people or as JSON.
pub(super) fn report(
    case: &Path,
    summary: &Summary,
    elapsed_s: f64,
    json: bool,
) -> anyhow::Result<()> {
    let without_position: Vec<_> = summary
        .frames
        .iter()
        .filter_map(|frame| {
            let reason = frame.no_pose.clone()?;
            Some(Skipped { file: frame.file.clone(), reason })
        })
        .collect();
    let frames_per_s = summary.frames.len() as f64 / elapsed_s.max(1e-9);
    let report = Report {
        case: inspect::name_of(case),
        frames_seen: summary.frames_seen,
        inspected: summary.frames.len(),
        skipped: &summary.skipped,
        positioned: summary.frames.len() - without_position.len(),
        without_position,
        detections: summary.detections,
        observations: summary.observations,
        unplaced: unplaced(summary),
        findings: summary.findings.len(),
        calibrations: &summary.calibrations,
        logs: &summary.logs,
        clocks: &summary.clocks,
        explain: summary.budgets.iter().map(budget::of_finding).collect(),
        frames_per_s: (frames_per_s * 10.0).round() / 10.0,
        elapsed_s: (elapsed_s * 1000.0).round() / 1000.0,
    };
    if json {
        return output::json_line(&report);
    }
    for line in told_logs(summary) {
        output::message(&line);
    }
    output::message(&grouped::told("skipped", report.skipped));
    output::message(&grouped::told("no position for", &report.without_position));
    for Unplaced { reason, detections } in report.unplaced.iter().take(UNPLACED_TOLD) {
        output::message(&format!("{detections} detections have no place: {reason}"));
    }
    for calibration in report.calibrations {
        output::message(&told(calibration));
    }
    output::text(&budgets(summary))?;
    output::text(&format!(
        "{} frames seen: {} inspected ({} with a position), {} skipped\n\
         {} detections, {} of them on the ground, {} findings\n\
         {:.1} s, {:.0} frames/s\n\
         {}: open case.gpkg in QGIS, or findings.geojson anywhere\n",
        report.frames_seen,
        report.inspected,
        report.positioned,
        report.skipped.len(),
        report.detections,
        report.observations,
        report.findings,
        elapsed_s,
        frames_per_s,
        report.case,
    ))
}

/// Budgets that are told to people; JSON has all.
const BUDGETS_TOLD: usize = 5;

/// The budgets of the most severe findings, as text.
fn budgets(summary: &Summary) -> String {
    let mut order: Vec<_> = summary.findings.iter().zip(&summary.budgets).collect();
    order.sort_by_key(|(finding, _)| std::cmp::Reverse(finding.severity));
    let told = order.iter().take(BUDGETS_TOLD);
    let mut text: String = told.map(|(_, one)| budget::told(one)).collect();
    if order.len() > BUDGETS_TOLD {
        let more = order.len() - BUDGETS_TOLD;
        text += &format!("{more} more findings are explained with --json\n\n");
    }
    text
}

/// What was read of logs, and what was found of clocks.
fn told_logs(summary: &Summary) -> Vec<String> {
    let mut lines = Vec::new();
    for log in &summary.logs {
        let mut line = format!(
            "{}: {}, {} messages, {} camera events; {}",
            log.file,
            log.format,
            log.messages,
            log.camera_events,
            if log.vehicles.is_empty() { "no track".to_owned() } else { log.vehicles.join("; ") }
        );
        if let Some(first) = log.losses.first() {
            line += &format!(
                "; {} bytes in {} stretches not read, the first at byte {}: {}",
                log.lost_bytes, log.lost_stretches, first.offset, first.what
            );
        }
        lines.push(line);
        let warnings = log.warnings.iter().take(WARNINGS_TOLD);
        lines.extend(warnings.map(|warning| format!("{}: {warning}", log.file)));
    }
    let any = summary.clocks.iter().any(|clock| clock.certain);
    let clocks = summary.clocks.iter().filter(|clock| clock.certain || !any);
    lines.extend(clocks.map(told_clock));
    lines
}

/// Warnings of a log that are told to people; JSON has all.
const WARNINGS_TOLD: usize = 8;

fn told_clock(clock: &inspect::ClockAccount) -> String {
    let whose = format!("clock of {} in `{}` on {}", clock.camera, clock.folder, clock.log);
    let (zero, offset_s) = match clock.utc_offset_s {
        Some(offset_s) => ("UTC", offset_s),
        None => ("log", clock.offset_s),
    };
    if let Some(reason) = &clock.reason {
        // Whoever knows that this is right can say so.
        let best = clock.sigma_s.filter(|_| clock.only_coarse).map(|sigma_s| {
            format!(
                "; best is {zero} = camera {offset_s:+.1} s (sigma {sigma_s:.1} s), which \
                     --clock-offset takes"
            )
        });
        return format!("{whose}: not found: {reason}{}", best.unwrap_or_default());
    }
    let sigma_s = clock.sigma_s.unwrap_or(f64::NAN);
    let doubts: String = clock.warnings.iter().map(|warning| format!("; {warning}")).collect();
    format!(
        "{whose}: {zero} = camera {offset_s:+.3} s, sigma {sigma_s:.3} s, by {}; {} of {} frames \
         have an event, {} events have no frame, residual {:.3}{doubts}",
        clock.method, clock.matched, clock.frames, clock.unmatched_events, clock.residual
    )
}

/// What a flight was off, in a sentence.
fn told(calibration: &fuse::Calibration) -> String {
    let frames = calibration.frames.len();
    if let Some(reason) = &calibration.kept {
        return format!("flight of {frames} frames: poses stay as stated: {reason}");
    }
    let fuse::CommonErrors { up_m, yaw_deg, pitch_deg, roll_deg, clock_s, .. } = calibration.errors;
    format!(
        "flight of {frames} frames: poses corrected by {:.2} m up, {:.2}° yaw, {:.2}° pitch, \
         {:.2}° roll, {:.2} s; views of one thing lie {:.2} m from its middle instead of {:.2} m \
         ({} things)",
        -up_m,
        -yaw_deg,
        -pitch_deg,
        -roll_deg,
        -clock_s,
        calibration.held_after_m,
        calibration.held_before_m,
        calibration.ties,
    )
}
