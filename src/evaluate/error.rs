//! What can go wrong with labels and detections.

/// What can go wrong. Files are named as the caller named them.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A line of a text is not what it should be.
    #[error("{file}, line {line}: {what}")]
    Line {
        /// The file.
        file: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong, and what would be right.
        what: String,
    },
    /// A file as a whole is not what it should be.
    #[error("{file}: {what}")]
    File {
        /// The file.
        file: String,
        /// What is wrong, and what would be right.
        what: String,
    },
    /// There is more in one frame than can be compared.
    #[error("{file}: {what}, more than the {most} that are compared in one frame")]
    TooMany {
        /// The frame.
        file: String,
        /// What there is so much of, with its number.
        what: String,
        /// As many are allowed.
        most: usize,
    },
    /// A file of the run fits several of the truth, or the other way round.
    #[error("{file}: {what}")]
    Ambiguous {
        /// The file of the run.
        file: String,
        /// What it could be.
        what: String,
    },
}

impl Error {
    pub(super) fn line(file: &str, line: usize, what: impl Into<String>) -> Self {
        Self::Line { file: file.to_owned(), line, what: what.into() }
    }

    pub(super) fn file(file: &str, what: impl Into<String>) -> Self {
        Self::File { file: file.to_owned(), what: what.into() }
    }
}

/// Values that no plane has: far beyond any picture and any site.
const FARTHEST: f64 = 1e7;

/// A number that a place may have.
pub(super) fn sane(value: f64, what: &str) -> Result<f64, String> {
    if value.is_finite() && value.abs() <= FARTHEST {
        Ok(value)
    } else {
        Err(format!("{what} {value} is no number that a place or a contrast can have"))
    }
}
