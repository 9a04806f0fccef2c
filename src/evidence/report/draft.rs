//! A case's rows → what the report says.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::case::{FindingRow, FrameRow, ReviewRow, RunSummary, SightingRow};

use super::super::Settings;
use super::Error;
use super::content::{Attachment, Date, Detail, Pair, Report};
use super::figures::{day, span};
use super::page::{Writer, named};
use super::words::{Language, Words};

/// The name of the map of all findings among [`Facts::pictures`].
pub const OVERVIEW: &str = "overview.svg";

/// All that a report is drafted from.
#[derive(Debug)]
#[expect(missing_docs, reason = "as the rows are called")]
pub struct Facts<'a> {
    pub run: &'a RunSummary,
    pub frames: &'a [FrameRow],
    pub findings: &'a [FindingRow],
    pub sightings: &'a [SightingRow],
    pub reviews: &'a [ReviewRow],
    /// Name and bytes; those of a finding are called as in `derived/`.
    pub pictures: Vec<(String, Vec<u8>)>,
    /// Marked as a draft on each page.
    pub concept: bool,
}

impl Facts<'_> {
    /// The sighting that shows a finding best, and its frame.
    fn best(&self, finding: &str) -> Option<(&SightingRow, &FrameRow)> {
        let seen = self.sightings.iter().filter(|sighting| sighting.finding == finding);
        let score = |sighting: &SightingRow| sighting.score.unwrap_or(f64::MIN);
        let best = seen.min_by(|a, b| score(b).total_cmp(&score(a)).then(a.frame.cmp(&b.frame)))?;
        Some((best, self.frames.iter().find(|row| row.frame == best.frame)?))
    }

    /// The name of the frame that shows a finding best, without its folders.
    pub(super) fn best_frame(&self, finding: &str) -> Option<String> {
        self.best(finding)?.1.file.rsplit('/').next().map(str::to_owned)
    }

    /// What part of the finding's picture is shown larger.
    pub(super) fn detail(&self, finding: &str) -> Option<Detail> {
        let (seen, frame) = self.best(finding)?;
        let part = crate::derive::detail((frame.width_px, frame.height_px), seen.bbox_px)?;
        let ([left, top, width, height], aspect) = part;
        Some(Detail { left, top, width, height, aspect })
    }

    /// The day of the latest thing that the case knows of: the same case gives the same report.
    fn date(&self, stated: &Settings) -> Option<Date> {
        let reviews = self.reviews.iter().map(|review| review.at.as_str());
        let frames = self.frames.iter().filter_map(|row| row.taken_at.as_deref());
        Date::of_text(&stated.report.report_date)
            .or_else(|| reviews.max().and_then(Date::of_text))
            .or_else(|| frames.max().and_then(Date::of_text))
    }
}

/// Drafts a report.
///
/// # Errors
/// [`Error::NoDate`] where neither a person nor the case tells any.
pub fn draft(mut facts: Facts<'_>, stated: &Settings, language: Language) -> Result<Report, Error> {
    let date = facts.date(stated).ok_or(Error::NoDate)?;
    let words = Words::of(language);
    let parameters: Value = serde_json::from_str(&facts.run.parameters).unwrap_or_default();
    let site = parameters["site"]["name"].as_str().unwrap_or_default().to_owned();
    let writer = Writer { words: &words, language, stated, facts: &facts };
    let findings: Vec<_> = facts.findings.iter().map(|row| writer.page(row)).collect();
    let text = |name: &str| words.get(name).to_owned();
    let report = Report {
        language: language.code(),
        title: text("title"),
        subtitle: site.clone(),
        author: if stated.organization.is_empty() {
            "Torenvalk".to_owned()
        } else {
            stated.organization.clone()
        },
        organization: stated.organization.clone(),
        case_number: stated.case_number.clone(),
        date,
        concept: facts.concept,
        simulated: is_simulated(&facts),
        cover: cover(&words, &facts, stated, (&site, date)),
        awb: awb(&words, stated),
        summary: summary(&words, &facts),
        overview: facts
            .pictures
            .iter()
            .any(|(name, _)| name == OVERVIEW)
            .then_some("/pictures/overview.svg"),
        findings,
        method: method(&words, &facts),
        limits: words.list("limits_list"),
        verification: verification(&words, &facts),
        attachments: attachments(&words, &facts),
        pictures: Vec::new(),
        words,
    };
    let pictures = std::mem::take(&mut facts.pictures);
    let named = |(name, bytes)| (format!("/pictures/{name}"), bytes);
    Ok(Report { pictures: pictures.into_iter().map(named).collect(), ..report })
}

/// Frames of the simulator say so by their camera.
fn is_simulated(facts: &Facts<'_>) -> bool {
    facts.frames.iter().any(|row| row.camera.starts_with("sim"))
}

