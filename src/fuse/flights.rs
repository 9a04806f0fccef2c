//! Which frames were taken on one flight, and so share one common error.

use std::collections::HashMap;

use crate::time::FrameTime;

use super::View;

/// A pause of more than this ends a flight: changing a battery takes minutes, and GNSS, barometer
/// and compass are on their way to other errors after half an hour. Our convention.
const PAUSE_S: f64 = 1_800.0;

/// What tells one camera from another: size and focal lengths, and the clock that it goes by.
type CameraKey = (u32, u32, u64, u64, u8);

/// The flight of each frame among the views of one region, numbered from 0 in the order of time
/// for each camera.
///
/// A view does not name its aircraft: two of one model in the air together count as one flight.
/// Frames of one camera without a time are one flight.
pub(super) fn flights(views: &[View], of_region: &[u32]) -> HashMap<u32, u32> {
    let mut taken: Vec<(CameraKey, f64, u32)> = of_region
        .iter()
        .filter_map(|&number| views.get(number as usize))
        .map(|view| {
            let camera = &view.pose.camera;
            let (seconds, clock) = match &view.taken_at {
                None => (0.0, 0),
                Some(time @ FrameTime::CameraClock(_)) => (time.seconds(), 1),
                Some(time @ FrameTime::Utc(_)) => (time.seconds(), 2),
            };
            let focal = (camera.fx_px.to_bits(), camera.fy_px.to_bits());
            let key = (camera.width_px, camera.height_px, focal.0, focal.1, clock);
            (key, seconds, view.pose.frame)
        })
        .collect();
    taken.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut flights = HashMap::with_capacity(taken.len());
    let (mut flight, mut last) = (0, None);
    for (key, seconds, frame) in taken {
        if last.is_some_and(|(before, then)| before != key || seconds - then > PAUSE_S) {
            flight += 1;
        }
        last = Some((key, seconds));
        flights.insert(frame, flight);
    }
    flights
}
