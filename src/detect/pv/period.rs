//! How far apart the lines of a sheet are.

use super::lines::Lines;

/// Lines are summed over so many pixels along them before they are compared.
const BLOCK: usize = 8;

/// The least and the most distance of lines, in pixels of the sheet.
const LEAST_PERIOD: usize = 8;
pub(super) const MOST_PERIOD: usize = 150;

/// A distance must be as good as this share of the best one.
const SHARE_OF_BEST: f32 = 0.3;

/// What a distance must explain of the lines at all.
const LEAST_SHARE: f32 = 0.02;

/// Most periods that are tried along each axis.
const MOST_PERIODS: usize = 4;

/// A distance that lines may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Period {
    pub(super) length: f32,
    /// The higher, the likelier.
    pub(super) rating: f32,
}

/// The rating of twice a good distance is at least this share of the best.
const LEAST_RATING: f32 = 0.3;

/// Memory of the search.
#[derive(Debug, Default)]
pub(super) struct Periods {
    blocks: Vec<f32>,
    alike: Vec<f32>,
}

impl Periods {
    /// Distances of upright and of level lines that are likely, the best first.
    #[inline(always)]
    pub(super) fn of(&mut self, lines: &Lines) -> [Vec<Period>; 2] {
        let (width, height) = (lines.width, lines.height);
        // Upright lines: block sums along columns, each block a row of its own.
        self.blocks.clear();
        for band in lines.upright.chunks_exact((width * BLOCK).max(1)) {
            let start = self.blocks.len();
            self.blocks.resize(start + width, 0.0);
            for row in band.chunks_exact(width) {
                for (sum, &of) in self.blocks[start..].iter_mut().zip(row) {
                    *sum += f32::from(of);
                }
            }
        }
        let upright = self.likely(width, height / BLOCK);
        // Level lines: turned, so that each block of columns is a row.
        let columns = width / BLOCK;
        self.blocks.clear();
        self.blocks.resize(columns * height, 0.0);
        for (y, row) in lines.level.chunks_exact(width.max(1)).enumerate() {
            for (x, block) in row.chunks_exact(BLOCK).enumerate() {
                let sum: i16 = block.iter().sum();
                self.blocks[x * height + y] = f32::from(sum);
            }
        }
        let level = self.likely(height, columns);
        [upright, level]
    }

    /// The periods of `count` rows of `length` blocks.
    #[inline(always)]
    fn likely(&mut self, length: usize, count: usize) -> Vec<Period> {
        let most = MOST_PERIOD.min(length / 2);
        if count == 0 || most <= LEAST_PERIOD + 2 {
            return Vec::new();
        }
        self.blocks.truncate(length * count);
        self.alike.clear();
        self.alike.resize(most + 1, 0.0);
        for (lag, alike) in self.alike.iter_mut().enumerate() {
            let rows = self.blocks.chunks_exact(length);
            let sum: f32 = rows.map(|row| dot(row, &row[lag..])).sum();
            *alike = sum / (length - lag) as f32;
        }
        self.peaks()
    }

    fn peaks(&self) -> Vec<Period> {
        let alike = &self.alike;
        let whole = alike[0].max(f32::MIN_POSITIVE);
        let smooth: Vec<f32> = (0..alike.len())
            .map(|at| {
                let (below, above) = (at.saturating_sub(1), (at + 1).min(alike.len() - 1));
                (alike[below] + 2.0 * alike[at] + alike[above]) / (4.0 * whole)
            })
            .collect();
        let is_peak = |&at: &usize| smooth[at] >= smooth[at - 1] && smooth[at] > smooth[at + 1];
        let mut peaks: Vec<(usize, f32)> = (LEAST_PERIOD..smooth.len() - 1)
            .filter(is_peak)
            .map(|at| (at, comb(&smooth, at)))
            .collect();
        let best = peaks.iter().map(|peak| peak.1).fold(LEAST_SHARE, f32::max);
        peaks.retain(|peak| peak.1 >= SHARE_OF_BEST * best);
        peaks.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        peaks.truncate(MOST_PERIODS);
        let refined = peaks.into_iter().map(|(at, _)| {
            let [low, middle, high] = [at - 1, at, at + 1].map(|at| smooth[at]);
            let bend = 2.0 * middle - low - high;
            let off = if bend > 0.0 { 0.5 * (high - low) / bend } else { 0.0 };
            at as f32 + off.clamp(-0.5, 0.5)
        });
        let single: Vec<f32> = refined.collect();
        // The middle line of half-cut modules may be as strong as their sides.
        let twice = single.iter().map(|length| 2.0 * length).filter(|&twice| {
            twice < (smooth.len() - 2) as f32
                && single.iter().all(|length| (length - twice).abs() > 0.05 * twice)
        });
        let rate = |length: f32| {
            let rating = comb(&smooth, length.round() as usize).max(LEAST_RATING * best);
            Period { length, rating }
        };
        single.iter().copied().chain(twice).map(rate).collect()
    }
}

/// How much better the multiples of a distance are than what lies halfway between them. Twice the
/// period has the period itself halfway, and half of it lacks every other multiple.
fn comb(alike: &[f32], period: usize) -> f32 {
    let near = |at: usize| {
        let around = alike.get(at.saturating_sub(1)..at + 2);
        around.map(|part| part.iter().fold(f32::MIN, |high, &of| high.max(of)))
    };
    let mut sum = 0.0;
    for (times, weight) in [(1, 1.0), (2, 0.5), (3, 0.25)] {
        let halfway = near(times * period - period / 2);
        let (Some(whole), Some(halfway)) = (near(times * period), halfway) else { break };
        sum += weight * (whole - halfway.max(0.0));
    }
    sum
}

/// Sum of products as far as both reach, in eight lanes of a fixed order.
#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let length = a.len().min(b.len());
    let mut lanes = [0f32; 8];
    let (a, b) = (a[..length].chunks_exact(8), b[..length].chunks_exact(8));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    lanes.iter().sum::<f32>() + rest
}
