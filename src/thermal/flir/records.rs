//! The camera and GPS records: what the camera stored of its calibration, the scene and itself.
//!
//! Offsets: ExifTool's FLIR tables, checked on files of seven cameras.

use jiff::Timestamp;

use super::blob::ByteOrder;
use super::radiometry::{Air, KELVIN_AT_0_C, Planck, Scene};
use crate::thermal::{CameraIdentity, FilePosition};
use crate::time::FrameTime;

/// Bytes of a camera record that are read; longer records hold more, shorter ones less.
pub(super) const CAMERA_BYTES: usize = 0x390;
/// Bytes of a GPS record that are read.
pub(super) const GPS_BYTES: usize = 0x24;

/// What the camera record says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Camera {
    pub(super) planck: Planck,
    pub(super) air: Air,
    pub(super) scene: Scene,
    pub(super) identity: CameraIdentity,
    pub(super) taken_at: Option<FrameTime>,
    /// The count at the upper end of the range that the camera measures in.
    pub(super) range_end: Option<u16>,
}

impl Camera {
    /// `None` if the record is too short to hold the calibration or has no byte order.
    pub(super) fn read(record: &[u8]) -> Option<Self> {
        let order = ByteOrder::of_record(record)?;
        let f32 = |at| order.f32(record, at).map(decimal);
        let celsius = |at| f32(at).map(celsius);
        let humidity = f32(0x3C)?;
        Some(Self {
            planck: Planck {
                r1: f32(0x58)?,
                r2: f32(0x30C)?,
                b: f32(0x5C)?,
                f: f32(0x60)?,
                o: f64::from(order.i32(record, 0x308)?),
            },
            air: Air {
                alpha1: f32(0x70)?,
                alpha2: f32(0x74)?,
                beta1: f32(0x78)?,
                beta2: f32(0x7C)?,
                x: f32(0x80)?,
            },
            scene: Scene {
                emissivity: f32(0x20)?,
                distance_m: f32(0x24)?,
                // A fraction, but some files hold percent.
                humidity_percent: if humidity > 1.5 { humidity } else { humidity * 100.0 },
                reflected_c: celsius(0x28)?,
                ambient_c: celsius(0x2C)?,
                window_c: celsius(0x30)?,
                window_transmission: f32(0x34)?,
            },
            identity: CameraIdentity {
                make: None,
                model: text(record, 0xD4, 32),
                serial: text(record, 0x104, 16),
                lens: text(record, 0x170, 32),
            },
            taken_at: taken_at(order, record),
            range_end: range_end(order, record),
        })
    }
}

/// The number a person entered and the camera stored as the nearest `f32`: 0.95, not 0.949999988.
fn decimal(stored: f32) -> f64 {
    stored.to_string().parse().unwrap_or(f64::NAN)
}

/// Celsius to a hundredth of a millikelvin, so that 293.15 K is 20 and not 20.000000000000057.
fn celsius(kelvin: f64) -> f64 {
    ((kelvin - KELVIN_AT_0_C) * 1e5).round() / 1e5
}

