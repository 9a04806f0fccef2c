//! The pose of a frame from what its own file says.

use nalgebra::{Matrix3, Vector3};
use serde::{Deserialize, Serialize};

use crate::geo::{Attitude, CameraModel, Geodetic, North, Terrain};
use crate::thermal::Metadata;

use super::CameraTable;
use super::boresight::{aligned, at_arms_end, body_of_file, boresight_of};
use super::direction::direction_of_frame;
use super::lens::camera_of_frame;
use super::north::to_true_north;
use super::place::place_of_frame;

/// One sigma of what all frames of a flight, or one frame alone, may be off.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PoseSigmas {
    /// East, north, up in metres.
    pub position_enu_m: [f64; 3],
    /// Turns in radians about the vertical, about the level axis to the camera's right, and about
    /// the level axis ahead: yaw, pitch and roll as a gimbal's motors and its levelling have them.
    /// The last tilts across, however steeply the camera looks.
    pub attitude_rad: [f64; 3],
}

/// What was decided about a pose, so that a reader of the frame's record can judge it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PoseNote {
    /// EXIF and XMP positions differ by metres: XMP is taken, the gap is in sigma.
    PositionsDiffer,
    /// EXIF and XMP positions contradict each other.
    PositionConflict,
    /// Near nadir gimbal and flight yaw differ: flight yaw is taken.
    FlightYawAtNadir,
    /// The aircraft turns hard: the pose is less sure.
    Turning,
    /// The pose of the visible twin, which has the RTK fix, is taken.
    RtkPoseOfTwin,
    /// An RTK fix was expected and is not there.
    NoRtkPose,
    /// The calibration in the file belongs to another lens: the camera table is taken.
    CalibrationOfOtherLens,
    /// The calibration in the file is taken.
    CalibrationOfFile,
    /// The camera is not in the table: the focal length of the file is taken.
    CameraUnknown,
    /// The height is take-off ground plus relative altitude.
    HeightAboveTakeoff,
    /// The height's datum is assumed.
    HeightDatumAssumed,
    /// Relative and absolute altitude contradict each other by more than 5 m.
    HeightsDiffer,
    /// There is no gimbal attitude: the flight attitude is taken.
    NoGimbal,
    /// Corrected by what the flight's overlapping views tell.
    Calibrated,
    /// Place and attitude are those of a flight log.
    FromLog,
    /// The camera is fixed to the airframe: the attitude is the airframe's, turned by the mount.
    FixedMount,
    /// The log has a gap and the camera event itself tells the place or the attitude.
    PoseOfEvent,
    /// The heading counted from magnetic north and was corrected by the World Magnetic Model.
    MagneticHeading,
    /// The heading is what EXIF says of the picture: the log has no attitude.
    YawOfExif,
}

/// A camera at a place, looking somewhere, and how sure that is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PosedFrame {
    /// The frame's number in the run.
    pub frame: u32,
    /// The camera.
    pub camera: CameraModel,
    /// Its place, height above the ellipsoid.
    pub position: Geodetic,
    /// Its attitude; the camera's axes are forward, right, down.
    pub attitude: Attitude,
    /// What the camera is tilted besides, about the level axis ahead, right side down, in radians.
    /// Yaw, pitch and roll cannot say it of a camera that looks straight down; 0 as files and logs
    /// state it.
    pub tilt_rad: f64,
    /// What this frame alone may be off.
    pub own: PoseSigmas,
    /// What the whole flight may be off.
    pub common: PoseSigmas,
    /// How fast the camera moved, metres a second east, north, up; 0 where it is not known.
    pub velocity_enu_m_s: [f64; 3],
    /// How far the whole flight's pose may be off its pictures in time, one sigma in seconds.
    pub clock_sigma_s: f64,
    /// What was decided.
    pub notes: Vec<PoseNote>,
}

impl PosedFrame {
    /// From the camera's axes forward, right, down to north, east, down:
    /// Rz(yaw) · Rx(tilt) · Ry(pitch) · Rx(roll).
    #[must_use]
    pub fn ned_from_camera(&self) -> Matrix3<f64> {
        if self.tilt_rad == 0.0 {
            return self.attitude.ned_from_body();
        }
        let Attitude { yaw_rad, pitch_rad, roll_rad } = self.attitude;
        let outer = Attitude { yaw_rad, pitch_rad: 0.0, roll_rad: self.tilt_rad };
        let inner = Attitude { yaw_rad: 0.0, pitch_rad, roll_rad };
        outer.ned_from_body() * inner.ned_from_body()
    }

    /// The axes, north, east, down, that small errors of [`PoseSigmas::attitude_rad`] turn about.
    #[must_use]
    pub fn turn_axes_ned(&self) -> [Vector3<f64>; 3] {
        let (sin_yaw, cos_yaw) = self.attitude.yaw_rad.sin_cos();
        let (sin_tilt, cos_tilt) = self.tilt_rad.sin_cos();
        let ahead = Vector3::new(cos_yaw, sin_yaw, 0.0);
        let right = Vector3::new(-sin_yaw * cos_tilt, cos_yaw * cos_tilt, sin_tilt);
        [Vector3::z(), right, ahead]
    }

    /// Covariance of the position in m², axes east, north, up: own and common part together.
    #[must_use]
    pub fn position_covariance(&self) -> Matrix3<f64> {
        let [own, common] = [self.own.position_enu_m, self.common.position_enu_m];
        Matrix3::from_fn(
            |row, column| {
                if row == column { own[row].powi(2) + common[row].powi(2) } else { 0.0 }
            },
        )
    }
}

