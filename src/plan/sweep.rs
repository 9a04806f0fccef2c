//! Parallel lines over a region: which directions are worth a try, and where the lines run.

use super::plane::Point;
use super::region::{Edge, Region};

/// Directions closer together than this are one.
const SAME_DIRECTION_RAD: f64 = 0.5 * std::f64::consts::PI / 180.0;

/// How many directions are worked out in full.
const TRIED: usize = 8;

/// From where to where along a line.
pub(super) type Span = (f64, f64);

/// A region turned so that lines run along the first axis.
#[derive(Debug)]
pub(super) struct Turned {
    along: Point,
    edges: Vec<Edge>,
    /// Across, of every corner, sorted.
    corners: Vec<f64>,
}

impl Turned {
    /// `angle_rad` is counted from east to north.
    pub(super) fn new(region: &Region, angle_rad: f64) -> Self {
        let (sin, cos) = angle_rad.sin_cos();
        let mut turned = Self { along: [cos, sin], edges: Vec::new(), corners: Vec::new() };
        turned.edges = region.edges().map(|(a, b)| (turned.of(a), turned.of(b))).collect();
        turned.corners = turned.edges.iter().map(|edge| edge.0[1]).collect();
        turned.corners.sort_by(f64::total_cmp);
        turned
    }

    /// (along, across) of a point.
    pub(super) fn of(&self, [east, north]: Point) -> Point {
        let [cos, sin] = self.along;
        [east * cos + north * sin, north * cos - east * sin]
    }

    /// The point of (along, across).
    pub(super) fn back(&self, [along, across]: Point) -> Point {
        let [cos, sin] = self.along;
        [along * cos - across * sin, along * sin + across * cos]
    }

    /// Least and greatest across.
    pub(super) fn width(&self) -> Span {
        let ends = (self.corners.first(), self.corners.last());
        (ends.0.copied().unwrap_or_default(), ends.1.copied().unwrap_or_default())
    }

    /// Where a line lies inside (even-odd, sorted crossings).
    pub(super) fn cut(&self, across: f64) -> Vec<Span> {
        let crossing =
            |(a, b): &Edge| ((a[1] > across) != (b[1] > across)).then(|| at(a, b, across));
        let mut found: Vec<f64> = self.edges.iter().filter_map(crossing).collect();
        found.sort_by(f64::total_cmp);
        found.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
    }

    /// What a line must run along to pass everything within a strip: the strip's part of the
    /// region, projected on the line.
    ///
    /// Between two corners' heights the part is a row of trapezoids, whose ends lie at those
    /// heights.
    pub(super) fn shadow(&self, low: f64, high: f64) -> Vec<Span> {
        let first = self.corners.partition_point(|&corner| corner <= low);
        let last = self.corners.partition_point(|&corner| corner < high);
        let mut levels = vec![low];
        levels.extend(self.corners.get(first..last).unwrap_or_default());
        levels.push(high);
        levels.dedup();
        let near: Vec<&Edge> = self
            .edges
            .iter()
            .filter(|(a, b)| a[1].max(b[1]) > low && a[1].min(b[1]) < high)
            .collect();
        let mut spans = Vec::new();
        for level in levels.windows(2) {
            let middle = (level[0] + level[1]) / 2.0;
            let mut active: Vec<_> = near
                .iter()
                .filter(|(a, b)| (a[1] > middle) != (b[1] > middle))
                .map(|(a, b)| (at(a, b, middle), at(a, b, level[0]), at(a, b, level[1])))
                .collect();
            active.sort_by(|a, b| a.0.total_cmp(&b.0));
            for pair in active.chunks_exact(2) {
                spans.push((pair[0].1.min(pair[0].2), pair[1].1.max(pair[1].2)));
            }
        }
        united(spans)
    }
}

/// Where an edge that is not level has a height; on its end where rounding leads beyond.
fn at(a: &Point, b: &Point, across: f64) -> f64 {
    let share = ((across - a[1]) / (b[1] - a[1])).clamp(0.0, 1.0);
    a[0] + share * (b[0] - a[0])
}

/// Sorted, with those that touch as one.
pub(super) fn united(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut united: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match united.last_mut() {
            Some(last) if span.0 <= last.1 => last.1 = last.1.max(span.1),
            _ => united.push(span),
        }
    }
    united
}

/// What two sorted rows have in common.
pub(super) fn common(one: &[Span], two: &[Span]) -> Vec<Span> {
    let mut spans = Vec::new();
    for a in one {
        for b in two.iter().filter(|b| b.0 < a.1 && b.1 > a.0) {
            spans.push((a.0.max(b.0), a.1.min(b.1)));
        }
    }
    spans
}

/// What of a sorted row another does not hold.
pub(super) fn remaining(of: &[Span], without: &[Span]) -> Vec<Span> {
    let mut left = Vec::new();
    for &(mut from, to) in of {
        for taken in without.iter().filter(|taken| taken.0 < to) {
            if taken.1 <= from {
                continue;
            }
            if taken.0 > from {
                left.push((from, taken.0));
            }
            from = from.max(taken.1);
        }
        if from < to {
            left.push((from, to));
        }
    }
    left
}

