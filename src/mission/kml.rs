//! A mission as KML 2.2 (OGC 07-147r2), written for maps and read back whole, and lines that others
//! drew read as a mission.
//!
//! Each step is a placemark whose extended data `item` holds all of it: frame, command, seven
//! parameters, whether to go on. Of a file without any such placemark the first line is taken, its
//! vertices as waypoints; it must have heights.

use std::fmt::Write as _;

use roxmltree::Node;

use crate::mandate::Mandate;

use super::json::on_earth;
use super::plan_write::Written;
use super::xml::{self, escape, is, line};
use super::{
    Above, Action, Fault, Fence, FenceArea, FenceShape, Frame, Home, Item, MOST_ITEMS, Mission,
    Place, RallyPoint, Step,
};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                    <kml xmlns=\"http://www.opengis.net/kml/2.2\">\n<Document>\n";

/// Writes a mission as KML.
#[must_use]
pub fn to_kml(mission: &Mission) -> Written {
    let mut text = HEAD.to_owned();
    if let Some(name) = &mission.name {
        let _ = writeln!(text, "<name>{}</name>", escape(name));
    }
    let mut told = Vec::new();
    if let Some(Home { lat_deg, lon_deg, amsl_m }) = mission.home {
        told.push(("home", format!("{lat_deg} {lon_deg} {amsl_m}")));
    }
    let mandate = &mission.mandate;
    let texts = [
        ("purpose", &mandate.purpose),
        ("legal_basis", &mandate.legal_basis),
        ("case_number", &mandate.case_number),
    ];
    told.extend(texts.into_iter().filter_map(|(key, text)| Some((key, text.clone()?))));
    if let Some(period) = mandate.period {
        told.push(("period", format!("{} {}", period.from, period.to)));
    }
    text.push_str(&data(&told));
    text.push_str("<Folder>\n<name>steps</name>\n");
    for (number, step) in mission.steps.iter().enumerate() {
        placemark(&mut text, number, step, mission.home);
    }
    text.push_str("</Folder>\n<Folder>\n<name>fence and rally points</name>\n");
    around(&mut text, mission);
    text.push_str("</Folder>\n</Document>\n</kml>\n");
    Written { text, lost: Vec::new() }
}

fn data(told: &[(&str, String)]) -> String {
    if told.is_empty() {
        return String::new();
    }
    let one = |(key, value): &(&str, String)| {
        format!("<Data name=\"{key}\"><value>{}</value></Data>", escape(value))
    };
    let all: String = told.iter().map(one).collect();
    format!("<ExtendedData>{all}</ExtendedData>\n")
}

fn placemark(text: &mut String, number: usize, step: &Step, home: Option<Home>) {
    let item = step.item();
    let [p1, p2, p3, p4] = item.params;
    let (x, y) = match step.place() {
        Some(place) => (place.lat_deg.to_string(), place.lon_deg.to_string()),
        None => (item.x.to_string(), item.y.to_string()),
    };
    let (frame, command, z, go_on) =
        (item.frame, item.command, item.z, u8::from(item.autocontinue));
    let value = format!("{frame} {command} {p1} {p2} {p3} {p4} {x} {y} {z} {go_on}");
    let _ = write!(text, "<Placemark><name>{number}</name>{}", data(&[("item", value)]));
    if let Some(at) = step.place().filter(|at| (at.lat_deg, at.lon_deg) != (0.0, 0.0)) {
        let (mode, height_m) = drawn(at.height_m, step.frame, home);
        let _ = write!(
            text,
            "<Point><altitudeMode>{mode}</altitudeMode><coordinates>{},{},{height_m}</coordinates>\
             </Point>",
            at.lon_deg, at.lat_deg
        );
    }
    text.push_str("</Placemark>\n");
}

