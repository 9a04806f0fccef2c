//! `.waypoints`: the tables that Mission Planner, MAVProxy and QGroundControl exchange.
//!
//! A first line `QGC WPL 110` or `QGC WPL 120`, then twelve columns a row: number, current, frame,
//! command, four parameters, latitude, longitude, height, whether to go on. Comments and blank
//! lines may stand between. A file holds a mission, a fence or rally points, all in this form.

use std::fmt::Write as _;

use super::fence::{FENCE_COMMANDS, RALLY_COMMAND};
use super::json::on_earth;
use super::plan_write::Written;
use super::{
    Action, Error, Fault, Fence, Home, Item, MOST_ITEMS, Mission, RallyPoint, Step, degrees_e7,
    degrees_of_e7,
};

/// First line of a file whose first row is home, if it is a place at all.
const WITH_HOME: &str = "QGC WPL 110";
/// First line of a file without home.
const WITHOUT_HOME: &str = "QGC WPL 120";
const COLUMNS: usize = 12;
const WAYPOINT: u16 = 16;

/// A row as it stands.
#[derive(Debug, Clone, Copy)]
struct Row {
    line: usize,
    item: Item,
    /// Columns 9 to 11 with all their digits.
    place: [f64; 3],
}

/// The mission of a text.
pub(super) fn read(text: &str) -> Result<Mission, Fault> {
    let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    let first = lines.next().map_or("", |(_, line)| line);
    let first = first.trim_start_matches('\u{FEFF}');
    if first != WITH_HOME && first != WITHOUT_HOME {
        let held: String = first.chars().take(40).collect();
        let known = format!("known are \"{WITH_HOME}\" and \"{WITHOUT_HOME}\"");
        return Err(Fault::new("line 1", format!("is {held:?}"), known));
    }
    let mut rows = Vec::new();
    for (line, text) in lines.filter(|(_, text)| !text.is_empty() && !text.starts_with('#')) {
        if rows.len() > MOST_ITEMS {
            let known = format!("{MOST_ITEMS} are the most");
            return Err(Fault::new(format!("line {line}"), "is one item too many", known));
        }
        rows.push(row(line, text, rows.len())?);
    }
    lists(&rows, first == WITH_HOME)
}

/// Tells which of a vehicle's lists the rows are.
fn lists(rows: &[Row], with_home: bool) -> Result<Mission, Fault> {
    let mut mission = Mission::default();
    let items = || rows.iter().map(|row| row.item).collect::<Vec<_>>();
    let is_fence = |row: &Row| FENCE_COMMANDS.contains(&row.item.command);
    let is_rally = |row: &Row| row.item.command == RALLY_COMMAND;
    let inner = |error: Error| match error {
        Error::Items(fault) => fault,
        other => Fault::new("the file", other.to_string(), ""),
    };
    // Some programs put home in front of a fence and of rally points, too.
    let behind_home = |is: &dyn Fn(&Row) -> bool| {
        let skipped = usize::from(rows.len() > 1 && rows.first().is_some_and(is_home));
        let rest = rows.get(skipped..).unwrap_or_default();
        (!rest.is_empty() && rest.iter().all(is)).then_some(skipped)
    };
    if let Some(skipped) = behind_home(&is_fence) {
        mission.fence = Fence::of_items(&items()[skipped..]).map_err(inner)?;
        return Ok(mission);
    }
    if let Some(skipped) = behind_home(&is_rally) {
        mission.rally = RallyPoint::of_items(&items()[skipped..]).map_err(inner)?;
        return Ok(mission);
    }
    if let Some(row) = rows.iter().find(|row| is_fence(row) || is_rally(row)) {
        let place = format!("line {}", row.line);
        let held = format!("is command {}, a fence's or a rally point's", row.item.command);
        return Err(Fault::new(place, held, "a file holds one kind only"));
    }
    let home = rows.first().filter(|row| with_home && is_home(row));
    let skipped = usize::from(home.is_some());
    mission.home = home
        .map(|row| row.place)
        .filter(|[lat, lon, _]| (*lat, *lon) != (0.0, 0.0))
        .map(|[lat_deg, lon_deg, amsl_m]| Home { lat_deg, lon_deg, amsl_m });
    let steps = rows.iter().skip(skipped).map(|row| step(row, skipped));
    mission.steps = steps.collect::<Result<_, _>>()?;
    Ok(mission)
}

/// A first row that is a plain waypoint is home; one in a frame of another kind was written by a
/// program that has no home row.
fn is_home(row: &Row) -> bool {
    row.item.command == WAYPOINT && matches!(row.item.frame, 0 | 3)
}

fn step(row: &Row, skipped: usize) -> Result<Step, Fault> {
    let mut step = Step::of_item(&row.item);
    if let Some(place) = step.place_mut() {
        [place.lat_deg, place.lon_deg, _] = row.place;
    }
    if let Action::Jump { to, .. } = &mut step.action {
        let shifted = usize::from(*to).checked_sub(skipped);
        *to = shifted.and_then(|to| u16::try_from(to).ok()).ok_or_else(|| {
            let place = format!("line {}, column 5", row.line);
            Fault::new(place, "jumps to row 0, which is home", "jumps go to steps")
        })?;
    }
    Ok(step)
}

