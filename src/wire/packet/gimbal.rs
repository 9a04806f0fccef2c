//! Layouts: gimbals and older mounts.

use super::layout::layouts;

layouts! {
    /// Where a mount points, as ArduPilot tells it.
    MountStatus = 158 {
        pointing_a_cdeg: i32,
        pointing_b_cdeg: i32,
        pointing_c_cdeg: i32,
        target_system: u8,
        target_component: u8,
    } + {
        mount_mode: u8,
    }
    /// Where a mount points.
    MountOrientation = 265 {
        boot_ms: u32,
        roll_deg: f32,
        pitch_deg: f32,
        yaw_deg: f32,
    } + {
        yaw_absolute_deg: f32,
    }
    /// What a gimbal can do.
    GimbalManagerInformation = 280 {
        boot_ms: u32,
        cap_flags: u32,
        roll_min_rad: f32,
        roll_max_rad: f32,
        pitch_min_rad: f32,
        pitch_max_rad: f32,
        yaw_min_rad: f32,
        yaw_max_rad: f32,
        gimbal_device_id: u8,
    }
    /// Who controls a gimbal.
    GimbalManagerStatus = 281 {
        boot_ms: u32,
        flags: u32,
        gimbal_device_id: u8,
        primary_control_sysid: u8,
        primary_control_compid: u8,
        secondary_control_sysid: u8,
        secondary_control_compid: u8,
    }
    /// A gimbal is to point by a quaternion.
    GimbalManagerSetAttitude = 282 {
        flags: u32,
        q: [f32; 4],
        angular_velocity_x_rad_s: f32,
        angular_velocity_y_rad_s: f32,
        angular_velocity_z_rad_s: f32,
        target_system: u8,
        target_component: u8,
        gimbal_device_id: u8,
    }
    /// What a gimbal is.
    GimbalDeviceInformation = 283 {
        uid: u64,
        boot_ms: u32,
        firmware_version: u32,
        hardware_version: u32,
        roll_min_rad: f32,
        roll_max_rad: f32,
        pitch_min_rad: f32,
        pitch_max_rad: f32,
        yaw_min_rad: f32,
        yaw_max_rad: f32,
        cap_flags: u16,
        custom_cap_flags: u16,
        vendor_name: [u8; 32],
        model_name: [u8; 32],
        custom_name: [u8; 32],
    } + {
        gimbal_device_id: u8,
        cap_flags2: u32,
    }
    /// Where a gimbal points.
    GimbalDeviceAttitudeStatus = 285 {
        boot_ms: u32,
        q: [f32; 4],
        angular_velocity_x_rad_s: f32,
        angular_velocity_y_rad_s: f32,
        angular_velocity_z_rad_s: f32,
        failure_flags: u32,
        flags: u16,
        target_system: u8,
        target_component: u8,
    } + {
        delta_yaw_rad: f32,
        delta_yaw_velocity_rad_s: f32,
        gimbal_device_id: u8,
    }
    /// A gimbal is to point by pitch and yaw.
    GimbalManagerSetPitchyaw = 287 {
        flags: u32,
        pitch_rad: f32,
        yaw_rad: f32,
        pitch_rate_rad_s: f32,
        yaw_rate_rad_s: f32,
        target_system: u8,
        target_component: u8,
        gimbal_device_id: u8,
    }
}
