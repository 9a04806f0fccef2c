//! DJI's route files, read: `waylines.wpml`, which is what is flown.

use roxmltree::Node;

use crate::geo::egm96_undulation_m;

use super::json::on_earth;
use super::wpml::{Act, Every, Finish, Pictures, Point, Route, mission_of};
use super::xml::{self, child, is, line};
use super::{Above, Fault, MOST_ITEMS, Mission};

/// Of a file that tells none: DJI's least.
const ANY_TAKE_OFF_M: f64 = 1.2;

/// The mission of `waylines.wpml`.
pub(super) fn read(text: &str) -> Result<Mission, Fault> {
    let document = xml::parse(text)?;
    let root = document.root_element();
    let find = |name: &str| root.descendants().find(|node| is(*node, name));
    let config = find("missionConfig").ok_or_else(|| {
        Fault::new("the route", "has no missionConfig", "DJI's waylines.wpml has one")
    })?;
    let mut folders = root.descendants().filter(|node| is(*node, "Folder"));
    let folder = folders.next().ok_or_else(|| {
        Fault::new("the route", "has no Folder", "DJI's waylines.wpml has one for each route")
    })?;
    let mut passed_over = Vec::new();
    let others = folders.count();
    if others > 0 {
        passed_over.push(format!("{others} more routes: the first one is flown"));
    }
    let route = route(config, folder, &mut passed_over)?;
    let mut mission = mission_of(&route);
    mission.passed_over = passed_over;
    Ok(mission)
}

fn route(
    config: Node<'_, '_>,
    folder: Node<'_, '_>,
    passed_over: &mut Vec<String>,
) -> Result<Route, Fault> {
    let above = match xml::text(folder, "executeHeightMode") {
        Some("WGS84") => Above::SeaLevel,
        Some("relativeToStartPoint") => Above::Home,
        Some("realTimeFollowSurface") => Above::Terrain,
        other => {
            let known = "known are WGS84, relativeToStartPoint, realTimeFollowSurface";
            let place = format!("{}, executeHeightMode", line(folder));
            return Err(Fault::new(place, format!("is {:.40}", other.unwrap_or("missing")), known));
        }
    };
    let finish = match xml::text(config, "finishAction") {
        Some("goHome") => Finish::Home,
        Some("autoLand") => Finish::Land,
        Some("noAction") | None => Finish::Nothing,
        Some(other) => {
            passed_over.push(format!("{other:.40} at the end"));
            Finish::Nothing
        }
    };
    let speed_m_s = xml::number(folder, "autoFlightSpeed")?
        .ok_or_else(|| Fault::new(line(folder), "has no autoFlightSpeed", "each route has one"))?;
    let take_off_m = xml::number(config, "takeOffSecurityHeight")?.unwrap_or(ANY_TAKE_OFF_M);
    let mut route =
        Route { above, take_off_m, speed_m_s, finish, points: Vec::new(), pictures: Vec::new() };
    let mut speed_now = speed_m_s;
    for node in folder.children().filter(|node| is(*node, "Placemark")) {
        let number = route.points.len();
        if number >= MOST_ITEMS {
            let known = format!("{MOST_ITEMS} are the most");
            return Err(Fault::new(line(node), "is one waypoint too many", known));
        }
        let mut point = point(node, number, above)?;
        point.speed_m_s = point.speed_m_s.filter(|speed| *speed != speed_now);
        speed_now = point.speed_m_s.unwrap_or(speed_now);
        route.points.push(point);
        for group in node.children().filter(|node| is(*node, "actionGroup")) {
            take_group(group, number, &mut route, passed_over)?;
        }
    }
    if route.points.len() < 2 {
        let held = format!("has {} waypoints", route.points.len());
        return Err(Fault::new(line(folder), held, "a route has 2 at least"));
    }
    settle(&mut route)?;
    Ok(route)
}

/// Pictures of the last waypoint reach no further, and none begin behind it.
fn settle(route: &mut Route) -> Result<(), Fault> {
    let count = route.points.len();
    for pictures in &route.pictures {
        if pictures.last >= count || pictures.first > pictures.last {
            let held = format!("are taken from waypoint {} to {}", pictures.first, pictures.last);
            return Err(Fault::new("pictures", held, format!("there are {count} waypoints")));
        }
    }
    route.pictures.sort_by_key(|pictures| pictures.first);
    Ok(())
}

