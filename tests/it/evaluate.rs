//! Behaviour of `evaluate`: cases worked by hand, the benchmark's own scorers, a simulated flight.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use torenvalk::detect::Polarity;
use torenvalk::evaluate::{
    LabelledFrame, Params, Table, Unit, evaluate, read_coco, read_detections, read_table, read_yolo,
};
use torenvalk::geo::{Geodetic, LocalFrame};

use super::derive::copy;
use super::peers;
use super::program::{json_lines, run, small_flight, stderr, torenvalk};
use super::shared::shared;

/// Numbers that look random and are the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn frames(table: &str) -> Vec<LabelledFrame> {
    match read_table("t.csv", table.as_bytes()).unwrap() {
        Table::Frames(frames) => frames,
        Table::Ground(_) => panic!("on the ground"),
    }
}

const LABELS: &str = "file,polarity,x_px,y_px,radius_px,delta_k,role\n\
    a.tif,hot,10,10,,5,\n\
    a.tif,hot,14,10,,2,\n\
    a.tif,cold,50,50,8,-4,\n\
    a.tif,hot,80,20,,0.5,\n\
    a.tif,,100,100,10,,ignore\n\
    b.tif,hot,30,30,6,12,\n\
    b.tif,hot,60,60,,3,distractor\n\
    c.tif,,,,,,\n";

/// a: one between both hot labels, one on the first; one on the cold label's rim, a second one
/// there; one of the other polarity on it; one to be ignored. b: on the distractor, and nothing on
/// the label. c has no line. d is not known.
const RUN: &str = r#"{"file": "/x/a.jpg", "detections": [
 {"polarity": "hot", "x_px": 12.0, "y_px": 10.0, "score": 0.9, "delta_k": 2.2},
 {"polarity": "hot", "x_px": 10.0, "y_px": 10.0, "score": 0.8, "delta_k": 5.5},
 {"polarity": "cold", "x_px": 50.0, "y_px": 57.0, "score": 0.7, "delta_k": -4},
 {"polarity": "cold", "x_px": 50.0, "y_px": 51.0, "score": 0.65, "delta_k": -4},
 {"polarity": "hot", "x_px": 50.0, "y_px": 50.0, "score": 0.6},
 {"polarity": "hot", "x_px": 105.0, "y_px": 100.0, "score": 0.55}]}
{"file": "/x/b.jpg", "detections": [{"polarity": "hot", "x_px": 61, "y_px": 61, "score": 0.95}]}

{"file": "d.jpg", "detections": [], "more": 1}
"#;

fn one_line_a_frame(text: &str) -> String {
    text.replace("\n {", " {")
}

