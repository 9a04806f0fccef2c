//! Poses from logs, against numbers worked out by hand.

use torenvalk::capture::{
    CameraTable, Ground, NoPose, Params, PoseNote, TrackMoment, TrackParams, pose_from_track,
};
use torenvalk::flight::{
    Fix, FixKind, Gap, Gimbal, Heights, LogTime, Position, Track, TrackBuilder, Vehicle, YawFrame,
};
use torenvalk::geo::{Attitude, Geodetic, LocalFrame, North, declination};
use torenvalk::thermal::{ImageDirection, Metadata};

const SIZE_PX: (u32, u32) = (640, 512);

/// Due north at 10 m/s near Delft, nose to the east by 90°, 2 Hz for 10 s with a hole from 4 to 7 s.
fn track(heights: Heights, kind: FixKind, gimbal: Option<(YawFrame, f64)>) -> Track {
    let mut builder = TrackBuilder::new(Vehicle::unknown(), 0);
    for step in (0..=20).filter(|step| !(9..14).contains(step)) {
        let at = LogTime(f64::from(step) / 2.0);
        let lat_deg = 52.0 + at.0 * 10.0 / 111_267.0;
        builder.position(at, Position::from_degrees(lat_deg, 4.37, heights));
        builder.attitude(at, Attitude::from_degrees(90.0, 0.0, 0.0));
        builder.velocity_ned(at, nalgebra::Vector3::new(10.0, 0.0, 0.0));
        if let Some((yaw_frame, yaw_deg)) = gimbal {
            let attitude = Attitude::from_degrees(yaw_deg, -90.0, 0.0);
            builder.gimbal(at, Gimbal { attitude, yaw_frame, number: 0 });
        }
        let place = Heights { amsl_m: Some(100.0), ellipsoid_m: Some(144.25), ..heights };
        builder.fix(
            at,
            Fix {
                receiver: 0,
                kind,
                place: Some(Position::from_degrees(lat_deg, 4.37, place)),
                horizontal_sigma_m: None,
                vertical_sigma_m: None,
                satellites: None,
                hdop: None,
            },
        );
    }
    builder.finish()
}

fn amsl() -> Heights {
    Heights { amsl_m: Some(100.0), above_home_m: Some(60.0), ..Heights::default() }
}

fn posed(
    track: &Track,
    at_s: f64,
    table: &str,
    mount_pitch_deg: Option<f64>,
    takeoff_height_m: Option<f64>,
) -> Result<torenvalk::capture::PosedFrame, NoPose> {
    let mut cameras = CameraTable::builtin();
    cameras.extend_from_text(&format!("format_version = 1\n{table}")).unwrap();
    let id = if table.is_empty() { "m30t" } else { "own" };
    let ground = Ground { terrain: None, takeoff_height_m };
    let frame = Params { cameras: &cameras, camera_id: Some(id), ground, heading: None };
    let moment = TrackMoment {
        track,
        at: LogTime(at_s),
        event: None,
        own_sigma_s: 0.1,
        clock_sigma_s: 0.04,
    };
    let params = TrackParams { frame: &frame, mount_pitch_deg };
    pose_from_track(3, SIZE_PX, &Metadata::default(), &moment, &params)
}

const OWN: &str = "[[camera]]\nid = \"own\"\nname = \"Own\"\nmatches = [\"OWN\"]\nwidth_px = 640\n\
                   height_px = 512\npixel_pitch_um = 12.0\nfocal_length_mm = 9.1\nsource = \"own\"\n\
                   [camera.mount]\npitch_deg = -90.0\nforward_m = 1.0\nright_m = 0.5\ndown_m = 0.25\n";

