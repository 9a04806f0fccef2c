//! What a record says, in SI units and radians.

use nalgebra::Vector3;

use super::kind::Kind;
use super::records::Record;
use crate::flight::{
    CameraEvent, CameraEventKind, EventAttitude, EventClock, Fix, FixKind, Gimbal, Heights,
    Position, TerrainReport, YawFrame, unix_s_from_gps,
};
use crate::geo::Attitude;

/// One wanted record.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    /// Microseconds since boot.
    pub(super) time_us: u64,
    /// Where the record lies.
    pub(super) offset: u64,
    /// How long it is.
    pub(super) bytes: u64,
    pub(super) said: Said,
}

/// What it says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    Attitude(Attitude),
    /// Of the second attitude filter, for logs that lack the first.
    SecondAttitude(Attitude),
    Position(Position),
    /// Of the estimator.
    Velocity(Vector3<f64>),
    Gimbal(Gimbal),
    Gps(Box<Gps>),
    /// One sigma, horizontal and vertical.
    Accuracy {
        receiver: u8,
        horizontal_m: Option<f64>,
        vertical_m: Option<f64>,
    },
    Camera(Box<CameraEvent>),
    Home(Position),
    Terrain(TerrainReport),
    Name(String),
    /// A message that the log has and the vehicle marks as not to be used.
    Unusable,
}

/// A receiver's record.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Gps {
    pub(super) fix: Fix,
    pub(super) velocity_ned: Option<Vector3<f64>>,
    /// Seconds since 1970; `None` before the first fix.
    pub(super) utc_s: Option<f64>,
}

/// Microseconds since boot that a record is for; `None` where it has no time of its own.
///
/// Logs before 2015 count milliseconds. In their GPS records `TimeMS` is the receiver's time of the
/// week, and `T` the vehicle's.
pub(super) fn boot_us(record: &Record<'_, '_>, kind: Kind) -> Option<u64> {
    if let Some(us) = record.integer("TimeUS") {
        return u64::try_from(us).ok();
    }
    let ms = record.integer(if kind == Kind::Gps { "T" } else { "TimeMS" })?;
    u64::try_from(ms).ok()?.checked_mul(1000)
}

/// What a record of a wanted kind says; `None` where a field that it needs is missing.
pub(super) fn said(record: &Record<'_, '_>, kind: Kind) -> Option<Said> {
    Some(match kind {
        Kind::Attitude => Said::Attitude(attitude(record, ["Yaw", "Pitch", "Roll"])?),
        Kind::SecondAttitude => Said::SecondAttitude(attitude(record, ["Yaw", "Pitch", "Roll"])?),
        Kind::Position => Said::Position(place(record, "RelHomeAlt")?),
        Kind::Velocity => {
            if record.integer("C").is_some_and(|core| core != 0) {
                return Some(Said::Unusable);
            }
            let component = |name| record.in_unit(name);
            Said::Velocity(Vector3::new(component("VN")?, component("VE")?, component("VD")?))
        }
        Kind::Gimbal => Said::Gimbal(gimbal(record)?),
        Kind::Gps | Kind::SecondGps => Said::Gps(Box::new(gps(record, kind)?)),
        Kind::Accuracy | Kind::SecondAccuracy => Said::Accuracy {
            receiver: receiver(record, kind),
            horizontal_m: record.in_unit("HAcc").filter(|sigma| *sigma > 0.0),
            vertical_m: record.in_unit("VAcc").filter(|sigma| *sigma > 0.0),
        },
        Kind::Camera => Said::Camera(Box::new(camera(record, CameraEventKind::Feedback))),
        Kind::Trigger => Said::Camera(Box::new(camera(record, CameraEventKind::Trigger))),
        // Type 0 is the estimator's origin (ArduPilot, `AP_AHRS/LogStructure.h`).
        Kind::Origin if record.integer("Type")? == 1 => Said::Home(place(record, "RelHomeAlt")?),
        Kind::Origin => Said::Unusable,
        Kind::Terrain => terrain(record)?,
        Kind::Text => {
            let text = record.text("Message")?;
            let vehicle = ["Ardu", "APM", "Blimp", "Rover", "AntennaTracker"];
            if !vehicle.iter().any(|start| text.starts_with(start)) {
                return Some(Said::Unusable);
            }
            Said::Name(text.into_owned())
        }
        Kind::Other => return None,
    })
}

/// The log's numbers are degrees; headings count clockwise from true north.
fn attitude(record: &Record<'_, '_>, [yaw, pitch, roll]: [&str; 3]) -> Option<Attitude> {
    let degrees = |name| record.in_unit(name);
    Some(Attitude::from_degrees(degrees(yaw)?, degrees(pitch)?, degrees(roll)?))
}

