//! TIFF, IRG, metadata and refusals against numbers that are not ours, and what `write` writes.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs::{self, File};
use std::io::Cursor;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tiff::encoder::colortype::{ColorType, Gray8, Gray16, Gray32Float, GrayI16};
use tiff::encoder::{Compression, DeflateLevel, Predictor, TiffEncoder, TiffValue};
use torenvalk::thermal::write::{self, Look};
use torenvalk::thermal::{
    Format, Frame, LinearScale, Metadata, Palette, ReadOptions, Samples, is_sequence, open,
    read_bytes, read_metadata,
};
use torenvalk::time::FrameTime;

use crate::shared::shared;

fn reference() -> Option<(PathBuf, Vec<Value>)> {
    let path = shared("data/thermal/reference.json")?;
    let text = fs::read_to_string(&path).unwrap();
    let mut all: Value = serde_json::from_str(&text).unwrap();
    let Value::Array(files) = all["files"].take() else { panic!("no files") };
    Some((path.parent().unwrap().to_owned(), files))
}

fn first_frame(path: &Path, options: &ReadOptions) -> Frame {
    open(path, options).unwrap().next().unwrap().unwrap()
}

fn refusal(path: &Path, bytes: &[u8], options: &ReadOptions) -> String {
    read_bytes(path, bytes, options).unwrap_err().to_string()
}

#[test]
fn tiff_and_irg_meet_the_reference() {
    let Some((folder, files)) = reference() else { return };
    let mut checked = 0;
    for entry in &files {
        let format = entry["format"].as_str().unwrap_or_default();
        if !matches!(format, "tiff-u16" | "infiray-irg") {
            continue;
        }
        let name = entry["file"].as_str().unwrap();
        let frame = first_frame(&folder.join(name), &ReadOptions::default());
        assert_eq!(frame.format.name(), format);
        let (width, height) = (frame.thermogram.width(), frame.thermogram.height());
        assert_eq!(Some(u64::from(width)), entry["width"].as_u64(), "{name}");
        assert_eq!(Some(u64::from(height)), entry["height"].as_u64(), "{name}");
        let celsius = frame.thermogram.celsius();
        let set = entry["sets"]["embedded"].as_object().unwrap().values().next().unwrap();
        for (pixel, expected) in
            entry["pixels"].as_array().unwrap().iter().zip(set["c"].as_array().unwrap())
        {
            let at = |i: usize| pixel[i].as_u64().unwrap() as usize;
            let got = celsius[at(1) * width as usize + at(0)];
            assert!((f64::from(got) - expected.as_f64().unwrap()).abs() < 1e-3, "{name} {pixel}");
        }
        let low = celsius.iter().copied().fold(f32::MAX, f32::min);
        let high = celsius.iter().copied().fold(f32::MIN, f32::max);
        assert!((f64::from(low) - set["min_c"].as_f64().unwrap()).abs() < 6e-3, "{name}");
        assert!((f64::from(high) - set["max_c"].as_f64().unwrap()).abs() < 6e-3, "{name}");
        checked += 1;
    }
    assert_eq!(checked, 2);
}

/// What `metadata` of an entry asks for beside what we read; `None` where the entry has no number.
fn numbers(entry: &Value, read: &Metadata) -> Vec<(&'static str, f64, Option<f64>, f64)> {
    let exif = read.exif_position;
    let xmp = read.xmp_position;
    let all = [
        ("GPSLatitude", exif.map(|p| p.lat_deg), 1e-8),
        ("GPSLongitude", exif.map(|p| p.lon_deg), 1e-8),
        ("GPSAltitude", read.exif_altitude_m, 1e-3),
        ("XmpLatitude", xmp.map(|p| p.lat_deg), 1e-9),
        ("XmpLongitude", xmp.map(|p| p.lon_deg), 1e-9),
        ("AbsoluteAltitude", read.absolute_altitude_m, 1e-9),
        ("RelativeAltitude", read.relative_altitude_m, 1e-9),
        ("GimbalYawDegree", read.gimbal.map(|a| a.yaw), 1e-9),
        ("GimbalPitchDegree", read.gimbal.map(|a| a.pitch), 1e-9),
        ("GimbalRollDegree", read.gimbal.map(|a| a.roll), 1e-9),
        ("FlightYawDegree", read.flight.map(|a| a.yaw), 1e-9),
        ("FlightPitchDegree", read.flight.map(|a| a.pitch), 1e-9),
        ("FlightRollDegree", read.flight.map(|a| a.roll), 1e-9),
        ("RtkFlag", read.rtk.map(|rtk| f64::from(rtk.flag)), 0.0),
        ("RtkStdLat", read.rtk.and_then(|rtk| rtk.std_lat_m), 1e-9),
        ("RtkStdLon", read.rtk.and_then(|rtk| rtk.std_lon_m), 1e-9),
        ("RtkStdHgt", read.rtk.and_then(|rtk| rtk.std_height_m), 1e-9),
        ("LRFTargetDistance", read.laser.map(|laser| laser.distance_m), 1e-9),
        ("FocalLength", read.focal_length_mm, 1e-6),
        ("ImageWidth", read.picture_px.map(|size| f64::from(size.0)), 0.0),
        ("ImageHeight", read.picture_px.map(|size| f64::from(size.1)), 0.0),
    ];
    all.into_iter()
        .filter_map(|(key, got, within)| Some((key, entry[key].as_f64()?, got, within)))
        .collect()
}

