//! A case → a package.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::case::{self, Case, Deed, FLIGHT_MANIFEST, FindingRow, FrameRow, RunSummary};
use crate::site::Site;

use super::bag::{Bag, TAG_MANIFEST};
use super::frames::{Original, Regimes};
use super::originals::{Finder, Origin};
use super::privacy;
use super::profile::{State, missing};
use super::settings::Outside;
use super::{
    Error, Profile, REMOVED, Settings, Signer, contents, digest, frames, minisign, names, sign,
    tags, timestamp, zip,
};

/// What is asked for.
pub struct Request<'a> {
    /// Whom it is for.
    pub profile: Profile,
    /// What the operator states.
    pub settings: &'a Settings,
    /// Who exports, and as what.
    pub person: (&'a str, &'a str),
    /// When, RFC 3339 in UTC.
    pub at: &'a str,
    /// Where the package's folder goes.
    pub out: &'a Path,
    /// More folders in which originals may lie.
    pub originals: &'a [PathBuf],
    /// Files of the flight: name under `flight/`, and where each is.
    pub flight: &'a [(String, PathBuf)],
    /// What is known of the cameras, for `method/camera.json`.
    pub cameras: &'a serde_json::Value,
    /// The program's version.
    pub program: &'a str,
    /// Who signs.
    pub signer: Option<&'a dyn Signer>,
    /// The authority's certificates, if the operator has them at hand.
    pub tsa_chain: Option<&'a [u8]>,
    /// Whether who signs does so for minisign, too.
    pub minisign: bool,
    /// Whether a zip is written beside the folder.
    pub zip: bool,
}

/// Makes the report from the folder `data/` as it is so far: name under `report/`, and bytes.
pub type MakeReport<'a> = &'a mut dyn FnMut(&Path) -> Result<Option<(String, Vec<u8>)>, String>;

/// How an export ended.
#[derive(Debug)]
pub enum Outcome {
    /// Nothing was written: these are missing.
    Refused(Vec<String>),
    /// The package is there.
    Written(Box<Package>),
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its folder.
    pub folder: PathBuf,
    /// The same in one file.
    pub zip: Option<PathBuf>,
    /// Files under `data/`.
    pub files: usize,
    /// Findings.
    pub findings: usize,
    /// The signing key's fingerprint.
    pub signed: Option<String>,
    /// SHA-256 of the tag manifest: what signature and time stamp are on.
    pub sha256: String,
}

/// What the case says, read once.
pub(super) struct Told {
    pub(super) run: RunSummary,
    pub(super) frames: Vec<FrameRow>,
    pub(super) findings: Vec<FindingRow>,
    pub(super) reviews: Vec<case::ReviewRow>,
    pub(super) manifest: String,
    pub(super) regimes: Regimes,
    pub(super) site: Option<Site>,
    pub(super) origin: Origin,
}

/// Writes a package. Nothing that is not whole ever has a package's name; the same request goes on
/// where an interrupted one was.
///
/// # Errors
/// [`Error`]; what was written so far stays under `NAME.partial`.
pub fn export(
    case: &mut Case,
    request: &Request<'_>,
    report: MakeReport<'_>,
) -> Result<Outcome, Error> {
    let log = case.custody_log()?;
    let told = told(case, &log)?;
    let (custody, _) = case::read_custody(&log).unwrap_or_default();
    let regime = |frame: &&FrameRow| told.regimes.at(frame.taken_at.as_deref());
    let missing = missing(
        request.profile,
        &State {
            settings: request.settings,
            findings: &told.findings,
            reviews: &told.reviews,
            custody: &custody,
            exporter: request.person.0,
            without_regime: told.frames.iter().filter(|f| regime(f) == frames::UNKNOWN).count(),
        },
    );
    if !missing.is_empty() {
        return Ok(Outcome::Refused(missing));
    }
    let sealed = case::read_flight_manifest(&told.manifest);
    // Seals made before the folders of somebody's disk were left out still have them.
    let sealed: Vec<_> =
        sealed.into_iter().map(|(sha256, name)| (sha256, told.origin.plain(name))).collect();
    let mut all = frames::originals(&told.frames, &sealed);
    if request.profile == Profile::Criminal {
        frames::by_regime(&mut all, &told.frames, &told.regimes);
    }
    let chosen = Chosen::of(&all, &told, &custody, request);
    let finder = Finder::new(case, &told.run.id, request.originals)?;
    let places = finder.places(&chosen.taken)?;
    let (name, supersedes) = name_of(case, &custody, request)?;
    let mut bag = Bag::begin(request.out, &name)?;
    for (original, place) in chosen.taken.iter().zip(&places) {
        bag.copy(&original.path, place, Some(&original.sha256))?;
    }
    case.append_custody(&deed(
        request,
        "export",
        &name,
        &digest::hex_sha256(told.manifest.as_bytes()),
        &format!(
            "profile {}, {} of {} originals, {} findings",
            request.profile.name(),
            chosen.taken.len(),
            all.len(),
            told.findings.len()
        ),
    ))?;
    let log = case.custody_log()?;
    contents::write(&mut bag, case, request, &told, &chosen, &log)?;
    if let Some((file, bytes)) = report(&bag.root().join("data")).map_err(Error::Report)? {
        bag.add(&format!("report/{}", names::plain(&file)), &bytes)?;
    }
    let package = seal(bag, case, request, &told, (&name, supersedes.as_deref()), &log)?;
    Ok(Outcome::Written(Box::new(package)))
}

