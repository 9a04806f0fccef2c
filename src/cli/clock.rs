//! The one place of the evidence verbs that asks what time it is.

use jiff::{Timestamp, Unit};

/// Now, RFC 3339 in UTC, to the second.
pub(super) fn now() -> String {
    #[expect(clippy::disallowed_methods, reason = "what people do is recorded with its time")]
    let now = Timestamp::now();
    now.round(Unit::Second).unwrap_or(now).to_string()
}
