//! Files that arrive in a folder: from a card, a share, or a vehicle.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Error;

/// A file that has not grown for so long has arrived: a copy over a slow share may pause.
const QUIET: Duration = Duration::from_millis(300);
/// Endings of files that hold frames.
const ENDINGS: [&str; 10] =
    ["jpg", "jpeg", "tif", "tiff", "irg", "seq", "csq", "png", "rjpeg", "fff"];

/// Whether a file of this name holds frames.
pub(super) fn is_frame(name: &str) -> bool {
    let end = name.rsplit_once('.').map(|(_, end)| end.to_lowercase());
    end.is_some_and(|end| ENDINGS.contains(&end.as_str()))
}

/// A folder that is watched.
#[derive(Debug)]
pub struct Arrivals {
    folder: PathBuf,
    /// Size when it was seen last to have changed, and when that was; `None` once handed out.
    seen: BTreeMap<PathBuf, Option<(u64, Duration)>>,
}

impl Arrivals {
    /// Of a folder, which may come into being later.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), seen: BTreeMap::new() }
    }

    /// Files that have arrived since this was asked last, by name.
    ///
    /// # Errors
    /// [`Error::Watch`].
    pub fn look(&mut self, now: Duration) -> Result<Vec<PathBuf>, Error> {
        let wrong = |source| Error::Watch { folder: self.folder.clone(), source };
        let entries = match std::fs::read_dir(&self.folder) {
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(wrong)?,
        };
        let mut arrived = Vec::new();
        for entry in entries {
            let path = entry.map_err(wrong)?.path();
            if !path.file_name().is_some_and(|name| is_frame(&name.to_string_lossy())) {
                continue;
            }
            // One that is gone again, or not readable yet, is looked at the next time.
            let Ok(about) = path.metadata() else { continue };
            let size = about.len();
            match self.seen.get_mut(&path) {
                None => {
                    self.seen.insert(path, Some((size, now)));
                }
                Some(None) => {}
                Some(Some((old, since))) if *old != size => (*old, *since) = (size, now),
                Some(waiting) => {
                    let quiet =
                        waiting.is_some_and(|(_, since)| now.saturating_sub(since) >= QUIET);
                    if quiet && size > 0 {
                        *waiting = None;
                        arrived.push(path);
                    }
                }
            }
        }
        arrived.sort();
        Ok(arrived)
    }

    /// Files that are seen and not handed out yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.seen.values().filter(|waiting| waiting.is_some()).count()
    }
}
