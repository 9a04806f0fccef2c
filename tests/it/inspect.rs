//! The main job: same bytes whatever happens on the way, nothing lost, nothing invented.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::program::{json_lines, run, small_flight, stderr, torenvalk};

/// Copies of the small flight, so that there is more than one shard of 200.
const COPIES: usize = 8;

fn inspect(input: &Path, case: &Path, more: &[&str]) -> (i32, Value) {
    let mut arguments = vec!["inspect", "--json", input.to_str().unwrap()];
    arguments.extend(["--case", case.to_str().unwrap()]);
    arguments.extend(more);
    let output = run(&arguments);
    let lines = json_lines(&output);
    let line = lines.first().cloned().unwrap_or_else(|| panic!("{}", stderr(&output)));
    (output.status.code().unwrap(), line)
}

/// Every file of a folder with its bytes.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                all.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    all
}

fn assert_same(one: &Path, other: &Path, what: &str) {
    let (one, other) = (contents(one), contents(other));
    let names = |all: &BTreeMap<PathBuf, Vec<u8>>| all.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&one), names(&other), "{what}");
    for (name, bytes) in &one {
        assert!(*bytes == other[name], "{what}: {} differs", name.display());
    }
}

#[test]
fn the_sums_match_and_every_frame_has_a_position() {
    let (folder, truth) = small_flight();
    let scratch = tempfile::tempdir().unwrap();
    let (code, report) = inspect(folder, &scratch.path().join("a.case"), &[]);
    assert_eq!(code, 6, "truth.json is no frame and is listed: {report}");
    let number = |field: &str| report[field].as_u64().unwrap();
    let skipped = report["skipped"].as_array().unwrap();
    assert_eq!(number("frames_seen"), number("inspected") + skipped.len() as u64);
    assert_eq!(number("inspected"), truth.frames.len() as u64);
    assert_eq!(number("positioned"), number("inspected"), "{report}");
    assert!(number("detections") >= number("observations"));
    assert!(number("observations") > number("findings") && number("findings") > 0);
    assert!(skipped.iter().all(|entry| entry["file"].is_string() && entry["reason"].is_string()));
}

#[test]
fn one_thread_and_many_give_the_same_bytes() {
    let (folder, _) = small_flight();
    let scratch = tempfile::tempdir().unwrap();
    let cases: Vec<_> = ["1", "2", "5"]
        .iter()
        .map(|threads| {
            let case = scratch.path().join(format!("{threads}.case"));
            inspect(folder, &case, &["--threads", threads]);
            case
        })
        .collect();
    assert_same(&cases[0], &cases[1], "1 and 2 threads");
    assert_same(&cases[0], &cases[2], "1 and 5 threads");
}

#[test]
fn the_same_command_twice_changes_nothing() {
    let (folder, _) = small_flight();
    let scratch = tempfile::tempdir().unwrap();
    let (once, twice) = (scratch.path().join("once.case"), scratch.path().join("twice.case"));
    inspect(folder, &once, &[]);
    inspect(folder, &twice, &[]);
    inspect(folder, &twice, &[]);
    assert_same(&once, &twice, "run twice");
}

#[test]
fn what_was_asked_for_last_is_what_the_case_shows() {
    let (folder, _) = small_flight();
    let scratch = tempfile::tempdir().unwrap();
    let case = scratch.path().join("a.case");
    let shown = || std::fs::read(case.join("findings.geojson")).unwrap();
    inspect(folder, &case, &[]);
    let first = shown();
    inspect(folder, &case, &["--emissivity", "0.7"]);
    assert!(shown() != first, "other parameters, other temperatures");
    inspect(folder, &case, &[]);
    assert!(shown() == first, "asked for again, shown again");
}

#[cfg(unix)]
#[test]
fn killed_at_any_moment_it_goes_on_to_the_same_bytes() {
    let (folder, _) = small_flight();
    let scratch = tempfile::tempdir().unwrap();
    // Copies under other names: several shards, so that a kill falls between them too.
    let many = scratch.path().join("many");
    std::fs::create_dir(&many).unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        for copy in 0..COPIES {
            let name = format!("{copy:02}-{}", path.file_name().unwrap().to_str().unwrap());
            std::fs::hard_link(&path, many.join(name)).unwrap();
        }
    }
    let whole = scratch.path().join("whole.case");
    inspect(&many, &whole, &[]);
    let killed = scratch.path().join("killed.case");
    for wait_ms in [1, 40, 300, 5, 900, 80, 2000, 20, 150] {
        let mut child = torenvalk(["inspect", many.to_str().unwrap(), "--case"])
            .arg(&killed)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(wait_ms));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    inspect(&many, &killed, &[]);
    assert_same(&whole, &killed, "killed nine times");
}

