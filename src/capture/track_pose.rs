//! The pose of a frame from a flight's log.

use crate::flight::{CameraEvent, LogTime, Track};
use crate::geo::{LocalFrame, enu_from_ned};
use crate::thermal::Metadata;

use super::boresight::{aligned, at_arms_end, boresight_of};
use super::lens::camera_of_frame;
use super::north::to_true_north;
use super::pose::FASTEST_M_S;
use super::track_direction::{body_attitude, direction_on_track};
use super::track_place::place_on_track;
use super::{Boresight, Mount, NoPose, Params, PoseNote, PoseSigmas, PosedFrame};

/// An instant of a log at which a frame was taken.
#[derive(Debug, Clone, Copy)]
pub struct TrackMoment<'a> {
    /// The log.
    pub track: &'a Track,
    /// The instant on the log's clock.
    pub at: LogTime,
    /// The camera event that the frame belongs to, where it is known.
    pub event: Option<&'a CameraEvent>,
    /// What this frame's instant alone may be off, one sigma in seconds: the jitter of a trigger,
    /// or the step of the camera's stamps.
    pub own_sigma_s: f64,
    /// What the instants of all frames may be off together, one sigma in seconds.
    pub clock_sigma_s: f64,
}

/// How a pose is worked out from a log.
#[derive(Debug, Clone, Copy)]
pub struct TrackParams<'a> {
    /// As for poses from files: cameras and ground.
    pub frame: &'a Params<'a>,
    /// Pitch of a camera that is fixed to the airframe, in degrees, as the user tells it; it goes
    /// before the camera table's mount and any gimbal.
    pub mount_pitch_deg: Option<f64>,
}

/// Velocity is told from places this far to either side where the log has none, in seconds.
const STEP_S: f64 = 0.5;

/// The pose of one frame of `size_px` at a moment of a vehicle's log.
///
/// Camera: as from the file. Place: the log's, straight between two samples; a gap longer than the
/// track's limits is never bridged. Height: above the ellipsoid where the log has it; with RTK, or
/// where the level of home is not known, above sea level, by the receiver's own geoid if it tells
/// it, else by EGM96 (a note says so); else above home. Attitude: that of a camera fixed to the
/// airframe (the camera table's mount, or `mount_pitch_deg`), the gimbal's, the camera's own in its
/// event, or the file's; headings that count from magnetic north are corrected to true north. The
/// lever arm of the mount, or of a gimbal camera's boresight, is turned with the airframe.
///
/// Sigmas are what the receiver states, else those of its kind of solution, as
/// [`pose_from_metadata`](super::pose_from_metadata) has them; what interpolation may be off, and
/// the way within the frame's own uncertainty in time, go into `own`.
///
/// # Errors
/// [`NoPose`]: the reason.
pub fn pose_from_track(
    frame: u32,
    size_px: (u32, u32),
    metadata: &Metadata,
    moment: &TrackMoment<'_>,
    params: &TrackParams<'_>,
) -> Result<PosedFrame, NoPose> {
    if size_px.0 == 0 || size_px.1 == 0 {
        return Err(NoPose::BadNumber("the picture's size"));
    }
    let mut notes = vec![PoseNote::FromLog];
    let camera = camera_of_frame(size_px, metadata, params.frame, &mut notes)?;
    let place = place_on_track(moment, &params.frame.ground, &mut notes)?;
    let mount = mount_of(metadata, params);
    let mut direction =
        direction_on_track(moment, metadata, mount.as_ref(), place.rtk_fixed, &mut notes)?;
    direction.north = params.frame.heading.unwrap_or(direction.north);
    let logged_s = moment.track.utc_s(moment.at);
    let taken_s = logged_s.or_else(|| Some(metadata.taken_at?.seconds()));
    let added_rad = to_true_north(&mut direction, &place.position, taken_s, &mut notes)?;
    let mut position = place.position;
    let boresight = boresight_of(metadata, params.frame).filter(|_| mount.is_none());
    let arm_m = mount.as_ref().map(Mount::arm_m).or(boresight.as_ref().map(Boresight::arm_m));
    if let Some(arm_m) = arm_m.filter(|arm_m| arm_m.norm() > 0.0) {
        let (mut body, _) = body_attitude(moment, &mut notes)?;
        body.yaw_rad += added_rad;
        position = at_arms_end(&position, &body, &arm_m);
    }
    let (mut attitude, mut tilt_rad) = (direction.attitude, 0.0);
    if let Some(boresight) = &boresight {
        (attitude, tilt_rad) = aligned(attitude, boresight);
    }
    let velocity_enu_m_s = velocity_enu_m_s(moment);
    let mut own_enu_m = place.own_enu_m;
    for (own_m, speed_m_s) in own_enu_m.iter_mut().zip(velocity_enu_m_s) {
        *own_m = own_m.hypot(speed_m_s * moment.own_sigma_s);
    }
    notes.sort_unstable();
    notes.dedup();
    Ok(PosedFrame {
        frame,
        camera,
        position,
        attitude,
        tilt_rad,
        own: PoseSigmas { position_enu_m: own_enu_m, attitude_rad: direction.own_rad },
        common: PoseSigmas {
            position_enu_m: place.common_enu_m,
            attitude_rad: direction.common_rad,
        },
        velocity_enu_m_s,
        clock_sigma_s: moment.clock_sigma_s,
        notes,
    })
}

/// How the camera sits in the airframe, if it is fixed to it.
fn mount_of(metadata: &Metadata, params: &TrackParams<'_>) -> Option<Mount> {
    let entry = match params.frame.camera_id {
        Some(id) => params.frame.cameras.by_id(id),
        None => params.frame.cameras.of_frame(metadata),
    };
    let of_table = entry.and_then(|camera| camera.mount);
    match params.mount_pitch_deg {
        Some(pitch_deg) => Some(Mount { pitch_deg, ..of_table.unwrap_or_default() }),
        None => of_table,
    }
}

/// As the log says it, else from its places around the moment; 0 where neither tells.
fn velocity_enu_m_s(moment: &TrackMoment<'_>) -> [f64; 3] {
    let TrackMoment { track, at, .. } = *moment;
    let enu = match track.velocity_at(at) {
        Ok(found) => enu_from_ned(&found.ned_m_s),
        Err(_) => {
            let place = |at| {
                let position = track.position_at(at).ok()?.position;
                Some(crate::geo::Geodetic {
                    lat_rad: position.lat_rad,
                    lon_rad: position.lon_rad,
                    height_m: 0.0,
                })
            };
            let ends = place(at + -STEP_S).zip(place(at + STEP_S));
            ends.map_or_else(nalgebra::Vector3::zeros, |(from, to)| {
                LocalFrame::at(&from).enu(&to) / (2.0 * STEP_S)
            })
        }
    };
    let sound = enu.iter().all(|speed| speed.abs() < FASTEST_M_S);
    if sound { [enu.x, enu.y, enu.z] } else { [0.0; 3] }
}
