//! When a published zone applies: `applicability` of ED-269, `limitedApplicability` of ED-318.

use jiff::Timestamp;
use jiff::civil::Time;
use serde_json::Value;

use crate::geo::SunEvent;

use super::{Applicability, Daily, Edge, Weekday0};

/// Most times of a zone, and most daily periods of a time.
const MOST_TIMES: usize = 1_000;

/// The times of a zone. Empty, and so always, where there is no list, or one with more or with
/// anything in it that is no time.
pub(super) fn applicability(list: Option<&Value>) -> Vec<Applicability> {
    let list = list.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if list.len() > MOST_TIMES || !list.iter().all(Value::is_object) {
        return Vec::new();
    }
    list.iter().map(one).collect()
}

fn one(told: &Value) -> Applicability {
    let instant = |key: &str| told.get(key)?.as_str()?.trim().parse::<Timestamp>().ok();
    let permanent = told.get("permanent").is_some_and(|permanent| match permanent {
        Value::Bool(permanent) => *permanent,
        other => other.as_str().is_some_and(|word| word.eq_ignore_ascii_case("YES")),
    });
    let (from, to) = match permanent {
        true => (None, None),
        false => (instant("startDateTime"), instant("endDateTime")),
    };
    let schedule = ["schedule", "dailyPeriod"].iter().find_map(|key| told.get(key)?.as_array());
    let schedule = schedule.map_or(&[][..], Vec::as_slice);
    // One that is not understood could be at any time, and then the others add nothing.
    let understood = schedule.len() <= MOST_TIMES && schedule.iter().all(Value::is_object);
    let schedule = if understood { schedule.iter().map(daily).collect() } else { Vec::new() };
    Applicability { from, to, schedule }
}

fn daily(told: &Value) -> Daily {
    let codes: Vec<&str> = match told.get("day") {
        Some(Value::Array(days)) => days.iter().map(|day| day.as_str().unwrap_or("?")).collect(),
        Some(Value::String(day)) => vec![day],
        _ => Vec::new(),
    };
    // ANY and what is no day: every day.
    let days: Option<Vec<_>> = codes.into_iter().map(Weekday0::of_code).collect();
    Daily {
        days: days.unwrap_or_default(),
        start: edge(told, "startTime", "startEvent"),
        end: edge(told, "endTime", "endEvent"),
    }
}

/// A time that is not understood leaves its end of the day open.
fn edge(told: &Value, time: &str, event: &str) -> Option<Edge> {
    let clock = told.get(time).and_then(Value::as_str).and_then(utc_time).map(Edge::Clock);
    clock.or_else(|| match told.get(event)?.as_str()? {
        "BMCT" => Some(Edge::Sun(SunEvent::Dawn)),
        "SR" => Some(Edge::Sun(SunEvent::Rise)),
        "SS" => Some(Edge::Sun(SunEvent::Set)),
        "EECT" => Some(Edge::Sun(SunEvent::Dusk)),
        _ => None,
    })
}

/// `17:00Z` as the standard has it, `17:00:00.00Z` as files do, and midnight at a day's end.
fn utc_time(text: &str) -> Option<Time> {
    let text = text.trim();
    let utc = ["Z", "z", "+00:00"].iter().find_map(|zone| text.strip_suffix(zone)).unwrap_or(text);
    // 24:00 is no time of day; left open, it is the end of it.
    if utc.contains(['+', '-']) { None } else { utc.parse().ok() }
}
