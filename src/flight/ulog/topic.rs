//! What a row says, in SI units and radians.

use nalgebra::Vector3;

use super::records::Row;
use crate::flight::{
    CameraEvent, CameraEventKind, EventClock, Fix, FixKind, Gimbal, Heights, Position, YawFrame,
    attitude_from_quaternion,
};
use crate::geo::Attitude;

/// What a topic is for, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Attitude,
    /// What the vehicle flies by, of one or several receivers.
    Gps,
    /// One receiver.
    SensorGps,
    Global,
    Local,
    Captured,
    Trigger,
    GimbalDevice,
    Mount,
    Home,
}

impl Kind {
    pub(super) fn of(topic: &str) -> Option<Self> {
        Some(match topic {
            "vehicle_attitude" => Self::Attitude,
            "vehicle_gps_position" => Self::Gps,
            "sensor_gps" => Self::SensorGps,
            "vehicle_global_position" => Self::Global,
            "vehicle_local_position" => Self::Local,
            "camera_capture" => Self::Captured,
            "camera_trigger" => Self::Trigger,
            "gimbal_device_attitude_status" => Self::GimbalDevice,
            "mount_orientation" => Self::Mount,
            "home_position" => Self::Home,
            _ => return None,
        })
    }

    /// What a warning calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Attitude => "vehicle_attitude",
            Self::Gps => "vehicle_gps_position",
            Self::SensorGps => "sensor_gps",
            Self::Global => "vehicle_global_position",
            Self::Local => "vehicle_local_position",
            Self::Captured => "camera_capture",
            Self::Trigger => "camera_trigger",
            Self::GimbalDevice => "gimbal_device_attitude_status",
            Self::Mount => "mount_orientation",
            Self::Home => "home_position",
        }
    }
}

/// What a row says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    /// `None` of a quaternion that is none.
    Attitude(Option<Attitude>),
    Gps {
        blended: bool,
        gps: Box<Gps>,
    },
    Global {
        place: Position,
        dead_reckoning: bool,
    },
    Local {
        velocity_ned: Option<Vector3<f64>>,
        place: Option<Position>,
    },
    /// The attitude is the camera's only where there is a gimbal.
    Camera {
        event: Box<CameraEvent>,
        attitude: Option<Attitude>,
    },
    Gimbal {
        gimbal: Gimbal,
        asked_for: bool,
    },
    Home(Position),
    /// The vehicle marks the row as not valid.
    NotValid,
}

/// A receiver's row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Gps {
    pub(super) fix: Fix,
    pub(super) velocity_ned: Option<Vector3<f64>>,
    /// Microseconds since 1970; zero before the first fix.
    pub(super) utc_us: u64,
}

/// What a row of a wanted topic says; `None` where a field that it needs is missing.
pub(super) fn said(row: &Row<'_>, kind: Kind) -> Option<Said> {
    Some(match kind {
        Kind::Attitude => Said::Attitude(attitude_from_quaternion(row.numbers("q")?)),
        Kind::Gps | Kind::SensorGps => {
            Said::Gps { blended: kind == Kind::Gps, gps: Box::new(gps(row)?) }
        }
        Kind::Global => global(row)?,
        Kind::Local => local(row)?,
        Kind::Captured => captured(row)?,
        Kind::Trigger => trigger(row)?,
        Kind::GimbalDevice => gimbal_device(row)?,
        Kind::Mount => mount(row)?,
        Kind::Home => home(row)?,
    })
}

/// Whether a flag is set; firmware that lacks the flag did not write what is not valid.
fn valid(row: &Row<'_>, flag: &str) -> bool {
    row.integer(flag).is_none_or(|flag| flag != 0)
}

fn set(row: &Row<'_>, flag: &str) -> bool {
    row.integer(flag).is_some_and(|flag| flag != 0)
}

fn vector(row: &Row<'_>, [north, east, down]: [&str; 3]) -> Option<Vector3<f64>> {
    Some(Vector3::new(row.number(north)?, row.number(east)?, row.number(down)?))
}

