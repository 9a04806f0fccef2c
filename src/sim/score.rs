//! Findings against what was planted.

use serde::{Deserialize, Serialize};

use crate::detect::Polarity;
use crate::fuse::Finding;
use crate::geo::{Ellipse95, Geodetic, LocalFrame};

use super::scene::PlantedSpot;
use super::truth::Truth;

/// A spot that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Match {
    /// The spot.
    pub spot: String,
    /// The finding.
    pub finding: String,
    /// Whether the spot counts as findable; the others are extra.
    pub expected: bool,
    /// Finding minus truth: east and north in metres.
    pub error_enu_m: [f64; 2],
    /// Its length.
    pub error_m: f64,
    /// What the finding says of its own place.
    pub ellipse95: Ellipse95,
    /// Whether the true place lies inside that ellipse.
    pub inside: bool,
    /// Contrast as found less contrast as seen through the lens, in kelvin.
    pub delta_error_k: f64,
}

/// A findable spot that was not found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Missed {
    /// The spot.
    pub spot: String,
    /// Contrast in kelvin behind the lens blur.
    pub seen_delta_k: f64,
    /// Sigma in pixels.
    pub sigma_px: f64,
    /// Frames that show it.
    pub views: u32,
    /// The asset it lies on.
    pub asset: Option<String>,
    /// What may have made it hard, in words.
    pub why_hard: Vec<String>,
}

/// A finding where nothing was planted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FalseFinding {
    /// The finding.
    pub finding: String,
    /// Its contrast in kelvin.
    pub delta: f64,
    /// The asset it lies on: the asset itself may have been found, which was not planted.
    pub asset: Option<String>,
    /// Distance to the nearest spot of the same polarity in metres, if there is any.
    pub nearest_spot_m: Option<f64>,
}

/// How well a flight's findings agree with what was planted.
///
/// The sums hold: `expected = found + missed`, `findings = found + found_extra + false_findings`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Farthest distance at which a finding may be a spot, in metres.
    pub gate_m: f64,
    /// Least contrast behind the lens from which a spot counts as findable, in kelvin.
    pub least_delta_k: f64,
    /// Least number of frames that must show it.
    pub least_views: u32,
    /// Spots planted.
    pub planted: u32,
    /// Of these, findable.
    pub expected: u32,
    /// Findable and found.
    pub found: u32,
    /// Found although not counted as findable.
    pub found_extra: u32,
    /// Findings looked at.
    pub findings: u32,
    /// Spots and their findings, in the order of the spots.
    pub matches: Vec<Match>,
    /// Findable and not found, in the order of the spots.
    pub missed: Vec<Missed>,
    /// Findings without a spot, in their own order.
    pub false_findings: Vec<FalseFinding>,
    /// Median error of the places in metres; `None` without a match.
    pub median_error_m: Option<f64>,
    /// Root mean square of the errors in metres.
    pub rms_error_m: Option<f64>,
    /// Share of the matches whose true place lies inside the stated ellipse; 0.95 is right.
    pub inside_share: Option<f64>,
}

/// Least contrast that the house's profile for everything takes notice of, in kelvin.
const LEAST_DELTA_K: f64 = 1.0;
/// One view is not yet a finding.
const LEAST_VIEWS: u32 = 2;

/// Scores findings: one spot for one finding, nearest first, within the gate, polarity equal.
///
/// The gate is three times the error budget of one frame's corner with the flight's own sigmas,
/// plus half a metre and half the largest spot's sigma.
#[must_use]
pub fn score(truth: &Truth, findings: &[Finding]) -> Score {
    let gate_m = truth.gate_m();
    let pairs = pairs(truth, findings, gate_m);
    let mut spot_of = vec![None; findings.len()];
    let mut finding_of = vec![None; truth.spots.len()];
    for &(_, spot, finding) in &pairs {
        if spot_of[finding].is_none() && finding_of[spot].is_none() {
            spot_of[finding] = Some(spot);
            finding_of[spot] = Some(finding);
        }
    }
    let mut matches = Vec::new();
    let mut missed = Vec::new();
    for (spot, finding) in truth.spots.iter().zip(finding_of) {
        let expected = spot.findable();
        match finding.and_then(|index| findings.get(index)) {
            Some(finding) => matches.push(matched(spot, finding, expected)),
            None if expected => missed.push(why_missed(truth, spot)),
            None => {}
        }
    }
    let false_findings = findings.iter().zip(&spot_of).filter(|(_, spot)| spot.is_none());
    let false_findings = false_findings.map(|(f, _)| stray(truth, f)).collect();
    let found = matches.iter().filter(|m| m.expected).count();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let share = |sum: f64| (!matches.is_empty()).then(|| sum / matches.len() as f64);
    Score {
        gate_m,
        least_delta_k: LEAST_DELTA_K,
        least_views: LEAST_VIEWS,
        planted: count(truth.spots.len()),
        expected: count(found + missed.len()),
        found: count(found),
        found_extra: count(matches.len() - found),
        findings: count(findings.len()),
        median_error_m: median(matches.iter().map(|m| m.error_m).collect()),
        rms_error_m: share(matches.iter().map(|m| m.error_m * m.error_m).sum()).map(f64::sqrt),
        inside_share: share(matches.iter().filter(|m| m.inside).count() as f64),
        matches,
        missed,
        false_findings,
    }
}

