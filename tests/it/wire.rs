//! MAVLink frames made by pymavlink 2.4.50 (`ardupilotmega`), and real recordings.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;
use torenvalk::wire::{
    Attitude, Bad, Checked, ComponentId, Frame, Lost, Message, Step, SystemId, TlogItem,
    TlogReader, Version, next_frame, write_frame,
};

use crate::shared::shared;

/// One frame of each message that is understood: sender 7/1, sequence 42.
#[rustfmt::skip]
const FRAMES: &[(&str, &str)] = &[
    ("heartbeat", "fd0900002a07010000000400000002035104036219"),
    ("system_time", "fd0b00002a070102000040222018240a060006120fc97e"),
    ("gps_raw_int", "fd2700002a0701180000c06cd43a000000008768111f3501b902caa800003f005b0000022e6a06133b5801000e00000017c80b"),
    ("gps2_raw", "fd2e00002a07017c000060f3d53a000000008768111fcbfe46fdcaa800002c0100004600ffff00022e6a050c0200003b5801000f000000187a2d"),
    ("attitude", "fd1000002a07011e000006120f000000003f000080be0000c03f8a47"),
    ("attitude_quaternion", "fd1400002a07011f000006120f000000003f0000003f0000003f0000003f7409"),
    ("local_position", "fd1c00002a070120000006120f000000803f00000040000040400000c0bf000020400000803e66b6"),
    ("global_position", "fd1c00002a070121000006120f008768111fcbfe46fdcaa80000343000006afffa0019009f8c1e98"),
    ("home", "fd1c00002a0701f200008768111f3501b902caa800000000000000000000000000000000803f69ec"),
    ("feedback", "fd2e00002a0701b4000040222018240a06008768111f3501b90200002d4200004841000020410000a0c10000874300000c424d000002004c4817"),
    ("trigger", "fd0900002a0701700000b168de3a000000004eaf56"),
    ("captured", "fd3800002a076407010040222018240a060006120f008768111f3501b902caa80000343000000000003f0000003f000000bf0000003f4f00000001012f782e6a70678bef"),
    ("mount_orientation", "fd1400002a070109010006120f000000803f0000b4c20000f0410000f042355d"),
    ("mount_status", "fd0a00002a07019e00006ceeffff64000000b80b8044"),
    ("gimbal", "fd2500002a079a1d010006120f000000003f0000003f000000bf0000003f0000000000000000000000000000000050d403"),
    ("terrain", "fd1500002a07018800008768111f3501b9020000a4410000b64164000300e09611"),
    ("attitude_v1", "fe1c2a07011e06120f000000003f000080be0000c03f000000000000000000000000a0bf"),
    ("attitude_signed", "fd1001002a07011e000006120f000000003f000080be0000c03ff1430315cd5b070000ede13da99e27"),
];

fn bytes_of(name: &str) -> Vec<u8> {
    let (_, hex) = FRAMES.iter().find(|(known, _)| *known == name).unwrap();
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(byte).collect()
}

fn message(name: &str) -> Message {
    let bytes = bytes_of(name);
    let frame = Frame::parse(&bytes).unwrap();
    assert_eq!((frame.system, frame.sequence, frame.checked), (SystemId(7), 42, Checked::Right));
    assert_eq!(frame.bytes, bytes);
    Message::decode(&frame)
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-6
}

