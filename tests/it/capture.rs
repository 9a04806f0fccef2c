//! Behaviour of `capture`.

use std::fs;

use torenvalk::capture::{
    CameraTable, CameraTableError, Ground, NoPose, Params, PoseNote, PosedFrame, Twin,
    implied_takeoff, pose_from_metadata,
};
use torenvalk::geo::{
    Geodetic, LocalFrame, ModelParams, North, Terrain, declination, egm96_undulation_m,
};
use torenvalk::locate::{PixelSigma, locate};
use torenvalk::thermal::{
    EulerDegrees, FilePosition, LaserRange, Metadata, RtkFix, StoredCalibration, read_metadata,
};

use crate::shared::shared;

fn at(lat_deg: f64, lon_deg: f64) -> Option<FilePosition> {
    Some(FilePosition { lat_deg, lon_deg })
}

fn euler(yaw: f64, pitch: f64, roll: f64) -> Option<EulerDegrees> {
    Some(EulerDegrees { yaw, pitch, roll })
}

fn named(make: &str, model: &str) -> Metadata {
    let mut metadata = Metadata::default();
    metadata.camera.make = Some(make.to_owned());
    metadata.camera.model = Some(model.to_owned());
    metadata
}

/// Frame 0159 of the survey in data/thermal.
fn survey() -> Metadata {
    Metadata {
        exif_position: at(23.063_983_33, 113.336_318_25),
        xmp_position: at(23.063_991_6, 113.336_358_8),
        exif_altitude_m: Some(133.041),
        absolute_altitude_m: Some(133.04),
        relative_altitude_m: Some(119.88),
        gimbal: euler(37.7, -90.0, 0.0),
        flight: euler(90.0, -9.1, -2.2),
        ..named("DJI", "MAVIC2-ENTERPRISE-ADVANCED")
    }
}

/// H20T with an RTK fix and an EXIF position of another picture.
fn h20t() -> Metadata {
    Metadata {
        exif_position: at(30.133_225_31, 120.396_121_72),
        xmp_position: at(30.303_171_7, 121.185_635_2),
        absolute_altitude_m: Some(26.678),
        relative_altitude_m: Some(10.766),
        altitude_type: Some("RtkAlt".to_owned()),
        gimbal: euler(137.0, -28.9, 0.0),
        flight: euler(137.8, -0.4, -2.6),
        rtk: Some(RtkFix {
            flag: 50,
            std_lat_m: Some(0.017_96),
            std_lon_m: Some(0.011_45),
            std_height_m: Some(0.034_24),
        }),
        focal_length_mm: Some(13.5),
        ..named("DJI", "ZH20T")
    }
}

/// S1008521.JPG of data/geo.
fn skydio() -> Metadata {
    Metadata {
        exif_position: at(29.785_933_9, -95.635_417_3),
        xmp_position: at(29.785_934, -95.635_417),
        exif_altitude_m: Some(46.021),
        absolute_altitude_m: Some(46.021_913),
        gimbal: euler(0.100_350, -59.679_573, -0.519_399),
        flight: euler(359.996_624, -7.286_198, 1.007_294),
        horizontal_sigma_m: Some(0.446),
        calibration: Some(StoredCalibration {
            fx_px: 4_892.025_463,
            fy_px: 4_870.411_816,
            cx_px: 1_989.282_132,
            cy_px: 1_443.797_021,
            brown: [-0.098_856, 0.094_227, 0.0, 0.0, 0.060_498],
        }),
        ..named("Skydio", "X2 Narrow")
    }
}

fn try_pose(
    metadata: &Metadata,
    twin: Option<&Metadata>,
    ground: Ground<'_>,
) -> Result<PosedFrame, NoPose> {
    let cameras = CameraTable::builtin();
    let params = Params { cameras: &cameras, camera_id: None, ground, heading: None };
    pose_from_metadata(7, (640, 512), metadata, twin.map(|metadata| Twin { metadata }), &params)
}

const NO_GROUND: Ground<'static> = Ground { terrain: None, takeoff_height_m: None };

