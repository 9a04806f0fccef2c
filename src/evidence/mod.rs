//! Evidence packages: what is handed over, how it is signed and stamped, how it is verified.
//!
//! | file | what |
//! |---|---|
//! | `export` | a case → a package |
//! | `profile` `settings` | whom it is for, what it does not go without, what only people know |
//! | `bag` `tags` `zip` | the envelope: BagIt 1.0, what explains it, the same in one file |
//! | `contents` `frames` `findings` `originals` | what lies in it |
//! | `advice` | the organisation's own matrix and rules |
//! | `privacy` | which originals stay behind |
//! | `retention` | which originals are due for removal |
//! | `sign` `minisign` `agent` `timestamp` | who signed, and by when it existed |
//! | `report` | the pages that people read |
//! | `verify` `checks_*` | every check, by name |
//! | `source` `table` | a package as it is read back |
//!
//! *Invariant*: this room never works out a finding; it copies, hashes and, to verify, asks
//! `derive` whether a stated figure comes out again.

mod advice;
mod agent;
mod bag;
mod checks_again;
mod checks_envelope;
mod checks_inside;
mod checks_signed;
mod contents;
mod digest;
mod error;
mod export;
mod findings;
mod frames;
mod minisign;
mod names;
mod originals;
mod privacy;
mod profile;
pub mod report;
mod retention;
mod settings;
mod sign;
mod source;
mod table;
mod tags;
mod timestamp;
mod verify;
mod zip;

pub use advice::{Advice, MATRIX, Matrix, Placed, Rules};
pub use agent::{
    AgentKey, LONGEST_ANSWER, list_request, read_bare_signature, read_identities, read_signature,
    sign_bytes_request, sign_request,
};
pub use bag::{PARTIAL, TAG_MANIFEST};
pub use digest::{hex_sha256, hexadecimal, sha256};
pub use error::Error;
pub use export::{MakeReport, Outcome, Package, Request, export};
pub use minisign::check as check_minisign;
pub use originals::{ORIGIN, Origin};
pub use profile::{Profile, REGIME_SWITCH};
pub use retention::{Due, REMOVED, due};
pub use settings::{Awb548, Conditions, Criminal, Outside, Privacy, Retention, Settings, TEMPLATE};
pub use sign::{
    FLIGHT_NAMESPACE, KeyInMemory, PACKAGE_NAMESPACE, Signed, Signer, allowed_signer, fingerprint,
    identity, is_fingerprint, new_key, read_key,
};
pub use ssh_key::PublicKey;
pub use timestamp::{Reply, read_reply, request as timestamp_request};
pub use verify::{Check, Expected, STAMP_CHECK, Stamp, Verdict, verify};

/// JSON for people, with a line feed at its end.
fn pretty(value: &serde_json::Value) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("a JSON value always serialises");
    bytes.push(b'\n');
    bytes
}
