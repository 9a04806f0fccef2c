//! A picture that a person can look at: the frame in colours, its detections, a scale.

use crate::thermal::{Palette, PlaneUnit};

use super::{Detection, Plane, Polarity};

/// Smallest width of the picture part; smaller frames are enlarged by whole steps.
const LEAST_WIDTH: usize = 640;
/// Width of the scale on the right.
const SCALE_WIDTH: usize = 88;
/// Most detections that get a label, best score first; all get a box.
const MOST_LABELS: usize = 40;
/// Height and width of a letter.
const LETTER: usize = 8;

const HOT: [u8; 3] = [0, 229, 255];
const COLD: [u8; 3] = [124, 255, 80];
const TEXT: [u8; 3] = [235, 235, 235];
const GROUND: [u8; 3] = [24, 24, 24];

/// PNG bytes of a frame with boxes around its detections, their contrast, and a scale of
/// temperatures (or grey levels).
///
/// Colours span the 0.5th to the 99.9th percentile of the frame.
#[must_use]
pub fn overlay(plane: &Plane<'_>, detections: &[Detection]) -> Vec<u8> {
    let (width, height) = (plane.width_px as usize, plane.height_px as usize);
    let zoom = LEAST_WIDTH.div_ceil(width.max(1)).clamp(1, 8);
    let mut canvas = Canvas::new(width * zoom + SCALE_WIDTH, (height * zoom).max(6 * LETTER));
    let span = Span::of(plane.values);
    for y in 0..height * zoom {
        for x in 0..width * zoom {
            let value = plane.values[y / zoom * width + x / zoom];
            canvas.put(x, y, span.colour(value));
        }
    }
    for (rank, detection) in detections.iter().enumerate().rev() {
        mark(&mut canvas, detection, plane.unit, zoom, rank < MOST_LABELS);
    }
    scale(&mut canvas, &span, plane.unit, width * zoom);
    canvas.png()
}

fn mark(canvas: &mut Canvas, spot: &Detection, unit: PlaneUnit, zoom: usize, label: bool) {
    let [left, top, width, height] = spot.bbox_px.map(|v| usize::from(v) * zoom);
    let colour = if spot.polarity == Polarity::Hot { HOT } else { COLD };
    let (left, top) = (left.saturating_sub(3), top.saturating_sub(3));
    canvas.frame(left, top, width + 6, height + 6, colour);
    if label {
        let text = match unit {
            PlaneUnit::Kelvin { .. } => format!("{:+.1}K", spot.delta),
            PlaneUnit::Grey { .. } => format!("{:+.0}", spot.delta),
        };
        let above = top.checked_sub(LETTER + 1);
        canvas.text(left, above.unwrap_or(top + height + 8), &text, colour);
    }
}

fn scale(canvas: &mut Canvas, span: &Span, unit: PlaneUnit, left: usize) {
    let (top, bottom) = (2 * LETTER, canvas.height - LETTER);
    let rows = bottom - top;
    for y in top..bottom {
        let share = (bottom - 1 - y) as f32 / (rows - 1).max(1) as f32;
        for x in left + 6..left + 18 {
            canvas.put(x, y, Palette::default().rgb(f64::from(share)));
        }
    }
    let name = if matches!(unit, PlaneUnit::Kelvin { .. }) { "°C" } else { "grey" };
    canvas.text(left + 6, 3, name, TEXT);
    let steps = (rows / (6 * LETTER)).clamp(1, 8);
    for step in 0..=steps {
        let share = step as f64 / steps as f64;
        let value = f64::from(span.low) + share * f64::from(span.high - span.low);
        let shown = match unit {
            PlaneUnit::Kelvin { step_k, origin_c } => origin_c + value * step_k,
            PlaneUnit::Grey { step } => value * step,
        };
        let y = bottom - 1 - (share * (rows - 1) as f64) as usize;
        canvas.text(left + 22, y.saturating_sub(LETTER / 2), &format!("{shown:.1}"), TEXT);
    }
}

/// The values that get the first and the last colour.
struct Span {
    low: u16,
    high: u16,
}

impl Span {
    fn of(values: &[u16]) -> Self {
        let mut known: Vec<u16> = values.iter().copied().filter(|&value| value > 0).collect();
        if known.is_empty() {
            return Self { low: 0, high: 1 };
        }
        let rank = |share: f64| ((known.len() - 1) as f64 * share) as usize;
        let (low, high) = (rank(0.005), rank(0.999));
        let low = *known.select_nth_unstable(low).1;
        let high = *known.select_nth_unstable(high).1;
        Self { low, high: high.max(low.saturating_add(1)) }
    }

    fn colour(&self, value: u16) -> [u8; 3] {
        if value == 0 {
            return GROUND;
        }
        let above = f64::from(value.clamp(self.low, self.high) - self.low);
        Palette::default().rgb(above / f64::from((self.high - self.low).max(1)))
    }
}

/// A picture in memory; what lies outside is left out.
struct Canvas {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl Canvas {
    fn new(width: usize, height: usize) -> Self {
        Self { width, height, rgb: GROUND.repeat(width * height) }
    }

    fn put(&mut self, x: usize, y: usize, colour: [u8; 3]) {
        if x < self.width && y < self.height {
            let at = 3 * (y * self.width + x);
            self.rgb[at..at + 3].copy_from_slice(&colour);
        }
    }

    fn frame(&mut self, left: usize, top: usize, width: usize, height: usize, colour: [u8; 3]) {
        for x in left..left + width {
            self.put(x, top, colour);
            self.put(x, top + height - 1, colour);
        }
        for y in top..top + height {
            self.put(left, y, colour);
            self.put(left + width - 1, y, colour);
        }
    }

    fn text(&mut self, left: usize, top: usize, text: &str, colour: [u8; 3]) {
        let left = left.min(self.width.saturating_sub(text.chars().count() * LETTER));
        for (index, letter) in text.chars().enumerate() {
            for (row, bits) in glyph(letter).into_iter().enumerate() {
                for column in 0..LETTER {
                    let lit = bits >> column & 1 == 1;
                    let (x, y) = (left + index * LETTER + column, top + row);
                    self.put(x, y, if lit { colour } else { GROUND });
                }
            }
        }
    }

    fn png(&self) -> Vec<u8> {
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&self.rgb))
            .expect("a picture of its stated size, written to memory");
        png
    }
}

fn glyph(letter: char) -> [u8; LETTER] {
    let code = letter as usize;
    let latin = code.checked_sub(0xA0).and_then(|at| font8x8::legacy::LATIN_LEGACY.get(at));
    *font8x8::legacy::BASIC_LEGACY.get(code).or(latin).unwrap_or(&[0; LETTER])
}