#[test]
fn metadata_meets_the_reference_in_every_file() {
    let Some((folder, files)) = reference() else { return };
    // Times with a zone stand in FLIR's payload only.
    let flir = is_sequence(&fs::read(folder.join("flir/SC660.seq")).unwrap());
    let mut checked = 0;
    for entry in &files {
        let name = entry["file"].as_str().unwrap();
        let format = entry["format"].as_str().unwrap_or_default();
        let asked = &entry["metadata"];
        if format.starts_with("flir") && !flir {
            continue;
        }
        let read = read_metadata(&folder.join(name)).unwrap_or_else(|error| panic!("{error}"));
        for (key, expected, got, within) in numbers(asked, &read) {
            let gap = got.map_or(f64::NAN, |got| (got - expected).abs());
            assert!(gap <= within, "{name}: {key} is {got:?}, wanted {expected}");
            checked += 1;
        }
        if asked["GPSLatitude"].as_f64().is_none() {
            assert_eq!(read.exif_position, None, "{name}");
        }
        let texts = [
            ("AltitudeType", &read.altitude_type),
            ("GpsStatus", &read.gps_status),
            ("Make", &read.camera.make),
        ];
        for (key, got) in texts {
            if let Some(expected) = asked[key].as_str() {
                assert_eq!(got.as_deref(), Some(expected), "{name}: {key}");
                checked += 1;
            }
        }
        // A camera's name stands in the payload too, where it may say more.
        for key in ["Model", "CameraModel"] {
            let model = asked[key].as_str().filter(|model| !model.is_empty());
            if let Some(model) = model.filter(|_| !format.starts_with("flir")) {
                assert_eq!(read.camera.model.as_deref(), Some(model), "{name}");
                checked += 1;
            }
        }
        checked += usize::from(time_agrees(name, asked, &read));
    }
    assert!(checked > 300, "only {checked} values were compared");
}

/// The EXIF time, `2019:12:25 16:10:22`, and its fraction; times with a zone are the payload's.
fn time_agrees(name: &str, asked: &Value, read: &Metadata) -> bool {
    let Some(expected) = asked["DateTimeOriginal"].as_str() else { return false };
    let got = read.taken_at.unwrap_or_else(|| panic!("{name}: no time")).to_string();
    let (date, time) = expected.split_once(' ').unwrap();
    if let Some(zone) = time.rfind(['+', '-']) {
        let text = format!("{}T{}{}", date.replace(':', "-"), &time[..zone], &time[zone..]);
        let utc: jiff::Timestamp = text.parse().unwrap();
        let expected = FrameTime::Utc(utc).to_string();
        // Zone 0 is also what a camera holds whose zone nobody set.
        let open = time.ends_with("+00:00").then(|| expected.trim_end_matches('Z'));
        assert!(got == expected || Some(got.as_str()) == open, "{name}: {got}, wanted {expected}");
        return true;
    }
    let fraction = asked["SubSecTimeOriginal"].as_u64().map(|ms| format!(".{ms:03}"));
    let text = format!("{}T{time}{}", date.replace(':', "-"), fraction.unwrap_or_default());
    assert_eq!(got, text, "{name}");
    true
}