fn pose(metadata: &Metadata) -> PosedFrame {
    try_pose(metadata, None, NO_GROUND).expect("a pose")
}

fn total(pose: &PosedFrame) -> ([f64; 3], [f64; 3]) {
    let sum = |own: [f64; 3], common: [f64; 3]| [0, 1, 2].map(|i| own[i].hypot(common[i]));
    (
        sum(pose.own.position_enu_m, pose.common.position_enu_m),
        sum(pose.own.attitude_rad, pose.common.attitude_rad).map(f64::to_degrees),
    )
}

#[test]
fn the_survey_s_two_positions_and_biased_gimbal_are_seen() {
    let pose = pose(&survey());
    assert_eq!(pose.frame, 7);
    assert_eq!(
        pose.notes,
        [PoseNote::PositionsDiffer, PoseNote::FlightYawAtNadir, PoseNote::HeightDatumAssumed]
    );
    assert!((pose.position.lat_deg() - 23.063_991_6).abs() < 1e-12);
    assert!((pose.attitude.yaw_rad.to_degrees() - 90.0).abs() < 1e-9);
    assert!((pose.attitude.pitch_rad.to_degrees() + 90.0).abs() < 1e-9);
    // The gap of 4.15 m east and 0.92 m north is common to the flight.
    let [east, north, _] = pose.common.position_enu_m;
    assert!((east - 4.15_f64.hypot(1.41)).abs() < 0.02, "{east}");
    assert!((north - 0.92_f64.hypot(1.41)).abs() < 0.02, "{north}");
    assert!(pose.own.position_enu_m[0] < 1.0);
    // 9 mm, 12 µm.
    assert!((pose.camera.fx_px - 750.0).abs() < 1e-9);
}

#[test]
fn a_turn_widens_yaw_and_a_straight_leg_does_not() {
    // Frames 0167 and 0171, in the turn; 0173, straight.
    for (flight, gimbal_yaw, turning) in [
        (euler(159.0, -20.1, 2.3), 38.9, true),
        (euler(-167.0, 11.9, 10.0), 126.6, true),
        (euler(-89.8, 4.4, 0.2), -148.3, false),
    ] {
        let metadata = Metadata { flight, gimbal: euler(gimbal_yaw, -90.0, 0.0), ..survey() };
        let pose = pose(&metadata);
        assert_eq!(pose.notes.contains(&PoseNote::Turning), turning);
        let (position, attitude) = total(&pose);
        assert_eq!(attitude[0] > 30.0, turning, "{attitude:?}");
        assert!(attitude[0] > 3.0 && position[0] > 1.5);
    }
}

#[test]
fn a_gimbal_that_agrees_or_looks_ahead_keeps_its_yaw() {
    let agrees = Metadata { gimbal: euler(-177.0, -89.0, 0.0), ..survey() };
    let agrees = Metadata { flight: euler(178.0, -2.0, 1.0), ..agrees };
    let ahead = Metadata { gimbal: euler(37.7, -60.0, 0.0), ..survey() };
    // Past the vertical: yaw and roll turn by 180°.
    let past = Metadata { gimbal: euler(-92.0, -89.5, 180.0), ..survey() };
    for (metadata, yaw) in [(agrees, -177.0), (ahead, 37.7), (past, -92.0)] {
        let pose = pose(&metadata);
        assert!(!pose.notes.contains(&PoseNote::FlightYawAtNadir));
        assert!((pose.attitude.yaw_rad.to_degrees() - yaw).abs() < 1e-9);
    }
}

#[test]
fn without_a_gimbal_the_flight_attitude_counts() {
    let pose = pose(&Metadata { gimbal: None, ..survey() });
    assert!(pose.notes.contains(&PoseNote::NoGimbal));
    assert!((pose.attitude.pitch_rad.to_degrees() + 9.1).abs() < 1e-9);
    assert!(total(&pose).1[1] > 1.0);
}

