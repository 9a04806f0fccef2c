//! `temps`: radiometry of single frames.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use crate::case::Skipped;
use crate::thermal::write::{self, Look};
use crate::thermal::{self, Frame, Palette};

use super::ending::UsageError;
use super::shared_args::RadiometryArgs;
use super::{Ending, output};

/// Temperatures of single frames: FLIR and DJI radiometric JPEG, SEQ, CSQ, TIFF, InfiRay IRG
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Thermal files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print one JSON object a frame
    #[arg(long)]
    json: bool,
    /// Write the temperatures of one file: .npy, .csv, .tif (all °C, 32-bit) or .png (palette)
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Colours of a .png: kestrel, iron or grey
    #[arg(long, value_name = "NAME", default_value = "kestrel", value_parser = palette)]
    palette: Palette,
    /// Only this frame of a sequence, counted from 0
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    frame: Option<u32>,
    #[command(flatten)]
    radiometry: RadiometryArgs,
}

const EXAMPLES: &str = "\
Examples:
  torenvalk temps DJI_0001_T.JPG --emissivity 0.93 --distance-m 30
  torenvalk temps flight.seq --json
  torenvalk temps flight.seq --frame 12 --out frame.npy
  torenvalk temps mosaic.tif --scale 0.01 --offset -273.15";

#[derive(Debug, Serialize)]
struct Line<'a> {
    file: &'a str,
    frame: u32,
    format: &'a str,
    camera: Option<&'a str>,
    width: u32,
    height: u32,
    min_c: Option<f32>,
    max_c: Option<f32>,
    mean_c: Option<f32>,
    radiometric: bool,
    parameters: Value,
    taken_at: Option<String>,
    position: Value,
    gimbal: Value,
    warnings: &'a [String],
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let options = args.radiometry.options()?;
    if args.out.is_some() && args.files.len() > 1 {
        return Err(UsageError("--out takes one file at a time".to_owned()).into());
    }
    if let Some(out) = &args.out {
        super::files::spares(out, &args.files)?;
    }
    let look = Look { palette: args.palette, range: None };
    let (mut good, mut bad) = (0_usize, 0_usize);
    let mut notes = Vec::new();
    for file in &args.files {
        let (frames, errors) = frames_of(file, &options, args, &mut |frame| {
            good += 1;
            if !args.json {
                let file = crate::inspect::name_of(file);
                let note =
                    |warning: &String| Skipped { file: file.clone(), reason: warning.clone() };
                notes.extend(frame.warnings.iter().map(note));
            }
            show(file, frame, args.json)
        })?;
        for error in &errors {
            output::message(&format!("torenvalk: {error}"));
        }
        bad += errors.len();
        if let Some(out) = args.out.as_ref().filter(|_| !frames.is_empty()) {
            write::save(out, &frames, look)?;
        }
    }
    output::message(&super::grouped::told("note on", &notes));
    Ok(match (good, bad) {
        (_, 0) if good > 0 => Ending::Done,
        (0, 0) => Ending::Nothing,
        (0, _) => Ending::BadInput,
        _ => Ending::Skipped,
    })
}

fn palette(name: &str) -> Result<Palette, String> {
    let known = Palette::ALL.map(Palette::name).join(", ");
    Palette::of_name(name).ok_or(format!("no palette `{name}`; known are {known}"))
}

/// Shows each frame as it is read; keeps the frames only where they are to be written.
fn frames_of(
    file: &Path,
    options: &thermal::ReadOptions,
    args: &Args,
    show: &mut dyn FnMut(&Frame) -> anyhow::Result<()>,
) -> anyhow::Result<(Vec<Frame>, Vec<thermal::Error>)> {
    let (mut kept, mut errors) = (Vec::new(), Vec::new());
    let reader = match thermal::open(file, options) {
        Ok(reader) => reader,
        Err(error) => return Ok((kept, vec![error])),
    };
    for frame in reader {
        match frame {
            Ok(frame) if args.frame.is_none_or(|wanted| wanted == frame.index) => {
                show(&frame)?;
                if args.out.is_some() {
                    kept.push(frame);
                }
            }
            Ok(_) => {}
            Err(error) => errors.push(error),
        }
    }
    Ok((kept, errors))
}

fn show(file: &Path, frame: &Frame, json: bool) -> anyhow::Result<()> {
    let name = crate::inspect::name_of(file);
    let statistics = frame.thermogram.statistics();
    let camera = frame.metadata.camera.model.as_deref();
    if json {
        return output::json_line(&Line {
            file: &name,
            frame: frame.index,
            format: frame.format.name(),
            camera,
            width: frame.thermogram.width(),
            height: frame.thermogram.height(),
            min_c: statistics.map(|all| all.min_c),
            max_c: statistics.map(|all| all.max_c),
            mean_c: statistics.map(|all| all.mean_c),
            radiometric: frame.thermogram.is_radiometric(),
            parameters: frame.parameters.to_json(),
            taken_at: frame.metadata.taken_at.map(|time| time.to_string()),
            position: frame.metadata.position_json(),
            gimbal: frame.metadata.gimbal_json(),
            warnings: &frame.warnings,
        });
    }
    let temperatures = statistics.map_or_else(
        || "grey levels, no temperatures".to_owned(),
        |all| format!("{:.2} to {:.2} °C, mean {:.2} °C", all.min_c, all.max_c, all.mean_c),
    );
    let at = if frame.index > 0 { format!(" #{}", frame.index) } else { String::new() };
    output::text(&format!(
        "{name}{at}: {} {} x {}, {temperatures}{}\n",
        frame.format,
        frame.thermogram.width(),
        frame.thermogram.height(),
        camera.map(|camera| format!(" ({camera})")).unwrap_or_default(),
    ))
}
