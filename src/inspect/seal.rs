//! Every file that a run saw, with its digest: frames and logs as they were read, and also what
//! gave nothing.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use crate::case::{Sealed, Skipped};

use super::{Summary, worker};

/// All files of a run by name, and those that cannot be read, with the reason.
#[must_use]
pub fn sealed(summary: &Summary) -> (Vec<Sealed>, Vec<Skipped>) {
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    files.extend(summary.frames.iter().map(|frame| (frame.file.as_str(), frame.sha256.clone())));
    files.extend(summary.logs.iter().map(|log| (log.file.as_str(), log.sha256.clone())));
    let mut unread = Vec::new();
    for skipped in &summary.skipped {
        if files.contains_key(skipped.file.as_str()) {
            continue;
        }
        match digest(Path::new(&skipped.file)) {
            Ok(Some(sha256)) => drop(files.insert(&skipped.file, sha256)),
            Ok(None) => {}
            Err(reason) => unread.push(Skipped { file: skipped.file.clone(), reason }),
        }
    }
    let one = |(file, sha256): (&str, String)| Sealed { file: file.to_owned(), sha256 };
    (files.into_iter().map(one).collect(), unread)
}

/// `None` for what has no bytes of its own: a folder.
fn digest(file: &Path) -> Result<Option<String>, String> {
    let about = std::fs::metadata(file).map_err(|error| error.to_string())?;
    if about.is_dir() {
        return Ok(None);
    }
    if !about.is_file() {
        return Err("neither a file nor a folder".to_owned());
    }
    File::open(file)
        .and_then(|mut file| worker::hash(&mut file))
        .map(|(sha256, _)| Some(sha256))
        .map_err(|error| error.to_string())
}
