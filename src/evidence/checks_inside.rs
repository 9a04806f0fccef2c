//! Does what is in the package hang together? What a shell cannot see.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::case::{self, ReviewRow};

use super::verify::{Opened, none_of};
use super::{checks_again, table};

/// Largest of the files that are read whole: findings of 100,000 frames fit.
pub(super) const LARGEST: u64 = 512 << 20;

pub(super) type Row = BTreeMap<String, String>;

pub(super) fn check(opened: &mut Opened) {
    custody(opened);
    let frames = opened.source.text("data/frames.csv", LARGEST).and_then(|text| table::rows(&text));
    match frames {
        Ok(frames) => {
            seal(opened, &frames);
            originals(opened, &frames);
            privacy(opened, &frames);
            findings(opened, &frames);
            derivations(opened, &frames);
            checks_again::check(opened, &frames);
        }
        Err(reason) => {
            opened.add("frames", "every frame of the flight is accounted for", Err(reason));
        }
    }
}

fn custody(opened: &mut Opened) {
    let head = opened.info.get("Custody-Head").cloned().unwrap_or_default();
    let log = opened.source.read("data/custody/custody.jsonl", LARGEST);
    let seen = log.and_then(|log| {
        let (lines, found) =
            case::read_custody(&log).map_err(|(line, reason)| format!("line {line}: {reason}"))?;
        if found != head {
            return Err(format!("it ends in {found}, Custody-Head is {head}"));
        }
        if !lines.iter().any(|line| line.action == "ingest") {
            return Err("it does not say how the flight came in".to_owned());
        }
        Ok(format!("{} lines", lines.len()))
    });
    opened.add("custody", "the log of who did what has no gap and no changed line", seen);
}

/// Every frame is in the flight's seal, by its digest.
fn seal(opened: &mut Opened, frames: &[Row]) {
    let path = "data/flight/flight-manifest-sha256.txt";
    let seen = opened.source.text(path, LARGEST).and_then(|text| {
        let sealed: BTreeSet<&str> =
            case::read_flight_manifest(&text).iter().map(|(sha256, _)| *sha256).collect();
        let strangers: Vec<_> = frames
            .iter()
            .filter(|row| !sealed.contains(cell(row, "sha256")))
            .map(|row| format!("{} is not of the flight", cell(row, "id")))
            .collect();
        none_of(&strangers, format!("{} frames, {} files sealed", frames.len(), sealed.len()))
    });
    let seen = seen.and_then(|told| match sealed_in_log(opened, path) {
        true => Ok(told),
        false => Err("the custody log tells of another seal".to_owned()),
    });
    opened.add("flight_seal", "every frame belongs to the flight as it came in", seen);
}

/// The seal is the one that the log names at ingest.
fn sealed_in_log(opened: &mut Opened, path: &str) -> bool {
    let Ok(log) = opened.source.read("data/custody/custody.jsonl", LARGEST) else { return false };
    let Ok((lines, _)) = case::read_custody(&log) else { return false };
    let sha256 = opened.digest(path);
    lines.iter().any(|line| line.action == "ingest" && Some(line.object_sha256.as_str()) == sha256)
}

/// Originals are byte for byte what came in, and none is there that no frame names.
fn originals(opened: &mut Opened, frames: &[Row]) {
    let mut wrong = Vec::new();
    let mut named = BTreeSet::new();
    for row in frames {
        let original = cell(row, "original");
        if original.is_empty() {
            if cell(row, "no_original_because").is_empty() {
                wrong.push(format!("{} has neither original nor reason", cell(row, "id")));
            }
            continue;
        }
        let path = format!("data/{original}");
        match opened.digest(&path) {
            Some(sha256) if sha256 == cell(row, "sha256") => {}
            Some(_) => wrong.push(format!("{original} is not what {} says", cell(row, "id"))),
            None => wrong.push(format!("{original} is missing")),
        }
        named.insert(path);
    }
    let text = opened.source.text("data/flight/flight-manifest-sha256.txt", LARGEST);
    let text = text.unwrap_or_default();
    let sealed: BTreeSet<&str> =
        case::read_flight_manifest(&text).iter().map(|(sha256, _)| *sha256).collect();
    for (path, (sha256, _)) in &opened.files {
        let extra = path.starts_with("data/originals/") && !named.contains(path);
        // A visible picture has no row of its own, but came in with the flight.
        if extra && !(path.contains("_V") && sealed.contains(sha256.as_str())) {
            wrong.push(format!("{path} belongs to no frame"));
        }
    }
    let seen = none_of(&wrong, format!("{} originals", named.len()));
    opened.add("originals", "originals are byte for byte what came in", seen);
}

