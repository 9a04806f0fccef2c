//! PX4's log on board, ULog: `.ulg`.
//!
//! | file | what |
//! |---|---|
//! | `header` | the first bytes, and flags that forbid to read on |
//! | `definition` | formats: what the log tells of its own rows |
//! | `records` | the walk over records, and the way on after damage |
//! | `topic` | what a row says |
//! | `track` | rows to tracks |
//!
//! Layout: PX4 developer guide, "ULog file format"; topics: PX4-Autopilot, folder `msg`.
//!
//! *Invariant*: nothing here copies the log, and nothing is allocated that the file did not pay
//! for.

mod definition;
mod header;
mod records;
mod topic;
mod track;

pub use definition::{Field, Topic};
pub use header::{Header, Refused};
pub use records::{Record, Records, Row};
pub use track::read;

/// Whether bytes begin as a ULog.
#[must_use]
pub fn is_ulog(head: &[u8]) -> bool {
    head.starts_with(&header::MAGIC)
}
