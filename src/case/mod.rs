//! The case folder, and its only writer.
//!
//! | in the folder | what |
//! |---|---|
//! | `case.gpkg` | GeoPackage: layers, inputs, runs, reviews; SQLite with a write-ahead log |
//! | `findings.geojson`, `findings.csv` | findings of the latest run, up to a review that is told |
//! | `thumbs/` | small pictures of frames |
//! | `flat-fields/` | what sensors add to all pictures of a flight, in kelvin |
//! | `seal/RUN/` | what a run's flight consisted of, signed and with a request for a time stamp |
//! | `derived/` | pictures and rasters made from originals, each with its derivation |
//! | `evidence.toml` | what only people know: mandate, legal basis, clock; written by hand |
//! | `work/RUN/` | shards of a run that is not committed yet |
//! | `lock` | held by the process that works on the case; empty |
//!
//! Rows of all runs stay, each with its run; those of the latest asked for have `current = 1`. No
//! file holds the time of writing, so the same runs in the same order give the same bytes.
//!
//! *Invariant*: this room never deletes or edits what was recorded.

mod atomic;
mod by_hand;
mod carried;
mod csv;
mod custody;
mod decided;
mod derived;
mod error;
mod finding_row;
mod folder;
mod footprints;
mod frame_row;
mod geojson;
mod geometry;
mod handed_over;
mod index;
mod left_behind;
mod looking;
mod masks;
mod nearby;
mod read;
mod record;
mod review_book;
mod rows;
mod schema;
mod seal;
mod shard;
mod spotted;
mod store;
mod track;
mod written;

pub use csv::write_findings_csv;
pub use custody::{CUSTODY_START, CustodyLine, Deed, read_custody};
pub use decided::{Decided, Decisions, Says};
pub use error::Error;
pub use finding_row::FindingRow;
pub use folder::Case;
pub use footprints::Ring;
pub use frame_row::{FrameRow, InputRow, ReviewRow, SightingRow};
pub use geojson::{findings_geojson, write_findings_geojson};
pub use left_behind::LeftBehind;
pub use masks::MaskRow;
pub use nearby::same_place;
pub use read::{ReadOnlyCase, RunSummary};
pub use record::{FrameRecord, LogRecord, Outcome, Review, Run, RunId, ShardResult, Skipped};
pub use review_book::{Made, ReviewBook, Written};
pub use seal::{FLIGHT_MANIFEST, Sealed, flight_manifest, read_flight_manifest, unsealed_json};
#[doc(hidden)]
pub use shard::decode as decode_shard;
pub use spotted::SpotRow;
