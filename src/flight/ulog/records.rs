//! The walk over a ULog's records, and where it finds its way again after damage.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use super::definition::{Defined, Definitions, Topic};
use super::header::{Header, MAGIC, Refused};
use crate::flight::Loss;

/// Bytes before a record's body: length and type.
const HEAD: usize = 3;
/// Body of a sync record (PX4 developer guide, ULog file format).
const SYNC: [u8; 8] = [0x2F, 0x73, 0x13, 0x20, 0x25, 0x0C, 0xBB, 0x12];
/// So many sound records in a row make a place after damage one to go on from.
const CHAIN: usize = 4;
/// Remarks kept; a log with more wrong formats is no better known by more of them.
const MOST_REMARKS: usize = 64;

/// A walk over the records of one log in memory; it copies nothing but names.
///
/// A record is taken when its length fits to its type (a row's, to its topic's format) and another
/// record or the end follows. After damage it goes on, byte by byte, where several sound records
/// follow each other; what lies between is lost.
#[derive(Debug)]
pub struct Records<'a> {
    bytes: &'a [u8],
    start: usize,
    at: usize,
    /// Ends of the parts of the file: appended data begin there, and the part before may end in a
    /// cut record. The end of the file is the last.
    ends: Vec<usize>,
    header: Header,
    definitions: Definitions<'a>,
    subscriptions: HashMap<u16, (Rc<Topic<'a>>, u8)>,
    losses: Vec<Loss>,
    remarks: Vec<(u64, String)>,
}

/// One record, in the file's bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Record<'a> {
    /// Where its length lies.
    pub offset: u64,
    /// Its type letter, such as `D` for a row.
    pub kind: u8,
    /// All behind the type.
    pub body: &'a [u8],
    /// The row, where it is one.
    pub row: Option<Row<'a>>,
}

/// A row of a topic.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'a> {
    /// Its topic.
    pub topic: Rc<Topic<'a>>,
    /// Which of several of that topic, from 0.
    pub multi_id: u8,
    /// The fields.
    pub fields: &'a [u8],
}

impl Row<'_> {
    /// A number by its path; see [`Topic`].
    #[must_use]
    pub fn number(&self, path: &str) -> Option<f64> {
        self.topic.number(self.fields, path)
    }

    /// An integer by its path.
    #[must_use]
    pub fn integer(&self, path: &str) -> Option<i128> {
        self.topic.integer(self.fields, path)
    }

    /// The first numbers of an array.
    #[must_use]
    pub fn numbers<const N: usize>(&self, name: &str) -> Option<[f64; N]> {
        self.topic.numbers(self.fields, name)
    }
}

impl<'a> Record<'a> {
    /// A text that the vehicle logged (`L`, or `C` with a tag): level, tag, microseconds, text.
    #[must_use]
    pub fn text(&self) -> Option<(u8, Option<u16>, u64, Cow<'a, str>)> {
        let (&level, rest) = self.body.split_first()?;
        let (tag, rest) = match self.kind {
            b'L' => (None, rest),
            b'C' => (Some(u16::from_le_bytes(*rest.first_chunk()?)), rest.get(2..)?),
            _ => return None,
        };
        let time_us = u64::from_le_bytes(*rest.first_chunk()?);
        Some((level, tag, time_us, String::from_utf8_lossy(rest.get(8..)?)))
    }

    /// Milliseconds that the logger dropped (`O`).
    #[must_use]
    pub fn dropout_ms(&self) -> Option<u16> {
        (self.kind == b'O').then(|| self.body.first_chunk().map(|two| u16::from_le_bytes(*two)))?
    }

    /// Type, name and bytes of an information (`I`) or parameter (`P`).
    #[must_use]
    pub fn information(&self) -> Option<(&'a str, &'a str, &'a [u8])> {
        if !matches!(self.kind, b'I' | b'P') {
            return None;
        }
        let (&length, rest) = self.body.split_first()?;
        let (key, value) = rest.split_at_checked(length.into())?;
        let (type_name, name) = std::str::from_utf8(key).ok()?.split_once(' ')?;
        Some((type_name, name, value))
    }

    /// Length in the file.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        (HEAD + self.body.len()) as u64
    }
}

