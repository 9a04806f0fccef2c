//! Who is near, for reaches of any size.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

/// A hash for cell numbers: fast, and the same in every run, unlike the standard library's.
#[derive(Default)]
pub(super) struct CellHasher(u64);

impl Hasher for CellHasher {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(u64::from(byte)));
    }

    fn write_i32(&mut self, number: i32) {
        self.write_u64(u64::from(number.cast_unsigned()));
    }

    fn write_u64(&mut self, number: u64) {
        // 2^64 over the golden ratio, made odd (Knuth, TAOCP 3, 6.4).
        self.0 = (self.0.rotate_left(23) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

type Cells = HashMap<(i32, i32), Vec<u32>, BuildHasherDefault<CellHasher>>;

/// Where something lies in the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    level: i8,
    cell: (i32, i32),
}

/// A hash grid with one level for each doubling of the reach, so that one blurred thing does not
/// make the cells of a thousand sharp ones coarse. A cell is at least twice as wide as the reach
/// of what lies in it.
#[derive(Default)]
pub(super) struct Grid {
    levels: BTreeMap<i8, Cells>,
}

/// Cells of 6 cm to 16,000 km.
const LEVELS: std::ops::RangeInclusive<f64> = -4.0..=24.0;

fn cell_number(metres: f64, size_m: f64) -> i32 {
    (metres / size_m).floor() as i32
}

fn size_m(level: i8) -> f64 {
    f64::from(level).exp2()
}

impl Grid {
    pub(super) fn slot(at: [f64; 2], reach_m: f64) -> Slot {
        let level = (2.0 * reach_m).log2().ceil().clamp(*LEVELS.start(), *LEVELS.end()) as i8;
        let size = size_m(level);
        Slot { level, cell: (cell_number(at[0], size), cell_number(at[1], size)) }
    }

    pub(super) fn insert(&mut self, slot: Slot, number: u32) {
        self.levels.entry(slot.level).or_default().entry(slot.cell).or_default().push(number);
    }

    pub(super) fn remove(&mut self, slot: Slot, number: u32) {
        let Some(cells) = self.levels.get_mut(&slot.level) else { return };
        let Some(cell) = cells.get_mut(&slot.cell) else { return };
        cell.retain(|&other| other != number);
        if cell.is_empty() {
            cells.remove(&slot.cell);
        }
    }

    /// Everything whose reach may meet a circle, and some that does not, in no useful order.
    pub(super) fn near(&self, at: [f64; 2], reach_m: f64, mut visit: impl FnMut(u32)) {
        for (&level, cells) in &self.levels {
            let size = size_m(level);
            let radius = reach_m + size / 2.0;
            let range = |axis: usize| {
                let (low, high) = (at[axis] - radius, at[axis] + radius);
                cell_number(low, size)..=cell_number(high, size)
            };
            let (east, north) = (range(0), range(1));
            let wide =
                |r: &std::ops::RangeInclusive<i32>| f64::from(*r.end()) - f64::from(*r.start());
            if (wide(&east) + 1.0) * (wide(&north) + 1.0) > cells.len() as f64 {
                let inside = |cell: &(i32, i32)| east.contains(&cell.0) && north.contains(&cell.1);
                for (_, here) in cells.iter().filter(|(cell, _)| inside(cell)) {
                    here.iter().for_each(|&number| visit(number));
                }
                continue;
            }
            for column in east {
                for row in north.clone() {
                    if let Some(here) = cells.get(&(column, row)) {
                        here.iter().for_each(|&number| visit(number));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_in_reach_is_visited_once_whatever_the_reaches() {
        let things: Vec<_> = (0..400u32)
            .map(|n| {
                let at = [f64::from(n * 7919 % 1009) - 500.0, f64::from(n * 104_729 % 997) - 500.0];
                (at, 0.01 * f64::from(n % 12).exp2())
            })
            .collect();
        let mut grid = Grid::default();
        for (number, (at, reach)) in (0u32..).zip(&things) {
            grid.insert(Grid::slot(*at, *reach), number);
        }
        for (at, reach) in &things {
            let mut visited = Vec::new();
            grid.near(*at, *reach, |number| visited.push(number));
            visited.sort_unstable();
            assert!(visited.windows(2).all(|pair| pair[0] != pair[1]));
            for (number, (other, other_reach)) in (0u32..).zip(&things) {
                let gap = (at[0] - other[0]).hypot(at[1] - other[1]);
                assert!(gap > reach + other_reach || visited.binary_search(&number).is_ok());
            }
        }
        for (number, (at, reach)) in (0u32..).zip(&things) {
            grid.remove(Grid::slot(*at, *reach), number);
        }
        grid.near([0.0, 0.0], 1e6, |number| panic!("{number} is still there"));
    }
}
