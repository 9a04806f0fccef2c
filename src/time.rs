//! When a frame was taken, and on whose clock.
//!
//! *Invariant*: this room never reads a clock and never knows a file format.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// The instant of a frame as its file tells it.
///
/// Most drone cameras write local time without a zone, so the two kinds must not be compared as if
/// they were one clock. Serialised as RFC 3339: with `Z` when it is UTC, without a zone when it is
/// the camera's own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FrameTime {
    /// The camera's clock, zone unknown.
    CameraClock(DateTime),
    /// Coordinated universal time.
    Utc(Timestamp),
}

impl FrameTime {
    /// Seconds on the frame's own clock, for differences between frames of one camera.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        match self {
            Self::Utc(time) => time.as_duration().as_secs_f64(),
            Self::CameraClock(time) => jiff::tz::Offset::UTC
                .to_timestamp(*time)
                .map_or(f64::NAN, |time| time.as_duration().as_secs_f64()),
        }
    }
}

impl fmt::Display for FrameTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Utc(time) => time.fmt(f),
            Self::CameraClock(time) => time.fmt(f),
        }
    }
}

/// The text is neither RFC 3339 with a zone nor a civil date and time.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a date and time")]
pub struct NotATime(String);

impl std::str::FromStr for FrameTime {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(time) = text.parse::<Timestamp>() {
            return Ok(Self::Utc(time));
        }
        text.parse::<DateTime>().map(Self::CameraClock).map_err(|_| NotATime(text.to_owned()))
    }
}

impl Serialize for FrameTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FrameTime {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zone_survives_the_text() {
        for text in ["2025-01-17T11:14:15", "2017-05-19T19:45:33.583Z"] {
            let time: FrameTime = text.parse().unwrap();
            assert_eq!(time.to_string(), text);
            assert_eq!(matches!(time, FrameTime::Utc(_)), text.ends_with('Z'));
        }
        assert!("yesterday".parse::<FrameTime>().is_err());
    }
}