#[test]
fn a_case_worked_by_hand() {
    let seen = read_detections("-", one_line_a_frame(RUN).as_bytes()).unwrap();
    let report = evaluate(&frames(LABELS), &seen, Unit::Px, &Params::in_frames()).unwrap();
    let counts = [report.detections, report.right, report.wrong, report.set_aside, report.missed];
    // The detection between both labels gives way to the one on the first, so both are right. Of
    // the two on the cold label the nearer is.
    assert_eq!(counts, [7, 3, 3, 1, 2]);
    assert_eq!((report.precision.count, report.precision.of), (3, 6));
    // 0.5 K does not count; 12 K was missed.
    assert_eq!((report.recall.count, report.recall.of), (3, 4));
    let classes = |classes: &[torenvalk::evaluate::Class]| -> Vec<(String, usize, usize)> {
        classes.iter().map(|c| (c.class.clone(), c.found.count, c.found.of)).collect()
    };
    let of = |class: &str, count, of| (class.to_owned(), count, of);
    assert_eq!(classes(&report.recall_by_polarity), [of("hot", 2, 3), of("cold", 1, 1)]);
    assert_eq!(
        classes(&report.recall_by_contrast),
        [of("<1K", 0, 1), of("1-3K", 1, 1), of("3-10K", 2, 2), of(">10K", 0, 1)]
    );
    let near: Vec<_> = report.wrong_near.iter().map(|near| (near.near, near.count)).collect();
    assert_eq!(near, [("distractor", 1), ("double", 1), ("other_polarity", 1)]);
    assert_eq!((report.distractors_hit.count, report.distractors_hit.of), (1, 1));
    assert!((report.wrong_per_frame - 1.0).abs() < 1e-12);
    assert_eq!(report.frames_without_a_line, ["c.tif"]);
    assert_eq!(report.unknown_frames, ["d.jpg"]);
    let position = report.position.unwrap();
    assert_eq!((position.median, position.most90), (1.0, 2.0));
    assert!((position.mean_x - -2.0 / 3.0).abs() < 1e-12);
    assert!((report.contrast_error_median.unwrap() - 0.1).abs() < 1e-6);
    // Down to 0.65 nothing but the distractor and the second cold one is wrong: 3 frames may have
    // 3, so the cut is the lowest.
    let at = report.at_false_alarms.unwrap();
    assert_eq!((at.score, at.recall.count), (Some(0.55), 3));
    let none = Params { false_alarms: 0.0, ..Params::in_frames() };
    let at = evaluate(&frames(LABELS), &seen, Unit::Px, &none).unwrap().at_false_alarms.unwrap();
    assert_eq!((at.score, at.recall.count), (None, 0), "the surest detection is wrong");
    let first: Vec<_> = report.hit_by_first.iter().map(|rank| rank.target.count).collect();
    assert_eq!(first, [2, 3, 3, 3, 3, 3], "the first detection lies in both hot labels");
    let bins: Vec<_> = report
        .calibration
        .unwrap()
        .bins
        .iter()
        .map(|bin| bin.right)
        .map(|b| (b.count, b.of))
        .collect();
    assert_eq!(bins, [(1, 2), (0, 1), (1, 1), (1, 2)]);
    let listed: Vec<_> = report.worst_missed.iter().map(|one| one.delta_k).collect();
    assert_eq!(listed, [Some(12.0)]);
    assert_eq!(report.worst_wrong[0].about, "distractor");
    // Only cold ones, surer ones, and a share of an unlabelled frame.
    let cold =
        Params { polarity: Some(Polarity::Cold), min_score: Some(0.66), ..Params::in_frames() };
    let report = evaluate(&frames(LABELS), &seen, Unit::Px, &cold).unwrap();
    assert_eq!([report.right, report.wrong, report.missed], [1, 0, 0]);
}

#[test]
fn what_scores_do_not_tell_is_left_out() {
    let run = br#"{"file":"a.tif","detections":[{"polarity":"hot","x_px":10,"y_px":10}]}"#;
    let seen = read_detections("-", run).unwrap();
    let report = evaluate(&frames(LABELS), &seen, Unit::Px, &Params::in_frames()).unwrap();
    assert!(report.at_false_alarms.is_none() && report.average_precision.is_none());
    assert!(report.curve.is_empty() && report.calibration.is_none());
    let over = String::from_utf8_lossy(run).replace("\"y_px\":10", "\"y_px\":10,\"score\":7.5");
    let seen = read_detections("-", over.as_bytes()).unwrap();
    let report = evaluate(&frames(LABELS), &seen, Unit::Px, &Params::in_frames()).unwrap();
    assert!(report.calibration.is_none(), "7.5 is no probability");
    assert!(report.at_false_alarms.is_some() && report.average_precision.is_some());
}

