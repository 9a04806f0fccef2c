//! Site files.

use std::path::{Path, PathBuf};

use super::Site;

/// Why a site file was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not readable.
    #[error("{file}: {source}", file = file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// Not a site; the reason has line and column where there are any.
    #[error("{file}: {reason}", file = file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// What is wrong and where.
        reason: String,
    },
}

/// Reads `site.toml` (with the GeoJSON it names, relative to it) or a GeoJSON file.
///
/// # Errors
/// [`Error`] names the file and the place.
pub fn read(path: &Path) -> Result<Site, Error> {
    Err(Error::Syntax { file: path.to_owned(), reason: "no reader".to_owned() })
}
