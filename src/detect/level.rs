//! A picture and the ground under it, compared.

use super::rank::ranked;
use super::standing::Standing;

/// A picture with the ground under (above) it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level<'a> {
    pub(super) values: &'a [u16],
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) opening: &'a [u16],
    pub(super) closing: &'a [u16],
    pub(super) ground_width: usize,
    /// A pixel (x, y) stands on the ground's pixel (x >> shift, y >> shift).
    pub(super) shift: usize,
    /// 0 where nothing is known; `None` where all pixels are.
    pub(super) known: Option<&'a [u16]>,
}

/// Every so many rows and columns of a level of the frame's own size a pixel is a sample, and of
/// the coarse one.
const SAMPLE_STEPS: [usize; 2] = [8, 2];

impl Level<'_> {
    /// How far the pixel stands out, above or below, that this share of all pixels stands out
    /// further than. `samples` is working memory.
    #[inline(always)]
    pub(super) fn standing_out(&self, share: f64, samples: &mut Vec<u16>) -> u16 {
        samples.clear();
        let step = SAMPLE_STEPS[usize::from(self.shift == 0)];
        for y in (0..self.height).step_by(step) {
            let row = &self.values[y * self.width..][..self.width];
            let ground = (y >> self.shift) * self.ground_width;
            let (opening, closing) = (&self.opening[ground..], &self.closing[ground..]);
            // A column further with each row, so that stripes of the sensor are met evenly.
            let mut x = y / step % step;
            while let Some(&value) = row.get(x) {
                let (low, high) = (opening[x >> self.shift], closing[x >> self.shift]);
                samples.push(value.saturating_sub(low).max(high.saturating_sub(value)));
                x += step;
            }
        }
        let last = samples.len().saturating_sub(1);
        let at = last - (last as f64 * share) as usize;
        ranked(samples, at).unwrap_or(0)
    }
}

/// A row of the ground at the picture's own resolution, hot and cold.
#[derive(Debug, Default)]
pub(super) struct Rows {
    opening: Vec<u16>,
    closing: Vec<u16>,
}

impl Rows {
    /// Finds what is more than `least` above the opening, and more than `least` below the closing.
    #[inline(always)]
    pub(super) fn compare(
        &mut self,
        level: &Level<'_>,
        least: u16,
        hot: &mut Standing,
        cold: &mut Standing,
    ) {
        hot.begin(level, least);
        cold.begin(level, least);
        self.opening.resize(level.width, 0);
        self.closing.resize(level.width, 0);
        for (y, row) in level.values.chunks_exact(level.width).enumerate() {
            if y & level.shift == 0 {
                let start = (y >> level.shift) * level.ground_width;
                let opening = &level.opening[start..][..level.ground_width];
                let closing = &level.closing[start..][..level.ground_width];
                spread(opening, level.shift, &mut self.opening);
                spread(closing, level.shift, &mut self.closing);
            }
            let (heights, depths) = (hot.row_mut(y), cold.row_mut(y));
            for ((height, &value), &ground) in heights.iter_mut().zip(row).zip(&self.opening) {
                *height = value.saturating_sub(ground);
            }
            for ((depth, &value), &ground) in depths.iter_mut().zip(row).zip(&self.closing) {
                *depth = ground.saturating_sub(value);
            }
            if let Some(known) = level.known {
                let known = &known[y * level.width..][..level.width];
                for ((height, depth), &known) in heights.iter_mut().zip(depths).zip(known) {
                    if known == 0 {
                        (*height, *depth) = (0, 0);
                    }
                }
            }
            if y % 2 == 1 || y + 1 == level.height {
                hot.add_band();
                cold.add_band();
            }
        }
        hot.end();
        cold.end();
    }
}

/// A row of the ground at a picture's own resolution.
#[inline(always)]
fn spread(ground: &[u16], shift: usize, out: &mut [u16]) {
    if shift == 0 {
        out.copy_from_slice(ground);
        return;
    }
    let (pairs, last) = out.as_chunks_mut::<2>();
    for (pair, &ground) in pairs.iter_mut().zip(ground) {
        *pair = [ground; 2];
    }
    if let ([last], Some(&ground)) = (last, ground.last()) {
        *last = ground;
    }
}
