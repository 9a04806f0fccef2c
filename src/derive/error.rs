//! Why something could not be derived.

use crate::{case, thermal};

/// Why something could not be derived.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A raster could not be made.
    #[error("no raster of temperatures: {0}")]
    Raster(String),
    /// A picture could not be printed.
    #[error("no picture for the report: {0}")]
    Picture(String),
    /// There is nothing to derive from.
    #[error("the case holds no run yet; inspect something first")]
    NoRun,
    /// The case could not be read or written.
    #[error(transparent)]
    Case(#[from] case::Error),
    /// An original could not be read.
    #[error(transparent)]
    Original(#[from] thermal::Error),
}
