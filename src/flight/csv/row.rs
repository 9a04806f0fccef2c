//! One row after another into tracks.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use nalgebra::Vector3;

use crate::geo::{Attitude, North};

use super::super::{
    CameraEvent, CameraEventKind, EventClock, Fix, FixKind, Gimbal, Heights, LogTime, Oddity,
    Position, Track, TrackBuilder, UtcSource, Warnings, YawFrame,
};
use super::builder;
use super::columns::{Column, MEANINGS, Meaning};

/// A row that is this many seconds before the one before it begins another flight.
const RESTART_S: f64 = 10.0;

/// Flights in one table; rows that fall back beyond it are put in order.
const MOST_FLIGHTS: usize = 1000;

/// Whose time a table's is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// Seconds of the log's own clock.
    Log,
    /// UTC.
    Utc,
    /// A clock whose zone is not told.
    Camera,
}

/// Fields of a line, unquoted.
pub(super) fn fields(line: &str, separator: u8) -> impl Iterator<Item = Cow<'_, str>> {
    let mut rest = Some(line.trim_end_matches('\r'));
    std::iter::from_fn(move || {
        let text = rest?;
        let mut quoted = false;
        let end = text.bytes().position(|byte| {
            quoted ^= byte == b'"';
            byte == separator && !quoted
        });
        let (field, after) = match end {
            Some(end) => (text.get(..end)?, text.get(end + 1..)),
            None => (text, None),
        };
        rest = after;
        let field = field.trim();
        Some(match field.strip_prefix('"').and_then(|field| field.strip_suffix('"')) {
            Some(inside) => Cow::Owned(inside.replace("\"\"", "\"")),
            None => Cow::Borrowed(field),
        })
    })
}

/// Rows on the way into tracks.
pub(super) struct Rows {
    columns: Vec<Option<Column>>,
    separator: u8,
    /// What `Time` is, told by its first value.
    time_clock: Option<Clock>,
    /// Seconds that are zero on the log's clock, where the table only tells instants.
    zero_s: Option<f64>,
    last_s: f64,
    photo: bool,
    photos: u32,
    /// UTC as told, with whole seconds only so far.
    utc: Vec<(LogTime, f64)>,
    tracks: Vec<Track>,
    builder: Option<TrackBuilder>,
    no_number: u64,
}

/// The values of one row, by meaning.
type Values<'a> = [Option<Cow<'a, str>>; MEANINGS];

impl Rows {
    pub(super) fn new(columns: Vec<Option<Column>>, separator: u8) -> Self {
        Self {
            columns,
            separator,
            time_clock: None,
            zero_s: None,
            last_s: f64::NEG_INFINITY,
            photo: false,
            photos: 0,
            utc: Vec::new(),
            tracks: Vec::new(),
            builder: None,
            no_number: 0,
        }
    }

