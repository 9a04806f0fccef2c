//! Where the camera pointed, by the log of the vehicle that carries it.

use std::f64::consts::PI;

use nalgebra::{Matrix3, Rotation3, UnitQuaternion};

use crate::flight::{EventAttitude, LogTime, attitude_from_quaternion};
use crate::geo::Attitude;
use crate::thermal::Metadata;

use super::direction::{Direction, FLIGHT, GIMBAL, Sigmas, direction_of_frame, wrapped};
use super::{Mount, NoPose, PoseNote, TrackMoment};

/// A camera fixed to an airframe whose tilt nobody logged, by a compass in the camera: legs of a
/// survey lean up to 9.4° (see `direction`), half of which a wind makes common to all; a compass
/// that was not calibrated to its airframe is off by 10°.
const BY_COMPASS: (Sigmas, Sigmas) = ([3.0, 3.0, 3.0], [10.0, 4.0, 4.0]);

/// A turn within a moment's uncertainty is looked at no farther than this to either side, in
/// seconds.
const TURN_WITHIN_S: f64 = 0.5;

/// The attitude of the camera at the moment, against the north that the log counts from.
///
/// A camera with a mount is fixed to the airframe: the body's attitude and the mount's are chained.
/// Where the log has no attitude at all, the direction in the frame's EXIF is its yaw, and the
/// airframe counts as level.
/// Else the log's gimbal is taken, then the camera's own word in the paired event, then what the
/// frame's file says.
///
/// # Errors
/// [`NoPose::Gap`] where the log has such samples, but not around the moment,
/// [`NoPose::NoLogAttitude`] where nobody tells.
pub(super) fn direction_on_track(
    moment: &TrackMoment<'_>,
    metadata: &Metadata,
    mount: Option<&Mount>,
    rtk_fixed: bool,
    notes: &mut Vec<PoseNote>,
) -> Result<Direction, NoPose> {
    if let Some(mount) = mount {
        notes.push(PoseNote::FixedMount);
        if let (Some(yaw), true) = (metadata.image_direction, moment.track.attitude.is_empty()) {
            notes.push(PoseNote::YawOfExif);
            let Mount { pitch_deg, roll_deg, .. } = *mount;
            let attitude = Attitude::from_degrees(wrapped(yaw.deg), pitch_deg, roll_deg);
            let told = direction(moment, attitude, BY_COMPASS, 0.0);
            return Ok(Direction { north: yaw.north, ..told });
        }
        let (body, error_rad) = body_attitude(moment, notes)?;
        let swing_rad = swing_rad(moment, |at| Some(moment.track.attitude_at(at).ok()?.attitude));
        return Ok(direction(moment, mounted(&body, mount), FLIGHT, error_rad.hypot(swing_rad)));
    }
    if let Some(number) = gimbal_number(moment) {
        let found = match moment.track.gimbal_at(moment.at, number) {
            Ok(found) => found,
            Err(gap) => {
                let attitude = camera_of_event(moment).ok_or(NoPose::Gap(gap))?;
                notes.push(PoseNote::PoseOfEvent);
                return Ok(direction(moment, attitude, GIMBAL, 0.0));
            }
        };
        let at = |at| Some(moment.track.gimbal_at(at, number).ok()?.attitude);
        let error_rad = found.error_rad.hypot(swing_rad(moment, at));
        return Ok(direction(moment, found.attitude, GIMBAL, error_rad));
    }
    if let Some(attitude) = camera_of_event(moment) {
        notes.push(PoseNote::PoseOfEvent);
        return Ok(direction(moment, attitude, GIMBAL, 0.0));
    }
    if metadata.gimbal.is_some() {
        return direction_of_frame(metadata, rtk_fixed, notes);
    }
    Err(NoPose::NoLogAttitude)
}

/// How the airframe stood: the log's attitude, else the vehicle's in the paired event.
pub(super) fn body_attitude(
    moment: &TrackMoment<'_>,
    notes: &mut Vec<PoseNote>,
) -> Result<(Attitude, f64), NoPose> {
    match moment.track.attitude_at(moment.at) {
        Ok(found) => Ok((found.attitude, found.error_rad)),
        Err(gap) => match moment.event.and_then(|event| event.attitude) {
            Some(EventAttitude::Vehicle(attitude)) => {
                notes.push(PoseNote::PoseOfEvent);
                Ok((attitude, 0.0))
            }
            _ => Err(NoPose::Gap(gap)),
        },
    }
}

/// The lowest number among the gimbals of the log.
fn gimbal_number(moment: &TrackMoment<'_>) -> Option<u8> {
    moment.track.gimbal.iter().map(|sample| sample.value.number).min()
}

