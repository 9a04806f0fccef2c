//! Where the camera was at each frame, and where its file will say it was.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use nalgebra::Vector3;
use serde::{Deserialize, Serialize};

use crate::geo::Geodetic;

use super::draws::{Draws, Stream};
use super::params::{ErrorSigmas, FileFormat, Params};
use super::scene::Scene;

/// Place and attitude of a camera.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pose {
    /// Degrees.
    pub lat: f64,
    /// Degrees.
    pub lon: f64,
    /// Metres above the WGS84 ellipsoid.
    pub height_ellipsoidal_m: f64,
    /// Degrees clockwise from true north, -180 to 180.
    pub yaw_deg: f64,
    /// Degrees, upwards positive; straight down is -90.
    pub pitch_deg: f64,
    /// Degrees, right side down positive.
    pub roll_deg: f64,
    /// Degrees about the level axis ahead, right side down positive: what a gimbal is levelled
    /// wrong, which no file states.
    #[serde(default)]
    pub tilt_deg: f64,
}

/// A frame of the flight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlownFrame {
    /// Name of its file.
    pub file: String,
    /// On the camera's clock.
    pub taken_at: DateTime,
    /// Where the camera was.
    pub true_pose: Pose,
    /// Where the file says it was.
    pub stated_pose: Pose,
    /// Seconds from the first trigger to this one, true.
    #[serde(default)]
    pub after_first_s: f64,
    /// Where the vehicle flew to, in degrees.
    #[serde(default)]
    pub heading_deg: f64,
}

/// The flight over a scene: poses, true and as the files will state them.
#[derive(Debug, Clone)]
pub struct Flight {
    /// In the order they were taken.
    pub frames: Vec<FlownFrame>,
}

/// More frames than this are refused: 6.5 GB of raw files.
const MOST_FRAMES: f64 = 10_000.0;
/// Time from the end of a line to the start of the next one.
const TURN_S: f64 = 6.0;

/// A place where a frame is due: east and north in metres, heading in degrees, seconds.
pub(super) struct Trigger {
    pub(super) place_m: [f64; 2],
    pub(super) heading_deg: f64,
    seconds: f64,
}

impl Flight {
    /// Lines to and fro over the box around the scene's areas, along its longer side.
    ///
    /// # Errors
    /// A sentence, if the flight would have more than 10,000 frames.
    pub fn over(scene: &Scene, params: &Params) -> Result<Self, String> {
        let mut common = Draws::new(params.flight_seed(), Stream::CommonError, 0);
        let common = error(&mut common, &params.errors.common);
        let mut frames = Vec::new();
        for (trigger, number) in triggers(scene, params)?.iter().zip(0_u32..) {
            let planned = planned_pose(trigger, params);
            let mut wander = Draws::new(params.flight_seed(), Stream::Wander, u64::from(number));
            let wandered = error(
                &mut wander,
                &ErrorSigmas {
                    horizontal_m: params.flight.wander_m,
                    vertical_m: params.flight.wander_m,
                    yaw_deg: params.flight.wander_deg,
                    pitch_roll_deg: params.flight.wander_deg / 5.0,
                },
            );
            let mut own = Draws::new(params.flight_seed(), Stream::OwnError, u64::from(number));
            let own = error(&mut own, &params.errors.own);
            let truth = sum(&planned, &wandered);
            let mut stated = sum(&sum(&truth, &common), &own);
            // A file says that the camera hangs as it should; the error is in how it does hang.
            let tilt_deg = truth[TILT] - stated[TILT];
            stated[TILT] = truth[TILT];
            let taken_at = params
                .flight
                .first_frame_at
                .checked_add(SignedDuration::from_millis(stamp_ms(trigger, number, params)))
                .map_err(|cause| format!("flight.first_frame_at: {cause}"))?;
            frames.push(FlownFrame {
                file: file_name(taken_at, number + 1, params.format),
                taken_at,
                true_pose: Pose { tilt_deg, ..pose(scene, &truth) },
                stated_pose: pose(scene, &stated),
                after_first_s: trigger.seconds,
                heading_deg: trigger.heading_deg,
            });
        }
        Ok(Self { frames })
    }
}

/// The stamp on the camera's clock, in milliseconds after the first frame's UTC.
fn stamp_ms(trigger: &Trigger, number: u32, params: &Params) -> i64 {
    let log = &params.log;
    let mut draws = Draws::new(params.seed, Stream::Pace, 1 << 32 | u64::from(number));
    let seconds = trigger.seconds + log.camera_ahead_s + log.jitter_s * draws.normal();
    let cut = |seconds: f64| (seconds / log.camera_step_s).floor() * log.camera_step_s;
    let seconds = if log.camera_step_s > 0.0 { cut(seconds) } else { seconds };
    (seconds * 1000.0) as i64
}