fn told(case: &Case, log: &[u8]) -> Result<Told, Error> {
    let run = case.runs()?.into_iter().find(|run| run.current).ok_or(Error::NoRun)?;
    let manifest = case.seal(&run.id, FLIGHT_MANIFEST)?.ok_or(Error::NoSeal)?;
    let (custody, _) = case::read_custody(log).unwrap_or_default();
    let parameters: serde_json::Value =
        serde_json::from_str(&run.parameters).unwrap_or(serde_json::Value::Null);
    let origin = Origin::of_run(case, &run.id)?;
    Ok(Told {
        frames: plain_frames(case.frames()?, &origin),
        findings: origin.plain_findings(case.findings()?),
        reviews: case.reviews()?,
        manifest: String::from_utf8_lossy(&manifest).into_owned(),
        regimes: Regimes::of(&custody),
        site: parameters.get("site").and_then(|site| serde_json::from_value(site.clone()).ok()),
        origin,
        run,
    })
}

/// Frames whose files have names without the folders of somebody's disk.
fn plain_frames(mut frames: Vec<FrameRow>, origin: &Origin) -> Vec<FrameRow> {
    for frame in &mut frames {
        frame.file = origin.plain(&frame.file).to_owned();
    }
    frames
}

/// Which originals go along, and why others do not.
pub(super) struct Chosen {
    pub(super) taken: Vec<Original>,
    /// Frame → path of its original.
    pub(super) paths: BTreeMap<u32, String>,
    /// Frame → why its original is not there.
    pub(super) without: BTreeMap<u32, String>,
    /// Frames that a rule of privacy left out, with the rule.
    pub(super) masked: BTreeMap<u32, String>,
}

impl Chosen {
    fn of(
        all: &[Original],
        told: &Told,
        custody: &[case::CustodyLine],
        request: &Request<'_>,
    ) -> Self {
        let removed = |file: &str| {
            let line = custody
                .iter()
                .find(|line| line.action == REMOVED && told.origin.plain(&line.object) == file)?;
            Some(format!("removed by {}, recorded on {}", line.actor, line.at))
        };
        let mut masked = BTreeMap::new();
        if let Some(site) = &told.site
            && request.settings.privacy.frames_outside == Outside::LeaveOut
        {
            let rules = told
                .frames
                .iter()
                .filter_map(|frame| Some((frame.frame, privacy::left_out(site, frame)?)));
            masked.extend(rules);
        }
        let mut chosen =
            Self { taken: Vec::new(), paths: BTreeMap::new(), without: BTreeMap::new(), masked };
        for original in all {
            let frames: Vec<u32> = original.frames.iter().copied().chain(original.beside).collect();
            // A file of several frames stays behind only if all of them do.
            let rule = frames.iter().map(|frame| chosen.masked.get(frame)).collect::<Vec<_>>();
            let rule = rule.iter().all(Option::is_some).then(|| rule[0].cloned()).flatten();
            let why = match rule.or_else(|| removed(&original.file)) {
                Some(rule) => Some(rule),
                None if request.profile.holds_originals() => None,
                None => Some(format!("profile {}", request.profile.name())),
            };
            match why {
                Some(why) => {
                    let own = original.frames.iter().map(|&frame| (frame, why.clone()));
                    chosen.without.extend(own);
                }
                None => {
                    let own = original.frames.iter().map(|&frame| (frame, original.path.clone()));
                    chosen.paths.extend(own);
                    chosen.taken.push(original.clone());
                }
            }
        }
        chosen
    }
}

