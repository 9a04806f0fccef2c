//! A frame as people look at it: colours, a scale, the finding in its box, north, the time.

use crate::thermal::{Canvas, Palette, Rgb, Thermogram, write};

use super::redact::{Spot, pixelate};

/// What is drawn on a frame.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    /// The finding's id and its box: left, top, width, height in pixels of the frame.
    pub finding: Option<(String, [usize; 4])>,
    /// Boxes of other findings in the frame.
    pub others: Vec<[usize; 4]>,
    /// Azimuth of the picture's upward direction in degrees, where it is known.
    pub up_azimuth_deg: Option<f64>,
    /// Left at the foot: frame and time.
    pub caption: String,
    /// Spots that are masked.
    pub masked: Vec<Spot>,
}

/// Dots of the drawing a pixel of the frame.
const ZOOM: usize = 2;
/// Width of the scale on the right.
const SCALE_WIDTH: usize = 176;
/// Height of the caption.
const FOOT: usize = 40;
const INK: Rgb = [240, 240, 240];
const GROUND: Rgb = [22, 24, 28];
const MARK: Rgb = [0, 229, 255];
const OTHER: Rgb = [200, 200, 200];

/// Width and height of the drawing of a frame.
fn size(width: usize, height: usize) -> (usize, usize) {
    (width * ZOOM + SCALE_WIDTH, (height * ZOOM).max(160) + FOOT)
}

/// What part of a drawing shows a box of its frame larger: left, top, width and height in shares of
/// the drawing, as wide as high, and the drawing's height over its width. `None` where a box does
/// not lie in the frame.
#[must_use]
pub fn detail(frame: (u32, u32), bounds: [u32; 4]) -> Option<([f64; 4], f64)> {
    /// Frame pixels to each side of a small finding: its name has to fit beside it.
    const LEAST: u32 = 72;
    let [left, top, wide, high] = bounds;
    let (right, foot) = (left.checked_add(wide)?, top.checked_add(high)?);
    if right > frame.0 || foot > frame.1 || wide == 0 || high == 0 {
        return None;
    }
    let side = (wide.max(high).saturating_mul(2)).max(2 * LEAST).min(frame.0).min(frame.1);
    let corner = |middle: u32, most: u32| middle.saturating_sub(side / 2).min(most - side);
    let (x, y) = (corner(left + wide / 2, frame.0), corner(top + high / 2, frame.1));
    let (width, height) = size(frame.0 as usize, frame.1 as usize);
    let share = |pixels: u32, of: usize| f64::from(pixels) * ZOOM as f64 / of as f64;
    let part = [share(x, width), share(y, height), share(side, width), share(side, height)];
    Some((part, height as f64 / width as f64))
}

/// PNG bytes. Colours span the 0.5th to the 99.5th percentile of the frame.
#[must_use]
pub fn annotated_png(frame: &Thermogram, marks: &Marks) -> Vec<u8> {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let range = write::usual_range(frame);
    let mut rgb = write::colours(frame, Palette::default(), range);
    pixelate(&mut rgb, width, &marks.masked);
    let mut canvas = Canvas::new(size(width, height), GROUND, 3);
    for (at, pixel) in rgb.chunks_exact(3).enumerate() {
        let colour = [pixel[0], pixel[1], pixel[2]];
        canvas.fill([at % width * ZOOM, at / width * ZOOM, ZOOM, ZOOM], colour);
    }
    for &bounds in &marks.others {
        canvas.edge(around(bounds, 3), 1, OTHER);
    }
    if let Some((name, bounds)) = &marks.finding {
        let [left, top, wide, high] = around(*bounds, 8);
        canvas.edge([left, top, wide, high], 3, MARK);
        let above = top.checked_sub(canvas.text_height() + 6);
        canvas.text((left, above.unwrap_or(top + high + 6)), name, MARK, GROUND);
    }
    if let Some(up_deg) = marks.up_azimuth_deg {
        north(&mut canvas, (width * ZOOM) as f64, up_deg);
    }
    scale(&mut canvas, range, (width * ZOOM, height * ZOOM), frame.is_radiometric());
    canvas.text((8, (height * ZOOM).max(160) + 8), &marks.caption, INK, GROUND);
    canvas.png()
}

/// A box of the drawing around one of the frame.
fn around([left, top, wide, high]: [usize; 4], margin: usize) -> [usize; 4] {
    let (x, y) = (left * ZOOM, top * ZOOM);
    let (near_x, near_y) = (x.min(margin), y.min(margin));
    [x - near_x, y - near_y, wide * ZOOM + near_x + margin, high * ZOOM + near_y + margin]
}

/// An arrow to the north in the upper right corner.
fn north(canvas: &mut Canvas, width: f64, up_azimuth_deg: f64) {
    let (x, y, length) = (width - 64.0, 64.0, 40.0);
    let (sin, cos) = (-up_azimuth_deg).to_radians().sin_cos();
    // North, clockwise from up, on a picture whose y points down.
    let at =
        |along: f64, across: f64| (x + along * sin + across * cos, y - along * cos + across * sin);
    for (thick, colour) in [(7, GROUND), (3, INK)] {
        canvas.line(at(-length, 0.0), at(length, 0.0), thick, colour);
        canvas.line(at(length, 0.0), at(length - 14.0, 9.0), thick, colour);
        canvas.line(at(length, 0.0), at(length - 14.0, -9.0), thick, colour);
    }
    let (letter_x, letter_y) = at(-length - 8.0, 0.0);
    let corner = ((letter_x - 12.0).max(0.0) as usize, (letter_y - 12.0).max(0.0) as usize);
    canvas.text(corner, "N", INK, GROUND);
}

/// The colours with their temperatures, right of the frame.
fn scale(canvas: &mut Canvas, (low, high): (f64, f64), size: (usize, usize), celsius: bool) {
    let (left, top) = (size.0 + 14, 60);
    let bottom = size.1.max(160) - 16;
    let rows = (bottom - top).max(2);
    for row in 0..rows {
        let share = 1.0 - row as f64 / (rows - 1) as f64;
        canvas.fill([left, top + row, 24, 1], Palette::default().rgb(share));
    }
    canvas.text((left, 12), if celsius { "°C" } else { "grey" }, INK, GROUND);
    let steps = (rows / 90).clamp(1, 8);
    for step in 0..=steps {
        let share = step as f64 / steps as f64;
        let y = bottom - 1 - (share * (rows - 1) as f64) as usize;
        canvas.fill([left + 24, y, 6, 2], INK);
        let value = low + share * (high - low);
        let shown = if celsius { format!("{value:.1}") } else { format!("{value:.0}") };
        canvas.text((left + 36, y.saturating_sub(12)), &shown, INK, GROUND);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_holds_its_box_and_stays_in_the_frame() {
        for (bounds, expected) in [
            ([300, 200, 20, 10], Some([238.0, 133.0, 144.0])),
            ([0, 0, 4, 4], Some([0.0, 0.0, 144.0])),
            ([630, 500, 10, 12], Some([496.0, 368.0, 144.0])),
            ([0, 0, 640, 512], Some([64.0, 0.0, 512.0])),
            ([630, 500, 11, 12], None),
            ([u32::MAX, 0, 2, 2], None),
        ] {
            let found = detail((640, 512), bounds);
            let pixels = found.map(|([left, top, width, _], _)| {
                let (wide, high) = size(640, 512);
                [left * wide as f64 / 2.0, top * high as f64 / 2.0, width * wide as f64 / 2.0]
            });
            let pixels = pixels.map(|all| all.map(f64::round));
            assert_eq!(pixels, expected, "{bounds:?}");
        }
    }
}
