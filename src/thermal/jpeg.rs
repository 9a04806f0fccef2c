//! The segments of a JPEG file up to its picture.

use std::ops::Range;

/// A marker segment: everything that carries a length, up to the first start of scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    /// The second byte of the marker: 0xE1 for APP1 …
    pub(super) marker: u8,
    /// Where its payload lies in the file, behind the length.
    pub(super) payload: Range<usize>,
}

/// A JPEG's segments in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Segments {
    /// In the file's order.
    pub(super) all: Vec<Segment>,
    /// Where the walk ended although no start of scan had come: the file is cut or damaged there.
    pub(super) broken_at: Option<usize>,
}

const START_OF_SCAN: u8 = 0xDA;

/// Whether the bytes begin as a JPEG.
pub(super) fn is_jpeg(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0xD8])
}

/// Walks the segments (ITU-T T.81, B.1.1) and stops at the first start of scan, since DJI files
/// carry further pictures behind the first. Fill bytes are skipped; markers without a length too.
pub(super) fn segments(bytes: &[u8]) -> Segments {
    let mut found = Segments::default();
    let mut at = 2;
    loop {
        let Some(&[0xFF, marker]) = bytes.get(at..).and_then(|rest| rest.first_chunk()) else {
            found.broken_at = Some(at.min(bytes.len()));
            return found;
        };
        match marker {
            0xFF => at += 1,
            0x01 | 0xD0..=0xD8 => at += 2,
            START_OF_SCAN | 0xD9 => return found,
            _ => {
                let length = bytes.get(at + 2..).and_then(|rest| rest.first_chunk());
                let end = length.map(|&l| at + 2 + usize::from(u16::from_be_bytes(l)));
                match end {
                    Some(end) if end >= at + 4 && end <= bytes.len() => {
                        found.all.push(Segment { marker, payload: at + 4..end });
                        at = end;
                    }
                    _ => {
                        found.broken_at = Some(at);
                        return found;
                    }
                }
            }
        }
    }
}

impl Segments {
    /// Payloads of the segments with a marker, in order.
    pub(super) fn with<'a>(
        &'a self,
        bytes: &'a [u8],
        marker: u8,
    ) -> impl Iterator<Item = &'a [u8]> {
        self.all
            .iter()
            .filter(move |segment| segment.marker == marker)
            .filter_map(|segment| bytes.get(segment.payload.clone()))
    }

    /// Width and height in the first frame header (SOF0 to SOF15, tables apart).
    pub(super) fn picture_px(&self, bytes: &[u8]) -> Option<(u32, u32)> {
        let header = self.all.iter().find(|segment| {
            matches!(segment.marker, 0xC0..=0xCF) && !matches!(segment.marker, 0xC4 | 0xC8 | 0xCC)
        })?;
        let [_, h1, h0, w1, w0, ..] = *bytes.get(header.payload.clone())? else { return None };
        Some((u32::from(u16::from_be_bytes([w1, w0])), u32::from(u16::from_be_bytes([h1, h0]))))
    }
}
