//! A picture compared with its ground.

use super::ground::Ground;
use super::rank::ranked;
use super::standing::Standing;

/// A picture in which spots are looked for: the frame or a coarse one of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level<'a> {
    pub(super) values: &'a [u16],
    pub(super) width: usize,
    pub(super) height: usize,
    /// 0 where nothing is known; `None` where all pixels are.
    pub(super) known: Option<&'a [u16]>,
}

/// The ground under (above) a picture, of which one pixel stands for `N` by `N` of the picture's.
///
/// The ground of a pixel is the highest opening (lowest closing) of the two by two pixels of the
/// ground whose middles lie around it. One of them alone would let a strip along each roof stand
/// out, where a pixel of the ground lies on the roof in part.
#[derive(Debug, Default)]
pub(super) struct Compared<const N: usize> {
    openings: Widened<N>,
    closings: Widened<N>,
    /// Heights and depths of a row.
    row: [Vec<u16>; 2],
    samples: Vec<u16>,
}

/// What stands out far enough to be looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// It stands out by more than this.
    pub(super) least: u16,
    /// And no more than about this share of all pixels does.
    pub(super) most: f64,
}

/// No more than about so many pixels tell how far a share of all stands out.
const SAMPLES: usize = 4096;

impl<const N: usize> Compared<N> {
    /// How far the pixel stands out, above or below, that this share of all pixels stands out
    /// further than.
    #[inline(always)]
    fn standing_out(&mut self, level: &Level<'_>, ground: &Ground, share: f64) -> u16 {
        let step = 1 + (level.values.len() / SAMPLES).isqrt();
        self.samples.clear();
        let mut row = std::mem::take(&mut self.row);
        for part in &mut row {
            part.resize(level.width, 0);
        }
        for y in (0..level.height).step_by(step) {
            let [heights, depths] = &mut row;
            self.compare(level, ground, y, heights, depths);
            let standing =
                heights.iter().zip(depths).map(|(&height, &mut depth)| height.max(depth));
            // A column further with each row, so that stripes of the sensor are met evenly.
            self.samples.extend(standing.skip(y / step % step).step_by(step));
        }
        self.row = row;
        let last = self.samples.len().saturating_sub(1);
        let at = last - (last as f64 * share) as usize;
        ranked(&self.samples, at).unwrap_or(0)
    }

