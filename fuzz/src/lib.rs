//! What the fuzz targets share: numbers out of bytes, and well-formed files around bytes.

use torenvalk::flight::Log;
use torenvalk::thermal::{Frame, Overrides};

/// Draws numbers from bytes, front to back; zeros when they are used up.
pub struct Draw<'a>(pub &'a [u8]);

impl<'a> Draw<'a> {
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut drawn = [0; N];
        let taken = self.take(N);
        drawn[..taken.len()].copy_from_slice(taken);
        drawn
    }

    /// At most `length` bytes as they are.
    pub fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    pub fn u8(&mut self) -> u8 {
        u8::from_le_bytes(self.bytes())
    }

    pub fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.bytes())
    }

    pub fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.bytes())
    }

    pub fn flag(&mut self) -> bool {
        self.u8() & 1 == 1
    }

    /// Any number: ordinary ones mostly, else the ends of what a number can be.
    pub fn number(&mut self) -> f64 {
        match self.u8() {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => f64::NEG_INFINITY,
            3 => f64::MAX,
            4 => f64::MIN_POSITIVE,
            5 => 0.0,
            6 => -1e300,
            7..=31 => f64::from_le_bytes(self.bytes()),
            32..=127 => f64::from(i16::from_le_bytes(self.bytes())),
            _ => f64::from(i32::from_le_bytes(self.bytes())) / 1e7,
        }
    }

    pub fn maybe(&mut self) -> Option<f64> {
        self.flag().then(|| self.number())
    }

    pub fn overrides(&mut self) -> Overrides {
        Overrides {
            emissivity: self.maybe(),
            distance_m: self.maybe(),
            humidity_percent: self.maybe(),
            reflected_c: self.maybe(),
            ambient_c: self.maybe(),
            window_c: self.maybe(),
            window_transmission: self.maybe(),
        }
    }
}

/// A JPEG with segments before its picture, which is of 16 x 16 pixels; each payload is split
/// where it is longer than a segment.
pub fn jpeg(segments: &[(u8, &[u8])]) -> Vec<u8> {
    let mut file = vec![0xFF, 0xD8];
    for (marker, payload) in segments {
        let empty: &[u8] = &[];
        let parts = payload.chunks(65_532).chain(payload.is_empty().then_some(empty));
        for part in parts {
            file.extend([0xFF, *marker]);
            file.extend((part.len() as u16 + 2).to_be_bytes());
            file.extend(part);
        }
    }
    file.extend([0xFF, 0xC0, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0]);
    file.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0xFF, 0xD9]);
    file
}

/// A JPEG with a FLIR blob in APP1 chunks of so many bytes.
pub fn flir_jpeg(blob: &[u8], chunk: usize) -> Vec<u8> {
    let chunk = chunk.max(blob.len() / 255 + 1).min(65_000);
    let last = (blob.len().div_ceil(chunk).clamp(1, 256) - 1) as u8;
    let parts: Vec<Vec<u8>> = (0..=last)
        .zip(blob.chunks(chunk))
        .map(|(at, part)| [b"FLIR\0\x01".as_slice(), &[at, last], part].concat())
        .collect();
    let segments: Vec<(u8, &[u8])> = parts.iter().map(|part| (0xE1, &part[..])).collect();
    jpeg(&segments)
}

/// A little-endian FLIR blob of records.
pub fn flir_blob(records: &[(u16, &[u8])]) -> Vec<u8> {
    let mut blob = b"FFF\0fuzz".to_vec();
    blob.resize(0x14, 0);
    for word in [101, 64, records.len() as u32] {
        blob.extend(word.to_le_bytes());
    }
    blob.resize(64, 0);
    let mut at = 64 + 32 * records.len();
    for (kind, record) in records {
        let mut entry = [0; 32];
        entry[..2].copy_from_slice(&kind.to_le_bytes());
        entry[0x0C..0x10].copy_from_slice(&(at as u32).to_le_bytes());
        entry[0x10..0x14].copy_from_slice(&(record.len() as u32).to_le_bytes());
        blob.extend(entry);
        at += record.len();
    }
    records.iter().for_each(|(_, record)| blob.extend(*record));
    blob
}

