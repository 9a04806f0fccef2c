//! What a payload means: SI units, radians, and nothing where the sender says that it does not
//! know.

use super::Frame;
use super::packet::{self, Layout as _};

/// Numbers of the messages that are understood.
pub mod message_id {
    #![expect(missing_docs, reason = "the names are those of the message set")]
    pub const HEARTBEAT: u32 = 0;
    pub const SYSTEM_TIME: u32 = 2;
    pub const GPS_RAW_INT: u32 = 24;
    pub const ATTITUDE: u32 = 30;
    pub const ATTITUDE_QUATERNION: u32 = 31;
    pub const LOCAL_POSITION_NED: u32 = 32;
    pub const GLOBAL_POSITION_INT: u32 = 33;
    pub const CAMERA_TRIGGER: u32 = 112;
    pub const GPS2_RAW: u32 = 124;
    pub const TERRAIN_REPORT: u32 = 136;
    pub const MOUNT_STATUS: u32 = 158;
    pub const CAMERA_FEEDBACK: u32 = 180;
    pub const HOME_POSITION: u32 = 242;
    pub const CAMERA_IMAGE_CAPTURED: u32 = 263;
    pub const MOUNT_ORIENTATION: u32 = 265;
    pub const GIMBAL_DEVICE_ATTITUDE_STATUS: u32 = 285;
}

/// `HEARTBEAT`: somebody is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeat {
    /// Flight mode, by the autopilot's own numbers.
    pub custom_mode: u32,
    /// `MAV_TYPE`.
    pub mav_type: u8,
    /// `MAV_AUTOPILOT`; 8 of what is no autopilot.
    pub autopilot: u8,
    /// `MAV_MODE_FLAG`.
    pub base_mode: u8,
    /// `MAV_STATE`.
    pub system_status: u8,
}

/// `MAV_AUTOPILOT_INVALID`.
const AUTOPILOT_INVALID: u8 = 8;

impl Heartbeat {
    /// Whether it is a vehicle's: an autopilot, in something that moves. Ground stations, antenna
    /// trackers, cameras, gimbals, ADS-B receivers and other parts are none.
    #[must_use]
    pub fn is_vehicle(&self) -> bool {
        // MAV_TYPE: the numbers left out are parts and stations.
        let moves = matches!(self.mav_type,
            0..=4 | 7..=17 | 19..=25 | 28 | 29 | 35 | 43 | 45 | 46 | 47);
        moves && self.autopilot != AUTOPILOT_INVALID
    }
}

/// `SYSTEM_TIME`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemTime {
    /// UTC in microseconds since 1970; 0 before the first fix.
    pub unix_us: u64,
    /// Since boot.
    pub boot_ms: u32,
}

/// `GPS_RAW_INT` and `GPS2_RAW`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GpsRaw {
    /// 0 of the first receiver, 1 of the second.
    pub receiver: u8,
    /// Microseconds since boot, or since 1970: by its size.
    pub time_us: u64,
    /// `GPS_FIX_TYPE`.
    pub fix_type: u8,
    /// Latitude and longitude in 1e-7 degree, and height above mean sea level in metres.
    pub place: (i32, i32, f64),
    /// Height above the ellipsoid in metres.
    pub ellipsoid_m: Option<f64>,
    /// Horizontal dilution of precision.
    pub hdop: Option<f64>,
    /// Satellites in view.
    pub satellites: Option<u8>,
    /// One sigma of the horizontal place in metres.
    pub horizontal_sigma_m: Option<f64>,
    /// One sigma of the height in metres.
    pub vertical_sigma_m: Option<f64>,
}

/// `ATTITUDE` and `ATTITUDE_QUATERNION`: body axes forward, right, down against north, east, down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Attitude {
    /// Roll, pitch, yaw in radians.
    Angles([f64; 3]),
    /// w, x, y, z.
    Quaternion([f64; 4]),
}

/// `LOCAL_POSITION_NED`, its velocity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocalPosition {
    /// Since boot.
    pub boot_ms: u32,
    /// North, east, down in m/s.
    pub velocity_m_s: [f64; 3],
}

