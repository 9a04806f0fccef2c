//! The files that say what a package is and how to check it.

use std::collections::BTreeMap;

use serde_json::json;

use crate::case;

use super::bag::Bag;
use super::export::{Request, Told};
use super::{Error, Signer, frames, pretty, sign};

/// The layout that this program writes.
pub(super) const LAYOUT: &str = "torenvalk-evidence/1";
const CHECK_CUSTODY: &str = include_str!("texts/check-custody.sh");
const VERIFY: &str = include_str!("texts/VERIFY.txt");
const VERIFIEREN: &str = include_str!("texts/VERIFIEREN.txt");

/// Fields of `bag-info.txt`.
pub(super) fn bag_info(
    bag: &Bag,
    request: &Request<'_>,
    told: &Told,
    (name, supersedes): (&str, Option<&str>),
    log: &[u8],
) -> Result<Vec<(&'static str, String)>, Error> {
    let head = head(log);
    let mut regimes: BTreeMap<&str, usize> = BTreeMap::new();
    for frame in &told.frames {
        *regimes.entry(told.regimes.at(frame.taken_at.as_deref())).or_default() += 1;
    }
    let regimes: Vec<_> =
        regimes.iter().map(|(regime, frames)| format!("{regime} {frames} frames")).collect();
    let settings = request.settings;
    let signer = request.signer.map(|signer| {
        let key = signer.public_key();
        format!("{} {}", sign::identity(key), sign::fingerprint(key))
    });
    Ok(vec![
        ("Source-Organization", settings.organization.clone()),
        ("External-Identifier", name.to_owned()),
        ("Bagging-Date", request.at.get(..10).unwrap_or(request.at).to_owned()),
        ("Payload-Oxum", bag.oxum()),
        ("BagIt-Profile-Identifier", LAYOUT.to_owned()),
        ("Torenvalk-Version", request.program.to_owned()),
        ("Case-Number", settings.case_number.clone()),
        ("Mission-Id", settings.mission_id.clone()),
        ("Package-Profile", request.profile.name().to_owned()),
        ("Purpose", settings.purpose.clone()),
        ("Legal-Basis", settings.legal_basis.clone()),
        ("Mandate", settings.mandate.clone()),
        ("Regimes", regimes.join(", ")),
        ("Frames", told.frames.len().to_string()),
        ("Exported-By", format!("{} ({})", request.person.0, request.person.1)),
        ("Signed-By", signer.unwrap_or_default()),
        ("Custody-Head", head),
        ("Supersedes", supersedes.unwrap_or_default().to_owned()),
        ("Retention-Until", settings.retention_until.clone()),
    ])
}

fn head(log: &[u8]) -> String {
    case::read_custody(log).map(|(_, head)| head).unwrap_or_default()
}

/// Who may sign this package or its flight's seal, a line each.
pub(super) fn allowed_signers(
    signer: Option<&dyn Signer>,
    of_flight: Option<&[u8]>,
) -> Result<String, Error> {
    let mut lines = signer.map(|signer| sign::allowed_signer(signer.public_key()));
    let mut text = lines.take().transpose()?.unwrap_or_default();
    for line in String::from_utf8_lossy(of_flight.unwrap_or_default()).lines() {
        if !text.lines().any(|there| there == line) {
            text.push_str(line);
            text.push('\n');
        }
    }
    Ok(text)
}

/// Tag files by name.
pub(super) fn files(
    name: &str,
    request: &Request<'_>,
    allowed_signers: &str,
    log: &[u8],
) -> Vec<(&'static str, Vec<u8>)> {
    let key = request.signer.map(Signer::public_key);
    let filled = |text: &str| {
        text.replace("{NAME}", name)
            .replace("{IDENTITY}", &key.map_or("-".to_owned(), sign::identity))
            .replace("{FINGERPRINT}", &key.map_or("(not signed)".to_owned(), sign::fingerprint))
            .replace("{HEAD}", &head(log))
            .into_bytes()
    };
    let mut files = vec![
        ("VERIFY.txt", filled(VERIFY)),
        ("VERIFIEREN.txt", filled(VERIFIEREN)),
        ("verify/check-custody.sh", CHECK_CUSTODY.as_bytes().to_vec()),
        ("verify/profile.json", pretty(&profile())),
    ];
    if !allowed_signers.is_empty() {
        files.push(("verify/allowed_signers", allowed_signers.as_bytes().to_vec()));
    }
    if let Some(chain) = request.tsa_chain {
        files.push(("verify/tsa-chain.pem", chain.to_vec()));
    }
    files
}

/// The layout as a BagIt profile (bagit-profiles specification 1.3.0).
fn profile() -> serde_json::Value {
    let required = json!({"required": true, "repeatable": false});
    json!({
        "BagIt-Profile-Info": {
            "BagIt-Profile-Identifier": LAYOUT,
            "BagIt-Profile-Version": "1.3.0",
            "Source-Organization": "Torenvalk",
            "External-Description": "Evidence from a thermal drone inspection",
            "Version": "1",
        },
        "Bag-Info": {
            "External-Identifier": required,
            "Bagging-Date": required,
            "Payload-Oxum": required,
            "BagIt-Profile-Identifier": required,
            "Package-Profile": {
                "required": true,
                "values": super::Profile::ALL.map(super::Profile::name),
            },
            "Custody-Head": required,
        },
        "Manifests-Required": ["sha256"],
        "Tag-Manifests-Required": ["sha256"],
        "Allow-Fetch.txt": false,
        "Serialization": "optional",
        "Accept-Serialization": ["application/zip"],
        "Accept-BagIt-Version": ["1.0"],
        "Columns-Of-Frames": frames::COLUMNS,
    })
}
