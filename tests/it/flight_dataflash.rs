//! DataFlash logs against what pymavlink and a plain walk found in them (`data/logs`), and against
//! planted bytes.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value as Json;
use torenvalk::flight::dataflash::{Records, Value, is_dataflash, read};
use torenvalk::flight::{
    CameraEventKind, EventAttitude, FixKind, Log, LogTime, PositionSource, Timed, Track, YawFrame,
    read_bytes,
};

use crate::shared::shared;

/// Name, bytes and reference of every log of this format.
fn samples() -> Vec<(String, Vec<u8>, Json)> {
    let Some(folder) = shared("data/logs") else { return Vec::new() };
    let text = fs::read_to_string(folder.join("reference.json")).unwrap();
    let reference: BTreeMap<String, Json> = serde_json::from_str(&text).unwrap();
    let logs = reference.into_iter().filter(|(name, _)| name.to_lowercase().ends_with(".bin"));
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

fn only_track(log: &Log) -> &Track {
    assert_eq!(log.tracks.len(), 1);
    &log.tracks[0]
}

#[test]
fn every_message_is_found_and_counted() {
    for (name, bytes, told) in samples() {
        assert!(is_dataflash(&bytes));
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        let mut records = Records::new(&bytes);
        while let Some(record) = records.next_record() {
            *counts.entry(record.format.name.to_owned()).or_default() += 1;
        }
        assert_eq!(Some(counts.values().sum()), told["messages"].as_u64(), "{name}");
        assert_eq!(Some(counts.len() as u64), told["types"].as_u64(), "{name}");
        assert_eq!(Some(records.formats().count() as u64), told["formats_declared"].as_u64());
        for group in ["per_type_top", "events"] {
            for (kind, count) in told[group].as_object().unwrap() {
                assert_eq!(Some(counts[kind]), count.as_u64(), "{name}: {kind}");
            }
        }
        let lost: u64 = records.losses().iter().map(|loss| loss.bytes).sum();
        let tail = told["tail_bytes"].as_u64().unwrap();
        assert_eq!(lost, tail, "{name}: {:?}", records.losses());
        if tail > 0 {
            let [loss] = records.losses() else { panic!("{name}: {:?}", records.losses()) };
            assert_eq!(loss.offset + loss.bytes, bytes.len() as u64);
            assert_eq!(loss.what, "the last record is cut short");
        }
        let log = read(&bytes);
        assert_eq!(Some(log.messages), told["messages"].as_u64());
        assert_eq!(read_bytes(name.as_ref(), &bytes).unwrap(), log, "{name}");
        assert_eq!(log.losses, records.into_losses());
    }
}

/// Every field of the first, middle and last records that the reference lists.
#[test]
fn values_are_those_of_pymavlink() {
    let mut compared = 0;
    for (name, bytes, told) in samples() {
        for (key, listed) in told["values"].as_object().unwrap() {
            let Some((kind, which)) = key.split_once('_') else { continue };
            let rows: Vec<&Json> = listed.as_array().into_iter().flatten().collect();
            let places = match which {
                "three" => 3,
                "first_last" | "first_last_3d" => 2,
                _ => continue,
            };
            assert_eq!(rows.len(), places, "{name}: {key}");
            let mut found: Vec<BTreeMap<String, f64>> = Vec::new();
            let mut records = Records::new(&bytes);
            while let Some(record) = records.next_record() {
                let with_fix = record.integer("Status").is_none_or(|status| status >= 3);
                if record.format.name == kind && (with_fix || which != "first_last_3d") {
                    let fields = record.format.fields.iter();
                    let number = |name: &str| Some((name.to_owned(), record.scaled(name)?));
                    found.push(fields.filter_map(|field| number(field.name)).collect());
                }
            }
            let middle = found.len() / 2;
            let indices = [0, middle, found.len() - 1];
            let indices = indices.iter().filter(|&&i| places == 3 || i != middle || i == 0);
            for (index, row) in indices.zip(&rows) {
                for (field, value) in row.as_object().unwrap() {
                    let ours = found[*index][field];
                    assert_eq!(Some(ours), value.as_f64(), "{name}: {kind}[{index}].{field}");
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 200 || samples().is_empty(), "{compared}");
}

/// ArduPilot's own test of its logger writes every character; expected by pymavlink 2.4.50.
#[test]
fn every_format_character_is_read() {
    let Some((bytes, _)) = sample("ap_logger_alltypes_output.BIN") else { return };
    let mut seen = String::new();
    let mut records = Records::new(&bytes);
    while let Some(record) = records.next_record() {
        let value = |name: &str| record.format.field(name).unwrap().value(record.payload).unwrap();
        match record.format.name {
            "TYPn" => assert_eq!(record.text("Str").unwrap(), "ABCD"),
            "TYPa" => {
                let Value::Shorts(shorts) = value("Arr") else { panic!("no array") };
                assert_eq!(shorts[..7], [-32768, 32767, 1, -1, 0, 17, 0]);
            }
            "TYP3" => {
                // It has 13 characters and 12 labels: each label is for the character of its place.
                assert!(matches!(value("b"), Value::Shorts(_)));
                assert_eq!(record.integer("B"), Some(-17));
                assert_eq!(record.integer("H"), Some(-12372));
                assert_eq!(record.integer("I"), Some(-98_234_729));
                assert_eq!(record.integer("f"), Some(74_627_293));
                assert_eq!(record.scaled("d"), Some(35.876_541_137_695_31));
                assert_eq!(record.scaled("n"), Some(67.739_326_477_050_78));
                assert_eq!(record.text("N").unwrap(), "ABCD");
                assert_eq!(record.text("Z").unwrap(), "ABCDEFGHIJKLMNOP");
            }
            "TYP4" => {
                for (name, expected) in [
                    ("c", -98.23),
                    ("C", 54.36),
                    ("e", -92_092.38),
                    ("E", 192_398.72),
                    ("L", -0.357_654_3),
                    ("M", 5.0),
                    ("g", 13.539_062_5),
                ] {
                    assert_eq!(record.scaled(name), Some(expected), "{name}");
                }
                assert_eq!(record.integer("q"), Some(-98_239_832_498_328));
                assert_eq!(record.integer("Q"), Some(3_432_345_232_233_432));
            }
            "NANS" => {
                for name in ["f", "d", "bf", "bd"] {
                    assert!(record.scaled(name).unwrap().is_nan());
                }
            }
            _ => continue,
        }
        seen += record.format.name;
    }
    assert_eq!(seen, "TYPnTYPaTYP3TYP4NANS");
}

fn us(time: LogTime) -> i64 {
    (time.0 * 1e6).round() as i64
}

/// Degrees of a whole turn, against north.
fn turn_deg(rad: f64) -> f64 {
    rad.to_degrees().rem_euclid(360.0)
}

#[test]
fn a_flight_with_a_receiver_becomes_a_track() {
    let Some((bytes, told)) = sample("spark404_log.bin") else { return };
    let log = read(&bytes);
    let track = only_track(&log);
    let values = &told["values"];
    assert_eq!(track.attitude.len() as u64, told["events"]["ATT"].as_u64().unwrap());
    assert_eq!(track.position.len() as u64, told["events"]["POS"].as_u64().unwrap());
    assert_eq!(track.fixes.len() as u64, told["events"]["GPS"].as_u64().unwrap());
    assert_eq!(track.position_source, PositionSource::Estimator);
    for (index, row) in [0, 252, 503].into_iter().zip(values["ATT_three"].as_array().unwrap()) {
        let Timed { at, value } = track.attitude[index];
        assert_eq!(Some(us(at)), row["TimeUS"].as_i64());
        assert!((value.roll_rad.to_degrees() - row["Roll"].as_f64().unwrap()).abs() < 1e-9);
        assert!((value.pitch_rad.to_degrees() - row["Pitch"].as_f64().unwrap()).abs() < 1e-9);
        assert!((turn_deg(value.yaw_rad) - row["Yaw"].as_f64().unwrap()).abs() < 1e-9);
    }
    for (index, row) in [0, 503].into_iter().zip(values["POS_first_last"].as_array().unwrap()) {
        let Timed { at, value } = track.position[index];
        assert_eq!(Some(us(at)), row["TimeUS"].as_i64());
        assert!((value.lat_rad.to_degrees() - row["Lat"].as_f64().unwrap()).abs() < 1e-11);
        assert!((value.lon_rad.to_degrees() - row["Lng"].as_f64().unwrap()).abs() < 1e-11);
        assert_eq!(value.heights.amsl_m, row["Alt"].as_f64());
        assert_eq!(value.heights.above_home_m, row["RelHomeAlt"].as_f64());
        assert_eq!(value.heights.ellipsoid_m, None);
    }
    let last = track.fixes.last().unwrap();
    assert_eq!((last.value.kind, last.value.satellites), (FixKind::Differential, Some(18)));
    // Week 1966, 39031400 ms, less 18 leap seconds.
    let utc = track.utc_s(LogTime(453.330_122)).unwrap();
    let expected = "2017-09-10T10:50:13.4Z".parse::<jiff::Timestamp>().unwrap();
    assert!((utc - expected.as_duration().as_secs_f64()).abs() < 0.2, "{utc}");
    // Every terrain report is pending: not one may be used.
    assert_eq!(track.terrain.len(), 50);
    assert!(track.terrain.iter().all(|report| !report.value.usable()));
    // The home is in the last record, a minute after the flight.
    let home = track.home.last().unwrap();
    assert_eq!((us(home.at), home.value.heights.amsl_m), (510_692_465, Some(-2.03)));
    assert!(track.velocity_ned.len() >= 504);
}

#[test]
fn a_flight_without_a_receiver_has_its_position_from_the_estimator() {
    let Some((bytes, told)) = sample("dataflash-sample-2.bin") else { return };
    let log = read(&bytes);
    let track = only_track(&log);
    assert_eq!(track.position.len() as u64, told["events"]["POS"].as_u64().unwrap());
    assert_eq!(track.position_source, PositionSource::Estimator);
    assert!(track.fixes.is_empty() && track.utc_s_at_zero.is_none());
    assert_eq!(track.vehicle.name.as_deref(), Some("ArduCopter V3.6.8 (2f409678)"));
    let ground = track.terrain.first().unwrap().value;
    assert!(ground.usable());
    assert!((ground.ground_amsl_m - -0.368_992_716).abs() < 1e-9);
    assert!((track.velocity_ned[0].value.norm()) < 1.0);
}

/// A log in the making.
#[derive(Default, Clone)]
struct Planted(Vec<u8>);

impl Planted {
    fn new() -> Self {
        let mut log = Self::default();
        log.format(128, "FMT", 89, "BBnNZ", "Type,Length,Name,Format,Columns");
        log
    }

    fn format(&mut self, id: u8, name: &str, length: u8, characters: &str, labels: &str) {
        let padded = |text: &str, size: usize| {
            let mut bytes = text.as_bytes().to_vec();
            bytes.resize(size, 0);
            bytes
        };
        self.0.extend([0xA3, 0x95, 128, id, length]);
        self.0.extend(padded(name, 4));
        self.0.extend(padded(characters, 16));
        self.0.extend(padded(labels, 64));
    }

    fn record(&mut self, id: u8, parts: &[&[u8]]) {
        self.0.extend([0xA3, 0x95, id]);
        self.0.extend(parts.concat());
    }

    fn attitude_format(&mut self) {
        self.format(10, "ATT", 23, "Qfff", "TimeUS,Roll,Pitch,Yaw");
    }

    fn attitude(&mut self, time_us: u64, yaw_deg: f32) {
        let angles = [1.0, -2.0, yaw_deg].map(f32::to_le_bytes);
        self.record(10, &[&time_us.to_le_bytes(), &angles.concat()]);
    }

    /// Ten attitudes, 100 ms apart.
    fn attitudes(&mut self, from_us: u64) {
        (0..10).for_each(|index| self.attitude(from_us + 100_000 * index, index as f32));
    }
}

#[test]
fn damage_costs_the_records_it_lies_in_and_says_where() {
    let mut log = Planted::new();
    log.attitude_format();
    let start = log.0.len();
    log.attitudes(1_000_000);
    let whole = read(&log.0);
    assert_eq!((whole.messages, whole.tracks[0].attitude.len()), (12, 10));
    assert!(whole.losses.is_empty());
    for at in 0..log.0.len() - start {
        // One byte missing: the record is gone, or, at its end, two are at most.
        let mut bytes = log.0.clone();
        bytes.remove(start + at);
        let found = read(&bytes);
        let lost = found.losses.iter().map(|loss| loss.bytes).sum::<u64>();
        assert_eq!(found.tracks[0].attitude.len(), 9, "byte {at}: {:?}", found.losses);
        assert_eq!(lost, 22, "byte {at}: {:?}", found.losses);
        assert_eq!(found.losses[0].offset, (start + at / 23 * 23) as u64);
        // Garbage between two records costs nothing but itself.
        let mut bytes = log.0.clone();
        let between = start + at / 23 * 23;
        bytes.splice(between..between, [0xA3, 0x95, 0x77, 0xA3, 0, 0xFF]);
        let found = read(&bytes);
        assert_eq!(found.tracks[0].attitude.len(), 10);
        let lost: u64 = found.losses.iter().map(|loss| loss.bytes).sum();
        assert_eq!((found.losses[0].offset, lost), (between as u64, 6), "{:?}", found.losses);
    }
}

#[test]
fn formats_that_lie_do_no_harm() {
    // Claims more than its fields have, less, and nothing but a header.
    for length in [255, 15, 3] {
        let mut log = Planted::new();
        log.attitude_format();
        log.attitudes(1_000_000);
        log.format(11, "LIE", length, "Qfff", "TimeUS,A,B,C");
        for _ in 0..20 {
            log.record(11, &[&[7; 20]]); // as long as its fields
        }
        log.attitudes(2_000_000);
        let found = read(&log.0);
        let attitudes = found.tracks[0].attitude.len();
        assert_eq!(attitudes, 20, "{length}: {:?} {:?}", found.losses, found.warnings);
        let mut records = Records::new(&log.0);
        while let Some(record) = records.next_record() {
            // The records around it tell that they are as long as the fields.
            if record.format.name == "LIE" {
                assert_eq!((record.bytes(), record.format.fits()), (23, false), "{length}");
                assert_eq!(record.scaled("C"), Some(f32::from_le_bytes([7; 4]).into()));
            }
        }
        assert!(records.remarks().iter().any(|(_, what)| what.contains("LIE")));
    }
    // Shorter than a header, and of a character that does not exist: no such type at all.
    for (length, characters) in [(2, "Q"), (0, "Q"), (11, "y")] {
        let mut log = Planted::new();
        log.attitude_format();
        log.attitudes(1_000_000);
        log.format(11, "LIE", length, characters, "TimeUS");
        log.record(11, &[&[7; 8]]);
        log.attitudes(2_000_000);
        let found = read(&log.0);
        assert_eq!(found.tracks[0].attitude.len(), 20);
        assert!(found.losses[0].what.contains("type 11"), "{:?}", found.losses);
        assert_eq!(found.losses[0].bytes, 11);
    }
}

#[test]
fn a_type_described_anew_is_read_as_it_is_from_there_on() {
    let mut log = Planted::new();
    log.attitude_format();
    log.attitudes(1_000_000);
    log.format(10, "ATT", 17, "Qccc", "TimeUS,Roll,Pitch,Yaw");
    let angles = [150_i16, -200, 9000].map(i16::to_le_bytes);
    log.record(10, &[&2_000_000_u64.to_le_bytes(), &angles.concat()]);
    let found = read(&log.0);
    let last = found.tracks[0].attitude.last().unwrap();
    assert!((last.value.yaw_rad.to_degrees() - 90.0).abs() < 1e-9);
    assert!((last.value.roll_rad.to_degrees() - 1.5).abs() < 1e-9);
    assert!(found.warnings.iter().any(|warning| warning.to_string().contains("anew")));
}

#[test]
fn a_multiplier_counts_only_where_the_character_has_no_scale() {
    let mut log = Planted::new();
    log.format(20, "FMTU", 44, "QBNN", "TimeUS,FmtType,UnitIds,MultIds");
    log.format(21, "MULT", 20, "Qbd", "TimeUS,Id,Mult");
    log.format(10, "ATT", 19, "Qhcf", "TimeUS,Roll,Pitch,Yaw");
    let text = |text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(16, 0);
        bytes
    };
    log.record(20, &[&[0; 8], &[10], &text("sddd"), &text("FBB-")]);
    log.record(21, &[&[0; 8], b"B", &f64::from(0.01_f32).to_le_bytes()]);
    log.record(21, &[&[0; 8], b"-", &0_f64.to_le_bytes()]);
    let (angles, yaw) = ([1234_i16, 1234].map(i16::to_le_bytes), 12.5_f32.to_le_bytes());
    log.record(10, &[&5_u64.to_le_bytes(), &angles.concat(), &yaw]);
    let mut records = Records::new(&log.0);
    let mut checked = false;
    while let Some(record) = records.next_record() {
        if record.format.name == "ATT" {
            assert_eq!(record.scaled("Roll"), Some(1234.0));
            assert_eq!(record.in_unit("Roll"), Some(12.34));
            assert_eq!(record.scaled("Pitch"), Some(12.34));
            assert_eq!(record.in_unit("Pitch"), Some(12.34));
            assert_eq!(record.in_unit("Yaw"), Some(12.5));
            checked = true;
        }
    }
    assert!(checked);
}

#[test]
fn a_reboot_in_one_file_makes_two_tracks_and_a_flipped_time_none() {
    let mut log = Planted::new();
    log.attitude_format();
    log.attitudes(60_000_000);
    log.attitude(1 << 55, 0.0);
    log.attitudes(61_000_000);
    log.attitudes(5_000_000);
    let found = read(&log.0);
    let lengths: Vec<_> = found.tracks.iter().map(|track| track.attitude.len()).collect();
    assert_eq!(lengths, [20, 10]);
    assert_eq!(found.tracks[1].boot, 1);
    assert_eq!(found.losses.len(), 1);
    assert_eq!((found.losses[0].offset, found.losses[0].bytes), (2 * 89 + 230, 23));
}

#[test]
fn a_nan_attitude_is_left_out_and_counted() {
    let mut log = Planted::new();
    log.attitude_format();
    log.attitudes(1_000_000);
    log.attitude(2_000_000, f32::NAN);
    let found = read(&log.0);
    let track = only_track(&found);
    assert_eq!(track.attitude.len(), 10);
    let said: Vec<_> = track.warnings.iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|warning| warning.starts_with("attitude: numbers out of range")));
    assert!(said.iter().any(|warning| warning.starts_with("no position")), "{said:?}");
}

#[test]
fn time_is_zero_until_the_fix_and_a_week_may_have_rolled_over() {
    let mut log = Planted::new();
    log.format(12, "GPS", 37, "QBIHBLLef", "TimeUS,Status,GMS,GWk,NSats,Lat,Lng,Alt,Spd");
    log.format(13, "GPA", 17, "QCCH", "TimeUS,HAcc,VAcc,Delta");
    let mut gps = |at_s: u64, status: u8, ms: u32, week: u16, lat_e7: i32| {
        let time = (at_s * 1_000_000).to_le_bytes();
        let place = [lat_e7, 50_000_000, 1234].map(i32::to_le_bytes).concat();
        let tail = [&place[..], &2.0_f32.to_le_bytes()].concat();
        let head = [&[status][..], &ms.to_le_bytes(), &week.to_le_bytes(), &[9]].concat();
        log.record(12, &[&time, &head, &tail]);
        let sigmas = [150_u16, 250, 7].map(u16::to_le_bytes).concat();
        log.record(13, &[&time, &sigmas]);
    };
    gps(1, 0, 0, 0, 0);
    gps(2, 1, 0, 0, 0);
    for at in 3..6 {
        // Week 2348 less one roll-over.
        gps(at, 3, at as u32 * 1000, 1324, 520_000_000);
    }
    let found = read(&log.0);
    let track = only_track(&found);
    assert_eq!((track.fixes.len(), track.position.len(), track.utc.len()), (5, 3, 3));
    assert_eq!(track.position_source, PositionSource::Receiver);
    assert!(track.fixes[..2].iter().all(|fix| fix.value.place.is_none()));
    let fix = track.fixes[4].value;
    assert_eq!((fix.horizontal_sigma_m, fix.vertical_sigma_m), (Some(1.5), Some(2.5)));
    assert_eq!(fix.place.unwrap().heights.amsl_m, Some(12.34));
    // 2348 weeks after 1980-01-06, less 18 s, is 2025-01-04 23:59:42 UTC.
    let zero = "2025-01-04T23:59:42Z".parse::<jiff::Timestamp>().unwrap().as_second();
    assert_eq!(track.utc_s(LogTime(0.0)), Some(zero as f64));
}

#[test]
fn a_place_that_one_bit_moved_is_left_out() {
    let mut log = Planted::new();
    log.format(11, "POS", 23, "QLLf", "TimeUS,Lat,Lng,Alt");
    for index in 0..20_i32 {
        let moved = if index == 7 { 1 << 24 } else { 0 };
        let place = [520_000_000 + 90 * index + moved, 50_000_000].map(i32::to_le_bytes).concat();
        let time = (1_000_000 + 100_000 * u64::from(index.unsigned_abs())).to_le_bytes();
        log.record(11, &[&time, &place, &100.0_f32.to_le_bytes()]);
    }
    let found = read(&log.0);
    let track = only_track(&found);
    assert_eq!(track.position.len(), 19);
    let said: Vec<_> = track.warnings.iter().map(ToString::to_string).collect();
    let expected = "position: far from those around it, left out (1 times, first at 1.700 s)";
    assert!(said.iter().any(|warning| warning == expected), "{said:?}");
}

#[test]
fn gimbals_keep_their_frames_apart_and_cameras_carry_the_vehicles_angles() {
    let mut log = Planted::new();
    log.format(14, "MNT", 28, "QBffff", "TimeUS,I,Roll,Pitch,YawB,YawE");
    log.format(15, "CAM", 44, "QBHIHLLeeff", "TimeUS,I,Img,GPSTime,GPSWeek,Lat,Lng,Alt,RelAlt,R,P");
    log.format(
        16,
        "TRIG",
        48,
        "QBHIHLLeefff",
        "TimeUS,I,Img,GPSTime,GPSWeek,Lat,Lng,Alt,RelAlt,R,P,Y",
    );
    for (index, north) in [(0_u8, 135.0), (1, f32::NAN)] {
        let angles = [0.5, -90.0, 45.0, north].map(f32::to_le_bytes).concat();
        log.record(14, &[&1_000_000_u64.to_le_bytes(), &[index], &angles]);
    }
    let heights = [520_000_000, 50_000_000, 10_000, 6000].map(i32::to_le_bytes).concat();
    let angles = [1.0_f32, -17.0, 200.0].map(f32::to_le_bytes).concat();
    let head = [&[1][..], &7_u16.to_le_bytes(), &[0; 6]].concat();
    log.record(15, &[&2_000_000_u64.to_le_bytes(), &head, &heights, &angles[..8]]);
    log.record(16, &[&2_100_000_u64.to_le_bytes(), &head, &heights, &angles]);
    let found = read(&log.0);
    let track = only_track(&found);
    let [north, nose] = &track.gimbal[..] else { panic!("{:?}", track.gimbal) };
    assert_eq!((north.value.yaw_frame, nose.value.yaw_frame), (YawFrame::Earth, YawFrame::Vehicle));
    assert!((turn_deg(north.value.attitude.yaw_rad) - 135.0).abs() < 1e-9);
    assert!((turn_deg(nose.value.attitude.yaw_rad) - 45.0).abs() < 1e-9);
    assert_eq!((north.value.number, nose.value.number), (0, 1));
    let [feedback, trigger] = &track.camera[..] else { panic!("{:?}", track.camera) };
    assert_eq!(feedback.value.kind, CameraEventKind::Feedback);
    assert_eq!(feedback.value.attitude, None);
    assert_eq!(feedback.value.utc_s, None);
    assert_eq!((trigger.value.kind, trigger.value.camera), (CameraEventKind::Trigger, 1));
    assert_eq!(trigger.value.image_index, Some(7));
    let Some(EventAttitude::Vehicle(vehicle)) = trigger.value.attitude else { panic!() };
    assert!((vehicle.pitch_rad.to_degrees() - -17.0).abs() < 1e-9);
    let heights = trigger.value.place.unwrap().heights;
    assert_eq!((heights.amsl_m, heights.above_home_m), (Some(100.0), Some(60.0)));
}

#[test]
fn old_logs_count_milliseconds() {
    let mut log = Planted::new();
    log.format(10, "ATT", 13, "Iccc", "TimeMS,Roll,Pitch,Yaw");
    log.format(12, "GPS", 30, "BIHBLLeI", "Status,TimeMS,Week,NSats,Lat,Lng,Alt,T");
    for at_ms in [5000_u32, 5100] {
        let angles = [100_i16, 200, 300].map(i16::to_le_bytes).concat();
        log.record(10, &[&at_ms.to_le_bytes(), &angles]);
    }
    let place = [520_000_000, 50_000_000, 1234].map(i32::to_le_bytes).concat();
    let time = [&[3][..], &1000_u32.to_le_bytes(), &1800_u16.to_le_bytes(), &[9]].concat();
    log.record(12, &[&time, &place, &5150_u32.to_le_bytes()]);
    let found = read(&log.0);
    let track = only_track(&found);
    assert_eq!(us(track.attitude[1].at), 5_100_000);
    assert_eq!(us(track.fixes[0].at), 5_150_000);
    assert!(track.utc_s_at_zero.is_some());
}

/// What is read of damaged bytes is bounded and finite, and nothing panics.
fn look_at(bytes: &[u8]) {
    let log = read(bytes);
    let lost: u64 = log.losses.iter().map(|loss| loss.bytes).sum();
    assert!(lost <= bytes.len() as u64);
    assert!(log.messages * 3 <= bytes.len() as u64);
    for loss in &log.losses {
        assert!(loss.offset + loss.bytes <= bytes.len() as u64);
    }
    for track in &log.tracks {
        assert!(track.attitude.iter().all(|sample| sample.value.yaw_rad.is_finite()));
        assert!(track.position.iter().all(|sample| sample.value.lat_rad.is_finite()));
    }
}

#[test]
fn every_log_may_be_cut_anywhere() {
    for (name, bytes, _) in samples() {
        let mut before = 0;
        for part in 0..=64 {
            let cut = &bytes[..bytes.len() * part / 64];
            look_at(cut);
            let messages = read(cut).messages;
            assert!(messages >= before, "{name} at {part}/64");
            before = messages;
            // The front may be gone as well: descriptions come before what they describe.
            look_at(&bytes[bytes.len() * part / 64..]);
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
    for (name, bytes, told) in samples() {
        for _ in 0..16 {
            let mut damaged = bytes.clone();
            for _ in 0..8 {
                // Behind the descriptions, which come first in a log.
                let from = (bytes.len() / 4).min(20_000);
                damaged[from + roll(bytes.len() - from)] ^= 1 << roll(8);
            }
            look_at(&damaged);
            let messages = read(&damaged).messages;
            if bytes.len() > 60_000 {
                let whole = told["messages"].as_u64().unwrap();
                assert!(messages + 24 >= whole && messages <= whole + 8, "{name}: {messages}");
            }
        }
    }
}

#[test]
fn two_logs_in_one_file_are_two_boots() {
    let (Some((first, _)), Some((second, _))) =
        (sample("spark404_log.bin"), sample("dataflash-sample-2.bin"))
    else {
        return;
    };
    let joined = read(&[&first[..], &second].concat());
    let lengths: Vec<_> = joined.tracks.iter().map(|track| track.attitude.len()).collect();
    assert_eq!(lengths, [504, 521]);
    assert_eq!(joined.messages, 17_707 + 18_875);
}