/// `GLOBAL_POSITION_INT`: what the autopilot's estimator says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GlobalPosition {
    /// Since boot.
    pub boot_ms: u32,
    /// Latitude in 1e-7 degree.
    pub lat_e7: i32,
    /// Longitude in 1e-7 degree.
    pub lon_e7: i32,
    /// Above mean sea level.
    pub amsl_m: f64,
    /// Above home.
    pub above_home_m: f64,
    /// North, east, down in m/s.
    pub velocity_m_s: [f64; 3],
}

/// `HOME_POSITION`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HomePosition {
    /// Latitude in 1e-7 degree.
    pub lat_e7: i32,
    /// Longitude in 1e-7 degree.
    pub lon_e7: i32,
    /// Above mean sea level.
    pub amsl_m: f64,
}

/// `CAMERA_FEEDBACK` of ArduPilot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CameraFeedback {
    /// UTC in microseconds since 1970, or since boot without a fix: by its size.
    pub time_us: u64,
    /// Latitude in 1e-7 degree.
    pub lat_e7: i32,
    /// Longitude in 1e-7 degree.
    pub lon_e7: i32,
    /// Above mean sea level.
    pub amsl_m: f64,
    /// Above home.
    pub above_home_m: f64,
    /// Roll, pitch, yaw in radians.
    pub angles_rad: [f64; 3],
    /// Counts pictures, and wraps at 65,536.
    pub image_index: u16,
    /// Which camera.
    pub camera: u8,
}

/// `CAMERA_TRIGGER`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CameraTrigger {
    /// Since 1970 or since boot: by its size.
    pub time_us: u64,
    /// Counts pictures.
    pub sequence: u32,
}

/// `CAMERA_IMAGE_CAPTURED`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CameraImageCaptured {
    /// UTC in microseconds since 1970; 0 where it is not known.
    pub utc_us: u64,
    /// Since the camera's boot.
    pub boot_ms: u32,
    /// Latitude in 1e-7 degree.
    pub lat_e7: i32,
    /// Longitude in 1e-7 degree.
    pub lon_e7: i32,
    /// Above mean sea level.
    pub amsl_m: f64,
    /// Above the ground, by the definition; above home in PX4.
    pub above_ground_m: f64,
    /// w, x, y, z of the camera; all zero where it is not known.
    pub quaternion: [f64; 4],
    /// Counts pictures since the camera was armed.
    pub image_index: Option<u32>,
    /// Which camera.
    pub camera: u8,
    /// 1 of success, 0 of none, -1 of a picture that was not taken.
    pub result: i8,
}

/// `MOUNT_ORIENTATION`: pitch and roll against the horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MountOrientation {
    /// Since boot.
    pub boot_ms: u32,
    /// Roll, pitch, and yaw against the vehicle's nose, in radians.
    pub angles_rad: [f64; 3],
    /// Yaw against north in radians; `None` of the 0 that older senders leave there.
    pub yaw_absolute_rad: Option<f64>,
}

/// `MOUNT_STATUS` of ArduPilot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MountStatus {
    /// Roll, pitch, and yaw against the vehicle's nose, in radians.
    pub angles_rad: [f64; 3],
}

/// `GIMBAL_DEVICE_ATTITUDE_STATUS`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GimbalDeviceStatus {
    /// Since boot.
    pub boot_ms: u32,
    /// w, x, y, z.
    pub quaternion: [f64; 4],
    /// Whether its yaw is against north; else against the vehicle's nose.
    pub yaw_from_north: bool,
    /// 1 to 6 of a gimbal without a component number of its own.
    pub device: u8,
}

/// `TERRAIN_REPORT`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TerrainReport {
    /// Ground below, above mean sea level.
    pub ground_amsl_m: f64,
    /// The vehicle above that ground.
    pub above_terrain_m: f64,
    /// Blocks of the model that are still to be loaded.
    pub pending: u16,
    /// Blocks of the model that are loaded.
    pub loaded: u16,
}

