//! Whole files against the maker's own decoder (`reference.json`), cut files, flipped bits.

use std::path::PathBuf;

use super::super::decoded::Decoded;
use super::super::fault::Fault;
use super::super::{Overrides, ParameterSource, ReadOptions, jpeg};
use super::decode_jpeg;

fn samples() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/thermal");
    folder.exists().then_some(folder)
}

fn decode(bytes: &[u8], overrides: Overrides) -> Option<Result<Decoded, Fault>> {
    let options = ReadOptions { overrides, ..ReadOptions::default() };
    decode_jpeg(bytes, &jpeg::segments(bytes), &options)
}

/// The overrides of a set in `reference.json`.
fn overrides_of(set: &serde_json::Value) -> Overrides {
    let number = |name: &str| set[name].as_f64();
    Overrides {
        emissivity: number("emissivity"),
        distance_m: number("distance_m"),
        humidity_percent: number("humidity_percent"),
        reflected_c: number("reflected_c"),
        ambient_c: number("ambient_c"),
        ..Overrides::default()
    }
}

/// Largest and mean difference to the reference over its pixels.
fn differences(
    entry: &serde_json::Value,
    set: &serde_json::Value,
    decoded: &Decoded,
) -> (f64, f64) {
    let frame = &decoded.thermogram;
    assert_eq!(Some(u64::from(frame.width())), entry["width"].as_u64());
    assert_eq!(Some(u64::from(frame.height())), entry["height"].as_u64());
    let celsius = frame.celsius();
    let pixels = entry["pixels"].as_array().unwrap();
    let wanted = set["c"].as_array().unwrap();
    let gaps: Vec<f64> = pixels
        .iter()
        .zip(wanted)
        .map(|(pixel, wanted)| {
            let (x, y) = (pixel[0].as_u64().unwrap(), pixel[1].as_u64().unwrap());
            let got = celsius[y as usize * frame.width() as usize + x as usize];
            (f64::from(got) - wanted.as_f64().unwrap()).abs()
        })
        .collect();
    assert!(gaps.len() >= 64 && gaps.iter().all(|gap| gap.is_finite()));
    (gaps.iter().copied().fold(0.0, f64::max), gaps.iter().sum::<f64>() / gaps.len() as f64)
}

/// The largest difference that a family may show where the formulas are the maker's own: `None`
/// where the reference's own tolerance says it all. Kelvin, for stored parameters and overrides.
fn closer(file: &str) -> Option<[f64; 2]> {
    match file {
        _ if file.contains("blank") || file.contains("hirp") => None,
        _ if file.contains("M4T") => Some([0.006, 0.024]),
        _ if file.contains("H20T") || file.contains("XTS") => Some([0.101, 0.121]),
        _ if file.contains("girp") => Some([0.001, 0.001]),
        _ => Some([0.001, 0.005]),
    }
}

#[test]
fn every_family_agrees_with_the_makers_own_decoder() {
    let Some(folder) = samples() else { return };
    let text = std::fs::read_to_string(folder.join("reference.json")).unwrap();
    let reference: serde_json::Value = serde_json::from_str(&text).unwrap();
    let (mut compared, mut wrong) = (0, Vec::new());
    for entry in reference["files"].as_array().unwrap() {
        let format = entry["format"].as_str().unwrap_or_default();
        if !format.starts_with("dji-") {
            continue;
        }
        let name = entry["file"].as_str().unwrap();
        let bytes = std::fs::read(folder.join(name)).unwrap();
        for (set, oracles) in entry["sets"].as_object().unwrap() {
            let overrides = overrides_of(&reference["override_sets"][set]);
            let decoded = match decode(&bytes, overrides) {
                Some(Ok(decoded)) => decoded,
                other => {
                    wrong.push(format!("{name} {set}: {other:?}"));
                    continue;
                }
            };
            assert_eq!(decoded.format.name(), format, "{name}");
            let expected = oracles.as_object().unwrap().values().next().unwrap();
            let (most, mean) = differences(entry, expected, &decoded);
            let mut limit = entry["tolerance_k"].as_f64().unwrap() + 1e-3;
            if let Some(closer) = closer(name) {
                limit = limit.min(closer[usize::from(set != "embedded")]);
            }
            compared += 1;
            let line = format!("{name} {set}: most {most:.5} K, mean {mean:.5} K, limit {limit}");
            if most > limit || std::env::var_os("SHOW").is_some() {
                wrong.push(line);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(compared >= 60, "{compared} comparisons");
}
