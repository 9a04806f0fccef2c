//! How well a spot's shape is that of heat seen through a lens: a hump on sloping ground.
//!
//! Roof edges, corners and rough ground stand out too, but a hump explains little of them.

use std::array;

use nalgebra::{Matrix4, Vector4};

use super::Polarity;
use super::cores::Core;
use super::level::Level;

/// Samples that are worked on together.
const LANES: usize = 8;

/// From this many samples on every second (third …) row and column is looked at.
const MOST_SAMPLES: usize = 400;

/// Most samples a row, for patches that are long and low.
const ROW: usize = 64;

/// Variance of the pixels within the half-peak ellipse of a Gaussian over its own variance: an
/// ellipse's is a quarter of its half-axis squared, and that is 2 ln 2 variances.
const HALF_PEAK_VARIANCE: f64 = std::f64::consts::LN_2 / 2.0;

/// What the fit says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fit {
    /// Share of the patch's variance that hump and slope explain, at most 1.
    pub(super) explained: f64,
    /// Height of the hump over the spot's contrast with its ring.
    pub(super) height: f64,
    /// Standard deviation of what is left over, in steps.
    pub(super) rest: f64,
}

/// The pixels around a core that are looked at.
#[derive(Debug, Clone, Copy)]
struct Patch {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
    step: usize,
}

impl Patch {
    /// The core's box and half as much on every side, inside the picture.
    fn around(core: &Core, level: &Level<'_>) -> Self {
        let [left, top, right, bottom] =
            [core.left, core.top, core.right, core.bottom].map(usize::from);
        let more = ((right - left).max(bottom - top) / 2 + 1).max(2);
        let (left, right) = (left.saturating_sub(more), (right + more).min(level.width));
        let (top, bottom) = (top.saturating_sub(more), (bottom + more).min(level.height));
        let pixels = (right - left) * (bottom - top);
        let mut step = 1;
        while pixels > MOST_SAMPLES * (step + 1) * (step + 1) || (right - left).div_ceil(step) > ROW
        {
            step += 1;
        }
        Self { left, top, right, bottom, step }
    }

    fn rows(self) -> impl Iterator<Item = usize> {
        (self.top..self.bottom).step_by(self.step)
    }

    fn columns(self) -> impl Iterator<Item = usize> {
        (self.left..self.right).step_by(self.step)
    }
}

/// Fits a hump of the spot's own centre and shape, on a slope of its own, to the pixels around it.
///
/// `centre` is in pixels of the level, from the outer corner of the first. The hump is
/// `(1 − q / 32)^16`, a Gaussian but for its outermost tail, which needs nothing but products: so
/// every processor gets the same bits.
#[inline(always)]
pub(super) fn fit(
    level: &Level<'_>,
    polarity: Polarity,
    core: &Core,
    centre: (f64, f64),
    background: u16,
) -> Fit {
    let patch = Patch::around(core, level);
    let inverse = inverse_shape(level, polarity, core, background, patch.step);
    let [xx, xy2, yy] = inverse.map(|of| of as f32);
    let scale = 1.0 / f32::from(core.peak - background).max(1.0);
    let side = 1.0 / (patch.right - patch.left).max(patch.bottom - patch.top) as f32;
    let (x_first, x_step) = ((patch.left as f64 + 0.5 - centre.0) as f32, patch.step as f32);
    let mut sums = Sums::default();
    let mut row_values = [0f32; ROW];
    let count = patch.columns().count();
    for y in patch.rows() {
        let row = &level.values[y * level.width..][patch.left..patch.right];
        let above = |value: u16| f32::from(polarity.turned(value)) - f32::from(background);
        if patch.step == 1 {
            for (value, &own) in row_values.iter_mut().zip(row) {
                *value = above(own);
            }
        } else {
            for (value, &own) in row_values.iter_mut().zip(row.iter().step_by(patch.step)) {
                *value = above(own);
            }
        }
        let dy = (y as f64 + 0.5 - centre.1) as f32;
        for (number, values) in
            row_values[..count.next_multiple_of(LANES)].as_chunks::<LANES>().0.iter().enumerate()
        {
            let first = number * LANES;
            let weights: [f32; LANES] =
                array::from_fn(|k| if first + k < count { 1.0 } else { 0.0 });
            let dx: [f32; LANES] = array::from_fn(|k| x_first + (first + k) as f32 * x_step);
            let hump: [f32; LANES] = array::from_fn(|k| {
                let q = xx * dx[k] * dx[k] + xy2 * dx[k] * dy + yy * dy * dy;
                let two = (1.0 - q * (1.0 / 32.0)).max(0.0);
                let four = two * two;
                let eight = four * four;
                let sixteen = eight * eight;
                sixteen * sixteen
            });
            let z: [f32; LANES] = array::from_fn(|k| values[k] * scale);
            let x: [f32; LANES] = array::from_fn(|k| dx[k] * side);
            sums.add(&weights, &x, dy * side, &hump, &z);
        }
    }
    sums.solved(f64::from(core.peak - background))
}