#[test]
fn place_velocity_and_clock_come_from_the_log() {
    let track = track(amsl(), FixKind::Full, Some((YawFrame::Earth, 30.0)));
    let pose = posed(&track, 2.25, "", None, None).unwrap();
    let from_start =
        LocalFrame::at(&Geodetic::from_degrees(52.0, 4.37, 144.25)).enu(&pose.position);
    assert!((from_start.y - 22.5).abs() < 0.01 && from_start.x.abs() < 1e-6, "{from_start}");
    // The receiver's own geoid: 144.25 less 100 m.
    assert!((pose.position.height_m - 144.25).abs() < 1e-6);
    assert_eq!((pose.frame, pose.clock_sigma_s), (3, 0.04));
    assert!((pose.velocity_enu_m_s[1] - 10.0).abs() < 1e-9);
    // 10 m/s for a tenth of a second, along the way only.
    assert!(pose.own.position_enu_m[1] > 1.0 && pose.own.position_enu_m[0] < 0.6);
    assert!((pose.attitude.yaw_rad.to_degrees() - 30.0).abs() < 1e-6);
    assert!(pose.notes.contains(&PoseNote::FromLog));
}

#[test]
fn a_gimbals_yaw_against_the_nose_is_turned_with_the_vehicle() {
    let track = track(amsl(), FixKind::Full, Some((YawFrame::Vehicle, 30.0)));
    let pose = posed(&track, 2.25, "", None, None).unwrap();
    let down = pose.attitude.ned_from_body().column(0).into_owned();
    assert!((down - nalgebra::Vector3::new(0.0, 0.0, 1.0)).norm() < 1e-6);
    // The picture's upper edge: the camera's up axis, at 90° and 30°.
    let up = -pose.attitude.ned_from_body().column(2).into_owned();
    assert!((up.y.atan2(up.x).to_degrees() - 120.0).abs() < 1e-6, "{up}");
}

#[test]
fn nothing_is_bridged_and_the_gap_is_told_with_its_length() {
    let track = track(amsl(), FixKind::Full, Some((YawFrame::Earth, 0.0)));
    let gap = posed(&track, 5.5, "", None, None).unwrap_err();
    assert!(matches!(gap, NoPose::Gap(Gap::TooLong { gap_s, .. }) if gap_s == 3.0), "{gap}");
    let late = posed(&track, 12.0, "", None, None).unwrap_err();
    assert!(matches!(late, NoPose::Gap(Gap::After { by_s, .. }) if by_s == 2.0), "{late}");
    let nan = posed(&track, f64::NAN, "", None, None).unwrap_err();
    assert!(matches!(nan, NoPose::Gap(Gap::NotATime)), "{nan}");
}

#[test]
fn a_fixed_camera_needs_its_mount_and_sits_at_the_end_of_its_arm() {
    let track = track(amsl(), FixKind::RtkFixed, None);
    let none = posed(&track, 2.0, "", None, None).unwrap_err();
    assert!(none.to_string().contains("--mount-pitch"), "{none}");
    let told = posed(&track, 2.0, "", Some(-90.0), None).unwrap();
    assert!((told.attitude.pitch_rad.to_degrees() + 90.0).abs() < 1e-6);
    let pose = posed(&track, 2.0, OWN, None, None).unwrap();
    assert!(pose.notes.contains(&PoseNote::FixedMount));
    // The nose points east: forward is east, right is south.
    let arm = LocalFrame::at(&told.position).enu(&pose.position);
    assert!((arm - nalgebra::Vector3::new(1.0, -0.5, -0.25)).norm() < 1e-6, "{arm}");
}

#[test]
fn fixes_decide_the_sigmas_and_which_height_is_taken() {
    let gimbal = Some((YawFrame::Earth, 0.0));
    let full = posed(&track(amsl(), FixKind::Full, gimbal), 2.0, "", None, Some(50.0)).unwrap();
    // Above home, whose level the user told.
    assert!((full.position.height_m - 110.0).abs() < 1e-6);
    assert!(full.notes.contains(&PoseNote::HeightAboveTakeoff));
    let fixed =
        posed(&track(amsl(), FixKind::RtkFixed, gimbal), 2.0, "", None, Some(50.0)).unwrap();
    assert!((fixed.position.height_m - 144.25).abs() < 1e-6);
    assert!(fixed.common.position_enu_m[0] < 0.01 && full.common.position_enu_m[0] > 1.0);
    let none = posed(&track(amsl(), FixKind::None, gimbal), 2.0, "", None, None).unwrap_err();
    assert_eq!(none, NoPose::NoFix);
    let only_above = Heights { above_home_m: Some(60.0), ..Heights::default() };
    let unknown = track(only_above, FixKind::Full, gimbal);
    assert_eq!(posed(&unknown, 2.0, "", None, None).unwrap_err(), NoPose::NoLogHeight);
}