#[test]
fn two_processes_on_one_case_do_not_mix() {
    let (folder, _) = small_flight();
    let scratch = tempfile::tempdir().unwrap();
    let case = scratch.path().join("a.case");
    let held = torenvalk::case::Case::open_or_create(&case).unwrap();
    let output = run(["inspect", folder.to_str().unwrap(), "--case", case.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("another process"), "{}", stderr(&output));
    drop(held);
    let (_, report) = inspect(folder, &case, &[]);
    assert!(report["findings"].as_u64().unwrap() > 0);
}

#[test]
fn bad_files_are_counted_with_their_reason_and_do_not_disturb_the_good_ones() {
    let (folder, truth) = small_flight();
    let scratch = tempfile::tempdir().unwrap();
    let mixed = scratch.path().join("mixed");
    std::fs::create_dir_all(mixed.join("folder.jpg")).unwrap();
    for frame in &truth.frames {
        std::fs::copy(folder.join(&frame.file), mixed.join(&frame.file)).unwrap();
    }
    std::fs::write(mixed.join("empty.jpg"), b"").unwrap();
    std::fs::write(mixed.join("text.jpg"), b"hello").unwrap();
    let cut = std::fs::read(folder.join(&truth.frames[0].file)).unwrap();
    std::fs::write(mixed.join("cut.jpg"), &cut[..cut.len() / 3]).unwrap();
    std::fs::File::create(mixed.join("sparse.jpg")).unwrap().set_len(4 << 30).unwrap();
    let (code, report) = inspect(&mixed, &scratch.path().join("mixed.case"), &[]);
    assert_eq!(code, 6);
    let skipped: BTreeMap<_, _> = report["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let file = Path::new(entry["file"].as_str().unwrap()).file_name().unwrap();
            (file.to_str().unwrap().to_owned(), entry["reason"].as_str().unwrap().to_owned())
        })
        .collect();
    assert_eq!(
        skipped.keys().map(String::as_str).collect::<Vec<_>>(),
        ["cut.jpg", "empty.jpg", "sparse.jpg", "text.jpg"]
    );
    assert!(skipped.values().all(|reason| reason.len() > 8), "{skipped:?}");
    assert_eq!(report["inspected"].as_u64().unwrap(), truth.frames.len() as u64);
}

#[test]
fn every_frame_of_the_real_survey_has_a_position_and_things_are_seen_again() {
    let Some(survey) = crate::shared::shared("data/thermal/survey") else { return };
    let scratch = tempfile::tempdir().unwrap();
    let case = scratch.path().join("survey.case");
    let (code, report) = inspect(&survey, &case, &[]);
    assert_eq!(code, 6, "LICENSE is no frame: {report}");
    assert_eq!(report["inspected"], 12);
    assert_eq!(report["positioned"], 12, "{report}");
    let findings: Value =
        serde_json::from_slice(&std::fs::read(case.join("findings.geojson")).unwrap()).unwrap();
    let views: Vec<u64> = findings["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["properties"]["views"].as_u64().unwrap())
        .collect();
    let again = views.iter().filter(|&&views| views >= 3).count();
    assert!(again >= 20, "{again} of {} findings were seen three times", views.len());
}

#[test]
fn a_folder_of_mixed_cameras_is_accounted_for_to_the_last_file() {
    let Some(thermal) = crate::shared::shared("data/thermal") else { return };
    let scratch = tempfile::tempdir().unwrap();
    let (code, report) = inspect(&thermal, &scratch.path().join("mixed.case"), &[]);
    assert_eq!(code, 6, "{report}");
    let files = contents(&thermal);
    let skipped = report["skipped"].as_array().unwrap();
    let named = |wanted: &str| {
        skipped.iter().any(|entry| entry["file"].as_str().unwrap().ends_with(wanted))
    };
    for refused in ["duo_pro_r_8bit.jpg", "dji_reencoded.jpg", "dji_cut_in_raw.JPG", "README.md"] {
        assert!(named(refused), "{refused} is not accounted for: {report}");
    }
    // Two frames of the SEQ and three of the CSQ; every other file is one frame or skipped.
    let seen = report["frames_seen"].as_u64().unwrap();
    assert_eq!(seen, files.len() as u64 + 1 + 2, "{report}");
}

#[test]
fn a_picture_that_a_sequence_repeats_is_of_a_closed_shutter() {
    let Some(real) = crate::shared::shared("data/thermal/flir/SC660.seq") else { return };
    let bytes = std::fs::read(real).unwrap();
    // Two frames of about one length; what looks like a head within the first one is none.
    let heads = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(b"FFF\0"));
    let second = heads.max().unwrap();
    assert!(second.abs_diff(bytes.len() / 2) < 1000, "{second}");
    let (once, again) = bytes.split_at(second);
    let scratch = tempfile::tempdir().unwrap();
    let said = |name: &str, frames: &[&[u8]]| {
        let file = scratch.path().join(name);
        std::fs::write(&file, frames.concat()).unwrap();
        let (_, report) = inspect(&file, &scratch.path().join(name).with_extension("case"), &[]);
        let reasons = report["without_position"].as_array().unwrap().iter();
        let shut = reasons.filter(|one| one["reason"].as_str().unwrap().contains("the shutter"));
        (report["inspected"].as_u64().unwrap(), shut.count())
    };
    assert_eq!(said("sound.seq", &[once, again]), (2, 0));
    assert_eq!(said("shut.seq", &[once, once, once, again, once]), (5, 2));
}

