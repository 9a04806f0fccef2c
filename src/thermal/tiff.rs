//! TIFF with one sample a pixel (TIFF 6.0), as thermal cameras and decoders write it.

use std::io::{self, Cursor};

use tiff::TiffError;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;

use super::decoded::Decoded;
use super::fault::{Fault, pixels};
use super::{
    CameraIdentity, CountTable, Format, LinearScale, Metadata, Parameters, ReadOptions, Samples,
    Thermogram, exif, xmp,
};
use crate::units::KELVIN_OFFSET;

/// Where XMP lies in a TIFF (Adobe, XMP specification part 3).
const XMP_TAG: Tag = Tag::Unknown(700);
/// Added to signed counts, see [`CountTable`].
const SIGN_SHIFT: i32 = 1 << 15;
/// A value this near to absolute zero is no temperature: ODM and Thermal-Tools write -273.15.
const NONE_C: f64 = -273.0;

/// Scales that cameras use for unsigned samples: Vue Pro R, Duo Pro R and Tau at high and at low
/// gain (manual of the Duo Pro R); Duo R, Lepton, Altum, 6X (their manuals).
const UNSIGNED_SCALES: [f64; 3] = [0.04, 0.4, 0.01];
/// Scale of signed samples: tenths of a degree, as DJI's `dji_irp -a measure` writes them.
const SIGNED: LinearScale = LinearScale { scale: 0.1, offset_c: 0.0 };
/// Floats are degrees Celsius.
const CELSIUS: LinearScale = LinearScale { scale: 1.0, offset_c: 0.0 };

/// Whether the bytes begin as a TIFF or a BigTIFF, in either byte order.
pub(super) fn is_tiff(head: &[u8]) -> bool {
    [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| head.starts_with(*magic))
}

type Reader<'a> = Decoder<Cursor<&'a [u8]>>;

/// What a TIFF says besides its pixels.
pub(super) fn metadata(bytes: &[u8], warnings: &mut Vec<String>) -> Result<Metadata, Fault> {
    let mut metadata = Metadata::default();
    let mut decoder = decoder_of(bytes)?;
    metadata.picture_px = decoder.dimensions().ok();
    exif::read(bytes, &mut metadata, warnings);
    // Damage in this one entry costs the XMP, not the frame.
    if let Ok(Some(packet)) = decoder.find_tag(XMP_TAG).map(|tag| tag.map(|tag| tag.into_u8_vec()))
    {
        match packet {
            Ok(packet) => xmp::read(&packet, &mut metadata, warnings),
            Err(error) => warnings.push(format!("XMP was left out: {error}")),
        }
    }
    Ok(metadata)
}

/// Decodes the first picture of a TIFF.
pub(super) fn decode(bytes: &[u8], options: &ReadOptions) -> Result<Decoded, Fault> {
    let mut decoder = decoder_of(bytes)?;
    let (width, height) = decoder.dimensions().map_err(|error| fault(&error))?;
    pixels(width, height, 0)?;
    let photometric = decoder.find_tag_unsigned::<u16>(Tag::PhotometricInterpretation);
    if matches!(photometric, Ok(Some(0))) {
        return Err(Fault::refused("TIFF whose samples count down (white is zero): convert it"));
    }
    let on_a_map = matches!(decoder.find_tag(Tag::GeoKeyDirectoryTag), Ok(Some(_)));
    if on_a_map && options.tiff_scale.is_none() {
        // Heights of a terrain model would pass as tenths of a degree.
        return Err(Fault::refused(
            "a map (GeoTIFF: terrain or mosaic), not a camera's frame; if it holds temperatures, \
             give --scale and --offset",
        ));
    }
    let depth = decoder.colortype().map_err(|error| fault(&error))?;
    if depth.num_samples() != 1 {
        return Err(Fault::refused(format!(
            "TIFF with {} samples a pixel: a thermal one has one, of 16 or 32 bits",
            depth.num_samples()
        )));
    }
    let none = decoder
        .find_tag(Tag::GdalNodata)
        .ok()
        .flatten()
        .and_then(|tag| tag.into_string().ok())
        .and_then(|text| text.trim_matches(|c: char| c == '\0' || c == ' ').parse().ok());
    let samples = decoder.read_image().map_err(|error| fault(&error))?;
    let (format, samples, scale) = match samples {
        DecodingResult::U16(counts) => unsigned(counts, none, options)?,
        DecodingResult::I16(values) => signed(&values, none, options)?,
        DecodingResult::F32(values) => floats(values, none, options)?,
        DecodingResult::U8(grey) if options.uncalibrated => {
            (Format::Picture, Samples::Grey(grey), None)
        }
        DecodingResult::U8(_) | DecodingResult::I8(_) => {
            return Err(Fault::refused(
                "8-bit TIFF: no temperatures in it; export 16-bit or float",
            ));
        }
        _ => return Err(Fault::refused("TIFF samples are neither u16, i16 nor f32: convert it")),
    };
    let thermogram = Thermogram::new(width, height, samples, None)
        .ok_or_else(|| Fault::damaged(0, format!("samples do not fill {width} x {height}")))?;
    let mut warnings = Vec::new();
    if decoder.more_images() {
        warnings.push("only the first of the file's pictures was read".to_owned());
    }
    Ok(Decoded {
        format,
        thermogram,
        parameters: Parameters {
            values: options.overrides.all_ignored(),
            scale,
            ..Parameters::default()
        },
        camera: CameraIdentity::default(),
        taken_at: None,
        position: None,
        altitude_m: None,
        warnings,
    })
}

