//! The best offset of a score that is a smooth function of it, as positions and motion give.

use super::events::{PARTS, PARTS_DIFFER, clearly};
use super::{Alternative, Reason};

/// Nodes to either side in a close look, and in the posterior.
const NODES: i32 = 12;

/// The best offset, how wide its peak is, and the others.
#[derive(Debug)]
pub(super) struct Picked {
    pub(super) shift_s: f64,
    pub(super) sigma_s: f64,
    /// Others within reach of the best, best first; `offset_s` is a shift here.
    pub(super) others: Vec<Alternative>,
}

impl Picked {
    pub(super) fn several(&self) -> Option<Reason> {
        (!self.others.is_empty()).then_some(Reason::Several { count: self.others.len() + 1 })
    }
}

/// Looks closely at `radius_s` around each candidate; offsets nearer than `apart_s` are one.
/// `score` is a logarithm of a likelihood. None without candidates.
pub(super) fn pick(
    candidates: &[f64],
    radius_s: f64,
    apart_s: f64,
    score: impl Fn(f64) -> f64,
) -> Option<Picked> {
    let mut peaks: Vec<(f64, f64)> =
        candidates.iter().map(|&candidate| climb(candidate, radius_s, &score)).collect();
    peaks.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.total_cmp(&b.0)));
    let &(best_s, highest) = peaks.first()?;
    let mut kept = vec![best_s];
    let mut others = Vec::new();
    for (shift_s, score) in peaks {
        let is_new = kept.iter().all(|other| (other - shift_s).abs() > apart_s);
        if is_new && highest - score <= clearly(highest) {
            kept.push(shift_s);
            others.push(Alternative { offset_s: shift_s, log_odds: score - highest });
        }
    }
    let (shift_s, sigma_s) = posterior(best_s, apart_s, score);
    Some(Picked { shift_s, sigma_s, others })
}

/// Mean and standard deviation of a likelihood around a peak.
pub(super) fn posterior(best_s: f64, radius_s: f64, score: impl Fn(f64) -> f64) -> (f64, f64) {
    let (mut mean_s, mut radius_s, mut sigma_s) = (best_s, radius_s, radius_s);
    for _ in 0..4 {
        let nodes: Vec<(f64, f64)> = (-NODES..=NODES)
            .map(|node| mean_s + f64::from(node) / f64::from(NODES) * radius_s)
            .map(|shift_s| (shift_s, score(shift_s)))
            .collect();
        let top = nodes.iter().map(|node| node.1).fold(f64::NEG_INFINITY, f64::max);
        let weights = || nodes.iter().map(|&(shift, score)| (shift - mean_s, (score - top).exp()));
        let sum: f64 = weights().map(|(_, weight)| weight).sum();
        let first: f64 = weights().map(|(from, weight)| from * weight).sum::<f64>() / sum;
        let second: f64 = weights().map(|(from, weight)| from * from * weight).sum::<f64>() / sum;
        sigma_s = (second - first * first).max(0.0).sqrt();
        mean_s += first;
        // Where all weight is on one node, the spacing says how little is known of the width.
        radius_s = radius_s.min(4.5 * sigma_s.max(0.5 * radius_s / f64::from(NODES)));
    }
    (mean_s, sigma_s)
}

fn climb(candidate_s: f64, radius_s: f64, score: &impl Fn(f64) -> f64) -> (f64, f64) {
    let mut best = (candidate_s, score(candidate_s));
    let mut radius_s = radius_s;
    for _ in 0..3 {
        let from_s = best.0;
        for node in -6..=6 {
            let shift_s = from_s + f64::from(node) / 6.0 * radius_s;
            let tried = score(shift_s);
            if tried > best.1 {
                best = (shift_s, tried);
            }
        }
        radius_s /= 4.0;
    }
    best
}

/// How far a part of the frames is off the whole, if that is more than its own error allows.
/// `score` is that of one part; `factor` makes its width a standard deviation.
pub(super) fn wanders(
    picked: &Picked,
    factor: f64,
    radius_s: f64,
    score: impl Fn(usize, f64) -> f64,
) -> Option<Reason> {
    (0..PARTS)
        .filter_map(|part| {
            let (own_s, width_s) = posterior(picked.shift_s, radius_s, |at| score(part, at));
            let apart_s = (own_s - picked.shift_s).abs();
            // A tenth of a second more: receivers and estimators do not lag by the same always.
            (apart_s > PARTS_DIFFER * factor * width_s + 0.1).then_some(apart_s)
        })
        .max_by(f64::total_cmp)
        .map(|apart_s| Reason::Wanders { apart_s })
}

/// Local maxima of a coarse score, best first, at most `most` of them, each `apart` from better
/// ones. Places are those in the slice.
pub(super) fn maxima(scores: &[f64], least: f64, apart: usize, most: usize) -> Vec<usize> {
    let mut tops: Vec<usize> = (0..scores.len())
        .filter(|&at| {
            let score = scores[at];
            let below = at.checked_sub(1).and_then(|at| scores.get(at)).is_none_or(|s| *s <= score);
            let above = scores.get(at + 1).is_none_or(|s| *s < score);
            score > least && below && above
        })
        .collect();
    tops.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    let mut kept: Vec<usize> = Vec::new();
    for top in tops {
        if kept.len() == most {
            break;
        }
        if kept.iter().all(|other| other.abs_diff(top) > apart) {
            kept.push(top);
        }
    }
    kept
}

/// `values` of a log on an even grid: linear between samples no farther apart than `gap_s`, none
/// elsewhere. `times_s` are sorted.
pub(super) fn at<const N: usize>(
    times_s: &[f64],
    values: &[[f64; N]],
    gap_s: f64,
    time_s: f64,
) -> Option<[f64; N]> {
    let next = times_s.partition_point(|&time| time < time_s);
    let (late, late_at) = (*times_s.get(next)?, values.get(next)?);
    if late == time_s {
        return Some(*late_at);
    }
    let before = next.checked_sub(1)?;
    let (early, early_at) = (*times_s.get(before)?, values.get(before)?);
    let share = (time_s - early) / (late - early);
    (late - early <= gap_s)
        .then(|| std::array::from_fn(|i| early_at[i] + share * (late_at[i] - early_at[i])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parabola_is_found_with_its_width() {
        let score = |x: f64| 100.0 - 0.5 * ((x - 3.21) / 0.04_f64).powi(2);
        let picked = pick(&[3.0], 0.5, 1.0, score).unwrap();
        assert!((picked.shift_s - 3.21).abs() < 1e-3 && (picked.sigma_s - 0.04).abs() < 1e-3);
        assert!(picked.others.is_empty());
        let twice = |x: f64| score(x).max(score(x - 7.0) - 2.0);
        let picked = pick(&[3.0, 10.0], 0.5, 1.0, twice).unwrap();
        assert!((picked.others[0].offset_s - 10.21).abs() < 0.02);
        assert!((picked.others[0].log_odds + 2.0).abs() < 0.1);
    }

    #[test]
    fn nothing_is_told_across_a_gap() {
        let (times, values) = ([0.0, 1.0, 9.0], [[0.0], [2.0], [4.0]]);
        assert_eq!(at(&times, &values, 2.0, 0.5), Some([1.0]));
        assert_eq!(at(&times, &values, 2.0, 5.0), None);
        assert_eq!(at(&times, &values, 2.0, 9.0), Some([4.0]));
        assert_eq!(at(&times, &values, 2.0, -0.1), None);
    }
}
