//! Pixel noise of a frame.

use super::rank::{below, ranked};

/// Median of |x| for a normal distribution of unit standard deviation (inverse normal at 3/4).
const MEDIAN_OF_NORMAL: f32 = 0.674_49;

/// Every so many rows are looked at: the estimate stays within 1 %, at an eighth of the time.
const ROW_STEP: usize = 8;

/// Standard deviation of the pixel noise in steps, from the median of second differences along
/// rows, which is blind to slow ground and to the few pixels of edges and spots.
///
/// `differences` is working memory. 0 for frames narrower than three pixels.
#[inline(always)]
pub(super) fn pixel_noise(values: &[u16], width: usize, differences: &mut Vec<u16>) -> f32 {
    differences.clear();
    if width < 3 {
        return 0.0;
    }
    for row in values.chunks_exact(width).step_by(ROW_STEP) {
        let sides = row.iter().zip(&row[2..]);
        differences.extend(sides.zip(&row[1..]).map(|((&left, &right), &middle)| {
            // |2 m - l - r| in 16 bits: as far from the sides' mean rounded down as from it rounded
            // up.
            let mean = (left & right) + ((left ^ right) >> 1);
            let mean_up = mean + ((left ^ right) & 1);
            middle.abs_diff(mean).saturating_add(middle.abs_diff(mean_up))
        }));
    }
    // A second difference of white noise has six times its variance.
    median(differences) / (MEDIAN_OF_NORMAL * 6f32.sqrt())
}

/// Median, with the ties of whole steps spread evenly over the step that they stand for.
#[inline(always)]
fn median(values: &[u16]) -> f32 {
    let half = values.len() / 2;
    let Some(low) = ranked(values, half) else { return 0.0 };
    let under = below(values, low);
    let within = below(values, low.saturating_add(1)).saturating_sub(under).max(1);
    let share = (half as f32 + 0.5 - under as f32) / within as f32;
    (f32::from(low) - 0.5 + share.clamp(0.0, 1.0)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_that_of_a_sorted_list() {
        for (values, expected) in [
            (vec![0u16, 0, 0], 0.0),
            (vec![3, 3, 3], 3.0),
            (vec![1, 5, 900], 5.0),
            (vec![65_535, 65_535, 1], 65_534.5),
            (vec![7; 70_000], 7.0),
        ] {
            assert!((median(&values) - expected).abs() <= 0.5, "{values:?}");
        }
    }

    #[test]
    fn a_ramp_has_no_noise_and_a_known_noise_is_found() {
        let mut differences = Vec::new();
        let ramp: Vec<u16> = (0..64 * 64).map(|at| 1000 + 7 * (at % 64)).collect();
        assert!(pixel_noise(&ramp, 64, &mut differences) < 0.1);

        // Sum of twelve uniform numbers of variance 1/12 each: variance 1.
        let mut state = 1u32;
        let mut uniform = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / f64::from(1 << 24)
        };
        let noisy: Vec<u16> = (0..256 * 256)
            .map(|_| {
                let unit = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
                (28_000.0 + 5.0 * unit).round() as u16
            })
            .collect();
        let found = pixel_noise(&noisy, 256, &mut differences);
        // Rounding to whole steps adds 1/12 to the variance.
        assert!((found / 25.083f32.sqrt() - 1.0).abs() < 0.05, "{found}");
    }
}
