//! Frames: all of them at once, one, its pixels, and the visible picture beside it.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::case::FrameRow;
use crate::thermal::Overrides;

use super::answer::{Answer, Refusal, bytes_of, json_of};
use super::desk::{Desk, aside};
use super::findings::{accepts_gzip, gzip};
use super::originals::Integrity;
use super::raster::raster;
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

/// Families whose files keep the raw signal, so that other parameters give other temperatures.
fn is_recomputable(row: &FrameRow) -> bool {
    row.format.starts_with("flir") || row.format.starts_with("dji")
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
        whole["recomputable"] = is_recomputable(row).into();
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

/// Parameters of radiometry other than the file's.
#[derive(Debug, Clone, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    emissivity: Option<f64>,
    reflected_c: Option<f64>,
    distance_m: Option<f64>,
    humidity: Option<f64>,
}

impl Asked {
    fn overrides(&self) -> Result<Overrides, Refusal> {
        for (name, value, low, high) in [
            ("emissivity", self.emissivity, 0.01, 1.0),
            ("reflected_c", self.reflected_c, -100.0, 1000.0),
            ("distance_m", self.distance_m, 0.01, 10_000.0),
            ("humidity", self.humidity, 0.0, 100.0),
        ] {
            if value.is_some_and(|value| !(low..=high).contains(&value)) {
                let remedy = format!("give {name} from {low} to {high}");
                return Err(Refusal::unfit(format!("{name} is out of its range"), remedy));
            }
        }
        Ok(Overrides {
            emissivity: self.emissivity,
            reflected_c: self.reflected_c,
            distance_m: self.distance_m,
            humidity_percent: self.humidity,
            ..Overrides::default()
        })
    }
}

/// `GET /api/frames/{n}/raw`.
pub(super) async fn raw(
    State(desk): State<Arc<Desk>>,
    Path(number): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Answer {
    let Query(asked) = asked.map_err(|error| Refusal::bad(error.body_text()))?;
    let overrides = asked.overrides()?;
    let told = headers.get(header::IF_NONE_MATCH).cloned();
    aside(&desk, move |desk| {
        let now = desk.now();
        let row = frame_of(&now, &number)?;
        if asked != Asked::default() && !is_recomputable(row) {
            let error = format!("{} keeps temperatures, not the raw signal", row.format);
            let remedy = "look at it with the parameters it was written with";
            return Err(Refusal::new(StatusCode::CONFLICT, error, remedy));
        }
        let tag = tag_of(row, &asked)?;
        if told.as_ref() == Some(&tag)
            && matches!(desk.originals.integrity(row), Integrity::Intact(_))
        {
            return Ok(StatusCode::NOT_MODIFIED.into_response());
        }
        let frame = desk.originals.frame(row, &overrides).map_err(|error| {
            let remedy = "bring the original back, or name its folder with --originals";
            Refusal::new(StatusCode::CONFLICT, error, remedy)
        })?;
        let raster = raster(&frame.thermogram);
        let mut response = bytes_of("application/octet-stream", raster.bytes);
        let headers = response.headers_mut();
        for (name, value) in [
            ("x-width", raster.width.to_string()),
            ("x-height", raster.height.to_string()),
            ("x-scale", raster.scale.to_string()),
            ("x-offset", raster.offset.to_string()),
            ("x-unit", if raster.is_celsius { "C" } else { "grey" }.to_owned()),
        ] {
            let value = HeaderValue::from_str(&value).map_err(Refusal::unexpected)?;
            headers.insert(HeaderName::from_static(name), value);
        }
        headers.insert(header::ETAG, tag);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        Ok(response)
    })
    .await
}

/// The same file read with the same parameters gives the same bytes; whether the file is still that
/// one is asked each time.
fn tag_of(row: &FrameRow, asked: &Asked) -> Result<HeaderValue, Refusal> {
    let text = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let parameters =
        [asked.emissivity, asked.reflected_c, asked.distance_m, asked.humidity].map(text).join("-");
    HeaderValue::from_str(&format!("\"{}-{}-{parameters}\"", row.sha256, row.index))
        .map_err(Refusal::unexpected)
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
