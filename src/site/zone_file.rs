//! Zones for unmanned aircraft as authorities publish them: ED-269 and ED-318.
//!
//! | | ED-269 | ED-318 |
//! |---|---|---|
//! | list | `features` or `UASZoneList` | a GeoJSON FeatureCollection |
//! | how strict | `restriction` | `properties.type` |
//! | where | `geometry[]` with projections | GeoJSON; a circle is a Point with `extent` |
//! | how high | `lowerLimit` …, `uomDimensions` M or FT | `layer`, `uom` m or ft |
//! | when | `applicability[]` with `schedule` or `dailyPeriod` | `limitedApplicability[]` |
//!
//! Real files hold limits as text or null, times of many forms, unknown words. What cannot be
//! understood counts towards more restriction; a zone whose place cannot be understood is kept with
//! the reason.

use serde_json::Value;

use super::feature::{check_position, polygon};
use super::geojson::in_words;
use super::zone_time::applicability;
use super::{Limit, LimitDatum, Outline, Role, Rule, Volume, Zone};

/// The international foot (1959).
const FOOT_M: f64 = 0.3048;
/// Most zones of a file: Europe's largest national files hold some thousands.
const MOST_ZONES: usize = 50_000;
/// Most volumes of a zone.
const MOST_VOLUMES: usize = 1_000;
/// No circle of an aviation authority is larger, in metres.
const LARGEST_RADIUS_M: f64 = 1_000_000.0;
/// Longest name or message that is kept, in characters.
const LONGEST_TEXT: usize = 2_000;

/// The zones of a text, `None` where it is another kind of JSON.
///
/// # Errors
/// With line and column where it is no JSON; a sentence where it holds too many zones.
pub(super) fn zones(text: &str) -> Result<Option<Vec<Zone>>, String> {
    let has = |key: &str| text.contains(key);
    let is_269 = has("\"UASZoneList\"") || has("\"horizontalProjection\"");
    let is_318 = ["\"limitedApplicability\"", "\"zoneAuthority\"", "\"upperReference\""];
    if !is_269 && !is_318.into_iter().any(has) {
        return Ok(None);
    }
    let file: Value = serde_json::from_str(text).map_err(|error| in_words(&error))?;
    let list = ["features", "UASZoneList"].iter().find_map(|key| file.get(key)?.as_array());
    let list = list.ok_or("zones are in a list `features` or `UASZoneList`; there is none")?;
    if list.len() > MOST_ZONES {
        return Err(format!("{} zones; {MOST_ZONES} are the most", list.len()));
    }
    let zone = |(at, value): (usize, &Value)| {
        let is_feature = value.get("properties").is_some_and(Value::is_object);
        if is_feature { ed318(at + 1, value) } else { ed269(at + 1, value) }
    };
    Ok(Some(list.iter().enumerate().map(zone).collect()))
}

fn ed269(number: usize, value: &Value) -> Zone {
    let mut zone = described(number, value, value.get("restriction"));
    zone.applicability = applicability(value.get("applicability"));
    let volumes = value.get("geometry").and_then(Value::as_array);
    let Some(volumes) = volumes.filter(|volumes| !volumes.is_empty()) else {
        zone.unreadable = Some("it has no geometry".to_owned());
        return zone;
    };
    for (at, volume) in volumes.iter().take(MOST_VOLUMES).enumerate() {
        let Some(place) = volume.get("horizontalProjection") else {
            fault(&mut zone, at, "it has no horizontalProjection");
            continue;
        };
        let unit_m = unit(volume.get("uomDimensions"));
        let limit = |limit: &str, datum: &str| limit_of(volume, limit, datum, unit_m);
        let floor = limit("lowerLimit", "lowerVerticalReference");
        let ceiling = limit("upperLimit", "upperVerticalReference");
        match projection(place) {
            Ok(outline) => zone.volumes.push(Volume { outline, floor, ceiling }),
            Err(reason) => fault(&mut zone, at, &reason),
        }
    }
    if volumes.len() > MOST_VOLUMES {
        fault(&mut zone, MOST_VOLUMES, "it has more parts than are read");
    }
    zone
}

fn ed318(number: usize, value: &Value) -> Zone {
    let properties = value.get("properties").unwrap_or(&Value::Null);
    let mut zone = described(number, properties, properties.get("type"));
    zone.applicability = applicability(properties.get("limitedApplicability"));
    match value.get("geometry").filter(|geometry| geometry.is_object()) {
        Some(geometry) => volumes_318(geometry, properties.get("layer"), &mut zone),
        None => zone.unreadable = Some("it has no geometry".to_owned()),
    }
    if zone.volumes.is_empty() && zone.unreadable.is_none() {
        zone.unreadable = Some("its geometry is empty".to_owned());
    }
    zone
}

/// The volumes of a geometry, which may hold others; JSON's own depth bounds them.
fn volumes_318(geometry: &Value, inherited: Option<&Value>, zone: &mut Zone) {
    let none = Value::Null;
    let layer = geometry.get("layer").or(inherited);
    if let Some(parts) = geometry.get("geometries").and_then(Value::as_array) {
        parts.iter().for_each(|part| volumes_318(part, layer, zone));
        return;
    }
    let told = layer.unwrap_or(&none);
    let unit_m = unit(told.get("uom"));
    let floor = limit_of(told, "lower", "lowerReference", unit_m);
    let ceiling = limit_of(told, "upper", "upperReference", unit_m);
    let at = zone.volumes.len();
    let coordinates = geometry.get("coordinates").unwrap_or(&none);
    let outlines = match geometry.get("type").and_then(Value::as_str).unwrap_or_default() {
        "Polygon" => vec![rings(coordinates)],
        "MultiPolygon" => coordinates
            .as_array()
            .map_or_else(Vec::new, |all| all.iter().take(MOST_VOLUMES).map(rings).collect()),
        "Point" => vec![circle(
            coordinates,
            geometry.get("extent").and_then(|extent| extent.get("radius")),
        )],
        other => vec![Err(format!("its geometry is a {other:.40}; no area"))],
    };
    for outline in outlines {
        match outline {
            Ok(_) if zone.volumes.len() >= MOST_VOLUMES => {
                fault(zone, at, "it has more parts than are read");
                return;
            }
            Ok(outline) => zone.volumes.push(Volume { outline, floor, ceiling }),
            Err(reason) => fault(zone, at, &reason),
        }
    }
}