#[test]
fn a_hanging_gimbal_s_roll_of_180_is_undone() {
    let metadata =
        Metadata { gimbal: euler(10.0, -45.0, 180.0), gimbal_reversed: true, ..survey() };
    assert!(pose(&metadata).attitude.roll_rad.abs() < 1e-12);
}

#[test]
fn an_rtk_height_is_ellipsoidal_and_its_sigmas_are_the_file_s() {
    let told = Ground { terrain: None, takeoff_height_m: Some(16.0) };
    let found = try_pose(&h20t(), None, told).expect("a pose");
    assert_eq!(found.notes, [PoseNote::PositionConflict]);
    assert!((found.position.lat_deg() - 30.303_171_7).abs() < 1e-12);
    assert!((found.position.height_m - 26.678).abs() < 1e-12);
    // Over ground that only the pose itself implies, the barometer is what counts.
    let up_m = total(&pose(&h20t())).0[2];
    assert!((up_m - 0.5_f64.hypot(1.0)).abs() < 1e-9);
    let (position, attitude) = total(&found);
    for (found, stated) in position.iter().zip([0.011_45, 0.017_96, 0.034_24]) {
        assert!((found - stated).abs() < 1e-9);
    }
    assert!((attitude[0] - 1.0).abs() < 0.02 && (attitude[1] - 0.2).abs() < 0.01);
}

#[test]
fn a_position_in_conflict_without_rtk_is_not_trusted_to_metres() {
    let metadata = Metadata { rtk: None, altitude_type: None, ..h20t() };
    let pose = pose(&metadata);
    assert!(pose.notes.contains(&PoseNote::PositionConflict));
    assert!(total(&pose).0[0] >= 50.0);
}

#[test]
fn the_twin_s_rtk_pose_is_taken_unless_it_was_elsewhere() {
    let infrared = Metadata {
        exif_position: None,
        xmp_position: at(30.303_150, 121.185_635),
        absolute_altitude_m: Some(35.0),
        altitude_type: Some("GpsFusionAlt".to_owned()),
        rtk: None,
        ..h20t()
    };
    let wide = Metadata { exif_position: None, ..h20t() };
    let found = try_pose(&infrared, Some(&wide), NO_GROUND).unwrap();
    assert_eq!(found.notes, [PoseNote::RtkPoseOfTwin]);
    assert!((found.position.lat_deg() - 30.303_171_7).abs() < 1e-12);
    assert!((found.position.height_m - 26.678).abs() < 1e-12);
    let elsewhere = Metadata { xmp_position: at(30.31, 121.185_635), ..wide.clone() };
    let alone = try_pose(&infrared, Some(&elsewhere), NO_GROUND).unwrap();
    assert_eq!(alone.notes, [PoseNote::HeightDatumAssumed]);
    let mut floating = wide;
    floating.rtk = floating.rtk.map(|rtk| RtkFix { flag: 34, ..rtk });
    let alone = try_pose(&infrared, Some(&floating), NO_GROUND).unwrap();
    assert!(!alone.notes.contains(&PoseNote::RtkPoseOfTwin));
    let floating = try_pose(&floating, None, NO_GROUND).unwrap();
    assert!(floating.notes.contains(&PoseNote::NoRtkPose));
    assert!((0.4..1.0).contains(&total(&floating).0[0]));
}

