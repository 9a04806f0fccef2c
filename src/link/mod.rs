//! A vehicle spoken with: engines that know a protocol each and own no socket or clock, and one
//! driver that has both.
//!
//! | file | what |
//! |---|---|
//! | `engine` | what every engine is |
//! | `quirks` | how autopilots differ, in one table |
//! | `pace` | when something is sent again |
//! | `upload` `download` `clear` | one list: mission, fence or rally points |
//! | `adapt` | lists from and to a vehicle's own way of holding them |
//! | `compare` | what was sent against what was read back, in words |
//! | `deliver` | all lists sent, read back and compared |
//!
//! *Invariant*: this room never decides where to fly.

mod adapt;
mod clear;
mod compare;
mod deliver;
mod download;
mod engine;
mod error;
mod pace;
mod quirks;
mod upload;

pub use adapt::{from_vehicle, has_place, to_vehicle};
pub use clear::Clear;
pub use compare::{Difference, compare};
pub use deliver::{Deliver, Delivery, Lists};
pub use download::{Download, Downloaded};
pub use engine::{Engine, Peer, Received, Route, Step};
pub use error::{Error, list_name};
pub use quirks::{ARDUPILOT, PX4, Quirks};
pub use upload::{SILENT, STUCK, Upload, Uploaded};