    /// Finds what stands out above the opening, and below the closing.
    #[inline(always)]
    pub(super) fn find(
        &mut self,
        level: &Level<'_>,
        ground: &Ground,
        limits: &Limits,
        [hot, cold]: [&mut Standing; 2],
    ) {
        self.openings.begin(level.width);
        self.closings.begin(level.width);
        let mut least = limits.least;
        if limits.most < 1.0 {
            least = least.max(self.standing_out(level, ground, limits.most));
        }
        hot.begin(level, least);
        cold.begin(level, least);
        for y in 0..level.height {
            let (heights, depths) = (hot.row_mut(y), cold.row_mut(y));
            self.compare(level, ground, y, heights, depths);
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

    /// How far the pixels of a row are above the opening, and below the closing.
    #[inline(always)]
    fn compare(
        &mut self,
        level: &Level<'_>,
        ground: &Ground,
        y: usize,
        heights: &mut [u16],
        depths: &mut [u16],
    ) {
        let row = &level.values[y * level.width..][..level.width];
        let [upper, lower] = self.openings.around(y, ground, &ground.opening, u16::max);
        let grounds = upper.iter().zip(lower);
        for ((height, &value), (&upper, &lower)) in heights.iter_mut().zip(row).zip(grounds) {
            *height = value.saturating_sub(upper.max(lower));
        }
        let [upper, lower] = self.closings.around(y, ground, &ground.closing, u16::min);
        let grounds = upper.iter().zip(lower);
        for ((depth, &value), (&upper, &lower)) in depths.iter_mut().zip(row).zip(grounds) {
            *depth = upper.min(lower).saturating_sub(value);
        }
    }
}

/// Two rows of a ground, made as wide as the picture.
#[derive(Debug, Default)]
struct Widened<const N: usize> {
    /// Even rows of the ground come into the first one, odd ones into the second.
    rows: [Vec<u16>; 2],
    /// Their numbers.
    numbers: [Option<usize>; 2],
    /// The extreme of two neighbours of a row, and each of these twice.
    between: Vec<u16>,
    twice: Vec<u16>,
}

impl<const N: usize> Widened<N> {
    fn begin(&mut self, width: usize) {
        self.numbers = [None; 2];
        for row in &mut self.rows {
            row.resize(width, 0);
        }
    }

    /// The two rows of the ground around a row of the picture, the same one twice at its border.
    #[inline(always)]
    fn around(
        &mut self,
        y: usize,
        ground: &Ground,
        values: &[u16],
        extreme: impl Fn(u16, u16) -> u16,
    ) -> [&[u16]; 2] {
        let lower = (y + N / 2) / N;
        let places = [lower.saturating_sub(1), lower.min(ground.height - 1)];
        for place in places {
            if self.numbers[place % 2] != Some(place) {
                self.numbers[place % 2] = Some(place);
                self.widen(&values[place * ground.width..][..ground.width], place % 2, &extreme);
            }
        }
        places.map(|place| &*self.rows[place % 2])
    }

    #[inline(always)]
    fn widen(&mut self, row: &[u16], into: usize, extreme: impl Fn(u16, u16) -> u16) {
        const { assert!(N == 2 || N == 4, "doubled once or twice") }
        let Self { rows, between, twice, .. } = self;
        let (Some(&first), Some(&last)) = (row.first(), row.last()) else { return };
        between.clear();
        between.extend(row.iter().zip(&row[1..]).map(|(&left, &right)| extreme(left, right)));
        between.push(last);
        let out = &mut rows[into];
        let half = out.len().min(N / 2);
        let (start, rest) = out.split_at_mut(half);
        start.fill(first);
        if N == 2 {
            double(between, rest);
        } else {
            twice.resize(2 * between.len(), 0);
            double(between, twice);
            double(twice, rest);
        }
    }
}

/// Each value twice, as far as there is room.
#[inline(always)]
fn double(values: &[u16], out: &mut [u16]) {
    let (pairs, odd) = out.as_chunks_mut::<2>();
    if let ([odd], Some(&value)) = (odd, values.get(pairs.len())) {
        *odd = value;
    }
    for (pair, &value) in pairs.iter_mut().zip(values) {
        *pair = [value; 2];
    }
}

#[cfg(test)]
mod tests {
    use super::super::ground::Small;
    use super::*;

    /// How far pixels stand out above and below by the definition, if the ground has a pixel for
    /// each `N` by `N`.
    fn defined<const N: usize>(level: &Level<'_>, ground: &Ground) -> Vec<[u16; 2]> {
        // Middles lie half a pixel before and behind the place that is a multiple of N.
        let around = |at: usize, length: usize| {
            [(at + N / 2).saturating_sub(N) / N, ((at + N / 2) / N).min(length - 1)]
        };
        let places = (0..level.values.len()).map(|at| (at % level.width, at / level.width));
        let of_place = |((x, y), &value): ((usize, usize), &u16)| {
            let rows = around(y, ground.height).into_iter();
            let columns = around(x, ground.width);
            let at = rows.flat_map(|row| columns.map(|column| row * ground.width + column));
            let opening = at.clone().map(|at| ground.opening[at]).max().unwrap();
            let closing = at.map(|at| ground.closing[at]).min().unwrap();
            [value.saturating_sub(opening), closing.saturating_sub(value)]
        };
        places.zip(level.values).map(of_place).collect()
    }

    fn assert_defined<const N: usize>(level: &Level<'_>, image: &Small) {
        let mut ground = Ground::default();
        ground.of(image);
        let [mut hot, mut cold] = [Standing::default(), Standing::default()];
        let limits = Limits { least: 0, most: 1.0 };
        Compared::<N>::default().find(level, &ground, &limits, [&mut hot, &mut cold]);
        let (width, size) = (level.width as u16, [level.width, level.height]);
        let rows = (0..level.height as u16).flat_map(|y| {
            let [heights, depths] = [&hot, &cold].map(|standing| standing.heights(y, 0, width));
            heights.iter().zip(depths).map(|(&height, &depth)| [height, depth])
        });
        assert_eq!(rows.collect::<Vec<_>>(), defined::<N>(level, &ground), "{N} {size:?}");
    }

    #[test]
    fn a_pixel_stands_out_from_the_ground_around_it() {
        for (width, height) in [(1, 1), (2, 3), (3, 2), (4, 9), (7, 6), (70, 41), (133, 30)] {
            let values: Vec<u16> =
                (0..width * height).map(|at| (at * 40_503 % 65_521) as u16).collect();
            let level = Level { values: &values, width, height, known: None };
            let [mut half, mut quarter] = [Small::default(), Small::default()];
            half.halve(&values, width, height);
            quarter.halve(&half.values, half.width, half.height);
            assert_defined::<2>(&level, &half);
            assert_defined::<4>(&level, &quarter);
        }
    }

    #[test]
    fn no_more_than_the_wanted_share_stands_out() {
        let (width, height) = (200, 100);
        let values: Vec<u16> = (0..width * height).map(|at| (at * 7919 % 10_007) as u16).collect();
        let level = Level { values: &values, width, height, known: None };
        let ground = Ground::flat(&level, 0);
        for (most, expected) in [(1.0, 10_000.0), (0.2, 4_000.0), (0.05, 1_000.0)] {
            let [mut hot, mut cold] = [Standing::default(), Standing::default()];
            let limits = Limits { least: 5_000, most };
            Compared::<4>::default().find(&level, &ground, &limits, [&mut hot, &mut cold]);
            let count: u32 = hot.spans.iter().map(|span| span.area).sum();
            assert!((f64::from(count) - expected).abs() < 0.1 * expected, "{most}: {count}");
        }
    }
}
