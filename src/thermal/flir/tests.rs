//! The decoder against other people's: temperatures of real files by Thermimage (half path) and by
//! an implementation of FLIR's published formula (full path).

use std::io::Cursor;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::Value;

use super::{Sequence, decode_jpeg, is_sequence};
use crate::thermal::decoded::Decoded;
use crate::thermal::fault::Fault;
use crate::thermal::jpeg::segments;
use crate::thermal::{Format, Overrides, ParameterSource, PathConvention, ReadOptions, Samples};

/// Where the reference files lie; `None` where a user builds without them.
fn samples() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/thermal");
    assert!(folder.exists() || std::env::var_os("CI").is_none(), "no reference files in CI");
    folder.exists().then_some(folder)
}

fn sample(name: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(samples()?.join("flir").join(name)).unwrap())
}

const SAMPLES: [&str; 7] = [
    "XT2.jpg",
    "T640_b.jpg",
    "E40.jpg",
    "E40_8565.jpg",
    "AX8.jpg",
    "SC660.seq",
    "T1030sc_3frames.csq",
];

fn decode(bytes: &[u8], options: &ReadOptions) -> Vec<Result<Decoded, Fault>> {
    if is_sequence(bytes) {
        return Sequence::new(Cursor::new(bytes), options).unwrap().collect();
    }
    decode_jpeg(bytes, &segments(bytes), options).into_iter().collect()
}

fn one(bytes: &[u8]) -> Decoded {
    decode(bytes, &ReadOptions::default()).remove(0).unwrap()
}

fn options_of(set: &Value, path_convention: PathConvention) -> ReadOptions {
    let number = |name: &str| set.get(name).and_then(Value::as_f64);
    let overrides = Overrides {
        emissivity: number("emissivity"),
        distance_m: number("distance_m"),
        humidity_percent: number("humidity_percent"),
        reflected_c: number("reflected_c"),
        ambient_c: number("ambient_c"),
        ..Overrides::default()
    };
    ReadOptions { overrides, path_convention, ..ReadOptions::default() }
}

/// Largest distance to an oracle, over its pixels and over lowest, highest and mean of the frame.
fn distance(frame: &Decoded, entry: &Value, expected: &Value) -> f64 {
    let celsius = frame.thermogram.celsius();
    let width = frame.thermogram.width() as usize;
    let number = |value: &Value| value.as_f64().unwrap();
    let mut worst: f64 = 0.0;
    let pixels = entry["pixels"].as_array().unwrap();
    assert_eq!(pixels.len(), 64);
    for (pixel, want) in pixels.iter().zip(expected["c"].as_array().unwrap()) {
        let at = number(&pixel[1]) as usize * width + number(&pixel[0]) as usize;
        match want.as_f64() {
            Some(want) => worst = worst.max((f64::from(celsius[at]) - want).abs()),
            None => assert!(celsius[at].is_nan()),
        }
        assert!(!worst.is_nan());
    }
    let low = celsius.iter().copied().fold(f32::INFINITY, f32::min);
    let high = celsius.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mean = celsius.iter().map(|&c| f64::from(c)).sum::<f64>() / celsius.len() as f64;
    worst
        .max((f64::from(low) - number(&expected["min_c"])).abs())
        .max((f64::from(high) - number(&expected["max_c"])).abs())
        .max((mean - number(&expected["mean_c"])).abs())
}

#[test]
fn every_reference_temperature_is_met_on_both_paths() {
    let Some(folder) = samples() else { return };
    let text = std::fs::read_to_string(folder.join("reference.json")).unwrap();
    let reference: Value = serde_json::from_str(&text).unwrap();
    let mut compared = 0;
    for entry in reference["files"].as_array().unwrap() {
        let name = entry["file"].as_str().unwrap();
        if !name.starts_with("flir/") {
            continue;
        }
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let index = entry["frame"].as_u64().unwrap_or(0) as usize;
        for (set, oracles) in entry["sets"].as_object().unwrap() {
            for (oracle, expected) in oracles.as_object().unwrap() {
                let full = oracle.starts_with("full");
                let path = if full { PathConvention::Full } else { PathConvention::Half };
                let options = options_of(&reference["override_sets"][set], path);
                let mut frames = decode(&bytes, &options);
                assert_eq!(frames.len() as u64, entry["frame_count"].as_u64().unwrap_or(1));
                let frame = frames.remove(index).unwrap();
                let size = (frame.thermogram.width(), frame.thermogram.height());
                let expected_size = (&entry["width"], &entry["height"]);
                assert_eq!((&Value::from(size.0), &Value::from(size.1)), expected_size);
                let worst = distance(&frame, entry, expected);
                assert!(worst <= 0.02, "{name} {index} {set} {oracle}: {worst} K");
                compared += 1;
            }
        }
    }
    assert!(compared >= 54, "{compared} comparisons");
}

