//! The one place of the evidence verbs that asks what time it is.

use jiff::{Timestamp, Unit};

/// Seconds since 1970 that stand for now, so that runs can be repeated to the byte
/// (reproducible-builds.org/specs/source-date-epoch).
const TOLD: &str = "SOURCE_DATE_EPOCH";

/// Now, RFC 3339 in UTC, to the second.
pub(super) fn now() -> String {
    if let Some(time) = told() {
        return time.to_string();
    }
    #[expect(clippy::disallowed_methods, reason = "what people do is recorded with its time")]
    let now = Timestamp::now();
    now.round(Unit::Second).unwrap_or(now).to_string()
}

/// Whether the time was told rather than read; the custody log says so.
pub(super) fn is_told() -> bool {
    told().is_some()
}

/// What the custody log says of a time that was told.
pub(super) fn note() -> &'static str {
    if is_told() { " (time told, not read from a clock)" } else { "" }
}

fn told() -> Option<Timestamp> {
    let seconds = std::env::var(TOLD).ok()?.parse().ok()?;
    Timestamp::from_second(seconds).ok()
}
