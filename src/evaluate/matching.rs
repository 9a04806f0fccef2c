//! Pairs of detections and labels, one to one: as many as possible, then the nearest.
//!
//! Detections are added one by one. Each addition flips one shortest alternating path (Kuhn 1955,
//! Munkres 1957: the assignment problem by augmenting paths), after which the pairs are the best of
//! all that were added; so one pass from the highest score down gives the pairs at every cut.

use std::collections::VecDeque;

/// How far a detection is from a label as a share of what is allowed, in 2^-32: whole numbers, so
/// that sums along paths are exact and no order of additions changes a result.
type Cost = i64;

/// Cost of a pair that is just allowed.
const WHOLE: f64 = 4_294_967_296.0;

/// The best pairs of the detections so far.
#[derive(Debug)]
pub(super) struct Matching {
    /// Of each detection, the labels that it may be, and the cost.
    edges: Vec<Vec<(usize, Cost)>>,
    label_of: Vec<Option<usize>>,
    spot_of: Vec<Option<usize>>,
    pairs: usize,
    reach: Reach,
}

/// What a search has reached; kept to be used again.
#[derive(Debug)]
struct Reach {
    /// Least cost to a label, and the detection before it.
    labels: Vec<Option<(Cost, usize)>>,
    /// Least cost to a detection.
    spots: Vec<Option<Cost>>,
    touched_labels: Vec<usize>,
    touched_spots: Vec<usize>,
}

impl Matching {
    /// No pairs yet. `shares[d]` lists the labels that detection `d` may be, each with the distance
    /// as a share of the allowed one, 0 to 1.
    pub(super) fn new(shares: &[Vec<(usize, f64)>], labels: usize) -> Self {
        let whole = |share: f64| (share.clamp(0.0, 1.0) * WHOLE).round() as Cost;
        let edges = shares
            .iter()
            .map(|near| near.iter().map(|&(label, share)| (label, whole(share))).collect())
            .collect();
        Self {
            edges,
            label_of: vec![None; shares.len()],
            spot_of: vec![None; labels],
            pairs: 0,
            reach: Reach {
                labels: vec![None; labels],
                spots: vec![None; shares.len()],
                touched_labels: Vec::new(),
                touched_spots: Vec::new(),
            },
        }
    }

    /// Adds a detection, once.
    pub(super) fn add(&mut self, spot: usize) {
        self.search(spot);
        let labels = &self.reach.labels;
        let free = self.reach.touched_labels.iter().filter(|&&label| self.spot_of[label].is_none());
        let nearest = free.filter_map(|&label| labels[label].map(|(cost, _)| (cost, label))).min();
        if let Some((_, label)) = nearest {
            self.flip(label);
            self.pairs += 1;
        } else {
            let spots = &self.reach.spots;
            let reached = self.reach.touched_spots.iter();
            let best = reached.filter_map(|&other| spots[other].map(|cost| (cost, other))).min();
            // A path that costs less than nothing: `other` gives its place away.
            if let Some((cost, other)) = best
                && cost < 0
                && let Some(label) = self.label_of[other].take()
            {
                self.flip(label);
            }
        }
        self.reach.clear();
    }

    /// Least costs of all alternating paths from a detection. A label that has a detection leads on
    /// to it, and gives back what that pair costs; no cycle of a best matching costs less than
    /// nothing, so this ends.
    fn search(&mut self, start: usize) {
        let reach = &mut self.reach;
        reach.spots[start] = Some(0);
        reach.touched_spots.push(start);
        let mut queue = VecDeque::from([start]);
        while let Some(spot) = queue.pop_front() {
            let Some(before) = reach.spots[spot] else { continue };
            for &(label, cost) in &self.edges[spot] {
                let there = before + cost;
                let known = reach.labels[label];
                if self.label_of[spot] == Some(label) || known.is_some_and(|(old, _)| old <= there)
                {
                    continue;
                }
                if known.is_none() {
                    reach.touched_labels.push(label);
                }
                reach.labels[label] = Some((there, spot));
                let Some(next) = self.spot_of[label] else { continue };
                let pair = self.edges[next].iter().find(|(of, _)| *of == label);
                let back = there - pair.map_or(0, |(_, cost)| *cost);
                if reach.spots[next].is_none() {
                    reach.touched_spots.push(next);
                }
                reach.spots[next] = Some(back);
                queue.push_back(next);
            }
        }
    }

