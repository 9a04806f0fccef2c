//! The error budget of a place: which cause brings how much of its ellipse.

use nalgebra::{Matrix3, Vector2, Vector3};
use serde::{Deserialize, Serialize};

use crate::capture::PosedFrame;
use crate::geo::{Ellipse95, Terrain, ellipse95};

use super::pixel::{SIGMAS_95, crossing, located};
use super::spread::Spread;
use super::{Located, Observation, PixelSigma, Refusal, observation};

/// What an error comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The camera's place to the east, sigma in metres.
    CameraEast,
    /// The camera's place to the north, sigma in metres.
    CameraNorth,
    /// The camera's height, sigma in metres.
    CameraUp,
    /// Yaw, sigma in radians.
    Yaw,
    /// Pitch, sigma in radians.
    Pitch,
    /// Roll about the level axis ahead, a tilt across, sigma in radians.
    Roll,
    /// The pixel, both coordinates together, sigma in pixels.
    Pixel,
    /// The clock of the flight against its pictures, times the velocity; sigma in seconds.
    Clock,
    /// The height of the ground, sigma in metres.
    Terrain,
}

/// Whose error it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// This frame's alone.
    Own,
    /// All frames' of the flight together.
    Common,
}

/// One term of an error budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// What it comes from.
    pub cause: Cause,
    /// Whose it is.
    pub part: Part,
    /// One sigma of the cause: metres, radians, pixels or seconds, as [`Cause`] says.
    pub sigma: f64,
    /// Covariance in m² that it brings, axes east, north, up.
    pub covariance_enu_m2: Matrix3<f64>,
    /// Its share of the horizontal variance, 0 to 1; the shares of all terms add up to 1.
    pub share: f64,
    /// How far it reaches in metres along the major axis of the whole 95 % ellipse: the squares of
    /// all terms add up to the axis's.
    pub major_m: f64,
    /// The same along the minor axis.
    pub minor_m: f64,
}

/// A place with its error budget.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The place, as [`locate`](super::locate) gives it.
    pub located: Located,
    /// Its 95 % ellipse.
    pub ellipse95: Ellipse95,
    /// The terms, own ones first, each in the order of [`Cause`]; causes that are stated as
    /// perfectly known are left out. Their covariances add up to the place's.
    pub terms: Vec<Term>,
}

/// The place that a pixel looks at as [`locate`](super::locate) gives it, and what its error is
/// made of.
///
/// Causes count as independent. Those of a pose that a flight's overlapping views corrected no
/// longer are; its terms are then the single sigmas of what is left.
///
/// # Errors
/// [`Refusal`]: the reason why there is none.
pub fn explain(
    pose: &PosedFrame,
    pixel: (f64, f64),
    sigma: PixelSigma,
    terrain: &Terrain,
) -> Result<Explained, Refusal> {
    let (hit, spread) = crossing(pose, pixel, terrain)?;
    let located = located(pose, sigma, &hit, &spread);
    let ellipse95 = ellipse95(&located.covariance_enu_m2());
    let axes = Axes::of(&located.covariance_enu_m2(), &ellipse95);
    let terms = causes(pose, sigma, hit.sigma_m, &spread)
        .into_iter()
        .filter(|cause| cause.sigma != 0.0)
        .map(|cause| axes.term(&cause))
        .collect();
    Ok(Explained { located, ellipse95, terms })
}

/// The error budget of an observation, from the pose of its frame and the ground that it was placed
/// on.
///
/// # Errors
/// [`Refusal`]: the reason why it has none.
pub fn explain_observation(
    pose: &PosedFrame,
    observation: &Observation,
    terrain: &Terrain,
) -> Result<Explained, Refusal> {
    let detection = &observation.detection;
    let pixel = (f64::from(detection.x_px), f64::from(detection.y_px));
    explain(pose, pixel, observation::centre_sigma(detection), terrain)
}

/// A cause, and how the place moves with one of it: a second column for the pixel's other axis.
struct Moving {
    cause: Cause,
    part: Part,
    sigma: f64,
    by: [Vector3<f64>; 2],
}

fn causes(
    pose: &PosedFrame,
    PixelSigma(pixel): PixelSigma,
    ground_m: f64,
    spread: &Spread,
) -> Vec<Moving> {
    let one = |cause, part, sigma, by| Moving { cause, part, sigma, by: [by, Vector3::zeros()] };
    let mut causes = Vec::with_capacity(15);
    for (part, sigmas) in [(Part::Own, &pose.own), (Part::Common, &pose.common)] {
        let place = [Cause::CameraEast, Cause::CameraNorth, Cause::CameraUp];
        let turn = [Cause::Yaw, Cause::Pitch, Cause::Roll];
        for (causes_of, sigmas, by) in [
            (place, sigmas.position_enu_m, &spread.by_position),
            (turn, sigmas.attitude_rad, &spread.by_attitude),
        ] {
            for (axis, (cause, sigma)) in causes_of.into_iter().zip(sigmas).enumerate() {
                causes.push(one(cause, part, sigma, by.column(axis).into_owned()));
            }
        }
        if part == Part::Own {
            let by = [0, 1].map(|axis| spread.by_pixel.column(axis).into_owned());
            causes.push(Moving { cause: Cause::Pixel, part, sigma: pixel, by });
        }
    }
    causes.push(one(Cause::Clock, Part::Common, pose.clock_sigma_s, spread.by_clock));
    causes.push(one(Cause::Terrain, Part::Common, ground_m, spread.by_ground));
    causes
}

/// The axes of the whole ellipse.
struct Axes {
    major: Vector2<f64>,
    minor: Vector2<f64>,
    horizontal_m2: f64,
}

impl Axes {
    fn of(covariance_enu_m2: &Matrix3<f64>, ellipse: &Ellipse95) -> Self {
        let (sin, cos) = ellipse.azimuth_deg.to_radians().sin_cos();
        Self {
            major: Vector2::new(sin, cos),
            minor: Vector2::new(cos, -sin),
            horizontal_m2: covariance_enu_m2[(0, 0)] + covariance_enu_m2[(1, 1)],
        }
    }

    fn term(&self, moving: &Moving) -> Term {
        let variance = moving.sigma * moving.sigma;
        let covariance_enu_m2 =
            moving.by.iter().map(|by| by * by.transpose() * variance).sum::<Matrix3<f64>>();
        let reach_m = |axis: &Vector2<f64>| {
            let along = |by: &Vector3<f64>| by.xy().dot(axis) * moving.sigma;
            SIGMAS_95 * along(&moving.by[0]).hypot(along(&moving.by[1]))
        };
        let horizontal_m2 = covariance_enu_m2[(0, 0)] + covariance_enu_m2[(1, 1)];
        let share = if self.horizontal_m2 > 0.0 { horizontal_m2 / self.horizontal_m2 } else { 0.0 };
        Term {
            cause: moving.cause,
            part: moving.part,
            sigma: moving.sigma,
            covariance_enu_m2,
            share,
            major_m: reach_m(&self.major),
            minor_m: reach_m(&self.minor),
        }
    }
}
