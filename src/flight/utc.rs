//! GPS weeks, leap seconds, and UTC against a log's clock.

use super::{LogTime, Timed};

/// Where a log's UTC comes from, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UtcSource {
    /// A receiver's week and milliseconds.
    GpsWeek,
    /// A receiver's `time_utc_usec`.
    ReceiverUtc,
    /// `SYSTEM_TIME` of the autopilot.
    SystemTime,
    /// A column or element of a table or track.
    File,
    /// The clock of the computer that recorded the link: late, and set by anyone.
    ReceiveStamp,
}

impl UtcSource {
    /// The least sigma of an offset from this source, in seconds.
    ///
    /// A receiver's solution reaches the autopilot 0.1 to 0.2 s after the instant it is for, and is
    /// stamped then. A ground station's clock was 15 to 20 s off in one log of two.
    fn least_sigma_s(self) -> f64 {
        match self {
            Self::GpsWeek | Self::ReceiverUtc | Self::SystemTime => 0.2,
            Self::File => 0.5,
            Self::ReceiveStamp => 20.0,
        }
    }
}

/// UTC as a log tells it at one time of its own clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UtcSample {
    /// Seconds since 1970.
    pub utc_s: f64,
    /// Where it comes from.
    pub source: UtcSource,
}

/// UTC when a log's clock stood at zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UtcOffset {
    /// Seconds since 1970.
    pub seconds: f64,
    /// One sigma in seconds, steady delays of the source included.
    pub sigma_s: f64,
    /// Where it comes from.
    pub source: UtcSource,
}

/// Samples further from the median offset than this many seconds are strays: a receiver that takes
/// in the leap seconds late is 18 s off.
const STRAY_S: f64 = 5.0;

impl UtcOffset {
    /// The offset from samples of the surest source among them: their median, and the median
    /// deviation as sigma; second, how many of that source do not fit.
    ///
    /// One offset means one speed of both clocks. Where they do not run alike, as in a simulator,
    /// sigma grows with the spread.
    #[must_use]
    pub fn from_samples(samples: &[Timed<UtcSample>]) -> Option<(Self, usize)> {
        let source = samples.iter().map(|sample| sample.value.source).min()?;
        let mut offsets: Vec<f64> = samples
            .iter()
            .filter(|sample| sample.value.source == source)
            .map(|sample| sample.value.utc_s - sample.at.0)
            .filter(|offset| offset.is_finite())
            .collect();
        let seconds = median(&mut offsets)?;
        let mut deviations: Vec<f64> =
            offsets.iter().map(|offset| (offset - seconds).abs()).collect();
        let strays = deviations.iter().filter(|&&deviation| deviation > STRAY_S).count();
        // 1.4826 makes the median deviation of a normal distribution its sigma.
        let sigma_s = (1.4826 * median(&mut deviations)?).max(source.least_sigma_s());
        Some((Self { seconds, sigma_s, source }, strays))
    }
}

/// The middle value; puts the values in order.
fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// The start of GPS time, 1980-01-06, in seconds since 1970 (IS-GPS-200, 20.3.3.5.2.4).
const GPS_EPOCH_UNIX_S: f64 = 315_964_800.0;
const WEEK_S: f64 = 604_800.0;
/// GPS seconds at which the difference between GPS time and UTC became so many seconds (IERS
/// Bulletin C 43, 45, 49, 52): 2012-07-01, 2015-07-01, 2017-01-01. It has been 18 s since.
const LEAPS: [(f64, f64); 3] =
    [(1_025_136_015.0, 16.0), (1_119_744_016.0, 17.0), (1_167_264_017.0, 18.0)];
/// The week of 2012-07-01: no log is older, so a smaller number has lost one or more turns of the
/// 10 bit counter.
const FIRST_WEEK: u32 = 1695;
/// Weeks of the 10 bit counter (IS-GPS-200, 20.3.3.3.1.1).
const ROLLOVER_WEEKS: u32 = 1024;

/// GPS time minus UTC in whole seconds, for instants since 2012-07-01.
#[must_use]
pub fn leap_seconds(gps_s: f64) -> f64 {
    LEAPS.iter().rev().find(|(from_s, _)| gps_s >= *from_s).map_or(15.0, |(_, leap_s)| *leap_s)
}

