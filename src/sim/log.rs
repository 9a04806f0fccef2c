//! The log of a simulated flight: what a vehicle's autopilot would have written.
//!
//! The logged way goes through the stated pose of each frame at the instant of its event, straight
//! and at even speed around it, so that log and frames state the same poses with the same errors.

use jiff::tz::Offset;
use nalgebra::Vector3;

use crate::geo::{Geodetic, LocalFrame, egm96_undulation_m};

use super::flight::{Flight, FlownFrame, Pose};
use super::params::{LogKind, Params};
use super::scene::Scene;
use super::{log_dataflash, log_text, log_tlog};

/// Seconds from the autopilot's start to the first frame.
const BEFORE_S: f64 = 90.0;
/// Seconds that are logged after the last frame.
const AFTER_S: f64 = 20.0;
/// The way is straight this long before and after a frame, where the next one is far enough.
const STRAIGHT_S: f64 = 1.0;
/// Attitudes and gimbal angles in a second.
const ATTITUDE_HZ: f64 = 10.0;
/// Every so many attitudes a place: 5 in a second.
const PLACE_EVERY: usize = 2;

/// What the vehicle knows at an instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Instant {
    /// Seconds since the autopilot's start.
    pub(super) boot_s: f64,
    /// Whether places are logged here too.
    pub(super) with_place: bool,
    pub(super) state: State,
}

/// Place and attitude of vehicle and camera.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub(super) place: Geodetic,
    /// Above mean sea level by EGM96, in metres.
    pub(super) amsl_m: f64,
    /// Above the take-off place, in metres.
    pub(super) above_home_m: f64,
    /// Yaw, pitch, roll of the camera in degrees.
    pub(super) camera_deg: [f64; 3],
    /// North, east, down in m/s.
    pub(super) velocity_ned_m_s: [f64; 3],
}

/// A picture that the vehicle triggered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shot {
    pub(super) boot_s: f64,
    pub(super) number: u16,
    pub(super) state: State,
}

/// All that a log is written from.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) instants: Vec<Instant>,
    pub(super) shots: Vec<Shot>,
    pub(super) home: State,
    /// UTC at the autopilot's start, seconds since 1970.
    pub(super) utc_s_at_boot: f64,
    pub(super) rtk: bool,
    /// One sigma that the receiver states, horizontal and vertical, in metres.
    pub(super) sigma_m: [f64; 2],
}

/// A place on the way: seconds since boot, east, north, above ground, and the camera's angles.
#[derive(Debug, Clone, Copy)]
struct Knot {
    boot_s: f64,
    place_m: Vector3<f64>,
    camera_deg: [f64; 3],
}

/// Name and bytes of a log of a kind. `flight` has all frames, also those that get no file.
pub(super) fn file(
    kind: LogKind,
    scene: &Scene,
    flight: &Flight,
    params: &Params,
) -> (String, Vec<u8>) {
    let recorded = Recorded::of(scene, flight, params);
    match kind {
        LogKind::Bin => ("flight.bin".to_owned(), log_dataflash::bytes(&recorded)),
        LogKind::Tlog => ("flight.tlog".to_owned(), log_tlog::bytes(&recorded)),
        LogKind::Csv => ("flight.csv".to_owned(), log_text::csv(&recorded)),
        LogKind::Gpx => ("flight.gpx".to_owned(), log_text::gpx(&recorded)),
    }
}

impl Recorded {
    fn of(scene: &Scene, flight: &Flight, params: &Params) -> Self {
        let knots = knots(scene, &flight.frames, params);
        let state = |boot_s: f64| state_at(scene, &knots, boot_s);
        let end_s = knots.last().map_or(BEFORE_S, |knot| knot.boot_s) + AFTER_S;
        let steps = (end_s * ATTITUDE_HZ) as usize;
        let instants = (0..=steps).map(|step| {
            // Not on the frames' own instants.
            let boot_s = step as f64 / ATTITUDE_HZ + 0.037;
            let with_place = step % PLACE_EVERY == 0;
            Instant { boot_s, with_place, state: state(boot_s) }
        });
        let shots = flight.frames.iter().zip(0_u16..).map(|(frame, number)| {
            let boot_s = BEFORE_S + frame.after_first_s;
            Shot { boot_s, number, state: state(boot_s) }
        });
        let first_utc = Offset::UTC.to_timestamp(params.flight.first_frame_at);
        let first_utc_s = first_utc.map_or(0.0, |utc| utc.as_duration().as_secs_f64());
        let errors = &params.errors;
        Self {
            instants: instants.collect(),
            shots: shots.collect(),
            home: State { above_home_m: 0.0, ..at(scene, Vector3::zeros(), [0.0; 3], [0.0; 3]) },
            utc_s_at_boot: first_utc_s - BEFORE_S,
            rtk: errors.rtk,
            sigma_m: [
                errors.own.horizontal_m.hypot(errors.common.horizontal_m).max(0.01),
                errors.own.vertical_m.hypot(errors.common.vertical_m).max(0.01),
            ],
        }
    }
}

