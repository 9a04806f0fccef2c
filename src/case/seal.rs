//! What a flight consisted of, written once when it came in.
//!
//! | in `seal/RUN/` | what |
//! |---|---|
//! | `flight-manifest-sha256.txt` | every file that was seen, also the dull and the unreadable |
//! | `unsealed.json` | what could not be read, and why |
//! | `origin.json` | the folder that file names are relative to; never leaves the case |
//! | `.sig`, `.tsq`, `.tsr` beside the manifest | who signed, and when it existed |

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use super::atomic::{self, Lasting, create_folder};
use super::{Case, Error, RunId, Skipped, shard};

/// The name of the manifest that is signed and stamped.
pub const FLIGHT_MANIFEST: &str = "flight-manifest-sha256.txt";
const SEALS: &str = "seal";

/// A file as it was when it came in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sealed {
    /// As the user named it.
    pub file: String,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
}

/// The manifest as `sha256sum` writes it, sorted by name; gives equal bytes for equal files.
///
/// What would break a line, a backslash too, is written like `\x0A`.
#[must_use]
pub fn flight_manifest(files: &[Sealed]) -> String {
    let mut lines: Vec<_> = files.iter().map(|file| (one_line(&file.file), &file.sha256)).collect();
    lines.sort();
    lines.dedup();
    lines.iter().fold(String::new(), |mut text, (file, sha256)| {
        writeln!(text, "{sha256}  {file}").expect("writing to memory does not fail");
        text
    })
}

fn one_line(name: &str) -> String {
    let mut line = String::new();
    for c in name.chars() {
        if c.is_control() || c == '\\' {
            write!(line, "\\x{:02X}", u32::from(c)).expect("writing to memory does not fail");
        } else {
            line.push(c);
        }
    }
    line
}

/// What a manifest lists: digest and name, in its order. Lines that are none are passed over.
#[must_use]
pub fn read_flight_manifest(text: &str) -> Vec<(&str, &str)> {
    text.lines().filter_map(|line| line.split_once("  ")).collect()
}

impl Case {
    /// Keeps one file of a run's seal. What is there already stays: the same bytes are no error.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Sealed`] where other bytes lie under that name.
    pub fn keep_seal(&self, run: &RunId, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.seal_path(run, name)?;
        match fs::read(&path) {
            Ok(there) if there == bytes => return Ok(()),
            Ok(_) => return Err(Error::Sealed { path }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io(&path, error)),
        }
        if let Some(folder) = path.parent() {
            create_folder(folder)?;
        }
        atomic::replace(&path, Lasting::PowerCut, |out| out.write_all(bytes))
    }

    /// A file of a run's seal; `None` if there is none.
    ///
    /// # Errors
    /// [`Error`].
    pub fn seal(&self, run: &RunId, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let path = self.seal_path(run, name)?;
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io(&path, error)),
        }
    }

    fn seal_path(&self, run: &RunId, name: &str) -> Result<PathBuf, Error> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
            return Err(Error::BadName(name.to_owned()));
        }
        Ok(self.folder().join(SEALS).join(shard::folder_name(run)).join(name))
    }
}

/// What could not be read, as it lies in the seal.
#[must_use]
pub fn unsealed_json(unread: &[Skipped]) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(unread).expect("text always serialises");
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_has_a_line_a_file_whatever_its_name() {
        let sealed = |file: &str| Sealed { file: file.to_owned(), sha256: "a".repeat(64) };
        let text = flight_manifest(&[sealed("b\nc"), sealed("a é.jpg"), sealed("a é.jpg")]);
        let a = "a".repeat(64);
        assert_eq!(text, format!("{a}  a é.jpg\n{a}  b\\x0Ac\n"));
        assert_eq!(read_flight_manifest(&text)[0], (a.as_str(), "a é.jpg"));
    }
}
