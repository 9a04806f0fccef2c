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
//! | `find` | which vehicles are on a link |
//! | `signing` | signed links: whose frames are taken |
//! | `driver/` | the one driver: sockets, serial lines, the clock, recordings |
//!
//! *Invariant*: this room never decides where to fly.

mod adapt;
mod clear;
mod compare;
mod deliver;
mod download;
pub mod driver;
mod engine;
mod error;
mod find;
mod pace;
mod quirks;
mod signing;
mod upload;

pub use adapt::{from_vehicle, has_place, to_vehicle};
pub use clear::Clear;
pub use compare::{Difference, compare};
pub use deliver::{Deliver, Delivery, Lists};
pub use download::{Download, Downloaded};
pub use engine::{Engine, Peer, Received, Route, Step};
pub use error::{Error, list_name};
pub use find::{Find, Vehicle, vehicle_of};
pub use quirks::{ARDUPILOT, PX4, Quirks};
pub use signing::{Distrust, Signing};
pub use upload::{SILENT, STUCK, Upload, Uploaded};
