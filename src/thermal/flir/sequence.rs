//! SEQ, CSQ and single FFF or AFF files: blobs end to end, read one at a time.

use std::borrow::Cow;
use std::io::{Read, Seek, SeekFrom};

use super::blob::{Blob, Directory, HEADER, has_magic, header_order};
use super::frame::{Container, decode};
use crate::thermal::ReadOptions;
use crate::thermal::decoded::Decoded;
use crate::thermal::fault::Fault;

/// Begin of a FLIR Public Format file, whose pixels are temperatures of a version unknown here.
const PUBLIC_FORMATS: [&[u8]; 2] = [b"FLIR Public Image Format", b"FPF Public Image Format"];

/// Whether a file begins as a FLIR sequence, or as one that [`Sequence`] refuses with a reason.
pub(in crate::thermal) fn is_sequence(head: &[u8]) -> bool {
    has_magic(head) || PUBLIC_FORMATS.iter().any(|magic| head.starts_with(magic))
}

/// How far behind a damaged frame the next one is looked for: more than any frame takes.
const FARTHEST_SEARCH: u64 = 256 << 20;
/// Frames in a row that may be damaged before the rest is given up.
const MOST_FAULTS: u32 = 32;

/// A sequence, read one frame at a time: memory stays at one frame, however long the file is.
#[derive(Debug)]
pub(in crate::thermal) struct Sequence<R> {
    source: R,
    options: ReadOptions,
    length: u64,
    /// Where the next frame should begin.
    at: u64,
    /// Where to look for it if it does not begin there.
    search_from: u64,
    /// That it does not begin there has been said already.
    lost: bool,
    faults: u32,
    over: bool,
}

impl<R: Read + Seek> Sequence<R> {
    /// From the start of a source.
    pub(in crate::thermal) fn new(
        mut source: R,
        options: &ReadOptions,
    ) -> Result<Self, std::io::Error> {
        let length = source.seek(SeekFrom::End(0))?;
        let options = options.clone();
        let start = 0;
        Ok(Self {
            source,
            options,
            length,
            at: start,
            search_from: start,
            lost: false,
            faults: 0,
            over: false,
        })
    }

    /// The frame at `self.at`, and moves behind it.
    fn frame(&mut self) -> Result<Decoded, Fault> {
        let start = self.at;
        self.lost = true;
        self.search_from = start + 4;
        self.at = self.search_from;
        let mut blob = Stretch { source: &mut self.source, start, end: self.length };
        let directory = Directory::read(&mut blob)?;
        if directory.end > blob.length() {
            let what = format!("a FLIR frame of {} bytes where the file ends", directory.end);
            return Err(blob.damaged(blob.length(), what));
        }
        self.lost = false;
        self.at = start + directory.end;
        decode(&mut blob, &directory, Container::Sequence, &self.options)
    }

    /// Moves to the next frame if none begins here; `Some` if there is something to say.
    fn resync(&mut self) -> Option<Fault> {
        let expected = self.at;
        if self.begins_frame(expected) {
            return None;
        }
        let found = self.search();
        self.over = found.is_none();
        self.at = found.unwrap_or(self.length);
        let silent = std::mem::take(&mut self.lost)
            || (found.is_none_or(|found| found >= expected)
                && self.at - expected <= FARTHEST_SEARCH
                && self.is_zero(expected, self.at));
        let what = match found {
            Some(found) if found < expected => "a frame that reaches over the next one".to_owned(),
            Some(found) => format!("{} bytes that belong to no frame", found - expected),
            None => "bytes that belong to no frame, and no frame behind them".to_owned(),
        };
        (!silent).then_some(Fault::Damaged { offset: expected, what })
    }

    fn begins_frame(&mut self, at: u64) -> bool {
        let mut header = [0; HEADER];
        let read = self.source.seek(SeekFrom::Start(at));
        read.and_then(|_| self.source.read_exact(&mut header)).is_ok()
            && has_magic(&header)
            && header_order(&header).is_some()
    }