/// Whether the camera lost a frame.
pub(super) fn is_dropped(number: u32, params: &Params) -> bool {
    Draws::new(params.seed, Stream::Dropped, u64::from(number)).uniform() < params.log.dropped
}

pub(super) fn file_name(taken_at: DateTime, number: u32, format: FileFormat) -> String {
    let ending = match format {
        FileFormat::FlirRaw | FileFormat::FlirPng => "jpg",
        FileFormat::TiffCentikelvin => "tif",
    };
    let (year, month, day) = (taken_at.year(), taken_at.month(), taken_at.day());
    format!("SIM_{year:04}{month:02}{day:02}_{number:04}_T.{ending}")
}

/// East, north and height above the ground in metres; yaw, pitch and roll in degrees.
pub(super) type Parts = [f64; 6];

/// The part that an error of levelling counts as.
const TILT: usize = 5;

fn planned_pose(trigger: &Trigger, params: &Params) -> Parts {
    let flight = &params.flight;
    // A camera that looks ahead stands back by so much that it looks at the place itself.
    let down_rad = (-flight.gimbal_pitch_deg).to_radians();
    let back_m = flight.altitude_m * down_rad.cos() / down_rad.sin();
    let (sin, cos) = trigger.heading_deg.to_radians().sin_cos();
    [
        trigger.place_m[0] - back_m * sin,
        trigger.place_m[1] - back_m * cos,
        flight.altitude_m,
        trigger.heading_deg,
        flight.gimbal_pitch_deg,
        0.0,
    ]
}

pub(super) fn error(draws: &mut Draws, sigmas: &ErrorSigmas) -> Parts {
    let (turn, tilt) = (sigmas.yaw_deg, sigmas.pitch_roll_deg);
    [sigmas.horizontal_m, sigmas.horizontal_m, sigmas.vertical_m, turn, tilt, tilt]
        .map(|sigma| sigma * draws.normal())
}

fn sum(a: &Parts, b: &Parts) -> Parts {
    std::array::from_fn(|part| a[part] + b[part])
}

fn pose(scene: &Scene, parts: &Parts) -> Pose {
    let [east, north, above_m, yaw_deg, pitch_deg, roll_deg] = *parts;
    let place: Geodetic = scene.frame.geodetic(&Vector3::new(east, north, 0.0));
    Pose {
        lat: place.lat_deg(),
        lon: place.lon_deg(),
        height_ellipsoidal_m: scene.ground_m + above_m,
        yaw_deg: (yaw_deg + 180.0).rem_euclid(360.0) - 180.0,
        pitch_deg,
        roll_deg,
        tilt_deg: 0.0,
    }
}

/// Where frames are due, in order.
pub(super) fn triggers(scene: &Scene, params: &Params) -> Result<Vec<Trigger>, String> {
    let (camera, flight) = (&params.camera, &params.flight);
    let pixel_m = flight.altitude_m / camera.focal_px();
    let across_m = pixel_m * f64::from(camera.width_px) * (1.0 - flight.overlap_side);
    let along_m = pixel_m * f64::from(camera.height_px) * (1.0 - flight.overlap_front);
    let [w, s, e, n] = scene.bounds_m;
    let (middle, east_west) = ([(w + e) / 2.0, (s + n) / 2.0], e - w >= n - s);
    let (long_m, short_m) = if east_west { (e - w, n - s) } else { (n - s, e - w) };
    let lines = (short_m / across_m).ceil() + 1.0;
    let photos = (long_m / along_m).ceil() + 1.0;
    if !(0.0..=MOST_FRAMES).contains(&(lines * photos)) {
        return Err(format!(
            "{lines} lines of {photos} frames are more than {MOST_FRAMES}: fly higher, with less \
             overlap, or over a smaller site"
        ));
    }
    let (lines, photos) = (lines as u32, photos as u32);
    let mut due = Vec::new();
    let mut seconds = 0.0;
    for line in 0..lines {
        let aside_m = (f64::from(line) - f64::from(lines - 1) / 2.0) * across_m;
        let forth = line % 2 == 0;
        for photo in 0..photos {
            let ahead_m = (f64::from(photo) - f64::from(photos - 1) / 2.0) * along_m;
            let ahead_m = if forth { ahead_m } else { -ahead_m };
            let (de, dn) = if east_west { (ahead_m, aside_m) } else { (aside_m, ahead_m) };
            due.push(Trigger {
                place_m: [middle[0] + de, middle[1] + dn],
                heading_deg: match (east_west, forth) {
                    (true, true) => 90.0,
                    (true, false) => -90.0,
                    (false, true) => 0.0,
                    (false, false) => 180.0,
                },
                seconds,
            });
            let mut pace = Draws::new(params.seed, Stream::Pace, due.len() as u64);
            let share = (params.log.pace * pace.normal()).clamp(-0.5, 0.5);
            seconds += along_m / flight.speed_m_s * (1.0 + share);
        }
        seconds += TURN_S;
    }
    Ok(due)
}