#[test]
fn heights_come_from_the_take_off_ground_where_it_is_known() {
    let metadata = survey();
    let told = Ground { terrain: None, takeoff_height_m: Some(2.0) };
    let found = try_pose(&metadata, None, told).unwrap();
    assert!((found.position.height_m - 121.88).abs() < 1e-9);
    assert!(found.notes.contains(&PoseNote::HeightAboveTakeoff));
    let flat = Terrain::Flat { height_m: 50.0, sigma_m: 0.5 };
    let ground = Ground { terrain: Some(&flat), takeoff_height_m: None };
    let found = try_pose(&metadata, None, ground).unwrap();
    assert!((found.position.height_m - 169.88).abs() < 1e-9);
    assert!(found.notes.contains(&PoseNote::HeightsDiffer));
    // Flat ground at the height that the frame implies is consistent with the frame alone.
    let implied = implied_takeoff(&pose(&metadata), &metadata, None).unwrap().height_m;
    let flat = Terrain::Flat { height_m: implied, sigma_m: 0.5 };
    let ground = Ground { terrain: Some(&flat), takeoff_height_m: None };
    let found = try_pose(&metadata, None, ground).unwrap();
    assert!((found.position.height_m - pose(&metadata).position.height_m).abs() < 1e-9);
    assert!(!found.notes.contains(&PoseNote::HeightsDiffer));
    // An RTK height stands above all.
    let found = try_pose(&h20t(), None, told).unwrap();
    assert!((found.position.height_m - 26.678).abs() < 1e-12);
    let relative = Metadata { absolute_altitude_m: None, exif_altitude_m: None, ..survey() };
    assert_eq!(try_pose(&relative, None, NO_GROUND), Err(NoPose::NoHeight));
}

#[test]
fn a_zero_altitude_in_the_air_is_no_altitude() {
    let metadata = Metadata { absolute_altitude_m: Some(0.0), exif_altitude_m: None, ..survey() };
    assert_eq!(try_pose(&metadata, None, NO_GROUND), Err(NoPose::NoHeight));
}

#[test]
fn broken_files_give_named_reasons() {
    let no_place = Metadata { exif_position: None, xmp_position: None, ..survey() };
    let zero = Metadata { exif_position: None, xmp_position: at(0.0, 0.0), ..survey() };
    let nan = Metadata { exif_position: None, xmp_position: at(f64::NAN, 5.0), ..survey() };
    let far = Metadata { exif_position: None, xmp_position: at(95.0, 5.0), ..survey() };
    let high = Metadata { absolute_altitude_m: Some(1e9), ..survey() };
    let tilt = Metadata { gimbal: euler(f64::NAN, -90.0, 0.0), ..survey() };
    let wild = Metadata { flight: euler(0.0, 1e6, 0.0), ..survey() };
    let blind = Metadata { gimbal: None, flight: None, ..survey() };
    let other = Metadata { focal_length_mm: Some(9.0), ..survey() };
    let other = Metadata { camera: named("Acme", "Hot 1").camera, ..other };
    let reason = |metadata: &Metadata| try_pose(metadata, None, NO_GROUND).unwrap_err();
    assert_eq!(reason(&no_place), NoPose::NoPosition);
    assert_eq!(reason(&zero), NoPose::BadPosition { lat_deg: 0.0, lon_deg: 0.0 });
    assert!(matches!(reason(&nan), NoPose::BadPosition { .. }));
    assert!(matches!(reason(&far), NoPose::BadPosition { .. }));
    assert_eq!(reason(&high), NoPose::BadNumber("the absolute altitude"));
    assert_eq!(reason(&tilt), NoPose::BadNumber("the gimbal attitude"));
    assert_eq!(reason(&wild), NoPose::BadNumber("the flight attitude"));
    assert_eq!(reason(&blind), NoPose::NoAttitude);
    assert_eq!(reason(&other), NoPose::UnknownCamera("Hot 1".to_owned()));
    for height_m in [f64::NAN, f64::INFINITY, 1e300] {
        let terrain = Terrain::Flat { height_m, sigma_m: 0.5 };
        let ground = Ground { terrain: Some(&terrain), takeoff_height_m: None };
        let refused = try_pose(&survey(), None, ground).unwrap_err();
        assert_eq!(refused, NoPose::BadNumber("the terrain's height"));
    }
    // A good EXIF position stands in for a broken XMP one.
    let half = Metadata { xmp_position: at(0.0, 0.0), ..survey() };
    assert!((pose(&half).position.lat_deg() - 23.063_983_33).abs() < 1e-12);
}

