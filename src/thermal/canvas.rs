//! A picture in memory: dots, lines, boxes, letters; what lies outside is left out.

/// Height and width of a letter of the font, before it is enlarged.
const LETTER: usize = 8;

/// An sRGB colour.
pub type Rgb = [u8; 3];

/// A picture in memory.
#[derive(Debug, Clone)]
pub struct Canvas {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
    /// Letters are drawn this many times their size.
    enlarge: usize,
}

impl Canvas {
    /// All of one colour; letters are drawn `enlarge` times the 8 by 8 dots of their font.
    #[must_use]
    pub fn new((width, height): (usize, usize), ground: Rgb, enlarge: usize) -> Self {
        Self { width, height, rgb: ground.repeat(width * height), enlarge }
    }

    /// One dot.
    pub fn put(&mut self, x: usize, y: usize, colour: Rgb) {
        if x < self.width && y < self.height {
            let at = 3 * (y * self.width + x);
            self.rgb[at..at + 3].copy_from_slice(&colour);
        }
    }

    /// A filled box.
    pub fn fill(&mut self, [left, top, width, height]: [usize; 4], colour: Rgb) {
        for y in top..(top + height).min(self.height) {
            for x in left..(left + width).min(self.width) {
                self.put(x, y, colour);
            }
        }
    }

    /// The edge of a box, `thick` dots wide, inside it.
    pub fn edge(&mut self, bounds: [usize; 4], thick: usize, colour: Rgb) {
        let [left, top, width, height] = bounds;
        self.fill([left, top, width, thick], colour);
        self.fill([left, (top + height).saturating_sub(thick), width, thick], colour);
        self.fill([left, top, thick, height], colour);
        self.fill([(left + width).saturating_sub(thick), top, thick, height], colour);
    }

    /// A straight line, `thick` dots wide.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), thick: usize, colour: Rgb) {
        let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).ceil().max(1.0);
        let reach = thick as f64 / 2.0;
        for step in 0..=(steps as usize).min(1 << 14) {
            let share = step as f64 / steps;
            let x = from.0 + share * (to.0 - from.0) - reach;
            let y = from.1 + share * (to.1 - from.1) - reach;
            if x >= 0.0 && y >= 0.0 {
                self.fill([x.round() as usize, y.round() as usize, thick, thick], colour);
            }
        }
    }

    /// How wide a text is.
    #[must_use]
    pub fn text_width(&self, text: &str) -> usize {
        text.chars().count() * LETTER * self.enlarge
    }

    /// How high a line of text is.
    #[must_use]
    pub fn text_height(&self) -> usize {
        LETTER * self.enlarge
    }

    /// A text on a ground of its own, moved left where it would leave the picture.
    pub fn text(&mut self, (left, top): (usize, usize), text: &str, ink: Rgb, ground: Rgb) {
        let (width, height) = (self.text_width(text), self.text_height());
        let left = left.min(self.width.saturating_sub(width + 2)).max(2);
        self.fill([left - 2, top.saturating_sub(2), width + 4, height + 4], ground);
        for (index, letter) in text.chars().enumerate() {
            for (row, bits) in glyph(letter).into_iter().enumerate() {
                for column in (0..LETTER).filter(|column| bits >> column & 1 == 1) {
                    let x = left + (index * LETTER + column) * self.enlarge;
                    let y = top + row * self.enlarge;
                    self.fill([x, y, self.enlarge, self.enlarge], ink);
                }
            }
        }
    }

    /// PNG bytes.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        // Few colours, each twice or more side by side: the differences that filters make of them
        // pack worse. A fifth smaller and three times as fast as what the crate takes of itself.
        encoder.set_filter(png::Filter::NoFilter);
        encoder.set_deflate_compression(png::DeflateCompression::Level(3));
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&self.rgb))
            .expect("a picture of its stated size, written to memory");
        png
    }
}

/// The dots of a letter; one that the font lacks is empty.
fn glyph(letter: char) -> [u8; LETTER] {
    let code = letter as usize;
    let latin = code.checked_sub(0xA0).and_then(|at| font8x8::legacy::LATIN_LEGACY.get(at));
    *font8x8::legacy::BASIC_LEGACY.get(code).or(latin).unwrap_or(&[0; LETTER])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_is_left_out() {
        let mut canvas = Canvas::new((4, 3), [0; 3], 3);
        canvas.fill([2, 2, 90, 90], [9; 3]);
        canvas.line((-5.0, -5.0), (90.0, 1.0), 3, [7; 3]);
        canvas.text((1000, 1000), "Ä°", [1; 3], [2; 3]);
        canvas.edge([0, 0, 4, 3], 1, [5; 3]);
        assert_eq!(canvas.rgb.len(), 36);
        assert_eq!(&canvas.rgb[..3], &[5; 3]);
    }
}
