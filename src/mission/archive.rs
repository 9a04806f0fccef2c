//! ZIP archives, as KMZ files are.

use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::Fault;
use super::read::LARGEST_FILE_BYTES;

/// What every ZIP archive with anything in it begins with.
pub(super) const MAGIC: &[u8] = b"PK\x03\x04";
/// Most files inside.
const MOST_ENTRIES: usize = 10_000;

/// The text of the first file, in the archive's order, whose name in lower case is wanted; `None`
/// where there is none.
pub(super) fn text(bytes: &[u8], wanted: impl Fn(&str) -> bool) -> Result<Option<String>, Fault> {
    let damaged = |held: String| Fault::new("the archive", held, "a .kmz is a ZIP archive");
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(error.to_string()))?;
    if archive.len() > MOST_ENTRIES {
        let known = format!("{MOST_ENTRIES} are the most");
        return Err(Fault::new("the archive", format!("holds {} files", archive.len()), known));
    }
    for index in 0..archive.len() {
        let file = archive.by_index(index).map_err(|error| damaged(error.to_string()))?;
        let name = file.name().map_err(|error| damaged(error.to_string()))?.to_lowercase();
        // Archives made on a Mac carry a shadow of each file.
        if name.starts_with("__macosx") || !wanted(&name) {
            continue;
        }
        let mut inside = Vec::new();
        let read = file.take(LARGEST_FILE_BYTES + 1).read_to_end(&mut inside);
        read.map_err(|error| damaged(format!("{name}: {error}")))?;
        if inside.len() as u64 > LARGEST_FILE_BYTES {
            let known = format!("{} MiB are read at most", LARGEST_FILE_BYTES >> 20);
            return Err(Fault::new(name, "is larger", known));
        }
        let not_text = |_| Fault::new(name.clone(), "is no UTF-8", "it is text");
        return String::from_utf8(inside).map(Some).map_err(not_text);
    }
    Ok(None)
}

/// An archive of texts, the same bytes for the same texts.
pub(super) fn pack(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // The time of an entry is the format's own epoch, 1980.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    for (name, text) in files {
        let written = archive
            .start_file(*name, options)
            .and_then(|()| archive.write_all(text.as_bytes()).map_err(Into::into));
        written.expect("writing to memory cannot fail, and names are short");
    }
    archive.finish().expect("writing to memory cannot fail").into_inner()
}