    /// Takes a row; `whole` unless the file ends within it. Whether it holds anything, or why it is
    /// lost.
    pub(super) fn take(&mut self, line: &[u8], whole: bool) -> Result<bool, &'static str> {
        let line = std::str::from_utf8(line).map_err(|_| "a row that is no text")?;
        if line.trim().is_empty() {
            return Ok(false);
        }
        let mut values: Values<'_> = [const { None }; MEANINGS];
        let mut count = 0;
        for field in fields(line, self.separator) {
            if let Some(Some(column)) = self.columns.get(count)
                && let Some(value) = values.get_mut(column.meaning as usize)
            {
                *value = Some(field).filter(|field| !field.is_empty());
            }
            count += 1;
        }
        if count < self.columns.len() {
            let cut = "a row that the file's end cuts short";
            return Err(if whole { "a row with too few fields" } else { cut });
        }
        let at = self.time(&values).ok_or("a row without a time")?;
        self.sample(at, &values);
        Ok(true)
    }

    /// The row's time on the log's clock; begins another track where it falls back.
    fn time(&mut self, values: &Values<'_>) -> Option<LogTime> {
        let told = match &values[Meaning::Time as usize] {
            Some(text) => self.instant(text, Meaning::Time),
            None => None,
        };
        let utc = values[Meaning::Utc as usize].as_ref();
        let utc = utc.and_then(|text| self.instant(text, Meaning::Utc));
        let (seconds, clock) = told.or(utc)?;
        let clock = *self.time_clock.get_or_insert(clock);
        if seconds < self.last_s - RESTART_S && self.tracks.len() < MOST_FLIGHTS {
            self.end_track();
            self.zero_s = None;
        }
        self.last_s = seconds;
        let zero_s = match clock {
            Clock::Log => 0.0,
            Clock::Utc | Clock::Camera => *self.zero_s.get_or_insert(seconds),
        };
        let at = LogTime(seconds - zero_s);
        let boot = u32::try_from(self.tracks.len()).unwrap_or(u32::MAX);
        self.builder.get_or_insert_with(|| builder(boot, clock));
        if let Some((utc_s, Clock::Utc)) = utc.or(told) {
            self.utc.push((at, utc_s));
        }
        Some(at)
    }

    /// Seconds of a value, and on which clock.
    fn instant(&self, text: &str, meaning: Meaning) -> Option<(f64, Clock)> {
        if let Ok(number) = text.parse::<f64>() {
            let factor = self.factor(meaning);
            return number.is_finite().then(|| match number.abs() {
                // By their size: 2001 is a milliard seconds after 1970.
                size if size >= 1e15 => (number * 1e-6, Clock::Utc),
                size if size >= 1e12 && factor > 1e-6 => (number * 1e-3, Clock::Utc),
                size if size >= 1e9 && factor > 1e-3 => (number, Clock::Utc),
                _ => (number * factor, Clock::Log),
            });
        }
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Some((instant.as_duration().as_secs_f64(), Clock::Utc));
        }
        let local = text.replace('/', "-").parse::<DateTime>().ok()?;
        let instant = jiff::tz::Offset::UTC.to_timestamp(local).ok()?;
        let clock = if meaning == Meaning::Utc { Clock::Utc } else { Clock::Camera };
        Some((instant.as_duration().as_secs_f64(), clock))
    }

    fn has(&self, meaning: Meaning) -> bool {
        self.columns.iter().flatten().any(|column| column.meaning == meaning)
    }

    fn factor(&self, meaning: Meaning) -> f64 {
        let mut columns = self.columns.iter().flatten();
        columns.find(|column| column.meaning == meaning).map_or(1.0, |column| column.factor)
    }

    /// A value in SI units or degrees; counts one that is no number.
    fn number(&mut self, values: &Values<'_>, meaning: Meaning) -> Option<f64> {
        let text = values[meaning as usize].as_ref()?;
        let Ok(number) = text.parse::<f64>() else {
            self.no_number += 1;
            return None;
        };
        Some(number * self.factor(meaning))
    }

    fn numbers<const N: usize>(
        &mut self,
        values: &Values<'_>,
        meanings: [Meaning; N],
    ) -> [Option<f64>; N] {
        meanings.map(|meaning| self.number(values, meaning))
    }

    fn sample(&mut self, at: LogTime, values: &Values<'_>) {
        use Meaning as M;
        let [lat, lon, ellipsoid_m, amsl_m, height_m, above_home_m, above_terrain_m] = self
            .numbers(
                values,
                [M::Lat, M::Lon, M::Ellipsoid, M::Amsl, M::Height, M::AboveHome, M::AboveTerrain],
            );
        let heights =
            Heights { ellipsoid_m, amsl_m: amsl_m.or(height_m), above_home_m, above_terrain_m };
        let [mut yaw, magnetic_yaw] = self.numbers(values, [M::Yaw, M::MagneticYaw]);
        // A table with both has its true heading.
        let magnetic = yaw.is_none() && magnetic_yaw.is_some() && !self.has(M::Yaw);
        yaw = if magnetic { magnetic_yaw } else { yaw };
        let [pitch, roll] = self.numbers(values, [M::Pitch, M::Roll]);
        let angles = [yaw, pitch, roll];
        let [north_yaw, nose_yaw] = self.numbers(values, [M::GimbalYaw, M::GimbalYawVehicle]);
        let [pitch, roll] = self.numbers(values, [M::GimbalPitch, M::GimbalRoll]);
        let velocity = self.numbers(values, [M::North, M::East, M::Down]);
        let accuracy = self.numbers(values, [M::HorizontalSigma, M::VerticalSigma, M::Hdop]);
        let satellites = self.number(values, M::Satellites);
        let photo = self.photo(values);
        let Some(builder) = &mut self.builder else { return };
        if magnetic {
            builder.north = North::Magnetic;
        }
        let place = lat.zip(lon).map(|(lat, lon)| Position::from_degrees(lat, lon, heights));
        if let Some(place) = place {
            builder.position(at, place);
        }
        if let [Some(yaw), Some(pitch), Some(roll)] = angles {
            builder.attitude(at, Attitude::from_degrees(yaw, pitch, roll));
        }
        let yaw_frame = if north_yaw.is_some() { YawFrame::Earth } else { YawFrame::Vehicle };
        if let (Some(yaw), Some(pitch)) = (north_yaw.or(nose_yaw), pitch) {
            // A gimbal without a column for roll holds its horizon.
            let attitude = Attitude::from_degrees(yaw, pitch, roll.unwrap_or(0.0));
            builder.gimbal(at, Gimbal { attitude, yaw_frame, number: 0 });
        }
        if let [Some(north), Some(east), Some(down)] = velocity {
            builder.velocity_ned(at, Vector3::new(north, east, down));
        }
        if accuracy.iter().any(Option::is_some) || satellites.is_some() {
            builder.fix(at, fix(place, accuracy, satellites));
        }
        if let Some(number) = photo {
            builder.camera(at, event(number));
        }
    }

    /// The number of a picture, counted from 1, where the column turns from 0 to 1.
    fn photo(&mut self, values: &Values<'_>) -> Option<u32> {
        let text = values[Meaning::Photo as usize].as_deref()?;
        let now = text == "1" || text.eq_ignore_ascii_case("true");
        let begins = now && !std::mem::replace(&mut self.photo, now);
        self.photo = now;
        self.photos += u32::from(begins);
        begins.then_some(self.photos)
    }

    fn end_track(&mut self) {
        let utc = std::mem::take(&mut self.utc);
        let Some(mut builder) = self.builder.take() else { return };
        // Whole seconds on rows that are closer: cut off, not rounded, so half a second late.
        let whole = utc.iter().all(|(_, utc_s)| utc_s.fract() == 0.0);
        let repeated = utc.windows(2).any(|pair| pair[0].1.to_bits() == pair[1].1.to_bits());
        let half_s = if whole && repeated { 0.5 } else { 0.0 };
        for (at, utc_s) in utc {
            builder.utc_s(at, Some(utc_s + half_s), UtcSource::File);
        }
        if !builder.is_empty() {
            self.tracks.push(builder.finish());
        }
    }

    pub(super) fn finish(mut self, warnings: &mut Warnings) -> Vec<Track> {
        self.end_track();
        warnings.note_many(Oddity::NotANumber("field"), self.no_number, None);
        self.tracks
    }
}

fn fix(place: Option<Position>, accuracy: [Option<f64>; 3], satellites: Option<f64>) -> Fix {
    let [horizontal_sigma_m, vertical_sigma_m, hdop] = accuracy;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
    let satellites = satellites.filter(|count| (0.0..=255.0).contains(count)).map(|n| n as u8);
    let kind = if place.is_some() { FixKind::Full } else { FixKind::None };
    Fix { receiver: 0, kind, place, horizontal_sigma_m, vertical_sigma_m, satellites, hdop }
}

fn event(number: u32) -> CameraEvent {
    CameraEvent {
        kind: CameraEventKind::Feedback,
        camera: 0,
        image_index: Some(number),
        place: None,
        attitude: None,
        utc_s: None,
        clock: EventClock::Boot,
        success: None,
    }
}
