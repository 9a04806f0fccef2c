//! One file out of a ZIP archive, as KMZ packs it.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use super::read::LARGEST_FILE_BYTES;

/// Most entries of an archive.
const MOST_ENTRIES: usize = 10_000;

/// The first entry, in the archive's order, whose name in lower case `is` wanted.
///
/// # Errors
/// A sentence: no archive, no such entry, one that is too large or damaged.
pub(super) fn entry(bytes: &[u8], is: impl Fn(&str) -> bool) -> Result<Vec<u8>, String> {
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("it is no ZIP: {error}"))?;
    if archive.len() > MOST_ENTRIES {
        return Err(format!("{} files inside; {MOST_ENTRIES} are the most", archive.len()));
    }
    for index in 0..archive.len() {
        let file = archive.by_index(index).map_err(|error| format!("file {index}: {error}"))?;
        let name = file.name().map_err(|error| format!("file {index}: {error}"))?.to_lowercase();
        // Archives made on a Mac carry a shadow of each file.
        if name.starts_with("__macosx") || !is(&name) {
            continue;
        }
        let mut inside = Vec::new();
        let read = file.take(LARGEST_FILE_BYTES + 1).read_to_end(&mut inside);
        read.map_err(|error| format!("{name}: {error}"))?;
        if inside.len() as u64 > LARGEST_FILE_BYTES {
            return Err(format!("{name}: it unpacks to more than {LARGEST_FILE_BYTES} bytes"));
        }
        return Ok(inside);
    }
    Err("the file that is looked for is not inside".to_owned())
}
