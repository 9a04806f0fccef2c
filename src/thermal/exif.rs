//! EXIF (JEITA CP-3451): camera, place, time and focal length.

use exif::{Exif, In, Tag, Value};
use jiff::tz::Offset;

use super::metadata::{checked_position, civil_time};
use super::{ImageDirection, Metadata};
use crate::geo::North;
use crate::time::FrameTime;

/// Reads an EXIF block (a TIFF structure) and fills in what it says. Damage leaves out what it
/// hits and says so; it never fails the frame.
pub(super) fn read(block: &[u8], metadata: &mut Metadata, warnings: &mut Vec<String>) {
    let mut reader = exif::Reader::new();
    reader.continue_on_error(true);
    let mut damage = None;
    let read = reader.read_raw(block.to_vec()).or_else(|error| {
        error.distill_partial_result(|errors| damage = errors.first().map(ToString::to_string))
    });
    let exif = match read {
        Ok(exif) => exif,
        Err(error) => {
            warnings.push(format!("EXIF is not readable and was left out: {error}"));
            return;
        }
    };
    if let Some(damage) = damage {
        warnings.push(format!("EXIF is damaged in part: {damage}"));
    }
    let fields = Fields(&exif);
    let set = |slot: &mut Option<String>, value| *slot = slot.take().or(value);
    set(&mut metadata.camera.make, fields.text(Tag::Make));
    set(&mut metadata.camera.model, fields.text(Tag::Model));
    set(&mut metadata.camera.lens, fields.text(Tag::LensModel));
    // DJI's own samples say 0.
    let serial = fields.text(Tag::BodySerialNumber).filter(|serial| serial != "0");
    set(&mut metadata.camera.serial, serial);
    metadata.focal_length_mm =
        metadata.focal_length_mm.or(fields.number(Tag::FocalLength).filter(|&mm| mm > 0.0));
    metadata.horizontal_sigma_m = metadata
        .horizontal_sigma_m
        .or(fields.number(Tag::GPSHPositioningError).filter(|&metres| metres > 0.0));
    // A file that is cut before its frame header still says here how large it was.
    metadata.picture_px = metadata.picture_px.or_else(|| {
        let side = |tag| fields.number(tag).filter(|side| (1.0..=1e6).contains(side));
        Some((side(Tag::PixelXDimension)? as u32, side(Tag::PixelYDimension)? as u32))
    });
    fields.fill_place(metadata, warnings);
    metadata.image_direction = metadata.image_direction.or_else(|| fields.image_direction());
    metadata.taken_at = metadata.taken_at.or_else(|| fields.time());
}

struct Fields<'a>(&'a Exif);