/// A field of a row; a column that is not there has none.
pub(super) fn cell<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).map_or("", String::as_str)
}

/// What a rule left out is really left out.
fn privacy(opened: &mut Opened, frames: &[Row]) {
    let by_id: BTreeMap<&str, &Row> = frames.iter().map(|row| (cell(row, "id"), row)).collect();
    let seen = opened
        .source
        .text("data/privacy/masked_frames.csv", LARGEST)
        .and_then(|text| table::rows(&text))
        .and_then(|rows| {
            let mut wrong = Vec::new();
            for row in &rows {
                let id = row.get("id").map(String::as_str).unwrap_or_default();
                let in_file = |row: &&Row| {
                    cell(row, "original").is_empty() || cell(row, "frame_index") != "0"
                };
                if by_id.get(id).is_none_or(|row| !in_file(row) && shared(frames, row) == 1) {
                    wrong.push(format!("{id} should have stayed behind"));
                }
            }
            none_of(&wrong, format!("{} frames left out", rows.len()))
        });
    opened.add("privacy", "originals that a rule leaves out are not here", seen);
}

/// Frames that share a file with one.
fn shared(frames: &[Row], of: &Row) -> usize {
    frames.iter().filter(|row| cell(row, "original") == cell(of, "original")).count()
}

#[derive(Debug, Deserialize)]
struct Collection {
    features: Vec<Feature>,
}

#[derive(Debug, Deserialize)]
struct Feature {
    id: String,
    properties: Properties,
}

#[derive(Debug, Deserialize)]
struct Properties {
    id: String,
    status: String,
    frames: Vec<String>,
}

fn findings(opened: &mut Opened, frames: &[Row]) {
    let read = opened.source.text("data/findings/findings.geojson", LARGEST).and_then(|text| {
        serde_json::from_str::<Collection>(&text).map_err(|error| error.to_string())
    });
    let features = match read {
        Ok(collection) => collection.features,
        Err(reason) => {
            return opened.add("findings", "each finding rests on frames", Err(reason));
        }
    };
    let known: BTreeSet<String> = frames
        .iter()
        .flat_map(|row| {
            [
                cell(row, "file").to_owned(),
                format!("{}#{}", cell(row, "file"), cell(row, "frame_index")),
            ]
        })
        .collect();
    let mut wrong = Vec::new();
    for feature in &features {
        let properties = &feature.properties;
        if feature.id != properties.id {
            wrong.push(format!("{} is also called {}", feature.id, properties.id));
        }
        let strangers = properties.frames.iter().filter(|frame| !known.contains(*frame));
        wrong.extend(strangers.map(|frame| format!("{}: {frame} is no frame", feature.id)));
        if properties.frames.is_empty() {
            wrong.push(format!("{} rests on no frame", feature.id));
        }
    }
    let seen = none_of(&wrong, format!("{} findings", features.len()));
    opened.add("findings", "each finding rests on frames of the flight", seen);
    formats(opened, &features, frames);
    reviews(opened, &features);
}