/// 2025-06-15, when a compass at Delft points 2.5° east of true north.
const JUNE_S: f64 = 1_749_945_600.0;

fn magnetic(mut track: Track, heading: Option<North>, metadata: &Metadata) -> Result<f64, NoPose> {
    track.north = North::Magnetic;
    let cameras = CameraTable::builtin();
    let ground = Ground { terrain: None, takeoff_height_m: None };
    let frame = Params { cameras: &cameras, camera_id: Some("m30t"), ground, heading };
    let moment = TrackMoment {
        track: &track,
        at: LogTime(2.0),
        event: None,
        own_sigma_s: 0.1,
        clock_sigma_s: 0.04,
    };
    let params = TrackParams { frame: &frame, mount_pitch_deg: Some(-45.0) };
    let pose = pose_from_track(3, SIZE_PX, metadata, &moment, &params)?;
    let corrected = pose.notes.contains(&PoseNote::MagneticHeading);
    assert_eq!(corrected, heading != Some(North::True));
    Ok(pose.attitude.yaw_rad.to_degrees())
}

/// The nose points 90° from the north that the log counts from.
#[test]
fn a_magnetic_heading_is_corrected_unless_the_operator_knows_better() {
    let dated = Metadata { taken_at: "2025-06-15T00:00:00".parse().ok(), ..Metadata::default() };
    let track = || track(amsl(), FixKind::Full, None);
    let place = Geodetic::from_degrees(52.0, 4.37, 144.0);
    let expected = 90.0 + declination(&place, JUNE_S).rad.to_degrees();
    assert!((92.0..93.0).contains(&expected), "{expected}");
    let found = magnetic(track(), None, &dated).unwrap();
    assert!((found - expected).abs() < 0.01, "{found} {expected}");
    let told = magnetic(track(), Some(North::True), &dated).unwrap();
    assert!((told - 90.0).abs() < 1e-6, "{told}");
    assert_eq!(magnetic(track(), None, &Metadata::default()), Err(NoPose::NoDate));
}

/// What the model leaves open is in the sigma that the whole flight shares.
#[test]
fn the_models_own_sigma_is_in_the_yaws() {
    let mut magnetic = track(amsl(), FixKind::Full, Some((YawFrame::Earth, 30.0)));
    let stated = posed(&magnetic, 2.0, "", None, None).unwrap();
    magnetic.north = North::Magnetic;
    assert_eq!(posed(&magnetic, 2.0, "", None, None), Err(NoPose::NoDate));
    let utc = torenvalk::flight::UtcSource::GpsWeek;
    magnetic.utc_s_at_zero =
        Some(torenvalk::flight::UtcOffset { seconds: JUNE_S, sigma_s: 0.2, source: utc });
    let pose = posed(&magnetic, 2.0, "", None, None).unwrap();
    let model = declination(&pose.position, JUNE_S);
    let yaw_rad = pose.attitude.yaw_rad - stated.attitude.yaw_rad;
    assert!((yaw_rad - model.rad).abs() < 1e-9);
    let expected = stated.common.attitude_rad[0].hypot(model.sigma_rad);
    assert!((pose.common.attitude_rad[0] - expected).abs() < 1e-12);
}