pub(super) fn deed(
    request: &Request<'_>,
    action: &str,
    object: &str,
    sha256: &str,
    reason: &str,
) -> Deed {
    Deed {
        at: request.at.to_owned(),
        actor: request.person.0.to_owned(),
        role: request.person.1.to_owned(),
        action: action.to_owned(),
        object: object.to_owned(),
        object_sha256: sha256.to_owned(),
        reason: reason.to_owned(),
    }
}

/// `EP-CASE_v1`, the first version that neither the folder nor the custody log has, and the one
/// that it supersedes.
fn name_of(
    case: &Case,
    custody: &[case::CustodyLine],
    request: &Request<'_>,
) -> Result<(String, Option<String>), Error> {
    let from_folder =
        case.folder().file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
    let number = &request.settings.case_number;
    let stem =
        format!("EP-{}", names::plain(if number.is_empty() { &from_folder } else { number }));
    let version = |name: &str| name.strip_prefix(&stem)?.strip_prefix("_v")?.parse::<u32>().ok();
    let mut versions: BTreeSet<u32> = custody
        .iter()
        .filter(|line| line.action == "exported")
        .filter_map(|line| version(&line.object))
        .collect();
    fs::create_dir_all(request.out).map_err(|source| Error::io(request.out, source))?;
    for entry in fs::read_dir(request.out).map_err(|source| Error::io(request.out, source))? {
        let name = entry.map_err(|source| Error::io(request.out, source))?.file_name();
        let name = name.to_string_lossy();
        versions.extend(version(name.strip_suffix(".zip").unwrap_or(&name)));
    }
    let last = versions.last().copied();
    let next = last.unwrap_or(0).saturating_add(1);
    Ok((format!("{stem}_v{next}"), last.map(|last| format!("{stem}_v{last}"))))
}

/// Manifests, signature, request for a time stamp, and the name.
fn seal(
    bag: Bag,
    case: &mut Case,
    request: &Request<'_>,
    told: &Told,
    (name, supersedes): (&str, Option<&str>),
    log: &[u8],
) -> Result<Package, Error> {
    let info = tags::bag_info(&bag, request, told, (name, supersedes), log)?;
    let flight_signers = case.seal(&told.run.id, "allowed_signers")?;
    let signers = tags::allowed_signers(request.signer, flight_signers.as_deref())?;
    let mut tag_files = tags::files(name, request, &signers, log);
    let for_minisign = request.signer.filter(|_| request.minisign);
    if let Some(signer) = for_minisign {
        let key = minisign::public_key(signer.public_key())?;
        tag_files.push((minisign::PUBLIC_KEY, key.into_bytes()));
    }
    let manifest = bag.close(&info, &tag_files)?;
    let mut signed = None;
    if let Some(signer) = request.signer {
        let signature = signer.sign(sign::PACKAGE_NAMESPACE, &manifest)?;
        bag.beside(&format!("{TAG_MANIFEST}.sig"), signature.as_bytes())?;
        signed = Some(sign::fingerprint(signer.public_key()));
    }
    if let Some(signer) = for_minisign {
        let signature = minisign::sign(signer, &manifest, &minisign::comment(name))?;
        bag.beside(&format!("{TAG_MANIFEST}{}", minisign::ENDING), signature.as_bytes())?;
    }
    let stamp = timestamp::request(&digest::sha256(&manifest));
    bag.beside(&format!("{TAG_MANIFEST}.tsq"), &stamp)?;
    let files = bag.payload().len();
    let folder = bag.finish()?;
    let zip = if request.zip { Some(zip::write(&folder, name)?) } else { None };
    let sha256 = digest::hex_sha256(&manifest);
    let how = if signed.is_some() { "signed" } else { "not signed" };
    case.append_custody(&deed(request, "exported", name, &sha256, how))?;
    Ok(Package { folder, zip, files, findings: told.findings.len(), signed, sha256 })
}
