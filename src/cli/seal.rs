//! What every ingest ends with: the flight's seal, and a line in the custody log.

use std::path::PathBuf;

use crate::case::{self, Case, FLIGHT_MANIFEST};
use crate::evidence::{self, FLIGHT_NAMESPACE, ORIGIN, Origin, Signer};
use crate::inspect::{self, Summary};

use super::signing;
use super::who::Who;

/// Who records a flight, and the key for its seal
#[derive(Debug, clap::Args)]
pub(super) struct SealArgs {
    /// Sign the flight's seal with this key (`torenvalk key new`)
    #[arg(long, value_name = "FILE")]
    seal_key: Option<PathBuf>,
    #[command(flatten)]
    pub(super) who: Who,
}

impl SealArgs {
    /// Who signs, if a key was named.
    pub(super) fn signer(&self) -> anyhow::Result<Option<Box<dyn Signer>>> {
        signing::signer(self.seal_key.as_deref())
    }
}

/// What the custody log calls it.
const INGEST: &str = "ingest";

/// Seals the files of a run, once; signed if there is a key. A run that was sealed before stays as
/// it is, but for what a killed process did not come to.
pub(super) fn seal(
    case: &mut Case,
    summary: &Summary,
    who: &Who,
    signer: Option<&dyn Signer>,
) -> anyhow::Result<()> {
    let run = &summary.run;
    if summary.frames.is_empty() && summary.skipped.is_empty() {
        return Ok(());
    }
    let manifest = match case.seal(run, FLIGHT_MANIFEST)? {
        Some(there) => there,
        None => {
            let (mut files, mut unread) = inspect::sealed(summary);
            let names = files.iter().map(|one| one.file.as_str());
            let names = names.chain(unread.iter().map(|one| one.file.as_str()));
            let origin = Origin::of(std::env::current_dir()?, names);
            let sealed = files.iter_mut().map(|one| &mut one.file);
            for name in sealed.chain(unread.iter_mut().map(|one| &mut one.file)) {
                *name = origin.plain(name).to_owned();
            }
            case.keep_seal(run, "unsealed.json", &case::unsealed_json(&unread))?;
            case.keep_seal(run, ORIGIN, &serde_json::to_vec(&origin)?)?;
            let manifest = case::flight_manifest(&files).into_bytes();
            case.keep_seal(run, FLIGHT_MANIFEST, &manifest)?;
            manifest
        }
    };
    let stamp = evidence::timestamp_request(&evidence::sha256(&manifest));
    case.keep_seal(run, &format!("{FLIGHT_MANIFEST}.tsq"), &stamp)?;
    let signature = format!("{FLIGHT_MANIFEST}.sig");
    if let Some(signer) = signer
        && case.seal(run, &signature)?.is_none()
    {
        let allowed = evidence::allowed_signer(signer.public_key())?;
        case.keep_seal(run, "allowed_signers", allowed.as_bytes())?;
        let signed = signer.sign(FLIGHT_NAMESPACE, &manifest)?;
        case.keep_seal(run, &signature, signed.as_bytes())?;
    }
    if !case.has_deed(INGEST, &run.0)? {
        let reason = format!(
            "{} frames, {} flight logs, {} skipped",
            summary.frames.len(),
            summary.logs.len(),
            summary.skipped.len()
        );
        case.append_custody(&who.did(INGEST, &run.0, &evidence::hex_sha256(&manifest), &reason))?;
    }
    Ok(())
}
