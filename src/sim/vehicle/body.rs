//! A multirotor as a point with limits, in the wind, on a battery, seen by a receiver that errs.
//!
//! What is modelled: acceleration and climb have limits, tilt follows from acceleration and from
//! the wind that is leaned against, energy from hovering, climbing and airspeed, and the receiver's
//! error wanders. What is not: rotors, ground effect, vibration, a failing motor.

use nalgebra::Vector3;

use super::super::draws::{Draws, Stream};
use super::params::VehicleParams;

/// Standard gravity (3rd CGPM, 1901).
const GRAVITY_M_S2: f64 = 9.806_65;
/// ArduPilot's WPNAV_ACCEL, and about what PX4 takes (MPC_ACC_HOR 3).
const ACCELERATION_M_S2: f64 = 2.5;
/// How quickly an error of velocity is worked off.
const VELOCITY_TIME_S: f64 = 0.4;
/// Turns at most so fast (ArduPilot's ATC_SLEW_YAW is 60°/s).
const YAW_RATE_RAD_S: f64 = 1.05;
/// Power of hovering, of each m/s of climb, and of airspeed squared, after quadrotors of 4 to 5 kg
/// (invented, in the range of published flight tests).
const HOVER_W: f64 = 380.0;
const CLIMB_W_S_M: f64 = 50.0;
const DRAG_W_S2_M2: f64 = 1.2;
/// Drag as deceleration for each m/s of airspeed.
const DRAG_1_S: f64 = 0.12;
/// Correlation time of the receiver's error and of gusts.
const ERROR_TIME_S: f64 = 60.0;
const GUST_TIME_S: f64 = 4.0;
/// One sigma of the receiver, horizontal and vertical, with and without RTK.
const SIGMA_RTK_M: [f64; 2] = [0.01, 0.02];
const SIGMA_M: [f64; 2] = [0.8, 1.4];
const BAROMETER_SIGMA_M: f64 = 0.2;

/// State of the vehicle; east, north, up in metres from where it started.
#[derive(Debug, Clone)]
pub(super) struct Body {
    pub(super) place_m: Vector3<f64>,
    pub(super) velocity_m_s: Vector3<f64>,
    /// Clockwise from north.
    pub(super) yaw_rad: f64,
    /// Right side down, nose up.
    pub(super) roll_rad: f64,
    pub(super) pitch_rad: f64,
    /// What it draws from its battery.
    pub(super) power_w: f64,
    pub(super) used_wh: f64,
    wind_m_s: Vector3<f64>,
    gust_m_s: [f64; 2],
    gust_sigma_m_s: f64,
    /// Of the receiver, one sigma.
    pub(super) sigma_m: [f64; 2],
    error_m: Vector3<f64>,
    draws: Draws,
}

/// What the controller wants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    pub(super) velocity_m_s: Vector3<f64>,
    pub(super) yaw_rad: f64,
}

impl Body {
    pub(super) fn new(params: &VehicleParams) -> Self {
        let sigma_m = if params.rtk { SIGMA_RTK_M } else { SIGMA_M };
        let mut draws = Draws::new(params.seed, Stream::Vehicle, 0);
        let mut draw = |sigma: f64| sigma * draws.normal();
        let error_m = Vector3::new(draw(sigma_m[0]), draw(sigma_m[0]), draw(sigma_m[1]));
        Self {
            place_m: Vector3::zeros(),
            velocity_m_s: Vector3::zeros(),
            yaw_rad: 0.0,
            roll_rad: 0.0,
            pitch_rad: 0.0,
            power_w: 0.0,
            used_wh: params.battery_wh * (1.0 - params.charge),
            wind_m_s: Vector3::new(params.wind_m_s[0], params.wind_m_s[1], 0.0),
            gust_m_s: [0.0; 2],
            gust_sigma_m_s: params.gust_m_s,
            sigma_m,
            error_m,
            draws,
        }
    }

