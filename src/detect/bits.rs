//! Comparisons of a row of pixels, one bit each, and runs of ones among them.

use std::iter;
use std::ops::Range;

/// Pixels a word of bits.
pub(super) const WORD: usize = 64;

/// Pixels whose highest is found at once.
pub(super) const LANES: usize = 16;

/// One bit a pixel that is higher than the limit, the first pixel lowest.
#[inline(always)]
pub(super) fn bits(values: &[u16; WORD], limit: u16) -> u64 {
    let mut bytes = [0u8; WORD];
    for (byte, &value) in bytes.iter_mut().zip(values) {
        *byte = u8::from(value > limit);
    }
    let mut eights = [0u64; WORD / 8];
    for (eight, &bytes) in eights.iter_mut().zip(bytes.as_chunks().0) {
        *eight = u64::from_le_bytes(bytes);
    }
    for eight in &mut eights {
        // Moves the lowest bits of eight bytes into the first byte: of two, of four, of all.
        *eight |= *eight >> 7;
        *eight |= *eight >> 14;
        *eight |= *eight >> 28;
    }
    eights.iter().enumerate().fold(0, |word, (at, eight)| word | (eight & 0xFF) << (8 * at))
}

/// Ones for the lanes to keep, zeros for those to drop.
const KEPT: [u16; 2 * LANES] = {
    let mut kept = [0; 2 * LANES];
    kept.split_at_mut(LANES).0.copy_from_slice(&[u16::MAX; LANES]);
    kept
};

/// The highest of the first `length` values, each turned before. Values behind them that fill up
/// the last sixteen are read too, which is faster.
#[inline(always)]
pub(super) fn highest(values: &[u16], length: usize, turned: impl Fn(u16) -> u16) -> u16 {
    let mut best = [0; LANES];
    let mut values = values;
    let mut left = length;
    while left > 0 {
        let kept = KEPT[LANES - left.min(LANES)..].first_chunk::<LANES>();
        let (Some((lanes, behind)), Some(kept)) = (values.split_first_chunk::<LANES>(), kept)
        else {
            let best = best.into_iter().fold(0, u16::max);
            return values.iter().take(left).fold(best, |best, &v| best.max(turned(v)));
        };
        for ((best, &value), kept) in best.iter_mut().zip(lanes).zip(kept) {
            *best = (*best).max(turned(value) & kept);
        }
        (values, left) = (behind, left.saturating_sub(LANES));
    }
    best.into_iter().fold(0, u16::max)
}

/// Places of the ones, lowest first.
#[inline(always)]
pub(super) fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    iter::from_fn(move || {
        let at = word.trailing_zeros() as usize;
        word &= word.wrapping_sub(1);
        (at < WORD).then_some(at)
    })
}

/// Runs of ones, lowest first.
#[inline(always)]
pub(super) fn runs(mut word: u64) -> impl Iterator<Item = Range<usize>> {
    iter::from_fn(move || {
        let start = word.trailing_zeros() as usize;
        // What follows the run's last one: all ones below are filled first.
        let end = (word | word.wrapping_sub(1)).trailing_ones() as usize;
        word &= u64::MAX.checked_shl(end as u32).unwrap_or(0);
        (start < WORD).then_some(start..end)
    })
}

/// Ones at the places of a range.
#[inline(always)]
pub(super) fn mask(range: &Range<usize>) -> u64 {
    (u64::MAX >> (WORD - (range.end - range.start))) << range.start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bit_a_comparison() {
        let values: [u16; WORD] = std::array::from_fn(|at| (at % 3) as u16);
        let word = bits(&values, 1);
        assert!((0..WORD).all(|at| (word >> at & 1 == 1) == (at % 3 == 2)));
    }

    #[test]
    fn ones_and_runs_come_lowest_first() {
        for (word, expected) in [
            (0, &[][..]),
            (1, &[(0, 1)]),
            (0b1_0110, &[(1, 3), (4, 5)]),
            (1 << 63, &[(63, 64)]),
            (u64::MAX, &[(0, 64)]),
            (u64::MAX << 60 | 1, &[(0, 1), (60, 64)]),
        ] {
            let found: Vec<_> = runs(word).map(|run| (run.start, run.end)).collect();
            assert_eq!(found, expected, "{word:b}");
            assert_eq!(runs(word).fold(0, |all, run| all | mask(&run)), word);
            let places: Vec<usize> = runs(word).flatten().collect();
            assert_eq!(ones(word).collect::<Vec<_>>(), places, "{word:b}");
        }
    }

    #[test]
    fn the_highest_is_among_the_first_values_however_many_lie_behind() {
        let values: Vec<u16> = (0..100).map(|at| at * 37 % 101).collect();
        for length in 0..40 {
            for behind in 0..20 {
                let values = &values[..length + behind];
                let highest = |turned: fn(u16) -> u16| super::highest(values, length, turned);
                let first = &values[..length];
                assert_eq!(highest(|value| value), first.iter().copied().max().unwrap_or(0));
                let lowest = first.iter().copied().min();
                assert_eq!(highest(|value| !value), lowest.map_or(0, |value| !value));
            }
        }
    }
}