#[test]
fn the_visible_camera_s_calibration_is_not_taken_for_the_infrared_picture() {
    let found = pose(&skydio());
    assert_eq!(found.notes, [PoseNote::CalibrationOfOtherLens]);
    assert!((found.camera.fx_px - 1516.667).abs() < 1e-3);
    assert_eq!(found.camera.cx_px, 320.0);
    let stated = 0.446;
    assert!((total(&found).0[0] - stated).abs() < 1e-3);
    let own = StoredCalibration {
        fx_px: 1500.0,
        fy_px: 1505.0,
        cx_px: 322.0,
        cy_px: 250.0,
        brown: [-0.1, 0.0, 0.001, 0.0, 0.0],
    };
    let found = pose(&Metadata { calibration: Some(own), ..skydio() });
    assert_eq!(found.notes, [PoseNote::CalibrationOfFile]);
    assert_eq!((found.camera.fx_px, found.camera.cy_px), (1500.0, 250.0));
    assert_eq!(found.camera.distortion.p1, 0.001);
    // In the middle, but a lens of another kind.
    let other = StoredCalibration { fx_px: 700.0, fy_px: 700.0, ..own };
    let found = pose(&Metadata { calibration: Some(other), ..skydio() });
    assert_eq!(found.notes, [PoseNote::CalibrationOfOtherLens]);
    // Written for a container of twice the size; the camera is not in the table.
    let twice =
        StoredCalibration { fx_px: 1600.0, fy_px: 1600.0, cx_px: 640.0, cy_px: 512.0, ..own };
    let metadata = Metadata {
        calibration: Some(twice),
        picture_px: Some((1280, 1024)),
        camera: named("Acme", "Hot 1").camera,
        ..skydio()
    };
    let found = pose(&metadata);
    assert!(found.notes.contains(&PoseNote::CameraUnknown));
    assert!((found.camera.fx_px - 800.0).abs() < 1e-9 && found.camera.cx_px == 320.0);
}

#[test]
fn cameras_are_known_by_the_names_in_their_files() {
    let table = CameraTable::builtin();
    for (make, model, id) in [
        ("DJI", "MAVIC2-ENTERPRISE-ADVANCED", "m2ea"),
        ("DJI", "ZH20N", "h20n"),
        ("DJI", "ZH20T", "h20t"),
        ("DJI", "M30T", "m30t"),
        ("dji", "m3t", "m3t"),
        ("DJI", "M3TD", "m3td"),
        ("DJI", "M4T", "m4t"),
        ("DJI", "ZH30T", "h30t"),
        ("DJI", "XT S", "xts"),
        ("DJI", "FLIR", "xt2"),
        ("FLIR Systems AB", "FLIR T640", "flir_t640"),
        ("FLIR Systems AB", "FLIR E40", "flir_e40"),
        ("FLIR Systems AB", "FLIR AX8", "flir_ax8"),
        ("", "FLIR SC660", "flir_sc660"),
        ("", "FLIR T1030sc 12__", "flir_t1030sc"),
        ("", "Duo Pro R", "duo_pro_r"),
        ("Skydio", "X2 Narrow", "skydio_x2"),
        ("Autel Robotics", "XT709", "evo2_640t"),
    ] {
        let found = table.of_frame(&named(make, model)).map(|camera| camera.id.as_str());
        assert_eq!(found, Some(id), "{make} {model}");
    }
    for (make, model) in [("FLIR", "FLIR"), ("DJI", ""), ("DJI", "FC6310")] {
        assert!(table.of_frame(&named(make, model)).is_none(), "{make} {model}");
    }
    assert!(table.of_frame(&Metadata::default()).is_none());
}

