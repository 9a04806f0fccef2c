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
//! | `kept` | which parameters of an item each autopilot keeps |
//! | `deliver` | all lists sent, read back and compared |
//! | `command` `intervals` | commands, and how often messages come |
//! | `parameters` | parameters in both encodings |
//! | `ftp/` `logs` | files and logs of a vehicle |
//! | `camera` `gimbal` | what it sees with |
//! | `clocks` | how its clock lies against ours |
//! | `terrain` | heights of the ground, for a vehicle that asks |
//! | `remote_id` | who flies, told on consent |
//! | `find` | which vehicles are on a link |
//! | `signing` | signed links: whose frames are taken |
//! | `driver/` | the one driver: sockets, serial lines, the clock, recordings |
//!
//! *Invariant*: this room never decides where to fly.

mod adapt;
mod camera;
mod clear;
mod clocks;
mod command;
mod compare;
mod deliver;
mod download;
pub mod driver;
mod engine;
mod error;
mod find;
mod ftp;
mod gimbal;
mod intervals;
mod kept;
mod logs;
mod pace;
mod parameters;
mod quirks;
mod remote_id;
mod signing;
mod terrain;
mod upload;

pub use adapt::{from_vehicle, to_vehicle};
pub use camera::{Camera, CameraId, Cameras, Picture, take_pictures};
pub use clear::Clear;
pub use clocks::{ClockOffset, Clocks};
pub use command::{Accepted, Command, Commands, Place, Wanted, moves_or_arms};
pub use compare::{Difference, compare};
pub use deliver::{Deliver, Delivery, Lists};
pub use download::{Download, Downloaded};
pub use engine::{Engine, Peer, Received, Route, Step};
pub use error::{Error, list_name};
pub use find::{Find, Vehicle, vehicle_of};
pub use ftp::{Entry, ListFolder, ReadFile};
pub use gimbal::{Control, Gimbal, YawFrame, yaw_frame};
pub use intervals::message_interval;
pub use logs::{ListLogs, Log, ReadLog};
pub use parameters::{Encoding, Parameter, ReadParameters, SetParameter, Value};
pub use quirks::{ARDUPILOT, PX4, Quirks};
pub use remote_id::{Identity, RemoteId};
pub use signing::{Distrust, Signing};
pub use terrain::TerrainServer;
pub use upload::{SILENT, STUCK, Upload, Uploaded};
