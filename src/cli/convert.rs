//! `convert`: mission files into each other.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::mission::{self, Mission, Written};

use super::ending::UsageError;
use super::{Ending, files, output};

/// Mission files into each other
///
/// Reads .plan of QGroundControl and .waypoints; writes .plan, .waypoints and .geojson. What the
/// new format cannot take is told, and the exit code is 6 then.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The mission
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// The new file; its name's end is the format
    #[arg(value_name = "OUT")]
    output: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  torenvalk convert survey.plan survey.waypoints
  torenvalk convert mission.waypoints mission.geojson";

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let write = format_of(&args.output)?;
    files::regular(&args.input)?;
    files::spares(&args.output, std::slice::from_ref(&args.input))?;
    let mission = mission::read(&args.input)?;
    for odd in mission.oddities() {
        output::message(&format!("{}: {odd}", args.input.display()));
    }
    let Written { text, lost } = write(&mission);
    files::write(&args.output, text.as_bytes()).context("the mission is not converted")?;
    for lost in &lost {
        output::message(&format!("{}: not written: {lost}", args.output.display()));
    }
    Ok(if lost.is_empty() { Ending::Done } else { Ending::Skipped })
}

/// Who writes the format that a file's name ends in.
pub(super) fn format_of(path: &Path) -> Result<fn(&Mission) -> Written, UsageError> {
    let end = path.extension().map(|end| end.to_string_lossy().to_lowercase());
    match end.as_deref() {
        Some("plan") => Ok(mission::to_plan),
        Some("waypoints" | "txt") => Ok(mission::to_waypoints),
        Some("geojson" | "json") => Ok(mission::to_geojson),
        _ => Err(UsageError(format!(
            "{}: missions are written as .plan, .waypoints or .geojson",
            path.display()
        ))),
    }
}
