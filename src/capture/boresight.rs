//! A camera on a gimbal that does not sit quite as the gimbal says.

use nalgebra::{Matrix3, Vector3};

use crate::geo::{Attitude, Geodetic, LocalFrame, enu_from_ned};
use crate::thermal::Metadata;

use super::{Boresight, Params};

/// The boresight of the camera that took a frame, if the table has one.
pub(super) fn boresight_of(metadata: &Metadata, params: &Params<'_>) -> Option<Boresight> {
    let entry = match params.camera_id {
        Some(id) => params.cameras.by_id(id),
        None => params.cameras.of_frame(metadata),
    };
    entry?.boresight
}

/// The camera's attitude and its tilt besides, where `stated` is the gimbal's.
///
/// The rotations are chained, never their angles added. Straight down a camera that sits askew
/// leans across, which yaw, pitch and roll cannot say: that is the tilt.
pub(super) fn aligned(stated: Attitude, boresight: &Boresight) -> (Attitude, f64) {
    let Boresight { yaw_deg, pitch_deg, roll_deg, .. } = *boresight;
    let gimbal_from_camera = Attitude::from_degrees(yaw_deg, pitch_deg, roll_deg).ned_from_body();
    let back = Attitude { yaw_rad: 0.0, pitch_rad: 0.0, roll_rad: -stated.roll_rad };
    // Rz(yaw) · Rx(tilt) · Ry(pitch), with the stated roll taken off.
    let m: Matrix3<f64> = stated.ned_from_body() * gimbal_from_camera * back.ned_from_body();
    let attitude = Attitude {
        yaw_rad: (-m[(0, 1)]).atan2(m[(1, 1)]),
        pitch_rad: (-m[(2, 0)]).atan2(m[(2, 2)]),
        roll_rad: stated.roll_rad,
    };
    (attitude, m[(2, 1)].clamp(-1.0, 1.0).asin())
}

/// The camera's place, where `stated` is that of the aircraft's reference point.
pub(super) fn at_arms_end(stated: &Geodetic, body: &Attitude, arm_m: &Vector3<f64>) -> Geodetic {
    if arm_m.norm() > 0.0 {
        LocalFrame::at(stated).geodetic(&enu_from_ned(&(body.ned_from_body() * arm_m)))
    } else {
        *stated
    }
}

/// How the aircraft stood, by the frame's file; level where it does not say.
pub(super) fn body_of_file(metadata: &Metadata, camera: &Attitude) -> Attitude {
    metadata
        .flight
        .map_or(Attitude { yaw_rad: camera.yaw_rad, pitch_rad: 0.0, roll_rad: 0.0 }, |flight| {
            Attitude::from_degrees(flight.yaw, flight.pitch, flight.roll)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotations_are_chained_and_nothing_jumps_straight_down() {
        let boresight =
            Boresight { yaw_deg: 0.4, pitch_deg: -0.7, roll_deg: 0.5, ..Boresight::default() };
        for (yaw, pitch, roll) in [(30.0, -90.0, 0.0), (30.0, -45.0, 3.0), (-170.0, -90.4, 0.0)] {
            let stated = Attitude::from_degrees(yaw, pitch, roll);
            let (attitude, tilt_rad) = aligned(stated, &boresight);
            let Attitude { yaw_rad, pitch_rad, roll_rad } = attitude;
            let outer = Attitude { yaw_rad, pitch_rad: 0.0, roll_rad: tilt_rad };
            let inner = Attitude { yaw_rad: 0.0, pitch_rad, roll_rad };
            let own = Attitude::from_degrees(0.4, -0.7, 0.5).ned_from_body();
            let off = outer.ned_from_body() * inner.ned_from_body() - stated.ned_from_body() * own;
            assert!(off.norm() < 1e-12, "{off}");
            assert!((yaw_rad - stated.yaw_rad).to_degrees().abs() < 1.5, "{attitude:?}");
            assert!((pitch_rad - stated.pitch_rad).to_degrees().abs() < 1.5, "{attitude:?}");
        }
        // Straight down what turns the camera about its own down axis leans it across.
        let turned = Boresight { yaw_deg: 1.0, ..Boresight::default() };
        let (_, tilt_rad) = aligned(Attitude::from_degrees(0.0, -90.0, 0.0), &turned);
        assert!((tilt_rad.abs().to_degrees() - 1.0).abs() < 1e-9, "{tilt_rad}");
    }
}
