//! The two directions in which the lines of a frame run, each with its vanishing point.

use std::f64::consts::FRAC_PI_2;

/// An edge counts from this many sigma of the noise of its gradient on.
const EDGE_SIGMAS: f64 = 2.5;

/// Noise of a 3x3 Sobel gradient to that of a pixel: its weights squared sum to 12.
const SOBEL_NOISE: f64 = 3.464_102;

/// Side of the tiles that share their say, in pixels that are looked at.
const TILE: usize = 32;

/// Edges of a tile that have a full say; more share it, or rough ground would outvote modules.
const TILE_EDGES: f32 = 64.0;

/// About how many pixels are looked at.
const MOST_PIXELS: usize = 100_000;

/// Bins of the histogram of directions, over half a turn.
const BINS: usize = 180;

/// How far the two directions may be from a right angle, in bins: a tilted table seen obliquely is
/// skewed by up to 12 degrees.
const MOST_SKEW: usize = 14;

/// A direction must have this many times the median bin.
const LEAST_PEAK: f32 = 1.5;

/// The windows around the lines as expected, in sines, from round to round of the fit.
const WINDOWS: [f64; 4] = [0.24, 0.16, 0.09, 0.05];

/// The vanishing point is not nearer than 1 / this, in half frames.
const MOST_VANISHING: f64 = 0.6;

/// A pixel with a gradient.
#[derive(Debug, Clone, Copy)]
struct Edge {
    /// From the frame's middle, in half frames.
    at: [f32; 2],
    /// Unit gradient.
    normal: [f32; 2],
    weight: f32,
    tile: u32,
}

/// What the edges of a tile have in common.
#[derive(Debug, Clone, Copy, Default)]
struct Tile {
    count: f32,
    /// Sum of the fourth powers of the gradients as complex numbers: edges at right angles agree.
    agreement: [f32; 2],
}

impl Tile {
    fn add(&mut self, [x, y]: [f32; 2]) {
        self.count += 1.0;
        let (real, imaginary) = (x * x - y * y, 2.0 * x * y);
        self.agreement[0] += real * real - imaginary * imaginary;
        self.agreement[1] += 2.0 * real * imaginary;
    }

    /// The say of each of its edges.
    fn weight(&self) -> f32 {
        let agreement = self.agreement[0].hypot(self.agreement[1]) / self.count;
        (TILE_EDGES / self.count).min(1.0) * agreement * agreement
    }
}

/// Lines that meet in one point: at p they run along `along - vanishing * p`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Family {
    pub(super) along: [f64; 2],
    /// 0 for parallels, in one over half frames.
    pub(super) vanishing: f64,
}

/// Memory of the search.
#[derive(Debug, Default)]
pub(super) struct Edges {
    edges: Vec<Edge>,
    tiles: Vec<Tile>,
}

/// Half the longer side of a frame, in pixels.
pub(super) fn half_frame(width: usize, height: usize) -> f64 {
    width.max(height) as f64 / 2.0
}

impl Edges {
    /// The families of lines of a frame of at least 3x3 pixels, the first one nearer to upright;
    /// `None` where no two directions near a right angle stand out.
    #[inline(always)]
    pub(super) fn families(
        &mut self,
        values: &[u16],
        width: usize,
        noise: f32,
    ) -> Option<[Family; 2]> {
        self.collect(values, width, noise);
        let (upright, level) = self.directions()?;
        Some([upright, level].map(|bin| self.fit(bin)))
    }

    #[inline(always)]
    fn collect(&mut self, values: &[u16], width: usize, noise: f32) {
        let height = values.len() / width;
        let half = half_frame(width, height);
        let stride = (width * height).div_ceil(MOST_PIXELS).max(1);
        let (step_x, step_y) = if stride == 1 {
            (1, 1)
        } else if stride == 2 {
            (1, 2)
        } else {
            let step = (stride as f64).sqrt().ceil() as usize;
            (step, step)
        };
        let least = EDGE_SIGMAS * SOBEL_NOISE * f64::from(noise);
        let least = ((least * least) as i64).max(1);
        let tile_columns = width / step_x / TILE + 1;
        self.tiles.clear();
        self.tiles.resize(tile_columns * (height / step_y / TILE + 1), Tile::default());
        self.edges.clear();
        for y in (1..height.saturating_sub(1)).step_by(step_y) {
            let row = |dy: usize| &values[(y + dy - 1) * width..][..width];
            let [up, here, down] = [row(0), row(1), row(2)];
            for x in (1..width - 1).step_by(step_x) {
                let at = |row: &[u16], dx: usize| i32::from(row[x + dx - 1]);
                let corners = [at(up, 0), at(up, 2), at(down, 0), at(down, 2)];
                let sides = [at(here, 0), at(here, 2), at(up, 1), at(down, 1)];
                let gx =
                    corners[1] + corners[3] - corners[0] - corners[2] + 2 * (sides[1] - sides[0]);
                let gy =
                    corners[2] + corners[3] - corners[0] - corners[1] + 2 * (sides[3] - sides[2]);
                let (long_x, long_y) = (i64::from(gx), i64::from(gy));
                let square = long_x * long_x + long_y * long_y;
                if square < least || corners.contains(&0) || sides.contains(&0) {
                    continue;
                }
                let length = (square as f32).sqrt();
                let tile = y / step_y / TILE * tile_columns + x / step_x / TILE;
                let normal = [gx as f32 / length, gy as f32 / length];
                self.tiles[tile].add(normal);
                self.edges.push(Edge {
                    at: [
                        ((x as f64 + 0.5 - width as f64 / 2.0) / half) as f32,
                        ((y as f64 + 0.5 - height as f64 / 2.0) / half) as f32,
                    ],
                    normal,
                    weight: 1.0,
                    tile: tile as u32,
                });
            }
        }
        for edge in &mut self.edges {
            edge.weight = self.tiles[edge.tile as usize].weight();
        }
    }

