//! Pictures without radiometry: why they are refused, and their grey levels on request.

use std::io::Cursor;
use std::path::Path;

use png::{ColorType, Transformations};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::decoded::Decoded;
use super::fault::{Fault, pixels};
use super::{CameraIdentity, Format, Metadata, Parameters, Samples, Thermogram};

/// Whether the bytes begin as a PNG.
pub(super) fn is_png(head: &[u8]) -> bool {
    head.starts_with(b"\x89PNG\r\n\x1a\n")
}

/// Why a picture has no temperatures and what to do about it.
pub(super) fn refusal(path: &Path, metadata: &Metadata) -> Fault {
    let make = metadata.camera.make.as_deref().unwrap_or_default();
    let model = metadata.camera.model.as_deref().unwrap_or_default();
    let thermal_maker = |text: &str| {
        let text = text.to_ascii_lowercase();
        ["dji", "flir", "duo pro", "autel", "skydio", "parrot", "infi"]
            .iter()
            .any(|maker| text.contains(maker))
    };
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let dji_colour = ["_V", "_W", "_Z"].iter().any(|end| stem.ends_with(end));
    let why = if make.eq_ignore_ascii_case("dji") && dji_colour {
        "it is DJI's visible picture; take the one whose name ends in _T"
    } else if thermal_maker(make) || thermal_maker(model) {
        "editors and exports keep Make, Model and GPS and lose the temperatures (APP1, APP3 to \
         APP5), and some cameras write none; take the camera's original R-JPEG or TIFF"
    } else {
        "export R-JPEG or TIFF from the camera, or read grey levels with --uncalibrated"
    };
    Fault::refused(format!("8-bit picture: no radiometric payload; {why}"))
}

/// A JPEG or PNG as grey levels (luminance).
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Fault> {
    let (width, height, grey) = if is_png(bytes) { png(bytes)? } else { jpeg(bytes)? };
    let thermogram = Thermogram::new(width, height, Samples::Grey(grey), None)
        .ok_or_else(|| Fault::damaged(0, format!("pixels do not fill {width} x {height}")))?;
    Ok(Decoded {
        format: Format::Picture,
        thermogram,
        parameters: Parameters::default(),
        camera: CameraIdentity::default(),
        taken_at: None,
        position: None,
        altitude_m: None,
        warnings: vec!["grey levels, not temperatures".to_owned()],
    })
}

type Grey = (u32, u32, Vec<u8>);

fn jpeg(bytes: &[u8]) -> Result<Grey, Fault> {
    let broken = |error| Fault::refused(format!("damaged JPEG: {error}"));
    let options = DecoderOptions::default()
        .jpeg_set_out_colorspace(ColorSpace::Luma)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX));
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(broken)?;
    let (width, height) =
        decoder.dimensions().ok_or_else(|| Fault::refused("damaged JPEG: it has no size"))?;
    // A JPEG's sides have 16 bits each.
    let (width, height) = (width as u32, height as u32);
    pixels(width, height, 0)?;
    let grey = decoder.decode().map_err(broken)?;
    Ok((width, height, grey))
}

fn png(bytes: &[u8]) -> Result<Grey, Fault> {
    let broken = |error| Fault::refused(format!("damaged PNG: {error}"));
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let (width, height) = decoder.read_header_info().map_err(broken)?.size();
    pixels(width, height, 16)?;
    let mut reader = decoder.read_info().map_err(broken)?;
    let size = reader.output_buffer_size().ok_or_else(|| Fault::damaged(16, "a PNG too large"))?;
    let mut buffer = vec![0; size];
    reader.next_frame(&mut buffer).map_err(broken)?;
    let grey = match reader.output_color_type().0 {
        ColorType::Grayscale => buffer,
        ColorType::GrayscaleAlpha => buffer.chunks_exact(2).map(|pixel| pixel[0]).collect(),
        ColorType::Rgb => buffer.chunks_exact(3).map(luminance).collect(),
        ColorType::Rgba => buffer.chunks_exact(4).map(luminance).collect(),
        ColorType::Indexed => return Err(Fault::damaged(25, "a PNG palette that is missing")),
    };
    Ok((width, height, grey))
}

/// Luma of red, green and blue (ITU-R BT.601, as in JPEG: ITU-T T.871).
fn luminance(pixel: &[u8]) -> u8 {
    let [red, green, blue, ..] = *pixel else { return 0 };
    let thousandths = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    // At most 255 · 1000, so it fits.
    ((thousandths + 500) / 1000) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_is_255_and_green_is_brighter_than_blue() {
        assert_eq!(luminance(&[255, 255, 255]), 255);
        assert_eq!(luminance(&[0, 255, 0, 9]), 150);
        assert_eq!(luminance(&[0, 0, 255]), 29);
    }

    #[test]
    fn a_png_in_colour_becomes_its_luminance() {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 2, 1);
        encoder.set_color(ColorType::Rgb);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[255, 255, 255, 0, 255, 0]).unwrap();
        writer.finish().unwrap();
        let decoded = decode(&file).unwrap();
        assert_eq!(decoded.thermogram.samples(), &Samples::Grey(vec![255, 150]));
        for cut in 0..file.len() - 12 {
            assert!(decode(&file[..cut]).is_err(), "{cut}");
        }
    }
}
