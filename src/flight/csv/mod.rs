//! Tracks from a table: one row is one instant, columns are named in the first row.
//!
//! Separators are comma, semicolon or tab; the decimal mark is a point. Names, with units behind
//! `_` or in brackets, stand in [`columns`]: `time_s`, `utc`, `lat`, `lon`, `height_amsl_m`,
//! `height_ellipsoidal_m`, `height_above_home_m`, `yaw_deg`, `pitch_deg`, `roll_deg`,
//! `gimbal_yaw_deg`, `gimbal_pitch_deg`, `gimbal_roll_deg`, `vn_m_s` and so on. Without a unit it
//! is seconds, metres, degrees, m/s. Time is a number of seconds on the log's clock, or an instant;
//! UTC is RFC 3339, `2025-01-17 10:14:15.2`, or seconds, milliseconds or microseconds since 1970.
//! A column that is not known is named in a warning.

mod columns;
mod row;

use super::error::Fault;
use super::{
    GapLimits, Log, LogFormat, Loss, Oddity, PositionSource, TrackBuilder, Vehicle, Warnings,
};
use columns::{Column, MEANINGS, Meaning, column};
use row::{Clock, Rows};

/// The longest header that is believed, in bytes.
const LONGEST_HEADER: usize = 64 << 10;

/// One column of the table: what it means, or its name if it is not known.
type Header = Vec<Option<Column>>;

/// The first line that is not `sep=,`, and where the next begins.
fn header(bytes: &[u8]) -> Option<(&str, usize)> {
    let mut at = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    loop {
        let rest = bytes.get(at..)?;
        let end = rest.iter().take(LONGEST_HEADER).position(|&byte| byte == b'\n')?;
        let line = std::str::from_utf8(rest.get(..end)?).ok()?.trim();
        at += end + 1;
        // Spreadsheets are told the separator so.
        if !line.is_empty() && !line.to_ascii_lowercase().starts_with("sep=") {
            return Some((line, at));
        }
    }
}

/// The separator that makes the most fields of the header.
fn separator(header: &str) -> u8 {
    let count = |separator: u8| header.bytes().filter(|&byte| byte == separator).count();
    let mut best = b',';
    for separator in [b';', b'\t'] {
        if count(separator) > count(best) {
            best = separator;
        }
    }
    best
}

/// Whether the first line names a time and a place or an attitude.
pub(super) fn looks_like(bytes: &[u8]) -> bool {
    let Some((line, _)) = header(bytes) else { return false };
    let columns: Vec<Meaning> = row::fields(line, separator(line))
        .filter_map(|name| column(&name).map(|column| column.meaning))
        .collect();
    let has = |meaning| columns.contains(&meaning);
    (has(Meaning::Time) || has(Meaning::Utc))
        && ((has(Meaning::Lat) && has(Meaning::Lon))
            || has(Meaning::Yaw)
            || has(Meaning::MagneticYaw)
            || has(Meaning::GimbalYaw))
}

/// Reads a whole table.
pub(super) fn read(bytes: &[u8]) -> Result<Log, Fault> {
    let fault = |what: &str| Fault { offset: 0, what: what.to_owned() };
    let (line, start) = header(bytes).ok_or_else(|| fault("no header that names columns"))?;
    let separator = separator(line);
    let mut warnings = Warnings::default();
    let columns = known_columns(line, separator, &mut warnings);
    let mut log = Log::empty(LogFormat::Csv);
    let mut rows = Rows::new(columns, separator);
    let mut at = start;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let line_end = rest.iter().position(|&byte| byte == b'\n');
        let line = rest.get(..line_end.unwrap_or(rest.len())).unwrap_or(rest);
        let whole = line_end.is_some();
        match rows.take(line, whole) {
            Ok(true) => log.messages += 1,
            Ok(false) => {}
            Err(what) => {
                lose(&mut log.losses, at as u64, line.len() as u64, what);
            }
        }
        at += line.len() + usize::from(whole);
    }
    log.tracks = rows.finish(&mut warnings);
    log.warnings = warnings.into_sorted();
    Ok(log)
}

/// One more row that is lost; together with the one before it where that is lost for the same
/// reason.
fn lose(losses: &mut Vec<Loss>, offset: u64, bytes: u64, what: &'static str) {
    const LINE_END: u64 = 1;
    match losses.last_mut() {
        Some(last) if last.offset + last.bytes + LINE_END == offset && last.what == what => {
            last.bytes += LINE_END + bytes;
        }
        _ => losses.push(Loss { offset, bytes, what: what.into() }),
    }
}

/// Columns by place; the first of each meaning is taken. Unknown names go to the warnings, which
/// count no more than a few hundred of them.
fn known_columns(line: &str, separator: u8, warnings: &mut Warnings) -> Header {
    let mut taken = [false; MEANINGS];
    row::fields(line, separator)
        .map(|name| {
            let Some(column) = column(&name) else {
                warnings.note(Oddity::Other(format!("column `{name}` is not known")), None);
                return None;
            };
            let seen = taken.get_mut(column.meaning as usize)?;
            if std::mem::replace(seen, true) {
                let what = format!("column `{name}` says again what one before it does");
                warnings.note(Oddity::Other(what), None);
                return None;
            }
            if column.meaning == Meaning::Height {
                let what = format!("column `{name}` is taken as above mean sea level");
                warnings.note(Oddity::Other(what), None);
            }
            Some(column)
        })
        .collect()
}

/// A builder for a table's rows: nothing tells how its places were made.
fn builder(boot: u32, clock: Clock) -> TrackBuilder {
    let mut builder = TrackBuilder::new(Vehicle::unknown(), boot);
    builder.position_source = PositionSource::File;
    builder.gap_limits = GapLimits::default();
    if clock == Clock::Camera {
        let what = "times have no zone: they are no UTC, only differences count";
        builder.warnings.note(Oddity::Other(what.to_owned()), None);
    }
    builder
}
