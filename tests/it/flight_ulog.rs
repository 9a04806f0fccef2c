//! ULogs against what pyulog and a plain walk found in them (`data/logs`), and against planted
//! bytes.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value as Json;
use torenvalk::flight::ulog::{Records, is_ulog, read};
use torenvalk::flight::{
    Autopilot, CameraEventKind, EventAttitude, FixKind, LogTime, PositionSource, Track, UtcSource,
    YawFrame, read_bytes,
};

use crate::shared::shared;

/// Name, bytes and reference of every log of this format.
fn samples() -> Vec<(String, Vec<u8>, Json)> {
    let Some(folder) = shared("data/logs") else { return Vec::new() };
    let text = fs::read_to_string(folder.join("reference.json")).unwrap();
    let reference: BTreeMap<String, Json> = serde_json::from_str(&text).unwrap();
    let logs = reference.into_iter().filter(|(name, _)| name.ends_with(".ulg"));
    let samples: Vec<_> = logs
        .map(|(name, told)| (name.clone(), fs::read(folder.join(name)).unwrap(), told))
        .collect();
    assert_eq!(samples.len(), 4);
    samples
}

fn sample(name: &str) -> Option<(Vec<u8>, Json)> {
    let found = samples().into_iter().find(|(file, ..)| file == name);
    found.map(|(_, bytes, told)| (bytes, told))
}

fn only_track(bytes: &[u8]) -> Track {
    let mut log = read(bytes).unwrap();
    assert_eq!(log.tracks.len(), 1);
    log.tracks.remove(0)
}

#[test]
fn every_record_is_found_and_counted() {
    for (name, bytes, told) in samples() {
        assert!(is_ulog(&bytes));
        let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
        let mut topics: BTreeMap<String, u64> = BTreeMap::new();
        let (mut dropped_ms, mut texts) = (0, 0);
        let mut records = Records::new(&bytes, 0).unwrap();
        while let Some(record) = records.next_record() {
            *kinds.entry(char::from(record.kind).to_string()).or_default() += 1;
            if let Some(row) = &record.row {
                let topic = format!("{}[{}]", row.topic.name, row.multi_id);
                *topics.entry(topic).or_default() += 1;
            }
            dropped_ms += u64::from(record.dropout_ms().unwrap_or(0));
            texts += u64::from(record.text().is_some());
        }
        assert!(records.losses().is_empty() && records.remarks().is_empty(), "{name}");
        assert_eq!(serde_json::to_value(&kinds).unwrap(), told["record_kinds_plain_walk"]);
        assert_eq!(Some(topics.values().sum()), told["messages"].as_u64(), "{name}");
        assert_eq!(Some(topics.len() as u64), told["types"].as_u64(), "{name}");
        for (topic, count) in told["per_type_top"].as_object().unwrap() {
            assert_eq!(Some(topics[topic]), count.as_u64(), "{name}: {topic}");
        }
        for (topic, instances) in told["events"].as_object().unwrap() {
            for (multi_id, count) in instances.as_object().unwrap() {
                let found = topics[&format!("{topic}[{multi_id}]")];
                assert_eq!(Some(found), count.as_u64(), "{name}: {topic}");
            }
        }
        assert_eq!(Some(dropped_ms), told["dropout_ms"].as_u64());
        assert_eq!(Some(texts), told["logged_messages"].as_u64());
        assert_eq!(Some(records.header().start_us), told["start_us"].as_u64());
        let flags = &told["compat_incompat_flags"];
        assert_eq!(serde_json::json!(records.header().compatible), flags[0]);
        assert_eq!(serde_json::json!(records.header().incompatible), flags[1]);
        let mut appended = records.header().appended.clone();
        appended.resize(3, 0);
        assert_eq!(serde_json::json!(appended), flags[2]);
    }
}

