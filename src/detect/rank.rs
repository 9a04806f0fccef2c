//! Percentiles by counting, which processors do for many values at once; nothing is sorted.

/// The value at a place, from 0, in the order of all; `None` beyond the last.
#[inline(always)]
pub(super) fn ranked(values: &[u16], place: usize) -> Option<u16> {
    if place >= values.len() {
        return None;
    }
    let mut low = values.iter().fold(u16::MAX, |low, &value| low.min(value));
    let mut high = values.iter().fold(0, |high, &value| high.max(value));
    while low < high {
        let middle = low + (high - low) / 2;
        if below(values, middle + 1) > place {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(low)
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
        ] {
            let mut sorted = values.clone();
            sorted.sort_unstable();
            for place in 0..values.len() + 2 {
                assert_eq!(ranked(&values, place), sorted.get(place).copied(), "{values:?}");
            }
        }
    }
}
