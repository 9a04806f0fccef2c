//! A DataFlash log, as ArduPilot writes it on board.
//!
//! Layout: each record is `A3 95`, a type byte and the fields; type 128 describes the others
//! (ArduPilot, `AP_Logger/LogStructure.h`).

use super::log::{Instant, Recorded, Shot, State, us};

const FMT: u8 = 128;
/// Length of a FMT record.
const FMT_BYTES: u8 = 89;

/// Type byte, name, field characters, labels of the records that are written.
const KINDS: [(u8, &str, &str, &str); 10] = [
    (FMT, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns"),
    (129, "MSG", "QZ", "TimeUS,Message"),
    (130, "ATT", "Qccc", "TimeUS,Roll,Pitch,Yaw"),
    (131, "POS", "QLLff", "TimeUS,Lat,Lng,Alt,RelHomeAlt"),
    (132, "XKF1", "QBfff", "TimeUS,C,VN,VE,VD"),
    (133, "GPS", "QBBIHBcLLf", "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt"),
    (134, "GPA", "QBCC", "TimeUS,I,HAcc,VAcc"),
    (135, "MNT", "QBffff", "TimeUS,I,Roll,Pitch,YawB,YawE"),
    (137, "ORGN", "QBLLe", "TimeUS,Type,Lat,Lng,Alt"),
    (136, "CAM", "QBHIHLLeeccc", "TimeUS,I,Img,GPSTime,GPSWeek,Lat,Lng,Alt,RelAlt,R,P,Y"),
];

/// Bytes of a field.
fn size(character: u8) -> u8 {
    match character {
        b'B' => 1,
        b'c' | b'C' | b'H' => 2,
        b'L' | b'e' | b'I' | b'f' | b'n' => 4,
        b'Q' => 8,
        b'N' => 16,
        _ => 64,
    }
}

/// Seconds of GPS time at the Unix epoch's zero, and GPS ahead of UTC since 2017 (IERS bulletin C).
const GPS_EPOCH_UNIX_S: f64 = 315_964_800.0;
const LEAP_S: f64 = 18.0;
const WEEK_S: f64 = 604_800.0;

/// The whole file.
pub(super) fn bytes(recorded: &Recorded) -> Vec<u8> {
    let mut log = Vec::new();
    for (kind, name, characters, labels) in KINDS {
        let fields: u8 = characters.bytes().map(size).sum();
        let mut record = vec![kind, 3 + fields];
        for (text, length) in [(name, 4), (characters, 16), (labels, 64)] {
            record.extend(padded(text, length));
        }
        put(&mut log, FMT, &record);
    }
    debug_assert_eq!(log.len(), KINDS.len() * usize::from(FMT_BYTES));
    let mut record = 0_u64.to_le_bytes().to_vec();
    record.extend(padded("ArduCopter V4.5.7 (simulated)", 64));
    put(&mut log, 129, &record);
    home(&mut log, recorded);
    let mut shots = recorded.shots.iter().peekable();
    for instant in &recorded.instants {
        while let Some(shot) = shots.next_if(|shot| shot.boot_s <= instant.boot_s) {
            camera(&mut log, recorded, shot);
        }
        samples(&mut log, recorded, instant);
    }
    log
}

/// Where the vehicle took off: an origin of type 1.
fn home(log: &mut Vec<u8>, recorded: &Recorded) {
    let (lat, lon) = recorded.home.e7();
    let mut record = us(HOME_SET_S).to_le_bytes().to_vec();
    record.push(1);
    record.extend(lat.to_le_bytes());
    record.extend(lon.to_le_bytes());
    record.extend(((recorded.home.amsl_m * 100.0).round() as i32).to_le_bytes());
    put(log, 137, &record);
}

/// Seconds after the start at which home is logged.
const HOME_SET_S: f64 = 0.02;

fn padded(text: &str, length: usize) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(length, 0);
    bytes
}

