//! MAVLink bytes and their meanings, on the wire and in a `.tlog`, by the same code.
//!
//! | file | what |
//! |---|---|
//! | `id` | system and component numbers |
//!
//! *Invariant*: this room never keeps protocol state.

mod id;

pub use id::{ComponentId, SystemId};
