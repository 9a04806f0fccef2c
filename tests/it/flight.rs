//! Tracks from recordings of other people's vehicles, made ones, and damage.

use std::fs;
use std::path::Path;

use serde_json::Value;
use torenvalk::flight::{
    Autopilot, CameraEventKind, Error, EventAttitude, EventClock, FixKind, Gap, Log, LogFormat,
    LogTime, Oddity, PositionSource, Track, UtcSource, YawFrame, read, read_bytes, sniff,
};
use torenvalk::geo::North;
use torenvalk::wire::{ComponentId, SystemId, Version, write_frame};

use crate::shared::shared;

fn reference(name: &str) -> Option<(Log, Value)> {
    let text = fs::read_to_string(shared("data/logs/reference.json")?).unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    let log = read(&shared(&format!("data/logs/{name}"))?).unwrap();
    Some((log, all[name].clone()))
}

fn from_bytes(bytes: &[u8]) -> Log {
    read_bytes(Path::new("made"), bytes).unwrap()
}

fn warned(track: &Track, oddity: &Oddity) -> u64 {
    track.warnings.iter().find(|known| known.oddity == *oddity).map_or(0, |known| known.count)
}

fn e7(rad: f64) -> i64 {
    (rad.to_degrees() * 1e7).round() as i64
}

fn mm(metres: Option<f64>) -> Option<i64> {
    metres.map(|metres| (metres * 1e3).round() as i64)
}

/// All samples of both files are compared with what independent readers say of first and last.
#[test]
fn recordings_have_the_first_and_last_values_of_other_readers() {
    for name in ["uavlogviewer_vtol.tlog", "dronekit_flight_replay.tlog"] {
        let Some((log, told)) = reference(name) else { return };
        assert_eq!(
            (log.format, log.messages),
            (LogFormat::Tlog, told["messages"].as_u64().unwrap())
        );
        let (first, last) = (&log.tracks[0], log.tracks.last().unwrap());
        let values = &told["values"];
        let attitudes: usize = log.tracks.iter().map(|track| track.attitude.len()).sum();
        assert_eq!(attitudes as u64, told["events"]["ATTITUDE"].as_u64().unwrap());
        let ends = [&first.attitude[0], last.attitude.last().unwrap()];
        for (sample, told) in ends.iter().zip([0, 2].map(|end| &values["ATTITUDE_three"][end])) {
            let boot_ms = told["time_boot_ms"].as_f64().unwrap();
            assert!((sample.at.0 * 1e3 - boot_ms).abs() < 1e-6);
            let number = |key: &str| told[key].as_f64().unwrap();
            let value = &sample.value;
            assert!((value.yaw_rad - number("yaw")).abs() < 1e-12);
            assert!((value.pitch_rad - number("pitch")).abs() < 1e-12);
            assert!((value.roll_rad - number("roll")).abs() < 1e-12);
        }
        let fixes = |track: &Track| {
            let with_place = track.fixes.iter().filter(|fix| fix.value.kind >= FixKind::Full);
            with_place.copied().collect::<Vec<_>>()
        };
        let solved: Vec<_> = log.tracks.iter().flat_map(fixes).collect();
        let all: usize = log.tracks.iter().map(|track| track.fixes.len()).sum();
        assert_eq!(all as u64, told["events"]["GPS_RAW_INT"].as_u64().unwrap());
        assert_eq!(solved.len() as u64, values["GPS_RAW_INT_with_3d_fix"].as_u64().unwrap());
        for (sample, told) in [&solved[0], solved.last().unwrap()]
            .iter()
            .zip(values["GPS_RAW_INT_first_last_3d"].as_array().unwrap())
        {
            let place = sample.value.place.unwrap();
            let number = |key: &str| told[key].as_i64().unwrap();
            assert_eq!((sample.at.0 * 1e6).round() as i64, number("time_usec"));
            assert_eq!((e7(place.lat_rad), e7(place.lon_rad)), (number("lat"), number("lon")));
            assert_eq!(mm(place.heights.amsl_m), Some(number("alt")));
            assert_eq!(i64::from(sample.value.satellites.unwrap()), number("satellites_visible"));
            assert_eq!((sample.value.hdop.unwrap() * 100.0).round() as i64, number("eph"));
        }
        check_places(name, &log, values);
    }
}

