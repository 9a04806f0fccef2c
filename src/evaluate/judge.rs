//! The whole evaluation: frames judged one by one, and what they add up to.

use std::collections::BTreeMap;

use crate::detect::Polarity;

use super::cuts::Cuts;
use super::frame::{Judged, Verdict, lies_in};
use super::join::join;
use super::position::{median, position};
use super::report::{Bin, Calibration, Class, Listed, Near, Rank, Report, Roles};
use super::{Error, Label, LabelledFrame, Params, SeenFrame, Share, Spot, Unit};

/// Upper ends of the classes of contrast in kelvin, as the detector's benchmark has them.
const CONTRASTS: [(f64, &str); 4] =
    [(1.0, "<1K"), (3.0, "1-3K"), (10.0, "3-10K"), (f64::INFINITY, ">10K")];
/// Upper ends of the classes of size: sigma in pixels.
const SIZES: [(f64, &str); 4] =
    [(2.0, "<2px"), (6.0, "2-6px"), (12.0, "6-12px"), (f64::INFINITY, ">12px")];
/// How many of the first detections of a frame are looked at.
const RANKS: [usize; 6] = [1, 3, 5, 10, 20, 50];
/// So much larger than a label is what its rim and its flanks may set off.
const RIM: f64 = 2.0;

/// Judges what a run says by what people say.
///
/// A detection is a target if it lies in its reach and has its polarity, one to one: as many pairs
/// as possible, then the nearest (distances as shares of what is allowed). What remains is set
/// aside in labels that are to be ignored, and wrong elsewhere. Frames are joined by their names.
///
/// # Errors
/// [`Error::Ambiguous`] where names leave a doubt, [`Error::TooMany`].
pub fn evaluate(
    truth: &[LabelledFrame],
    seen: &[SeenFrame],
    unit: Unit,
    params: &Params,
) -> Result<Report, Error> {
    let joined = join(truth, seen)?;
    let without = joined.frames.iter().filter(|(_, seen)| seen.is_none());
    let frames_without_a_line = without.map(|(frame, _)| frame.file.clone()).collect();
    let frames = joined.frames.iter();
    let frames: Vec<Judged<'_>> =
        frames.map(|(frame, seen)| Judged::new(frame, *seen, params)).collect::<Result<_, _>>()?;
    let sum = Sum { frames: &frames, params };
    let targets = sum.targets();
    let counted = |found: &dyn Fn(&Label) -> bool| sum.share(found);
    let [right, wrong, set_aside] = sum.verdicts();
    let recall = counted(&|_| true);
    let with_scores = sum.spots().all(|spot| spot.score.is_some());
    let steps = frames.iter().flat_map(|frame| frame.steps.iter().copied()).collect();
    let cuts = Some(Cuts::new(steps, frames.len(), recall.of)).filter(|_| with_scores);
    let (hectares, wrong_in_them) = sum.hectares();
    let distractors = sum.rank_of(usize::MAX, |frame| &frame.distractors);
    Ok(Report {
        unit,
        frames: frames.len(),
        polarity: params.polarity,
        min_score: params.min_score,
        from_k: params.from_k,
        detections: right + wrong + set_aside,
        right,
        wrong,
        set_aside,
        labels: Roles {
            target: targets,
            distractor: distractors.of,
            ignore: frames.iter().map(|frame| frame.ignored.len()).sum(),
        },
        missed: targets - right,
        precision: Share::new(right, right + wrong),
        recall,
        recall_by_polarity: sum.by_polarity(),
        recall_by_contrast: sum.by_contrast(),
        recall_by_size: sum.classes(&SIZES, Label::size_px, true),
        recall_by_class: sum.by_class(),
        distractors_hit: distractors,
        wrong_per_frame: wrong as f64 / frames.len().max(1) as f64,
        wrong_per_hectare: hectares.map(|hectares| wrong_in_them as f64 / hectares),
        hectares,
        wrong_near: sum.near(),
        position: position(&sum.offsets()),
        inside_ellipse95: sum.inside(),
        contrast_error_median: sum.contrast_error(),
        at_false_alarms: cuts.as_ref().and_then(|cuts| cuts.at(params.false_alarms)),
        average_precision: cuts.as_ref().and_then(Cuts::average_precision),
        hit_by_first: if with_scores { sum.ranks() } else { Vec::new() },
        outside_labels_per_frame: sum.outside() as f64 / frames.len().max(1) as f64,
        calibration: sum.calibration(),
        curve: cuts.map_or_else(Vec::new, |cuts| cuts.curve()),
        worst_missed: sum.worst_missed(),
        worst_wrong: sum.worst_wrong(),
        frames_without_a_line,
        unknown_frames: joined.unknown,
        notes: Vec::new(),
    })
}

