//! All that is derived for the findings of a case's current run.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Value, json};

use crate::case::{Case, FindingRow, FrameRow, MaskRow, RunSummary, SightingRow, Skipped};
use crate::geo::{Ellipse95, Geodetic, LocalFrame};
use crate::site::Site;
use crate::thermal::{Frame, Palette};

use super::Error;
use super::annotated::{Marks, annotated_png};
use super::map::{MapContent, map_svg};
use super::original::{self, hex_sha256};
use super::overview::{Spot as OverviewSpot, overview_svg};
use super::raster::celsius_tiff;
use super::redact::{Spot, overlap, warm_spots};
use super::visible::{Visible, visible, visible_name};

/// How each derived file came about.
pub const DERIVATIONS: &str = "derivation.jsonl";
/// Which spots were masked, and which were shown although they are as warm and large as a person.
pub const REDACTIONS: &str = "redactions.jsonl";

/// One derived file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Derivation {
    /// The original as the case names it.
    pub input: String,
    /// Its SHA-256.
    pub input_sha256: String,
    /// Name in `derived/`.
    pub output: String,
    /// Its SHA-256.
    pub output_sha256: String,
    /// `celsius`, `annotated`, `visible` or `map`.
    pub operation: &'static str,
    /// What the operation was given.
    pub parameters: Value,
    /// Version of the program.
    pub version: String,
}

/// What was derived.
#[derive(Debug, Default)]
pub struct Derived {
    /// Each file, by its name.
    pub derivations: Vec<Derivation>,
    /// Frames whose original gave nothing, and why.
    pub skipped: Vec<Skipped>,
    /// Spots that were masked, over all frames.
    pub masked: usize,
}

/// What the case tells, read once.
struct Told {
    run: RunSummary,
    site: Option<Site>,
    frames: BTreeMap<u32, FrameRow>,
    findings: Vec<FindingRow>,
    sightings: BTreeMap<String, Vec<SightingRow>>,
    tracks: Vec<Vec<(f64, f64)>>,
    masks: Vec<MaskRow>,
}

/// Makes, for each finding, the raster, the marked picture and the map of the frame that shows it
/// best, and keeps them in the case. The same case gives the same bytes, and what is there already
/// is only written anew. `originals` are more folders in which originals may lie.
///
/// # Errors
/// [`Error`]; an original that is missing or changed is no error but in [`Derived::skipped`].
pub fn derive_findings(case: &Case, originals: &[PathBuf]) -> Result<Derived, Error> {
    let told = Told::of(case)?;
    let mut derived = Derived::default();
    let mut redactions = Vec::new();
    let best: Vec<_> = told.findings.iter().map(|finding| told.best_view(finding)).collect();
    let mut by_frame: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (number, sighting) in best.iter().enumerate() {
        if let Some(sighting) = sighting {
            by_frame.entry(sighting.frame).or_default().push(number);
        }
    }
    for (number, findings) in by_frame {
        let Some(row) = told.frames.get(&number) else { continue };
        for &at in &findings {
            let svg = told.map(&told.findings[at], row);
            let name = map_name(&told.findings[at].id);
            derived.keep(case, row, &told, "map", (&name, svg.as_bytes()), json!({}))?;
        }
        match original::frame(row, case.folder(), originals) {
            Ok(frame) => {
                let seen: Vec<_> = findings
                    .iter()
                    .filter_map(|&at| Some((&told.findings[at], best[at]?.bbox_px)))
                    .collect();
                of_frame(case, &told, (row, &frame), &seen, (&mut derived, &mut redactions))?;
                let ids: Vec<_> = findings.iter().map(|&at| &told.findings[at].id).collect();
                let made = visible(row, case.folder(), originals, metre_a_px(row));
                of_visible(
                    case,
                    &told,
                    (row, &frame, made),
                    &ids,
                    (&mut derived, &mut redactions),
                )?;
            }
            Err(reason) => derived.skipped.push(Skipped { file: row.file.clone(), reason }),
        }
    }
    derived.derivations.sort_by(|one, other| one.output.cmp(&other.output));
    case.keep_derived(DERIVATIONS, &json_lines(&derived.derivations))?;
    case.keep_derived(REDACTIONS, &json_lines(&redactions))?;
    Ok(derived)
}

