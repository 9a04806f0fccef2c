//! Behaviour of `derive`, and of the report drafted from what it made.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use torenvalk::case::{Case, Review};
use torenvalk::derive::recheck::{self, Again, Original};
use torenvalk::derive::{self, DERIVATIONS, REDACTIONS, derive_findings};
use torenvalk::evidence::Settings;
use torenvalk::evidence::report::{Facts, Language, Report, draft};
use torenvalk::fuse::Status;
use torenvalk::thermal::{self, ReadOptions};

use super::program::{run, small_flight, stderr};

/// A case of the small flight, as `inspect` left it; tests work on copies.
fn inspected() -> &'static Path {
    static CASE: OnceLock<PathBuf> = OnceLock::new();
    CASE.get_or_init(|| {
        let (frames, _) = small_flight();
        let case = frames.with_extension("derived.case");
        let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("missions/kestrel-works/site.toml");
        let output = run([
            "inspect".as_ref(),
            frames.as_os_str(),
            "--case".as_ref(),
            case.as_os_str(),
            "--site".as_ref(),
            site.as_os_str(),
        ]);
        assert!(matches!(output.status.code(), Some(0 | 6)), "{}", stderr(&output));
        case
    })
}

pub(crate) fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = inspected();
    for name in ["case.gpkg", "findings.geojson", "findings.csv"] {
        fs::copy(from.join(name), folder.path().join(name)).unwrap();
    }
    folder
}

