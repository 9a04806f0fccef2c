//! How far right detections are off.

use super::report::Position;

/// The middle value, or the mean of both middle ones; `None` of none.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2)?;
    let lower = values.get(values.len().saturating_sub(1) / 2)?;
    Some((lower + upper) / 2.0)
}

/// Of what each is off; `None` of none.
pub(super) fn position(offsets: &[[f64; 2]]) -> Option<Position> {
    let mut distances: Vec<f64> = offsets.iter().map(|[dx, dy]| dx.hypot(*dy)).collect();
    distances.sort_by(f64::total_cmp);
    let count = distances.len();
    let mean = |sum: f64| sum / count as f64;
    // The smallest distance that nine of ten do not exceed.
    let most90 = *distances.get((count * 9).div_ceil(10).checked_sub(1)?)?;
    Some(Position {
        count,
        median: median(&distances)?,
        rms: mean(distances.iter().map(|one| one * one).sum()).sqrt(),
        most90,
        mean_x: mean(offsets.iter().map(|offset| offset[0]).sum()),
        mean_y: mean(offsets.iter().map(|offset| offset[1]).sum()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_and_what_all_are_off_together() {
        let told = position(&[[3.0, 4.0], [1.0, 0.0], [-1.0, 0.0]]).unwrap();
        assert_eq!((told.count, told.median, told.most90), (3, 1.0, 5.0));
        assert_eq!((told.mean_x, told.mean_y), (1.0, 4.0 / 3.0));
        assert!((told.rms - 3.0).abs() < 1e-12);
        assert_eq!(position(&[]), None);
        assert_eq!(median(&[4.0, 1.0]), Some(2.5));
    }
}
