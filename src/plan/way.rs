//! Ways inside a region: straight where nothing is crossed, else round by its corners.

use std::cell::RefCell;
use std::collections::HashMap;

use super::plane::{Point, distance_m};
use super::region::{Edge, Region, turn};

/// How far from a corner a way bends, so that rounding never puts it on the other side.
pub(super) const BEND_INSET_M: f64 = 0.05;

/// Finds shortest ways between points of a region.
///
/// Corners are joined where they see each other (a visibility graph: Lozano-Pérez and Wesley, CACM
/// 22, 1979); the graph is made when the first way is not straight.
#[derive(Debug)]
pub(super) struct Ways {
    bands: Bands,
    bends: Vec<Point>,
    graph: RefCell<Option<Graph>>,
    /// Distances to every corner and the corner before, by the bits of a point.
    known: RefCell<HashMap<[u64; 2], From>>,
}

type Graph = Vec<Vec<(usize, f64)>>;

#[derive(Debug, Clone)]
struct From {
    distance_m: Vec<f64>,
    before: Vec<usize>,
    /// Corners in sight.
    sees: Vec<usize>,
}

const NONE: usize = usize::MAX;

impl Ways {
    pub(super) fn new(region: &Region) -> Self {
        let bands = Bands::new(region.edges().collect());
        let mut bends = region.bends(BEND_INSET_M);
        bends.retain(|&bend| region.holds(bend));
        Self { bands, bends, graph: RefCell::new(None), known: RefCell::new(HashMap::new()) }
    }

    /// Whether the straight way meets no edge.
    pub(super) fn is_clear(&self, a: Point, b: Point) -> bool {
        self.bands.is_clear(a, b)
    }

    /// Length of the shortest way; infinite where there is none.
    pub(super) fn length_m(&self, a: Point, b: Point) -> f64 {
        if self.is_clear(a, b) {
            return distance_m(a, b);
        }
        self.last_bend(a, b).map_or(f64::INFINITY, |(_, length_m)| length_m)
    }

    /// The points where the shortest way bends; `None` where there is no way.
    pub(super) fn bends(&self, a: Point, b: Point) -> Option<Vec<Point>> {
        if self.is_clear(a, b) {
            return Some(Vec::new());
        }
        let (mut at, _) = self.last_bend(a, b)?;
        let from = self.from(a);
        let mut bends = Vec::new();
        while at != NONE {
            bends.push(self.bends[at]);
            at = from.before[at];
        }
        bends.reverse();
        Some(bends)
    }

    /// The corner before `b`, and the whole length.
    fn last_bend(&self, a: Point, b: Point) -> Option<(usize, f64)> {
        let (from, to) = (self.from(a), self.from(b));
        let via =
            to.sees.iter().map(|&at| (at, from.distance_m[at] + distance_m(self.bends[at], b)));
        let best = via.min_by(|one, two| one.1.total_cmp(&two.1))?;
        best.1.is_finite().then_some(best)
    }

    fn from(&self, a: Point) -> From {
        let key = a.map(f64::to_bits);
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let from = self.search(a);
        self.known.borrow_mut().insert(key, from.clone());
        from
    }

    /// Dijkstra's search over corners; there are so few that a plain scan finds the nearest.
    fn search(&self, a: Point) -> From {
        let count = self.bends.len();
        let mut from = From {
            distance_m: vec![f64::INFINITY; count],
            before: vec![NONE; count],
            sees: vec![],
        };
        from.sees = (0..count).filter(|&at| self.is_clear(a, self.bends[at])).collect();
        for &at in &from.sees {
            from.distance_m[at] = distance_m(a, self.bends[at]);
        }
        let mut graph = self.graph.borrow_mut();
        let graph = graph.get_or_insert_with(|| self.graph());
        let mut open: Vec<usize> = (0..count).collect();
        loop {
            let nearest = open.iter().enumerate().min_by(|(_, one), (_, two)| {
                from.distance_m[**one].total_cmp(&from.distance_m[**two])
            });
            let Some((place, &at)) = nearest else { break };
            if from.distance_m[at].is_infinite() {
                break;
            }
            open.swap_remove(place);
            for &(to, step_m) in &graph[at] {
                let length_m = from.distance_m[at] + step_m;
                if length_m < from.distance_m[to] {
                    (from.distance_m[to], from.before[to]) = (length_m, at);
                }
            }
        }
        from
    }

