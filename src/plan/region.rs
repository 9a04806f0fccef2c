//! Areas with holes in the plane: boolean operations, growing, and what lies in them.

use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::float::simplify::SimplifyShape;
use i_overlay::float::single::SingleFloatOverlay;
use i_overlay::mesh::float::outline::offset::OutlineOffset;
use i_overlay::mesh::float::stroke::offset::StrokeOffset;
use i_overlay::mesh::float::style::{LineCap, LineJoin, OutlineStyle, StrokeStyle};

use super::plane::{Point, nearest_on};

/// Arcs are drawn in steps of this many radians; grown regions are so much larger that the middle
/// of a chord keeps the distance too.
const ARC_STEP_RAD: f64 = 0.5;
/// The same along a line: the whole strip is made wider by so much that its rounds reach as far as
/// was asked, 0.1 % here, and what a strip holds has to be seen.
const STRIP_STEP_RAD: f64 = 0.1;

/// Rings below this area come from rounding and are dropped.
const LEAST_RING_M2: f64 = 1e-4;

/// Some areas with their holes, none overlapping another.
#[derive(Debug, Clone, Default)]
pub struct Region {
    shapes: Vec<Vec<Vec<Point>>>,
}

/// An edge, from point to point.
pub(super) type Edge = (Point, Point);

impl Region {
    /// What lies inside an odd number of rings.
    #[must_use]
    pub fn of_rings(rings: &[Vec<Point>]) -> Self {
        Self::kept(rings.to_vec().simplify_shape(FillRule::EvenOdd))
    }

    /// What lies inside at least one of the rings, whichever way they turn.
    #[must_use]
    pub fn of_any(rings: &[Vec<Point>]) -> Self {
        let turned = |ring: &Vec<Point>| {
            let mut ring = ring.clone();
            if area_m2(&ring) < 0.0 {
                ring.reverse();
            }
            ring
        };
        let rings: Vec<Vec<Point>> = rings.iter().map(turned).collect();
        Self::kept(rings.simplify_shape(FillRule::NonZero))
    }

    /// What lies within a distance of a line, with round ends.
    #[must_use]
    pub fn around_line(line: &[Point], half_width_m: f64) -> Self {
        let width_m = 2.0 * half_width_m / (STRIP_STEP_RAD / 2.0).cos();
        let style = StrokeStyle::new(width_m)
            .line_join(LineJoin::Round(STRIP_STEP_RAD))
            .start_cap(LineCap::Round(STRIP_STEP_RAD))
            .end_cap(LineCap::Round(STRIP_STEP_RAD));
        Self::kept(line.to_vec().stroke(style, false))
    }

    /// What lies within a distance of a point.
    #[must_use]
    pub fn around_point([east, north]: Point, radius_m: f64) -> Self {
        let corners = 24;
        let step_rad = std::f64::consts::TAU / f64::from(corners);
        let outer_m = radius_m / (step_rad / 2.0).cos();
        let corner = |number| {
            let (sin, cos) = (f64::from(number) * step_rad).sin_cos();
            [east + outer_m * cos, north + outer_m * sin]
        };
        Self::of_rings(&[(0..corners).map(corner).collect()])
    }

    fn kept(mut shapes: Vec<Vec<Vec<Point>>>) -> Self {
        shapes.retain_mut(|rings| {
            let solid = rings.first().is_some_and(|ring| area_m2(ring).abs() > LEAST_RING_M2);
            rings.retain(|ring| area_m2(ring).abs() > LEAST_RING_M2);
            solid
        });
        Self { shapes }
    }

    fn overlay(&self, other: &Self, rule: OverlayRule) -> Self {
        Self::kept(self.shapes.overlay(&other.shapes, rule, FillRule::NonZero))
    }

