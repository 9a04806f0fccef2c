//! FLIR: radiometric JPEG, SEQ and CSQ.

use std::io::{Read, Seek};

use super::decoded::Decoded;
use super::fault::Fault;
use super::jpeg::Segments;
use super::{Format, ReadOptions};

/// The FLIR payload of a JPEG; `None` if it has none.
pub(super) fn decode_jpeg(
    _bytes: &[u8],
    _segments: &Segments,
    _options: &ReadOptions,
) -> Option<Result<Decoded, Fault>> {
    None
}

/// Whether a file begins as a FLIR sequence.
pub(super) fn is_sequence(_head: &[u8]) -> bool {
    false
}

/// A sequence, read one frame at a time: memory stays at one frame, however long the file is.
#[derive(Debug)]
pub(super) struct Sequence<R> {
    source: R,
    options: ReadOptions,
}

impl<R: Read + Seek> Sequence<R> {
    /// From the start of a source.
    pub(super) fn new(source: R, options: &ReadOptions) -> Result<Self, std::io::Error> {
        Ok(Self { source, options: options.clone() })
    }
}

impl<R: Read + Seek> Iterator for Sequence<R> {
    /// A frame; a damaged one is a fault, after which the next frame is looked for.
    type Item = Result<Decoded, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let _ = (&self.source, &self.options, Format::FlirSeq);
        None
    }
}