/// How a map shows a height: home counts as the ground where nobody told it.
fn drawn(height_m: f32, frame: Frame, home: Option<Home>) -> (&'static str, f64) {
    let height_m = f64::from(height_m);
    if !height_m.is_finite() {
        return ("clampToGround", 0.0);
    }
    match (frame.above(), home) {
        (Some(Above::SeaLevel), _) => ("absolute", height_m),
        (Some(Above::Home), Some(home)) => ("absolute", home.amsl_m + height_m),
        _ => ("relativeToGround", height_m),
    }
}

fn around(text: &mut String, mission: &Mission) {
    for area in &mission.fence.areas {
        let kind = if area.inclusion { "inside" } else { "outside" };
        match &area.shape {
            FenceShape::Polygon(vertices) => {
                let ring = vertices.iter().chain(vertices.first());
                let ring: Vec<_> = ring.map(|(lat, lon)| format!("{lon},{lat}")).collect();
                let _ = writeln!(
                    text,
                    "<Placemark>{}<Polygon><outerBoundaryIs><LinearRing><coordinates>{}\
                     </coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>",
                    data(&[("fence", kind.to_owned())]),
                    ring.join(" ")
                );
            }
            FenceShape::Circle { at: (lat, lon), radius_m } => {
                let told = [("fence", kind.to_owned()), ("radius_m", radius_m.to_string())];
                let _ = writeln!(
                    text,
                    "<Placemark>{}<Point><coordinates>{lon},{lat}</coordinates></Point>\
                     </Placemark>",
                    data(&told)
                );
            }
        }
    }
    let point = |kind: &str, at: Place, frame: Frame| {
        let value = format!("{} {} {} {}", frame.code(), at.lat_deg, at.lon_deg, at.height_m);
        format!(
            "<Placemark>{}<Point><coordinates>{},{}</coordinates></Point></Placemark>\n",
            data(&[(kind, value)]),
            at.lon_deg,
            at.lat_deg
        )
    };
    if let Some(at) = mission.fence.breach_return {
        text.push_str(&point("breach_return", at, Frame::AboveHome));
    }
    for rally in &mission.rally {
        text.push_str(&point("rally", rally.at, rally.frame));
    }
}

/// The mission of a text.
pub(super) fn read(text: &str) -> Result<Mission, Fault> {
    let document = xml::parse(text)?;
    let root = document.root_element();
    let mut mission = Mission::default();
    if let Some(node) = root.descendants().find(|node| is(*node, "Document")) {
        mission.name = xml::text(node, "name").map(str::to_owned);
        described(node, &mut mission)?;
    }
    for node in root.descendants().filter(|node| is(*node, "Placemark")) {
        if let Some(item) = told(node, "item") {
            if mission.steps.len() >= MOST_ITEMS {
                let known = format!("{MOST_ITEMS} steps are the most");
                return Err(Fault::new(line(node), "is one step too many", known));
            }
            mission.steps.push(step(node, item)?);
        } else if let Some(kind) = told(node, "fence") {
            mission.fence.areas.push(area(node, kind)?);
        } else if let Some(at) = told(node, "breach_return") {
            mission.fence.breach_return = Some(framed(node, at)?.at);
        } else if let Some(at) = told(node, "rally") {
            mission.rally.push(framed(node, at)?);
        }
    }
    let nothing = mission.steps.is_empty() && mission.rally.is_empty();
    if nothing && mission.fence == Fence::default() {
        mission.steps = drawn_line(root, &mut mission.passed_over)?;
    }
    Ok(mission)
}

/// The value of an extended data of a name.
fn told<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    let all = xml::child(node, "ExtendedData")?;
    let found = all.children().find(|data| data.attribute("name") == Some(name))?;
    xml::text(found, "value")
}

