//! What a person draws on a frame: a finding that the detector did not see, and parts to be hidden.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use nalgebra::Matrix2;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::case::{FindingRow, FrameRow, Made, MaskRow, SightingRow};
use crate::derive::GroundPlane;
use crate::geo::{Geodetic, LocalFrame};
use crate::thermal::{Overrides, Thermogram};

use super::Person;
use super::about_case::{KINDS, SEVERITIES};
use super::answer::{Answer, Refusal, json_of, tagged};
use super::body::body_of;
use super::desk::{Desk, aside};
use super::findings::whole;
use super::frames::frame_of;
use super::may::{self, Act};
use super::pixels::{Outline, measure};
use super::placed::{self, Placed, round};
use super::reviews::drawing;
use super::snapshot::Snapshot;

/// Most corners of an outline.
const MOST_CORNERS: usize = 1000;
/// One sigma of where a person puts a corner, in pixels.
const HAND_SIGMA_PX: f64 = 1.0;

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
    if !may::may(&desk.params.access, person, Act::Draw) {
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
    now: &Snapshot,
    frame: &FrameRow,
    drawn: &Drawn,
    (outline, thermogram): (&Outline, &Thermogram),
) -> FindingRow {
    let (x, y) = outline.middle_px();
    let plane = GroundPlane::of(frame);
    let metre_a_px = plane.as_ref().map(|plane| plane.metre_a_px(x, y));
    let measured = measure(thermogram, outline);
    let row = FindingRow {
        kind: drawn.kind.clone(),
        polarity: if measured.is_cold { "cold" } else { "hot" }.to_owned(),
        severity: drawn.severity.clone(),
        status: "open".to_owned(),
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
        reasons: vec!["drawn_by_hand".to_owned()],
        frames: vec![frame.file.clone()],
        run: now.fixed.run.id.0.clone(),
        ..FindingRow::default()
    };
    let Some(plane) = plane else { return row };
    let (lon, lat) = plane.degrees(x, y);
    let place = Placed {
        lat,
        lon,
        height_m: height_near(now, lat, lon),
        covariance_m2: covariance(now, frame, (x, y), plane.metre_a_px(x, y)),
    };
    placed::lay(row, &place, now.fixed.site.as_ref())
}

/// The height of the ground is what other findings near it say.
fn height_near(now: &Snapshot, lat: f64, lon: f64) -> Option<f64> {
    let local = LocalFrame::at(&Geodetic::from_degrees(lat, lon, 0.0));
    let near = |row: &Arc<FindingRow>| {
        let off = local.enu(&Geodetic::from_degrees(row.lat?, row.lon?, 0.0));
        Some((off.x.hypot(off.y), row.height_ellipsoidal_m?))
    };
    let all = now.findings.iter().filter_map(near);
    all.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, height_m)| height_m)
}

/// How well the place is known: as well as the run knows an observation at that pixel, and where
/// the hand puts it. An observation's ellipse has what the camera's place and its attitude are off
/// in it, as far below the camera as the ground is; a frame's row tells the place alone. The
/// nearest observation is taken: in this frame by pixels, else in the frame nearest by number.
fn covariance(
    now: &Snapshot,
    frame: &FrameRow,
    (x, y): (f64, f64),
    metre_a_px: f64,
) -> Matrix2<f64> {
    let far = |one: &SightingRow| {
        let off = one.x_px.unwrap_or(x) - x;
        (one.frame.abs_diff(frame.frame), off.hypot(one.y_px.unwrap_or(y) - y))
    };
    let seen = now.sightings.values().flatten().filter_map(|one| {
        let known = placed::covariance_of(one)?;
        Some((far(one), known))
    });
    let nearest = seen.min_by(|(a, _), (b, _)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let of_the_place = || {
        let sigma_m = frame.sigma_east_m.zip(frame.sigma_north_m);
        sigma_m.map(|(east, north)| Matrix2::new(east * east, 0.0, 0.0, north * north))
    };
    let hand_m2 = (metre_a_px * HAND_SIGMA_PX).powi(2);
    match nearest.map(|(_, covariance)| covariance).or_else(of_the_place) {
        Some(covariance) => covariance + Matrix2::from_diagonal_element(hand_m2),
        None => Matrix2::zeros(),
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
