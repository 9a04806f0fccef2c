//! `inspect --explain`: what a finding's ellipse is made of.

use std::collections::BTreeSet;

use nalgebra::{Matrix2, Matrix3};
use serde_json::Value;
use torenvalk::fuse::{self, BudgetPart};
use torenvalk::geo::ellipse95;
use torenvalk::locate::Cause;
use torenvalk::sim::{SightingParams, Sightings};

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

/// A flight that was calibrated has what is left of its errors as one term, one that was not has
/// them one by one; either way they add up.
#[test]
fn what_calibration_left_is_a_term_of_its_own() {
    let params = fuse::Params::default();
    let sighted = SightingParams { pitch_deg: -60.0, lines: [4, 10], ..SightingParams::default() };
    let mut seen = Sightings::drawn(&sighted);
    for calibrated in [false, true] {
        let Sightings { views, observations, terrain, .. } = &mut seen;
        if calibrated {
            let found = fuse::calibrate(observations, views, terrain, &[], &params);
            assert!(found.iter().all(|flight| flight.kept.is_none()), "{found:?}");
            fuse::correct(&found, views, observations, terrain);
        }
        let findings = fuse::fuse(observations, views, terrain, None, &params);
        let budgets = fuse::explain(&findings, observations, views, terrain);
        assert!(findings.len() > 10 && budgets.len() == findings.len());
        for (finding, budget) in findings.iter().zip(&budgets) {
            assert_eq!((&budget.finding, budget.flights), (&finding.id, 1));
            let has = |part| budget.terms.iter().any(|term| term.part == part);
            assert!(has(BudgetPart::Own));
            assert_eq!(has(BudgetPart::Calibration), calibrated, "{budget:?}");
            assert_eq!(has(BudgetPart::Common), !calibrated, "{budget:?}");
            let whole = budget.terms.iter().map(|term| term.covariance_m2).sum::<Matrix2<f64>>();
            let mut covariance = Matrix3::zeros();
            covariance.fixed_view_mut::<2, 2>(0, 0).copy_from(&whole);
            let (sum, stated) = (ellipse95(&covariance), finding.ellipse95);
            assert!((sum.major_m / stated.major_m - 1.0).abs() < 1e-3, "{sum:?} {stated:?}");
            assert!((sum.minor_m / stated.minor_m - 1.0).abs() < 1e-3, "{sum:?} {stated:?}");
        }
    }
}

/// Of a thing that k frames saw, what each is off by itself is 1/k of one frame's, and what they
/// share is whole.
#[test]
fn only_own_terms_fall_with_the_views() {
    let sighted = SightingParams { found_share: 1.0, lines: [1, 10], ..SightingParams::default() };
    let seen = Sightings::drawn(&sighted);
    let Sightings { views, observations, terrain, .. } = &seen;
    let findings = fuse::fuse(observations, views, terrain, None, &fuse::Params::default());
    let budgets = fuse::explain(&findings, observations, views, terrain);
    let many = budgets.iter().filter(|budget| budget.views >= 4);
    let mut looked_at = 0;
    for budget in many {
        let of = |part, cause| {
            let term = budget.terms.iter().find(|t| t.part == part && t.cause == Some(cause));
            let term = term.unwrap_or_else(|| panic!("{part:?} {cause:?}: {budget:?}"));
            (term.covariance_m2.trace().sqrt(), term.sigma.unwrap())
        };
        let (own_m, own_sigma) = of(BudgetPart::Own, Cause::CameraEast);
        let share = own_m / own_sigma * f64::from(budget.views).sqrt();
        assert!((share - 1.0).abs() < 0.25, "{share}: {budget:?}");
        // RTK states no common place; the pitch that all share is the same however many see.
        let (common_m, common_sigma) = of(BudgetPart::Common, Cause::Pitch);
        let whole = common_m / (60.0 * common_sigma);
        assert!((0.8..1.3).contains(&whole), "{whole}: {budget:?}");
        looked_at += 1;
    }
    assert!(looked_at >= 5, "{looked_at} of {}", budgets.len());
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
