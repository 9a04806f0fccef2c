//! Cores: what exceeds half of a component's peak. Touching spots come apart there.

use super::Polarity;
use super::runs::{Level, Run, Standing, join};

/// One core, in pixels of its level.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Core {
    pub(super) left: u16,
    pub(super) top: u16,
    /// One beyond the last.
    pub(super) right: u16,
    /// One beyond the last.
    pub(super) bottom: u16,
    pub(super) area: u64,
    /// Hottest pixel; coldest from above, if the core is cold (see `Polarity::turned`).
    pub(super) peak: u16,
    /// Sums of height over half of the component's peak, and of height times column and row.
    heights: u64,
    heights_x: u64,
    heights_y: u64,
    /// Sums of column, row and their products, over the pixels.
    x: u64,
    y: u64,
    xx: u64,
    xy: u64,
    yy: u64,
}

/// Working memory of the search.
#[derive(Debug, Default)]
pub(super) struct Search {
    pub(super) standing: Standing,
    firsts: Vec<u32>,
    /// Of each run, the highest pixel.
    tops: Vec<u16>,
    parts: Vec<Run>,
    /// Of each part, the height that it lies above.
    limits: Vec<u16>,
    part_firsts: Vec<u32>,
    /// By first run: pixels and highest pixel of the component.
    components: Vec<(u32, u16)>,
    /// By first run of a part: the core's place in `cores`.
    numbers: Vec<u32>,
    pub(super) cores: Vec<Core>,
}

impl Polarity {
    /// A value, or its mirror image if the spots are cold: then a spot always stands out upwards.
    #[inline]
    pub(super) fn turned(self, value: u16) -> u16 {
        match self {
            Self::Hot => value,
            Self::Cold => !value,
        }
    }
}

impl Search {
    /// Fills `cores` from `standing`, leaving out components of fewer than `least_area` pixels.
    pub(super) fn split(&mut self, level: &Level<'_>, polarity: Polarity, least_area: u32) {
        let standing = &self.standing;
        join(&standing.runs, &mut self.firsts);
        self.tops.clear();
        self.tops.extend(standing.runs.iter().map(|&run| top(standing.heights(run))));
        self.components.clear();
        self.components.resize(standing.runs.len(), (0, 0));
        for ((run, &first), &top) in standing.runs.iter().zip(&self.firsts).zip(&self.tops) {
            let (area, highest) = &mut self.components[first as usize];
            *area += u32::from(run.end - run.start);
            *highest = top.max(*highest);
        }
        self.parts.clear();
        self.limits.clear();
        for ((run, &first), &top) in standing.runs.iter().zip(&self.firsts).zip(&self.tops) {
            let (area, highest) = self.components[first as usize];
            let limit = highest / 2;
            if area >= least_area && top > limit {
                split_run(standing.heights(*run), limit, *run, &mut self.parts);
                self.limits.resize(self.parts.len(), limit);
            }
        }
        join(&self.parts, &mut self.part_firsts);
        self.cores.clear();
        self.numbers.clear();
        for (at, (part, &first)) in self.parts.iter().zip(&self.part_firsts).enumerate() {
            // A first part comes before its others.
            let number = if first as usize == at {
                self.cores.push(Core::empty(*part));
                self.cores.len() as u32 - 1
            } else {
                self.numbers[first as usize]
            };
            self.numbers.push(number);
            let heights = self.standing.heights(*part);
            self.cores[number as usize].add(level, polarity, *part, heights, self.limits[at]);
        }
    }
}

/// The highest of a run, by fours: most runs are too short for wider steps to pay.
fn top(heights: &[u16]) -> u16 {
    let (fours, rest) = heights.as_chunks::<4>();
    let top = fours.iter().fold(0, |top, four| {
        let [a, b, c, d] = *four;
        a.max(b).max(c.max(d)).max(top)
    });
    rest.iter().fold(top, |top, &height| top.max(height))
}

/// The pieces of a run that lie higher than a limit.
fn split_run(heights: &[u16], limit: u16, run: Run, parts: &mut Vec<Run>) {
    let mut open = false;
    for (x, &height) in (run.start..run.end).zip(heights) {
        let higher = height > limit;
        match parts.last_mut() {
            Some(last) if higher && open => last.end = x + 1,
            _ if higher => parts.push(Run { y: run.y, start: x, end: x + 1 }),
            _ => (),
        }
        open = higher;
    }
}

impl Core {
    fn empty(part: Run) -> Self {
        Self { left: part.start, top: part.y, ..Self::default() }
    }

