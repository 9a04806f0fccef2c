//! A multirotor that speaks MAVLink as ArduPilot or PX4 does, and takes pictures.
//!
//! | file | what |
//! |---|---|
//! | `params` | what can be varied, and what it does wrong on purpose |
//! | `manners` | in what ArduPilot and PX4 differ, as values |
//! | `engine` | bytes and time in, bytes and pictures out |
//! | `body` | motion, wind, battery, the receiver's error |
//! | `place` | degrees and metres around the start |
//! | `pilot` | modes, and a mission step by step |
//! | `camera` | triggers and gimbal |
//! | `shot` | a picture that was taken |
//! | `lists` | mission, fence and rally points |
//! | `commands` | commands and what becomes of them |
//! | `parameters` `files` `terrain` | parameters; files and logs; heights of the ground |
//! | `telemetry` | what it tells of itself, and how often |
//! | `recorder` | its own log |
//! | `path` | a link that loses, doubles, swaps and delays |
//! | `film` | shots → frames of a scene |
//!
//! *Invariant*: it owns no socket, file, clock, thread or randomness but its seed's.

mod body;
mod camera;
mod commands;
mod engine;
mod files;
mod film;
mod lists;
mod manners;
mod parameters;
mod params;
mod path;
mod pilot;
mod place;
mod recorder;
mod shot;
mod telemetry;
mod terrain;

pub use engine::{Output, Vehicle};
pub use files::{Card, NoCard};
pub use film::Film;
pub use params::{Autopilot, Misdeeds, Start, VehicleParams};
pub use path::{Path, PathFaults};
pub use shot::Shot;
