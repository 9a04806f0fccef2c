//! What a flight was off, as its own overlapping views tell: self-calibration.
//!
//! Views of one thing from different places and headings disagree by what the flight's poses are
//! off together. A part of the flight is grouped, its common errors are solved for, and it is
//! grouped again by the corrected poses. A few dozen frames tell the eight numbers of a flight, so
//! the work does not grow with it.

use std::collections::{BTreeMap, HashMap, HashSet};

use nalgebra::{DVector, Matrix2, SMatrix, SVector, Vector2};
use serde::{Deserialize, Serialize};

use crate::capture::PoseNote;
use crate::geo::{Geodetic, LocalFrame, Terrain};
use crate::locate::Observation;
use crate::site::ControlPoint;

use super::adjust::{Member, OF_FRAME, SHARED, Tie, adjust, held_out};
use super::common::{Axes, GROUND, stated_factor};
use super::estimate::Run;
use super::flights::flights;
use super::fusion::{Params, View, with_groups};
use super::patches::patches;
use super::place::as_one_spot;
use super::regions::regions;
use super::solution::{CommonErrors, OwnError, Solution, observed_again, own_sigmas, sigmas};
use super::spot::LEAST_VARIANCE_M2;

/// Fewest frames and things that say anything of a flight.
const LEAST_FRAMES: usize = 4;
const LEAST_TIES: usize = 8;

/// Rounds of grouping and solving; the next one starts from the corrected poses.
const ROUNDS: usize = 3;

/// Errors that are tried from either side, and how many of their sigmas away from none.
const STARTS: usize = 2;
const START: f64 = 1.5;

/// An error that moves views of one thing by less against each other needs no start of its own.
const WORTH_A_START_M: f64 = 0.5;

/// Solutions further apart than so many of the sigmas that are left are two.
const ELSEWHERE: f64 = 4.0;

/// No error is believed to be more than so many of its stated sigmas.
const MOST_OFF: f64 = 4.0;

/// A second solution that brings this share of the first one's views together leaves it open
/// which is right.
const CLEARLY: f64 = 0.97;

/// What a flight's own views say of its poses.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Frames of the flight, in order.
    pub frames: Vec<u32>,
    /// Why the poses stay as they are, if they do.
    pub kept: Option<String>,
    /// What the stated poses are off.
    pub errors: CommonErrors,
    /// One sigma of that as it was stated, of the first frame.
    pub sigma_before: CommonErrors,
    /// One sigma of what is left.
    pub sigma_after: CommonErrors,
    /// Things that told it.
    pub ties: usize,
    /// Views of these things.
    pub views: usize,
    /// Control points that were recognised.
    pub control: Vec<String>,
    /// How far half of the views lie at most from the middle of their thing by the stated poses,
    /// in metres, for things that took no part in the solution.
    pub held_before_m: f64,
    /// The same by the corrected poses.
    pub held_after_m: f64,
    #[serde(skip)]
    solution: Solution,
}

/// Why a flight is left as it is.
const TOO_FEW: &str = "too few things are seen by more than one frame";
const AMBIGUOUS: &str = "more than one solution brings its views together";
const TOO_FAR: &str = "its views would be off by far more than is stated";
const UNSOUND: &str = "its equations have no sound solution";
const NO_BETTER: &str = "views that were held out fit no better";

impl Calibration {
    /// A frame of this flight by its corrected pose; `None` if the flight stays as it is.
    fn corrected(&self, stated: &View) -> Option<View> {
        self.kept.is_none().then(|| self.solution.corrected(stated))
    }
}

/// Solves each flight for what its poses are off together: place, attitude and clock.
///
/// Gauss and Newton's method with Huber's weights, a prior of the stated sigmas, and an error of
/// its own for every frame, so that thirty spots of one frame count as what they are. Without
/// control points the flight's place as a whole cannot be told and keeps its stated sigma. A fifth
/// of the things is held out first; where their views agree no better by the corrected poses, the
/// flight stays as it is. `observations` are sorted by frame, then index.
#[must_use]
pub fn calibrate(
    observations: &[Observation],
    views: &[View],
    terrain: &Terrain,
    control: &[ControlPoint],
    params: &Params,
) -> Vec<Calibration> {
    let mut found = Vec::new();
    for region in regions(observations, views) {
        let flight_of = flights(views, &region.views);
        let mut members: BTreeMap<u32, Vec<&View>> = BTreeMap::new();
        for &number in &region.views {
            let Some(view) = views.get(number as usize) else { continue };
            if let Some(&flight) = flight_of.get(&view.pose.frame) {
                members.entry(flight).or_default().push(view);
            }
        }
        for of_flight in members.into_values() {
            let flight = Flight { observations, terrain, control, params };
            found.push(flight.calibrated(&of_flight));
        }
    }
    found
}

