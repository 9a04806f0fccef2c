//! How the ground moves from frame to frame, for clocks that nothing else tells.

use rayon::prelude::*;

use crate::detect::{Moved, Plane, Small, moved};
use crate::flight::{FrameMotion, LogMotion, Track};
use crate::geo::{Geodetic, LocalFrame};
use crate::thermal::{self, ReadOptions};

use super::inputs::Input;

/// Frames that are looked at; a clock needs a few turns, not a whole day.
const MOST_FRAMES: usize = 1500;
/// Frames that one thread looks at one after the other; the last is the first of the next.
const IN_A_ROW: usize = 32;
/// One sigma of a shift in small pixels, and as a share of it: sub-pixel fits of pictures that
/// perspective and height bend (our convention); and the same where a turn had to be taken out.
const SHIFT: [f64; 2] = [0.25, 0.03];
const TURNED_SHIFT: [f64; 2] = [0.8, 0.05];
/// A turn from here on, in radians.
const TURNED_RAD: f64 = 0.1;
/// One sigma of a turn in radians.
const TURN_RAD: f64 = 0.03;
/// From here on a turn may as well be one the other way round.
const MOST_TURN_RAD: f64 = 2.6;
/// A way that turns further is longer than the straight line that the shift shows: by 5 % at 60°.
const STRAIGHT_RAD: f64 = 1.05;
/// Samples of the log's motion, a second.
const LOG_HZ: f64 = 5.0;

/// What changed from frame to frame; `frames` with their stamps in seconds, in order.
///
/// Whatever the number of threads, the same comes out; no more than a row of small pictures for
/// each thread is held.
pub(super) fn of_frames(frames: &[(&Input, f64)], read: &ReadOptions) -> Vec<FrameMotion> {
    let frames = frames.get(..MOST_FRAMES).unwrap_or(frames);
    let rows: Vec<usize> = (0..frames.len().saturating_sub(1)).step_by(IN_A_ROW).collect();
    let of_row = |&first: &usize| {
        let row = &frames[first..frames.len().min(first + IN_A_ROW + 1)];
        let mut found = Vec::new();
        let mut before: Option<(Option<Small>, f64)> = None;
        for &(input, camera_s) in row {
            let next = small(input, read);
            if let Some((Some(from), from_s)) = &before {
                let moved = next.as_ref().and_then(|next| moved(from, next));
                found.extend(moved.map(|moved| motion([*from_s, camera_s], &moved)));
            }
            before = Some((next, camera_s));
        }
        found
    };
    rows.par_iter().map(of_row).collect::<Vec<_>>().concat()
}

fn motion(from_to_s: [f64; 2], moved: &Moved) -> FrameMotion {
    let Moved { shift_px, turn_rad, step_px } = *moved;
    let [steps, share] = if turn_rad.abs() < TURNED_RAD { SHIFT } else { TURNED_SHIFT };
    let sigma_px = (steps * step_px).hypot(share * shift_px);
    FrameMotion {
        from_to_s,
        shift: (turn_rad.abs() < STRAIGHT_RAD).then_some([shift_px, sigma_px]),
        turn_rad: (turn_rad.abs() < MOST_TURN_RAD).then_some([turn_rad, TURN_RAD]),
    }
}

/// A file's first frame, made small.
fn small(input: &Input, read: &ReadOptions) -> Option<Small> {
    let frame = thermal::open(&input.path, read).ok()?.next()?.ok()?;
    let mut values = Vec::new();
    let unit = frame.thermogram.plane(&mut values);
    Small::of(&Plane {
        width_px: frame.thermogram.width(),
        height_px: frame.thermogram.height(),
        values: &values,
        unit,
        saturated_from: None,
    })
}

/// Speed and yaw rate of a track, and whether it has a yaw. Nothing is said across gaps.
pub(super) fn of_track(track: &Track) -> (Vec<LogMotion>, bool) {
    let Some((first, last)) = track.position.span() else { return (Vec::new(), false) };
    let has_yaw = !track.attitude.is_empty();
    let steps = ((last - first) * LOG_HZ).clamp(0.0, 1e6) as usize;
    let half_s = 0.5 / LOG_HZ;
    let place = |at| {
        let position = track.position_at(at).ok()?.position;
        Some(Geodetic { lat_rad: position.lat_rad, lon_rad: position.lon_rad, height_m: 0.0 })
    };
    let sample = |step: usize| {
        let at = first + (step as f64 + 0.5) / LOG_HZ;
        let (from, to) = (at + -half_s, at + half_s);
        let speed_m_s = match track.velocity_at(at) {
            Ok(found) => found.ned_m_s.xy().norm(),
            Err(_) => LocalFrame::at(&place(from)?).enu(&place(to)?).xy().norm() * LOG_HZ,
        };
        let yaw = |at| Some(track.attitude_at(at).ok()?.attitude.yaw_rad);
        let turn = yaw(from).zip(yaw(to)).map(|(from, to)| {
            let pi = std::f64::consts::PI;
            (to - from + pi).rem_euclid(2.0 * pi) - pi
        });
        // A log that lost its attitude for a while must not say that nothing turned.
        let turn = if has_yaw { turn? } else { 0.0 };
        Some(LogMotion { log_s: at.0, speed_m_s, yaw_rate_rad_s: turn * LOG_HZ })
    };
    ((0..steps).filter_map(sample).collect(), has_yaw)
}
