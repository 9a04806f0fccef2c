//! Mission files: which format it is, and its limits.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::{Error, Fault, Mission, plan, waypoints};

/// Largest file that is read: 65,535 items of a `.plan` with all their blanks take 30 MB.
const LARGEST_FILE_BYTES: u64 = 32 << 20;

/// Reads a `.plan` or a `.waypoints` file; what is inside decides, not the name.
///
/// # Errors
/// [`Error`] names the file, the field, what it holds and what is known.
pub fn read(path: &Path) -> Result<Mission, Error> {
    let io = |source| Error::Io { file: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(io)?;
    file.take(LARGEST_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > LARGEST_FILE_BYTES {
        let known = format!("{} MiB are read at most", LARGEST_FILE_BYTES >> 20);
        return Err(Fault::new("the file", "is larger", known).of_file(path));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let place = format!("byte {}", error.utf8_error().valid_up_to());
        Fault::new(place, "is no UTF-8", "mission files are text").of_file(path)
    })?;
    from_text(path, &text)
}

/// As [`read`], of a file's text; `path` is for messages.
///
/// # Errors
/// As [`read`].
pub fn from_text(path: &Path, text: &str) -> Result<Mission, Error> {
    let start = text.trim_start_matches('\u{FEFF}').trim_start();
    let mission = if start.starts_with('{') { plan::read(start) } else { waypoints::read(text) };
    mission.map_err(|fault| fault.of_file(path))
}
