//! One boot of one vehicle, and a file that holds one or more of them.

use std::borrow::Cow;

use nalgebra::Vector3;

use crate::geo::{Attitude, North};
use crate::wire::{ComponentId, SystemId};

use super::{
    CameraEvent, Fix, Gimbal, LogTime, Position, Series, TerrainReport, UtcOffset, UtcSample,
    Warning,
};

/// The kinds of log that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogFormat {
    /// MAVLink telemetry as a ground station recorded it.
    Tlog,
    /// ArduPilot's log on board.
    DataFlash,
    /// PX4's log on board.
    ULog,
    /// A table with a header.
    Csv,
    /// GPS exchange format.
    Gpx,
}

/// What flies the vehicle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Autopilot {
    /// ArduPilot.
    ArduPilot,
    /// PX4.
    Px4,
    /// Another, by its number in `MAV_AUTOPILOT`.
    Other(u8),
    /// The log does not tell.
    Unknown,
}

/// Whose track it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vehicle {
    /// Its number on the MAVLink network, where the log tells.
    pub system: Option<SystemId>,
    /// The component that flies it.
    pub component: Option<ComponentId>,
    /// What flies it.
    pub autopilot: Autopilot,
    /// `MAV_TYPE` of its heartbeat.
    pub mav_type: Option<u8>,
    /// Firmware, hardware or name, as the log writes it.
    pub name: Option<String>,
}

impl Vehicle {
    /// A vehicle that nothing is known of.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            system: None,
            component: None,
            autopilot: Autopilot::Unknown,
            mav_type: None,
            name: None,
        }
    }
}

/// Where the samples of [`Track::position`] come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PositionSource {
    /// The vehicle's estimator, which fuses receiver, inertia and air pressure.
    Estimator,
    /// A receiver: the log has no estimate.
    Receiver,
    /// A table or track of places whose making is not told.
    File,
}

/// The longest gaps that are bridged, in seconds.
///
/// Vehicles log attitude 4 to 250 times and places 1 to 10 times a second. Two seconds of a survey
/// are 10 to 20 m, which a straight line still meets within metres; a turn of the aircraft takes
/// about one second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GapLimits {
    /// Between places.
    pub position_s: f64,
    /// Between attitudes of the vehicle.
    pub attitude_s: f64,
    /// Between attitudes of the gimbal.
    pub gimbal_s: f64,
    /// Between velocities.
    pub velocity_s: f64,
}

impl Default for GapLimits {
    fn default() -> Self {
        Self { position_s: 2.0, attitude_s: 1.0, gimbal_s: 1.0, velocity_s: 2.0 }
    }
}

/// One vehicle from one start of its autopilot to the next, on one clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// Whose.
    pub vehicle: Vehicle,
    /// Which start within the file, from 0.
    pub boot: u32,
    /// UTC when the log's clock stood at zero; `None` where the log never learnt UTC.
    pub utc_s_at_zero: Option<UtcOffset>,
    /// Every UTC that the log tells, against the log's clock.
    pub utc: Series<UtcSample>,
    /// Which north its headings count from: all of them, since a vehicle has one compass.
    pub north: North,
    /// Attitude of the vehicle's body: forward, right, down against north, east, down.
    pub attitude: Series<Attitude>,
    /// Where the gimbals point.
    pub gimbal: Series<Gimbal>,
    /// Where the vehicle is.
    pub position: Series<Position>,
    /// Where `position` comes from.
    pub position_source: PositionSource,
    /// North, east, down in m/s.
    pub velocity_ned: Series<Vector3<f64>>,
    /// What the receivers say, each solution or lack of one.
    pub fixes: Series<Fix>,
    /// Pictures, asked for or taken.
    pub camera: Series<CameraEvent>,
    /// The place that the vehicle calls home, whenever it says so.
    pub home: Series<Position>,
    /// What the vehicle knows of the ground, usable or not.
    pub terrain: Series<TerrainReport>,
    /// What was odd, counted.
    pub warnings: Vec<Warning>,
    /// The longest gaps that are bridged.
    pub gap_limits: GapLimits,
}

impl Track {
    /// First and last time of the series of attitude, gimbal, position, velocity and fixes.
    #[must_use]
    pub fn span(&self) -> Option<(LogTime, LogTime)> {
        let spans = [
            self.attitude.span(),
            self.gimbal.span(),
            self.position.span(),
            self.velocity_ned.span(),
            self.fixes.span(),
        ];
        spans.into_iter().flatten().reduce(|(first, last), (from, to)| {
            (LogTime(first.0.min(from.0)), LogTime(last.0.max(to.0)))
        })
    }

    /// UTC of an instant in seconds since 1970; `None` where the log never learnt UTC.
    #[must_use]
    pub fn utc_s(&self, at: LogTime) -> Option<f64> {
        Some(self.utc_s_at_zero?.seconds + at.0)
    }

    /// The instant on the log's clock of UTC in seconds since 1970.
    #[must_use]
    pub fn at_utc_s(&self, utc_s: f64) -> Option<LogTime> {
        Some(LogTime(utc_s - self.utc_s_at_zero?.seconds))
    }
}

/// A stretch of a file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Where it begins, in bytes from the start of the file.
    pub offset: u64,
    /// How long it is, in bytes.
    pub bytes: u64,
    /// What it is.
    pub what: Cow<'static, str>,
}

/// All that a file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Log {
    /// Of what kind it is.
    pub format: LogFormat,
    /// Sound messages, records, rows or points, of any kind and anyone.
    pub messages: u64,
    /// One for each vehicle and boot, by system number, then in order of time. May be empty.
    pub tracks: Vec<Track>,
    /// What could not be read, in order of offset.
    pub losses: Vec<Loss>,
    /// What was odd and belongs to no track.
    pub warnings: Vec<Warning>,
}

impl Log {
    /// A file of which nothing has been read yet.
    #[must_use]
    pub fn empty(format: LogFormat) -> Self {
        Self { format, messages: 0, tracks: Vec::new(), losses: Vec::new(), warnings: Vec::new() }
    }
}