/// What a program prints, fed by stdin.
fn piped(arguments: &[&str], stdin: &str) -> Output {
    use std::io::Write as _;
    let mut command = torenvalk(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn every_form_of_labels_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let table = "file,left_px,top_px,width_px,height_px,class\n\
                 a.jpg,100,50,20,10,joint\na.jpg,200,80,8,8,car\nb.jpg,,,,,\n";
    fs::write(path("l.csv"), table).unwrap();
    let coco = json!({
        "images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"}],
        "categories": [{"id": 1, "name": "joint"}, {"id": 9, "name": "car"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [100, 50, 20, 10]},
            {"id": 2, "image_id": 1, "category_id": 9, "bbox": [200, 80, 8, 8]},
        ],
    });
    fs::write(path("l.json"), coco.to_string()).unwrap();
    fs::create_dir(path("yolo")).unwrap();
    // 400 x 200 pixels: (110, 55) and (204, 84).
    let text = "0 0.275 0.275 0.05 0.05\n1 0.51 0.42 0.02 0.04\n";
    fs::write(path("yolo/a.txt"), text).unwrap();
    fs::write(path("yolo/b.txt"), "").unwrap();
    fs::write(path("yolo/classes.txt"), "joint\ncar\n").unwrap();
    let run = r#"{"file": "f/a.jpg", "width": 400, "height": 200, "detections": [
        {"polarity": "hot", "x_px": 111, "y_px": 56, "score": 3, "delta_k": 1},
        {"polarity": "hot", "x_px": 204, "y_px": 84, "score": 2, "delta_k": 1}]}
        {"file": "f/b.jpg", "width": 400, "height": 200, "detections": []}"#;
    let run: String = run.split('\n').map(str::trim).collect::<Vec<_>>().join(" ");
    let run = run.replace("]} {", "]}\n{");
    let mut reports = Vec::new();
    for labels in ["l.csv", "l.json", "yolo"] {
        let arguments = ["evaluate", "-", &path(labels), "--json", "--distractor", "car"];
        let output = piped(&arguments, &run);
        assert_eq!(output.status.code(), Some(0), "{labels}: {}", stderr(&output));
        let mut report = json_lines(&output).remove(0);
        assert_eq!(report["right"], 1, "{labels}: {report}");
        assert_eq!(report["distractors_hit"]["count"], 1);
        assert_eq!(report["recall_by_class"][0]["class"], "joint");
        assert!((report["position"]["median"].as_f64().unwrap() - 2_f64.sqrt()).abs() < 1e-9);
        // Names and rounding of lists are those of the files.
        for list in ["worst_missed", "worst_wrong"] {
            report[list] = Value::Null;
        }
        report["position"] = Value::Null;
        reports.push(report);
    }
    assert_eq!(reports[0], reports[1]);
    assert_eq!(reports[0], reports[2]);
    let without = run.replace("\"width\": 400, \"height\": 200, ", "");
    let arguments = ["evaluate", "-", &path("yolo"), "--distractor", "car"];
    let output = piped(&arguments, &without);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("--size"), "{}", stderr(&output));
    let output = piped(&[&arguments[..], &["--size", "400x200"]].concat(), &without);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("1 right, 1 wrong") && told.contains("footprints"), "{told}");
}

#[test]
fn endings_and_messages_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let labels = path("l.csv", "file,x_px,y_px,class\na.tif,1,1,joint\n");
    let ground = path("g.csv", "lat,lon\n52,5\n");
    let other = path("o.json", "{\"features\": []}");
    let run = path("r.ndjson", "{\"file\":\"a.tif\",\"detections\":[]}\n");
    let strange = path("s.ndjson", "{\"file\":\"z.tif\",\"detections\":[]}\n");
    let bad = path("b.ndjson", "{\"file\":\"a.tif\",\"detections\":[]}\n{\"file\":1}\n");
    let twice = path(
        "t.ndjson",
        "{\"file\":\"a.tif\",\"detections\":[]}\n{\"file\":\"a.png\",\"detections\":[]}",
    );
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let empty = empty.display().to_string();
    for (arguments, code, told) in [
        (vec![&run[..], &labels], 0, ""),
        (vec![&strange, &labels], 5, ""),
        (vec![&run, &ground], 3, "give the case folder"),
        (vec![&run, &other], 3, "COCO's"),
        (vec![&run, &empty], 3, "no labels in this folder"),
        (vec![&bad, &labels], 3, "line 2: no line of"),
        (vec![&twice, &labels], 3, "it would be a.tif of the truth"),
        (vec![&run, "/nowhere/l.csv"], 3, "cannot be opened"),
        (vec![&run, &labels, "--distractor", "car"], 2, "no label is of class car"),
        (vec![&run, &labels, "--within-m", "3"], 2, "for labels on the ground"),
        (vec![&run, &labels, "--from-k", "-1"], 2, "--from-k"),
        (vec![&run, &labels, "--size", "640"], 2, "like 640x512"),
        (vec![&run, &labels, "--curve", &labels], 2, "is an input"),
    ] {
        let output = super::program::run([&["evaluate"][..], &arguments].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(told), "{arguments:?}: {}", stderr(&output));
    }
    // One frame more than the truth knows: told, or taken as one that shows nothing.
    let both = "{\"file\":\"a.tif\",\"detections\":[]}\n{\"file\":\"z.tif\",\"detections\":\
                [{\"polarity\":\"hot\",\"x_px\":1,\"y_px\":1}]}\n";
    let output = piped(&["evaluate", "-", &labels, "--json"], both);
    assert_eq!((output.status.code(), &json_lines(&output)[0]["wrong"]), (Some(6), &json!(0)));
    let output = piped(&["evaluate", "-", &labels, "--json", "--unlabelled-empty"], both);
    assert_eq!((output.status.code(), &json_lines(&output)[0]["wrong"]), (Some(0), &json!(1)));
}