/// Every field of the rows that the reference lists.
#[test]
fn values_are_those_of_pyulog() {
    let mut compared = 0;
    for (name, bytes, told) in samples() {
        for (key, listed) in told["values"].as_object().unwrap() {
            let kind = ["_first_last_3d", "_first_last", "_three"];
            let Some(topic) = kind.iter().find_map(|end| key.strip_suffix(end)) else { continue };
            let mut found = Vec::new();
            let mut records = Records::new(&bytes, 0).unwrap();
            while let Some(record) = records.next_record() {
                let Some(row) = record.row else { continue };
                let with_fix = row.integer("fix_type").is_none_or(|fix| fix >= 3);
                if row.topic.name == topic && (with_fix || !key.ends_with("_3d")) {
                    found.push(row);
                }
            }
            let rows = listed.as_array().unwrap();
            let indices = match rows.len() {
                3 => vec![0, found.len() / 2, found.len() - 1],
                _ => vec![0, found.len() - 1],
            };
            assert_eq!(rows.len(), indices.len());
            for (index, row) in indices.into_iter().zip(rows) {
                for (field, value) in row.as_object().unwrap() {
                    let ours = found[index].number(field);
                    match value.as_str() {
                        Some("nan") => assert!(ours.unwrap().is_nan()),
                        _ => assert_eq!(ours, value.as_f64(), "{name}: {topic}[{index}].{field}"),
                    }
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 120 || samples().is_empty(), "{compared}");
}

fn us(time: LogTime) -> i64 {
    (time.0 * 1e6).round() as i64
}

#[test]
fn a_flight_with_integers_of_old_firmware_becomes_a_track() {
    let Some((bytes, told)) = sample("pyulog_sample_log_small.ulg") else { return };
    let track = only_track(&bytes);
    assert_eq!(track.vehicle.autopilot, Autopilot::Px4);
    assert!(track.vehicle.name.as_ref().unwrap().contains("CUBEPILOT_CUBEORANGE"));
    assert_eq!(track.attitude.len() as u64, told["per_type_top"]["vehicle_attitude[0]"]);
    assert_eq!(track.fixes.len(), 32);
    let rows = told["values"]["vehicle_gps_position_first_last_3d"].as_array().unwrap();
    for (index, row) in [0, 31].into_iter().zip(rows) {
        let fix = &track.fixes[index];
        assert_eq!(Some(us(fix.at)), row["timestamp"].as_i64());
        let place = fix.value.place.unwrap();
        let e7 = |rad: f64| (rad.to_degrees() * 1e7).round() as i64;
        assert_eq!(Some(e7(place.lat_rad)), row["lat"].as_i64());
        assert_eq!(Some(e7(place.lon_rad)), row["lon"].as_i64());
        assert_eq!(place.heights.amsl_m, Some(row["alt"].as_f64().unwrap() / 1e3));
        assert_eq!(place.heights.ellipsoid_m, Some(row["alt_ellipsoid"].as_f64().unwrap() / 1e3));
        assert_eq!(fix.value.horizontal_sigma_m, row["eph"].as_f64());
        assert_eq!(fix.value.kind, FixKind::Full);
        let utc = row["time_utc_usec"].as_f64().unwrap() * 1e-6;
        assert!((track.utc_s(fix.at).unwrap() - utc).abs() < 0.1);
    }
    assert_eq!(track.utc_s_at_zero.unwrap().source, UtcSource::ReceiverUtc);
    // Rows of other topics are at 0 s and at 1194 s: the flight is where its samples are.
    let (first, last) = track.span().unwrap();
    assert!(first.0 > 20.0 && last.0 < 27.0, "{first:?} {last:?}");
    // One dropout of 30 ms is told.
    let log = read(&bytes).unwrap();
    assert!(log.warnings.iter().any(|warning| warning.to_string().contains("30 ms")));
}

/// Places drawn back from the estimator's local map against the estimator's own global places, in
/// a log that has both.
#[test]
fn local_places_are_the_estimators_own() {
    let Some((mut bytes, _)) = sample("foxglove_test_ulog.ulg") else { return };
    let global = only_track(&bytes).position;
    let name = b"vehicle_global_position";
    let mut renamed = 0;
    for at in 0..bytes.len() - name.len() {
        if bytes[at..].starts_with(name) {
            bytes[at] = b'x';
            renamed += 1;
        }
    }
    assert!(renamed >= 2);
    let track = only_track(&bytes);
    assert_eq!((track.position_source, track.position.len()), (PositionSource::Estimator, 66));
    let mut compared = 0;
    for sample in global.iter() {
        // Both are of one estimate, written within some microseconds of each other.
        let near = track.position.iter().find(|ours| (ours.at - sample.at).abs() < 1e-4);
        let Some(ours) = near.map(|ours| ours.value) else { continue };
        let north_m = (ours.lat_rad - sample.value.lat_rad) * 6.37e6;
        let east_m = (ours.lon_rad - sample.value.lon_rad) * 6.37e6 * ours.lat_rad.cos();
        let up_m = ours.heights.amsl_m.unwrap() - sample.value.heights.amsl_m.unwrap();
        assert!(north_m.hypot(east_m) < 1e-3 && up_m.abs() < 1e-3, "{north_m} {east_m} {up_m}");
        compared += 1;
    }
    assert!(compared > 25, "{compared}");
}

#[test]
fn quaternions_become_attitudes() {
    for (name, bytes, told) in samples() {
        let track = only_track(&bytes);
        let count = track.attitude.len();
        let rows = told["values"]["vehicle_attitude_three"].as_array().unwrap();
        for (index, row) in [0, count / 2, count - 1].into_iter().zip(rows) {
            let sample = &track.attitude[index];
            assert_eq!(Some(us(sample.at)), row["timestamp"].as_i64(), "{name}");
            let [w, x, y, z] = ["q[0]", "q[1]", "q[2]", "q[3]"].map(|q| row[q].as_f64().unwrap());
            // Columns of the matrix of a unit quaternion (Diebel 2006, equation 125).
            let forward =
                [w * w + x * x - y * y - z * z, 2.0 * (x * y + w * z), 2.0 * (x * z - w * y)];
            let matrix = sample.value.ned_from_body();
            for (axis, expected) in forward.into_iter().enumerate() {
                assert!((matrix[(axis, 0)] - expected).abs() < 1e-6, "{name}[{index}]");
            }
            let down_z = w * w - x * x - y * y + z * z;
            assert!((matrix[(2, 2)] - down_z).abs() < 1e-6);
        }
    }
}

#[test]
fn without_any_fix_there_is_attitude_and_no_position() {
    let Some((bytes, _)) = sample("px4-ulog-rs_quadrotor_local.ulg") else { return };
    let track = only_track(&bytes);
    assert_eq!(track.attitude.len(), 1851);
    assert_eq!(track.fixes.len(), 926 + 92);
    assert!(track.position.is_empty() && track.utc_s_at_zero.is_none() && track.home.is_empty());
    assert!(track.fixes.iter().all(|fix| fix.value.place.is_none()));
    assert!(track.fixes.iter().all(|fix| fix.value.horizontal_sigma_m.is_none()));
    let said: Vec<_> = track.warnings.iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|warning| warning.starts_with("no position")), "{said:?}");
}

#[test]
fn global_places_and_homes_are_read() {
    let Some((bytes, told)) = sample("foxglove_test_ulog.ulg") else { return };
    let track = only_track(&bytes);
    let rows = told["values"]["vehicle_global_position_first_last"].as_array().unwrap();
    assert_eq!(track.position.len(), 34);
    for (index, row) in [0, 33].into_iter().zip(rows) {
        let sample = &track.position[index];
        assert_eq!(Some(us(sample.at)), row["timestamp"].as_i64());
        assert!((sample.value.lat_rad.to_degrees() - row["lat"].as_f64().unwrap()).abs() < 1e-11);
        assert!((sample.value.lon_rad.to_degrees() - row["lon"].as_f64().unwrap()).abs() < 1e-11);
        assert_eq!(sample.value.heights.amsl_m, row["alt"].as_f64());
        assert_eq!(sample.value.heights.ellipsoid_m, row["alt_ellipsoid"].as_f64());
        assert_eq!(sample.value.heights.above_terrain_m, None);
    }
    let mut receivers: Vec<_> = track.fixes.iter().map(|fix| fix.value.receiver).collect();
    receivers.sort_unstable();
    assert_eq!(receivers, [vec![0; 13], vec![1; 6]].concat());
    assert_eq!(track.home.len(), 2);
}

/// A log in the making.
#[derive(Clone)]
struct Planted(Vec<u8>);

impl Planted {
    fn new(incompatible: u8, appended: [u64; 3]) -> Self {
        let mut log = Self(b"ULog\x01\x12\x35\x01".to_vec());
        log.0.extend(1_000_000_u64.to_le_bytes());
        let mut flags = vec![0; 16];
        flags[8] = incompatible;
        flags.extend(appended.map(u64::to_le_bytes).concat());
        log.record(b'B', &[&flags]);
        log.record(b'I', &[&[13], b"char sys_name", b"PX4"]);
        log
    }

    fn record(&mut self, kind: u8, parts: &[&[u8]]) {
        let body = parts.concat();
        self.0.extend((body.len() as u16).to_le_bytes());
        self.0.push(kind);
        self.0.extend(body);
    }

    fn topic(&mut self, id: u16, name: &str, fields: &str) {
        self.record(b'F', &[name.as_bytes(), b":", fields.as_bytes()]);
        self.subscribe(id, 0, name);
    }

    fn subscribe(&mut self, id: u16, multi_id: u8, name: &str) {
        self.record(b'A', &[&[multi_id], &id.to_le_bytes(), name.as_bytes()]);
    }

    fn attitude_topic(&mut self) {
        // A field of its own, so that no row is as long as a row of another topic here.
        self.topic(1, "vehicle_attitude", "uint64_t timestamp;float[4] q;uint8_t[3] _padding0;");
    }

    fn attitude(&mut self, time_us: u64) {
        let q = [0.6_f32, 0.0, 0.0, 0.8].map(f32::to_le_bytes).concat();
        self.record(b'D', &[&1_u16.to_le_bytes(), &time_us.to_le_bytes(), &q]);
    }

    fn attitudes(&mut self, from_us: u64) {
        (0..10).for_each(|index| self.attitude(from_us + 100_000 * index));
    }
}

/// Bytes of one row of attitude, as they are planted.
const ROW: usize = 3 + 2 + 8 + 16;

#[test]
fn unknown_incompatible_flags_are_refused() {
    for incompatible in [2, 3, 0x80] {
        let refused = read(&Planted::new(incompatible, [0; 3]).0).unwrap_err();
        assert_eq!(refused.offset, 16 + 3 + 8);
        assert!(refused.to_string().contains("incompatible flags"), "{refused}");
        assert!(refused.to_string().contains("newer version"), "{refused}");
    }
    let file = std::path::Path::new("x.ulg");
    let said = read_bytes(file, &Planted::new(4, [0; 3]).0).unwrap_err().to_string();
    assert!(said.starts_with("x.ulg, byte 27: the ULog has incompatible flags [04,"), "{said}");
    assert!(read(&Planted::new(1, [0; 3]).0).is_ok());
    for nothing in [&b""[..], b"ULog\x01\x12\x35", b"ULog\x01\x12\x34\x01\0\0\0\0\0\0\0\0"] {
        assert_eq!(read(nothing).unwrap_err().offset, 0);
    }
}

#[test]
fn appended_data_begin_where_the_flags_say_though_a_record_is_cut_before() {
    let mut log = Planted::new(1, [0; 3]);
    log.attitude_topic();
    log.attitudes(1_000_000);
    let cut = log.0.len() - 10;
    log.0.truncate(cut);
    let appended = log.0.len() as u64;
    log.attitudes(3_000_000);
    log.0[16 + 3 + 16..][..8].copy_from_slice(&appended.to_le_bytes());
    let found = read(&log.0).unwrap();
    assert_eq!(found.tracks[0].attitude.len(), 19);
    let [loss] = &found.losses[..] else { panic!("{:?}", found.losses) };
    assert_eq!((loss.offset + loss.bytes, loss.bytes), (appended, ROW as u64 - 10));
    // Offsets beyond the file, or back into it, are told and do no harm.
    for wrong in [u64::MAX, 3, 1 << 40] {
        log.0[16 + 3 + 24..][..8].copy_from_slice(&wrong.to_le_bytes());
        let found = read(&log.0).unwrap();
        assert_eq!(found.tracks[0].attitude.len(), 19);
        let said = found.warnings.iter().map(ToString::to_string).collect::<String>();
        assert!(said.contains(&format!("no appended data at byte {wrong}")), "{said}");
    }
}

#[test]
fn damage_costs_the_rows_it_lies_in_and_says_where() {
    let mut log = Planted::new(0, [0; 3]);
    log.attitude_topic();
    let start = log.0.len();
    log.attitudes(1_000_000);
    log.record(b'S', &[&[0x2F, 0x73, 0x13, 0x20, 0x25, 0x0C, 0xBB, 0x12]]);
    log.attitudes(2_000_000);
    assert_eq!(read(&log.0).unwrap().tracks[0].attitude.len(), 20);
    for at in 0..10 * ROW {
        let mut bytes = log.0.clone();
        bytes.remove(start + at);
        let found = read(&bytes).unwrap();
        assert_eq!(found.tracks[0].attitude.len(), 19, "byte {at}: {:?}", found.losses);
        let row = start + at / ROW * ROW;
        let lost: u64 = found.losses.iter().map(|loss| loss.bytes).sum();
        assert_eq!((found.losses[0].offset, lost), (row as u64, ROW as u64 - 1), "byte {at}");
        // Garbage between two rows costs nothing but itself.
        let mut bytes = log.0.clone();
        bytes.splice(row..row, [0xFF; 5]);
        let found = read(&bytes).unwrap();
        let lost: u64 = found.losses.iter().map(|loss| loss.bytes).sum();
        assert_eq!((found.tracks[0].attitude.len(), lost), (20, 5), "{:?}", found.losses);
    }
}

#[test]
fn rows_that_nobody_subscribed_are_lost_and_told() {
    let mut log = Planted::new(0, [0; 3]);
    log.attitude_topic();
    log.attitudes(1_000_000);
    let at = log.0.len();
    log.record(b'D', &[&77_u16.to_le_bytes(), &[1; 30]]);
    log.attitudes(2_000_000);
    log.record(b'Z', &[b"from the future"]);
    log.attitudes(3_000_000);
    let found = read(&log.0).unwrap();
    assert_eq!(found.tracks[0].attitude.len(), 30);
    let [row, future] = &found.losses[..] else { panic!("{:?}", found.losses) };
    assert_eq!((row.offset, row.bytes), (at as u64, 35));
    assert!(row.what.contains("number 77"));
    assert_eq!((future.bytes, &*future.what), (18, "record of an unknown type"));
}

#[test]
fn a_format_defined_anew_counts_for_later_subscriptions() {
    let mut log = Planted::new(0, [0; 3]);
    log.attitude_topic();
    log.attitudes(1_000_000);
    let text = "vehicle_attitude:uint64_t timestamp;float heading;float[4] q;";
    log.record(b'F', &[text.as_bytes()]);
    log.attitudes(2_000_000);
    log.subscribe(2, 0, "vehicle_attitude");
    let numbers = [9.0_f32, 0.0, 0.0, 0.0, 1.0].map(f32::to_le_bytes).concat();
    log.record(b'D', &[&2_u16.to_le_bytes(), &3_000_000_u64.to_le_bytes(), &numbers]);
    let found = read(&log.0).unwrap();
    assert_eq!(found.tracks[0].attitude.len(), 21);
    let yaw = found.tracks[0].attitude[20].value.yaw_rad.to_degrees();
    assert!((yaw.abs() - 180.0).abs() < 1e-6, "{yaw}");
    assert!(found.warnings.iter().any(|warning| warning.to_string().contains("anew")));
}

#[test]
fn stray_stamps_are_left_out_and_a_home_from_before_the_log_is_kept() {
    let mut log = Planted::new(0, [0; 3]);
    log.attitude_topic();
    log.topic(2, "home_position", "uint64_t timestamp;double lat;double lon;float alt;");
    let home = [52.0_f64, 5.0].map(f64::to_le_bytes).concat();
    let home = [&home[..], &7.5_f32.to_le_bytes()].concat();
    log.attitude(0);
    log.attitudes(900_000_000);
    log.record(b'D', &[&2_u16.to_le_bytes(), &12_000_000_u64.to_le_bytes(), &home]);
    log.attitude(2_900_000_000);
    log.attitudes(901_000_000);
    let found = read(&log.0).unwrap();
    assert_eq!(found.tracks.len(), 1);
    let track = &found.tracks[0];
    assert_eq!((track.attitude.len(), track.home.len()), (20, 1));
    assert_eq!(track.home[0].value.heights.amsl_m, Some(7.5));
    assert!(found.losses.iter().all(|loss| loss.bytes == ROW as u64));
    assert_eq!(found.losses.len(), 2);
}

#[test]
fn gimbals_keep_their_frames_apart() {
    let mut log = Planted::new(0, [0; 3]);
    log.topic(
        3,
        "gimbal_device_attitude_status",
        "uint64_t timestamp;uint16_t device_flags;float[4] q;uint8_t[2] _padding0;",
    );
    log.topic(4, "mount_orientation", "uint64_t timestamp;float[3] attitude_euler_angle;");
    // Yaw of 90 degrees, level.
    let half = std::f32::consts::FRAC_1_SQRT_2;
    let q = [half, 0.0, 0.0, half].map(f32::to_le_bytes).concat();
    for (index, flags) in [32_u16, 64, 16, 0, 16 + 32].into_iter().enumerate() {
        let time = 1_000_000 + 100_000 * index as u64;
        log.record(b'D', &[&3_u16.to_le_bytes(), &time.to_le_bytes(), &flags.to_le_bytes(), &q]);
    }
    let angles = [0.1_f32, -1.5, 0.3].map(f32::to_le_bytes).concat();
    log.record(b'D', &[&4_u16.to_le_bytes(), &1_600_000_u64.to_le_bytes(), &angles]);
    let track = only_track(&log.0);
    let frames: Vec<_> = track.gimbal.iter().map(|sample| sample.value.yaw_frame).collect();
    let (earth, vehicle) = (YawFrame::Earth, YawFrame::Vehicle);
    assert_eq!(frames, [vehicle, earth, earth, vehicle, vehicle, vehicle]);
    assert!((track.gimbal[0].value.attitude.yaw_rad.to_degrees() - 90.0).abs() < 1e-4);
    let mount = track.gimbal[5].value.attitude;
    assert!((mount.pitch_rad + 1.5).abs() < 1e-6 && (mount.yaw_rad - 0.3).abs() < 1e-6);
    assert!(track.warnings.iter().any(|warning| warning.to_string().contains("asked for")));
}

#[test]
fn pictures_are_read() {
    let capture = "uint64_t timestamp;uint64_t timestamp_utc;uint32_t seq;double lat;double lon;\
                   float alt;float ground_distance;float[4] q;int8_t result;uint8_t[3] _padding0;";
    let mut log = Planted::new(0, [0; 3]);
    log.topic(5, "camera_capture", capture);
    let trigger = "uint64_t timestamp;uint64_t timestamp_utc;uint32_t seq;bool feedback;";
    log.topic(6, "camera_trigger", trigger);
    let utc = 1_700_000_000_500_000_u64;
    for (index, result) in [1_i8, 0, -1].into_iter().enumerate() {
        let times = [2_000_000 + index as u64, if index == 0 { utc } else { 0 }];
        let place = [52.0_f64, 5.0].map(f64::to_le_bytes).concat();
        let numbers = [60.0_f32, 50.0, 1.0, 0.0, 0.0, 0.0].map(f32::to_le_bytes).concat();
        let parts: [&[u8]; 6] = [
            &5_u16.to_le_bytes(),
            &times.map(u64::to_le_bytes).concat(),
            &(index as u32).to_le_bytes(),
            &place,
            &numbers,
            &result.to_le_bytes(),
        ];
        log.record(b'D', &parts);
    }
    let times = [3_000_000_u64, 0].map(u64::to_le_bytes).concat();
    log.record(b'D', &[&6_u16.to_le_bytes(), &times, &4_u32.to_le_bytes(), &[0]]);
    let track = only_track(&log.0);
    let kinds: Vec<_> =
        track.camera.iter().map(|event| (event.value.kind, event.value.success)).collect();
    let expected = [
        (CameraEventKind::Captured, Some(true)),
        (CameraEventKind::Captured, Some(false)),
        (CameraEventKind::Feedback, None),
        (CameraEventKind::Trigger, None),
    ];
    assert_eq!(kinds, expected);
    let first = track.camera[0].value;
    assert_eq!((first.image_index, first.utc_s), (Some(0), Some(1_700_000_000.5)));
    assert_eq!(first.place.unwrap().heights.above_terrain_m, Some(50.0));
    assert!(matches!(first.attitude, Some(EventAttitude::Vehicle(_))));
    assert_eq!(track.camera[1].value.utc_s, None);
}

#[test]
fn two_logs_in_one_file_are_two_boots() {
    let mut first = Planted::new(0, [0; 3]);
    first.attitude_topic();
    first.attitudes(50_000_000);
    let mut second = Planted::new(0, [0; 3]);
    second.attitude_topic();
    second.attitudes(1_000_000);
    for cut in [0, 1, 10, ROW] {
        let head = &first.0[..first.0.len() - cut];
        let found = read(&[head, &second.0].concat()).unwrap();
        let lengths: Vec<_> = found.tracks.iter().map(|track| track.attitude.len()).collect();
        assert_eq!(lengths, [10 - usize::from(cut > 0), 10], "{cut}");
        assert_eq!((found.tracks[0].boot, found.tracks[1].boot), (0, 1));
        let lost: u64 = found.losses.iter().map(|loss| loss.bytes).sum();
        assert_eq!(lost, if cut == 0 { 0 } else { (ROW - cut) as u64 });
    }
    let names = ["pyulog_sample_log_small.ulg", "foxglove_test_ulog.ulg"];
    let [Some((one, _)), Some((two, _))] = names.map(sample) else { return };
    let joined = read(&[&one[..], &two].concat()).unwrap();
    let lengths: Vec<_> = joined.tracks.iter().map(|track| track.attitude.len()).collect();
    assert_eq!(lengths, [1298, 131]);
}

/// What is read of damaged bytes is bounded and finite, and nothing panics.
fn look_at(bytes: &[u8]) -> u64 {
    let Ok(log) = read(bytes) else { return 0 };
    let lost: u64 = log.losses.iter().map(|loss| loss.bytes).sum();
    assert!(lost <= bytes.len() as u64);
    assert!(log.messages * 3 <= bytes.len() as u64);
    for track in &log.tracks {
        assert!(track.attitude.iter().all(|sample| sample.value.yaw_rad.is_finite()));
        assert!(track.position.iter().all(|sample| sample.value.lat_rad.is_finite()));
    }
    log.messages
}

#[test]
fn every_log_may_be_cut_anywhere() {
    for (name, bytes, _) in samples() {
        let mut before = 0;
        for part in 0..=64 {
            let messages = look_at(&bytes[..bytes.len() * part / 64]);
            assert!(messages >= before, "{name} at {part}/64");
            before = messages;
        }
    }
}

#[test]
fn flipped_bits_cost_little() {
    let mut state = 2026_u64;
    let mut roll = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ((state >> 33) as usize) % below
    };
    for (name, bytes, _) in samples() {
        let whole = look_at(&bytes);
        for round in 0..16 {
            let mut damaged = bytes.clone();
            // In every other round all of it, else the rows behind the definitions.
            let from = if round % 2 == 0 { 16 } else { bytes.len() / 2 };
            for _ in 0..8 {
                damaged[from + roll(bytes.len() - from)] ^= 1 << roll(8);
            }
            let messages = look_at(&damaged);
            if round % 2 == 1 {
                assert!(messages + 40 >= whole && messages <= whole + 8, "{name}: {messages}");
            }
        }
    }
}
