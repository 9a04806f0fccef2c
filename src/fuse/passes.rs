//! What one pass over a place saw surely, and another pass did not see at all: it came or went.

/// Views of a place that lie further apart are of different passes over it. On one pass a place
/// stays in the picture for a few seconds, and a turn to the next leg takes some more: our
/// convention.
const PASS_S: f64 = 20.0;

/// So many frames of other passes must have missed it.
const LEAST_MISSED: usize = 2;

/// Whether a thing was there during one pass only. `seen_s` are the times of the frames that saw
/// it, in order, `missed_s` those of the frames that held its place and did not, in seconds.
///
/// One frame may see what is none, so it takes two, and half of those of their pass.
pub(super) fn is_of_one_pass(seen_s: &[f64], missed_s: &[f64]) -> bool {
    let (&[first, .., last], one_pass) =
        (seen_s, seen_s.windows(2).all(|pair| pair[1] - pair[0] <= PASS_S))
    else {
        return false;
    };
    let of_pass = |time: f64| (first - PASS_S..=last + PASS_S).contains(&time);
    let missed_then = missed_s.iter().filter(|&&time| of_pass(time)).count();
    one_pass && missed_then <= seen_s.len() && missed_s.len() - missed_then >= LEAST_MISSED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_pass_misses_was_there_for_one_only() {
        for (seen, missed, of_one_pass) in [
            (&[10.0, 12.0, 14.0][..], &[60.0, 62.0][..], true),
            (&[60.0, 62.0], &[10.0, 12.0, 14.0], true),
            (&[10.0, 12.0, 14.0], &[60.0], false),
            (&[10.0], &[60.0, 62.0], false),
            (&[10.0, 12.0, 60.0], &[62.0, 120.0, 122.0], false),
            // More of its own pass missed it than saw it.
            (&[10.0, 12.0], &[8.0, 14.0, 16.0, 60.0, 62.0], false),
            (&[10.0, 12.0], &[8.0, 14.0, 60.0, 62.0], true),
            (&[10.0, 12.0], &[14.0, 16.0], false),
            (&[], &[14.0, 16.0], false),
        ] {
            assert_eq!(is_of_one_pass(seen, missed), of_one_pass, "{seen:?} {missed:?}");
        }
    }
}
