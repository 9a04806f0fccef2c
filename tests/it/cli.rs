//! The command line as a contract: names, JSON fields, exit codes.

use std::path::Path;

use crate::program::{json_lines, run, small_flight, stderr};

fn code(output: &std::process::Output) -> i32 {
    output.status.code().unwrap()
}

fn a_frame() -> String {
    let (folder, truth) = small_flight();
    folder.join(&truth.frames[0].file).display().to_string()
}

#[test]
fn temps_prints_the_fields_of_the_contract() {
    let output = run(["temps", "--json", &a_frame()]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let line = &json_lines(&output)[0];
    for field in [
        "file",
        "format",
        "camera",
        "width",
        "height",
        "min_c",
        "max_c",
        "mean_c",
        "radiometric",
        "parameters",
        "taken_at",
        "position",
        "gimbal",
    ] {
        assert!(!line[field].is_null(), "{field} is missing in {line}");
    }
    assert_eq!(line["format"], "flir-rjpeg");
    assert_eq!((line["width"].as_u64(), line["height"].as_u64()), (Some(320), Some(256)));
    assert_eq!(line["parameters"]["sources"]["emissivity"], "file");
}

#[test]
fn an_override_changes_the_temperatures_and_says_so() {
    let frame = a_frame();
    let own = run(["temps", "--json", &frame]);
    let given = run(["temps", "--json", "--emissivity", "0.6", &frame]);
    let (own, given) = (&json_lines(&own)[0], &json_lines(&given)[0]);
    assert_eq!(given["parameters"]["emissivity"], 0.6);
    assert_eq!(given["parameters"]["sources"]["emissivity"], "user");
    assert!(given["max_c"].as_f64().unwrap() > own["max_c"].as_f64().unwrap() + 1.0);
}

#[test]
fn nonsense_on_the_command_line_is_a_usage_error() {
    let frame = a_frame();
    let wrong: [&[&str]; 11] = [
        &[],
        &["fly-to-the-moon"],
        &["temps"],
        &["temps", "--emissivity", "NaN", &frame],
        &["temps", "--emissivity", "1.5", &frame],
        &["temps", "--humidity", "-3", &frame],
        &["temps", "--out", "x.npy", &frame, &frame],
        &["temps", "--scale", "0", "--offset", "1", &frame],
        &["detect", "--least-score", "inf", &frame],
        &["detect", "--least-score", "7", &frame],
        &["inspect", "--profile", "electrical", "--least-confidence", "0", "--case", "x", &frame],
    ];
    for arguments in wrong {
        let output = run(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn every_number_that_is_none_is_a_usage_error_that_names_its_flag() {
    let frame = a_frame();
    let of_temps = "emissivity distance-m humidity reflected-c ambient-c window-c \
                    window-transmission scale offset frame";
    let of_locate = "lat lon height-m yaw pitch roll ground-height pixel";
    let flags = [
        ("temps", of_temps),
        ("detect", "least-score"),
        ("locate", of_locate),
        ("inspect", "ground-height threads least-confidence"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("x.case").display().to_string();
    for (verb, flags) in flags {
        for flag in flags.split_whitespace() {
            let named = format!("--{flag}");
            for value in ["NaN", "inf", "-inf", "1e400", "1e9", "", "warm"] {
                let mut arguments = vec![verb, &frame, &named, value];
                match (verb, flag) {
                    ("inspect", _) => arguments.extend(["--case", &case]),
                    (_, "scale") => arguments.extend(["--offset", "0"]),
                    (_, "offset") => arguments.extend(["--scale", "1"]),
                    (_, "lat") => arguments.extend(["--lon", "5"]),
                    (_, "lon") => arguments.extend(["--lat", "52"]),
                    _ => {}
                }
                let output = run(&arguments);
                let said = stderr(&output);
                assert_eq!(code(&output), 2, "{arguments:?}: {said}");
                assert!(said.contains(&named), "{arguments:?}: {said}");
            }
        }
    }
    assert!(!Path::new(&case).exists(), "a usage error leaves no case behind");
}

#[cfg(unix)]
#[test]
fn a_pipe_or_a_device_is_refused_and_never_waited_for() {
    let frame = a_frame();
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("x.case").display().to_string();
    let pipe = folder.path().join("pipe.jpg").display().to_string();
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    for verb in ["temps", "detect", "locate"] {
        assert_eq!(code(&run([verb, &pipe])), 3, "{verb}");
    }
    for flag in ["--site", "--terrain", "--camera-table"] {
        for odd in [pipe.as_str(), "/dev/zero", folder.path().to_str().unwrap(), "/nowhere"] {
            let output = run(["inspect", &frame, "--case", &case, flag, odd]);
            let said = stderr(&output);
            assert_eq!(code(&output), 3, "{flag} {odd}: {said}");
            assert_eq!(said.matches(odd).count(), 1, "{said}");
        }
    }
    let output = run(["inspect", &pipe, "--case", &case]);
    assert_eq!(code(&output), 5, "{}", stderr(&output));
}

#[test]
fn an_input_is_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("grey.png");
    write_grey_png(&picture);
    let before = std::fs::read(&picture).unwrap();
    let (path, place) = (picture.display().to_string(), folder.path().display().to_string());
    let odd_way = folder.path().join("./grey.png").display().to_string();
    let output = run(["temps", "--uncalibrated", &path, "--out", &odd_way]);
    assert_eq!(code(&output), 2, "{}", stderr(&output));
    let output = run(["detect", "--uncalibrated", &path, "--overlay", &place]);
    assert_eq!(code(&output), 2, "{}", stderr(&output));
    assert_eq!(std::fs::read(&picture).unwrap(), before);
}

#[test]
fn input_that_cannot_be_used_is_named_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("holiday.jpg");
    std::fs::write(&text, "not a picture").unwrap();
    let text = text.display().to_string();
    for verb in ["temps", "detect"] {
        let output = run([verb, &text]);
        assert_eq!(code(&output), 3);
        assert!(stderr(&output).contains(&text), "{}", stderr(&output));
        let output = run([verb, "--json", &text, &a_frame()]);
        assert_eq!(code(&output), 6, "one of two was read");
        assert_eq!(json_lines(&output).len(), 1);
    }
    assert_eq!(code(&run(["temps", "/nowhere/at/all.jpg"])), 3);
    assert_eq!(code(&run(["locate", "/nowhere/at/all.jpg"])), 3);
    let case = folder.path().join("x.case").display().to_string();
    assert_eq!(code(&run(["inspect", "/nowhere/at/all", "--case", &case])), 3);
}

#[test]
fn an_empty_folder_is_nothing_to_work_on() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let case = folder.path().join("x.case");
    let output = run(["inspect", empty.to_str().unwrap(), "--case", case.to_str().unwrap()]);
    assert_eq!(code(&output), 5, "{}", stderr(&output));
}

#[test]
fn detect_prints_the_fields_of_the_contract_and_draws() {
    let (folder, truth) = small_flight();
    let pictures = tempfile::tempdir().unwrap();
    let files: Vec<_> =
        truth.frames.iter().map(|frame| folder.join(&frame.file).display().to_string()).collect();
    let overlay = pictures.path().join("deep/folder").display().to_string();
    let mut arguments = vec!["detect", "--json", "--overlay", &overlay];
    arguments.extend(files.iter().map(String::as_str));
    let output = run(&arguments);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let lines = json_lines(&output);
    assert_eq!(lines.len(), files.len());
    let spots: Vec<_> =
        lines.iter().flat_map(|line| line["detections"].as_array().unwrap()).collect();
    assert!(!spots.is_empty());
    for field in [
        "polarity",
        "x_px",
        "y_px",
        "bbox_px",
        "area_px",
        "peak_c",
        "background_c",
        "delta_k",
        "snr",
        "score",
        "reasons",
    ] {
        assert!(spots.iter().all(|spot| !spot[field].is_null()), "{field}");
    }
    assert!(spots.iter().all(|spot| {
        let hot = spot["polarity"] == "hot";
        hot == (spot["delta_k"].as_f64().unwrap() > 0.0)
    }));
    let drawn = std::fs::read_dir(&overlay).unwrap().count();
    assert_eq!(drawn, files.len());
}

#[test]
fn a_plain_picture_gives_grey_levels_and_never_degrees() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grey.png");
    write_grey_png(&path);
    let path = path.display().to_string();
    assert_eq!(code(&run(["detect", &path])), 3, "refused unless asked for");
    let output = run(["detect", "--json", "--uncalibrated", &path]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let line = &json_lines(&output)[0];
    let spots = line["detections"].as_array().unwrap();
    assert_eq!(spots.len(), 1, "{line}");
    assert!(spots[0]["delta_grey"].as_f64().unwrap() > 50.0);
    for field in ["peak_c", "background_c", "delta_k"] {
        assert!(spots[0].get(field).is_none(), "{field} in a picture without radiometry");
    }
    let text = run(["detect", "--uncalibrated", &path]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("grey") && !text.contains("°C"), "{text}");
}

fn write_grey_png(path: &Path) {
    let mut pixels = vec![60_u8; 200 * 160];
    for y in 70..76 {
        for x in 90..96 {
            pixels[y * 200 + x] = 200;
        }
    }
    let file = std::fs::File::create(path).unwrap();
    let mut encoder = png::Encoder::new(file, 200, 160);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
}

/// The flat case of the reference positions: worked out there with PROJ and an ellipsoid.
#[test]
fn locate_answers_the_flat_case_from_flags_alone() {
    let arguments = [
        "locate",
        "--json",
        "--camera",
        "m3t",
        "--lat",
        "52",
        "--lon",
        "5",
        "--height-m",
        "60",
        "--yaw",
        "45",
        "--pitch",
        "-60",
        "--roll",
        "0",
        "--ground-height",
        "0",
    ];
    let cases = [
        ("320,256", 52.000_220_144, 5.000_356_665, 69.282),
        ("0,0", 52.000_664_096, 5.000_328_166, 97.816),
        ("640,512", 51.999_921_024, 5.000_375_868, 65.906),
    ];
    for (pixel, lat, lon, range_m) in cases {
        let mut arguments = arguments.to_vec();
        arguments.extend(["--pixel", pixel]);
        let output = run(&arguments);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let answer = &json_lines(&output)[0];
        let off = |field: &str, value: f64| (answer[field].as_f64().unwrap() - value).abs();
        assert!(off("lat", lat) < 2e-7 && off("lon", lon) < 3e-7, "{answer}");
        assert!(off("range_m", range_m) < 0.02, "{answer}");
        for field in ["height_ellipsoidal_m", "height_amsl_m"] {
            assert!(answer[field].is_f64(), "{answer}");
        }
        for field in ["east_m", "north_m", "up_m"] {
            assert!(answer["sigma"][field].as_f64().unwrap() > 0.0, "{answer}");
        }
        for field in ["major_m", "minor_m", "azimuth_deg"] {
            assert!(answer["ellipse95"][field].is_f64(), "{answer}");
        }
    }
}

#[test]
fn a_ray_above_the_horizon_is_bad_input() {
    let output = run([
        "locate",
        "--camera",
        "m3t",
        "--lat",
        "52",
        "--lon",
        "5",
        "--height-m",
        "60",
        "--yaw",
        "45",
        "--pitch",
        "10",
        "--ground-height",
        "0",
    ]);
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).contains("horizon"), "{}", stderr(&output));
}

#[test]
fn about_knows_its_formats_cameras_and_licences() {
    let about = &json_lines(&run(["about", "--json"]))[0];
    let list = |field: &str| about[field].as_array().unwrap().len();
    assert!(list("formats") >= 12 && list("cameras") >= 10 && list("limits") >= 3);
    assert_eq!(list("external_services"), 0);
    assert!(about["grids"].to_string().contains("CC BY 4.0"));
}

#[test]
fn completions_know_every_verb() {
    for shell in ["bash", "zsh", "fish"] {
        let output = run(["completions", shell]);
        let script = String::from_utf8(output.stdout).unwrap();
        for verb in [
            "temps",
            "detect",
            "locate",
            "inspect",
            "fly",
            "collect",
            "convert",
            "about",
            "sim",
            "sim-scene",
            "demo",
        ] {
            assert!(script.contains(verb), "{shell} does not complete {verb}");
        }
    }
}

#[test]
fn detections_without_a_place_are_counted_with_their_reason() {
    let flight = small_flight().0.display().to_string();
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("x.case").display().to_string();
    let output = run(["inspect", "--json", &flight, "--case", &case, "--ground-height", "5000"]);
    let report = &json_lines(&output)[0];
    let number = |value: &serde_json::Value| value.as_u64().unwrap();
    let unplaced = report["unplaced"].as_array().unwrap();
    assert!(!unplaced.is_empty(), "{report}");
    let without: u64 = unplaced.iter().map(|entry| number(&entry["detections"])).sum();
    assert_eq!(number(&report["detections"]), number(&report["observations"]) + without);
}
