//! An error budget, for people and as JSON.

use std::fmt::Write;

use serde::Serialize;

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
    let (sigma, unit) = match term.cause {
        Cause::CameraEast | Cause::CameraNorth | Cause::CameraUp | Cause::Terrain => {
            (term.sigma, "m")
        }
        Cause::Yaw | Cause::Pitch | Cause::Roll => (term.sigma.to_degrees(), "deg"),
        Cause::Pixel => (term.sigma, "px"),
        Cause::Clock => (term.sigma, "s"),
    };
    let Term { cause, part, share, major_m, minor_m, .. } = *term;
    Row { cause, part, sigma, unit, share, major_m, minor_m }
}

/// The same as text, with the whole below.
pub(super) fn table(rows: &[Row], ellipse95: &Ellipse95) -> String {
    let mut text = format!(
        "\n{:<30} {:>12} {:>7} {:>9} {:>9}\n",
        "error of", "one sigma", "share", "major", "minor"
    );
    for row in rows {
        let name = format!("{}, {}", cause(row.cause), part(row.part));
        let sigma = format!("{:.3} {}", row.sigma, row.unit);
        let share = format!("{:.1} %", 100.0 * row.share);
        let (major, minor) = (metres(row.major_m), metres(row.minor_m));
        let _ = writeln!(text, "{name:<30} {sigma:>12} {share:>7} {major:>9} {minor:>9}");
    }
    let (major, minor) = (metres(ellipse95.major_m), metres(ellipse95.minor_m));
    let _ = writeln!(text, "{:<30} {:>12} {:>7} {major:>9} {minor:>9}", "95 % ellipse", "", "");
    text
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
