//! Every message that is spoken, field by field, as on the wire.
//!
//! | file | what |
//! |---|---|
//! | `layout` | how fields lie behind each other |
//! | `any` | any of the messages below, or one that is not known |
//! | `text` | texts in fields of fixed length |
//! | `state` | how a vehicle is, and where |
//! | `link` | the link itself: clocks, radio, intervals |
//! | `lists` | missions, fences, rally points |
//! | `command` `parameter` `file` | commands, parameters, files and logs |
//! | `camera` `gimbal` `terrain` `remote_id` | what these are told and tell |
//!
//! *Invariant*: a number here is what the sender wrote; nothing is refused.

mod any;
mod camera;
mod command;
mod file;
mod gimbal;
mod layout;
mod link;
mod lists;
mod parameter;
mod remote_id;
mod state;
mod terrain;
mod text;

pub use any::Packet;
pub use camera::*;
pub use command::*;
pub use file::*;
pub use gimbal::*;
pub(super) use layout::Field;
pub use layout::Layout;
pub use link::*;
pub use lists::*;
pub use parameter::*;
pub use remote_id::*;
pub use state::*;
pub use terrain::*;
pub use text::{fixed_text, text_of};