fn check_places(name: &str, log: &Log, values: &Value) {
    let places: Vec<_> = log.tracks.iter().flat_map(|track| track.position.to_vec()).collect();
    for (sample, told) in [&places[0], places.last().unwrap()]
        .iter()
        .zip(values["GLOBAL_POSITION_INT_first_last_nonzero"].as_array().unwrap())
    {
        let number = |key: &str| told[key].as_i64().unwrap();
        let place = &sample.value;
        assert_eq!((sample.at.0 * 1e3).round() as i64, number("time_boot_ms"));
        assert_eq!((e7(place.lat_rad), e7(place.lon_rad)), (number("lat"), number("lon")));
        // One of the files has no home at first, and says 1.25 m above the sea at 600 m.
        if number("alt") == 1250 {
            assert!(name.starts_with("dronekit") && place.heights.amsl_m.is_none());
        } else {
            assert_eq!(mm(place.heights.amsl_m), Some(number("alt")));
            assert_eq!(mm(place.heights.above_home_m), Some(number("relative_alt")));
        }
    }
    let velocity = log.tracks.last().unwrap().velocity_ned.last().unwrap().value;
    let told = &values["GLOBAL_POSITION_INT_first_last_nonzero"][1];
    for (told, metres) in ["vx", "vy", "vz"].iter().map(|key| &told[key]).zip(velocity.iter()) {
        assert!((told.as_f64().unwrap() / 100.0 - metres).abs() < 0.02, "{told} {metres}");
    }
}

#[test]
fn a_step_back_is_one_boot_and_a_restart_is_two() {
    let Some((log, _)) = reference("uavlogviewer_vtol.tlog") else { return };
    assert_eq!(log.tracks.len(), 1);
    let track = &log.tracks[0];
    assert_eq!(track.vehicle.autopilot, Autopilot::ArduPilot);
    assert_eq!((track.vehicle.mav_type, track.vehicle.system), (Some(1), Some(SystemId(1))));
    assert!(warned(track, &Oddity::ClockStepBack) >= 1);
    assert_eq!(track.terrain.len(), 812);
    assert_eq!(track.home.len(), 6);

    let (log, _) = reference("dronekit_flight_replay.tlog").unwrap();
    let boots: Vec<_> = log.tracks.iter().map(|track| (track.vehicle.system, track.boot)).collect();
    assert_eq!(boots, [(Some(SystemId(1)), 0), (Some(SystemId(1)), 1)]);
    let (_, before) = log.tracks[0].span().unwrap();
    let (after, _) = log.tracks[1].span().unwrap();
    assert!((279.0..281.0).contains(&before.0) && (18.0..19.0).contains(&after.0));
    // 1,314 damaged runs and a record that is cut; 149 times UTC of zero.
    assert_eq!(log.losses.len(), 1315);
    assert!(log.losses[1314].what.contains("cuts short"));
    assert_eq!(log.losses[0].offset, 66);
    let no_utc: u64 = log.tracks.iter().map(|track| warned(track, &Oddity::NoUtc)).sum();
    assert_eq!(no_utc, 149);
    let warned_of_mount = log.tracks.iter().flat_map(|track| &track.warnings);
    let mount = warned_of_mount
        .filter(|warning| warning.oddity.to_string().contains("MOUNT_STATUS"))
        .map(|warning| warning.count);
    let gimbals: usize = log.tracks.iter().map(|track| track.gimbal.len()).sum();
    assert_eq!(mount.sum::<u64>() + gimbals as u64, 2825);
}

