//! Quaternions, and turns between attitudes.

use std::f64::consts::{PI, TAU};

use nalgebra::{Quaternion, Rotation3, UnitQuaternion};

use crate::geo::Attitude;

/// An angle brought into -π to π.
#[must_use]
pub(super) fn wrapped(rad: f64) -> f64 {
    if rad.abs() <= PI { rad } else { (rad + PI).rem_euclid(TAU) - PI }
}

/// The attitude of a quaternion `[w, x, y, z]` that turns body axes (forward, right, down) into
/// north, east, down; its length need not be one.
///
/// `None` where it is not finite or shorter than 0.5 or longer than 2: such a quaternion is an
/// unset one, not a rounded one. Straight up or down yaw and roll turn about the same axis: roll is
/// then zero.
#[must_use]
pub fn attitude_from_quaternion(wxyz: [f64; 4]) -> Option<Attitude> {
    let [w, x, y, z] = wxyz;
    let length = (w * w + x * x + y * y + z * z).sqrt();
    if !(0.5..=2.0).contains(&length) {
        return None;
    }
    Some(attitude(&UnitQuaternion::from_quaternion(Quaternion::new(w, x, y, z))))
}

/// Body axes to north, east, down.
pub(super) fn ned_from_body(attitude: &Attitude) -> UnitQuaternion<f64> {
    let Attitude { yaw_rad, pitch_rad, roll_rad } = *attitude;
    UnitQuaternion::from_euler_angles(roll_rad, pitch_rad, yaw_rad)
}

/// Below this cosine of pitch, yaw and roll cannot be told apart in 64 bit numbers.
const GIMBAL_LOCK: f64 = 1e-7;

/// Yaw, pitch and roll of a rotation of body axes into north, east, down.
pub(super) fn attitude(ned_from_body: &UnitQuaternion<f64>) -> Attitude {
    let rotation: Rotation3<f64> = ned_from_body.to_rotation_matrix();
    let r = rotation.matrix();
    let cos_pitch = r[(0, 0)].hypot(r[(1, 0)]);
    let pitch_rad = (-r[(2, 0)]).atan2(cos_pitch);
    if cos_pitch < GIMBAL_LOCK {
        let yaw_rad = (-r[(0, 1)]).atan2(r[(1, 1)]);
        return Attitude { yaw_rad, pitch_rad, roll_rad: 0.0 };
    }
    Attitude {
        yaw_rad: r[(1, 0)].atan2(r[(0, 0)]),
        pitch_rad,
        roll_rad: r[(2, 1)].atan2(r[(2, 2)]),
    }
}

/// The attitude at a fraction of the shortest turn from one to the other.
pub(super) fn between(from: &Attitude, to: &Attitude, fraction: f64) -> Attitude {
    let from = ned_from_body(from);
    attitude(&(from * (from.inverse() * ned_from_body(to)).powf(fraction)))
}

/// The turn from one attitude to another, as a vector along its axis in body axes; radians, at
/// most π.
pub(super) fn turn(from: &Attitude, to: &Attitude) -> nalgebra::Vector3<f64> {
    (ned_from_body(from).inverse() * ned_from_body(to)).scaled_axis()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_and_rotations_agree_with_the_matrix_of_geo() {
        for (yaw, pitch, roll) in
            [(0.0, 0.0, 0.0), (170.0, -30.0, 15.0), (-120.0, 80.0, -170.0), (45.0, -90.0, 0.0)]
        {
            let told = Attitude::from_degrees(yaw, pitch, roll);
            let quaternion = ned_from_body(&told);
            let matrix = quaternion.to_rotation_matrix();
            assert!((matrix.matrix() - told.ned_from_body()).norm() < 1e-12);
            let q = quaternion.quaternion();
            let back = attitude_from_quaternion([q.w, q.i, q.j, q.k]).unwrap();
            assert!((back.ned_from_body() - told.ned_from_body()).norm() < 1e-7, "{back:?}");
        }
    }

    #[test]
    fn straight_down_keeps_its_yaw() {
        let down = Attitude::from_degrees(30.0, -90.0, 0.0);
        let back = attitude(&ned_from_body(&down));
        assert!((back.yaw_rad - down.yaw_rad).abs() < 1e-9 && back.roll_rad == 0.0, "{back:?}");
    }

    #[test]
    fn the_way_between_two_yaws_is_the_shorter_one() {
        let from = Attitude::from_degrees(170.0, 0.0, 0.0);
        let to = Attitude::from_degrees(-170.0, 0.0, 0.0);
        let half = between(&from, &to, 0.25);
        assert!((half.yaw_rad.to_degrees() - 175.0).abs() < 1e-9);
        assert!((turn(&from, &to).z.to_degrees() - 20.0).abs() < 1e-9);
    }

    #[test]
    fn an_unset_quaternion_is_no_attitude() {
        assert!(attitude_from_quaternion([0.0; 4]).is_none());
        assert!(attitude_from_quaternion([f64::NAN, 0.0, 0.0, 1.0]).is_none());
        assert!(attitude_from_quaternion([f64::INFINITY, 0.0, 0.0, 1.0]).is_none());
    }
}
