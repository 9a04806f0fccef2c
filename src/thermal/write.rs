//! Frames → files for other programs: NumPy arrays, tables, float TIFF and pictures.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tiff::encoder::TiffEncoder;
use tiff::encoder::colortype::Gray32Float;

use super::palette::NOWHERE;
use super::{Frame, Palette, Samples, Thermogram};

/// Why frames were not written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be written.
    #[error("{file}: {source}", file = file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The file's kind cannot hold these frames; the reason says what can.
    #[error("{file}: {reason}", file = file.display())]
    Refused {
        /// The file.
        file: PathBuf,
        /// Reason and remedy in one sentence.
        reason: String,
    },
}

/// How a picture is coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Look {
    /// The colours.
    pub palette: Palette,
    /// Coldest and hottest end in degrees Celsius (grey levels without radiometry); `None` takes
    /// [`usual_range`] of the frame.
    pub range: Option<(f64, f64)>,
}

/// Writes the frames of one file; the name's end says how.
///
/// | end | frames | content |
/// |---|---|---|
/// | `.npy` | any | little-endian f32 °C, rows x columns, with a leading axis for several frames |
/// | `.tif`, `.tiff` | any | f32 °C, one picture a frame |
/// | `.csv` | one | a row of °C a line, comma between, nothing where there is no temperature |
/// | `.png` | one | colours after `look`; also for pictures without radiometry |
///
/// Where there is no temperature, arrays hold NaN. A file that could not be finished is removed.
///
/// # Errors
/// [`Error`] if the end is unknown, the frames do not fit the kind or writing fails.
pub fn save(path: &Path, frames: &[Frame], look: Look) -> Result<(), Error> {
    let refused =
        |reason: &str| Err(Error::Refused { file: path.to_owned(), reason: reason.to_owned() });
    let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
    let end = end.to_ascii_lowercase();
    let thermograms: Vec<&Thermogram> = frames.iter().map(|frame| &frame.thermogram).collect();
    let Some(first) = thermograms.first() else { return refused("no frame to write") };
    let size = (first.width(), first.height());
    if thermograms.iter().any(|frame| (frame.width(), frame.height()) != size) {
        return refused("the frames differ in size: write them one by one");
    }
    if end != "png" && !thermograms.iter().all(|frame| frame.is_radiometric()) {
        return refused("no temperatures to write: only .png takes grey levels");
    }
    if matches!(end.as_str(), "png" | "csv") && thermograms.len() > 1 {
        return refused("holds one frame only: .npy and .tif hold several");
    }
    let content = match end.as_str() {
        "npy" => npy,
        "tif" | "tiff" => tif,
        "csv" => csv,
        "png" => png,
        _ => return refused("unknown kind of file: .npy, .tif, .csv and .png are written"),
    };
    let io = |source| Error::Io { file: path.to_owned(), source };
    let file = File::create(path).map_err(io)?;
    content(BufWriter::new(file), &thermograms, look).map_err(|source| {
        // Half a file would look like a whole one; if it cannot be removed, the error is the same.
        let _ = fs::remove_file(path);
        io(source)
    })
}

/// NumPy's format 1.0 (NEP 1).
fn npy(mut out: BufWriter<File>, frames: &[&Thermogram], _: Look) -> io::Result<()> {
    let (rows, columns) = (frames[0].height(), frames[0].width());
    let shape = match frames.len() {
        1 => format!("({rows}, {columns})"),
        several => format!("({several}, {rows}, {columns})"),
    };
    let mut head = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");
    // The numbers begin at a multiple of 64 bytes; 10 stand before the text, 1 ends it.
    let padding = (64 - (10 + head.len() + 1) % 64) % 64;
    head.push_str(&" ".repeat(padding));
    head.push('\n');
    out.write_all(b"\x93NUMPY\x01\x00")?;
    // At most 128 bytes.
    out.write_all(&(head.len() as u16).to_le_bytes())?;
    out.write_all(head.as_bytes())?;
    for frame in frames {
        for celsius in frame.celsius() {
            out.write_all(&celsius.to_le_bytes())?;
        }
    }
    out.flush()
}

fn tif(mut out: BufWriter<File>, frames: &[&Thermogram], _: Look) -> io::Result<()> {
    let mut encoder = TiffEncoder::new(&mut out).map_err(io::Error::other)?;
    for frame in frames {
        encoder
            .write_image::<Gray32Float>(frame.width(), frame.height(), &frame.celsius())
            .map_err(io::Error::other)?;
    }
    out.flush()
}

fn csv(mut out: BufWriter<File>, frames: &[&Thermogram], _: Look) -> io::Result<()> {
    let columns = frames[0].width() as usize;
    for row in frames[0].celsius().chunks(columns) {
        for (column, celsius) in row.iter().enumerate() {
            if column > 0 {
                out.write_all(b",")?;
            }
            if !celsius.is_nan() {
                write!(out, "{celsius}")?;
            }
        }
        out.write_all(b"\n")?;
    }
    out.flush()
}

fn png(mut out: BufWriter<File>, frames: &[&Thermogram], look: Look) -> io::Result<()> {
    let range = look.range.unwrap_or_else(|| usual_range(frames[0]));
    let pixels = colours(frames[0], look.palette, range);
    let mut encoder = png::Encoder::new(&mut out, frames[0].width(), frames[0].height());
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().map_err(io::Error::other)?;
    writer.write_image_data(&pixels).map_err(io::Error::other)?;
    writer.finish().map_err(io::Error::other)?;
    out.flush()
}

/// A frame as sRGB, three bytes a pixel: `range` is the coldest and the hottest end in degrees
/// Celsius, or in grey levels without radiometry. Pixels without a temperature are magenta.
#[must_use]
pub fn colours(frame: &Thermogram, palette: Palette, range: (f64, f64)) -> Vec<u8> {
    let table = palette.table();
    let (low, high) = range;
    let per_level = if high > low { 255.0 / (high - low) } else { 0.0 };
    let values = values(frame);
    let mut pixels = Vec::with_capacity(values.len() * 3);
    for value in values {
        // A range without width puts all in the middle.
        let level = if high > low { (f64::from(value) - low) * per_level } else { 127.0 };
        let colour = match value.is_nan() {
            true => NOWHERE,
            false => table[level.round().clamp(0.0, 255.0) as usize],
        };
        pixels.extend_from_slice(&colour);
    }
    pixels
}

/// The 0.5th and the 99.5th percentile of a frame, so that single odd pixels do not take all the
/// colours; 0, 0 if it has no values.
#[must_use]
pub fn usual_range(frame: &Thermogram) -> (f64, f64) {
    let mut values: Vec<f32> = values(frame).into_iter().filter(|v| v.is_finite()).collect();
    let Some(last) = values.len().checked_sub(1) else { return (0.0, 0.0) };
    let mut at = |share: f64| {
        let index = (last as f64 * share).round() as usize;
        f64::from(*values.select_nth_unstable_by(index.min(last), f32::total_cmp).1)
    };
    (at(0.005), at(0.995))
}

/// Degrees Celsius, or grey levels without radiometry.
fn values(frame: &Thermogram) -> Vec<f32> {
    match frame.samples() {
        Samples::Grey(grey) => grey.iter().copied().map(f32::from).collect(),
        _ => frame.celsius(),
    }
}