/// Directions to try in full, from east to north in radians, 0 to π: those of the region's edges
/// and of its hull's, of which the eight with the fewest lines by a cheap count.
///
/// A convex area has the fewest lines along its least width, which lies flush with an edge
/// (rotating calipers). The count Σ|edge|·|sin| / (2·spacing) is the projection of the whole
/// outline across the lines, which counts every crossing of a concave one.
pub(super) fn directions(region: &Region) -> Vec<f64> {
    let mut edges: Vec<Edge> = region.edges().collect();
    let hull = hull(edges.iter().map(|edge| edge.0).collect());
    edges.extend((0..hull.len()).map(|at| (hull[at], hull[(at + 1) % hull.len()])));
    let mut angles: Vec<f64> = edges
        .iter()
        .filter(|(a, b)| super::plane::distance_m(*a, *b) > 1e-3)
        .map(|(a, b)| (b[1] - a[1]).atan2(b[0] - a[0]).rem_euclid(std::f64::consts::PI))
        .collect();
    angles.sort_by(f64::total_cmp);
    angles.dedup_by(|a, b| (*a - *b).abs() < SAME_DIRECTION_RAD);
    // An outline of thousands of edges has all directions: as many as differ are enough.
    let outline: Vec<Edge> = region.edges().collect();
    let mut scored: Vec<(f64, f64)> = angles
        .into_iter()
        .map(|angle| {
            let (sin, cos) = angle.sin_cos();
            let across = |(a, b): &Edge| ((b[1] - a[1]) * cos - (b[0] - a[0]) * sin).abs();
            (outline.iter().map(across).sum(), angle)
        })
        .collect();
    scored.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    scored.truncate(TRIED);
    scored.into_iter().map(|scored| scored.1).collect()
}

/// The convex hull of a region, counter-clockwise.
pub(super) fn hull_of(region: &Region) -> Vec<Point> {
    hull(region.edges().map(|edge| edge.0).collect())
}

/// The convex hull, counter-clockwise (Andrew's monotone chain).
fn hull(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    points.dedup();
    let half = |points: &mut dyn Iterator<Item = Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for point in points {
            while let [.., a, b] = chain[..]
                && super::region::turn(a, b, point) <= 0.0
            {
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut hull = half(&mut points.iter().copied());
    hull.extend(half(&mut points.iter().rev().copied()));
    hull
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shadow_of_a_strip_is_all_that_lies_in_it() {
        let arrow = Region::of_rings(&[vec![[0., 0.], [100., 50.], [0., 100.], [20., 50.]]]);
        let turned = Turned::new(&arrow, 0.0);
        let close = |spans: &[Span], expected: &[Span]| {
            spans.len() == expected.len()
                && spans
                    .iter()
                    .zip(expected)
                    .all(|(a, b)| (a.0 - b.0).abs() < 1e-3 && (a.1 - b.1).abs() < 1e-3)
        };
        assert!(close(&turned.cut(25.0), &[(10., 50.)]));
        assert!(close(&turned.shadow(20.0, 30.0), &[(8., 60.)]));
        assert!(close(&turned.shadow(40.0, 60.0), &[(16., 100.)]), "{:?}", turned.shadow(40., 60.));
        let upright = Turned::new(&arrow, std::f64::consts::FRAC_PI_2);
        let cut = upright.cut(upright.of([10.0, 0.0])[1]);
        assert!(close(&cut, &[(5., 25.), (75., 95.)]), "{cut:?}");
        let there = upright.back(upright.of([3.0, 4.0]));
        assert!((there[0] - 3.0).abs() < 1e-12 && (there[1] - 4.0).abs() < 1e-12);
    }

    #[test]
    fn spans_are_joined_cut_and_taken_away() {
        assert_eq!(united(vec![(5., 7.), (0., 2.), (1., 3.)]), [(0., 3.), (5., 7.)]);
        assert_eq!(common(&[(0., 3.), (5., 7.)], &[(2., 6.)]), [(2., 3.), (5., 6.)]);
        assert_eq!(remaining(&[(0., 10.)], &[(2., 3.), (9., 12.)]), [(0., 2.), (3., 9.)]);
        assert_eq!(remaining(&[(0., 10.)], &[]), [(0., 10.)]);
    }

    #[test]
    fn the_best_direction_runs_along_the_long_side() {
        let angle = 0.3_f64;
        let (sin, cos) = angle.sin_cos();
        let ring = [[0., 0.], [300., 0.], [300., 40.], [0., 40.]];
        let ring = ring.map(|[x, y]: Point| [x * cos - y * sin, x * sin + y * cos]);
        let best = directions(&Region::of_rings(&[ring.to_vec()]));
        assert!((best[0] - angle).abs() < 1e-3, "{best:?}");
    }
}