#[test]
fn utc_is_the_vehicles_and_not_the_ground_stations() {
    let Some((log, told)) = reference("uavlogviewer_vtol.tlog") else { return };
    let track = &log.tracks[0];
    let offset = track.utc_s_at_zero.unwrap();
    assert_eq!(offset.source, UtcSource::SystemTime);
    for told in told["values"]["SYSTEM_TIME_first_last"].as_array().unwrap() {
        let at = LogTime(told["time_boot_ms"].as_f64().unwrap() / 1e3);
        let utc_s = told["time_unix_usec"].as_f64().unwrap() / 1e6;
        let off_s = (track.utc_s(at).unwrap() - utc_s).abs();
        // The simulator's two clocks do not run alike, and sigma says so.
        assert!(off_s < 4.0 * offset.sigma_s, "{off_s} {}", offset.sigma_s);
        assert!((track.at_utc_s(utc_s).unwrap() - at).abs() < 4.0 * offset.sigma_s);
    }
    let (log, told) = reference("dronekit_flight_replay.tlog").unwrap();
    let told = &told["values"]["SYSTEM_TIME_first_last"][1];
    let at = LogTime(told["time_boot_ms"].as_f64().unwrap() / 1e3);
    let off_s = log.tracks[1].utc_s(at).unwrap() - told["time_unix_usec"].as_f64().unwrap() / 1e6;
    assert!(off_s.abs() < 1.0, "{off_s}");
}

#[test]
fn a_recording_of_one_message_has_no_track_and_says_what_is_lost() {
    let Some((log, _)) = reference("pymavlink_battery_status_70bytes.tlog") else { return };
    assert_eq!((log.messages, log.tracks.len()), (1, 0));
    let lost: Vec<_> = log.losses.iter().map(|loss| (loss.offset, loss.bytes)).collect();
    assert_eq!(lost, [(56, 14)]);
}

/// Frames with stamps.
struct Recording {
    bytes: Vec<u8>,
    us: u64,
}

impl Recording {
    fn new() -> Self {
        Self { bytes: Vec::new(), us: 1_700_000_000_000_000 }
    }

    fn add(&mut self, system: u8, component: u8, id: u32, payload: &[u8]) {
        self.bytes.extend(self.us.to_be_bytes());
        let from = (0, SystemId(system), ComponentId(component));
        assert!(write_frame(&mut self.bytes, Version::V2, from, id, payload));
    }

    fn heartbeat(&mut self, system: u8, component: u8, mav_type: u8, autopilot: u8) {
        self.add(system, component, 0, &[0, 0, 0, 0, mav_type, autopilot, 0, 4, 3]);
    }

    fn attitude(&mut self, system: u8, boot_ms: u32, yaw: f32) {
        let mut payload = boot_ms.to_le_bytes().to_vec();
        for angle in [0.0, 0.0, yaw, 0.0, 0.0, 0.0] {
            payload.extend(angle.to_le_bytes());
        }
        self.add(system, 1, 30, &payload);
    }

    fn place(&mut self, system: u8, boot_ms: u32, (lat_e7, lon_e7): (i32, i32)) {
        let mut payload = boot_ms.to_le_bytes().to_vec();
        for number in [lat_e7, lon_e7, 50_000, 20_000] {
            payload.extend(number.to_le_bytes());
        }
        payload.extend([0; 8]);
        self.add(system, 1, 33, &payload);
    }

    /// A second of a vehicle at 5 Hz.
    fn second(&mut self, system: u8, boot_s: u32, yaw: f32) {
        self.heartbeat(system, 1, 2, 3);
        for step in 0..5 {
            let boot_ms = boot_s * 1000 + step * 200;
            self.attitude(system, boot_ms, yaw);
            let north = i32::try_from(boot_ms / 200).unwrap();
            self.place(system, boot_ms, (520_000_000 + north * 100, 50_000_000));
            self.us += 200_000;
        }
    }
}

#[test]
fn two_vehicles_a_restart_and_parts_that_are_none() {
    let mut made = Recording::new();
    for second in 0..10 {
        made.second(1, 100 + second, 1.0);
        made.second(2, 5000 + second, 2.0);
        made.heartbeat(255, 190, 6, 8);
        made.attitude(255, 1, 0.0);
        made.heartbeat(1, 100, 30, 8);
    }
    for second in 0..10 {
        made.second(1, 3 + second, 1.5);
    }
    let log = from_bytes(&made.bytes);
    let tracks: Vec<_> = log
        .tracks
        .iter()
        .map(|track| (track.vehicle.system, track.boot, track.attitude.len(), track.position.len()))
        .collect();
    let [one, two] = [1, 2].map(|number| Some(SystemId(number)));
    assert_eq!(tracks, [(one, 0, 50, 50), (one, 1, 50, 50), (two, 0, 50, 50)]);
    assert_eq!(log.tracks[1].attitude[0].at, LogTime(3.0));
    assert_eq!(log.warnings.len(), 1, "{:?}", log.warnings);
    assert_eq!((&log.warnings[0].oddity, log.warnings[0].count), (&Oddity::NotAVehicle, 10));
    // Nothing told UTC but the receive stamps, which are worth little.
    let offset = log.tracks[0].utc_s_at_zero.unwrap();
    assert!(offset.source == UtcSource::ReceiveStamp && offset.sigma_s >= 10.0);
}

