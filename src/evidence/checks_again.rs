//! Temperatures and places once more, from the originals that the package holds.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::derive::recheck::{self, Again, Original, Recheck, StatedPose};
use crate::geo::{Attitude, Geodetic};

use super::checks_inside::{LARGEST, Row, cell};
use super::contents::{FLAT_FIELD, in_package};
use super::verify::{Opened, none_of};

const TEMPERATURES: &str =
    "each finding's temperatures come out of its original again, by the spot's own pixels";
const POSITIONS: &str =
    "each finding lies where its frame's pose looks, within the ellipses of 95 %";
/// Stated contrasts are rounded to 0.01 K, in findings and in sightings.
const ROUNDING_K: f64 = 0.011;
/// Stated centres are single-precision numbers.
const ROUNDING_PX: f64 = 0.01;

#[derive(Debug, Deserialize)]
struct Collection {
    features: Vec<Feature>,
}

#[derive(Debug, Deserialize)]
struct Feature {
    properties: Finding,
}

/// What a finding states.
#[derive(Debug, Deserialize)]
struct Finding {
    id: String,
    polarity: String,
    lat: Option<f64>,
    lon: Option<f64>,
    height_ellipsoidal_m: Option<f64>,
    ellipse95_major_m: Option<f64>,
    peak_c: Option<f64>,
    background_c: Option<f64>,
    delta_k: Option<f64>,
}

/// A finding, the sighting that its temperatures are of, and that sighting's frame.
type Claim<'a> = (&'a Finding, &'a Sighting, &'a Row);

#[derive(Debug, Deserialize)]
struct Coco {
    annotations: Vec<Sighting>,
}

/// What a frame is said to have seen of a finding.
#[derive(Debug, Clone, Deserialize)]
struct Sighting {
    image_id: u32,
    finding: String,
    bbox: [u32; 4],
    score: Option<f64>,
    x_px: Option<f64>,
    y_px: Option<f64>,
    peak_c: Option<f64>,
    background_c: Option<f64>,
    delta_k: Option<f64>,
    ellipse95_major_m: Option<f64>,
}

/// Detector's parameters, and which version of the program looked.
struct Method {
    detect: Value,
    version: String,
}

/// What was seen so far.
#[derive(Default)]
struct Seen {
    temperatures: usize,
    places: usize,
    cold_or_hot: Vec<String>,
    elsewhere: Vec<String>,
    /// Findings whose original is not in the package, or that have no temperature.
    without: usize,
    /// Findings whose lens or pose is not known.
    blind: usize,
    /// Findings that this version of the program does not find the same way.
    other_version: usize,
}

pub(super) fn check(opened: &mut Opened, frames: &[Row]) {
    if !frames.iter().any(|row| !cell(row, "original").is_empty()) {
        let why = "no originals in the package; ask for them by their SHA-256 in frames.csv";
        opened.left("temperatures", TEMPERATURES, why);
        return opened.left("positions", POSITIONS, why);
    }
    match once_more(opened, frames) {
        Err(reason) => {
            opened.add("temperatures", TEMPERATURES, Err(reason.clone()));
            opened.add("positions", POSITIONS, Err(reason));
        }
        Ok(seen) => told(opened, &seen),
    }
}

fn told(opened: &mut Opened, seen: &Seen) {
    let mut beside = String::new();
    for (count, why) in [
        (seen.without, "without an original or a temperature"),
        (seen.other_version, "not found the same way by this version of the program"),
    ] {
        if count > 0 {
            beside += &format!("; {count} {why}");
        }
    }
    let both = [
        ("temperatures", TEMPERATURES, seen.temperatures, &seen.cold_or_hot, beside.clone()),
        (
            "positions",
            POSITIONS,
            seen.places,
            &seen.elsewhere,
            match seen.blind {
                0 => beside,
                blind => format!("{beside}; {blind} without a known lens or pose"),
            },
        ),
    ];
    for (name, proves, count, wrong, beside) in both {
        let fine = format!("{count} findings worked out once more{beside}");
        if count == 0 && wrong.is_empty() {
            opened.left(name, proves, &fine);
        } else {
            opened.add(name, proves, none_of(wrong, fine));
        }
    }
}

fn once_more(opened: &mut Opened, frames: &[Row]) -> Result<Seen, String> {
    let findings: Collection = json(opened, "data/findings/findings.geojson")?;
    let coco: Coco = json(opened, "data/findings/coco.json")?;
    let detector: Value = json(opened, "data/method/detector.json")?;
    let method = Method {
        detect: detector["parameters"]["detect"].clone(),
        version: detector["run_version"].as_str().unwrap_or_default().to_owned(),
    };
    let rows: BTreeMap<&str, &Row> = frames.iter().map(|row| (cell(row, "id"), row)).collect();
    let mut sightings: BTreeMap<&str, Vec<&Sighting>> = BTreeMap::new();
    for one in &coco.annotations {
        sightings.entry(&one.finding).or_default().push(one);
    }
    let mut seen = Seen::default();
    // By original, so that each is read once.
    let mut claims: BTreeMap<(&str, &str), Vec<Claim<'_>>> = BTreeMap::new();
    for finding in findings.features.iter().map(|feature| &feature.properties) {
        let own = sightings.get(finding.id.as_str()).map_or(&[][..], Vec::as_slice);
        if finding.peak_c.is_none() {
            seen.without += 1;
            continue;
        }
        seen.cold_or_hot.extend(among_themselves(finding, own));
        let Some(sighting) = strongest(finding, own) else {
            seen.cold_or_hot.push(format!("{}: no frame saw these temperatures", finding.id));
            continue;
        };
        let row = rows.get(super::frames::frame_id(sighting.image_id).as_str()).copied();
        match row.filter(|row| !cell(row, "original").is_empty()) {
            Some(row) => claims
                .entry((cell(row, "original"), cell(row, "frame_index")))
                .or_default()
                .push((finding, sighting, row)),
            None => seen.without += 1,
        }
    }
    for ((original, index), claims) in claims {
        let row = claims[0].2;
        let again = read(opened, (original, index), cell(row, "radiometry"), &method.detect);
        match again {
            Err(reason) => seen.cold_or_hot.push(format!("{original}: {reason}")),
            Ok(again) => {
                for (finding, sighting, row) in claims {
                    one(&mut seen, &again, &method.version, (finding, sighting, row));
                }
            }
        }
    }
    Ok(seen)
}

