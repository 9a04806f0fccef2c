//! A frame as a 16-bit TIFF in hundredths of a kelvin.

use super::params::Camera;
use super::tags::{Field, Tags};

/// The file: one strip, not compressed, XMP in tag 700, EXIF and GPS in their directories.
pub(super) fn file(tags: &Tags<'_>, camera: &Camera, centikelvin: &[u16]) -> Vec<u8> {
    let strip: Vec<u8> = centikelvin.iter().flat_map(|value| value.to_le_bytes()).collect();
    // TIFF 6.0, sections 3 and 8; sample format 1 is unsigned.
    let fields = vec![
        Field::long(0x0100, camera.width_px),
        Field::long(0x0101, camera.height_px),
        Field::short(0x0102, 16),
        Field::short(0x0103, 1), // no compression
        Field::short(0x0106, 1), // black is zero
        Field::short(0x0115, 1), // samples a pixel
        Field::long(0x0116, camera.height_px),
        Field::long(0x0117, strip.len() as u32),
        Field::short(0x0153, 1),
        Field::bytes(700, tags.xmp().as_bytes()),
    ];
    tags.tiff(fields, &strip)
}