/// Two vehicles that go by one number on one link, 1.1 km apart and started together: their places
/// come in turns, and nothing is put between them. Started an hour apart, their clocks tell them
/// apart, or one of them is left out and counted; no place is ever half of one and half of the other.
#[test]
fn two_vehicles_with_one_number_are_never_mixed() {
    for other_ms in [30, 3_600_030] {
        let mut made = Recording::new();
        made.heartbeat(1, 1, 2, 3);
        for step in 0..60_i32 {
            let boot_ms = 10_000 + 200 * step as u32;
            let north = 100 * step;
            made.place(1, boot_ms, (520_000_000 + north, 50_000_000));
            made.place(1, boot_ms + other_ms, (520_100_000 + north, 50_000_000));
            made.us += 200_000;
        }
        let log = from_bytes(&made.bytes);
        assert!(!log.tracks.is_empty());
        for track in &log.tracks {
            let Some((first, last)) = track.position.span() else { continue };
            let steps = ((last - first) / 0.05) as u32;
            for step in 0..steps.min(2000) {
                let at = first + (f64::from(step) + 0.5) * 0.05;
                let Ok(found) = track.position_at(at) else { continue };
                let north_m = (found.position.lat_rad.to_degrees() - 52.0) * 111_267.0;
                let near = |from_m: f64| (from_m - 1.0..from_m + 70.0).contains(&north_m);
                assert!(near(0.0) || near(1112.67), "{other_ms}: {north_m} m at {at:?}");
            }
        }
    }
}

#[test]
fn instants_between_samples_are_told_and_gaps_are_not_bridged() {
    let mut made = Recording::new();
    made.second(1, 100, 3.0);
    made.second(1, 101, -3.0);
    made.us += 5_000_000;
    made.second(1, 107, 0.5);
    let track = from_bytes(&made.bytes).tracks.remove(0);
    let found = track.position_at(LogTime(100.5)).unwrap();
    assert_eq!(e7(found.position.lat_rad), 520_000_000 + 50_250);
    assert!((found.gap_s - 0.2).abs() < 1e-9 && found.error_m < 1e-6, "{found:?}");
    assert_eq!(mm(found.position.heights.above_home_m), Some(20_000));
    // From 3 to -3 rad the shorter way is over π.
    let turning = track.attitude_at(LogTime(100.9)).unwrap();
    assert!((turning.attitude.yaw_rad.abs() - std::f64::consts::PI).abs() < 1e-6, "{turning:?}");
    assert!(turning.error_rad > 0.01);
    let steady = track.attitude_at(LogTime(100.4)).unwrap();
    assert!((steady.attitude.yaw_rad - 3.0).abs() < 1e-6 && steady.error_rad < 1e-6);
    assert!(matches!(track.position_at(LogTime(104.0)), Err(Gap::TooLong { .. })));
    assert!(matches!(track.attitude_at(LogTime(104.0)), Err(Gap::TooLong { .. })));
    assert!(matches!(track.position_at(LogTime(99.0)), Err(Gap::Before { .. })));
    assert!(matches!(track.velocity_at(LogTime(200.0)), Err(Gap::After { .. })));
    assert!(matches!(track.gimbal_at(LogTime(100.5), 0), Err(Gap::Empty { .. })));
}

