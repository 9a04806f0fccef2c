//! Place of a cluster, and how sure it is.

use std::collections::BTreeMap;

use nalgebra::{Matrix2, Matrix3, SMatrix, Vector2, Vector3};

use crate::geo::{Geodetic, LocalFrame, Terrain};

use super::common::{Bias, ERRORS, GROUND};
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
    let anchor = spots.first()?.at;
    let (mut information, mut pulled) = (Matrix2::zeros(), Vector2::zeros());
    let (mut up_weights, mut up_m, mut scattered) = (0.0, 0.0, false);
    for of_flight in parted_by_flight(run, spots) {
        let told = told(run, &of_flight)?;
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
    let sound = covariance_enu_m2.iter().all(|v| v.is_finite())
        && covariance_enu_m2.trace() > 0.0
        && [point.lat_rad, point.lon_rad, point.height_m].iter().all(|v| v.is_finite());
    sound.then_some(Place { point, covariance_enu_m2, scattered })
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

/// A flight's place by inverse covariance of the own parts, height included: rays from several
/// sides meet above or below the ground as it is known, which pulls with its sigma.
///
/// Only the own part of the covariance falls with the number of views. Of the common part, each
/// view is moved its own way by one error that all share, so that the place moves by their weighted
/// mean: what opposite legs cancel is gone, what they share stays in full. Views that scatter far
/// more than their covariances tell (χ² beyond four sigma) raise the own part by that ratio, and
/// say so.
fn told(run: &Run<'_>, spots: &[&Spot]) -> Option<Told> {
    let Solved { place, inverse, bias, ratio, scattered } = solved(run, spots)?;
    let anchor = spots.first()?.at;
    let (mut weights, mut ground_m2, mut up_m, mut up_weights) = (0.0, 0.0, 0.0, 0.0);
    for spot in spots {
        let one = &run.observations[spot.number as usize];
        let weight = spot.own_m2().try_inverse()?.trace();
        weights += weight;
        ground_m2 += f64::from(one.common_enu_m2[5]) * weight;
        // Heights fall as sigma² / n only as far as they are the frames' own.
        let own_uu = f64::from(one.own_enu_m2[5]).max(LEAST_HEIGHT_VARIANCE_M2);
        up_weights += own_uu.recip();
        up_m += f64::from(spot.up_m) / own_uu;
    }
    let bias_at = bias.fixed_rows::<2>(0);
    let own_m2 = inverse.fixed_view::<2, 2>(0, 0);
    // The third unknown is in sigmas of the ground's height.
    let ground_m2 = ground_m2 / weights;
    let up_share = (inverse[(2, 2)] + bias.row(2).norm_squared()).min(1.0);
    Some(Told {
        at: anchor + place.xy(),
        covariance_m2: own_m2 * ratio
            + bias_at * bias_at.transpose()
            + Matrix2::identity() * LEAST_VARIANCE_M2,
        up_m: up_m / up_weights + place.z * ground_m2.sqrt(),
        up_variance_m2: ground_m2 * up_share + up_weights.recip(),
        scattered,
    })
}

/// What a flight's views of one thing come to, from the first view's place on. The third row is
/// the thing's height in sigmas of the ground's.
struct Solved {
    place: Vector3<f64>,
    /// What views and ground leave open.
    inverse: Matrix3<f64>,
    /// How one sigma of each error of the flight moves the place.
    bias: SMatrix<f64, 3, ERRORS>,
    /// By how much views scatter more than is stated, at least 1.
    ratio: f64,
    scattered: bool,
}

fn solved(run: &Run<'_>, spots: &[&Spot]) -> Option<Solved> {
    let anchor = spots.first()?.at;
    let mut information = Matrix3::from_diagonal(&Vector3::z());
    let (mut pulled, mut moved) = (Vector3::zeros(), SMatrix::<f64, 3, ERRORS>::zeros());
    for spot in spots {
        let inverse = spot.own_m2().try_inverse()?;
        let (by_place, bias) = parted(&spot.bias_m(run.axes));
        let weighed = by_place.transpose() * inverse;
        information += weighed * by_place;
        pulled += weighed * (spot.at - anchor);
        moved += weighed * bias;
    }
    let inverse = information.try_inverse()?;
    let (place, bias) = (inverse * pulled, inverse * moved);
    let (ratio, scattered) = scatter(run, spots, &anchor, &place, &bias);
    Some(Solved { place, inverse, bias, ratio, scattered })
}

/// What one flight puts into the covariance of a place, axes east and north of the region's plane.
pub(super) struct Shares {
    /// By what a metre of each view's own error moves the place, in the order of the views.
    pub(super) by_view: Vec<Matrix2<f64>>,
    /// By what one sigma of the ground's height does.
    pub(super) by_ground: Vector2<f64>,
    /// By what one sigma of each error of the flight does.
    pub(super) by_flight: Bias,
    /// By how much both kinds of own errors are raised, at least 1.
    pub(super) ratio: f64,
    /// What is added to each axis besides, in m².
    pub(super) least_m2: Matrix2<f64>,
    /// How much of the thing's height the views tell by meeting, 0 to 1; the ground tells the rest.
    pub(super) height_by_views: f64,
}

/// The flights that a place comes from, with their spots, and what each puts into its covariance.
/// With the views' own covariances between them these add up to that of [`place`].
pub(super) fn shares<'a>(
    run: &Run<'_>,
    spots: &[&'a Spot],
) -> Option<Vec<(Vec<&'a Spot>, Shares)>> {
    let flights = parted_by_flight(run, spots);
    let mut found = Vec::with_capacity(flights.len());
    let mut information = Matrix2::zeros();
    for of_flight in flights {
        let inverse = told(run, &of_flight)?.covariance_m2.try_inverse()?;
        information += inverse;
        found.push((of_flight, inverse));
    }
    let whole_m2 = information.try_inverse()?;
    let of_flight = |(spots, inverse): (Vec<&'a Spot>, Matrix2<f64>)| {
        let weight = whole_m2 * inverse;
        let solved = solved(run, &spots)?;
        let by_view = spots.iter().map(|spot| {
            let (by_place, _) = parted(&spot.bias_m(run.axes));
            let gain = solved.inverse * by_place.transpose() * spot.own_m2().try_inverse()?;
            Some(weight * gain.fixed_rows::<2>(0))
        });
        let shares = Shares {
            by_view: by_view.collect::<Option<_>>()?,
            by_ground: weight * solved.inverse.fixed_view::<2, 1>(0, 2),
            by_flight: weight * solved.bias.fixed_rows::<2>(0),
            ratio: solved.ratio,
            least_m2: weight * weight.transpose() * LEAST_VARIANCE_M2,
            height_by_views: (1.0 - solved.inverse[(2, 2)]).clamp(0.0, 1.0),
        };
        Some((spots, shares))
    };
    found.into_iter().map(of_flight).collect()
}

fn parted_by_flight<'a>(run: &Run<'_>, spots: &[&'a Spot]) -> Vec<Vec<&'a Spot>> {
    let mut flights: BTreeMap<Option<&u32>, Vec<&'a Spot>> = BTreeMap::new();
    for &spot in spots {
        flights.entry(run.flight_of.get(&spot.frame)).or_default().push(spot);
    }
    flights.into_values().collect()
}

/// How a view's place goes with the thing's place and height, and with what its flight is off.
fn parted(bias: &Bias) -> (SMatrix<f64, 2, 3>, Bias) {
    let mut by_place = SMatrix::<f64, 2, 3>::identity();
    // A thing that is higher than the ground is taken lies where the ray is so much higher.
    by_place.set_column(2, &-bias.column(GROUND));
    let mut of_flight = *bias;
    of_flight.column_mut(GROUND).fill(0.0);
    (by_place, of_flight)
}

/// By how much the own covariances are too small, at least 1, and whether they are. `place` is
/// that of the thing from `anchor` on, and its height.
fn scatter(
    run: &Run<'_>,
    spots: &[&Spot],
    anchor: &Vector2<f64>,
    place: &Vector3<f64>,
    moved: &SMatrix<f64, 3, ERRORS>,
) -> (f64, bool) {
    let chi2: f64 = spots
        .iter()
        .filter_map(|spot| {
            let (by_place, bias) = parted(&spot.bias_m(run.axes));
            let apart = bias - by_place * moved;
            let inverse = (spot.own_m2() + apart * apart.transpose()).try_inverse()?;
            let off = spot.at - anchor - by_place * place;
            Some(off.dot(&(inverse * off)))
        })
        .sum();
    let freedom = 2.0 * (spots.len() as f64 - 1.0);
    if freedom < 1.0 {
        return (1.0, false);
    }
    // χ² at SCATTER_SIGMAS of a normal distribution, after Wilson and Hilferty (PNAS 17, 1931).
    let ninth = 2.0 / (9.0 * freedom);
    let most = freedom * (1.0 - ninth + SCATTER_SIGMAS * ninth.sqrt()).powi(3);
    if chi2 > most { ((chi2 / freedom).max(1.0), true) } else { (1.0, false) }
}
