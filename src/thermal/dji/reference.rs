//! Whole files against the maker's own decoder (`reference.json`), cut files, flipped bits.

use std::path::PathBuf;

use super::super::decoded::Decoded;
use super::super::fault::Fault;
use super::super::{Overrides, jpeg};
use super::made::{decode, parameter};

fn samples() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/thermal");
    assert!(folder.exists() || std::env::var_os("CI").is_none(), "no reference files in CI");
    folder.exists().then_some(folder)
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

/// What the maker's decoder says of the stored parameters, as far as the formulas use them.
fn same_parameters(entry: &serde_json::Value, decoded: &Decoded) {
    for (name, value) in entry["parameters"].as_object().unwrap() {
        let (Some(value), Some((found, _))) = (value.as_f64(), parameter(decoded, name)) else {
            continue;
        };
        assert!((found - value).abs() < 0.01, "{}: {name} {found}", entry["file"]);
    }
    for name in ["emissivity", "distance_m", "humidity_percent", "reflected_c"] {
        assert!(parameter(decoded, name).is_some(), "{}: {name}", entry["file"]);
    }
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
            if set == "embedded" {
                same_parameters(entry, &decoded);
            }
            let expected = oracles.as_object().unwrap().values().next().unwrap();
            let (most, mean) = differences(entry, expected, &decoded);
            let mut limit = entry["tolerance_k"].as_f64().unwrap() + 1e-3;
            if let Some(closer) = closer(name) {
                limit = limit.min(closer[usize::from(set != "embedded")]);
            }
            compared += 1;
            let line = format!("{name} {set}: most {most:.5} K, mean {mean:.5} K, limit {limit}");
            if most > limit {
                wrong.push(line);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(compared >= 60, "{compared} comparisons");
}

/// A sample's bytes with some of a segment's bytes replaced, at offsets in its payload.
fn patched(file: &str, marker: u8, patches: &[(usize, &[u8])]) -> Option<Vec<u8>> {
    let mut bytes = std::fs::read(samples()?.join("dji").join(file)).unwrap();
    let segments = jpeg::segments(&bytes);
    let start = |segment: &&jpeg::Segment| {
        segment.marker == marker && !bytes[segment.payload.start..].starts_with(b"MPF")
    };
    let start = segments.all.iter().find(start).unwrap().payload.start;
    for (offset, patch) in patches {
        bytes[start + offset..][..patch.len()].copy_from_slice(patch);
    }
    Some(bytes)
}

#[test]
fn hirp_refuses_what_no_sample_shows() {
    // Block P is at 0x48 of APP4; the calibration at 468 + 28 of APP5.
    for (marker, offset, patch, words) in [
        (0xE4, 0x48 + 8, [0x99, 0x1F], "lens transmission"),
        (0xE4, 0x48 + 0x32, [5, 0], "lens 5"),
        (0xE4, 0x48 + 0x34, [2, 0], "gain 2"),
        (0xE4, 0x24, [41, 0], "unknown layout"),
        (0xE4, 0x28, [0x81, 2], "641 x 512"),
        (0xE5, 496, [5, 4], "version 0x405"),
        (0xE5, 0, *b"XX", "HIDR"),
        (0xE5, 12 + 12 * 5, [8, 0], "no calibration"),
        (0xE5, 12 + 12 * 5 + 10, [9, 0], "behind its segment"),
    ] {
        let Some(bytes) = patched("M3TD_0001_hirp.JPG", marker, &[(offset, &patch)]) else {
            return;
        };
        match decode(&bytes, Overrides::default()) {
            Some(Err(Fault::Refused(what) | Fault::Damaged { what, .. })) => {
                assert!(what.contains(words), "{what}");
            }
            other => unreachable!("{words}: {other:?}"),
        }
    }
}

#[test]
fn the_h20t_takes_another_temperature_where_its_first_is_unset() {
    let celsius = |patches: &[(usize, &[u8])]| {
        let bytes = patched("H20T_rtk.JPG", 0xE4, patches)?;
        Some(decode(&bytes, Overrides::default()).unwrap().unwrap().thermogram.celsius())
    };
    let Some(as_stored) = celsius(&[]) else { return };
    // The sample stores 34.5 °C at 0x58.
    let unset = (-2736_i16).to_le_bytes();
    let other = celsius(&[(0x58, &unset), (0x64, &34.5_f32.to_le_bytes())]).unwrap();
    assert_eq!(as_stored, other);
    let half = celsius(&[(0x54, &[50, 0])]).unwrap();
    assert!(as_stored.iter().zip(&half).all(|(whole, half)| (whole / 2.0 - half).abs() < 1e-3));
    let raised = celsius(&[(0x56, &[15, 0])]).unwrap();
    assert!(
        as_stored.iter().zip(&raised).all(|(stored, raised)| (raised - stored - 1.5).abs() < 1e-3)
    );
}

#[test]
fn a_frame_cut_in_its_raw_segments_says_so() {
    let Some(folder) = samples() else { return };
    let bytes = std::fs::read(folder.join("refuse/dji_cut_in_raw.JPG")).unwrap();
    match decode(&bytes, Overrides::default()) {
        Some(Err(Fault::Damaged { what, .. })) => {
            assert!(what.contains("ends inside the raw segments"), "{what}");
        }
        other => unreachable!("{other:?}"),
    }
    for name in ["refuse/dji_reencoded.jpg", "refuse/duo_pro_r_8bit.jpg", "flir/XT2.jpg"] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        assert!(decode(&bytes, Overrides::default()).is_none(), "{name}");
    }
}