/// Corrects the views of flights that were calibrated, and places what they saw again. Everything
/// else stays as it is.
pub fn correct(
    calibrations: &[Calibration],
    views: &mut [View],
    observations: &mut [Observation],
    terrain: &Terrain,
) {
    let mut of_frame: HashMap<u32, usize> = HashMap::new();
    for calibration in calibrations {
        let frames: HashSet<u32> = calibration.frames.iter().copied().collect();
        for (number, view) in views.iter_mut().enumerate() {
            if frames.contains(&view.pose.frame)
                && let Some(corrected) = calibration.corrected(view)
            {
                *view = corrected;
                of_frame.insert(view.pose.frame, number);
            }
        }
    }
    for one in observations {
        if let Some(view) = of_frame.get(&one.frame).and_then(|&number| views.get(number)) {
            *one = observed_again(one, &view.pose, terrain);
        }
    }
}

/// One solution, from one start.
struct Attempt {
    solution: Solution,
    own: Vec<OwnError>,
    told: Told,
}

/// What a solution rests on.
struct Told {
    ties: Vec<Tie>,
    /// What was taken off the places already.
    known: DVector<f64>,
    views: usize,
    control: Vec<String>,
}

impl Attempt {
    /// Views that fall together with another.
    fn together(&self) -> usize {
        self.told.views - self.told.ties.len()
    }
}

/// Where to start from: no error, and the two errors that pull views of one thing apart most, both
/// ways, if they pull them further apart than neighbours are.
fn starts(stated: &[&View], seen: &[Observation]) -> Vec<SVector<f64, SHARED>> {
    let mut starts = vec![SVector::zeros()];
    let Some(first) = seen.first() else { return starts };
    let plane = LocalFrame::at(&first.point);
    let mut pulls: Vec<SMatrix<f64, 2, SHARED>> = Vec::new();
    for of_frame in seen.chunk_by(|a, b| a.frame == b.frame) {
        let at = stated.binary_search_by_key(&of_frame[0].frame, |view| view.pose.frame);
        let Some(view) = at.ok().and_then(|at| stated.get(at)) else { continue };
        let axes = Axes::of(view, &plane);
        pulls.extend(of_frame.iter().map(|one| {
            let place = plane.enu(&one.point);
            axes.bias_m(&place.xy(), place.z, 0.0).fixed_columns::<SHARED>(0).into_owned()
        }));
    }
    let count = pulls.len() as f64;
    let mean = pulls.iter().sum::<SMatrix<f64, 2, SHARED>>() / count;
    let spread_m: Vec<f64> = (0..SHARED)
        .map(|error| {
            let off = pulls.iter().map(|pull| (pull - mean).column(error).norm_squared());
            (off.sum::<f64>() / count).sqrt()
        })
        .collect();
    let mut order: Vec<usize> = (0..SHARED).collect();
    order.sort_by(|&a, &b| spread_m[b].total_cmp(&spread_m[a]));
    for &error in order.iter().take(STARTS).filter(|&&error| spread_m[error] > WORTH_A_START_M) {
        for way in [-START, START] {
            let mut start = SVector::zeros();
            start[error] = way;
            starts.push(start);
        }
    }
    starts
}

struct Flight<'a> {
    observations: &'a [Observation],
    terrain: &'a Terrain,
    control: &'a [ControlPoint],
    params: &'a Params,
}

