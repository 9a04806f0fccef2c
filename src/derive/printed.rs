//! A marked picture as a report prints it: a JPEG of half the width, a fraction of the PNG's bytes.

use std::io::Cursor;

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::Error;

/// Frames are noisy, so PNG hardly packs them; letters and boxes stay sharp at this quality with
/// colours at full resolution.
const QUALITY: u8 = 85;
/// Most bytes of a picture that is read: 8,000 by 8,000 dots.
const MOST_BYTES: usize = 3 * 8000 * 8000;

/// The mean of each two by two dots: a frame is drawn twice as large as it is, so of its own pixels
/// nothing is lost.
fn halved(rgb: &[u8], width: usize) -> Vec<u8> {
    let mut half = Vec::with_capacity(rgb.len() / 4);
    for two in rgb.chunks_exact(2 * 3 * width) {
        let (upper, lower) = two.split_at(3 * width);
        for (above, below) in upper.chunks_exact(6).zip(lower.chunks_exact(6)) {
            for at in 0..3 {
                let four = [above[at], above[at + 3], below[at], below[at + 3]];
                let sum: u16 = four.iter().map(|&value| u16::from(value)).sum();
                // Of four bytes, so the mean is one.
                half.push(((sum + 2) / 4) as u8);
            }
        }
    }
    half
}

/// PNG of colours, 8 bits each → JPEG of half the width and height.
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
    let (width, height) = (about.width / 2, about.height / 2);
    let rgb = halved(&rgb, about.width as usize);
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, QUALITY);
    encoder.set_sampling_factor(SamplingFactor::F_1_1);
    encoder
        .encode(&rgb, side(width)?, side(height)?, ColorType::Rgb)
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
    fn a_picture_has_half_its_size_and_damage_is_refused() {
        let png = Canvas::new((64, 48), [200, 10, 10], 1).png();
        let jpeg = printed_jpeg(&png).unwrap();
        assert_eq!(jpeg[..2], [0xFF, 0xD8]);
        assert_eq!(jpeg, printed_jpeg(&png).unwrap());
        let frame = jpeg.windows(2).position(|two| two == [0xFF, 0xC0]).unwrap();
        assert_eq!(jpeg[frame + 5..frame + 9], [0, 24, 0, 32]);
        assert_eq!(halved(&[0, 4, 8, 2, 4, 8, 9, 9, 9, 1, 4, 8, 1, 4, 9, 9, 9, 9], 3), [1, 4, 8]);
        // The last chunk, which says that it ends, is the only one that may be missing.
        for cut in 0..png.len() - 16 {
            assert!(printed_jpeg(&png[..cut]).is_err(), "{cut}");
        }
    }
}