#[cfg(unix)]
#[test]
fn the_same_frames_named_twice_count_once() {
    let (folder, truth) = small_flight();
    let scratch = tempfile::tempdir().unwrap();
    let card = scratch.path().join("card");
    std::fs::create_dir(&card).unwrap();
    for frame in &truth.frames {
        std::fs::hard_link(folder.join(&frame.file), card.join(&frame.file)).unwrap();
    }
    let (code, once) = inspect(&card, &card.join("within.case"), &[]);
    assert_eq!(code, 0, "{once}");
    let twice = [card.join("."), card.join(&truth.frames[0].file)];
    let twice: Vec<_> = twice.iter().map(|path| path.to_str().unwrap()).collect();
    let (code, again) = inspect(&card, &scratch.path().join("deep/er/b.case"), &twice);
    assert_eq!(code, 0, "the case within the input is no input: {again}");
    for field in ["frames_seen", "inspected", "findings", "observations"] {
        assert_eq!(once[field], again[field], "{field}");
    }
}

/// A shard is taken over from a killed run only where all that it was worked out with is the same.
#[test]
fn a_changed_camera_table_is_another_run() {
    let (folder, truth) = small_flight();
    let scratch = tempfile::tempdir().unwrap();
    let frame = folder.join(&truth.frames[0].file);
    let table = scratch.path().join("cameras.toml");
    let case = scratch.path().join("a.case");
    let runs = || torenvalk::case::Case::open_or_create(&case).unwrap().runs().unwrap().len();
    let with = ["--camera-table", table.to_str().unwrap()];
    let own = |length_mm: f64| {
        format!(
            "format_version = 1\n[[camera]]\nid = \"own\"\nname = \"Own\"\nmatches = [\"OWN\"]\n\
             width_px = 320\nheight_px = 256\npixel_pitch_um = 12.0\nfocal_length_mm = {length_mm:.1}\n\
             source = \"own\"\n"
        )
    };
    for (round, length_mm) in [(1, 9.0), (1, 9.0), (2, 9.1)] {
        std::fs::write(&table, own(length_mm)).unwrap();
        inspect(&frame, &case, &with);
        assert_eq!(runs(), round);
    }
}

/// Replaces a value in a frame's XMP by one of equal length.
fn put(bytes: &mut [u8], key: &str, value: impl Fn(&str) -> String) {
    let key = format!("drone-dji:{key}=\"");
    let at = bytes.windows(key.len()).position(|window| window == key.as_bytes()).unwrap();
    let at = at + key.len();
    let length = bytes[at..].iter().position(|&byte| byte == b'"').unwrap();
    let new = value(std::str::from_utf8(&bytes[at..at + length]).unwrap());
    bytes[at..at + length].copy_from_slice(new.as_bytes());
}

/// The infrared picture has an altitude of another datum and no RTK; its visible twin has both
/// right. So the ground must come from the twin too, or every finding lies 43 m too deep.
#[test]
fn a_pose_from_the_visible_twin_brings_its_ground_along() {
    let (folder, truth) = small_flight();
    let scratch = tempfile::tempdir().unwrap();
    for frame in &truth.frames {
        let mut bytes = std::fs::read(folder.join(&frame.file)).unwrap();
        let visible = frame.file.replace("_T.", "_W.");
        assert_ne!(visible, frame.file);
        std::fs::write(scratch.path().join(visible), &bytes).unwrap();
        put(&mut bytes, "AltitudeType", |_| "GpsAlt".to_owned());
        put(&mut bytes, "RtkFlag", |_| "16".to_owned());
        put(&mut bytes, "AbsoluteAltitude", |metres| {
            let lower = metres.parse::<f64>().unwrap() - 43.0;
            format!("{lower:+0width$.3}", width = metres.len())
        });
        std::fs::write(scratch.path().join(&frame.file), &bytes).unwrap();
    }
    let frames: Vec<_> = truth.frames.iter().map(|frame| folder.join(&frame.file)).collect();
    let more: Vec<_> = frames[1..].iter().map(|path| path.to_str().unwrap()).collect();
    let (own, twins) = (scratch.path().join("own.case"), scratch.path().join("twins.case"));
    inspect(&frames[0], &own, &more);
    let (code, report) = inspect(scratch.path(), &twins, &[]);
    assert_eq!(code, 6, "{report}");
    let skipped = report["skipped"].as_array().unwrap();
    assert_eq!(skipped.len(), frames.len());
    assert!(skipped.iter().all(|entry| entry["reason"].as_str().unwrap().contains("twin")));
    let places = |case: &Path| -> Vec<(String, String)> {
        let bytes = std::fs::read(case.join("findings.geojson")).unwrap();
        let findings: Value = serde_json::from_slice(&bytes).unwrap();
        let of = |finding: &Value| {
            let told = &finding["properties"];
            (told["lat"].to_string(), told["height_ellipsoidal_m"].to_string())
        };
        findings["features"].as_array().unwrap().iter().map(of).collect()
    };
    assert!(!places(&own).is_empty());
    assert_eq!(places(&own), places(&twins));
}