#[test]
fn numbers_of_the_vehicle_come_out_in_si_units() {
    let Message::Heartbeat(heartbeat) = message("heartbeat") else { panic!() };
    assert_eq!((heartbeat.mav_type, heartbeat.autopilot, heartbeat.custom_mode), (2, 3, 4));
    assert!(heartbeat.is_vehicle());
    let Message::SystemTime(time) = message("system_time") else { panic!() };
    assert_eq!((time.unix_us, time.boot_ms), (1_700_000_000_123_456, 987_654));
    let Message::GpsRaw(gps) = message("gps_raw_int") else { panic!() };
    assert_eq!((gps.receiver, gps.time_us, gps.fix_type), (0, 987_000_000, 6));
    assert_eq!(gps.place, (521_234_567, 45_678_901, 43.21));
    assert_eq!((gps.hdop, gps.satellites, gps.ellipsoid_m), (Some(0.63), Some(19), Some(88.123)));
    assert_eq!((gps.horizontal_sigma_m, gps.vertical_sigma_m), (Some(0.014), Some(0.023)));
    let Message::GpsRaw(gps) = message("gps2_raw") else { panic!() };
    assert_eq!((gps.receiver, gps.place.1, gps.satellites), (1, -45_678_901, Some(12)));
    assert_eq!((gps.horizontal_sigma_m, gps.vertical_sigma_m), (Some(0.015), Some(0.024)));
    assert_eq!(
        message("attitude"),
        Message::Attitude(987_654, Attitude::Angles([0.5, -0.25, 1.5]))
    );
    let Message::Attitude(_, attitude) = message("attitude_quaternion") else { panic!() };
    assert_eq!(attitude, Attitude::Quaternion([0.5; 4]));
    let Message::LocalPosition(local) = message("local_position") else { panic!() };
    assert_eq!((local.boot_ms, local.velocity_m_s), (987_654, [-1.5, 2.5, 0.25]));
    let Message::GlobalPosition(global) = message("global_position") else { panic!() };
    assert_eq!((global.lat_e7, global.lon_e7), (521_234_567, -45_678_901));
    assert_eq!((global.amsl_m, global.above_home_m), (43.21, 12.34));
    assert_eq!(global.velocity_m_s, [-1.5, 2.5, 0.25]);
    let Message::HomePosition(home) = message("home") else { panic!() };
    assert_eq!((home.lat_e7, home.amsl_m), (521_234_567, 43.21));
    let Message::TerrainReport(terrain) = message("terrain") else { panic!() };
    assert_eq!((terrain.ground_amsl_m, terrain.above_terrain_m), (20.5, 22.75));
    assert_eq!((terrain.pending, terrain.loaded), (3, 224));
}

#[test]
fn numbers_of_cameras_and_gimbals_come_out_in_si_units() {
    let Message::CameraFeedback(feedback) = message("feedback") else { panic!() };
    assert_eq!((feedback.image_index, feedback.camera, feedback.amsl_m), (77, 2, 43.25));
    let degrees = feedback.angles_rad.map(f64::to_degrees);
    assert!(near(degrees[0], 10.0) && near(degrees[1], -20.0) && near(degrees[2], 270.0));
    let Message::CameraTrigger(trigger) = message("trigger") else { panic!() };
    assert_eq!((trigger.time_us, trigger.sequence), (987_654_321, 78));
    let Message::CameraImageCaptured(captured) = message("captured") else { panic!() };
    assert_eq!((captured.image_index, captured.camera, captured.result), (Some(79), 1, 1));
    assert_eq!(captured.quaternion, [0.5, 0.5, -0.5, 0.5]);
    assert_eq!((captured.utc_us, captured.above_ground_m), (1_700_000_000_123_456, 12.34));
    let Message::MountOrientation(mount) = message("mount_orientation") else { panic!() };
    let degrees = mount.angles_rad.map(f64::to_degrees);
    assert!(near(degrees[0], 1.0) && near(degrees[1], -90.0) && near(degrees[2], 30.0));
    assert!(near(mount.yaw_absolute_rad.unwrap().to_degrees(), 120.0));
    let Message::MountStatus(mount) = message("mount_status") else { panic!() };
    let degrees = mount.angles_rad.map(f64::to_degrees);
    assert!(near(degrees[0], 1.0) && near(degrees[1], -45.0) && near(degrees[2], 30.0));
    let Message::GimbalDeviceStatus(gimbal) = message("gimbal") else { panic!() };
    assert!(gimbal.yaw_from_north && gimbal.quaternion == [0.5, 0.5, -0.5, 0.5]);
}

#[test]
fn both_versions_and_a_signature_mean_the_same() {
    assert_eq!(message("attitude_v1"), message("attitude"));
    assert_eq!(message("attitude_signed"), message("attitude"));
    let mut two = bytes_of("attitude_signed");
    let signed = two.len();
    two.extend(bytes_of("trigger"));
    let Step::Frame { skipped: 0, frame } = next_frame(&two) else { panic!() };
    // Link 3, 48 bits of time, 48 bits of hash.
    assert_eq!(frame.signature.map(|bytes| bytes[0]), Some(3));
    let Step::Frame { skipped: 0, frame } = next_frame(&two[signed..]) else { panic!() };
    assert_eq!(frame.id, 112);
}