impl<'a> Records<'a> {
    /// A walk over the log that begins at a place of a file's bytes.
    ///
    /// # Errors
    /// [`Refused`], where there is no header, or the log needs what this reader does not know.
    pub fn new(bytes: &'a [u8], start: usize) -> Result<Self, Refused> {
        let header = Header::read(bytes, start)?;
        let mut ends: Vec<usize> = Vec::with_capacity(4);
        let mut remarks = Vec::new();
        for &offset in &header.appended {
            let end = usize::try_from(offset).ok().and_then(|offset| start.checked_add(offset));
            let after = ends.last().copied().unwrap_or(header.end);
            match end.filter(|end| (after..bytes.len()).contains(end)) {
                Some(end) => ends.push(end),
                None => {
                    remarks.push((start as u64, format!("no appended data at byte {offset}")));
                }
            }
        }
        ends.push(bytes.len());
        Ok(Self {
            bytes,
            start,
            at: header.end,
            ends,
            header,
            definitions: Definitions::default(),
            subscriptions: HashMap::new(),
            losses: Vec::new(),
            remarks,
        })
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What could not be read so far, in order.
    #[must_use]
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// What was odd in formats and offsets so far: where it lies, and what.
    #[must_use]
    pub fn remarks(&self) -> &[(u64, String)] {
        &self.remarks
    }

    /// Where the next log begins in the same file, once the walk is over; `None` at its end.
    #[must_use]
    pub fn next_log(&self) -> Option<usize> {
        (self.at < self.bytes.len()).then_some(self.at)
    }

    /// The next sound record; `None` at the end, or where another log begins.
    pub fn next_record(&mut self) -> Option<Record<'a>> {
        loop {
            let part = self.ends.iter().copied().find(|&end| end > self.at)?;
            let at = self.at;
            if self.log_begins(at) {
                return None;
            }
            match self.sound(at, part) {
                Step::Record(kind, body) => {
                    self.at = at + HEAD + body.len();
                    self.learn(at as u64, kind, body);
                    let row = if kind == b'D' { self.row(body) } else { None };
                    return Some(Record { offset: at as u64, kind, body, row });
                }
                Step::Lost(next, what) => {
                    self.at = next;
                    self.lose(at, next, what);
                }
            }
        }
    }

    fn log_begins(&self, at: usize) -> bool {
        at > self.start && self.bytes.get(at..).is_some_and(|rest| rest.starts_with(&MAGIC))
    }

    fn row(&self, body: &'a [u8]) -> Option<Row<'a>> {
        let (id, fields) = body.split_first_chunk()?;
        let (topic, multi_id) = self.subscriptions.get(&u16::from_le_bytes(*id))?;
        Some(Row { topic: Rc::clone(topic), multi_id: *multi_id, fields })
    }

    /// Takes in formats and subscriptions.
    fn learn(&mut self, offset: u64, kind: u8, body: &'a [u8]) {
        match kind {
            b'F' => match self.definitions.define(body) {
                Defined::New | Defined::Known => {}
                Defined::Anew => self.remark(offset, "a format is defined anew".to_owned()),
                Defined::Unreadable => self.remark(offset, "a format cannot be read".to_owned()),
            },
            b'A' => {
                let Some((&[multi_id, low, high], name)) = body.split_first_chunk() else { return };
                let Ok(name) = std::str::from_utf8(name) else { return };
                let id = u16::from_le_bytes([low, high]);
                match self.definitions.topic(name) {
                    Ok(topic) => {
                        self.subscriptions.insert(id, (topic, multi_id));
                    }
                    Err(why) => {
                        self.subscriptions.remove(&id);
                        self.remark(offset, why);
                    }
                }
            }
            b'R' => {
                if let Some(id) = body.first_chunk() {
                    self.subscriptions.remove(&u16::from_le_bytes(*id));
                }
            }
            _ => {}
        }
    }

    fn remark(&mut self, offset: u64, what: String) {
        if self.remarks.len() < MOST_REMARKS {
            self.remarks.push((offset, what));
        }
    }
}

/// Whether a body has the form of its type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    Sound,
    /// A row of a number that no subscription has, of any length.
    Unsubscribed,
    Wrong,
}