/// A scene of the benchmark's form, with detections near and far from its sources, and some frames
/// without sources, without detections and without a line.
fn drawn_scene(folder: &Path, seed: u64, probabilities: bool) -> String {
    let mut dice = Dice(seed);
    let mut truth = "frame,file,id,polarity,x_px,y_px,sigma_major_px,sigma_minor_px,angle_rad,\
                     delta_k,background_c,snr,area_px,radius_px,role,group\n"
        .to_owned();
    let mut run = String::new();
    let frames = 12;
    for frame in 0..frames {
        let mut found = Vec::new();
        let sources = if frame == 3 { 0 } else { 6 + dice.below(20) };
        for id in 0..sources {
            let polarity = ["hot", "cold"][usize::from(dice.below(4) == 0)];
            // Crowded, so that labels compete for detections.
            let (x, y) = (dice.between(0.0, 120.0), dice.between(0.0, 90.0));
            let sigma = dice.between(0.8, 16.0);
            let delta = dice.between(-1.0, 2.7).exp();
            let radius = 1.177_41 * sigma;
            let role = ["single", "pair", "host", "nested"][dice.below(4)];
            let sign = if polarity == "cold" { -1.0 } else { 1.0 };
            let _ = writeln!(
                truth,
                "{frame},frame_{frame:04}.tif,{id},{polarity},{x:.3},{y:.3},{sigma:.3},{sigma:.3},\
                 0.0,{:.3},12.0,9,10,{radius:.3},{role},",
                sign * delta
            );
            for _ in 0..dice.below(3) {
                let off = 1.3 * radius.max(3.0);
                found.push((x + dice.between(-off, off), y + dice.between(-off, off), polarity));
            }
        }
        for _ in 0..dice.below(8) {
            found.push((dice.between(0.0, 120.0), dice.between(0.0, 90.0), "hot"));
        }
        let detections: Vec<Value> = found
            .iter()
            .map(|(x, y, polarity)| {
                // Few different scores: many are equal.
                let score = if probabilities { dice.below(40) as f64 / 40.0 } else { dice.between(0.0, 90.0) };
                json!({"polarity": polarity, "x_px": x, "y_px": y, "score": score, "delta_k": dice.between(0.5, 9.0)})
            })
            .collect();
        if frame != 7 {
            let line =
                json!({"file": format!("/s/frame_{frame:04}.tif"), "detections": detections});
            let _ = writeln!(run, "{line}");
        }
    }
    let _ = writeln!(run, "{}", json!({"file": "other.tif", "detections": []}));
    fs::write(folder.join("truth.csv"), truth).unwrap();
    fs::write(
        folder.join("clutter.csv"),
        "frame,kind,x_px,y_px,half_w_px,half_h_px,angle_rad,delta_k\n",
    )
    .unwrap();
    let about = json!({"scene": {"frames": frames, "width": 120, "height": 90}});
    fs::write(folder.join("scene.json"), about.to_string()).unwrap();
    fs::write(folder.join("run.ndjson"), &run).unwrap();
    run
}

