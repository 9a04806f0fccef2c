//! The error budget of a finding: which cause brings how much of its ellipse.
//!
//! A finding's place is a weighted mean of its views', so each cause is followed through the
//! weights: what each view is off by itself adds up as squares and falls with their number, what a
//! flight's views are off together adds up as it stands, and what they cancel is gone.

use std::collections::{BTreeMap, HashMap};

use nalgebra::{Matrix2, Matrix3, Vector2};

use crate::capture::PosedFrame;
use crate::geo::{Ellipse95, LocalFrame, Terrain};
use crate::locate::{Cause, Observation, Part, explain_observation};

use super::common::{ERRORS, GROUND};
use super::estimate::Run;
use super::fusion::{View, with_regions};
use super::place::{Shares, shares};
use super::solution::ground_of;
use super::spot::{Spot, plane_from_local};
use super::{BudgetPart, BudgetTerm, Finding, FindingBudget};

/// Semi-axis of the 95 % ellipse over one sigma, √5.9915.
const SIGMAS_95: f64 = 2.447_746_830_680_816;

/// The errors that a flight's views share, in the order of [`super::common`]. The ground's height
/// is an unknown of its own.
const OF_FLIGHT: [Cause; ERRORS - 1] = [
    Cause::CameraEast,
    Cause::CameraNorth,
    Cause::CameraUp,
    Cause::Yaw,
    Cause::Pitch,
    Cause::Roll,
    Cause::Clock,
];

/// The budgets of findings of a run, in their order. `observations`, `views` and `terrain` are
/// those that [`fuse`](super::fuse) had.
///
/// The covariances of a finding's terms add up to that of its ellipse. Where a flight was
/// calibrated, what is left of its errors hangs together (a height may make up for a pitch) and is
/// one term. A finding whose place cannot be worked out again has no terms.
#[must_use]
pub fn explain(
    findings: &[Finding],
    observations: &[Observation],
    views: &[View],
    terrain: &Terrain,
) -> Vec<FindingBudget> {
    let mut budgets: Vec<FindingBudget> = findings.iter().map(empty).collect();
    // The finding and the number in it of each observation that has one.
    let mut of_observation: HashMap<u32, usize> = HashMap::new();
    for (number, finding) in findings.iter().enumerate() {
        of_observation.extend(finding.observations.iter().map(|&seen| (seen, number)));
    }
    with_regions(observations, views, terrain, |run| {
        let mut members: BTreeMap<usize, Vec<&Spot>> = BTreeMap::new();
        for spot in &run.spots {
            if let Some(&finding) = of_observation.get(&spot.number) {
                members.entry(finding).or_default().push(spot);
            }
        }
        for (number, spots) in members {
            if let Some(of_finding) = shares(run, &spots) {
                fill(&mut budgets[number], &findings[number], run, &of_finding);
            }
        }
    });
    budgets
}

fn empty(finding: &Finding) -> FindingBudget {
    FindingBudget {
        finding: finding.id.clone(),
        ellipse95: finding.ellipse95,
        views: finding.views,
        flights: 0,
        height_by_views: 0.0,
        terms: Vec::new(),
    }
}

fn fill(
    budget: &mut FindingBudget,
    finding: &Finding,
    run: &Run<'_>,
    of_finding: &[(Vec<&Spot>, Shares)],
) {
    let mut sums = Sums::default();
    for (spots, shares) in of_finding {
        sums.add_own(run, spots, shares);
        sums.add_common(run, spots, shares);
        sums.add(BudgetPart::Rest, None, shares.least_m2, None);
        budget.height_by_views = budget.height_by_views.max(shares.height_by_views);
    }
    budget.flights = of_finding.len() as u32;
    let turn = plane_from_local(run.plane, &LocalFrame::at(&finding.point)).transpose();
    let turn = turn.fixed_view::<2, 2>(0, 0).into_owned();
    budget.terms = sums.terms(&turn, &finding.ellipse95);
}

/// What one cause brings, and its own variance over the views it acts in.
#[derive(Default)]
struct Sum {
    covariance_m2: Matrix2<f64>,
    sigma2: f64,
    views: f64,
}

#[derive(Default)]
struct Sums(BTreeMap<(BudgetPart, Option<Cause>), Sum>);

impl Sums {
    fn add(
        &mut self,
        part: BudgetPart,
        cause: Option<Cause>,
        covariance_m2: Matrix2<f64>,
        sigma: Option<f64>,
    ) {
        let sum = self.0.entry((part, cause)).or_default();
        sum.covariance_m2 += covariance_m2;
        if let Some(sigma) = sigma {
            sum.sigma2 += sigma * sigma;
            sum.views += 1.0;
        }
    }

