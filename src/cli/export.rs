//! `export`: a case → a package for others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::capture::CameraTable;
use crate::case::Case;
use crate::evidence::report::Language;
use crate::evidence::{self, Outcome, Package, Profile, Request, Settings};
use crate::review::Tell;
use crate::{derive, inspect, thermal};

use super::ending::{BadInput, UsageError};
use super::signing::KeyArgs;
use super::who::Who;
use super::{Ending, clock, files, output, report};

/// An evidence package that others check without this program
///
/// A folder after BagIt 1.0 with originals, findings, decisions, custody log and report; VERIFY.txt
/// in it says how to check it with tools that everybody has. What only people know (mandate, legal
/// basis ...) is read from evidence.toml in the case folder.
///
/// Exit code 7 without a package: the profile lacks fields, which are listed. With one: it is not
/// signed, or waits for its time stamp (`torenvalk stamp`).
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The case folder
    #[arg(value_name = "CASE")]
    case: PathBuf,
    /// Where the package goes
    #[arg(long, value_name = "DIR", required_unless_present = "write_settings")]
    out: Option<PathBuf>,
    /// Whom it is for: full (own file), administrative, criminal, concept (a draft)
    #[arg(long, value_name = "PROFILE", default_value = "concept", value_parser = profile)]
    profile: Profile,
    /// What only people know; CASE/evidence.toml unless told
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Only write an evidence.toml to fill in, where there is none
    #[arg(long)]
    write_settings: bool,
    /// A folder in which originals lie now, if they were moved
    #[arg(long, value_name = "DIR")]
    originals: Vec<PathBuf>,
    /// A folder with the flight's mission and telemetry; those beside the case unless told
    #[arg(long, value_name = "DIR")]
    flight: Vec<PathBuf>,
    /// Certificates of the time stamping authority (PEM), put along for convenience
    #[arg(long, value_name = "FILE")]
    tsa_chain: Option<PathBuf>,
    /// Sign for minisign, too, with the same key
    #[arg(long)]
    minisign: bool,
    /// Also write NAME.zip
    #[arg(long)]
    zip: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Language of the report, nl or en
    #[arg(long, value_name = "CODE", default_value = "nl", value_parser = report::language)]
    language: Language,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    who: Who,
}

const EXAMPLES: &str = "\
Examples:
  torenvalk export works.case --write-settings
  torenvalk export works.case --out packages --profile full --key ~/.ssh/evidence --zip
  torenvalk export works.case --out packages --profile administrative --agent any";

pub(super) fn profile(name: &str) -> Result<Profile, String> {
    let known = Profile::ALL.map(Profile::name).join(", ");
    let found = Profile::ALL.into_iter().find(|profile| profile.name() == name);
    found.ok_or(format!("no profile `{name}`; known are {known}"))
}

/// The settings in a case's folder.
pub(super) const SETTINGS: &str = "evidence.toml";

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let settings_file = args.settings.clone().unwrap_or_else(|| args.case.join(SETTINGS));
    if args.write_settings {
        return write_settings(&settings_file);
    }
    match export(args, &|_, _, _| {})? {
        Outcome::Refused(missing) => refused(args, &missing),
        Outcome::Written(package) => written(args, &package),
    }
}

/// What is asked for with nothing but these: a package from the page.
pub(super) fn asked(
    case: &Path,
    (out, originals): (&Path, &[PathBuf]),
    profile: Profile,
    language: Language,
    who: Who,
) -> Args {
    Args {
        case: case.to_owned(),
        out: Some(out.to_owned()),
        profile,
        settings: None,
        write_settings: false,
        originals: originals.to_vec(),
        flight: Vec::new(),
        tsa_chain: None,
        minisign: false,
        // Who asks sits at a browser, maybe of another machine.
        zip: true,
        json: false,
        language,
        key: KeyArgs::default(),
        who,
    }
}

/// Writes the package that is asked for; `tell` hears of each part.
pub(super) fn export(args: &Args, tell: Tell<'_>) -> anyhow::Result<Outcome> {
    let settings_file = args.settings.clone().unwrap_or_else(|| args.case.join(SETTINGS));
    let settings = settings(&settings_file, args.settings.is_some())?;
    tell(0, PARTS, "reading the case");
    let mut case = existing(&args.case)?;
    let signer = args.key.signer()?;
    if args.minisign && signer.is_none() {
        return Err(UsageError("--minisign signs with --key or --agent".to_owned()).into());
    }
    tell(1, PARTS, "pictures and rasters of the findings");
    let derived = derive(&mut case, args)?;
    let flight = flight_files(args)?;
    let cameras = cameras(&case)?;
    let chain = args.tsa_chain.as_deref().map(read).transpose()?;
    let (person, at) = (args.who.name(), clock::now());
    let request = Request {
        profile: args.profile,
        settings: &settings,
        person: (&person, &args.who.role),
        at: &at,
        out: args.out.as_deref().unwrap_or(Path::new(".")),
        originals: &args.originals,
        flight: &flight,
        cameras: &cameras,
        program: env!("CARGO_PKG_VERSION"),
        signer: signer.as_deref(),
        tsa_chain: chain.as_deref(),
        minisign: args.minisign,
        zip: args.zip,
    };
    let wish = report::Wish {
        settings: &settings,
        language: args.language,
        concept: args.profile == Profile::Concept,
    };
    let mut pages = report::drafted(&case, &derived, &wish)?;
    tell(2, PARTS, "originals and their digests");
    let mut report = |folder: &Path| {
        tell(3, PARTS, "the report");
        report::of_package(&mut pages, folder)
    };
    Ok(evidence::export(&mut case, &request, &mut report)?)
}