    /// As it was at its start, but where it stands now and with what is left of its battery.
    pub(super) fn renewed(&self, params: &VehicleParams) -> Self {
        let (used_wh, place_m, yaw_rad) = (self.used_wh, self.place_m, self.yaw_rad);
        Self { used_wh, place_m, yaw_rad, ..Self::new(params) }
    }

    /// Where it takes itself to be. Its height comes from a barometer, which wanders less than a
    /// receiver without RTK.
    pub(super) fn estimate_m(&self) -> Vector3<f64> {
        let of_height = (BAROMETER_SIGMA_M / self.sigma_m[1]).min(1.0);
        self.place_m + Vector3::new(self.error_m.x, self.error_m.y, self.error_m.z * of_height)
    }

    /// Wind and gust together, towards east and north.
    pub(super) fn wind_now_m_s(&self) -> [f64; 2] {
        [self.wind_m_s.x + self.gust_m_s[0], self.wind_m_s.y + self.gust_m_s[1]]
    }

    /// A step of time in which it flies as wished.
    pub(super) fn fly(&mut self, wish: &Wish, dt_s: f64) {
        self.wander(dt_s);
        let wanted = (wish.velocity_m_s - self.velocity_m_s) / VELOCITY_TIME_S;
        let length = wanted.norm();
        let acceleration =
            if length > ACCELERATION_M_S2 { wanted * (ACCELERATION_M_S2 / length) } else { wanted };
        self.velocity_m_s += acceleration * dt_s;
        self.place_m += self.velocity_m_s * dt_s;
        let turn = wrapped(wish.yaw_rad - self.yaw_rad);
        let most = YAW_RATE_RAD_S * dt_s;
        self.yaw_rad = wrapped(self.yaw_rad + turn.clamp(-most, most));
        let [wind_e, wind_n] = self.wind_now_m_s();
        let through_air = self.velocity_m_s - Vector3::new(wind_e, wind_n, 0.0);
        // It leans against the drag, and into what it accelerates to.
        let lean = acceleration + through_air * DRAG_1_S;
        let (sin, cos) = self.yaw_rad.sin_cos();
        let ahead = lean.x * sin + lean.y * cos;
        let right = lean.x * cos - lean.y * sin;
        self.pitch_rad = -(ahead / GRAVITY_M_S2).atan();
        self.roll_rad = (right / GRAVITY_M_S2).atan();
        let climb_w = (CLIMB_W_S_M * self.velocity_m_s.z).max(-0.3 * HOVER_W);
        self.power_w = HOVER_W + climb_w + DRAG_W_S2_M2 * through_air.norm_squared();
        self.used_wh += self.power_w * dt_s / 3600.0;
    }

    /// A step of time on the ground.
    pub(super) fn rest(&mut self, dt_s: f64) {
        self.wander(dt_s);
        self.velocity_m_s = Vector3::zeros();
        (self.roll_rad, self.pitch_rad) = (0.0, 0.0);
        self.place_m.z = 0.0;
        // Autopilot, radio and camera.
        self.power_w = 12.0;
        self.used_wh += self.power_w * dt_s / 3600.0;
    }

    /// Errors and gusts as first-order Gauss-Markov processes.
    fn wander(&mut self, dt_s: f64) {
        let keep = (-dt_s / ERROR_TIME_S).exp();
        let fresh = (1.0 - keep * keep).sqrt();
        let [horizontal, vertical] = self.sigma_m;
        for (axis, sigma) in [horizontal, horizontal, vertical].into_iter().enumerate() {
            self.error_m[axis] = keep * self.error_m[axis] + fresh * sigma * self.draws.normal();
        }
        if self.gust_sigma_m_s > 0.0 {
            let keep = (-dt_s / GUST_TIME_S).exp();
            let fresh = (1.0 - keep * keep).sqrt() * self.gust_sigma_m_s;
            for gust in &mut self.gust_m_s {
                *gust = keep * *gust + fresh * self.draws.normal();
            }
        }
    }
}

/// An angle from -π to π.
pub(super) fn wrapped(angle_rad: f64) -> f64 {
    (angle_rad + std::f64::consts::PI).rem_euclid(std::f64::consts::TAU) - std::f64::consts::PI
}
