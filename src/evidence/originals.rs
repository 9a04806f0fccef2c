//! Where originals lie now.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::case::{Case, RunId};

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
}

/// Looks for originals.
pub(super) struct Finder {
    roots: Vec<PathBuf>,
}

impl Finder {
    pub(super) fn new(case: &Case, run: &RunId, more: &[PathBuf]) -> Result<Self, Error> {
        let mut roots = more.to_vec();
        let origin = case.seal(run, ORIGIN)?;
        let origin = origin.and_then(|bytes| serde_json::from_slice::<Origin>(&bytes).ok());
        roots.extend(origin.map(|origin| origin.folder));
        roots.push(PathBuf::new());
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
                let place = root.join(name);
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