fn text(record: &[u8], at: usize, length: usize) -> Option<String> {
    let field = record.get(at..at + length)?;
    let text: String = field
        .iter()
        .take_while(|&&byte| byte != 0)
        .map(|&byte| char::from(byte))
        .filter(|letter| letter.is_ascii_graphic() || *letter == ' ')
        .collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Unix seconds, milliseconds, and minutes west of UTC.
///
/// Zone 0 is what a camera holds whose zone nobody set, and pictures from far eastern forests and
/// from drones carry local time under it. So only another zone makes the time UTC.
fn taken_at(order: ByteOrder, record: &[u8]) -> Option<FrameTime> {
    let seconds = order.u32(record, 0x384).filter(|&seconds| seconds != 0)?;
    let milliseconds = order.u32(record, 0x388)? & 0xFFFF;
    let minutes_west = order.i16(record, 0x38C)?;
    let nanoseconds = i32::try_from(milliseconds.min(999)).ok()? * 1_000_000;
    let time = Timestamp::new(i64::from(seconds), nanoseconds).ok()?;
    Some(match minutes_west {
        0 => FrameTime::CameraClock(jiff::tz::Offset::UTC.to_datetime(time)),
        _ => FrameTime::Utc(time),
    })
}

/// Counts of the camera's lowest and highest measurable temperature; Tau cores leave 0 and 65535.
fn range_end(order: ByteOrder, record: &[u8]) -> Option<u16> {
    let (low, high) = (order.u16(record, 0x310)?, order.u16(record, 0x312)?);
    (low < high && high < u16::MAX).then_some(high)
}

/// What the GPS record says: a position, and a height if it has one.
pub(super) fn position(record: &[u8]) -> Option<(FilePosition, Option<f64>)> {
    // "Valid" is 1 or 2 and tells the byte order; 0 is no fix.
    let order = match ByteOrder::Little.u32(record, 0)? {
        0 => return None,
        1..=0xFFFF => ByteOrder::Little,
        _ => ByteOrder::Big,
    };
    let signed = |at, reference: usize, negative: u8| {
        let value = order.f64(record, at)?;
        let turn = record.get(reference)?.to_ascii_uppercase() == negative && value > 0.0;
        Some(if turn { -value } else { value })
    };
    let lat_deg = signed(0x10, 0x08, b'S')?;
    let lon_deg = signed(0x18, 0x0A, b'W')?;
    let there = (-90.0..=90.0).contains(&lat_deg)
        && (-180.0..=180.0).contains(&lon_deg)
        && (lat_deg, lon_deg) != (0.0, 0.0);
    let height = order.f32(record, 0x20).map(f64::from);
    // -1 is "none"; the lowest land is at -430 m, and nothing here flies above 20 km.
    let height = height.filter(|height| *height != -1.0 && (-500.0..20_000.0).contains(height));
    there.then_some((FilePosition { lat_deg, lon_deg }, height))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gps(order: ByteOrder, valid: u32, references: [u8; 4], numbers: (f64, f64, f32)) -> Vec<u8> {
        let stored = |mut bytes: Vec<u8>| {
            if order == ByteOrder::Big {
                bytes.reverse();
            }
            bytes
        };
        let mut record = stored(valid.to_le_bytes().to_vec());
        record.extend([0; 4]);
        record.extend(references);
        record.extend([0; 4]);
        record.extend(stored(numbers.0.to_le_bytes().to_vec()));
        record.extend(stored(numbers.1.to_le_bytes().to_vec()));
        record.extend(stored(numbers.2.to_le_bytes().to_vec()));
        record
    }

    #[test]
    fn references_turn_positive_numbers_only() {
        for order in [ByteOrder::Little, ByteOrder::Big] {
            for (references, numbers, truth) in [
                (*b"N\0E\0", (52.5, 4.5, 7.0), Some((52.5, 4.5, Some(7.0)))),
                (*b"S\0W\0", (52.5, 4.5, -1.0), Some((-52.5, -4.5, None))),
                (*b"s\0w\0", (-52.5, -4.5, 0.0), Some((-52.5, -4.5, Some(0.0)))),
                (*b"\0\0\0\0", (-52.5, 4.5, f32::NAN), Some((-52.5, 4.5, None))),
                (*b"N\0E\0", (0.0, 0.0, 7.0), None),
                (*b"N\0E\0", (91.0, 4.5, 7.0), None),
                (*b"N\0E\0", (f64::NAN, 4.5, 7.0), None),
            ] {
                let read = position(&gps(order, 1, references, numbers));
                assert_eq!(read.map(|(p, height)| (p.lat_deg, p.lon_deg, height)), truth);
            }
            assert_eq!(position(&gps(order, 0, *b"N\0E\0", (52.5, 4.5, 7.0))), None);
        }
        assert_eq!(position(&[1, 0, 0]), None);
    }

    #[test]
    fn stored_numbers_are_what_a_person_entered() {
        assert_eq!(decimal(0.95_f32), 0.95);
        assert_eq!(celsius(decimal(293.15_f32)), 20.0);
        assert_eq!(celsius(decimal(253.15_f32)), -20.0);
        assert!(decimal(f32::NAN).is_nan() && celsius(f64::NAN).is_nan());
    }
}