    /// The next place from `search_from` on where a frame begins.
    fn search(&mut self) -> Option<u64> {
        const WINDOW: u64 = 1 << 20;
        let last = self.length.min(self.search_from.saturating_add(FARTHEST_SEARCH));
        let mut from = self.search_from;
        while from + HEADER as u64 <= last {
            let window = self.window(from, WINDOW)?;
            let mut candidates = (0..window.len()).filter(|&at| {
                window[at] != 0
                    && window
                        .get(at..)
                        .is_some_and(|rest| has_magic(rest) && header_order(rest).is_some())
            });
            if let Some(at) = candidates.next() {
                return Some(from + at as u64);
            }
            // The next window begins where a header could begin that this one cuts.
            // A file that shrinks while it is read gives a window shorter than a header.
            from += (window.len() + 1).saturating_sub(HEADER).max(1) as u64;
        }
        None
    }

    fn is_zero(&mut self, from: u64, to: u64) -> bool {
        let mut at = from;
        while at < to {
            let Some(window) = self.window(at, (to - at).min(1 << 20)) else { return false };
            if window.iter().any(|&byte| byte != 0) {
                return false;
            }
            at += window.len() as u64;
        }
        true
    }

    /// Up to `length` bytes from `at` on; `None` if there are none.
    fn window(&mut self, at: u64, length: u64) -> Option<Vec<u8>> {
        let mut window = Vec::new();
        self.source.seek(SeekFrom::Start(at)).ok()?;
        (&mut self.source).take(length).read_to_end(&mut window).ok()?;
        (!window.is_empty()).then_some(window)
    }

    /// Why the file as a whole cannot be read.
    fn refusal(&mut self) -> Option<Fault> {
        let head = if self.at == 0 { self.window(0, 32) } else { None };
        let public = PUBLIC_FORMATS
            .iter()
            .any(|magic| head.as_ref().is_some_and(|head| head.starts_with(magic)));
        public.then(|| {
            Fault::refused(
                "a FLIR public format file (FPF) is not read: export the frames as radiometric \
                 JPEG or 32-bit TIFF",
            )
        })
    }
}

impl<R: Read + Seek> Iterator for Sequence<R> {
    /// A frame; a damaged one is a fault, after which the next frame is looked for.
    type Item = Result<Decoded, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over || self.at >= self.length {
            return None;
        }
        if self.faults >= MOST_FAULTS {
            self.over = true;
            let what =
                format!("{MOST_FAULTS} damaged frames in a row: nothing is read from here on");
            return Some(Err(Fault::Damaged { offset: self.at, what }));
        }
        if let Some(refusal) = self.refusal() {
            self.over = true;
            return Some(Err(refusal));
        }
        if let Some(fault) = self.resync() {
            return Some(Err(fault));
        }
        if self.over {
            return None;
        }
        let frame = self.frame();
        self.faults = if frame.is_ok() { 0 } else { self.faults + 1 };
        Some(frame)
    }
}

/// A blob in a file, from its start on.
struct Stretch<'a, R> {
    source: &'a mut R,
    start: u64,
    end: u64,
}

impl<R: Read + Seek> Blob for Stretch<'_, R> {
    fn length(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    fn file_offset(&self, at: u64) -> u64 {
        self.start.saturating_add(at)
    }

    fn read(&mut self, at: u64, length: usize) -> Result<Cow<'_, [u8]>, Fault> {
        let end = at.checked_add(length as u64).filter(|&end| end <= self.length());
        if end.is_none() {
            let what = format!("a FLIR record of {length} bytes that ends outside the file");
            return Err(self.damaged(at, what));
        }
        let mut bytes = Vec::with_capacity(length);
        let read = self
            .source
            .seek(SeekFrom::Start(self.file_offset(at)))
            .and_then(|_| self.source.take(length as u64).read_to_end(&mut bytes));
        match read {
            Ok(count) if count == length => Ok(Cow::Owned(bytes)),
            Ok(_) => Err(self.damaged(at, "the file ends")),
            Err(error) => Err(self.damaged(at, format!("the file cannot be read ({error})"))),
        }
    }
}