/// A camera record with a usual calibration and scene.
pub fn flir_camera() -> Vec<u8> {
    let mut record = vec![0; 0x390];
    record[0] = 2;
    for (at, value) in [
        (0x20, 0.95_f32),
        (0x24, 10.0),
        (0x28, 293.15),
        (0x2C, 293.15),
        (0x30, 293.15),
        (0x34, 1.0),
        (0x3C, 0.5),
        (0x58, 17_000.0),
        (0x5C, 1430.0),
        (0x60, 1.0),
        (0x70, 0.006_569),
        (0x74, 0.012_62),
        (0x78, -0.002_276),
        (0x7C, -0.006_67),
        (0x80, 1.9),
        (0x30C, 0.0125),
    ] {
        record[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    record[0x308..0x30C].copy_from_slice(&(-4000_i32).to_le_bytes());
    record
}

/// A raw record of so many columns and rows.
pub fn flir_raw(width: u16, height: u16, payload: &[u8]) -> Vec<u8> {
    let mut record = vec![2, 0];
    record.extend(width.to_le_bytes());
    record.extend(height.to_le_bytes());
    record.resize(0x20, 0);
    record.extend(payload);
    record
}

/// Looks at all of a frame and checks that it fits together.
pub fn look_at(frame: &Frame) {
    let thermogram = &frame.thermogram;
    let pixels = thermogram.width() as usize * thermogram.height() as usize;
    assert_eq!(thermogram.celsius().len(), pixels);
    let mut plane = Vec::new();
    let unit = thermogram.plane(&mut plane);
    assert_eq!(plane.len(), pixels);
    let _ = thermogram.plane_saturated_from(unit);
    let _ = thermogram.statistics();
    let _ = frame.parameters.to_json();
    let _ = frame.metadata.position_json();
    let _ = frame.metadata.gimbal_json();
}

/// Descriptions of wanted DataFlash messages, types 10 and on.
pub fn dataflash_formats() -> Vec<u8> {
    let mut log = Vec::new();
    for (id, (name, length, characters, labels)) in (10..).zip([
        ("ATT", 17, "Qccc", "TimeUS,Roll,Pitch,Yaw"),
        ("POS", 27, "QLLff", "TimeUS,Lat,Lng,Alt,RelHomeAlt"),
        ("GPS", 31, "QBIHLLe", "TimeUS,Status,GMS,GWk,Lat,Lng,Alt"),
        ("GPA", 15, "QCC", "TimeUS,HAcc,VAcc"),
        ("MNT", 28, "QBffff", "TimeUS,I,Roll,Pitch,YawB,YawE"),
        ("CAM", 37, "QIHLLeccc", "TimeUS,GPSTime,GPSWeek,Lat,Lng,Alt,R,P,Y"),
        ("TERR", 24, "QBffHH", "TimeUS,Status,TerrH,CHeight,Pending,Loaded"),
        ("FMTU", 44, "QBNN", "TimeUS,FmtType,UnitIds,MultIds"),
        ("MULT", 20, "Qbd", "TimeUS,Id,Mult"),
    ]) {
        log.extend([0xA3, 0x95, 128, id, length]);
        for (text, size) in [(name, 4), (characters, 16), (labels, 64)] {
            let start = log.len();
            log.extend(text.as_bytes());
            log.resize(start + size, 0);
        }
    }
    log
}

/// A ULog's header, and definitions of and subscriptions to wanted topics, numbers 0 and on.
pub fn ulog_definitions() -> Vec<u8> {
    let mut log = b"ULog\x01\x12\x35\x01\0\0\0\0\0\0\0\0".to_vec();
    let mut record = |kind: u8, parts: &[&[u8]]| {
        let body = parts.concat();
        log.extend((body.len() as u16).to_le_bytes());
        log.push(kind);
        log.extend(body);
    };
    let gps = "uint64_t timestamp;uint64_t time_utc_usec;int32_t lat;int32_t lon;int32_t alt;\
               float eph;float epv;uint8_t fix_type;uint8_t satellites_used;uint8_t[2] _padding0;";
    let local = "uint64_t timestamp;double ref_lat;double ref_lon;float ref_alt;float x;float y;\
                 float z;float vx;float vy;float vz;bool xy_valid;bool xy_global;bool z_valid;\
                 bool z_global;bool v_xy_valid;bool v_z_valid;";
    for (id, (name, fields)) in (0_u16..).zip([
        ("vehicle_attitude", "uint64_t timestamp;float[4] q;"),
        ("vehicle_gps_position", gps),
        ("vehicle_local_position", local),
        ("home_position", "uint64_t timestamp;double lat;double lon;float alt;"),
        ("gimbal_device_attitude_status", "uint64_t timestamp;uint16_t device_flags;float[4] q;"),
    ]) {
        record(b'F', &[name.as_bytes(), b":", fields.as_bytes()]);
        record(b'A', &[&[0], &id.to_le_bytes(), name.as_bytes()]);
    }
    log
}

/// Looks at all of a log and checks that it fits into the bytes that it came from.
pub fn look_at_log(log: &Log, bytes: usize) {
    let bytes = bytes as u64;
    let lost: u64 = log.losses.iter().map(|loss| loss.bytes).sum();
    assert!(lost <= bytes && log.messages * 3 <= bytes);
    for loss in &log.losses {
        assert!(loss.offset + loss.bytes <= bytes && loss.bytes > 0);
    }
    for track in &log.tracks {
        for sample in track.attitude.iter() {
            assert!(sample.value.yaw_rad.is_finite() && sample.at.0.is_finite());
        }
        for sample in track.position.iter() {
            assert!(sample.value.lat_rad.abs() < 1.6 && sample.value.lon_rad.abs() < 3.2);
        }
        assert!(track.attitude.windows(2).all(|pair| pair[0].at <= pair[1].at));
        let _ = track.warnings.iter().map(ToString::to_string).count();
    }
}
