//! Wire numbers become meanings here: SI units, radians, and nothing where the sender does not
//! know.

use super::message::{
    CameraFeedback, CameraImageCaptured, GimbalDeviceStatus, GlobalPosition, GpsRaw, Heartbeat,
    HomePosition, LocalPosition, MountOrientation, MountStatus, SystemTime, TerrainReport,
};
use super::packet;

/// `GIMBAL_DEVICE_FLAGS`: how a yaw is counted.
const YAW_LOCK: u32 = 16;
const YAW_IN_VEHICLE_FRAME: u32 = 32;
const YAW_IN_EARTH_FRAME: u32 = 64;

/// Whether the yaw of a gimbal with these flags is counted from north, not from the vehicle's nose:
/// two flags say it, and where neither is set the lock decides.
#[must_use]
pub fn yaw_is_from_north(flags: u32) -> bool {
    match flags & (YAW_IN_VEHICLE_FRAME | YAW_IN_EARTH_FRAME) {
        YAW_IN_VEHICLE_FRAME => false,
        YAW_IN_EARTH_FRAME => true,
        _ => flags & YAW_LOCK != 0,
    }
}

fn metres(mm: i32) -> f64 {
    f64::from(mm) / 1000.0
}

/// A sigma in millimetres; extensions are 0 where the sender does not know them.
fn sigma_m(mm: u32) -> Option<f64> {
    Some(mm).filter(|mm| *mm != 0 && *mm != u32::MAX).map(|mm| f64::from(mm) / 1000.0)
}

impl From<packet::Heartbeat> for Heartbeat {
    fn from(told: packet::Heartbeat) -> Self {
        Self {
            custom_mode: told.custom_mode,
            mav_type: told.kind,
            autopilot: told.autopilot,
            base_mode: told.base_mode,
            system_status: told.system_status,
        }
    }
}

impl From<packet::SystemTime> for SystemTime {
    fn from(told: packet::SystemTime) -> Self {
        Self { unix_us: told.unix_us, boot_ms: told.boot_ms }
    }
}

/// The two receivers are told in the same words, in another order.
macro_rules! receivers {
    ($($message:ident = $receiver:literal),*) => { $(
        impl From<packet::$message> for GpsRaw {
            fn from(told: packet::$message) -> Self {
                let hdop = Some(told.eph).filter(|hdop| *hdop != u16::MAX);
                let seen = told.satellites_visible;
                Self {
                    receiver: $receiver,
                    time_us: told.time_us,
                    fix_type: told.fix_type,
                    place: (told.lat_e7, told.lon_e7, metres(told.alt_mm)),
                    ellipsoid_m: Some(told.alt_ellipsoid_mm).filter(|mm| *mm != 0).map(metres),
                    hdop: hdop.map(|hdop| f64::from(hdop) / 100.0),
                    satellites: Some(seen).filter(|count| *count != u8::MAX),
                    horizontal_sigma_m: sigma_m(told.h_acc_mm),
                    vertical_sigma_m: sigma_m(told.v_acc_mm),
                }
            }
        }
    )* };
}

receivers!(GpsRawInt = 0, Gps2Raw = 1);

impl From<packet::LocalPositionNed> for LocalPosition {
    fn from(told: packet::LocalPositionNed) -> Self {
        let velocity = [told.vx_m_s, told.vy_m_s, told.vz_m_s];
        Self { boot_ms: told.boot_ms, velocity_m_s: velocity.map(f64::from) }
    }
}

impl From<packet::GlobalPositionInt> for GlobalPosition {
    fn from(told: packet::GlobalPositionInt) -> Self {
        let velocity = [told.vx_cm_s, told.vy_cm_s, told.vz_cm_s];
        Self {
            boot_ms: told.boot_ms,
            lat_e7: told.lat_e7,
            lon_e7: told.lon_e7,
            amsl_m: metres(told.alt_mm),
            above_home_m: metres(told.relative_alt_mm),
            velocity_m_s: velocity.map(|cm_s| f64::from(cm_s) / 100.0),
        }
    }
}

impl From<packet::HomePosition> for HomePosition {
    fn from(told: packet::HomePosition) -> Self {
        let (lat_e7, lon_e7) = (told.latitude_e7, told.longitude_e7);
        Self { lat_e7, lon_e7, amsl_m: metres(told.altitude_mm) }
    }
}

impl From<packet::TerrainReport> for TerrainReport {
    fn from(told: packet::TerrainReport) -> Self {
        Self {
            ground_amsl_m: f64::from(told.terrain_height_m),
            above_terrain_m: f64::from(told.current_height_m),
            pending: told.pending,
            loaded: told.loaded,
        }
    }
}

impl From<packet::CameraFeedback> for CameraFeedback {
    fn from(told: packet::CameraFeedback) -> Self {
        let angles_deg = [told.roll_deg, told.pitch_deg, told.yaw_deg];
        Self {
            time_us: told.time_us,
            lat_e7: told.lat_e7,
            lon_e7: told.lng_e7,
            amsl_m: f64::from(told.alt_msl_m),
            above_home_m: f64::from(told.alt_rel_m),
            angles_rad: angles_deg.map(|deg| f64::from(deg).to_radians()),
            image_index: told.img_idx,
            camera: told.cam_idx,
        }
    }
}

impl From<&packet::CameraImageCaptured> for CameraImageCaptured {
    fn from(told: &packet::CameraImageCaptured) -> Self {
        Self {
            utc_us: told.utc_us,
            boot_ms: told.boot_ms,
            lat_e7: told.lat_e7,
            lon_e7: told.lon_e7,
            amsl_m: metres(told.alt_mm),
            above_ground_m: metres(told.relative_alt_mm),
            quaternion: told.q.map(f64::from),
            image_index: u32::try_from(told.image_index).ok(),
            camera: told.camera_id,
            result: told.capture_result,
        }
    }
}

impl From<packet::MountStatus> for MountStatus {
    fn from(told: packet::MountStatus) -> Self {
        // On the wire pitch comes first.
        let angles = [told.pointing_b_cdeg, told.pointing_a_cdeg, told.pointing_c_cdeg];
        Self { angles_rad: angles.map(|cdeg| (f64::from(cdeg) / 100.0).to_radians()) }
    }
}

impl From<packet::MountOrientation> for MountOrientation {
    fn from(told: packet::MountOrientation) -> Self {
        let radians = |deg: f32| f64::from(deg).to_radians();
        let absolute = Some(told.yaw_absolute_deg);
        Self {
            boot_ms: told.boot_ms,
            angles_rad: [told.roll_deg, told.pitch_deg, told.yaw_deg].map(radians),
            yaw_absolute_rad: absolute.filter(|deg| *deg != 0.0 && deg.is_finite()).map(radians),
        }
    }
}

impl From<packet::GimbalDeviceAttitudeStatus> for GimbalDeviceStatus {
    fn from(told: packet::GimbalDeviceAttitudeStatus) -> Self {
        Self {
            boot_ms: told.boot_ms,
            quaternion: told.q.map(f64::from),
            yaw_from_north: yaw_is_from_north(u32::from(told.flags)),
            device: told.gimbal_device_id,
        }
    }
}