#[test]
fn the_records_say_who_where_and_when() {
    let Some(csq) = sample("T1030sc_3frames.csq") else { return };
    let frame = one(&csq);
    assert_eq!(frame.format, Format::FlirCsq);
    assert_eq!(frame.camera.model.as_deref(), Some("FLIR T1030sc 12__"));
    assert_eq!(frame.camera.serial.as_deref(), Some("72501090"));
    assert_eq!(frame.camera.lens.as_deref(), Some("FOL83"));
    assert_eq!(frame.taken_at.unwrap().to_string(), "2017-05-19T19:45:33.583Z");
    let position = frame.position.unwrap();
    assert!((position.lat_deg - 50.730_146_5).abs() < 1e-7);
    assert!((position.lon_deg - -97.526_155_67).abs() < 1e-7);
    assert_eq!(frame.altitude_m, Some(285.5));

    let frame = one(&sample("E40.jpg").unwrap());
    assert_eq!(frame.format, Format::FlirRjpeg);
    assert_eq!(frame.taken_at.unwrap().to_string(), "2013-04-12T10:24:01.131Z");
    // No zone set: the camera's own clock, not UTC.
    let frame = one(&sample("XT2.jpg").unwrap());
    assert_eq!(frame.taken_at.unwrap().to_string(), "2018-07-27T14:51:54.48");
    assert_eq!(frame.camera.model, None);
    // A GPS record without a fix.
    let frame = one(&sample("T640_b.jpg").unwrap());
    assert_eq!((frame.position, frame.altitude_m), (None, None));
    let frame = one(&sample("SC660.seq").unwrap());
    assert_eq!(frame.format, Format::FlirSeq);
    assert_eq!(frame.taken_at.unwrap().to_string(), "2012-06-13T19:52:08.699Z");
}

#[test]
fn doubtful_stored_parameters_are_named_until_the_user_gives_his_own() {
    let Some(xt2) = sample("XT2.jpg") else { return };
    let warned = |bytes: &[u8], options: &ReadOptions, word: &str| {
        let frame = decode(bytes, options).remove(0).unwrap();
        frame.warnings.iter().any(|warning| warning.contains(word))
    };
    let mut options = ReadOptions::default();
    assert!(warned(&xt2, &options, "nobody measured (20 m, 40 C)"));
    options.overrides.distance_m = Some(30.0);
    options.overrides.ambient_c = Some(15.0);
    assert!(!warned(&xt2, &options, "nobody measured"));

    let e40 = sample("E40.jpg").unwrap();
    let mut options = ReadOptions::default();
    assert!(warned(&e40, &options, "window of transmission 0.98"));
    options.overrides.window_transmission = Some(1.0);
    assert!(!warned(&e40, &options, "window"));
    assert!(warned(&sample("AX8.jpg").unwrap(), &options, "clock was not set"));
    assert_eq!(one(&sample("T640_b.jpg").unwrap()).warnings, Vec::<String>::new());

    let mut hot = e40.clone();
    let stored = f32_at(&hot, 294.14);
    hot[stored..stored + 4].copy_from_slice(&571.15_f32.to_le_bytes());
    assert!(warned(&hot, &ReadOptions::default(), "reflected temperature of 298 C"));
}

/// Where the only little-endian number of a value stands.
fn f32_at(bytes: &[u8], value: f32) -> usize {
    let pattern = value.to_le_bytes();
    let mut places = bytes.windows(4).enumerate().filter(|(_, four)| *four == pattern);
    let (at, _) = places.next().unwrap();
    assert_eq!(places.next(), None);
    at
}

#[test]
fn parameters_are_listed_with_their_source() {
    let Some(e40) = sample("E40.jpg") else { return };
    let mut options = ReadOptions::default();
    options.overrides.emissivity = Some(0.9);
    let frame = decode(&e40, &options).remove(0).unwrap();
    let listed: Vec<_> =
        frame.parameters.values.iter().map(|p| (p.name, p.value, p.source)).collect();
    let file = ParameterSource::File;
    assert_eq!(
        listed,
        [
            ("emissivity", 0.9, ParameterSource::User),
            ("distance_m", 2.0, file),
            ("humidity_percent", 49.0, file),
            ("reflected_c", 20.99, file),
            ("ambient_c", 13.99, file),
            ("window_c", 18.99, file),
            ("window_transmission", 0.98, file),
        ]
    );
    assert_eq!(frame.parameters.path_convention, Some(PathConvention::Half));
}

