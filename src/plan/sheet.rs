//! The preflight sheet: one printable page with the map, sorties, checks, rules and crew.

use std::fmt::Write as _;

use crate::mandate::Mandate;

use super::sheet_words::{Words, words};
use super::suitability::{RuleName, Verdict};
use super::{Error, Params, Plan, SpeedLimit, picture};

/// In which language a sheet is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Dutch.
    Dutch,
    /// English.
    English,
}

/// Everything a sheet says besides the plan.
#[derive(Debug)]
pub struct Sheet<'a> {
    /// In which language.
    pub language: Language,
    /// What was asked.
    pub params: &'a Params,
    /// Why it is flown.
    pub mandate: &'a Mandate,
    /// Rules of the hour.
    pub verdicts: &'a [Verdict],
}

/// The page, HTML with its picture inside.
///
/// # Errors
/// [`Error::NoGround`].
pub fn sheet(plan: &Plan<'_>, sheet: &Sheet<'_>) -> Result<String, Error> {
    let words = words(sheet.language);
    let name = escaped(&plan.field.name);
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <title>{}: {name}</title>\n\
         <style>{STYLE}</style></head><body>\n<h1>{}: {name}</h1>\n",
        words.tag, words.title, words.title
    );
    mandate(&mut html, words, sheet);
    figures(&mut html, words, plan, sheet);
    html.push_str(&picture(plan, &sheet.params.camera)?);
    sorties(&mut html, words, plan);
    checks(&mut html, words, plan, sheet);
    crew(&mut html, words);
    html.push_str("</body></html>\n");
    Ok(html)
}

const STYLE: &str = "body{font:14px/1.4 sans-serif;margin:1.5em auto;max-width:60em;color:#111}\
    h1{font-size:1.5em}h2{font-size:1.1em;margin:1.2em 0 .3em}table{border-collapse:collapse;\
    width:100%}td,th{border:1px solid #999;padding:.2em .5em;text-align:left}svg{width:100%;\
    height:auto;max-height:16cm}.no{color:#b00000;font-weight:bold}.line{border-bottom:1px solid \
    #111;display:inline-block;min-width:14em}@page{margin:1.5cm}@media print{h2{break-after:avoid}\
    table,svg{break-inside:avoid}}";

/// Text as HTML and XML take it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn row(html: &mut String, name: &str, value: &str) {
    let _ = writeln!(html, "<tr><th>{name}</th><td>{value}</td></tr>");
}

fn mandate(html: &mut String, words: &Words, sheet: &Sheet<'_>) {
    let told = sheet.mandate;
    let open = words.not_told.to_owned();
    let text = |part: &Option<String>| part.as_deref().map_or_else(|| open.clone(), escaped);
    html.push_str("<table>\n");
    row(html, words.purpose, &text(&told.purpose));
    row(html, words.legal_basis, &text(&told.legal_basis));
    row(html, words.case_number, &text(&told.case_number));
    let period = told.period.map(|period| format!("{} – {}", period.from, period.to));
    row(html, words.period, &period.unwrap_or_else(|| open.clone()));
    let when = sheet.params.when.map_or(open, |when| when.to_string());
    row(html, words.when, &when);
    html.push_str("</table>\n");
}

fn figures(html: &mut String, words: &Words, plan: &Plan<'_>, sheet: &Sheet<'_>) {
    let pace = &plan.pace;
    let limit = match pace.speed_limit {
        SpeedLimit::Blur => words.by_blur,
        SpeedLimit::Interval => words.by_interval,
        SpeedLimit::Vehicle => words.by_vehicle,
    };
    let percent = |share: Option<f64>| {
        share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0))
    };
    let _ = writeln!(html, "<h2>{}</h2>\n<table>", words.pictures);
    row(html, words.camera, &escaped(&sheet.params.camera.id));
    row(html, words.distance, &format!("{:.1} m", pace.distance_m));
    row(html, words.gsd, &format!("{:.1} cm", pace.gsd_m * 100.0));
    row(html, words.speed, &format!("{:.1} m/s ({limit})", pace.speed_m_s));
    row(html, words.interval, &format!("{:.1} m, {:.1} s", pace.photo_spacing_m, pace.interval_s));
    row(html, words.coverage, &percent(plan.coverage.as_ref().map(|seen| seen.share)));
    row(html, words.overlap_front, &percent(plan.overlap_front_min));
    row(html, words.overlap_side, &percent(plan.overlap_side_min));
    html.push_str("</table>\n");
}

