//! Heights along a run: over the ground below, no steeper than the vehicle climbs.

use super::Error;
use super::field::Field;
use super::plane::{Point, between, distance_m};

/// A run's heights may be this share of its distance too high for the sake of fewer waypoints.
const ROUGH: f64 = 0.03;

/// How a run follows the ground.
#[derive(Debug, Clone, Copy)]
pub(super) struct Follow {
    /// Above the highest ground of the strip that the pictures show.
    pub(super) distance_m: f64,
    /// Of that strip.
    pub(super) half_width_m: f64,
    /// Steepest climb or descent, metres a metre.
    pub(super) steepest: f64,
}

/// Waypoints with heights above the ellipsoid.
///
/// The highest ground of the strip counts, so that no part of it comes nearer to the camera than
/// was asked: pictures overlap there at least as much as on flat ground. What stands on the ground
/// within the strip lifts the run as a whole.
pub(super) fn follow(
    field: &Field<'_>,
    points: &[Point],
    follow: &Follow,
    over: &dyn Fn(f64) -> bool,
) -> Result<Vec<(Point, f64)>, Error> {
    let lift_m = lift_m(field, points, follow, over)?;
    if field.is_flat() {
        let height_m =
            |at: &Point| field.ground_m(*at).map(|ground_m| ground_m + follow.distance_m);
        let flat = |at: &Point| Ok((*at, height_m(at)? + lift_m));
        return points.iter().map(flat).collect();
    }
    let samples = samples(points, (follow.half_width_m / 2.0).clamp(2.0, 20.0));
    let mut heights = Vec::with_capacity(samples.len());
    for (at, side) in &samples {
        let mut ground_m = field.ground_m(*at)?;
        for share in [-1.0, -0.5, 0.5, 1.0] {
            let reach_m = share * follow.half_width_m;
            let beside = [at[0] + side[0] * reach_m, at[1] + side[1] * reach_m];
            // Beside the line the model may end: what is not flown over needs no ground.
            ground_m = ground_m.max(field.ground_m(beside).unwrap_or(f64::NEG_INFINITY));
        }
        heights.push(ground_m + follow.distance_m + lift_m);
    }
    let step_m = |at: usize| distance_m(samples[at].0, samples[at + 1].0);
    for at in 0..heights.len().saturating_sub(1) {
        heights[at + 1] = heights[at + 1].max(heights[at] - follow.steepest * step_m(at));
    }
    for at in (0..heights.len().saturating_sub(1)).rev() {
        heights[at] = heights[at].max(heights[at + 1] - follow.steepest * step_m(at));
    }
    Ok(simplified(points, &samples, &heights, ROUGH * follow.distance_m))
}

/// How much things within the strip stand above the ground, as far as they are flown over.
fn lift_m(
    field: &Field<'_>,
    points: &[Point],
    follow: &Follow,
    over: &dyn Fn(f64) -> bool,
) -> Result<f64, Error> {
    let mut lift_m = 0.0_f64;
    for tall in &field.tall {
        let near = |pair: &[Point]| {
            let steps = (distance_m(pair[0], pair[pair.len() - 1]) / 5.0).ceil().max(1.0) as usize;
            (0..=steps).any(|step| {
                let at = between(pair[0], pair[pair.len() - 1], step as f64 / steps as f64);
                tall.is_near(at, follow.half_width_m)
            })
        };
        let touched = if points.len() < 2 { near(points) } else { points.windows(2).any(near) };
        if touched {
            let [west, south, east, north] = tall.region.bounds_m();
            let ground_m = field.ground_m([(west + east) / 2.0, (south + north) / 2.0])?;
            let height_m = tall.top_m - ground_m;
            if over(height_m) {
                lift_m = lift_m.max(height_m);
            }
        }
    }
    Ok(lift_m)
}

/// Points along a line, and the direction to its left at each.
fn samples(points: &[Point], step_m: f64) -> Vec<(Point, Point)> {
    let mut samples = Vec::new();
    for pair in points.windows(2) {
        let length_m = distance_m(pair[0], pair[1]).max(1e-9);
        let left = [-(pair[1][1] - pair[0][1]) / length_m, (pair[1][0] - pair[0][0]) / length_m];
        let steps = (length_m / step_m).ceil().max(1.0) as usize;
        for step in 0..steps {
            samples.push((between(pair[0], pair[1], step as f64 / steps as f64), left));
        }
    }
    let left = samples.last().map_or([1.0, 0.0], |last| last.1);
    samples.extend(points.last().map(|&last| (last, left)));
    samples
}

/// The points of the line, and those between them without which a straight leg would be further off
/// than the tolerance; all lifted by what it then lies too low (Douglas and Peucker, 1973).
fn simplified(
    points: &[Point],
    samples: &[(Point, Point)],
    heights: &[f64],
    tolerance_m: f64,
) -> Vec<(Point, f64)> {
    let is_corner = |at: usize| points.contains(&samples[at].0);
    let mut keep: Vec<bool> = (0..samples.len()).map(is_corner).collect();
    let line_m = |from: usize, to: usize, at: usize| {
        let whole_m = distance_m(samples[from].0, samples[to].0).max(1e-9);
        let share = distance_m(samples[from].0, samples[at].0) / whole_m;
        heights[from] + (heights[to] - heights[from]) * share
    };
    let corners: Vec<usize> = (0..samples.len()).filter(|&at| keep[at]).collect();
    let mut open: Vec<(usize, usize)> = corners.windows(2).map(|pair| (pair[0], pair[1])).collect();
    while let Some((from, to)) = open.pop() {
        let off = |at: usize| (heights[at] - line_m(from, to, at)).abs();
        let worst = (from + 1..to).max_by(|&a, &b| off(a).total_cmp(&off(b)));
        if let Some(at) = worst.filter(|&at| off(at) > tolerance_m) {
            keep[at] = true;
            open.extend([(from, at), (at, to)]);
        }
    }
    let kept: Vec<usize> = (0..samples.len()).filter(|&at| keep[at]).collect();
    let lacking = kept
        .windows(2)
        .flat_map(|pair| (pair[0]..pair[1]).map(|at| heights[at] - line_m(pair[0], pair[1], at)));
    let lacking_m = lacking.fold(0.0, f64::max);
    kept.into_iter().map(|at| (samples[at].0, heights[at] + lacking_m)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simplified_profile_is_never_below_what_was_needed() {
        let points = [[0.0, 0.0], [200.0, 0.0]];
        let samples = samples(&points, 5.0);
        let heights: Vec<f64> =
            samples.iter().map(|(at, _)| 50.0 + 8.0 * (at[0] / 30.0).sin()).collect();
        let kept = simplified(&points, &samples, &heights, 1.5);
        assert!(kept.len() < samples.len() / 2, "{}", kept.len());
        for ((at, _), height_m) in samples.iter().zip(&heights) {
            let pair = kept.windows(2).find(|pair| at[0] >= pair[0].0[0] && at[0] <= pair[1].0[0]);
            let pair = pair.unwrap();
            let share = (at[0] - pair[0].0[0]) / (pair[1].0[0] - pair[0].0[0]);
            let flown_m = pair[0].1 + (pair[1].1 - pair[0].1) * share;
            assert!(flown_m >= height_m - 1e-9 && flown_m < height_m + 3.1, "{flown_m} {height_m}");
        }
    }
}
