//! In what order lines are flown: nearest first, then 2-opt and or-opt until nothing gains.

use super::plane::Point;

/// A gain below this share of the whole ends the search.
const LEAST_GAIN: f64 = 1e-3;

/// With more lines than this an exchange looks only so far ahead in the order.
const WHOLE_SEARCH: usize = 400;
const LOOKAHEAD: usize = 60;

/// Rounds of exchanges at most; each gains a thousandth at least, and most end after a few.
const MOST_ROUNDS: usize = 40;

/// Longest row of lines that is moved as one.
const LONGEST_MOVED: usize = 3;

/// A line by its number, and whether it is flown from its end to its beginning.
pub(super) type Turn = (usize, bool);

/// Orders lines, given by their two ends, from `start` and back to it.
///
/// `way_m` is the length of the way between two points, the same in both directions. The result is
/// as good as two beginnings lead to: nearest end first, and the order in which the lines came with
/// every other one turned, which is that of a lawnmower.
pub(super) fn order(
    ends: &[(Point, Point)],
    start: Point,
    way_m: &dyn Fn(Point, Point) -> f64,
) -> Vec<Turn> {
    let tour = Tour { ends, start, way_m };
    let mower = (0..ends.len()).map(|number| (number, number % 2 == 1)).collect();
    let nearest = tour.nearest();
    let candidates = [nearest, mower].map(|order| tour.improved(order));
    let [one, two] = candidates;
    if tour.length_m(&two) < tour.length_m(&one) { two } else { one }
}

struct Tour<'a> {
    ends: &'a [(Point, Point)],
    start: Point,
    way_m: &'a dyn Fn(Point, Point) -> f64,
}