/// What judged frames add up to.
struct Sum<'a> {
    frames: &'a [Judged<'a>],
    params: &'a Params,
}

impl<'a> Sum<'a> {
    fn spots(&self) -> impl Iterator<Item = &'a Spot> {
        self.frames.iter().flat_map(|frame| frame.spots.iter().copied())
    }

    fn targets(&self) -> usize {
        self.frames.iter().map(|frame| frame.targets.len()).sum()
    }

    /// Right, wrong, set aside.
    fn verdicts(&self) -> [usize; 3] {
        let mut counts = [0; 3];
        for verdict in self.frames.iter().flat_map(|frame| &frame.verdicts) {
            counts[match verdict {
                Verdict::Right(_) => 0,
                Verdict::Wrong => 1,
                Verdict::SetAside => 2,
            }] += 1;
        }
        counts
    }

    /// Targets, and whether they were found.
    fn found(&self) -> impl Iterator<Item = (&'a Label, bool)> {
        self.frames.iter().flat_map(|frame| {
            frame.targets.iter().zip(&frame.found).map(|(label, spot)| (*label, spot.is_some()))
        })
    }

    /// Pairs of a detection and its target.
    fn right(&self) -> impl Iterator<Item = (&'a Spot, &'a Label)> {
        self.frames.iter().flat_map(|frame| {
            frame.spots.iter().zip(&frame.verdicts).filter_map(|(spot, verdict)| match verdict {
                Verdict::Right(label) => Some((*spot, *frame.targets.get(*label)?)),
                _ => None,
            })
        })
    }

    /// Found of the targets that count and are so.
    fn share(&self, so: &dyn Fn(&Label) -> bool) -> Share {
        let of = self.found().filter(|(label, _)| self.params.counts(label) && so(label));
        let (mut count, mut all) = (0, 0);
        for (_, found) in of {
            all += 1;
            count += usize::from(found);
        }
        Share::new(count, all)
    }

    fn by_polarity(&self) -> Vec<Class> {
        [(Polarity::Hot, "hot"), (Polarity::Cold, "cold")]
            .into_iter()
            .map(|(polarity, name)| Class {
                class: name.to_owned(),
                found: self.share(&|label| label.polarity == Some(polarity)),
            })
            .filter(|class| class.found.of > 0)
            .collect()
    }

    fn by_contrast(&self) -> Vec<Class> {
        self.classes(&CONTRASTS, |label| label.delta_k.map(f64::abs), false)
    }

    /// By the first class whose end a value lies below; those without a value are in none.
    fn classes(
        &self,
        ends: &[(f64, &str)],
        value: impl Fn(&Label) -> Option<f64>,
        counted: bool,
    ) -> Vec<Class> {
        let mut sums = vec![(0, 0); ends.len()];
        for (label, found) in self.found() {
            if counted && !self.params.counts(label) {
                continue;
            }
            let Some(value) = value(label) else { continue };
            let class = ends.iter().position(|(end, _)| value < *end);
            let Some((count, of)) = class.and_then(|class| sums.get_mut(class)) else { continue };
            *of += 1;
            *count += usize::from(found);
        }
        let named = ends.iter().zip(sums).filter(|(_, (_, of))| *of > 0);
        named
            .map(|((_, name), (count, of))| Class {
                class: (*name).to_owned(),
                found: Share::new(count, of),
            })
            .collect()
    }

    fn by_class(&self) -> Vec<Class> {
        let mut sums: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (label, found) in self.found() {
            if !label.class.is_empty() && self.params.counts(label) {
                let (count, of) = sums.entry(&label.class).or_default();
                *of += 1;
                *count += usize::from(found);
            }
        }
        let class = |(class, (count, of)): (&str, (usize, usize))| Class {
            class: class.to_owned(),
            found: Share::new(count, of),
        };
        sums.into_iter().map(class).collect()
    }

    /// Hectares of the frames whose footprint is known, and wrong detections in them.
    fn hectares(&self) -> (Option<f64>, usize) {
        let (mut area_m2, mut wrong) = (0.0, 0);
        for frame in self.frames {
            let Some(own_m2) = frame.area_m2 else { continue };
            area_m2 += own_m2;
            wrong += frame.verdicts.iter().filter(|one| **one == Verdict::Wrong).count();
        }
        /// Square metres.
        const HECTARE: f64 = 1e4;
        (Some(area_m2 / HECTARE).filter(|hectares| *hectares > 0.0), wrong)
    }

    /// What lies near a wrong detection.
    fn about(&self, frame: &Judged<'_>, spot: &Spot) -> &'static str {
        if lies_in(&frame.distractors, spot, self.params.tolerance) {
            return "distractor";
        }
        let near = |label: &&Label| {
            let (dx, dy) = ((spot.x - label.x) / RIM, (spot.y - label.y) / RIM);
            label.share_of(label.x + dx, label.y + dy, self.params.tolerance).is_some()
        };
        let all = || frame.targets.iter().chain(&frame.others).copied().filter(near);
        if all().any(|label| label.fits(spot.polarity)) {
            "double"
        } else if all().next().is_some() {
            "other_polarity"
        } else {
            "elsewhere"
        }
    }

    /// Wrong detections with their frame.
    fn wrong(&self) -> impl Iterator<Item = (&'a Judged<'a>, &'a Spot)> {
        self.frames.iter().flat_map(|frame| {
            let spots = frame.spots.iter().zip(&frame.verdicts);
            spots.filter(|(_, one)| **one == Verdict::Wrong).map(move |(spot, _)| (frame, *spot))
        })
    }

    fn near(&self) -> Vec<Near> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (frame, spot) in self.wrong() {
            *counts.entry(self.about(frame, spot)).or_default() += 1;
        }
        counts.into_iter().map(|(near, count)| Near { near, count }).collect()
    }

    /// Detection less label.
    fn offsets(&self) -> Vec<[f64; 2]> {
        self.right().map(|(spot, label)| [spot.x - label.x, spot.y - label.y]).collect()
    }

    fn inside(&self) -> Option<Share> {
        let told = self.right().filter_map(|(spot, label)| {
            Some(spot.ellipse95?.holds([label.x - spot.x, label.y - spot.y]))
        });
        let told: Vec<bool> = told.collect();
        let inside = told.iter().filter(|inside| **inside).count();
        (!told.is_empty()).then(|| Share::new(inside, told.len()))
    }

    fn contrast_error(&self) -> Option<f64> {
        let counted = self.right().filter(|(_, label)| self.params.counts(label));
        let errors = counted.filter_map(|(spot, label)| {
            let labelled_k = label.delta_k.filter(|k| *k != 0.0)?;
            Some(spot.delta_k?.abs() / labelled_k.abs() - 1.0)
        });
        median(&errors.collect::<Vec<_>>())
    }

    /// Labels in which one of the first detections of their frame lies.
    fn rank_of(
        &self,
        first: usize,
        labels: for<'b> fn(&'b Judged<'a>) -> &'b [&'a Label],
    ) -> Share {
        let (mut hit, mut all) = (0, 0);
        for frame in self.frames {
            let ranked = frame.ranked();
            for label in labels(frame) {
                let lies = |spot: &&Spot| lies_in(&[label], spot, self.params.tolerance);
                all += 1;
                hit += usize::from(ranked.iter().take(first).any(lies));
            }
        }
        Share::new(hit, all)
    }

    fn ranks(&self) -> Vec<Rank> {
        let rank = |first| Rank {
            first,
            target: self.rank_of(first, |frame| &frame.targets),
            distractor: self.rank_of(first, |frame| &frame.distractors),
        };
        RANKS.into_iter().map(rank).collect()
    }

    fn outside(&self) -> usize {
        let tolerance = self.params.tolerance;
        let outside = |frame: &Judged<'_>| {
            let labels = [&frame.targets, &frame.distractors, &frame.ignored];
            let lies = |spot: &&&Spot| !labels.iter().any(|some| lies_in(some, spot, tolerance));
            frame.spots.iter().filter(lies).count()
        };
        self.frames.iter().map(outside).sum()
    }

    /// Bins of a tenth, where scores are probabilities.
    fn calibration(&self) -> Option<Calibration> {
        const BINS: usize = 10;
        let mut sums = [(0.0, 0, 0); BINS];
        for frame in self.frames {
            for (spot, verdict) in frame.spots.iter().zip(&frame.verdicts) {
                let score = spot.score.filter(|score| (0.0..=1.0).contains(score))?;
                if *verdict != Verdict::SetAside {
                    let (stated, right, of) =
                        &mut sums[((score * BINS as f64) as usize).min(BINS - 1)];
                    *stated += score;
                    *of += 1;
                    *right += usize::from(matches!(verdict, Verdict::Right(_)));
                }
            }
        }
        let filled = sums.into_iter().filter(|(_, _, of)| *of > 0);
        let bins: Vec<Bin> = filled
            .map(|(stated, right, of)| Bin {
                stated: stated / of as f64,
                right: Share::new(right, of),
            })
            .collect();
        let all: usize = bins.iter().map(|bin| bin.right.of).sum();
        let off = |bin: &Bin| {
            let right = bin.right.share.unwrap_or_default();
            (right - bin.stated).abs() * bin.right.of as f64
        };
        let mean_off = bins.iter().map(off).sum::<f64>() / all.max(1) as f64;
        (all > 0).then_some(Calibration { bins, mean_off })
    }

    fn worst_missed(&self) -> Vec<Listed> {
        let mut missed = Vec::new();
        for frame in self.frames {
            for (label, found) in frame.targets.iter().zip(&frame.found) {
                if found.is_none() && self.params.counts(label) {
                    missed.push(Listed {
                        file: frame.file.to_owned(),
                        name: label.name.clone(),
                        x: label.x,
                        y: label.y,
                        polarity: label.polarity,
                        delta_k: label.delta_k,
                        score: None,
                        about: label.class.clone(),
                    });
                }
            }
        }
        let strength = |one: &Listed| one.delta_k.map_or(0.0, f64::abs);
        missed.sort_by(|a, b| strength(b).total_cmp(&strength(a)));
        missed.truncate(self.params.listed);
        missed
    }

    fn worst_wrong(&self) -> Vec<Listed> {
        let mut wrong: Vec<_> = self.wrong().collect();
        wrong.sort_by(|(_, a), (_, b)| b.cut().total_cmp(&a.cut()));
        wrong.truncate(self.params.listed);
        let listed = wrong.into_iter().map(|(frame, spot)| Listed {
            file: frame.file.to_owned(),
            name: spot.name.clone(),
            x: spot.x,
            y: spot.y,
            polarity: Some(spot.polarity),
            delta_k: spot.delta_k,
            score: spot.score,
            about: self.about(frame, spot).to_owned(),
        });
        listed.collect()
    }
}