/// Name, rule and message, which both kinds have under much the same names.
fn described(number: usize, told: &Value, restriction: Option<&Value>) -> Zone {
    let identifier = told.get("identifier").and_then(words);
    let name = told.get("name").and_then(words).or_else(|| identifier.clone());
    let name = name.unwrap_or_else(|| format!("zone {number}"));
    let parts = ["message", "restrictionConditions", "otherReasonInfo"];
    let message: Vec<String> =
        parts.iter().filter_map(|key| told.get(key).and_then(words)).collect();
    Zone {
        identifier,
        rule: rule(restriction.and_then(Value::as_str).unwrap_or_default()),
        message: (!message.is_empty()).then(|| message.join("; ")),
        ..Zone::unplaced(name, Role::NoFly)
    }
}

/// A word that is not known is the strictest one.
fn rule(word: &str) -> Rule {
    match word.to_ascii_uppercase().as_str() {
        "NO_RESTRICTION" => Rule::Free,
        "CONDITIONAL" => Rule::Conditional,
        "REQ_AUTHORISATION" | "REQ_AUTHORIZATION" => Rule::Authorisation,
        "USPACE" => Rule::USpace,
        _ => Rule::Prohibited,
    }
}

fn fault(zone: &mut Zone, at: usize, reason: &str) {
    let reason = format!("part {}: {reason}", at + 1);
    match &mut zone.unreadable {
        Some(faults) if faults.len() < LONGEST_TEXT => {
            faults.push_str("; ");
            faults.push_str(&reason);
        }
        Some(_) => {}
        none => *none = Some(reason),
    }
}

/// Text, a list of texts, or a list of texts in languages, of which the first is taken.
fn words(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => match list.first()? {
            Value::Object(first) => first.get("text")?.as_str()?.to_owned(),
            _ => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "),
        },
        _ => return None,
    };
    let text: String = text.trim().chars().take(LONGEST_TEXT).collect();
    (!text.is_empty()).then_some(text)
}

/// Metres of the unit of heights; metres where none is told.
fn unit(told: Option<&Value>) -> f64 {
    let told = told.and_then(Value::as_str).unwrap_or_default();
    if told.eq_ignore_ascii_case("ft") { FOOT_M } else { 1.0 }
}

/// A number, or one in text.
fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite())
}

fn limit_of(told: &Value, limit: &str, datum: &str, unit_m: f64) -> Limit {
    let above = match told.get(datum).and_then(Value::as_str).unwrap_or_default() {
        "AGL" | "agl" => LimitDatum::Ground,
        "AMSL" | "amsl" => LimitDatum::SeaLevel,
        "WGS84" | "wgs84" => LimitDatum::Ellipsoid,
        _ => return Limit::Open,
    };
    let height = told.get(limit).and_then(number);
    height.map_or(Limit::Open, |height| Limit::At { height_m: height * unit_m, above })
}

fn projection(place: &Value) -> Result<Outline, String> {
    let key = |key: &str| place.get(key).unwrap_or(&Value::Null);
    match key("type").as_str().unwrap_or_default() {
        "Polygon" => rings(key("coordinates")),
        "Circle" => circle(key("center"), Some(key("radius"))),
        other => {
            Err(format!("its horizontalProjection is a {other:?}; Polygon and Circle are known"))
        }
    }
}

fn circle(middle: &Value, radius: Option<&Value>) -> Result<Outline, String> {
    let at = position(middle)?;
    let radius_m = radius.and_then(number).ok_or("the circle has no radius")?;
    if !(radius_m > 0.0 && radius_m <= LARGEST_RADIUS_M) {
        return Err(format!("the circle's radius is {radius_m} m"));
    }
    Ok(Outline::Point { at, radius_m })
}

fn position(value: &Value) -> Result<(f64, f64), String> {
    let numbers = value.as_array().map_or(&[][..], Vec::as_slice);
    let [lon, lat, ..] = numbers else {
        return Err("a position is no longitude and latitude".to_owned());
    };
    let (Some(lon), Some(lat)) = (number(lon), number(lat)) else {
        return Err("a position is no pair of numbers".to_owned());
    };
    check_position(lon, lat)?;
    Ok((lon, lat))
}

/// Rings, which some files do not close.
fn rings(value: &Value) -> Result<Outline, String> {
    let rings = value.as_array().ok_or("the polygon has no coordinates")?;
    let ring = |ring: &Value| {
        let vertices = ring.as_array().ok_or("a ring is no list")?;
        let mut ring: Vec<_> = vertices.iter().map(position).collect::<Result<_, String>>()?;
        let first = ring.first().copied();
        if ring.first() != ring.last() {
            ring.extend(first);
        }
        Ok(ring)
    };
    polygon(rings.iter().map(ring).collect::<Result<_, String>>()?)
}