    /// Takes the path that was found to a label: each detection on it moves on by one.
    fn flip(&mut self, mut label: usize) {
        while let Some((_, spot)) = self.reach.labels[label] {
            self.spot_of[label] = Some(spot);
            match self.label_of[spot].replace(label) {
                Some(left) => label = left,
                None => break,
            }
        }
    }

    /// Number of pairs.
    pub(super) fn pairs(&self) -> usize {
        self.pairs
    }

    /// The label of each detection.
    pub(super) fn label_of(&self) -> &[Option<usize>] {
        &self.label_of
    }

    /// The detection of each label.
    pub(super) fn spot_of(&self) -> &[Option<usize>] {
        &self.spot_of
    }
}

impl Reach {
    fn clear(&mut self) {
        for label in self.touched_labels.drain(..) {
            self.labels[label] = None;
        }
        for spot in self.touched_spots.drain(..) {
            self.spots[spot] = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matched(shares: &[Vec<(usize, f64)>], labels: usize) -> Matching {
        let mut matching = Matching::new(shares, labels);
        (0..shares.len()).for_each(|spot| matching.add(spot));
        matching
    }

    #[test]
    fn as_many_as_possible_come_before_the_nearest() {
        // The nearest pair alone would leave the second detection without its only label.
        let shares = [vec![(0, 0.1), (1, 0.9)], vec![(0, 0.2)]];
        assert_eq!(matched(&shares, 2).label_of(), [Some(1), Some(0)]);
        // Of two detections of one label the nearer counts, whichever came first.
        for (shares, kept) in [([0.5, 0.2], 1), ([0.2, 0.5], 0)] {
            let shares = shares.map(|share| vec![(0, share)]);
            let matching = matched(&shares, 1);
            assert_eq!((matching.spot_of()[0], matching.pairs()), (Some(kept), 1));
        }
        // One that can be nothing, and no label at all.
        assert_eq!(matched(&[vec![], vec![(0, 1.0)]], 1).label_of(), [None, Some(0)]);
        assert_eq!(matched(&[vec![]], 0).pairs(), 0);
    }

    /// Most pairs, then least cost, by trying all.
    fn by_trying(shares: &[Vec<(usize, f64)>], taken: &mut Vec<bool>) -> (usize, i64) {
        let Some((first, rest)) = shares.split_first() else { return (0, 0) };
        let mut best = by_trying(rest, taken);
        for &(label, share) in first {
            if !std::mem::replace(&mut taken[label], true) {
                let (pairs, cost) = by_trying(rest, taken);
                let with = (pairs + 1, cost - (share * WHOLE).round() as i64);
                best = best.max(with);
                taken[label] = false;
            }
        }
        best
    }

    proptest! {
        #[test]
        fn after_each_addition_the_pairs_are_the_best(
            shares in prop::collection::vec(
                prop::collection::btree_map(0..5_usize, 0.0..1.0_f64, 0..5), 0..6),
        ) {
            let shares: Vec<Vec<_>> =
                shares.into_iter().map(|near| near.into_iter().collect()).collect();
            let mut matching = Matching::new(&shares, 5);
            for added in 1..=shares.len() {
                matching.add(added - 1);
                let best = by_trying(&shares[..added], &mut vec![false; 5]);
                let mut cost = 0;
                let mut pairs = 0;
                for (spot, label) in matching.label_of().iter().enumerate() {
                    let Some(label) = *label else { continue };
                    prop_assert_eq!(matching.spot_of()[label], Some(spot));
                    let share = shares[spot].iter().find(|(of, _)| *of == label).unwrap().1;
                    cost -= (share * WHOLE).round() as i64;
                    pairs += 1;
                }
                prop_assert_eq!((matching.pairs(), (pairs, cost)), (pairs, best));
            }
        }
    }
}
