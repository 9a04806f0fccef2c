//! What a frame's file says about camera, place, attitude and time; nothing is decided here.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::decoded::Decoded;
use super::jpeg::Segments;
use super::{exif, xmp};
use crate::geo::North;
use crate::time::FrameTime;

/// Which camera took a frame.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CameraIdentity {
    /// EXIF make.
    pub make: Option<String>,
    /// EXIF model, or the model in the thermal payload where that is more telling.
    pub model: Option<String>,
    /// Serial number.
    pub serial: Option<String>,
    /// Lens designation.
    pub lens: Option<String>,
}

impl CameraIdentity {
    /// Make, model and serial number, or that it is unknown.
    #[must_use]
    pub fn name(&self) -> String {
        let parts = [&self.make, &self.model, &self.serial];
        let parts: Vec<&str> = parts.into_iter().flatten().map(|text| text.trim()).collect();
        if parts.is_empty() { "unknown camera".to_owned() } else { parts.join(" ") }
    }
}

/// A position in a file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FilePosition {
    /// Degrees, north positive.
    pub lat_deg: f64,
    /// Degrees, east positive.
    pub lon_deg: f64,
}

/// Yaw, pitch, roll in degrees as the file has them: NED, z-y-x, pitch up positive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EulerDegrees {
    /// Clockwise from north.
    pub yaw: f64,
    /// Upwards positive; nadir is -90.
    pub pitch: f64,
    /// Right side down positive.
    pub roll: f64,
}

/// Which way a picture looks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ImageDirection {
    /// Clockwise from that north, 0 to 360.
    pub deg: f64,
    /// Which north.
    pub north: North,
}

/// State of a real-time kinematic fix.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RtkFix {
    /// DJI's flag: 0 none, 16 single, 32 to 49 float, 50 fixed.
    pub flag: u16,
    /// One sigma northwards in metres.
    pub std_lat_m: Option<f64>,
    /// One sigma eastwards in metres.
    pub std_lon_m: Option<f64>,
    /// One sigma upwards in metres.
    pub std_height_m: Option<f64>,
}

/// A laser rangefinder's target.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LaserRange {
    /// Slant range in metres.
    pub distance_m: f64,
    /// The target, as the aircraft worked it out.
    pub target: Option<FilePosition>,
    /// The target's absolute height in metres, datum as the file's own.
    pub target_height_m: Option<f64>,
}

/// Calibration that the file carries; it may belong to another lens of the same aircraft.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StoredCalibration {
    /// Focal length over pixel pitch.
    pub fx_px: f64,
    /// Focal length over pixel pitch.
    pub fy_px: f64,
    /// Principal point from the outer corner of the first pixel.
    pub cx_px: f64,
    /// Principal point from the outer corner of the first pixel.
    pub cy_px: f64,
    /// k1, k2, p1, p2, k3.
    pub brown: [f64; 5],
}

/// All that a frame's file says besides its pixels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// The camera.
    pub camera: CameraIdentity,
    /// When.
    pub taken_at: Option<FrameTime>,
    /// Picture size of the container, which may differ from the thermal payload's.
    pub picture_px: Option<(u32, u32)>,
    /// Size of the thermal frame in the file; `None` where none was decoded: no temperatures in
    /// it, or, of a TIFF's metadata alone, a picture that is the frame itself.
    pub thermal_px: Option<(u32, u32)>,
    /// Where, by EXIF (or by the FLIR GPS record).
    pub exif_position: Option<FilePosition>,
    /// Where, by XMP.
    pub xmp_position: Option<FilePosition>,
    /// Height in EXIF in metres, sign applied.
    pub exif_altitude_m: Option<f64>,
    /// XMP `AbsoluteAltitude` in metres; its datum depends on model and mode.
    pub absolute_altitude_m: Option<f64>,
    /// XMP `RelativeAltitude`: metres above take-off.
    pub relative_altitude_m: Option<f64>,
    /// XMP `AltitudeType` (`PressureAlt`, `GpsFusionAlt`, `RtkAlt`).
    pub altitude_type: Option<String>,
    /// XMP `GpsStatus`.
    pub gps_status: Option<String>,
    /// Attitude of the camera.
    pub gimbal: Option<EulerDegrees>,
    /// Attitude of the aircraft.
    pub flight: Option<EulerDegrees>,
    /// Which way the picture looks, by EXIF: a camera with a compass of its own.
    pub image_direction: Option<ImageDirection>,
    /// Velocity north, east, down in m/s.
    pub velocity_ned_m_s: Option<[f64; 3]>,
    /// Whether the gimbal says that it hangs the other way round.
    pub gimbal_reversed: bool,
    /// Real-time kinematic state.
    pub rtk: Option<RtkFix>,
    /// Laser rangefinder.
    pub laser: Option<LaserRange>,
    /// One sigma of the horizontal position, where the file states it (Skydio).
    pub horizontal_sigma_m: Option<f64>,
    /// One sigma of the height, where the file states it.
    pub vertical_sigma_m: Option<f64>,
    /// Focal length in millimetres.
    pub focal_length_mm: Option<f64>,
    /// Calibration in the file.
    pub calibration: Option<StoredCalibration>,
    /// What the file says of its pixels' origin, e.g. DJI `ImageSource` or Skydio `CameraSource`.
    pub image_source: Option<String>,
}

