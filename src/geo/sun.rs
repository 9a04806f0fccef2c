//! Where the sun stands, and when it rises and sets.
//!
//! The low-precision formulas of the Astronomical Almanac (section C): within 0.01° from 1950 to
//! 2050, which is a few seconds of sunrise. Refraction is counted in the events, not in the place.

use std::f64::consts::{PI, TAU};

/// Seconds from the Unix epoch to J2000.0 (2000-01-01 12:00 UT), leap seconds aside.
const J2000_UNIX_S: f64 = 946_728_000.0;
const DAY_S: f64 = 86_400.0;

/// The upper limb on the horizon (Astronomical
/// Almanac: 34′ of refraction, 16′ of radius).
const LIMB_ON_HORIZON_DEG: f64 = -50.0 / 60.0;
/// Where civil twilight begins and ends.
const CIVIL_TWILIGHT_DEG: f64 = -6.0;

/// Bisections of half a day down to below a second.
const BISECTIONS: u32 = 20;

/// The direction of the sun's middle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sun {
    /// Above the horizon, without refraction.
    pub elevation_rad: f64,
    /// Clockwise from true north.
    pub azimuth_rad: f64,
}

/// What the sun does at a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SunEvent {
    /// Morning civil twilight begins: 6° below the horizon.
    Dawn,
    /// The upper limb rises.
    Rise,
    /// The upper limb sets.
    Set,
    /// Evening civil twilight ends: 6° below the horizon.
    Dusk,
}

/// The sun's place in the sky of a meridian.
struct Meridian {
    declination_rad: f64,
    /// Westwards from the meridian, within ±π.
    hour_angle_rad: f64,
}

impl Meridian {
    fn at(lon_deg: f64, unix_s: f64) -> Self {
        let days = (unix_s - J2000_UNIX_S) / DAY_S;
        let mean_longitude = (280.460 + 0.985_647_4 * days).to_radians();
        let anomaly = (357.528 + 0.985_600_3 * days).to_radians();
        let longitude = mean_longitude
            + 1.915_f64.to_radians() * anomaly.sin()
            + 0.020_f64.to_radians() * (2.0 * anomaly).sin();
        let obliquity = (23.439 - 0.000_000_4 * days).to_radians();
        let right_ascension = (obliquity.cos() * longitude.sin()).atan2(longitude.cos());
        let sidereal_deg = 15.0 * (18.697_374_558 + 24.065_709_824_419_08 * days);
        let turned = (sidereal_deg + lon_deg).to_radians() - right_ascension;
        Self {
            declination_rad: (obliquity.sin() * longitude.sin()).asin(),
            hour_angle_rad: (turned + PI).rem_euclid(TAU) - PI,
        }
    }
}

/// Where the sun stands at a place and a time in seconds since 1970 (UTC).
#[must_use]
pub fn sun(lat_deg: f64, lon_deg: f64, unix_s: f64) -> Sun {
    let Meridian { declination_rad, hour_angle_rad } = Meridian::at(lon_deg, unix_s);
    let (sin_lat, cos_lat) = lat_deg.to_radians().sin_cos();
    let (sin_dec, cos_dec) = declination_rad.sin_cos();
    let up = sin_lat * sin_dec + cos_lat * cos_dec * hour_angle_rad.cos();
    let east = -cos_dec * hour_angle_rad.sin();
    let north = cos_lat * sin_dec - sin_lat * cos_dec * hour_angle_rad.cos();
    Sun {
        elevation_rad: up.clamp(-1.0, 1.0).asin(),
        azimuth_rad: east.atan2(north).rem_euclid(TAU),
    }
}

/// When an event happens on a day at a place, in seconds since 1970; `None` where the sun does not
/// reach that height on that day.
///
/// The day is the sun's own there: the one whose noon is nearest to noon of the local mean time of
/// `day_unix_s`, midnight UTC of a calendar day.
#[must_use]
pub fn sun_event_unix_s(
    lat_deg: f64,
    lon_deg: f64,
    day_unix_s: f64,
    event: SunEvent,
) -> Option<f64> {
    let level = match event {
        SunEvent::Dawn | SunEvent::Dusk => CIVIL_TWILIGHT_DEG,
        SunEvent::Rise | SunEvent::Set => LIMB_ON_HORIZON_DEG,
    }
    .to_radians();
    // Noon of the mean sun, moved by how far the true one is from the meridian then.
    let mean_noon = day_unix_s + DAY_S * (0.5 - lon_deg / 360.0);
    let noon = mean_noon - Meridian::at(lon_deg, mean_noon).hour_angle_rad / TAU * DAY_S;
    let height = |unix_s: f64| sun(lat_deg, lon_deg, unix_s).elevation_rad - level;
    let midnight = match event {
        SunEvent::Dawn | SunEvent::Rise => noon - DAY_S / 2.0,
        SunEvent::Set | SunEvent::Dusk => noon + DAY_S / 2.0,
    };
    let (mut dark, mut light) = (midnight, noon);
    if height(dark) >= 0.0 || height(light) <= 0.0 {
        return None;
    }
    for _ in 0..BISECTIONS {
        let middle = (dark + light) / 2.0;
        if height(middle) < 0.0 {
            dark = middle;
        } else {
            light = middle;
        }
    }
    Some((dark + light) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unix_s(text: &str) -> f64 {
        text.parse::<jiff::Timestamp>().unwrap().as_duration().as_secs_f64()
    }

    #[test]
    fn the_sun_stands_where_others_put_it() {
        // Reda and Andreas, NREL/TP-560-34302, table A4.1: zenith 50.11162° with 0.0177° of
        // refraction, azimuth 194.34024°.
        let place = sun(39.742_476, -105.178_6, unix_s("2003-10-17T19:30:30Z"));
        let elevation = place.elevation_rad.to_degrees();
        assert!((elevation - (90.0 - 50.111_62 - 0.017_7)).abs() < 0.02, "{elevation}");
        assert!((place.azimuth_rad.to_degrees() - 194.340_24).abs() < 0.02);
    }

    #[test]
    fn it_rises_and_sets_to_the_minute_and_never_in_a_polar_night() {
        // The day of the longest light at Greenwich: 03:43 and 20:21 UTC.
        let day = unix_s("2024-06-20T00:00:00Z");
        let event = |lat, lon, event| sun_event_unix_s(lat, lon, day, event);
        for (which, told) in [(SunEvent::Rise, "03:43"), (SunEvent::Set, "20:21")] {
            let at = event(51.477, 0.0, which).unwrap();
            assert!((at - unix_s(&format!("2024-06-20T{told}:00Z"))).abs() < 90.0, "{which:?}");
        }
        let (dawn, rise) = (event(51.477, 0.0, SunEvent::Dawn), event(51.477, 0.0, SunEvent::Rise));
        let twilight_min = (rise.unwrap() - dawn.unwrap()) / 60.0;
        assert!((40.0..55.0).contains(&twilight_min), "{twilight_min}");
        assert_eq!(event(80.0, 20.0, SunEvent::Rise), None);
        assert_eq!(event(-80.0, 20.0, SunEvent::Dawn), None);
        // The day is the place's own: in Fiji it begins the evening before in UTC.
        let fiji = event(-17.8, 178.0, SunEvent::Rise).unwrap();
        assert!((unix_s("2024-06-19T18:00:00Z")..unix_s("2024-06-19T19:30:00Z")).contains(&fiji));
    }
}
