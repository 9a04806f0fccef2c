//! The raw record: counts as they are, in a PNG, or in a JPEG-LS picture.

use std::io::Cursor;

use super::blob::{Blob, ByteOrder, Entry};
use super::jpegls;
use crate::thermal::fault::{Fault, pixels};

/// The counts of a frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Raw {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) counts: Vec<u16>,
    pub(super) payload: Payload,
}

/// What the record held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Payload {
    Plain,
    Png,
    JpegLs,
}

/// Bytes before the payload.
const HEADER: usize = 0x20;
/// What a compressed frame may take beyond its plain size: headers of a PNG's many chunks.
const SLACK: u64 = 64 << 10;

impl Raw {
    /// Reads the record; nothing is allocated before its size is known to be sound.
    pub(super) fn read(blob: &mut impl Blob, entry: Entry) -> Result<Self, Fault> {
        let at = u64::from(entry.offset);
        if (entry.length as usize) < HEADER + 4 {
            return Err(blob.damaged(at, "a FLIR raw record without pixels"));
        }
        let size = {
            let header = blob.read(at, HEADER + 4)?;
            ByteOrder::of_record(&header).and_then(|order| {
                let side = |at| order.u16(&header, at).map(u32::from);
                Some((order, side(2)?, side(4)?))
            })
        };
        let Some((order, width, height)) = size else {
            return Err(blob.damaged(at, "a FLIR raw record of neither byte order"));
        };
        let file_offset = usize::try_from(blob.file_offset(at)).unwrap_or(usize::MAX);
        let plain = pixels(width, height, file_offset)? as u64 * 2;
        let length = u64::from(entry.length) - HEADER as u64;
        let payload_at = at + HEADER as u64;
        let payload = blob.read(payload_at, length.min(plain + SLACK) as usize)?;
        let decoded = if payload.starts_with(b"\x89PNG") {
            png(&payload, width, height).map(|counts| (counts, Payload::Png))
        } else if payload.starts_with(&[0xFF, 0xD8, 0xFF]) {
            jpegls::decode(&payload, width, height)
                .map(|picture| (picture.samples, Payload::JpegLs))
                .map_err(|broken| (broken.at, broken.what))
        } else {
            // Cameras pad a record by a few bytes at most; a row more is another picture.
            let row = u64::from(width) * 2;
            match (plain..plain + row).contains(&length) {
                true => Ok((plain_counts(&payload, order, plain as usize), Payload::Plain)),
                false => Err((0, format!("{length} bytes of pixels for {width} x {height}"))),
            }
        };
        match decoded {
            Ok((counts, payload)) => Ok(Self { width, height, counts, payload }),
            Err((inside, what)) => Err(blob.damaged(payload_at + inside as u64, what)),
        }
    }
}

fn plain_counts(payload: &[u8], order: ByteOrder, length: usize) -> Vec<u16> {
    let pairs = payload.get(..length).unwrap_or(payload).as_chunks().0.iter();
    match order {
        ByteOrder::Little => pairs.map(|&pair| u16::from_le_bytes(pair)).collect(),
        ByteOrder::Big => pairs.map(|&pair| u16::from_be_bytes(pair)).collect(),
    }
}

/// A PNG of 16-bit grey. PNG's order is big-endian, but FLIR puts the low byte first.
fn png(payload: &[u8], width: u32, height: u32) -> Result<Vec<u16>, (usize, String)> {
    let fault = |error: png::DecodingError| (0, format!("a PNG that cannot be decoded ({error})"));
    let most = payload.len() + 4 * width as usize * height as usize + (1 << 20);
    let limits = png::Limits { bytes: most };
    let decoder = png::Decoder::new_with_limits(Cursor::new(payload), limits);
    let mut reader = decoder.read_info().map_err(fault)?;
    let info = reader.info();
    if (info.width, info.height) != (width, height) {
        let found = format!("a PNG of {} x {}", info.width, info.height);
        return Err((0, format!("{found} in a record of {width} x {height}: no thermal picture")));
    }
    if (info.color_type, info.bit_depth) != (png::ColorType::Grayscale, png::BitDepth::Sixteen) {
        let found = format!("{:?} of {:?} bits", info.color_type, info.bit_depth);
        return Err((0, format!("a PNG of {found} where 16-bit grey must be")));
    }
    let mut bytes = vec![0; 2 * width as usize * height as usize];
    let frame = reader.next_frame(&mut bytes).map_err(fault)?;
    if frame.buffer_size() != bytes.len() {
        return Err((0, "a PNG whose pixels are incomplete".to_owned()));
    }
    Ok(plain_counts(&bytes, ByteOrder::Little, bytes.len()))
}
