//! Where originals lie now.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::case::{Case, FindingRow, RunId};

use super::frames::Original;
use super::{Error, digest};

/// The name of the file in a seal that tells what names are relative to.
pub const ORIGIN: &str = "origin.json";

/// What file names of a run are relative to. Stays in the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Version of this file.
    pub format_version: u32,
    /// The folder in which `inspect` was run.
    pub folder: PathBuf,
    /// The folder, with `/` at its end, that all files with a full path lie below. It says how
    /// somebody's disk is arranged and no more, so no seal and no package has it.
    #[serde(default)]
    pub base: String,
}

impl Origin {
    /// Of a run in a folder whose files have these names.
    #[must_use]
    pub fn of<'a>(folder: PathBuf, names: impl Iterator<Item = &'a str> + Clone) -> Self {
        let is_full = |name: &&str| name.starts_with('/') || name.get(1..3) == Some(":/");
        let folder_of = |name: &'a str| &name[..name.rfind('/').map_or(0, |at| at + 1)];
        let shared = names.clone().filter(is_full).map(folder_of).reduce(|one, other| {
            let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
            &one[..one.as_bytes()[..same].iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1)]
        });
        let mut origin = Self { format_version: 1, folder, base: shared.unwrap_or("").to_owned() };
        // Where two files would get one name, they keep their own.
        let all: BTreeSet<&str> = names.clone().collect();
        let plain: BTreeSet<&str> = names.map(|name| origin.plain(name)).collect();
        if plain.len() < all.len() {
            origin.base.clear();
        }
        origin
    }

    /// The origin of a run; one that says nothing for cases without.
    ///
    /// # Errors
    /// [`Error`] where the case cannot be read.
    pub fn of_run(case: &Case, run: &RunId) -> Result<Self, Error> {
        let kept = case.seal(run, ORIGIN)?;
        let kept = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let nothing = Self { format_version: 1, folder: PathBuf::new(), base: String::new() };
        Ok(kept.unwrap_or(nothing))
    }

    /// A file's name without the base.
    #[must_use]
    pub fn plain<'a>(&self, name: &'a str) -> &'a str {
        name.strip_prefix(self.base.as_str()).unwrap_or(name)
    }

    /// Findings whose frames have names without the base.
    #[must_use]
    pub fn plain_findings(&self, mut findings: Vec<FindingRow>) -> Vec<FindingRow> {
        for frame in findings.iter_mut().flat_map(|finding| &mut finding.frames) {
            *frame = self.plain(frame).to_owned();
        }
        findings
    }

    /// JSON text in which strings begin without the base.
    pub(super) fn plain_json(&self, text: &str) -> String {
        let quoted = serde_json::Value::from(self.base.as_str()).to_string();
        match self.base.is_empty() {
            true => text.to_owned(),
            false => text.replace(&quoted[..quoted.len() - 1], "\""),
        }
    }
}

/// Looks for originals.
pub(super) struct Finder {
    roots: Vec<PathBuf>,
}

impl Finder {
    pub(super) fn new(case: &Case, run: &RunId, more: &[PathBuf]) -> Result<Self, Error> {
        let mut roots = more.to_vec();
        let origin = Origin::of_run(case, run)?;
        roots.extend([PathBuf::from(origin.base), origin.folder, PathBuf::new()]);
        Ok(Self { roots })
    }

    /// Where each of them lies.
    pub(super) fn places(&self, originals: &[Original]) -> Result<Vec<PathBuf>, Error> {
        let mut places = Vec::new();
        let mut missing = Vec::new();
        for original in originals {
            match self.place(original)? {
                Some(place) => places.push(place),
                None => missing.push(original.file.clone()),
            }
        }
        match missing.first() {
            None => Ok(places),
            Some(first) => Err(Error::Missing { count: missing.len(), first: first.clone() }),
        }
    }

    /// By its name, then by its last part alone, under each root. Where several files have that
    /// name, the one with the right bytes.
    fn place(&self, original: &Original) -> Result<Option<PathBuf>, Error> {
        let file = Path::new(&original.file);
        let last = file.file_name().map(Path::new);
        let mut there: Vec<PathBuf> = Vec::new();
        for root in &self.roots {
            for name in [Some(file), last].into_iter().flatten() {
                // The same file by two ways is one, and need not be hashed twice.
                let Ok(place) = root.join(name).canonicalize() else { continue };
                if place.is_file() && !there.contains(&place) {
                    there.push(place);
                }
            }
        }
        if there.len() > 1 {
            for place in &there {
                let hashed = digest::of_file(place).map_err(|source| Error::io(place, source))?;
                if hashed.0 == original.sha256 {
                    return Ok(Some(place.clone()));
                }
            }
        }
        // A single one is hashed as it is copied, which says so if it has changed.
        Ok(there.into_iter().next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_the_folder_that_all_of_them_share() {
        for (names, plain) in [
            (&["/home/ann/f/a.jpg", "/home/ann/f/b.jpg"][..], &["a.jpg", "b.jpg"][..]),
            (&["/home/ann/f/a.jpg", "/home/ann/g/b.tlog"], &["f/a.jpg", "g/b.tlog"]),
            (&["/home/ann/f/a.jpg", "/home/anna/b.jpg"], &["ann/f/a.jpg", "anna/b.jpg"]),
            (&["C:/f/a.jpg", "C:/f/b.jpg", "c.jpg"], &["a.jpg", "b.jpg", "c.jpg"]),
            (&["/f/a.jpg", "a.jpg"], &["/f/a.jpg", "a.jpg"]),
            (&["f/a.jpg", "f/b.jpg"], &["f/a.jpg", "f/b.jpg"]),
            (&["/f/é/a.jpg", "/f/è/b.jpg"], &["é/a.jpg", "è/b.jpg"]),
        ] {
            let origin = Origin::of(PathBuf::new(), names.iter().copied());
            let found: Vec<_> = names.iter().map(|name| origin.plain(name)).collect();
            assert_eq!(found, plain);
        }
        let origin = Origin::of(PathBuf::new(), ["/a \"b\"/c.jpg"].into_iter());
        assert_eq!(origin.plain_json(r#"{"file":"/a \"b\"/c.jpg"}"#), r#"{"file":"c.jpg"}"#);
    }
}