/// A circle of 20 m at 8 m/s, whose true places are known.
#[test]
fn what_a_place_between_samples_may_be_off_by_is_what_it_is_off_by() {
    let (radius_m, rate_rad_s) = (20.0_f64, 0.4);
    let metres_per_e7 = 6_378_137.0 * 1e-7_f64.to_radians();
    let truth = |at_s: f64| {
        let (sin, cos) = (at_s * rate_rad_s).sin_cos();
        // On the equator, both axes have nearly the same scale there.
        (radius_m * sin, radius_m * cos + 1000.0)
    };
    let mut made = Recording::new();
    for step in 0..60_u32 {
        let boot_ms = 100_000 + step * 500;
        let (east_m, north_m) = truth(f64::from(boot_ms) / 1e3);
        let e7 = |metres: f64| (metres / metres_per_e7).round() as i32;
        made.attitude(1, boot_ms, 0.0);
        made.place(1, boot_ms, (e7(north_m), e7(east_m)));
        made.us += 500_000;
    }
    let track = from_bytes(&made.bytes).tracks.remove(0);
    let mut worst_m = 0.0_f64;
    for step in 0..1000 {
        let at_s = 101.0 + f64::from(step) * 0.025;
        let found = track.position_at(LogTime(at_s)).unwrap();
        let (east_m, north_m) = truth(at_s);
        let off_m = (found.position.lon_rad * 6_378_137.0 - east_m)
            .hypot((found.position.lat_rad * 6_378_137.0 - north_m) * 0.993_3);
        // The integers of a recording are 1.1 cm apart.
        assert!(off_m <= found.error_m * 1.1 + 0.02, "{at_s}: {off_m} {}", found.error_m);
        assert!(found.error_m <= 0.12, "{at_s}: {}", found.error_m);
        worst_m = worst_m.max(off_m);
    }
    // v²/r · (half the gap)² / 2 of a chord: 3.2 m/s² and 0.25 s.
    assert!((worst_m - 0.1).abs() < 0.03, "{worst_m}");
}

#[test]
fn gimbals_and_pictures_come_with_their_frame_and_clock() {
    let mut made = Recording::new();
    made.second(1, 100, 1.0);
    // SYSTEM_TIME: the vehicle's UTC is 7 s behind the station's clock.
    let utc_us = made.us - 7_000_000;
    let mut payload = utc_us.to_le_bytes().to_vec();
    payload.extend(101_000_u32.to_le_bytes());
    made.add(1, 1, 2, &payload);
    // A gimbal whose yaw of 0.5 rad counts from the nose, straight down by 1 rad.
    let (half_pitch, half_yaw) = (-0.5_f32, 0.25_f32);
    let (sp, cp) = half_pitch.sin_cos();
    let (sy, cy) = half_yaw.sin_cos();
    for boot_ms in [100_900_u32, 101_100] {
        let mut payload = boot_ms.to_le_bytes().to_vec();
        for number in [cy * cp, -sy * sp, cy * sp, sy * cp, 0.0, 0.0, 0.0] {
            payload.extend(number.to_le_bytes());
        }
        payload.extend([0, 0, 0, 0, 32, 0]);
        made.add(1, 154, 285, &payload);
    }
    // CAMERA_FEEDBACK at 100.3 s by UTC, twice, and an empty one.
    let mut feedback = (utc_us - 700_000).to_le_bytes().to_vec();
    for number in [520_000_000_i32, 50_000_000] {
        feedback.extend(number.to_le_bytes());
    }
    for number in [50.0_f32, 20.0, 0.0, 0.0, 57.0, 0.0] {
        feedback.extend(number.to_le_bytes());
    }
    feedback.extend([9, 0, 0, 0]);
    made.add(1, 1, 180, &feedback);
    made.add(1, 1, 180, &feedback);
    made.add(1, 1, 180, &[0; 45]);
    made.second(1, 101, 1.0);
    let track = from_bytes(&made.bytes).tracks.remove(0);
    assert_eq!(track.gimbal[0].value.yaw_frame, YawFrame::Vehicle);
    let found = track.gimbal_at(LogTime(101.0), 0).unwrap();
    assert!((found.attitude.yaw_rad - 1.5).abs() < 1e-6, "{found:?}");
    assert!((found.attitude.pitch_rad + 1.0).abs() < 1e-6, "{found:?}");
    assert!(found.attitude.roll_rad.abs() < 1e-6);
    assert_eq!(track.camera.len(), 1);
    let event = &track.camera[0];
    assert!((event.at.0 - 100.3).abs() < 1e-3, "{event:?}");
    assert_eq!((event.value.kind, event.value.clock), (CameraEventKind::Feedback, EventClock::Utc));
    assert_eq!(event.value.image_index, Some(9));
    assert!(matches!(event.value.attitude, Some(EventAttitude::Vehicle(_))));
    assert_eq!(warned(&track, &Oddity::EmptyCameraEvent), 2);
}

