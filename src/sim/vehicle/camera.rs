//! A camera that takes pictures by distance, by time and when told, on a gimbal that is slow.

use std::time::Duration;

use crate::mission::Action;

use super::body::wrapped;
use super::lists::Party;

/// A gimbal turns at most so fast.
const GIMBAL_RATE_RAD_S: f64 = 1.05;
/// How far up and down it turns.
pub(super) const PITCH_LIMITS_RAD: [f64; 2] = [-std::f64::consts::FRAC_PI_2, 0.52];

/// Flags of `GIMBAL_MANAGER_FLAGS` that decide what a yaw is counted from.
const YAW_LOCK: u32 = 16;
const YAW_IN_VEHICLE_FRAME: u32 = 32;
const YAW_IN_EARTH_FRAME: u32 = 64;

#[derive(Debug, Default)]
pub(super) struct Camera {
    every_m: f64,
    last_m: Option<[f64; 2]>,
    every: Option<Duration>,
    next_at: Duration,
    /// Pictures until it stops by itself.
    left: Option<u32>,
    due: u32,
    /// Pictures taken so far.
    pub(super) count: u32,
}

impl Camera {
    /// Follows a step or a command; `false` where it is none of its own.
    pub(super) fn follow(&mut self, action: &Action, now: Duration, place_m: [f64; 2]) -> bool {
        match *action {
            Action::TriggerDistance { distance_m, at_once, .. } => {
                self.every_m = f64::from(distance_m).max(0.0);
                self.last_m = Some(place_m);
                self.due += u32::from(at_once && distance_m > 0.0);
            }
            Action::TriggerInterval { interval_ms, .. } => {
                self.repeat(f64::from(interval_ms) / 1000.0, None, now);
            }
            Action::Pictures { interval_s, count, .. } => {
                let left = (count > 0.0).then_some(count as u32);
                if left == Some(1) {
                    self.due += 1;
                } else {
                    self.repeat(f64::from(interval_s), left, now);
                }
            }
            Action::StopPictures { .. } => (self.every, self.left) = (None, None),
            Action::Digicam { shoot, .. } => self.due += u32::from(shoot == 1),
            _ => return false,
        }
        true
    }

    fn repeat(&mut self, interval_s: f64, left: Option<u32>, now: Duration) {
        self.every = (interval_s > 0.0).then(|| Duration::from_secs_f64(interval_s.min(1e6)));
        self.left = left;
        self.next_at = now;
    }

    /// From one picture to the next in seconds; 0 where it takes none by time.
    pub(super) fn interval_s(&self) -> f64 {
        self.every.map_or(0.0, |every| every.as_secs_f64())
    }

    /// Whether it takes pictures by itself now.
    pub(super) fn is_running(&self) -> bool {
        self.every.is_some() || self.every_m > 0.0
    }

    /// Pictures that are due.
    pub(super) fn advance(&mut self, now: Duration, place_m: [f64; 2]) -> u32 {
        if self.every_m > 0.0 {
            let last = *self.last_m.get_or_insert(place_m);
            let gone_m = (place_m[0] - last[0]).hypot(place_m[1] - last[1]);
            if gone_m >= self.every_m {
                self.due += 1;
                self.last_m = Some(place_m);
            }
        }
        if let Some(every) = self.every.filter(|_| now >= self.next_at) {
            self.due += 1;
            self.next_at = now + every;
            if let Some(left) = &mut self.left {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    (self.every, self.left) = (None, None);
                }
            }
        }
        let due = std::mem::take(&mut self.due);
        if due > 0 {
            self.last_m = Some(place_m);
        }
        self.count += due;
        due
    }
}

/// Where the camera looks.
#[derive(Debug)]
pub(super) struct Gimbal {
    pub(super) pitch_rad: f64,
    /// Clockwise from ahead.
    pub(super) yaw_rad: f64,
    wish_pitch_rad: f64,
    /// From ahead, or from north.
    wish_yaw_rad: f64,
    pub(super) from_north: bool,
    /// A place that it keeps in view: east, north, up.
    target_m: Option<[f64; 3]>,
    /// Who said last that it controls it.
    pub(super) controller: Option<Party>,
}

impl Gimbal {
    pub(super) fn new(pitch_deg: f64) -> Self {
        let pitch_rad = pitch_deg.to_radians();
        Self {
            pitch_rad,
            yaw_rad: 0.0,
            wish_pitch_rad: pitch_rad,
            wish_yaw_rad: 0.0,
            from_north: false,
            target_m: None,
            controller: None,
        }
    }

    /// Points it; what is not told stays.
    pub(super) fn point(&mut self, pitch_rad: Option<f64>, yaw_rad: Option<f64>, flags: u32) {
        self.target_m = None;
        let [low, high] = PITCH_LIMITS_RAD;
        if let Some(pitch_rad) = pitch_rad.filter(|angle| angle.is_finite()) {
            self.wish_pitch_rad = pitch_rad.clamp(low, high);
        }
        if let Some(yaw_rad) = yaw_rad.filter(|angle| angle.is_finite()) {
            self.wish_yaw_rad = wrapped(yaw_rad);
        }
        self.from_north = match flags & (YAW_IN_VEHICLE_FRAME | YAW_IN_EARTH_FRAME) {
            YAW_IN_VEHICLE_FRAME => false,
            YAW_IN_EARTH_FRAME => true,
            _ => flags & YAW_LOCK != 0,
        };
    }

    /// Keeps a place in view, or looks ahead again.
    pub(super) fn look_at(&mut self, target_m: Option<[f64; 3]>) {
        if target_m.is_none() {
            self.point(Some(0.0), Some(0.0), YAW_IN_VEHICLE_FRAME);
        }
        self.target_m = target_m;
    }

    /// Turns towards where it should look.
    pub(super) fn advance(&mut self, here_m: [f64; 3], vehicle_yaw_rad: f64, dt_s: f64) {
        let (mut pitch, mut yaw) = (self.wish_pitch_rad, self.wish_yaw_rad);
        if self.from_north {
            yaw -= vehicle_yaw_rad;
        }
        if let Some([east, north, up]) = self.target_m {
            let (de, dn) = (east - here_m[0], north - here_m[1]);
            pitch = (up - here_m[2]).atan2(de.hypot(dn)).clamp(PITCH_LIMITS_RAD[0], 0.0);
            yaw = de.atan2(dn) - vehicle_yaw_rad;
        }
        let most = GIMBAL_RATE_RAD_S * dt_s;
        self.pitch_rad += (pitch - self.pitch_rad).clamp(-most, most);
        self.yaw_rad = wrapped(self.yaw_rad + wrapped(yaw - self.yaw_rad).clamp(-most, most));
    }
}
