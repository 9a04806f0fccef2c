//! The clocks of the driver; nothing else of this room reads one.

use std::time::{Duration, Instant, SystemTime};

/// An instant that all times of a link are counted from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock(Instant);

#[expect(clippy::disallowed_methods, reason = "the driver hands time to the engines")]
impl Clock {
    pub(super) fn new() -> Self {
        Self(Instant::now())
    }

    /// Since the link was opened.
    pub(super) fn now(self) -> Duration {
        self.0.elapsed()
    }

    /// When a time of this clock is, for timers.
    pub(super) fn at(self, time: Duration) -> tokio::time::Instant {
        (self.0 + time).into()
    }

    /// Microseconds since 1970.
    pub(super) fn unix_us() -> u64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }
}
