//! Where the camera pointed: gimbal or flight attitude.

use crate::geo::{Attitude, North};
use crate::thermal::{EulerDegrees, Metadata};

use super::{NoPose, PoseNote};

/// A gimbal this near to straight down, in degrees, has a yaw that may carry a constant bias.
const NADIR_DEG: f64 = 3.0;
/// The bias shows when gimbal and flight yaw differ by more, in degrees.
const YAW_APART_DEG: f64 = 10.0;
/// An aircraft that leans more, in degrees, is turning or braking, and its yaw is on the way to
/// somewhere else. Straight legs of a survey lean up to 9.4°, its turns 15.5 and 20.2°.
const LEAN_DEG: f64 = 12.0;

/// Yaw, pitch, roll in degrees, one sigma.
pub(super) type Sigmas = [f64; 3];

/// A gimbal with a compass: 3° of yaw and 0.5° of tilt, most of which stays through a flight.
pub(super) const GIMBAL: (Sigmas, Sigmas) = ([0.7, 0.3, 0.3], [2.9, 0.4, 0.4]);
/// Aircraft with an RTK fix have a heading from it, and calibrated gimbals: 1° and 0.2°.
const GIMBAL_RTK: (Sigmas, Sigmas) = ([0.5, 0.12, 0.12], [0.87, 0.16, 0.16]);
/// A camera that is fixed to the airframe.
pub(super) const FLIGHT: (Sigmas, Sigmas) = ([1.0, 1.0, 1.0], [2.9, 1.0, 1.0]);
/// A gimbal that hangs straight down and whose yaw is not to be trusted, with the flight yaw.
///
/// From one survey of such an aircraft, whose pictures were laid over each other: the flight yaw
/// was off by +2 to +4° on one leg and by -2 to -8° on the next. Every picture showed what lay 4 to
/// 8 m behind the stated place at 120 m, as if its camera looked 2.7° back or its place were a
/// second old; the spread between frames was 1.6 m. Both count as pitch here.
const FLIGHT_YAW: (Sigmas, Sigmas) = ([3.5, 0.8, 0.4], [2.0, 2.7, 0.7]);
/// Flight yaw in a turn; it was 66° and 12° from the picture in two frames.
const TURNING_YAW_DEG: f64 = 40.0;

/// An attitude and how sure it is, in radians.
pub(super) struct Direction {
    pub(super) attitude: Attitude,
    pub(super) own_rad: [f64; 3],
    pub(super) common_rad: [f64; 3],
    pub(super) turning: bool,
    /// Which north its yaw counts from.
    pub(super) north: North,
}

/// The attitude of a frame's camera.
///
/// The gimbal's, whose angles are absolute. Straight down its yaw is checked against the
/// aircraft's, which is taken where they differ by more than 10°: a bias of 54° is known to last a
/// whole flight. Leaning hard, neither is sure; then the flight yaw is taken with a sigma of 40°.
pub(super) fn direction_of_frame(
    metadata: &Metadata,
    rtk_fixed: bool,
    notes: &mut Vec<PoseNote>,
) -> Result<Direction, NoPose> {
    let gimbal = sound(metadata.gimbal, "the gimbal attitude")?;
    let flight = sound(metadata.flight, "the flight attitude")?;
    let Some(mut angles) = gimbal else {
        let EulerDegrees { yaw, pitch, roll } = flight.ok_or(NoPose::NoAttitude)?;
        notes.push(PoseNote::NoGimbal);
        return Ok(direction(yaw, pitch, roll, FLIGHT));
    };
    // A gimbal that hangs the other way round says a roll of 180°, and its picture is turned
    // upright again before it is stored.
    if metadata.gimbal_reversed && angles.roll.abs() > 90.0 {
        angles.roll = wrapped(angles.roll - 180.0);
    }
    let sigmas = if rtk_fixed { GIMBAL_RTK } else { GIMBAL };
    let mut found = direction(angles.yaw, angles.pitch, angles.roll, sigmas);
    let nadir = (angles.pitch + 90.0).abs() <= NADIR_DEG;
    if let Some(flight) = flight
        && nadir
        && wrapped(up_in_picture(&angles) - flight.yaw).abs() > YAW_APART_DEG
    {
        notes.push(PoseNote::FlightYawAtNadir);
        let yaw = if angles.roll.abs() > 90.0 { flight.yaw + 180.0 } else { flight.yaw };
        found.attitude.yaw_rad = wrapped(yaw).to_radians();
        found.own_rad = FLIGHT_YAW.0.map(f64::to_radians);
        found.common_rad = FLIGHT_YAW.1.map(f64::to_radians);
        if lean_deg(&flight) > LEAN_DEG {
            notes.push(PoseNote::Turning);
            found.turning = true;
            found.own_rad[0] = TURNING_YAW_DEG.to_radians();
        }
    }
    Ok(found)
}

/// The compass direction of the picture's upper edge, straight down: past the vertical a gimbal
/// reports yaw and roll turned by 180°.
fn up_in_picture(angles: &EulerDegrees) -> f64 {
    if angles.roll.abs() > 90.0 { angles.yaw + 180.0 } else { angles.yaw }
}

fn lean_deg(flight: &EulerDegrees) -> f64 {
    (flight.pitch.to_radians().cos() * flight.roll.to_radians().cos()).acos().to_degrees()
}

fn direction(yaw: f64, pitch: f64, roll: f64, sigmas: (Sigmas, Sigmas)) -> Direction {
    Direction {
        attitude: Attitude::from_degrees(wrapped(yaw), pitch, roll),
        own_rad: sigmas.0.map(f64::to_radians),
        common_rad: sigmas.1.map(f64::to_radians),
        turning: false,
        // DJI's and Skydio's angles, which are the ones that files have, count from true north.
        north: North::True,
    }
}

/// Into -180 to 180°.
pub(super) fn wrapped(deg: f64) -> f64 {
    (deg + 180.0).rem_euclid(360.0) - 180.0
}

/// Angles within a turn either way.
fn sound(angles: Option<EulerDegrees>, name: &'static str) -> Result<Option<EulerDegrees>, NoPose> {
    match angles {
        Some(EulerDegrees { yaw, pitch, roll })
            if ![yaw, pitch, roll].iter().all(|deg| (-360.0..=360.0).contains(deg)) =>
        {
            Err(NoPose::BadNumber(name))
        }
        angles => Ok(angles),
    }
}