fn decoder_of(bytes: &[u8]) -> Result<Reader<'_>, Fault> {
    let decoder = Decoder::new(Cursor::new(bytes)).map_err(|error| fault(&error))?;
    Ok(decoder.with_limits(Limits::default()))
}

fn fault(error: &TiffError) -> Fault {
    match error {
        TiffError::UnsupportedError(what) => Fault::refused(format!("TIFF: {what}: convert it")),
        TiffError::LimitsExceeded => Fault::refused("TIFF claims more pixels than it may have"),
        TiffError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Fault::refused("damaged TIFF: it is cut short; copy it again from the camera")
        }
        other => Fault::refused(format!("damaged TIFF: {other}; copy it again from the camera")),
    }
}

type Read = (Format, Samples, Option<LinearScale>);

fn unsigned(counts: Vec<u16>, none: Option<f64>, options: &ReadOptions) -> Result<Read, Fault> {
    let value_of = |count: u16| f64::from(count);
    let kelvin = |scale| LinearScale { scale, offset_c: -KELVIN_OFFSET };
    let candidates = UNSIGNED_SCALES.map(kelvin);
    let (samples, scale) = scaled(counts, value_of, none, &candidates, options)?;
    Ok((Format::TiffU16, samples, Some(scale)))
}

fn signed(values: &[i16], none: Option<f64>, options: &ReadOptions) -> Result<Read, Fault> {
    // -32768 + 32768 = 0 and 32767 + 32768 = 65535: always a u16.
    let counts = values.iter().map(|&value| (i32::from(value) + SIGN_SHIFT) as u16).collect();
    let value_of = |count: u16| f64::from(i32::from(count) - SIGN_SHIFT);
    let (samples, scale) = scaled(counts, value_of, none, &[SIGNED], options)?;
    Ok((Format::TiffI16, samples, Some(scale)))
}

/// Counts with the table that the scale gives; `none` is the value that stands for no temperature.
fn scaled(
    counts: Vec<u16>,
    value_of: impl Fn(u16) -> f64,
    none: Option<f64>,
    candidates: &[LinearScale],
    options: &ReadOptions,
) -> Result<(Samples, LinearScale), Fault> {
    let mut pixels_at = vec![0_u32; 1 << 16];
    for &count in &counts {
        pixels_at[usize::from(count)] += 1;
    }
    let there = |value: f64| Some(value) != none;
    let occurring: Vec<_> = (0..=u16::MAX)
        .zip(pixels_at)
        .filter(|&(_, pixels)| pixels > 0)
        .map(|(count, pixels)| (value_of(count), pixels))
        .filter(|&(value, _)| there(value))
        .collect();
    let scale = choose(candidates, Spread::of_occurring(&occurring), options)?;
    let table = CountTable::over(&counts, |count| match value_of(count) {
        value if there(value) => scale.scale * value + scale.offset_c,
        _ => f64::NAN,
    });
    Ok((Samples::Counts { counts, table }, scale))
}

fn floats(mut values: Vec<f32>, none: Option<f64>, options: &ReadOptions) -> Result<Read, Fault> {
    let none = none.map(|none| none as f32);
    for value in &mut values {
        let absolute_zero = options.tiff_scale.is_none() && f64::from(*value) < NONE_C;
        if !value.is_finite() || Some(*value) == none || absolute_zero {
            *value = f32::NAN;
        }
    }
    let spread = Spread::of(values.iter().copied().map(f64::from));
    let scale = choose(&[CELSIUS], spread, options)?;
    if scale != CELSIUS {
        for value in &mut values {
            *value = (scale.scale * f64::from(*value) + scale.offset_c) as f32;
        }
    }
    Ok((Format::TiffF32, Samples::Celsius(values), Some(scale)))
}

