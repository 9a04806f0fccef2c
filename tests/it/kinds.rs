//! Kinds by a table of one's own, and what a run is told of the weather.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use torenvalk::case::{Case, FindingRow};
use torenvalk::fuse::KindTable;

use super::program::{json_lines, run, small_flight, stderr};

const SITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/missions/kestrel-works/site.toml");

/// Findings and the run's parameters of the small flight, inspected with more arguments.
fn inspected(case: &Path, more: &[&str]) -> (Vec<FindingRow>, Value) {
    let flight = small_flight().0.display().to_string();
    let case_path = case.display().to_string();
    let fixed = ["inspect", &flight, "--case", &case_path, "--site", SITE];
    let output = run([&fixed, more].concat());
    assert!(matches!(output.status.code(), Some(0 | 6)), "{}", stderr(&output));
    let case = Case::open_read_only(case).unwrap();
    let latest = case.runs().unwrap().into_iter().find(|run| run.current).unwrap();
    (case.findings().unwrap(), serde_json::from_str(&latest.parameters).unwrap())
}

fn inconclusive(finding: &FindingRow) -> Vec<&str> {
    let reasons = finding.reasons.iter();
    reasons.filter_map(|reason| reason.strip_prefix("inconclusive:")).collect()
}

#[test]
fn what_a_kind_needs_marks_its_findings_until_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, record) = inspected(&folder.path().join("a.case"), &[]);
    let own = KindTable::default();
    assert_eq!(record["kinds"]["sha256"], own.sha256);
    assert_eq!(record["conditions"]["wind_m_s"], Value::Null);
    let mut marked = 0;
    for finding in &plain {
        let needs = own.kinds.iter().find(|one| json!(one.kind) == finding.kind).unwrap();
        let mut needs: Vec<_> = needs.needs.iter().map(|need| need.condition.name()).collect();
        needs.sort_unstable();
        assert_eq!(inconclusive(finding), needs, "{}", finding.kind);
        marked += usize::from(!needs.is_empty());
    }
    assert!(plain.len() > 5 && marked > 0 && marked < plain.len(), "{marked}");
    let told = [
        "--condition=indoor_c=20",
        "--condition=outdoor_c=-2",
        "--condition=sun_gone_h=13",
        "--condition=load_percent=60",
        // As at 1000 W/m², so that no module is graded otherwise.
        "--condition=irradiance_w_m2=1000",
        "--condition=wind_m_s=3",
        "--condition=cloud_okta=1",
    ];
    let (told, record) = inspected(&folder.path().join("b.case"), &told);
    assert_eq!(record["conditions"]["outdoor_c"], -2.0);
    for (finding, before) in told.iter().zip(&plain) {
        assert!(inconclusive(finding).is_empty(), "{finding:?}");
        // The mark says that the severity proves little; it changes nothing else.
        assert_eq!((&finding.severity, finding.delta_k), (&before.severity, before.delta_k));
    }
}

#[test]
fn an_agency_s_own_table_replaces_the_program_s() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("kinds.toml");
    let printed = String::from_utf8(run(["about", "--kinds"]).stdout).unwrap();
    assert_eq!(printed, KindTable::BUILTIN);
    // All that a pipe does is a heat source, and that is critical from half a kelvin on.
    let own = printed
        .replace("hot = \"hot_leak\"", "hot = \"heat_source\"")
        .replace("medium_k = 5.0\nhigh_k = 20.0\ncritical_k = 50.0", "critical_k = 0.5");
    fs::write(&table, &own).unwrap();
    let table = table.display().to_string();
    let (plain, _) = inspected(&folder.path().join("a.case"), &[]);
    let (findings, record) = inspected(&folder.path().join("b.case"), &["--kinds", &table]);
    assert_eq!(record["kinds"]["sha256"], KindTable::read(&own).unwrap().sha256);
    let leaks = plain.iter().filter(|one| one.kind == "hot_leak").count();
    assert!(leaks > 0);
    let sources: Vec<_> = findings.iter().filter(|one| one.kind == "heat_source").collect();
    assert!(sources.len() >= leaks && findings.iter().all(|one| one.kind != "hot_leak"));
    assert!(sources.iter().all(|one| one.severity == "critical"), "{sources:?}");

    fs::write(&table, own.replace("critical_k = 0.5", "critical_k = -1")).unwrap();
    let flight = small_flight().0.display().to_string();
    let case = folder.path().join("c.case").display().to_string();
    for (more, code, told) in [
        (["--kinds", &table[..]], 3, "about --kinds"),
        (["--kinds", "/nowhere.toml"], 3, "/nowhere.toml"),
        (["--condition", "wind=3"], 2, "known are indoor_c"),
        (["--condition", "cloud_okta=9"], 2, "not within 0 to 8"),
        (["--condition", "wind_m_s"], 2, "wind_m_s=3.5"),
    ] {
        let output = run([&["inspect", &flight[..], "--case", &case][..], &more].concat());
        assert_eq!(output.status.code(), Some(code), "{more:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(told), "{more:?}: {}", stderr(&output));
    }
}

#[test]
fn about_tells_each_figure_with_its_unit_and_source() {
    let told = &json_lines(&run(["about", "--detectors", "--json"]))[0];
    let kinds = told["kinds"]["kind"].as_array().unwrap();
    assert_eq!(kinds.len(), 11);
    for kind in kinds {
        assert!(!kind["source"].as_str().unwrap().is_empty() && kind["verified"].is_boolean());
    }
    let profiles = told["profiles"].as_array().unwrap();
    assert!(profiles.len() == 6 && profiles.iter().all(|profile| profile["unit"] == "K"));
    for figure in told["flight"].as_array().unwrap() {
        let is_told = |name: &str| figure[name].as_str().is_some_and(|text| !text.is_empty());
        assert!(["unit", "means", "source"].into_iter().all(is_told), "{figure}");
        assert!(figure["value"].is_number(), "{figure}");
    }
    let text = String::from_utf8(run(["about", "--detectors"]).stdout).unwrap();
    for line in [
        "lone_score          0.8 chance: is a finding",
        "high from 2 K, critical from 4 K, with what its surface is beyond its like",
        "irradiance_w_m2 at least 600 W/m²",
        "medium from 10 K, high from 20 K, as at 1000 W/m²",
        "NETA MTS, table 100.18 (not verified)",
        "critical from 40 K, also over the coolest like part",
        "heat-source",
        "electrical      4.0 K   heat beside the hottest of its frame, from 0",
    ] {
        assert!(text.contains(line), "{line} is missing in {text}");
    }
}