#[test]
fn numbers_that_are_none_and_places_that_are_none_are_counted() {
    let mut made = Recording::new();
    made.second(1, 100, 1.0);
    made.attitude(1, 101_000, f32::NAN);
    made.place(1, 101_000, (0, 0));
    made.place(1, 101_000, (1_800_000_000, 0));
    made.second(1, 101, 1.0);
    let track = from_bytes(&made.bytes).tracks.remove(0);
    assert_eq!((track.attitude.len(), track.position.len()), (10, 10));
    assert_eq!(warned(&track, &Oddity::NotANumber("attitude")), 1);
    assert_eq!(warned(&track, &Oddity::NoPlace("position")), 1);
    assert_eq!(warned(&track, &Oddity::NotANumber("position")), 1);
}

#[test]
fn a_table_of_our_own_columns() {
    let text = "time_s,utc,lat,lon,height_amsl_m,yaw_deg,pitch_deg,roll_deg,gimbal_yaw_deg,\
                gimbal_pitch_deg,mood\n\
                10.0,2025-01-17T10:00:00Z,52.0,5.0,40.5,350,1,2,10,-90,good\n\
                10.5,2025-01-17T10:00:00.5Z,52.00001,5.0,41.5,10,1,2,30,-90,\"so, so\"\n\
                11.0,2025-01-17T10:00:01Z,52.00002,5.0\n\
                11.5,2025-01-17T10:00:01.5Z,52.0000";
    let log = from_bytes(text.as_bytes());
    assert_eq!((log.format, log.messages, log.losses.len()), (LogFormat::Csv, 2, 2));
    assert!(log.losses[1].what.contains("cuts short"));
    assert_eq!(&text[log.losses[1].offset as usize..][..4], "11.5");
    assert!(log.warnings.iter().any(|warning| warning.to_string().contains("`mood`")));
    let track = &log.tracks[0];
    assert_eq!(track.position_source, PositionSource::File);
    let found = track.attitude_at(LogTime(10.25)).unwrap().attitude;
    assert!(found.yaw_rad.abs() < 0.01, "{found:?}");
    let gimbal = track.gimbal_at(LogTime(10.25), 0).unwrap().attitude;
    assert!((gimbal.pitch_rad.to_degrees() + 90.0).abs() < 1e-6);
    assert!((gimbal.yaw_rad.to_degrees() - 20.0).abs() < 1e-6, "{gimbal:?}");
    let ten: f64 = "2025-01-17T10:00:00Z".parse::<jiff::Timestamp>().unwrap().as_second() as f64;
    assert_eq!(track.utc_s(LogTime(10.0)), Some(ten));
}

#[test]
fn a_heading_column_that_says_magnetic_is_magnetic() {
    let table = |columns: &str, values: &str| {
        let text = format!("time_s,lat,lon,{columns},pitch,roll\n0.5,52.0,5.0,{values},1,2\n");
        let track = from_bytes(text.as_bytes()).tracks.remove(0);
        (track.north, track.attitude[0].value.yaw_rad.to_degrees())
    };
    let close = |(north, yaw): (North, f64), expected: (North, f64)| {
        assert!(north == expected.0 && (yaw - expected.1).abs() < 1e-9, "{north:?} {yaw}");
    };
    close(table("yaw_deg", "80"), (North::True, 80.0));
    close(table("compass_heading(degrees)", "80"), (North::True, 80.0));
    close(table("Magnetic heading [deg]", "80"), (North::Magnetic, 80.0));
    close(table("heading_mag_deg,yaw_deg", "80,82"), (North::True, 82.0));
}

