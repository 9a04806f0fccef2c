//! What people say is there, read from where `evaluate` is told.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::detect::Polarity;
use crate::evaluate::{
    self, Label, LabelledFrame, PlacedLabel, Role, SeenFrame, Table, frames_of_scene, read_coco,
    read_table, read_yolo_folder,
};
use crate::inspect::name_of;
use crate::sim;

use super::ending::BadInput;
use super::files;

/// Larger files of labels or detections are a mistake.
const MOST_BYTES: u64 = 1 << 30;
/// Labels of one picture.
const MOST_BYTES_A_PICTURE: u64 = 16 << 20;
/// Farthest that a flight's errors may carry a finding.
const FARTHEST_M: f64 = 10_000.0;

/// Labels, of frames or of the ground.
pub(super) enum Labels {
    Frames(Vec<LabelledFrame>),
    Ground {
        labels: Vec<PlacedLabel>,
        /// How far a finding may be, where the truth tells.
        within_m: Option<f64>,
    },
}

/// What YOLO's files do not tell, and what no format tells.
pub(super) struct Told<'a> {
    pub(super) seen: &'a [SeenFrame],
    pub(super) size_px: Option<[u32; 2]>,
    pub(super) distractors: &'a [String],
    pub(super) ignored: &'a [String],
}

/// Reads labels: a file, or a folder of a scene, a simulated flight or YOLO's texts.
pub(super) fn read(path: &Path, told: &Told<'_>) -> anyhow::Result<Labels> {
    let labels = if path.is_dir() { folder(path, told)? } else { file(path)? };
    Ok(match labels {
        Labels::Frames(mut frames) => {
            let all = frames.iter_mut().flat_map(|frame| &mut frame.labels);
            evaluate::give_roles(all, told.distractors, told.ignored);
            Labels::Frames(frames)
        }
        ground => ground,
    })
}

/// Detections of a file, or of stdin for `-`.
pub(super) fn detections(path: &Path) -> anyhow::Result<Vec<SeenFrame>> {
    if path == Path::new("-") {
        let bytes = files::whole(std::io::stdin().lock(), "-", MOST_BYTES)?;
        return Ok(evaluate::read_detections("-", &bytes)?);
    }
    Ok(evaluate::read_detections(&name_of(path), &files::bytes(path, MOST_BYTES)?)?)
}

/// What an object of JSON holds.
#[derive(Deserialize)]
struct Keys {
    simulated: Option<IgnoredAny>,
    images: Option<IgnoredAny>,
}

fn file(path: &Path) -> anyhow::Result<Labels> {
    let name = name_of(path);
    let bytes = files::bytes(path, MOST_BYTES)?;
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Ok(match read_table(&name, &bytes)? {
            Table::Frames(frames) => Labels::Frames(frames),
            Table::Ground(labels) => Labels::Ground { labels, within_m: None },
        });
    }
    let bad = |what: String| BadInput(format!("{name}: {what}"));
    let keys: Keys =
        serde_json::from_slice(&bytes).map_err(|error| bad(format!("not JSON: {error}")))?;
    if keys.simulated.is_some() {
        return Ok(planted(&name, &bytes)?);
    }
    if keys.images.is_some() {
        return Ok(Labels::Frames(read_coco(&name, &bytes)?));
    }
    let what = "JSON of labels is COCO's (`images`, `annotations`) or a flight's `truth.json`";
    Err(bad(what.to_owned()).into())
}