fn point(node: Node<'_, '_>, number: usize, above: Above) -> Result<Point, Fault> {
    let fault = |held: String, known: &str| Fault::new(line(node), held, known);
    let index = xml::number(node, "index")?;
    if index != Some(number as f64) {
        let held =
            format!("has the index {}", index.map_or("(none)".to_owned(), |i| i.to_string()));
        return Err(fault(held, &format!("waypoints count from 0 without gaps; here {number}")));
    }
    let coordinates = child(node, "Point").and_then(|point| xml::text(point, "coordinates"));
    let coordinates = coordinates.unwrap_or_default();
    let all: Option<Vec<f64>> =
        coordinates.split(',').map(|number| number.trim().parse().ok()).collect();
    let all = all.unwrap_or_default();
    let (lon_deg, lat_deg) = match all.as_slice() {
        [lon, lat, ..] if on_earth(*lat, *lon) => (*lon, *lat),
        _ => {
            return Err(fault(format!("is at {coordinates:.60}"), "it must be longitude,latitude"));
        }
    };
    let told = xml::number(node, "executeHeight")?
        .ok_or_else(|| fault("has no executeHeight".to_owned(), "each waypoint needs one"))?;
    let height_m = match above {
        Above::SeaLevel => told - egm96_undulation_m(lat_deg, lon_deg),
        Above::Home | Above::Terrain => told,
    };
    let heading = child(node, "waypointHeadingParam");
    let turns = heading.and_then(|heading| xml::text(heading, "waypointHeadingMode"));
    let yaw_deg = match heading.filter(|_| turns == Some("smoothTransition")) {
        Some(heading) => xml::number(heading, "waypointHeadingAngle")?,
        None => None,
    };
    let speed_m_s = xml::number(node, "waypointSpeed")?;
    Ok(Point { lat_deg, lon_deg, height_m, speed_m_s, yaw_deg, acts: Vec::new() })
}

fn take_group(
    group: Node<'_, '_>,
    number: usize,
    route: &mut Route,
    passed_over: &mut Vec<String>,
) -> Result<(), Fault> {
    let index = |name: &str| -> Result<usize, Fault> {
        let told = xml::number(group, name)?.unwrap_or(number as f64);
        let whole = told.fract() == 0.0 && (0.0..=MOST_ITEMS as f64).contains(&told);
        let fault = || Fault::new(line(group), format!("has {name} {told}"), "a whole number");
        if whole { Ok(told as usize) } else { Err(fault()) }
    };
    let (first, last) = (index("actionGroupStartIndex")?, index("actionGroupEndIndex")?);
    let trigger = child(group, "actionTrigger").unwrap_or(group);
    let kind = xml::text(trigger, "actionTriggerType").unwrap_or("reachPoint");
    let every = xml::number(trigger, "actionTriggerParam")?;
    let every = match (kind, every.filter(|every| *every > 0.0)) {
        ("multipleDistance", Some(every)) => Some(Every::Metres(every)),
        ("multipleTiming", Some(every)) => Some(Every::Seconds(every)),
        ("reachPoint", _) => None,
        _ => {
            passed_over.push(format!("waypoint {number}: actions on {kind:.40}"));
            return Ok(());
        }
    };
    for action in group.children().filter(|node| is(*node, "action")) {
        let name = xml::text(action, "actionActuatorFunc").unwrap_or_default();
        let told = child(action, "actionActuatorFuncParam").unwrap_or(action);
        let act = act(name, told)?;
        match (act, every) {
            (Some(Act::Photo), Some(every)) => {
                route.pictures.push(Pictures { first, last, every });
            }
            (Some(act), None) => {
                if let Some(point) = route.points.get_mut(number) {
                    point.acts.push(act);
                }
            }
            _ => passed_over.push(format!("waypoint {number}: the action {name:.40}")),
        }
    }
    Ok(())
}

/// `None` for an action that a mission has no room for.
fn act(name: &str, told: Node<'_, '_>) -> Result<Option<Act>, Fault> {
    let needed = |key: &str| {
        let number = xml::number(told, key)?;
        number.ok_or_else(|| Fault::new(line(told), format!("has no {key}"), "it needs one"))
    };
    Ok(match name {
        "takePhoto" => Some(Act::Photo),
        "hover" => Some(Act::HoverS(needed("hoverTime")?)),
        "rotateYaw" => Some(Act::YawDeg(needed("aircraftHeading")?)),
        "gimbalRotate" if xml::text(told, "gimbalPitchRotateEnable") == Some("1") => {
            Some(Act::PitchDeg(needed("gimbalPitchRotateAngle")?))
        }
        _ => None,
    })
}