/// What a frame's samples say about their scale.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spread {
    low: f64,
    median: f64,
    high: f64,
}

impl Spread {
    /// From values in rising order and how many pixels have each; `None` if there are none.
    fn of_occurring(values: &[(f64, u32)]) -> Option<Self> {
        let pixels: u64 = values.iter().map(|&(_, pixels)| u64::from(pixels)).sum();
        let mut left = pixels / 2;
        let median = values.iter().find(|&&(_, pixels)| {
            let here = left < u64::from(pixels);
            left = left.saturating_sub(u64::from(pixels));
            here
        });
        Some(Self { low: values.first()?.0, median: median?.0, high: values.last()?.0 })
    }

    /// `None` if no sample has a value.
    fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
        let middle = values.len() / 2;
        let (below, &mut median, above) = (middle < values.len())
            .then(|| values.select_nth_unstable_by(middle, f64::total_cmp))?;
        let low = below.iter().copied().fold(median, f64::min);
        let high = above.iter().copied().fold(median, f64::max);
        Some(Self { low, median, high })
    }

    /// Whether a scale makes a scene of it: every pixel -60 to 700 °C, the median -40 to 120 °C.
    fn passes(self, scale: LinearScale) -> bool {
        let [low, median, high] =
            [self.low, self.median, self.high].map(|v| scale.scale * v + scale.offset_c);
        low >= -60.0 && high <= 700.0 && (-40.0..=120.0).contains(&median)
    }
}

/// The user's scale, or the only candidate that makes a scene of the samples.
fn choose(
    candidates: &[LinearScale],
    spread: Option<Spread>,
    options: &ReadOptions,
) -> Result<LinearScale, Fault> {
    if let Some(scale) = options.tiff_scale {
        let usable = scale.scale.is_finite() && scale.scale != 0.0 && scale.offset_c.is_finite();
        return usable.then_some(scale).ok_or_else(|| Fault::refused("--scale is no number"));
    }
    let Some(spread) = spread else {
        return Err(Fault::refused("TIFF without a single temperature in it"));
    };
    let passing: Vec<_> = candidates.iter().filter(|scale| spread.passes(**scale)).collect();
    match passing.as_slice() {
        [scale] => Ok(**scale),
        _ => {
            let fits = if passing.is_empty() { "no known scale" } else { "more than one scale" };
            Err(Fault::refused(format!(
                "TIFF samples {} to {} (median {}) fit {fits}: give --scale (K a count) and \
                 --offset (°C at 0)",
                spread.low, spread.high, spread.median
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(low: f64, median: f64, high: f64) -> Option<f64> {
        let kelvin = |scale| LinearScale { scale, offset_c: -KELVIN_OFFSET };
        let spread = Spread { low, median, high };
        let options = ReadOptions::default();
        choose(&UNSIGNED_SCALES.map(kelvin), Some(spread), &options).ok().map(|scale| scale.scale)
    }

    #[test]
    fn one_scale_must_fit_and_only_one() {
        for (low, median, high, expected) in [
            (6700.0, 6900.0, 7100.0, Some(0.04)),       // -5 to 11 °C
            (28_000.0, 29_300.0, 31_000.0, Some(0.01)), // 7 to 37 °C
            (700.0, 740.0, 1500.0, Some(0.4)),          // 7 to 327 °C
            (0.0, 6900.0, 7100.0, None),                // a black corner
            (10_000.0, 11_000.0, 12_000.0, None),       // 167 °C, or -163 °C
            (65_535.0, 65_535.0, 65_535.0, None),
        ] {
            assert_eq!(chosen(low, median, high), expected, "{low} {median} {high}");
        }
    }

    #[test]
    fn the_median_leaves_out_what_is_none() {
        let spread = Spread::of([3.0, f64::NAN, 1.0, 9.0].into_iter());
        assert_eq!(spread, Some(Spread { low: 1.0, median: 3.0, high: 9.0 }));
        assert_eq!(Spread::of([f64::NAN].into_iter()), None);
        let counted = Spread::of_occurring(&[(1.0, 1), (3.0, 1), (9.0, 1)]);
        assert_eq!(counted, spread);
        assert_eq!(Spread::of_occurring(&[]), None);
    }
}