/// The truth of a simulated flight. Spots that nobody could find are ignored, and so are assets
/// that are spots by themselves.
fn planted(name: &str, bytes: &[u8]) -> Result<Labels, BadInput> {
    let bad = |what: String| BadInput(format!("{name}: {what}"));
    let truth: sim::Truth = serde_json::from_slice(bytes)
        .map_err(|error| bad(format!("not the truth of a simulated flight: {error}")))?;
    if truth.format_version != 1 {
        return Err(bad(format!("format version {}; known is 1", truth.format_version)));
    }
    let within_m = truth.gate_m();
    if !(within_m > 0.0 && within_m <= FARTHEST_M) {
        return Err(bad(format!("its parameters let a finding be {within_m} m off")));
    }
    let label = |spot: &sim::PlantedSpot| PlacedLabel {
        name: Some(spot.id.clone()),
        lat_deg: spot.lat,
        lon_deg: spot.lon,
        polarity: Some(polarity_of(spot.delta_k)),
        delta_k: Some(spot.seen_delta_k),
        sigma_px: Some(spot.sigma_px),
        class: spot.asset.clone().unwrap_or_default(),
        role: if spot.findable() { Role::Target } else { Role::Ignore },
    };
    let asset = |asset: &sim::RoundAsset| PlacedLabel {
        name: Some(asset.name.clone()),
        lat_deg: asset.lat,
        lon_deg: asset.lon,
        polarity: Some(polarity_of(asset.delta_k)),
        delta_k: Some(asset.delta_k),
        sigma_px: None,
        class: asset.name.clone(),
        role: Role::Ignore,
    };
    let labels = truth.spots.iter().map(label).chain(truth.round_assets.iter().map(asset));
    let labels = labels.collect();
    Ok(Labels::Ground { labels, within_m: Some(within_m) })
}

fn polarity_of(delta_k: f64) -> Polarity {
    if delta_k < 0.0 { Polarity::Cold } else { Polarity::Hot }
}

fn folder(path: &Path, told: &Told<'_>) -> anyhow::Result<Labels> {
    let table = path.join("truth.csv");
    if table.is_file() {
        let Labels::Frames(mut frames) = file(&table)? else { return file(&table) };
        let scene = path.join("scene.json");
        if scene.is_file() {
            let known: Vec<String> = frames.iter().map(|frame| frame.file.clone()).collect();
            let all =
                frames_of_scene(&name_of(&scene), &files::bytes(&scene, MOST_BYTES_A_PICTURE)?)?;
            let known = known.iter().collect::<std::collections::BTreeSet<_>>();
            let empty = all.into_iter().filter(|file| !known.contains(file));
            frames.extend(empty.map(|file| LabelledFrame { file, labels: Vec::new() }));
        }
        return Ok(Labels::Frames(frames));
    }
    let truth = path.join("truth.json");
    if truth.is_file() {
        return file(&truth);
    }
    yolo(path, told)
}

/// Names the classes, a line each; no labels.
const CLASSES: &str = "classes.txt";

fn yolo(path: &Path, told: &Told<'_>) -> anyhow::Result<Labels> {
    let name = name_of(path);
    let entries = std::fs::read_dir(path)
        .map_err(|error| BadInput(format!("{name}: it cannot be read: {error}")))?;
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(|error| BadInput(format!("{name}: it cannot be read: {error}")))?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "txt"));
    paths.sort();
    let mut texts = Vec::new();
    let mut classes = Vec::new();
    for text in paths {
        let content = files::bytes(&text, MOST_BYTES_A_PICTURE)?;
        let file = text.file_name().unwrap_or_default();
        if file == CLASSES {
            let lines = String::from_utf8_lossy(&content);
            classes = lines.lines().map(|line| line.trim().to_owned()).collect();
        } else {
            texts.push((name_of(Path::new(file)), content));
        }
    }
    if texts.is_empty() {
        return Err(BadInput(format!(
            "{name}: no labels in this folder: neither truth.csv nor truth.json, and no .txt"
        ))
        .into());
    }
    Ok(Labels::Frames(read_yolo_folder(&texts, told.seen, told.size_px, &classes)?))
}

/// Names of classes that no label has.
pub(super) fn strange<'a>(frames: &[LabelledFrame], classes: &'a [String]) -> Vec<&'a str> {
    let has = |class: &String| {
        frames.iter().flat_map(|frame| &frame.labels).any(|label: &Label| label.class == *class)
    };
    classes.iter().filter(|class| !has(class)).map(String::as_str).collect()
}