impl PlantedSpot {
    /// Whether it can be expected to be found: two frames show it, and 1 K remains of its contrast.
    #[must_use]
    pub fn findable(&self) -> bool {
        self.views >= LEAST_VIEWS && self.seen_delta_k.abs() >= LEAST_DELTA_K
    }
}

impl Truth {
    /// Farthest distance at which a finding may be a spot: three sigma of a place at the corner of
    /// one frame, plus half a metre and half the largest spot's sigma.
    #[must_use]
    pub fn gate_m(&self) -> f64 {
        let (errors, camera, flight) =
            (&self.params.errors, &self.params.camera, &self.params.flight);
        let both =
            |part: fn(&super::ErrorSigmas) -> f64| part(&errors.own).hypot(part(&errors.common));
        let down_rad = (-flight.gimbal_pitch_deg).to_radians();
        let range_m = flight.altitude_m / down_rad.sin();
        let half_px = f64::from(camera.width_px).hypot(f64::from(camera.height_px)) / 2.0;
        let ahead_m = flight.altitude_m * down_rad.cos() / down_rad.sin();
        let aside_m = ahead_m.hypot(range_m * half_px / camera.focal_px());
        let tilt_m = both(|s| s.pitch_roll_deg).to_radians() * range_m / down_rad.sin();
        let turn_m = both(|s| s.yaw_deg).to_radians() * aside_m;
        let height_m = both(|s| s.vertical_m) * aside_m / flight.altitude_m;
        let sigma_m = both(|s| s.horizontal_m).hypot(tilt_m).hypot(turn_m).hypot(height_m);
        let largest_m = self.spots.iter().map(|spot| spot.sigma_m).fold(0.0, f64::max);
        3.0 * sigma_m + 0.5 + largest_m / 2.0
    }
}

/// Distance, spot and finding of all pairs that may belong together, nearest first.
fn pairs(truth: &Truth, findings: &[Finding], gate_m: f64) -> Vec<(f64, usize, usize)> {
    let mut pairs = Vec::new();
    for (spot_index, spot) in truth.spots.iter().enumerate() {
        for (index, finding) in findings.iter().enumerate() {
            let distance_m = length(error_m(spot, finding));
            if polarity(spot) == finding.polarity && distance_m <= gate_m {
                pairs.push((distance_m, spot_index, index));
            }
        }
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    pairs
}

fn polarity(spot: &PlantedSpot) -> Polarity {
    if spot.delta_k < 0.0 { Polarity::Cold } else { Polarity::Hot }
}

/// Finding minus spot, east and north in metres.
fn error_m(spot: &PlantedSpot, finding: &Finding) -> [f64; 2] {
    let place = Geodetic::from_degrees(spot.lat, spot.lon, spot.height_ellipsoidal_m);
    let off = LocalFrame::at(&place).enu(&finding.point);
    [off.x, off.y]
}

fn length([east, north]: [f64; 2]) -> f64 {
    east.hypot(north)
}

fn matched(spot: &PlantedSpot, finding: &Finding, expected: bool) -> Match {
    let error_enu_m = error_m(spot, finding);
    Match {
        spot: spot.id.clone(),
        finding: finding.id.clone(),
        expected,
        error_enu_m,
        error_m: length(error_enu_m),
        ellipse95: finding.ellipse95,
        inside: finding.ellipse95.holds(error_enu_m),
        delta_error_k: finding.delta - spot.seen_delta_k,
    }
}

fn why_missed(truth: &Truth, spot: &PlantedSpot) -> Missed {
    let mut why_hard = Vec::new();
    let sensor_k = truth.params.camera.noise_k.hypot(truth.params.camera.fixed_pattern_k);
    if spot.seen_delta_k.abs() < 2.0 {
        why_hard.push(format!("only {:.1} K behind the lens", spot.seen_delta_k.abs()));
    }
    if spot.seen_delta_k.abs() < 4.0 * truth.params.ground.texture_k.hypot(sensor_k) {
        why_hard.push("less than four times the ground's own variation".to_owned());
    }
    if spot.sigma_px < 1.5 {
        why_hard.push(format!("small: sigma {:.1} px", spot.sigma_px));
    }
    if spot.sigma_px > 8.0 {
        why_hard.push(format!("wide and soft: sigma {:.1} px", spot.sigma_px));
    }
    if spot.views < 4 {
        why_hard.push(format!("shown by {} frames only", spot.views));
    }
    if spot.asset.is_some() {
        why_hard.push("on an asset, whose edges are warm or cold too".to_owned());
    }
    Missed {
        spot: spot.id.clone(),
        seen_delta_k: spot.seen_delta_k,
        sigma_px: spot.sigma_px,
        views: spot.views,
        asset: spot.asset.clone(),
        why_hard,
    }
}

fn stray(truth: &Truth, finding: &Finding) -> FalseFinding {
    let alike = truth.spots.iter().filter(|spot| polarity(spot) == finding.polarity);
    FalseFinding {
        finding: finding.id.clone(),
        delta: finding.delta,
        asset: finding.asset.clone(),
        nearest_spot_m: alike.map(|spot| length(error_m(spot, finding))).reduce(f64::min),
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2)?;
    let lower = values.get(values.len().saturating_sub(1) / 2)?;
    Some((lower + upper) / 2.0)
}