    fn graph(&self) -> Graph {
        let count = self.bends.len();
        let mut graph = vec![Vec::new(); count];
        for one in 0..count {
            for two in one + 1..count {
                let (a, b) = (self.bends[one], self.bends[two]);
                if self.is_clear(a, b) {
                    graph[one].push((two, distance_m(a, b)));
                    graph[two].push((one, distance_m(a, b)));
                }
            }
        }
        graph
    }
}

/// Edges by bands from south to north.
#[derive(Debug)]
struct Bands {
    edges: Vec<Edge>,
    bands: Vec<Vec<usize>>,
    south_m: f64,
    height_m: f64,
}

impl Bands {
    fn new(edges: Vec<Edge>) -> Self {
        let norths = || edges.iter().map(|edge| edge.0[1]);
        let south_m = norths().fold(f64::INFINITY, f64::min);
        let north_m = norths().fold(f64::NEG_INFINITY, f64::max);
        let count = (edges.len() / 3).clamp(1, 512);
        let height_m = ((north_m - south_m) / count as f64).max(1e-6);
        let mut bands = Self { bands: vec![Vec::new(); count], south_m, height_m, edges };
        for at in 0..bands.edges.len() {
            let (a, b) = bands.edges[at];
            for band in bands.range(a, b) {
                bands.bands[band].push(at);
            }
        }
        bands
    }

    fn range(&self, a: Point, b: Point) -> std::ops::RangeInclusive<usize> {
        let last = self.bands.len() - 1;
        let band =
            |north: f64| (((north - self.south_m) / self.height_m).max(0.0) as usize).min(last);
        band(a[1].min(b[1]))..=band(a[1].max(b[1]))
    }

    fn is_clear(&self, a: Point, b: Point) -> bool {
        let meets = |&at: &usize| meet(self.edges[at], (a, b));
        !self.bands[self.range(a, b)].iter().flatten().any(meets)
    }
}

/// Whether two closed segments have a point in common.
fn meet((a, b): Edge, (c, d): Edge) -> bool {
    let apart = |axis: usize| {
        a[axis].max(b[axis]) < c[axis].min(d[axis]) || c[axis].max(d[axis]) < a[axis].min(b[axis])
    };
    if apart(0) || apart(1) {
        return false;
    }
    turn(a, b, c) * turn(a, b, d) <= 0.0 && turn(c, d, a) * turn(c, d, b) <= 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::plane::length_m;

    #[test]
    fn a_way_goes_round_a_hole_the_shorter_side() {
        let yard = Region::of_rings(&[
            vec![[0., 0.], [100., 0.], [100., 100.], [0., 100.]],
            vec![[40., 40.], [60., 40.], [60., 70.], [40., 70.]],
        ]);
        let ways = Ways::new(&yard);
        assert_eq!(ways.bends([10., 10.], [90., 10.]), Some(vec![]));
        let (a, b) = ([10., 50.], [90., 50.]);
        let mut way = vec![a];
        way.extend(ways.bends(a, b).unwrap());
        way.push(b);
        assert_eq!(way.len(), 4, "{way:?}");
        let shortest = 2.0 * 30_f64.hypot(10.0) + 20.0;
        assert!((length_m(&way) - shortest).abs() < 0.3, "{}", length_m(&way));
        assert!((ways.length_m(a, b) - length_m(&way)).abs() < 1e-9);
        assert!(way.windows(2).all(|leg| ways.is_clear(leg[0], leg[1])));
    }

    #[test]
    fn there_is_no_way_between_islands() {
        let square = |west: f64| vec![[west, 0.], [west + 10., 0.], [west + 10., 10.], [west, 10.]];
        let ways = Ways::new(&Region::of_rings(&[square(0.), square(20.)]));
        assert_eq!(ways.bends([5., 5.], [25., 5.]), None);
        assert!(ways.length_m([5., 5.], [25., 5.]).is_infinite());
    }
}
