//! Where each camera went, from the places of its frames.

use std::collections::BTreeMap;

use crate::time::FrameTime;

use super::FrameRecord;
use super::finding_row::{PLACES_DEGREES, PLACES_METRES, rounded};

/// A pause that ends a flight, in seconds. Changing a battery takes minutes, and frames of one
/// flight come at most seconds apart; what matters is only that no line joins two flights.
const PAUSE_S: f64 = 300.0;

/// The way of one camera in one flight.
pub(super) struct Flight<'a> {
    pub(super) camera: &'a str,
    pub(super) first: Option<FrameTime>,
    pub(super) last: Option<FrameTime>,
    /// Longitude, latitude in degrees, height above the ellipsoid in metres.
    pub(super) vertices: Vec<(f64, f64, f64)>,
}

/// Flights by camera, then in the order of time. Times on different clocks are never compared, and
/// frames without a time keep the order of the run.
pub(super) fn flights(frames: &[FrameRecord]) -> Vec<Flight<'_>> {
    let mut by_camera: BTreeMap<(&str, u8), Vec<&FrameRecord>> = BTreeMap::new();
    for frame in frames {
        let clock = match frame.taken_at {
            Some(FrameTime::Utc(_)) => 0,
            Some(FrameTime::CameraClock(_)) => 1,
            None => 2,
        };
        by_camera.entry((&frame.camera, clock)).or_default().push(frame);
    }
    let mut flights: Vec<Flight<'_>> = Vec::new();
    for ((camera, _), mut frames) in by_camera {
        frames.sort_by_key(|frame| (frame.taken_at, frame.frame));
        let mut current: Option<Flight<'_>> = None;
        for frame in frames {
            let Some(vertex) = vertex(frame) else { continue };
            match &mut current {
                Some(flight) if !is_pause(flight.last, frame.taken_at) => {
                    flight.last = frame.taken_at;
                    flight.vertices.push(vertex);
                }
                _ => {
                    let (first, last) = (frame.taken_at, frame.taken_at);
                    let begun = Flight { camera, first, last, vertices: vec![vertex] };
                    flights.extend(current.replace(begun));
                }
            }
        }
        flights.extend(current);
    }
    flights
}

fn vertex(frame: &FrameRecord) -> Option<(f64, f64, f64)> {
    let place = frame.pose.as_ref()?.position;
    Some((
        rounded(place.lon_deg(), PLACES_DEGREES)?,
        rounded(place.lat_deg(), PLACES_DEGREES)?,
        rounded(place.height_m, PLACES_METRES)?,
    ))
}

fn is_pause(before: Option<FrameTime>, after: Option<FrameTime>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => after.seconds() - before.seconds() > PAUSE_S,
        _ => false,
    }
}