fn degrees(record: &Record<'_, '_>) -> Option<(f64, f64)> {
    Some((record.in_unit("Lat")?, record.in_unit("Lng")?))
}

/// `Alt` is above mean sea level in all of these records.
fn place(record: &Record<'_, '_>, above_home: &str) -> Option<Position> {
    let (lat_deg, lon_deg) = degrees(record)?;
    let heights = Heights {
        amsl_m: record.in_unit("Alt"),
        above_home_m: record.in_unit(above_home),
        ..Heights::default()
    };
    Some(Position::from_degrees(lat_deg, lon_deg, heights))
}

fn small(record: &Record<'_, '_>, name: &str) -> Option<u8> {
    u8::try_from(record.integer(name)?).ok()
}

fn receiver(record: &Record<'_, '_>, kind: Kind) -> u8 {
    let second = u8::from(matches!(kind, Kind::SecondGps | Kind::SecondAccuracy));
    record.instance().unwrap_or(second)
}

fn gps(record: &Record<'_, '_>, kind: Kind) -> Option<Gps> {
    let fix_kind = FixKind::from_number(small(record, "Status")?);
    let has_fix = fix_kind > FixKind::None;
    let fix = Fix {
        receiver: receiver(record, kind),
        kind: fix_kind,
        place: has_fix.then(|| place(record, "")).flatten(),
        horizontal_sigma_m: None,
        vertical_sigma_m: None,
        satellites: small(record, "NSats"),
        hdop: record.in_unit("HDop"),
    };
    let velocity_ned = || {
        let (speed, course) = (record.in_unit("Spd")?, record.in_unit("GCrs")?.to_radians());
        Some(Vector3::new(speed * course.cos(), speed * course.sin(), record.in_unit("VZ")?))
    };
    let week = record.integer("GWk").or_else(|| record.integer("Week"));
    let ms = record.integer("GMS").or_else(|| record.integer("TimeMS"));
    Some(Gps {
        fix,
        velocity_ned: (fix_kind >= FixKind::Full).then(velocity_ned).flatten(),
        utc_s: has_fix.then(|| utc_s(week?, ms?)).flatten(),
    })
}

fn utc_s(week: i128, ms: i128) -> Option<f64> {
    unix_s_from_gps(u32::try_from(week).ok()?, u32::try_from(ms).ok()?)
}

/// Roll and pitch are against the horizon. Yaw is there twice, against the nose (`YawB`) and
/// against north (`YawE`, which is not a number where the vehicle cannot tell).
fn gimbal(record: &Record<'_, '_>) -> Option<Gimbal> {
    let north = record.in_unit("YawE").filter(|yaw| yaw.is_finite());
    let (yaw, yaw_frame) = match north {
        Some(_) => ("YawE", YawFrame::Earth),
        None => ("YawB", YawFrame::Vehicle),
    };
    Some(Gimbal {
        attitude: attitude(record, [yaw, "Pitch", "Roll"])?,
        yaw_frame,
        number: record.instance().unwrap_or(0),
    })
}

/// The angles are the vehicle's, also with the camera on a gimbal (measured, `CAMERA_FEEDBACK`).
fn camera(record: &Record<'_, '_>, kind: CameraEventKind) -> CameraEvent {
    let angles = attitude(record, ["Y", "P", "R"]);
    let angles = angles.or_else(|| attitude(record, ["Yaw", "Pitch", "Roll"]));
    let utc = record.integer("GPSWeek").zip(record.integer("GPSTime"));
    CameraEvent {
        kind,
        camera: record.instance().unwrap_or(0),
        image_index: record.integer("Img").and_then(|index| u32::try_from(index).ok()),
        place: place(record, "RelAlt"),
        attitude: angles.map(EventAttitude::Vehicle),
        utc_s: utc.and_then(|(week, ms)| utc_s(week, ms)),
        clock: EventClock::Boot,
        success: None,
    }
}

/// Healthy terrain (ArduPilot, `AP_Terrain::TerrainStatusOK`).
const TERRAIN_OK: i128 = 2;

fn terrain(record: &Record<'_, '_>) -> Option<Said> {
    let blocks = |name| record.integer(name).and_then(|count| u16::try_from(count).ok());
    let report = TerrainReport {
        ground_amsl_m: record.in_unit("TerrH")?,
        above_terrain_m: record.in_unit("CHeight")?,
        pending: blocks("Pending")?,
        loaded: blocks("Loaded")?,
    };
    let healthy = record.integer("Status").is_none_or(|status| status == TERRAIN_OK);
    // Not healthy although every block is there: its heights are not to be believed either.
    if !healthy && report.usable() {
        return Some(Said::Unusable);
    }
    Some(Said::Terrain(report))
}