#[test]
fn frames_are_written_as_pymavlink_writes_them() {
    for (name, _) in FRAMES.iter().filter(|(name, _)| *name != "attitude_signed") {
        let bytes = bytes_of(name);
        let frame = Frame::parse(&bytes).unwrap();
        let mut payload = frame.payload.to_vec();
        if frame.version == Version::V2 {
            payload.resize(payload.len() + 3, 0);
        }
        let mut written = Vec::new();
        let from = (frame.sequence, frame.system, frame.component);
        assert!(write_frame(&mut written, frame.version, from, frame.id, &payload));
        assert_eq!(written, bytes, "{name}");
    }
    let from = (0, SystemId(1), ComponentId(1));
    let mut out = Vec::new();
    assert!(!write_frame(&mut out, Version::V1, from, 263, &[0; 255]));
    assert!(!write_frame(&mut out, Version::V2, from, 0, &[1; 256]));
    assert!(out.is_empty());
}

#[test]
fn one_wrong_bit_is_never_a_frame_of_the_same_bytes() {
    for (name, _) in FRAMES {
        let bytes = bytes_of(name);
        let covered = bytes.len() - if *name == "attitude_signed" { 13 } else { 0 };
        for bit in 0..covered * 8 {
            let mut wrong = bytes.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            let Ok(frame) = Frame::parse(&wrong) else { continue };
            // A wrong number can be one without a known seed; a wrong flag can make it signed.
            assert_eq!(frame.checked, Checked::SeedUnknown, "{name} bit {bit}");
        }
        for end in 0..bytes.len() {
            let cut = Frame::parse(&bytes[..end]);
            assert!(matches!(cut, Err(Bad::Short { needed }) if needed > end), "{name} {end}");
        }
    }
}

#[test]
fn a_stream_is_found_again_behind_noise() {
    let attitude = bytes_of("attitude");
    // Noise with a magic, and a frame with a wrong checksum.
    let mut stream = vec![0xFD, 0x00, 0xFE, 0x01];
    let mut wrong = attitude.clone();
    wrong[12] ^= 0x40;
    stream.extend(&wrong);
    stream.extend(&attitude);
    let skipped_all = stream.len() - attitude.len();
    let Step::Frame { skipped, frame } = next_frame(&stream) else { panic!() };
    assert_eq!((skipped, frame.bytes), (skipped_all, &attitude[..]));
    assert_eq!(next_frame(&[0, 1, 2]), Step::Wait { skipped: 3 });
    assert_eq!(next_frame(&attitude[..9]), Step::Wait { skipped: 0 });
    assert_eq!(next_frame(&[]), Step::Wait { skipped: 0 });
}

#[test]
fn what_is_no_vehicle_is_not_taken_for_one() {
    let Message::Heartbeat(copter) = message("heartbeat") else { panic!() };
    // Station, antenna tracker, companion, gimbal, ADS-B, camera, charger, Remote ID, winch.
    for mav_type in [6, 5, 18, 26, 27, 30, 31, 34, 42] {
        let other = torenvalk::wire::Heartbeat { mav_type, ..copter };
        assert!(!other.is_vehicle(), "{mav_type}");
    }
    assert!(!torenvalk::wire::Heartbeat { autopilot: 8, ..copter }.is_vehicle());
}

/// Messages by name of number, losses, and bytes in all items.
fn walk(bytes: &[u8]) -> (BTreeMap<u32, u64>, Vec<Lost>, u64) {
    let (mut counts, mut losses, mut total) = (BTreeMap::new(), Vec::new(), 0);
    for item in TlogReader::new(bytes) {
        match item {
            TlogItem::Record(record) => {
                *counts.entry(record.frame.id).or_default() += 1;
                assert_eq!(record.offset, total);
                total += 8 + record.frame.bytes.len() as u64;
            }
            TlogItem::Lost(lost) => {
                assert_eq!(lost.offset, total);
                total += lost.bytes;
                losses.push(lost);
            }
        }
    }
    (counts, losses, total)
}