/// All findings on one map; `None` where none has a place.
///
/// # Errors
/// [`Error`] where the case cannot be read.
pub fn overview(case: &Case) -> Result<Option<String>, Error> {
    let told = Told::of(case)?;
    let spots: Vec<_> = told
        .findings
        .iter()
        .filter_map(|finding| {
            let at = finding.lon.zip(finding.lat)?;
            Some(OverviewSpot { id: &finding.id, at, cold: finding.polarity == "cold" })
        })
        .collect();
    Ok(overview_svg(&spots, &told.tracks, told.site.as_ref()))
}

/// The name of a finding's map.
#[must_use]
pub fn map_name(finding: &str) -> String {
    format!("{finding}_map.svg")
}

/// The name of a finding's marked picture.
#[must_use]
pub fn annotated_name(finding: &str) -> String {
    format!("{finding}_annotated.png")
}

/// The name of a frame's raster of temperatures.
#[must_use]
pub fn raster_name(frame: u32) -> String {
    format!("F{frame:06}_T_celsius.tif")
}

/// Raster and pictures of one frame.
fn of_frame(
    case: &Case,
    told: &Told,
    (row, frame): (&FrameRow, &Frame),
    findings: &[(&FindingRow, [u32; 4])],
    (derived, redactions): (&mut Derived, &mut Vec<Value>),
) -> Result<(), Error> {
    let boxes = told.boxes_in(row.frame);
    let (masked, shown) = told.people(row, frame, &boxes);
    derived.masked += masked.len();
    for (spots, is_masked) in [(&masked, true), (&shown, false)] {
        redactions.extend(spots.iter().map(|spot| {
            let why = match told.on_an_asset(&boxes, spot) {
                _ if told.is_hidden(row, spot) => "marked by a person".to_owned(),
                None => "as warm and as large as a person".to_owned(),
                Some(finding) => format!("shown: finding {finding} lies on an asset there"),
            };
            json!({"frame": row.frame, "file": row.file, "masked": is_masked, "why": why,
                   "bounds_px": spot.bounds_px, "peak_c": (spot.peak_c * 100.0).round() / 100.0,
                   "length_m": spot.length_m.map(|m| (m * 1000.0).round() / 1000.0)})
        }));
    }
    let parameters = json!({"masked": masked.len(), "radiometry": frame.parameters.to_json()});
    if frame.thermogram.is_radiometric() {
        let tiff = celsius_tiff(&frame.thermogram, &masked)?;
        let name = raster_name(row.frame);
        derived.keep(case, row, told, "celsius", (&name, &tiff), parameters.clone())?;
    }
    for (finding, bbox_px) in findings {
        let others = boxes.iter().filter(|(id, _)| *id != finding.id).map(|(_, bounds)| *bounds);
        let marks = Marks {
            finding: Some((finding.id.clone(), bbox_px.map(|v| v as usize))),
            others: others.collect(),
            up_azimuth_deg: row.yaw_deg,
            caption: caption(row),
            masked: masked.clone(),
        };
        let png = annotated_png(&frame.thermogram, &marks);
        let name = annotated_name(&finding.id);
        let mut parameters = parameters.clone();
        parameters["palette"] = Palette::default().name().into();
        derived.keep(case, row, told, "annotated", (&name, &png), parameters)?;
    }
    Ok(())
}

