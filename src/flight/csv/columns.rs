//! Which column of a table means what, and in which unit.

/// What a column means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meaning {
    /// Seconds on the log's clock, or an instant where it is written as one.
    Time,
    /// UTC: text, or seconds, milliseconds or microseconds since 1970.
    Utc,
    Lat,
    Lon,
    Ellipsoid,
    Amsl,
    /// A height whose name does not tell what it is above.
    Height,
    AboveHome,
    AboveTerrain,
    Yaw,
    /// Yaw against magnetic north.
    MagneticYaw,
    Pitch,
    Roll,
    GimbalYaw,
    /// Yaw against the vehicle's nose.
    GimbalYawVehicle,
    GimbalPitch,
    GimbalRoll,
    North,
    East,
    Down,
    HorizontalSigma,
    VerticalSigma,
    Satellites,
    Hdop,
    /// 1 while a picture is taken.
    Photo,
}

/// How many meanings there are.
pub(super) const MEANINGS: usize = Meaning::Photo as usize + 1;

/// A column that is taken: what it means, and what its numbers are multiplied by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Column {
    pub(super) meaning: Meaning,
    pub(super) factor: f64,
}

/// Names without unit, in lower case, with `_` for anything that is no letter or digit.
///
/// First of each meaning are our own; then those of AirData's export of DJI flights
/// (`height_above_takeoff`, `compass_heading`, `gimbal_heading` …) and of the decrypted flight
/// records of DJI's apps (`OSD.…`, `GIMBAL.…`, `CAMERA.isPhoto`); then what autopilots call it.
/// AirData's `compass_heading` is DJI's yaw, which counts from true north whatever it is called.
/// DJI's `xSpeed`, `ySpeed` and `zSpeed` are not taken: which way they count is not told.
#[rustfmt::skip]
const NAMES: &[(Meaning, &[&str])] = &[
    (Meaning::Time, &["time", "t", "time_s", "timestamp", "elapsed", "time_boot", "osd_flytime"]),
    (Meaning::Utc, &["utc", "time_utc", "utc_time", "datetime", "datetime_utc", "date_time",
        "unix", "unix_time"]),
    (Meaning::Lat, &["lat", "latitude", "osd_latitude"]),
    (Meaning::Lon, &["lon", "lng", "longitude", "osd_longitude"]),
    (Meaning::Ellipsoid, &["height_ellipsoidal", "ellipsoidal_height", "alt_ellipsoid",
        "altitude_ellipsoidal", "hae"]),
    (Meaning::Amsl, &["height_amsl", "alt_amsl", "alt_msl", "altitude_amsl", "altitude_msl",
        "altitude_above_sealevel", "hmsl"]),
    (Meaning::Height, &["alt", "altitude", "height", "elevation", "ele", "osd_altitude"]),
    (Meaning::AboveHome, &["height_above_home", "height_above_takeoff", "alt_rel", "relative_alt",
        "rel_alt", "relative_altitude", "osd_height"]),
    (Meaning::AboveTerrain, &["height_above_terrain", "height_above_ground",
        "height_above_ground_at_drone_location", "alt_agl", "agl"]),
    (Meaning::Yaw, &["yaw", "heading", "compass_heading", "osd_yaw"]),
    (Meaning::MagneticYaw, &["yaw_magnetic", "magnetic_yaw", "heading_magnetic",
        "magnetic_heading", "mag_heading", "heading_mag", "yaw_mag", "hdg_m"]),
    (Meaning::Pitch, &["pitch", "osd_pitch"]),
    (Meaning::Roll, &["roll", "osd_roll"]),
    (Meaning::GimbalYaw, &["gimbal_yaw", "gimbal_heading"]),
    (Meaning::GimbalYawVehicle, &["gimbal_yaw_vehicle", "gimbal_yaw_relative"]),
    (Meaning::GimbalPitch, &["gimbal_pitch"]),
    (Meaning::GimbalRoll, &["gimbal_roll"]),
    (Meaning::North, &["vn", "vel_n", "veln", "velocity_north", "north_velocity"]),
    (Meaning::East, &["ve", "vel_e", "vele", "velocity_east", "east_velocity"]),
    (Meaning::Down, &["vd", "vel_d", "veld", "velocity_down", "down_velocity"]),
    (Meaning::HorizontalSigma, &["sigma_horizontal", "hacc", "h_acc", "eph"]),
    (Meaning::VerticalSigma, &["sigma_vertical", "vacc", "v_acc", "epv"]),
    (Meaning::Satellites, &["satellites", "sats", "numsv", "nsats", "osd_gpsnum"]),
    (Meaning::Hdop, &["hdop"]),
    (Meaning::Photo, &["photo", "isphoto", "camera_isphoto"]),
];

