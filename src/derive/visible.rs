//! The visible picture beside a thermal one, so coarse that it shows the place and no person.

use std::path::{Path, PathBuf};

use jpeg_encoder::{ColorType, Encoder};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::capture::whole_view_beside;
use crate::case::FrameRow;

use super::original::{hex_sha256, intact_original, places};

/// The least that a pixel covers, in metres on the ground: letters of a number plate are 80 mm high
/// and their strokes 10 mm wide, a face is 150 mm.
const LEAST_PIXEL_M: f64 = 0.04;
/// No report prints more.
const WIDEST_PX: usize = 1024;
/// A narrower picture shows nothing.
const NARROWEST_PX: usize = 64;
/// Largest that is read, in pixels a side.
const MOST_PX: usize = 10_000;
const QUALITY: u8 = 80;

/// A visible picture for people.
pub(super) struct Visible {
    /// The original, as it is called beside the thermal one.
    pub(super) file: String,
    /// Its SHA-256.
    pub(super) sha256: String,
    pub(super) jpeg: Vec<u8>,
    pub(super) width_px: usize,
}

/// The name of a finding's visible picture.
#[must_use]
pub fn visible_name(finding: &str) -> String {
    format!("{finding}_visible.jpg")
}

/// The visible picture of a frame; `None` where there is none of the whole view. `metre_a_px` is
/// the thermal frame's scale: the visible camera sees as much or more, so that as many pixels
/// across are no finer.
///
/// # Errors
/// Why the one that is there is not shown, in words.
pub(super) fn visible(
    row: &FrameRow,
    case: &Path,
    folders: &[PathBuf],
    metre_a_px: Option<f64>,
) -> Option<Result<Visible, String>> {
    // Most flights have none: no original is read a second time for that.
    places(&row.file, case, folders).iter().find_map(|place| whole_view_beside(place))?;
    let thermal = intact_original(row, case, folders).ok()?;
    let beside = whole_view_beside(&thermal)?;
    let name = beside.file_name()?.to_string_lossy().into_owned();
    let file = match row.file.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{name}"),
        None => name,
    };
    let Some(metre_a_px) = metre_a_px else {
        return Some(Err("how much of the ground a pixel covers is not known".to_owned()));
    };
    let across_m = metre_a_px * f64::from(row.width_px);
    let most_px = ((across_m / LEAST_PIXEL_M) as usize).min(WIDEST_PX);
    if most_px < NARROWEST_PX {
        return Some(Err("so near, a coarse one would show nothing".to_owned()));
    }
    let bytes = match std::fs::read(&beside) {
        Ok(bytes) => bytes,
        Err(error) => return Some(Err(error.to_string())),
    };
    let sha256 = hex_sha256(&bytes);
    let coarse = coarse_jpeg(&bytes, most_px);
    Some(coarse.map(|(jpeg, width_px)| Visible { file, sha256, jpeg, width_px }))
}

/// A JPEG of at most so many pixels across, and how many they are.
fn coarse_jpeg(bytes: &[u8], most_px: usize) -> Result<(Vec<u8>, usize), String> {
    let options = DecoderOptions::default()
        .set_max_width(MOST_PX)
        .set_max_height(MOST_PX)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let rgb = decoder.decode().map_err(|error| error.to_string())?;
    let (width, height) = decoder.dimensions().ok_or("it has no size")?;
    let step = width.div_ceil(most_px).max(1);
    let (across, down) = (width / step, height / step);
    let side = |pixels: usize| u16::try_from(pixels).map_err(|_| "it is too large".to_owned());
    if across == 0 || down == 0 || rgb.len() != 3 * width * height {
        return Err("its pixels do not fill it".to_owned());
    }
    let coarse = means(&rgb, width, step, (across, down));
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, QUALITY)
        .encode(&coarse, side(across)?, side(down)?, ColorType::Rgb)
        .map_err(|error| error.to_string())?;
    Ok((jpeg, across))
}

/// The mean of each square of `step` by `step` pixels.
fn means(rgb: &[u8], width: usize, step: usize, (across, down): (usize, usize)) -> Vec<u8> {
    let mut coarse = Vec::with_capacity(3 * across * down);
    for rows in rgb.chunks_exact(3 * width * step).take(down) {
        for column in 0..across {
            let mut sums = [0_usize; 3];
            for row in rows.chunks_exact(3 * width) {
                for pixel in row[3 * column * step..3 * (column + 1) * step].chunks_exact(3) {
                    sums.iter_mut().zip(pixel).for_each(|(sum, &value)| *sum += usize::from(value));
                }
            }
            let count = step * step;
            // Of bytes, so the mean is one.
            coarse.extend(sums.map(|sum| ((sum + count / 2) / count) as u8));
        }
    }
    coarse
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jpeg(width: u16, height: u16) -> Vec<u8> {
        let pixel = |at: usize| if at / 3 % usize::from(width) < 40 { 240 } else { 20 };
        let rgb: Vec<u8> = (0..3 * usize::from(width) * usize::from(height)).map(pixel).collect();
        let mut jpeg = Vec::new();
        Encoder::new(&mut jpeg, 90).encode(&rgb, width, height, ColorType::Rgb).unwrap();
        jpeg
    }

    #[test]
    fn a_picture_is_no_wider_than_allowed_and_damage_is_told() {
        let bytes = jpeg(400, 300);
        let (coarse, width_px) = coarse_jpeg(&bytes, 128).unwrap();
        assert_eq!(width_px, 100);
        let mut decoder = JpegDecoder::new(ZCursor::new(&coarse));
        let pixels = decoder.decode().unwrap();
        assert_eq!(decoder.dimensions(), Some((100, 75)));
        // The first tenth is bright, the rest dark.
        assert!(pixels[3 * 4] > 200 && pixels[3 * 50] < 60);
        assert_eq!(coarse_jpeg(&bytes, 4_000).unwrap().1, 400);
        for cut in 0..200 {
            assert!(coarse_jpeg(&bytes[..cut], 128).is_err(), "{cut}");
        }
    }
}