#[test]
fn skydio_and_parrot_say_what_their_readme_says() {
    let Some(folder) = shared("data/geo") else { return };
    let read = read_metadata(&folder.join("skydio-thermal/S1008521.JPG")).unwrap();
    let gimbal = read.gimbal.unwrap();
    assert_eq!((gimbal.roll, gimbal.pitch, gimbal.yaw), (-0.519399, -59.679573, 0.100350));
    let position = read.exif_position.unwrap();
    assert!((position.lat_deg - 29.7859339).abs() < 1e-9);
    assert!((position.lon_deg + 95.6354173).abs() < 1e-9);
    assert_eq!(read.absolute_altitude_m, Some(46.021913));
    assert_eq!(read.horizontal_sigma_m, Some(0.446));
    assert_eq!(read.image_source.as_deref(), Some("INFRARED"));
    assert_eq!(read.velocity_ned_m_s, Some([-0.290561, -0.080867, 0.010816]));
    assert_eq!(read.flight.unwrap().yaw, 359.996624);
    let calibration = read.calibration.unwrap();
    assert!((calibration.fx_px - 4892.025463).abs() < 1e-9);
    assert!((calibration.cx_px - 1989.282132).abs() < 1e-9);
    assert_eq!(read.picture_px, Some((640, 512)));
    // The file has `ModifyDate` only.
    assert_eq!(read.taken_at.unwrap().to_string(), "2023-12-16T20:19:45");

    let read = read_metadata(&folder.join("parrot-error/parrot-1.jpg")).unwrap();
    let gimbal = read.gimbal.unwrap();
    assert_eq!((gimbal.yaw, gimbal.pitch, gimbal.roll), (18.678611755, 2.054081678, -2.391976595));
    let position = read.exif_position.unwrap();
    assert!((position.lat_deg - 57.999532270).abs() < 1e-9);
    assert!((position.lon_deg - 25.549637533).abs() < 1e-9);
    assert!((read.exif_altitude_m.unwrap() - 78.98716051).abs() < 1e-8);
}

#[test]
fn files_to_refuse_are_refused_with_reason_and_remedy() {
    let Some((folder, files)) = reference() else { return };
    let mut refused = 0;
    for entry in files.iter().filter(|entry| entry["expect"] == "refuse") {
        let name = entry["file"].as_str().unwrap();
        let message = open(&folder.join(name), &ReadOptions::default()).unwrap_err().to_string();
        let expected = match name {
            "refuse/duo_pro_r_8bit.jpg" | "refuse/dji_reencoded.jpg" => "8-bit picture: no radio",
            "refuse/infiray_p2_stub.jpg" => "InfiRay IJPEG",
            // Each family says it in its own words.
            _ => name,
        };
        assert!(message.contains(expected), "{message}");
        refused += 1;
    }
    assert_eq!(refused, 4);
    let edited = folder.join("refuse/dji_reencoded.jpg");
    let message = open(&edited, &ReadOptions::default()).unwrap_err().to_string();
    assert!(message.contains("keep Make, Model and GPS"), "{message}");
    let as_wide = fs::read(&edited).unwrap();
    let message = refusal(Path::new("DJI_0001_W.JPG"), &as_wide, &ReadOptions::default());
    assert!(message.contains("_T"), "{message}");
}

#[test]
fn pictures_are_grey_levels_on_request_and_never_temperatures() {
    let Some(folder) = shared("data") else { return };
    let options = ReadOptions { uncalibrated: true, ..ReadOptions::default() };
    let mut pictures = vec![folder.join("thermal/refuse/duo_pro_r_8bit.jpg")];
    for kind in ["electrical_peru", "hit_uav", "sirst"] {
        let inside = fs::read_dir(folder.join("detect").join(kind)).unwrap();
        let is_picture = |path: &PathBuf| {
            path.extension().is_some_and(|end| ["jpg", "JPG", "png"].iter().any(|e| end == *e))
        };
        pictures.extend(inside.map(|entry| entry.unwrap().path()).filter(is_picture));
    }
    assert!(pictures.len() > 80, "{}", pictures.len());
    for picture in &pictures {
        assert!(open(picture, &ReadOptions::default()).is_err(), "{}", picture.display());
        let frame = first_frame(picture, &options);
        assert_eq!(frame.format, Format::Picture);
        assert!(!frame.thermogram.is_radiometric());
        assert!(frame.thermogram.celsius().iter().all(|celsius| celsius.is_nan()));
    }
}

