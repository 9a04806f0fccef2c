//! `demo`: the whole story on a simulated flight.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::capture::CameraTable;
use crate::case::Case;
use crate::detect::{self, Detector, Plane};
use crate::inspect::{self, Summary};
use crate::sim::{Match, Score, Truth};
use crate::thermal::ReadOptions;
use crate::{fuse, sim, site, thermal};

use super::progress::Progress;
use super::{Ending, files, output};

/// The main job, end to end, on a simulated flight with known truth
///
/// Writes simulated frames, inspects them like any other, and holds the findings against what was
/// planted. Beside the case it leaves the frames and pictures of the frames with most to see.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The case folder; frames and pictures are put beside it
    #[arg(long, value_name = "DIR", default_value = "torenvalk-demo/demo.case")]
    case: PathBuf,
    /// Same seed, same bytes
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Do not open the page for inspectors (it is not part of this version)
    #[arg(long)]
    no_page: bool,
    /// Print one JSON object: the summary and the score
    #[arg(long)]
    json: bool,
}

/// Frames that are drawn: those with most findings.
const PICTURES: usize = 6;

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let frames = beside(&args.case, "frames");
    let pictures = beside(&args.case, "pictures");
    let site = site::example()?;
    let params = sim::Params { seed: args.seed, ..sim::Params::default() };
    let progress = Progress::start(args.json);
    let say = |text: &str| {
        if !args.json {
            output::message(text);
        }
    };
    say("SIMULATED: no real site, no real flight; the truth is known because it was planted.");
    say(&format!("Flying over {} ...", site.name));
    let truth = sim::write_flight(&site, &params, &frames)?;
    say(&format!(
        "{} frames and {} planted spots in {}",
        truth.frames.len(),
        truth.spots.len(),
        frames.display()
    ));
    let params = inspect_params(site);
    let mut case = Case::open_or_create(&args.case)?;
    let inputs: Vec<_> = truth.frames.iter().map(|frame| frames.join(&frame.file)).collect();
    let started_s = progress.elapsed_s();
    let summary = inspect::inspect(&inputs, &params, &mut case, &progress);
    progress.finish();
    let summary = summary?;
    let elapsed_s = progress.elapsed_s() - started_s;
    let score = sim::score(&truth, &summary.findings);
    draw(&summary, &params, &pictures)?;
    if args.json {
        output::json_line(&json!({
            "simulated": true,
            "case": inspect::name_of(&args.case),
            "frames": inspect::name_of(&frames),
            "pictures": inspect::name_of(&pictures),
            "frames_seen": summary.frames_seen,
            "inspected": summary.frames.len(),
            "detections": summary.detections,
            "observations": summary.observations,
            "findings": summary.findings.len(),
            "score": score,
        }))?;
        return Ok(Ending::Done);
    }
    super::inspect::report(&args.case, &summary, elapsed_s, false)?;
    output::text(&told(&truth, &score))?;
    output::text(&format!(
        "\nPictures of {PICTURES} frames: {}\nAll of this is simulated.\n",
        pictures.display()
    ))?;
    Ok(Ending::Done)
}

/// `x/demo.case` → `x/demo.frames`.
fn beside(case: &Path, extension: &str) -> PathBuf {
    case.with_extension(extension)
}

fn inspect_params(site: site::Site) -> inspect::Params {
    let read = ReadOptions::default();
    let detect = detect::Params::default();
    inspect::Params {
        description: json!({"demo": true, "detect": detect, "site": site}).to_string(),
        read,
        detect,
        fuse: fuse::Params::default(),
        cameras: CameraTable::builtin(),
        camera_id: None,
        terrain: None,
        ground_height_m: site.ground_height_m,
        takeoff_height_m: None,
        site: Some(site),
        threads: 0,
    }
}

fn draw(summary: &Summary, params: &inspect::Params, folder: &Path) -> anyhow::Result<()> {
    let mut seen = vec![0_usize; summary.frames.len()];
    for frame in summary.findings.iter().flat_map(|finding| &finding.frames) {
        if let Some(count) = seen.get_mut(*frame as usize) {
            *count += 1;
        }
    }
    let mut order: Vec<usize> = (0..seen.len()).collect();
    order.sort_by_key(|&frame| (std::cmp::Reverse(seen[frame]), frame));
    let mut detector = Detector::new(params.detect);
    let mut values = Vec::new();
    for &number in order.iter().take(PICTURES) {
        let path = Path::new(&summary.frames[number].file);
        let Some(frame) = thermal::open(path, &params.read)?.next() else { continue };
        let frame = frame?;
        let unit = frame.thermogram.plane(&mut values);
        let plane = Plane {
            width_px: frame.thermogram.width(),
            height_px: frame.thermogram.height(),
            values: &values,
            unit,
            saturated_from: frame.thermogram.plane_saturated_from(unit),
        };
        let detections = detector.detect(&plane);
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let picture = folder.join(format!("{stem}.png"));
        files::write(&picture, &detect::overlay(&plane, &detections))?;
    }
    Ok(())
}

/// Found, missed and false, and each position error beside the ellipse that was stated.
fn told(truth: &Truth, score: &Score) -> String {
    let mut text = String::from(
        "\nAgainst the planted truth\n  spot   finding   error     stated 95 % ellipse\n",
    );
    for found in &score.matches {
        let Match { spot, finding, error_m, ellipse95, inside, .. } = found;
        let _ = writeln!(
            text,
            "  {spot:<6} {finding:<8} {error_m:>5.2} m   {:>5.2} x {:.2} m  {}",
            ellipse95.major_m,
            ellipse95.minor_m,
            if *inside { "inside" } else { "OUTSIDE" },
        );
    }
    for missed in &score.missed {
        let _ = writeln!(
            text,
            "  {:<6} missed: {:.1} K, sigma {:.1} px, {} views; {}",
            missed.spot,
            missed.seen_delta_k,
            missed.sigma_px,
            missed.views,
            missed.why_hard.join(", "),
        );
    }
    for other in &score.false_findings {
        let on = other.asset.as_deref().map_or(String::new(), |asset| format!(" on {asset}"));
        let _ =
            writeln!(text, "  nothing planted at {} ({:+.1} K{on})", other.finding, other.delta);
    }
    let _ = writeln!(
        text,
        "{} of {} spots found, {} missed, {} findings where nothing was planted",
        score.found,
        score.expected,
        score.missed.len(),
        score.false_findings.len(),
    );
    if let (Some(median_m), Some(share)) = (score.median_error_m, score.inside_share) {
        let rtk = if truth.params.errors.rtk { "RTK" } else { "no RTK" };
        let _ = writeln!(
            text,
            "median position error {median_m:.2} m ({rtk}); {:.0} % inside the stated ellipse",
            100.0 * share,
        );
    }
    text
}
