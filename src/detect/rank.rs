//! Percentiles by counting, which processors do for many values at once; nothing is sorted.

use std::array;

/// From twice as many values on, so many of them are looked at first.
const SAMPLES: usize = 1024;

/// So many places of the samples lie on each side of the sought one for it to be between them
/// nearly always: three standard deviations of the middle one's place, which has most.
const SAFE_PLACES: usize = 48;

/// The value at a place, from 0, in the order of all; `None` beyond the last.
#[inline(always)]
pub(super) fn ranked(values: &[u16], place: usize) -> Option<u16> {
    if place >= values.len() {
        return None;
    }
    if values.len() < 2 * SAMPLES {
        let low = values.iter().fold(u16::MAX, |low, &value| low.min(value));
        let high = values.iter().fold(0, |high, &value| high.max(value));
        return Some(between(values, place, [low, high], []));
    }
    let samples: [u16; SAMPLES] = array::from_fn(|at| values[at * values.len() / SAMPLES]);
    let middle = place * SAMPLES / values.len();
    let [low, high] = [middle.saturating_sub(SAFE_PLACES), middle + SAFE_PLACES]
        .map(|place| between(&samples, place.min(SAMPLES - 1), [0, u16::MAX], []));
    Some(between(values, place, [0, u16::MAX], [low.saturating_sub(1), high]))
}

/// The value at a place, which is one of two or lies between them. Values are tried as bounds, and
/// then what halves the rest.
#[inline(always)]
fn between<const N: usize>(
    values: &[u16],
    place: usize,
    [mut low, mut high]: [u16; 2],
    tried: [u16; N],
) -> u16 {
    let mut tried = tried.into_iter();
    while low < high {
        let halves = low + (high - low) / 2;
        let middle = tried.next().filter(|tried| (low..high).contains(tried)).unwrap_or(halves);
        if below(values, middle + 1) > place {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// How many values lie below a limit, counted in 16 bits so that many fit one register.
#[inline(always)]
pub(super) fn below(values: &[u16], limit: u16) -> usize {
    values
        .chunks(usize::from(u16::MAX))
        .map(|part| usize::from(part.iter().map(|&value| u16::from(value < limit)).sum::<u16>()))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_has_the_value_of_a_sorted_list() {
        let scattered = |at: u32| (at.wrapping_mul(2_654_435_761) >> 16) as u16;
        for values in [
            vec![],
            vec![7],
            vec![0, u16::MAX, 0, u16::MAX],
            vec![3; 70],
            (0..90).map(scattered).collect::<Vec<_>>(),
            (0..90).map(|at| scattered(at) % 5).collect(),
            (0..5000).map(|at| scattered(at) % 3000).collect(),
            // What the samples say is wrong.
            (0..8192).map(|at| if at % 8 == 0 { 9 } else { scattered(at) }).collect(),
        ] {
            let mut sorted = values.clone();
            sorted.sort_unstable();
            for place in 0..values.len() + 2 {
                assert_eq!(ranked(&values, place), sorted.get(place).copied(), "{values:?}");
            }
        }
    }
}