/// The inverse of the covariance that the half-peak pixels of a core's box show: its xx, twice its
/// xy, and its yy.
#[inline(always)]
fn inverse_shape(
    level: &Level<'_>,
    polarity: Polarity,
    core: &Core,
    background: u16,
    step: usize,
) -> [f64; 3] {
    let half = background + (core.peak - background) / 2;
    let [mut count, mut x, mut y, mut xx, mut xy, mut yy] = [0u64; 6];
    for row in (core.top..core.bottom).step_by(step) {
        let values = &level.values[usize::from(row) * level.width..][..level.width];
        let dy = u64::from(row - core.top);
        for column in (core.left..core.right).step_by(step) {
            let high = u64::from(polarity.turned(values[usize::from(column)]) > half);
            let dx = u64::from(column - core.left) * high;
            count += high;
            x += dx;
            y += dy * high;
            xx += dx * dx;
            xy += dx * dy;
            yy += dy * dy * high;
        }
    }
    let count = count.max(1) as f64;
    let (x, y) = (x as f64 / count, y as f64 / count);
    let pixel = (step * step) as f64 / 12.0;
    let xx = (xx as f64 / count - x * x + pixel) / HALF_PEAK_VARIANCE;
    let yy = (yy as f64 / count - y * y + pixel) / HALF_PEAK_VARIANCE;
    let xy = (xy as f64 / count - x * y) / HALF_PEAK_VARIANCE;
    let area = xx * yy - xy * xy;
    [yy / area, -2.0 * xy / area, xx / area]
}

/// Sums of products over the samples, in lanes that are added up last.
#[derive(Debug, Default)]
struct Sums([[f32; LANES]; 15]);

impl Sums {
    #[inline(always)]
    fn add(
        &mut self,
        weights: &[f32; LANES],
        x: &[f32; LANES],
        y: f32,
        hump: &[f32; LANES],
        z: &[f32; LANES],
    ) {
        for k in 0..LANES {
            let (w, x, hump, z) = (weights[k], x[k] * weights[k], hump[k] * weights[k], z[k]);
            let z = z * w;
            let y = y * w;
            let products = [
                w,
                x,
                y,
                hump,
                x * x,
                x * y,
                x * hump,
                y * y,
                y * hump,
                hump * hump,
                z,
                x * z,
                y * z,
                hump * z,
                z * z,
            ];
            for (sum, product) in self.0.iter_mut().zip(products) {
                sum[k] += product;
            }
        }
    }

    /// Least squares of `z` on 1, x, y and the hump.
    fn solved(&self, contrast: f64) -> Fit {
        let sums = self.0.map(|lanes| lanes.iter().map(|&sum| f64::from(sum)).sum::<f64>());
        let [n, x, y, h, xx, xy, xh, yy, yh, hh, z, xz, yz, hz, zz] = sums;
        #[rustfmt::skip]
        let normal = Matrix4::new(
            n, x, y, h,
            x, xx, xy, xh,
            y, xy, yy, yh,
            h, xh, yh, hh,
        );
        let right = Vector4::new(z, xz, yz, hz);
        let variance = (zz - z * z / n.max(1.0)).max(1e-9);
        let Some(found) = normal.cholesky().map(|normal| normal.solve(&right)) else {
            return Fit { explained: 0.0, height: 0.0, rest: contrast * (variance / n).sqrt() };
        };
        let rest = (zz - found.dot(&right)).max(0.0);
        Fit {
            explained: (1.0 - rest / variance).clamp(0.0, 1.0),
            height: found[3],
            rest: contrast * (rest / (n - 4.0).max(1.0)).sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::cores::Search;
    use crate::detect::standing::Standing;

    /// The fit of the first thing above 1200 in a picture of 41x41.
    fn fit_of(value: impl Fn(f64, f64) -> f64) -> Fit {
        let values: Vec<u16> = (0..41 * 41)
            .map(|at| value(f64::from(at % 41) + 0.5, f64::from(at / 41) + 0.5).round() as u16)
            .collect();
        let level = Level {
            values: &values,
            width: 41,
            height: 41,
            opening: &vec![1000; values.len()],
            closing: &vec![u16::MAX; values.len()],
            ground_width: 41,
            shift: 0,
            known: None,
        };
        let mut search = Search::default();
        search.standing = Standing::above(&level, 200);
        search.split(&level, Polarity::Hot, 3, 0);
        let core = search.cores[0];
        fit(&level, Polarity::Hot, &core, search.shape(&core).centre(), 1000)
    }

    #[test]
    fn a_hump_on_a_slope_is_explained_and_an_edge_is_not() {
        let hump = |x: f64, y: f64| {
            let (along, across) =
                (0.8 * (x - 20.3) + 0.6 * (y - 21.1), 0.8 * (y - 21.1) - 0.6 * (x - 20.3));
            800.0 * (-0.5 * ((along / 4.0).powi(2) + (across / 2.5).powi(2))).exp()
        };
        let round = fit_of(|x, y| 1000.0 + hump(x, y));
        assert!(round.explained > 0.98, "{round:?}");
        assert!((round.height - 1.0).abs() < 0.1 && round.rest < 25.0, "{round:?}");
        let edge = fit_of(|x, _| if x > 30.0 { 1800.0 } else { 1000.0 });
        assert!(edge.explained < 0.9, "{edge:?}");
        let corner = fit_of(|x, y| if x > 25.0 && y > 15.0 { 1800.0 } else { 1000.0 });
        assert!(corner.explained < 0.9, "{corner:?}");
    }
}