/// How an APP1 segment with EXIF begins (JEITA CP-3451, 4.7.2).
const EXIF: &[u8] = b"Exif\0\0";
/// How an APP1 segment with XMP begins (Adobe, XMP specification part 3, 1.1.3).
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// How one with a part of a long XMP begins: then a name of 32 bytes, the length of the whole and
/// the offset of the part, u32 big-endian (same, 1.1.3.1).
const XMP_PART: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const APP1: u8 = 0xE1;

impl Metadata {
    /// What a JPEG's segments say. EXIF goes first: XMP's angles depend on the make.
    pub(super) fn of_jpeg(bytes: &[u8], segments: &Segments, warnings: &mut Vec<String>) -> Self {
        let mut metadata = Self { picture_px: segments.picture_px(bytes), ..Self::default() };
        let app1 = |mark: &'static [u8]| {
            segments.with(bytes, APP1).filter_map(move |payload| payload.strip_prefix(mark))
        };
        if let Some(block) = app1(EXIF).next() {
            exif::read(block, &mut metadata, warnings);
        }
        for packet in app1(XMP) {
            xmp::read(packet, &mut metadata, warnings);
        }
        if let Some(packet) = long_packet(app1(XMP_PART)) {
            xmp::read(&packet, &mut metadata, warnings);
        }
        metadata
    }

    /// Takes over what the thermal payload says of itself.
    pub(super) fn join(&mut self, payload: &Decoded) {
        let theirs = &payload.camera;
        let camera = &mut self.camera;
        for (own, other) in [
            (&mut camera.make, &theirs.make),
            (&mut camera.model, &theirs.model),
            (&mut camera.serial, &theirs.serial),
            (&mut camera.lens, &theirs.lens),
        ] {
            if let Some(text) = other.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
                *own = Some(text.to_owned());
            }
        }
        // Universal time beats a clock of no known zone, wherever it stands.
        let has_zone = matches!(self.taken_at, Some(FrameTime::Utc(_)));
        if !has_zone || matches!(payload.taken_at, Some(FrameTime::Utc(_))) {
            self.taken_at = payload.taken_at.or(self.taken_at);
        }
        let frame = &payload.thermogram;
        if frame.is_radiometric() {
            self.thermal_px = Some((frame.width(), frame.height()));
        }
        if self.exif_position.is_none() {
            self.exif_position = payload.position;
        }
        if self.exif_altitude_m.is_none() {
            self.exif_altitude_m = payload.altitude_m;
        }
    }
}

/// The parts of a long XMP in order; `None` where there is none or a part is missing.
fn long_packet<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut parts: Vec<(u32, &[u8])> = parts
        .filter_map(|part| {
            let (&offset, packet) = part.get(36..)?.split_first_chunk()?;
            Some((u32::from_be_bytes(offset), packet))
        })
        .collect();
    parts.sort_by_key(|&(offset, _)| offset);
    let mut packet = Vec::new();
    for (offset, part) in parts {
        if offset as usize != packet.len() {
            return None;
        }
        packet.extend_from_slice(part);
    }
    (!packet.is_empty()).then_some(packet)
}

