//! DJI frames through the reader: temperatures beside the maker's own, and what is refused.

use std::path::Path;

use serde_json::Value;
use torenvalk::thermal::{self, Error, Frame, Overrides, ParameterSource, ReadOptions};

use crate::shared::shared;

fn reference() -> Option<Value> {
    let path = shared("data/thermal/reference.json")?;
    let text = std::fs::read_to_string(path).expect("the reference can be read");
    Some(serde_json::from_str(&text).expect("the reference is JSON"))
}

fn first_frame(path: &Path, options: &ReadOptions) -> Result<Frame, Error> {
    thermal::open(path, options)?.next().expect("a DJI file holds one frame or a reason")
}

fn open(file: &str, overrides: Overrides) -> Option<Result<Frame, Error>> {
    let path = shared(&format!("data/thermal/{file}"))?;
    let options = ReadOptions { overrides, ..ReadOptions::default() };
    Some(first_frame(&path, &options))
}

fn overrides_of(set: &Value) -> Overrides {
    Overrides {
        emissivity: set["emissivity"].as_f64(),
        distance_m: set["distance_m"].as_f64(),
        humidity_percent: set["humidity_percent"].as_f64(),
        reflected_c: set["reflected_c"].as_f64(),
        ambient_c: set["ambient_c"].as_f64(),
        ..Overrides::default()
    }
}

#[test]
fn frames_have_the_temperatures_of_the_makers_decoder() {
    let Some(reference) = reference() else { return };
    let mut compared = 0;
    for entry in reference["files"].as_array().unwrap() {
        let Some(format) = entry["format"].as_str().filter(|name| name.starts_with("dji-")) else {
            continue;
        };
        let file = entry["file"].as_str().unwrap();
        for (set, oracles) in entry["sets"].as_object().unwrap() {
            let overrides = overrides_of(&reference["override_sets"][set]);
            let frame = open(file, overrides).unwrap().unwrap();
            assert_eq!(frame.format.name(), format, "{file}");
            let thermogram = &frame.thermogram;
            assert_eq!((thermogram.width(), thermogram.height()), (640, 512), "{file}");
            let celsius = thermogram.celsius();
            let expected = oracles.as_object().unwrap().values().next().unwrap();
            let limit = entry["tolerance_k"].as_f64().unwrap() + 1e-3;
            let pixels = entry["pixels"].as_array().unwrap();
            for (pixel, wanted) in pixels.iter().zip(expected["c"].as_array().unwrap()) {
                let (x, y) = (pixel[0].as_u64().unwrap(), pixel[1].as_u64().unwrap());
                let found = f64::from(celsius[(y * 640 + x) as usize]);
                let gap = (found - wanted.as_f64().unwrap()).abs();
                assert!(gap <= limit, "{file} {set} {x},{y}: {found}, not {wanted}");
            }
            compared += 1;
        }
    }
    assert!(compared >= 60, "{compared} comparisons");
}

#[test]
fn a_frame_says_which_parameters_were_used_and_whose() {
    let overrides =
        Overrides { emissivity: Some(0.9), ambient_c: Some(10.0), ..Overrides::default() };
    for (file, expected) in [
        (
            "survey/DJI_20250117111415_0159_T.JPG",
            [
                ("emissivity", 0.9, ParameterSource::User),
                ("ambient_c", 10.0, ParameterSource::Ignored),
            ],
        ),
        (
            "dji/M4T_0002.JPG",
            [
                ("distance_m", 5.0, ParameterSource::File),
                ("ambient_c", 10.0, ParameterSource::User),
            ],
        ),
        (
            "dji/H20T_rtk.JPG",
            [
                ("humidity_percent", 70.0, ParameterSource::VendorDefault),
                ("ambient_c", 10.0, ParameterSource::Ignored),
            ],
        ),
    ] {
        let Some(frame) = open(file, overrides) else { return };
        let parameters = frame.unwrap().parameters;
        assert!(!parameters.decoded_by_vendor_sdk);
        for (name, value, source) in expected {
            let found = parameters.values.iter().find(|used| used.name == name).unwrap();
            assert_eq!((found.value, found.source), (value, source), "{file} {name}");
        }
    }
}

#[test]
fn temperatures_at_the_end_of_a_range_are_told_as_saturated() {
    // Bright in spite of hardly any emissivity under a cold sky: hotter than the 165 °C at which
    // this family ends.
    let overrides =
        Overrides { emissivity: Some(0.05), reflected_c: Some(-40.0), ..Overrides::default() };
    for (overrides, at_the_end) in [(Overrides::default(), false), (overrides, true)] {
        let Some(frame) = open("dji/M3TD_0001_hirp.JPG", overrides) else { return };
        let thermogram = frame.unwrap().thermogram;
        let mut plane = Vec::new();
        let unit = thermogram.plane(&mut plane);
        let saturated = thermogram.plane_saturated_from(unit);
        assert_eq!(saturated.is_some(), at_the_end);
        let cut = thermogram.celsius().iter().filter(|&&celsius| celsius == 165.0).count();
        let told = saturated.map_or(0, |from| plane.iter().filter(|&&v| v >= from).count());
        assert_eq!(told, cut);
        assert_eq!(cut > 0, at_the_end, "{cut} pixels");
    }
}

#[test]
fn what_is_no_frame_is_refused_with_a_reason() {
    for (file, words) in [
        ("refuse/dji_cut_in_raw.JPG", "ends inside the raw segments"),
        ("refuse/dji_reencoded.jpg", ""),
    ] {
        let Some(found) = open(file, Overrides::default()) else { return };
        let message = found.unwrap_err().to_string();
        assert!(message.contains(words) && message.contains(file), "{message}");
    }
    let nan = Overrides { emissivity: Some(f64::NAN), ..Overrides::default() };
    let Some(found) = open("dji/M3T_0002.JPG", nan) else { return };
    assert!(found.unwrap_err().to_string().contains("emissivity"));
}

#[test]
fn a_blank_table_comes_with_a_warning() {
    let Some(frame) = open("dji/M2EA_blank_table.JPG", Overrides::default()) else { return };
    let warnings = frame.unwrap().warnings;
    assert!(warnings.iter().any(|warning| warning.contains("blank")), "{warnings:?}");
}

#[test]
fn a_vendor_sdk_that_is_not_there_is_said_so() {
    let Some(path) = shared("data/thermal/dji/M3T_0002.JPG") else { return };
    let vendor_sdk = Some("/nowhere/libdirp.so".into());
    let options = ReadOptions { vendor_sdk, ..ReadOptions::default() };
    let message = first_frame(&path, &options).unwrap_err().to_string();
    assert!(message.contains("vendor"), "{message}");
}
