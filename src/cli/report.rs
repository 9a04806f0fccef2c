//! `report`: a case → a PDF that people read.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::case::Case;
use crate::derive::{self, Derived};
use crate::evidence::report::{Facts, Language, OVERVIEW, Report, draft};
use crate::evidence::{Origin, Settings};
use crate::review::Tell;

use super::{Ending, export, files, output};

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

pub(super) fn language(code: &str) -> Result<Language, String> {
    Language::of_code(code).ok_or_else(|| format!("no language `{code}`; nl and en are known"))
}

/// What a report is of.
pub(super) struct Wish<'a> {
    pub(super) settings: &'a Settings,
    pub(super) language: Language,
    pub(super) concept: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let (report, derived) = write(args, &|_, _, _| {})?;
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

/// Whether this program typesets reports.
pub(super) const MADE: bool = cfg!(feature = "report");

/// What is asked for with nothing but these.
pub(super) fn asked(case: &Path, out: PathBuf, language: Language, originals: &[PathBuf]) -> Args {
    Args {
        case: case.to_owned(),
        out,
        language,
        settings: None,
        concept: true,
        originals: originals.to_vec(),
        json: false,
    }
}

/// Writes the report that is asked for; `tell` hears of each part.
pub(super) fn write(args: &Args, tell: Tell<'_>) -> anyhow::Result<(Report, Derived)> {
    let case = export::existing(&args.case)?;
    let settings = args.settings.clone().unwrap_or_else(|| args.case.join(export::SETTINGS));
    let settings = export::settings(&settings, args.settings.is_some())?;
    tell(0, 2, "pictures and rasters of the findings");
    let derived = derive::derive_findings(&case, &args.originals)?;
    for skipped in &derived.skipped {
        output::message(&format!("{}: {}", skipped.file, skipped.reason));
    }
    let wish = Wish { settings: &settings, language: args.language, concept: args.concept };
    let mut report = drafted(&case, &derived, &wish)?;
    report.attach_custody(&case.custody_log()?);
    tell(1, 2, "typesetting");
    files::write(&args.out, &pdf(&report)?)?;
    Ok((report, derived))
}

/// Drafts what the case tells, with the pictures that were derived for it.
pub(super) fn drafted(case: &Case, derived: &Derived, wish: &Wish<'_>) -> anyhow::Result<Report> {
    let runs = case.runs()?;
    let run = runs.iter().find(|run| run.current).ok_or(derive::Error::NoRun)?;
    let made: Vec<&str> = derived.derivations.iter().map(|one| one.output.as_str()).collect();
    let origin = Origin::of_run(case, &run.id)?;
    let findings = origin.plain_findings(case.findings()?);
    let mut pictures = Vec::new();
    for finding in &findings {
        // What an earlier run derived under the same name is of another finding.
        let kept = |name: &str| {
            if made.contains(&name) { case.derived(name) } else { Ok(None) }
        };
        if let Some(png) = kept(&derive::annotated_name(&finding.id))? {
            pictures.push((derive::printed_name(&finding.id), derive::printed_jpeg(&png)?));
        }
        for name in [derive::map_name(&finding.id), derive::visible_name(&finding.id)] {
            pictures.extend(kept(&name)?.map(|bytes| (name, bytes)));
        }
    }
    if let Some(svg) = derive::overview(case)? {
        pictures.push((OVERVIEW.to_owned(), svg.into_bytes()));
    }
    let facts = Facts {
        run,
        frames: &case.frames()?,
        findings: &findings,
        sightings: &case.sightings()?,
        reviews: &case.reviews()?,
        pictures,
        concept: wish.concept,
    };
    Ok(draft(facts, wish.settings, wish.language)?)
}

/// The report of a package: its file's name and bytes, with the custody log as the package has it.
/// Nothing where this build makes no reports.
///
/// # Errors
/// Why there is none, in words.
pub(super) fn of_package(
    report: &mut Report,
    folder: &Path,
) -> Result<Option<(String, Vec<u8>)>, String> {
    if !MADE {
        return Ok(None);
    }
    let log = folder.join("custody/custody.jsonl");
    let log = std::fs::read(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    report.attach_custody(&log);
    report.keep_only(|name| folder.join("derived").join(name).exists());
    let bytes = pdf(report).map_err(|error| error.to_string())?;
    Ok(Some(("report.pdf".to_owned(), bytes)))
}

#[cfg(feature = "report")]
fn pdf(report: &Report) -> anyhow::Result<Vec<u8>> {
    Ok(crate::evidence::report::pdf(report)?)
}

#[cfg(not(feature = "report"))]
fn pdf(_: &Report) -> anyhow::Result<Vec<u8>> {
    let why = "this program was built without the feature `report` (it is on by default)";
    Err(super::ending::UsageError(why.to_owned()).into())
}
