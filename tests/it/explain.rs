//! `inspect --explain`: what a finding's ellipse is made of.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::{json_lines, run, small_flight, stderr};

fn number(value: &Value, field: &str) -> f64 {
    value[field].as_f64().unwrap_or_else(|| panic!("{field}: {value}"))
}

fn explained(more: &[&str]) -> Value {
    let scratch = tempfile::tempdir().unwrap();
    let (folder, _) = small_flight();
    let case = scratch.path().join("a.case");
    let mut arguments = vec!["inspect", "--json", "--explain", folder.to_str().unwrap()];
    arguments.extend(["--case", case.to_str().unwrap()]);
    arguments.extend(more);
    let output = run(&arguments);
    let said = stderr(&output);
    json_lines(&output).first().cloned().unwrap_or_else(|| panic!("{said}"))
}

fn parts(budget: &Value) -> BTreeSet<&str> {
    let terms = budget["terms"].as_array().unwrap().iter();
    terms.map(|term| term["part"].as_str().unwrap()).collect()
}

/// Squares of the reach along either axis add up to the ellipse's, and shares to one: in metres of
/// the ellipse that the case has.
#[test]
fn the_terms_of_every_finding_add_up_to_its_ellipse() {
    for more in [&["--no-calibration"][..], &[]] {
        let report = explained(more);
        let budgets = report["explain"].as_array().unwrap();
        assert_eq!(budgets.len() as u64, report["findings"].as_u64().unwrap());
        assert!(budgets.len() > 10, "{report}");
        for budget in budgets {
            let terms = budget["terms"].as_array().unwrap();
            let sum = |field: &str, power: i32| {
                terms.iter().map(|term| number(term, field).powi(power)).sum::<f64>()
            };
            assert!((sum("share", 1) - 1.0).abs() < 1e-9, "{budget}");
            for axis in ["major_m", "minor_m"] {
                let (by_terms, stated) = (sum(axis, 2).sqrt(), number(&budget["ellipse95"], axis));
                assert!((by_terms / stated - 1.0).abs() < 1e-3, "{by_terms} {budget}");
            }
            assert!(terms.iter().all(|term| number(term, "share") > -1e-6), "{budget}");
            assert!(parts(budget).contains("own"), "{budget}");
        }
    }
}

/// A flight that was calibrated has its errors as one term, one that was not has them one by one.
#[test]
fn what_calibration_left_is_a_term_of_its_own() {
    let as_stated = explained(&["--no-calibration"]);
    for budget in as_stated["explain"].as_array().unwrap() {
        assert!(parts(budget).contains("common") && !parts(budget).contains("calibration"));
    }
    let calibrated = explained(&[]);
    let kept = calibrated["calibrations"].as_array().unwrap();
    assert!(kept.iter().all(|flight| flight["kept"].is_null()), "{kept:?}");
    for budget in calibrated["explain"].as_array().unwrap() {
        assert!(parts(budget).contains("calibration"), "{budget}");
        // The ground's height stays a cause of its own.
        let common = budget["terms"].as_array().unwrap().iter();
        let common: Vec<_> = common.filter(|term| term["part"] == "common").collect();
        assert!(common.iter().all(|term| term["cause"] == "terrain"), "{budget}");
    }
}

/// People get a table of the first few on stdout; the run is the same with and without.
#[test]
fn people_get_a_table_of_the_first_few() {
    let scratch = tempfile::tempdir().unwrap();
    let (folder, _) = small_flight();
    let case = scratch.path().join("a.case");
    let folder = folder.to_str().unwrap();
    let told = |more: &[&str]| {
        let mut arguments = vec!["inspect", folder, "--case", case.to_str().unwrap()];
        arguments.extend(more);
        String::from_utf8(run(&arguments).stdout).unwrap()
    };
    let findings = || std::fs::read(case.join("findings.geojson")).unwrap();
    assert!(!told(&[]).contains("95 % ellipse"));
    let before = findings();
    let text = told(&["--explain"]);
    assert_eq!(text.matches("95 % ellipse").count(), 5, "{text}");
    assert!(text.contains("more findings are explained with --json"), "{text}");
    assert_eq!(before, findings());
}