fn same(ours: &Value, theirs: &Value, what: &str) {
    match (ours.as_f64(), theirs.as_f64()) {
        (Some(ours), Some(theirs)) => {
            // They round to three or four digits.
            assert!((ours - theirs).abs() <= 6e-4, "{what}: {ours} is not {theirs}");
        }
        _ => assert_eq!(ours, theirs, "{what}"),
    }
}

/// Their `{"1-3K": {"recall": .., "n": ..}}` beside our list.
fn same_classes(ours: &Value, theirs: &Value, what: &str) {
    let list = ours.as_array().unwrap();
    let table = theirs.as_object().unwrap();
    assert_eq!(list.len(), table.len(), "{what}: {ours} {theirs}");
    for class in list {
        let name = class["class"].as_str().unwrap();
        same(&class["recall"]["share"], &table[name]["recall"], &format!("{what} {name}"));
        assert_eq!(class["recall"]["of"], table[name]["n"], "{what} {name}");
    }
}

#[test]
fn agrees_with_the_benchmark_s_own_scorer() {
    let Some(score) = shared("bench/score.py") else { return };
    let Some(python) = peers::python("numpy, scipy") else { return };
    for (seed, options) in [
        (1, &[][..]),
        (2, &["--polarity", "hot"]),
        (3, &["--polarity", "cold", "--min-score", "0.3"]),
        (4, &["--min-score", "0.5"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        drawn_scene(folder.path(), seed, seed % 2 == 0);
        let run = folder.path().join("run.ndjson").display().to_string();
        let scene = folder.path().display().to_string();
        let theirs = Command::new(&python)
            .arg(&score)
            .args([&[&run[..], &scene, "--json"], options].concat())
            .output()
            .unwrap();
        assert!(theirs.status.success(), "{}", stderr(&theirs));
        let theirs: Value = serde_json::from_slice(&theirs.stdout).unwrap();
        let output = super::program::run([&["evaluate", &run, &scene, "--json"], options].concat());
        assert_eq!(output.status.code(), Some(6), "{}", stderr(&output));
        let ours = &json_lines(&output)[0];
        for (own, their) in [
            ("detections", "detections"),
            ("right", "true_positives"),
            ("wrong", "false_positives"),
            ("missed", "missed"),
            ("frames", "frames"),
            ("wrong_per_frame", "fp_per_frame"),
            ("contrast_error_median", "delta_k_relative_error_median"),
        ] {
            same(&ours[own], &theirs[their], their);
        }
        assert!(ours["right"].as_u64().unwrap() > 10, "{ours}");
        same(&ours["precision"]["share"], &theirs["precision"], "precision");
        same(&ours["recall"]["share"], &theirs["recall_from_1k"]["all"]["recall"], "recall");
        same(&ours["position"]["median"], &theirs["xy_error_px_median"], "xy error");
        let at = "recall_from_1k_at_1_fp_per_frame";
        same(&ours["at_false_alarms"]["recall"]["share"], &theirs[at], at);
        for (own, their) in [
            ("recall_by_contrast", "recall_by_contrast"),
            ("recall_by_size", "recall_by_size"),
            ("recall_by_class", "recall_by_role"),
        ] {
            same_classes(&ours[own], &theirs[their], their);
        }
        assert_eq!(ours["frames_without_a_line"], json!(["frame_0007.tif"]));
        assert_eq!(ours["unknown_frames"], theirs["lines_for_unknown_files"]);
    }
}

#[test]
fn agrees_with_the_benchmark_s_scorer_of_boxes() {
    let Some(score) = shared("bench/score_boxes.py") else { return };
    let Some(python) = peers::python("json") else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut dice = Dice(5);
    let (mut labels, mut run) = (serde_json::Map::new(), String::new());
    let mut table = "file,left_px,top_px,width_px,height_px,class,role\n".to_owned();
    for picture in 0..30 {
        let file = format!("set/p{picture}.png");
        let mut boxes = Vec::new();
        let _ = writeln!(table, "{file},,,,,,");
        for _ in 0..dice.below(6) {
            let (left, top) = (dice.below(300), dice.below(200));
            let (right, bottom) = (left + dice.below(40), top + dice.below(40));
            let role = ["target", "target", "distractor", "ignore"][dice.below(4)];
            boxes.push(json!({"box": [left, top, right, bottom], "class": "x", "role": role}));
            let (width, height) = (right + 1 - left, bottom + 1 - top);
            let _ = writeln!(table, "{file},{left},{top},{width},{height},x,{role}");
        }
        labels.insert(file.clone(), json!({"width": 340, "height": 240, "boxes": boxes}));
        let found: Vec<Value> = (0..dice.below(30))
            .map(|_| {
                let polarity = ["hot", "hot", "cold"][dice.below(3)];
                let (x, y) = (dice.between(0.0, 340.0), dice.between(0.0, 240.0));
                json!({"polarity": polarity, "x_px": x, "y_px": y, "score": dice.between(0.0, 9.0)})
            })
            .collect();
        let _ = writeln!(run, "{}", json!({"file": format!("/d/{file}"), "detections": found}));
    }
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let labels = write("labels.json", &json!({"format_version": 1, "files": labels}).to_string());
    let (run, table) = (write("run.ndjson", &run), write("labels.csv", &table));
    for polarity in ["hot", "both"] {
        let arguments = [&run[..], &labels, "--polarity", polarity, "--json"];
        let theirs = Command::new(&python).arg(&score).args(arguments).output().unwrap();
        assert!(theirs.status.success(), "{}", stderr(&theirs));
        let theirs: Value = serde_json::from_slice(&theirs.stdout).unwrap();
        let output =
            super::program::run(["evaluate", &run, &table, "--polarity", polarity, "--json"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let ours = &json_lines(&output)[0];
        let outside = "detections_outside_boxes_per_picture";
        let off = ours["outside_labels_per_frame"].as_f64().unwrap();
        assert!((off - theirs[outside].as_f64().unwrap()).abs() <= 0.005_01, "{outside}");
        for role in ["target", "distractor"] {
            assert_eq!(ours["labels"][role], theirs["boxes"][role]);
            for rank in ours["hit_by_first"].as_array().unwrap() {
                let first = rank["first"].to_string();
                same(&rank[role]["share"], &theirs["hit_by_first"][role][&first], &first);
            }
        }
    }
}

#[test]
fn findings_of_a_flight_are_matched_on_the_ground() {
    let (flight, truth) = small_flight();
    let case = copy();
    let case_path = case.path().display().to_string();
    let curve = case.path().join("curve.svg");
    let flight_path = flight.display().to_string();
    let output = run([
        "evaluate",
        &case_path,
        &flight_path,
        "--json",
        "--curve",
        &curve.display().to_string(),
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let ours = &json_lines(&output)[0];
    let findings: Value =
        serde_json::from_slice(&fs::read(case.path().join("findings.geojson")).unwrap()).unwrap();
    // Spots lie far apart: the nearest finding in reach is the spot's.
    let (mut found, mut expected, mut inside) = (0, 0, 0);
    let mut errors_m = Vec::new();
    for spot in truth.spots.iter().filter(|spot| spot.findable()) {
        expected += 1;
        let frame = LocalFrame::at(&Geodetic::from_degrees(spot.lat, spot.lon, 0.0));
        let polarity = if spot.delta_k < 0.0 { "cold" } else { "hot" };
        let near = findings["features"].as_array().unwrap().iter().map(|one| &one["properties"]);
        let near = near.filter(|one| one["polarity"] == polarity).map(|one| {
            let number = |name: &str| one[name].as_f64().unwrap();
            let place = Geodetic::from_degrees(number("lat"), number("lon"), 0.0);
            let off = frame.enu(&place);
            let azimuth = number("ellipse95_azimuth_deg").to_radians();
            let along = off.x * azimuth.sin() + off.y * azimuth.cos();
            let across = off.x * azimuth.cos() - off.y * azimuth.sin();
            let is_inside = (along / number("ellipse95_major_m")).powi(2)
                + (across / number("ellipse95_minor_m")).powi(2)
                <= 1.0;
            (off.x.hypot(off.y), is_inside)
        });
        let nearest = near.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        if nearest.0 <= truth.gate_m() {
            found += 1;
            inside += usize::from(nearest.1);
            errors_m.push(nearest.0);
        }
    }
    errors_m.sort_by(f64::total_cmp);
    assert!(found > 5, "{found}");
    assert_eq!(ours["recall"]["count"], found);
    assert_eq!(ours["recall"]["of"], expected);
    assert_eq!(ours["inside_ellipse95"]["count"], inside);
    let median_m = (errors_m[found / 2] + errors_m[(found - 1) / 2]) / 2.0;
    assert!((ours["position"]["median"].as_f64().unwrap() - median_m).abs() < 1e-3);
    let number = |name: &str| ours[name].as_u64().unwrap();
    assert_eq!(number("detections"), number("right") + number("wrong") + number("set_aside"));
    // The footprints cover the works, and overlap: together they are less than added up.
    let hectares = ours["hectares"].as_f64().unwrap();
    assert!((0.5..50.0).contains(&hectares), "{hectares}");
    let svg = fs::read_to_string(&curve).unwrap();
    let drawn = roxmltree::Document::parse(&svg).unwrap();
    let has = |text: &str| drawn.descendants().any(|node| node.text() == Some(text));
    assert!(has("precision over recall") && has("what scores promise"), "confidence is 0 to 1");
    // The same truth as somebody would survey it.
    let mut table = "id,lat,lon,polarity,delta_k,role\n".to_owned();
    for spot in &truth.spots {
        let polarity = if spot.delta_k < 0.0 { "cold" } else { "hot" };
        let role = if spot.findable() { "target" } else { "ignore" };
        let _ = writeln!(
            table,
            "{},{},{},{polarity},{},{role}",
            spot.id, spot.lat, spot.lon, spot.seen_delta_k
        );
    }
    // The stack, which is warm as a whole, is nobody's mistake.
    for stack in &truth.round_assets {
        let _ = writeln!(table, "{},{},{},hot,{},ignore", stack.name, stack.lat, stack.lon, 2.0);
    }
    let stacks = truth.round_assets.iter().map(|stack| (&stack.name[..], stack.delta_k > 0.5));
    assert_eq!(stacks.collect::<Vec<_>>(), [("boiler stack", true)]);
    let surveyed = case.path().join("surveyed.csv");
    fs::write(&surveyed, table).unwrap();
    let within = truth.gate_m().to_string();
    let surveyed = surveyed.display().to_string();
    let output = run(["evaluate", &case_path, &surveyed, "--within-m", &within, "--json"]);
    let again = &json_lines(&output)[0];
    for name in ["right", "wrong", "set_aside", "position", "inside_ellipse95", "curve"] {
        assert_eq!(again[name], ours[name], "{name}");
    }
}

#[test]
fn a_case_s_detections_are_those_of_its_frames() {
    let (flight, _) = small_flight();
    let case = copy();
    let mut files: Vec<_> = fs::read_dir(flight)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end != "json"))
        .collect();
    files.sort();
    let detected = torenvalk(["detect", "--json"]).args(&files).output().unwrap();
    // What the first frame's detections are becomes the truth of all.
    let mut table = "file,polarity,x_px,y_px\n".to_owned();
    let mut all = 0;
    for line in json_lines(&detected) {
        let file = line["file"].as_str().unwrap();
        let _ = writeln!(table, "{file},,,");
        for spot in line["detections"].as_array().unwrap() {
            let word = spot["polarity"].as_str().unwrap();
            let _ = writeln!(table, "{file},{word},{},{}", spot["x_px"], spot["y_px"]);
            all += 1;
        }
    }
    let labels = case.path().join("labels.csv");
    fs::write(&labels, table).unwrap();
    let (case_path, labels) = (case.path().display().to_string(), labels.display().to_string());
    let output = run(["evaluate", &case_path, &labels, "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = &json_lines(&output)[0];
    let without = report["notes"][0]
        .as_str()
        .map_or(0, |note| note.split(' ').next().and_then(|count| count.parse().ok()).unwrap_or(0));
    assert_eq!(report["wrong"], 0, "{report}");
    assert_eq!(report["right"].as_u64().unwrap() + without, all);
    let share = report["wrong_per_hectare"].as_f64();
    assert_eq!(share, Some(0.0));
    // Frames overlap, so that their footprints added up are more than the ground they show.
    let (_, truth) = small_flight();
    let ground = run(["evaluate", &case_path, &flight.display().to_string(), "--json"]);
    let together = json_lines(&ground)[0]["hectares"].as_f64().unwrap();
    let added = report["hectares"].as_f64().unwrap();
    assert!(added > 1.5 * together, "{added} {together} {}", truth.frames.len());
}

#[test]
fn damaged_labels_and_detections_give_an_error_or_something() {
    let coco = br#"{"images": [{"id": 1, "file_name": "a.jpg"}], "categories": [{"id": 1,
        "name": "joint"}], "annotations": [{"id": 1, "image_id": 1, "category_id": 1,
        "bbox": [100, 50, 20, 10], "iscrowd": 0, "delta_k": 3.5}]}"#;
    let yolo = b"0 0.275 0.275 0.05 0.05\n1 0.1 0.2 0.3 0.2 0.2 0.6\n";
    let run = one_line_a_frame(RUN);
    let whole: [&[u8]; 4] = [LABELS.as_bytes(), coco, yolo, run.as_bytes()];
    let read = |kind: usize, bytes: &[u8]| {
        let labelled = match kind {
            0 => match read_table("t", bytes) {
                Ok(Table::Frames(frames)) => frames,
                _ => return,
            },
            1 => match read_coco("t", bytes) {
                Ok(frames) => frames,
                Err(_) => return,
            },
            2 => match read_yolo("t", bytes, [640, 512], &[]) {
                Ok(labels) => vec![LabelledFrame { file: "a".to_owned(), labels }],
                Err(_) => return,
            },
            _ => frames(LABELS),
        };
        let bytes = if kind == 3 { bytes } else { run.as_bytes() };
        let Ok(seen) = read_detections("t", bytes) else { return };
        let Ok(report) = evaluate(&labelled, &seen, Unit::Px, &Params::in_frames()) else { return };
        assert_eq!(report.detections, report.right + report.wrong + report.set_aside);
        assert_eq!(report.labels.target, report.right + report.missed);
    };
    let mut dice = Dice(9);
    for (kind, whole) in whole.into_iter().enumerate() {
        for cut in 0..whole.len() {
            read(kind, &whole[..cut]);
        }
        for _ in 0..400 {
            let mut bytes = whole.to_vec();
            for _ in 0..1 + dice.below(4) {
                let at = dice.below(bytes.len());
                bytes[at] ^= 1 << dice.below(8);
            }
            read(kind, &bytes);
        }
    }
}

#[test]
fn a_frame_with_too_much_in_it_is_refused_in_time() {
    let spot = r#"{"polarity":"hot","x_px":10,"y_px":10}"#;
    let line = |count: usize| {
        format!("{{\"file\":\"a.tif\",\"detections\":[{}]}}", vec![spot; count].join(","))
    };
    let label = "a.tif,10,10\n";
    for (labels, detections, told) in [
        (1, 10_001, "10001 detections"),
        (10_001, 1, "10001 labels"),
        (500, 500, "pairs of a detection and a label"),
    ] {
        let table = format!("file,x_px,y_px\n{}", label.repeat(labels));
        let seen = read_detections("-", line(detections).as_bytes()).unwrap();
        let error = evaluate(&frames(&table), &seen, Unit::Px, &Params::in_frames()).unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
    // As many as may be, all in one place.
    let table = format!("file,x_px,y_px\n{}", label.repeat(440));
    let seen = read_detections("-", line(440).as_bytes()).unwrap();
    let report = evaluate(&frames(&table), &seen, Unit::Px, &Params::in_frames()).unwrap();
    assert_eq!((report.right, report.wrong, report.missed), (440, 0, 0));
}
