//! A page that is open while a flight comes in, files that follow reviews, and frames whose
//! temperatures cannot be worked out anew.

#![expect(clippy::disallowed_methods, reason = "a server is waited for by the real clock")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use torenvalk::case::{Case, Review, ReviewBook, RunId};
use torenvalk::fuse::{Finding, Status};
use torenvalk::geo::{Geodetic, LocalFrame};
use torenvalk::thermal::{self, ReadOptions};

use super::case::finding;
use super::derive::copy;
use super::program;
use super::review::{Served, ids, serve, serve_case};
use super::review_carried::commit;
use super::shared::shared;

/// Asks again until the answer fits; what it was in the end.
fn until(served: &Served, path: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let told = served.get(path).json();
        if fits(&told) || begun.elapsed() > Duration::from_secs(20) {
            return told;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_page_opened_before_the_first_run_shows_what_comes() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().to_owned();
    drop(Case::open_or_create(&case).unwrap());
    let served = serve_case(folder, |_| {});
    let told = served.get("/api/case").json();
    assert_eq!(
        (&told["run"], &told["frames"], &told["more_to_come"]),
        (&"".into(), &0.into(), &false.into())
    );
    assert!(ids(&served).is_empty());
    let one = |id: &str, frame: u32| Finding { id: id.to_owned(), ..finding(1, frame, 0) };
    commit(&case, "part", true, &[one("F1", 10)]);
    let told = until(&served, "/api/case", |told| told["run"] == "part");
    assert_eq!((&told["run"], &told["more_to_come"]), (&"part".into(), &true.into()));
    assert_eq!(ids(&served), ["F1"]);
    // What is said of a finding that the whole flight does not have is told.
    let body = json!({ "decision": "unsure", "reason": "steam?", "run": "part" });
    assert_eq!(served.post("/api/findings/F1/reviews", Some(0), &body).status, 201);
    commit(&case, "whole", false, &[one("F1", 60)]);
    let told = until(&served, "/api/case", |told| told["run"] == "whole");
    assert_eq!((&told["left_behind"], &told["counts"]["unsure"]), (&1.into(), &0.into()));
    let left = served.get("/api/left-behind").json();
    assert_eq!((&left[0]["run"], &left[0]["finding"]), (&"part".into(), &"F1".into()));
    assert_eq!((&left[0]["reason"], &left[0]["decision"]), (&"steam?".into(), &"unsure".into()));
    // A word about the run that is gone is refused: the same name means another thing now.
    assert_eq!(served.post("/api/findings/F1/reviews", Some(0), &body).status, 412);
}

fn latest(case: &Path) -> Value {
    let text = fs::read_to_string(case.join("findings.geojson")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()
}

#[test]
fn files_follow_reviews_when_people_rest_and_at_the_end_at_the_latest() {
    let mut served = serve(|_| {});
    let case = served.folder.path().to_owned();
    let id = ids(&served)[0].clone();
    let path = format!("/api/findings/{id}/reviews");
    let status = |text: &Value| {
        let all = text["features"].as_array().unwrap();
        all.iter().find(|one| one["id"] == *id).unwrap()["properties"]["status"].clone()
    };
    let body = json!({ "decision": "accepted", "reason": "" });
    let number = served.post(&path, Some(0), &body).json()["review"]["number"].clone();
    // Two looks at the case later they are as they were: writing all findings for each key is dear.
    std::thread::sleep(Duration::from_millis(1200));
    assert_eq!(status(&latest(&case)), "open");
    served.stop();
    let written = latest(&case);
    assert_eq!((status(&written), &written["latest_review"]), ("accepted".into(), &number));
}

#[test]
fn a_case_that_is_opened_after_a_kill_writes_what_its_files_do_not_tell() {
    let folder = copy();
    let case = folder.path();
    let opened = Case::open_or_create(case).unwrap();
    let run = opened.runs().unwrap().into_iter().find(|run| run.current).unwrap().id;
    let id = opened.findings().unwrap()[0].id.clone();
    drop(opened);
    let before = fs::read(case.join("findings.geojson")).unwrap();
    let review = Review {
        run: RunId(run.0),
        finding: id,
        at: "2026-01-02T03:04:05Z".to_owned(),
        person: "A".to_owned(),
        role: "inspector".to_owned(),
        decision: Some(Status::Accepted),
        reason: String::new(),
        view: "{}".to_owned(),
        withdraws: None,
    };
    // As a server that is killed right after: the review is in, the files are not.
    ReviewBook::open(case).unwrap().add(&review, None, "").unwrap();
    assert_eq!(fs::read(case.join("findings.geojson")).unwrap(), before);
    drop(Case::open_or_create(case).unwrap());
    let written = latest(case);
    assert_eq!(written["latest_review"], 1);
    assert!(fs::read_to_string(case.join("findings.csv")).unwrap().contains("accepted"));
    // Opened again there is nothing to do.
    let wrote = fs::metadata(case.join("findings.geojson")).unwrap().modified().unwrap();
    drop(Case::open_or_create(case).unwrap());
    let again = fs::metadata(case.join("findings.geojson")).unwrap().modified().unwrap();
    assert_eq!(wrote, again);
}

/// Metres between two answers about findings.
fn apart_m(one: &Value, other: &Value) -> f64 {
    let place = |of: &Value| {
        Geodetic::from_degrees(of["lat"].as_f64().unwrap(), of["lon"].as_f64().unwrap(), 0.0)
    };
    let off = LocalFrame::at(&place(one)).enu(&place(other));
    off.x.hypot(off.y)
}

#[test]
fn a_part_lies_where_its_own_frames_saw_it() {
    let served = serve(|_| {});
    let case = Case::open_read_only(served.folder.path()).unwrap();
    let sightings = case.sightings().unwrap();
    let of = |id: &str| sightings.iter().filter(|one| one.finding == id).collect::<Vec<_>>();
    let id = ids(&served).into_iter().find(|id| of(id).len() > 2).unwrap();
    let one = of(&id)[0];
    let body = json!({ "split_of": [one.frame] });
    let split = served.post(&format!("/api/findings/{id}/reviews"), Some(0), &body);
    assert_eq!(split.status, 201, "{split:?}");
    let whole = served.get(&format!("/api/findings/{id}")).json();
    let part = served.get("/api/findings/split-1").json();
    let seen = json!({ "lat": one.lat, "lon": one.lon });
    assert!(apart_m(&part, &seen) < 0.01, "{part}");
    assert!(apart_m(&part, &whole) > 0.01, "the whole lies elsewhere");
    let near = |name: &str, value: Option<f64>, within: f64| {
        let told = part[name].as_f64().unwrap();
        assert!((told - value.unwrap()).abs() <= within, "{name}: {told} is not {value:?}");
    };
    near("ellipse95_major_m", one.ellipse95_major_m, 0.002);
    near("ellipse95_minor_m", one.ellipse95_minor_m, 0.002);
    near("peak_c", one.peak_c, 0.0);
    near("delta_k", one.delta_k, 0.0);
}

#[test]
fn what_is_drawn_is_known_no_better_than_what_was_detected_there() {
    let served = serve(|_| {});
    let case = Case::open_read_only(served.folder.path()).unwrap();
    let sightings = case.sightings().unwrap();
    let one = sightings.iter().find(|one| one.ellipse95_major_m.is_some()).unwrap();
    let [left, top, wide, high] = one.bbox_px.map(f64::from);
    let outline = json!([[left, top], [left + wide, top], [left + wide, top + high]]);
    let body = json!({ "frame": one.frame, "polygon_px": outline });
    let drawn = served.post("/api/findings", None, &body).json();
    let major = drawn["ellipse95_major_m"].as_f64().unwrap();
    let frames = case.frames().unwrap();
    let row = frames.iter().find(|row| row.frame == one.frame).unwrap();
    let place_alone = 2.4477 * row.sigma_east_m.unwrap().max(row.sigma_north_m.unwrap());
    assert!(major >= one.ellipse95_major_m.unwrap(), "{major} and {one:?}");
    assert!(major > 1.5 * place_alone, "the attitude's share is in it: {major}, {place_alone}");
}

/// A case of real files; `None` where they are not at hand.
fn real(files: &[&str]) -> Option<tempfile::TempDir> {
    let paths: Option<Vec<_>> =
        files.iter().map(|file| shared(&format!("data/thermal/{file}"))).collect();
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("real.case");
    let mut arguments: Vec<_> = paths?.into_iter().map(Into::into).collect();
    arguments.extend(["--case".into(), inside.as_os_str().to_owned()]);
    arguments.insert(0, "inspect".into());
    let done = program::run(arguments);
    assert!(done.status.success() || done.status.code() == Some(6), "{}", program::stderr(&done));
    Some(folder)
}

fn counts(served: &Served, path: &str) -> (u16, Value, Vec<f64>) {
    let answer = served.get(path);
    if answer.status != 200 {
        return (answer.status, answer.json(), Vec::new());
    }
    let number = |name: &str| answer.header(name).unwrap().parse::<f64>().unwrap();
    let (scale, offset) = (number("x-scale"), number("x-offset"));
    let two = answer.body.chunks_exact(2);
    let celsius = two.map(|two| f64::from(u16::from_le_bytes([two[0], two[1]])) * scale + offset);
    (200, Value::Null, celsius.collect())
}

/// Of each real frame and each parameter: other temperatures, or a refusal that says why.
#[test]
fn what_a_file_ignores_is_refused_and_not_silently_kept() {
    let files = [
        "dji/M2EA_blank_table.JPG",
        "dji/H20T_rtk.JPG",
        "dji/M3T_0002.JPG",
        "dji/M30T_0001.JPG",
        "dji/XTS.jpg",
        "dji/M30T_0005_girp.JPG",
        "dji/M3TD_0001_hirp.JPG",
        "flir/T640_b.jpg",
        "flir/XT2.jpg",
        "infiray/c201.irg",
        "tiff/duo_pro_r.tiff",
    ];
    let Some(folder) = real(&files) else { return };
    let inside = folder.path().join("real.case");
    let served = serve_case(folder, |params| params.case = inside);
    let list = served.get("/api/frames").json();
    let (mut changed, mut refused) = (0, Vec::new());
    for row in list["rows"].as_array().unwrap() {
        let path = format!("/api/frames/{}", row[0]);
        let raw = format!("{path}/raw");
        let (status, _, base) = counts(&served, &raw);
        assert_eq!(status, 200, "{row}");
        // With an emissivity below one everything else may matter.
        let (status, told, half) = counts(&served, &format!("{raw}?emissivity=0.5"));
        if status != 200 {
            assert_eq!(served.get(&path).json()["recomputable"], false, "{row} {told}");
            assert_eq!(status, 409, "{row} {told}");
            continue;
        }
        assert_ne!(half, base, "{row}");
        for asked in ["reflected_c=80", "distance_m=7.5", "humidity=88"] {
            let (status, told, other) = counts(&served, &format!("{raw}?emissivity=0.5&{asked}"));
            match status {
                200 => changed += usize::from(other != half),
                _ => {
                    assert_eq!(status, 409, "{row} {asked} {told}");
                    let error = told["error"].as_str().unwrap();
                    assert!(error.contains("cannot be worked out anew"), "{row} {told}");
                    refused.push(format!("{} {asked}", row[1]));
                    continue;
                }
            }
            assert_ne!(other, half, "{row} {asked}: neither other temperatures nor a word");
        }
    }
    assert!(changed > 5 && !refused.is_empty(), "{changed} changed, refused: {refused:?}");
    // Read without the server they are the same files.
    let row = &list["rows"][0];
    let file = Path::new(row[1].as_str().unwrap());
    assert!(thermal::open(file, &ReadOptions::default()).is_ok());
}
