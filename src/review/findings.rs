//! Findings: all of them at once, and one with everything about it.

use std::io::Write;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::case::FindingRow;

use super::answer::{Answer, Refusal, bytes_of, json_of, tagged};
use super::desk::{Desk, aside};
use super::snapshot::Snapshot;

/// What the list has beside a finding's own properties.
const ADDED: [&str; 5] = ["version", "reviewer", "frame_count", "merged_into", "flight"];

/// Which part of the list is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    /// So many with the greatest contrast, as the page lists them first; all unless told.
    first: Option<usize>,
}

/// `GET /api/findings`.
pub(super) async fn list(
    State(desk): State<Arc<Desk>>,
    part: Result<Query<Part>, QueryRejection>,
    headers: HeaderMap,
) -> Answer {
    let Query(part) = part.map_err(|error| Refusal::bad(error.body_text()))?;
    let zipped = accepts_gzip(&headers);
    let (plain, small) = aside(&desk, move |desk| {
        let now = desk.now();
        match part.first {
            None => all(&now),
            Some(first) => both(table(&now, &foremost(&now, first))),
        }
    })
    .await?;
    let mut response = bytes_of("application/json", if zipped { small } else { plain });
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if zipped {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

pub(super) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.split(',').any(|one| one.trim() == "gzip"))
}

/// Compresses an answer. The fastest level already takes nine tenths of a table away.
pub(super) fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// All findings, plain and compressed; made once for each state of the case.
pub(super) fn all(now: &Snapshot) -> Result<(Bytes, Bytes), Refusal> {
    if let Some(list) = now.list.get() {
        return Ok(list.clone());
    }
    let made = both(table(now, &now.findings.iter().map(AsRef::as_ref).collect::<Vec<_>>()))?;
    Ok(now.list.get_or_init(|| made).clone())
}

fn both(table: serde_json::Result<Vec<u8>>) -> Result<(Bytes, Bytes), Refusal> {
    let plain = table.map_err(Refusal::unexpected)?;
    let small = gzip(&plain).map_err(Refusal::unexpected)?;
    Ok((plain.into(), small.into()))
}

/// Those that stand out most, in that order, without what was merged into others.
fn foremost(now: &Snapshot, count: usize) -> Vec<&FindingRow> {
    let is_whole = |row: &&FindingRow| now.decided(&row.id).merged_into.is_none();
    let mut rows: Vec<_> = now.findings.iter().map(AsRef::as_ref).filter(is_whole).collect();
    let contrast_k = |row: &FindingRow| row.delta_k.unwrap_or_default().abs();
    rows.sort_by(|a, b| contrast_k(b).total_cmp(&contrast_k(a)));
    rows.truncate(count);
    rows
}

/// Written row by row: all rows as JSON values at once would take ten times their text.
fn table(now: &Snapshot, rows: &[&FindingRow]) -> serde_json::Result<Vec<u8>> {
    let own = || FindingRow::COLUMNS.iter().filter(|name| **name != "frames");
    let columns: Vec<_> = own().chain(&ADDED).collect();
    let head = json!({ "etag_of_case": tag_of(now), "columns": columns }).to_string();
    let mut text = head.into_bytes();
    text.pop(); // the brace that ends it, once the rows are there
    text.extend(b",\"rows\":[");
    for (number, row) in rows.iter().enumerate() {
        if number > 0 {
            text.push(b',');
        }
        let mut values = serde_json::to_value(row)?;
        let mut cells: Vec<Value> = own().map(|name| values[*name].take()).collect();
        cells.extend(added(now, row));
        serde_json::to_writer(&mut text, &cells)?;
    }
    text.extend(b"]}");
    Ok(text)
}

/// Changes with each review and each run.
fn tag_of(now: &Snapshot) -> String {
    let last = now.reviews.last().map_or(0, |review| review.number);
    format!("{}-{last}", now.fixed.run.id.0)
}

fn added(now: &Snapshot, row: &FindingRow) -> [Value; ADDED.len()] {
    let decided = now.decided(&row.id);
    let frames = now.sightings.get(&row.id).map_or(row.frames.len(), Vec::len);
    [
        json!(decided.version),
        json!(decided.reviewer),
        json!(frames),
        json!(decided.merged_into),
        json!(now.fixed.flights.of_finding(row)),
    ]
}

/// `GET /api/findings/{id}`.
pub(super) async fn one(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Answer {
    let now = desk.now();
    let whole = whole(&now, &id).ok_or_else(|| Refusal::not_found("such finding"))?;
    Ok(tagged(json_of(&whole), now.version(&id)))
}

/// Everything about a finding; `None` if there is none of this name.
pub(super) fn whole(now: &Snapshot, id: &str) -> Option<Value> {
    let row = now.finding(id)?;
    let mut whole = json!(row);
    for (name, value) in ADDED.iter().zip(added(now, row)) {
        whole[*name] = value;
    }
    let (seen, best) = now.seen(id);
    let sightings: Vec<_> = seen
        .iter()
        .map(|one| {
            json!({
                "frame": one.frame,
                "bbox_px": one.bbox_px,
                "area_px": one.area_px,
                "score": one.score,
                "best": Some(one.frame) == best,
            })
        })
        .collect();
    whole["sightings"] = json!(sightings);
    let reviews: Vec<_> = now.reviews.iter().filter(|review| review.finding == id).collect();
    whole["reviews"] = json!(reviews);
    whole["parts"] = json!(now.decided(id).parts);
    Some(whole)
}
