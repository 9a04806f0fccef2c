//! How much of the site's area the frames that were inspected have seen.
//!
//! Counted in square cells, of which about [`CELLS`] lie in the area's box: a cell counts by its
//! middle, so that the share is true to a cell's width along the edges.

use crate::site::Polygon;

/// Cells of the box around the area.
const CELLS: f64 = 40_000.0;
/// No cell is smaller than this, in metres.
const LEAST_CELL_M: f64 = 0.25;
/// Metres of a degree of latitude: near enough for a share.
const METRES_A_DEGREE: f64 = 111_320.0;

/// An area in cells.
#[derive(Debug, Clone)]
pub struct Coverage {
    /// South-western corner, (longitude, latitude) in degrees.
    corner: (f64, f64),
    /// Width and height of a cell in degrees.
    cell: (f64, f64),
    columns: usize,
    /// Row by row from the south.
    cells: Vec<Cell>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Outside,
    Unseen,
    Seen,
}

impl Coverage {
    /// Of a site's areas; `None` where there is none.
    #[must_use]
    pub fn of(areas: &[Polygon]) -> Option<Self> {
        let vertices = || areas.iter().flat_map(|area| &area.outer);
        let least = |of: fn(&(f64, f64)) -> f64| vertices().map(of).fold(f64::INFINITY, f64::min);
        let most =
            |of: fn(&(f64, f64)) -> f64| vertices().map(of).fold(f64::NEG_INFINITY, f64::max);
        let corner = (least(|v| v.0), least(|v| v.1));
        let span = (most(|v| v.0) - corner.0, most(|v| v.1) - corner.1);
        if !(span.0 > 0.0 && span.1 > 0.0) {
            return None;
        }
        let metres = (METRES_A_DEGREE * corner.1.to_radians().cos().max(1e-3), METRES_A_DEGREE);
        let cell_m = (span.0 * metres.0 * span.1 * metres.1 / CELLS).sqrt().max(LEAST_CELL_M);
        let cell = (cell_m / metres.0, cell_m / metres.1);
        // A narrow box has no more cells than a square one: their size comes from its area.
        let [columns, rows] =
            [span.0 / cell.0, span.1 / cell.1].map(|cells| cells.ceil().max(1.0) as usize);
        let cells = vec![Cell::Outside; columns * rows];
        let mut coverage = Self { corner, cell, columns, cells };
        for area in areas {
            let rings: Vec<&[(f64, f64)]> =
                [&area.outer].into_iter().chain(&area.holes).map(Vec::as_slice).collect();
            coverage.fill(&rings, |cell| *cell = Cell::Unseen);
        }
        coverage.cells.contains(&Cell::Unseen).then_some(coverage)
    }

    /// A frame has seen what lies within its footprint, (longitude, latitude) in degrees.
    pub fn see(&mut self, footprint: &[(f64, f64)]) {
        self.fill(&[footprint], |cell| {
            if *cell == Cell::Unseen {
                *cell = Cell::Seen;
            }
        });
    }

    /// The share that was seen, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        let count = |which| self.cells.iter().filter(|cell| **cell == which).count() as f64;
        let seen = count(Cell::Seen);
        seen / (seen + count(Cell::Unseen))
    }

    /// Does something with the cells whose middles an odd number of rings hold, row by row.
    fn fill(&mut self, rings: &[&[(f64, f64)]], mut with: impl FnMut(&mut Cell)) {
        let mut crossings: Vec<f64> = Vec::new();
        for (row, cells) in self.cells.chunks_mut(self.columns).enumerate() {
            let lat = self.corner.1 + (row as f64 + 0.5) * self.cell.1;
            crossings.clear();
            for ring in rings {
                let edges = ring.iter().zip(ring.iter().cycle().skip(1));
                crossings.extend(
                    edges
                        .filter(|(a, b)| (a.1 > lat) != (b.1 > lat))
                        .map(|(a, b)| a.0 + (lat - a.1) / (b.1 - a.1) * (b.0 - a.0)),
                );
            }
            crossings.sort_by(f64::total_cmp);
            for pair in crossings.chunks_exact(2) {
                // The first middle at or east of a crossing.
                let [first, end] = [pair[0], pair[1]].map(|lon| {
                    let column = ((lon - self.corner.0) / self.cell.0 - 0.5).ceil();
                    (column.max(0.0) as usize).min(self.columns)
                });
                cells.get_mut(first..end).into_iter().flatten().for_each(&mut with);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(west: f64, south: f64, side: f64) -> Vec<(f64, f64)> {
        vec![(west, south), (west + side, south), (west + side, south + side), (west, south + side)]
    }

    fn area(holes: Vec<Vec<(f64, f64)>>) -> Polygon {
        Polygon { outer: square(4.0, 52.0, 0.004), holes }
    }

    #[test]
    fn what_is_seen_twice_counts_once_and_what_lies_outside_not_at_all() {
        let mut coverage = Coverage::of(&[area(Vec::new())]).unwrap();
        assert_eq!(coverage.share(), 0.0);
        for _ in 0..2 {
            coverage.see(&square(4.0, 52.0, 0.002));
        }
        assert!((coverage.share() - 0.25).abs() < 0.01, "{}", coverage.share());
        coverage.see(&square(3.99, 51.99, 0.05));
        assert_eq!(coverage.share(), 1.0);
    }

    #[test]
    fn a_hole_need_not_be_seen() {
        let hole = square(4.001, 52.001, 0.002);
        let mut coverage = Coverage::of(&[area(vec![hole.clone()])]).unwrap();
        coverage.see(&hole);
        assert_eq!(coverage.share(), 0.0);
        coverage.see(&square(4.0, 52.0, 0.002));
        assert!((coverage.share() - 0.25).abs() < 0.01, "{}", coverage.share());
    }

    #[test]
    fn nothing_is_no_area() {
        assert!(Coverage::of(&[]).is_none());
        let line = vec![(4.0, 52.0), (4.1, 52.0), (4.2, 52.0)];
        assert!(Coverage::of(&[Polygon { outer: line, holes: Vec::new() }]).is_none());
        let mut coverage = Coverage::of(&[area(Vec::new())]).unwrap();
        coverage.see(&[]);
        coverage.see(&[(f64::NAN, 52.0), (4.0, f64::NAN), (5.0, 53.0)]);
        assert_eq!(coverage.share(), 0.0);
    }
}
