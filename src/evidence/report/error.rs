//! Why there is no report.

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing in the case says when anything happened.
    #[error("nothing tells the report's date; state report_date in evidence.toml (YYYY-MM-DD)")]
    NoDate,
    /// The pages could not be set.
    #[error("the report could not be set: {0}")]
    Typeset(String),
}