fn camera_of_event(moment: &TrackMoment<'_>) -> Option<Attitude> {
    match moment.event?.attitude? {
        EventAttitude::Camera(attitude) => Some(attitude),
        EventAttitude::Vehicle(_) => None,
    }
}

/// A camera on a mount: `ned_from_body · body_from_camera`. Angles are never added.
fn mounted(body: &Attitude, mount: &Mount) -> Attitude {
    let Mount { yaw_deg, pitch_deg, roll_deg, .. } = *mount;
    let body_from_camera = Attitude::from_degrees(yaw_deg, pitch_deg, roll_deg).ned_from_body();
    attitude_of(&(body.ned_from_body() * body_from_camera)).unwrap_or(*body)
}

/// `None` only of a matrix that is no rotation.
fn attitude_of(ned_from_camera: &Matrix3<f64>) -> Option<Attitude> {
    let rotation = Rotation3::from_matrix_unchecked(*ned_from_camera);
    let turn = UnitQuaternion::from_rotation_matrix(&rotation);
    attitude_from_quaternion([turn.w, turn.i, turn.j, turn.k])
}

/// How far the camera turns within the uncertainty of the moment, in radians.
fn swing_rad(moment: &TrackMoment<'_>, at: impl Fn(LogTime) -> Option<Attitude>) -> f64 {
    let reach_s = moment.own_sigma_s.min(TURN_WITHIN_S);
    let ends = at(moment.at + -reach_s).zip(at(moment.at + reach_s));
    ends.map_or(0.0, |(from, to)| {
        let turn = from.ned_from_body().transpose() * to.ned_from_body();
        ((turn.trace() - 1.0) / 2.0).clamp(-1.0, 1.0).acos() / 2.0
    })
}

fn direction(
    moment: &TrackMoment<'_>,
    attitude: Attitude,
    sigmas: (Sigmas, Sigmas),
    error_rad: f64,
) -> Direction {
    Direction {
        attitude: upright(attitude),
        own_rad: sigmas.0.map(|deg| deg.to_radians().hypot(error_rad)),
        common_rad: sigmas.1.map(f64::to_radians),
        turning: false,
        north: moment.track.north,
    }
}

/// Past straight down, yaw and roll of a rotation turn by 180°. Frames of one flight that hang a
/// little to either side of the vertical shall have angles that can be compared: pitch goes on past
/// 90° instead.
fn upright(attitude: Attitude) -> Attitude {
    let Attitude { yaw_rad, pitch_rad, roll_rad } = attitude;
    if roll_rad.abs() <= PI / 2.0 || pitch_rad.abs() < PI / 4.0 {
        return attitude;
    }
    Attitude {
        yaw_rad: wrapped(yaw_rad.to_degrees() + 180.0).to_radians(),
        pitch_rad: PI.copysign(pitch_rad) - pitch_rad,
        roll_rad: wrapped(roll_rad.to_degrees() - 180.0).to_radians(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pitch_goes_on_past_the_vertical_and_the_rotation_stays() {
        for (yaw, pitch, roll) in [(-90.0, -89.7, 180.0), (10.0, -80.0, -175.0), (5.0, 60.0, 100.0)]
        {
            let told = Attitude::from_degrees(yaw, pitch, roll);
            let same = upright(told);
            assert!((same.ned_from_body() - told.ned_from_body()).norm() < 1e-12);
            assert!(same.roll_rad.abs() <= PI / 2.0);
        }
        let level = Attitude::from_degrees(0.0, 0.0, 180.0);
        assert_eq!(upright(level), level);
    }

    /// Worked out by hand: a camera tilted down in an airframe that banks to the right by as much
    /// as a right angle looks sideways, not down.
    #[test]
    fn a_mount_is_chained_and_angles_are_not_added() {
        let mount = Mount { pitch_deg: -90.0, ..Mount::default() };
        let banked = Attitude::from_degrees(0.0, 0.0, 90.0);
        let forward = mounted(&banked, &mount).ned_from_body().column(0).into_owned();
        // Down of the body, rolled right by 90°, points west when the nose is north.
        assert!((forward - nalgebra::Vector3::new(0.0, -1.0, 0.0)).norm() < 1e-9, "{forward}");
        let turned = Attitude::from_degrees(90.0, 10.0, 0.0);
        let mount = Mount { yaw_deg: 90.0, ..Mount::default() };
        let forward = mounted(&turned, &mount).ned_from_body().column(0).into_owned();
        assert!((forward - nalgebra::Vector3::new(-1.0, 0.0, 0.0)).norm() < 1e-9, "{forward}");
    }
}
