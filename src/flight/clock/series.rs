//! Times of outside made fit for sums: finite, sorted, and near zero.

/// Steps that stamps are tried for, coarsest first.
const STEPS_S: [f64; 4] = [1.0, 0.1, 0.01, 0.001];

/// The coarsest step of which all stamps are multiples; the finest where none fits.
///
/// A second as a count since 1970 is exact in f64 to 2e-7, so an error of 1e-5 steps of a tenth is
/// rounding.
pub(super) fn step_of(stamps_s: &[f64]) -> f64 {
    STEPS_S
        .into_iter()
        .find(|step| {
            stamps_s.iter().all(|stamp| {
                let steps = stamp / step;
                (steps - steps.round()).abs() * step < 2e-5
            })
        })
        .unwrap_or(0.001)
}

/// Positions of the finite times, sorted by time.
pub(super) fn sorted(times_s: impl Iterator<Item = f64>) -> Vec<(f64, usize)> {
    let mut sorted: Vec<(f64, usize)> = times_s
        .enumerate()
        .filter(|(_, time)| time.is_finite() && time.abs() < FARTHEST_S)
        .map(|(at, time)| (time, at))
        .collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    sorted
}

/// Times beyond are no times: 300,000 years.
const FARTHEST_S: f64 = 1e13;

/// Cells of a grid that two series share, at most: 2^21 take a transform of 32 MB.
const MOST_CELLS: f64 = 2_097_152.0;

/// The given step, or a coarser one where two series of these lengths would take too many cells.
pub(super) fn grid_step(wanted_s: f64, spans_s: f64) -> f64 {
    wanted_s.max(spans_s / MOST_CELLS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_is_that_of_all_stamps() {
        assert_eq!(step_of(&[1_700_000_000.0, 1_700_000_002.0]), 1.0);
        assert_eq!(step_of(&[1_700_000_000.5, 1_700_000_002.0]), 0.1);
        assert_eq!(step_of(&[1_700_000_000.25, 1_700_000_002.0]), 0.01);
        assert_eq!(step_of(&[1_700_000_000.123_456]), 0.001);
    }

    #[test]
    fn times_that_are_none_are_left_out() {
        let times = [3.0, f64::NAN, 1.0, f64::INFINITY, 1e300];
        assert_eq!(sorted(times.into_iter()), [(1.0, 2), (3.0, 0)]);
    }
}
