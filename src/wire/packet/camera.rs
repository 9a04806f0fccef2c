//! Layouts: cameras.

use super::layout::layouts;

layouts! {
    /// A picture was asked for.
    CameraTrigger = 112 {
        time_us: u64,
        seq: u32,
    }
    /// A picture, as ArduPilot tells it.
    CameraFeedback = 180 {
        time_us: u64,
        lat_e7: i32,
        lng_e7: i32,
        alt_msl_m: f32,
        alt_rel_m: f32,
        roll_deg: f32,
        pitch_deg: f32,
        yaw_deg: f32,
        foc_len_mm: f32,
        img_idx: u16,
        target_system: u8,
        cam_idx: u8,
        flags: u8,
    } + {
        completed_captures: u16,
    }
    /// What a camera is and can do.
    CameraInformation = 259 {
        boot_ms: u32,
        firmware_version: u32,
        focal_length_mm: f32,
        sensor_size_h_mm: f32,
        sensor_size_v_mm: f32,
        flags: u32,
        resolution_h_px: u16,
        resolution_v_px: u16,
        cam_definition_version: u16,
        vendor_name: [u8; 32],
        model_name: [u8; 32],
        lens_id: u8,
        cam_definition_uri: [u8; 140],
    } + {
        gimbal_device_id: u8,
        camera_device_id: u8,
    }
    /// Its mode, zoom and focus.
    CameraSettings = 260 {
        boot_ms: u32,
        mode_id: u8,
    } + {
        zoom_level: f32,
        focus_level: f32,
        camera_device_id: u8,
    }
    /// Where it stores.
    StorageInformation = 261 {
        boot_ms: u32,
        total_capacity_mib: f32,
        used_capacity_mib: f32,
        available_capacity_mib: f32,
        read_speed_mib_s: f32,
        write_speed_mib_s: f32,
        storage_id: u8,
        storage_count: u8,
        status: u8,
    } + {
        kind: u8,
        name: [u8; 32],
        storage_usage: u8,
    }
    /// What it is doing.
    CameraCaptureStatus = 262 {
        boot_ms: u32,
        image_interval_s: f32,
        recording_time_ms: u32,
        available_capacity_mib: f32,
        image_status: u8,
        video_status: u8,
    } + {
        image_count: i32,
        camera_device_id: u8,
    }
    /// A picture, as a camera tells it.
    CameraImageCaptured = 263 {
        utc_us: u64,
        boot_ms: u32,
        lat_e7: i32,
        lon_e7: i32,
        alt_mm: i32,
        relative_alt_mm: i32,
        q: [f32; 4],
        image_index: i32,
        camera_id: u8,
        capture_result: i8,
        file_url: [u8; 205],
    }
    /// Where its view lies on the ground.
    CameraFovStatus = 271 {
        boot_ms: u32,
        lat_camera_e7: i32,
        lon_camera_e7: i32,
        alt_camera_mm: i32,
        lat_image_e7: i32,
        lon_image_e7: i32,
        alt_image_mm: i32,
        q: [f32; 4],
        hfov_deg: f32,
        vfov_deg: f32,
    } + {
        camera_device_id: u8,
    }
    /// Coldest and hottest point of its view.
    CameraThermalRange = 277 {
        boot_ms: u32,
        max_c: f32,
        max_point_x: f32,
        max_point_y: f32,
        min_c: f32,
        min_point_x: f32,
        min_point_y: f32,
        stream_id: u8,
        camera_device_id: u8,
    }
}