fn derived_files(case: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(case.join("derived")).unwrap().flatten();
    let mut files: Vec<_> = entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn lines(case: &Case, name: &str) -> Vec<Value> {
    let text = String::from_utf8(case.derived(name).unwrap().unwrap()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_finding_has_its_files_and_every_file_its_derivation() {
    let folder = copy();
    let case = Case::open_or_create(folder.path()).unwrap();
    let derived = derive_findings(&case, &[]).unwrap();
    assert_eq!(derived.skipped, []);
    let findings = case.findings().unwrap();
    assert!(!findings.is_empty());
    let files = derived_files(folder.path());
    for finding in &findings {
        for name in [derive::annotated_name(&finding.id), derive::map_name(&finding.id)] {
            assert!(files.iter().any(|(file, _)| *file == name), "{name}");
        }
        // What a report prints is a fraction of what is kept.
        let name = derive::annotated_name(&finding.id);
        let (_, png) = files.iter().find(|(file, _)| *file == name).unwrap();
        let jpeg = derive::printed_jpeg(png).unwrap();
        println!("{name}: {} bytes, printed {}", png.len(), jpeg.len());
        let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap()) as usize;
        let unpacked = 3 * side(16) * side(20);
        assert!(jpeg.len() * 35 < unpacked, "{} of {unpacked}", jpeg.len());
        assert!(jpeg.len() * 2 < png.len(), "{} of {}", jpeg.len(), png.len());
    }
    let hashes: BTreeSet<String> = case.frames().unwrap().into_iter().map(|f| f.sha256).collect();
    let told = lines(&case, DERIVATIONS);
    assert_eq!(told.len() + 2, files.len());
    for line in &told {
        assert!(hashes.contains(line["input_sha256"].as_str().unwrap()), "{line}");
        let (_, bytes) = files.iter().find(|(name, _)| line["output"] == **name).unwrap();
        let hash: String = Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(line["output_sha256"], hash, "{line}");
    }
    // The same again changes nothing.
    derive_findings(&case, &[]).unwrap();
    assert!(files == derived_files(folder.path()));
}

#[test]
fn a_raster_holds_the_temperatures_of_its_original() {
    let folder = copy();
    let case = Case::open_or_create(folder.path()).unwrap();
    derive_findings(&case, &[]).unwrap();
    let line = lines(&case, DERIVATIONS);
    let line = line.iter().find(|line| line["operation"] == "celsius").unwrap();
    let read = |path: &Path| {
        let mut frames = thermal::open(path, &ReadOptions::default()).unwrap();
        frames.next().unwrap().unwrap().thermogram.celsius()
    };
    let original = read(Path::new(line["input"].as_str().unwrap()));
    let raster = fs::read(folder.path().join("derived").join(line["output"].as_str().unwrap()));
    let mut decoder = tiff::decoder::Decoder::new(std::io::Cursor::new(raster.unwrap())).unwrap();
    let tiff::decoder::DecodingResult::F32(kept) = decoder.read_image().unwrap() else {
        panic!("not 32-bit floats");
    };
    let masked: u64 = line["parameters"]["masked"].as_u64().unwrap();
    let differing = original.iter().zip(&kept).filter(|(a, b)| a.to_bits() != b.to_bits());
    assert!(masked > 0 || differing.count() == 0);
    assert_eq!(original.len(), kept.len());
    for line in lines(&case, REDACTIONS) {
        assert!(line["why"].is_string() && line["bounds_px"].is_array(), "{line}");
    }
}

#[test]
fn a_changed_or_missing_original_is_told_and_its_map_is_still_drawn() {
    let folder = copy();
    let case = Case::open_or_create(folder.path()).unwrap();
    // The originals are named by their full path, so that only a changed hash hides them.
    let connection = rusqlite::Connection::open(folder.path().join("case.gpkg")).unwrap();
    // The index's triggers call functions that only the program has.
    let triggers: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'frames'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for trigger in triggers {
        connection.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
    }
    connection.execute_batch("UPDATE frames SET sha256 = 'x' || substr(sha256, 2)").unwrap();
    connection.close().unwrap();
    let derived = derive_findings(&case, &[]).unwrap();
    assert!(!derived.skipped.is_empty());
    for skipped in &derived.skipped {
        assert!(skipped.reason.contains("changed since"), "{skipped:?}");
    }
    let files = derived_files(folder.path());
    assert!(files.iter().any(|(name, _)| name.ends_with("_map.svg")));
    assert!(!files.iter().any(|(name, _)| name.ends_with(".png")));
}

#[test]
fn stated_peaks_are_found_again_in_the_originals() {
    let folder = copy();
    let case = Case::open_or_create(folder.path()).unwrap();
    let detect = json!({"profile": "all", "least_score": 0.1, "wide": true});
    let findings = case.findings().unwrap();
    let mut seen = 0;
    for row in case.frames().unwrap() {
        let sightings = case.sightings().unwrap();
        let own: Vec<_> = sightings.iter().filter(|one| one.frame == row.frame).collect();
        if own.is_empty() {
            continue;
        }
        let bytes = fs::read(&row.file).unwrap();
        let original = Original {
            name: &row.file,
            bytes: &bytes,
            index: row.index,
            radiometry: &row.parameters,
            flat_field: None,
        };
        let again = Again::of(&original, &detect).unwrap();
        for sighting in own {
            let finding = findings.iter().find(|one| one.id == sighting.finding).unwrap();
            let spot = again.spot(sighting.bbox_px, finding.polarity == "hot").unwrap();
            let peak_c = sighting.peak_c.unwrap();
            assert!(recheck::temperature(peak_c, spot.peak_c).agrees(), "{sighting:?} {spot:?}");
            let moved = recheck::temperature(peak_c + 0.1, spot.peak_c);
            assert!(!moved.agrees(), "{sighting:?} {spot:?}");
            seen += 1;
        }
        let cut = Original { bytes: &bytes[..bytes.len() / 2], ..original };
        assert!(Again::of(&cut, &detect).is_err());
    }
    assert!(seen > 10, "{seen}");
}

/// A report of a case; pictures as they lie in it.
fn drafted(case: &Case, stated: &Settings, language: Language) -> Report {
    let runs = case.runs().unwrap();
    let findings = case.findings().unwrap();
    let mut pictures = Vec::new();
    for finding in &findings {
        let name = derive::map_name(&finding.id);
        pictures.extend(case.derived(&name).unwrap().map(|bytes| (name, bytes)));
    }
    let facts = Facts {
        run: runs.iter().find(|run| run.current).unwrap(),
        frames: &case.frames().unwrap(),
        findings: &findings,
        sightings: &case.sightings().unwrap(),
        reviews: &case.reviews().unwrap(),
        pictures,
        concept: true,
    };
    draft(facts, stated, language).unwrap()
}

#[test]
fn each_sentence_of_a_page_tells_of_its_own_finding() {
    let folder = copy();
    let case = Case::open_or_create(folder.path()).unwrap();
    derive_findings(&case, &[]).unwrap();
    for language in Language::ALL {
        let report = drafted(&case, &Settings::default(), language);
        assert_eq!(report.findings.len(), case.findings().unwrap().len());
        assert!(report.simulated);
        let open = if language == Language::Dutch { "in te vullen" } else { "to be filled in" };
        assert!(report.awb.iter().all(|(_, value)| value.starts_with(open)), "{:?}", report.awb);
        for (page, row) in report.findings.iter().zip(case.findings().unwrap()) {
            let sentences = page.observation.iter().chain(&page.interpretation);
            assert!(sentences.clone().all(|sentence| sentence.finding == row.id));
            let text: Vec<_> = sentences.map(|sentence| sentence.text.as_str()).collect();
            let text = text.join(" ");
            assert!(!text.contains('{') && !text.contains('?'), "{text}");
            let peak = format!("{:.1}", row.peak_c.unwrap()).replace('-', "\u{2212}");
            let peak = if language == Language::Dutch { peak.replace('.', ",") } else { peak };
            assert!(text.contains(&peak), "{peak}: {text}");
            assert!(page.map.is_some() && page.thermal.is_none());
        }
    }
}

#[test]
fn the_latest_decision_that_was_not_taken_back_is_told() {
    let folder = copy();
    let mut case = Case::open_or_create(folder.path()).unwrap();
    let run = case.runs().unwrap().into_iter().find(|run| run.current).unwrap().id;
    let finding = case.findings().unwrap().remove(0).id;
    let review = |decision, person: &str, withdraws| Review {
        run: run.clone(),
        finding: finding.clone(),
        at: "2026-03-22T10:11:12Z".to_owned(),
        person: person.to_owned(),
        role: "inspector".to_owned(),
        decision,
        reason: "seen on site".to_owned(),
        view: "{}".to_owned(),
        withdraws,
    };
    let report = |case: &Case| drafted(case, &Settings::default(), Language::English);
    assert_eq!(report(&case).findings[0].decision[0].1, "not reviewed yet");
    case.append_review(&review(Some(Status::Accepted), "Ann", None)).unwrap();
    let second = case.append_review(&review(Some(Status::Rejected), "Bob", None)).unwrap();
    assert_eq!(report(&case).findings[0].decision[1].1, "Bob, inspector");
    case.append_review(&review(None, "Bob", Some(second))).unwrap();
    let page = &report(&case).findings[0];
    assert_eq!((&*page.decision[0].1, &*page.decision[1].1), ("accepted", "Ann, inspector"));
    let mut with_log = report(&case);
    with_log.attach_custody(b"{\"seq\":0}\n{\"seq\":1}\n");
    let head = &with_log.verification.last().unwrap().1;
    let expected = Sha256::digest(b"{\"seq\":1}\n");
    assert_eq!(*head, expected.iter().map(|b| format!("{b:02x}")).collect::<String>());
    // The day of the decision is the day of the report.
    assert_eq!(report(&case).date.day, 22);
}

#[cfg(feature = "report")]
#[test]
fn the_same_case_gives_the_same_pdf() {
    use torenvalk::evidence::report::pdf;
    let folder = copy();
    let case = Case::open_or_create(folder.path()).unwrap();
    derive_findings(&case, &[]).unwrap();
    let report = drafted(&case, &Settings::default(), Language::Dutch);
    let one = pdf(&report).unwrap();
    assert!(one.starts_with(b"%PDF-1.7") && one == pdf(&report).unwrap());
}

#[cfg(not(feature = "report"))]
#[test]
fn a_build_without_reports_says_so() {
    let folder = copy();
    let out = folder.path().join("report.pdf");
    let output =
        run(["report".as_ref(), folder.path().as_os_str(), "--out".as_ref(), out.as_os_str()]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("feature `report`"), "{}", stderr(&output));
    assert!(!out.exists());
}
