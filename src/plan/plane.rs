//! The plane that a site is planned in: metres east and north of its middle.

use crate::geo::{Geodetic, LocalFrame};

/// Metres east, metres north.
pub type Point = [f64; 2];

/// A plane that touches the ellipsoid at a site's middle.
///
/// Points are the east and north of a place on the ellipsoid itself. At 50 km from the middle a
/// metre there is 0.97 mm short of a metre on the ground (the cosine of the angle at the earth's
/// centre), which is why larger sites are refused.
#[derive(Debug, Clone)]
pub struct Plane {
    frame: LocalFrame,
}

impl Plane {
    /// With its middle at a place.
    #[must_use]
    pub fn at(lat_deg: f64, lon_deg: f64) -> Self {
        Self { frame: LocalFrame::at(&Geodetic::from_degrees(lat_deg, lon_deg, 0.0)) }
    }

    /// Where a place lies, (longitude, latitude) in degrees.
    #[must_use]
    pub fn point(&self, (lon_deg, lat_deg): (f64, f64)) -> Point {
        let enu = self.frame.enu(&Geodetic::from_degrees(lat_deg, lon_deg, 0.0));
        [enu.x, enu.y]
    }

    /// The frame whose east and north its points are.
    pub(super) fn frame(&self) -> &LocalFrame {
        &self.frame
    }

    /// The place of a point, with a height above the ellipsoid.
    #[must_use]
    pub fn place(&self, [east, north]: Point, height_m: f64) -> Geodetic {
        let place = self.frame.on_ellipsoid([east, north]);
        Geodetic { height_m, ..place }
    }

    /// (longitude, latitude) of a point in degrees.
    #[must_use]
    pub fn degrees(&self, point: Point) -> (f64, f64) {
        let place = self.place(point, 0.0);
        (place.lon_deg(), place.lat_deg())
    }
}

pub(super) fn distance_m(a: Point, b: Point) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

/// The point at a share of the way.
pub(super) fn between(a: Point, b: Point, share: f64) -> Point {
    [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share]
}

/// Length of a line through points.
pub(super) fn length_m(points: &[Point]) -> f64 {
    points.windows(2).map(|pair| distance_m(pair[0], pair[1])).sum()
}

/// Nearest point of a segment.
pub(super) fn nearest_on(a: Point, b: Point, p: Point) -> Point {
    let (along, to) = ([b[0] - a[0], b[1] - a[1]], [p[0] - a[0], p[1] - a[1]]);
    let squared = along[0] * along[0] + along[1] * along[1];
    let share = if squared > 0.0 { (along[0] * to[0] + along[1] * to[1]) / squared } else { 0.0 };
    between(a, b, share.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_to_a_tenth_of_a_millimetre() {
        let plane = Plane::at(52.37, 4.9);
        for point in [[0.0, 0.0], [3_000.0, -20_000.0], [-45_000.0, 45_000.0]] {
            let back = plane.point(plane.degrees(point));
            assert!(distance_m(point, back) < 1e-4, "{point:?} {back:?}");
        }
        let near = plane.degrees([1_000.0, 0.0]);
        assert!((plane.place([1_000.0, 0.0], 42.0).height_m - 42.0).abs() < 1e-12);
        assert!((near.1 - 52.37).abs() < 1e-4 && near.0 > 4.9);
    }
}
