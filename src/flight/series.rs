//! Samples in order of time, and what lies between two of them.

use std::ops::{Add, Deref, Sub};

/// Seconds on the clock of one log: since boot where the vehicle wrote it.
///
/// Never UTC: [`Track::utc_s`](super::Track::utc_s) goes from one to the other.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct LogTime(pub f64);

impl LogTime {
    /// From microseconds.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "2^53 us are 285 years")]
    pub fn from_us(us: u64) -> Self {
        Self(us as f64 * 1e-6)
    }

    /// From milliseconds.
    #[must_use]
    pub fn from_ms(ms: u32) -> Self {
        Self(f64::from(ms) * 1e-3)
    }
}

/// Seconds from the second time to the first.
impl Sub for LogTime {
    type Output = f64;
    fn sub(self, earlier: Self) -> f64 {
        self.0 - earlier.0
    }
}

impl Add<f64> for LogTime {
    type Output = Self;
    fn add(self, seconds: f64) -> Self {
        Self(self.0 + seconds)
    }
}

/// A value and when it held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timed<T> {
    /// When, on the log's clock.
    pub at: LogTime,
    /// What.
    pub value: T,
}

/// Samples of one kind, in order of time; several may have the same time.
#[derive(Debug, Clone, PartialEq)]
pub struct Series<T>(Vec<Timed<T>>);

impl<T> Default for Series<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Deref for Series<T> {
    type Target = [Timed<T>];
    fn deref(&self) -> &[Timed<T>] {
        &self.0
    }
}

/// Puts samples in order; those of the same time stay as they came. Times that are not finite are
/// left out: a caller that wants them counted does that before.
impl<T> From<Vec<Timed<T>>> for Series<T> {
    fn from(mut samples: Vec<Timed<T>>) -> Self {
        samples.retain(|sample| sample.at.0.is_finite());
        samples.sort_by(|a, b| a.at.0.total_cmp(&b.at.0));
        Self(samples)
    }
}

/// Why there is nothing to tell about an instant. Nothing is ever extrapolated.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Gap {
    /// The log has no such samples.
    #[error("the log has no {what}")]
    Empty {
        /// The kind of sample.
        what: &'static str,
    },
    /// Before the first sample.
    #[error("the first {what} is {by_s:.3} s later")]
    Before {
        /// The kind of sample.
        what: &'static str,
        /// Seconds from the instant to the first sample.
        by_s: f64,
    },
    /// After the last sample.
    #[error("the last {what} is {by_s:.3} s earlier")]
    After {
        /// The kind of sample.
        what: &'static str,
        /// Seconds from the last sample to the instant.
        by_s: f64,
    },
    /// Between two samples that are too far apart.
    #[error("{gap_s:.3} s without {what}, more than {most_s} s")]
    TooLong {
        /// The kind of sample.
        what: &'static str,
        /// Seconds between the samples.
        gap_s: f64,
        /// Seconds that would be bridged.
        most_s: f64,
    },
    /// Between two samples that no vehicle gets from one to the other: a receiver that jumped, or
    /// two vehicles that go by one number.
    #[error("the {what} jumps by {apart_m:.0} m within {gap_s:.3} s")]
    Jump {
        /// The kind of sample.
        what: &'static str,
        /// Metres between the samples.
        apart_m: f64,
        /// Seconds between the samples.
        gap_s: f64,
    },
    /// The instant is not a number.
    #[error("the instant is not a number")]
    NotATime,
}

/// The samples on either side of an instant; twice the same where the instant is a sample's own.
#[derive(Debug, Clone, Copy)]
pub struct Between<'a, T> {
    /// Index of the sample at or before the instant.
    pub index: usize,
    /// At or before the instant.
    pub before: &'a Timed<T>,
    /// After the instant.
    pub after: &'a Timed<T>,
    /// From 0 at `before` to 1 at `after`.
    pub fraction: f64,
    /// Seconds between the two.
    pub gap_s: f64,
}

impl<T> Series<T> {
    /// The samples around an instant, at most `most_s` seconds apart; `what` names the kind of
    /// sample in the error.
    ///
    /// # Errors
    /// [`Gap`], where the instant is not between two samples that are near enough to each other.
    pub fn between(
        &self,
        at: LogTime,
        most_s: f64,
        what: &'static str,
    ) -> Result<Between<'_, T>, Gap> {
        if !at.0.is_finite() {
            return Err(Gap::NotATime);
        }
        let (Some(first), Some(last)) = (self.0.first(), self.0.last()) else {
            return Err(Gap::Empty { what });
        };
        let next = self.0.partition_point(|sample| sample.at <= at);
        let Some(before) = next.checked_sub(1).and_then(|index| self.0.get(index)) else {
            return Err(Gap::Before { what, by_s: first.at - at });
        };
        let index = next - 1;
        if before.at == at {
            return Ok(Between { index, before, after: before, fraction: 0.0, gap_s: 0.0 });
        }
        let Some(after) = self.0.get(next) else {
            return Err(Gap::After { what, by_s: at - last.at });
        };
        let gap_s = after.at - before.at;
        if gap_s > most_s {
            return Err(Gap::TooLong { what, gap_s, most_s });
        }
        Ok(Between { index, before, after, fraction: (at - before.at) / gap_s, gap_s })
    }

    /// First and last time; `None` of an empty series.
    #[must_use]
    pub fn span(&self) -> Option<(LogTime, LogTime)> {
        Some((self.0.first()?.at, self.0.last()?.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(times: &[f64]) -> Series<()> {
        times.iter().map(|&at| Timed { at: LogTime(at), value: () }).collect::<Vec<_>>().into()
    }

    #[test]
    fn an_instant_is_bridged_only_between_near_samples() {
        let samples = series(&[3.0, 1.0, f64::NAN, 2.0, 10.0]);
        assert_eq!(samples.len(), 4);
        let at = |at| samples.between(LogTime(at), 1.5, "place");
        let found = at(1.25).unwrap();
        assert_eq!((found.index, found.fraction, found.gap_s), (0, 0.25, 1.0));
        assert_eq!(at(2.0).unwrap().gap_s, 0.0);
        assert_eq!(at(10.0).unwrap().index, 3);
        assert_eq!(at(0.5).unwrap_err(), Gap::Before { what: "place", by_s: 0.5 });
        assert_eq!(at(11.0).unwrap_err(), Gap::After { what: "place", by_s: 1.0 });
        assert!(matches!(at(5.0).unwrap_err(), Gap::TooLong { gap_s: 7.0, .. }));
        assert_eq!(at(f64::NAN).unwrap_err(), Gap::NotATime);
        let none = series(&[]).between(LogTime(0.0), 1.0, "place").unwrap_err();
        assert_eq!(none.to_string(), "the log has no place");
    }
}
