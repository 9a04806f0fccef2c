//! The one driver of all engines: sockets, a serial line, the clock, and a recording.
//!
//! | file | what |
//! |---|---|
//! | `address` | where a link goes |
//! | `clock` | the only clock of this room |
//! | `core` | what is done with each frame |
//! | `key` | the key for signing, from its file |
//! | `open` | a link that is open |
//! | `pump` | bytes in and out |
//! | `record` | the `.tlog` while it grows |
//! | `times` | the last time that a key signed at |
//!
//! *Invariant*: neither a slow disk nor a slow connection ever holds up what comes in.

mod address;
mod clock;
mod core;
mod key;
mod open;
mod pump;
mod record;
mod times;

pub use address::{Address, Socket};
pub use key::read_key;
pub use open::{Link, Params, Running, Traffic};