/// Parts of an export that `tell` hears of.
const PARTS: u32 = 4;

/// Pictures and rasters of the findings, made in the case, where they stay.
fn derive(case: &mut Case, args: &Args) -> anyhow::Result<derive::Derived> {
    let derived = derive::derive_findings(case, &args.originals)?;
    output::message(&super::grouped::told("nothing derived from", &derived.skipped));
    let made = format!("{} files, {} spots masked", derived.derivations.len(), derived.masked);
    case.append_custody(&args.who.did("derive", derive::DERIVATIONS, "", &made))?;
    Ok(derived)
}

/// A case that is there; export makes none.
pub(super) fn existing(folder: &Path) -> anyhow::Result<Case> {
    drop(Case::open_read_only(folder)?);
    Ok(Case::open_or_create(folder)?)
}

/// What the operator states; nothing where no file was named and none is there.
pub(super) fn settings(file: &Path, named: bool) -> anyhow::Result<Settings> {
    if !named && !file.exists() {
        return Ok(Settings::default());
    }
    files::regular(file)?;
    let text = std::fs::read_to_string(file)
        .map_err(|error| BadInput(format!("{}: {error}", file.display())))?;
    Ok(Settings::from_text(file, text.trim_start_matches('\u{feff}'))?)
}

fn write_settings(file: &Path) -> anyhow::Result<Ending> {
    if file.exists() {
        return Err(BadInput(format!("{}: it is there already", file.display())).into());
    }
    files::write(file, evidence::TEMPLATE.as_bytes())?;
    output::text(&format!("{}\n", file.display()))?;
    Ok(Ending::Done)
}

pub(super) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    files::regular(path)?;
    Ok(std::fs::read(path).map_err(|error| BadInput(format!("{}: {error}", path.display())))?)
}

/// Mission and telemetry of each flight beside the case: `mission.plan`, `telemetry.tlog`, numbered
/// from the second on.
fn flight_files(args: &Args) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let mut folders = args.flight.clone();
    if folders.is_empty() {
        folders.push(args.case.with_extension("flight"));
        folders.extend((1..10_000).map(|n| args.case.with_extension(format!("flight-{n}"))));
        folders.retain(|folder| folder.is_dir());
    }
    let mut found = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for folder in folders {
        let entries = std::fs::read_dir(&folder)
            .map_err(|error| BadInput(format!("{}: {error}", folder.display())))?;
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths.into_iter().filter(|path| path.is_file()) {
            let end = path.extension().map_or_else(String::new, |end| end.to_string_lossy().into());
            let stem = match end.as_str() {
                "plan" | "waypoints" | "kmz" => "mission",
                "tlog" | "bin" | "ulg" => "telemetry",
                _ => continue,
            };
            let count = counts.entry(format!("{stem}.{end}")).or_default();
            *count += 1;
            let number = if *count > 1 { format!("-{count}") } else { String::new() };
            found.push((format!("{stem}{number}.{end}"), path));
        }
    }
    Ok(found)
}

/// Each camera of the run: what the table knows of its model, and what its first frame says of it.
fn cameras(case: &Case) -> anyhow::Result<serde_json::Value> {
    let table = CameraTable::builtin();
    let mut first = BTreeMap::new();
    for frame in case.frames()? {
        first.entry(frame.camera).or_insert((frame.file, frame.parameters));
    }
    let all: Vec<_> = first
        .iter()
        .map(|(id, (file, parameters))| {
            let identity = thermal::read_metadata(Path::new(file)).ok().map(|read| read.camera);
            json!({
                "camera": id,
                "model": table.by_id(id),
                "as_its_first_frame_says": identity,
                "radiometry_of_its_first_frame":
                    serde_json::from_str::<serde_json::Value>(parameters).ok(),
                "calibration": "not stated by the files; see the camera's own certificate",
            })
        })
        .collect();
    Ok(json!(all))
}

fn refused(args: &Args, missing: &[String]) -> anyhow::Result<Ending> {
    if args.json {
        output::json_line(&json!({
            "package": null, "profile": args.profile.name(), "missing": missing,
            "files": 0, "findings": null, "signed": false, "timestamped": false,
        }))?;
    } else {
        let listed: String = missing.iter().map(|what| format!("  {what}\n")).collect();
        output::text(&format!(
            "not exported: the profile `{}` does not go without\n{listed}",
            args.profile.name()
        ))?;
    }
    Ok(Ending::Incomplete)
}

fn written(args: &Args, package: &Package) -> anyhow::Result<Ending> {
    let folder = inspect::name_of(&package.folder);
    if args.json {
        output::json_line(&json!({
            "package": folder,
            "zip": package.zip.as_deref().map(inspect::name_of),
            "profile": args.profile.name(),
            "files": package.files,
            "findings": package.findings,
            "signed": package.signed.is_some(),
            "signer": package.signed,
            "timestamped": false,
            "sha256": package.sha256,
        }))?;
    } else {
        let signed = package.signed.as_ref().map_or_else(
            || "not signed: use --key, or sign the tag manifest yourself (VERIFY.txt)".to_owned(),
            |fingerprint| format!("signed with {fingerprint}"),
        );
        output::text(&format!(
            "{folder}: {} files, {} findings\n{signed}\nno time stamp yet: torenvalk stamp \
             {folder} --tsa URL, or --tsr FILE\n",
            package.files, package.findings
        ))?;
    }
    // Somebody still has to stamp it.
    Ok(Ending::Incomplete)
}
