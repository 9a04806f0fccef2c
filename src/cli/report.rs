//! `report`: a case → a PDF that people read.

use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::json;

use crate::case::Case;
use crate::derive;
use crate::evidence::report::{Facts, Language, Report, Stated, draft};

use super::{Ending, files, output};

/// A report of a case as PDF/A-3
///
/// Pictures of the findings are derived first and kept in the case; where an original is not at
/// hand, the report says so on the finding's page. The same case gives the same bytes.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The case folder
    #[arg(value_name = "CASE")]
    case: PathBuf,
    /// The report
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// nl or en
    #[arg(long, value_name = "CODE", default_value = "nl", value_parser = language)]
    language: Language,
    /// What only people know; CASE/evidence.toml unless told
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Mark each page as a concept
    #[arg(long)]
    concept: bool,
    /// A folder in which originals lie now, if they were moved
    #[arg(long, value_name = "DIR")]
    originals: Vec<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  torenvalk report works.case --out report.pdf
  torenvalk report works.case --out concept.pdf --language en --concept";

fn language(code: &str) -> Result<Language, String> {
    Language::of_code(code).ok_or_else(|| format!("no language `{code}`; nl and en are known"))
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    drop(Case::open_read_only(&args.case)?);
    let case = Case::open_or_create(&args.case)?;
    let derived = derive::derive_findings(&case, &args.originals)?;
    for skipped in &derived.skipped {
        output::message(&format!("{}: {}", skipped.file, skipped.reason));
    }
    let report = drafted(&case, &stated(args)?, args)?;
    let bytes = pdf(&report)?;
    files::write(&args.out, &bytes)?;
    if args.json {
        output::json_line(&json!({
            "report": args.out.display().to_string(),
            "findings": report.findings.len(),
            "pictures": report.pictures.len(),
            "masked": derived.masked,
            "skipped": derived.skipped,
        }))?;
    } else {
        output::text(&format!(
            "{}: {} findings, {} pictures; {} spots masked\n",
            args.out.display(),
            report.findings.len(),
            report.pictures.len(),
            derived.masked
        ))?;
    }
    Ok(if derived.skipped.is_empty() { Ending::Done } else { Ending::Skipped })
}

/// What people state; nothing where no file was named and none is there.
fn stated(args: &Args) -> anyhow::Result<Stated> {
    let file = args.settings.clone().unwrap_or_else(|| args.case.join("evidence.toml"));
    if args.settings.is_none() && !file.exists() {
        return Ok(Stated::default());
    }
    files::regular(&file)?;
    let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    Ok(Stated::from_text(&file, &text)?)
}

/// What the case tells, drafted.
fn drafted(case: &Case, stated: &Stated, args: &Args) -> anyhow::Result<Report> {
    let runs = case.runs()?;
    let run = runs.iter().find(|run| run.current).ok_or(derive::Error::NoRun)?;
    let findings = case.findings()?;
    let mut pictures = Vec::new();
    for finding in &findings {
        for name in [derive::annotated_name(&finding.id), derive::map_name(&finding.id)] {
            if let Some(bytes) = case.derived(&name)? {
                pictures.push((name, bytes));
            }
        }
    }
    let facts = Facts {
        run,
        frames: &case.frames()?,
        findings: &findings,
        sightings: &case.sightings()?,
        reviews: &case.reviews()?,
        pictures,
        concept: args.concept,
    };
    Ok(draft(facts, stated, args.language)?)
}

#[cfg(feature = "report")]
fn pdf(report: &Report) -> anyhow::Result<Vec<u8>> {
    Ok(crate::evidence::report::pdf(report)?)
}

#[cfg(not(feature = "report"))]
fn pdf(_: &Report) -> anyhow::Result<Vec<u8>> {
    let why = "this build makes no reports; build it with the feature `report`";
    Err(super::ending::UsageError(why.to_owned()).into())
}