fn described(node: Node<'_, '_>, mission: &mut Mission) -> Result<(), Fault> {
    let text = |key: &str| told(node, key).map(str::to_owned);
    mission.mandate = Mandate {
        purpose: text("purpose"),
        legal_basis: text("legal_basis"),
        case_number: text("case_number"),
        period: None,
    };
    if let Some(days) = told(node, "period") {
        let mut days = days.split_whitespace().map(str::parse);
        let (Some(Ok(from)), Some(Ok(to))) = (days.next(), days.next()) else {
            return Err(Fault::new("period", "is no pair of days", "as 2026-11-01 2026-11-30"));
        };
        mission.mandate.period = Some(crate::mandate::Period { from, to });
    }
    if let Some((key, reason)) = mission.mandate.fault() {
        return Err(Fault::new(key, "makes no sense", reason));
    }
    if let Some(home) = told(node, "home") {
        let [lat_deg, lon_deg, amsl_m] = numbers(node, home)?;
        mission.home = Some(Home { lat_deg, lon_deg, amsl_m });
    }
    Ok(())
}

/// So many numbers, the first two a place.
fn numbers<const N: usize>(node: Node<'_, '_>, text: &str) -> Result<[f64; N], Fault> {
    let all: Vec<f64> = text.split_whitespace().map_while(|number| number.parse().ok()).collect();
    let known = || {
        let held: String = text.chars().take(60).collect();
        Fault::new(line(node), format!("holds {held:?}"), format!("it must be {N} numbers"))
    };
    all.try_into().map_err(|_| known())
}

fn framed(node: Node<'_, '_>, text: &str) -> Result<RallyPoint, Fault> {
    let [frame, lat_deg, lon_deg, height_m] = numbers(node, text)?;
    if !on_earth(lat_deg, lon_deg) {
        return Err(off_earth(node, lat_deg, lon_deg));
    }
    let at = Place { lat_deg, lon_deg, height_m: height_m as f32 };
    Ok(RallyPoint { frame: Frame::of_code(frame as u8), at })
}

fn off_earth(node: Node<'_, '_>, lat: f64, lon: f64) -> Fault {
    let known = "latitude must be within ±90, longitude within ±180";
    Fault::new(line(node), format!("is at {lat}, {lon}"), known)
}

fn step(node: Node<'_, '_>, text: &str) -> Result<Step, Fault> {
    let [frame, command, p1, p2, p3, p4, x, y, z, go_on] = numbers(node, text)?;
    let whole = |number: f64, most: f64| number.fract() == 0.0 && (0.0..=most).contains(&number);
    if !whole(frame, 255.0) || !whole(command, 65_535.0) || !whole(go_on, 1.0) {
        let known = "frame, command and the last number are whole ones";
        return Err(Fault::new(line(node), format!("holds {text:.60}"), known));
    }
    let mut item = Item {
        params: [p1, p2, p3, p4].map(|param| param as f32),
        z: z as f32,
        autocontinue: go_on == 1.0,
        ..Item::empty(frame as u8, command as u16)
    };
    // A place is in degrees; what has no name here keeps its integers.
    let named = Step::of_item(&Item { x: 0, y: 0, ..item }).place().is_some();
    if !named {
        (item.x, item.y) = (x as i32, y as i32);
        return Ok(Step::of_item(&item));
    }
    if !on_earth(x, y) {
        return Err(off_earth(node, x, y));
    }
    (item.x, item.y) = (super::degrees_e7(x), super::degrees_e7(y));
    let mut step = Step::of_item(&item);
    if let Some(place) = step.place_mut() {
        (place.lat_deg, place.lon_deg) = (x, y);
    }
    Ok(step)
}

