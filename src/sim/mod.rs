//! A vehicle and a thermal camera over a scene with known truth.
//!
//! | file | what |
//! |---|---|
//! | `params` | what can be varied |
//! | `draws` | random numbers from an integer hash, and value noise |
//! | `shape` | areas on the ground in metres |
//! | `scene` | ground, assets and planted spots |
//! | `flight` | where the camera was, and where its files will say it was |
//! | `view` | a pixel of a posed camera ↔ the flat ground |
//! | `render` | scene + pose → temperatures as the camera sees them |
//! | `planck` | temperatures → raw counts by the FLIR formula |
//! | `tags` | EXIF and XMP |
//! | `rjpeg`, `tiff` | frames as files |
//! | `log` | the way of a flight as its vehicle would log it |
//! | `log_dataflash`, `log_tlog`, `log_text` | logs as files |
//! | `truth` | the whole flight, written |
//! | `score` | findings against the truth |
//! | `sightings` | a flight without pixels: what a detector would report |
//! | `vehicle/` | a multirotor that speaks MAVLink and takes pictures |
//! | `port` | a socket as a vehicle has it |
//! | `serve` | a vehicle behind a port, its pictures in a folder |
//!
//! *Invariant*: this room is used by nothing but `cli` and tests.

mod draws;
mod flight;
mod log;
mod log_dataflash;
mod log_text;
mod log_tlog;
mod params;
mod planck;
mod port;
mod render;
mod rjpeg;
mod scene;
mod score;
mod serve;
mod shape;
mod sightings;
mod tags;
mod tiff;
mod truth;
pub mod vehicle;
mod view;

pub use flight::{Flight, FlownFrame, Pose};
pub use params::{
    Camera, ErrorSigmas, FileFormat, FlightPlan, Ground, LogKind, LogPlan, Params, PoseErrors,
    SpotParams,
};
pub use port::Port;
pub use scene::{PlantedSpot, RoundAsset, Scene};
pub use score::{FalseFinding, Match, Missed, Score, score};
pub use serve::{Served, Server, ServerParams};
pub use sightings::{SightingParams, Sightings, Thing};
pub use truth::{Truth, write_flight};