#[test]
fn a_table_as_airdata_exports_it() {
    let text = "time(millisecond),datetime(utc),latitude, longitude,\
                height_above_takeoff(feet),compass_heading(degrees), pitch(degrees),\
                roll(degrees),isPhoto,gimbal_heading(degrees),gimbal_pitch(degrees)\r\n\
                0,2024-05-01 12:00:00,52.1,4.4,0,180,0,0,0,180,-45\r\n\
                100,2024-05-01 12:00:00,52.1,4.4,100,180,0,0,1,180,-45\r\n\
                200,2024-05-01 12:00:00,52.1,4.4,200,180,0,0,1,180,-45\r\n\
                1000,2024-05-01 12:00:01,52.1,4.4,200,180,0,0,0,180,-45\r\n";
    let log = from_bytes(text.as_bytes());
    let track = &log.tracks[0];
    assert_eq!((log.messages, log.losses.len()), (4, 0));
    assert_eq!(track.position[1].at, LogTime(0.1));
    assert!((track.position[1].value.heights.above_home_m.unwrap() - 30.48).abs() < 1e-9);
    assert_eq!(track.camera.len(), 1);
    assert_eq!(track.camera[0].at, LogTime(0.1));
    // Whole seconds, cut off: zero is up to a second after 12:00:00.
    let noon = "2024-05-01T12:00:00Z".parse::<jiff::Timestamp>().unwrap().as_second() as f64;
    let offset = track.utc_s_at_zero.unwrap();
    assert!((offset.seconds - noon - 0.5).abs() <= 0.5 && offset.sigma_s >= 0.5, "{offset:?}");
}

const GPX: &str = r#"<?xml version="1.0"?>
<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">
<wpt lat="1" lon="2"/>
<trk><name>Survey</name><trkseg>
<trkpt lat="52.0" lon="5.0"><ele>40.0</ele><time>2025-01-17T10:00:00Z</time><sat>9</sat></trkpt>
<trkpt lat="52.0001" lon="5.0"><ele>41.0</ele><geoidheight>43</geoidheight><time>2025-01-17T10:00:01Z</time></trkpt>
<trkpt lat="52.0002" lon="5.0"><ele>42.0</ele></trkpt>
</trkseg></trk>
</gpx>"#;

#[test]
fn places_with_a_time_from_gpx_and_what_is_left_of_a_cut_one() {
    let log = from_bytes(GPX.as_bytes());
    assert_eq!((log.format, log.messages, log.tracks.len()), (LogFormat::Gpx, 3, 1));
    let track = &log.tracks[0];
    assert_eq!(track.vehicle.name.as_deref(), Some("Survey"));
    assert_eq!((track.position.len(), track.fixes.len()), (2, 1));
    assert_eq!(track.position[1].value.heights.ellipsoid_m, Some(84.0));
    let ten = "2025-01-17T10:00:00Z".parse::<jiff::Timestamp>().unwrap().as_second() as f64;
    assert_eq!(track.utc_s(LogTime(0.0)), Some(ten));
    let half = track.position_at(LogTime(0.5)).unwrap().position;
    assert_eq!((e7(half.lat_rad), mm(half.heights.amsl_m)), (520_000_500, Some(40_500)));
    assert_eq!(log.warnings.len(), 2, "{:?}", log.warnings);

    let cut = GPX.find("<trkpt lat=\"52.0002\"").unwrap() + 10;
    let log = from_bytes(&GPX.as_bytes()[..cut]);
    assert_eq!((log.messages, log.tracks[0].position.len(), log.losses.len()), (2, 2, 1));
    let whole = GPX.rfind("</time></trkpt>").unwrap() + "</time></trkpt>".len();
    assert_eq!(log.losses[0].offset, whole as u64);
    assert_eq!(log.losses[0].offset + log.losses[0].bytes, cut as u64);
}

#[test]
fn elements_without_end_are_refused_and_not_followed_down() {
    let deep = format!("<gpx>{}", "<a>".repeat(300_000));
    assert!(read_bytes(Path::new("deep.gpx"), deep.as_bytes()).is_err());
    let closed = format!("{deep}{}</gpx>", "</a>".repeat(300_000));
    if let Ok(log) = read_bytes(Path::new("deep.gpx"), closed.as_bytes()) {
        assert!(log.tracks.is_empty());
    }
}

#[test]
fn a_table_of_nothing_but_restarts_stays_small() {
    let rows: String = (0..5000).map(|row| format!("{},52,5\n", 100 * (1 - row % 2))).collect();
    let log = from_bytes(format!("time,lat,lon\n{rows}x,\ny,\n").as_bytes());
    assert_eq!((log.messages, log.tracks.len()), (5000, 1001));
    let places: usize = log.tracks.iter().map(|track| track.position.len()).sum();
    assert_eq!(places, 5000);
    assert_eq!((log.losses.len(), log.losses[0].bytes), (1, 5));
}

