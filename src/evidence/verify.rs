//! Every check of a package, by name, with what it proves. Needs nothing but the package.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::source::Source;
use super::timestamp::Reply;
use super::{Error, checks_envelope, checks_inside, checks_signed};

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name.
    pub name: &'static str,
    /// Whether it passed; `None` if it could not be made.
    pub passed: Option<bool>,
    /// What was seen.
    pub detail: String,
    /// What it shows if it passed.
    pub proves: &'static str,
}

/// What is known from outside the package.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// The signer's fingerprint, from a website or a letter.
    pub fingerprint: Option<String>,
}

/// What verification saw.
#[derive(Debug)]
pub struct Verdict {
    /// The package's name, of its folder.
    pub name: String,
    /// All checks.
    pub checks: Vec<Check>,
    /// Whether there is a signature that holds.
    pub signed: bool,
    /// A time stamp's reply that fits; whether its own signature holds is for another to say.
    pub stamp: Option<Stamp>,
}

/// A time stamp to be checked with its authority's certificate.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// The bytes that were stamped.
    pub stamped: Vec<u8>,
    /// The reply's bytes.
    pub reply: Vec<u8>,
    /// What it says.
    pub says: Reply,
}

/// The name of the check that an authority's certificate completes.
pub const STAMP_CHECK: &str = "time_stamp";

/// A package as it is read, each file hashed once.
pub(super) struct Opened {
    pub(super) source: Source,
    /// Path → digest and length of every file, as it is now.
    pub(super) files: BTreeMap<String, (String, u64)>,
    /// Path → digest, as `manifest-sha256.txt` has it.
    pub(super) manifest: BTreeMap<String, String>,
    /// Fields of `bag-info.txt`.
    pub(super) info: BTreeMap<String, String>,
    pub(super) checks: Vec<Check>,
}

impl Opened {
    /// Adds a check: what was seen, or why it failed.
    pub(super) fn add(
        &mut self,
        name: &'static str,
        proves: &'static str,
        seen: Result<String, String>,
    ) {
        let (passed, detail) = match seen {
            Ok(detail) => (Some(true), detail),
            Err(detail) => (Some(false), detail),
        };
        self.checks.push(Check { name, passed, detail, proves });
    }

    /// Adds a check that could not be made.
    pub(super) fn left(&mut self, name: &'static str, proves: &'static str, why: &str) {
        self.checks.push(Check { name, passed: None, detail: why.to_owned(), proves });
    }

    pub(super) fn digest(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(|(sha256, _)| sha256.as_str())
    }
}

/// Checks a package: a folder or a zip of one.
///
/// # Errors
/// [`Error`] where there is nothing to check: no folder, no zip, no manifest. All that is wrong
/// with a package is in the verdict.
pub fn verify(path: &Path, expected: &Expected) -> Result<Verdict, Error> {
    let source = Source::open(path)?;
    if !source.has("manifest-sha256.txt") && !source.has("bagit.txt") {
        let reason = "this is no evidence package: neither bagit.txt nor a manifest".to_owned();
        return Err(Error::NotAPackage { path: path.to_owned(), reason });
    }
    let mut opened = Opened {
        source,
        files: BTreeMap::new(),
        manifest: BTreeMap::new(),
        info: BTreeMap::new(),
        checks: Vec::new(),
    };
    checks_envelope::check(&mut opened);
    let signed = checks_signed::package(&mut opened, expected);
    checks_signed::minisign(&mut opened);
    let stamp = checks_signed::stamp(&mut opened);
    checks_inside::check(&mut opened);
    checks_signed::flight(&mut opened);
    Ok(Verdict { name: opened.source.name, checks: opened.checks, signed, stamp })
}

impl Verdict {
    /// Whether no check failed.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.checks.iter().all(|check| check.passed != Some(false))
    }

    /// Sets how a check ended that somebody else made.
    pub fn complete(&mut self, name: &str, passed: Option<bool>, detail: String) {
        if let Some(check) = self.checks.iter_mut().find(|check| check.name == name) {
            (check.passed, check.detail) = (passed, detail);
        }
    }
}

/// Some of many, for a sentence.
pub(super) fn some(all: &[String]) -> String {
    const TOLD: usize = 3;
    let told = all.iter().take(TOLD).cloned().collect::<Vec<_>>().join(", ");
    match all.len() {
        more if more > TOLD => format!("{told} and {} more", more - TOLD),
        _ => told,
    }
}

/// Nothing wrong, or some of what is.
pub(super) fn none_of(wrong: &[String], fine: String) -> Result<String, String> {
    if wrong.is_empty() { Ok(fine) } else { Err(some(wrong)) }
}
