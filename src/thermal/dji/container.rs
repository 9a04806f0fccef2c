//! A DJI JPEG's segments: fields and raw counts out of them.

use std::borrow::Cow;

use super::super::fault::{self, Fault};
use super::super::jpeg::Segments;

pub(super) const APP2: u8 = 0xE2;
pub(super) const APP3: u8 = 0xE3;
pub(super) const APP4: u8 = 0xE4;
pub(super) const APP5: u8 = 0xE5;
pub(super) const APP7: u8 = 0xE7;

/// A JPEG as the families see it.
pub(super) struct Container<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) segments: &'a Segments,
}

impl<'a> Container<'a> {
    /// The first segment with a marker that begins so.
    pub(super) fn beginning(&self, marker: u8, with: &[u8]) -> Option<&'a [u8]> {
        self.segments.with(self.bytes, marker).find(|payload| payload.starts_with(with))
    }

    /// Where the first segment with a marker begins, 0 if there is none.
    pub(super) fn start_of(&self, marker: u8) -> usize {
        let first = self.segments.all.iter().find(|segment| segment.marker == marker);
        first.map_or(0, |segment| segment.payload.start)
    }

    /// The first segment with a marker that begins so; at least `least` bytes of it.
    pub(super) fn header(
        &self,
        marker: u8,
        with: &[u8],
        least: usize,
    ) -> Result<Fields<'a>, Fault> {
        let found = self.segments.all.iter().find_map(|segment| {
            let payload = self.bytes.get(segment.payload.clone())?;
            (segment.marker == marker && payload.starts_with(with))
                .then_some((segment.payload.start, payload))
        });
        let (start, payload) = found.ok_or_else(|| self.missing(marker))?;
        Fields { bytes: Cow::Borrowed(payload), start }.at_least(least, marker)
    }

    /// The payload of the segments with a marker, joined; at least `least` bytes of them.
    pub(super) fn fields(&self, marker: u8, least: usize) -> Result<Fields<'a>, Fault> {
        let mut parts = self.segments.with(self.bytes, marker);
        let bytes = match (parts.next(), parts.next()) {
            (Some(only), None) => Cow::Borrowed(only),
            (Some(first), Some(second)) => {
                let mut joined = [first, second].concat();
                parts.for_each(|part| joined.extend_from_slice(part));
                Cow::Owned(joined)
            }
            (None, _) => return Err(self.missing(marker)),
        };
        Fields { bytes, start: self.start_of(marker) }.at_least(least, marker)
    }

    /// A segment is not there: cut off, or lost to an editor.
    fn missing(&self, marker: u8) -> Fault {
        let name = marker & 0x0F;
        match self.segments.broken_at {
            Some(at) => Fault::damaged(at, format!("the file ends before its APP{name}")),
            None => Fault::refused(format!(
                "its APP{name} segment is missing, without which raw counts are no temperatures: \
                 take the original from the camera's card"
            )),
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
    fn at_least(self, least: usize, marker: u8) -> Result<Self, Fault> {
        if self.len() >= least {
            return Ok(self);
        }
        let (name, found) = (marker & 0x0F, self.len());
        Err(self.fault(0, format!("APP{name} holds {found} bytes, {least} are needed")))
    }

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
