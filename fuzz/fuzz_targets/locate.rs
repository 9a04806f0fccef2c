//! Any pose, pixel and flat ground, numbers or not.
#![no_main]
use torenvalk::capture::{PoseSigmas, PosedFrame};
use torenvalk::geo::{Attitude, CameraModel, Distortion, Geodetic, Terrain, ellipse95};
use torenvalk::locate::{PixelSigma, explain, footprint, locate};
use torenvalk_fuzz::Draw;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut draw = Draw(bytes);
    let mut d = || draw.number();
    let terrain = Terrain::Flat { height_m: d(), sigma_m: d() };
    let distortion = Distortion { k1: d(), k2: d(), p1: d(), p2: d(), k3: d() };
    let (fx_px, fy_px, cx_px, cy_px) = (d(), d(), d(), d());
    let camera =
        CameraModel { width_px: 640, height_px: 512, fx_px, fy_px, cx_px, cy_px, distortion };
    let pixel = (d(), d());
    let sigma = PixelSigma(d());
    let mut sigmas =
        || PoseSigmas { position_enu_m: [d(), d(), d()], attitude_rad: [d(), d(), d()] };
    let (own, common) = (sigmas(), sigmas());
    let position = Geodetic { lat_rad: d(), lon_rad: d(), height_m: d() };
    let attitude = Attitude { yaw_rad: d(), pitch_rad: d(), roll_rad: d() };
    let notes = Vec::new();
    let mut pose = PosedFrame { frame: 0, camera, position, attitude, tilt_rad: d(), own, common, velocity_enu_m_s: [0.0; 3], clock_sigma_s: 0.0, notes };
    for _ in 0..2 {
        for pixel in [pixel, (320.0, 256.0)] {
            if let Ok(located) = locate(&pose, pixel, sigma, &terrain) {
                let _ = (located.is_skewed(), ellipse95(&located.covariance_enu_m2()));
                assert!(!located.range_m.is_nan());
                assert!(explain(&pose, pixel, sigma, &terrain).is_ok());
            }
        }
        let _ = footprint(&pose, &terrain);
        // Once more with a usual camera, so that the drawn pose gets that far.
        pose.camera = CameraModel::pinhole(640, 512, 1125.0);
    }
});
