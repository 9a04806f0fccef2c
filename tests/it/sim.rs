//! Behaviour of `sim`.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use nalgebra::Vector3;
use torenvalk::detect::{Polarity, Reasons};
use torenvalk::fuse::{Finding, Kind, Severity, Status};
use torenvalk::geo::{Attitude, CameraModel, Ellipse95, Geodetic, LocalFrame, enu_from_ned};
use torenvalk::sim::{
    Camera, FileFormat, LogKind, LogPlan, Params, PlantedSpot, Pose, PoseErrors, Truth, score,
    write_flight,
};
use torenvalk::site::{Asset, AssetKind, Outline, Polygon, Role, Site, Zone};

use crate::program::{run, stderr};

/// About 60 m by 40 m near Delft, with a roof and a pipe.
fn site() -> Site {
    let (lon, lat) = (4.37, 52.0);
    let place = |e: f64, n: f64| (lon + e / 68_677.0, lat + n / 111_267.0);
    let square = |w, s, e, n| Polygon {
        outer: vec![place(w, s), place(e, s), place(e, n), place(w, n)],
        holes: Vec::new(),
    };
    let asset = |name: &str, kind, outline| Asset {
        name: name.to_owned(),
        kind,
        outline,
        height_m: 0.0,
        base: None,
    };
    let pipe =
        Outline::Line { vertices: vec![place(-30.0, -12.0), place(30.0, -9.0)], half_width_m: 1.5 };
    Site {
        name: "test".to_owned(),
        areas: vec![square(-30.0, -20.0, 30.0, 20.0)],
        assets: vec![
            asset("roof", AssetKind::Roof, Outline::Polygon(square(-20.0, 0.0, 0.0, 14.0))),
            asset("pipe", AssetKind::Pipe, pipe),
        ],
        ground_height_m: Some(41.5),
        ..Site::default()
    }
}

/// A short flight of a small camera.
fn small(seed: u64) -> Params {
    let mut params = Params { seed, ..Params::default() };
    params.camera.width_px = 160;
    params.camera.height_px = 128;
    params.camera.focal_length_mm = 5.0;
    params.flight.overlap_front = 0.6;
    params.flight.overlap_side = 0.6;
    params.spots.count = 10;
    params
}

fn written(params: &Params) -> (tempfile::TempDir, Truth) {
    let folder = tempfile::tempdir().unwrap();
    let truth = write_flight(&site(), params, folder.path()).unwrap();
    (folder, truth)
}

fn all_bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap()))
        .collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_others() {
    for format in [FileFormat::FlirRaw, FileFormat::FlirPng, FileFormat::TiffCentikelvin] {
        let params = Params { format, ..small(7) };
        let (first, truth) = written(&params);
        let (second, _) = written(&params);
        let first = all_bytes(first.path());
        assert_eq!(first.len(), truth.frames.len() + 1);
        assert!(first == all_bytes(second.path()));
        let (other, _) = written(&Params { seed: 8, ..params });
        for (name, bytes) in all_bytes(other.path()) {
            assert!(first[&name] != bytes, "{name} does not depend on the seed");
        }
    }
}