fn area(node: Node<'_, '_>, kind: &str) -> Result<FenceArea, Fault> {
    let inclusion = match kind {
        "inside" => true,
        "outside" => false,
        _ => return Err(Fault::new(line(node), format!("is {kind:.40}"), "inside or outside")),
    };
    let coordinates = node.descendants().find(|node| is(*node, "coordinates"));
    let coordinates = coordinates.and_then(|node| node.text()).unwrap_or_default();
    let mut vertices: Vec<_> =
        positions(node, coordinates)?.into_iter().map(|(place, _)| place).collect();
    if let Some(radius) = told(node, "radius_m") {
        let [radius_m] = numbers(node, radius)?;
        let at = vertices.first().copied().filter(|_| radius_m > 0.0 && radius_m.is_finite());
        let at = at.ok_or_else(|| {
            Fault::new(
                line(node),
                format!("has radius {radius_m}"),
                "a circle has a middle and one",
            )
        })?;
        let shape = FenceShape::Circle { at, radius_m: radius_m as f32 };
        return Ok(FenceArea { inclusion, shape });
    }
    if vertices.len() > 1 && vertices.first() == vertices.last() {
        vertices.pop();
    }
    if vertices.len() < 3 {
        let held = format!("has {} vertices", vertices.len());
        return Err(Fault::new(line(node), held, "a polygon has 3 at least"));
    }
    Ok(FenceArea { inclusion, shape: FenceShape::Polygon(vertices) })
}

/// Latitude, longitude, and a height where there is one.
type Position = ((f64, f64), Option<f64>);

fn positions(node: Node<'_, '_>, text: &str) -> Result<Vec<Position>, Fault> {
    let position = |tuple: &str| {
        let all: Option<Vec<f64>> = tuple.split(',').map(|number| number.parse().ok()).collect();
        let all = all.unwrap_or_default();
        let (lon, lat) = match all.as_slice() {
            [lon, lat, ..] if on_earth(*lat, *lon) => (*lon, *lat),
            _ => {
                let held: String = tuple.chars().take(60).collect();
                let known = "it must be longitude,latitude[,height]";
                return Err(Fault::new(line(node), format!("holds {held:?}"), known));
            }
        };
        Ok(((lat, lon), all.get(2).copied().filter(|height| height.is_finite())))
    };
    text.split_whitespace().map(position).collect()
}

/// The waypoints of the first line of a file that others made.
fn drawn_line(root: Node<'_, '_>, passed_over: &mut Vec<String>) -> Result<Vec<Step>, Fault> {
    let mut lines = root.descendants().filter(|node| is(*node, "LineString"));
    let Some(first) = lines.next() else {
        let known = "a mission is a line, or what this program wrote";
        return Err(Fault::new("the file", "has no line to fly", known));
    };
    let others = lines.count();
    if others > 0 {
        passed_over.push(format!("{others} more lines: the first one is flown"));
    }
    let frame = match xml::text(first, "altitudeMode") {
        Some("absolute") => Frame::Amsl,
        Some("relativeToGround") => Frame::AboveTerrain,
        other => {
            let held = format!("has the altitudeMode {:?}", other.unwrap_or("clampToGround"));
            let known = "a line to fly has heights: absolute or relativeToGround";
            return Err(Fault::new(line(first), held, known));
        }
    };
    let all = positions(first, xml::text(first, "coordinates").unwrap_or_default())?;
    if all.len() < 2 || all.len() > MOST_ITEMS {
        let known = format!("there must be 2 to {MOST_ITEMS}");
        return Err(Fault::new(line(first), format!("has {} vertices", all.len()), known));
    }
    let waypoint = |((lat_deg, lon_deg), height): Position| {
        let height = height.ok_or_else(|| {
            Fault::new(line(first), "has a vertex without height", "a line to fly has heights")
        })?;
        let at = Place { lat_deg, lon_deg, height_m: height as f32 };
        Ok(waypoint(frame, at))
    };
    all.into_iter().map(waypoint).collect()
}

/// A waypoint with nothing but its place.
pub(super) fn waypoint(frame: Frame, at: Place) -> Step {
    let (hold_s, acceptance_m, pass_m) = (0.0, 0.0, 0.0);
    Step::new(frame, Action::Waypoint { hold_s, acceptance_m, pass_m, yaw_deg: None, at })
}
