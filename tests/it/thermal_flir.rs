//! FLIR files through the door that everybody uses: temperatures, records, damage.

use std::path::{Path, PathBuf};

use serde_json::Value;
use torenvalk::thermal::{
    Error, Format, Frame, Overrides, ParameterSource, PathConvention, ReadOptions, open,
    read_bytes, read_metadata,
};

use crate::shared::shared;

fn sample(name: &str) -> Option<PathBuf> {
    shared(&format!("data/thermal/{name}"))
}

fn frames(path: &Path, options: &ReadOptions) -> Vec<Frame> {
    let reader = open(path, options).expect("a sample opens");
    reader.map(|frame| frame.expect("a sample's frame is whole")).collect()
}

#[test]
fn every_flir_sample_meets_its_reference_temperatures() {
    let Some(path) = sample("reference.json") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let reference: Value = serde_json::from_str(&text).unwrap();
    let mut compared = 0;
    for entry in reference["files"].as_array().unwrap() {
        let name = entry["file"].as_str().unwrap();
        let Some(format) = entry["format"].as_str().filter(|f| f.starts_with("flir")) else {
            continue;
        };
        let index = entry["frame"].as_u64().unwrap_or(0) as usize;
        for set in ["embedded", "a", "b"] {
            for (convention, word) in
                [(PathConvention::Half, "half-path"), (PathConvention::Full, "full-path")]
            {
                let oracles = entry["sets"][set].as_object().unwrap();
                let (_, expected) = oracles.iter().find(|(key, _)| key.starts_with(word)).unwrap();
                let wanted = |key: &str| reference["override_sets"][set][key].as_f64();
                let options = ReadOptions {
                    overrides: Overrides {
                        emissivity: wanted("emissivity"),
                        distance_m: wanted("distance_m"),
                        humidity_percent: wanted("humidity_percent"),
                        reflected_c: wanted("reflected_c"),
                        ambient_c: wanted("ambient_c"),
                        ..Overrides::default()
                    },
                    path_convention: convention,
                    ..ReadOptions::default()
                };
                let frames = frames(&sample(name).unwrap(), &options);
                assert_eq!(frames.len() as u64, entry["frame_count"].as_u64().unwrap_or(1));
                let frame = &frames[index];
                assert_eq!((frame.index as usize, frame.format.name()), (index, format));
                let worst = worst_distance(frame, entry, &expected["c"]);
                assert!(worst <= 0.02, "{name} {index} {set} {word}: {worst} K");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 9 * 6);
}

fn worst_distance(frame: &Frame, entry: &Value, expected: &Value) -> f64 {
    let celsius = frame.thermogram.celsius();
    let width = frame.thermogram.width() as usize;
    let wanted = expected.as_array().into_iter().flatten().filter_map(Value::as_f64);
    let pixels = entry["pixels"].as_array().into_iter().flatten();
    let gaps = pixels.zip(wanted).filter_map(|(pixel, want)| {
        let (x, y) = (pixel[0].as_u64()? as usize, pixel[1].as_u64()? as usize);
        Some((f64::from(*celsius.get(y * width + x)?) - want).abs())
    });
    let gaps: Vec<_> = gaps.filter(|gap| !gap.is_nan()).collect();
    assert_eq!(gaps.len(), 64);
    gaps.into_iter().fold(0.0, f64::max)
}

#[test]
fn a_sequences_frames_carry_their_own_time_and_place() {
    let Some(path) = sample("flir/T1030sc_3frames.csq") else { return };
    let frames = frames(&path, &ReadOptions::default());
    let times: Vec<_> = frames.iter().map(|f| f.metadata.taken_at.unwrap().to_string()).collect();
    let expected =
        ["2017-05-19T19:45:33.583Z", "2017-05-19T19:45:33.617Z", "2017-05-19T19:45:33.65Z"];
    assert_eq!(times, expected);
    for (index, frame) in frames.iter().enumerate() {
        assert_eq!(frame.index as usize, index);
        assert_eq!(frame.format, Format::FlirCsq);
        // Stored as 97.526 with reference W.
        let position = frame.metadata.exif_position.unwrap();
        assert!((position.lon_deg - -97.526_155_67).abs() < 1e-7);
        assert!((position.lat_deg - 50.730_146_5).abs() < 1e-7);
        assert_eq!(frame.metadata.camera.model.as_deref(), Some("FLIR T1030sc 12__"));
    }
}

#[test]
fn frames_behind_foreign_bytes_keep_their_number() {
    let Some(path) = sample("flir/T1030sc_3frames.csq") else { return };
    let whole = std::fs::read(path).unwrap();
    let starts = whole.windows(4).enumerate().filter(|(_, word)| word == b"FFF\0");
    let second = starts.map(|(at, _)| at).nth(1).unwrap();
    let foreign = [&whole[..second], &[0x55; 5000], &whole[second..]].concat();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("foreign.csq");
    std::fs::write(&path, foreign).unwrap();
    let (mut indices, mut faults) = (Vec::new(), 0);
    for frame in open(&path, &ReadOptions::default()).unwrap() {
        match frame {
            Ok(frame) => indices.push(frame.index),
            Err(_) => faults += 1,
        }
    }
    assert_eq!((indices, faults), (vec![0, 1, 2], 1));
}

/// EXIF and payload end before the picture, so that its bytes need not be read.
#[test]
fn metadata_is_the_same_without_the_picture() {
    for name in [
        "flir/XT2.jpg",
        "flir/T640_b.jpg",
        "flir/E40.jpg",
        "flir/AX8.jpg",
        "dji/M30T_0001.JPG",
        "dji/M4T_0003_hirp.JPG",
        "survey/DJI_20250117111415_0159_T.JPG",
    ] {
        let Some(path) = sample(name) else { return };
        let frame = frames(&path, &ReadOptions::default()).remove(0);
        let (width, height) = (frame.thermogram.width(), frame.thermogram.height());
        assert_eq!(frame.metadata.thermal_px, Some((width, height)), "{name}");
        assert_eq!(read_metadata(&path).unwrap(), frame.metadata, "{name}");
    }
    let Some(path) = sample("dji/M30T_0001.JPG") else { return };
    let metadata = read_metadata(&path).unwrap();
    let sizes = (metadata.picture_px, metadata.thermal_px);
    assert_eq!(sizes, (Some((1280, 1024)), Some((640, 512))));
}

#[test]
fn what_the_user_says_is_used_and_named() {
    let Some(path) = sample("flir/E40.jpg") else { return };
    let mut options = ReadOptions::default();
    options.overrides.window_transmission = Some(1.0);
    let frame = frames(&path, &options).remove(0);
    let window = frame.parameters.values.iter().find(|p| p.name == "window_transmission").unwrap();
    assert_eq!((window.value, window.source), (1.0, ParameterSource::User));
    assert_eq!(frame.parameters.path_convention, Some(PathConvention::Half));
    options.overrides.emissivity = Some(f64::NAN);
    let answer = open(&path, &options).and_then(|reader| reader.collect::<Result<Vec<_>, _>>());
    assert!(matches!(answer, Err(Error::Refused { .. })));
}

#[test]
fn cut_files_are_damaged_and_named() {
    for name in ["flir/XT2.jpg", "flir/T640_b.jpg", "flir/SC660.seq", "flir/T1030sc_3frames.csq"] {
        let Some(path) = sample(name) else { return };
        let bytes = std::fs::read(&path).unwrap();
        let cut = &bytes[..bytes.len() / 5];
        match read_bytes(Path::new("cut.jpg"), cut, &ReadOptions::default()) {
            Err(Error::Damaged { file, offset, .. }) => {
                assert_eq!(file, Path::new("cut.jpg"));
                assert!(offset <= cut.len() as u64, "{name}: {offset}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn a_flir_picture_without_radiometry_is_refused() {
    let Some(path) = sample("refuse/duo_pro_r_8bit.jpg") else { return };
    let answer = open(&path, &ReadOptions::default())
        .and_then(|reader| reader.collect::<Result<Vec<_>, _>>());
    assert!(matches!(answer, Err(Error::Refused { .. })));
}

#[test]
fn a_public_format_file_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.fpf");
    let mut bytes = b"FLIR Public Image Format".to_vec();
    bytes.resize(2000, 0);
    std::fs::write(&path, bytes).unwrap();
    let answer = open(&path, &ReadOptions::default())
        .and_then(|reader| reader.collect::<Result<Vec<_>, _>>());
    match answer {
        Err(Error::Refused { reason, .. }) => assert!(reason.contains("FPF"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_huge_sparse_sequence_gives_its_frames_and_then_a_fault() {
    let Some(path) = sample("flir/SC660.seq") else { return };
    let folder = tempfile::tempdir().unwrap();
    let huge = folder.path().join("huge.seq");
    std::fs::write(&huge, std::fs::read(path).unwrap()).unwrap();
    std::fs::File::options().write(true).open(&huge).unwrap().set_len(4 << 30).unwrap();
    let frames: Vec<_> = open(&huge, &ReadOptions::default()).unwrap().collect();
    assert_eq!(frames.iter().filter(|frame| frame.is_ok()).count(), 2);
    assert!(frames.len() <= 4 && frames.last().unwrap().is_err());
}