#[test]
fn kinds_are_told_by_content() {
    assert_eq!(sniff(GPX.as_bytes()), Some(LogFormat::Gpx));
    assert_eq!(sniff(b"time,lat,lon\n1,2,3\n"), Some(LogFormat::Csv));
    assert_eq!(sniff(b"name,price\n1,2\n"), None);
    assert_eq!(sniff(b""), None);
    assert_eq!(sniff(&[0xA3, 0x95, 0x80]), Some(LogFormat::DataFlash));
    let none = read_bytes(Path::new("note.txt"), b"hello").unwrap_err();
    assert!(matches!(none, Error::UnknownFormat { .. }) && none.to_string().contains("note.txt"));
    assert!(matches!(read(Path::new("/no/such.tlog")), Err(Error::Io { .. })));
}

/// What holds of any log, whatever the bytes were.
fn sound(log: &Log, bytes: usize) {
    for track in &log.tracks {
        let times = track.attitude.iter().map(|sample| sample.at);
        assert!(times.is_sorted_by(|a, b| a <= b));
        assert!(track.position.iter().all(|place| place.value.lat_rad.abs() <= 1.6));
    }
    for loss in &log.losses {
        let end = loss.offset + loss.bytes;
        assert!(end <= bytes as u64 && (loss.bytes > 0 || end == bytes as u64));
    }
    assert!(log.losses.windows(2).all(|two| two[0].offset + two[0].bytes <= two[1].offset));
}

#[test]
fn any_start_of_a_recording_can_be_read() {
    for name in ["uavlogviewer_vtol.tlog", "dronekit_flight_replay.tlog"] {
        let Some(path) = shared(&format!("data/logs/{name}")) else { return };
        let bytes = fs::read(path).unwrap();
        let mut last = 0;
        for part in 1..=64 {
            let start = &bytes[..bytes.len() * part / 64];
            let log = from_bytes(start);
            sound(&log, start.len());
            assert!(log.messages > last, "{name} {part}");
            last = log.messages;
        }
    }
}

#[test]
fn flipped_bits_lose_no_more_than_the_records_they_hit() {
    let Some(path) = shared("data/logs/uavlogviewer_vtol.tlog") else { return };
    let bytes = fs::read(path).unwrap();
    let whole = from_bytes(&bytes).messages;
    for start in 0..16 {
        let mut wrong = bytes.clone();
        let hits: Vec<_> = (start * 977 + 100..bytes.len()).step_by(60_000).collect();
        for &at in &hits {
            wrong[at] ^= 1 << (at % 8);
        }
        let log = from_bytes(&wrong);
        sound(&log, wrong.len());
        // A flipped stamp loses nothing; a frame that is hit may take the next one with it.
        assert!(whole - log.messages <= 2 * hits.len() as u64, "{start}");
        assert_eq!(log.tracks.len(), 1, "{start}");
    }
}

#[test]
fn two_recordings_end_to_end_are_two_boots() {
    let Some(path) = shared("data/logs/uavlogviewer_vtol.tlog") else { return };
    let mut bytes = fs::read(path).unwrap();
    let one = from_bytes(&bytes);
    bytes.extend_from_within(..);
    let two = from_bytes(&bytes);
    assert_eq!(two.messages, 2 * one.messages);
    assert_eq!(two.tracks.len(), 2);
    assert_eq!(two.tracks[0].attitude, two.tracks[1].attitude);
}

#[test]
fn damaged_tables_and_gpx_give_a_log_or_an_error() {
    let table = "time,lat,lon,yaw,pitch,roll\n1,52,5,0,0,0\n2,52,5,0,0,0\n\"3,52\n".as_bytes();
    for whole in [table, GPX.as_bytes()] {
        for end in 0..whole.len() {
            if let Ok(log) = read_bytes(Path::new("cut"), &whole[..end]) {
                sound(&log, end);
            }
        }
        for bit in 0..whole.len() * 8 {
            let mut wrong = whole.to_vec();
            wrong[bit / 8] ^= 1 << (bit % 8);
            if let Ok(log) = read_bytes(Path::new("flipped"), &wrong) {
                sound(&log, wrong.len());
            }
        }
    }
}
