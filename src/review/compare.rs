//! This case beside an earlier one of the same site.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use axum::extract::{Path as InPath, State};
use axum::http::{HeaderMap, header};
use serde_json::{Value, json};

use crate::case::{Case, FindingRow, FrameRow, SightingRow, same_place};
use crate::fuse::Surface;

use super::answer::{Answer, Refusal, json_of};
use super::desk::{Desk, aside};
use super::originals::Originals;
use super::raw::{self, Asked};
use super::{Error, Params};

/// Sigmas of difference from which on a contrast counts as changed: 95 % of equal pairs stay below.
const SIGMAS: f64 = 1.96;
/// Two flights see the same spot under other air and another sun: less than this is no change,
/// whatever the single contrasts' sigmas say.
const LEAST_CHANGE_K: f64 = 1.0;

/// The earlier case.
#[derive(Debug)]
pub(super) struct Earlier {
    findings: Vec<FindingRow>,
    /// One sigma of each one's contrast as [`seen_sigma_k`] has it.
    sigmas_k: Vec<f64>,
    /// The best frame of each finding, with the box (left, top, width, height) that shows it.
    best: HashMap<String, (FrameRow, [u32; 4])>,
    originals: Originals,
}

impl Earlier {
    pub(super) fn read(folder: &Path, params: &Params) -> Result<Self, Error> {
        let case = Case::open_read_only(folder)?;
        let mut sightings: HashMap<String, SightingRow> = HashMap::new();
        let score = |one: &SightingRow| one.score.unwrap_or(f64::MIN);
        for one in case.sightings()? {
            let best = sightings.entry(one.finding.clone()).or_insert_with(|| one.clone());
            if score(&one) > score(best) {
                *best = one;
            }
        }
        let frames: HashMap<_, _> =
            case.frames()?.into_iter().map(|row| (row.frame, row)).collect();
        let best: HashMap<_, _> = sightings
            .into_iter()
            .filter_map(|(id, seen)| Some((id, (frames.get(&seen.frame)?.clone(), seen.bbox_px))))
            .collect();
        let originals = Originals::of_case(folder, &params.originals);
        let findings = case.findings()?;
        let frame = |row: &FindingRow| best.get(&row.id).map(|(frame, _)| frame);
        let sigmas_k = findings.iter().map(|row| seen_sigma_k(row, frame(row))).collect();
        Ok(Self { findings, sigmas_k, best, originals })
    }

    fn of(desk: &Desk) -> Result<&Self, Refusal> {
        let missing = || Refusal::not_found("earlier case; start with --earlier CASE");
        desk.earlier.as_ref().ok_or_else(missing)
    }
}

/// `GET /api/compare`.
pub(super) async fn compare(State(desk): State<Arc<Desk>>) -> Answer {
    let compared = aside(&desk, |desk| {
        let earlier = Earlier::of(desk)?;
        let now = desk.now();
        let rows: Vec<_> = now.findings.iter().map(AsRef::as_ref).collect();
        let frame =
            |row: &FindingRow| now.seen(&row.id).1.and_then(|number| now.fixed.frame(number));
        let sigmas_k: Vec<_> = rows.iter().map(|row| seen_sigma_k(row, frame(row))).collect();
        let mut pairs = pairs((&rows, &sigmas_k), (&earlier.findings, &earlier.sigmas_k));
        for pair in &mut pairs {
            let id = pair["earlier_id"].as_str();
            let best = id.and_then(|id| earlier.best.get(id));
            pair["earlier_frame"] = json!(best.map(|(row, _)| row.frame));
            pair["earlier_bbox_px"] = json!(best.map(|(_, bbox)| bbox));
        }
        Ok(pairs)
    })
    .await?;
    Ok(json_of(&compared))
}

/// `GET /api/compare/{id}/raw`: the best frame of a finding of the earlier case.
pub(super) async fn raw(
    State(desk): State<Arc<Desk>>,
    InPath(id): InPath<String>,
    headers: HeaderMap,
) -> Answer {
    let told = headers.get(header::IF_NONE_MATCH).cloned();
    aside(&desk, move |desk| {
        let earlier = Earlier::of(desk)?;
        let best = earlier.best.get(&id);
        let (row, _) =
            best.ok_or_else(|| Refusal::not_found("frame of such an earlier finding"))?;
        raw::read(&earlier.originals, row, &Asked::default(), told.as_ref())
    })
    .await
}

/// One sigma of a contrast in kelvin but for what emissivities leave open of it in its best frame:
/// both flights see the same surfaces, so that it is no reason to doubt a change.
fn seen_sigma_k(row: &FindingRow, best: Option<&FrameRow>) -> f64 {
    let stated = row.delta_k_sigma.unwrap_or(0.0);
    let surface = best.and_then(|frame| Surface::told(&frame.parameters));
    let sides = row.peak_c.zip(row.background_c);
    let open = surface
        .zip(sides)
        .map_or(0.0, |(surface, (peak_c, around_c))| surface.contrast_sigma_k(peak_c, around_c));
    // A narrower one is of a run that left emissivities out.
    if open < stated { (stated * stated - open * open).sqrt() } else { stated }
}