fn every_sample() -> Vec<(String, Vec<u8>)> {
    let Some(folder) = samples() else { return Vec::new() };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder.join("dji")).unwrap() {
        let path = entry.unwrap().path();
        files.push((path.display().to_string(), std::fs::read(&path).unwrap()));
    }
    let survey = folder.join("survey/DJI_20250117111415_0159_T.JPG");
    files.push((survey.display().to_string(), std::fs::read(survey).unwrap()));
    files
}

/// Cut anywhere in its payload, a frame gives no temperatures; cut behind it, the same ones.
#[test]
fn cut_samples_give_the_same_temperatures_or_none() {
    for (name, bytes) in every_sample() {
        let whole = decode(&bytes, Overrides::default()).unwrap().unwrap();
        for share in 0..64 {
            let cut = &bytes[..bytes.len() * share / 64];
            match decode(cut, Overrides::default()) {
                Some(Ok(found)) => assert_eq!(found.thermogram, whole.thermogram, "{name} {share}"),
                Some(Err(Fault::Damaged { offset, .. })) => {
                    assert!(offset <= cut.len() as u64, "{name} {share}: {offset}");
                }
                Some(Err(Fault::Refused(reason))) => {
                    assert!(!reason.is_empty(), "{name} {share}");
                }
                None => {}
            }
        }
    }
}

/// Flipped bits in the segments' heads and payloads: any answer, no panic, and the size stays.
#[test]
fn flipped_bits_never_panic() {
    for (name, bytes) in every_sample() {
        let segments = jpeg::segments(&bytes);
        // Raw counts are two thirds of the file and any of them is good: flip elsewhere.
        let heads: Vec<_> = segments
            .all
            .iter()
            .filter(|segment| segment.payload.len() < 60_000 || segment.marker == 0xE5)
            .map(|segment| segment.payload.start.saturating_sub(4)..segment.payload.end)
            .collect();
        let mut random = 0x9E37_79B9_7F4A_7C15_u64;
        let mut flipped = bytes.clone();
        let mut next = || {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 33) as usize
        };
        for _ in 0..60 {
            let mut turned = Vec::new();
            for _ in 0..8 {
                let range = &heads[next() % heads.len()];
                let (at, bit) = (range.start + next() % range.len(), next() % 8);
                flipped[at] ^= 1 << bit;
                turned.push((at, bit));
            }
            if let Some(Ok(decoded)) = decode(&flipped, Overrides::default()) {
                let frame = &decoded.thermogram;
                let pixels = frame.width() as usize * frame.height() as usize;
                assert_eq!(frame.celsius().len(), pixels, "{name}");
            }
            for (at, bit) in turned {
                flipped[at] ^= 1 << bit;
            }
        }
    }
}