    /// `heights` are those of the part's pixels, all above `limit`.
    fn add(
        &mut self,
        level: &Level<'_>,
        polarity: Polarity,
        part: Run,
        heights: &[u16],
        limit: u16,
    ) {
        self.left = self.left.min(part.start);
        self.right = self.right.max(part.end);
        self.bottom = part.y + 1;
        let row = &level.values[usize::from(part.y) * level.width..];
        let pixels = &row[usize::from(part.start)..usize::from(part.end)];
        self.peak = pixels.iter().fold(self.peak, |peak, &v| peak.max(polarity.turned(v)));
        let y = u64::from(part.y);
        let (mut sum, mut sum_x) = (0, 0);
        for (x, &height) in (part.start..part.end).zip(heights) {
            let height = u64::from(height - limit);
            sum += height;
            sum_x += height * u64::from(x);
        }
        self.heights += sum;
        self.heights_x += sum_x;
        self.heights_y += sum * y;
        let (start, end) = (u64::from(part.start), u64::from(part.end));
        let count = end - start;
        let columns = (start + end - 1) * count / 2;
        // Sum of squares up to n: n (n + 1) (2 n + 1) / 6.
        let squares = |n: u64| n * (n + 1) * (2 * n + 1) / 6;
        self.area += count;
        self.x += columns;
        self.y += count * y;
        self.xx += squares(end - 1) - start.checked_sub(1).map_or(0, squares);
        self.xy += columns * y;
        self.yy += count * y * y;
    }

    /// Centre from the outer corner of the first pixel, weighted with the height over half of the
    /// peak: so pixels come in and drop out with no weight, and the centre does not jump.
    pub(super) fn centre(&self) -> (f64, f64) {
        let heights = self.heights.max(1) as f64;
        (self.heights_x as f64 / heights + 0.5, self.heights_y as f64 / heights + 0.5)
    }

    /// Standard deviations of its pixels along and across its longest direction, in pixels. A
    /// single pixel has 0.29 (a twelfth of its square) both ways.
    pub(super) fn spread(&self) -> (f64, f64) {
        const OF_ONE_PIXEL: f64 = 1.0 / 12.0;
        let area = self.area.max(1) as f64;
        let (x, y) = (self.x as f64 / area, self.y as f64 / area);
        let xx = self.xx as f64 / area - x * x + OF_ONE_PIXEL;
        let yy = self.yy as f64 / area - y * y + OF_ONE_PIXEL;
        let xy = self.xy as f64 / area - x * y;
        let (middle, radius) = (0.5 * (xx + yy), (0.5 * (xx - yy)).hypot(xy));
        let across = (middle - radius).max(OF_ONE_PIXEL);
        ((middle + radius).max(across).sqrt(), across.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cores(values: &[u16], width: usize) -> Vec<Core> {
        let level = Level {
            values,
            width,
            height: values.len() / width,
            opening: &vec![0; values.len()],
            closing: &vec![u16::MAX; values.len()],
            ground_width: width,
            shift: 0,
            known: None,
        };
        let rows = (values.len() / width) as u16;
        let runs = (0..rows).map(|y| Run { y, start: 0, end: width as u16 }).collect();
        let standing = Standing::with_runs(&level, runs);
        let mut search = Search { standing, ..Search::default() };
        search.split(&level, Polarity::Hot, 3);
        search.cores
    }

    #[test]
    fn a_dip_below_half_parts_twins() {
        for (values, expected) in [
            ([1u16, 9, 4, 9, 1, 1, 9, 4, 9, 1], 2),
            ([1, 9, 6, 9, 1, 1, 9, 4, 9, 1], 1),
            ([1, 1, 1, 9, 1, 1, 1, 1, 1, 1], 1),
        ] {
            assert_eq!(cores(&values, 5).len(), expected, "{values:?}");
        }
    }

    #[test]
    fn place_box_and_spread_are_those_of_the_pixels() {
        #[rustfmt::skip]
        let values = [
            0, 0, 0, 0, 0, 0,
            0, 8, 8, 8, 8, 0,
            0, 0, 0, 0, 0, 0,
        ];
        let [core] = cores(&values, 6)[..] else { panic!("one core") };
        assert_eq!((core.left, core.top, core.right, core.bottom), (1, 1, 5, 2));
        assert_eq!((core.area, core.peak), (4, 8));
        assert_eq!(core.centre(), (3.0, 1.5));
        // A rectangle of 4 by 1: length over the square root of 12.
        let (along, across) = core.spread();
        assert!((along - 4.0 / 12f64.sqrt()).abs() < 1e-12);
        assert!((across - 1.0 / 12f64.sqrt()).abs() < 1e-12);
    }
}
