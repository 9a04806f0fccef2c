//! Files of a vehicle, read only.
//!
//! | file | what |
//! |---|---|
//! | `block` | one question or answer on the wire |
//! | `list` | what is in a folder |
//! | `read` | a file, by bursts |
//!
//! *Invariant*: nothing is ever written to a vehicle, and no session stays open.

mod block;
mod list;
mod read;

pub use list::{Entry, ListFolder};
pub use read::ReadFile;
