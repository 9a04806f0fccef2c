//! Which family a JPEG's payload belongs to, and on to its decoder.

use super::super::decoded::Decoded;
use super::super::fault::Fault;
use super::super::jpeg::Segments;
use super::super::{Format, ReadOptions};
use super::container::{APP2, APP3, APP4, APP7, Container};
use super::{by_vendor, girp, h20t, hirp, iirp, xts};

/// First bytes of a tagged APP4; the tag follows in ASCII.
pub(super) const TAGGED: &[u8] = &[0xFF, 0xD2, 0xD1, 0xFF];
/// First bytes of H20T's APP4, and its length.
pub(super) const H20T: &[u8] = &[0xAA, 0x55, 0x12];
pub(super) const H20T_BYTES: usize = 2560;
/// First bytes of XT S's APP2.
pub(super) const XTS: &[u8] = b"Plug";
/// Length of the APP4 of an M2EA, which carries no tag.
const UNTAGGED_BYTES: usize = 224;
/// From this on APP3 holds a frame rather than some editor's note: the camera fills its raw
/// segments to the brim, 65,532 bytes each.
const RAW_SEGMENT_BYTES: usize = 60_000;

/// What is decoded alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Iirp,
    /// M2EA: iirp without a tag.
    UntaggedIirp,
    Hirp,
    Girp,
    H20t,
    Xts,
}

/// The DJI payload of a JPEG; `None` if it has none.
pub(in super::super) fn decode_jpeg(
    bytes: &[u8],
    segments: &Segments,
    options: &ReadOptions,
) -> Option<Result<Decoded, Fault>> {
    let container = Container { bytes, segments };
    let family = match family(&container)? {
        Ok(family) => family,
        Err(fault) => return Some(Err(fault)),
    };
    Some(match &options.vendor_sdk {
        Some(library) => by_vendor::decode(bytes, family.format(), options, library),
        None => refuse_filter(&container).and_then(|()| family.decode(&container, options)),
    })
}

impl Family {
    fn format(self) -> Format {
        match self {
            Self::Iirp | Self::UntaggedIirp => Format::DjiIirp,
            Self::Hirp => Format::DjiHirp,
            Self::Girp => Format::DjiGirp,
            Self::H20t => Format::DjiH20t,
            Self::Xts => Format::DjiXts,
        }
    }

    fn decode(self, container: &Container<'_>, options: &ReadOptions) -> Result<Decoded, Fault> {
        match self {
            Self::Iirp => iirp::decode_tagged(container, options),
            Self::UntaggedIirp => iirp::decode_untagged(container, options),
            Self::Hirp => hirp::decode(container, options),
            Self::Girp => girp::decode(container, options),
            Self::H20t => h20t::decode(container, options),
            Self::Xts => xts::decode(container, options),
        }
    }
}

/// The family that the payload belongs to, `None` if there is no DJI payload.
fn family(container: &Container<'_>) -> Option<Result<Family, Fault>> {
    if container.beginning(APP2, XTS).is_some() {
        return Some(Ok(Family::Xts));
    }
    if let Some(header) = container.beginning(APP4, TAGGED) {
        return Some(match header.get(4..8) {
            Some(b"iirp") => Ok(Family::Iirp),
            Some(b"hirp") => Ok(Family::Hirp),
            Some(b"girp") => Ok(Family::Girp),
            Some(tag) => Err(Fault::refused(format!(
                "a DJI radiometric JPEG of the unknown kind `{}`: known are iirp, hirp, girp",
                tag.escape_ascii()
            ))),
            None => Err(Fault::damaged(container.start_of(APP4), "the APP4 header is cut short")),
        });
    }
    if container.beginning(APP4, H20T).is_some_and(|header| header.len() == H20T_BYTES) {
        return Some(Ok(Family::H20t));
    }
    let parts = || container.segments.with(container.bytes, APP3);
    if !parts().any(|part| part.len() >= RAW_SEGMENT_BYTES) {
        return None;
    }
    let first = container.beginning(APP4, &[]);
    if first.is_some_and(|header| header.len() == UNTAGGED_BYTES) {
        return Some(Ok(Family::UntaggedIirp));
    }
    Some(Err(headless(container, parts().map(<[u8]>::len).sum())))
}

/// Raw segments without the header that says what they mean.
fn headless(container: &Container<'_>, raw_bytes: usize) -> Fault {
    match container.segments.broken_at {
        Some(offset) => Fault::damaged(
            offset,
            format!("the file ends inside the raw segments, after {raw_bytes} bytes of them"),
        ),
        None => Fault::refused(format!(
            "{raw_bytes} bytes of raw counts in APP3, but no known header in APP4: take the \
             original from the camera's card"
        )),
    }
}

/// Refuses frames taken through the infrared ND filter: how the maker's program undoes it could
/// not be checked on a sample.
fn refuse_filter(container: &Container<'_>) -> Result<(), Fault> {
    let Some(filter) = container.beginning(APP7, b"DJI-IR_ND") else { return Ok(()) };
    match filter.get(12..14) {
        Some([0, 0]) => Ok(()),
        _ => Err(Fault::refused(
            "taken through DJI's infrared ND filter, whose correction is not known: use the \
             maker's own program (--vendor-sdk)",
        )),
    }
}
