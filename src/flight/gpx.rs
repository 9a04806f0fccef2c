//! Tracks from GPX 1.0 and 1.1 (topografix.com/GPX/1/1): points with a time, no attitude.
//!
//! `ele` is taken as above mean sea level, which is what writers mean though the schema only says
//! metres; with `geoidheight` it is above the ellipsoid too. Each `trk` is a track of its own, and
//! its clock is zero at its first point.

use roxmltree::{Document, Node, ParsingOptions};

use super::error::Fault;
use super::{
    Fix, FixKind, Heights, Log, LogFormat, LogTime, Loss, Oddity, Position, PositionSource, Track,
    TrackBuilder, UtcSource, Vehicle, Warnings,
};

/// How far into a file the root element is looked for.
const SNIFFED_BYTES: usize = 4 << 10;

/// Whether this is XML whose start names a `gpx` element.
pub(super) fn looks_like(bytes: &[u8]) -> bool {
    let start = bytes.get(..SNIFFED_BYTES).unwrap_or(bytes);
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    start.starts_with(b"<") && start.windows(4).any(|window| window.eq_ignore_ascii_case(b"<gpx"))
}

/// Reads a whole file. One that is cut short is read up to its last whole point.
pub(super) fn read(bytes: &[u8]) -> Result<Log, Fault> {
    let mut log = Log::empty(LogFormat::Gpx);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            lose_end(
                &mut log,
                bytes,
                error.valid_up_to(),
                "bytes that are no UTF-8, and all after",
            );
            bytes
                .get(..error.valid_up_to())
                .and_then(|start| str::from_utf8(start).ok())
                .unwrap_or_default()
        }
    };
    let mark = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
    let text = text.get(mark..).unwrap_or_default();
    match Document::parse_with_options(text, options()) {
        Ok(document) => take(&document, &mut log),
        Err(error) => {
            let what = format!("no sound XML ({error})");
            let (mended, kept) =
                mended(text).ok_or_else(|| Fault { offset: 0, what: what.clone() })?;
            let document = Document::parse_with_options(&mended, options())
                .map_err(|_| Fault { offset: 0, what: what.clone() })?;
            log.losses.clear();
            lose_end(&mut log, bytes, mark + kept, &what);
            take(&document, &mut log);
        }
    }
    Ok(log)
}

fn options<'a>() -> ParsingOptions<'a> {
    ParsingOptions { allow_dtd: false, ..ParsingOptions::default() }
}

fn lose_end(log: &mut Log, bytes: &[u8], from: usize, what: &str) {
    let length = bytes.len().saturating_sub(from) as u64;
    log.losses.push(Loss { offset: from as u64, bytes: length, what: what.to_owned().into() });
}

/// The text up to its last whole point, with the open elements closed, and how much that is.
fn mended(text: &str) -> Option<(String, usize)> {
    const POINT_END: &str = "</trkpt>";
    let kept = text.rfind(POINT_END)? + POINT_END.len();
    let start = text.get(..kept)?;
    // Elements are closed as they were opened, prefix and all, or not at all.
    Some((format!("{start}</trkseg></trk></gpx>"), kept))
}

fn take(document: &Document<'_>, log: &mut Log) {
    let mut warnings = Warnings::default();
    for node in document.root_element().children().filter(Node::is_element) {
        match node.tag_name().name() {
            "trk" => {
                let boot = u32::try_from(log.tracks.len()).unwrap_or(u32::MAX);
                log.tracks.extend(track(&node, boot, &mut log.messages, &mut warnings));
            }
            "wpt" | "rte" => {
                let what = "waypoints and routes are no track, left out".to_owned();
                warnings.note(Oddity::Other(what), None);
            }
            _ => {}
        }
    }
    log.warnings = warnings.into_sorted();
}

fn track(
    trk: &Node<'_, '_>,
    boot: u32,
    points: &mut u64,
    warnings: &mut Warnings,
) -> Option<Track> {
    let name = child_text(trk, "name").map(ToOwned::to_owned);
    let mut builder = TrackBuilder::new(Vehicle { name, ..Vehicle::unknown() }, boot);
    builder.position_source = PositionSource::File;
    let mut zero_s = None;
    for point in trk.descendants().filter(|node| node.has_tag_name_any("trkpt")) {
        *points += 1;
        let Some(utc_s) = child_text(&point, "time").and_then(unix_s) else {
            warnings.note(Oddity::Other("a point without a time, left out".to_owned()), None);
            continue;
        };
        let at = LogTime(utc_s - *zero_s.get_or_insert(utc_s));
        let degrees = |name| point.attribute(name).and_then(number).unwrap_or(f64::NAN);
        let amsl_m = child_number(&point, "ele");
        let geoid_m = child_number(&point, "geoidheight");
        let heights = Heights {
            amsl_m,
            ellipsoid_m: amsl_m.zip(geoid_m).map(|(amsl_m, geoid_m)| amsl_m + geoid_m),
            ..Heights::default()
        };
        let place = Position::from_degrees(degrees("lat"), degrees("lon"), heights);
        builder.utc_s(at, Some(utc_s), UtcSource::File);
        builder.position(at, place);
        if let Some(fix) = fix(&point, place) {
            builder.fix(at, fix);
        }
    }
    (!builder.is_empty()).then(|| builder.finish())
}

/// What a point says of the receiver's solution, if anything.
fn fix(point: &Node<'_, '_>, place: Position) -> Option<Fix> {
    let told = child_text(point, "fix");
    let satellites = child_text(point, "sat").and_then(|text| text.parse().ok());
    let hdop = child_number(point, "hdop");
    if told.is_none() && satellites.is_none() && hdop.is_none() {
        return None;
    }
    let kind = match told {
        Some("none") => FixKind::None,
        Some("2d") => FixKind::Flat,
        Some("dgps" | "pps") => FixKind::Differential,
        _ => FixKind::Full,
    };
    Some(Fix {
        receiver: 0,
        kind,
        place: Some(place),
        horizontal_sigma_m: None,
        vertical_sigma_m: None,
        satellites,
        hdop,
    })
}

/// Seconds since 1970 of a time, which the schema wants in UTC; without a zone it is taken so.
fn unix_s(text: &str) -> Option<f64> {
    let instant = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        jiff::tz::Offset::UTC.to_timestamp(text.parse::<jiff::civil::DateTime>().ok()?).ok()
    });
    Some(instant?.as_duration().as_secs_f64())
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

fn child_text<'a>(node: &Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.children().find(|child| child.has_tag_name_any(name))?.text().map(str::trim)
}

fn child_number(node: &Node<'_, '_>, name: &str) -> Option<f64> {
    child_text(node, name).and_then(number)
}

/// By the local name: writers use GPX 1.0, 1.1, or no namespace at all.
trait LocalName {
    fn has_tag_name_any(&self, name: &str) -> bool;
}

impl LocalName for Node<'_, '_> {
    fn has_tag_name_any(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}