    /// The bins of the gradients of the two families.
    fn directions(&self) -> Option<(usize, usize)> {
        let mut bins = [0f32; BINS];
        for edge in &self.edges {
            bins[bin(edge.normal)] += edge.weight;
        }
        let around = |at: usize, by: usize| bins[(at + BINS + by - 2) % BINS];
        let mut smooth = [0f32; BINS];
        for (at, value) in smooth.iter_mut().enumerate() {
            let near = around(at, 1) + around(at, 3);
            *value = around(at, 0) + around(at, 4) + 2.0 * near + 3.0 * around(at, 2);
        }
        let mut sorted = smooth;
        sorted.sort_by(f32::total_cmp);
        let least = LEAST_PEAK * sorted[BINS / 2];
        let mut best = (0.0, None);
        for first in 0..BINS {
            for skew in 0..=2 * MOST_SKEW {
                let second = (first + BINS / 2 + skew - MOST_SKEW) % BINS;
                let both = smooth[first] * smooth[second];
                if smooth[first].min(smooth[second]) > least && both > best.0 {
                    best = (both, Some((first, second)));
                }
            }
        }
        let (first, second) = best.1?;
        // Upright lines have level gradients, near bin 0.
        let from_level = |bin: usize| bin.min(BINS - bin);
        let swap = from_level(second) < from_level(first);
        Some(if swap { (second, first) } else { (first, second) })
    }

    /// Least squares over edges near what the lines are expected to be, in narrowing windows.
    fn fit(&self, bin: usize) -> Family {
        let angle = (bin as f64 + 0.5) * (2.0 * FRAC_PI_2) / BINS as f64;
        let normal = [angle.cos(), angle.sin()];
        let line = [-normal[1], normal[0]];
        let (mut tilt, mut vanishing) = (0.0, 0.0);
        for window in WINDOWS {
            // n·(line + tilt·normal − vanishing·p) = 0 for each edge with gradient n at p.
            let (mut aa, mut ab, mut bb, mut ac, mut bc) = (0.0, 0.0, 0.0, 0.0, 0.0);
            for edge in &self.edges {
                let n = edge.normal.map(f64::from);
                let p = edge.at.map(f64::from);
                let a = n[0] * normal[0] + n[1] * normal[1];
                let b = -(n[0] * p[0] + n[1] * p[1]);
                let c = n[0] * line[0] + n[1] * line[1];
                let off = c + tilt * a + vanishing * b;
                if off.abs() > window {
                    continue;
                }
                let weight = f64::from(edge.weight);
                aa += weight * a * a;
                ab += weight * a * b;
                bb += weight * b * b;
                ac += weight * a * c;
                bc += weight * b * c;
            }
            let determinant = aa * bb - ab * ab;
            if determinant > 1e-6 * aa * aa && aa > 0.0 {
                tilt = (ab * bc - ac * bb) / determinant;
                vanishing = (ab * ac - aa * bc) / determinant;
            }
            vanishing = vanishing.clamp(-MOST_VANISHING, MOST_VANISHING);
        }
        let along = [line[0] + tilt * normal[0], line[1] + tilt * normal[1]];
        let length = along[0].hypot(along[1]);
        Family { along: along.map(|of| of / length), vanishing: vanishing / length }
    }
}

/// Bin of a unit gradient, over half a turn.
fn bin([x, y]: [f32; 2]) -> usize {
    let (near, far) = (x.abs().min(y.abs()), x.abs().max(y.abs()));
    let ratio = near / far.max(f32::MIN_POSITIVE);
    // Arc tangent to 0.3 degrees (Rajan et al. 2006, doi 10.1109/MSP.2006.1628884).
    let eighth = ratio * (45.0 + 15.64 * (1.0 - ratio));
    let quarter = if y.abs() > x.abs() { 90.0 - eighth } else { eighth };
    let half = if (x < 0.0) == (y < 0.0) { quarter } else { 180.0 - quarter };
    (half as usize).min(BINS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_degrees() {
        for degrees in 0..360u16 {
            let angle = (f32::from(degrees) + 0.5).to_radians();
            let off = bin([angle.cos(), angle.sin()]).abs_diff(usize::from(degrees) % 180);
            assert!(off <= 1 || off == 179, "{degrees}");
        }
    }
}
