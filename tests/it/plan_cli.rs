//! The verb `plan`: files, JSON, exit codes.

use crate::program::{json_lines, run, stderr};

const SITE: &str = "missions/roof-estate/site.toml";

#[test]
fn all_files_of_a_plan_are_written_and_its_missions_are_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("plan");
    let place = out.to_str().unwrap();
    let arguments =
        ["plan", SITE, "--camera", "m3t", "--distance-m", "40", "--json", "--out", place];
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = &json_lines(&output)[0];
    assert!(report["coverage"].as_f64().unwrap() >= 0.999, "{report}");
    for field in ["overlap_front_min", "overlap_side_min", "speed_m_s", "gsd_cm"] {
        assert!(report[field].is_f64(), "{field}");
    }
    assert_eq!(report["violations"].as_array().unwrap().len(), 0);
    for sortie in report["sorties"].as_array().unwrap() {
        assert!(sortie["photos"].as_u64().unwrap() > 0);
        assert!(sortie["energy_share"].as_f64().unwrap() <= 0.75);
    }
    for name in report["files"].as_array().unwrap() {
        let file = out.join(name.as_str().unwrap());
        assert!(file.metadata().unwrap().len() > 100, "{name}");
    }
    let mission = torenvalk::mission::read(&out.join("sortie-1.plan")).unwrap();
    assert!(!mission.fence.is_empty() && !mission.rally.is_empty() && mission.home.is_some());
    let map = std::fs::read_to_string(out.join("plan.geojson")).unwrap();
    for role in ["area", "no_capture", "takeoff", "photo_line", "transit", "photo", "footprint"] {
        assert!(map.contains(&format!("\"role\":\"{role}\"")), "{role}");
    }
    let again = run([
        "plan",
        SITE,
        "--camera",
        "m3t",
        "--distance-m",
        "40",
        "--language",
        "nl",
        "--out",
        place,
    ]);
    assert_eq!(again.status.code(), Some(0), "an older plan is replaced: {}", stderr(&again));
    let sheet = std::fs::read_to_string(out.join("preflight.html")).unwrap();
    assert!(sheet.contains("Vluchtblad: Roof estate") && sheet.contains("niet bekend"));
    assert_eq!(map, std::fs::read_to_string(out.join("plan.geojson")).unwrap());
}

#[test]
fn what_cannot_be_planned_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("plan");
    let place = out.to_str().unwrap();
    let table: [(&[&str], i32, &str); 5] = [
        (&["--camera", "none"], 2, "known are"),
        (&[], 2, "--camera ID is needed"),
        (&["--camera", "m3t", "--overlap-front", "100"], 3, "the front overlap is 1"),
        (&["--camera", "m3t", "--pattern", "orbit"], 3, "no such asset"),
        (&["--camera", "m3t", "--endurance-min", "1"], 3, "does not reach"),
    ];
    for (more, code, says) in table {
        let output = run(["plan", SITE, "--out", place].iter().chain(more));
        assert_eq!(output.status.code(), Some(code), "{more:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(says), "{more:?}: {}", stderr(&output));
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }
    let short = ["plan", SITE, "--camera", "m3t", "--range-m", "50", "--out", place];
    assert_eq!(run(short).status.code(), Some(4), "out of sight is a violation");
    assert!(out.join("preflight.html").is_file());
    std::fs::write(folder.path().join("other"), "x").unwrap();
    let folder = folder.path().to_str().unwrap();
    let output = run(["plan", SITE, "--camera", "m3t", "--out", folder]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
}