/// Why a frame has no pose.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NoPose {
    /// No position in the file.
    #[error("the file has no position")]
    NoPosition,
    /// 0/0, NaN or out of range.
    #[error("the position {lat_deg}, {lon_deg} is no place")]
    BadPosition {
        /// Degrees.
        lat_deg: f64,
        /// Degrees.
        lon_deg: f64,
    },
    /// Neither absolute nor relative altitude.
    #[error("the file has no altitude")]
    NoHeight,
    /// Neither gimbal nor flight attitude.
    #[error("the file has no attitude")]
    NoAttitude,
    /// Neither in the table nor a focal length in the file.
    #[error(
        "camera {0} is not in the camera table and the file has no usable focal length; \
         add it with --camera-table"
    )]
    UnknownCamera(String),
    /// The log has nothing around the frame's instant; nothing is bridged.
    #[error("the log does not tell the pose: {0}")]
    Gap(crate::flight::Gap),
    /// The receivers had no solution around the frame's instant.
    #[error("the log's receivers had no fix")]
    NoFix,
    /// The log has no height that can be put above the ellipsoid.
    #[error("the log has no height, or only one above a home of unknown level; give --terrain")]
    NoLogHeight,
    /// Neither gimbal nor mount.
    #[error(
        "neither log nor file tells where the camera points; for one that is fixed to the \
         airframe give --mount-pitch, e.g. -90, or its mount in --camera-table"
    )]
    NoLogAttitude,
    /// A magnetic heading at an unknown time.
    #[error(
        "the heading counts from magnetic north, and neither file nor log tells the date that its \
         declination is for"
    )]
    NoDate,
    /// The camera's clock was not found on the log's.
    #[error("{0}")]
    NoClock(String),
    /// An angle or height is not a number or out of its range.
    #[error("{0} is out of range")]
    BadNumber(&'static str),
}

/// The ground that heights above take-off refer to.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The terrain, for take-off ground and checks.
    pub terrain: Option<&'a Terrain>,
    /// Height of the take-off place above the ellipsoid, if the user tells it.
    pub takeoff_height_m: Option<f64>,
}

/// The visible picture of the same instant, which may have the better position.
#[derive(Debug, Clone, Copy)]
pub struct Twin<'a> {
    /// What its file says.
    pub metadata: &'a Metadata,
}

/// How poses are worked out.
#[derive(Debug, Clone)]
pub struct Params<'a> {
    /// All cameras that are known.
    pub cameras: &'a CameraTable,
    /// The camera to take, whatever the file says.
    pub camera_id: Option<&'a str>,
    /// What heights above take-off refer to.
    pub ground: Ground<'a>,
    /// Which north headings count from, whatever file or log says.
    pub heading: Option<North>,
}

/// A camera that turns hard is off its stated place by this much more, in metres: 0.3 s between
/// the position's instant and the picture's at 5 m/s.
const TURNING_M: f64 = 1.5;

/// No drone that takes pictures is faster, in metres a second.
pub(super) const FASTEST_M_S: f64 = 100.0;

/// The pose of one frame of `width_px` x `height_px` from its own file.
///
/// Camera: the table, or a calibration in the file that fits the picture. Place: XMP before EXIF,
/// or the visible twin's where that alone has an RTK fix. Height: RTK, else above the take-off
/// ground, else absolute, for which EGM96 is assumed. Attitude: the gimbal's, but the flight yaw
/// where a gimbal that hangs straight down contradicts it, and then the camera table's boresight.
/// Yaw counts from true north unless [`Params::heading`] says otherwise. What was decided stands in
/// the notes.
///
/// Sigmas are what the file states, else 1.5 m, 3 m up, 3° of yaw and 0.5° of tilt without RTK and
/// 0.02 m, 0.03 m, 1° and 0.2° with it. Errors that last, which are most of GNSS, compass and
/// mounting, are in `common`; RTK noise and jitter in `own`.
///
/// # Errors
/// [`NoPose`]: the reason.
pub fn pose_from_metadata(
    frame: u32,
    size_px: (u32, u32),
    metadata: &Metadata,
    twin: Option<Twin<'_>>,
    params: &Params<'_>,
) -> Result<PosedFrame, NoPose> {
    if size_px.0 == 0 || size_px.1 == 0 {
        return Err(NoPose::BadNumber("the picture's size"));
    }
    let mut notes = Vec::new();
    let place = place_of_frame(metadata, twin, &params.ground, &mut notes)?;
    let mut direction = direction_of_frame(metadata, place.rtk_fixed, &mut notes)?;
    direction.north = params.heading.unwrap_or(direction.north);
    let taken_s = metadata.taken_at.map(|time| time.seconds());
    to_true_north(&mut direction, &place.position, taken_s, &mut notes)?;
    let camera = camera_of_frame(size_px, metadata, params, &mut notes)?;
    let mut own_enu_m = place.own_enu_m;
    if direction.turning {
        own_enu_m[0] = own_enu_m[0].hypot(TURNING_M);
        own_enu_m[1] = own_enu_m[1].hypot(TURNING_M);
    }
    let (mut position, mut attitude, mut tilt_rad) = (place.position, direction.attitude, 0.0);
    if let Some(boresight) = boresight_of(metadata, params) {
        let body = body_of_file(metadata, &attitude);
        position = at_arms_end(&position, &body, &boresight.arm_m());
        (attitude, tilt_rad) = aligned(attitude, &boresight);
    }
    notes.sort_unstable();
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
        velocity_enu_m_s: velocity_enu_m_s(metadata),
        clock_sigma_s: 0.0,
        notes,
    })
}

/// As the file says it, if it does.
fn velocity_enu_m_s(metadata: &Metadata) -> [f64; 3] {
    let sound = |velocity: &[f64; 3]| velocity.iter().all(|v| v.abs() < FASTEST_M_S);
    let [north, east, down] = metadata.velocity_ned_m_s.filter(sound).unwrap_or_default();
    [east, north, -down]
}
