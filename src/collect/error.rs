//! What goes wrong while a flight is collected.

use std::path::PathBuf;

/// Why something was not collected.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A recording cannot be written.
    #[error("{file}: {source}", file = file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A folder cannot be watched.
    #[error("{folder}: {source}", folder = folder.display())]
    Watch {
        /// The folder.
        folder: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// Inspecting what has arrived.
    #[error(transparent)]
    Inspect(#[from] crate::inspect::Error),
}