/// Each finding once: pairs by nearness, nearest pair first, each finding in one pair. With each
/// finding comes one sigma of its contrast.
fn pairs(
    (now, now_sigmas_k): (&[&FindingRow], &[f64]),
    (before, before_sigmas_k): (&[FindingRow], &[f64]),
) -> Vec<Value> {
    let mut near: Vec<(f64, usize, usize)> = Vec::new();
    // Sorted by latitude, so that only a strip is looked at for each.
    let mut order: Vec<usize> = (0..before.len()).filter(|&at| before[at].lat.is_some()).collect();
    let lat = |row: &FindingRow| row.lat.unwrap_or_default();
    order.sort_by(|&a, &b| lat(&before[a]).total_cmp(&lat(&before[b])));
    let widest_m = before.iter().filter_map(|row| row.ellipse95_major_m).fold(0.0, f64::max);
    for (at, row) in now.iter().enumerate().filter(|(_, row)| row.lat.is_some()) {
        // A degree of latitude is at least 110,574 m (WGS 84, at the equator).
        // Twice the sum of both is further than any two findings are taken for one.
        let reach_m = 2.0 * (widest_m + row.ellipse95_major_m.unwrap_or_default());
        let strip_deg = reach_m / 110_574.0;
        let from = order.partition_point(|&other| lat(&before[other]) < lat(row) - strip_deg);
        for &other in order[from..].iter().take_while(|&&o| lat(&before[o]) <= lat(row) + strip_deg)
        {
            if row.polarity == before[other].polarity
                && let Some(apart_m) = same_place(row, &before[other])
            {
                near.push((apart_m, at, other));
            }
        }
    }
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut of_now, mut of_before) = (vec![None; now.len()], vec![false; before.len()]);
    for (_, at, other) in near {
        if of_now[at].is_none() && !of_before[other] {
            of_now[at] = Some(other);
            of_before[other] = true;
        }
    }
    let mut all: Vec<Value> = now
        .iter()
        .zip(now_sigmas_k)
        .zip(&of_now)
        .map(|((row, sigma_k), other)| {
            let earlier = other.map(|at| (&before[at], sigma_k.hypot(before_sigmas_k[at])));
            told(row, earlier)
        })
        .collect();
    all.extend(before.iter().zip(of_before).filter(|(_, paired)| !paired).map(|(row, _)| {
        json!({ "id": null, "earlier_id": row.id, "state": "gone", "delta_k_change": null,
                "earlier": about(row) })
    }));
    all
}

/// `earlier` comes with one sigma of the difference of the two contrasts.
fn told(row: &FindingRow, earlier: Option<(&FindingRow, f64)>) -> Value {
    let Some((earlier, sigma_k)) = earlier else {
        return json!({ "id": row.id, "earlier_id": null, "state": "new", "delta_k_change": null,
                       "earlier": null });
    };
    let change = row.delta_k.zip(earlier.delta_k).map(|(now, before)| now - before);
    let least = LEAST_CHANGE_K.max(SIGMAS * sigma_k);
    let state = match change {
        Some(change) if change > least => "warmer",
        Some(change) if change < -least => "cooler",
        _ => "persistent",
    };
    let change = change.map(|change| (change * 100.0).round() / 100.0);
    json!({ "id": row.id, "earlier_id": earlier.id, "state": state, "delta_k_change": change,
            "earlier": about(earlier) })
}

/// What the map and the page show of an earlier finding.
fn about(row: &FindingRow) -> Value {
    json!({
        "lat": row.lat, "lon": row.lon, "kind": row.kind, "status": row.status,
        "severity": row.severity, "delta_k": row.delta_k, "peak_c": row.peak_c,
        "ellipse95_major_m": row.ellipse95_major_m, "ellipse95_minor_m": row.ellipse95_minor_m,
        "ellipse95_azimuth_deg": row.ellipse95_azimuth_deg,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, east_m: f64, delta_k: f64) -> FindingRow {
        FindingRow {
            id: id.to_owned(),
            polarity: "hot".to_owned(),
            lat: Some(52.0),
            lon: Some(5.0 + east_m / 68_678.0),
            ellipse95_major_m: Some(1.0),
            ellipse95_minor_m: Some(0.5),
            ellipse95_azimuth_deg: Some(90.0),
            delta_k: Some(delta_k),
            ..FindingRow::default()
        }
    }

    #[test]
    fn each_finding_has_one_counterpart_or_none() {
        let now =
            [row("a", 0.0, 5.0), row("b", 1.2, 5.0), row("c", 50.0, 9.0), row("d", 80.0, 1.0)];
        let before =
            [row("A", 0.1, 5.2), row("C", 50.2, 5.0), row("D", 80.0, 3.0), row("E", 99.0, 1.0)];
        let sigmas_k = [0.1; 4];
        let states: Vec<_> = pairs((&now.each_ref(), &sigmas_k), (&before, &sigmas_k))
            .iter()
            .map(|one| one["state"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(states, ["persistent", "new", "warmer", "cooler", "gone"]);
    }

    #[test]
    fn what_both_flights_share_is_no_reason_to_doubt_a_change() {
        let frame = |parameters: &str| FrameRow {
            parameters: parameters.to_owned(),
            ..FrameRow::default()
        };
        let clear = frame(r#"{"emissivity": 0.95, "reflected_c": -40.0}"#);
        // 0.2 K seen, and 0.02 of 43.0 and 41.1 K of emissivities, by hand.
        let stated = 0.2_f64.hypot(0.02 * 43.0_f64.hypot(41.1));
        let row = FindingRow {
            peak_c: Some(15.0),
            background_c: Some(12.0),
            delta_k_sigma: Some(stated),
            ..FindingRow::default()
        };
        assert!((seen_sigma_k(&row, Some(&clear)) - 0.2).abs() < 0.03);
        assert_eq!(seen_sigma_k(&row, Some(&frame("{}"))), stated);
        assert_eq!(seen_sigma_k(&row, None), stated);
        let narrow = FindingRow { delta_k_sigma: Some(0.1), ..row };
        assert_eq!(seen_sigma_k(&narrow, Some(&clear)), 0.1);
    }
}