/// The visible picture beside a frame, once for each finding that the frame shows best. Where
/// something is masked in the thermal picture, where that is in the visible one is not known: then
/// it is not shown at all.
fn of_visible(
    case: &Case,
    told: &Told,
    (row, frame, made): (&FrameRow, &Frame, Option<Result<Visible, String>>),
    findings: &[&String],
    (derived, redactions): (&mut Derived, &mut Vec<Value>),
) -> Result<(), Error> {
    let Some(made) = made else { return Ok(()) };
    let (masked, _) = told.people(row, frame, &told.boxes_in(row.frame));
    let hidden = (!masked.is_empty()).then(|| "something is masked in the view".to_owned());
    let made = match hidden.map_or(made, Err) {
        Ok(made) => made,
        Err(why) => {
            redactions.push(json!({"frame": row.frame, "file": row.file, "masked": true,
                "why": format!("the visible picture is not shown: {why}")}));
            return Ok(());
        }
    };
    for id in findings {
        let name = visible_name(id);
        case.keep_derived(&name, &made.jpeg)?;
        derived.derivations.push(Derivation {
            input: made.file.clone(),
            input_sha256: made.sha256.clone(),
            output: name,
            output_sha256: hex_sha256(&made.jpeg),
            operation: "visible",
            parameters: json!({"width_px": made.width_px, "masked": 0}),
            version: told.run.version.clone(),
        });
    }
    Ok(())
}

fn caption(row: &FrameRow) -> String {
    let name = row.file.rsplit('/').next().unwrap_or_default();
    // The font has Latin letters only.
    let name: String = name.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
    let time = row.taken_at.as_deref().unwrap_or("-");
    let mut text: String = name.chars().take(30).collect();
    text.push_str("  ");
    text.push_str(time);
    text
}

/// Metres on the ground a pixel: the root of the footprint's area over the pixels.
fn metre_a_px(row: &FrameRow) -> Option<f64> {
    let (lon, lat) = *row.footprint.first()?;
    let local = LocalFrame::at(&Geodetic::from_degrees(lat, lon, 0.0));
    let corners: Vec<_> = row
        .footprint
        .iter()
        .map(|(lon, lat)| local.enu(&Geodetic::from_degrees(*lat, *lon, 0.0)))
        .collect();
    let twice_m2: f64 =
        corners.windows(2).map(|pair| pair[0].x * pair[1].y - pair[1].x * pair[0].y).sum();
    let pixels = f64::from(row.width_px) * f64::from(row.height_px);
    Some((twice_m2.abs() / 2.0 / pixels).sqrt()).filter(|scale| *scale > 0.0)
}

fn json_lines(rows: &[impl Serialize]) -> Vec<u8> {
    let mut lines = Vec::new();
    for row in rows {
        lines.extend(serde_json::to_vec(row).expect("text and numbers always serialise"));
        lines.push(b'\n');
    }
    lines
}

impl Derived {
    /// Keeps a file and how it came about.
    fn keep(
        &mut self,
        case: &Case,
        row: &FrameRow,
        told: &Told,
        operation: &'static str,
        (name, bytes): (&str, &[u8]),
        parameters: Value,
    ) -> Result<(), Error> {
        case.keep_derived(name, bytes)?;
        self.derivations.push(Derivation {
            input: row.file.clone(),
            input_sha256: row.sha256.clone(),
            output: name.to_owned(),
            output_sha256: hex_sha256(bytes),
            operation,
            parameters,
            version: told.run.version.clone(),
        });
        Ok(())
    }
}

impl Told {
    fn of(case: &Case) -> Result<Self, Error> {
        let run = case.runs()?.into_iter().find(|run| run.current).ok_or(Error::NoRun)?;
        let rows = case.frames()?;
        let mut sightings: BTreeMap<String, Vec<SightingRow>> = BTreeMap::new();
        for sighting in case.sightings()? {
            sightings.entry(sighting.finding.clone()).or_default().push(sighting);
        }
        let parameters: Value = serde_json::from_str(&run.parameters).unwrap_or_default();
        Ok(Self {
            site: serde_json::from_value(parameters["site"].clone()).ok(),
            tracks: tracks(&rows),
            frames: rows.into_iter().map(|row| (row.frame, row)).collect(),
            findings: case.findings()?,
            sightings,
            masks: case.masks()?,
            run,
        })
    }

    /// The sighting that stands out most; the earlier one of equals.
    fn best_view(&self, finding: &FindingRow) -> Option<&SightingRow> {
        let seen = self.sightings.get(&finding.id)?;
        let score = |sighting: &SightingRow| sighting.score.unwrap_or(f64::MIN);
        seen.iter().min_by(|a, b| score(b).total_cmp(&score(a)).then(a.frame.cmp(&b.frame)))
    }

