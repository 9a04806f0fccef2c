//! Why there is no report.

use std::path::PathBuf;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing in the case says when anything happened.
    #[error("nothing tells the report's date; state report_date in evidence.toml (YYYY-MM-DD)")]
    NoDate,
    /// What people state cannot be read.
    #[error("{path}: line {line}: {reason}", path = path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// The pages could not be set.
    #[error("the report could not be set: {0}")]
    Typeset(String),
}
