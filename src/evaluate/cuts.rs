//! What every cut of the score gives.

use super::Share;
use super::frame::Step;
use super::report::{AtCut, Cut};

/// Points that a curve is thinned to.
const MOST_POINTS: usize = 200;

/// Counts at one cut.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Counts {
    score: f64,
    right: usize,
    wrong: usize,
    hits: usize,
}

/// All cuts from the highest down; the first keeps nothing.
#[derive(Debug)]
pub(super) struct Cuts {
    all: Vec<Counts>,
    frames: usize,
    /// Targets that count.
    counted: usize,
}

impl Cuts {
    /// Of the steps of all frames.
    pub(super) fn new(mut steps: Vec<Step>, frames: usize, counted: usize) -> Self {
        steps.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut all = vec![Counts { score: f64::INFINITY, right: 0, wrong: 0, hits: 0 }];
        let mut sum = Step::default();
        for (at, step) in steps.iter().enumerate() {
            sum.right += step.right;
            sum.wrong += step.wrong;
            sum.hits += step.hits;
            if steps.get(at + 1).is_none_or(|next| next.score < step.score) {
                let count = |sum: i64| usize::try_from(sum).unwrap_or(0);
                let (right, wrong, hits) = (count(sum.right), count(sum.wrong), count(sum.hits));
                all.push(Counts { score: step.score, right, wrong, hits });
            }
        }
        Self { all, frames, counted }
    }

    fn precision(counts: &Counts) -> f64 {
        Share::new(counts.right, counts.right + counts.wrong).share.unwrap_or(1.0)
    }

    fn recall(&self, counts: &Counts) -> f64 {
        counts.hits as f64 / self.counted.max(1) as f64
    }

    /// The lowest cut that leaves at most so many false alarms a frame: a lower cut never takes one
    /// away.
    pub(super) fn at(&self, false_alarms: f64) -> Option<AtCut> {
        let most = false_alarms * self.frames as f64;
        let kept = self.all.iter().take_while(|counts| counts.wrong as f64 <= most).last()?;
        Some(AtCut {
            false_alarms_per_frame: false_alarms,
            score: Some(kept.score).filter(|score| score.is_finite()),
            recall: Share::new(kept.hits, self.counted),
            precision: Share::new(kept.right, kept.right + kept.wrong),
        })
    }

    /// Area under precision over recall, each precision taken as the best at its recall or beyond
    /// (M. Everingham et al., "The Pascal Visual Object Classes Challenge: A Retrospective", IJCV
    /// 111 (2015), 98–136, as the challenge computed it from 2010 on).
    pub(super) fn average_precision(&self) -> Option<f64> {
        if self.counted == 0 {
            return None;
        }
        let (mut area, mut best) = (0.0, 0.0_f64);
        for pair in self.all.windows(2).rev() {
            let [before, here] = pair else { continue };
            best = best.max(Self::precision(here));
            area += best * (self.recall(here) - self.recall(before)).max(0.0);
        }
        Some(area)
    }

    /// The curve, thinned to evenly spaced cuts; the last one stays.
    pub(super) fn curve(&self) -> Vec<Cut> {
        let last = self.all.len() - 1;
        let every = last.div_ceil(MOST_POINTS).max(1);
        let cuts = self.all.iter().enumerate().skip(1);
        let cuts = cuts.filter(|(at, _)| at % every == 0 || *at == last);
        cuts.map(|(_, counts)| Cut {
            score: Some(counts.score).filter(|score| score.is_finite()),
            precision: Self::precision(counts),
            recall: self.recall(counts),
            wrong_per_frame: counts.wrong as f64 / self.frames.max(1) as f64,
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_add_up_over_frames() {
        let step = |score, right, wrong, hits| Step { score, right, wrong, hits };
        // Two frames: 0.9 right, 0.8 wrong, 0.5 right of too little contrast; 0.8 right, 0.1 wrong.
        let steps = vec![
            step(0.9, 1, 0, 1),
            step(0.8, 0, 1, 0),
            step(0.5, 1, 0, 0),
            step(0.8, 1, 0, 1),
            step(0.1, 0, 1, 0),
        ];
        let cuts = Cuts::new(steps, 2, 4);
        let curve = cuts.curve();
        let told: Vec<_> = curve.iter().map(|cut| (cut.score, cut.precision, cut.recall)).collect();
        let third = 2.0 / 3.0;
        assert_eq!(told[..2], [(Some(0.9), 1.0, 0.25), (Some(0.8), third, 0.5)]);
        assert_eq!(told[2..], [(Some(0.5), 0.75, 0.5), (Some(0.1), 0.6, 0.5)]);
        let at = |false_alarms| cuts.at(false_alarms).unwrap();
        assert_eq!((at(0.0).score, at(0.0).recall.count), (Some(0.9), 1));
        assert_eq!((at(0.5).score, at(0.5).recall.count), (Some(0.5), 2));
        assert_eq!((at(1.0).score, at(1.0).precision.of), (Some(0.1), 5));
        // 0.25 at precision 1, 0.25 more at 0.75, the best at that recall or beyond.
        assert!((cuts.average_precision().unwrap() - 0.4375).abs() < 1e-12);
        assert_eq!(Cuts::new(vec![step(0.9, 0, 3, 0)], 1, 1).at(1.0).unwrap().score, None);
    }
}