/// The same findings in every format.
fn formats(opened: &mut Opened, features: &[Feature], frames: &[Row]) {
    let ids: BTreeSet<&str> = features.iter().map(|feature| feature.id.as_str()).collect();
    let mut wrong = Vec::new();
    let csv = opened.source.text("data/findings/findings.csv", LARGEST);
    match csv.and_then(|text| table::rows(&text)) {
        Ok(rows) => {
            let listed: BTreeSet<&str> =
                rows.iter().filter_map(|row| row.get("id")).map(String::as_str).collect();
            if listed != ids {
                wrong.push("findings.csv has others".to_owned());
            }
        }
        Err(reason) => wrong.push(reason),
    }
    match opened.source.text("data/findings/findings.kml", LARGEST) {
        Ok(text) => {
            let strangers = text
                .split("<Placemark id=\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .any(|id| !ids.contains(id));
            if strangers {
                wrong.push("findings.kml has others".to_owned());
            }
        }
        Err(reason) => wrong.push(reason),
    }
    match coco(opened) {
        Ok((images, named)) => {
            if images != frames.len() {
                wrong.push(format!("coco.json has {images} images of {}", frames.len()));
            }
            if named.iter().any(|id| !ids.contains(id.as_str())) {
                wrong.push("coco.json has others".to_owned());
            }
        }
        Err(reason) => wrong.push(reason),
    }
    let geopackage = opened.source.read("data/findings/findings.gpkg", LARGEST);
    // SQLite's header has the application at byte 68 (sqlite.org/fileformat, 1.3).
    if geopackage.is_ok_and(|bytes| bytes.get(68..72) != Some(b"GPKG")) {
        wrong.push("findings.gpkg is no GeoPackage".to_owned());
    }
    let seen = none_of(&wrong, "GeoJSON, CSV, KML, COCO, GeoPackage".to_owned());
    opened.add("formats", "every format tells of the same findings", seen);
}

/// How many images, and the findings that sightings name.
fn coco(opened: &mut Opened) -> Result<(usize, BTreeSet<String>), String> {
    let text = opened.source.text("data/findings/coco.json", LARGEST)?;
    let json: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let list = |name: &str| json[name].as_array().cloned().unwrap_or_default();
    let named = list("annotations")
        .iter()
        .filter_map(|one| one["finding"].as_str())
        .map(str::to_owned)
        .collect();
    Ok((list("images").len(), named))
}

/// Each finding's status is what its reviews say.
fn reviews(opened: &mut Opened, features: &[Feature]) {
    let seen = opened.source.text("data/reviews/reviews.jsonl", LARGEST).and_then(|text| {
        let reviews: Vec<ReviewRow> = text
            .lines()
            .map(serde_json::from_str)
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())?;
        let withdrawn: BTreeSet<i64> = reviews.iter().filter_map(|one| one.withdraws).collect();
        let mut status: BTreeMap<&str, &str> = BTreeMap::new();
        for review in &reviews {
            if !review.decision.is_empty() && !withdrawn.contains(&review.number) {
                status.insert(&review.finding, &review.decision);
            }
        }
        let ids: BTreeSet<&str> = features.iter().map(|feature| feature.id.as_str()).collect();
        let mut wrong: Vec<_> = reviews
            .iter()
            .filter(|review| !ids.contains(review.finding.as_str()))
            .map(|review| format!("{} was reviewed and is no finding", review.finding))
            .collect();
        for feature in features {
            let decided = status.get(feature.id.as_str()).copied().unwrap_or("open");
            if feature.properties.status != decided {
                wrong.push(format!("{} is not what its reviews say", feature.id));
            }
        }
        none_of(&wrong, format!("{} reviews", reviews.len()))
    });
    opened.add("reviews", "each decision was made by a person who is named", seen);
}

/// Each derived file is the one that its derivation made, from a frame of the flight.
fn derivations(opened: &mut Opened, frames: &[Row]) {
    const PROVES: &str = "each derived file was made from a frame of the flight, as recorded";
    if !opened.source.has("data/derived/derivation.jsonl") {
        return opened.left("derivations", PROVES, "nothing was derived");
    }
    let inputs: BTreeSet<&str> = frames.iter().map(|row| cell(row, "sha256")).collect();
    let seen = opened.source.text("data/derived/derivation.jsonl", LARGEST).and_then(|text| {
        let (mut wrong, mut outputs) = (Vec::new(), BTreeSet::new());
        for (number, line) in text.lines().enumerate() {
            let json: Value =
                serde_json::from_str(line).map_err(|error| format!("line {number}: {error}"))?;
            let field = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
            let (input, output) = (field("input_sha256"), field("output_sha256"));
            if !inputs.contains(input.as_str()) {
                wrong.push(format!("line {}: its input is no frame", number + 1));
            }
            outputs.insert(output);
        }
        let own = |path: &str| path == "data/derived/derivation.jsonl";
        for (path, (sha256, _)) in &opened.files {
            if path.starts_with("data/derived/") && !own(path) && !outputs.contains(sha256) {
                wrong.push(format!("{path} has no derivation"));
            }
        }
        none_of(&wrong, format!("{} derivations", text.lines().count()))
    });
    opened.add("derivations", PROVES, seen);
}
