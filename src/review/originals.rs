//! Files of frames, found by the case's own rows and never by a name from outside, and whether they
//! still are what was inspected.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use crate::capture;
use crate::case::FrameRow;
use crate::derive;
use crate::evidence::hexadecimal;
use crate::thermal::{self, Frame, Overrides};

/// Whether a file still is what was inspected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Integrity {
    /// It has the hash that the case knows.
    Intact(PathBuf),
    /// A file is there, and it is another.
    Changed,
    /// No file is there.
    Missing,
}

impl Integrity {
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Intact(_) => "intact",
            Self::Changed => "changed",
            Self::Missing => "missing",
        }
    }
}

/// What tells a file's content apart without reading it.
type Mark = (u64, Option<SystemTime>);

/// Where originals lie, and the hashes that were worked out so far.
#[derive(Debug)]
pub(super) struct Originals {
    case: PathBuf,
    folders: Vec<PathBuf>,
    known: Mutex<HashMap<PathBuf, (Mark, String)>>,
}

impl Originals {
    /// Of a case whose originals may also lie in some folders.
    pub(super) fn of_case(case: &Path, folders: &[PathBuf]) -> Self {
        Self { case: case.to_owned(), folders: folders.to_vec(), known: Mutex::default() }
    }

    /// Looks for a frame's file and hashes it, unless it was hashed and has not changed since.
    pub(super) fn integrity(&self, row: &FrameRow) -> Integrity {
        let mut worst = Integrity::Missing;
        for place in derive::places(&row.file, &self.case, &self.folders) {
            match self.hash(&place) {
                Some(sha256) if sha256 == row.sha256 => return Integrity::Intact(place),
                Some(_) => worst = Integrity::Changed,
                None => {}
            }
        }
        worst
    }

    fn hash(&self, path: &Path) -> Option<String> {
        let about = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        let mark = (about.len(), about.modified().ok());
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((seen, sha256)) = known().get(path)
            && *seen == mark
        {
            return Some(sha256.clone());
        }
        let sha256 = hash_of(path).ok()?;
        known().insert(path.to_owned(), (mark, sha256.clone()));
        Some(sha256)
    }

    /// Reads a frame as its run did, but for what `overrides` says.
    ///
    /// # Errors
    /// Why it cannot be shown, in words.
    pub(super) fn frame(&self, row: &FrameRow, overrides: &Overrides) -> Result<Frame, String> {
        let path = match self.integrity(row) {
            Integrity::Intact(path) => path,
            Integrity::Changed => return Err(format!("{}: it changed since", row.file)),
            Integrity::Missing => return Err(format!("{}: it is not there", row.file)),
        };
        let mut options = derive::read_options(row);
        let kept = &mut options.overrides;
        kept.emissivity = overrides.emissivity.or(kept.emissivity);
        kept.reflected_c = overrides.reflected_c.or(kept.reflected_c);
        kept.distance_m = overrides.distance_m.or(kept.distance_m);
        kept.humidity_percent = overrides.humidity_percent.or(kept.humidity_percent);
        let frames = thermal::open(&path, &options).map_err(|error| error.to_string())?;
        frames
            .filter_map(Result::ok)
            .find(|frame| frame.index == row.index)
            .ok_or_else(|| format!("{}: it has no frame {}", row.file, row.index))
    }

    /// The visible picture beside a frame.
    pub(super) fn visible(&self, row: &FrameRow) -> Option<PathBuf> {
        let places = derive::places(&row.file, &self.case, &self.folders);
        places.iter().find_map(|place| capture::visible_beside(place))
    }
}

fn hash_of(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hexadecimal(&digest.finalize())),
            count => digest.update(&buffer[..count]),
        }
    }
}
