//! Like with like: parts of one asset under the same load, such as the three phases of a switch.
//!
//! A bad joint sits on parts that are warm all over, and its ring tells little of how bad it is;
//! the phase beside it tells more.

use std::collections::BTreeMap;

use crate::detect::Polarity;

use super::kind::KindRules;
use super::{Finding, Kind};

/// Parts are alike if the larger one's area on the ground is no more than this many times the
/// other's: our convention.
const LIKE_AREA: f64 = 3.0;

/// What a finding says that is graded so.
const NOTE: &str = "like_parts";

/// Grades findings of kinds that are held against like parts by how much hotter they are than the
/// coolest like part of their asset, where that is more than what they stand out by.
///
/// A part that is as hot as the others keeps its grade: all of them may be bad.
pub(super) fn grade(findings: &mut [Finding], kinds: &KindRules) {
    let mut of_asset: BTreeMap<(&str, Kind), Vec<usize>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate() {
        if let (Some(asset), true) = (&finding.asset, is_graded(finding, kinds)) {
            of_asset.entry((asset, finding.kind)).or_default().push(at);
        }
    }
    let mut contrasts = Vec::new();
    for parts in of_asset.values() {
        for &at in parts {
            let own = &findings[at];
            let like =
                parts.iter().map(|&other| &findings[other]).filter(|other| alike(own, other));
            let coolest = like.map(|other| other.peak).fold(own.peak, f64::min);
            contrasts.push((at, own.peak - coolest));
        }
    }
    for (at, contrast) in contrasts {
        let finding = &mut findings[at];
        if contrast > finding.delta.abs() {
            finding.severity = kinds.severity_of(finding.kind, contrast);
            finding.notes.push(NOTE.to_owned());
            finding.notes.sort();
        }
    }
}

fn is_graded(finding: &Finding, kinds: &KindRules) -> bool {
    kinds.is_held_against_like_parts(finding.kind)
        && finding.polarity == Polarity::Hot
        && finding.is_graded()
}

fn alike(one: &Finding, other: &Finding) -> bool {
    let (small, large) = (one.area_m2.min(other.area_m2), one.area_m2.max(other.area_m2));
    large <= LIKE_AREA * small
}
