//! Place of a cluster, and how sure it is.

use std::collections::BTreeMap;

use nalgebra::{Matrix2, Matrix3, Vector2, Vector3};

use crate::geo::{Geodetic, LocalFrame, Terrain};

use super::common::Bias;
use super::estimate::Run;
use super::spot::{LEAST_VARIANCE_M2, NO_AXES, Spot, plane_from_local};

/// A height is never surer than a centimetre.
const LEAST_HEIGHT_VARIANCE_M2: f64 = 1e-4;

/// Scatter that chance shows once in 30,000 findings counts as unexplained.
const SCATTER_SIGMAS: f64 = 4.0;

pub(super) struct Place {
    pub(super) point: Geodetic,
    pub(super) covariance_enu_m2: Matrix3<f64>,
    pub(super) scattered: bool,
}

/// What one flight says of a place, in the region's plane.
struct Told {
    at: Vector2<f64>,
    covariance_m2: Matrix2<f64>,
    up_m: f64,
    up_variance_m2: f64,
    scattered: bool,
}

/// The place of a cluster: each flight's by itself, then flights by their inverse covariances,
/// since their common errors have nothing to do with each other.
pub(super) fn place(run: &Run<'_>, spots: &[&Spot]) -> Option<Place> {
    let mut flights: BTreeMap<Option<&u32>, Vec<&Spot>> = BTreeMap::new();
    for &spot in spots {
        flights.entry(run.flight_of.get(&spot.frame)).or_default().push(spot);
    }
    let anchor = spots.first()?.at;
    let (mut information, mut pulled) = (Matrix2::zeros(), Vector2::zeros());
    let (mut up_weights, mut up_m, mut scattered) = (0.0, 0.0, false);
    for of_flight in flights.values() {
        let told = told(run, of_flight)?;
        let inverse = told.covariance_m2.try_inverse()?;
        information += inverse;
        pulled += inverse * (told.at - anchor);
        up_weights += told.up_variance_m2.recip();
        up_m += told.up_m / told.up_variance_m2;
        scattered |= told.scattered;
    }
    let covariance_m2 = information.try_inverse()?;
    let at = anchor + covariance_m2 * pulled;
    let mut covariance = Matrix3::zeros();
    covariance.fixed_view_mut::<2, 2>(0, 0).copy_from(&covariance_m2);
    covariance[(2, 2)] = up_weights.recip();
    let mut point = run.plane.geodetic(&Vector3::new(at.x, at.y, up_m / up_weights));
    // Flat ground may lie at another height for each frame; then the views tell it.
    if let Terrain::Model(_) = run.terrain
        && let Some(height_m) = run.terrain.height_m(point.lat_rad, point.lon_rad)
    {
        point.height_m = height_m;
    }
    let back = plane_from_local(run.plane, &LocalFrame::at(&point)).transpose();
    let covariance_enu_m2 = back * covariance * back.transpose();
    Some(Place { point, covariance_enu_m2, scattered })
}

/// What a flight saw of one thing as one spot of the "frame" `flight`, with its whole covariance.
pub(super) fn as_one_spot(run: &Run<'_>, group: &[u32], flight: u32) -> Option<Spot> {
    let spots: Vec<&Spot> = group.iter().map(|&place| &run.spots[place as usize]).collect();
    let told = told(run, &spots)?;
    let delta = spots.iter().map(|spot| spot.delta).sum::<f32>() / spots.len() as f32;
    let mut spot = **spots.first()?;
    spot.frame = flight;
    spot.axes = NO_AXES;
    spot.at = told.at;
    spot.up_m = told.up_m as f32;
    spot.delta = delta;
    spot.set_own_m2(&told.covariance_m2);
    Some(spot)
}

/// A flight's place by inverse covariance of the own parts.
///
/// Only the own part of the covariance falls with the number of views. Of the common part, each
/// view is moved its own way by one error that all share, so that the place moves by their weighted
/// mean: what opposite legs cancel is gone, what they share stays in full. Views that scatter far
/// more than their covariances tell (χ² beyond four sigma) raise the own part by that ratio, and
/// say so.
fn told(run: &Run<'_>, spots: &[&Spot]) -> Option<Told> {
    let mut information = Matrix2::zeros();
    let mut pulled = Vector2::zeros();
    let mut moved = Bias::zeros();
    let (mut weights, mut common_up, mut up_m, mut up_weights) = (0.0, 0.0, 0.0, 0.0);
    let anchor = spots.first()?.at;
    for spot in spots {
        let inverse = spot.own_m2().try_inverse()?;
        let weight = inverse.trace();
        let one = &run.observations[spot.number as usize];
        information += inverse;
        pulled += inverse * (spot.at - anchor);
        moved += inverse * spot.bias_m(run.axes);
        weights += weight;
        common_up += f64::from(one.common_enu_m2[5]) * weight;
        // Heights fall as sigma² / n only as far as they are the frames' own.
        let own_uu = f64::from(one.own_enu_m2[5]).max(LEAST_HEIGHT_VARIANCE_M2);
        up_weights += own_uu.recip();
        up_m += f64::from(spot.up_m) / own_uu;
    }
    let own_m2 = information.try_inverse()?;
    let at = anchor + own_m2 * pulled;
    let bias = own_m2 * moved;
    let (ratio, scattered) = scatter(run, spots, &at);
    let common_m2 = bias * bias.transpose();
    Some(Told {
        at,
        covariance_m2: own_m2 * ratio + common_m2 + Matrix2::identity() * LEAST_VARIANCE_M2,
        up_m: up_m / up_weights,
        up_variance_m2: common_up / weights + up_weights.recip(),
        scattered,
    })
}

/// By how much the own covariances are too small, at least 1, and whether they are.
fn scatter(run: &Run<'_>, spots: &[&Spot], at: &Vector2<f64>) -> (f64, bool) {
    let count = spots.len() as f64;
    let bias = spots.iter().fold(Bias::zeros(), |sum, spot| sum + spot.bias_m(run.axes)) / count;
    let chi2: f64 = spots
        .iter()
        .filter_map(|spot| {
            let apart = spot.bias_m(run.axes) - bias;
            let inverse = (spot.own_m2() + apart * apart.transpose()).try_inverse()?;
            let off = spot.at - at;
            Some(off.dot(&(inverse * off)))
        })
        .sum();
    let freedom = 2.0 * (count - 1.0);
    if freedom < 1.0 {
        return (1.0, false);
    }
    // χ² at SCATTER_SIGMAS of a normal distribution, after Wilson and Hilferty (PNAS 17, 1931).
    let ninth = 2.0 / (9.0 * freedom);
    let most = freedom * (1.0 - ninth + SCATTER_SIGMAS * ninth.sqrt()).powi(3);
    if chi2 > most { ((chi2 / freedom).max(1.0), true) } else { (1.0, false) }
}
