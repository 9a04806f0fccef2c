//! What a vehicle is told to do, as it is written down and as it goes over a link.
//!
//! | file | what |
//! |---|---|
//! | `item` | one item of a list as MAVLink carries it |
//!
//! *Invariant*: this room never opens a socket.

mod item;

pub use item::{Item, List};
