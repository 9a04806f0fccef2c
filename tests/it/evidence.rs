//! Packages: what is in them, who may have them, and what becomes of one that somebody changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;

use crate::program::{json_lines, run, small_flight, stderr};

/// A case with a signed package, made once for all tests.
struct Made {
    case: PathBuf,
    key: PathBuf,
    fingerprint: String,
    package: PathBuf,
    /// A smaller one without originals, signed too.
    concept: PathBuf,
}

/// The small signed package.
pub(crate) fn concept() -> &'static Path {
    &made().concept
}

/// The whole signed package.
pub(crate) fn full() -> &'static Path {
    &made().package
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub(crate) const SETTINGS: &str = r#"
format_version = 1
case_number = "2026 / 0147"
purpose = "leaks"
legal_basis = "Awb 5:18"
mandate = "M-1"
clock_source = "GNSS"
dpia = "DPIA-7"
[privacy]
frames_outside = "keep"
"#;

fn inspected(folder: &Path) -> PathBuf {
    let (flight, _) = small_flight();
    let case = folder.join("works.case");
    let done = run([
        "inspect",
        text(flight),
        "--case",
        text(&case),
        "--json",
        "--person",
        "P. Piloot",
        "--role",
        "pilot",
    ]);
    assert!([Some(0), Some(6)].contains(&done.status.code()), "{}", stderr(&done));
    fs::write(case.join("evidence.toml"), SETTINGS).unwrap();
    case
}

fn findings_of(case: &Path) -> Vec<String> {
    let text = fs::read_to_string(case.join("findings.geojson")).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    let ids = json["features"].as_array().unwrap().iter();
    ids.map(|feature| feature["id"].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn decide_all(case: &Path) {
    for (number, id) in findings_of(case).iter().enumerate() {
        let decision = if number % 3 == 0 { "--reject" } else { "--accept" };
        let done = run([
            "decide",
            text(case),
            id,
            decision,
            "--reason",
            "seen on site",
            "--person",
            "I. Inspecteur",
        ]);
        assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    }
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let name = format!("evidence-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).unwrap();
        let case = inspected(&folder);
        decide_all(&case);
        let key = folder.join("key");
        let new = run(["key", "new", text(&key), "--identity", "o@x", "--no-passphrase", "--json"]);
        let fingerprint = json_lines(&new)[0]["fingerprint"].as_str().unwrap().to_owned();
        let out = folder.join("out");
        let done = run([
            "export",
            text(&case),
            "--out",
            text(&out),
            "--profile",
            "full",
            "--key",
            text(&key),
            "--person",
            "O. Operator",
            "--zip",
            "--json",
        ]);
        assert_eq!(done.status.code(), Some(7), "{}", stderr(&done));
        let told = &json_lines(&done)[0];
        assert_eq!((&told["signed"], &told["timestamped"]), (&true.into(), &false.into()));
        let package = PathBuf::from(told["package"].as_str().unwrap());
        let done = run([
            "export",
            text(&case),
            "--out",
            text(&out),
            "--key",
            text(&key),
            "--minisign",
            "--person",
            "O. Operator",
            "--json",
        ]);
        let concept = PathBuf::from(json_lines(&done)[0]["package"].as_str().unwrap());
        Made { case, key, fingerprint, package, concept }
    })
}

pub(crate) fn verified(package: &Path) -> (Option<i32>, Value) {
    let done = run(["verify", text(package), "--json"]);
    let lines = json_lines(&done);
    (done.status.code(), lines.into_iter().next().unwrap_or(Value::Null))
}

pub(crate) fn failed(verdict: &Value) -> Vec<&str> {
    let checks = verdict["checks"].as_array().unwrap().iter();
    checks
        .filter(|check| check["passed"] == false)
        .map(|check| check["name"].as_str().unwrap())
        .collect()
}

#[test]
fn a_package_is_verified_without_its_case_as_a_folder_and_as_a_zip() {
    let made = made();
    assert_eq!(made.package.file_name().unwrap(), "EP-2026___0147_v1");
    let zip = made.package.with_file_name("EP-2026___0147_v1.zip");
    for package in [&made.package, &zip] {
        let done = run(["verify", text(package), "--fingerprint", &made.fingerprint, "--json"]);
        let verdict = &json_lines(&done)[0];
        assert_eq!(failed(verdict), Vec::<&str>::new());
        assert_eq!(done.status.code(), Some(7), "not stamped");
        assert_eq!(verdict["signed"], true);
    }
    let other = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let done = run(["verify", text(&made.package), "--fingerprint", other, "--json"]);
    assert_eq!(done.status.code(), Some(4));
    assert_eq!(failed(&json_lines(&done)[0]), ["fingerprint"]);
}

#[test]
fn originals_are_byte_for_byte_what_came_in_and_the_seal_lists_all() {
    let made = made();
    let (flight, truth) = small_flight();
    let mut seen = 0;
    for entry in fs::read_dir(made.package.join("data/originals")).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let same = |file: &PathBuf| fs::read(file).unwrap() == bytes;
        let mut there = fs::read_dir(flight).unwrap().map(|entry| entry.unwrap().path());
        assert!(there.any(|file| file.is_file() && same(&file)));
        seen += 1;
    }
    assert_eq!(seen, truth.frames.len());
    let seal = made.package.join("data/flight/flight-manifest-sha256.txt");
    let files = fs::read_dir(flight).unwrap().filter(|e| e.as_ref().unwrap().path().is_file());
    assert_eq!(fs::read_to_string(seal).unwrap().lines().count(), files.count());
}