#[test]
fn the_file_s_focal_length_chooses_among_the_model_s_lenses() {
    let table = CameraTable::builtin();
    let focal = |id: &str, size, mm| table.by_id(id).unwrap().model(size, mm).fx_px;
    let size = (640, 512);
    assert!((focal("xt2", size, Some(13.0)) - 13_000.0 / 17.0).abs() < 1e-9);
    assert!((focal("xt2", size, Some(9.1)) - 9_000.0 / 17.0).abs() < 1e-9);
    assert!((focal("xt2", size, Some(4.5)) - 19_000.0 / 17.0).abs() < 1e-9);
    assert!((focal("h20n", size, Some(44.5)) - 44_500.0 / 12.0).abs() < 1e-9);
    assert!((focal("flir_ax8", (80, 60), Some(1.0)) - 1_530.0 / 17.0).abs() < 1e-9);
    // Doubled, and cut at the sides.
    assert!((focal("m30t", (1280, 1024), None) - 2.0 * 9_100.0 / 12.0).abs() < 1e-9);
    let cut = table.by_id("m30t").unwrap().model((600, 512), None);
    assert!((cut.fx_px - 9_100.0 / 12.0).abs() < 1e-9 && cut.fx_px == cut.fy_px);
}

const MINE: &str = r#"
format_version = 1
[[camera]]
id = "m3t"
name = "Mine"
matches = ["M3T"]
width_px = 640
height_px = 512
pixel_pitch_um = 12.0
focal_length_mm = 9.05
distortion = { k1 = -0.2, k2 = 0.0, p1 = 0.0, p2 = 0.0, k3 = 0.0 }
source = "calibrated"
"#;

#[test]
fn a_user_s_table_adds_and_replaces_and_its_faults_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let extend = |text: &str| {
        fs::write(&file, text).unwrap();
        let mut table = CameraTable::builtin();
        table.extend_from(&file).map(|()| table)
    };
    let table = extend(MINE).unwrap();
    assert_eq!(table.cameras().len(), CameraTable::builtin().cameras().len());
    let found = table.of_frame(&named("DJI", "M3T")).unwrap();
    assert_eq!((found.focal_length_mm, found.distortion.k1), (9.05, -0.2));
    let faults = [
        (MINE.replace("focal_length_mm", "focal_lenght_mm"), "focal_lenght_mm"),
        (MINE.replace("format_version = 1", "format_version = 2"), "format_version 2"),
        (MINE.replace("12.0", "nan"), "pixel_pitch_um"),
        (MINE.replace("9.05", "-9.0"), "focal length"),
        (MINE.replace("640", "0"), "no pixels"),
        (format!("{MINE}{}", MINE.replace("format_version = 1", "")), "twice"),
    ];
    for (text, word) in faults {
        let Err(CameraTableError::Syntax { reason, .. }) = extend(&text) else {
            panic!("{word} passed")
        };
        assert!(reason.contains(word), "{reason}");
    }
    let missing = CameraTable::builtin().extend_from(&folder.path().join("none.toml"));
    assert!(matches!(missing, Err(CameraTableError::Io { .. })));
}

#[test]
fn a_camera_that_the_user_names_is_taken_whatever_the_file_says() {
    let cameras = CameraTable::builtin();
    let ground = NO_GROUND;
    let with = |id| {
        let params = Params { cameras: &cameras, camera_id: Some(id), ground, heading: None };
        pose_from_metadata(0, (640, 512), &survey(), None, &params)
    };
    assert!((with("h20t").unwrap().camera.fx_px - 1125.0).abs() < 1e-9);
    assert_eq!(with("nope"), Err(NoPose::UnknownCamera("nope".to_owned())));
}

/// A DJI-like file's yaw counts from true north, unless the operator says that it does not.
#[test]
fn headings_are_magnetic_only_where_the_operator_says_so() {
    let dated = Metadata { taken_at: "2025-06-15T10:00:00".parse().ok(), ..survey() };
    let cameras = CameraTable::builtin();
    let with = |heading| {
        let params = Params { cameras: &cameras, camera_id: None, ground: NO_GROUND, heading };
        pose_from_metadata(0, (640, 512), &dated, None, &params).unwrap()
    };
    let (stated, magnetic) = (with(None), with(Some(North::Magnetic)));
    assert_eq!(stated, with(Some(North::True)));
    let taken_s = dated.taken_at.map_or(f64::NAN, |time| time.seconds());
    let added = declination(&stated.position, taken_s).rad;
    let turned = magnetic.attitude.yaw_rad - stated.attitude.yaw_rad;
    assert!(added.abs() > 1e-3 && (turned - added).abs() < 1e-9, "{turned} {added}");
    assert!(magnetic.notes.contains(&PoseNote::MagneticHeading));
}

