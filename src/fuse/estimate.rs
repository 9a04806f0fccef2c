//! Place, contrast and all else of a cluster.

use std::collections::HashMap;

use crate::detect::{Detection, Reason, Reasons};
use crate::geo::{Geodetic, LocalFrame, Terrain, ellipse95};
use crate::locate::Observation;
use crate::site::{Asset, AssetLookup};
use crate::time::FrameTime;

use super::common::Axes;
use super::conditions::Condition;
use super::confidence::Agreement;
use super::finding::SEVERITY_WITHHELD;
use super::passes::{came_or_went, may_live};
use super::place::place;
use super::possible::Cameras;
use super::spot::Spot;
use super::sun::{glints, gone_h};
use super::suspect::{Drift, Suspect};
use super::{Finding, Kind, Params, Severity, Status, View};

/// Flattest view whose temperature still counts: paint and stone keep their emissivity to 50 or
/// 60° from the normal (DETECTION.md, 4).
const STEEPEST_RAD: f64 = 60.0 * std::f64::consts::PI / 180.0;

/// A contrast is never surer than this in kelvin: the step of common radiometric files.
const LEAST_DELTA_SIGMA_K: f64 = 0.1;

/// The same in grey levels.
const LEAST_DELTA_SIGMA_GREY: f64 = 1.0;

/// Share of its contrast that a single view may be off: our convention.
const LONE_DELTA_SHARE: f64 = 0.1;

/// Standard deviation over median absolute deviation of normal noise.
const SIGMA_OVER_MAD: f64 = 1.4826;

/// Standard error of a median over that of a mean, √(π/2).
const MEDIAN_OVER_MEAN: f64 = 1.2533;

/// What is the same for all clusters of a region.
pub(super) struct Run<'a> {
    pub(super) observations: &'a [Observation],
    pub(super) spots: Vec<Spot>,
    /// The axes of each view of the region.
    pub(super) axes: &'a [Axes],
    /// The flight of each frame.
    pub(super) flight_of: &'a HashMap<u32, u32>,
    pub(super) views: &'a [View],
    pub(super) view_of: &'a HashMap<u32, usize>,
    pub(super) plane: &'a LocalFrame,
    pub(super) terrain: &'a Terrain,
    pub(super) assets: Option<AssetLookup<'a>>,
    pub(super) params: &'a Params,
}

impl Run<'_> {
    fn asset_at(&self, place: &Geodetic) -> Option<&Asset> {
        self.assets.as_ref()?.asset_at(place.lat_deg(), place.lon_deg())
    }
}

/// Whether what too few frames saw, or too few surely, makes a finding by how strong it is. What
/// only one frame could see must be `sure`, too, as what frames agree on.
fn is_strong(
    params: &Params,
    seen: &[&Observation],
    best: &Detection,
    (possible, sure): (u32, bool),
) -> bool {
    let enough = match possible {
        1 => sure && best.score >= params.lone_score,
        _ => {
            let prominence = median(seen.iter().map(|one| f64::from(one.detection.prominence)));
            prominence >= f64::from(params.strong_prominence)
        }
    };
    // What only cut views show, and others that hold its place do not, is a piece of something
    // larger, however strong.
    let whole = seen.iter().any(|one| !one.detection.reasons.contains(Reason::Border));
    enough && (whole || seen.len() as u32 == possible)
}

/// The views of a cluster, in the order of its spots.
struct Views<'a> {
    spots: Vec<&'a Spot>,
    seen: Vec<&'a Observation>,
    frames: Vec<u32>,
}

impl<'a> Views<'a> {
    fn of(run: &'a Run<'_>, group: &[u32]) -> Self {
        let spots: Vec<&Spot> = group.iter().map(|&place| &run.spots[place as usize]).collect();
        let observation = |spot: &&Spot| &run.observations[spot.number as usize];
        let seen = spots.iter().map(observation).collect();
        let frames = spots.iter().map(|spot| spot.frame).collect();
        Self { spots, seen, frames }
    }
}

/// How sure a cluster is; `None` if that is too little for a finding. Without kelvin, or where
/// scores are heat, nothing tells ground from sources, and what frames agree on is enough.
fn sure_enough(
    params: &Params,
    seen: &[&Observation],
    best: &Detection,
    possible: u32,
    (delta_k, severity): (Option<f64>, Severity),
) -> Option<f64> {
    let agreement = Agreement::of(seen.iter().map(|one| one.detection.score), possible);
    let (confidence, sure) = match delta_k.filter(|_| !params.scores_by_heat) {
        None => (agreement.rank(), true),
        Some(delta_k) => {
            let confidence = agreement.chance(delta_k);
            let plain = delta_k.abs() >= params.plain_contrast_k || severity >= Severity::Medium;
            (confidence, plain || confidence >= params.least_confidence)
        }
    };
    let agreed = seen.len() >= 2 && agreement.share() >= params.least_share && sure;
    (agreed || is_strong(params, seen, best, (possible, sure))).then_some(confidence)
}

