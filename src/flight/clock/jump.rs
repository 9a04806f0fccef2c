//! Signs that the camera's clock was changed in flight.

/// A stretch of frames is at least this long.
const SHORTEST: usize = 8;
/// Share of a stretch that must have no event.
const SHARE: f64 = 0.2;
/// Odds, in natural logarithms, at which a stretch is not like the other frames, beyond those of
/// finding one among all stretches.
const UNLIKELY: f64 = 5.0;
/// Numbers of neighbours on the card; more apart they may be on either side of the counter's wrap.
const NEIGHBOURS: u32 = 3;

/// Length of the stretch of frames that is most unlike the others: far more of it is missed.
///
/// By Chernoff's bound the missed of n frames come about with a probability below exp(−n D), D the
/// divergence of their share from that of the other frames. Lengths go up by halves, so it takes
/// n log n time.
pub(super) fn unlike_stretch(missed: &[bool]) -> Option<usize> {
    let sums: Vec<usize> = std::iter::once(0)
        .chain(missed.iter().scan(0, |sum, &is_missed| {
            *sum += usize::from(is_missed);
            Some(*sum)
        }))
        .collect();
    let (count, all) = (missed.len(), *sums.last()?);
    let (mut found, mut length) = ((0.0, None), SHORTEST);
    while 2 * length <= count {
        let stretches = (count / length) as f64;
        for (from, to) in sums.iter().zip(sums.iter().skip(length)) {
            let inside = to - from;
            let usual = (all - inside + 1) as f64 / (count - length + 2) as f64;
            let surprise = length as f64 * divergence(inside as f64 / length as f64, usual)
                - (4.0 * stretches).ln();
            if inside as f64 >= SHARE * length as f64 && surprise > UNLIKELY.max(found.0) {
                found = (surprise, Some(length));
            }
        }
        length += length / 2;
    }
    found.1
}

/// Of a share from a higher usual one nothing; else the Kullback-Leibler divergence of two coins.
fn divergence(share: f64, usual: f64) -> f64 {
    if share <= usual {
        return 0.0;
    }
    let others =
        if share < 1.0 { (1.0 - share) * ((1.0 - share) / (1.0 - usual)).ln() } else { 0.0 };
    share * (share / usual).ln() + others
}

/// How many frames are numbered behind one whose stamp is more than `step_s` before that of the
/// frame numbered just before it, and how many in front: the clock was set back.
///
/// Frames are numbers and stamps. Numbers far apart say nothing, since counters of a card wrap.
pub(super) fn went_back(frames: &[(u32, f64)], step_s: f64) -> Option<(usize, usize)> {
    let mut by_number = frames.to_vec();
    by_number.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let back = by_number.windows(2).position(|pair| {
        pair[1].0 > pair[0].0
            && pair[1].0 - pair[0].0 <= NEIGHBOURS
            && pair[1].1 < pair[0].1 - step_s
    })?;
    Some((back + 1, frames.len() - back - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_stands_out_of_the_rest_only_if_it_is_unlike_it() {
        let flight = |stretch: std::ops::Range<usize>, each: usize| -> Vec<bool> {
            (0..200).map(|at| stretch.contains(&at) && at % 2 == 0 || at % each == 7).collect()
        };
        assert!(unlike_stretch(&flight(160..200, 50)).is_some_and(|length| length > 20));
        assert!(unlike_stretch(&flight(90..120, 50)).is_some());
        assert_eq!(unlike_stretch(&flight(0..0, 50)), None);
        assert_eq!(unlike_stretch(&flight(0..0, 4)), None);
        assert_eq!(unlike_stretch(&[true; 5]), None);
        assert_eq!(unlike_stretch(&[]), None);
    }

    #[test]
    fn a_clock_set_back_shows_in_the_numbers_but_a_wrap_does_not() {
        let stamps = |times: &[(u32, f64)]| went_back(times, 1.0);
        assert_eq!(stamps(&[(5, 10.0), (6, 12.0), (7, 3.0), (8, 5.0)]), Some((2, 2)));
        assert_eq!(stamps(&[(9998, 10.0), (9999, 12.0), (1, 14.0), (2, 16.0)]), None);
        assert_eq!(stamps(&[(5, 10.0), (6, 9.5), (7, 12.0)]), None);
        assert_eq!(stamps(&[]), None);
    }
}