/// A camera with a compass of its own on an airframe whose log has only places.
#[test]
fn the_direction_in_exif_is_the_yaw_where_the_log_has_no_attitude() {
    let mut bare = track(amsl(), FixKind::Full, None);
    bare.attitude = Vec::new().into();
    let looks = |north| Metadata {
        image_direction: Some(ImageDirection { deg: 200.0, north }),
        taken_at: "2025-06-15T00:00:00".parse().ok(),
        ..Metadata::default()
    };
    let cameras = CameraTable::builtin();
    let ground = Ground { terrain: None, takeoff_height_m: None };
    let frame = Params { cameras: &cameras, camera_id: Some("m30t"), ground, heading: None };
    let moment = TrackMoment {
        track: &bare,
        at: LogTime(2.0),
        event: None,
        own_sigma_s: 0.1,
        clock_sigma_s: 0.04,
    };
    let params = TrackParams { frame: &frame, mount_pitch_deg: Some(-90.0) };
    let posed = |metadata: &Metadata| pose_from_track(3, SIZE_PX, metadata, &moment, &params);
    let yaw_deg = |north| {
        let pose = posed(&looks(north)).unwrap();
        assert!(pose.notes.contains(&PoseNote::YawOfExif));
        assert!(pose.common.attitude_rad[0].to_degrees() > 9.0);
        pose.attitude.yaw_rad.to_degrees().rem_euclid(360.0)
    };
    assert!((yaw_deg(North::True) - 200.0).abs() < 1e-6);
    assert!((202.0..203.0).contains(&yaw_deg(North::Magnetic)));
    assert!(matches!(posed(&Metadata::default()), Err(NoPose::Gap(_))));
}

/// One flight at 144.25 m above the ellipsoid, by each of the heights that a log may have of it:
/// none is taken for another.
#[test]
fn each_height_of_a_log_is_taken_by_its_own_datum() {
    let geoid_m = torenvalk::geo::egm96_undulation_m(52.0, 4.37);
    let gimbal = Some((YawFrame::Earth, 0.0));
    let fixed = |heights: Heights, takeoff_height_m: Option<f64>| {
        let mut track = track(heights, FixKind::Full, gimbal);
        // A receiver without a height of its own.
        let mut fixes: Vec<_> = track.fixes.iter().copied().collect();
        fixes.iter_mut().for_each(|fix| fix.value.place = None);
        track.fixes = fixes.into();
        posed(&track, 0.0, "", None, takeoff_height_m)
    };
    let ellipsoid = Heights { ellipsoid_m: Some(144.25), ..Heights::default() };
    let sea = Heights { amsl_m: Some(144.25 - geoid_m), ..Heights::default() };
    let home = Heights { above_home_m: Some(60.0), ..Heights::default() };
    let ground = Heights { above_terrain_m: Some(60.0), ..Heights::default() };
    let height_m = |heights, takeoff_m| fixed(heights, takeoff_m).unwrap().position.height_m;
    assert!((height_m(ellipsoid, None) - 144.25).abs() < 1e-6);
    assert!((height_m(ellipsoid, Some(50.0)) - 144.25).abs() < 1e-6);
    let by_sea = fixed(sea, None).unwrap();
    assert!((by_sea.position.height_m - 144.25).abs() < 1e-3);
    // The receiver's geoid is not known: EGM96 is an assumption, and is said to be one.
    assert!(by_sea.notes.contains(&PoseNote::HeightDatumAssumed));
    assert!((height_m(home, Some(84.25)) - 144.25).abs() < 1e-6);
    assert_eq!(fixed(home, None).unwrap_err(), NoPose::NoLogHeight);
    // A height above the ground below is none above anything that is the same a moment later.
    assert_eq!(fixed(ground, None).unwrap_err(), NoPose::NoLogHeight);
    assert_eq!(fixed(ground, Some(84.25)).unwrap_err(), NoPose::NoLogHeight);
}

/// Above take-off over a terrain model in NAP: the level of home comes from the model, by its own
/// quasi-geoid.
#[test]
fn a_height_above_home_over_a_model_in_nap_is_above_the_ellipsoid() {
    let nap_m = torenvalk::geo::quasi_geoid_m(52.0, 4.37).unwrap();
    let model = crate::geo::Model {
        keys: crate::geo::keys(&[(1024, 2), (1025, 1), (2048, 4326)]),
        edge: (4.36, 52.01),
        spacing: 1e-3,
        height: |_, _| -3.0,
        ..crate::geo::Model::default()
    };
    let params = torenvalk::geo::ModelParams {
        vertical: Some(torenvalk::geo::HeightDatum::Nap),
        sigma_m: Some(0.1),
    };
    let terrain = torenvalk::geo::Terrain::from_bytes(model.bytes(), &params).unwrap();
    let home = Heights { above_home_m: Some(60.0), ..Heights::default() };
    let track = track(home, FixKind::Full, Some((YawFrame::Earth, 0.0)));
    let cameras = CameraTable::builtin();
    let ground = Ground { terrain: Some(&terrain), takeoff_height_m: None };
    let frame = Params { cameras: &cameras, camera_id: Some("m30t"), ground, heading: None };
    let moment = TrackMoment {
        track: &track,
        at: LogTime(0.0),
        event: None,
        own_sigma_s: 0.1,
        clock_sigma_s: 0.04,
    };
    let params = TrackParams { frame: &frame, mount_pitch_deg: None };
    let pose = pose_from_track(3, SIZE_PX, &Metadata::default(), &moment, &params).unwrap();
    let expected_m = 60.0 - 3.0 + nap_m;
    assert!(
        (pose.position.height_m - expected_m).abs() < 1e-3,
        "{} {expected_m}",
        pose.position.height_m
    );
}

