//! The radiometric JPEG: a blob in chunks over APP1 segments.

use std::borrow::Cow;
use std::ops::Range;

use super::blob::{Blob, Directory};
use super::frame::{Container, decode};
use crate::thermal::ReadOptions;
use crate::thermal::decoded::Decoded;
use crate::thermal::fault::Fault;
use crate::thermal::jpeg::Segments;

const APP1: u8 = 0xE1;
const MAGIC: &[u8] = b"FLIR\0";
/// Magic, a 1, the chunk's index, the last chunk's index.
const CHUNK_HEADER: usize = 8;

/// The FLIR payload of a JPEG; `None` if it has none.
pub(in crate::thermal) fn decode_jpeg(
    bytes: &[u8],
    segments: &Segments,
    options: &ReadOptions,
) -> Option<Result<Decoded, Fault>> {
    let chunks = Chunks::of(bytes, segments)?;
    Some(chunks.and_then(|mut chunks| {
        let directory = Directory::read(&mut chunks)?;
        decode(&mut chunks, &directory, Container::Jpeg, options)
    }))
}

/// A blob in pieces of a file.
#[derive(Debug)]
struct Chunks<'a> {
    bytes: &'a [u8],
    /// Where each piece begins in the blob, and where it lies in the file.
    pieces: Vec<(u64, Range<usize>)>,
    length: u64,
}

impl<'a> Chunks<'a> {
    fn of(bytes: &'a [u8], segments: &Segments) -> Option<Result<Self, Fault>> {
        let mut found = Vec::new();
        let mut last = None;
        for segment in segments.all.iter().filter(|segment| segment.marker == APP1) {
            let payload = bytes.get(segment.payload.clone()).unwrap_or_default();
            let Some(&[_, index, end]) =
                payload.strip_prefix(MAGIC).and_then(|rest| rest.first_chunk())
            else {
                continue;
            };
            let start = segment.payload.start;
            if *last.get_or_insert(end) != end {
                let what = "FLIR chunks that disagree about how many they are";
                return Some(Err(Fault::damaged(start, what)));
            }
            found.push((index, start + CHUNK_HEADER..segment.payload.end));
        }
        found.sort_by_key(|(index, _)| *index);
        Some(Self::joined(bytes, &found, last?, segments.broken_at))
    }

    fn joined(
        bytes: &'a [u8],
        found: &[(u8, Range<usize>)],
        last: u8,
        broken_at: Option<usize>,
    ) -> Result<Self, Fault> {
        let count = usize::from(last) + 1;
        let gap = (0..count).find(|&at| found.get(at).is_none_or(|f| usize::from(f.0) != at));
        if gap.is_some() || found.len() != count {
            let at = broken_at.or(found.last().map(|(_, range)| range.end)).unwrap_or(0);
            let why = match broken_at {
                Some(_) => "the file is cut or damaged inside the thermal record",
                None => "a chunk of the thermal record is missing or there twice",
            };
            return Err(Fault::damaged(at, format!("{why}: {} of {count} chunks", found.len())));
        }
        let mut length = 0;
        let mut pieces = Vec::with_capacity(count);
        for (_, range) in found {
            pieces.push((length, range.clone()));
            length += range.len() as u64;
        }
        Ok(Self { bytes, pieces, length })
    }

    /// The piece that holds a byte of the blob, and how far inside.
    fn piece(&self, at: u64) -> Option<(usize, usize)> {
        let piece = self.pieces.partition_point(|(start, _)| *start <= at).checked_sub(1)?;
        let inside = usize::try_from(at - self.pieces.get(piece)?.0).ok()?;
        Some((piece, inside))
    }
}

impl Blob for Chunks<'_> {
    fn length(&self) -> u64 {
        self.length
    }

    fn file_offset(&self, at: u64) -> u64 {
        self.piece(at)
            .and_then(|(piece, inside)| {
                let (_, range) = self.pieces.get(piece)?;
                Some((range.start + inside.min(range.len())) as u64)
            })
            .unwrap_or(0)
    }

    fn read(&mut self, at: u64, length: usize) -> Result<Cow<'_, [u8]>, Fault> {
        let end = at.checked_add(length as u64).filter(|&end| end <= self.length);
        let (Some(_), Some((first, inside))) = (end, self.piece(at)) else {
            let what = format!("a FLIR record of {length} bytes that ends outside its blob");
            return Err(self.damaged(at.min(self.length), what));
        };
        let mut pieces = self.pieces.iter().skip(first).map(|(_, range)| range);
        let part = |range: &Range<usize>| self.bytes.get(range.clone()).unwrap_or_default();
        let begin = pieces.next().map(part).and_then(|piece| piece.get(inside..));
        let begin = begin.unwrap_or_default();
        if let Some(whole) = begin.get(..length) {
            return Ok(Cow::Borrowed(whole));
        }
        let mut joined = Vec::with_capacity(length);
        joined.extend_from_slice(begin);
        for range in pieces {
            let missing = length - joined.len();
            let piece = part(range);
            joined.extend_from_slice(piece.get(..missing).unwrap_or(piece));
        }
        Ok(Cow::Owned(joined))
    }
}
