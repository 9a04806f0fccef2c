//! What a log tells about an instant, in SI units and radians.

use crate::geo::{Attitude, Height, HeightDatum};

/// Heights of one place in metres, each above what its name says. A log rarely has all.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Heights {
    /// Above the WGS84 ellipsoid.
    pub ellipsoid_m: Option<f64>,
    /// Above mean sea level as the vehicle tells it: by its receiver's coarse copy of EGM96, or
    /// counted from a home whose height came from there.
    pub amsl_m: Option<f64>,
    /// Above the place that the vehicle calls home.
    pub above_home_m: Option<f64>,
    /// Above the ground below, by the vehicle's terrain model or range finder.
    pub above_terrain_m: Option<f64>,
}

impl Heights {
    /// The height above one datum, if the log has it.
    #[must_use]
    pub fn above(&self, datum: HeightDatum) -> Option<Height> {
        let metres = match datum {
            HeightDatum::Ellipsoid => self.ellipsoid_m,
            HeightDatum::Egm96 => self.amsl_m,
            HeightDatum::AboveTakeoff => self.above_home_m,
            HeightDatum::Egm2008 | HeightDatum::Nap | HeightDatum::Unknown => None,
        }?;
        Some(Height { metres, datum })
    }

    /// Every height that is there, to change or look at.
    pub(super) fn each(&mut self) -> [&mut Option<f64>; 4] {
        [&mut self.ellipsoid_m, &mut self.amsl_m, &mut self.above_home_m, &mut self.above_terrain_m]
    }
}

/// A place on WGS84.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Geodetic latitude in radians, north positive.
    pub lat_rad: f64,
    /// Longitude in radians, east positive.
    pub lon_rad: f64,
    /// Its heights.
    pub heights: Heights,
}

impl Position {
    /// From degrees.
    #[must_use]
    pub fn from_degrees(lat_deg: f64, lon_deg: f64, heights: Heights) -> Self {
        Self { lat_rad: lat_deg.to_radians(), lon_rad: lon_deg.to_radians(), heights }
    }

    /// From the integers of 1e-7 degree that logs and links have.
    #[must_use]
    pub fn from_e7(lat_e7: i32, lon_e7: i32, heights: Heights) -> Self {
        Self::from_degrees(f64::from(lat_e7) / 1e7, f64::from(lon_e7) / 1e7, heights)
    }
}

/// What a gimbal's yaw is counted from. Pitch and roll are against the horizon in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YawFrame {
    /// True north.
    Earth,
    /// The vehicle's nose.
    Vehicle,
}

/// Where a gimbal points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gimbal {
    /// Pitch and roll against the horizon; yaw as `yaw_frame` says.
    pub attitude: Attitude,
    /// What yaw is counted from.
    pub yaw_frame: YawFrame,
    /// Which gimbal, from 0, as the log numbers them.
    pub number: u8,
}

/// How good a receiver's solution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FixKind {
    /// No solution: no place is in such a sample.
    None,
    /// A place whose height is assumed.
    Flat,
    /// A full place.
    Full,
    /// With differential corrections or SBAS.
    Differential,
    /// RTK, ambiguities not fixed.
    RtkFloat,
    /// RTK, ambiguities fixed.
    RtkFixed,
}

impl FixKind {
    /// From the number that MAVLink (`GPS_FIX_TYPE`), DataFlash (`Status`) and ULog (`fix_type`)
    /// share: 0 and 1 none, 2 to 6 as the names here, 7 (static) and 8 (PPP) as differential.
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        match number {
            2 => Self::Flat,
            3 => Self::Full,
            4 | 7 | 8 => Self::Differential,
            5 => Self::RtkFloat,
            6 => Self::RtkFixed,
            _ => Self::None,
        }
    }
}

/// What a receiver says about itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fix {
    /// Which receiver, from 0.
    pub receiver: u8,
    /// How good the solution is.
    pub kind: FixKind,
    /// The receiver's own place; `None` without a solution.
    pub place: Option<Position>,
    /// One sigma of the horizontal place in metres, as the receiver estimates it.
    pub horizontal_sigma_m: Option<f64>,
    /// One sigma of the height in metres.
    pub vertical_sigma_m: Option<f64>,
    /// Satellites in use.
    pub satellites: Option<u8>,
    /// Horizontal dilution of precision.
    pub hdop: Option<f64>,
}

/// What kind of camera event it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CameraEventKind {
    /// The autopilot asked for a picture; whether one was taken is not known.
    Trigger,
    /// The autopilot reports a picture, by a feedback pin or by its own trigger.
    Feedback,
    /// The camera reports a picture.
    Captured,
}

/// Whose attitude an event has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum EventAttitude {
    /// The vehicle's: `CAMERA_FEEDBACK` of ArduPilot, even with the camera down.
    Vehicle(Attitude),
    /// The camera's, against true north.
    Camera(Attitude),
}

/// How an event came by its time on the log's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventClock {
    /// It has a time since boot of its own.
    Boot,
    /// It has UTC, taken over by the track's offset.
    Utc,
    /// It has none: when it was written or received.
    Received,
}

/// A picture, asked for or taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CameraEvent {
    /// What kind.
    pub kind: CameraEventKind,
    /// Which camera, as the log numbers them.
    pub camera: u8,
    /// The number that the event carries. It may wrap, repeat, and start at 0 or 1; it is not the
    /// number in a file's name.
    pub image_index: Option<u32>,
    /// The place that the event carries.
    pub place: Option<Position>,
    /// The attitude that the event carries.
    pub attitude: Option<EventAttitude>,
    /// UTC that the event carries, in seconds since 1970.
    pub utc_s: Option<f64>,
    /// How the time on the log's clock came about.
    pub clock: EventClock,
    /// What the camera says of its success; `None` where nobody says.
    pub success: Option<bool>,
}

/// What the vehicle knows of the ground below it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TerrainReport {
    /// Ground below, metres above mean sea level.
    pub ground_amsl_m: f64,
    /// The vehicle above that ground, in metres.
    pub above_terrain_m: f64,
    /// Blocks of the model that are still to be loaded.
    pub pending: u16,
    /// Blocks of the model that are loaded.
    pub loaded: u16,
}

impl TerrainReport {
    /// Whether its heights mean anything: while blocks are pending, or none is loaded, they are
    /// zeros.
    #[must_use]
    pub fn usable(&self) -> bool {
        self.pending == 0 && self.loaded > 0
    }
}