fn sorties(html: &mut String, words: &Words, plan: &Plan<'_>) {
    let _ = writeln!(
        html,
        "<h2>{}</h2>\n<table><tr><th>#</th>\
         <th>{}</th><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr>",
        words.sorties, words.takeoff, words.photos, words.length, words.time, words.battery
    );
    for (number, sortie) in (1..).zip(&plan.sorties) {
        let (lon, lat) = plan.field.plane.degrees(sortie.takeoff.0);
        let _ = writeln!(
            html,
            "<tr><td>{number}</td><td>{lat:.6}, {lon:.6}</td><td>{}</td><td>{:.0} m</td>\
             <td>{:.1} min</td><td>{:.0} %</td></tr>",
            sortie.photos,
            sortie.length_m,
            sortie.duration_s / 60.0,
            sortie.energy_share * 100.0
        );
    }
    html.push_str("</table>\n");
}

fn checks(html: &mut String, words: &Words, plan: &Plan<'_>, sheet: &Sheet<'_>) {
    let _ = writeln!(html, "<h2>{}</h2>", words.violations);
    if plan.violations.is_empty() {
        let _ = writeln!(html, "<p>{}</p>", words.no_violations);
    } else {
        html.push_str("<ul>\n");
        for violation in &plan.violations {
            let _ = writeln!(html, "<li class=\"no\">{}</li>", escaped(&violation.words));
        }
        html.push_str("</ul>\n");
    }
    if !plan.field.notes.is_empty() {
        let _ = writeln!(html, "<h2>{}</h2>\n<ul>", words.notes);
        for note in &plan.field.notes {
            let _ = writeln!(html, "<li>{}</li>", escaped(note));
        }
        html.push_str("</ul>\n");
    }
    let _ = writeln!(
        html,
        "<h2>{}</h2>\n<table><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr>",
        words.suitability, words.rule, words.figure, words.limit, words.verdict
    );
    for verdict in sheet.verdicts {
        let figure = verdict
            .figure
            .map_or_else(|| "–".to_owned(), |figure| format!("{figure:.1} {}", verdict.unit));
        let (class, passed) = match verdict.passed {
            Some(true) => ("", words.passed),
            Some(false) => (" class=\"no\"", words.failed),
            None => ("", words.not_known),
        };
        let _ = writeln!(
            html,
            "<tr><td>{}</td><td>{figure}</td><td>{} {}</td><td{class}>{passed}</td></tr>",
            rule(words, verdict.rule),
            verdict.limit,
            verdict.unit
        );
    }
    html.push_str("</table>\n");
}

fn rule(words: &Words, rule: RuleName) -> &'static str {
    match rule {
        RuleName::Wind => words.wind,
        RuleName::Dry => words.dry,
        RuleName::InsideOutside => words.inside_outside,
        RuleName::SunGone => words.sun_gone,
        RuleName::Irradiance => words.irradiance,
        RuleName::Snow => words.snow,
        RuleName::Glint => words.glint,
    }
}

fn crew(html: &mut String, words: &Words) {
    let _ = writeln!(html, "<h2>{}</h2>\n<table>", words.crew);
    for name in [words.pilot, words.observer, words.thermographer, words.emergency, words.signature]
    {
        row(html, name, "<span class=\"line\">&nbsp;</span>");
    }
    html.push_str("</table>\n");
}
