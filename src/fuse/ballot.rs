//! Votes of pairs of spots for the turn and shift between their frames.
//!
//! All pairs vote in each turn that is tried, so this is where a run with crowded frames spends
//! its time on fusion. Gaps are worked out for a row of spots at a time, in single precision,
//! which processors do several of at once; only the counting goes one by one.

use std::ops::Range;

use nalgebra::{Rotation2, Vector2};

use super::legs::Motion;

/// Side of a cell of votes in metres; a shift is told by two by two of them.
pub(super) const CELL_M: f64 = 1.0;

/// Step of the turns that are tried: half of it moves a place 40 m off by half a metre.
pub(super) const TURN_STEP_RAD: f64 = 1.5 * std::f64::consts::PI / 180.0;

/// The most metres that are searched either way.
pub(super) const MOST_SEARCH_M: f64 = 20.0;

/// As many steps either way are all tried; of more, every second one first.
const FEW_STEPS: i32 = 8;

/// Cells on a side of the square of votes: enough for the widest search, and a power of two.
const SIDE: usize = 64;
const CELLS: usize = SIDE * SIDE;
const _: () = assert!(2.0 * MOST_SEARCH_M / CELL_M + 2.0 < SIDE as f64 && SIDE.is_power_of_two());

/// Spots of one frame, from the point about which the other is turned: columns of east and north.
pub(super) struct Places {
    east_m: Vec<f32>,
    north_m: Vec<f32>,
}

impl Places {
    pub(super) fn new(places: impl Iterator<Item = Vector2<f64>>) -> Self {
        let (east_m, north_m) = places.map(|at| (at.x as f32, at.y as f32)).unzip();
        Self { east_m, north_m }
    }
}

/// What is asked: which turn and shift lay one frame's spots on the other's.
pub(super) struct Ballot<'a> {
    /// Spots that stay.
    pub(super) left: &'a Places,
    /// Spots that are turned and shifted.
    pub(super) right: &'a Places,
    /// Of each of `right`, which of `left` it may be.
    pub(super) pairs: &'a [Range<usize>],
    /// Shifts of less than this are searched; [`MOST_SEARCH_M`] at most.
    pub(super) reach_m: f64,
    /// Turns that are searched, in steps either way.
    pub(super) steps: i32,
}

/// What most voted for.
pub(super) struct Choice {
    /// Votes for it.
    pub(super) most: usize,
    /// The most votes for another shift in the same turn.
    pub(super) second: usize,
    /// The first of these, turns first.
    pub(super) motion: Motion,
}

impl Ballot<'_> {
    pub(super) fn choice(&self) -> Choice {
        let mut square = Square::new(self.reach_m);
        let mut most = |step: i32| {
            self.vote(step, &mut square);
            square.most()
        };
        let mut found: Vec<(i32, i16)> = Vec::new();
        // Where many turns are searched every second one comes first. Half a step away from its
        // turn a pattern still has most of its votes, so that only turns beside a good one can be
        // better.
        let apart = if self.steps > FEW_STEPS { 2 } else { 1 };
        found.extend((-self.steps..=self.steps).step_by(apart).map(|step| (step, most(step))));
        if apart > 1 {
            let best = found.iter().map(|&(_, count)| count).max().unwrap_or(0);
            let good = |count: i16| i32::from(count) * 4 >= i32::from(best) * 3;
            let between: Vec<i32> = found
                .windows(2)
                .filter(|pair| good(pair[0].1) || good(pair[1].1))
                .map(|pair| pair[0].0 + 1)
                .collect();
            found.extend(between.into_iter().map(|step| (step, most(step))));
        }
        let first_of_most = |&(step, count): &(i32, i16)| (count, std::cmp::Reverse(step));
        let (best_step, best) = found.into_iter().max_by_key(first_of_most).unwrap_or((0, 0));
        self.vote(best_step, &mut square);
        let at = square.first_of(best);
        let shift_m = at.map(|v| (v as f64 + 1.0) * CELL_M - self.reach_m);
        let turn_rad = f64::from(best_step) * TURN_STEP_RAD;
        Choice {
            most: usize::from(best.unsigned_abs()),
            second: usize::from(square.most_away_from(&at).unsigned_abs()),
            motion: Motion { turn_rad, shift_m },
        }
    }

    /// The votes of one turn.
    fn vote(&self, step: i32, square: &mut Square) {
        square.clear();
        let turn = Rotation2::new(f64::from(step) * TURN_STEP_RAD);
        let rights = self.right.east_m.iter().zip(&self.right.north_m).zip(self.pairs);
        for ((&east_m, &north_m), range) in rights {
            let to = turn * Vector2::new(f64::from(east_m), f64::from(north_m));
            let lefts =
                self.left.east_m.get(range.clone()).zip(self.left.north_m.get(range.clone()));
            if let Some((east_m, north_m)) = lefts {
                square.add(east_m, north_m, [to.x as f32, to.y as f32]);
            }
        }
    }
}

/// Votes for shifts in one turn.
struct Square {
    reach_m: f32,
    /// Cells on a side that are in reach.
    wide: usize,
    /// Signed, since the oldest processors compare these eight at a time; a frame has not so many
    /// voters that their pairs could pass 32,767. Behind the cells lie as many that nobody reads,
    /// for what is out of reach: votes for one cell wait for each other.
    votes: Box<[i16; 2 * CELLS]>,
    cells: Vec<u32>,
    sums: Vec<i16>,
}

