//! Lines along a pipe or a road.

use std::f64::consts::FRAC_PI_2;

use super::camera::Pace;
use super::plane::{Point, between, distance_m};
use super::region::{Region, turn};
use super::run::{Run, Shots, Stand};
use super::way::Ways;

/// A corner that is sharper than this is cut rather than drawn out (ratio of a mitre to its line).
const LONGEST_MITRE: f64 = 2.0;

/// Where a line leaves what is allowed is found to this length.
const CUT_STEP_M: f64 = 0.5;

/// Runs along a line and beside it, so that pictures show everything within `half_width_m`.
pub(super) fn corridor(
    name: &str,
    line: &[Point],
    half_width_m: f64,
    pace: &Pace,
    allowed: &Region,
    pass: u32,
) -> Vec<Run> {
    let across_m = pace.footprint_m[0];
    let wider = 2.0 * half_width_m - across_m;
    let count = (wider / pace.line_spacing_m - 1e-9).ceil().max(0.0) as i32 + 1;
    let ways = Ways::new(allowed);
    let mut runs = Vec::new();
    // The strip ends in a round; the last picture reaches half its length beyond its middle.
    let line = &drawn_out(line, (half_width_m - pace.footprint_m[1] / 2.0).max(0.0));
    for number in 0..count {
        let offset_m = (f64::from(number) - f64::from(count - 1) / 2.0) * pace.line_spacing_m;
        for piece in kept(&beside(line, offset_m), allowed, &ways) {
            let stand = |at| Stand { at, height_m: f64::NAN, yaw_rad: None, pitch_rad: -FRAC_PI_2 };
            runs.push(Run {
                name: format!("{name}, line {}", number + 1),
                stands: piece.into_iter().map(stand).collect(),
                shots: Shots::Every(pace.photo_spacing_m),
                line: Some((pass, number)),
            });
        }
    }
    runs
}

/// A line that begins and ends so much further out.
fn drawn_out(line: &[Point], by_m: f64) -> Vec<Point> {
    let mut line = line.to_vec();
    for _ in 0..2 {
        if let [first, second, ..] = line[..] {
            let length_m = distance_m(first, second).max(1e-9);
            line[0] = between(first, second, -by_m / length_m);
        }
        line.reverse();
    }
    line
}

/// A line at a distance to the left of another. Where a bend is tighter than the distance, its
/// corner is left out.
fn beside(line: &[Point], offset_m: f64) -> Vec<Point> {
    let normal = |a: Point, b: Point| {
        let length = distance_m(a, b).max(1e-9);
        [-(b[1] - a[1]) / length, (b[0] - a[0]) / length]
    };
    let last = line.len() - 1;
    let mut points: Vec<Point> = Vec::new();
    for at in 0..=last {
        let before = normal(line[at.max(1) - 1], line[at.max(1)]);
        let after = normal(line[at.min(last - 1)], line[at.min(last - 1) + 1]);
        let sum = [before[0] + after[0], before[1] + after[1]];
        let squared = (sum[0] * sum[0] + sum[1] * sum[1]).max(1e-9);
        // |sum|² = 4·cos²(half the bend); the mitre is offset / cos(half the bend).
        let mitre = (2.0 / squared.sqrt()).min(LONGEST_MITRE);
        let scale = offset_m * mitre / squared.sqrt();
        let point = [line[at][0] + sum[0] * scale, line[at][1] + sum[1] * scale];
        let turned_back = points.last().is_some_and(|&previous| {
            let ahead = [line[at][0] - line[at - 1][0], line[at][1] - line[at - 1][1]];
            (point[0] - previous[0]) * ahead[0] + (point[1] - previous[1]) * ahead[1] <= 0.0
        });
        if !turned_back {
            points.push(point);
        } else if at == last {
            points.pop();
            points.push(point);
        }
    }
    points
}

/// The pieces of a line that lie in what is allowed.
fn kept(line: &[Point], allowed: &Region, ways: &Ways) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    let mut piece: Vec<Point> = Vec::new();
    for pair in line.windows(2) {
        let steps = (distance_m(pair[0], pair[1]) / CUT_STEP_M).ceil().max(1.0) as usize;
        let clear = ways.is_clear(pair[0], pair[1]) && allowed.holds(pair[0]);
        let steps = if clear { 1 } else { steps };
        for step in 0..=steps {
            let point = between(pair[0], pair[1], step as f64 / steps as f64);
            let fits = allowed.holds(point)
                && piece.last().is_none_or(|&previous| ways.is_clear(previous, point));
            if fits {
                if piece.last() != Some(&point) {
                    piece.push(point);
                }
            } else if !piece.is_empty() {
                pieces.push(std::mem::take(&mut piece));
            }
        }
    }
    pieces.push(piece);
    pieces.retain(|piece| piece.len() > 1);
    pieces.iter().map(|piece| straightened(piece)).collect()
}

/// Without the points on straight stretches.
fn straightened(points: &[Point]) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::new();
    for (at, &point) in points.iter().enumerate() {
        if let (Some(&before), Some(&after)) = (kept.last(), points.get(at + 1)) {
            let length = distance_m(before, after).max(1e-9);
            if (turn(before, point, after) / length).abs() < 0.01 {
                continue;
            }
        }
        kept.push(point);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_beside_another_keeps_its_distance_at_bends() {
        let line = [[0.0, 0.0], [100.0, 0.0], [100.0, 100.0]];
        let left = beside(&line, 10.0);
        assert_eq!(left.len(), 3);
        assert!(distance_m(left[1], [90.0, 10.0]) < 1e-6, "{left:?}");
        let right = beside(&line, -10.0);
        assert!(distance_m(right[1], [110.0, -10.0]) < 1e-6, "{right:?}");
    }

    #[test]
    fn what_is_not_allowed_is_left_out() {
        let allowed = Region::of_rings(&[
            vec![[-10., -10.], [110., -10.], [110., 10.], [-10., 10.]],
            vec![[40., -10.], [60., -10.], [60., 10.], [40., 10.]],
        ]);
        let ways = Ways::new(&allowed);
        let pieces = kept(&[[0.0, 0.0], [100.0, 0.0]], &allowed, &ways);
        assert_eq!(pieces.len(), 2, "{pieces:?}");
        assert!(pieces.iter().all(|piece| piece.len() == 2));
        assert!(pieces[0][1][0] < 40.0 && pieces[1][0][0] > 60.0);
    }
}
