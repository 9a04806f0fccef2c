//! How much each place of the sheet looks like a thin line along a row or a column.

use super::sheet::Sheet;

/// A line is up to this wide; its response is against both sides at this distance, in pixels.
const REACH: usize = 3;

/// A line that stands out as much as this from its unrest, or more.
pub(super) const FULL: i16 = 64;

/// An edge counts this much at most: it may be the outer side of a table.
const MOST_EDGE: i16 = FULL * 2 / 5;

/// Side of the tiles that have an unrest of their own.
const TILE: usize = 32;

/// The share of a tile's responses that is below its unrest: lines are not part of it.
const UNREST_SHARE: f64 = 0.35;

/// From there to three sigma, for a normal distribution: 3 / 0.4538.
const UNREST_TO_FULL: f32 = 9.0;

/// A full response has at least so many sigma of the noise, for twice a middle less two sides.
const LEAST_FULL_SIGMAS: f32 = 5.0;

/// Responses, `FULL` at most and -`FULL` at least; warm lines are positive.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Of lines along columns.
    pub(super) upright: Vec<i16>,
    /// Of lines along rows.
    pub(super) level: Vec<i16>,
    /// The same, as means along the line.
    pub(super) upright_mean: Vec<i16>,
    pub(super) level_mean: Vec<i16>,
    sums: Vec<i32>,
    tile: Vec<u16>,
    full: Vec<f32>,
    averaged: [usize; 2],
}

impl Lines {
    /// Fills the responses of a sheet.
    #[inline(always)]
    pub(super) fn respond(&mut self, sheet: &Sheet, noise: f32) {
        let (width, height) = (sheet.width, sheet.height);
        (self.width, self.height) = (width, height);
        self.averaged = [usize::MAX; 2];
        for map in [&mut self.upright, &mut self.level] {
            map.clear();
            map.resize(width * height, 0);
        }
        if width <= 2 * REACH || height <= 2 * REACH {
            return;
        }
        for (out, row) in self.upright.chunks_exact_mut(width).zip(sheet.values.chunks_exact(width))
        {
            let sides = row.iter().zip(&row[2 * REACH..]);
            let middles = &row[REACH..];
            for ((out, (&a, &b)), &m) in out[REACH..].iter_mut().zip(sides).zip(middles) {
                *out = response(a, m, b);
            }
        }
        for y in REACH..height - REACH {
            let row = |y: usize| &sheet.values[y * width..][..width];
            let sides = row(y - REACH).iter().zip(row(y + REACH));
            let out = &mut self.level[y * width..][..width];
            for ((out, (&a, &b)), &m) in out.iter_mut().zip(sides).zip(row(y)) {
                *out = response(a, m, b);
            }
        }
        self.settle(noise);
    }

    /// Divides by the unrest of each tile.
    #[inline(always)]
    fn settle(&mut self, noise: f32) {
        let (width, height) = (self.width, self.height);
        for top in (0..height).step_by(TILE) {
            self.full.clear();
            let bottom = (top + TILE).min(height);
            for left in (0..width).step_by(TILE) {
                let right = (left + TILE).min(width);
                self.tile.clear();
                for y in (top..bottom).step_by(2) {
                    for map in [&self.upright, &self.level] {
                        let row = &map[y * width..][left..right];
                        let known = row.iter().step_by(2).filter(|&&of| of != 0);
                        self.tile.extend(known.map(|of| of.unsigned_abs()));
                    }
                }
                let rank = (self.tile.len() as f64 * UNREST_SHARE) as usize;
                let unrest = if self.tile.is_empty() {
                    0.0
                } else {
                    f32::from(*self.tile.select_nth_unstable(rank).1)
                };
                let full = (UNREST_TO_FULL * unrest).max(LEAST_FULL_SIGMAS * noise).max(1.0);
                self.full.push(f32::from(FULL) / full);
            }
            for y in top..bottom {
                for map in [&mut self.upright, &mut self.level] {
                    let row = &mut map[y * width..][..width];
                    for (part, &scale) in row.chunks_mut(TILE).zip(&self.full) {
                        for of in part {
                            let most = if *of & 1 == 0 { FULL } else { MOST_EDGE };
                            let share = f32::from(*of) * scale;
                            *of = share.clamp(f32::from(-most), f32::from(most)) as i16;
                        }
                    }
                }
            }
        }
    }

    /// Fills the means along the lines: upright ones over so many rows, level ones over so many
    /// columns.
    #[inline(always)]
    pub(super) fn average(&mut self, rows: usize, columns: usize) {
        let (width, height) = (self.width, self.height);
        let [is_known_upright, is_known_level] =
            [self.averaged[0] == rows, self.averaged[1] == columns];
        self.averaged = [rows, columns];
        let known = [is_known_upright, is_known_level];
        for (map, known) in [&mut self.upright_mean, &mut self.level_mean].into_iter().zip(known) {
            if !known {
                map.clear();
                map.resize(width * height, 0);
            }
        }
        let reach = rows / 2;
        if !is_known_upright && height > 2 * reach {
            let share = 1.0 / (2 * reach + 1) as f32;
            self.sums.clear();
            self.sums.resize(width, 0);
            let row = |y: usize| &self.upright[y * width..][..width];
            for y in 0..2 * reach {
                for (sum, &of) in self.sums.iter_mut().zip(row(y)) {
                    *sum += i32::from(of);
                }
            }
            for y in reach..height - reach {
                let out = &mut self.upright_mean[y * width..][..width];
                let ends = row(y + reach).iter().zip(row(y - reach));
                for ((sum, out), (&new, &old)) in self.sums.iter_mut().zip(out).zip(ends) {
                    *sum += i32::from(new);
                    *out = (*sum as f32 * share) as i16;
                    *sum -= i32::from(old);
                }
            }
        }
        let reach = columns / 2;
        if !is_known_level && width > 2 * reach {
            let share = 1.0 / (2 * reach + 1) as f32;
            for (row, out) in
                self.level.chunks_exact(width).zip(self.level_mean.chunks_exact_mut(width))
            {
                let mut sum: i32 = row[..2 * reach].iter().map(|&of| i32::from(of)).sum();
                let ends = row[2 * reach..].iter().zip(row);
                for (out, (&new, &old)) in out[reach..].iter_mut().zip(ends) {
                    sum += i32::from(new);
                    *out = (sum as f32 * share) as i16;
                    sum -= i32::from(old);
                }
            }
        }
    }
}

/// How much a middle stands out from both sides, twice, 0 where one is unknown. Odd where it is
/// between them: an edge and no line.
#[inline(always)]
fn response(a: f32, middle: f32, b: f32) -> i16 {
    let known = a > 0.0 && middle > 0.0 && b > 0.0;
    let (above_a, above_b) = (middle - a, middle - b);
    let is_line = above_a * above_b > 0.0;
    let least = if above_a.abs() < above_b.abs() { above_a } else { above_b };
    let of = if is_line { 2.0 * least } else { above_a + above_b };
    let of = of.clamp(-16_000.0, 16_000.0) as i16 & !1;
    if known { of | i16::from(!is_line) } else { 0 }
}
