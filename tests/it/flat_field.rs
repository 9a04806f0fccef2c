//! The fixed pattern of a flight's sensor: found, taken off, and left alone where nothing tells it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use torenvalk::detect::FlatField;
use torenvalk::thermal::{self, ReadOptions};

use crate::evidence::{SETTINGS, decide_all, failed, verified};
use crate::evidence_tamper::{self, forged};
use crate::program::{json_lines, run, small_params, stderr, write};

/// A flight over weak spots with a camera whose lens and window add 0.2 K of pixels, of columns and
/// of rows; the file of its truth.
fn patterned(frames: &Path) -> PathBuf {
    let mut params = small_params();
    (params.spots.count, params.spots.contrast_k) = (40, [0.8, 6.0]);
    params.ground.texture_k = 0.3;
    params.camera.lasting_pattern_k = 0.2;
    write(frames, &params);
    let truth = frames.with_extension("truth");
    std::fs::rename(frames.join("truth.json"), &truth).unwrap();
    truth
}

/// How many findings of a case are right.
fn right(case: &Path, truth: &Path) -> u64 {
    let output = run(["evaluate", case.to_str().unwrap(), truth.to_str().unwrap(), "--json"]);
    json_lines(&output)[0]["right"].as_u64().unwrap()
}

fn inspect(frames: &Path, case: &Path, more: &[&str]) -> Value {
    let mut arguments = vec!["inspect", "--json", frames.to_str().unwrap()];
    arguments.extend(["--case", case.to_str().unwrap()]);
    arguments.extend(more);
    let output = run(&arguments);
    json_lines(&output).first().cloned().unwrap_or_else(|| panic!("{}", stderr(&output)))
}

/// Peak in °C and box of each observation on the frame itself, by file.
fn peaks(case: &Path) -> HashMap<String, Vec<(f64, [u32; 4])>> {
    let database = rusqlite::Connection::open(case.join("case.gpkg")).unwrap();
    let mut asked = database
        .prepare(
            "SELECT f.file, o.peak_c, o.left_px, o.top_px, o.width_px, o.height_px \
             FROM observations o JOIN frames f ON f.frame = o.frame AND f.run_fid = o.run_fid \
             WHERE o.reasons NOT LIKE '%wide%'",
        )
        .unwrap();
    let mut peaks: HashMap<String, Vec<_>> = HashMap::new();
    let rows = asked.query_map([], |row| {
        let bbox = [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?];
        Ok((row.get::<_, String>(0)?, (row.get(1)?, bbox)))
    });
    for row in rows.unwrap() {
        let (file, peak) = row.unwrap();
        peaks.entry(file).or_default().push(peak);
    }
    peaks
}

#[test]
fn what_stays_in_all_frames_is_taken_off_and_peaks_stay_those_of_the_files() {
    let scratch = tempfile::tempdir().unwrap();
    let (frames, case) = (scratch.path().join("frames"), scratch.path().join("a.case"));
    let truth = patterned(&frames);
    let report = inspect(&frames, &case, &[]);
    let field = &report["flat_fields"][0];
    assert_eq!(report["flat_fields"].as_array().unwrap().len(), 1, "{report}");
    // 0.35 K, less what rows and columns have in common with the eight around them.
    let rms_k = field["rms_k"].as_f64().unwrap();
    assert!((0.28..0.36).contains(&rms_k), "{field}");
    assert!(field["frames"].as_u64().unwrap() >= 12, "{field}");

    let other = scratch.path().join("b.case");
    let left = inspect(&frames, &other, &["--no-flat-field"]);
    assert_eq!(left["flat_fields"], serde_json::json!([]));
    let (without, with) = (right(&other, &truth), right(&case, &truth));
    assert!(4 * with >= 5 * without, "{with} {without}");

    let mut told = 0;
    for (file, peaks) in peaks(&case) {
        let path = frames.join(Path::new(&file).file_name().unwrap());
        let frame = thermal::open(&path, &ReadOptions::default()).unwrap().next().unwrap().unwrap();
        let (all, width_px) = (frame.thermogram.celsius(), frame.thermogram.width());
        for (peak_c, [left, top, width, height]) in peaks {
            let of_box =
                (top..top + height).flat_map(|y| (left..left + width).map(move |x| (x, y)));
            let celsius = |(x, y): (u32, u32)| f64::from(all[(y * width_px + x) as usize]);
            assert!(of_box.map(celsius).any(|c| (c - peak_c).abs() < 0.011), "{file}: {peak_c}");
            told += 1;
        }
    }
    assert!(told > 50, "{told}");
    is_worked_out_once_more(&case);
}

/// A package holds the pattern, and whoever verifies it takes it off again. Another one is seen,
/// even where all lists are made anew.
fn is_worked_out_once_more(case: &Path) {
    std::fs::write(case.join("evidence.toml"), SETTINGS).unwrap();
    decide_all(case);
    let (case, out) = (case.to_str().unwrap(), case.with_extension("out"));
    let key = out.with_extension("key").to_str().unwrap().to_owned();
    run(["key", "new", &key, "--identity", "o@x", "--no-passphrase"]);
    let out = ["--out", out.to_str().unwrap()];
    let more = ["--profile", "full", "--key", &key, "--person", "O. Operator", "--json"];
    let done = run([&["export", case], &out[..], &more].concat());
    let told = json_lines(&done).first().cloned().unwrap_or_else(|| panic!("{}", stderr(&done)));
    let package = Path::new(told["package"].as_str().unwrap());
    let (_, verdict) = verified(package);
    assert_eq!(failed(&verdict), Vec::<&str>::new());
    for name in ["temperatures", "positions"] {
        let of_name = |check: &&Value| check["name"] == name;
        let check = verdict["checks"].as_array().unwrap().iter().find(of_name).unwrap();
        assert_eq!(check["passed"], true, "{check}");
    }

    let patterns: Vec<_> = std::fs::read_dir(package.join("data/method/flat-fields"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let [pattern] = &patterns[..] else { panic!("{patterns:?}") };
    let name = pattern.strip_prefix(package).unwrap().to_str().unwrap();
    let bytes = std::fs::read(pattern).unwrap();
    let turned = FlatField::of_tiff(&bytes, 0.01).unwrap().to_tiff(-0.01);
    for other in [&turned[..], &bytes[..100], b"none"] {
        forged(package, name, other);
        assert!(evidence_tamper::failed(package).contains(&"temperatures"));
    }
}

#[test]
fn a_camera_that_stays_where_it_is_tells_no_pattern() {
    let scratch = tempfile::tempdir().unwrap();
    let (frames, hovering) = (scratch.path().join("frames"), scratch.path().join("hovering"));
    patterned(&frames);
    std::fs::create_dir(&hovering).unwrap();
    let first = std::fs::read_dir(&frames).unwrap().next().unwrap().unwrap().path();
    for number in 0..20 {
        std::fs::copy(&first, hovering.join(format!("{number:02}_T.jpg"))).unwrap();
    }
    let report = inspect(&hovering, &scratch.path().join("a.case"), &[]);
    assert_eq!(report["flat_fields"], serde_json::json!([]), "{report}");
    assert_eq!(report["inspected"], 20);
}