fn tiff_of<C: ColorType>(width: u32, height: u32, samples: &[C::Inner], how: Compression) -> Vec<u8>
where
    [C::Inner]: TiffValue,
{
    let mut file = Cursor::new(Vec::new());
    let encoder = TiffEncoder::new(&mut file).unwrap().with_compression(how);
    let predictor = match how {
        Compression::Lzw => Predictor::Horizontal,
        _ => Predictor::None,
    };
    let mut encoder = encoder.with_predictor(predictor);
    encoder.write_image::<C>(width, height, samples).unwrap();
    file.into_inner()
}

#[test]
fn every_sample_type_and_compression_gives_the_degrees_that_were_put_in() {
    let path = Path::new("made.tif");
    let options = ReadOptions::default();
    let hows =
        [Compression::Uncompressed, Compression::Lzw, Compression::Deflate(DeflateLevel::Fast)];
    for how in hows {
        // Hundredths of a kelvin: 20, 20.5, 36.85 and 6.85 °C.
        let counts = [29_315_u16, 29_365, 31_000, 28_000];
        let frames = read_bytes(path, &tiff_of::<Gray16>(2, 2, &counts, how), &options).unwrap();
        assert_eq!(frames[0].format, Format::TiffU16);
        let expected = [20.0, 20.5, 36.85, 6.85];
        for (got, expected) in frames[0].thermogram.celsius().iter().zip(expected) {
            assert!((f64::from(*got) - expected).abs() < 1e-4, "{got} {expected}");
        }
        // Tenths of a degree.
        let tenths = [-105_i16, 0, 215, 1201];
        let frames = read_bytes(path, &tiff_of::<GrayI16>(2, 2, &tenths, how), &options).unwrap();
        assert_eq!(frames[0].format, Format::TiffI16);
        assert_eq!(frames[0].thermogram.celsius(), [-10.5, 0.0, 21.5, 120.1]);
    }
    let floats = [21.25_f32, -273.15, f32::NAN, -40.0];
    let file = tiff_of::<Gray32Float>(2, 2, &floats, Compression::Uncompressed);
    let frame = read_bytes(path, &file, &options).unwrap().remove(0);
    assert_eq!(frame.format, Format::TiffF32);
    let celsius = frame.thermogram.celsius();
    assert_eq!((celsius[0], celsius[3]), (21.25, -40.0));
    assert!(celsius[1].is_nan() && celsius[2].is_nan());
}

#[test]
fn a_scale_that_is_open_is_asked_for_and_the_users_is_taken() {
    let path = Path::new("made.tif");
    let counts = [10_000_u16, 11_000, 12_000, 12_500];
    let file = tiff_of::<Gray16>(2, 2, &counts, Compression::Uncompressed);
    let message = refusal(path, &file, &ReadOptions::default());
    assert!(message.contains("--scale") && message.contains("--offset"), "{message}");
    let scale = LinearScale { scale: 0.001, offset_c: 10.0 };
    let options = ReadOptions { tiff_scale: Some(scale), ..ReadOptions::default() };
    let frame = read_bytes(path, &file, &options).unwrap().remove(0);
    assert_eq!(frame.thermogram.celsius(), [20.0, 21.0, 22.0, 22.5]);
    assert_eq!(frame.parameters.scale, Some(scale));
    // Kelvin as floats would be a plausible furnace: refused, not believed.
    let kelvin = [293.0_f32, 294.0, 295.0, 300.0];
    let file = tiff_of::<Gray32Float>(2, 2, &kelvin, Compression::Uncompressed);
    assert!(refusal(path, &file, &ReadOptions::default()).contains("--scale"));
    let scale = LinearScale { scale: 1.0, offset_c: -273.15 };
    let options = ReadOptions { tiff_scale: Some(scale), ..ReadOptions::default() };
    let frame = read_bytes(path, &file, &options).unwrap().remove(0);
    assert!((frame.thermogram.celsius()[0] - 19.85).abs() < 1e-4);
}

