//! What a person draws on a frame: a finding that the detector did not see, and parts to be hidden.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::case::{FindingRow, FrameRow, Made, MaskRow};
use crate::derive::GroundPlane;
use crate::geo::{Geodetic, LocalFrame, rd_nap_from_etrs89};
use crate::thermal::{Overrides, Thermogram};

use super::Person;
use super::about_case::{KINDS, SEVERITIES};
use super::answer::{Answer, Refusal, json_of, tagged};
use super::body::body_of;
use super::desk::{Desk, aside};
use super::findings::whole;
use super::frames::frame_of;
use super::pixels::{Outline, measure};

use super::reviews::drawing;

/// Most corners of an outline.
const MOST_CORNERS: usize = 1000;
/// One sigma of where a person puts a corner, in pixels.
const HAND_SIGMA_PX: f64 = 1.0;
/// Semi-axis of the 95 % ellipse over one sigma, √5.9915.
const SIGMAS_95: f64 = 2.447_746_830_680_816;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Drawn {
    frame: u32,
    polygon_px: Vec<(f64, f64)>,
    #[serde(default = "unknown")]
    kind: String,
    #[serde(default = "low")]
    severity: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    view: Value,
}

fn unknown() -> String {
    "unknown".to_owned()
}

fn low() -> String {
    "low".to_owned()
}

/// `POST /api/findings`.
pub(super) async fn finding(
    State(desk): State<Arc<Desk>>,
    Extension(person): Extension<Person>,
    request: Request,
) -> Answer {
    let drawn: Drawn = body_of(&desk, request).await?;
    may_draw(&desk, &person)?;
    aside(&desk, move |desk| {
        let now = desk.now();
        let row = frame_of(&now, &drawn.frame.to_string())?;
        if !KINDS.contains(&drawn.kind.as_str()) || !SEVERITIES.contains(&drawn.severity.as_str()) {
            let remedy = "kinds and severities are listed by /api/case";
            return Err(Refusal::unfit("no such kind or severity", remedy));
        }
        let outline = outline(row, &drawn.polygon_px)?;
        let frame = desk.originals.frame(row, &Overrides::default()).map_err(|error| {
            let remedy = "a finding is drawn on the file that was inspected";
            Refusal::new(StatusCode::CONFLICT, error, remedy)
        })?;
        let made = Made {
            row: row_of(&now, row, &drawn, (&outline, &frame.thermogram)),
            prefix: "hand",
            seen: Some((row.frame, outline.bounds_px(), outline.area_px())),
        };
        let run = &now.fixed.run.id;
        let (id, _) = desk.write(|book| {
            let first = |id: &str| drawing(desk, run, &person, (id, &drawn.reason, &drawn.view));
            Ok(book.make(made, None, desk.params.note, first)?)
        })?;
        let now = desk.now();
        let response = (StatusCode::CREATED, json_of(&whole(&now, &id))).into_response();
        Ok(tagged(response, now.version(&id)))
    })
    .await
}

fn may_draw(desk: &Desk, person: &Person) -> Result<(), Refusal> {
    if desk.params.access.roles_on && !["pilot", "inspector", "operator"].contains(&&*person.role) {
        let error = format!("the role `{}` only looks", person.role);
        return Err(Refusal::new(StatusCode::FORBIDDEN, error, "ask a pilot or an inspector"));
    }
    Ok(())
}

/// An outline that encloses something within the frame.
fn outline(row: &FrameRow, polygon: &[(f64, f64)]) -> Result<Outline, Refusal> {
    let remedy = "draw three corners or more within the frame";
    if polygon.len() > MOST_CORNERS {
        return Err(Refusal::unfit("the outline has too many corners", "at most 1,000"));
    }
    Outline::new(polygon, row.width_px, row.height_px)
        .ok_or_else(|| Refusal::unfit("the outline encloses nothing", remedy))
}