fn cover(words: &Words, facts: &Facts<'_>, stated: &Settings, about: (&str, Date)) -> Vec<Pair> {
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let times: BTreeSet<&str> =
        facts.frames.iter().filter_map(|row| row.taken_at.as_deref()).collect();
    let period = times.first().zip(times.last());
    let period = period.map(|(first, last)| span(first, last, words));
    let cameras: BTreeSet<&str> = facts.frames.iter().map(|row| row.camera.as_str()).collect();
    let cameras: Vec<&str> = cameras.into_iter().collect();
    let Date { year, month, day: date } = about.1;
    named(
        words,
        [
            ("case_number", text(&stated.case_number)),
            ("mission_id", text(&stated.mission_id)),
            ("site", text(about.0)),
            ("purpose", text(&stated.purpose)),
            ("legal_basis", text(&stated.legal_basis)),
            ("mandate", text(&stated.mandate)),
            ("period", period),
            ("clock_source", text(&stated.clock_source)),
            ("camera", text(&cameras.join(", "))),
            ("dpia", text(&stated.dpia)),
            ("retention_until", text(&stated.retention_until)),
            ("date", Some(day(year, month, date, words))),
            ("program", Some(format!("Torenvalk {}", facts.run.version))),
        ],
    )
}

/// Awb 5:48: what nobody stated is left to the supervisor, and the page says so.
fn awb(words: &Words, stated: &Settings) -> Vec<Pair> {
    let or_open = |text: &str| {
        let open = text.trim().is_empty();
        Some(if open { words.get("to_be_filled") } else { text.trim() }.to_owned())
    };
    named(
        words,
        [
            ("report_date", or_open(&stated.report.report_date)),
            ("offender_name", or_open(&stated.report.offender_name)),
            ("violation", or_open(&stated.report.violation)),
            ("violated_rule", or_open(&stated.report.violated_rule)),
            ("place", or_open(&stated.report.place)),
            ("established_at", or_open(&stated.report.established_at)),
        ],
    )
}

fn summary(words: &Words, facts: &Facts) -> Vec<String> {
    let found = facts.findings;
    let count = |polarity: &str| found.iter().filter(|f| f.polarity == polarity).count();
    let (hot, cold) = (count("hot").to_string(), count("cold").to_string());
    let frames = words.counted("count_frames", facts.run.frames as usize);
    let findings = words.counted("count_findings", found.len());
    let decided = found.iter().filter(|f| f.status != "open").count();
    let skipped = facts.run.skipped.to_string();
    let severities: Vec<_> = ["critical", "high", "medium", "low"]
        .into_iter()
        .map(|name| (name, found.iter().filter(|f| f.severity == name).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{count} {}", words.of_group("severities", name)))
        .collect();
    let gaps: &[(&str, &str)] = &[
        ("frames", &frames),
        ("findings", &findings),
        ("hot", &hot),
        ("cold", &cold),
        ("decided", &decided.to_string()),
        ("skipped", &skipped),
        ("list", &severities.join(", ")),
    ];
    let none = found.is_empty();
    let mut told = vec![words.filled(if none { "summary_none" } else { "summary_some" }, gaps)];
    if !severities.is_empty() {
        told.push(words.filled("summary_severities", gaps));
    }
    if !none {
        let name = match decided {
            0 => "summary_decided_none",
            all if all == found.len() => "summary_decided_all",
            _ => "summary_decided",
        };
        told.push(words.filled(name, gaps));
    }
    if facts.run.skipped > 0 {
        told.push(words.filled("summary_skipped", gaps));
    }
    told
}

fn method(words: &Words, facts: &Facts<'_>) -> Vec<String> {
    let run = facts.run;
    let [frames, skipped, observations, findings] =
        [run.frames, run.skipped, run.observations, run.findings].map(|count| count.to_string());
    let gaps: &[(&str, &str)] = &[
        ("version", &run.version),
        ("frames", &frames),
        ("skipped", &skipped),
        ("observations", &observations),
        ("findings", &findings),
    ];
    ["method_1", "method_2", "method_3"].map(|name| words.filled(name, gaps)).to_vec()
}

fn verification(words: &Words, facts: &Facts<'_>) -> Vec<Pair> {
    named(
        words,
        [
            ("v_run", Some(facts.run.id.0.clone())),
            ("v_frames", Some(facts.run.frames.to_string())),
            ("v_pictures", Some(facts.pictures.len().to_string())),
        ],
    )
}

fn attachments(words: &Words, facts: &Facts<'_>) -> Vec<Attachment> {
    vec![Attachment {
        name: "findings.geojson".to_owned(),
        mime: "application/geo+json",
        description: words.get("a_geojson").to_owned(),
        bytes: crate::case::findings_geojson(facts.findings).into_bytes(),
    }]
}