/// UTC in seconds since 1970 from a receiver's week and milliseconds of the week.
///
/// A week from before 2012-07-01 is taken for one after a roll-over of the 10 bit counter. `None`
/// for week 0, which receivers write before the first fix, for milliseconds beyond a week, and for
/// weeks more than two roll-overs ahead (2051).
#[must_use]
pub fn unix_s_from_gps(week: u32, ms: u32) -> Option<f64> {
    if week == 0 || week > FIRST_WEEK + 2 * ROLLOVER_WEEKS || f64::from(ms) >= WEEK_S * 1e3 {
        return None;
    }
    let turns = FIRST_WEEK.saturating_sub(week).div_ceil(ROLLOVER_WEEKS);
    let week = week + turns * ROLLOVER_WEEKS;
    let gps_s = f64::from(week) * WEEK_S + f64::from(ms) * 1e-3;
    Some(GPS_EPOCH_UNIX_S + gps_s - leap_seconds(gps_s))
}

/// Whether a time in microseconds can only be UTC: 2001 or later, which no boot clock reaches.
#[must_use]
pub(super) fn is_utc_us(us: u64) -> bool {
    us > 1_000_000_000_000_000
}

/// A sample of UTC in microseconds since 1970; `None` for zero and times before 2001.
#[must_use]
pub(super) fn utc_sample(at: LogTime, utc_us: u64, source: UtcSource) -> Option<Timed<UtcSample>> {
    let utc_s = LogTime::from_us(utc_us).0;
    is_utc_us(utc_us).then_some(Timed { at, value: UtcSample { utc_s, source } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unix_s(text: &str) -> f64 {
        text.parse::<jiff::Timestamp>().unwrap().as_second() as f64
    }

    #[test]
    fn gps_weeks_become_utc() {
        // The second counter's turn of week 1024 to 2048 was at 2019-04-06 23:59:42 UTC.
        assert_eq!(unix_s_from_gps(2048, 0), Some(unix_s("2019-04-06T23:59:42Z")));
        assert_eq!(unix_s_from_gps(1024, 0), unix_s_from_gps(2048, 0));
        assert_eq!(unix_s_from_gps(1966, 38_980_800), Some(unix_s("2017-09-10T10:49:22Z") + 0.8));
        assert_eq!(unix_s_from_gps(0, 5), None);
        assert_eq!(unix_s_from_gps(65_535, 5), None);
        assert_eq!(unix_s_from_gps(2048, 604_800_000), None);
    }

    #[test]
    fn leap_seconds_change_at_midnight_utc() {
        for (text, leap_s) in [
            ("2012-06-30T23:59:59Z", 15.0),
            ("2012-07-01T00:00:00Z", 16.0),
            ("2015-07-01T00:00:00Z", 17.0),
            ("2017-01-01T00:00:00Z", 18.0),
            ("2026-01-01T00:00:00Z", 18.0),
        ] {
            let gps_s = unix_s(text) - GPS_EPOCH_UNIX_S + leap_s;
            assert_eq!(leap_seconds(gps_s), leap_s, "{text}");
        }
    }

    #[test]
    fn one_stray_does_not_move_the_offset() {
        let sample = |at_s: f64, utc_s: f64, source| Timed {
            at: LogTime(at_s),
            value: UtcSample { utc_s, source },
        };
        let mut samples: Vec<_> = (0..9)
            .map(|at| sample(f64::from(at), 1e9 + f64::from(at), UtcSource::SystemTime))
            .collect();
        samples.push(sample(9.0, 1e9 + 27.0, UtcSource::SystemTime));
        samples.push(sample(9.0, 2e9, UtcSource::ReceiveStamp));
        let (offset, strays) = UtcOffset::from_samples(&samples).unwrap();
        assert_eq!((offset.seconds, strays), (1e9, 1));
        assert_eq!(offset.source, UtcSource::SystemTime);
        assert!(UtcOffset::from_samples(&[]).is_none());
    }
}