/// The finding's row: place and size from the frame's footprint, temperatures from its pixels.
fn row_of(
    now: &super::snapshot::Snapshot,
    frame: &FrameRow,
    drawn: &Drawn,
    (outline, thermogram): (&Outline, &Thermogram),
) -> FindingRow {
    let (x, y) = outline.middle_px();
    let plane = GroundPlane::of(frame);
    let place = plane.as_ref().map(|plane| plane.degrees(x, y));
    let metre_a_px = plane.as_ref().map(|plane| plane.metre_a_px(x, y));
    let measured = measure(thermogram, outline);
    // The height of the ground is what other findings near it say.
    let near = |row: &&FindingRow| {
        let (lon, lat) = place?;
        let there = Geodetic::from_degrees(row.lat?, row.lon?, 0.0);
        let off = LocalFrame::at(&Geodetic::from_degrees(lat, lon, 0.0)).enu(&there);
        Some((off.x.hypot(off.y), row.height_ellipsoidal_m?))
    };
    let height_m = now.findings.iter().filter_map(|row| near(&row));
    let height_m = height_m.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, height_m)| height_m);
    let ground = place.map(|(lon, lat)| (lat, lon, height_m.unwrap_or_default()));
    let dutch = ground.and_then(|(lat, lon, height_m)| rd_nap_from_etrs89(lat, lon, height_m));
    let sigma_m = frame.sigma_east_m.zip(frame.sigma_north_m).map(|(east, north)| {
        let hand_m = metre_a_px.unwrap_or_default() * HAND_SIGMA_PX;
        (east.hypot(hand_m), north.hypot(hand_m))
    });
    let round = |value: f64, places: i32| {
        let scale = 10_f64.powi(places);
        (value * scale).round() / scale
    };
    let axes = sigma_m.map(|(east, north)| (SIGMAS_95 * east, SIGMAS_95 * north));
    FindingRow {
        kind: drawn.kind.clone(),
        polarity: if measured.is_cold { "cold" } else { "hot" }.to_owned(),
        severity: drawn.severity.clone(),
        status: "open".to_owned(),
        lat: place.map(|(_, lat)| round(lat, 8)),
        lon: place.map(|(lon, _)| round(lon, 8)),
        height_ellipsoidal_m: height_m,
        x_rd: dutch.map(|dutch| round(dutch.x_m, 3)),
        y_rd: dutch.map(|dutch| round(dutch.y_m, 3)),
        height_nap_m: dutch.and_then(|dutch| dutch.nap_m).map(|nap| round(nap, 3)),
        ellipse95_major_m: axes.map(|(east, north)| round(east.max(north), 3)),
        ellipse95_minor_m: axes.map(|(east, north)| round(east.min(north), 3)),
        ellipse95_azimuth_deg: axes.map(|(east, north)| if east > north { 90.0 } else { 0.0 }),
        peak_c: measured.peak_c.map(|celsius| round(celsius, 2)),
        background_c: measured.background_c.map(|celsius| round(celsius, 2)),
        delta_k: measured
            .peak_c
            .zip(measured.background_c)
            .map(|(peak, background)| round(peak - background, 2)),
        area_m2: metre_a_px.map(|m| round(f64::from(outline.area_px()) * m * m, 4)),
        views: 1,
        views_possible: 1,
        first_seen: frame.taken_at.clone(),
        last_seen: frame.taken_at.clone(),
        asset: place.and_then(|(lon, lat)| {
            let site = now.fixed.site.as_ref()?;
            site.asset_at(lat, lon).map(|asset| asset.name.clone())
        }),
        reasons: vec!["drawn_by_hand".to_owned()],
        frames: vec![frame.file.clone()],
        run: now.fixed.run.id.0.clone(),
        ..FindingRow::default()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hidden {
    polygon_px: Vec<(f64, f64)>,
    what: String,
    #[serde(default)]
    reason: String,
}

/// `POST /api/frames/{n}/masks`.
pub(super) async fn mask(
    State(desk): State<Arc<Desk>>,
    Extension(person): Extension<Person>,
    Path(number): Path<String>,
    request: Request,
) -> Answer {
    let hidden: Hidden = body_of(&desk, request).await?;
    may_draw(&desk, &person)?;
    aside(&desk, move |desk| {
        let now = desk.now();
        let row = frame_of(&now, &number)?;
        if !["person", "plate"].contains(&hidden.what.as_str()) {
            return Err(Refusal::unfit("a mask hides a `person` or a `plate`", "see /api"));
        }
        outline(row, &hidden.polygon_px)?;
        let mut mask = MaskRow {
            number: 0,
            sha256: row.sha256.clone(),
            index: row.index,
            at: (desk.params.now)(),
            person: person.name.clone(),
            role: person.role.clone(),
            what: hidden.what.clone(),
            reason: hidden.reason.clone(),
            polygon_px: hidden.polygon_px.clone(),
        };
        mask.number = desk.write(|book| Ok(book.mask(&mask, &row.file, desk.params.note)?))?;
        Ok((StatusCode::CREATED, json_of(&json!(mask))).into_response())
    })
    .await
}
