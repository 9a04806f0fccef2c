//! A sensor's pattern as a file: a TIFF of 32-bit floats in kelvin, which other programs read.

use std::io::Cursor;

use tiff::decoder::{Decoder, DecodingResult};
use tiff::encoder::colortype::Gray32Float;
use tiff::encoder::compression::DeflateLevel;
use tiff::encoder::{Compression, TiffEncoder};

use super::FlatField;

/// A file that claims more is no sensor's: 4096 by 4096.
const MOST_PIXELS: u64 = 1 << 24;

impl FlatField {
    /// What is taken off each pixel, in kelvin, where planes have steps of `step_k`.
    ///
    /// # Panics
    /// Never: memory takes what is written, and there are as many offsets as pixels.
    #[must_use]
    pub fn to_tiff(&self, step_k: f64) -> Vec<u8> {
        let kelvin: Vec<f32> =
            self.offsets.iter().map(|&offset| (f64::from(offset) * step_k) as f32).collect();
        let height = self.offsets.len() / self.width;
        let mut bytes = Cursor::new(Vec::new());
        TiffEncoder::new(&mut bytes)
            .map(|encoder| encoder.with_compression(Compression::Deflate(DeflateLevel::Balanced)))
            .and_then(|mut encoder| {
                encoder.write_image::<Gray32Float>(self.width as u32, height as u32, &kelvin)
            })
            .expect("memory takes what is written");
        bytes.into_inner()
    }

    /// The same from such a file, for planes with steps of `step_k`.
    ///
    /// # Errors
    /// Why the bytes are no such file, in words.
    pub fn of_tiff(bytes: &[u8], step_k: f64) -> Result<Self, String> {
        let damaged = |error: tiff::TiffError| error.to_string();
        let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(damaged)?;
        let (width, height) = decoder.dimensions().map_err(damaged)?;
        if width == 0 || height == 0 || u64::from(width) * u64::from(height) > MOST_PIXELS {
            return Err(format!("{width} x {height} pixels are no sensor's"));
        }
        let DecodingResult::F32(kelvin) = decoder.read_image().map_err(damaged)? else {
            return Err("its values are no 32-bit floats".to_owned());
        };
        let width = width as usize;
        if kelvin.len() != width * height as usize {
            return Err(format!("{} values for {width} x {height} pixels", kelvin.len()));
        }
        let offset = |&kelvin: &f32| {
            let steps = (f64::from(kelvin) / step_k).round();
            let fits = (f64::from(i16::MIN)..=f64::from(i16::MAX)).contains(&steps);
            fits.then_some(steps as i16)
        };
        let offsets: Option<Vec<i16>> = kelvin.iter().map(offset).collect();
        let offsets = offsets.ok_or("it takes off more than a plane has steps")?;
        Ok(Self { width, offsets })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field() -> FlatField {
        let offset = |at: usize| match at {
            0 => i16::MIN,
            1 => i16::MAX,
            _ => (at * 37 % 61) as i16 - 30,
        };
        FlatField { width: 21, offsets: (0..21 * 17).map(offset).collect() }
    }

    #[test]
    fn a_pattern_comes_back_as_it_was() {
        // Of TIFFs of DJI's program, of centikelvin, and of a camera's own table.
        for step_k in [0.1, 0.01, 0.039_062_5, 1e-3 / 3.0] {
            let bytes = field().to_tiff(step_k);
            assert_eq!(FlatField::of_tiff(&bytes, step_k), Ok(field()));
        }
        // Larger steps than it was made for would have to be cut.
        assert!(FlatField::of_tiff(&field().to_tiff(0.1), 0.01).is_err());
    }

    #[test]
    fn a_file_that_is_cut_or_another_is_refused() {
        let bytes = field().to_tiff(0.01);
        for cut in 0..bytes.len() {
            // What lies behind the last entry that is needed may be missing.
            if let Ok(read) = FlatField::of_tiff(&bytes[..cut], 0.01) {
                assert_eq!(read, field(), "{cut}");
            }
        }
        assert!(FlatField::of_tiff(&bytes[..bytes.len() / 2], 0.01).is_err());
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x41;
            let _ = FlatField::of_tiff(&changed, 0.01);
        }
        // The entry of the height (ImageLength, 257), of one 32-bit number.
        let entry = [1, 1, 4, 0, 1, 0, 0, 0];
        let at = bytes.windows(entry.len()).position(|eight| eight == entry).unwrap();
        let mut empty = bytes.clone();
        empty[at + entry.len()..][..4].fill(0);
        assert!(FlatField::of_tiff(&empty, 0.01).is_err());
        let mut grey = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut grey).unwrap();
        encoder.write_image::<tiff::encoder::colortype::Gray16>(3, 3, &[7; 9]).unwrap();
        let refused = FlatField::of_tiff(grey.get_ref(), 0.01).unwrap_err();
        assert!(refused.contains("floats"), "{refused}");
        for odd in [f32::NAN, f32::INFINITY, 400.0] {
            let mut bytes = Cursor::new(Vec::new());
            let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
            encoder.write_image::<Gray32Float>(3, 1, &[0.0, odd, 0.0]).unwrap();
            assert!(FlatField::of_tiff(bytes.get_ref(), 0.01).is_err(), "{odd}");
        }
    }
}