impl Flight<'_> {
    fn calibrated(&self, views: &[&View]) -> Calibration {
        let mut result = Calibration {
            frames: views.iter().map(|view| view.pose.frame).collect(),
            ..Calibration::default()
        };
        let near: Vec<Geodetic> = self.control.iter().map(|control| control.point).collect();
        // A frame in a turn says nothing of the others.
        let steady: Vec<&View> = views
            .iter()
            .filter(|view| !view.pose.notes.contains(&PoseNote::Turning))
            .copied()
            .collect();
        let chosen: Vec<&View> =
            patches(&steady, &near).into_iter().filter_map(|at| steady.get(at).copied()).collect();
        let Some(first) = chosen.first() else { return result };
        let by_sigmas = stated_factor(&first.pose);
        let by_sigmas = by_sigmas.fixed_view::<SHARED, SHARED>(0, 0);
        result.sigma_before = CommonErrors::of(&sigmas(&by_sigmas.into_owned()));
        let frames: HashSet<u32> = chosen.iter().map(|view| view.pose.frame).collect();
        let seen: Vec<Observation> =
            self.observations.iter().filter(|one| frames.contains(&one.frame)).copied().collect();
        match self.best(&chosen, &seen) {
            Ok(Attempt { solution, told, .. }) => {
                result.errors = CommonErrors::of(&(by_sigmas * solution.off));
                result.sigma_after = CommonErrors::of(&sigmas(&(by_sigmas * solution.factor)));
                result.solution = solution;
                let held = held_out(&told.ties, &told.known).unwrap_or_default();
                let (before_m, after_m) = (held.before_m, held.after_m);
                (result.held_before_m, result.held_after_m) = (before_m, after_m);
                (result.ties, result.views, result.control) =
                    (told.ties.len(), told.views, told.control);
                if after_m >= before_m {
                    result.kept = Some(NO_BETTER.to_owned());
                }
            }
            Err(reason) => result.kept = Some(reason.to_owned()),
        }
        result
    }

    /// The solution by which most views fall together, from several starts: where things lie
    /// closer than a flight may be off, it may lock onto its neighbours.
    fn best(&self, stated: &[&View], seen: &[Observation]) -> Result<Attempt, &'static str> {
        let mut attempts = Vec::new();
        for start in starts(stated, seen) {
            attempts.push(self.attempt(stated, seen, start)?);
        }
        attempts.sort_by_key(|attempt| std::cmp::Reverse(attempt.together()));
        let mut attempts = attempts.into_iter();
        let best = attempts.next().ok_or(TOO_FEW)?;
        if best.solution.off.amax() > MOST_OFF {
            return Err(TOO_FAR);
        }
        let left = sigmas(&best.solution.factor);
        let elsewhere = |other: &Attempt| {
            let apart = (other.solution.off - best.solution.off).component_div(&left);
            apart.amax() > ELSEWHERE
        };
        let rival = attempts.find(elsewhere);
        if rival.is_some_and(|rival| rival.together() as f64 > CLEARLY * best.together() as f64) {
            return Err(AMBIGUOUS);
        }
        Ok(best)
    }

    /// Groups and solves, round by round.
    fn attempt(
        &self,
        stated: &[&View],
        seen: &[Observation],
        start: SVector<f64, SHARED>,
    ) -> Result<Attempt, &'static str> {
        let mut attempt = Attempt {
            solution: Solution { off: start, ..Solution::default() },
            own: vec![OwnError::default(); stated.len()],
            told: Told {
                ties: Vec::new(),
                known: DVector::zeros(0),
                views: 0,
                control: Vec::new(),
            },
        };
        for _ in 0..ROUNDS {
            self.round(stated, seen, &mut attempt)?;
        }
        Ok(attempt)
    }

    /// Groups by the poses as they are corrected so far, and solves again.
    fn round(
        &self,
        stated: &[&View],
        seen: &[Observation],
        attempt: &mut Attempt,
    ) -> Result<(), &'static str> {
        let Attempt { solution, own, told } = attempt;
        let frames = stated.iter().zip(own.iter());
        let views: Vec<View> =
            frames.map(|(view, own)| own.corrected(solution.corrected(view), view)).collect();
        let mut seen = seen.to_vec();
        for one in &mut seen {
            let at = views.binary_search_by_key(&one.frame, |view| view.pose.frame);
            if let Some(view) = at.ok().and_then(|at| views.get(at)) {
                *one = observed_again(one, &view.pose, self.terrain);
            }
        }
        let mut named = Vec::new();
        let ties = with_groups(&seen, &views, self.terrain, self.params, |run, groups| {
            self.ties(run, groups, stated, &mut named)
        });
        let ties = ties.unwrap_or_default();
        if ties.len() < LEAST_TIES || stated.len() < LEAST_FRAMES {
            return Err(TOO_FEW);
        }
        let of_frames = own.iter().flat_map(|own| own.off.iter());
        let known: Vec<f64> = solution.off.iter().chain(of_frames).copied().collect();
        let known = DVector::from_vec(known);
        let adjusted = adjust(&ties, &known).ok_or(UNSOUND)?;
        let factor = adjusted.covariance.cholesky().ok_or(UNSOUND)?.l();
        *solution = Solution { off: adjusted.off.fixed_rows::<SHARED>(0).into(), factor };
        for (number, own) in own.iter_mut().enumerate() {
            let at = SHARED + OF_FRAME * number;
            own.off = adjusted.off.fixed_rows::<OF_FRAME>(at).into();
            own.left = adjusted.variances.fixed_rows::<OF_FRAME>(at).map(|v| v.max(0.0).sqrt());
        }
        let views = ties.iter().map(|tie| tie.members.len()).sum();
        *told = Told { ties, known, views, control: named };
        Ok(())
    }

    /// What views of one thing say, for each thing that more than one frame shows.
    fn ties(
        &self,
        run: &Run<'_>,
        groups: &[Vec<u32>],
        stated: &[&View],
        named: &mut Vec<String>,
    ) -> Vec<Tie> {
        let mut controls = self.controls(run, groups);
        let mut ties = Vec::new();
        for (number, group) in groups.iter().enumerate() {
            let control = controls.remove(&number);
            if group.len() < 2 && control.is_none() {
                continue;
            }
            let members: Vec<Member> =
                group.iter().filter_map(|&place| member(run, place as usize, stated)).collect();
            let control = control.map(|control| {
                named.push(control.name.clone());
                (run.plane.enu(&control.point).xy(), control.sigma_m.powi(2).max(LEAST_VARIANCE_M2))
            });
            ties.push(Tie { members, control });
        }
        ties.retain(|tie| {
            tie.members.len() > 1 || tie.control.is_some() && !tie.members.is_empty()
        });
        named.sort();
        ties
    }

    /// The group that shows each control point: the only one within the gate.
    fn controls(&self, run: &Run<'_>, groups: &[Vec<u32>]) -> BTreeMap<usize, &ControlPoint> {
        let mut found = BTreeMap::new();
        if self.control.is_empty() {
            return found;
        }
        let places: Vec<_> = groups.iter().map(|group| as_one_spot(run, group, 0)).collect();
        for control in self.control {
            let at = run.plane.enu(&control.point).xy();
            let within = places.iter().enumerate().filter(|(_, spot)| {
                let Some(spot) = spot else { return false };
                let own_m2 = spot.own_m2() + Matrix2::identity() * control.sigma_m.powi(2);
                let off: Vector2<f64> = spot.at - at;
                let inverse = own_m2.try_inverse();
                inverse.is_some_and(|inverse| off.dot(&(inverse * off)) < self.params.gate)
            });
            let within: Vec<usize> = within.map(|(number, _)| number).collect();
            if let [number] = within[..] {
                found.insert(number, control);
            }
        }
        found
    }
}

fn member(run: &Run<'_>, place: usize, stated: &[&View]) -> Option<Member> {
    let spot = run.spots.get(place)?;
    let frame = *run.view_of.get(&spot.frame)?;
    let slopes = spot.slopes(run.axes)?;
    let pose = &stated.get(frame)?.pose;
    let by_sigmas = stated_factor(pose);
    let of_pose =
        |pose| slopes.fixed_columns::<OF_FRAME>(0) * SMatrix::from_diagonal(&own_sigmas(pose));
    let by_frame = of_pose(pose);
    let now = of_pose(&run.views.get(frame)?.pose);
    let rest_m2 = spot.own_m2() - now * now.transpose();
    Some(Member {
        frame,
        at: spot.at,
        by_common: (slopes * by_sigmas).fixed_columns::<SHARED>(0).into_owned(),
        by_frame,
        by_height: slopes.column(GROUND).into_owned(),
        noise_m2: (rest_m2.trace() / 2.0).max(LEAST_VARIANCE_M2),
    })
}