/// A message that is understood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Message {
    /// Somebody is there.
    Heartbeat(Heartbeat),
    /// UTC and boot time.
    SystemTime(SystemTime),
    /// A receiver.
    GpsRaw(GpsRaw),
    /// How the vehicle stands; milliseconds since boot first.
    Attitude(u32, Attitude),
    /// How fast it is.
    LocalPosition(LocalPosition),
    /// Where it is.
    GlobalPosition(GlobalPosition),
    /// Where home is.
    HomePosition(HomePosition),
    /// A picture, by ArduPilot.
    CameraFeedback(CameraFeedback),
    /// A picture was asked for.
    CameraTrigger(CameraTrigger),
    /// A picture, by the camera.
    CameraImageCaptured(CameraImageCaptured),
    /// Where a mount points.
    MountOrientation(MountOrientation),
    /// Where a mount points, the older message.
    MountStatus(MountStatus),
    /// Where a gimbal points.
    GimbalDeviceStatus(GimbalDeviceStatus),
    /// The ground below.
    TerrainReport(TerrainReport),
    /// Any other; its frame has the bytes.
    Other,
}

impl Message {
    /// What a frame means. Enum values are numbers here, so an unknown one loses nothing.
    #[must_use]
    #[inline]
    pub fn decode(frame: &Frame<'_>) -> Self {
        let bytes = frame.payload;
        match frame.id {
            message_id::HEARTBEAT => Self::Heartbeat(packet::Heartbeat::read(bytes).into()),
            message_id::SYSTEM_TIME => Self::SystemTime(packet::SystemTime::read(bytes).into()),
            message_id::GPS_RAW_INT => Self::GpsRaw(packet::GpsRawInt::read(bytes).into()),
            message_id::GPS2_RAW => Self::GpsRaw(packet::Gps2Raw::read(bytes).into()),
            message_id::ATTITUDE => {
                let told = packet::Attitude::read(bytes);
                let angles = [told.roll_rad, told.pitch_rad, told.yaw_rad].map(f64::from);
                Self::Attitude(told.boot_ms, Attitude::Angles(angles))
            }
            message_id::ATTITUDE_QUATERNION => {
                let told = packet::AttitudeQuaternion::read(bytes);
                let turn = [told.q1, told.q2, told.q3, told.q4].map(f64::from);
                Self::Attitude(told.boot_ms, Attitude::Quaternion(turn))
            }
            message_id::LOCAL_POSITION_NED => {
                Self::LocalPosition(packet::LocalPositionNed::read(bytes).into())
            }
            message_id::GLOBAL_POSITION_INT => {
                Self::GlobalPosition(packet::GlobalPositionInt::read(bytes).into())
            }
            message_id::HOME_POSITION => {
                Self::HomePosition(packet::HomePosition::read(bytes).into())
            }
            message_id::TERRAIN_REPORT => {
                Self::TerrainReport(packet::TerrainReport::read(bytes).into())
            }
            _ => Self::decode_camera(frame.id, bytes),
        }
    }

    /// Cameras and what they hang from.
    fn decode_camera(id: u32, bytes: &[u8]) -> Self {
        match id {
            message_id::CAMERA_TRIGGER => {
                let packet::CameraTrigger { time_us, seq } = packet::CameraTrigger::read(bytes);
                Self::CameraTrigger(CameraTrigger { time_us, sequence: seq })
            }
            message_id::CAMERA_FEEDBACK => {
                Self::CameraFeedback(packet::CameraFeedback::read(bytes).into())
            }
            message_id::CAMERA_IMAGE_CAPTURED => {
                Self::CameraImageCaptured((&packet::CameraImageCaptured::read(bytes)).into())
            }
            message_id::MOUNT_STATUS => Self::MountStatus(packet::MountStatus::read(bytes).into()),
            message_id::MOUNT_ORIENTATION => {
                Self::MountOrientation(packet::MountOrientation::read(bytes).into())
            }
            message_id::GIMBAL_DEVICE_ATTITUDE_STATUS => {
                Self::GimbalDeviceStatus(packet::GimbalDeviceAttitudeStatus::read(bytes).into())
            }
            _ => Self::Other,
        }
    }
}
