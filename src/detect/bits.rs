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
    #[cfg(target_arch = "x86_64")]
    return bits_by_mask(values, limit);
    #[cfg(not(target_arch = "x86_64"))]
    bits_anywhere(values, limit)
}

/// x86 has an instruction that takes one bit out of each byte of a register.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn bits_by_mask(values: &[u16; WORD], limit: u16) -> u64 {
    use std::arch::x86_64 as x86;

    let mut word = 0;
    for (at, sixteen) in values.as_chunks::<16>().0.iter().enumerate() {
        let [low, high] = [0, 8].map(|from| sixteen[from..].as_ptr().cast());
        #[expect(unsafe_code, reason = "no safe code becomes this instruction")]
        // SAFETY: every x86_64 has SSE2; eight values lie behind each pointer, however aligned.
        let not_higher = unsafe {
            let limit = x86::_mm_set1_epi16(limit.cast_signed());
            let beyond = |from| x86::_mm_subs_epu16(x86::_mm_loadu_si128(from), limit);
            let within = |from| x86::_mm_cmpeq_epi16(beyond(from), x86::_mm_setzero_si128());
            x86::_mm_movemask_epi8(x86::_mm_packs_epi16(within(low), within(high)))
        };
        word |= u64::from(!not_higher as u16) << (16 * at);
    }
    word
}

/// The same for all processors.
#[cfg(any(test, not(target_arch = "x86_64")))]
fn bits_anywhere(values: &[u16; WORD], limit: u16) -> u64 {
    let place = |(at, &value): (usize, &u16)| u64::from(value > limit) << at;
    values.iter().enumerate().map(place).fold(0, |word, bit| word | bit)
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
    fn one_bit_a_comparison_with_every_processor() {
        // Numbers all over the range, and the limits' neighbours among them.
        let mut values: [u16; WORD] = std::array::from_fn(|at| (at * 40_503 % 65_536) as u16);
        values[..6].copy_from_slice(&[0, 1, 32_767, 32_768, 65_534, 65_535]);
        for limit in [0, 1, 40_503, 32_767, 32_768, 65_534, 65_535] {
            for word in [bits(&values, limit), bits_anywhere(&values, limit)] {
                let is_higher = |at: usize| values[at] > limit;
                assert!((0..WORD).all(|at| (word >> at & 1 == 1) == is_higher(at)), "{limit}");
            }
        }
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
