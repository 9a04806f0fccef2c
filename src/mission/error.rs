//! Why a mission was refused.

use std::path::{Path, PathBuf};

/// Why a mission, fence or file was refused.
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
    /// The file is no mission, or not one that can be flown.
    #[error("{file}: {fault}", file = file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong and where.
        fault: Fault,
    },
    /// A list of items makes no sense.
    #[error("{0}")]
    Items(Fault),
}

/// One thing that is wrong: where, what is there, what could be there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place} {holds}; {known}")]
pub struct Fault {
    /// The field, or line and column.
    pub place: String,
    /// What it holds.
    pub holds: String,
    /// What is known.
    pub known: String,
}

impl Fault {
    /// A fault from its three parts.
    pub(super) fn new(
        place: impl Into<String>,
        holds: impl Into<String>,
        known: impl Into<String>,
    ) -> Self {
        Self { place: place.into(), holds: holds.into(), known: known.into() }
    }

    /// The error of a file.
    pub(super) fn of_file(self, file: &Path) -> Error {
        Error::File { file: file.to_owned(), fault: self }
    }
}
