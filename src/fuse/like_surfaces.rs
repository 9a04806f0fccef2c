//! Like with like: the surface that a spot lies on, beside those of other assets of its kind.
//!
//! A roof without insulation is warm all over, and a spot on it stands out from its ring by as
//! little as one on a good roof. What lies around the spots of the other roofs in the same picture
//! tells more. Only pictures are compared within themselves: a camera drifts by kelvins from one to
//! another, and contrasts do not.

use std::collections::{BTreeMap, HashMap};

use crate::detect::Polarity;
use crate::locate::Observation;
use crate::site::{Asset, AssetLookup, Site};

use super::Finding;
use super::estimate::median;
use super::kind::KindRules;

/// Fewest other assets in a picture: what lies beyond three quarters of three is no chance.
const LEAST_OTHERS: usize = 3;

/// Fewest pictures.
const LEAST_FRAMES: usize = 2;

/// Less than this in kelvin is what rings around spots differ by on one surface: our convention.
const LEAST_BEYOND_K: f64 = 0.5;

/// What a finding says that is graded so.
const NOTE: &str = "like_surfaces";

/// What lies around the spots on each asset, by frame and kind of asset, then by asset.
type Surfaces = BTreeMap<(u32, u8), BTreeMap<usize, Vec<f64>>>;

/// Grades findings of kinds that are held against like surfaces by how much they stand out and by
/// how much what they lie on is beyond three of four others of its kind in the same pictures.
///
/// Of what the assets are made, and how steep they are, nobody tells.
pub(super) fn grade(
    findings: &mut [Finding],
    observations: &[Observation],
    site: &Site,
    kinds: &KindRules,
) {
    let is_graded = |finding: &Finding| {
        kinds.is_held_against_like_surfaces(finding.kind) && finding.is_graded()
    };
    if !findings.iter().any(is_graded) {
        return;
    }
    let assets = AssetLookup::new(site);
    let numbers: HashMap<*const Asset, usize> =
        site.assets.iter().map(std::ptr::from_ref).zip(0..).collect();
    let on = |lat_deg: f64, lon_deg: f64| {
        let asset = assets.asset_at(lat_deg, lon_deg)?;
        Some((asset.kind as u8, *numbers.get(&std::ptr::from_ref(asset))?))
    };
    let mut surfaces = Surfaces::new();
    for one in observations {
        if let Some((kind, asset)) = on(one.point.lat_deg(), one.point.lon_deg()) {
            let around = f64::from(one.detection.background);
            let of_frame = surfaces.entry((one.frame, kind)).or_default();
            of_frame.entry(asset).or_default().push(around);
        }
    }
    for finding in findings.iter_mut().filter(|finding| is_graded(finding)) {
        let place = on(finding.point.lat_deg(), finding.point.lon_deg());
        let Some((kind, asset)) = place else { continue };
        let beyond: Vec<f64> = finding
            .frames
            .iter()
            .filter_map(|&frame| surfaces.get(&(frame, kind)))
            .filter_map(|of_frame| beyond(of_frame, asset, finding.polarity))
            .collect();
        let beyond_k = median(beyond.iter().copied());
        if beyond.len() >= LEAST_FRAMES && beyond_k >= LEAST_BEYOND_K {
            let severity = kinds.severity_of(finding.kind, finding.delta.abs() + beyond_k);
            finding.severity = severity.max(finding.severity);
            finding.notes.push(NOTE.to_owned());
            finding.notes.sort();
        }
    }
}

/// By how many kelvin an asset's surface is warmer (colder, for a cold spot) than three of four
/// others in a picture; negative where it is not.
fn beyond(of_frame: &BTreeMap<usize, Vec<f64>>, asset: usize, polarity: Polarity) -> Option<f64> {
    let turned = |around: &Vec<f64>| match polarity {
        Polarity::Hot => median(around.iter().copied()),
        Polarity::Cold => -median(around.iter().copied()),
    };
    let own = turned(of_frame.get(&asset)?);
    let others = of_frame.iter().filter(|(other, _)| **other != asset);
    let mut others: Vec<f64> = others.map(|(_, around)| turned(around)).collect();
    if others.len() < LEAST_OTHERS || !own.is_finite() {
        return None;
    }
    others.sort_by(f64::total_cmp);
    Some(own - others[(3 * others.len() - 1) / 4])
}
