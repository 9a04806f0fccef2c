//! When a zone applies: dates, weekly schedules, daily periods, sun and twilight.

use jiff::civil::{Time, Weekday};
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use crate::geo::{SunEvent, sun_event_unix_s};

/// A time in which a zone applies. All parts that are told must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Applicability {
    /// From this instant on; `None` is since ever.
    pub from: Option<Timestamp>,
    /// To this instant; `None` is for ever.
    pub to: Option<Timestamp>,
    /// On these days at these hours, one or the other; empty is all the time.
    pub schedule: Vec<Daily>,
}

/// A daily period on some days of the week, in UTC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Daily {
    /// Days on which it begins; empty is every day.
    pub days: Vec<Weekday0>,
    /// When it begins; `None` is with the day.
    pub start: Option<Edge>,
    /// When it ends; `None` is with the day. Before its start: on the next day.
    pub end: Option<Edge>,
}

/// A day of the week, from 0 for Monday to 6 for Sunday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Weekday0(pub u8);

/// An end of a daily period.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edge {
    /// A time of day, UTC.
    Clock(Time),
    /// What the sun does at the zone's first vertex.
    Sun(SunEvent),
}

const DAY_S: i64 = 86_400;

impl Applicability {
    /// Whether it holds at an instant; `place` is longitude and latitude for the sun's events, and
    /// without it they count as met.
    #[must_use]
    pub fn holds(&self, utc: Timestamp, place: Option<(f64, f64)>) -> bool {
        self.meets(utc, utc)
            && (self.schedule.is_empty()
                || self.schedule.iter().any(|daily| daily.holds(utc, place)))
    }

    /// Whether its dates meet a span of time, whatever the schedule says.
    pub(super) fn meets(&self, from: Timestamp, to: Timestamp) -> bool {
        self.from.is_none_or(|start| to >= start) && self.to.is_none_or(|end| from <= end)
    }
}

impl Daily {
    fn holds(&self, utc: Timestamp, place: Option<(f64, f64)>) -> bool {
        // A period may have begun the day before, and the sun's day may be shifted against UTC.
        (-1..=1).any(|shift: i64| {
            let Ok(day) = utc.checked_add((shift * 24).hours()) else { return true };
            let date = Offset::UTC.to_datetime(day).date();
            let weekday = Weekday0::of(date.weekday());
            if !self.days.is_empty() && !self.days.contains(&weekday) {
                return false;
            }
            let midnight_s = day.as_second().div_euclid(DAY_S) * DAY_S;
            self.begun_on(midnight_s, utc.as_duration().as_secs_f64(), place)
        })
    }

    fn begun_on(&self, midnight_s: i64, now_s: f64, place: Option<(f64, f64)>) -> bool {
        let at = |edge: Option<Edge>, default_s: i64| match edge {
            None => Some((midnight_s + default_s) as f64),
            Some(Edge::Clock(time)) => Some(midnight_s as f64 + second_of_day(time)),
            Some(Edge::Sun(event)) => {
                place.and_then(|(lon, lat)| sun_event_unix_s(lat, lon, midnight_s as f64, event))
            }
        };
        // No sunrise, or nobody knows where: it may apply.
        let (Some(start_s), Some(mut end_s)) = (at(self.start, 0), at(self.end, DAY_S)) else {
            return true;
        };
        if end_s <= start_s {
            end_s += DAY_S as f64;
        }
        (start_s..=end_s).contains(&now_s)
    }
}

fn second_of_day(time: Time) -> f64 {
    let whole = i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60;
    f64::from(whole + i32::from(time.second())) + f64::from(time.subsec_nanosecond()) * 1e-9
}

impl Weekday0 {
    fn of(day: Weekday) -> Self {
        Self(day.to_monday_zero_offset().unsigned_abs())
    }

    /// By its first three letters in English, as zone files have them.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        const CODES: [&str; 7] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];
        let at = CODES.iter().position(|known| known.eq_ignore_ascii_case(code))?;
        u8::try_from(at).ok().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn daily(days: &[&str], start: Option<Edge>, end: Option<Edge>) -> Applicability {
        let days = days.iter().filter_map(|code| Weekday0::of_code(code)).collect();
        let schedule = vec![Daily { days, start, end }];
        Applicability { schedule, ..Applicability::default() }
    }

    fn clock(text: &str) -> Option<Edge> {
        Some(Edge::Clock(text.parse().unwrap()))
    }

    #[test]
    fn dates_and_daily_periods_hold_by_the_time_of_flight() {
        // 2026-11-28 is a Saturday.
        let evening = daily(&["SAT", "SUN"], clock("17:00:00"), clock("23:59:59"));
        let night = daily(&["FRI"], clock("22:00"), clock("06:00"));
        let always = Applicability::default();
        let june = Applicability {
            from: Some(at("2022-06-15T09:00:00Z")),
            to: Some(at("2023-06-15T09:00:00Z")),
            schedule: Vec::new(),
        };
        for (when, utc, holds) in [
            (&evening, "2026-11-28T17:00:00Z", true),
            (&evening, "2026-11-28T16:59:59Z", false),
            (&evening, "2026-11-27T18:00:00Z", false),
            (&night, "2026-11-28T03:00:00Z", true),
            (&night, "2026-11-27T03:00:00Z", false),
            (&night, "2026-11-28T07:00:00Z", false),
            (&always, "2026-11-28T07:00:00Z", true),
            (&june, "2023-06-15T09:00:00Z", true),
            (&june, "2023-06-15T09:00:01Z", false),
            (&june, "2022-06-15T08:59:59Z", false),
        ] {
            assert_eq!(when.holds(at(utc), Some((5.0, 52.0))), holds, "{utc}: {when:?}");
        }
    }

    #[test]
    fn night_is_from_dusk_to_dawn_where_the_zone_lies() {
        let sun = |event| Some(Edge::Sun(event));
        let night = daily(&[], sun(SunEvent::Dusk), sun(SunEvent::Dawn));
        let delft = Some((4.37, 52.0));
        assert!(night.holds(at("2026-11-28T02:00:00Z"), delft));
        assert!(night.holds(at("2026-11-28T20:00:00Z"), delft));
        assert!(!night.holds(at("2026-11-28T12:00:00Z"), delft));
        let day = daily(&[], sun(SunEvent::Rise), sun(SunEvent::Set));
        assert!(day.holds(at("2026-11-28T22:00:00Z"), Some((178.0, -17.8))), "10:00 in Fiji");
        assert!(!day.holds(at("2026-11-28T12:00:00Z"), Some((178.0, -17.8))));
        // Without a place, or where the sun does not rise, it may apply.
        assert!(day.holds(at("2026-11-28T23:00:00Z"), None));
        assert!(day.holds(at("2026-12-21T00:00:00Z"), Some((20.0, 80.0))));
    }
}