    /// What each view is off by itself, and what views and ground are raised by together where
    /// views scatter more than is stated.
    fn add_own(&mut self, run: &Run<'_>, spots: &[&Spot], shares: &Shares) {
        let mut raised_m2 = shares.by_ground * shares.by_ground.transpose();
        for (spot, by_view) in spots.iter().zip(&shares.by_view) {
            let brought =
                |covariance_m2: &Matrix2<f64>| by_view * covariance_m2 * by_view.transpose();
            let mut rest_m2 = spot.own_m2();
            for (cause, sigma, covariance_m2) in own_causes(run, spot) {
                rest_m2 -= covariance_m2;
                self.add(BudgetPart::Own, Some(cause), brought(&covariance_m2), Some(sigma));
            }
            self.add(BudgetPart::Rest, None, brought(&rest_m2), None);
            raised_m2 += brought(&spot.own_m2());
        }
        if shares.ratio > 1.0 {
            self.add(BudgetPart::Scatter, None, raised_m2 * (shares.ratio - 1.0), None);
        }
    }

    /// What all views of a flight are off together.
    fn add_common(&mut self, run: &Run<'_>, spots: &[&Spot], shares: &Shares) {
        let square = |by: &Vector2<f64>| by * by.transpose();
        let views: Vec<&View> =
            spots.iter().filter_map(|spot| run.views.get(*run.view_of.get(&spot.frame)?)).collect();
        let calibrated = views.iter().any(|view| view.factor.is_some());
        for (number, cause) in OF_FLIGHT.into_iter().enumerate() {
            let brought_m2 = square(&shares.by_flight.column(number).into_owned());
            if calibrated {
                self.add(BudgetPart::Calibration, None, brought_m2, None);
                continue;
            }
            let sigma2 = views.iter().map(|view| common_sigma(&view.pose, number).powi(2));
            let sigma = (sigma2.sum::<f64>() / views.len().max(1) as f64).sqrt();
            if sigma != 0.0 {
                self.add(BudgetPart::Common, Some(cause), brought_m2, Some(sigma));
            }
        }
        let ground2 = spots.iter().map(|spot| f64::from(spot.ground_sigma_m).powi(2)).sum::<f64>();
        let ground_m = (ground2 / spots.len() as f64).sqrt();
        if ground_m > 0.0 {
            let brought_m2 = square(&shares.by_ground);
            self.add(BudgetPart::Common, Some(Cause::Terrain), brought_m2, Some(ground_m));
        }
        debug_assert!(shares.by_flight.column(GROUND).norm() == 0.0);
    }

    fn terms(self, enu_from_plane: &Matrix2<f64>, ellipse95: &Ellipse95) -> Vec<BudgetTerm> {
        let turned = |sum: &Sum| enu_from_plane * sum.covariance_m2 * enu_from_plane.transpose();
        let whole_m2 = self.0.values().map(turned).sum::<Matrix2<f64>>().trace();
        let (sin, cos) = ellipse95.azimuth_deg.to_radians().sin_cos();
        let (major, minor) = (Vector2::new(sin, cos), Vector2::new(cos, -sin));
        let term = |((part, cause), sum): (&(BudgetPart, Option<Cause>), &Sum)| {
            let covariance_m2 = turned(sum);
            let reach_m =
                |axis: &Vector2<f64>| SIGMAS_95 * axis.dot(&(covariance_m2 * axis)).max(0.0).sqrt();
            BudgetTerm {
                part: *part,
                cause: *cause,
                sigma: (sum.views > 0.0).then(|| (sum.sigma2 / sum.views).sqrt()),
                covariance_m2,
                share: if whole_m2 > 0.0 { covariance_m2.trace() / whole_m2 } else { 0.0 },
                major_m: reach_m(&major),
                minor_m: reach_m(&minor),
            }
        };
        self.0.iter().map(term).collect()
    }
}

/// One sigma of a flight's error by its number.
fn common_sigma(pose: &PosedFrame, number: usize) -> f64 {
    match number {
        0..=2 => pose.common.position_enu_m[number],
        3..=5 => pose.common.attitude_rad[number - 3],
        _ => pose.clock_sigma_s,
    }
}

/// The causes of what a view is off by itself: sigma, and covariance in the region's plane.
fn own_causes(run: &Run<'_>, spot: &Spot) -> Vec<(Cause, f64, Matrix2<f64>)> {
    let one = &run.observations[spot.number as usize];
    let view = run.view_of.get(&spot.frame).and_then(|&view| run.views.get(view));
    let Some(view) = view else { return Vec::new() };
    let own_ground;
    let terrain = match run.terrain {
        Terrain::Flat { .. } => {
            own_ground = ground_of(one);
            &own_ground
        }
        Terrain::Model(_) => run.terrain,
    };
    let Ok(explained) = explain_observation(&view.pose, one, terrain) else { return Vec::new() };
    let turn: Matrix3<f64> = plane_from_local(run.plane, &LocalFrame::at(&one.point));
    let own = explained.terms.iter().filter(|term| term.part == Part::Own);
    own.map(|term| {
        let in_plane = turn * term.covariance_enu_m2 * turn.transpose();
        (term.cause, term.sigma, in_plane.fixed_view::<2, 2>(0, 0).into_owned())
    })
    .collect()
}
