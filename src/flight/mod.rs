//! What a vehicle did, from its logs: time-ordered samples of one boot of one vehicle.
//!
//! | file | what |
//! |---|---|
//! | `track` | [`Track`], [`Log`] and what a track holds |
//! | `sample` | places, gimbals, fixes, camera events |
//! | `series` | samples in order of time; what lies between two of them |
//! | `query` | where the vehicle was, and how it stood, at an instant |
//! | `rotation` | quaternions, and turns between attitudes |
//! | `read` | what kind of log it is |
//! | `tlog` | a ground station's recording; `boots` its vehicles' clocks |
//! | `csv` | a table |
//! | `gpx` | places with a time |
//! | `builder` | a track from samples in any order, sound or not |
//! | `clock` | the camera's clock against the log's |
//! | `warning` | what was odd, counted |
//! | `error` | why a file gave no tracks at all |
//! | `stamps` | times in file order: sound, stray, or of a new start |
//! | `places` | places against each other: jumps, and none at all |
//! | `dataflash/` | reads ArduPilot's `.bin` |
//! | `ulog/` | reads PX4's `.ulg` |
//! | `utc` | GPS weeks, leap seconds, UTC against the log's clock |
//!
//! *Invariant*: this room never sees a pixel.

mod boots;
mod builder;
mod clock;
mod csv;
pub mod dataflash;
mod error;
mod gpx;
mod places;
mod query;
mod read;
mod rotation;
mod sample;
mod series;
mod stamps;
mod tlog;
mod track;
pub mod ulog;
mod utc;
mod warning;

pub use builder::TrackBuilder;
pub use clock::{
    Alternative, ClockEvidence, ClockFit, ClockParams, EventStamp, FrameMotion, FramePair,
    FramePlace, FrameStamp, LogMotion, LogPlace, Method, Reason, Verdict, fit_clock,
    fit_clock_by_events, fit_clock_by_motion, fit_clock_by_positions, fit_clock_given,
};
pub use error::Error;
pub use query::{AttitudeAt, GimbalAt, PositionAt, VelocityAt};
pub use read::{read, read_bytes, sniff};
pub use rotation::attitude_from_quaternion;
pub use sample::{
    CameraEvent, CameraEventKind, EventAttitude, EventClock, Fix, FixKind, Gimbal, Heights,
    Position, TerrainReport, YawFrame,
};
pub use series::{Between, Gap, LogTime, Series, Timed};
pub use track::{Autopilot, GapLimits, Log, LogFormat, Loss, PositionSource, Track, Vehicle};
pub use utc::{UtcOffset, UtcSample, UtcSource, leap_seconds, unix_s_from_gps};
pub use warning::{Oddity, Warning, Warnings};
