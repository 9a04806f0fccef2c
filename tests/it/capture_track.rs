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
