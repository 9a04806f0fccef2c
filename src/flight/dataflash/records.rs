//! The walk over a log's records, and where it finds its way again after damage.

use std::borrow::Cow;

use super::format::{Format, Formats, HEADER};
use crate::flight::Loss;

/// First two bytes of a record (ArduPilot, `AP_Logger/LogStructure.h`).
const MAGIC: [u8; 2] = [0xA3, 0x95];

/// A walk over the records of a log in memory; it copies nothing.
///
/// A record is taken when its type has been described, it lies whole in the file, and the next
/// record or the end follows it. Where nothing follows at the right place, a next record is looked
/// for byte by byte: what lies between is lost, and so is this record where the next begins inside
/// it. There is no checksum in the format, so a flipped bit in a value cannot be seen here.
#[derive(Debug)]
pub struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
    formats: Formats<'a>,
    losses: Vec<Loss>,
}

/// One record, in the file's bytes.
#[derive(Debug)]
pub struct Record<'w, 'a> {
    /// Where its first magic byte lies.
    pub offset: u64,
    /// As the last FMT before it describes it.
    pub format: &'w Format<'a>,
    /// Its fields, without the three bytes of header.
    pub payload: &'a [u8],
    formats: &'w Formats<'a>,
}

impl Record<'_, '_> {
    /// A number, scaled by its format character (as pymavlink does); `None` where there is no such
    /// field, or it is a text or an array.
    #[must_use]
    pub fn scaled(&self, name: &str) -> Option<f64> {
        self.format.field(name)?.scaled(self.payload)
    }

    /// A number in the unit that FMTU names: a multiplier counts only where the format character
    /// has no scale of its own.
    #[must_use]
    pub fn in_unit(&self, name: &str) -> Option<f64> {
        self.formats.in_unit(self.format.field(name)?, self.payload)
    }

    /// An integer as it lies in the file.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i128> {
        self.format.field(name)?.value(self.payload)?.integer()
    }

    /// A text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<std::borrow::Cow<'_, str>> {
        self.format.field(name)?.value(self.payload)?.text()
    }

    /// Which of several sensors of one kind it is for, from 0.
    #[must_use]
    pub fn instance(&self) -> Option<u8> {
        u8::try_from(self.format.instance()?.value(self.payload)?.integer()?).ok()
    }

    /// Length in the file, with its header.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        (HEADER + self.payload.len()) as u64
    }
}

impl<'a> Records<'a> {
    /// A walk from the start of a log's bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, formats: Formats::new(), losses: Vec::new() }
    }

    /// The next sound record; `None` at the end of the file.
    pub fn next_record(&mut self) -> Option<Record<'_, 'a>> {
        let (id, offset, payload) = loop {
            if self.at >= self.bytes.len() {
                return None;
            }
            let at = self.at;
            match self.sound(at) {
                Ok((id, length)) => {
                    self.at = at + length;
                    let payload = self.bytes.get(at + HEADER..self.at).unwrap_or_default();
                    break (id, at as u64, payload);
                }
                Err(next) => {
                    self.lose(at, next);
                    self.at = next;
                }
            }
        };
        self.formats.learn(id, payload, offset);
        let formats = &self.formats;
        Some(Record { offset, format: formats.get(id)?, payload, formats })
    }

    /// The types that the log has described so far.
    pub fn formats(&self) -> impl Iterator<Item = &Format<'a>> {
        self.formats.iter()
    }

    /// What could not be read so far, in order.
    #[must_use]
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// What could not be read, once the walk is over.
    #[must_use]
    pub fn into_losses(self) -> Vec<Loss> {
        self.losses
    }

    /// What was odd in the descriptions so far: where each lies, and what.
    #[must_use]
    pub fn remarks(&self) -> &[(u64, String)] {
        &self.formats.remarks
    }

    /// Type and length of the sound record at a place, else where the next one begins.
    fn sound(&self, at: usize) -> Result<(u8, usize), usize> {
        let Some((id, length)) = self.whole(at) else { return Err(self.find(at + 1)) };
        if self.begins(at + length) {
            return Ok((id, length));
        }
        let next = self.find(at + HEADER);
        if next >= at + length { Ok((id, length)) } else { Err(next) }
    }

    /// Type and length of a described record that lies whole in the file.
    fn whole(&self, at: usize) -> Option<(u8, usize)> {
        let &[first, second, id] = self.bytes.get(at..)?.first_chunk()?;
        let format = self.formats.get(id).filter(|_| [first, second] == MAGIC)?;
        let (claimed, fields) = (usize::from(format.length), usize::from(format.fields_length));
        let ends = |length: &usize| at + length <= self.bytes.len() && self.begins(at + length);
        // A FMT that contradicts itself is believed where the next record says which part is right.
        let length = [claimed, fields].into_iter().find(ends).unwrap_or(claimed);
        (at + length <= self.bytes.len()).then_some((id, length))
    }

    /// Whether a record or the end of the file is at a place; a record may be cut by the end.
    fn begins(&self, at: usize) -> bool {
        match self.bytes.get(at..) {
            Some([] | [0xA3]) => true,
            Some([first, second, ..]) => [*first, *second] == MAGIC,
            _ => false,
        }
    }

    /// Where the next record begins that another one or the end follows; else the file's end.
    fn find(&self, from: usize) -> usize {
        let mut at = from;
        while let Some(rest) = self.bytes.get(at..) {
            let Some(skip) = rest.iter().position(|&byte| byte == MAGIC[0]) else { break };
            at += skip;
            if self.whole(at).is_some_and(|(_, length)| self.begins(at + length)) {
                return at;
            }
            at += 1;
        }
        self.bytes.len()
    }

    fn lose(&mut self, from: usize, to: usize) {
        let id = self.bytes.get(from..to).and_then(|lost| match lost {
            [first, second, id, ..] if [*first, *second] == MAGIC => Some(*id),
            _ => None,
        });
        let known = id.and_then(|id| self.formats.length(id));
        let at_end = to >= self.bytes.len();
        let what = match (id, known) {
            (Some(id), None) => Cow::Owned(format!("record of type {id}, which no FMT describes")),
            (Some(_), Some(length)) if at_end && to - from < length => {
                Cow::Borrowed("the last record is cut short")
            }
            (Some(_), Some(_)) => Cow::Borrowed("damaged record"),
            (None, _) => Cow::Borrowed("no record begins here"),
        };
        let (offset, bytes) = (from as u64, (to - from) as u64);
        if let Some(last) = self.losses.last_mut()
            && last.offset + last.bytes == offset
            && last.what == what
        {
            last.bytes += bytes;
            return;
        }
        self.losses.push(Loss { offset, bytes, what });
    }
}