/// A receiver that jumps, or two vehicles that go by one number: nothing is put between the places,
/// and what lies before and after the jump stays.
#[test]
fn a_jump_is_no_way_from_one_place_to_the_other() {
    let mut jumped = track(amsl(), FixKind::Full, Some((YawFrame::Earth, 0.0)));
    let mut places: Vec<_> = jumped.position.iter().copied().collect();
    for sample in places.iter_mut().filter(|sample| sample.at.0 > 2.2) {
        sample.value.lon_rad += 0.01_f64.to_radians();
    }
    jumped.position = places.clone().into();
    let gap = posed(&jumped, 2.25, "", None, None).unwrap_err();
    assert!(matches!(gap, NoPose::Gap(Gap::Jump { apart_m, .. }) if apart_m > 600.0), "{gap}");
    assert!(posed(&jumped, 1.25, "", None, None).is_ok());
    assert!(posed(&jumped, 2.75, "", None, None).is_ok());
    // Two vehicles 200 m apart in turns: not one place between them is believed.
    for (number, sample) in places.iter_mut().enumerate() {
        sample.value.lon_rad = (4.37 + 0.003 * (number % 2) as f64).to_radians();
    }
    jumped.position = places.into();
    for at_s in [0.25, 1.25, 2.25, 3.25] {
        let gap = posed(&jumped, at_s, "", None, None).unwrap_err();
        assert!(matches!(gap, NoPose::Gap(Gap::Jump { .. })), "{gap}");
    }
}

const ASKEW: &str = "[[camera]]\nid = \"own\"\nname = \"Own\"\nmatches = [\"OWN\"]\n\
                     width_px = 640\nheight_px = 512\npixel_pitch_um = 12.0\n\
                     focal_length_mm = 9.1\nsource = \"own\"\n[camera.boresight]\n\
                     yaw_deg = 1.0\npitch_deg = 0.5\nforward_m = 1.0\nright_m = 0.5\n\
                     down_m = 0.25\n";

/// Worked out by hand, straight down with the picture's upper edge north and the nose east: 0.5°
/// upwards in the picture look ahead by H tan 0.5°, 1° to the right look right by H tan 1°.
#[test]
fn a_camera_on_a_gimbal_has_its_boresight_and_its_arm() {
    let track = track(amsl(), FixKind::RtkFixed, Some((YawFrame::Earth, 0.0)));
    let straight = posed(&track, 2.0, "", None, None).unwrap();
    let pose = posed(&track, 2.0, ASKEW, None, None).unwrap();
    let arm = LocalFrame::at(&straight.position).enu(&pose.position);
    assert!((arm - nalgebra::Vector3::new(1.0, -0.5, -0.25)).norm() < 1e-6, "{arm}");
    let looks = pose.ned_from_camera().column(0).into_owned();
    let (north, east) = (looks.x / looks.z, looks.y / looks.z);
    assert!((north - 0.5_f64.to_radians().tan()).abs() < 1e-5, "{looks}");
    assert!((east - 1.0_f64.to_radians().tan()).abs() < 1e-4, "{looks}");
    assert_eq!(straight.tilt_rad, 0.0);
    let both = ASKEW.to_owned() + "[camera.mount]\npitch_deg = -90.0\n";
    let refused = CameraTable::builtin().extend_from_text(&format!("format_version = 1\n{both}"));
    assert!(refused.unwrap_err().contains("none has both"));
}
