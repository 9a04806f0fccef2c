//! Which frames belong to one flight.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::case::{FindingRow, FrameRow};

/// A pause that ends a flight; the same as where a case's track is cut.
const PAUSE_S: i64 = 300;

/// Flights in the order of time, numbered from 1.
#[derive(Debug, Default)]
pub(super) struct Flights {
    /// By camera and clock: when each begins, and its name.
    begins: Vec<(bool, i64, String)>,
    pub(super) names: Vec<String>,
}

/// Whether it is UTC, and seconds on that clock.
fn instant(time: &str) -> Option<(bool, i64)> {
    if let Ok(utc) = time.parse::<Timestamp>() {
        return Some((true, utc.as_second()));
    }
    let civil: DateTime = time.parse().ok()?;
    Some((false, civil.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0)).as_secs()))
}

impl Flights {
    pub(super) fn of(frames: &[FrameRow]) -> Self {
        let mut times: Vec<_> =
            frames.iter().filter_map(|row| instant(row.taken_at.as_deref()?)).collect();
        times.sort_unstable();
        let mut all = Self::default();
        let mut last: Option<(bool, i64)> = None;
        let mut of_day: HashMap<String, u32> = HashMap::new();
        for (utc, second) in times {
            if last.is_none_or(|(clock, before)| clock != utc || second - before > PAUSE_S) {
                let name = name(second, &mut of_day);
                all.names.push(name.clone());
                all.begins.push((utc, second, name));
            }
            last = Some((utc, second));
        }
        all
    }

    /// The flight that saw a finding first.
    pub(super) fn of_finding(&self, row: &FindingRow) -> Option<&str> {
        let (utc, second) = instant(row.first_seen.as_deref()?)?;
        let begun = self.begins.iter().filter(|begin| begin.0 == utc && begin.1 <= second);
        begun.map(|begin| begin.2.as_str()).next_back()
    }
}

/// The day, and a number where that day saw more than one.
fn name(second: i64, of_day: &mut HashMap<String, u32>) -> String {
    let day = Timestamp::from_second(second)
        .map(|time| time.strftime("%Y-%m-%d").to_string())
        .unwrap_or_default();
    let count = of_day.entry(day.clone()).or_default();
    *count += 1;
    if *count == 1 { day } else { format!("{day} #{count}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_ends_a_flight_and_clocks_are_not_mixed() {
        for (time, expected) in [
            ("2026-05-01T10:00:00Z", Some((true, 1_777_629_600))),
            ("2026-05-01T10:00:00", Some((false, 1_777_629_600))),
            ("2026-05-01T10:00:00.25", Some((false, 1_777_629_600))),
            ("yesterday", None),
        ] {
            assert_eq!(instant(time), expected, "{time}");
        }
    }
}
