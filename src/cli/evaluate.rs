//! `evaluate`: what a run found against what people say is there.

use std::path::PathBuf;

use crate::case::{Case, FindingRow, FrameRow, ReadOnlyCase};
use crate::detect::Polarity;
use crate::evaluate::{
    self, Params, PlacedLabel, PlacedSpot, Report, SeenFrame, Spot, Unit, footprint_m2, on_ground,
};
use crate::geo::Ellipse95;

use super::ending::{BadInput, UsageError, within};
use super::labels::{self, Labels, Told};
use super::{Ending, files, output};

/// How good a run is by labels: precision, recall, false alarms, position error, calibration
///
/// RUN is a case folder, or what `detect --json` printed (`-` for stdin). TRUTH is a table of
/// labels, COCO's JSON, a folder of YOLO's texts, a scene's folder with truth.csv, or the
/// truth.json of `sim-scene`, which a case's findings are matched with on the ground.
///
/// One detection is one label: as many pairs as possible, then the nearest. Pixels count from the
/// outer corner of the first one, in labels as in detections.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Case folder, or detections as NDJSON
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// Labels: file or folder
    #[arg(value_name = "TRUTH")]
    truth: PathBuf,
    /// Print the whole report as one JSON object
    #[arg(long)]
    json: bool,
    /// Draw the curves into this file
    #[arg(long, value_name = "FILE.svg")]
    curve: Option<PathBuf>,
    /// Leave out detections with a lower score
    #[arg(long, value_name = "SCORE", allow_hyphen_values = true)]
    min_score: Option<f64>,
    /// Only these
    #[arg(long, value_enum, default_value_t = PolarityArg::Both)]
    polarity: PolarityArg,
    /// Recall counts labels from this contrast on, and those without one
    #[arg(long, value_name = "K", default_value_t = 1.0, allow_hyphen_values = true)]
    from_k: f64,
    /// Tell recall at so many false alarms a frame
    #[arg(long, value_name = "N", default_value_t = 1.0, allow_hyphen_values = true)]
    false_alarms: f64,
    /// How far beside a label a detection may always be, in pixels [default: 3]
    #[arg(long, value_name = "PX", allow_hyphen_values = true)]
    within_px: Option<f64>,
    /// How far from a label on the ground a finding may be, in metres [default: what truth.json
    /// says of the flight, else 3]
    #[arg(long, value_name = "M", allow_hyphen_values = true)]
    within_m: Option<f64>,
    /// Labels of this class are warm, but no finding: detections there are wrong
    #[arg(long, value_name = "CLASS")]
    distractor: Vec<String>,
    /// Labels of this class are neither right nor wrong
    #[arg(long, value_name = "CLASS")]
    ignore: Vec<String>,
    /// Columns and rows of pictures, where a run does not tell them (YOLO)
    #[arg(long, value_name = "WxH", value_parser = size)]
    size: Option<[u32; 2]>,
    /// Frames without labels show nothing; else they do not count
    #[arg(long)]
    unlabelled_empty: bool,
    /// Longest list of what was missed, and of false alarms
    #[arg(long, value_name = "N", default_value_t = 20)]
    list: usize,
}