/// Units at a name's end, behind `_` or in brackets, and what they are in SI units and degrees.
/// The foot is the international one, 0.3048 m; the mile 1609.344 m.
#[rustfmt::skip]
const UNITS: &[(&str, f64)] = &[
    ("microsecond", 1e-6), ("microseconds", 1e-6), ("us", 1e-6), ("usec", 1e-6),
    ("millisecond", 1e-3), ("milliseconds", 1e-3), ("ms", 1e-3), ("msec", 1e-3),
    ("second", 1.0), ("seconds", 1.0), ("s", 1.0), ("sec", 1.0),
    ("m", 1.0), ("meter", 1.0), ("meters", 1.0), ("metres", 1.0), ("mm", 1e-3), ("cm", 1e-2),
    ("ft", 0.3048), ("feet", 0.3048),
    ("deg", 1.0), ("degree", 1.0), ("degrees", 1.0), ("rad", 180.0 / std::f64::consts::PI),
    ("m_s", 1.0), ("km_h", 1.0 / 3.6), ("kmh", 1.0 / 3.6), ("mph", 1609.344 / 3600.0),
    ("e7", 1e-7), ("utc", 1.0),
];

/// What the column of a name is, if anything.
pub(super) fn column(name: &str) -> Option<Column> {
    let name = plain(name);
    if let Some(meaning) = meaning(&name) {
        return Some(Column { meaning, factor: 1.0 });
    }
    UNITS.iter().find_map(|&(unit, factor)| {
        let stem = name.strip_suffix(unit)?.strip_suffix('_')?;
        Some(Column { meaning: meaning(stem)?, factor })
    })
}

/// In lower case, with one `_` for each run of anything that is no letter or digit.
fn plain(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for c in name.trim().chars() {
        if c.is_ascii_alphanumeric() {
            plain.push(c.to_ascii_lowercase());
        } else if !plain.ends_with('_') && !plain.is_empty() {
            plain.push('_');
        }
    }
    plain.truncate(plain.trim_end_matches('_').len());
    plain
}

fn meaning(plain: &str) -> Option<Meaning> {
    NAMES.iter().find(|(_, names)| names.contains(&plain)).map(|(meaning, _)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_common_exports_are_known() {
        for (name, meaning, factor) in [
            ("time(millisecond)", Meaning::Time, 1e-3),
            ("datetime(utc)", Meaning::Utc, 1.0),
            (" latitude", Meaning::Lat, 1.0),
            ("height_above_takeoff(feet)", Meaning::AboveHome, 0.3048),
            ("altitude_above_seaLevel(feet)", Meaning::Amsl, 0.3048),
            ("gimbal_heading(degrees)", Meaning::GimbalYaw, 1.0),
            ("OSD.flyTime [s]", Meaning::Time, 1.0),
            ("OSD.height [ft]", Meaning::AboveHome, 0.3048),
            ("GIMBAL.pitch", Meaning::GimbalPitch, 1.0),
            ("CAMERA.isPhoto", Meaning::Photo, 1.0),
            ("lat_e7", Meaning::Lat, 1e-7),
            ("vel_n [m/s]", Meaning::North, 1.0),
            ("hMSL", Meaning::Amsl, 1.0),
            ("Magnetic heading [deg]", Meaning::MagneticYaw, 1.0),
            ("compass_heading(degrees)", Meaning::Yaw, 1.0),
            ("yaw_rad", Meaning::Yaw, 180.0 / std::f64::consts::PI),
        ] {
            assert_eq!(column(name), Some(Column { meaning, factor }), "{name}");
        }
        for name in ["", "voltage(v)", "xSpeed(mph)", "OSD.yaw [360]", "ascent(feet)"] {
            assert_eq!(column(name), None, "{name}");
        }
    }
}
