//! `demo`: the whole story on a simulated flight.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::json;

use crate::capture::CameraTable;
use crate::case::Case;
use crate::detect::{self, Detector, Plane};
use crate::fuse::{self, Finding};
use crate::inspect::{self, Summary};
use crate::sim::vehicle::Film;
use crate::sim::{Match, Score, Truth};
use crate::thermal::ReadOptions;
use crate::{sim, site, thermal};

use super::demo_flight::demo_flight;
use super::fly::Recording;
use super::progress::Progress;
use super::who::Who;
use super::{Ending, files, output, seal};

/// The main job, end to end, on a simulated flight with known truth
///
/// A mission is sent to a simulated vehicle, which flies it and takes frames; they are inspected as
/// they are taken, and the findings are held against what was planted. Beside the case it leaves
/// the frames, pictures of those with most to see, and the flight as .plan and .tlog.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The case folder; frames and pictures are put beside it
    #[arg(long, value_name = "DIR", default_value = "torenvalk-demo/demo.case")]
    case: PathBuf,
    /// Same seed, same bytes
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Do not say at the end how to open the page on which an inspector decides
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
    let flight = beside(&args.case, "flight");
    let site = site::example()?;
    let params = sim::Params::demo(args.seed);
    let progress = Progress::start(true);
    let say = |text: &str| {
        if !args.json {
            output::message(text);
        }
    };
    say("SIMULATED: no real site, no real flight; the truth is known because it was planted.");
    say(&format!("A simulated vehicle flies over {} ...", site.name));
    clear(&frames)?;
    let film = Film::new(&site, &params)?;
    let params = inspect_params(site);
    let mut case = Case::open_or_create(&args.case)?;
    let (followed, truth) = demo_flight(
        film,
        &frames,
        &Recording::at(flight.clone())?,
        (&params, &mut case),
        (&progress, args.json),
    )?;
    say(&format!(
        "{} pictures told, {} frames and {} planted spots in {}",
        followed.pictures,
        truth.frames.len(),
        truth.spots.len(),
        frames.display()
    ));
    let elapsed_s = progress.elapsed_s();
    let summary = followed.summary.context("no frame of the flight was inspected")?;
    seal::seal(&mut case, &summary, &Who::untold(), None)?;
    let score = sim::score(&truth, &summary.findings);
    draw(&summary, &params, &pictures)?;
    if args.json {
        output::json_line(&json!({
            "simulated": true,
            "case": inspect::name_of(&args.case),
            "frames": inspect::name_of(&frames),
            "pictures": inspect::name_of(&pictures),
            "flight": inspect::name_of(&flight),
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
    output::text(&told(&truth, &score, &summary.findings))?;
    output::text(&format!(
        "\nPictures of {PICTURES} frames: {}\nThe flight as QGroundControl reads it: {}\n\
         All of this is simulated.\n",
        pictures.display(),
        flight.display()
    ))?;
    if !args.no_page {
        let case = args.case.display();
        output::text(&format!("Decide on its findings in a browser: torenvalk review {case}\n"))?;
    }
    Ok(Ending::Done)
}

/// Removes the frames of an earlier flight, and nothing else: another seed has other names.
fn clear(frames: &Path) -> anyhow::Result<()> {
    let entries = match std::fs::read_dir(frames) {
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let ours =
            name.starts_with("SIM_") && (name.ends_with("_T.jpg") || name.ends_with("_T.tif"));
        if ours && entry.file_type()?.is_file() {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// `x/demo.case` → `x/demo.frames`.
fn beside(case: &Path, extension: &str) -> PathBuf {
    case.with_extension(extension)
}

/// As `inspect` without any option; `verb` and site tell its runs from others.
fn inspect_params(site: site::Site) -> inspect::Params {
    let read = ReadOptions::default();
    let detect = detect::Params::default();
    inspect::Params {
        description: json!({"verb": "demo", "detect": detect, "site": site}).to_string(),
        read,
        detect,
        fuse: fuse::Params {
            kinds: fuse::KindTable::default().rules(&fuse::Conditions::default()),
            ..fuse::Params::default()
        },
        cameras: CameraTable::builtin(),
        camera_id: None,
        heading: None,
        terrain: None,
        ground_height_m: site.ground_height_m,
        takeoff_height_m: None,
        site: Some(site),
        flat_field: true,
        calibrate: true,
        control: Vec::new(),
        logs: inspect::LogParams::default(),
        explain: false,
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
        let plane = Plane::of(&frame.thermogram, &mut values);
        let detections = detector.detect(&plane);
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let picture = folder.join(format!("{stem}.png"));
        files::write(&picture, &detect::overlay(&plane, &detections))?;
    }
    Ok(())
}

/// Found, missed and false, and each position error beside the ellipse that was stated.
fn told(truth: &Truth, score: &Score, findings: &[Finding]) -> String {
    let mut text = String::from(
        "\nWhat was planted, and what was found of it\n  contrast in kelvin; frames that show it, \
         of those that could; distance from the true place\n  \
         spot  planted   finding  found     frames  error   stated 95 % ellipse\n",
    );
    for found in &score.matches {
        text.push_str(&row(truth, found, findings));
    }
    for missed in &score.missed {
        let _ = writeln!(
            text,
            "  {:<5} missed: {:+.1} K behind the lens, sigma {:.1} px, in {} frames; {}",
            missed.spot,
            missed.seen_delta_k,
            missed.sigma_px,
            missed.views,
            if missed.why_hard.is_empty() {
                "for no reason that is known".to_owned()
            } else {
                missed.why_hard.join(", ")
            },
        );
    }
    if !score.false_findings.is_empty() {
        text.push_str("\nFound and not planted\n");
    }
    for other in &score.false_findings {
        let finding = findings.iter().find(|finding| finding.id == other.finding);
        let frames = finding.map_or(0, |finding| finding.views);
        let place = other.asset.as_deref().map_or_else(
            || "on open ground: a false finding".to_owned(),
            |asset| format!("on {asset}, which has its own temperature"),
        );
        let id = &other.finding;
        let _ = writeln!(text, "  {id:<8} {:+.1} K in {frames} frames, {place}", other.delta);
    }
    text.push_str(&sums(truth, score));
    text
}

/// One spot and its finding.
fn row(truth: &Truth, found: &Match, findings: &[Finding]) -> String {
    let Match { spot, finding, error_m, ellipse95, inside, .. } = found;
    let planted = truth.spots.iter().find(|planted| planted.id == *spot);
    let seen = findings.iter().find(|seen| seen.id == *finding);
    let asset = planted.and_then(|planted| planted.asset.as_deref());
    format!(
        "  {spot:<5} {:>+6.1} K  {finding:<7} {:>+6.1} K  {:>2}/{:<2}  {error_m:>5.2} m  \
         {:>5.2} x {:.2} m  {}{}\n",
        planted.map_or(0.0, |planted| planted.seen_delta_k),
        seen.map_or(0.0, |seen| seen.delta),
        seen.map_or(0, |seen| seen.views),
        seen.map_or(0, |seen| seen.views_possible),
        ellipse95.major_m,
        ellipse95.minor_m,
        if *inside { "inside" } else { "OUTSIDE" },
        asset.map_or(String::new(), |asset| format!(", on {asset}")),
    )
}

fn sums(truth: &Truth, score: &Score) -> String {
    let on_assets = score.false_findings.iter().filter(|other| other.asset.is_some()).count();
    let mut text = format!(
        "\n{} of {} spots found, {} missed; not planted: {on_assets} on assets, {} elsewhere\n",
        score.found,
        score.expected,
        score.missed.len(),
        score.false_findings.len() - on_assets,
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
