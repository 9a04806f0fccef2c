//! Areas on the ground in metres east and north.

use nalgebra::Vector3;

use crate::geo::{Geodetic, LocalFrame};
use crate::site::{Outline, Polygon};

/// An outline of the site in metres around its centre.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// Rings of a polygon, or one open line, or one point.
    rings: Vec<Vec<[f64; 2]>>,
    /// Whether the rings enclose an area.
    closed: bool,
    /// Half the width of a line, radius of a point, 0 for a polygon.
    reach_m: f64,
    /// West, south, east, north, `reach_m` included.
    pub(super) bounds_m: [f64; 4],
}

impl Shape {
    /// A polygon of the site.
    pub(super) fn of_polygon(polygon: &Polygon, frame: &LocalFrame, height_m: f64) -> Self {
        let rings: Vec<_> = std::iter::once(&polygon.outer)
            .chain(&polygon.holes)
            .map(|ring| in_metres(ring, frame, height_m))
            .collect();
        Self::new(rings, true, 0.0)
    }

    /// Any outline of the site.
    pub(super) fn of_outline(outline: &Outline, frame: &LocalFrame, height_m: f64) -> Self {
        match outline {
            Outline::Polygon(polygon) => Self::of_polygon(polygon, frame, height_m),
            Outline::Line { vertices, half_width_m } => {
                Self::new(vec![in_metres(vertices, frame, height_m)], false, *half_width_m)
            }
            Outline::Point { at, radius_m } => {
                Self::new(vec![in_metres(&[*at], frame, height_m)], false, *radius_m)
            }
        }
    }

    fn new(rings: Vec<Vec<[f64; 2]>>, closed: bool, reach_m: f64) -> Self {
        let mut bounds_m = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for &[east, north] in rings.iter().flatten() {
            bounds_m[0] = bounds_m[0].min(east - reach_m);
            bounds_m[1] = bounds_m[1].min(north - reach_m);
            bounds_m[2] = bounds_m[2].max(east + reach_m);
            bounds_m[3] = bounds_m[3].max(north + reach_m);
        }
        Self { rings, closed, reach_m, bounds_m }
    }

    /// Whether a place lies within the bounds widened by `margin_m`.
    #[inline]
    pub(super) fn may_touch(&self, [east, north]: [f64; 2], margin_m: f64) -> bool {
        let [w, s, e, n] = self.bounds_m;
        east > w - margin_m && east < e + margin_m && north > s - margin_m && north < n + margin_m
    }

    /// Distance from the edge in metres, negative inside; infinite for a shape without points.
    pub(super) fn distance_m(&self, place: [f64; 2]) -> f64 {
        let mut nearest = f64::INFINITY;
        let mut inside = false;
        for ring in &self.rings {
            if let [only] = ring[..] {
                nearest = nearest.min(segment_distance_squared(place, only, only));
            }
            for pair in ring.windows(2) {
                nearest = nearest.min(segment_distance_squared(place, pair[0], pair[1]));
                inside ^= self.closed && crosses(place, pair[0], pair[1]);
            }
            if let (true, [first, .., last]) = (self.closed, &ring[..]) {
                nearest = nearest.min(segment_distance_squared(place, *last, *first));
                inside ^= crosses(place, *last, *first);
            }
        }
        let nearest = nearest.sqrt();
        if inside { -nearest } else { nearest - self.reach_m }
    }
}

fn in_metres(ring: &[(f64, f64)], frame: &LocalFrame, height_m: f64) -> Vec<[f64; 2]> {
    ring.iter()
        .map(|&(lon_deg, lat_deg)| {
            let enu: Vector3<f64> = frame.enu(&Geodetic::from_degrees(lat_deg, lon_deg, height_m));
            [enu.x, enu.y]
        })
        .collect()
}

fn segment_distance_squared([x, y]: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let (px, py) = (x - a[0], y - a[1]);
    let length_squared = dx * dx + dy * dy;
    let along = if length_squared > 0.0 {
        ((px * dx + py * dy) / length_squared).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let (ex, ey) = (px - along * dx, py - along * dy);
    ex * ex + ey * ey
}

/// Whether a ray eastwards from the place crosses the edge (even-odd rule).
fn crosses([x, y]: [f64; 2], a: [f64; 2], b: [f64; 2]) -> bool {
    (a[1] > y) != (b[1] > y) && x < a[0] + (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_signed_and_holes_are_outside() {
        let square = |r: f64| vec![[-r, -r], [r, -r], [r, r], [-r, r]];
        let ring = Shape::new(vec![square(10.0), square(2.0)], true, 0.0);
        assert_eq!(ring.distance_m([0.0, 0.0]), 2.0);
        assert_eq!(ring.distance_m([6.0, 0.0]), -4.0);
        assert_eq!(ring.distance_m([13.0, 14.0]), 5.0);
        let line = Shape::new(vec![vec![[0.0, 0.0], [10.0, 0.0]]], false, 1.0);
        assert_eq!(line.distance_m([5.0, 0.0]), -1.0);
        assert_eq!(line.distance_m([13.0, 4.0]), 4.0);
        let point = Shape::new(vec![vec![[3.0, 4.0]]], false, 2.0);
        assert_eq!(point.distance_m([0.0, 0.0]), 3.0);
        assert_eq!(point.bounds_m, [1.0, 2.0, 5.0, 6.0]);
        assert_eq!(Shape::new(Vec::new(), true, 0.0).distance_m([0.0, 0.0]), f64::INFINITY);
    }
}
