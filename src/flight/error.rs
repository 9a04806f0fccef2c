//! Why a file gave no tracks at all.

use std::path::PathBuf;

/// Why a file gave no tracks at all. Damage that leaves something to read is no error: it stands in
/// [`Log::losses`](super::Log::losses).
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
    /// No format that is read begins like this.
    #[error(
        "{path}: this is no flight log that can be read; give a .tlog, a DataFlash .bin, a ULog, \
         a CSV table with a header, or GPX",
        path = path.display()
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// The format is known and nothing can be read.
    #[error("{path}, byte {offset}: {what}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Where, in bytes from the start of the file.
        offset: u64,
        /// Reason and remedy.
        what: String,
    },
}

/// What a format's reader answers when nothing can be read; `read` adds the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// In bytes from the start of the file.
    pub(super) offset: u64,
    /// Reason and remedy.
    pub(super) what: String,
}