fn row(line: usize, text: &str, expected: usize) -> Result<Row, Fault> {
    let columns: Vec<&str> = text.split_ascii_whitespace().take(COLUMNS + 1).collect();
    let Ok(columns) = <[&str; COLUMNS]>::try_from(columns.as_slice()) else {
        let many = text.split_ascii_whitespace().count();
        let place = format!("line {line}");
        return Err(Fault::new(place, format!("has {many} columns"), "there must be 12"));
    };
    let fault = |column: usize, known: &str| {
        let held: String = columns[column - 1].chars().take(40).collect();
        Fault::new(format!("line {line}, column {column}"), format!("is {held:?}"), known)
    };
    let whole = |column: usize, most: u32, known: &str| {
        let number = columns[column - 1].parse::<u32>().ok().filter(|number| *number <= most);
        number.ok_or_else(|| fault(column, known))
    };
    let number = |column: usize| {
        let number = columns[column - 1].parse::<f64>().ok().filter(|n| !n.is_infinite());
        number.ok_or_else(|| fault(column, "it must be a number"))
    };
    if whole(1, u32::MAX, "it must be the row's number")? as usize != expected {
        return Err(fault(1, &format!("the row's number should be {expected}")));
    }
    whole(2, 1, "it must be 0 or 1")?;
    let frame = whole(3, 255, "it must be the number of a frame, 0 to 255")? as u8;
    let command = whole(4, 65_535, "it must be the number of a command, 0 to 65535")? as u16;
    let autocontinue = whole(12, 1, "it must be 0 or 1")? == 1;
    let mut params = [0.0_f32; 4];
    for (param, column) in params.iter_mut().zip(5..) {
        *param = number(column)? as f32;
    }
    let place = [number(9)?, number(10)?, number(11)?];
    let [lat, lon, height] = place;
    let empty = Item::empty(frame, command);
    let (x, y) = if empty.has_place() {
        if !on_earth(lat, lon) {
            let column = if lat.abs() <= 90.0 { 10 } else { 9 };
            return Err(fault(column, "latitude must be within ±90, longitude within ±180"));
        }
        (degrees_e7(lat), degrees_e7(lon))
    } else {
        (lat.round() as i32, lon.round() as i32)
    };
    let item = Item { params, x, y, z: height as f32, autocontinue, ..empty };
    Ok(Row { line, item, place })
}

/// Writes a mission's steps, with home as the first row: zeros where nobody told it.
#[must_use]
pub fn to_waypoints(mission: &Mission) -> Written {
    let mut text = format!("{WITH_HOME}\n");
    let home = mission.home.map_or([0.0; 3], |home| [home.lat_deg, home.lon_deg, home.amsl_m]);
    // Writing to a String cannot fail.
    let _ =
        writeln!(text, "0\t1\t0\t16\t0\t0\t0\t0\t{:.8}\t{:.8}\t{}\t1", home[0], home[1], home[2]);
    let mut lost = Vec::new();
    for (step, number) in mission.steps.iter().zip(1_u32..) {
        let mut item = step.item();
        if let Action::Jump { to, .. } = step.action {
            item.params[0] = f32::from(to) + 1.0;
        }
        let [p1, p2, p3, p4] = item.params;
        if [p1, p2, p3, p4, item.z].iter().any(|number| number.is_infinite()) {
            lost.push(format!("step {}: a parameter is infinite; written as NaN", number - 1));
        }
        let [p1, p2, p3, p4, z] =
            [p1, p2, p3, p4, item.z].map(|n| if n.is_infinite() { f32::NAN } else { n });
        let (x, y) = match step.place() {
            Some(place) => (format!("{:.8}", place.lat_deg), format!("{:.8}", place.lon_deg)),
            None if item.has_place() => {
                (degrees_of_e7(item.x).to_string(), degrees_of_e7(item.y).to_string())
            }
            None => (item.x.to_string(), item.y.to_string()),
        };
        let (frame, command, go_on) = (item.frame, item.command, u8::from(item.autocontinue));
        let _ = writeln!(
            text,
            "{number}\t0\t{frame}\t{command}\t{p1}\t{p2}\t{p3}\t{p4}\t{x}\t{y}\t{z}\t{go_on}"
        );
    }
    if !mission.fence.is_empty() {
        lost.push("the fence: this format has no room for it beside a mission".to_owned());
    }
    if !mission.mandate.is_empty() {
        lost.push("purpose, legal basis, case number and period: no room for them".to_owned());
    }
    if !mission.rally.is_empty() {
        let many = mission.rally.len();
        lost.push(format!("{many} rally points: this format has no room for them"));
    }
    Written { text, lost }
}
