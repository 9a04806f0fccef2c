//! Frames with a receive stamp, as ground stations record them, past damage.
//!
//! A record is 8 bytes, big-endian microseconds since 1970 on the recording computer's clock, and
//! one frame. There is no header and no length: after damage the search goes on byte by byte.

use super::frame::{MAGIC_1, MAGIC_2};
use super::{Bad, Checked, Frame};

const STAMP_BYTES: usize = 8;
/// A frame whose checksum cannot be checked is believed only within a day of the last good stamp.
const DAY_US: u64 = 86_400_000_000;

/// One frame and when it was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// Where its stamp begins, in bytes from the start of the file.
    pub offset: u64,
    /// Microseconds since 1970 on the clock of the computer that recorded it.
    pub stamp_us: u64,
    /// The frame.
    pub frame: Frame<'a>,
}

/// Bytes that are no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// Where they begin, in bytes from the start of the file.
    pub offset: u64,
    /// How many.
    pub bytes: u64,
    /// They are the start of a record whose end the file does not have.
    pub cut_short: bool,
}

/// What comes next in a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlogItem<'a> {
    /// A frame.
    Record(Record<'a>),
    /// Damage.
    Lost(Lost),
}

/// Goes through a recording; every byte of it is in one item.
#[derive(Debug, Clone)]
pub struct TlogReader<'a> {
    bytes: &'a [u8],
    at: usize,
    last_stamp_us: Option<u64>,
}

impl<'a> TlogReader<'a> {
    /// From the first byte on.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, last_stamp_us: None }
    }

    #[inline]
    fn record_at(&self, at: usize) -> Result<Record<'a>, Bad> {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let short = Bad::Short { needed: STAMP_BYTES };
        let (stamp, rest) = rest.split_first_chunk::<STAMP_BYTES>().ok_or(short)?;
        let frame = Frame::parse(rest)?;
        let record = Record { offset: at as u64, stamp_us: u64::from_be_bytes(*stamp), frame };
        if frame.checked == Checked::SeedUnknown && !self.believable(&record) {
            return Err(Bad::BadChecksum);
        }
        Ok(record)
    }

    /// Whether a frame with an unknown seed is more than an accident: its stamp fits, and the next
    /// record or the end of the file follows.
    fn believable(&self, record: &Record<'_>) -> bool {
        let end = self.end_of(record);
        let next = self.bytes.get(end + STAMP_BYTES);
        self.near(record.stamp_us)
            && (end == self.bytes.len() || matches!(next, Some(&(MAGIC_1 | MAGIC_2))))
    }

    #[expect(clippy::cast_possible_truncation, reason = "an offset into bytes in memory")]
    fn end_of(&self, record: &Record<'_>) -> usize {
        record.offset as usize + STAMP_BYTES + record.frame.bytes.len()
    }

    /// Where the next record begins after damage, and whether the damage is a record cut short.
    ///
    /// What looks like a record that the file's end cuts may also be damage with a wrong length:
    /// whole records behind it come first.
    fn search(&self, from: usize) -> (usize, bool) {
        let mut cut = None;
        let mut at = from;
        // From magic to magic, since no record is without one.
        while let Some(rest) = self.bytes.get(at + STAMP_BYTES..) {
            let magic = rest.iter().position(|&byte| byte == MAGIC_1 || byte == MAGIC_2);
            let Some(magic) = magic else { break };
            at += magic;
            match self.record_at(at) {
                Ok(_) => return (at, false),
                Err(Bad::Short { .. }) if self.near(self.stamp_at(at)) => {
                    cut.get_or_insert(at);
                }
                Err(_) => {}
            }
            at += 1;
        }
        match cut {
            Some(cut) if cut > from => (cut, false),
            Some(_) => (self.bytes.len(), true),
            None => (self.bytes.len(), self.bytes.len() - from <= STAMP_BYTES),
        }
    }

    fn stamp_at(&self, at: usize) -> u64 {
        let stamp = self.bytes.get(at..).and_then(<[u8]>::first_chunk);
        stamp.map_or(0, |stamp| u64::from_be_bytes(*stamp))
    }

    /// Whether a stamp is within a day of the last good one.
    fn near(&self, stamp_us: u64) -> bool {
        self.last_stamp_us.is_some_and(|last| last.abs_diff(stamp_us) < DAY_US)
    }
}

impl<'a> Iterator for TlogReader<'a> {
    type Item = TlogItem<'a>;

    #[inline]
    fn next(&mut self) -> Option<TlogItem<'a>> {
        if self.at >= self.bytes.len() {
            return None;
        }
        if let Ok(record) = self.record_at(self.at) {
            self.at = self.end_of(&record);
            self.last_stamp_us = Some(record.stamp_us);
            return Some(TlogItem::Record(record));
        }
        let offset = self.at;
        let (next, cut_short) = self.search(offset);
        self.at = next;
        let bytes = (next - offset) as u64;
        Some(TlogItem::Lost(Lost { offset: offset as u64, bytes, cut_short }))
    }
}