#[test]
fn recordings_give_the_messages_that_other_readers_give() {
    let Some(reference) = shared("data/logs/reference.json") else { return };
    let reference: Value = serde_json::from_str(&fs::read_to_string(reference).unwrap()).unwrap();
    for name in [
        "uavlogviewer_vtol.tlog",
        "dronekit_flight_replay.tlog",
        "pymavlink_battery_status_70bytes.tlog",
    ] {
        let told = &reference[name];
        let bytes = fs::read(shared(&format!("data/logs/{name}")).unwrap()).unwrap();
        let (counts, losses, total) = walk(&bytes);
        assert_eq!(total, bytes.len() as u64);
        assert_eq!(counts.values().sum::<u64>(), told["messages"].as_u64().unwrap(), "{name}");
        assert_eq!(counts.len() as u64, told["types"].as_u64().unwrap(), "{name}");
        for (event, id) in [
            ("GPS_RAW_INT", 24),
            ("GLOBAL_POSITION_INT", 33),
            ("ATTITUDE", 30),
            ("MOUNT_STATUS", 158),
            ("HEARTBEAT", 0),
            ("TERRAIN_REPORT", 136),
            ("SYSTEM_TIME", 2),
            ("STATUSTEXT", 253),
        ] {
            let found = counts.get(&id).copied().unwrap_or(0);
            assert_eq!(found, told["events"][event].as_u64().unwrap_or(0), "{name} {event}");
        }
        // The other reader gives up some bytes before the end, in the middle of a record that is
        // cut: its last run and its tail are one loss here.
        let tail = told["tail_bytes"].as_u64().unwrap();
        let skipped = told["skipped_bytes"].as_u64().unwrap();
        assert_eq!(losses.iter().map(|lost| lost.bytes).sum::<u64>(), skipped + tail, "{name}");
        let bad = told["pymavlink"]["bad_data"].as_u64().unwrap();
        let damaged: Vec<&Lost> = losses.iter().filter(|lost| !lost.cut_short).collect();
        assert_eq!(damaged.len() as u64, bad, "{name}");
        let first = told["first_skipped_runs"].as_array().unwrap();
        for (run, lost) in first.iter().zip(&damaged) {
            let run = [run[0].as_u64().unwrap(), run[1].as_u64().unwrap()];
            assert_eq!(run, [lost.offset, lost.offset + lost.bytes], "{name}");
        }
    }
}

#[test]
fn the_start_of_a_record_is_told_from_damage() {
    let Some(path) = shared("data/logs/dronekit_flight_replay.tlog") else { return };
    let bytes = fs::read(path).unwrap();
    let (_, losses, _) = walk(&bytes);
    // A stamp of 8 bytes and 11 of a HEARTBEAT's 17.
    let cut: Vec<_> = losses.iter().filter(|lost| lost.cut_short).collect();
    assert_eq!((cut.len(), cut[0].offset, cut[0].bytes), (1, 2_723_821, 19));
    assert_eq!(bytes[2_723_821 + 8..][..2], [0xFE, 9]);
}

#[test]
fn an_unknown_message_is_believed_only_between_good_ones() {
    let stamp = |us: u64| us.to_be_bytes();
    let attitude = bytes_of("attitude");
    // Number 59,000 is in no dialect; its checksum cannot be checked.
    let unknown = [0xFD, 3, 0, 0, 1, 7, 1, 0x78, 0xE6, 0, 1, 2, 3, 0xAA, 0xBB];
    let mut file = Vec::new();
    let start_us = 1_700_000_000_000_000;
    for (us, frame) in [(0, &attitude[..]), (1000, &unknown), (2000, &attitude)] {
        file.extend(stamp(start_us + us));
        file.extend(frame);
    }
    let (counts, losses, _) = walk(&file);
    assert_eq!((counts[&59_000], counts[&30], losses.len()), (1, 2, 0));
    // A stamp two days off: damage.
    let at = 8 + attitude.len();
    file[at..at + 8].copy_from_slice(&stamp(start_us + 2 * 86_400_000_000));
    let (counts, losses, _) = walk(&file);
    assert_eq!((counts.get(&59_000), counts[&30]), (None, 2));
    assert_eq!((losses.len(), losses[0].offset, losses[0].bytes), (1, at as u64, 23));
}
