//! QGroundControl's `.plan`, written: steps, those of a survey, corridor or scan as one item that
//! can be edited there; a fence, rally points.

use serde_json::{Value, json};

use super::{Above, Action, FenceShape, Item, Mission, Place, RallyPoint, Step, complex_write};

/// `MAV_AUTOPILOT_GENERIC`, `MAV_TYPE_QUADROTOR`, and speeds in m/s for a file whose maker did not
/// tell: QGroundControl needs something there, and asks the vehicle when one is there.
const ANY_AUTOPILOT: u8 = 0;
const ANY_VEHICLE: u8 = 2;
const ANY_CRUISE_M_S: f64 = 15.0;
const ANY_HOVER_M_S: f64 = 5.0;

/// Where name and mandate stand in a `.plan`; QGroundControl passes over what it does not know.
pub(super) const OWN_KEY: &str = "torenvalk";

/// A file's text, and in words what the format could not take.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// What is not in it.
    pub lost: Vec<String>,
}

/// Writes a mission as a `.plan`.
#[must_use]
pub fn to_plan(mission: &Mission) -> Written {
    let mut lost = Vec::new();
    let items: Vec<Value> =
        mission.steps.iter().enumerate().map(|(n, step)| item(n, step, &mut lost)).collect();
    let items = grouped(mission, &items, &mut lost);
    let home = mission.home.map_or([0.0; 3], |home| [home.lat_deg, home.lon_deg, home.amsl_m]);
    let planned = &mission.planned_for;
    let mut file = json!({
        "fileType": "Plan",
        "version": 1,
        "groundStation": "Torenvalk",
        "mission": {
            "version": 2,
            "firmwareType": planned.autopilot.unwrap_or(ANY_AUTOPILOT),
            "vehicleType": planned.vehicle.unwrap_or(ANY_VEHICLE),
            "cruiseSpeed": planned.cruise_m_s.unwrap_or(ANY_CRUISE_M_S),
            "hoverSpeed": planned.hover_m_s.unwrap_or(ANY_HOVER_M_S),
            // Mixed: each item tells its own.
            "globalPlanAltitudeMode": 0,
            "plannedHomePosition": home,
            "items": items,
        },
        "geoFence": fence(mission),
        "rallyPoints": rally(&mission.rally, &mut lost),
    });
    if mission.name.is_some() || !mission.mandate.is_empty() {
        let mut own = json!({ "format_version": 1, "mandate": mission.mandate });
        if let Some(name) = &mission.name {
            own["name"] = json!(name);
        }
        file[OWN_KEY] = own;
    }
    let mut text = format!("{file:#}");
    text.push('\n');
    Written { text, lost }
}

/// The steps of each complex within one item.
fn grouped(mission: &Mission, items: &[Value], lost: &mut Vec<String>) -> Vec<Value> {
    let mut complexes: Vec<_> = mission.complex.iter().collect();
    complexes.sort_by_key(|complex| complex.first);
    let mut written = Vec::new();
    let mut taken = 0;
    for complex in complexes {
        let within = complex.first.checked_add(complex.count).filter(|end| *end <= items.len());
        let Some(end) = within.filter(|_| complex.first >= taken && complex.count > 0) else {
            let first = complex.first;
            lost.push(format!("the plan of step {first} and on: its steps are not there any more"));
            continue;
        };
        written.extend_from_slice(items.get(taken..complex.first).unwrap_or_default());
        let steps = items.get(complex.first..end).unwrap_or_default();
        written.push(complex_write::item(complex, steps));
        taken = end;
    }
    written.extend_from_slice(items.get(taken..).unwrap_or_default());
    written
}

fn item(number: usize, step: &Step, lost: &mut Vec<String>) -> Value {
    let mut item = step.item();
    if let Action::Jump { to, .. } = step.action {
        // The file's own numbers begin at 1.
        item.params[0] = f32::from(to) + 1.0;
    }
    let [p1, p2, p3, p4] = item.params;
    for (index, param) in [p1, p2, p3, p4, item.z].iter().enumerate() {
        if param.is_infinite() {
            let param_number = if index == 4 { 7 } else { index + 1 };
            lost.push(format!("step {number}: parameter {param_number} is infinite; left out"));
        }
    }
    let [x, y] = across(&item, step.place());
    let mut value = json!({
        "type": "SimpleItem",
        "frame": item.frame,
        "command": item.command,
        "params": [unset(p1), unset(p2), unset(p3), unset(p4), x, y, unset(item.z)],
        "autoContinue": item.autocontinue,
        "doJumpId": number + 1,
    });
    if item.has_place() && !item.z.is_nan() {
        let mode = match step.frame.above() {
            Some(Above::Home) => 1,
            Some(Above::SeaLevel) => 2,
            Some(Above::Terrain) => 4,
            None => return value,
        };
        value["AltitudeMode"] = json!(mode);
        value["Altitude"] = unset(item.z);
        value["AMSLAltAboveTerrain"] = Value::Null;
    }
    value
}

/// Parameters 5 and 6: degrees as they came where a step has a place.
fn across(item: &Item, place: Option<Place>) -> [Value; 2] {
    match place {
        Some(place) => [json!(place.lat_deg), json!(place.lon_deg)],
        None if item.has_place() => [item.x, item.y].map(|e7| json!(super::degrees_of_e7(e7))),
        None => [json!(item.x), json!(item.y)],
    }
}

/// The shortest number that reads back to the same; null is "not set".
fn unset(number: f32) -> Value {
    let shortest = number.to_string().parse::<f64>().ok();
    shortest.filter(|number| number.is_finite()).map_or(Value::Null, |number| {
        if number.fract() == 0.0 && number.abs() < 1e9 && !number.is_sign_negative() {
            json!(number as i64)
        } else {
            json!(number)
        }
    })
}

fn fence(mission: &Mission) -> Value {
    let (mut polygons, mut circles) = (Vec::new(), Vec::new());
    for area in &mission.fence.areas {
        let inclusion = area.inclusion;
        match &area.shape {
            FenceShape::Polygon(vertices) => polygons.push(json!({
                "version": 1,
                "inclusion": inclusion,
                "polygon": vertices.iter().map(|(lat, lon)| [lat, lon]).collect::<Vec<_>>(),
            })),
            FenceShape::Circle { at: (lat, lon), radius_m } => circles.push(json!({
                "version": 1,
                "inclusion": inclusion,
                "circle": { "center": [lat, lon], "radius": unset(*radius_m) },
            })),
        }
    }
    let mut fence = json!({ "version": 2, "polygons": polygons, "circles": circles });
    if let Some(place) = mission.fence.breach_return {
        fence["breachReturn"] = json!([place.lat_deg, place.lon_deg, unset(place.height_m)]);
    }
    fence
}

/// Heights there are above home, and nothing else.
fn rally(points: &[RallyPoint], lost: &mut Vec<String>) -> Value {
    let mut written = Vec::new();
    for (number, point) in points.iter().enumerate() {
        if point.frame.above() == Some(Above::Home) {
            let at = point.at;
            written.push(json!([at.lat_deg, at.lon_deg, unset(at.height_m)]));
        } else {
            lost.push(format!("rally point {number}: its height is not above home; left out"));
        }
    }
    json!({ "version": 2, "points": written })
}
