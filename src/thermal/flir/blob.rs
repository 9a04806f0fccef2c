//! The FLIR blob: a header, a directory, and records anywhere behind them.

use std::borrow::Cow;

use crate::thermal::fault::Fault;

/// Bytes of one blob, wherever they lie.
pub(super) trait Blob {
    /// How many bytes there are from the blob's start on.
    fn length(&self) -> u64;

    /// Where a byte of the blob lies in the file.
    fn file_offset(&self, at: u64) -> u64;

    /// Exactly `length` bytes from `at` on.
    fn read(&mut self, at: u64, length: usize) -> Result<Cow<'_, [u8]>, Fault>;

    /// A fault at a byte of the blob.
    fn damaged(&self, at: u64, what: impl Into<String>) -> Fault {
        Fault::Damaged { offset: self.file_offset(at), what: what.into() }
    }
}

/// Whether bytes begin as a blob.
pub(super) fn has_magic(bytes: &[u8]) -> bool {
    bytes.starts_with(b"FFF\0") || bytes.starts_with(b"AFF\0")
}

/// How numbers are stored; header and records each have their own order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Big,
    Little,
}

impl ByteOrder {
    /// A record begins with a small number, 2 in all that were seen, and so tells its order.
    pub(super) fn of_record(record: &[u8]) -> Option<Self> {
        match record.first_chunk()? {
            [0, 1..=u8::MAX] => Some(Self::Big),
            [1..=u8::MAX, 0] => Some(Self::Little),
            _ => None,
        }
    }

    fn array<const N: usize>(self, bytes: &[u8], at: usize) -> Option<[u8; N]> {
        let mut array: [u8; N] = *bytes.get(at..)?.first_chunk()?;
        if self == Self::Big {
            array.reverse();
        }
        Some(array)
    }

    pub(super) fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        self.array(bytes, at).map(u16::from_le_bytes)
    }

    pub(super) fn i16(self, bytes: &[u8], at: usize) -> Option<i16> {
        self.array(bytes, at).map(i16::from_le_bytes)
    }

    pub(super) fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        self.array(bytes, at).map(u32::from_le_bytes)
    }

    pub(super) fn i32(self, bytes: &[u8], at: usize) -> Option<i32> {
        self.array(bytes, at).map(i32::from_le_bytes)
    }

    pub(super) fn f32(self, bytes: &[u8], at: usize) -> Option<f32> {
        self.array(bytes, at).map(f32::from_le_bytes)
    }

    pub(super) fn f64(self, bytes: &[u8], at: usize) -> Option<f64> {
        self.array(bytes, at).map(f64::from_le_bytes)
    }
}

/// The types of record that are read here (ExifTool's FLIR tables name the others).
pub(super) const RAW: u16 = 0x01;
pub(super) const CAMERA: u16 = 0x20;
pub(super) const GPS: u16 = 0x2B;

/// Where a record lies in its blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: u16,
    pub(super) offset: u32,
    pub(super) length: u32,
}

impl Entry {
    fn end(self) -> u64 {
        u64::from(self.offset) + u64::from(self.length)
    }
}

/// A blob's directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Directory {
    /// Who wrote the blob; `ATAU_RBFO` is a Tau core (XT2, XT-R, Vue Pro R).
    pub(super) creator: [u8; 16],
    pub(super) entries: Vec<Entry>,
    /// One past the last byte that header, directory and records take.
    pub(super) end: u64,
}

pub(super) const HEADER: usize = 64;
const ENTRY: usize = 32;
/// Cameras write up to 14 entries; more than this is no directory.
const MOST_ENTRIES: u32 = 1024;

impl Directory {
    pub(super) fn read(blob: &mut impl Blob) -> Result<Self, Fault> {
        if blob.length() < HEADER as u64 {
            return Err(blob.damaged(blob.length(), "the file ends inside a FLIR header"));
        }
        let (creator, order, offset, count) = {
            let header = blob.read(0, HEADER)?;
            let creator = *header.get(4..).and_then(<[u8]>::first_chunk).unwrap_or(&[0; 16]);
            let order = header_order(&header).filter(|_| has_magic(&header));
            let word = |at| order.and_then(|order| order.u32(&header, at)).unwrap_or(0);
            (creator, order, word(0x18), word(0x1C))
        };
        let Some(order) = order else {
            return Err(blob.damaged(0, "no FLIR header of version 100 to 199"));
        };
        let table_end = u64::from(offset) + u64::from(count) * ENTRY as u64;
        if count == 0 || count > MOST_ENTRIES || table_end > blob.length() {
            let what = format!("a FLIR directory of {count} entries that is not there");
            return Err(blob.damaged(0x18, what));
        }
        let table = blob.read(u64::from(offset), count as usize * ENTRY)?;
        let entries: Vec<_> = table
            .chunks_exact(ENTRY)
            .filter_map(|entry| {
                Some(Entry {
                    kind: order.u16(entry, 0).filter(|&kind| kind != 0)?,
                    offset: order.u32(entry, 0x0C)?,
                    length: order.u32(entry, 0x10)?,
                })
            })
            .collect();
        let records = entries.iter().filter(|entry| entry.length > 0);
        let end = records.map(|entry| entry.end()).max().unwrap_or(0);
        Ok(Self { creator, entries, end: end.max(table_end).max(HEADER as u64) })
    }

    /// The first record of a type that is not empty.
    pub(super) fn find(&self, kind: u16) -> Option<Entry> {
        self.entries.iter().copied().find(|entry| entry.kind == kind && entry.length > 0)
    }
}

/// The order in which the header's version is one that exists. Both occur: handhelds write the
/// directory big-endian, Tau cores and sequences little-endian.
pub(super) fn header_order(header: &[u8]) -> Option<ByteOrder> {
    [ByteOrder::Big, ByteOrder::Little]
        .into_iter()
        .find(|order| order.u32(header, 0x14).is_some_and(|version| (100..200).contains(&version)))
}
