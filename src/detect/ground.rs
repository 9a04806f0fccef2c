//! The ground under the spots: opening and closing of a smaller picture.
//!
//! An opening is what a square of 5x5 pixels reaches that is pushed up from below; spots smaller
//! than the square stand out from it, and it follows the steps of roofs. The closing is the same
//! from above.

use std::array;

use super::level::Level;

/// Pixels of the square on each side of its middle.
const REACH: usize = 2;
const SIDE: usize = 2 * REACH + 1;

/// Pixels that are worked on together.
const BLOCK: usize = 64;

/// A picture smaller than the frame.
#[derive(Debug, Default)]
pub(super) struct Small {
    pub(super) values: Vec<u16>,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// Opening and closing of a picture, and the memory that they take.
#[derive(Debug, Default)]
pub(super) struct Ground {
    /// The ground under hot spots.
    pub(super) opening: Vec<u16>,
    /// The ground above cold spots.
    pub(super) closing: Vec<u16>,
    pub(super) width: usize,
    pub(super) height: usize,
    spare: [Vec<u16>; 2],
    /// A row, and the extremes of three neighbours in it.
    padded: [Vec<u16>; 2],
    rows: [Vec<u16>; 4],
}

impl Small {
    /// Half of a frame: means of 2x2 pixels, to the nearest step. A last odd row or column counts
    /// twice.
    #[inline(always)]
    pub(super) fn halve(&mut self, values: &[u16], width: usize, height: usize) {
        (self.width, self.height) = (width.div_ceil(2), height.div_ceil(2));
        self.values.resize(self.width * self.height, 0);
        for (y, out) in self.values.chunks_exact_mut(self.width).enumerate() {
            let upper = &values[2 * y * width..][..width];
            let lower = &values[(2 * y + 1).min(height - 1) * width..][..width];
            let (pairs_above, last_above) = upper.as_chunks::<2>();
            let (pairs_below, last_below) = lower.as_chunks::<2>();
            for ((out, above), below) in out.iter_mut().zip(pairs_above).zip(pairs_below) {
                let sum = u32::from(above[0]) + u32::from(above[1]);
                let sum = sum + u32::from(below[0]) + u32::from(below[1]);
                *out = ((sum + 2) >> 2) as u16;
            }
            if let (Some(out), [above], [below]) = (out.last_mut(), last_above, last_below) {
                *out = ((u32::from(*above) + u32::from(*below) + 1) >> 1) as u16;
            }
        }
    }

