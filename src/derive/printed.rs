//! A marked picture as a report prints it: a JPEG, a third of the PNG's size.

use std::io::Cursor;

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::Error;

/// Frames are noisy, so PNG hardly packs them; of the edges of letters and boxes nothing is seen to
/// be lost at this quality with colours at full resolution.
const QUALITY: u8 = 80;
/// Most bytes of a picture that is read: 8,000 by 8,000 dots.
const MOST_BYTES: usize = 3 * 8000 * 8000;

/// PNG of colours, 8 bits each → JPEG.
///
/// # Errors
/// [`Error::Picture`] where it is no such PNG.
pub fn printed_jpeg(png: &[u8]) -> Result<Vec<u8>, Error> {
    let wrong = |reason: String| Error::Picture(reason);
    let mut reader = png::Decoder::new(Cursor::new(png))
        .read_info()
        .map_err(|error| wrong(error.to_string()))?;
    let size = reader.output_buffer_size().filter(|size| *size <= MOST_BYTES);
    let mut rgb = vec![0; size.ok_or_else(|| wrong("it is too large".to_owned()))?];
    let about = reader.next_frame(&mut rgb).map_err(|error| wrong(error.to_string()))?;
    if (about.color_type, about.bit_depth) != (png::ColorType::Rgb, png::BitDepth::Eight) {
        return Err(wrong("it is not of three colours of 8 bits".to_owned()));
    }
    let side = |pixels: u32| u16::try_from(pixels).map_err(|_| wrong("it is too wide".to_owned()));
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, QUALITY);
    encoder.set_sampling_factor(SamplingFactor::F_1_1);
    encoder
        .encode(&rgb, side(about.width)?, side(about.height)?, ColorType::Rgb)
        .map_err(|error| wrong(error.to_string()))?;
    Ok(jpeg)
}

/// The name of a finding's printed picture.
#[must_use]
pub fn printed_name(finding: &str) -> String {
    format!("{finding}_annotated.jpg")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thermal::Canvas;

    #[test]
    fn a_picture_keeps_its_size_and_damage_is_refused() {
        let png = Canvas::new((64, 48), [200, 10, 10], 1).png();
        let jpeg = printed_jpeg(&png).unwrap();
        assert_eq!(jpeg[..2], [0xFF, 0xD8]);
        assert_eq!(jpeg, printed_jpeg(&png).unwrap());
        let frame = jpeg.windows(2).position(|two| two == [0xFF, 0xC0]).unwrap();
        assert_eq!(jpeg[frame + 5..frame + 9], [0, 48, 0, 64]);
        // The last chunk, which says that it ends, is the only one that may be missing.
        for cut in 0..png.len() - 16 {
            assert!(printed_jpeg(&png[..cut]).is_err(), "{cut}");
        }
    }
}
