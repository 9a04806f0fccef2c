//! How well a spot's shape is that of heat seen through a lens: a hump on sloping ground.
//!
//! Roof edges, corners and rough ground stand out too, but a hump explains little of them.

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

    fn longest(self) -> usize {
        (self.right - self.left).max(self.bottom - self.top)
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
    let [xx, xy2, yy] =
        inverse_shape(level, polarity, core, background, patch.step).map(|of| of as f32);
    let contrast = f32::from(core.peak - background).max(1.0);
    let (scale, side) = (1.0 / contrast, 1.0 / patch.longest() as f32);
    let columns = Columns::of(patch, centre.0, [xx, xy2, side]);
    let (mut sums, mut grid) = (Sums::default(), Grid::default());
    let mut values = [0f32; ROW];
    for y in patch.rows() {
        let row = &level.values[y * level.width..][patch.left..patch.right];
        let above =
            |value: u16| (f32::from(polarity.turned(value)) - f32::from(background)) * scale;
        if patch.step == 1 {
            for (value, &own) in values.iter_mut().zip(row) {
                *value = above(own);
            }
        } else {
            for (value, &own) in values.iter_mut().zip(row.iter().step_by(patch.step)) {
                *value = above(own);
            }
        }
        let dy = (y as f64 + 0.5 - centre.1) as f32;
        sums.add_row(&values, &columns, [dy, yy * dy * dy, dy * side]);
        grid.add_row(dy * side);
    }
    grid.add_columns(&columns.x[..columns.count]);
    sums.solved(&grid, f64::from(core.peak - background))
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

/// What is the same in all rows of a patch, column by column.
struct Columns {
    count: usize,
    /// Place from the hump's middle, in longest sides of the patch; 0 behind the last column.
    x: [f32; ROW],
    /// What a column adds to the hump's squared distance; so much behind the last that no hump is
    /// there.
    own: [f32; ROW],
    /// The same for each row that it is away from the middle.
    tilt: [f32; ROW],
}

/// Squared distance where no hump is.
const FAR: f32 = 1e9;

impl Columns {
    #[inline(always)]
    fn of(patch: Patch, centre: f64, [xx, xy2, side]: [f32; 3]) -> Self {
        let (first, step) = ((patch.left as f64 + 0.5 - centre) as f32, patch.step as f32);
        let count = patch.columns().count().min(ROW);
        let mut columns = Self { count, x: [0.0; ROW], own: [FAR; ROW], tilt: [0.0; ROW] };
        for at in 0..count {
            let dx = first + at as f32 * step;
            columns.x[at] = dx * side;
            columns.own[at] = xx * dx * dx;
            columns.tilt[at] = xy2 * dx;
        }
        columns
    }
}

/// Sums over the places of the samples, which need no pixel.
#[derive(Debug, Default)]
struct Grid {
    columns: f64,
    rows: f64,
    x: f64,
    y: f64,
    xx: f64,
    yy: f64,
}

impl Grid {
    #[inline(always)]
    fn add_row(&mut self, y: f32) {
        let y = f64::from(y);
        (self.rows, self.y, self.yy) = (self.rows + 1.0, self.y + y, self.yy + y * y);
    }

    #[inline(always)]
    fn add_columns(&mut self, x: &[f32]) {
        for &x in x {
            let x = f64::from(x);
            (self.columns, self.x, self.xx) = (self.columns + 1.0, self.x + x, self.xx + x * x);
        }
    }
}

type Lanes = [f32; LANES];

/// Sums over the samples of what has to do with the hump and the pixels' heights `z`, in lanes that
/// are added up last.
#[derive(Debug, Default)]
struct Sums {
    hump: Lanes,
    x_hump: Lanes,
    y_hump: Lanes,
    hump2: Lanes,
    z: Lanes,
    x_z: Lanes,
    y_z: Lanes,
    hump_z: Lanes,
    z2: Lanes,
}

impl Sums {
    /// Adds a row `dy` away from the middle, which alone is `rise` of squared distance; `values`
    /// are 0 behind the last column.
    #[inline(always)]
    fn add_row(&mut self, values: &[f32; ROW], columns: &Columns, [dy, rise, y]: [f32; 3]) {
        let (mut row_hump, mut row_z) = ([0.0; LANES], [0.0; LANES]);
        let places = columns.x.as_chunks::<LANES>().0.iter();
        let shapes = columns.own.as_chunks::<LANES>().0.iter();
        let shapes = shapes.zip(columns.tilt.as_chunks::<LANES>().0);
        let blocks = values.as_chunks::<LANES>().0.iter().zip(places.zip(shapes));
        for (z, (x, (own, tilt))) in blocks.take(columns.count.div_ceil(LANES)) {
            for k in 0..LANES {
                let q = own[k] + tilt[k] * dy + rise;
                let base = 1.0 - q * (1.0 / 32.0);
                let base = if base > 0.0 { base } else { 0.0 };
                let two = base * base;
                let four = two * two;
                let eight = four * four;
                let hump = eight * eight;
                row_hump[k] += hump;
                row_z[k] += z[k];
                self.x_hump[k] += x[k] * hump;
                self.hump2[k] += hump * hump;
                self.x_z[k] += x[k] * z[k];
                self.hump_z[k] += hump * z[k];
                self.z2[k] += z[k] * z[k];
            }
        }
        for k in 0..LANES {
            self.hump[k] += row_hump[k];
            self.y_hump[k] += y * row_hump[k];
            self.z[k] += row_z[k];
            self.y_z[k] += y * row_z[k];
        }
    }

    /// Least squares of `z` on 1, x, y and the hump.
    fn solved(&self, grid: &Grid, contrast: f64) -> Fit {
        let sum = |lanes: &Lanes| lanes.iter().map(|&sum| f64::from(sum)).sum::<f64>();
        let (h, xh, yh) = (sum(&self.hump), sum(&self.x_hump), sum(&self.y_hump));
        let (hh, hz, zz) = (sum(&self.hump2), sum(&self.hump_z), sum(&self.z2));
        let (z, xz, yz) = (sum(&self.z), sum(&self.x_z), sum(&self.y_z));
        let n = grid.columns * grid.rows;
        let (x, y, xy) = (grid.x * grid.rows, grid.y * grid.columns, grid.x * grid.y);
        let (xx, yy) = (grid.xx * grid.rows, grid.yy * grid.columns);
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
        let level = Level { values: &values, width: 41, height: 41, known: None };
        let mut search = Search::default();
        search.standing = Standing::above(&level, 1000, 200);
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
