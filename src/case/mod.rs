//! The case folder, and its only writer.
//!
//! *Invariant*: this room never deletes or edits what was recorded.

mod folder;
mod record;

pub use folder::{Case, Error};
pub use record::{FrameRecord, Outcome, Run, RunId, ShardResult, Skipped};
