//! `retention`: which originals are due for removal, and that they were removed.

use std::path::PathBuf;

use serde_json::json;

use crate::evidence::{self, REMOVED};

use super::ending::BadInput;
use super::who::Who;
use super::{Ending, clock, output};

/// Which originals are due for removal; record that one was removed
///
/// The program removes nothing. A person removes a file and then records that with --removed; its
/// hash stays in the flight's seal and in every package.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The case folder
    #[arg(value_name = "CASE")]
    case: PathBuf,
    /// The day, YYYY-MM-DD; today unless told
    #[arg(long, value_name = "DATE")]
    on: Option<jiff::civil::Date>,
    /// Record that this original was removed, as it was named when it came in
    #[arg(long, value_name = "FILE")]
    removed: Option<String>,
    /// Why it was removed
    #[arg(long, value_name = "TEXT", default_value = "retention term is over")]
    reason: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    who: Who,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let mut case = super::export::existing(&args.case)?;
    let frames = case.frames()?;
    if let Some(file) = &args.removed {
        let frame = frames.iter().find(|frame| frame.file == *file);
        let frame = frame.ok_or_else(|| BadInput(format!("`{file}` is no original")))?;
        if std::path::Path::new(file).exists() {
            return Err(BadInput(format!("{file}: it is still there")).into());
        }
        case.append_custody(&args.who.did(REMOVED, file, &frame.sha256, &args.reason))?;
        output::text(&format!("{file}: recorded as removed\n"))?;
        return Ok(Ending::Done);
    }
    let settings = super::export::settings(&args.case.join(super::export::SETTINGS), false)?;
    let (custody, _) = crate::case::read_custody(&case.custody_log()?).unwrap_or_default();
    let on = args.on.map_or_else(|| clock::now()[..10].to_owned(), |on| on.to_string());
    let findings = case.findings()?;
    let (due, without_time) = evidence::due(&frames, &findings, &custody, &settings.retention, &on);
    if args.json {
        output::json_line(&json!({ "on": on, "due": due, "without_time": without_time }))?;
    } else {
        for one in &due {
            let class = if one.used { "used" } else { "unused" };
            output::text(&format!("{} {class} {}\n", one.since, one.file))?;
        }
        output::message(&format!("{} files are due on {on}", due.len()));
    }
    let listed = format!("{} files due on {on}, {without_time} without a time", due.len());
    case.append_custody(&args.who.did("retention_listed", "originals", "", &listed))?;
    Ok(if due.is_empty() { Ending::Nothing } else { Ending::Done })
}
