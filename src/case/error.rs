//! What can go wrong with a case.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// What can go wrong with a case.
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
        "{path}: the disk is full or a file may not grow further; free some room and run the same \
         command again, it goes on from there",
        path = path.display()
    )]
    Full {
        /// What was being written.
        path: PathBuf,
    },
    /// A write failed for another reason than a lack of room that the system would admit.
    #[error(
        "{path}: the system could not write ({source}); look whether the disk has room and is in \
         order, then run the same command again, it goes on from there",
        path = path.display()
    )]
    Unwritten {
        /// What was being written.
        path: PathBuf,
        /// The database's answer.
        source: rusqlite::Error,
    },
    /// The case may be read but not written.
    #[error(
        "{path}: this case cannot be written to; make its folder and files writable, or choose \
         another --case",
        path = path.display()
    )]
    ReadOnly {
        /// What was to be written.
        path: PathBuf,
    },
    /// Another process writes to this case.
    #[error(
        "{path}: another process is working on this case; wait for it or choose another --case",
        path = path.display()
    )]
    Locked {
        /// The case.
        path: PathBuf,
    },
    /// Written by a newer version.
    #[error(
        "{path}: the case has format version {found}, this program knows {known}; \
         use a newer torenvalk",
        path = path.display()
    )]
    Newer {
        /// The case.
        path: PathBuf,
        /// In the case.
        found: u32,
        /// Of this program.
        known: u32,
    },
    /// The folder holds something else.
    #[error("{path}: {reason}", path = path.display())]
    NotACase {
        /// The folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The database said no.
    #[error("{path}: {source}", path = path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// Its answer.
        source: rusqlite::Error,
    },
    /// A name that would leave its folder, or be none.
    #[error("`{0}` is no name for a file in a case; use letters, digits, `.`, `-` and `_`")]
    BadName(String),
    /// A seal that was made is not made anew.
    #[error(
        "{path}: this was sealed before with other content; what is sealed is never written over",
        path = path.display()
    )]
    Sealed {
        /// The file.
        path: PathBuf,
    },
    /// The custody log does not hang together: it was changed by something else than this program.
    #[error("{path}: line {line} of the custody log is broken: {reason}", path = path.display())]
    Custody {
        /// The case.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// A review of a finding that is not there.
    #[error("{path}: there is no finding {finding} of run {run}", path = path.display())]
    NoSuchFinding {
        /// The case.
        path: PathBuf,
        /// The run that was named.
        run: String,
        /// The finding that was named.
        finding: String,
    },
}

/// Extended result codes of failed writes: `SQLITE_IOERR_WRITE`, `_FSYNC`, `_DIR_FSYNC`,
/// `_TRUNCATE`, `_SHMSIZE` (sqlite.org/rescode.html). A quota or file size limit shows up here.
const WRITES: [i32; 5] = [778, 1034, 1290, 1546, 4874];

impl Error {
    /// Sorts out the failures that a person can do something about.
    pub(super) fn io(path: &Path, source: std::io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Self::Full { path }
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            _ => Self::Io { path, source },
        }
    }

    /// The same for what SQLite says.
    pub(super) fn database(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        if source.sqlite_error().is_some_and(|error| WRITES.contains(&error.extended_code)) {
            return Self::Unwritten { path, source };
        }
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { path },
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::NotACase { path, reason: format!("this is no intact GeoPackage ({source})") }
            }
            _ => Self::Database { path, source },
        }
    }
}
