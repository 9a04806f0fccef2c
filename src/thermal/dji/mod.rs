//! DJI radiometric JPEG, every family.

use super::ReadOptions;
use super::decoded::Decoded;
use super::fault::Fault;
use super::jpeg::Segments;

/// The DJI payload of a JPEG; `None` if it has none.
pub(super) fn decode_jpeg(
    _bytes: &[u8],
    _segments: &Segments,
    _options: &ReadOptions,
) -> Option<Result<Decoded, Fault>> {
    None
}