impl Tour<'_> {
    fn first(&self, (number, turned): Turn) -> Point {
        let (a, b) = self.ends[number];
        if turned { b } else { a }
    }

    fn last(&self, (number, turned): Turn) -> Point {
        self.first((number, !turned))
    }

    /// Where one comes from before a place of the order, and goes to behind it.
    fn before(&self, order: &[Turn], at: usize) -> Point {
        if at == 0 { self.start } else { self.last(order[at - 1]) }
    }

    fn behind(&self, order: &[Turn], at: usize) -> Point {
        order.get(at).map_or(self.start, |&turn| self.first(turn))
    }

    fn length_m(&self, order: &[Turn]) -> f64 {
        (0..=order.len())
            .map(|at| (self.way_m)(self.before(order, at), self.behind(order, at)))
            .sum()
    }

    fn nearest(&self) -> Vec<Turn> {
        let mut left: Vec<usize> = (0..self.ends.len()).collect();
        let (mut order, mut here) = (Vec::with_capacity(left.len()), self.start);
        while !left.is_empty() {
            let mut best = (f64::INFINITY, 0, false);
            for (place, &number) in left.iter().enumerate() {
                for turned in [false, true] {
                    let way_m = (self.way_m)(here, self.first((number, turned)));
                    if way_m < best.0 {
                        best = (way_m, place, turned);
                    }
                }
            }
            let turn = (left.remove(best.1), best.2);
            here = self.last(turn);
            order.push(turn);
        }
        order
    }

    fn improved(&self, mut order: Vec<Turn>) -> Vec<Turn> {
        let mut length_m = self.length_m(&order);
        for _ in 0..MOST_ROUNDS {
            self.flip(&mut order);
            self.shift(&mut order);
            let now_m = self.length_m(&order);
            if now_m >= length_m * (1.0 - LEAST_GAIN) {
                break;
            }
            length_m = now_m;
        }
        order
    }

    fn reach(&self, from: usize, count: usize) -> usize {
        if count <= WHOLE_SEARCH { count } else { (from + LOOKAHEAD).min(count) }
    }

    /// 2-opt: a row of lines is flown the other way round where that is shorter.
    fn flip(&self, order: &mut [Turn]) {
        let way_m = self.way_m;
        for i in 0..order.len() {
            for j in i..self.reach(i, order.len()) {
                let (before, behind) = (self.before(order, i), self.behind(order, j + 1));
                let (first, last) = (self.first(order[i]), self.last(order[j]));
                let now_m = way_m(before, first) + way_m(last, behind);
                if way_m(before, last) + way_m(first, behind) < now_m - 1e-6 {
                    order[i..=j].reverse();
                    order[i..=j].iter_mut().for_each(|turn| turn.1 = !turn.1);
                }
            }
        }
    }

    /// Or-opt: a few lines in a row go elsewhere, either way round.
    fn shift(&self, order: &mut Vec<Turn>) {
        for size in 1..=LONGEST_MOVED {
            let mut i = 0;
            while i + size <= order.len() {
                self.shift_row(order, i, size);
                i += 1;
            }
        }
    }

    fn shift_row(&self, order: &mut Vec<Turn>, i: usize, size: usize) {
        let way_m = self.way_m;
        let (first, last) = (self.first(order[i]), self.last(order[i + size - 1]));
        let (before, behind) = (self.before(order, i), self.behind(order, i + size));
        let gone_m = way_m(before, first) + way_m(last, behind) - way_m(before, behind);
        if gone_m < 1e-6 {
            return;
        }
        let low = if order.len() <= WHOLE_SEARCH { 0 } else { i.saturating_sub(LOOKAHEAD) };
        let mut best = (1e-6, 0, false);
        for at in (low..=self.reach(i, order.len())).filter(|&at| at < i || at > i + size) {
            let (from, to) = (self.before(order, at), self.behind(order, at));
            let gap_m = way_m(from, to);
            for turned in [false, true] {
                let (near, far) = if turned { (last, first) } else { (first, last) };
                let gain_m = gone_m + gap_m - way_m(from, near) - way_m(far, to);
                if gain_m > best.0 {
                    best = (gain_m, at, turned);
                }
            }
        }
        let (gain_m, at, turned) = best;
        if gain_m <= 1e-6 {
            return;
        }
        let mut row: Vec<Turn> = order.drain(i..i + size).collect();
        if turned {
            row.reverse();
            row.iter_mut().for_each(|turn| turn.1 = !turn.1);
        }
        let at = if at > i { at - size } else { at };
        order.splice(at..at, row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::plane::distance_m;

    /// The shortest of all orders, by trying them.
    fn shortest_m(tour: &Tour<'_>, order: &mut Vec<Turn>, left: &mut Vec<usize>) -> f64 {
        if left.is_empty() {
            return tour.length_m(order);
        }
        let mut best = f64::INFINITY;
        for place in 0..left.len() {
            let number = left.remove(place);
            for turned in [false, true] {
                order.push((number, turned));
                best = best.min(shortest_m(tour, order, left));
                order.pop();
            }
            left.insert(place, number);
        }
        best
    }

    #[test]
    fn orders_are_near_the_best_of_all() {
        let mut state = 7_u64;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f64 / f64::from(1 << 24) * 100.0
        };
        let mut worst = 1.0_f64;
        for _ in 0..30 {
            let ends: Vec<_> = (0..5).map(|_| ([draw(), draw()], [draw(), draw()])).collect();
            let way_m = |a, b| distance_m(a, b);
            let start = [draw(), draw()];
            let found = order(&ends, start, &way_m);
            let tour = Tour { ends: &ends, start, way_m: &way_m };
            let best_m = shortest_m(&tour, &mut Vec::new(), &mut (0..5).collect());
            let lines_m: f64 = ends.iter().map(|(a, b)| distance_m(*a, *b)).sum();
            worst = worst.max((lines_m + tour.length_m(&found)) / (lines_m + best_m));
        }
        assert!(worst < 1.10, "{worst}");
    }

    #[test]
    fn a_row_of_lines_is_mown() {
        let ends: Vec<_> =
            (0..20).map(|n| ([0.0, f64::from(n) * 10.0], [200.0, f64::from(n) * 10.0])).collect();
        let found = order(&ends, [0.0, 0.0], &|a, b| distance_m(a, b));
        let numbers: Vec<_> = found.iter().map(|turn| turn.0).collect();
        assert_eq!(numbers, (0..20).collect::<Vec<_>>());
    }
}
