//! ArduPilot's log on board, DataFlash: `.bin`.
//!
//! | file | what |
//! |---|---|
//! | `records` | the walk over records, and the way on after damage |
//! | `format` | FMT, FMTU and MULT: what the log tells of its own records |
//! | `value` | one value of any format character |
//! | `kind` | which messages are read |
//! | `sample` | what a record says |
//! | `track` | records to tracks |
//!
//! Record layout: ArduPilot, `libraries/AP_Logger/README.md` and `LogStructure.h`. Scales are those
//! of pymavlink's `DFReader`.
//!
//! *Invariant*: nothing here copies the log, and no record is taken at its word beyond the bytes
//! that it has.

mod format;
mod kind;
mod records;
mod sample;
mod track;
mod value;

pub use format::{Field, Format};
pub use records::{Record, Records};
pub use track::read;
pub use value::Value;

/// Whether bytes begin as a DataFlash log: with the description of some record type.
#[must_use]
pub fn is_dataflash(head: &[u8]) -> bool {
    head.starts_with(&[0xA3, 0x95, format::FMT])
}
