//! An error budget, for people and as JSON.

use serde::Serialize;

use crate::fuse::{BudgetPart, BudgetTerm, FindingBudget};
use crate::geo::Ellipse95;
use crate::locate::{Cause, Explained, Part, Term};

/// One term as it is printed. `major_m` and `minor_m` reach along the axes of the whole 95 %
/// ellipse; their squares add up to the axes'.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    cause: Cause,
    part: Part,
    sigma: f64,
    unit: &'static str,
    share: f64,
    major_m: f64,
    minor_m: f64,
}

/// The terms of a budget, largest share first.
pub(super) fn rows(explained: &Explained) -> Vec<Row> {
    let mut rows: Vec<Row> = explained.terms.iter().map(row).collect();
    rows.sort_by(|a, b| b.share.total_cmp(&a.share));
    rows
}

fn row(term: &Term) -> Row {
    let (sigma, unit) = in_unit(term.cause, term.sigma);
    let Term { cause, part, share, major_m, minor_m, .. } = *term;
    Row { cause, part, sigma, unit, share, major_m, minor_m }
}

/// A sigma as people know it, and its unit.
fn in_unit(cause: Cause, sigma: f64) -> (f64, &'static str) {
    match cause {
        Cause::CameraEast | Cause::CameraNorth | Cause::CameraUp | Cause::Terrain => (sigma, "m"),
        Cause::Yaw | Cause::Pitch | Cause::Roll => (sigma.to_degrees(), "deg"),
        Cause::Pixel => (sigma, "px"),
        Cause::Clock => (sigma, "s"),
    }
}

/// The budget of a finding as JSON.
#[derive(Debug, Serialize)]
pub(super) struct OfFinding {
    finding: String,
    ellipse95: Ellipse95,
    views: u32,
    flights: u32,
    height_by_views: f64,
    terms: Vec<FindingRow>,
}

/// One term of a finding's budget; cause, sigma and unit are null where several causes hang
/// together.
#[derive(Debug, Serialize)]
struct FindingRow {
    part: BudgetPart,
    cause: Option<Cause>,
    sigma: Option<f64>,
    unit: Option<&'static str>,
    share: f64,
    major_m: f64,
    minor_m: f64,
}

/// A finding's budget, largest share first.
pub(super) fn of_finding(budget: &FindingBudget) -> OfFinding {
    let FindingBudget { ellipse95, views, flights, height_by_views, .. } = *budget;
    let mut terms: Vec<FindingRow> = budget.terms.iter().map(finding_row).collect();
    terms.sort_by(|a, b| b.share.total_cmp(&a.share));
    let finding = budget.finding.clone();
    OfFinding { finding, ellipse95, views, flights, height_by_views, terms }
}

fn finding_row(term: &BudgetTerm) -> FindingRow {
    let BudgetTerm { part, cause, share, major_m, minor_m, .. } = *term;
    let told = cause.zip(term.sigma).map(|(cause, sigma)| in_unit(cause, sigma));
    let (sigma, unit) = told.unzip();
    FindingRow { part, cause, sigma, unit, share, major_m, minor_m }
}

/// A finding's budget as text.
pub(super) fn told(budget: &FindingBudget) -> String {
    let of_finding = of_finding(budget);
    let mut text = format!(
        "{}: {} views of {} flights; their rays tell {:.0} % of its height",
        budget.finding,
        budget.views,
        budget.flights,
        100.0 * budget.height_by_views
    );
    text += &head();
    for row in &of_finding.terms {
        let part = finding_part(row.part);
        let name = row.cause.map_or(part.to_owned(), |of| format!("{}, {part}", cause(of)));
        let sigma = row.sigma.zip(row.unit);
        let sigma = sigma.map_or_else(String::new, |(sigma, unit)| format!("{sigma:.3} {unit}"));
        text += &line(&name, &sigma, row.share, [row.major_m, row.minor_m]);
    }
    text += &whole(&budget.ellipse95);
    text.push('\n');
    text
}

fn finding_part(part: BudgetPart) -> &'static str {
    match part {
        BudgetPart::Own => "each view",
        BudgetPart::Common => "flight",
        BudgetPart::Calibration => "left by calibration",
        BudgetPart::Scatter => "views scatter more",
        BudgetPart::Rest => "rest",
    }
}

/// The same as text, with the whole below.
pub(super) fn table(rows: &[Row], ellipse95: &Ellipse95) -> String {
    let mut text = head();
    for row in rows {
        let name = format!("{}, {}", cause(row.cause), part(row.part));
        let sigma = format!("{:.3} {}", row.sigma, row.unit);
        text += &line(&name, &sigma, row.share, [row.major_m, row.minor_m]);
    }
    text += &whole(ellipse95);
    text
}

fn head() -> String {
    format!(
        "\n{:<30} {:>12} {:>7} {:>9} {:>9}\n",
        "error of", "one sigma", "share", "major", "minor"
    )
}

fn line(name: &str, sigma: &str, share: f64, reach_m: [f64; 2]) -> String {
    let [major, minor] = reach_m.map(metres);
    let share = format!("{:.1} %", 100.0 * share);
    format!("{name:<30} {sigma:>12} {share:>7} {major:>9} {minor:>9}\n")
}

fn whole(ellipse95: &Ellipse95) -> String {
    let [major, minor] = [ellipse95.major_m, ellipse95.minor_m].map(metres);
    format!("{:<30} {:>12} {:>7} {major:>9} {minor:>9}\n", "95 % ellipse", "", "")
}

fn metres(metres: f64) -> String {
    format!("{metres:.2} m")
}

fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::CameraEast => "camera east",
        Cause::CameraNorth => "camera north",
        Cause::CameraUp => "camera up",
        Cause::Yaw => "yaw",
        Cause::Pitch => "pitch",
        Cause::Roll => "roll",
        Cause::Pixel => "pixel",
        Cause::Clock => "clock x velocity",
        Cause::Terrain => "ground height",
    }
}

fn part(part: Part) -> &'static str {
    match part {
        Part::Own => "frame",
        Part::Common => "flight",
    }
}
