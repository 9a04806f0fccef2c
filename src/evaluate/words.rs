//! The report as a table for people.

use std::fmt::Write;

use super::Share;
use super::report::{Class, Listed, Report, Unit};

/// So many of a list are told; the report has the rest.
const TOLD: usize = 5;

/// Lines for people.
#[must_use]
pub fn words(report: &Report) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<26}{value}");
    };
    line(
        "frames",
        match report.unit {
            Unit::Px => format!("{} labelled", report.frames),
            Unit::M => "findings on the ground".to_owned(),
        },
    );
    line(
        "labels",
        format!(
            "{} to be found, {} distractors, {} to be ignored",
            report.labels.target, report.labels.distractor, report.labels.ignore
        ),
    );
    let found = if report.unit == Unit::M { "findings" } else { "detections" };
    line(
        found,
        format!(
            "{}: {} right, {} wrong, {} set aside; {} labels missed",
            report.detections, report.right, report.wrong, report.set_aside, report.missed
        ),
    );
    line("precision", share(&report.precision));
    let from = format!("recall from {} K", report.from_k);
    line(&from, share(&report.recall));
    for (name, classes) in [
        ("  by polarity", &report.recall_by_polarity),
        ("  by contrast, all", &report.recall_by_contrast),
        ("  by size (sigma)", &report.recall_by_size),
        ("  by class", &report.recall_by_class),
    ] {
        if !classes.is_empty() {
            line(name, row(classes));
        }
    }
    if report.labels.distractor > 0 {
        line("distractors reported", share(&report.distractors_hit));
    }
    alarms(report, &mut line);
    places(report, &mut line);
    scores(report, &mut line);
    lists(report, &mut text);
    for note in &report.notes {
        let _ = writeln!(text, "\n{note}");
    }
    text
}

/// A share with its interval.
fn share(share: &Share) -> String {
    match share.share {
        Some(value) => format!(
            "{value:.3}  ({} of {}; 95 %: {:.3} to {:.3})",
            share.count, share.of, share.low95, share.high95
        ),
        None => "of nothing".to_owned(),
    }
}

fn row(classes: &[Class]) -> String {
    let told = classes.iter().map(|one| {
        format!("{} {:.3} ({})", one.class, one.found.share.unwrap_or_default(), one.found.of)
    });
    told.collect::<Vec<_>>().join("   ")
}

fn alarms(report: &Report, line: &mut impl FnMut(&str, String)) {
    if report.unit == Unit::Px {
        line("false alarms a frame", format!("{:.3}", report.wrong_per_frame));
    }
    line(
        "false alarms a hectare",
        match (report.wrong_per_hectare, report.hectares) {
            (Some(wrong), Some(hectares)) => format!("{wrong:.3}, of {hectares:.2} ha seen"),
            _ => "not known: the run tells no footprints of frames".to_owned(),
        },
    );
    if !report.wrong_near.is_empty() {
        let near = report.wrong_near.iter().map(|one| format!("{} {}", one.near, one.count));
        line("  near", near.collect::<Vec<_>>().join("   "));
    }
}

fn places(report: &Report, line: &mut impl FnMut(&str, String)) {
    let Some(off) = &report.position else { return };
    let unit = report.unit.name();
    let axes = if report.unit == Unit::M { "east, north" } else { "x, y" };
    line(
        "position error",
        format!(
            "median {:.2} {unit}, 90 % within {:.2} {unit}, rms {:.2} {unit}; \
             mean {axes} {:+.2}, {:+.2} {unit}",
            off.median, off.most90, off.rms, off.mean_x, off.mean_y
        ),
    );
    if let Some(inside) = &report.inside_ellipse95 {
        line("inside the 95 % ellipse", share(inside));
    }
    if let Some(error) = report.contrast_error_median {
        line("contrast, median error", format!("{:+.1} %", 100.0 * error));
    }
}

fn scores(report: &Report, line: &mut impl FnMut(&str, String)) {
    if let Some(at) = &report.at_false_alarms {
        let each = if report.unit == Unit::M { "in all" } else { "a frame" };
        let cut = at.score.map_or("nothing kept".to_owned(), |score| format!("score {score:.4}"));
        let name = format!("at {} false {each}", at.false_alarms_per_frame);
        line(&name, format!("recall {}, {cut}", share(&at.recall)));
    } else {
        line("curve", "none: not every detection has a score".to_owned());
    }
    if let Some(average) = report.average_precision {
        line("average precision", format!("{average:.3}"));
    }
    let ranks = report.hit_by_first.iter().filter(|rank| rank.target.of > 0);
    let ranks: Vec<_> = ranks
        .map(|rank| format!("{}: {:.3}", rank.first, rank.target.share.unwrap_or_default()))
        .collect();
    if report.unit == Unit::Px && !ranks.is_empty() {
        line("hit by the first", ranks.join("   "));
    }
    if let Some(calibration) = &report.calibration {
        let bins = calibration.bins.iter().map(|bin| {
            let right = bin.right.share.unwrap_or_default();
            format!("{:.2}→{right:.2} ({})", bin.stated, bin.right.of)
        });
        line("stated → precision", bins.collect::<Vec<_>>().join("   "));
        line("  mean difference", format!("{:.3}", calibration.mean_off));
    }
}

fn lists(report: &Report, text: &mut String) {
    for (name, list) in
        [("strongest missed", &report.worst_missed), ("surest wrong", &report.worst_wrong)]
    {
        if !list.is_empty() {
            let _ = writeln!(text, "\n{name}");
        }
        for one in list.iter().take(TOLD) {
            let _ = writeln!(text, "  {}", listed(one, report.unit));
        }
    }
    for (what, files) in [
        ("frames without a line in the run count as empty", &report.frames_without_a_line),
        ("frames of the run without labels do not count", &report.unknown_frames),
    ] {
        if let Some(first) = files.first() {
            let _ = writeln!(
                text,
                "\n{} {what}: {first}{}",
                files.len(),
                if files.len() > 1 { " …" } else { "" }
            );
        }
    }
}

fn listed(one: &Listed, unit: Unit) -> String {
    let mut told = one.file.clone();
    if let Some(name) = &one.name {
        let _ = write!(told, "{}{name}", if told.is_empty() { "" } else { " " });
    }
    let _ = write!(told, " at {:.1}, {:.1} {}", one.x, one.y, unit.name());
    if let Some(delta_k) = one.delta_k {
        let _ = write!(told, ", {delta_k:+.2} K");
    }
    if let Some(score) = one.score {
        let _ = write!(told, ", score {score:.3}");
    }
    if !one.about.is_empty() {
        let _ = write!(told, ", {}", one.about);
    }
    told
}
