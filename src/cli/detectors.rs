//! `about --detectors`: what profiles and kinds go by, out of the tables that they go by.

use std::fmt::Write;

use serde::Serialize;
use serde_json::{Value, json};

use crate::detect::{Params, Profile};
use crate::fuse::{self, KindEntry, KindTable, Need};

/// All profiles, in the order of `--profile`.
const PROFILES: [Profile; 6] = [
    Profile::Leak,
    Profile::Insulation,
    Profile::Electrical,
    Profile::Pv,
    Profile::HeatSource,
    Profile::All,
];
/// Where least contrasts come from.
const PROFILE_SOURCE: &str = "working value; no standard gives the contrast in a frame";

/// A figure that decides what becomes a finding.
#[derive(Debug, Serialize)]
struct Figure {
    parameter: &'static str,
    value: f64,
    unit: &'static str,
    means: &'static str,
    source: &'static str,
}

/// What the flight stage goes by.
fn of_flight() -> Vec<Figure> {
    let params = fuse::Params::default();
    let figure = |parameter, value: f64, unit, means, source| {
        // Some are kept in single precision.
        Figure { parameter, value: (value * 1e4).round() / 1e4, unit, means, source }
    };
    vec![
        figure(
            "gate",
            params.gate,
            "squared Mahalanobis distance",
            "views further apart are of two things",
            "chi-square with 2 degrees of freedom at 0.99",
        ),
        figure(
            "least_share",
            params.least_share,
            "share of frames",
            "of the frames that could have seen a finding so many did, and two at least",
            "our convention",
        ),
        figure(
            "least_confidence",
            params.least_confidence,
            "chance",
            "what is less sure is none, unless it is plain",
            "half of it would be ground, in the simulated flights that it is weighed on",
        ),
        figure(
            "plain_contrast_k",
            params.plain_contrast_k,
            "K",
            "what stands out so much is plain, as is what its kind grades as medium",
            "our convention: the lowest limit of most kinds",
        ),
        figure(
            "strong_prominence",
            f64::from(params.strong_prominence),
            "times the scatter of its ring",
            "is a finding though few of the frames that could have seen it did",
            "our convention: twice of what one false spot a frame of a busy scene has",
        ),
        figure(
            "lone_score",
            f64::from(params.lone_score),
            "chance",
            "is a finding, if plain or sure, where one frame alone could have seen it",
            "our convention",
        ),
    ]
}

/// As options and files name it.
pub(super) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// What the score of a hot spot is.
fn score(profile: Profile) -> &'static str {
    if profile.scores_by_heat() { "heat beside the hottest of its frame" } else { "chance" }
}

/// As one JSON object.
pub(super) fn as_json(table: &KindTable) -> Value {
    let profile = |profile: &Profile| {
        json!({
            "profile": profile,
            "parameter": "least_contrast",
            "value": profile.least_contrast(),
            "unit": "K",
            "source": PROFILE_SOURCE,
            "score": score(*profile),
            "least_score": profile.least_score(),
        })
    };
    json!({
        "params": Params::default(),
        "flight": of_flight(),
        "profiles": PROFILES.iter().map(profile).collect::<Vec<_>>(),
        "kinds": table,
    })
}

/// As lines for people.
pub(super) fn as_text(table: &KindTable) -> String {
    let mut text = "Profiles: least contrast that is looked for, and score\n".to_owned();
    for profile in PROFILES {
        let (name, contrast) = (word(&profile), profile.least_contrast());
        let (score, least) = (score(profile), profile.least_score());
        let _ = writeln!(text, "  {name:<14}{contrast:>5.1} K   {score}, from {least}");
    }
    let _ = writeln!(text, "  ({PROFILE_SOURCE})\n");
    text.push_str("Findings: what decides that views are one\n");
    for Figure { parameter, value, unit, means, source } in of_flight() {
        let _ = writeln!(text, "  {parameter:<18}{value:>5} {unit}: {means} ({source})");
    }
    let _ = writeln!(text, "\nKinds: {}, SHA-256 {}", table.name, table.sha256);
    for entry in &table.kinds {
        let _ = writeln!(text, "\n  {}", word(&entry.kind));
        kind(&mut text, entry);
    }
    text.push_str("\nAssets\n");
    for entry in &table.assets {
        let (asset, hot, cold) = (word(&entry.asset), word(&entry.hot), word(&entry.cold));
        let _ = writeln!(text, "  {asset:<14}hot {hot:<22}cold {cold}");
    }
    text
}

fn kind(text: &mut String, entry: &KindEntry) {
    let grades =
        [("medium", entry.medium_k), ("high", entry.high_k), ("critical", entry.critical_k)];
    let told = grades.iter().filter_map(|(name, k)| k.map(|k| format!("{name} from {k} K")));
    let per = entry.per_irradiance_w_m2.map(|w_m2| format!("as at {w_m2} W/m²"));
    let like = entry.like_parts.then(|| "also over the coolest like part".to_owned());
    let surfaces =
        entry.like_surfaces.then(|| "with what its surface is beyond its like".to_owned());
    let told: Vec<String> = told.chain(per).chain(like).chain(surfaces).collect();
    let verified = if entry.verified { "" } else { " (not verified)" };
    for (name, value) in [
        ("compare with", entry.compare.clone()),
        ("severity", told.join(", ")),
        ("standard", format!("{}{verified}", entry.standard)),
        ("source", entry.source.clone()),
    ] {
        let _ = writeln!(text, "    {name:<14}{value}");
    }
    for need in &entry.needs {
        let _ = writeln!(text, "    {:<14}{}: {}", "needs", needed(need), need.source);
    }
}

fn needed(need: &Need) -> String {
    let (name, unit) = (need.condition.name(), need.condition.unit());
    let least = need.at_least.map(|least| format!("at least {least} {unit}"));
    let most = need.at_most.map(|most| format!("at most {most} {unit}"));
    let limits: Vec<String> = least.into_iter().chain(most).collect();
    format!("{name} {}", limits.join(", "))
}