#[test]
fn a_terrain_model_is_no_thermogram() {
    let Some(folder) = shared("data/geo") else { return };
    for name in
        ["skydio-thermal/S1008521.tiff", "parrot-error/parrot-1-dem.tiff", "rome/Rome-30m-DEM.tif"]
    {
        let message = open(&folder.join(name), &ReadOptions::default()).unwrap_err().to_string();
        assert!(message.contains("map"), "{message}");
    }
}

#[test]
fn an_eight_bit_tiff_is_no_thermogram() {
    let file = tiff_of::<Gray8>(2, 2, &[1, 2, 3, 4], Compression::Uncompressed);
    let message = refusal(Path::new("grey.tif"), &file, &ReadOptions::default());
    assert!(message.contains("8-bit"), "{message}");
    let options = ReadOptions { uncalibrated: true, ..ReadOptions::default() };
    let frame = read_bytes(Path::new("grey.tif"), &file, &options).unwrap().remove(0);
    assert_eq!(frame.thermogram.samples(), &Samples::Grey(vec![1, 2, 3, 4]));
}

fn made_frame() -> Frame {
    let floats = [21.25_f32, 20.0, f32::NAN, -10.5, 30.0, 100.125];
    let file = tiff_of::<Gray32Float>(3, 2, &floats, Compression::Uncompressed);
    read_bytes(Path::new("made.tif"), &file, &ReadOptions::default()).unwrap().remove(0)
}

#[test]
fn arrays_and_tables_hold_the_degrees() {
    let folder = tempfile::tempdir().unwrap();
    let frame = made_frame();
    let npy = folder.path().join("one.npy");
    write::save(&npy, std::slice::from_ref(&frame), Look::default()).unwrap();
    let bytes = fs::read(&npy).unwrap();
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    assert_eq!(start % 64, 0);
    let head = std::str::from_utf8(&bytes[10..start]).unwrap();
    assert!(head.contains("'<f4'") && head.contains("(2, 3)") && head.ends_with('\n'), "{head}");
    assert_eq!(bytes.len(), start + 6 * 4);
    assert_eq!(bytes[start..start + 4], 21.25_f32.to_le_bytes());
    assert_eq!(bytes[start + 20..], 100.125_f32.to_le_bytes());

    let several = folder.path().join("two.npy");
    write::save(&several, &[frame.clone(), frame.clone()], Look::default()).unwrap();
    assert!(String::from_utf8_lossy(&fs::read(&several).unwrap()).contains("(2, 2, 3)"));

    let csv = folder.path().join("one.csv");
    write::save(&csv, std::slice::from_ref(&frame), Look::default()).unwrap();
    assert_eq!(fs::read_to_string(&csv).unwrap(), "21.25,20,\n-10.5,30,100.125\n");

    let tif = folder.path().join("one.TIF");
    write::save(&tif, std::slice::from_ref(&frame), Look::default()).unwrap();
    let back = first_frame(&tif, &ReadOptions::default());
    let pairs = back.thermogram.celsius().into_iter().zip(frame.thermogram.celsius());
    for (back, put) in pairs {
        assert!(back == put || (back.is_nan() && put.is_nan()));
    }
}

#[test]
fn pictures_show_the_range_and_what_cannot_be_written_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let frame = made_frame();
    let png = folder.path().join("one.png");
    let look = Look { palette: Palette::Grey, range: Some((20.0, 30.0)) };
    write::save(&png, std::slice::from_ref(&frame), look).unwrap();
    let mut reader =
        png::Decoder::new(std::io::BufReader::new(File::open(&png).unwrap())).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.width, info.height), (3, 2));
    // 21.25 °C is an eighth of the way; magenta has no temperature; beyond the ends is cut.
    let expected = [[32; 3], [0; 3], [255, 0, 255], [0; 3], [255; 3], [255; 3]];
    assert_eq!(pixels, expected.as_flattened());
    for (name, frames) in [
        ("two.csv", vec![frame.clone(), frame.clone()]),
        ("one.xyz", vec![frame.clone()]),
        ("none.npy", Vec::new()),
    ] {
        let path = folder.path().join(name);
        let error = write::save(&path, &frames, Look::default()).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
        assert!(!path.exists());
    }
    let nowhere = folder.path().join("missing/one.npy");
    assert!(write::save(&nowhere, &[frame], Look::default()).is_err());
}
