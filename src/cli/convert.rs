//! `convert`: mission files into each other.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::mission::{self, DjiAircraft, Mission, Packed, Written};

use super::ending::UsageError;
use super::{Ending, files, output};

/// Mission files into each other
///
/// Reads .plan of QGroundControl, .waypoints, KML, routes of GPX, and the .kmz route files of DJI;
/// writes the same and .geojson. What the new format cannot take is told, and the exit code is 6
/// then.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The mission
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// The new file; its name's end is the format
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// For .kmz: the thermal camera, which tells the aircraft of DJI (m3t, m30t, h20t …)
    #[arg(long, value_name = "ID")]
    camera: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  torenvalk convert survey.plan survey.waypoints
  torenvalk convert survey.plan survey.kmz --camera m3t
  torenvalk convert route.kmz route.plan
  torenvalk convert mission.waypoints mission.geojson";

/// How a format is written.
enum Writer {
    Text(fn(&Mission) -> Written),
    Dji(DjiAircraft),
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let writer = writer_of(args)?;
    files::regular(&args.input)?;
    files::spares(&args.output, std::slice::from_ref(&args.input))?;
    let mission = mission::read(&args.input)?;
    for odd in mission.oddities() {
        output::message(&format!("{}: {odd}", args.input.display()));
    }
    let Packed { bytes, lost, notes } = match writer {
        Writer::Text(write) => {
            let Written { text, lost } = write(&mission);
            Packed { bytes: text.into_bytes(), lost, notes: Vec::new() }
        }
        Writer::Dji(aircraft) => mission::to_wpml(&mission, &aircraft)?,
    };
    files::write(&args.output, &bytes).context("the mission is not converted")?;
    for note in &notes {
        output::message(&format!("{}: {note}", args.output.display()));
    }
    for lost in &lost {
        output::message(&format!("{}: not written: {lost}", args.output.display()));
    }
    // What the file held and a mission has no room for is not in the new one either.
    let whole = lost.is_empty() && mission.passed_over.is_empty();
    Ok(if whole { Ending::Done } else { Ending::Skipped })
}

fn writer_of(args: &Args) -> Result<Writer, UsageError> {
    let is_kmz = args.output.extension().is_some_and(|end| end.eq_ignore_ascii_case("kmz"));
    if !is_kmz {
        if args.camera.is_some() {
            return Err(UsageError("--camera is for .kmz only".to_owned()));
        }
        return format_of(&args.output).map(Writer::Text);
    }
    let aircraft = args.camera.as_deref().and_then(DjiAircraft::of_camera);
    aircraft.map(Writer::Dji).ok_or_else(|| {
        UsageError(format!(
            "a .kmz is made for an aircraft of DJI: --camera {}",
            DjiAircraft::cameras().join("|")
        ))
    })
}

/// Who writes the text format that a file's name ends in.
pub(super) fn format_of(path: &Path) -> Result<fn(&Mission) -> Written, UsageError> {
    let end = path.extension().map(|end| end.to_string_lossy().to_lowercase());
    match end.as_deref() {
        Some("plan") => Ok(mission::to_plan),
        Some("waypoints" | "txt") => Ok(mission::to_waypoints),
        Some("geojson" | "json") => Ok(mission::to_geojson),
        Some("kml") => Ok(mission::to_kml),
        Some("gpx") => Ok(mission::to_gpx),
        _ => Err(UsageError(format!(
            "{}: missions are written as .plan, .waypoints, .kml, .gpx or .geojson, and by convert \
             as .kmz",
            path.display()
        ))),
    }
}