fn json<T: for<'a> Deserialize<'a>>(opened: &mut Opened, path: &str) -> Result<T, String> {
    let text = opened.source.text(path, LARGEST)?;
    serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))
}

fn read(
    opened: &mut Opened,
    (name, index): (&str, &str),
    radiometry: &str,
    detect: &Value,
) -> Result<Again, String> {
    let bytes = opened.source.read(&format!("data/{name}"), LARGEST)?;
    let index = index.parse().map_err(|_| format!("`{index}` is no number"))?;
    let told: Value = serde_json::from_str(radiometry).unwrap_or_default();
    let flat_field = match told[FLAT_FIELD].as_str() {
        Some(file) => Some(opened.source.read(&format!("data/{}", in_package(file)), LARGEST)?),
        None => None,
    };
    let flat_field = flat_field.as_deref();
    Again::of(&Original { name, bytes: &bytes, index, radiometry, flat_field }, detect)
}

/// The sighting that the finding's temperatures were taken from.
fn strongest<'a>(finding: &Finding, own: &[&'a Sighting]) -> Option<&'a Sighting> {
    let same =
        |one: &&&Sighting| (one.peak_c, one.background_c) == (finding.peak_c, finding.background_c);
    let score = |one: &Sighting| one.score.unwrap_or(f64::MIN);
    let by_score = |a: &&&Sighting, b: &&&Sighting| {
        score(a).total_cmp(&score(b)).then(b.image_id.cmp(&a.image_id))
    };
    own.iter().filter(same).max_by(by_score).copied()
}

/// The stated contrast is the middle one of the frames' contrasts.
fn among_themselves(finding: &Finding, own: &[&Sighting]) -> Option<String> {
    let mut contrasts: Vec<f64> = own.iter().filter_map(|one| one.delta_k).collect();
    contrasts.sort_by(f64::total_cmp);
    let (low, high) = (contrasts.len().checked_sub(1)? / 2, contrasts.len() / 2);
    let median_k = f64::midpoint(contrasts[low], contrasts[high]);
    let stated_k = finding.delta_k?;
    ((stated_k - median_k).abs() > ROUNDING_K)
        .then(|| format!("{}: {stated_k} K stated, its frames say {median_k:.2} K", finding.id))
}

fn one(seen: &mut Seen, again: &Again, version: &str, (finding, sighting, row): Claim<'_>) {
    let id = &finding.id;
    let Some(spot) = again.spot(sighting.bbox, finding.polarity == "hot") else {
        if version == env!("CARGO_PKG_VERSION") {
            seen.cold_or_hot.push(format!("{id}: its frame has no such spot"));
        } else {
            seen.other_version += 1;
        }
        return;
    };
    seen.temperatures += 1;
    for (what, stated, found) in [
        ("peak", finding.peak_c, spot.peak_c),
        ("surroundings", finding.background_c, spot.background_c),
    ] {
        let Some(check) = stated.map(|stated| recheck::temperature(stated, found)) else {
            continue;
        };
        if !check.agrees() {
            let Recheck { stated, found, .. } = check;
            seen.cold_or_hot.push(format!("{id}: {what} {stated} °C stated, {found:.2} °C found"));
        }
    }
    let (x_px, y_px) = spot.centre_px;
    let off = |stated: Option<f64>, found: f64| {
        stated.is_none_or(|stated| (stated - found).abs() > ROUNDING_PX)
    };
    if off(sighting.x_px, x_px) || off(sighting.y_px, y_px) {
        seen.elsewhere.push(format!("{id}: its frame has it at another pixel"));
    }
    let Some((pose, stated, radius_m)) = stated(again, finding, sighting, row) else {
        seen.blind += 1;
        return;
    };
    seen.places += 1;
    match recheck::place(&pose, spot.centre_px, &stated, radius_m) {
        Some(check) if check.agrees() => {}
        Some(Recheck { found, tolerance, .. }) => seen.elsewhere.push(format!(
            "{id}: {found:.2} m from where its frame looks, {tolerance:.2} m allowed"
        )),
        None => seen.elsewhere.push(format!("{id}: its frame does not look there")),
    }
}

/// The frame's pose, where the finding is stated to be, and how far apart the two may be in metres.
fn stated(
    again: &Again,
    finding: &Finding,
    sighting: &Sighting,
    row: &Row,
) -> Option<(StatedPose, Geodetic, f64)> {
    let number = |column: &str| cell(row, column).parse::<f64>().ok();
    let stated = Geodetic::from_degrees(finding.lat?, finding.lon?, finding.height_ellipsoidal_m?);
    let pose = StatedPose {
        position: Geodetic::from_degrees(
            number("lat")?,
            number("lon")?,
            number("height_ellipsoidal_m")?,
        ),
        attitude: Attitude::from_degrees(
            number("heading_deg")?,
            number("gimbal_pitch_deg")?,
            number("gimbal_roll_deg")?,
        ),
        camera: again.lens(cell(row, "camera"))?,
    };
    Some((pose, stated, finding.ellipse95_major_m? + sighting.ellipse95_major_m?))
}
