//! A mission as a route of GPX 1.1, for receivers and other planners: places, heights above sea
//! level, names.

use std::fmt::Write as _;

use super::kml::waypoint;
use super::plan_write::Written;
use super::xml::{self, escape, is, line};
use super::{Above, Action, Fault, Frame, MOST_ITEMS, Mission, Place};

/// Writes the places of a mission as a route.
#[must_use]
pub fn to_gpx(mission: &Mission) -> Written {
    let mut lost = Vec::new();
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" \
                    creator=\"Torenvalk\" xmlns=\"http://www.topografix.com/GPX/1/1\">\n"
        .to_owned();
    let mandate = &mission.mandate;
    let reasons = [&mandate.case_number, &mandate.purpose, &mandate.legal_basis];
    let reasons: Vec<&str> = reasons.into_iter().flatten().map(String::as_str).collect();
    text.push_str("<rte>\n");
    if let Some(name) = &mission.name {
        let _ = writeln!(text, "<name>{}</name>", escape(name));
    }
    if !reasons.is_empty() {
        let _ = writeln!(text, "<desc>{}</desc>", escape(&reasons.join("; ")));
    }
    if let Some(period) = mandate.period {
        lost.push(format!("the period from {} to {}", period.from, period.to));
    }
    let mut others = 0;
    for (number, step) in mission.steps.iter().enumerate() {
        let flown = matches!(
            step.action,
            Action::Waypoint { .. }
                | Action::Spline { .. }
                | Action::Hold { .. }
                | Action::HoldFor { .. }
                | Action::TakeOff { .. }
                | Action::Land { .. }
        );
        let place = step.place().filter(|at| flown && (at.lat_deg, at.lon_deg) != (0.0, 0.0));
        let Some(at) = place else {
            others += 1;
            continue;
        };
        let _ = write!(text, "<rtept lat=\"{}\" lon=\"{}\">", at.lat_deg, at.lon_deg);
        match amsl_m(at, step.frame, mission) {
            Some(amsl_m) => {
                let _ = write!(text, "<ele>{amsl_m}</ele>");
            }
            None => lost.push(format!("the height of step {number}: it is not above sea level")),
        }
        let _ = writeln!(text, "<name>{number}</name></rtept>");
    }
    text.push_str("</rte>\n</gpx>\n");
    if others > 0 {
        lost.push(format!("{others} steps that are no places: a route has places only"));
    }
    if !mission.fence.is_empty() || !mission.rally.is_empty() {
        lost.push("the fence and the rally points".to_owned());
    }
    Written { text, lost }
}

/// GPX counts heights from mean sea level.
fn amsl_m(at: Place, frame: Frame, mission: &Mission) -> Option<f64> {
    let height_m = f64::from(at.height_m);
    let amsl_m = match frame.above()? {
        Above::SeaLevel => height_m,
        Above::Home => mission.home?.amsl_m + height_m,
        Above::Terrain => return None,
    };
    amsl_m.is_finite().then_some(amsl_m)
}

/// The first route of a text. A track is a flight that was flown, and no mission.
pub(super) fn read(text: &str) -> Result<Mission, Fault> {
    let document = xml::parse(text)?;
    let root = document.root_element();
    let mut routes = root.children().filter(|node| is(*node, "rte"));
    let Some(route) = routes.next() else {
        let known = "a mission is a route (<rte>); a track is a flight that was flown";
        return Err(Fault::new("the file", "has no route", known));
    };
    let mut mission =
        Mission { name: xml::text(route, "name").map(str::to_owned), ..Mission::default() };
    let others = routes.count();
    if others > 0 {
        mission.passed_over.push(format!("{others} more routes: the first one is flown"));
    }
    for node in route.children().filter(|node| is(*node, "rtept")) {
        let degrees = |key: &str, most: f64| {
            let told = node.attribute(key).and_then(|text| text.trim().parse::<f64>().ok());
            told.filter(|degrees| degrees.abs() <= most).ok_or_else(|| {
                let held = format!("has the {key} {:.40}", node.attribute(key).unwrap_or("(none)"));
                Fault::new(line(node), held, format!("it must be a number within ±{most}"))
            })
        };
        let (lat_deg, lon_deg) = (degrees("lat", 90.0)?, degrees("lon", 180.0)?);
        let Some(amsl_m) = xml::number(node, "ele")? else {
            let known = "a route to fly has heights above sea level";
            return Err(Fault::new(line(node), "has no <ele>", known));
        };
        if mission.steps.len() >= MOST_ITEMS {
            let known = format!("{MOST_ITEMS} are the most");
            return Err(Fault::new(line(node), "is one place too many", known));
        }
        let at = Place { lat_deg, lon_deg, height_m: amsl_m as f32 };
        mission.steps.push(waypoint(Frame::Amsl, at));
    }
    if mission.steps.is_empty() {
        return Err(Fault::new(line(route), "has no places", "there must be some <rtept>"));
    }
    Ok(mission)
}
