//! A mission as GeoJSON (RFC 7946), for maps: one way only.
//!
//! Each feature has a `role`: `takeoff`, `photo` where one picture is taken and `waypoint` for
//! points; `photo_line` and `transit` for the ways between, as the trigger is on or off; `no_fly`
//! and `fence` for areas; `rally`. Heights are properties, since they are not the ellipsoidal ones
//! that the third coordinate would be.

use serde_json::{Value, json};

use super::plan_write::Written;
use super::{Above, Action, FenceShape, Frame, Mission, Place, Step};

/// Vertices of a circle drawn as a polygon.
const CIRCLE_VERTICES: u32 = 64;
/// Metres of a degree of latitude on the sphere of 6,371,008.8 m (IUGG mean radius): for drawing.
const METRES_A_DEGREE: f64 = 111_195.08;

/// Writes a mission as GeoJSON.
#[must_use]
pub fn to_geojson(mission: &Mission) -> Written {
    let mut features = Vec::new();
    let mut way = Way::default();
    let mut lost = Vec::new();
    for (number, step) in mission.steps.iter().enumerate() {
        way.passes(number, step, &mut features);
        match step.action {
            Action::Jump { .. } | Action::JumpToTag { .. } => {
                lost.push(format!("step {number}: a jump is not drawn"));
            }
            Action::Other(item) if item.has_place() => {
                lost.push(format!("step {number}: command {} is not drawn", item.command));
            }
            _ => {}
        }
    }
    way.end(&mut features);
    features.extend(mission.fence.areas.iter().map(|area| {
        let ring = match &area.shape {
            FenceShape::Polygon(vertices) => vertices.clone(),
            FenceShape::Circle { at, radius_m } => circle(*at, f64::from(*radius_m)),
        };
        let ring = ring.iter().chain(ring.first()).map(|(lat, lon)| json!([lon, lat]));
        let role = if area.inclusion { "fence" } else { "no_fly" };
        let coordinates = vec![ring.collect::<Vec<_>>()];
        feature("Polygon", &json!(coordinates), &json!({ "role": role }))
    }));
    features.extend(mission.rally.iter().map(|point| {
        let properties = json!({ "role": "rally", "height_m": height(point.at.height_m),
            "height_above": above(point.frame) });
        feature("Point", &json!([point.at.lon_deg, point.at.lat_deg]), &properties)
    }));
    let mut collection = json!({ "type": "FeatureCollection", "features": features });
    if let Some(name) = &mission.name {
        collection["name"] = json!(name);
    }
    if !mission.mandate.is_empty() {
        collection["mandate"] = json!(mission.mandate);
    }
    Written { text: format!("{collection}\n"), lost }
}

fn feature(kind: &str, coordinates: &Value, properties: &Value) -> Value {
    json!({
        "type": "Feature",
        "geometry": { "type": kind, "coordinates": coordinates },
        "properties": properties,
    })
}

fn above(frame: Frame) -> Value {
    match frame.above() {
        Some(Above::SeaLevel) => json!("sea_level"),
        Some(Above::Home) => json!("home"),
        Some(Above::Terrain) => json!("terrain"),
        None => Value::Null,
    }
}

fn height(height_m: f32) -> Value {
    if height_m.is_finite() { json!(f64::from(height_m)) } else { Value::Null }
}

/// The way flown so far with the trigger on or off.
#[derive(Default)]
struct Way {
    line: Vec<[f64; 2]>,
    triggers: bool,
}

impl Way {
    fn passes(&mut self, number: usize, step: &Step, features: &mut Vec<Value>) {
        let triggers = match step.action {
            Action::TriggerDistance { distance_m, .. } => distance_m > 0.0,
            Action::TriggerInterval { interval_ms, .. } => interval_ms != 0.0,
            Action::Pictures { interval_s, count, .. } => interval_s > 0.0 && count != 1.0,
            Action::StopPictures { .. } => false,
            _ => self.triggers,
        };
        if triggers != self.triggers {
            self.end(features);
            self.triggers = triggers;
        }
        let role = match step.action {
            Action::TakeOff { .. } => "takeoff",
            Action::LookAt { .. } | Action::Roi { .. } => return,
            _ => "waypoint",
        };
        let one = matches!(step.action, Action::Digicam { shoot: 1, .. })
            || matches!(step.action, Action::Pictures { count: 1.0, .. });
        if one && let Some(&last) = self.line.last() {
            let properties = json!({ "role": "photo", "step": number });
            features.push(feature("Point", &json!(last), &properties));
        }
        let Some(Place { lat_deg, lon_deg, height_m }) = step.place() else { return };
        // Zero, zero is "where the vehicle is".
        if (lat_deg, lon_deg) == (0.0, 0.0) {
            return;
        }
        self.line.push([lon_deg, lat_deg]);
        let properties = json!({ "role": role, "step": number, "height_m": height(height_m),
            "height_above": above(step.frame) });
        features.push(feature("Point", &json!([lon_deg, lat_deg]), &properties));
    }

    /// Closes the line; the next one begins where it ended.
    fn end(&mut self, features: &mut Vec<Value>) {
        let last = self.line.last().copied();
        if self.line.len() > 1 {
            let role = if self.triggers { "photo_line" } else { "transit" };
            features.push(feature("LineString", &json!(self.line), &json!({ "role": role })));
        }
        self.line.clear();
        self.line.extend(last);
    }
}

fn circle((lat, lon): (f64, f64), radius_m: f64) -> Vec<(f64, f64)> {
    let north = radius_m / METRES_A_DEGREE;
    let east = north / lat.to_radians().cos().max(1e-6);
    let turn = |part: u32| f64::from(part) / f64::from(CIRCLE_VERTICES) * std::f64::consts::TAU;
    let vertex = |part: u32| (lat + north * turn(part).sin(), lon + east * turn(part).cos());
    (0..CIRCLE_VERTICES).map(vertex).collect()
}