#[test]
fn the_same_case_gives_the_same_package_but_for_what_must_differ() {
    let made = made();
    let scratch = tempfile::tempdir().unwrap();
    let export = |name: &str| {
        let out = scratch.path().join(name);
        let export = || {
            run([
                "export",
                text(&made.case),
                "--out",
                text(&out),
                "--profile",
                "concept",
                "--person",
                "O. Operator",
                "--json",
            ])
        };
        // Another test may hold the case just now.
        let mut done = export();
        for _ in 0..300 {
            if !json_lines(&done).is_empty() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(200));
            done = export();
        }
        PathBuf::from(json_lines(&done)[0]["package"].as_str().unwrap())
    };
    let manifest = |package: &Path| {
        let text = fs::read_to_string(package.join("manifest-sha256.txt")).unwrap();
        let lines = text.lines().map(|line| line.split_once("  ").unwrap());
        lines.map(|(a, b)| (b.to_owned(), a.to_owned())).collect::<BTreeMap<_, _>>()
    };
    let (one, other) = (export("a"), export("b"));
    let (one, other) = (manifest(&one), manifest(&other));
    let differ: Vec<_> = one.iter().filter(|(path, sha)| other[*path] != **sha).collect();
    let differ: Vec<_> = differ.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(differ, ["data/custody/custody.jsonl"]);
    assert_eq!(one.len(), other.len());
}

#[test]
fn a_profile_that_lacks_something_says_what_and_writes_nothing() {
    let made = made();
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out");
    for (profile, person, wanted) in [
        ("administrative", "O. Operator", "report.offender_name"),
        ("criminal", "O. Operator", "switch moment: record it with `torenvalk regime`"),
        (
            "full",
            "I. Inspecteur",
            "a second person: who accepts and who exports may not both be \
            `I. Inspecteur`",
        ),
    ] {
        let done = run([
            "export",
            text(&made.case),
            "--out",
            text(&out),
            "--profile",
            profile,
            "--person",
            person,
            "--json",
        ]);
        assert_eq!(done.status.code(), Some(7));
        let told = &json_lines(&done)[0];
        assert!(told["package"].is_null());
        let missing = told["missing"].as_array().unwrap();
        assert!(missing.contains(&wanted.into()), "{profile}: {missing:?}");
        assert!(!out.exists());
    }
}

