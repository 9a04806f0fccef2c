//! `detect`: hot and cold spots in single frames.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::detect::{self, Detection, Detector, Plane, Polarity, Reason};
use crate::thermal::{self, Frame, PlaneUnit};

use super::detectors::word;
use super::shared_args::{DetectArgs, RadiometryArgs};
use super::{Ending, output};

/// Hot and cold spots in single frames
///
/// Places are pixels from the outer corner of the first one, x right, y down.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Thermal files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print one JSON object a frame
    #[arg(long)]
    json: bool,
    /// Write a picture of each frame with its detections into this folder
    #[arg(long, value_name = "DIR")]
    overlay: Option<PathBuf>,
    #[command(flatten)]
    detect: DetectArgs,
    #[command(flatten)]
    radiometry: RadiometryArgs,
}

const EXAMPLES: &str = "\
Examples:
  torenvalk detect DJI_0001_T.JPG
  torenvalk detect *_T.JPG --overlay pictures --profile pv
  torenvalk detect plain.png --uncalibrated --json";

#[derive(Debug, Serialize)]
struct Line<'a> {
    file: &'a str,
    frame: u32,
    width: u32,
    height: u32,
    unit: &'static str,
    detections: Vec<Spot>,
}

/// Temperatures are present for radiometric frames, grey levels for the others, never both.
#[derive(Debug, Serialize)]
struct Spot {
    polarity: Polarity,
    x_px: f32,
    y_px: f32,
    bbox_px: [u16; 4],
    area_px: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    peak_c: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    background_c: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delta_k: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peak_grey: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    background_grey: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delta_grey: Option<f32>,
    snr: f32,
    prominence: f32,
    score: f32,
    reasons: Vec<Reason>,
}

impl Spot {
    fn of(detection: &Detection, kelvin: bool) -> Self {
        let in_kelvin = |value: f32| kelvin.then_some(value);
        let in_grey = |value: f32| (!kelvin).then_some(value);
        Self {
            polarity: detection.polarity,
            x_px: detection.x_px,
            y_px: detection.y_px,
            bbox_px: detection.bbox_px,
            area_px: detection.area_px,
            peak_c: in_kelvin(detection.peak),
            background_c: in_kelvin(detection.background),
            delta_k: in_kelvin(detection.delta),
            peak_grey: in_grey(detection.peak),
            background_grey: in_grey(detection.background),
            delta_grey: in_grey(detection.delta),
            snr: detection.snr,
            prominence: detection.prominence,
            score: detection.score,
            reasons: detection.reasons.iter().collect(),
        }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let options = args.radiometry.options()?;
    let mut detector = Detector::new(args.detect.params()?);
    let mut plane = Vec::new();
    let mut names = Names::default();
    let (mut good, mut bad) = (0_usize, 0_usize);
    for file in &args.files {
        let frames = match thermal::open(file, &options) {
            Ok(reader) => reader,
            Err(error) => {
                output::message(&format!("torenvalk: {error}"));
                bad += 1;
                continue;
            }
        };
        for frame in frames {
            match frame {
                Ok(frame) => {
                    good += 1;
                    one(args, file, &frame, &mut detector, &mut plane, &mut names)?;
                }
                Err(error) => {
                    output::message(&format!("torenvalk: {error}"));
                    bad += 1;
                }
            }
        }
    }
    Ok(match (good, bad) {
        (0, 0) => Ending::Nothing,
        (0, _) => Ending::BadInput,
        (_, 0) => Ending::Done,
        _ => Ending::Skipped,
    })
}

fn one(
    args: &Args,
    file: &Path,
    frame: &Frame,
    detector: &mut Detector,
    values: &mut Vec<u16>,
    names: &mut Names,
) -> anyhow::Result<()> {
    let plane = Plane::of(&frame.thermogram, values);
    let detections = detector.detect(&plane);
    if let Some(folder) = &args.overlay {
        let png = detect::overlay(&plane, &detections);
        let picture = folder.join(names.of(file, frame.index));
        super::files::spares(&picture, &args.files)?;
        super::files::write(&picture, &png)?;
    }
    show(&crate::inspect::name_of(file), frame.index, &plane, &detections, args.json)
}

/// Names of overlay pictures, each given once: two folders may hold files of one name.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    fn of(&mut self, file: &Path, index: u32) -> String {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let stem = match index {
            0 => stem.into_owned(),
            index => format!("{stem}-{index}"),
        };
        let mut name = format!("{stem}.png");
        let mut number = 2;
        while !self.0.insert(name.clone()) {
            name = format!("{stem}_{number}.png");
            number += 1;
        }
        name
    }
}

fn show(
    file: &str,
    frame: u32,
    plane: &Plane<'_>,
    detections: &[Detection],
    json: bool,
) -> anyhow::Result<()> {
    let kelvin = matches!(plane.unit, PlaneUnit::Kelvin { .. });
    if json {
        let detections = detections.iter().map(|spot| Spot::of(spot, kelvin)).collect();
        let unit = if kelvin { "kelvin" } else { "grey levels" };
        return output::json_line(&Line {
            file,
            frame,
            width: plane.width_px,
            height: plane.height_px,
            unit,
            detections,
        });
    }
    let (at, step) = if kelvin { ("°C", "K") } else { ("grey", "grey levels") };
    let mut text = format!("{file}: {} spots\n", detections.len());
    for spot in detections {
        let reasons: Vec<_> = spot.reasons.iter().map(|reason| word(&reason)).collect();
        text.push_str(&format!(
            "  {} at {:.1}, {:.1} px: {:.2} {at}, {:+.2} {step} over background, {:.0} % sure {}\n",
            if spot.polarity == Polarity::Hot { "hot " } else { "cold" },
            spot.x_px,
            spot.y_px,
            spot.peak,
            spot.delta,
            100.0 * spot.score,
            reasons.join(" "),
        ));
    }
    output::text(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_overlay_takes_the_name_of_another() {
        let mut names = Names::default();
        let files =
            [("a/x.jpg", 0), ("b/x.jpg", 0), ("c/x.seq", 1), ("c/x-1.jpg", 0), ("x_2.tif", 0)];
        let given: HashSet<_> =
            files.iter().map(|(file, index)| names.of(Path::new(file), *index)).collect();
        assert_eq!(given.len(), files.len(), "{given:?}");
    }
}
