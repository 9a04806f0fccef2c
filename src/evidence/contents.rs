//! What lies in a package beside originals and report.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::json;

use crate::case::{self, Case, FLIGHT_MANIFEST, FrameRow};

use super::bag::Bag;
use super::export::{Chosen, Request, Told};
use super::frames::{self, Beside};
use super::{Error, MATRIX, Profile, findings, names, pretty, privacy};

const LIMITS: &str = include_str!("texts/limits.md");

/// Names the file with the pattern of its sensor among a frame's parameters.
pub(super) const FLAT_FIELD: &str = "flat_field";

/// Where a file with the pattern of a sensor, as a case names it, lies below `data/`.
pub(super) fn in_package(file: &str) -> String {
    format!("method/{file}")
}

/// Everything but originals and report.
pub(super) fn write(
    bag: &mut Bag,
    case: &Case,
    request: &Request<'_>,
    told: &Told,
    chosen: &Chosen,
    log: &[u8],
) -> Result<(), Error> {
    let beside = Beside {
        settings: request.settings,
        regimes: &told.regimes,
        originals: &chosen.paths,
        without: &chosen.without,
    };
    let regimes = frames::regimes(&told.frames, &told.findings, &case.sightings()?, &told.regimes);
    bag.add("flight/regimes.json", &pretty(&regimes))?;
    bag.add("frames.csv", frames::csv(&told.frames, &beside).as_bytes())?;
    found(bag, case, told, chosen)?;
    flight(bag, case, request, told)?;
    method(bag, case, request, told)?;
    flat_fields(bag, case, told, chosen)?;
    derived(bag, case, (request, told, chosen))?;
    bag.add("reviews/reviews.jsonl", &json_lines(&told.reviews))?;
    bag.add("custody/custody.jsonl", log)?;
    let masked: Vec<_> = told
        .frames
        .iter()
        .filter_map(|frame| {
            let rule = chosen.masked.get(&frame.frame)?;
            Some((frames::frame_id(frame.frame), frame.sha256.clone(), rule.clone()))
        })
        .collect();
    bag.add("privacy/masked_frames.csv", privacy::masked_csv(&masked).as_bytes())?;
    bag.add("privacy/dpia.txt", format!("{}\n", request.settings.dpia.trim()).as_bytes())?;
    let redactions = optional(&case.folder().join("derived/redactions.jsonl"))?;
    let redactions = String::from_utf8_lossy(&redactions.unwrap_or_default()).into_owned();
    bag.add("privacy/redactions.jsonl", told.origin.plain_json(&redactions).as_bytes())
}

fn found(bag: &mut Bag, case: &Case, told: &Told, chosen: &Chosen) -> Result<(), Error> {
    let rows = &told.findings;
    bag.add("findings/findings.geojson", case::findings_geojson(rows).as_bytes())?;
    let mut csv = Vec::new();
    case::write_findings_csv(rows, &mut csv)
        .map_err(|source| Error::io(Path::new("findings.csv"), source))?;
    bag.add("findings/findings.csv", &csv)?;
    bag.add("findings/findings.kml", findings::kml(rows).as_bytes())?;
    let coco = findings::coco(rows, &told.frames, &case.sightings()?, &chosen.paths);
    bag.add("findings/coco.json", &coco)?;
    bag.add_made("findings/findings.gpkg", |place| {
        Ok(case.write_package_gpkg(place, &told.origin.base)?)
    })
}

fn flight(bag: &mut Bag, case: &Case, request: &Request<'_>, told: &Told) -> Result<(), Error> {
    let run = &told.run.id;
    for end in ["", ".sig", ".tsq", ".tsr"] {
        let name = format!("{FLIGHT_MANIFEST}{end}");
        if let Some(bytes) = case.seal(run, &name)? {
            bag.add(&format!("flight/{name}"), &bytes)?;
        }
    }
    if let Some(bytes) = case.seal(run, "unsealed.json")? {
        bag.add("flight/unsealed.json", &bytes)?;
    }
    bag.add("flight/track.csv", frames::track_csv(&told.frames).as_bytes())?;
    bag.add("flight/weather.json", &pretty(&json!(request.settings.conditions)))?;
    bag.add("flight/checklist.json", &pretty(&json!(request.settings.checklist)))?;
    for (name, place) in request.flight {
        bag.copy(&format!("flight/{}", names::plain(name)), place, None)?;
    }
    Ok(())
}