/// Before, at and after each frame.
fn knots(scene: &Scene, frames: &[FlownFrame], params: &Params) -> Vec<Knot> {
    let mut knots = Vec::with_capacity(3 * frames.len());
    for (index, frame) in frames.iter().enumerate() {
        let near_s = |other: Option<&FlownFrame>| {
            other.map(|other| (other.after_first_s - frame.after_first_s).abs() / 3.0)
        };
        let before = index.checked_sub(1).and_then(|before| frames.get(before));
        let straight_s = near_s(before)
            .into_iter()
            .chain(near_s(frames.get(index + 1)))
            .fold(STRAIGHT_S, f64::min);
        let place_m = local_m(scene, &frame.stated_pose);
        let Pose { yaw_deg, pitch_deg, roll_deg, .. } = frame.stated_pose;
        let (sin, cos) = frame.heading_deg.to_radians().sin_cos();
        let velocity = Vector3::new(sin, cos, 0.0) * params.flight.speed_m_s;
        for off_s in [-straight_s, 0.0, straight_s] {
            knots.push(Knot {
                boot_s: BEFORE_S + frame.after_first_s + off_s,
                place_m: place_m + velocity * off_s,
                camera_deg: [yaw_deg, pitch_deg, roll_deg],
            });
        }
    }
    knots
}

fn local_m(scene: &Scene, pose: &Pose) -> Vector3<f64> {
    let flat = Geodetic::from_degrees(pose.lat, pose.lon, scene.ground_m);
    let enu = LocalFrame::at(&scene.frame.geodetic(&Vector3::zeros())).enu(&flat);
    Vector3::new(enu.x, enu.y, pose.height_ellipsoidal_m - scene.ground_m)
}

/// Straight between knots, the shorter way round for yaw; at rest before the first and after the
/// last.
fn state_at(scene: &Scene, knots: &[Knot], boot_s: f64) -> State {
    let next = knots.partition_point(|knot| knot.boot_s <= boot_s);
    let (before, after) = (next.checked_sub(1).and_then(|i| knots.get(i)), knots.get(next));
    match (before, after) {
        (Some(from), Some(to)) => {
            let span_s = to.boot_s - from.boot_s;
            let share = (boot_s - from.boot_s) / span_s;
            let place_m = from.place_m.lerp(&to.place_m, share);
            let v = (to.place_m - from.place_m) / span_s;
            let angles = std::array::from_fn(|i| {
                let turn = (to.camera_deg[i] - from.camera_deg[i] + 180.0).rem_euclid(360.0);
                from.camera_deg[i] + (turn - 180.0) * share
            });
            at(scene, place_m, angles, [v.y, v.x, -v.z])
        }
        (Some(only), None) | (None, Some(only)) => {
            at(scene, only.place_m, only.camera_deg, [0.0; 3])
        }
        (None, None) => at(scene, Vector3::zeros(), [0.0; 3], [0.0; 3]),
    }
}

fn at(
    scene: &Scene,
    place_m: Vector3<f64>,
    camera_deg: [f64; 3],
    velocity_ned_m_s: [f64; 3],
) -> State {
    let flat = scene.frame.geodetic(&Vector3::new(place_m.x, place_m.y, 0.0));
    let height_m = scene.ground_m + place_m.z;
    let place = Geodetic { height_m, ..flat };
    let amsl_m = height_m - egm96_undulation_m(place.lat_deg(), place.lon_deg());
    let yaw_deg = (camera_deg[0] + 180.0).rem_euclid(360.0) - 180.0;
    State {
        place,
        amsl_m,
        above_home_m: place_m.z,
        camera_deg: [yaw_deg, camera_deg[1], camera_deg[2]],
        velocity_ned_m_s,
    }
}

impl State {
    /// Latitude and longitude in 1e-7 degree.
    pub(super) fn e7(&self) -> (i32, i32) {
        let e7 = |deg: f64| (deg * 1e7).round() as i32;
        (e7(self.place.lat_deg()), e7(self.place.lon_deg()))
    }
}

/// Seconds as microseconds.
pub(super) fn us(seconds: f64) -> u64 {
    (seconds * 1e6).round() as u64
}
