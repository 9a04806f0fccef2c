//! `frames.csv`: every frame of the flight, those that stayed behind too.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::Timestamp;

use crate::case::{CustodyLine, FindingRow, FrameRow, SightingRow};

use super::profile::REGIME_SWITCH;
use super::{Settings, names};

/// What a frame is called in a package.
pub(super) fn frame_id(frame: u32) -> String {
    format!("F{frame:06}")
}

/// The columns of `frames.csv`, in order.
pub(super) const COLUMNS: [&str; 29] = [
    "id",
    "file",
    "frame_index",
    "sha256",
    "taken_at",
    "clock_source",
    "clock_offset_s",
    "lat",
    "lon",
    "height_ellipsoidal_m",
    "heading_deg",
    "gimbal_pitch_deg",
    "gimbal_roll_deg",
    "fix",
    "sigma_east_m",
    "sigma_north_m",
    "sigma_up_m",
    "footprint_wkt",
    "regime",
    "camera",
    "width_px",
    "height_px",
    "detections",
    "min_c",
    "max_c",
    "mean_c",
    "radiometry",
    "original",
    "no_original_because",
];

/// Under which regime frames were taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Regimes {
    switched_at: Option<Timestamp>,
}

/// Names of regimes: supervision, investigation, and where nobody can tell.
pub(super) const SUPERVISION: &str = "toezicht";
pub(super) const INVESTIGATION: &str = "opsporing";
pub(super) const UNKNOWN: &str = "unknown";
/// A file with frames of both.
const BOTH: &str = "both";

impl Regimes {
    /// From the first switch that the custody log records; its object is the moment.
    pub(super) fn of(custody: &[CustodyLine]) -> Self {
        let switched_at = custody
            .iter()
            .find(|line| line.action == REGIME_SWITCH)
            .and_then(|line| line.object.parse().ok());
        Self { switched_at }
    }

    /// Of a frame taken then. A camera's own clock cannot be held against the switch.
    pub(super) fn at(&self, taken_at: Option<&str>) -> &'static str {
        let Some(switched_at) = self.switched_at else { return SUPERVISION };
        match taken_at.and_then(|time| time.parse::<Timestamp>().ok()) {
            Some(time) if time < switched_at => SUPERVISION,
            Some(_) => INVESTIGATION,
            None => UNKNOWN,
        }
    }
}

/// What a frame's row says beside what the case knows.
pub(super) struct Beside<'a> {
    pub(super) settings: &'a Settings,
    pub(super) regimes: &'a Regimes,
    /// Frame → path of its original in the package.
    pub(super) originals: &'a BTreeMap<u32, String>,
    /// Frame → why its original is not there.
    pub(super) without: &'a BTreeMap<u32, String>,
}

/// The table after RFC 4180.
pub(super) fn csv(frames: &[FrameRow], beside: &Beside<'_>) -> String {
    let mut text = COLUMNS.join(",") + "\r\n";
    for frame in frames {
        let fields: Vec<_> = row(frame, beside).iter().map(|value| quoted(value)).collect();
        let _ = write!(text, "{}\r\n", fields.join(","));
    }
    text
}

fn row(frame: &FrameRow, beside: &Beside<'_>) -> [String; 29] {
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let taken_at = frame.taken_at.clone().unwrap_or_default();
    let clock = match frame.taken_at.as_deref() {
        None => String::new(),
        Some(time) if time.ends_with('Z') && !beside.settings.clock_source.is_empty() => {
            beside.settings.clock_source.clone()
        }
        Some(time) if time.ends_with('Z') => "UTC as file or flight log tell".to_owned(),
        Some(_) => "camera's own clock".to_owned(),
    };
    [
        frame_id(frame.frame),
        frame.file.clone(),
        frame.index.to_string(),
        frame.sha256.clone(),
        taken_at,
        clock,
        String::new(),
        number(frame.lat),
        number(frame.lon),
        number(frame.height_ellipsoidal_m),
        number(frame.yaw_deg),
        number(frame.pitch_deg),
        number(frame.roll_deg),
        frame
            .no_pose
            .clone()
            .map_or_else(|| frame.pose_notes.clone(), |why| format!("none: {why}")),
        number(frame.sigma_east_m),
        number(frame.sigma_north_m),
        number(frame.sigma_up_m),
        wkt(&frame.footprint),
        beside.regimes.at(frame.taken_at.as_deref()).to_owned(),
        frame.camera.clone(),
        frame.width_px.to_string(),
        frame.height_px.to_string(),
        frame.detections.to_string(),
        number(frame.range_c[0]),
        number(frame.range_c[1]),
        number(frame.range_c[2]),
        frame.parameters.clone(),
        beside.originals.get(&frame.frame).cloned().unwrap_or_default(),
        beside.without.get(&frame.frame).cloned().unwrap_or_default(),
    ]
}

