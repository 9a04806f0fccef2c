//! What the sun did: how long it has been gone, and whether its mirror image is what was seen.

use std::f64::consts::PI;

use nalgebra::Vector3;

use crate::detect::Polarity;
use crate::geo::{Geodetic, LocalFrame, SunEvent, sun, sun_event_unix_s};
use crate::locate::Observation;
use crate::time::FrameTime;

use super::View;
use super::estimate::Run;

const DAY_S: f64 = 86_400.0;

/// How far a surface may be from level that throws the sun from the sky into the camera, in
/// radians: water, flat glass and sheet metal on flat roofs, and a degree or two of a pose's error.
/// Our convention. A tilted mirror shows it to one view and not to the next, which then speaks for
/// itself.
const LEVEL_RAD: f64 = 5.0 * PI / 180.0;

/// For how many hours the sun had been gone from a place when any of its views was taken, at least;
/// `None` if it was up for one of them.
pub(super) fn gone_h(place: &Geodetic, times: &[FrameTime]) -> Option<f64> {
    let hours: Option<Vec<f64>> = times.iter().map(|&at| since_sunset_h(place, at)).collect();
    hours?.into_iter().reduce(f64::min)
}

/// Hours since the sun set at a place, `None` while it is up and where the time is no UTC.
fn since_sunset_h(place: &Geodetic, at: FrameTime) -> Option<f64> {
    let unix_s = utc_s(at)?;
    let (lat_deg, lon_deg) = (place.lat_deg(), place.lon_deg());
    let today_s = (unix_s / DAY_S).floor() * DAY_S;
    let of_day = |days: f64, event| {
        sun_event_unix_s(lat_deg, lon_deg, today_s + days * DAY_S, event).filter(|s| *s <= unix_s)
    };
    let last = |event| [1.0, 0.0, -1.0].into_iter().find_map(|days| of_day(days, event));
    let (set_s, rise_s) = (last(SunEvent::Set)?, last(SunEvent::Rise)?);
    (set_s > rise_s).then(|| (unix_s - set_s) / 3600.0)
}

/// Whether all that saw a warm spot looked where level ground mirrors the sun.
pub(super) fn glints(run: &Run<'_>, seen: &[&Observation]) -> bool {
    let glints = |one: &&Observation| {
        let view = run.view_of.get(&one.frame).and_then(|&view| run.views.get(view));
        one.detection.polarity == Polarity::Hot
            && view.and_then(|view| mirror_rad(view, &one.point)).is_some_and(|rad| rad < LEVEL_RAD)
    };
    !seen.is_empty() && seen.iter().all(glints)
}

/// How far a surface must be from level to throw the sun into the camera, in radians; `None` while
/// the sun is down or the time is no UTC.
fn mirror_rad(view: &View, place: &Geodetic) -> Option<f64> {
    let sun = sun(place.lat_deg(), place.lon_deg(), utc_s(view.taken_at?)?);
    let (up, level) = sun.elevation_rad.sin_cos();
    let (east, north) = sun.azimuth_rad.sin_cos();
    let to_sun = Vector3::new(level * east, level * north, up);
    let to_camera = LocalFrame::at(place).enu(&view.pose.position).try_normalize(0.0)?;
    // A mirror's normal halves the angle between the two.
    let normal = (to_sun + to_camera).try_normalize(0.0)?;
    (sun.elevation_rad > 0.0).then(|| normal.z.clamp(-1.0, 1.0).acos())
}

fn utc_s(at: FrameTime) -> Option<f64> {
    matches!(at, FrameTime::Utc(_)).then(|| at.seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sun_is_gone_from_sunset_to_sunrise() {
        // Greenwich, 20 June 2024: sunrise 03:43, sunset 20:21 UTC.
        let greenwich = Geodetic::from_degrees(51.477, 0.0, 0.0);
        let hours = |time: &str| since_sunset_h(&greenwich, time.parse().unwrap());
        assert!((hours("2024-06-20T22:21:00Z").unwrap() - 2.0).abs() < 0.05);
        assert!((hours("2024-06-21T01:21:00Z").unwrap() - 5.0).abs() < 0.05);
        assert_eq!(hours("2024-06-20T20:10:00Z"), None);
        assert_eq!(hours("2024-06-20T04:00:00Z"), None);
        // The camera's clock tells no zone.
        assert_eq!(hours("2024-06-20T22:21:00"), None);
        // On the other side of the world the night is two days' in UTC: Fiji, sunset about 17:40
        // of UTC+12.
        let fiji = Geodetic::from_degrees(-17.8, 178.0, 0.0);
        let late = since_sunset_h(&fiji, "2024-06-20T07:40:00Z".parse().unwrap()).unwrap();
        assert!((late - 2.0).abs() < 0.1, "{late}");
        let early = since_sunset_h(&fiji, "2024-06-20T17:40:00Z".parse().unwrap()).unwrap();
        assert!((early - 12.0).abs() < 0.1, "{early}");
        // Never up, so that it cannot have set.
        let pole = Geodetic::from_degrees(80.0, 20.0, 0.0);
        assert_eq!(since_sunset_h(&pole, "2024-12-20T12:00:00Z".parse().unwrap()), None);
    }
}