    /// Both together.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        if self.is_empty() {
            return other.clone();
        }
        if other.is_empty() {
            return self.clone();
        }
        self.overlay(other, OverlayRule::Union)
    }

    /// This without the other.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        if self.is_empty() || other.is_empty() {
            return self.clone();
        }
        self.overlay(other, OverlayRule::Difference)
    }

    /// What lies in both.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        if self.is_empty() || other.is_empty() {
            return Self::default();
        }
        self.overlay(other, OverlayRule::Intersect)
    }

    /// Everything within a distance of it; shrunk where the distance is negative.
    #[must_use]
    pub fn grown(&self, by_m: f64) -> Self {
        if by_m == 0.0 || self.is_empty() {
            return self.clone();
        }
        let by_m = by_m / (ARC_STEP_RAD / 2.0).cos();
        let style = OutlineStyle::new(by_m).line_join(LineJoin::Round(ARC_STEP_RAD));
        let mut all = Self::default();
        for shape in &self.shapes {
            all = all.and(&Self::kept(shape.outline(&style)));
        }
        all
    }

    /// Its outer outlines alone, without holes.
    #[must_use]
    pub fn filled(&self) -> Self {
        let outer = self.shapes.iter().filter_map(|rings| rings.first());
        outer.fold(Self::default(), |all, ring| all.and(&Self { shapes: vec![vec![ring.clone()]] }))
    }

    /// Its parts that do not touch each other.
    pub fn parts(&self) -> impl Iterator<Item = Self> + '_ {
        self.shapes.iter().map(|rings| Self { shapes: vec![rings.clone()] })
    }

    /// Shapes: rings, of which the first is the outer one.
    #[must_use]
    pub fn shapes(&self) -> &[Vec<Vec<Point>>] {
        &self.shapes
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shapes.is_empty()
    }

    /// Area in square metres.
    #[must_use]
    pub fn area_m2(&self) -> f64 {
        self.shapes.iter().flatten().map(|ring| area_m2(ring)).sum::<f64>().abs()
    }

    /// West, south, east, north of all of it.
    #[must_use]
    pub fn bounds_m(&self) -> [f64; 4] {
        let far = f64::INFINITY;
        self.shapes.iter().flatten().flatten().fold([far, far, -far, -far], |box_m, p| {
            [box_m[0].min(p[0]), box_m[1].min(p[1]), box_m[2].max(p[0]), box_m[3].max(p[1])]
        })
    }

    pub(super) fn edges(&self) -> impl Iterator<Item = Edge> + '_ {
        self.shapes
            .iter()
            .flatten()
            .flat_map(|ring| (0..ring.len()).map(move |at| (ring[at], ring[(at + 1) % ring.len()])))
    }

    /// Whether a point lies inside (even-odd).
    #[must_use]
    pub fn holds(&self, [east, north]: Point) -> bool {
        self.edges().fold(false, |inside, (a, b)| {
            let spans = (a[1] > north) != (b[1] > north);
            inside ^ (spans && east < a[0] + (north - a[1]) / (b[1] - a[1]) * (b[0] - a[0]))
        })
    }

    /// Distance from a point to the outline, whichever side it lies on.
    #[must_use]
    pub fn edge_distance_m(&self, p: Point) -> f64 {
        self.edges()
            .map(|(a, b)| super::plane::distance_m(nearest_on(a, b, p), p))
            .fold(f64::INFINITY, f64::min)
    }

    /// Point of the outline that is nearest to a point.
    pub(super) fn nearest(&self, p: Point) -> Option<Point> {
        let near = self.edges().map(|(a, b)| nearest_on(a, b, p));
        near.min_by(|a, b| {
            super::plane::distance_m(*a, p).total_cmp(&super::plane::distance_m(*b, p))
        })
    }

    /// Corners that a shortest way inside may bend at, moved inwards by `inset_m`.
    pub(super) fn bends(&self, inset_m: f64) -> Vec<Point> {
        let mut bends = Vec::new();
        for ring in self.shapes.iter().flatten() {
            let count = ring.len();
            for at in 0..count {
                let (a, b, c) = (ring[(at + count - 1) % count], ring[at], ring[(at + 1) % count]);
                // The inside lies to the left of every edge: outer rings run counter-clockwise.
                if turn(a, b, c) < 0.0
                    && let Some(bend) = inset(a, b, c, inset_m)
                {
                    bends.push(bend);
                }
            }
        }
        bends
    }
}