/// Well-known text (OGC 06-103r4).
fn wkt(ring: &[(f64, f64)]) -> String {
    if ring.is_empty() {
        return String::new();
    }
    let points: Vec<_> = ring.iter().map(|(lon, lat)| format!("{lon} {lat}")).collect();
    format!("POLYGON (({}))", points.join(", "))
}

fn quoted(value: &str) -> String {
    if value.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_owned()
    }
}

/// The cameras' way as a table.
pub(super) fn track_csv(frames: &[FrameRow]) -> String {
    let mut text = String::from("id,taken_at,lat,lon,height_ellipsoidal_m\r\n");
    for frame in frames {
        let (Some(lat), Some(lon)) = (frame.lat, frame.lon) else { continue };
        let height =
            frame.height_ellipsoidal_m.map_or_else(String::new, |height| height.to_string());
        let taken_at = frame.taken_at.as_deref().unwrap_or_default();
        let _ = write!(text, "{},{taken_at},{lat},{lon},{height}\r\n", frame_id(frame.frame));
    }
    text
}

/// One file of the flight as it lies in a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Original {
    /// Below `data/`.
    pub(super) path: String,
    /// As it was named when it came in.
    pub(super) file: String,
    pub(super) sha256: String,
    /// The frames in it; none in a visible picture.
    pub(super) frames: Vec<u32>,
    /// The frame that a visible picture belongs to.
    pub(super) beside: Option<u32>,
}

/// Thermal files with their frames, each with the visible picture of the same instant if the
/// flight had one; `sealed` is what the flight's manifest lists: digest and name.
pub(super) fn originals(frames: &[FrameRow], sealed: &[(&str, &str)]) -> Vec<Original> {
    let by_name: BTreeMap<&str, &str> =
        sealed.iter().map(|&(sha256, name)| (name, sha256)).collect();
    let mut found: Vec<Original> = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for frame in frames {
        if let Some(&at) = known.get(frame.file.as_str()) {
            found[at].frames.push(frame.frame);
            continue;
        }
        known.insert(&frame.file, found.len());
        let (id, end) = (frame_id(frame.frame), names::ending(&frame.file));
        found.push(Original {
            path: format!("originals/{id}_T{end}"),
            file: frame.file.clone(),
            sha256: frame.sha256.clone(),
            frames: vec![frame.frame],
            beside: None,
        });
        let visible = visible_names(&frame.file)
            .into_iter()
            .find_map(|name| Some((*by_name.get(name.as_str())?, name)));
        if let Some((sha256, file)) = visible {
            found.push(Original {
                path: format!("originals/{id}_V{}", names::ending(&file)),
                file,
                sha256: sha256.to_owned(),
                frames: Vec::new(),
                beside: Some(frame.frame),
            });
        }
    }
    found
}

/// Puts originals into a folder by regime, so that nobody has to part them by a table.
pub(super) fn by_regime(originals: &mut [Original], frames: &[FrameRow], regimes: &Regimes) {
    let of_frame: BTreeMap<u32, &str> =
        frames.iter().map(|row| (row.frame, regimes.at(row.taken_at.as_deref()))).collect();
    for original in originals {
        let mut all: Vec<_> = original.frames.iter().chain(&original.beside).collect();
        all.dedup_by_key(|frame| of_frame.get(frame).copied().unwrap_or(UNKNOWN));
        let regime = match all[..] {
            [one] => of_frame.get(one).copied().unwrap_or(UNKNOWN),
            _ => BOTH,
        };
        let name = original.path.trim_start_matches("originals/");
        original.path = format!("originals/{regime}/{name}");
    }
}

