//! `mosaic`: a case → its frames on the ground, as one raster.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::PathBuf;

use anyhow::Context;
use serde_json::json;

use crate::case::{Case, FrameRow, Skipped};
use crate::derive::{self, MosaicParams};
use crate::inspect;
use crate::thermal;

use super::ending::{BadInput, within};
use super::{Ending, files, output};

/// The frames of a case laid on the ground, as a cloud-optimised GeoTIFF of temperatures
///
/// Each place takes the pixel nearest to the middle of its frame; nothing is blended. The ground is
/// taken for a plane below each frame: what stands on it leans away from the camera.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The case folder
    #[arg(value_name = "CASE")]
    case: PathBuf,
    /// The raster; beside the case unless told
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Metres a pixel; the median of the frames' own unless told
    #[arg(long, value_name = "M")]
    metre_a_px: Option<f64>,
    /// A folder in which originals lie now, if they were moved
    #[arg(long, value_name = "DIR")]
    originals: Vec<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let metre_a_px = within("metre-a-px", args.metre_a_px, 1e-4, 1e4)?;
    let frames = Case::open_read_only(&args.case)?.frames()?;
    if frames.is_empty() {
        return Err(BadInput("the case holds no frames yet".to_owned()).into());
    }
    let out = args.out.clone().unwrap_or_else(|| args.case.with_extension("mosaic.tif"));
    let inputs: Vec<PathBuf> = frames.iter().map(|row| PathBuf::from(&row.file)).collect();
    files::spares(&out, &inputs)?;
    // Under its own name only once it is whole.
    let beside = out.with_extension("tif.new");
    let file = File::create(&beside).with_context(|| beside.display().to_string())?;
    let mut writer = BufWriter::new(file);
    let mut read = |row: &FrameRow| celsius(row, args);
    let made = derive::mosaic(&frames, &MosaicParams { metre_a_px }, &mut read, &mut writer);
    drop(writer);
    let made = match made {
        Ok(made) => made,
        Err(error) => {
            let _ = fs::remove_file(&beside);
            return Err(error.into());
        }
    };
    fs::rename(&beside, &out).with_context(|| out.display().to_string())?;
    let skipped: Vec<Skipped> =
        made.skipped.into_iter().map(|(file, reason)| Skipped { file, reason }).collect();
    let (width, height) = made.size_px;
    if args.json {
        output::json_line(&json!({
            "mosaic": inspect::name_of(&out),
            "width": width,
            "height": height,
            "metre_a_px": made.metre_a_px,
            "frames": made.frames,
            "filled_px": made.filled_px,
            "skipped": skipped,
        }))?;
    } else {
        output::text(&format!(
            "{}: {width} x {height} pixels of {:.3} m, {} frames\n",
            out.display(),
            made.metre_a_px,
            made.frames
        ))?;
        output::message(&super::grouped::told("not in the mosaic", &skipped));
    }
    Ok(if skipped.is_empty() { Ending::Done } else { Ending::Skipped })
}

/// Temperatures of a frame, from the file that still is what was inspected.
fn celsius(row: &FrameRow, args: &Args) -> Result<Vec<f32>, String> {
    let path = derive::intact_original(row, &args.case, &args.originals)?;
    let frames =
        thermal::open(&path, &derive::read_options(row)).map_err(|error| error.to_string())?;
    let found = frames.filter_map(Result::ok).find(|frame| frame.index == row.index);
    found
        .map(|frame| frame.thermogram.celsius())
        .ok_or_else(|| format!("{}: it has no frame {}", row.file, row.index))
}