/// Firmware before 1.14 has integers of 1e-7 degree and of millimetres.
fn gps(row: &Row<'_>) -> Option<Gps> {
    let place = match row.number("latitude_deg") {
        Some(lat_deg) => {
            let heights = Heights {
                amsl_m: row.number("altitude_msl_m"),
                ellipsoid_m: row.number("altitude_ellipsoid_m"),
                ..Heights::default()
            };
            Position::from_degrees(lat_deg, row.number("longitude_deg")?, heights)
        }
        None => {
            let metres = |name| row.number(name).map(|millimetres| millimetres / 1e3);
            let heights = Heights {
                amsl_m: metres("alt"),
                ellipsoid_m: metres("alt_ellipsoid"),
                ..Heights::default()
            };
            Position::from_degrees(row.number("lat")? / 1e7, row.number("lon")? / 1e7, heights)
        }
    };
    let kind = FixKind::from_number(row.integer("fix_type").and_then(|n| u8::try_from(n).ok())?);
    let has_fix = kind > FixKind::None;
    let sigma = |name| row.number(name).filter(|_| has_fix);
    let velocity = || vector(row, ["vel_n_m_s", "vel_e_m_s", "vel_d_m_s"]);
    Some(Gps {
        fix: Fix {
            receiver: row.multi_id,
            kind,
            place: has_fix.then_some(place),
            horizontal_sigma_m: sigma("eph"),
            vertical_sigma_m: sigma("epv"),
            satellites: row.integer("satellites_used").and_then(|count| u8::try_from(count).ok()),
            hdop: sigma("hdop"),
        },
        velocity_ned: (has_fix && set(row, "vel_ned_valid")).then(velocity).flatten(),
        utc_us: row.integer("time_utc_usec").and_then(|us| u64::try_from(us).ok()).unwrap_or(0),
    })
}

fn global(row: &Row<'_>) -> Option<Said> {
    if !valid(row, "lat_lon_valid") {
        return Some(Said::NotValid);
    }
    let amsl_m = row.number("alt").filter(|_| valid(row, "alt_valid"));
    let terrain_m = row.number("terrain_alt").filter(|_| set(row, "terrain_alt_valid"));
    let heights = Heights {
        amsl_m,
        ellipsoid_m: row.number("alt_ellipsoid").filter(|_| valid(row, "alt_valid")),
        above_terrain_m: amsl_m.zip(terrain_m).map(|(above, ground)| above - ground),
        above_home_m: None,
    };
    let place = Position::from_degrees(row.number("lat")?, row.number("lon")?, heights);
    Some(Said::Global { place, dead_reckoning: set(row, "dead_reckoning") })
}

fn local(row: &Row<'_>) -> Option<Said> {
    let velocity = || vector(row, ["vx", "vy", "vz"]);
    let moving = set(row, "v_xy_valid") && set(row, "v_z_valid");
    let placed = ["xy_valid", "xy_global"].into_iter().all(|flag| set(row, flag));
    Some(Said::Local {
        velocity_ned: moving.then(velocity).flatten(),
        place: placed.then(|| place_of_local(row)).flatten(),
    })
}

/// Radius of the sphere that PX4's estimator draws its local map on (PX4, `lib/geo/geo.h`,
/// `CONSTANTS_RADIUS_OF_EARTH`).
const MAP_RADIUS_M: f64 = 6_371_000.0;

/// The place of a local position: azimuthal equidistant on PX4's sphere about the reference
/// (Snyder, Map Projections, equations 20-14 and 20-15).
fn place_of_local(row: &Row<'_>) -> Option<Position> {
    let (north_m, east_m) = (row.number("x")?, row.number("y")?);
    let lat_0 = row.number("ref_lat")?.to_radians();
    let lon_0 = row.number("ref_lon")?.to_radians();
    let distance_m = north_m.hypot(east_m);
    let (sin_c, cos_c) = (distance_m / MAP_RADIUS_M).sin_cos();
    let (sin_0, cos_0) = lat_0.sin_cos();
    let (lat_rad, lon_rad) = if distance_m > 0.0 {
        let (north, east) = (north_m / distance_m, east_m / distance_m);
        let lat = (cos_c * sin_0 + north * sin_c * cos_0).asin();
        let lon = lon_0 + (east * sin_c).atan2(cos_0 * cos_c - north * sin_0 * sin_c);
        (lat, lon)
    } else {
        (lat_0, lon_0)
    };
    let has_height = set(row, "z_valid") && set(row, "z_global");
    let height = || Some(row.number("ref_alt")? - row.number("z")?);
    let ground = row.number("dist_bottom").filter(|_| set(row, "dist_bottom_valid"));
    let heights = Heights {
        amsl_m: has_height.then(height).flatten(),
        above_terrain_m: ground,
        ..Heights::default()
    };
    Some(Position { lat_rad, lon_rad, heights })
}