/// `regimes.json`: when supervision turned into investigation, how many frames each has, and the
/// regimes under which each finding's frames were taken.
pub(super) fn regimes(
    frames: &[FrameRow],
    findings: &[FindingRow],
    sightings: &[SightingRow],
    regimes: &Regimes,
) -> serde_json::Value {
    let of_frame: BTreeMap<u32, &str> =
        frames.iter().map(|row| (row.frame, regimes.at(row.taken_at.as_deref()))).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for regime in of_frame.values() {
        *counts.entry(regime).or_default() += 1;
    }
    let mut seen: BTreeMap<&str, BTreeSet<&str>> =
        findings.iter().map(|finding| (finding.id.as_str(), BTreeSet::new())).collect();
    for sighting in sightings {
        if let (Some(all), Some(regime)) =
            (seen.get_mut(sighting.finding.as_str()), of_frame.get(&sighting.frame))
        {
            all.insert(regime);
        }
    }
    serde_json::json!({
        "format_version": 1,
        "switched_at": regimes.switched_at.map(|at| at.to_string()),
        "frames": counts,
        "findings": seen,
    })
}

/// `X_T.JPG` → `X_W.JPG`, `X_V.JPG`, `X_Z.JPG`, as DJI's cameras name pictures of one instant.
fn visible_names(thermal: &str) -> Vec<String> {
    let Some((stem, end)) = thermal.rsplit_once('.') else { return Vec::new() };
    let Some(stem) = stem.strip_suffix("_T") else { return Vec::new() };
    ["_W", "_V", "_Z"].map(|suffix| format!("{stem}{suffix}.{end}")).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regime_follows_from_the_moment_of_the_switch() {
        let never = Regimes { switched_at: None };
        assert_eq!(never.at(None), SUPERVISION);
        let switched_at = "2026-01-01T12:00:00Z".parse().ok();
        let regimes = Regimes { switched_at };
        for (time, regime) in [
            (Some("2026-01-01T11:59:59.9Z"), SUPERVISION),
            (Some("2026-01-01T12:00:00Z"), INVESTIGATION),
            (Some("2026-01-01T12:00:00"), UNKNOWN),
            (None, UNKNOWN),
        ] {
            assert_eq!(regimes.at(time), regime, "{time:?}");
        }
    }

    #[test]
    fn originals_and_findings_say_under_which_regime_they_were_taken() {
        let row = |frame: u32, time: &str| FrameRow {
            frame,
            file: format!("{}.seq", frame / 2),
            taken_at: Some(time.to_owned()),
            ..FrameRow::default()
        };
        let frames = [
            row(0, "2026-01-01T11:00:00Z"),
            row(1, "2026-01-01T13:00:00Z"),
            row(2, "2026-01-01T13:00:01Z"),
        ];
        let switch = Regimes { switched_at: "2026-01-01T12:00:00Z".parse().ok() };
        let mut all = originals(&frames, &[]);
        by_regime(&mut all, &frames, &switch);
        let paths: Vec<_> = all.iter().map(|one| one.path.as_str()).collect();
        assert_eq!(paths, ["originals/both/F000000_T.seq", "originals/opsporing/F000002_T.seq"]);
        let finding = FindingRow { id: "F0001".to_owned(), ..FindingRow::default() };
        let sighting =
            |frame| SightingRow { frame, finding: "F0001".to_owned(), ..SightingRow::default() };
        let told = regimes(&frames, &[finding], &[sighting(0), sighting(1)], &switch);
        assert_eq!(told["frames"], serde_json::json!({"toezicht": 1, "opsporing": 2}));
        assert_eq!(told["findings"]["F0001"], serde_json::json!(["opsporing", "toezicht"]));
    }
}