#[test]
fn the_program_takes_parameters_in_the_words_of_its_truth() {
    let folder = tempfile::tempdir().unwrap();
    let told = folder.path().join("told.json");
    let make = |text: &str, options: &[&str]| {
        fs::write(&told, text).unwrap();
        let out = folder.path().join("out").display().to_string();
        let (verb, params) = (["sim-scene", "--json", "--out", &out], told.to_str().unwrap());
        run([&verb[..], &["--params", params], options].concat())
    };
    let first = &["--seed", "3", "--spots", "2", "--log", "csv"];
    let small = r#"{"camera": {"width_px": 160, "height_px": 128, "focal_length_mm": 5.0}}"#;
    let truth: Truth = serde_json::from_slice(&make(small, first).stdout).unwrap();
    let usual = Params::demo(3);
    let camera = Camera { width_px: 160, height_px: 128, focal_length_mm: 5.0, ..usual.camera };
    let spots = torenvalk::sim::SpotParams { count: 2, ..usual.spots };
    let log = LogPlan { kinds: vec![LogKind::Csv], ..usual.log };
    assert_eq!(truth.params, Params { camera, spots, log, ..Params::demo(3) });
    // What was made of parameters is made again of those that the truth tells.
    let again = make(&serde_json::to_string(&truth.params).unwrap(), &[]);
    assert_eq!(serde_json::from_slice::<Truth>(&again.stdout).unwrap(), truth);
    for (wrong, says) in [
        ("warm", "expected value"),
        ("[]", "not parameters of a flight"),
        (r#"{"camera": {"with_px": 3}}"#, "unknown field `with_px`"),
        (r#"{"spots": {"count": 2001}}"#, "spots.count is above 2000"),
        (r#"{"camera": {"width_px": 3}}"#, "camera.width_px is 3, not within 16 to 4096"),
    ] {
        let output = make(wrong, first);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(3), "{wrong}: {said}");
        assert!(said.contains("told.json") && said.contains(says), "{wrong}: {said}");
    }
}

#[test]
fn the_truth_file_says_that_it_is_simulated_and_reads_back() {
    let (folder, truth) = written(&small(2));
    let text = fs::read_to_string(folder.path().join("truth.json")).unwrap();
    let read: Truth = serde_json::from_str(&text).unwrap();
    assert!(read == truth && truth.simulated && truth.format_version == 1);
    assert_eq!(truth.spots.len() + truth.not_placed as usize, 10);
    assert_eq!(truth.ground_height_m, 41.5);
    for name in truth.frames.iter().map(|frame| &frame.file) {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
}

#[test]
fn spots_lie_in_the_area_apart_and_in_sight_on_both_kinds_of_ground() {
    let (_folder, truth) = written(&Params { seed: 4, ..Params::default() });
    let centre = LocalFrame::at(&Geodetic::from_degrees(52.0, 4.37, 41.5));
    let places: Vec<_> = truth
        .spots
        .iter()
        .map(|s| centre.enu(&Geodetic::from_degrees(s.lat, s.lon, s.height_ellipsoidal_m)))
        .collect();
    assert!(truth.spots.len() >= 20, "{} spots", truth.spots.len());
    for (index, a) in places.iter().enumerate() {
        assert!(a.x.abs() < 29.5 && a.y.abs() < 19.5, "{a}");
        assert!(places[..index].iter().all(|b| (a - b).norm() >= 5.0));
        assert!(truth.spots[index].views >= 2, "{:?}", truth.spots[index]);
    }
    let on = |name: Option<&str>| truth.spots.iter().any(|s| s.asset.as_deref() == name);
    assert!(on(Some("roof")) && on(Some("pipe")) && on(None));
    let cold = truth.spots.iter().filter(|s| s.delta_k < 0.0).count();
    assert!(cold > 0 && cold < truth.spots.len());
}

#[test]
fn nothing_is_planted_where_nothing_may_be_captured() {
    let mut closed = site();
    let area = closed.areas[0].outer.clone();
    // The western half of the area.
    let middle = 4.37;
    let west = area.iter().map(|&(lon, lat)| (lon.min(middle), lat)).collect();
    let west = Outline::Polygon(Polygon { outer: west, holes: Vec::new() });
    closed.zones.push(Zone::always("garden".to_owned(), Role::NoCapture, west));
    let folder = tempfile::tempdir().unwrap();
    let truth = write_flight(&closed, &small(4), folder.path()).unwrap();
    assert!(truth.spots.len() > 3 && truth.spots.iter().all(|spot| spot.lon > middle));
    // The whole area: nothing finds room, and that is said.
    let all = Outline::Polygon(Polygon { outer: area, holes: Vec::new() });
    closed.zones[0] = Zone::always("everything".to_owned(), Role::NoCapture, all);
    let truth = write_flight(&closed, &small(4), folder.path()).unwrap();
    assert_eq!((truth.spots.len(), truth.not_placed), (0, 10));
}

#[test]
fn a_wide_oblique_view_shows_the_sky_above_the_ground() {
    let mut params = small(1);
    params.camera.focal_length_mm = 1.0;
    params.camera.noise_k = 0.0;
    params.flight.altitude_m = 15.0;
    params.flight.overlap_side = 0.0;
    params.flight.gimbal_pitch_deg = -30.0;
    params.format = FileFormat::TiffCentikelvin;
    let (folder, truth) = written(&params);
    let kelvin = kelvin_of(&folder.path().join(&truth.frames[0].file));
    assert!(mean(kelvin[..160].iter().copied()) < 236.0, "the first row is sky");
    assert!(mean(kelvin[127 * 160..].iter().copied()) > 274.0, "the last row is ground");
}

#[test]
fn nonsense_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let refuse = |site: &Site, params: &Params| {
        let error = write_flight(site, params, folder.path()).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
        error.to_string()
    };
    let mut params = small(1);
    params.flight.altitude_m = f64::NAN;
    assert!(refuse(&site(), &params).contains("flight.altitude_m"));
    let nowhere = Site { areas: Vec::new(), ..site() };
    assert!(refuse(&nowhere, &small(1)).contains("no area"));
    let mut vast = site();
    vast.areas[0].outer[0] = (3.0, 50.0);
    assert!(refuse(&vast, &small(1)).contains("10000"));
}

// -- Stated errors ---------------------------------------------------------------------------

#[test]
fn stated_poses_are_off_by_the_stated_sigmas() {
    let mut params = small(11);
    params.camera.width_px = 64;
    params.camera.height_px = 64;
    params.errors = PoseErrors::without_rtk();
    let (_folder, truth) = written(&params);
    let errors: Vec<[f64; 6]> =
        truth.frames.iter().map(|f| gap(&f.true_pose, &f.stated_pose)).collect();
    let n = errors.len() as f64;
    assert!(n > 200.0, "{n} frames");
    let (own, common) = (params.errors.own, params.errors.common);
    let parts = |s: torenvalk::sim::ErrorSigmas| {
        let tilt = s.pitch_roll_deg;
        [s.horizontal_m, s.horizontal_m, s.vertical_m, s.yaw_deg, tilt, tilt]
    };
    for part in 0..6 {
        let mean = errors.iter().map(|e| e[part]).sum::<f64>() / n;
        let deviation = (errors.iter().map(|e| (e[part] - mean).powi(2)).sum::<f64>() / n).sqrt();
        let (own, common) = (parts(own)[part], parts(common)[part]);
        assert!((deviation / own - 1.0).abs() < 0.15, "part {part}: {deviation} for {own}");
        assert!(mean.abs() < 3.5 * common, "part {part}: mean {mean} for {common}");
        assert!(mean.abs() > 3.0 * own / n.sqrt() || part > 0, "no common part");
    }
}

/// Stated minus true: east, north, up in metres, yaw, pitch, roll in degrees.
fn gap(truth: &Pose, stated: &Pose) -> [f64; 6] {
    let place = |p: &Pose| Geodetic::from_degrees(p.lat, p.lon, p.height_ellipsoidal_m);
    let off = LocalFrame::at(&place(truth)).enu(&place(stated));
    let yaw = (stated.yaw_deg - truth.yaw_deg + 180.0).rem_euclid(360.0) - 180.0;
    [
        off.x,
        off.y,
        off.z,
        yaw,
        stated.pitch_deg - truth.pitch_deg,
        stated.roll_deg - truth.roll_deg - truth.tilt_deg,
    ]
}

// -- The FLIR file, parsed by hand -----------------------------------------------------------

/// Payloads of the APP1 segments of a JPEG.
fn app1(bytes: &[u8]) -> Vec<&[u8]> {
    assert_eq!(bytes[..2], [0xFF, 0xD8]);
    let (mut at, mut found) = (2, Vec::new());
    while bytes[at + 1] != 0xDA {
        assert_eq!(bytes[at], 0xFF);
        let length = usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
        if bytes[at + 1] == 0xE1 {
            found.push(&bytes[at + 4..at + 2 + length]);
        }
        at += 2 + length;
    }
    found
}

fn fff(bytes: &[u8]) -> Vec<u8> {
    let chunks: Vec<_> = app1(bytes).into_iter().filter(|s| s.starts_with(b"FLIR\0")).collect();
    let mut block = Vec::new();
    for (index, chunk) in chunks.iter().enumerate() {
        assert_eq!(chunk[5], 1);
        assert_eq!((usize::from(chunk[6]), usize::from(chunk[7])), (index, chunks.len() - 1));
        block.extend(&chunk[8..]);
    }
    block
}

fn u16_at(b: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(b[at..at + 2].try_into().unwrap())
}

fn u32_at(b: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(b[at..at + 4].try_into().unwrap())
}

fn f32_at(b: &[u8], at: usize) -> f64 {
    f64::from(f32::from_le_bytes(b[at..at + 4].try_into().unwrap()))
}

/// Raw record and camera record.
fn records(block: &[u8]) -> [Vec<u8>; 2] {
    assert_eq!(&block[..14], b"FFF\0ATAU_RBFO\0");
    let version = u32::from_be_bytes(block[0x14..0x18].try_into().unwrap());
    assert!(!(100..200).contains(&version), "must not look big-endian");
    assert!((100..200).contains(&u32_at(block, 0x14)));
    let directory = u32_at(block, 0x18) as usize;
    assert_eq!(u32_at(block, 0x1C), 2);
    [0, 1].map(|index| {
        let entry = &block[directory + 32 * index..][..32];
        assert_eq!(u16_at(entry, 0), [0x01, 0x20][index]);
        let (at, length) = (u32_at(entry, 0x0C) as usize, u32_at(entry, 0x10) as usize);
        assert_eq!(u16_at(block, at), 2, "byte-order word");
        block[at..at + length].to_vec()
    })
}

fn counts_of(raw: &[u8]) -> Vec<u16> {
    let payload = &raw[0x20..];
    if payload.starts_with(b"\x89PNG") {
        let mut reader = png::Decoder::new(std::io::Cursor::new(payload)).read_info().unwrap();
        let mut samples = vec![0; reader.output_buffer_size().unwrap()];
        let shape = reader.next_frame(&mut samples).unwrap();
        assert_eq!(shape.bit_depth, png::BitDepth::Sixteen);
        // PNG is big-endian; FLIR's payload has its bytes swapped.
        return samples.chunks(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
    }
    payload.chunks(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect()
}

/// The formula as published, in counts and the camera record's own numbers, half-path convention.
fn celsius_by_the_formula(camera: &[u8], raw: f64) -> f64 {
    let f = |at| f32_at(camera, at);
    let (e, d, tr, ta, rh) = (f(0x20), f(0x24), f(0x28), f(0x2C), f(0x3C));
    let (r1, b, fx, r2) = (f(0x58), f(0x5C), f(0x60), f(0x30C));
    let o = f64::from(i32::from_le_bytes(camera[0x308..0x30C].try_into().unwrap()));
    assert_eq!(f(0x34), 1.0, "no window");
    let signal = |t: f64| r1 / (r2 * ((b / t).exp() - fx)) - o;
    let air = ta - 273.15;
    let w = rh * (1.5587 + 0.06939 * air - 2.7816e-4 * air.powi(2) + 6.8455e-7 * air.powi(3)).exp();
    let tau = |d: f64| {
        let part = |a: f64, b: f64| (-d.sqrt() * (a + b * w.sqrt())).exp();
        f(0x80) * part(f(0x70), f(0x78)) + (1.0 - f(0x80)) * part(f(0x74), f(0x7C))
    };
    let t = tau(d / 2.0);
    let seen = raw / (e * t * t)
        - (1.0 - t) / (e * t) * signal(ta)
        - (1.0 - t) / (e * t * t) * signal(ta)
        - (1.0 - e) / e * signal(tr);
    b / (r1 / (r2 * (seen + o)) + fx).ln() - 273.15
}

#[test]
fn both_payloads_hold_the_same_counts_and_the_tiff_the_same_temperatures() {
    let of = |format| {
        let (folder, truth) = written(&Params { format, ..small(3) });
        fs::read(folder.path().join(&truth.frames[1].file)).unwrap()
    };
    let [raw, camera] = records(&fff(&of(FileFormat::FlirRaw)));
    let [in_png, _] = records(&fff(&of(FileFormat::FlirPng)));
    assert_eq!((u16_at(&raw, 2), u16_at(&raw, 4)), (160, 128));
    assert!(in_png[0x20..].starts_with(b"\x89PNG"));
    let counts = counts_of(&raw);
    assert_eq!(counts.len(), 160 * 128);
    assert!(counts == counts_of(&in_png));

    let file = of(FileFormat::TiffCentikelvin);
    let mut decoder = tiff::decoder::Decoder::new(std::io::Cursor::new(&file)).unwrap();
    assert_eq!(decoder.dimensions().unwrap(), (160, 128));
    let tiff::decoder::DecodingResult::U16(centikelvin) = decoder.read_image().unwrap() else {
        panic!("not unsigned 16-bit");
    };
    for (&count, &centikelvin) in counts.iter().zip(&centikelvin) {
        let celsius = celsius_by_the_formula(&camera, f64::from(count));
        let gap = celsius - (f64::from(centikelvin) / 100.0 - 273.15);
        // Half a count is 0.011 K, half a centikelvin 0.005 K.
        assert!(gap.abs() < 0.02, "{celsius} beside {centikelvin}");
    }
}

#[test]
fn outside_readers_agree_with_what_was_written() {
    let exiftool = Command::new("exiftool").arg("-ver").output();
    if !exiftool.is_ok_and(|out| out.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "exiftool is missing in CI");
        return;
    }
    for format in [FileFormat::FlirRaw, FileFormat::FlirPng, FileFormat::TiffCentikelvin] {
        let (folder, truth) = written(&Params { format, ..small(5) });
        let frame = &truth.frames[2];
        let out = Command::new("exiftool")
            .args(["-json", "-n", "-G0"])
            .arg(folder.path().join(&frame.file))
            .output()
            .unwrap();
        let read: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        let number = |name: &str| {
            let value = &read[0][name];
            let text = value.as_str().and_then(|text| text.parse().ok());
            value.as_f64().or(text).unwrap_or_else(|| panic!("{name} in {read}"))
        };
        let stated = &frame.stated_pose;
        let mut expected = vec![
            ("EXIF:FocalLength", 5.0, 1e-9),
            ("EXIF:GPSLatitude", stated.lat, 1e-9),
            ("EXIF:GPSLongitude", stated.lon, 1e-9),
            ("EXIF:GPSAltitude", stated.height_ellipsoidal_m, 6e-4),
            ("XMP:GPSLatitude", stated.lat, 1e-9),
            ("XMP:GPSLongitude", stated.lon, 1e-9),
            ("XMP:AbsoluteAltitude", stated.height_ellipsoidal_m, 6e-4),
            ("XMP:RelativeAltitude", stated.height_ellipsoidal_m - 41.5, 6e-4),
            ("XMP:GimbalYawDegree", stated.yaw_deg, 6e-5),
            ("XMP:GimbalPitchDegree", stated.pitch_deg, 6e-5),
            ("XMP:GimbalRollDegree", stated.roll_deg, 6e-5),
            ("XMP:FlightYawDegree", stated.yaw_deg, 6e-5),
            ("XMP:RtkFlag", 50.0, 0.0),
            ("XMP:RtkStdLat", 0.02, 1e-9),
            ("XMP:RtkStdHgt", 0.03, 1e-9),
        ];
        if format != FileFormat::TiffCentikelvin {
            expected.extend([
                ("APP1:PlanckR1", 16_500.0, 0.0),
                ("APP1:PlanckB", 1430.0, 0.0),
                ("APP1:PlanckO", -500.0, 0.0),
                ("APP1:PlanckR2", 0.0375, 1e-8),
                ("APP1:Emissivity", 0.95, 1e-6),
                ("APP1:ObjectDistance", 60.0, 0.0),
                ("APP1:ReflectedApparentTemperature", -20.0, 1e-4),
                ("APP1:AtmosphericTemperature", 8.0, 1e-4),
                ("APP1:RawThermalImageWidth", 160.0, 0.0),
                ("APP1:RawThermalImageHeight", 128.0, 0.0),
            ]);
            let kind = if format == FileFormat::FlirPng { "PNG" } else { "TIFF" };
            assert_eq!(read[0]["APP1:RawThermalImageType"], kind);
            let time = read[0]["APP1:DateTimeOriginal"].as_str().unwrap();
            assert!(time.starts_with("2026:03:21 06:10:"), "{time}");
        }
        for (name, value, tolerance) in expected {
            assert!((number(name) - value).abs() <= tolerance, "{name}: {} {value}", number(name));
        }
        assert_eq!(read[0]["EXIF:Make"], "Torenvalk");
        assert_eq!(read[0]["EXIF:Model"], "SIM-640");
        assert_eq!(read[0]["XMP:AltitudeType"], "RtkAlt");
        assert!(read[0].get("ExifTool:Warning").is_none(), "{}", read[0]["ExifTool:Warning"]);
        let time = read[0]["EXIF:DateTimeOriginal"].as_str().unwrap();
        assert!(time.starts_with("2026:03:21 06:10:"), "{time}");
    }
}

// -- Where and how warm the spots are --------------------------------------------------------

/// The pixel of a place, by the camera model and the frame's own pose.
fn pixel_of(spot: &PlantedSpot, pose: &Pose, camera: &CameraModel) -> Option<(f64, f64)> {
    let at = Geodetic::from_degrees(pose.lat, pose.lon, pose.height_ellipsoidal_m);
    let to = Geodetic::from_degrees(spot.lat, spot.lon, spot.height_ellipsoidal_m);
    let ned: Vector3<f64> = enu_from_ned(&LocalFrame::at(&at).enu(&to));
    let outer = Attitude::from_degrees(pose.yaw_deg, 0.0, pose.tilt_deg).ned_from_body();
    let inner = Attitude::from_degrees(0.0, pose.pitch_deg, pose.roll_deg).ned_from_body();
    let turn = outer * inner;
    camera.project(&(turn.transpose() * ned))
}

/// A camera without faults over ground without texture.
fn clean(pitch_deg: f64) -> Params {
    let mut params = Params { seed: 21, ..Params::default() };
    params.camera.noise_k = 0.0;
    params.camera.fixed_pattern_k = 0.0;
    params.camera.vignette_k = 0.0;
    params.camera.drift_k = 0.0;
    params.ground.texture_k = 0.0;
    params.spots.on_asset_share = 0.0;
    params.spots.sigma_m = [0.12, 0.3];
    params.spots.count = 8;
    params.flight.gimbal_pitch_deg = pitch_deg;
    params.flight.overlap_front = 0.6;
    params.flight.overlap_side = 0.6;
    params
}

#[test]
fn spots_are_where_and_as_warm_as_the_truth_says() {
    for pitch_deg in [-90.0, -50.0] {
        let params = clean(pitch_deg);
        let (folder, truth) = written(&params);
        let camera = CameraModel::pinhole(640, 512, 13.5 / 0.012);
        let (mut seen, mut worst_px) = (0, 0.0_f64);
        for frame in &truth.frames {
            let bytes = fs::read(folder.path().join(&frame.file)).unwrap();
            let [raw, record] = records(&fff(&bytes));
            let counts = counts_of(&raw);
            let celsius = |x: usize, y: usize| {
                celsius_by_the_formula(&record, f64::from(counts[y * 640 + x]))
            };
            for spot in &truth.spots {
                let Some((x, y)) = pixel_of(spot, &frame.true_pose, &camera) else { continue };
                if !(40.0..600.0).contains(&x) || !(40.0..472.0).contains(&y) {
                    continue;
                }
                seen += 1;
                // The centroid of what exceeds a tenth of the contrast, around the place.
                let reach = (3.0 * spot.sigma_px).ceil() as usize + 3;
                let (mut sum, mut sum_x, mut sum_y, mut peak) = (0.0, 0.0, 0.0, 0.0_f64);
                for py in y as usize - reach..=y as usize + reach {
                    for px in x as usize - reach..=x as usize + reach {
                        let weight = (celsius(px, py) - 6.0) * spot.delta_k.signum();
                        peak = peak.max(weight);
                        if weight > 0.1 * spot.delta_k.abs() {
                            sum += weight;
                            sum_x += weight * (px as f64 + 0.5);
                            sum_y += weight * (py as f64 + 0.5);
                        }
                    }
                }
                worst_px = worst_px.max((sum_x / sum - x).hypot(sum_y / sum - y));
                if pitch_deg == -90.0 {
                    let ratio = peak / spot.seen_delta_k.abs();
                    assert!((0.9..1.05).contains(&ratio), "{ratio} of {spot:?}");
                }
            }
        }
        assert!(seen > 20, "{seen} views");
        // At 60 m a pixel is 5 cm: the centroid of a sampled, clipped Gaussian is good to 1 cm.
        assert!(worst_px < 0.2, "{worst_px} px off");
    }
}

#[test]
fn counted_views_are_those_that_the_camera_model_gives() {
    let (_folder, truth) = written(&small(6));
    let camera = CameraModel::pinhole(160, 128, 5.0 / 0.012);
    for spot in &truth.spots {
        let inside = |pose: &Pose| {
            pixel_of(spot, pose, &camera)
                .is_some_and(|(x, y)| (4.0..=156.0).contains(&x) && (4.0..=124.0).contains(&y))
        };
        let views = truth.frames.iter().filter(|f| inside(&f.true_pose)).count();
        assert_eq!(spot.views as usize, views, "{}", spot.id);
    }
}

/// Kelvin of a TIFF's pixels.
fn kelvin_of(file: &Path) -> Vec<f64> {
    let bytes = fs::read(file).unwrap();
    let mut decoder = tiff::decoder::Decoder::new(std::io::Cursor::new(&bytes)).unwrap();
    match decoder.read_image().unwrap() {
        tiff::decoder::DecodingResult::U16(values) => {
            values.iter().map(|&value| f64::from(value) / 100.0).collect()
        }
        other => unreachable!("not unsigned 16-bit: {other:?}"),
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
    sum / n
}

#[test]
fn the_camera_adds_noise_vignetting_pattern_and_drift_as_stated() {
    let mut params = clean(-90.0);
    params.format = FileFormat::TiffCentikelvin;
    params.spots.count = 0;
    params.flight.overlap_front = 0.2;
    params.flight.overlap_side = 0.2;
    params.camera.shutter_every_frames = 5;
    let bare = Site { assets: Vec::new(), ..site() };
    let frames = |params: &Params| -> Vec<Vec<f64>> {
        let folder = tempfile::tempdir().unwrap();
        let truth = write_flight(&bare, params, folder.path()).unwrap();
        truth.frames.iter().take(10).map(|f| kelvin_of(&folder.path().join(&f.file))).collect()
    };
    let plain = &frames(&params)[0];
    assert!(plain.iter().all(|&k| (k - 279.15).abs() < 0.006), "flat ground is not flat");

    let mut faulty = params.clone();
    faulty.camera.noise_k = 0.2;
    let noisy = &frames(&faulty)[0];
    let steps = noisy.windows(2).map(|pair| (pair[1] - pair[0]).powi(2) / 2.0);
    let noise_k = mean(steps).sqrt();
    assert!((noise_k - 0.2).abs() < 0.005, "noise {noise_k}");

    let mut faulty = params.clone();
    faulty.camera.vignette_k = 3.0;
    let shaded = &frames(&faulty)[0];
    assert!((shaded[256 * 640 + 320] - 279.15).abs() < 0.02);
    for corner in [0, 639, 511 * 640, 511 * 640 + 639] {
        assert!((shaded[corner] - 276.15).abs() < 0.02, "{} at {corner}", shaded[corner]);
    }

    let mut faulty = params.clone();
    faulty.camera.fixed_pattern_k = 0.5;
    let striped = frames(&faulty);
    let column = |x: usize| mean((0..512).map(|y| striped[0][y * 640 + x]));
    let middle = mean(striped[0].iter().copied());
    let spread = mean((0..640).map(|x| (column(x) - middle).powi(2))).sqrt();
    assert!((spread - 0.5).abs() < 0.05, "columns {spread}");
    assert!(striped[0] == striped[4] && striped[4] != striped[5], "new after the shutter only");

    let mut faulty = params;
    faulty.camera.drift_k = 4.0;
    let drift = frames(&faulty);
    let level = |n: usize| mean(drift[n].iter().copied()) - 279.15;
    assert!(level(0).abs() < 0.01 && level(5).abs() < 0.01, "the shutter takes drift away");
    assert!(level(4).abs() > 0.05 && level(4).abs() < 4.0, "{}", level(4));
    assert!((level(4) - 4.0 * level(1)).abs() < 0.02, "drift grows evenly");
}

#[test]
fn without_rtk_the_absolute_altitude_is_above_the_geoid() {
    let params = Params { errors: PoseErrors::without_rtk(), ..small(5) };
    let (folder, truth) = written(&params);
    let frame = &truth.frames[0];
    let bytes = fs::read(folder.path().join(&frame.file)).unwrap();
    let xmp = app1(&bytes).into_iter().find(|s| s.starts_with(b"http://ns.adobe.com/xap/1.0/\0"));
    let xmp = std::str::from_utf8(&xmp.unwrap()[29..]).unwrap();
    let document = roxmltree::Document::parse(xmp.split_once("?>").unwrap().1).unwrap();
    let of = |name: &str| {
        let mut attributes = document.descendants().flat_map(|node| node.attributes());
        attributes.find(|a| a.name() == name).map(|a| a.value().to_owned())
    };
    let number = |name: &str| of(name).unwrap().parse::<f64>().unwrap();
    let stated = &frame.stated_pose;
    let geoid_m = torenvalk::geo::egm96_undulation_m(stated.lat, stated.lon);
    let absolute_m = stated.height_ellipsoidal_m - geoid_m;
    assert!((number("AbsoluteAltitude") - absolute_m).abs() < 6e-4);
    assert!((number("RelativeAltitude") - (stated.height_ellipsoidal_m - 41.5)).abs() < 6e-4);
    assert_eq!(of("AltitudeType").as_deref(), Some("GpsFusionAlt"));
    assert_eq!(of("RtkFlag").as_deref(), Some("0"));
    assert_eq!(of("RtkStdHgt"), None);
}

// -- The score -------------------------------------------------------------------------------

fn finding(id: &str, spot: &PlantedSpot, off_m: [f64; 2], polarity: Polarity) -> Finding {
    let place = Geodetic::from_degrees(spot.lat, spot.lon, spot.height_ellipsoidal_m);
    let point = LocalFrame::at(&place).geodetic(&Vector3::new(off_m[0], off_m[1], 0.0));
    Finding {
        id: id.to_owned(),
        kind: Kind::Unknown,
        polarity,
        severity: Severity::Low,
        confidence: 1.0,
        status: Status::Open,
        point,
        ellipse95: Ellipse95 { major_m: 0.5, minor_m: 0.1, azimuth_deg: 90.0 },
        height_sigma_m: 0.1,
        peak: 0.0,
        background: 0.0,
        delta: spot.seen_delta_k,
        delta_sigma: 0.1,
        grey_levels: false,
        area_m2: 0.1,
        views: 3,
        views_possible: 3,
        first_seen: None,
        last_seen: None,
        asset: None,
        reasons: Reasons::default(),
        notes: Vec::new(),
        observations: Vec::new(),
        frames: Vec::new(),
    }
}

#[test]
fn the_score_counts_each_spot_and_each_finding_once() {
    let (_folder, truth) = written(&small(9));
    let polarity = |s: &PlantedSpot| if s.delta_k < 0.0 { Polarity::Cold } else { Polarity::Hot };
    let other = |s: &PlantedSpot| if s.delta_k < 0.0 { Polarity::Hot } else { Polarity::Cold };
    let [a, b, c, ..] = &truth.spots[..] else { panic!("too few spots") };
    let findings = [
        finding("F1", a, [0.4, 0.0], polarity(a)), // inside: along the major axis, eastwards
        finding("F2", a, [0.6, 0.0], polarity(a)), // the same spot again
        finding("F3", b, [0.0, 0.4], polarity(b)), // outside: across
        finding("F4", c, [0.0, 0.0], other(c)),    // the wrong polarity
    ];
    let result = score(&truth, &findings);
    let ids: Vec<_> =
        result.matches.iter().map(|m| (&m.spot[..], &m.finding[..], m.inside)).collect();
    assert_eq!(ids, [("S001", "F1", true), ("S002", "F3", false)]);
    let strays: Vec<_> = result.false_findings.iter().map(|f| &f.finding[..]).collect();
    assert_eq!(strays, ["F2", "F4"]);
    assert!((result.matches[0].error_m - 0.4).abs() < 1e-6);
    assert_eq!(result.inside_share, Some(0.5));
    assert_eq!(result.findings, result.found + result.found_extra + 2);
    assert_eq!(result.expected as usize, result.found as usize + result.missed.len());
    assert!(result.missed.iter().any(|m| m.spot == c.id));
    assert!(result.gate_m > 0.6 && result.gate_m < 5.0, "{}", result.gate_m);

    let nothing = score(&truth, &[]);
    assert_eq!((nothing.found, nothing.median_error_m), (0, None));
    assert_eq!(nothing.missed.len(), nothing.expected as usize);
    assert!(score(&truth, &[finding("F", a, [50.0, 0.0], polarity(a))]).matches.len() <= 1);
}

#[test]
fn a_spot_that_nobody_could_see_is_not_missed() {
    let (_folder, mut truth) = written(&small(9));
    truth.spots[0].views = 1;
    truth.spots[1].seen_delta_k = 0.5;
    let before = score(&truth, &[]);
    assert_eq!(before.expected as usize, truth.spots.len() - 2);
    let extra = finding("F1", &truth.spots[1], [0.0, 0.0], {
        if truth.spots[1].delta_k < 0.0 { Polarity::Cold } else { Polarity::Hot }
    });
    let after = score(&truth, &[extra]);
    assert_eq!((after.found, after.found_extra, after.false_findings.len()), (0, 1, 0));
}