#[test]
fn an_original_that_changed_stops_the_export_and_a_lost_one_too() {
    let scratch = tempfile::tempdir().unwrap();
    let (flight, _) = small_flight();
    let frames = scratch.path().join("frames");
    fs::create_dir(&frames).unwrap();
    let mut files: Vec<_> = fs::read_dir(flight).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let pictures = files.iter().filter(|f| f.extension().is_some_and(|e| e == "jpg" || e == "tif"));
    for file in pictures.take(3) {
        fs::copy(file, frames.join(file.file_name().unwrap())).unwrap();
    }
    let odd = frames.join("näme with space.tif");
    let first = fs::read_dir(&frames).unwrap().next().unwrap().unwrap().path();
    fs::rename(&first, &odd).unwrap();
    let case = scratch.path().join("c.case");
    run(["inspect", text(&frames), "--case", text(&case), "--person", "P"]);
    fs::write(case.join("evidence.toml"), SETTINGS).unwrap();
    decide_all(&case);
    let out = scratch.path().join("out");
    let export = || {
        run([
            "export",
            text(&case),
            "--out",
            text(&out),
            "--profile",
            "full",
            "--person",
            "O",
            "--json",
        ])
    };
    let good = fs::read(&odd).unwrap();
    let mut changed = good.clone();
    changed[good.len() / 2] ^= 1;
    fs::write(&odd, changed).unwrap();
    let done = export();
    assert_eq!(done.status.code(), Some(4), "{}", stderr(&done));
    assert!(stderr(&done).contains("changed since it came in"));
    fs::remove_file(&odd).unwrap();
    let done = export();
    assert_eq!(done.status.code(), Some(3), "{}", stderr(&done));
    let whole = |out: &Path| {
        let names = fs::read_dir(out).unwrap().map(|e| e.unwrap().file_name());
        names.filter(|name| !name.to_string_lossy().ends_with(".partial")).count()
    };
    assert_eq!(whole(&out), 0, "nothing half made looks finished");
    fs::write(&odd, good).unwrap();
    let done = export();
    assert_eq!(done.status.code(), Some(7), "{}", stderr(&done));
    assert_eq!(whole(&out), 1);
    let package = PathBuf::from(json_lines(&done)[0]["package"].as_str().unwrap());
    let (_, verdict) = verified(&package);
    assert_eq!(failed(&verdict), Vec::<&str>::new());
    let frames = fs::read_to_string(package.join("data/frames.csv")).unwrap();
    assert!(frames.contains("näme with space.tif"), "the mapping is recorded");
}

#[test]
fn a_package_does_not_tell_how_a_disk_is_arranged() {
    let (flight, _) = small_flight();
    let base = flight.parent().unwrap().to_str().unwrap().as_bytes();
    let mut folders = vec![full().to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            let there = bytes.windows(base.len()).any(|window| window == base);
            assert!(!there, "{}", path.display());
            files += 1;
        }
    }
    assert!(files > 20, "{files}");
}

#[test]
fn advice_is_told_by_its_rule_and_only_where_one_applies() {
    let folder = tempfile::tempdir().unwrap();
    let case = inspected(folder.path());
    let id = findings_of(&case).remove(0);
    let rules = "format_version = 1\n[[rule]]\nid = \"W-7\"\nversion = \"2\"\n\
                 when = { status = [\"accepted\"], cell = [\"B3\"] }\n\
                 then = \"visit\"\nwhy = \"it grows\"\nsource = \"instruction 12\"\n";
    fs::write(case.join("advice.toml"), rules).unwrap();
    let decide = |how: &str| {
        let done = run([
            "decide",
            text(&case),
            &id,
            how,
            "--reason",
            "seen",
            "--person",
            "I",
            "--cell",
            "B3",
            "--aspect",
            "recidive",
            "--json",
        ]);
        assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
        json_lines(&done).remove(0)
    };
    let told = decide("--accept");
    assert_eq!(told["advice"][0]["rule"], "W-7");
    assert_eq!(told["lhso"]["row"], "van belang");
    assert!(told["lhso"]["outcome"].is_null(), "no cell is shipped");
    assert_eq!(decide("--reject")["advice"], Value::Array(Vec::new()));
    fs::write(case.join("advice.toml"), rules.replace("then", "sanction")).unwrap();
    let done = run(["decide", text(&case), &id, "--accept", "--reason", "x", "--person", "I"]);
    assert_eq!(done.status.code(), Some(3), "{}", stderr(&done));
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let made = made();
    let scratch = tempfile::tempdir().unwrap();
    let key = scratch.path().join("open");
    fs::copy(&made.key, &key).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let done =
        run(["export", text(&made.case), "--out", text(scratch.path()), "--key", text(&key)]);
    assert_eq!(done.status.code(), Some(3));
    assert!(stderr(&done).contains("644"), "{}", stderr(&done));
}
