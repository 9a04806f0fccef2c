//! Files that are there whole or not at all.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::Error;

/// Ending of a file that is still being written; a crash may leave one behind.
pub(super) const UNFINISHED: &str = ".new";

/// The name under which a file is written before it gets its own.
pub(super) fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(UNFINISHED);
    PathBuf::from(name)
}

/// Whether a file must survive a power cut, or only a kill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lasting {
    /// Forced to disk before it gets its name.
    PowerCut,
    /// Made anew at little cost; thousands of them are not worth a wait for the disk each.
    Kill,
}

/// Writes a file under another name, then gives it its own.
pub(super) fn replace(
    path: &Path,
    lasting: Lasting,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Error> {
    let beside = unfinished(path);
    let written = File::create(&beside).and_then(|file| {
        let mut buffer = BufWriter::with_capacity(1 << 16, file);
        write(&mut buffer)?;
        let file = buffer.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        if lasting == Lasting::PowerCut { file.sync_all() } else { Ok(()) }
    });
    if let Err(source) = written.and_then(|()| fs::rename(&beside, path)) {
        // What was there before is untouched; the unfinished file only takes up room.
        let _ = fs::remove_file(&beside);
        return Err(Error::io(path, source));
    }
    if lasting == Lasting::PowerCut { sync_folder_of(path) } else { Ok(()) }
}

/// Makes a rename in a folder survive a power cut. Only Unix lets a folder be opened for that.
pub(super) fn sync_folder_of(path: &Path) -> Result<(), Error> {
    if cfg!(unix)
        && let Some(folder) = path.parent()
    {
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|source| Error::io(folder, source))?;
    }
    Ok(())
}

/// Creates a folder and those above it.
pub(super) fn create_folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|source| Error::io(path, source))
}
