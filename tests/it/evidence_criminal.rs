//! A package for criminal law: what was taken under supervision apart from what was taken after it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;
use torenvalk::sim::{LogKind, LogPlan, Params};

use crate::evidence::{decide_all, failed, text, verified};
use crate::program::{json_lines, run, small_params, stderr, write};

const SETTINGS: &str = r#"
format_version = 1
case_number = "2026 / 0148"
purpose = "discharge"
legal_basis = "Awb 5:18"
mandate = "M-1"
clock_source = "GNSS, by the autopilot's log"
dpia = "DPIA-7"
[privacy]
frames_outside = "keep"
[criminal]
rule = "WED 1a"
place = "Utrecht"
time = "2026-03-21"
officer = "B. Boa, 4711"
"#;

/// Frame's file → when it was taken, in UTC.
fn taken_at(case: &Path) -> BTreeMap<String, jiff::Timestamp> {
    let rows = rusqlite::Connection::open(case.join("case.gpkg")).unwrap();
    let mut rows = rows.prepare("select file, taken_at from frames").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))).unwrap();
    rows.map(|row| row.unwrap()).map(|(file, at)| (file, at.parse().unwrap())).collect()
}

fn export(case: &Path, out: &Path) -> (Option<i32>, Value) {
    let done = run([
        "export",
        text(case),
        "--out",
        text(out),
        "--profile",
        "criminal",
        "--person",
        "O. Operator",
        "--json",
    ]);
    (done.status.code(), json_lines(&done).remove(0))
}

#[test]
fn frames_before_and_after_the_switch_lie_apart_and_the_package_verifies() {
    let scratch = tempfile::tempdir().unwrap();
    let (flight, case) = (scratch.path().join("flight"), scratch.path().join("works.case"));
    let log = LogPlan::silent_camera(vec![LogKind::Tlog]);
    write(&flight, &Params { log, ..small_params() });
    let done = run(["inspect", text(&flight), "--case", text(&case), "--person", "P. Piloot"]);
    assert!([Some(0), Some(6)].contains(&done.status.code()), "{}", stderr(&done));
    fs::write(case.join("evidence.toml"), SETTINGS).unwrap();
    decide_all(&case);

    // Not before somebody says when it became an investigation.
    let out = scratch.path().join("out");
    let (code, told) = export(&case, &out);
    assert_eq!(code, Some(7));
    assert_eq!(
        told["missing"],
        serde_json::json!(["switch moment: record it with `torenvalk regime`"])
    );
    assert!(!out.exists());

    let times = taken_at(&case);
    let mut sorted: Vec<_> = times.values().copied().collect();
    sorted.sort();
    let switch = sorted[sorted.len() / 2];
    let at = switch.to_string();
    let reason = "a pipe runs past the meter";
    let regime = ["regime", text(&case), "--at", &at, "--reason", reason, "--person", "B. Boa"];
    assert_eq!(run(regime).status.code(), Some(0));
    // It happens once.
    assert_eq!(run(regime).status.code(), Some(3));

    let (_, told) = export(&case, &out);
    let package = Path::new(told["package"].as_str().unwrap());
    let originals = package.join("data/originals");
    // Packages name originals by their frame; which is which is told by their bytes.
    let held = |regime: &str| -> BTreeSet<Vec<u8>> {
        let files = fs::read_dir(originals.join(regime)).unwrap();
        files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
    };
    let held: BTreeMap<_, _> =
        ["toezicht", "opsporing"].map(|regime| (regime, held(regime))).into();
    let mut apart: BTreeMap<&str, usize> = BTreeMap::new();
    for (file, taken_at) in &times {
        let regime = if *taken_at < switch { "toezicht" } else { "opsporing" };
        let original = fs::read(flight.join(Path::new(file).file_name().unwrap())).unwrap();
        assert!(held[regime].contains(&original), "{file} of {taken_at} is not in {regime}");
        *apart.entry(regime).or_default() += 1;
    }
    for (regime, count) in &apart {
        assert_eq!(held[regime].len(), *count, "{regime}");
    }
    assert_eq!(apart.len(), 2, "{apart:?}");
    let regimes = fs::read(package.join("data/flight/regimes.json")).unwrap();
    let regimes: Value = serde_json::from_slice(&regimes).unwrap();
    assert_eq!(regimes["switched_at"], at.as_str());
    for (regime, count) in apart {
        assert_eq!(regimes["frames"][regime], count, "{regimes}");
    }
    let (_, verdict) = verified(package);
    assert_eq!(failed(&verdict), Vec::<&str>::new());
}