fn put(log: &mut Vec<u8>, kind: u8, fields: &[u8]) {
    log.extend([0xA3, 0x95, kind]);
    log.extend(fields);
}

fn centi(value: f64) -> i16 {
    (value * 100.0).round() as i16
}

fn samples(log: &mut Vec<u8>, recorded: &Recorded, instant: &Instant) {
    let time = us(instant.boot_s).to_le_bytes();
    let State { camera_deg: [yaw, pitch, roll], velocity_ned_m_s, .. } = instant.state;
    let mut record = time.to_vec();
    // The airframe flies level, its nose where the camera's upper edge is.
    for angle in [0.0, 0.0, yaw] {
        record.extend(centi(angle).to_le_bytes());
    }
    put(log, 130, &record);
    let mut record = time.to_vec();
    record.push(0);
    for angle in [roll, pitch, 0.0, yaw] {
        record.extend((angle as f32).to_le_bytes());
    }
    put(log, 135, &record);
    if !instant.with_place {
        return;
    }
    let mut record = time.to_vec();
    record.push(0);
    for speed in velocity_ned_m_s {
        record.extend((speed as f32).to_le_bytes());
    }
    put(log, 132, &record);
    let (lat, lon) = instant.state.e7();
    let mut record = time.to_vec();
    record.extend(lat.to_le_bytes());
    record.extend(lon.to_le_bytes());
    record.extend((instant.state.amsl_m as f32).to_le_bytes());
    record.extend((instant.state.above_home_m as f32).to_le_bytes());
    put(log, 131, &record);
    receiver(log, recorded, instant);
}

fn receiver(log: &mut Vec<u8>, recorded: &Recorded, instant: &Instant) {
    let (week, ms) = gps_time(recorded, instant.boot_s);
    let (lat, lon) = instant.state.e7();
    let mut record = us(instant.boot_s).to_le_bytes().to_vec();
    record.extend([0, if recorded.rtk { 6 } else { 3 }]);
    record.extend(ms.to_le_bytes());
    record.extend(week.to_le_bytes());
    record.push(17);
    record.extend(centi(0.7).to_le_bytes());
    record.extend(lat.to_le_bytes());
    record.extend(lon.to_le_bytes());
    record.extend((instant.state.amsl_m as f32).to_le_bytes());
    put(log, 133, &record);
    let mut record = us(instant.boot_s).to_le_bytes().to_vec();
    record.push(0);
    for sigma_m in recorded.sigma_m {
        record.extend(centi(sigma_m).to_le_bytes());
    }
    put(log, 134, &record);
}

fn camera(log: &mut Vec<u8>, recorded: &Recorded, shot: &Shot) {
    let (week, ms) = gps_time(recorded, shot.boot_s);
    let (lat, lon) = shot.state.e7();
    let mut record = us(shot.boot_s).to_le_bytes().to_vec();
    record.push(0);
    record.extend(shot.number.to_le_bytes());
    record.extend(ms.to_le_bytes());
    record.extend(week.to_le_bytes());
    record.extend(lat.to_le_bytes());
    record.extend(lon.to_le_bytes());
    for metres in [shot.state.amsl_m, shot.state.above_home_m] {
        record.extend(((metres * 100.0).round() as i32).to_le_bytes());
    }
    // The vehicle's angles, as ArduPilot has them here.
    for angle in [0.0, 0.0, shot.state.camera_deg[0]] {
        record.extend(centi(angle).to_le_bytes());
    }
    put(log, 136, &record);
}

/// Week and milliseconds in it.
fn gps_time(recorded: &Recorded, boot_s: f64) -> (u16, u32) {
    let gps_s = recorded.utc_s_at_boot + boot_s - GPS_EPOCH_UNIX_S + LEAP_S;
    let week = (gps_s / WEEK_S).floor();
    (week as u16, ((gps_s - week * WEEK_S) * 1000.0).round() as u32)
}