    /// It as a level; `known` is 0 for each pixel of which nothing is known.
    pub(super) fn level<'a>(&'a self, known: Option<&'a [u16]>) -> Level<'a> {
        Level { values: &self.values, width: self.width, height: self.height, known }
    }
}

impl Ground {
    /// Opening and closing of a picture; outside of it there is nothing.
    #[inline(always)]
    pub(super) fn of(&mut self, image: &Small) {
        let &Small { ref values, width, height, .. } = image;
        (self.width, self.height) = (width, height);
        let Self { opening, closing, spare: [lows, highs], padded, rows, .. } = self;
        for image in [&mut *opening, &mut *closing, &mut *lows, &mut *highs] {
            image.resize(width * height, 0);
        }
        for row in &mut *padded {
            row.resize(width + 2 * REACH, 0);
        }
        for row in &mut *rows {
            row.resize(width, 0);
        }
        let outs = opening.chunks_exact_mut(width).zip(closing.chunks_exact_mut(width));
        for (row, (low, high)) in values.chunks_exact(width).zip(outs) {
            along(row, padded, low, u16::min);
            along(row, padded, high, u16::max);
        }
        let [first, second, third, fourth] = rows;
        for y in (0..height).step_by(2) {
            across(opening, width, y, [&mut *first, &mut *second], u16::min);
            across(closing, width, y, [&mut *third, &mut *fourth], u16::max);
            for (y, low, high) in [(y, &*first, &*third), (y + 1, &*second, &*fourth)] {
                if y < height {
                    let place = y * width..(y + 1) * width;
                    along(low, padded, &mut lows[place.clone()], u16::max);
                    along(high, padded, &mut highs[place], u16::min);
                }
            }
        }
        for y in (0..height).step_by(2) {
            across_into(lows, width, y, opening, second, u16::max);
            across_into(highs, width, y, closing, second, u16::min);
        }
    }
}

/// A row with its first and last value repeated on each side: the extreme over a window that
/// reaches outside stays that of the part inside.
#[inline(always)]
fn pad(row: &[u16], padded: &mut [u16]) {
    let (Some(&first), Some(&last)) = (row.first(), row.last()) else { return };
    padded[..REACH].fill(first);
    padded[REACH..][..row.len()].copy_from_slice(row);
    padded[REACH + row.len()..].fill(last);
}

/// The extreme of five neighbours along a row: of three, and of three of these.
#[inline(always)]
fn along(
    row: &[u16],
    [padded, threes]: &mut [Vec<u16>; 2],
    out: &mut [u16],
    extreme: impl Fn(u16, u16) -> u16,
) {
    pad(row, padded);
    let threes = &mut threes[..row.len() + SIDE - 3];
    of_three(padded, threes, &extreme);
    of_three(threes, out, &extreme);
}

/// The extreme of each value and the two behind it.
#[inline(always)]
fn of_three(values: &[u16], out: &mut [u16], extreme: impl Fn(u16, u16) -> u16) {
    let Some(last) = out.len().checked_sub(BLOCK) else {
        let behind = values[1..].iter().zip(&values[2..]);
        for ((out, &first), (&second, &third)) in out.iter_mut().zip(values).zip(behind) {
            *out = extreme(extreme(first, second), third);
        }
        return;
    };
    for start in (0..out.len()).step_by(BLOCK) {
        // The last block reaches back over the one before it.
        let start = start.min(last);
        let behind = |by: usize| values[start + by..].first_chunk::<BLOCK>();
        if let (Some(first), Some(second), Some(third), Some(out)) =
            (behind(0), behind(1), behind(2), out[start..].first_chunk_mut::<BLOCK>())
        {
            for at in 0..BLOCK {
                out[at] = extreme(extreme(first[at], second[at]), third[at]);
            }
        }
    }
}

/// The extreme of five neighbours across rows, for the rows `y` and `y + 1`, which share four.
#[inline(always)]
fn across(
    image: &[u16],
    width: usize,
    y: usize,
    outs: [&mut [u16]; 2],
    extreme: impl Fn(u16, u16) -> u16,
) {
    let last = image.len() / width - 1;
    let rows: [&[u16]; SIDE + 1] = array::from_fn(|k| {
        let y = (y + k).saturating_sub(REACH).min(last);
        &image[y * width..][..width]
    });
    let [out_a, out_b] = outs.map(|out| &mut out[..width]);
    let Some(last) = width.checked_sub(BLOCK) else {
        for at in 0..width {
            across_block::<1>(&rows, at, out_a, out_b, &extreme);
        }
        return;
    };
    for start in (0..width).step_by(BLOCK) {
        // The last block reaches back over the one before it.
        across_block::<BLOCK>(&rows, start.min(last), out_a, out_b, &extreme);
    }
}

#[inline(always)]
fn across_block<const N: usize>(
    rows: &[&[u16]; SIDE + 1],
    start: usize,
    out_a: &mut [u16],
    out_b: &mut [u16],
    extreme: impl Fn(u16, u16) -> u16,
) {
    let [first, middle @ .., last] = rows;
    let (Some(first), Some(last)) =
        (first[start..].first_chunk::<N>(), last[start..].first_chunk::<N>())
    else {
        return;
    };
    let (Some(out_a), Some(out_b)) =
        (out_a[start..].first_chunk_mut::<N>(), out_b[start..].first_chunk_mut::<N>())
    else {
        return;
    };
    let mut middle = middle.iter().filter_map(|row| row[start..].first_chunk::<N>());
    let Some(mut shared) = middle.next().copied() else { return };
    for row in middle {
        for at in 0..N {
            shared[at] = extreme(shared[at], row[at]);
        }
    }
    for at in 0..N {
        out_a[at] = extreme(shared[at], first[at]);
        out_b[at] = extreme(shared[at], last[at]);
    }
}

/// As `across`, into an image of the same size; `spare` is one row.
#[inline(always)]
fn across_into(
    image: &[u16],
    width: usize,
    y: usize,
    out: &mut [u16],
    spare: &mut [u16],
    extreme: impl Fn(u16, u16) -> u16,
) {
    let (first, rest) = out[y * width..].split_at_mut(width);
    let second = if rest.is_empty() { spare } else { rest };
    across(image, width, y, [first, second], extreme);
}

#[cfg(test)]
impl Ground {
    /// The same everywhere under a level, and nothing above it.
    pub(super) fn flat(level: &Level<'_>, value: u16) -> Self {
        let (width, height) = (level.width.div_ceil(4), level.height.div_ceil(4));
        let (opening, closing) = (vec![value; width * height], vec![0; width * height]);
        Self { opening, closing, width, height, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, without any trick.
    fn extreme_of_square(
        image: &[u16],
        width: usize,
        choose: fn(Vec<u16>) -> Option<u16>,
    ) -> Vec<u16> {
        let height = image.len() / width;
        let near = |a: usize, length: usize| a.saturating_sub(2)..(a + 3).min(length);
        let square = |x: usize, y: usize| {
            near(y, height).flat_map(move |y| near(x, width).map(move |x| image[y * width + x]))
        };
        (0..image.len()).filter_map(|at| choose(square(at % width, at / width).collect())).collect()
    }

    #[test]
    fn opening_and_closing_are_those_of_the_definition() {
        let least = |values: Vec<u16>| values.into_iter().min();
        let most = |values: Vec<u16>| values.into_iter().max();
        for (width, height) in [(1, 1), (1, 7), (7, 1), (5, 4), (40, 23), (33, 30)] {
            let image: Vec<u16> =
                (0..width * height).map(|at| (at * 40_503 % 65_521) as u16).collect();
            let mut ground = Ground::default();
            let values = image.clone();
            ground.of(&Small { values, width, height });
            let lows = extreme_of_square(&image, width, least);
            let highs = extreme_of_square(&image, width, most);
            assert_eq!(ground.opening, extreme_of_square(&lows, width, most), "{width}x{height}");
            assert_eq!(ground.closing, extreme_of_square(&highs, width, least), "{width}x{height}");
        }
    }

    #[test]
    fn halves_are_means_to_the_nearest_step() {
        let mut small = Small::default();
        for (values, width, height, expected) in [
            (vec![9], 1, 1, vec![9]),
            (vec![1, 2, 3, 4], 2, 2, vec![3]),
            (vec![65_535; 6], 3, 2, vec![65_535, 65_535]),
            (vec![1, 3, 5, 1, 3, 9, 8, 8, 8], 3, 3, vec![2, 7, 8, 8]),
        ] {
            small.halve(&values, width, height);
            assert_eq!(small.values, expected);
        }
    }
}
