//! A picture that a person can look at: the frame in colours, its detections, a scale.

use crate::thermal::{Canvas, Palette, PlaneUnit, Rgb};

use super::{Detection, Plane, Polarity};

/// Smallest width of the picture part; smaller frames are enlarged by whole steps.
const LEAST_WIDTH: usize = 640;
/// Width of the scale on the right.
const SCALE_WIDTH: usize = 88;
/// Most detections that get a label, best score first; all get a box.
const MOST_LABELS: usize = 40;
/// Height and width of a letter.
const LETTER: usize = 8;

const HOT: Rgb = [0, 229, 255];
const COLD: Rgb = [124, 255, 80];
const TEXT: Rgb = [235, 235, 235];
const GROUND: Rgb = [24, 24, 24];

/// PNG bytes of a frame with boxes around its detections, their contrast, and a scale of
/// temperatures (or grey levels).
///
/// Colours span the 0.5th to the 99.9th percentile of the frame.
#[must_use]
pub fn overlay(plane: &Plane<'_>, detections: &[Detection]) -> Vec<u8> {
    let (width, height) = (plane.width_px as usize, plane.height_px as usize);
    let zoom = LEAST_WIDTH.div_ceil(width.max(1)).clamp(1, 8);
    let size = (width * zoom + SCALE_WIDTH, (height * zoom).max(6 * LETTER));
    let mut canvas = Canvas::new(size, GROUND, 1);
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
    scale(&mut canvas, &span, plane.unit, (width * zoom, size.1));
    canvas.png()
}

fn mark(canvas: &mut Canvas, spot: &Detection, unit: PlaneUnit, zoom: usize, label: bool) {
    let [left, top, width, height] = spot.bbox_px.map(|v| usize::from(v) * zoom);
    let colour = if spot.polarity == Polarity::Hot { HOT } else { COLD };
    let (left, top) = (left.saturating_sub(3), top.saturating_sub(3));
    canvas.edge([left, top, width + 6, height + 6], 1, colour);
    if label {
        let text = match unit {
            PlaneUnit::Kelvin { .. } => format!("{:+.1}K", spot.delta),
            PlaneUnit::Grey { .. } => format!("{:+.0}", spot.delta),
        };
        let above = top.checked_sub(LETTER + 1);
        canvas.text((left, above.unwrap_or(top + height + 8)), &text, colour, GROUND);
    }
}

fn scale(canvas: &mut Canvas, span: &Span, unit: PlaneUnit, (left, height): (usize, usize)) {
    let (top, bottom) = (2 * LETTER, height - LETTER);
    let rows = bottom - top;
    for y in top..bottom {
        let share = (bottom - 1 - y) as f32 / (rows - 1).max(1) as f32;
        for x in left + 6..left + 18 {
            canvas.put(x, y, Palette::default().rgb(f64::from(share)));
        }
    }
    let name = if matches!(unit, PlaneUnit::Kelvin { .. }) { "°C" } else { "grey" };
    canvas.text((left + 6, 3), name, TEXT, GROUND);
    let steps = (rows / (6 * LETTER)).clamp(1, 8);
    for step in 0..=steps {
        let share = step as f64 / steps as f64;
        let value = f64::from(span.low) + share * f64::from(span.high - span.low);
        let shown = match unit {
            PlaneUnit::Kelvin { step_k, origin_c } => origin_c + value * step_k,
            PlaneUnit::Grey { step } => value * step,
        };
        let y = bottom - 1 - (share * (rows - 1) as f64) as usize;
        let corner = (left + 22, y.saturating_sub(LETTER / 2));
        canvas.text(corner, &format!("{shown:.1}"), TEXT, GROUND);
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

    fn colour(&self, value: u16) -> Rgb {
        if value == 0 {
            return GROUND;
        }
        let above = f64::from(value.clamp(self.low, self.high) - self.low);
        Palette::default().rgb(above / f64::from((self.high - self.low).max(1)))
    }
}