fn method(bag: &mut Bag, case: &Case, request: &Request<'_>, told: &Told) -> Result<(), Error> {
    let parameters: serde_json::Value =
        serde_json::from_str(&told.origin.plain_json(&told.run.parameters)).unwrap_or_default();
    let detector = json!({
        "detector": "opening-ring-fit",
        "program": request.program,
        "run": told.run.id.0,
        "run_version": told.run.version,
        "parameters": parameters,
        "threads": "any number gives the same bytes",
        "inputs": case.inputs()?.len(),
    });
    bag.add("method/detector.json", &pretty(&detector))?;
    bag.add("method/camera.json", &pretty(request.cameras))?;
    bag.add("method/limits.md", LIMITS.as_bytes())?;
    let own = optional(&case.folder().join("lhso.toml"))?;
    bag.add("method/lhso.toml", own.as_deref().unwrap_or(MATRIX.as_bytes()))?;
    if let Some(advice) = optional(&case.folder().join("advice.toml"))? {
        bag.add("method/advice.toml", &advice)?;
    }
    Ok(())
}

/// What was taken off the frames whose originals are there, so that they can be looked at as the
/// run did.
fn flat_fields(bag: &mut Bag, case: &Case, told: &Told, chosen: &Chosen) -> Result<(), Error> {
    let with_original = told.frames.iter().filter(|row| chosen.paths.contains_key(&row.frame));
    let file = |row: &FrameRow| {
        let told: serde_json::Value = serde_json::from_str(&row.parameters).ok()?;
        told[FLAT_FIELD].as_str().map(ToOwned::to_owned)
    };
    let needed: BTreeSet<String> = with_original.filter_map(file).collect();
    let run: serde_json::Value = serde_json::from_str(&told.run.parameters).unwrap_or_default();
    let known = run["flat_fields"].as_array().into_iter().flatten();
    let sha256_of: BTreeMap<&str, &str> = known
        .filter_map(|field| Some((field["file"].as_str()?, field["sha256"].as_str()?)))
        .collect();
    needed.iter().try_for_each(|file| match sha256_of.get(file.as_str()) {
        Some(sha256) => bag.copy(&in_package(file), &case.folder().join(file), Some(sha256)),
        None => Err(Error::io(Path::new(file), std::io::ErrorKind::NotFound.into())),
    })
}

/// Pictures and rasters that lie in the case, as far as the list of derivations names them: what an
/// earlier run left there is no part of this one. Whoever gets no originals gets no rasters either:
/// a raster shows what masking hides. Of a frame that a rule leaves out only maps go along, which
/// show nothing of it; the list keeps the digests of the rest.
fn derived(
    bag: &mut Bag,
    case: &Case,
    (request, told, chosen): (&Request<'_>, &Told, &Chosen),
) -> Result<(), Error> {
    let folder = case.folder().join("derived");
    let Some(list) = optional(&folder.join("derivation.jsonl"))? else { return Ok(()) };
    let list = String::from_utf8_lossy(&list).into_owned();
    bag.add("derived/derivation.jsonl", told.origin.plain_json(&list).as_bytes())?;
    let left_out: BTreeSet<&str> = told
        .frames
        .iter()
        .filter(|row| {
            chosen.masked.contains_key(&row.frame) && !chosen.paths.contains_key(&row.frame)
        })
        .map(|row| row.sha256.as_str())
        .collect();
    let mut files = BTreeSet::new();
    for line in list.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
        let [output, operation, input] =
            ["output", "operation", "input_sha256"].map(|name| line[name].as_str().unwrap_or(""));
        let kept_back = request.profile == Profile::Administrative && operation == "celsius";
        let hidden = operation != "map" && left_out.contains(input);
        if names::plain(output) == output && !output.is_empty() && !kept_back && !hidden {
            files.insert(output.to_owned());
        }
    }
    for name in files {
        bag.copy(&format!("derived/{name}"), &folder.join(&name), None)?;
    }
    Ok(())
}

fn json_lines(rows: &[impl serde::Serialize]) -> Vec<u8> {
    let mut lines = Vec::new();
    for row in rows {
        lines.extend(serde_json::to_vec(row).expect("text and numbers always serialise"));
        lines.push(b'\n');
    }
    lines
}

fn optional(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io(path, error)),
    }
}