/// A reflex corner moved to the left of both of its edges.
fn inset(a: Point, b: Point, c: Point, by_m: f64) -> Option<Point> {
    let left = |p: Point, q: Point| {
        let length = (q[0] - p[0]).hypot(q[1] - p[1]);
        (length > 0.0).then(|| [-(q[1] - p[1]) / length, (q[0] - p[0]) / length])
    };
    let (one, two) = (left(a, b)?, left(b, c)?);
    let sum = [one[0] + two[0], one[1] + two[1]];
    let norm = sum[0].hypot(sum[1]).max(0.1);
    // As far from both edges as asked, at sharp corners at most ten times as far from the corner.
    let scale = 2.0 * by_m / (norm * norm).max(0.2);
    Some([b[0] + sum[0] * scale, b[1] + sum[1] * scale])
}

/// Signed area of a ring, positive counter-clockwise.
pub(super) fn area_m2(ring: &[Point]) -> f64 {
    let Some(&origin) = ring.first() else { return 0.0 };
    (1..ring.len().saturating_sub(1)).map(|at| turn(origin, ring[at], ring[at + 1])).sum::<f64>()
        / 2.0
}

/// Twice the signed area of a triangle: positive when `c` lies to the left of `a` → `b`.
pub(super) fn turn(a: Point, b: Point, c: Point) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(west: f64, south: f64, side: f64) -> Vec<Point> {
        vec![[west, south], [west + side, south], [west + side, south + side], [west, south + side]]
    }

    #[test]
    fn areas_add_up() {
        let yard = Region::of_rings(&[square(0., 0., 100.), square(40., 40., 20.)]);
        assert!((yard.area_m2() - 9_600.0).abs() < 0.01);
        assert!(yard.holds([10., 10.]) && !yard.holds([50., 50.]) && !yard.holds([-1., 5.]));
        assert!((yard.filled().area_m2() - 10_000.0).abs() < 0.01);
        let grown = yard.grown(5.0);
        let rounded = 10_000.0 + 4.0 * 500.0 + std::f64::consts::PI * 25.0 - 100.0;
        assert!((grown.area_m2() - rounded).abs() < 80.0, "{}", grown.area_m2());
        assert!((yard.edge_distance_m([50., 50.]) - 10.0).abs() < 1e-3);
        assert!(yard.grown(-60.0).is_empty());
    }

    #[test]
    fn rings_together_cover_what_any_covers() {
        let mut back = square(50., 0., 100.);
        back.reverse();
        let both = Region::of_any(&[square(0., 0., 100.), back, square(300., 0., 10.)]);
        assert!((both.area_m2() - 15_100.0).abs() < 0.01, "{}", both.area_m2());
        assert!(Region::of_any(&[]).is_empty() && Region::of_any(&[vec![[0., 0.]]]).is_empty());
    }

    #[test]
    fn growth_keeps_the_distance_everywhere() {
        let spike = Region::of_rings(&[vec![[0., 0.], [100., 2.], [0., 4.]]]);
        let grown = spike.grown(10.0);
        let least = grown.edges().flat_map(|(a, b)| {
            [0.0, 0.25, 0.5, 0.75]
                .map(|s| spike.edge_distance_m(super::super::plane::between(a, b, s)))
        });
        let least = least.fold(f64::INFINITY, f64::min);
        assert!(least > 9.99, "{least}");
        let line = Region::around_line(&[[0., 0.], [50., 0.], [50., 50.]], 5.0);
        assert!(line.holds([50., 54.9]) && line.holds([-4.9, 0.]) && !line.holds([0., 5.3]));
    }

    #[test]
    fn ways_bend_at_reflex_corners_and_round_holes() {
        let ell = vec![[0., 0.], [100., 0.], [100., 40.], [40., 40.], [40., 100.], [0., 100.]];
        let bends = Region::of_rings(&[ell]).bends(0.1);
        let [bend] = bends[..] else { panic!("{bends:?}") };
        assert!((bend[0] - 39.9).abs() < 1e-3 && (bend[1] - 39.9).abs() < 1e-3, "{bend:?}");
        let yard = Region::of_rings(&[square(0., 0., 100.), square(40., 40., 20.)]);
        let bends = yard.bends(0.1);
        assert_eq!(bends.len(), 4);
        assert!(bends.iter().all(|&bend| yard.holds(bend)));
    }
}