const EXAMPLES: &str = "\
Examples:
  torenvalk detect frames/*.tif --json | torenvalk evaluate - labels.csv
  torenvalk evaluate works.case instances.json --distractor vehicle --curve curve.svg
  torenvalk sim-scene --out flight && torenvalk inspect flight --case flight.case
  torenvalk evaluate flight.case flight --json

Columns of a table: for frames file, x_px, y_px, radius_px (or left_px, top_px, width_px,
height_px); for the ground lat, lon; for both polarity, delta_k, sigma_px, class, id, and role
(target, distractor, ignore).
A row with a file and no place: that frame was looked through.
YOLO's classes are named by classes.txt. Intervals are Wilson's, 95 %.
Exit code 6 tells that the run has frames that the truth does not know.";

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum PolarityArg {
    Hot,
    Cold,
    Both,
}

/// `640x512`.
fn size(text: &str) -> Result<[u32; 2], String> {
    let parts = text.split_once(['x', 'X', '×']);
    let sizes = parts.and_then(|(width, height)| Some([width.parse().ok()?, height.parse().ok()?]));
    sizes
        .filter(|sizes| sizes.iter().all(|size| (1..=65_535).contains(size)))
        .ok_or_else(|| "columns and rows, like 640x512".to_owned())
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let case = if args.run.is_dir() { Some(Case::open_read_only(&args.run)?) } else { None };
    let (seen, notes) = match &case {
        Some(case) => frames_of(case)?,
        None => (labels::detections(&args.run)?, Vec::new()),
    };
    let told = Told {
        seen: &seen,
        size_px: args.size,
        distractors: &args.distractor,
        ignored: &args.ignore,
    };
    let mut report = match (labels::read(&args.truth, &told)?, case) {
        (Labels::Frames(frames), _) => in_frames(args, frames, &seen, notes)?,
        (Labels::Ground { labels, within_m }, Some(case)) => {
            let within_m = within("within-m", args.within_m, 0.01, 10_000.0)?.or(within_m);
            ground(args, &case, &labels, within_m)?
        }
        (Labels::Ground { .. }, None) => {
            let what = "labels on the ground are compared with findings: give the case folder";
            return Err(BadInput(what.to_owned()).into());
        }
    };
    report.notes.sort();
    if let Some(file) = &args.curve {
        files::spares(file, &[args.run.clone(), args.truth.clone()])?;
        files::write(file, evaluate::picture(&report).as_bytes())?;
    }
    if args.json {
        output::json_line(&report)?;
    } else {
        output::text(&evaluate::words(&report))?;
    }
    Ok(if report.frames == 0 || report.frames_without_a_line.len() == report.frames {
        Ending::Nothing
    } else if report.unknown_frames.is_empty() {
        Ending::Done
    } else {
        Ending::Skipped
    })
}

/// What is counted, with the plane's own tolerance.
fn params(args: &Args, start: &Params) -> Result<Params, UsageError> {
    Ok(Params {
        polarity: match args.polarity {
            PolarityArg::Hot => Some(Polarity::Hot),
            PolarityArg::Cold => Some(Polarity::Cold),
            PolarityArg::Both => None,
        },
        min_score: within("min-score", args.min_score, -1e9, 1e9)?,
        from_k: within("from-k", Some(args.from_k), 0.0, 1e4)?.unwrap_or(start.from_k),
        false_alarms: within("false-alarms", Some(args.false_alarms), 0.0, 1e6)?
            .unwrap_or(start.false_alarms),
        listed: args.list,
        tolerance: start.tolerance,
    })
}

fn in_frames(
    args: &Args,
    mut frames: Vec<evaluate::LabelledFrame>,
    seen: &[SeenFrame],
    notes: Vec<String>,
) -> anyhow::Result<Report> {
    if args.within_m.is_some() {
        return Err(UsageError("--within-m is for labels on the ground".to_owned()).into());
    }
    let strange =
        [labels::strange(&frames, &args.distractor), labels::strange(&frames, &args.ignore)]
            .concat();
    if let [class, ..] = strange[..] {
        return Err(UsageError(format!("no label is of class {class}")).into());
    }
    if args.unlabelled_empty {
        evaluate::add_unlabelled(&mut frames, seen)?;
    }
    let mut params = params(args, &Params::in_frames())?;
    if let Some(px) = within("within-px", args.within_px, 0.0, 1e4)? {
        params.tolerance = px;
    }
    let mut report = evaluate::evaluate(&frames, seen, Unit::Px, &params)?;
    report.notes = notes;
    Ok(report)
}

fn ground(
    args: &Args,
    case: &ReadOnlyCase,
    labels: &[PlacedLabel],
    within_m: Option<f64>,
) -> anyhow::Result<Report> {
    /// A few metres: what a flight without RTK is off.
    const WITHIN_M: f64 = 3.0;
    if args.within_px.is_some() || !args.distractor.is_empty() || !args.ignore.is_empty() {
        let what = "--within-px, --distractor and --ignore are for labels in frames; on the ground \
                    a column `role` tells";
        return Err(UsageError(what.to_owned()).into());
    }
    let mut spots = Vec::new();
    let mut notes = Vec::new();
    let (mut by_hand, mut no_place) = (0, 0);
    for row in case.undecided_findings()? {
        match placed(&row)? {
            _ if !row.id.starts_with('F') => by_hand += 1,
            Some(spot) => spots.push(spot),
            None => no_place += 1,
        }
    }
    for (count, what) in [
        (by_hand, "findings that people made are not of the run and do not count"),
        (no_place, "findings have no place and do not count"),
    ] {
        if count > 0 {
            notes.push(format!("{count} {what}"));
        }
    }
    let footprints = case.footprints()?;
    let (labelled, seen) = on_ground(labels, &spots, &footprints, within_m.unwrap_or(WITHIN_M));
    let params = params(args, &Params::on_ground())?;
    let mut report = evaluate::evaluate(&[labelled], &[seen], Unit::M, &params)?;
    report.notes = notes;
    Ok(report)
}

fn polarity(word: &str) -> anyhow::Result<Polarity> {
    match word {
        "hot" => Ok(Polarity::Hot),
        "cold" => Ok(Polarity::Cold),
        other => Err(BadInput(format!("the case has a polarity `{other}`")).into()),
    }
}

/// A finding with its place, where it has one.
fn placed(row: &FindingRow) -> anyhow::Result<Option<PlacedSpot>> {
    let Some((lat_deg, lon_deg)) = row.lat.zip(row.lon) else { return Ok(None) };
    let ellipse95 = (|| {
        Some(Ellipse95 {
            major_m: row.ellipse95_major_m?,
            minor_m: row.ellipse95_minor_m?,
            azimuth_deg: row.ellipse95_azimuth_deg?,
        })
    })();
    Ok(Some(PlacedSpot {
        name: row.id.clone(),
        lat_deg,
        lon_deg,
        polarity: polarity(&row.polarity)?,
        score: row.confidence,
        delta_k: row.delta_k,
        ellipse95,
    }))
}

/// Frames of a case with their detections, and what of them it does not keep.
fn frames_of(case: &ReadOnlyCase) -> anyhow::Result<(Vec<SeenFrame>, Vec<String>)> {
    let rows = case.frames()?;
    let mut spots = std::collections::BTreeMap::<u32, Vec<Spot>>::new();
    for row in case.spots()? {
        spots.entry(row.frame).or_default().push(Spot {
            name: None,
            polarity: polarity(&row.polarity)?,
            x: row.x_px,
            y: row.y_px,
            score: row.score,
            delta_k: row.delta_k,
            ellipse95: None,
        });
    }
    let kept: usize = spots.values().map(Vec::len).sum();
    let all: usize = rows.iter().map(|row| row.detections as usize).sum();
    let mut notes = Vec::new();
    if all > kept {
        notes.push(format!(
            "{} of {all} detections have no place on the ground; a case does not keep them, \
             `detect --json` tells them",
            all - kept
        ));
    }
    let mut frame = |row: &FrameRow| SeenFrame {
        file: match row.index {
            0 => row.file.clone(),
            index => format!("{}#{index}", row.file),
        },
        size_px: Some([row.width_px, row.height_px]),
        spots: spots.remove(&row.frame).unwrap_or_default(),
        area_m2: footprint_m2(&row.footprint),
    };
    Ok((rows.iter().map(&mut frame).collect(), notes))
}
