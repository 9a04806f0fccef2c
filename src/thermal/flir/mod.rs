//! FLIR: radiometric JPEG, SEQ and CSQ.
//!
//! | file | what |
//! |---|---|
//! | `rjpeg` | the APP1 chunks of a JPEG, as one blob |
//! | `sequence` | blobs end to end in a file, read one at a time |
//! | `blob` | header and directory of a blob, both byte orders |
//! | `records` | the camera and GPS records in it |
//! | `raw` | the raw record: plain counts, PNG or JPEG-LS |
//! | `jpegls` `bits` | the JPEG-LS decoder |
//! | `radiometry` | counts to degrees |
//! | `frame` | all of it, for one frame |
//!
//! *Invariant*: camera constants come from the file, never from a table of models.

mod bits;
mod blob;
mod frame;
mod jpegls;
mod radiometry;
mod raw;
mod records;
mod rjpeg;
mod sequence;
#[cfg(test)]
mod tests;

pub(super) use rjpeg::decode_jpeg;
pub(super) use sequence::{Sequence, is_sequence};