/// The finding of a cluster; `None` if too few frames saw it for its score.
pub(super) fn estimate(
    run: &Run<'_>,
    cameras: &Cameras<'_>,
    group: &[u32],
    suspect: Suspect,
) -> Option<Finding> {
    let Views { spots, seen, frames } = Views::of(run, group);
    let place = place(run, &spots)?;
    let missed = cameras.missed(&place.point, farthest_m(&seen), &frames);
    let views = frames.len() as u32;
    let possible = views + missed.len() as u32;
    let share = f64::from(views) / f64::from(possible.max(1));
    let strongest = strongest_first(&seen);
    let best = &seen[*strongest.first()?].detection;
    let params = run.params;
    let grey_levels = has_grey_levels(run, &frames);
    let (delta, seen_sigma) = contrast(&seen, grey_levels);
    let delta_sigma = seen_sigma.hypot(surface_sigma_k(run, seen[*strongest.first()?]));
    let asset = run.asset_at(&place.point);
    let by_asset = params.kinds.kind_of(asset.map(|asset| asset.kind), best.polarity);
    let stands_out = ((!grey_levels).then_some(delta), params.kinds.severity_of(by_asset, delta));
    let confidence = sure_enough(params, &seen, best, possible, stands_out)?;
    let times = times(run, &frames);
    let area_m2 = median(seen.iter().map(|one| f64::from(one.area_m2)));
    let passing = !grey_levels && came_or_went(run, &seen, &missed);
    let lives = passing && may_live(best, area_m2, by_asset);
    let kind = kind(suspect.drift, lives, by_asset);
    let steep = is_steep(&seen);
    let withheld = steep || grey_levels;
    let dark_h = || gone_h(&place.point, &times).filter(|_| times.len() == frames.len());
    let notes = [
        (suspect.drift == Some(Drift::WithCamera), "drifts_with_camera"),
        (views >= 2 && share < params.least_share, "few_views"),
        (suspect.drift == Some(Drift::WithTime), "moves"),
        (!withheld && params.kinds.is_scaled(kind), "normalised_by_irradiance"),
        (passing, "one_pass_only"),
        (place.scattered, "scattered"),
        (suspect.fixed, "sensor_fixed"),
        (withheld, SEVERITY_WITHHELD),
        (views == 1, "single_view"),
        (glints(run, &seen), "sun_glint"),
        (steep, "steep_view"),
    ];
    Some(Finding {
        id: String::new(),
        kind,
        polarity: best.polarity,
        severity: if withheld { Severity::Low } else { params.kinds.severity_of(kind, delta) },
        confidence,
        status: Status::Open,
        point: place.point,
        ellipse95: ellipse95(&place.covariance_enu_m2),
        height_sigma_m: place.covariance_enu_m2[(2, 2)].max(0.0).sqrt(),
        peak: f64::from(best.peak),
        background: f64::from(best.background),
        delta,
        delta_sigma,
        grey_levels,
        area_m2,
        views,
        views_possible: possible,
        first_seen: times.first().copied(),
        last_seen: times.last().copied(),
        asset: asset.map(|asset| asset.name.clone()),
        reasons: reasons(&seen),
        notes: told(&notes, params.kinds.open(kind, dark_h)),
        observations: strongest.iter().map(|&at| spots[at].number).collect(),
        frames,
    })
}

