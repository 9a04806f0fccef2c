//! Which originals are due for removal. Nothing is removed here: a person does that, and says so.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::DateTime;
use jiff::{Timestamp, ToSpan as _};
use serde::Serialize;

use crate::case::{CustodyLine, FindingRow, FrameRow};

use super::Retention;

/// What the custody log calls it when a person removed an original.
pub const REMOVED: &str = "removed";

/// A file whose time is over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Due {
    /// Whether a finding rests on it; those that none rests on come first.
    pub used: bool,
    /// The day from which on it is due, YYYY-MM-DD.
    pub since: String,
    /// As it was named when it came in.
    pub file: String,
    /// SHA-256; stays when the file goes.
    pub sha256: String,
}

/// Files that are due on a day (YYYY-MM-DD): unused ones first, then by day. A frame without a time
/// is never due, and is counted: whoever keeps it has to decide.
#[must_use]
pub fn due(
    frames: &[FrameRow],
    findings: &[FindingRow],
    custody: &[CustodyLine],
    retention: &Retention,
    on: &str,
) -> (Vec<Due>, usize) {
    let used: BTreeSet<&str> = findings
        .iter()
        .flat_map(|finding| &finding.frames)
        .map(|frame| frame.split('#').next().unwrap_or(frame))
        .collect();
    let removed: BTreeSet<&str> = custody
        .iter()
        .filter(|line| line.action == REMOVED)
        .map(|line| line.object.as_str())
        .collect();
    let mut files: BTreeMap<&str, Due> = BTreeMap::new();
    let mut without_time = BTreeSet::new();
    for frame in frames.iter().filter(|frame| !removed.contains(frame.file.as_str())) {
        let used = used.contains(frame.file.as_str());
        let days = if used { retention.used_days } else { retention.unused_days };
        let Some(days) = days else { continue };
        let Some(since) = frame.taken_at.as_deref().and_then(|taken| day_after(taken, days)) else {
            without_time.insert(frame.file.as_str());
            continue;
        };
        let (file, sha256) = (frame.file.clone(), frame.sha256.clone());
        let one = Due { used, since, file, sha256 };
        // A file of several frames is due when the last of them is.
        files
            .entry(&frame.file)
            .and_modify(|there| {
                if one.since > there.since {
                    *there = one.clone();
                }
            })
            .or_insert(one);
    }
    let mut due: Vec<_> = files.into_values().filter(|one| one.since.as_str() <= on).collect();
    due.sort();
    (due, without_time.len())
}

/// The day some days after a frame's time, in whichever clock that is: a day more or less is no
/// matter for a term of days.
fn day_after(taken_at: &str, days: u32) -> Option<String> {
    let taken = taken_at
        .parse::<Timestamp>()
        .map(|time| jiff::tz::Offset::UTC.to_datetime(time))
        .or_else(|_| taken_at.parse::<DateTime>())
        .ok()?;
    taken.date().checked_add(i64::from(days).days()).ok().map(|date| date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_count_from_the_day_of_the_frame() {
        assert_eq!(day_after("2026-01-30T23:59:59Z", 2).as_deref(), Some("2026-02-01"));
        assert_eq!(day_after("2026-01-30T12:00:00", 0).as_deref(), Some("2026-01-30"));
        assert_eq!(day_after("yesterday", 1), None);
    }
}
