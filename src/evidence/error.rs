//! What can go wrong with a package.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::case;

/// What can go wrong with a package.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system said no.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// There is no room to write.
    #[error(
        "{path}: the disk is full; free some room and run the same command again, it goes on from \
         there",
        path = path.display()
    )]
    Full {
        /// What was being written.
        path: PathBuf,
    },
    /// The case.
    #[error(transparent)]
    Case(#[from] case::Error),
    /// An original is not what came in.
    #[error(
        "{path}: changed since it came in: its SHA-256 is {found}, it was {expected}; nothing was \
         exported", path = path.display()
    )]
    Changed {
        /// The file.
        path: PathBuf,
        /// Of now.
        found: String,
        /// Of then.
        expected: String,
    },
    /// Originals that are nowhere.
    #[error(
        "{} of the originals cannot be found, the first is `{first}`; name the folder they lie in \
         with --originals",
        count
    )]
    Missing {
        /// How many.
        count: usize,
        /// One of them, as it was named.
        first: String,
    },
    /// A run without a seal.
    #[error(
        "the case's current run has no flight seal: it was made by an older version; run the same \
         `inspect` command again, which adds it"
    )]
    NoSeal,
    /// A case without a run.
    #[error("the case holds no run yet; `inspect` makes one")]
    NoRun,
    /// A settings file that cannot be used.
    #[error("{path}: {reason}", path = path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong and where.
        reason: String,
    },
    /// A key that cannot be used.
    #[error("{path}: {reason}", path = path.display())]
    Key {
        /// The key's file, or the agent.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// What was given is no package.
    #[error("{path}: {reason}", path = path.display())]
    NotAPackage {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A time stamp that does not fit.
    #[error("the time stamp's reply is of no use: {0}")]
    Stamp(String),
    /// The report could not be made.
    #[error("the report could not be made: {0}")]
    Report(String),
}

impl Error {
    /// Sorts out what a person can do something about.
    pub(super) fn io(path: &Path, source: std::io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Self::Full { path }
            }
            _ => Self::Io { path, source },
        }
    }
}
