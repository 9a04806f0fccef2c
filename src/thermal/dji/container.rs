//! The segments of a DJI JPEG → its family, its fields, its raw counts.

use std::borrow::Cow;

use super::super::decoded::Decoded;
use super::super::fault::{self, Fault};
use super::super::jpeg::Segments;
use super::super::{Format, ReadOptions};
use super::{by_vendor, girp, h20t, hirp, iirp, xts};

const APP2: u8 = 0xE2;
pub(super) const APP3: u8 = 0xE3;
pub(super) const APP4: u8 = 0xE4;
pub(super) const APP5: u8 = 0xE5;
const APP7: u8 = 0xE7;

/// First bytes of a tagged APP4; the tag follows in ASCII.
const TAGGED: &[u8] = &[0xFF, 0xD2, 0xD1, 0xFF];
/// First bytes and length of H20T's APP4.
const H20T: (&[u8], usize) = (&[0xAA, 0x55, 0x12], 2560);
/// Length of the APP4 of an M2EA, which carries no tag.
const UNTAGGED_BYTES: usize = 224;
/// From this on APP3 holds a frame rather than some editor's note: the camera fills its raw
/// segments to the brim, 65,532 bytes each.
const RAW_SEGMENT_BYTES: usize = 60_000;
/// Bytes of a frame of 640 x 512 counts.
const VGA_BYTES: usize = 640 * 512 * 2;

/// A JPEG as the families see it.
pub(super) struct Container<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) segments: &'a Segments,
}

/// The DJI payload of a JPEG; `None` if it has none.
pub(in super::super) fn decode_jpeg(
    bytes: &[u8],
    segments: &Segments,
    options: &ReadOptions,
) -> Option<Result<Decoded, Fault>> {
    let container = Container { bytes, segments };
    let family = container.family()?;
    Some(family.and_then(|(format, decode)| match &options.vendor_sdk {
        Some(library) => by_vendor::decode(bytes, format, options, library),
        None => {
            container.refuse_filter()?;
            decode(&container, options)
        }
    }))
}

/// How a family is decoded.
type Decode = fn(&Container<'_>, &ReadOptions) -> Result<Decoded, Fault>;

impl<'a> Container<'a> {
    /// The name and decoder of the family that the payload belongs to, `None` if there is no DJI payload.
    fn family(&self) -> Option<Result<(Format, Decode), Fault>> {
        if self.first(APP2, |payload| payload.starts_with(b"Plug")).is_some() {
            return Some(Ok((Format::DjiXts, xts::decode)));
        }
        if let Some(header) = self.first(APP4, |payload| payload.starts_with(TAGGED)) {
            return Some(match header.get(4..8) {
                Some(b"iirp") => Ok((Format::DjiIirp, iirp::decode_tagged)),
                Some(b"hirp") => Ok((Format::DjiHirp, hirp::decode)),
                Some(b"girp") => Ok((Format::DjiGirp, girp::decode)),
                Some(tag) => Err(Fault::refused(format!(
                    "a DJI radiometric JPEG of the unknown kind `{}`: known are iirp, hirp, girp",
                    tag.escape_ascii()
                ))),
                None => Err(Fault::damaged(self.start_of(APP4), "the APP4 header is cut short")),
            });
        }
        let h20t = |payload: &[u8]| payload.starts_with(H20T.0) && payload.len() == H20T.1;
        if self.first(APP4, h20t).is_some() {
            return Some(Ok((Format::DjiH20t, h20t::decode)));
        }
        let raw_bytes: usize = self.segments.with(self.bytes, APP3).map(<[u8]>::len).sum();
        let untagged = self.first(APP4, |payload| payload.len() == UNTAGGED_BYTES).is_some();
        let full = self.first(APP3, |payload| payload.len() >= RAW_SEGMENT_BYTES).is_some();
        if untagged && (full || raw_bytes == VGA_BYTES) {
            return Some(Ok((Format::DjiIirp, iirp::decode_untagged)));
        }
        full.then(|| Err(self.headless(raw_bytes)))
    }

    /// Raw segments without the header that says what they mean.
    fn headless(&self, raw_bytes: usize) -> Fault {
        match self.segments.broken_at {
            Some(offset) => Fault::damaged(
                offset,
                format!("the file ends inside the raw segments, after {raw_bytes} bytes of them"),
            ),
            None => Fault::refused(format!(
                "{raw_bytes} bytes of raw counts in APP3, but no known header in APP4: take the \
                 original from the camera's card"
            )),
        }
    }

    /// Refuses frames taken through the infrared ND filter: how the maker's program undoes it
    /// could not be checked on a sample.
    fn refuse_filter(&self) -> Result<(), Fault> {
        let Some(filter) = self.first(APP7, |payload| payload.starts_with(b"DJI-IR_ND")) else {
            return Ok(());
        };
        match filter.get(12..14) {
            Some([0, 0]) => Ok(()),
            _ => Err(Fault::refused(
                "taken through DJI's infrared ND filter, whose correction is not known: use the \
                 maker's own program (--vendor-sdk)",
            )),
        }
    }

    /// The first segment with a marker that passes a test.
    fn first(&self, marker: u8, test: impl Fn(&[u8]) -> bool) -> Option<&'a [u8]> {
        self.segments.with(self.bytes, marker).find(|payload| test(payload))
    }

    /// Where the first segment with a marker begins, 0 if there is none.
    fn start_of(&self, marker: u8) -> usize {
        let first = self.segments.all.iter().find(|segment| segment.marker == marker);
        first.map_or(0, |segment| segment.payload.start)
    }

    /// The payload of the segments with a marker, joined; at least `least` bytes of them.
    pub(super) fn fields(&self, marker: u8, least: usize) -> Result<Fields<'a>, Fault> {
        let mut parts = self.segments.with(self.bytes, marker);
        let name = marker & 0x0F;
        let payload = match (parts.next(), parts.next()) {
            (Some(only), None) => Cow::Borrowed(only),
            (Some(first), Some(second)) => {
                let mut joined = [first, second].concat();
                parts.for_each(|part| joined.extend_from_slice(part));
                Cow::Owned(joined)
            }
            (None, _) => {
                return Err(match self.segments.broken_at {
                    Some(at) => Fault::damaged(at, format!("the file ends before its APP{name}")),
                    None => Fault::refused(format!(
                        "its APP{name} segment is missing, without which raw counts are no \
                         temperatures: take the original from the camera's card"
                    )),
                });
            }
        };
        let start = self.start_of(marker);
        if payload.len() < least {
            let what = format!("APP{name} holds {} bytes, {least} are needed", payload.len());
            return Err(Fault::damaged(self.segments.broken_at.unwrap_or(start), what));
        }
        Ok(Fields { bytes: payload, start })
    }

    /// XT S: the APP2 that begins with `Plug`, at least `least` bytes; other APP2 are MPF or colour.
    pub(super) fn plug(&self, least: usize) -> Result<Fields<'a>, Fault> {
        let plug = self.segments.all.iter().find(|segment| {
            let payload = self.bytes.get(segment.payload.clone());
            segment.marker == APP2 && payload.is_some_and(|payload| payload.starts_with(b"Plug"))
        });
        let (start, payload) = match plug {
            Some(plug) => (plug.payload.start, self.bytes.get(plug.payload.clone())),
            None => (0, None),
        };
        match payload {
            Some(payload) if payload.len() >= least => {
                Ok(Fields { bytes: Cow::Borrowed(payload), start })
            }
            _ => Err(Fault::damaged(start, format!("its `Plug` header is shorter than {least}"))),
        }
    }

    /// The raw counts in the segments with a marker: exactly `width` x `height` of them.
    pub(super) fn counts(&self, marker: u8, (width, height): Size) -> Result<Vec<u16>, Fault> {
        let start = self.start_of(marker);
        let pixels = fault::pixels(width, height, start)?;
        let found: usize = self.segments.with(self.bytes, marker).map(<[u8]>::len).sum();
        if found != 2 * pixels {
            return Err(match self.segments.broken_at {
                Some(offset) if found < 2 * pixels => Fault::damaged(
                    offset,
                    format!(
                        "the file ends inside the raw segments: {found} of {} bytes",
                        2 * pixels
                    ),
                ),
                _ => Fault::damaged(
                    start,
                    format!(
                        "the raw segments hold {found} bytes, {width} x {height} pixels are {}",
                        2 * pixels
                    ),
                ),
            });
        }
        let mut counts = Vec::with_capacity(pixels);
        let mut half: Option<u8> = None;
        for mut part in self.segments.with(self.bytes, marker) {
            // A count may straddle two segments if one has an odd length.
            if let (Some(low), [high, rest @ ..]) = (half, part) {
                counts.push(u16::from_le_bytes([low, *high]));
                (half, part) = (None, rest);
            }
            let (pairs, rest) = part.as_chunks();
            counts.extend(pairs.iter().map(|&pair| u16::from_le_bytes(pair)));
            half = rest.first().copied().or(half);
        }
        Ok(counts)
    }
}

