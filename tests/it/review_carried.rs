//! Reviews of a flight that was still being recorded, and of a large case.

#![expect(clippy::disallowed_methods, reason = "a server is waited for by the real clock")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};
use torenvalk::case::{
    Case, FindingRow, FrameRecord, Made, Outcome, Review, ReviewBook, Run, RunId, Written,
};
use torenvalk::fuse::{Finding, Status};
use torenvalk::locate::Observation;
use torenvalk::thermal::{self, ReadOptions};

use super::case::{finding, frame_record, observation};
use super::review::{ids, serve_case};

pub(crate) fn commit(folder: &Path, name: &str, more_to_come: bool, findings: &[Finding]) {
    let parameters = json!({ "more_to_come": more_to_come }).to_string();
    let run = Run { id: RunId(name.to_owned()), version: "0".to_owned(), parameters };
    committed(folder, &run, more_to_come, (&[], &[]), findings);
}

fn committed(
    folder: &Path,
    run: &Run,
    more_to_come: bool,
    (frames, observations): (&[FrameRecord], &[Observation]),
    findings: &[Finding],
) {
    let mut case = Case::open_or_create(folder).unwrap();
    case.commit(&Outcome {
        run,
        frames,
        logs: &[],
        skipped: &[],
        observations,
        findings,
        calibrations: &[],
        site: None,
        more_to_come,
    })
    .unwrap();
}

fn review(run: &str, finding: &str, decision: Option<Status>) -> Review {
    Review {
        run: RunId(run.to_owned()),
        finding: finding.to_owned(),
        at: "2026-01-02T03:04:05Z".to_owned(),
        person: "A".to_owned(),
        role: "inspector".to_owned(),
        decision,
        reason: "seen".to_owned(),
        view: json!({ "palette": "iron", "says": { "kind": "heat_source" } }).to_string(),
        withdraws: None,
    }
}

fn add(book: &mut ReviewBook, review: &Review) -> i64 {
    match book.add(review, None, "").unwrap() {
        Written::Added(number) => number,
        Written::Overtaken(_) => unreachable!("nothing was expected"),
    }
}

#[test]
fn reviews_of_a_flight_under_way_move_to_what_lies_in_the_same_place() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("live.case");
    let at = |id: &str, frame: u32| Finding { id: id.to_owned(), ..finding(1, frame, 0) };
    // Frames of these numbers lie 6.9 m apart, further than two ellipses of 4 m by 2 m reach.
    commit(&case, "part", true, &[at("F1", 10), at("F2", 14), at("F3", 40)]);
    let mut book = ReviewBook::open(&case).unwrap();
    add(&mut book, &review("part", "F1", Some(Status::Accepted)));
    let second = add(&mut book, &review("part", "F2", Some(Status::Rejected)));
    add(&mut book, &Review { withdraws: Some(second), ..review("part", "F2", None) });
    add(&mut book, &review("part", "F3", Some(Status::Unsure)));
    let row = FindingRow { run: "part".to_owned(), ..FindingRow::default() };
    let made = Made { row, prefix: "hand", seen: None };
    let (hand, _) = book.make(made, None, "", |id| review("part", id, None)).unwrap();
    assert_eq!(hand, "hand-1");
    drop(book);
    // The whole flight: other names, the same places, and one that is gone.
    commit(&case, "whole", false, &[at("F9", 14), at("F5", 10), at("F7", 70)]);
    let opened = Case::open_or_create(&case).unwrap();
    let told = |id: &str| {
        let row = opened.findings().unwrap().into_iter().find(|row| row.id == id).unwrap();
        (row.status, row.kind)
    };
    let words = |status: &str, kind: &str| (status.to_owned(), kind.to_owned());
    assert_eq!(told("F5"), words("accepted", "heat_source"));
    // Of the withdrawn decision nothing stands, but the withdrawal's own word about the kind does.
    assert_eq!(told("F9"), words("open", "heat_source"));
    assert_eq!(told("F7"), words("open", "hot_leak"));
    assert_eq!(told("hand-1").0, "open");
    let reviews = opened.reviews().unwrap();
    assert_eq!(reviews.len(), 4, "that of F3 stays with the run it was said of");
    let view: Value = serde_json::from_str(&reviews[0].view).unwrap();
    assert_eq!(view["carried_from"], json!({ "run": "part", "finding": "F1", "review": 1 }));
    assert_eq!((view["palette"].as_str(), reviews[0].person.as_str()), (Some("iron"), "A"));
    assert_eq!(reviews[2].withdraws, Some(reviews[1].number));
    drop(opened);
    let left = Case::open_read_only(&case).unwrap().left_behind().unwrap();
    let told: Vec<_> = left.iter().map(|one| (&*one.run, &*one.finding, &*one.decision)).collect();
    assert_eq!(told, [("part", "F3", "unsure")]);
    // A run after a whole one is another inspection: nothing moves.
    commit(&case, "again", false, &[at("F1", 10)]);
    assert!(Case::open_or_create(&case).unwrap().reviews().unwrap().is_empty());
    assert!(Case::open_read_only(&case).unwrap().left_behind().unwrap().is_empty());
}