#[test]
fn a_parameter_that_is_no_number_gives_no_temperatures() {
    let Some(bytes) = sample("AX8.jpg") else { return };
    for broken in [f64::NAN, f64::INFINITY, -500.0] {
        let field: [fn(&mut Overrides) -> &mut Option<f64>; 6] = [
            |o| &mut o.emissivity,
            |o| &mut o.distance_m,
            |o| &mut o.humidity_percent,
            |o| &mut o.reflected_c,
            |o| &mut o.ambient_c,
            |o| &mut o.window_transmission,
        ];
        for field in field {
            let mut options = ReadOptions::default();
            *field(&mut options.overrides) = Some(broken);
            let frames = decode(&bytes, &options);
            assert!(matches!(frames[..], [Err(Fault::Refused(_))]), "{broken}");
        }
    }
}

#[test]
fn saturation_is_the_end_of_the_cameras_range() {
    let Some(bytes) = sample("T640_b.jpg") else { return };
    // This camera's record says 943.15 K for a saturated pixel.
    let frame = one(&bytes);
    let count = frame.thermogram.saturated_count().unwrap();
    assert_eq!(count, 53767);
    assert_eq!(one(&sample("XT2.jpg").unwrap()).thermogram.saturated_count(), Some(16383));
}

#[test]
fn every_sample_cut_anywhere_is_a_fault_or_whole() {
    for name in SAMPLES {
        let Some(bytes) = sample(name) else { return };
        let whole = decode(&bytes, &ReadOptions::default());
        let whole: Vec<_> = whole.into_iter().map(|f| f.unwrap().thermogram).collect();
        for part in 0..64 {
            let cut = &bytes[..bytes.len() * part / 64];
            for (index, frame) in decode(cut, &ReadOptions::default()).into_iter().enumerate() {
                match frame {
                    // What is still read must be the whole file's.
                    Ok(frame) => assert!(frame.thermogram == whole[index], "{name} {part}"),
                    Err(Fault::Damaged { offset, .. }) => assert!(offset <= cut.len() as u64),
                    Err(Fault::Refused(reason)) => panic!("{name} {part}: {reason}"),
                }
            }
        }
    }
}

#[test]
fn a_sequence_goes_on_behind_a_damaged_frame() {
    let Some(bytes) = sample("T1030sc_3frames.csq") else { return };
    let starts: Vec<_> =
        bytes.windows(4).enumerate().filter(|(_, w)| *w == b"FFF\0").map(|(at, _)| at).collect();
    assert_eq!(starts.len(), 3);
    let whole: Vec<_> = decode(&bytes, &ReadOptions::default())
        .into_iter()
        .map(|frame| frame.unwrap().thermogram)
        .collect();
    // The second frame's magic, version, entry count, raw length, raw header, and JPEG-LS bits.
    for (at, value) in [(0, b'x'), (0x17, 7), (0x1C, 0), (0x72, 0xFF), (3805, 9), (5000, 0xFF)] {
        let mut damaged = bytes.clone();
        damaged[starts[1] + at] ^= value | 1;
        let frames = decode(&damaged, &ReadOptions::default());
        let good: Vec<_> = frames.iter().flatten().map(|frame| &frame.thermogram).collect();
        assert!(*good[0] == whole[0] && **good.last().unwrap() == whole[2], "byte {at}");
        assert_eq!(good.len(), 2, "byte {at}");
        assert!(frames.iter().any(Result::is_err), "byte {at}");
    }
    let mut padded = bytes[..starts[1]].to_vec();
    padded.extend([0; 1000]);
    padded.extend(&bytes[starts[1]..]);
    padded.extend([0; 100]);
    assert_eq!(decode(&padded, &ReadOptions::default()).iter().flatten().count(), 3);
    assert_eq!(decode(&padded, &ReadOptions::default()).len(), 3);
}

#[test]
fn a_huge_sparse_file_ends_quickly_with_a_fault() {
    let Some(bytes) = sample("SC660.seq") else { return };
    let folder = tempfile::tempdir().unwrap();
    for kept in [64, 1000, 3000, bytes.len()] {
        let path = folder.path().join("huge.seq");
        std::fs::write(&path, &bytes[..kept]).unwrap();
        let file = std::fs::File::options().read(true).write(true).open(&path).unwrap();
        file.set_len(4 << 30).unwrap();
        let frames: Vec<_> = Sequence::new(file, &ReadOptions::default()).unwrap().collect();
        assert!(frames.len() <= 4 && frames.last().unwrap().is_err(), "{kept}: {}", frames.len());
        if kept == bytes.len() {
            assert_eq!(frames.iter().flatten().count(), 2);
        }
    }
}

#[test]
fn a_file_of_nothing_but_magic_ends() {
    let bytes = b"FFF\0".repeat(100_000);
    assert!(decode(&bytes, &ReadOptions::default()).len() < 100);
    let mut header = [0; 64];
    header[..4].copy_from_slice(b"FFF\0");
    header[0x14] = 100;
    let frames = decode(&header.repeat(10_000), &ReadOptions::default());
    assert!(frames.len() < 100 && frames.iter().all(Result::is_err));
}