/// Columns and rows.
pub(super) type Size = (u32, u32);

/// Numbers at byte offsets of a payload, little-endian.
pub(super) struct Fields<'a> {
    bytes: Cow<'a, [u8]>,
    /// Of the payload in the file, for messages.
    start: usize,
}

impl Fields<'_> {
    #[cfg(test)]
    pub(super) fn made(bytes: Vec<u8>) -> Self {
        Self { bytes: Cow::Owned(bytes), start: 0 }
    }

    fn array<const N: usize>(&self, offset: usize) -> Result<[u8; N], Fault> {
        let rest = self.bytes.get(offset..).and_then(|rest| rest.first_chunk());
        rest.copied().ok_or_else(|| {
            Fault::damaged(self.start, format!("the header ends before its field at {offset:#x}"))
        })
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// From `offset` on; empty behind the end.
    pub(super) fn from(&self, offset: usize) -> &[u8] {
        self.bytes.get(offset..).unwrap_or_default()
    }

    /// A fault at a field.
    pub(super) fn fault(&self, offset: usize, what: impl Into<String>) -> Fault {
        Fault::damaged(self.start.saturating_add(offset), what)
    }

    pub(super) fn u8(&self, offset: usize) -> Result<u8, Fault> {
        self.array(offset).map(u8::from_le_bytes)
    }

    pub(super) fn u16(&self, offset: usize) -> Result<u16, Fault> {
        self.array(offset).map(u16::from_le_bytes)
    }

    pub(super) fn i16(&self, offset: usize) -> Result<i16, Fault> {
        self.array(offset).map(i16::from_le_bytes)
    }

    pub(super) fn u32(&self, offset: usize) -> Result<u32, Fault> {
        self.array(offset).map(u32::from_le_bytes)
    }

    pub(super) fn i32(&self, offset: usize) -> Result<i32, Fault> {
        self.array(offset).map(i32::from_le_bytes)
    }

    pub(super) fn i64(&self, offset: usize) -> Result<i64, Fault> {
        self.array(offset).map(i64::from_le_bytes)
    }

    /// A finite number.
    pub(super) fn f32(&self, offset: usize) -> Result<f32, Fault> {
        let value = f32::from_le_bytes(self.array(offset)?);
        if value.is_finite() {
            return Ok(value);
        }
        Err(self.fault(offset, format!("{value} where a number is due")))
    }
}