    /// What people marked on a frame: it is hidden whatever a finding says.
    fn hidden(&self, row: &FrameRow) -> impl Iterator<Item = [usize; 4]> {
        let own = |mask: &&MaskRow| mask.sha256 == row.sha256 && mask.index == row.index;
        self.masks.iter().filter(own).map(|mask| mask.bounds_px(row.width_px, row.height_px))
    }

    /// Spots that are masked, since they may be people or people marked them, and those that are
    /// as warm and large and shown.
    fn people(
        &self,
        row: &FrameRow,
        frame: &Frame,
        boxes: &[(String, [usize; 4])],
    ) -> (Vec<Spot>, Vec<Spot>) {
        let (masked, shown) = warm_spots(&frame.thermogram, metre_a_px(row))
            .into_iter()
            .partition(|spot| self.on_an_asset(boxes, spot).is_none());
        (self.with_hidden(row, masked), shown)
    }

    fn is_hidden(&self, row: &FrameRow, spot: &Spot) -> bool {
        self.hidden(row).any(|bounds| bounds == spot.bounds_px)
    }

    /// Spots to be masked, and what people marked.
    fn with_hidden(&self, row: &FrameRow, mut spots: Vec<Spot>) -> Vec<Spot> {
        let spot = |bounds_px| Spot { bounds_px, peak_c: f32::NAN, length_m: None };
        spots.extend(self.hidden(row).map(spot));
        spots
    }

    /// Findings seen in a frame, with their boxes.
    fn boxes_in(&self, frame: u32) -> Vec<(String, [usize; 4])> {
        let all = self.sightings.values().flatten().filter(|sighting| sighting.frame == frame);
        all.map(|seen| (seen.finding.clone(), seen.bbox_px.map(|v| v as usize))).collect()
    }

    /// The finding on an asset that a warm spot is part of: that is no person, and the picture is
    /// about it.
    fn on_an_asset<'a>(&self, boxes: &'a [(String, [usize; 4])], spot: &Spot) -> Option<&'a str> {
        let asset = |id: &str| {
            let finding = self.findings.iter().find(|finding| finding.id == id);
            finding.is_some_and(|f| f.asset.is_some() && f.kind != "living_or_vehicle")
        };
        let mut within = boxes.iter().filter(|(_, bounds)| overlap(*bounds, spot.bounds_px));
        within.find(|(id, _)| asset(id)).map(|(id, _)| id.as_str())
    }

    fn map(&self, finding: &FindingRow, row: &FrameRow) -> String {
        let height_m = finding.height_ellipsoidal_m.unwrap_or_default();
        let (lat, lon) = (finding.lat.unwrap_or_default(), finding.lon.unwrap_or_default());
        let others: Vec<_> = self
            .findings
            .iter()
            .filter(|other| other.id != finding.id)
            .filter_map(|other| other.lon.zip(other.lat))
            .collect();
        let ellipse95 =
            finding.ellipse95_major_m.zip(finding.ellipse95_minor_m).map(|(major_m, minor_m)| {
                Ellipse95 {
                    major_m,
                    minor_m,
                    azimuth_deg: finding.ellipse95_azimuth_deg.unwrap_or_default(),
                }
            });
        map_svg(&MapContent {
            finding: &finding.id,
            point: Geodetic::from_degrees(lat, lon, height_m),
            ellipse95,
            footprint: &row.footprint,
            tracks: &self.tracks,
            others: &others,
            site: self.site.as_ref(),
        })
    }
}

/// The cameras' ways in the order of frames; one line a camera.
fn tracks(rows: &[FrameRow]) -> Vec<Vec<(f64, f64)>> {
    let mut by_camera: BTreeMap<&str, Vec<&FrameRow>> = BTreeMap::new();
    for row in rows {
        by_camera.entry(&row.camera).or_default().push(row);
    }
    let line = |mut rows: Vec<&FrameRow>| {
        rows.sort_by(|a, b| (&a.taken_at, a.frame).cmp(&(&b.taken_at, b.frame)));
        rows.iter().filter_map(|row| row.lon.zip(row.lat)).collect()
    };
    by_camera.into_values().map(line).collect()
}