/// A position if it is one: within range, and not the 0, 0 that receivers give without a fix.
pub(super) fn checked_position(
    lat_deg: f64,
    lon_deg: f64,
    whence: &str,
    warnings: &mut Vec<String>,
) -> Option<FilePosition> {
    let in_range = lat_deg.abs() <= 90.0 && lon_deg.abs() <= 180.0;
    if !in_range || (lat_deg == 0.0 && lon_deg == 0.0) {
        warnings.push(format!("{whence} position {lat_deg}, {lon_deg} is none and was left out"));
        return None;
    }
    Some(FilePosition { lat_deg, lon_deg })
}

/// Year to second from the digits of a text, whatever separates them, since cameras write `:`, `-`
/// and `T`; then the fraction of the second, in the text itself or in `subsec`.
pub(super) fn civil_time(text: &str, subsec: Option<&str>) -> Option<DateTime> {
    let mut groups = text.trim().split(|c: char| !c.is_ascii_digit());
    let mut next = || groups.next().and_then(|digits| digits.parse::<i16>().ok());
    let (year, month, day) = (next()?, next()?, next()?);
    let (hour, minute, second) = (next()?, next()?, next()?);
    let own = text.split_once('.').map(|(_, fraction)| fraction);
    let digits: String = own
        .or(subsec)
        .unwrap_or_default()
        .trim()
        .chars()
        .take_while(char::is_ascii_digit)
        .chain("000000000".chars())
        .take(9)
        .collect();
    let small = |number: i16| i8::try_from(number).ok();
    DateTime::new(
        year,
        small(month)?,
        small(day)?,
        small(hour)?,
        small(minute)?,
        small(second)?,
        digits.parse().ok()?,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thermal::{Format, Parameters, Samples, Thermogram};

    #[test]
    fn universal_time_goes_before_a_clock_without_zone() {
        let clock = |text: &str| Some(FrameTime::CameraClock(text.parse().unwrap()));
        let utc = |text: &str| Some(FrameTime::Utc(text.parse().unwrap()));
        let (exif_utc, exif) = (utc("2024-05-01T10:00:00Z"), clock("2024-05-01T12:00:00"));
        let (own_utc, own) = (utc("2024-05-01T10:00:01Z"), clock("2024-05-01T12:00:01"));
        for (file, payload, expected) in [
            (exif_utc, own_utc, own_utc),
            (exif_utc, own, exif_utc),
            (exif_utc, None, exif_utc),
            (exif, own_utc, own_utc),
            (exif, own, own),
            (exif, None, exif),
            (None, own, own),
        ] {
            let mut metadata = Metadata { taken_at: file, ..Metadata::default() };
            let samples = Samples::Celsius(vec![20.0; 6]);
            metadata.join(&Decoded {
                format: Format::FlirRjpeg,
                thermogram: Thermogram::new(3, 2, samples, None).unwrap(),
                parameters: Parameters::default(),
                camera: CameraIdentity::default(),
                taken_at: payload,
                position: None,
                altitude_m: None,
                warnings: Vec::new(),
            });
            assert_eq!(metadata.taken_at, expected, "{file:?} {payload:?}");
            assert_eq!(metadata.thermal_px, Some((3, 2)));
        }
    }

    #[test]
    fn times_as_cameras_write_them() {
        for (text, subsec, expected) in [
            ("2022:07:30 10:14:59", None, Some("2022-07-30T10:14:59")),
            ("2020-09-01 10:14:59", None, Some("2020-09-01T10:14:59")),
            ("2019:12:25 16:10:22", Some("657"), Some("2019-12-25T16:10:22.657")),
            ("2019:12:25 16:10:22", Some("05 "), Some("2019-12-25T16:10:22.05")),
            ("2021-11-05T05:33:15.563852", Some("1"), Some("2021-11-05T05:33:15.563852")),
            ("0000:00:00 00:00:00", None, None),
            ("    :  :     :  :  ", None, None),
            ("2021:13:05 05:33:15", None, None),
            ("", Some("657"), None),
        ] {
            let time = civil_time(text, subsec).map(|time| time.to_string());
            assert_eq!(time.as_deref(), expected, "{text} {subsec:?}");
        }
    }
}
