//! A frame's temperatures, as its run read them or with other parameters of radiometry.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::case::FrameRow;
use crate::thermal::{Frame, Overrides, ParameterSource, Thermogram};

use super::answer::{Answer, Refusal, bytes_of};
use super::desk::{Desk, aside};
use super::frames::frame_of;
use super::originals::{Integrity, Originals};
use super::raster::raster;

/// Families whose files keep the raw signal, so that other parameters give other temperatures.
/// Which of the parameters a file minds is known once it is read with others.
pub(super) fn is_recomputable(row: &FrameRow) -> bool {
    row.format.starts_with("flir") || row.format.starts_with("dji")
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
    let told = headers.get(header::IF_NONE_MATCH).cloned();
    aside(&desk, move |desk| {
        let now = desk.now();
        read(&desk.originals, frame_of(&now, &number)?, &asked, told.as_ref())
    })
    .await
}

/// Reads a frame's file; `told` is the tag of what whoever asks has already.
pub(super) fn read(
    originals: &Originals,
    row: &FrameRow,
    asked: &Asked,
    told: Option<&HeaderValue>,
) -> Answer {
    let overrides = asked.overrides()?;
    if *asked != Asked::default() && !is_recomputable(row) {
        return Err(not_recomputable(&format!(
            "{} keeps temperatures, not the raw signal",
            row.format
        )));
    }
    let tag = tag_of(row, asked)?;
    if told == Some(&tag) && matches!(originals.integrity(row), Integrity::Intact(_)) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let frame = originals.frame(row, &overrides).map_err(|error| {
        let remedy = "bring the original back, or name its folder with --originals";
        Refusal::new(StatusCode::CONFLICT, error, remedy)
    })?;
    let ignored = ignored(originals, row, (asked, &frame))?;
    if !ignored.is_empty() {
        return Err(not_recomputable(&format!(
            "this {} file gives the same temperatures whatever its {} is",
            row.format,
            ignored.join(" and ")
        )));
    }
    answer(&frame.thermogram, tag)
}

fn not_recomputable(why: &str) -> Refusal {
    let remedy = "look at it with the parameters it was written with";
    Refusal::new(StatusCode::CONFLICT, format!("it cannot be worked out anew: {why}"), remedy)
}

/// A parameter that can be asked for.
struct Asking {
    /// As a frame names it.
    name: &'static str,
    word: &'static str,
    of: fn(&mut Asked) -> &mut Option<f64>,
    /// Two values so far apart that any file that minds the parameter shows it.
    apart: [f64; 2],
}

const ASKING: [Asking; 4] = [
    Asking {
        name: "emissivity",
        word: "emissivity",
        of: |asked| &mut asked.emissivity,
        apart: [0.5, 0.9],
    },
    Asking {
        name: "reflected_c",
        word: "reflected temperature",
        of: |asked| &mut asked.reflected_c,
        apart: [-20.0, 80.0],
    },
    Asking {
        name: "distance_m",
        word: "distance",
        of: |asked| &mut asked.distance_m,
        apart: [1.0, 20.0],
    },
    Asking {
        name: "humidity_percent",
        word: "humidity",
        of: |asked| &mut asked.humidity,
        apart: [25.0, 95.0],
    },
];

/// What was asked to be changed and is ignored by the file: temperatures that stay as they are
/// would look as if the parameter did not matter. Some files say that they ignore one; of others it
/// shows only when they are read with and without.
fn ignored(
    originals: &Originals,
    row: &FrameRow,
    (asked, frame): (&Asked, &Frame),
) -> Result<Vec<&'static str>, Refusal> {
    let celsius = |asked: &Asked| {
        let frame = originals.frame(row, &asked.overrides()?).map_err(Refusal::unexpected)?;
        Ok::<_, Refusal>(frame.thermogram.celsius())
    };
    let mut found = Vec::new();
    for Asking { name, word, of, apart } in &ASKING {
        let mut without = asked.clone();
        if of(&mut without).take().is_none() {
            continue;
        }
        let used = frame.parameters.values.iter().find(|used| used.name == *name);
        let is_said = used.is_none_or(|used| used.source == ParameterSource::Ignored);
        // The value may be the file's own, or matter to no surface of an emissivity of one: such a
        // file still shows what it minds.
        let far = |value: f64| {
            let mut far = Asked { emissivity: Some(0.5), ..Asked::default() };
            *of(&mut far) = Some(value);
            celsius(&far).ok()
        };
        let minds = || far(apart[0]).zip(far(apart[1])).is_none_or(|(a, b)| !same(&a, &b));
        if is_said || (same(&celsius(&without)?, &frame.thermogram.celsius()) && !minds()) {
            found.push(*word);
        }
    }
    Ok(found)
}

/// Whether two frames agree in every pixel; one without a value agrees with itself.
fn same(one: &[f32], other: &[f32]) -> bool {
    one.iter().map(|value| value.to_bits()).eq(other.iter().map(|value| value.to_bits()))
}

fn answer(thermogram: &Thermogram, tag: HeaderValue) -> Result<Response, Refusal> {
    let raster = raster(thermogram);
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
