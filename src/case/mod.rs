//! The case folder, and its only writer.
//!
//! | in the folder | what |
//! |---|---|
//! | `case.gpkg` | GeoPackage: layers, inputs, runs, reviews; SQLite with a write-ahead log |
//! | `findings.geojson`, `findings.csv` | findings of the latest run |
//! | `thumbs/` | small pictures of frames |
//! | `work/RUN/` | shards of a run that is not committed yet |
//! | `lock` | held by the process that works on the case; empty |
//!
//! Rows of all runs stay, each with its run; those of the latest asked for have `current = 1`. No
//! file holds the time of writing, so the same runs in the same order give the same bytes.
//!
//! *Invariant*: this room never deletes or edits what was recorded.

mod atomic;
mod csv;
mod error;
mod finding_row;
mod folder;
mod footprints;
mod geojson;
mod geometry;
mod index;
mod read;
mod record;
mod rows;
mod schema;
mod shard;
mod store;
mod track;

pub use csv::write_findings_csv;
pub use error::Error;
pub use finding_row::FindingRow;
pub use folder::Case;
pub use footprints::Ring;
pub use geojson::{findings_geojson, write_findings_geojson};
pub use read::{ReadOnlyCase, RunSummary};
pub use record::{FrameRecord, LogRecord, Outcome, Review, Run, RunId, ShardResult, Skipped};
#[doc(hidden)]
pub use shard::decode as decode_shard;
