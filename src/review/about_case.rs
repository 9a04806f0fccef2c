//! What the page needs to know first: the server, and the case as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use serde_json::json;

use super::answer::{Answer, json_of};
use super::desk::Desk;
use super::snapshot::Snapshot;
use super::{Person, assets, may};

/// What a finding can be (`fuse::Kind`), as files spell it.
pub(super) const KINDS: [&str; 11] = [
    "hot_leak",
    "cold_leak",
    "insulation_defect",
    "thermal_bridge",
    "overheated_component",
    "heat_source",
    "pv_defect",
    "gas_suspect",
    "reflection",
    "living_or_vehicle",
    "unknown",
];

/// How urgent a finding can be (`fuse::Severity`).
pub(super) const SEVERITIES: [&str; 4] = ["low", "medium", "high", "critical"];

/// `GET /api/health`.
pub(super) async fn health(State(desk): State<Arc<Desk>>) -> Answer {
    let page = if desk.params.page.is_some() { "built" } else { assets::STATE };
    let name = name_of(&desk);
    Ok(json_of(&json!({ "version": desk.params.version, "page": page, "case": name })))
}

fn name_of(desk: &Desk) -> String {
    let folder = desk.params.case.canonicalize().unwrap_or_else(|_| desk.params.case.clone());
    folder.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// `GET /api/case`.
pub(super) async fn case(
    State(desk): State<Arc<Desk>>,
    Extension(person): Extension<Person>,
) -> Answer {
    let now = desk.now();
    let access = &desk.params.access;
    let assets: BTreeSet<_> = now.findings.iter().filter_map(|row| row.asset.as_deref()).collect();
    Ok(json_of(&json!({
        "name": name_of(&desk),
        "run": now.fixed.run.id.0,
        "run_version": now.fixed.run.version,
        "left_behind": now.fixed.left_behind.len(),
        "more_to_come": now.fixed.more_to_come,
        "counts": counts(&now),
        "frames": now.fixed.run.frames,
        "person": { "name": person.name, "role": person.role },
        "roles_on": access.roles_on,
        "four_eyes": access.four_eyes,
        "may": may::all(access, &person),
        "makes": {
            "export": true,
            "report": desk.params.make.makes_reports(),
        },
        "kinds": KINDS,
        "severities": SEVERITIES,
        "assets": assets,
        "flights": now.fixed.flights.names,
        "layers": desk.layers.list(),
        "earlier": desk.earlier.is_some(),
        "bounds": bounds(&now),
        "languages": ["nl", "en"],
    })))
}

/// `GET /api/left-behind`: reviews of earlier states of the flight whose finding the run of now
/// does not have.
pub(super) async fn left_behind(State(desk): State<Arc<Desk>>) -> Answer {
    Ok(json_of(&desk.now().fixed.left_behind))
}

/// Findings by status; what was merged into another counts with that.
fn counts(now: &Snapshot) -> BTreeMap<&str, u32> {
    let mut counts: BTreeMap<&str, u32> =
        ["open", "accepted", "rejected", "unsure"].into_iter().map(|status| (status, 0)).collect();
    for row in &now.findings {
        if now.decided(&row.id).merged_into.is_none() {
            *counts.entry(row.status.as_str()).or_default() += 1;
        }
    }
    counts
}

/// West, south, east, north of all findings and footprints.
fn bounds(now: &Snapshot) -> Option<[f64; 4]> {
    let findings = now.findings.iter().filter_map(|row| row.lon.zip(row.lat));
    let corners = now.fixed.frames.iter().flat_map(|frame| frame.footprint.iter().copied());
    findings.chain(corners).fold(None, |bounds: Option<[f64; 4]>, (lon, lat)| {
        let [west, south, east, north] = bounds.unwrap_or([lon, lat, lon, lat]);
        Some([west.min(lon), south.min(lat), east.max(lon), north.max(lat)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuse::{Kind, Severity};

    #[test]
    fn the_words_are_those_of_findings() {
        for kind in KINDS {
            serde_json::from_value::<Kind>(kind.into()).unwrap();
        }
        for severity in SEVERITIES {
            serde_json::from_value::<Severity>(severity.into()).unwrap();
        }
    }
}
