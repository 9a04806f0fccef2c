//! One frame: which detection is which label, at every cut of the score.

use crate::detect::Polarity;

use super::matching::Matching;
use super::{Error, Label, LabelledFrame, Params, Role, SeenFrame, Spot};

/// Detections, and labels, that one frame may have. What people draw has hundreds at most.
const MOST_THINGS: usize = 10_000;
/// Pairs of a detection and a label that it may be, in one frame.
const MOST_PAIRS: usize = 200_000;

/// What a detection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The target of this number.
    Right(usize),
    /// Of no label, or of one that is taken.
    Wrong,
    /// Where labels are to be ignored.
    SetAside,
}

/// What a frame adds when the cut is lowered to a score.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Step {
    pub(super) score: f64,
    pub(super) right: i64,
    pub(super) wrong: i64,
    /// Targets found that count for recall.
    pub(super) hits: i64,
}

/// A frame with its verdicts.
pub(super) struct Judged<'a> {
    pub(super) file: &'a str,
    /// Detections that were asked for.
    pub(super) spots: Vec<&'a Spot>,
    pub(super) verdicts: Vec<Verdict>,
    /// Targets that were asked for.
    pub(super) targets: Vec<&'a Label>,
    /// The detection of each target.
    pub(super) found: Vec<Option<usize>>,
    pub(super) distractors: Vec<&'a Label>,
    pub(super) ignored: Vec<&'a Label>,
    /// Targets of the other polarity, which explain wrong detections.
    pub(super) others: Vec<&'a Label>,
    /// From the highest score down; detections without a score come first.
    pub(super) steps: Vec<Step>,
    pub(super) area_m2: Option<f64>,
}

impl<'a> Judged<'a> {
    /// Judges what a run says of a frame.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub(super) fn new(
        labelled: &'a LabelledFrame,
        seen: Option<&'a SeenFrame>,
        params: &Params,
    ) -> Result<Self, Error> {
        let wanted = |polarity: Polarity| params.polarity.is_none_or(|one| one == polarity);
        let kept = |spot: &&Spot| {
            let enough =
                spot.score.zip(params.min_score).is_none_or(|(score, least)| score >= least);
            wanted(spot.polarity) && enough
        };
        let of_role = |role: Role| labelled.labels.iter().filter(move |label| label.role == role);
        let asked = |label: &&Label| label.polarity.is_none_or(wanted);
        let mut frame = Self {
            file: &labelled.file,
            spots: seen.iter().flat_map(|seen| &seen.spots).filter(kept).collect(),
            verdicts: Vec::new(),
            targets: of_role(Role::Target).filter(asked).collect(),
            found: Vec::new(),
            distractors: of_role(Role::Distractor).collect(),
            ignored: of_role(Role::Ignore).collect(),
            others: of_role(Role::Target).filter(|label| !asked(label)).collect(),
            steps: Vec::new(),
            area_m2: seen.and_then(|seen| seen.area_m2),
        };
        for (what, count) in [("detections", frame.spots.len()), ("labels", labelled.labels.len())]
        {
            frame.few(count, MOST_THINGS, what)?;
        }
        frame.judge(params)?;
        Ok(frame)
    }

    fn few(&self, count: usize, most: usize, what: &str) -> Result<(), Error> {
        if count <= most {
            return Ok(());
        }
        Err(Error::TooMany { file: self.file.to_owned(), what: format!("{count} {what}"), most })
    }

    /// Labels that each detection may be, with the distance as a share of what is allowed.
    fn shares(&self, params: &Params) -> Result<Vec<Vec<(usize, f64)>>, Error> {
        let mut pairs = 0;
        let mut shares = Vec::with_capacity(self.spots.len());
        for spot in &self.spots {
            let targets = self.targets.iter().enumerate();
            let near = targets.filter(|(_, label)| label.fits(spot.polarity));
            let near = near.filter_map(|(at, label)| {
                Some((at, label.share_of(spot.x, spot.y, params.tolerance)?))
            });
            let near: Vec<_> = near.collect();
            pairs += near.len();
            self.few(pairs, MOST_PAIRS, "pairs of a detection and a label near it")?;
            shares.push(near);
        }
        Ok(shares)
    }

    fn judge(&mut self, params: &Params) -> Result<(), Error> {
        let mut matching = Matching::new(&self.shares(params)?, self.targets.len());
        let aside: Vec<bool> =
            self.spots.iter().map(|spot| lies_in(&self.ignored, spot, params.tolerance)).collect();
        let counted: Vec<bool> = self.targets.iter().map(|label| params.counts(label)).collect();
        let score = |at: usize| self.spots[at].cut();
        let mut order: Vec<usize> = (0..self.spots.len()).collect();
        order.sort_by(|&a, &b| score(b).total_cmp(&score(a)).then(a.cmp(&b)));
        let mut before = Step::default();
        for (added, &spot) in order.iter().enumerate() {
            matching.add(spot);
            let ends = order.get(added + 1).is_none_or(|&next| score(next) < score(spot));
            if !ends {
                continue;
            }
            let set_aside = order[..=added]
                .iter()
                .filter(|&&one| aside[one] && matching.label_of()[one].is_none())
                .count();
            let hit = |(found, counts): &(&Option<usize>, &bool)| found.is_some() && **counts;
            let hits = matching.spot_of().iter().zip(&counted).filter(hit).count();
            let right = matching.pairs() as i64;
            let wrong = (added + 1 - set_aside) as i64 - right;
            let now = Step { score: score(spot), right, wrong, hits: hits as i64 };
            self.steps.push(Step {
                score: now.score,
                right: now.right - before.right,
                wrong: now.wrong - before.wrong,
                hits: now.hits - before.hits,
            });
            before = now;
        }
        self.found = matching.spot_of().to_vec();
        let verdict = |(label, &aside): (&Option<usize>, &bool)| match *label {
            Some(label) => Verdict::Right(label),
            None if aside => Verdict::SetAside,
            None => Verdict::Wrong,
        };
        self.verdicts = matching.label_of().iter().zip(&aside).map(verdict).collect();
        Ok(())
    }

    /// Detections from the highest score down; equal ones as they came.
    pub(super) fn ranked(&self) -> Vec<&'a Spot> {
        let mut spots = self.spots.clone();
        spots.sort_by(|a, b| b.cut().total_cmp(&a.cut()));
        spots
    }
}

/// Whether a detection lies in one of some labels.
pub(super) fn lies_in(labels: &[&Label], spot: &Spot, tolerance: f64) -> bool {
    labels.iter().any(|label| {
        label.fits(spot.polarity) && label.share_of(spot.x, spot.y, tolerance).is_some()
    })
}
