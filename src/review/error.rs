//! Why the page cannot be served.

use std::path::PathBuf;

use crate::case;

/// Why the page cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The case could not be read or written.
    #[error(transparent)]
    Case(#[from] case::Error),
    /// The address could not be had.
    #[error("{address}: {source}; choose another --port, or 0 for any that is free")]
    Address {
        /// The address.
        address: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A base map that cannot be shown.
    #[error("{path}: {reason}", path = path.display())]
    Layer {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The server itself failed.
    #[error("the server stopped: {0}")]
    Io(#[from] std::io::Error),
}
