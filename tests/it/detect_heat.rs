//! The profile for electrical parts, on pictures that people have labelled.

use std::fs;

use serde_json::Value;
use torenvalk::detect::{Detection, Detector, Params, Plane, Polarity, Profile};
use torenvalk::thermal::{ReadOptions, open};

use crate::shared::shared;

/// How far beside a label a spot may lie.
const WITHIN_PX: f32 = 3.0;

fn lies_in(spot: &Detection, label: &Value) -> bool {
    let side = |at: usize| label["box"][at].as_f64().unwrap() as f32;
    let within =
        |at: f32, low: f32, high: f32| (low - WITHIN_PX..=high + 1.0 + WITHIN_PX).contains(&at);
    within(spot.x_px, side(0), side(2)) && within(spot.y_px, side(1), side(3))
}

/// Share of the labelled hotspots of switchgear that the first ten hot spots of a picture hold.
fn held_by_ten(profile: Profile) -> Option<f64> {
    let folder = shared("data/detect")?;
    let labels: Value =
        serde_json::from_slice(&fs::read(folder.join("labels.json")).unwrap()).unwrap();
    let options = ReadOptions { uncalibrated: true, ..ReadOptions::default() };
    let mut detector = Detector::new(Params::of(profile));
    let (mut held, mut targets) = (0, 0);
    for (file, told) in labels["files"].as_object().unwrap() {
        if !file.starts_with("electrical_peru/") {
            continue;
        }
        let frame = open(&folder.join(file), &options).unwrap().next().unwrap().unwrap();
        let mut values = Vec::new();
        let mut found = detector.detect(&Plane::of(&frame.thermogram, &mut values));
        assert!(found.is_sorted_by(|a, b| a.score >= b.score), "{file}");
        found.retain(|spot| spot.polarity == Polarity::Hot);
        found.truncate(10);
        for label in told["boxes"].as_array().unwrap() {
            if label["role"] == "target" {
                targets += 1;
                held += i32::from(found.iter().any(|spot| lies_in(spot, label)));
            }
        }
    }
    assert_eq!(targets, 54);
    Some(f64::from(held) / f64::from(targets))
}

#[test]
fn labelled_hotspots_of_switchgear_are_among_the_first_ten_by_heat() {
    let Some(by_heat) = held_by_ten(Profile::Electrical) else { return };
    assert!(by_heat >= 0.93, "{by_heat}");
    // The chance is none to go by here: what the profile is for.
    let by_chance = held_by_ten(Profile::All).unwrap();
    assert!(by_chance < by_heat, "{by_chance} by chance, {by_heat} by heat");
}