/// Metres that a pixel covers straight down.
fn ground_sample_m(pose: &PosedFrame, terrain: &Terrain) -> f64 {
    let place = |x: f64| locate(pose, (x, 256.0), PixelSigma(0.0), terrain).expect("a place").point;
    let frame = LocalFrame::at(&place(320.0));
    frame.enu(&place(330.0)).norm() / 10.0
}

#[test]
fn a_survey_frame_covers_what_image_motion_says() {
    let metadata = survey();
    let pose = pose(&metadata);
    let height_m = implied_takeoff(&pose, &metadata, None).unwrap().height_m;
    let gsd_m = ground_sample_m(&pose, &Terrain::Flat { height_m, sigma_m: 1.0 });
    // Measured 0.144 to 0.191, median 0.166 (data/thermal/README.md).
    assert!((0.144..0.191).contains(&gsd_m), "{gsd_m}");
}

fn skydio_middle(metadata: &Metadata) {
    let Some(file) = shared("data/geo/skydio-thermal/S1008521.tiff") else { return };
    let terrain = Terrain::open(&file, &ModelParams::default()).expect("sound");
    let ground = Ground { terrain: Some(&terrain), takeoff_height_m: None };
    let found = try_pose(metadata, None, ground).expect("sound");
    let datum_m = egm96_undulation_m(29.785_934, -95.635_417);
    assert!((found.position.height_m - 46.021_913 - datum_m).abs() < 1e-6);
    let place = locate(&found, (320.0, 256.0), PixelSigma(1.0), &terrain).expect("sound");
    // XMP rounds to 6 decimals, 0.03 m from the EXIF position, which the strict value is of.
    let strict = Geodetic::from_degrees(29.786_013_938, -95.635_417_139, 2.283);
    let off_m = LocalFrame::at(&strict).enu(&place.point).norm();
    assert!(off_m < 0.02, "{off_m}");
}

#[test]
fn a_skydio_frame_is_placed_by_its_own_numbers() {
    skydio_middle(&skydio());
}

#[test]
fn a_skydio_file_is_placed() {
    let Some(file) = shared("data/geo/skydio-thermal/S1008521.JPG") else { return };
    skydio_middle(&read_metadata(&file).unwrap());
}

#[test]
fn every_file_of_the_survey_is_posed_and_the_turn_is_named() {
    let Some(folder) = shared("data/thermal/survey") else { return };
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "JPG"))
        .collect();
    files.sort();
    assert_eq!(files.len(), 12);
    for file in files {
        let found = pose(&read_metadata(&file).unwrap());
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let turn = name.contains("_0167_") || name.contains("_0171_");
        assert_eq!(found.notes.contains(&PoseNote::Turning), turn, "{name}");
        assert!(found.notes.contains(&PoseNote::FlightYawAtNadir), "{name}");
        assert!(found.notes.contains(&PoseNote::PositionsDiffer), "{name}");
    }
}

#[test]
fn an_h20t_file_gives_an_rtk_pose_near_its_laser_s_target() {
    let Some(file) = shared("data/thermal/dji/H20T_rtk.JPG") else { return };
    let metadata = read_metadata(&file).unwrap();
    let found = pose(&metadata);
    assert!(found.notes.contains(&PoseNote::PositionConflict));
    assert!((found.position.height_m - 26.678).abs() < 1e-6);
    let Some(LaserRange { distance_m, target: Some(target), .. }) = metadata.laser else {
        panic!("no laser")
    };
    let target = Geodetic::from_degrees(target.lat_deg, target.lon_deg, 26.678);
    let away_m = LocalFrame::at(&found.position).enu(&target).norm();
    assert!(away_m < distance_m + 1.0, "{away_m}");
}