/// UTC in seconds; `None` of zero, as before the first fix.
fn utc_s(row: &Row<'_>) -> Option<f64> {
    row.number("timestamp_utc").filter(|us| *us > 0.0).map(|us| us * 1e-6)
}

/// `result` is 1 for success, 0 for failure, and -1 where the camera gives no feedback.
fn captured(row: &Row<'_>) -> Option<Said> {
    let result = row.integer("result");
    let success = result.filter(|result| *result >= 0).map(|result| result == 1);
    let heights = Heights {
        amsl_m: row.number("alt"),
        above_terrain_m: row.number("ground_distance").filter(|metres| *metres > 0.0),
        ..Heights::default()
    };
    let event = CameraEvent {
        kind: match success {
            Some(_) => CameraEventKind::Captured,
            None => CameraEventKind::Feedback,
        },
        camera: row.multi_id,
        image_index: row.integer("seq").and_then(|index| u32::try_from(index).ok()),
        place: row
            .number("lat")
            .zip(row.number("lon"))
            .map(|(lat_deg, lon_deg)| Position::from_degrees(lat_deg, lon_deg, heights)),
        attitude: None,
        utc_s: utc_s(row),
        clock: EventClock::Boot,
        success,
    };
    let attitude = row.numbers("q").and_then(attitude_from_quaternion);
    Some(Said::Camera { event: Box::new(event), attitude })
}

/// `feedback` says that the camera's pin told it.
fn trigger(row: &Row<'_>) -> Option<Said> {
    let kind = match set(row, "feedback") {
        true => CameraEventKind::Feedback,
        false => CameraEventKind::Trigger,
    };
    let event = CameraEvent {
        kind,
        camera: row.multi_id,
        image_index: Some(u32::try_from(row.integer("seq")?).ok()?),
        place: None,
        attitude: None,
        utc_s: utc_s(row),
        clock: EventClock::Boot,
        success: None,
    };
    Some(Said::Camera { event: Box::new(event), attitude: None })
}

/// `GIMBAL_DEVICE_FLAGS` of MAVLink.
const YAW_LOCK: i128 = 16;
const YAW_IN_VEHICLE_FRAME: i128 = 32;
const YAW_IN_EARTH_FRAME: i128 = 64;

fn gimbal_device(row: &Row<'_>) -> Option<Said> {
    let flags = row.integer("device_flags")?;
    let has = |flag: i128| flags & flag != 0;
    // Devices that name no frame count from north while their yaw is locked.
    let earth = has(YAW_IN_EARTH_FRAME) || (!has(YAW_IN_VEHICLE_FRAME) && has(YAW_LOCK));
    let Some(attitude) = attitude_from_quaternion(row.numbers("q")?) else {
        return Some(Said::NotValid);
    };
    let number = row.integer("gimbal_device_id").and_then(|id| u8::try_from(id).ok());
    let yaw_frame = if earth { YawFrame::Earth } else { YawFrame::Vehicle };
    let number = number.unwrap_or(row.multi_id);
    Some(Said::Gimbal { gimbal: Gimbal { attitude, yaw_frame, number }, asked_for: false })
}

/// Roll, pitch and yaw against the vehicle's nose, in radians, as the output driver asks for them.
fn mount(row: &Row<'_>) -> Option<Said> {
    let [roll_rad, pitch_rad, yaw_rad] = row.numbers("attitude_euler_angle")?;
    let attitude = Attitude { yaw_rad, pitch_rad, roll_rad };
    let gimbal = Gimbal { attitude, yaw_frame: YawFrame::Vehicle, number: row.multi_id };
    Some(Said::Gimbal { gimbal, asked_for: true })
}

fn home(row: &Row<'_>) -> Option<Said> {
    if !valid(row, "valid_hpos") {
        return Some(Said::NotValid);
    }
    let amsl_m = row.number("alt").filter(|_| valid(row, "valid_alt"));
    let heights = Heights { amsl_m, ..Heights::default() };
    Some(Said::Home(Position::from_degrees(row.number("lat")?, row.number("lon")?, heights)))
}