#[test]
fn a_case_with_masks_says_so_and_older_programs_refuse_it() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("masked.case");
    commit(&case, "whole", false, &[finding(1, 1, 0)]);
    let version = || -> i64 {
        let database = rusqlite::Connection::open(case.join("case.gpkg")).unwrap();
        let sql = "SELECT max(format_version) FROM case_format";
        database.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(version(), 1);
    let mask = torenvalk::case::MaskRow {
        number: 0,
        sha256: "ab".to_owned(),
        index: 0,
        at: "2026-01-02T03:04:05Z".to_owned(),
        person: "A".to_owned(),
        role: "pilot".to_owned(),
        what: "plate".to_owned(),
        reason: String::new(),
        polygon_px: vec![(1.0, 2.0), (3.0, 2.0), (3.0, 5.0)],
    };
    let number = ReviewBook::open(&case).unwrap().mask(&mask, "a.jpg", "").unwrap();
    assert_eq!((number, version()), (1, 2));
    let kept = Case::open_read_only(&case).unwrap().masks().unwrap();
    assert_eq!(kept, [torenvalk::case::MaskRow { number: 1, ..mask }]);
    let database = rusqlite::Connection::open(case.join("case.gpkg")).unwrap();
    assert!(database.execute("DELETE FROM masks", []).is_err());
}

/// A case of 10,000 findings and 20,000 frames, each frame a real file. Kept where
/// `TORENVALK_LARGE_CASE` says, for measurements of the page; run with `--ignored`.
#[test]
#[ignore = "large"]
fn ten_thousand_findings_are_listed_quickly() {
    let (frames, _) = super::program::small_flight();
    let real: Vec<(PathBuf, String, [u32; 2], [f32; 3])> = fs::read_dir(frames)
        .unwrap()
        .flatten()
        .filter_map(|entry| {
            let path = entry.path();
            let frame = thermal::open(&path, &ReadOptions::default()).ok()?.next()?.ok()?;
            let all = frame.thermogram.statistics()?;
            let sha256 = torenvalk::derive::hex_sha256(&fs::read(&path).ok()?);
            let size = [frame.thermogram.width(), frame.thermogram.height()];
            Some((path, sha256, size, [all.min_c, all.max_c, all.mean_c]))
        })
        .collect();
    let records: Vec<FrameRecord> = (0..20_000)
        .map(|number| {
            let (path, sha256, [width_px, height_px], range) = &real[number as usize % real.len()];
            FrameRecord {
                file: path.display().to_string(),
                sha256: sha256.clone(),
                format: "tiff".to_owned(),
                width_px: *width_px,
                height_px: *height_px,
                range_c: Some(*range),
                parameters: "{}".to_owned(),
                ..frame_record("large", number, 3)
            }
        })
        .collect();
    let observations: Vec<_> =
        (0..20_000).flat_map(|n| (0..3).map(move |i| observation(n, i))).collect();
    let findings: Vec<_> = (0..10_000)
        .map(|number| Finding {
            observations: (0..6).map(|at| number * 6 + at).collect(),
            frames: vec![number * 2, number * 2 + 1],
            grey_levels: false,
            ..finding(number, number * 2, 0)
        })
        .collect();
    let kept = std::env::var_os("TORENVALK_LARGE_CASE").map(PathBuf::from);
    let folder = tempfile::tempdir().unwrap();
    let case = kept.clone().unwrap_or_else(|| folder.path().to_owned());
    let parameters = json!({ "more_to_come": false }).to_string();
    let run = Run { id: RunId("large".to_owned()), version: "0".to_owned(), parameters };
    committed(&case, &run, false, (&records, &observations), &findings);
    let served = serve_case(folder, |params| params.case = case.clone());
    assert_eq!(ids(&served).len(), 10_000);
    let milliseconds = |work: &dyn Fn()| {
        let begun = Instant::now();
        work();
        begun.elapsed().as_millis()
    };
    let path = "/api/findings/F00001";
    let mut version = 0;
    for _ in 0..3 {
        let list = milliseconds(&|| drop(served.get("/api/findings")));
        let one = milliseconds(&|| drop(served.get(path)));
        let frame = milliseconds(&|| drop(served.get("/api/frames/7")));
        let begun = Instant::now();
        let body = json!({ "decision": "accepted", "reason": "" });
        let answer = served.post(&format!("{path}/reviews"), Some(version), &body);
        version = answer.json()["review"]["number"].as_i64().unwrap();
        let write = begun.elapsed().as_millis();
        let fresh = milliseconds(&|| drop(served.get("/api/findings")));
        println!(
            "ms: list kept {list}, list made {fresh}, one {one}, frame {frame}, review {write}"
        );
    }
}
