//! `inspect`: the main job.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::case::{Case, Skipped};
use crate::fuse;
use crate::inspect::{self, Params, Summary};

use super::inspection::InspectionArgs;
use super::progress::Progress;
use super::signing::KeyArgs;
use super::who::Who;
use super::{Ending, budget, grouped, output, seal};

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
    /// Also give the error budget of findings: which sigma brings how much of an ellipse. Without
    /// --json of the first few, the most severe first
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    how: InspectionArgs,
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
    flat_fields: &'a [inspect::FlatFieldAccount],
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
    let params = Params { explain: args.explain, ..args.how.params()? };
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
        flat_fields: &summary.flat_fields,
        explain: summary.budgets.iter().map(budget::of_finding).collect(),
        frames_per_s: (frames_per_s * 10.0).round() / 10.0,
        elapsed_s: (elapsed_s * 1000.0).round() / 1000.0,
    };
    if json {
        return output::json_line(&report);
    }
    for line in told_logs(summary).into_iter().chain(told_fields(summary)) {
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

/// What was taken off the frames of each flight.
fn told_fields(summary: &Summary) -> impl Iterator<Item = String> {
    summary.flat_fields.iter().map(|field| {
        format!(
            "fixed pattern of {} in `{}`: {:.3} K, by {} frames, taken off before spots are looked \
             for",
            field.camera, field.folder, field.rms_k, field.frames
        )
    })
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