impl Square {
    fn new(reach_m: f64) -> Self {
        let wide = ((2.0 * reach_m / CELL_M).ceil() as usize + 2).min(SIDE);
        let votes = Box::new([0; 2 * CELLS]);
        Self { reach_m: reach_m as f32, wide, votes, cells: Vec::new(), sums: vec![0; wide] }
    }

    /// What nobody reads stays as it is.
    fn clear(&mut self) {
        self.votes[..CELLS].fill(0);
    }

    /// One vote of each place for its shift against `to`.
    fn add(&mut self, east_m: &[f32], north_m: &[f32], to: [f32; 2]) {
        const CELLS_A_M: f32 = (1.0 / CELL_M) as f32;
        let reach_m = self.reach_m;
        let cell = |metres: f32| whole((metres + reach_m) * CELLS_A_M) & (SIDE as u32 - 1);
        self.cells.clear();
        self.cells.extend(east_m.iter().zip(north_m).map(|(east_m, north_m)| {
            let (east_m, north_m) = (east_m - to[0], north_m - to[1]);
            let inside = east_m * east_m + north_m * north_m < reach_m * reach_m;
            let at = cell(north_m) * SIDE as u32 + cell(east_m);
            at + if inside { 0 } else { CELLS as u32 }
        }));
        for &cell in &self.cells {
            let votes = &mut self.votes[cell as usize % (2 * CELLS)];
            *votes = votes.wrapping_add(1);
        }
    }

    fn rows(&self) -> impl Iterator<Item = &[i16]> + Clone {
        self.votes.chunks_exact(SIDE).take(self.wide).map(|row| &row[..self.wide])
    }

    /// The most votes of two by two cells.
    fn most(&mut self) -> i16 {
        let mut sums = std::mem::take(&mut self.sums);
        let mut most = 0;
        for (upper, lower) in self.rows().zip(self.rows().skip(1)) {
            for ((sum, upper), lower) in sums.iter_mut().zip(upper).zip(lower) {
                *sum = upper + lower;
            }
            let pairs = sums.iter().zip(&sums[1..]);
            most = pairs.fold(most, |most, (left, right)| most.max(left + right));
        }
        self.sums = sums;
        most
    }

    /// Votes of each two by two cells, row by row, with their column and row.
    fn blocks(&self) -> impl Iterator<Item = (Vector2<usize>, i16)> {
        let rows = self.rows().zip(self.rows().skip(1)).enumerate();
        rows.flat_map(|(y, (upper, lower))| {
            let pairs = upper.windows(2).zip(lower.windows(2)).enumerate();
            pairs.map(move |(x, (upper, lower))| {
                (Vector2::new(x, y), upper[0] + upper[1] + lower[0] + lower[1])
            })
        })
    }

    fn first_of(&self, most: i16) -> Vector2<usize> {
        let found = self.blocks().find(|(_, count)| *count == most);
        found.map_or_else(Vector2::zeros, |(at, _)| at)
    }

    /// The most votes of two by two cells away from the best.
    fn most_away_from(&self, best: &Vector2<usize>) -> i16 {
        let far = |at: &Vector2<usize>| at.x.abs_diff(best.x).max(at.y.abs_diff(best.y)) > 3;
        self.blocks().filter(|(at, _)| far(at)).map(|(_, count)| count).max().unwrap_or(0)
    }
}

/// The whole part of a number from 0 to 63, in the lowest bits; a whole number may give the one
/// below, and what is not in this range gives anything.
///
/// The sum with 3 · 2^22 has no bits below one, so that its own lowest bits are the number,
/// rounded. A conversion would say what becomes of numbers that do not fit, one by one.
fn whole(number: f32) -> u32 {
    (number - 0.5 + 12_582_912.0).to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_whole_part() {
        for tenth in 1..640u16 {
            if tenth % 10 != 0 {
                let number = f32::from(tenth) / 10.0;
                assert_eq!(whole(number) & 63, u32::from(tenth / 10), "{number}");
            }
        }
    }

    #[test]
    fn the_turn_and_shift_of_a_pattern_are_chosen() {
        // A spiral: no part of it looks like another.
        let spiral = |n: i32| Rotation2::new(f64::from(n)) * Vector2::new(f64::from(n) * 1.7, 0.0);
        let places: Vec<Vector2<f64>> = (1..40).map(spiral).collect();
        for (step, shift) in [(0, [0.0, 0.0]), (-17, [3.2, -11.6]), (50, [-18.0, 5.0])] {
            let turn = Rotation2::new(f64::from(step) * TURN_STEP_RAD);
            let shift_m = Vector2::from(shift);
            let moved = places.iter().map(|at| turn.inverse() * (at - shift_m));
            let pairs = vec![0..places.len(); places.len()];
            let choice = Ballot {
                left: &Places::new(places.iter().copied()),
                right: &Places::new(moved),
                pairs: &pairs,
                reach_m: MOST_SEARCH_M,
                steps: 50,
            }
            .choice();
            assert_eq!(choice.most, places.len());
            assert!(choice.second < places.len() / 2, "{}", choice.second);
            assert!((choice.motion.turn_rad - turn.angle()).abs() < 1e-9);
            assert!((choice.motion.shift_m - shift_m).amax() <= CELL_M);
        }
    }
}