/// What lies at a place.
enum Step<'a> {
    Record(u8, &'a [u8]),
    /// Nothing sound up to another place.
    Lost(usize, Cow<'static, str>),
}

impl<'a> Records<'a> {
    fn sound(&self, at: usize, part: usize) -> Step<'a> {
        let Some((kind, body)) = self.head(at, part) else {
            let next = self.find(at + 1, part);
            let what = match next == part && self.letter(at).is_some_and(is_known) {
                true => "the last record is cut short",
                false => "no record begins here",
            };
            return Step::Lost(next, what.into());
        };
        let end = at + HEAD + body.len();
        let fits = self.fits(kind, body);
        if fits != Fit::Sound && self.chain(end, part) {
            // Sound around it: what it says cannot be used, but where it ends is right.
            return Step::Lost(end, unusable(kind, body));
        }
        if fits == Fit::Sound && self.begins(end, part) {
            return Step::Record(kind, body);
        }
        let next = self.find(at + 1, part);
        if fits == Fit::Sound && next >= end {
            return Step::Record(kind, body);
        }
        Step::Lost(next, "damaged record".into())
    }

    fn letter(&self, at: usize) -> Option<u8> {
        self.bytes.get(at + 2).copied()
    }

    /// Type and body of what would be a record here.
    fn head(&self, at: usize, part: usize) -> Option<(u8, &'a [u8])> {
        let (&[low, high, kind], rest) = self.bytes.get(at..part)?.split_first_chunk()?;
        Some((kind, rest.get(..usize::from(u16::from_le_bytes([low, high])))?))
    }

    /// Whether a body has the form of its type.
    fn fits(&self, kind: u8, body: &[u8]) -> Fit {
        let key = |body: &[u8]| {
            body.split_first().is_some_and(|(&length, rest)| {
                length > 0 && rest.get(..length.into()).is_some_and(<[u8]>::is_ascii)
            })
        };
        let sound = match kind {
            b'D' => match body.split_first_chunk() {
                None => false,
                Some((id, fields)) => match self.subscriptions.get(&u16::from_le_bytes(*id)) {
                    Some((topic, _)) => topic.takes(fields.len()),
                    None => return Fit::Unsubscribed,
                },
            },
            b'S' => body == SYNC,
            b'O' | b'R' => body.len() == 2,
            b'F' => name_of(body).contains(&b':'),
            b'A' => body.len() > 3 && name_of(body.get(3..).unwrap_or_default()).is_ascii(),
            b'I' | b'P' => key(body),
            b'M' | b'Q' => body.split_first().is_some_and(|(_, body)| key(body)),
            b'L' => body.len() >= 9,
            b'C' => body.len() >= 11,
            b'B' => body.len() >= super::header::FLAGS,
            _ => false,
        };
        if sound { Fit::Sound } else { Fit::Wrong }
    }

    /// Whether a record may begin here: of a known type, cut or not, or nothing at all.
    fn begins(&self, at: usize, part: usize) -> bool {
        at == part || self.log_begins(at) || self.letter(at).is_none_or(is_known)
    }

    /// Whether several sound records follow each other from here, or up to the end. Rows whose
    /// subscription was lost may lie between them.
    fn chain(&self, mut at: usize, part: usize) -> bool {
        let mut sound = 0;
        for _ in 0..3 * CHAIN {
            if sound == CHAIN || at == part || self.log_begins(at) {
                return true;
            }
            let Some((kind, body)) = self.head(at, part) else { return false };
            match self.fits(kind, body) {
                Fit::Sound => sound += 1,
                Fit::Unsubscribed if sound > 0 => {}
                _ => return false,
            }
            at += HEAD + body.len();
        }
        false
    }

    /// The next place from which sound records follow, or where another log begins; else the end
    /// of the part.
    fn find(&self, from: usize, part: usize) -> usize {
        let sound = |at: &usize| {
            self.log_begins(*at)
                || (self.letter(*at).is_some_and(is_known) && self.chain(*at, part))
        };
        (from..part).find(sound).unwrap_or(part)
    }

    fn lose(&mut self, from: usize, to: usize, what: Cow<'static, str>) {
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

/// The part of a body in which a name must end: looking further would cost more than it tells.
fn name_of(body: &[u8]) -> &[u8] {
    body.get(..body.len().min(255)).unwrap_or_default()
}

fn is_known(kind: u8) -> bool {
    b"DSFAIPMQLCBOR".contains(&kind)
}

fn unusable(kind: u8, body: &[u8]) -> Cow<'static, str> {
    match (kind, body) {
        (b'D', [low, high, ..]) => {
            let id = u16::from_le_bytes([*low, *high]);
            format!("row of number {id}, which is not subscribed or has another length").into()
        }
        (kind, _) if is_known(kind) => "damaged record".into(),
        _ => "record of an unknown type".into(),
    }
}