#[test]
fn other_flir_files_are_refused_with_a_reason() {
    let mut fpf = b"FLIR Public Image Format".to_vec();
    fpf.resize(2000, 0);
    assert!(is_sequence(&fpf));
    let frames = decode(&fpf, &ReadOptions::default());
    assert!(matches!(&frames[..], [Err(Fault::Refused(reason))] if reason.contains("FPF")));
    let Some(folder) = samples() else { return };
    for name in ["refuse/duo_pro_r_8bit.jpg", "refuse/infiray_p2_stub.jpg", "dji/XTS.jpg"] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        assert!(decode(&bytes, &ReadOptions::default()).is_empty(), "{name}");
    }
}

/// A blob with a raw record of a claimed size around a payload, and E40's camera record.
fn blob_with(width: u16, height: u16, payload: &[u8], magic: &[u8; 4]) -> Option<Vec<u8>> {
    let e40 = sample("E40_8565.jpg")?;
    let camera_at = e40.windows(6).position(|w| w == [2, 0, 160, 0, 120, 0])?;
    let camera = &e40[camera_at..camera_at + 2476];
    let mut blob = magic.to_vec();
    blob.resize(0x14, 0);
    for word in [100_u32, 0x40, 2] {
        blob.extend(word.to_be_bytes());
    }
    blob.resize(0x40, 0);
    let raw_length = 32 + payload.len() as u32;
    for (kind, offset, length) in [(0x20_u16, 128, 2476), (1, 128 + 2476, raw_length)] {
        let start = blob.len();
        blob.extend(kind.to_be_bytes());
        blob.resize(start + 0x0C, 0);
        for word in [offset, length] {
            blob.extend(u32::to_be_bytes(word));
        }
        blob.resize(start + 32, 0);
    }
    blob.extend(camera);
    blob.extend([0, 2]);
    blob.extend(width.to_be_bytes());
    blob.extend(height.to_be_bytes());
    blob.resize(128 + 2476 + 32, 0);
    blob.extend(payload);
    Some(blob)
}

#[test]
fn big_endian_counts_and_aff_files_are_read() {
    let counts = [14000_u16, 14100, 14200, 14300, 14400, 14500];
    let payload: Vec<u8> = counts.iter().flat_map(|count| count.to_be_bytes()).collect();
    for magic in [b"FFF\0", b"AFF\0"] {
        let Some(blob) = blob_with(3, 2, &payload, magic) else { return };
        let frame = one(&blob);
        let Samples::Counts { counts: read, .. } = frame.thermogram.samples() else { panic!() };
        assert_eq!(*read, counts);
        assert_eq!(frame.format, Format::FlirSeq);
    }
}

#[test]
fn sizes_that_contradict_each_other_are_a_fault() {
    let mut stub = Vec::new();
    let mut encoder = png::Encoder::new(&mut stub, 8, 8);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Sixteen);
    encoder.write_header().unwrap().write_image_data(&[0; 128]).unwrap();
    for (width, height, payload) in [
        (120, 120, &stub[..]),
        (8, 8, &stub[..stub.len() / 2]),
        (3, 2, &[0; 11][..]),
        (3, 2, &[0; 18]),
        (0, 2, &[0; 12]),
        (65535, 65535, &[0; 12]),
        (4, 4, &[0xFF, 0xD8, 0xFF, 0xD9, 0, 0, 0, 0]),
    ] {
        let Some(blob) = blob_with(width, height, payload, b"FFF\0") else { return };
        let frames = decode(&blob, &ReadOptions::default());
        assert!(matches!(frames[0], Err(Fault::Damaged { .. })), "{width} x {height}");
    }
}

/// A place, a bit, and whether the place is among the first bytes.
fn flip() -> impl Strategy<Value = (prop::sample::Index, u8, bool)> {
    (any::<prop::sample::Index>(), 0..8_u8, any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn damaged_samples_never_panic(
        which in 0..SAMPLES.len(),
        flips in prop::collection::vec(flip(), 1..8),
    ) {
        let Some(mut bytes) = sample(SAMPLES[which]) else { return Ok(()) };
        for (place, bit, early) in flips {
            // Half of the flips in the headers, where they do most.
            let within = if early { bytes.len().min(8000) } else { bytes.len() };
            bytes[place.index(within)] ^= 1 << bit;
        }
        for frame in decode(&bytes, &ReadOptions::default()).into_iter().flatten() {
            let celsius = frame.thermogram.celsius();
            prop_assert!(celsius.iter().all(|c| c.is_nan() || *c > -273.2));
        }
    }
}