impl Fields<'_> {
    fn value(&self, tag: Tag) -> Option<&Value> {
        self.0.get_field(tag, In::PRIMARY).map(|field| &field.value)
    }

    /// Text without padding; `None` if nothing is left.
    fn text(&self, tag: Tag) -> Option<String> {
        let Value::Ascii(parts) = self.value(tag)? else { return None };
        let text = String::from_utf8_lossy(parts.first()?);
        let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Finite numbers of a field; 0/0, which stands for none, gives `None`.
    fn numbers(&self, tag: Tag) -> Option<Vec<f64>> {
        let numbers: Vec<f64> = match self.value(tag)? {
            Value::Rational(parts) => parts.iter().map(exif::Rational::to_f64).collect(),
            Value::SRational(parts) => parts.iter().map(exif::SRational::to_f64).collect(),
            Value::Float(parts) => parts.iter().copied().map(f64::from).collect(),
            Value::Double(parts) => parts.clone(),
            other => other.iter_uint()?.map(f64::from).collect(),
        };
        (!numbers.is_empty() && numbers.iter().all(|n| n.is_finite())).then_some(numbers)
    }

    fn number(&self, tag: Tag) -> Option<f64> {
        self.numbers(tag)?.first().copied()
    }

    /// Degrees, minutes, seconds with a reference. Without the reference the hemisphere is open,
    /// so there is no number.
    fn angle(&self, tag: Tag, reference: Tag, positive: &str, negative: &str) -> Option<f64> {
        let parts = self.numbers(tag)?;
        let sizes = [1.0, 60.0, 3600.0];
        let degrees: f64 = parts.iter().zip(sizes).map(|(part, size)| part.abs() / size).sum();
        let reference = self.text(reference)?;
        match reference.get(..1)? {
            letter if letter.eq_ignore_ascii_case(positive) => Some(degrees),
            letter if letter.eq_ignore_ascii_case(negative) => Some(-degrees),
            _ => None,
        }
    }

    fn fill_place(&self, metadata: &mut Metadata, warnings: &mut Vec<String>) {
        let lat = self.angle(Tag::GPSLatitude, Tag::GPSLatitudeRef, "N", "S");
        let lon = self.angle(Tag::GPSLongitude, Tag::GPSLongitudeRef, "E", "W");
        match (lat, lon) {
            (Some(lat), Some(lon)) => {
                let position = checked_position(lat, lon, "EXIF", warnings);
                metadata.exif_position = metadata.exif_position.or(position);
            }
            _ if self.value(Tag::GPSLatitude).is_some() => warnings.push(
                "EXIF position is incomplete and was left out (0/0 or no N/S, E/W)".to_owned(),
            ),
            _ => {}
        }
        if metadata.exif_altitude_m.is_none() {
            // 1: below sea level; 3: below the ellipsoid (EXIF 3.0).
            let below = match self.value(Tag::GPSAltitudeRef) {
                Some(Value::Ascii(_)) => {
                    matches!(self.text(Tag::GPSAltitudeRef).as_deref(), Some("1" | "3"))
                }
                Some(value) => matches!(value.get_uint(0), Some(1 | 3)),
                None => false,
            };
            metadata.exif_altitude_m = self
                .number(Tag::GPSAltitude)
                .map(|metres| if below { -metres.abs() } else { metres });
        }
    }

    /// `GPSImgDirection`; without a reference it is left out, since half of the writers mean either
    /// north. `GPSTrack` is where the camera went, not where it looked.
    fn image_direction(&self) -> Option<ImageDirection> {
        let deg = self.number(Tag::GPSImgDirection)?;
        let north = match self.text(Tag::GPSImgDirectionRef)?.get(..1)? {
            "T" => North::True,
            "M" => North::Magnetic,
            _ => return None,
        };
        (0.0..=360.0).contains(&deg).then_some(ImageDirection { deg, north })
    }

    /// When the picture was taken; universal time only where the file gives the zone.
    fn time(&self) -> Option<FrameTime> {
        let (text, subsec, zone) = [
            (Tag::DateTimeOriginal, Tag::SubSecTimeOriginal, Tag::OffsetTimeOriginal),
            (Tag::DateTime, Tag::SubSecTime, Tag::OffsetTime),
        ]
        .into_iter()
        .find_map(|(time, subsec, zone)| Some((self.text(time)?, subsec, zone)))?;
        let time = civil_time(&text, self.text(subsec).as_deref())?;
        let zone = self.text(zone).and_then(|text| zone_of(&text));
        match zone.map(|zone| zone.to_timestamp(time)) {
            Some(Ok(utc)) => Some(FrameTime::Utc(utc)),
            _ => Some(FrameTime::CameraClock(time)),
        }
    }
}

/// `+08:00`, `-03:30` or `Z`.
fn zone_of(text: &str) -> Option<Offset> {
    if text == "Z" {
        return Some(Offset::UTC);
    }
    let sign = match text.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let sane = (0..=14).contains(&hours) && (0..60).contains(&minutes);
    sane.then(|| Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones() {
        assert_eq!(zone_of("+08:00").unwrap().seconds(), 28_800);
        assert_eq!(zone_of("-03:30").unwrap().seconds(), -12_600);
        for wrong in ["", "08:00", "+99:00", "+8", "   :  "] {
            assert_eq!(zone_of(wrong), None, "{wrong}");
        }
    }

    /// A TIFF structure with one GPS directory: direction 123.4° from the north of a letter.
    fn looking(letter: u8) -> Vec<u8> {
        let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
            let head = [tag.to_le_bytes(), kind.to_le_bytes()].concat();
            [&head[..], &count.to_le_bytes(), &value].concat()
        };
        let mut block = b"II*\0\x08\0\0\0\x01\0".to_vec();
        block.extend(entry(0x8825, 4, 1, 26_u32.to_le_bytes()));
        block.extend([0; 4]);
        block.extend(2_u16.to_le_bytes());
        block.extend(entry(16, 2, 2, [letter, 0, 0, 0]));
        block.extend(entry(17, 5, 1, 56_u32.to_le_bytes()));
        block.extend([0; 4]);
        block.extend([1234_u32.to_le_bytes(), 10_u32.to_le_bytes()].concat());
        block
    }

    #[test]
    fn directions_name_their_north_or_are_left_out() {
        for (letter, north) in [(b'T', Some(North::True)), (b'M', Some(North::Magnetic)), (0, None)]
        {
            let (mut metadata, mut warnings) = (Metadata::default(), Vec::new());
            read(&looking(letter), &mut metadata, &mut warnings);
            assert_eq!(warnings, Vec::<String>::new());
            let expected = north.map(|north| ImageDirection { deg: 123.4, north });
            assert_eq!(metadata.image_direction, expected);
        }
    }

    #[test]
    fn rubbish_is_a_warning() {
        for block in [&b""[..], b"II*\0", b"MM\0*\xff\xff\xff\xff", &[0; 40]] {
            let (mut metadata, mut warnings) = (Metadata::default(), Vec::new());
            read(block, &mut metadata, &mut warnings);
            assert_eq!((metadata, warnings.len()), (Metadata::default(), 1), "{block:?}");
        }
    }
}
