//! Frames: all of them at once, one, and the visible picture beside it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use serde::Serialize;
use serde_json::json;

use crate::case::FrameRow;

use super::answer::{Answer, Refusal, bytes_of, json_of};
use super::desk::{Desk, aside};
use super::findings::{accepts_gzip, gzip};
use super::raw;
use super::snapshot::Snapshot;

const COLUMNS: [&str; 11] = [
    "frame",
    "file",
    "taken_at",
    "lat",
    "lon",
    "yaw_deg",
    "width_px",
    "height_px",
    "footprint",
    "min_c",
    "max_c",
];

/// `GET /api/frames`.
pub(super) async fn list(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Answer {
    let zipped = accepts_gzip(&headers);
    let bytes = aside(&desk, move |desk| {
        let now = desk.now();
        let rows = now.fixed.frames.iter().map(cells).collect();
        let table = Table { columns: COLUMNS, rows };
        let plain = serde_json::to_vec(&table).map_err(Refusal::unexpected)?;
        if zipped { gzip(&plain).map_err(Refusal::unexpected) } else { Ok(plain) }
    })
    .await?;
    let mut response = bytes_of("application/json", bytes);
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if zipped {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

/// Written as it is: so many rows as JSON values would take ten times their text.
#[derive(Serialize)]
struct Table<'s> {
    columns: [&'static str; 11],
    rows: Vec<Cells<'s>>,
}

/// In the order of [`COLUMNS`].
type Cells<'s> = (
    u32,
    &'s str,
    Option<&'s str>,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    u32,
    u32,
    &'s [(f64, f64)],
    Option<f64>,
    Option<f64>,
);

fn cells(row: &FrameRow) -> Cells<'_> {
    (
        row.frame,
        &row.file,
        row.taken_at.as_deref(),
        row.lat,
        row.lon,
        row.yaw_deg,
        row.width_px,
        row.height_px,
        &row.footprint,
        row.range_c[0],
        row.range_c[1],
    )
}

/// The frame that a path names.
pub(super) fn frame_of<'s>(now: &'s Snapshot, number: &str) -> Result<&'s FrameRow, Refusal> {
    let found = number.parse().ok().and_then(|number| now.fixed.frame(number));
    found.ok_or_else(|| Refusal::not_found("such frame"))
}

/// `GET /api/frames/{n}`.
pub(super) async fn one(State(desk): State<Arc<Desk>>, Path(number): Path<String>) -> Answer {
    let whole = aside(&desk, move |desk| {
        let now = desk.now();
        let row = frame_of(&now, &number)?;
        let mut whole = json!(row);
        whole["integrity"] = desk.originals.integrity(row).word().into();
        let masks = now.masks.iter();
        let own = masks.filter(|mask| mask.sha256 == row.sha256 && mask.index == row.index);
        whole["masks"] = json!(own.collect::<Vec<_>>());
        let visible = desk.originals.visible(row);
        whole["visible"] = json!(visible.map(|_| format!("/api/frames/{}/visible", row.frame)));
        whole["recomputable"] = raw::is_recomputable(row).into();
        whole["min_c"] = json!(row.range_c[0]);
        whole["max_c"] = json!(row.range_c[1]);
        let in_it = now.sightings.iter().flat_map(|(id, seen)| {
            let here = seen.iter().filter(|sighting| sighting.frame == row.frame);
            here.map(move |sighting| json!({ "finding": id, "bbox_px": sighting.bbox_px }))
        });
        whole["findings_in_it"] = json!(in_it.collect::<Vec<_>>());
        Ok(whole)
    })
    .await?;
    Ok(json_of(&whole))
}

/// `GET /api/frames/{n}/visible`.
pub(super) async fn visible(State(desk): State<Arc<Desk>>, Path(number): Path<String>) -> Answer {
    aside(&desk, move |desk| {
        let now = desk.now();
        let row = frame_of(&now, &number)?;
        let path = desk.originals.visible(row);
        let bytes = path.and_then(|path| std::fs::read(path).ok());
        let bytes = bytes.ok_or_else(|| Refusal::not_found("visible picture beside this frame"))?;
        picture(bytes)
    })
    .await
}

/// A picture under the name of what it is; anything else is not sent.
fn picture(bytes: Vec<u8>) -> Result<Response, Refusal> {
    let kind = match bytes.get(..4) {
        Some([0xFF, 0xD8, ..]) => "image/jpeg",
        Some([0x89, b'P', b'N', b'G']) => "image/png",
        _ => return Err(Refusal::not_found("picture that a browser shows")),
    };
    Ok(bytes_of(kind, bytes))
}
