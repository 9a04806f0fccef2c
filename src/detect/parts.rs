//! Parts of cores: pixels side by side in one row.

use super::joined::{join, number};

/// Pixels of one row that lie side by side, all higher than a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) y: u16,
    pub(super) start: u16,
    /// One beyond the last.
    pub(super) end: u16,
    /// Its pixels are higher than this.
    pub(super) limit: u16,
    /// What it was a part of in the round before.
    pub(super) parent: u32,
}

/// For each part the number of its core, in which parts touch by side or corner; cores are counted
/// from 0 in the order of their first parts.
#[inline(always)]
pub(super) fn number_cores(parts: &[Part], numbers: &mut Vec<u32>) {
    numbers.clear();
    numbers.extend(0..parts.len() as u32);
    let mut above = 0;
    for (at, part) in parts.iter().enumerate() {
        while above < at
            && (parts[above].y + 1 < part.y
                || (parts[above].y + 1 == part.y && parts[above].end < part.start))
        {
            above += 1;
        }
        for (other, touching) in parts[..at].iter().enumerate().skip(above) {
            if touching.y + 1 != part.y || touching.start > part.end {
                break;
            }
            join(numbers, at, other);
        }
    }
    number(numbers);
}

#[cfg(test)]
mod tests {
    use super::super::bits;
    use super::*;

    #[test]
    fn parts_join_by_side_and_corner() {
        for (picture, cores) in [
            (&["#.#", "...", "#.#"][..], 4),
            (&["#.#", ".#.", "#.#"], 1),
            (&["#.#.#", "#.#.#", "#####"], 1),
            (&["#####", "#...#", "#.#.#", "#...#", "#####"], 2),
            (&["##..", "..##", "##.."], 1),
            (&["#...#", ".#.#.", "..#.."], 1),
            (&["#..#", "#..#"], 2),
        ] {
            let mut parts = Vec::new();
            for (row, y) in picture.iter().zip(0..) {
                let higher = row.bytes().enumerate();
                let word = higher.fold(0, |word, (x, pixel)| word | u64::from(pixel == b'#') << x);
                parts.extend(bits::runs(word).map(|run| {
                    let (start, end) = (run.start as u16, run.end as u16);
                    Part { y, start, end, limit: 0, parent: 0 }
                }));
            }
            let mut numbers = Vec::new();
            number_cores(&parts, &mut numbers);
            let last = numbers.iter().max().map(|&last| last + 1);
            assert_eq!(last, Some(cores), "{picture:?}");
        }
    }
}