/// Notes that hold, and those of open conditions, sorted.
fn told(notes: &[(bool, &'static str)], open: impl Iterator<Item = Condition>) -> Vec<String> {
    let own = notes.iter().filter(|(is, _)| *is).map(|(_, note)| *note);
    let mut told: Vec<String> = own.chain(open.map(Condition::note)).map(str::to_owned).collect();
    told.sort();
    told
}

/// Places in `seen`, the best score first; what the picture's border cuts comes behind all that is
/// whole, since its coldest and hottest pixel may lie beyond the border.
fn strongest_first(seen: &[&Observation]) -> Vec<usize> {
    let mut strongest: Vec<usize> = (0..seen.len()).collect();
    strongest.sort_by(|&a, &b| {
        let is_cut = |at: usize| seen[at].detection.reasons.contains(Reason::Border);
        let score = |at: usize| seen[at].detection.score;
        is_cut(a).cmp(&is_cut(b)).then(score(b).total_cmp(&score(a))).then(a.cmp(&b))
    });
    strongest
}

/// Whether any of the frames knows no temperatures.
fn has_grey_levels(run: &Run<'_>, frames: &[u32]) -> bool {
    let view = |frame: &u32| run.view_of.get(frame).map(|&view| &run.views[view]);
    frames.iter().filter_map(view).any(|view| view.grey_levels)
}

fn is_steep(seen: &[&Observation]) -> bool {
    seen.iter().all(|one| f64::from(one.incidence_rad) > STEEPEST_RAD)
}

fn kind(drift: Option<Drift>, lives: bool, by_asset: Kind) -> Kind {
    match drift {
        Some(Drift::WithCamera) => Kind::Reflection,
        Some(Drift::WithTime) => Kind::LivingOrVehicle,
        None if lives => Kind::LivingOrVehicle,
        None => by_asset,
    }
}

/// The slant range of the furthest view, in metres.
fn farthest_m(seen: &[&Observation]) -> f64 {
    seen.iter().map(|one| f64::from(one.range_m)).fold(0.0, f64::max)
}

/// Median contrast, and one sigma of it but for emissivities: the median's standard error from the
/// spread of the views (a tenth of the contrast where there is one view), one frame's pixel noise,
/// and, where most of the views are flatter than 60°, what the surface may hide of it there
/// ([`lost_at`]); not below what the format can tell.
fn contrast(seen: &[&Observation], grey_levels: bool) -> (f64, f64) {
    let delta = median(seen.iter().map(|one| f64::from(one.detection.delta)));
    let off = seen.iter().map(|one| (f64::from(one.detection.delta) - delta).abs());
    let spread = if seen.len() > 1 {
        SIGMA_OVER_MAD * MEDIAN_OVER_MEAN * median(off) / (seen.len() as f64).sqrt()
    } else {
        LONE_DELTA_SHARE * delta.abs()
    };
    let noise = median(seen.iter().map(|one| {
        let (delta, snr) = (one.detection.delta, one.detection.snr);
        if snr.abs() > 0.0 { f64::from(delta / snr).abs() } else { 0.0 }
    }));
    let least = if grey_levels { LEAST_DELTA_SIGMA_GREY } else { LEAST_DELTA_SIGMA_K };
    let angle_rad = median(seen.iter().map(|one| f64::from(one.incidence_rad)));
    let slant = if angle_rad > STEEPEST_RAD { lost_at(angle_rad) * delta.abs() } else { 0.0 };
    (delta, spread.hypot(noise).hypot(slant).max(least))
}

/// One sigma in kelvin of what unknown emissivities leave of a contrast, in its strongest view: all
/// views show the same surfaces, so that it does not fall with their number.
fn surface_sigma_k(run: &Run<'_>, strongest: &Observation) -> f64 {
    let view = run.view_of.get(&strongest.frame).and_then(|&view| run.views.get(view));
    let Detection { peak, background, .. } = strongest.detection;
    view.and_then(|view| view.surface.filter(|_| !view.grey_levels))
        .map_or(0.0, |surface| surface.contrast_sigma_k(f64::from(peak), f64::from(background)))
}

/// Refractive index of paint, stone and glass, about.
const INDEX: f64 = 1.5;

/// Share of its emissivity, and so of what it shows of a contrast, that a smooth surface of no
/// metal loses at an angle from its normal: `1 − ε(θ) / ε(0)` with `ε = 1 − (R_s + R_p) / 2` by
/// Fresnel's equations (M. Born and E. Wolf, Principles of Optics, 1.5). A rough one loses less.
fn lost_at(angle_rad: f64) -> f64 {
    let emissivity = |angle_rad: f64| {
        let (sin, cos) = angle_rad.min(std::f64::consts::FRAC_PI_2).sin_cos();
        let inside = (INDEX * INDEX - sin * sin).sqrt();
        let across = (cos - inside) / (cos + inside);
        let along = (INDEX * INDEX * cos - inside) / (INDEX * INDEX * cos + inside);
        1.0 - (across * across + along * along) / 2.0
    };
    (1.0 - emissivity(angle_rad) / emissivity(0.0)).max(0.0)
}

fn reasons(seen: &[&Observation]) -> Reasons {
    let mut together = Reasons::default();
    for reason in seen.iter().flat_map(|one| one.detection.reasons.iter()) {
        together.insert(reason);
    }
    together
}

/// The middle value, the mean of the middle two; 0 of none.
pub(super) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.filter(|v| v.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match (values.get(half), values.len() % 2) {
        (Some(&middle), 1) => middle,
        (Some(&upper), _) => (values[half - 1] + upper) / 2.0,
        (None, _) => 0.0,
    }
}

/// Times of the frames, earliest first, on the clock of the first that has one: two clocks cannot
/// be compared.
pub(super) fn times(run: &Run<'_>, frames: &[u32]) -> Vec<FrameTime> {
    let taken_at = |frame| run.view_of.get(frame).and_then(|&view| run.views[view].taken_at);
    let mut times: Vec<FrameTime> = frames.iter().filter_map(taken_at).collect();
    if let Some(clock) = times.first().map(std::mem::discriminant) {
        times.retain(|time| std::mem::discriminant(time) == clock);
    }
    times.sort();
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_view_hides_a_share_of_the_contrast() {
        // Worked by hand: R(0°) = 0.04; R_s, R_p = 0.1766, 0.0018 at 60° and 0.3994, 0.1068 at 75°.
        for (degrees, share) in [(0.0_f64, 0.0), (60.0, 0.0512), (75.0, 0.2220), (90.0, 1.0)] {
            let lost = lost_at(degrees.to_radians());
            assert!((lost - share).abs() < 5e-4, "{degrees}: {lost}");
        }
    }
}
