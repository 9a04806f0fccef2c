//! Temperatures as a raster that other programs read.

use std::io::Cursor;

use tiff::encoder::TiffEncoder;
use tiff::encoder::colortype::Gray32Float;

use crate::thermal::Thermogram;

use super::Error;
use super::redact::Spot;

/// A TIFF of 32-bit floats in °C, row by row as the frame has them; NaN where there is no
/// temperature and where a spot is masked.
///
/// # Errors
/// [`Error::Raster`] for a frame without radiometry.
pub fn celsius_tiff(frame: &Thermogram, masked: &[Spot]) -> Result<Vec<u8>, Error> {
    if !frame.is_radiometric() {
        return Err(Error::Raster("it has grey levels, not temperatures".to_owned()));
    }
    let mut celsius = frame.celsius();
    let width = frame.width() as usize;
    for spot in masked {
        let [left, top, wide, high] = spot.bounds_px;
        for row in celsius.chunks_exact_mut(width).skip(top).take(high) {
            row.iter_mut().skip(left).take(wide).for_each(|value| *value = f32::NAN);
        }
    }
    let mut bytes = Cursor::new(Vec::new());
    TiffEncoder::new(&mut bytes)
        .and_then(|mut encoder| {
            encoder.write_image::<Gray32Float>(frame.width(), frame.height(), &celsius)
        })
        .map_err(|error| Error::Raster(error.to_string()))?;
    Ok(bytes.into_inner())
}
