//! Any numbers as a frame's metadata: a pose or a reason, and a pose is made of numbers.
#![no_main]
use std::sync::OnceLock;

use torenvalk::capture::{CameraTable, Ground, Params, Twin, implied_takeoff, pose_from_metadata};
use torenvalk::geo::{North, Terrain};
use torenvalk::thermal::{
    EulerDegrees, FilePosition, LaserRange, Metadata, RtkFix, StoredCalibration,
};
use torenvalk_fuzz::Draw;

static TABLE: OnceLock<CameraTable> = OnceLock::new();

fn metadata(draw: &mut Draw<'_>) -> Metadata {
    let position = |draw: &mut Draw<'_>| {
        draw.flag().then(|| FilePosition { lat_deg: draw.number(), lon_deg: draw.number() })
    };
    let euler = |draw: &mut Draw<'_>| {
        let mut number = || draw.number();
        Some(EulerDegrees { yaw: number(), pitch: number(), roll: number() })
    };
    let mut metadata = Metadata {
        picture_px: draw.flag().then(|| (draw.u32(), draw.u32())),
        exif_position: position(draw),
        xmp_position: position(draw),
        exif_altitude_m: draw.maybe(),
        absolute_altitude_m: draw.maybe(),
        relative_altitude_m: draw.maybe(),
        gimbal: if draw.flag() { euler(draw) } else { None },
        flight: if draw.flag() { euler(draw) } else { None },
        velocity_ned_m_s: draw.flag().then(|| [draw.number(), draw.number(), draw.number()]),
        gimbal_reversed: draw.flag(),
        taken_at: draw.flag().then(|| "2025-06-15T10:00:00".parse().ok()).flatten(),
        horizontal_sigma_m: draw.maybe(),
        vertical_sigma_m: draw.maybe(),
        focal_length_mm: draw.maybe(),
        ..Metadata::default()
    };
    metadata.altitude_type = draw.flag().then(|| "RtkAlt".to_owned());
    metadata.camera.make = Some(["DJI", "FLIR", "Skydio", "x"][usize::from(draw.u8()) % 4].into());
    let models = ["MAVIC2-ENTERPRISE-ADVANCED", "M3T", "X10", "ZH20T", "none"];
    metadata.camera.model = Some(models[usize::from(draw.u8()) % 5].into());
    metadata.rtk = draw.flag().then(|| RtkFix {
        flag: u16::from(draw.u8()),
        std_lat_m: draw.maybe(),
        std_lon_m: draw.maybe(),
        std_height_m: draw.maybe(),
    });
    metadata.laser = draw.flag().then(|| LaserRange {
        distance_m: draw.number(),
        target: position(draw),
        target_height_m: draw.maybe(),
    });
    metadata.calibration = draw.flag().then(|| StoredCalibration {
        fx_px: draw.number(),
        fy_px: draw.number(),
        cx_px: draw.number(),
        cy_px: draw.number(),
        brown: std::array::from_fn(|_| draw.number()),
    });
    metadata
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut draw = Draw(bytes);
    let size_px = if draw.flag() { (640, 512) } else { (draw.u32(), draw.u32()) };
    let takeoff_height_m = draw.maybe();
    let terrain = draw.flag().then(|| Terrain::Flat { height_m: draw.number(), sigma_m: 0.5 });
    let thermal = metadata(&mut draw);
    let visible = metadata(&mut draw);
    let params = Params {
        cameras: TABLE.get_or_init(CameraTable::builtin),
        camera_id: None,
        heading: draw.flag().then_some(North::Magnetic),
        ground: Ground { terrain: terrain.as_ref(), takeoff_height_m },
    };
    for twin in [None, Some(Twin { metadata: &visible })] {
        let Ok(pose) = pose_from_metadata(7, size_px, &thermal, twin, &params) else { continue };
        let place = [pose.position.lat_rad, pose.position.lon_rad, pose.position.height_m];
        let look = [pose.attitude.yaw_rad, pose.attitude.pitch_rad, pose.attitude.roll_rad];
        assert!(place.iter().chain(&look).all(|number| number.is_finite()));
        assert!(pose.velocity_enu_m_s.iter().all(|speed| speed.is_finite()));
        let _ = implied_takeoff(&pose, &thermal, twin);
        for sigmas in [pose.own, pose.common] {
            let numbers = sigmas.position_enu_m.into_iter().chain(sigmas.attitude_rad);
            assert!(numbers.into_iter().all(|sigma| sigma.is_finite() && sigma >= 0.0));
        }
    }
});
