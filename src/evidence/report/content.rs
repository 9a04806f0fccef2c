//! What a report says, as plain values: nothing here is worked out any more.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::words::Words;

/// A name and what belongs to it.
pub type Pair = (String, String);

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "words say it")]
pub struct Date {
    pub year: i32,
    pub month: u8,
    pub day: u8,
}

impl Date {
    /// From the first ten letters of a time, `YYYY-MM-DD`.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        let day: jiff::civil::Date = text.get(..10)?.parse().ok()?;
        Some(Self {
            year: day.year().into(),
            month: day.month().unsigned_abs(),
            day: day.day().unsigned_abs(),
        })
    }
}

/// A sentence and the finding whose facts it tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sentence {
    /// The sentence.
    pub text: String,
    /// The finding's id.
    pub finding: String,
}

/// A file that is attached to the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub mime: &'static str,
    /// What it is, in the report's language.
    pub description: String,
    /// What is in it.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// What part of the thermal picture is shown larger, in shares of its width and height.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[expect(missing_docs, reason = "words say it")]
pub struct Detail {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
    /// The picture's height over its width.
    pub aspect: f64,
}

/// The page of one finding. Pictures are named by their paths among [`Report::pictures`].
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the page shows what each is")]
pub struct FindingPage {
    pub id: String,
    pub kind: String,
    pub severity: String,
    pub asset: Option<String>,
    pub delta: String,
    pub radius: String,
    pub status: String,
    pub thermal: Option<String>,
    pub thermal_alt: String,
    pub thermal_caption: String,
    pub thermal_missing: String,
    pub detail: Option<Detail>,
    pub detail_alt: String,
    pub map: Option<String>,
    pub map_alt: String,
    pub map_missing: String,
    pub visible: Option<String>,
    pub visible_missing: String,
    pub observation: Vec<Sentence>,
    pub interpretation: Vec<Sentence>,
    pub measurements: Vec<Pair>,
    pub conditions: Vec<Pair>,
    pub decision: Vec<Pair>,
}

/// A whole report.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the pages show what each is")]
pub struct Report {
    pub language: &'static str,
    pub(super) words: Words,
    pub title: String,
    pub subtitle: String,
    pub author: String,
    pub organization: String,
    pub case_number: String,
    pub date: Date,
    pub concept: bool,
    pub simulated: bool,
    pub cover: Vec<Pair>,
    pub awb: Vec<Pair>,
    pub summary: Vec<String>,
    pub overview: Option<&'static str>,
    pub findings: Vec<FindingPage>,
    pub method: Vec<String>,
    pub limits: Vec<String>,
    pub verification: Vec<Pair>,
    pub attachments: Vec<Attachment>,
    /// Path among the report's files and bytes (PNG, JPEG or SVG).
    #[serde(skip)]
    pub pictures: Vec<(String, Vec<u8>)>,
}

impl Report {
    /// Leaves out the thermal pictures that a package does not have either: of frames that a rule
    /// of privacy keeps back. `has` is told the name that a picture has there.
    pub fn keep_only(&mut self, has: impl Fn(&str) -> bool) {
        for page in &mut self.findings {
            if page.thermal.is_some() && !has(&crate::derive::annotated_name(&page.id)) {
                page.thermal = None;
                page.thermal_missing = self.words.get("thermal_left_out").to_owned();
                let name = format!("/pictures/{}", crate::derive::printed_name(&page.id));
                self.pictures.retain(|(path, _)| *path != name);
            }
        }
    }

    /// Attaches the custody log and states the hash of its last line, line feed included, which is
    /// what a package's `Custody-Head` says.
    pub fn attach_custody(&mut self, log: &[u8]) {
        let last = log.split_inclusive(|&byte| byte == b'\n').next_back().unwrap_or_default();
        let head: String = Sha256::digest(last).iter().map(|byte| format!("{byte:02x}")).collect();
        self.verification.push((self.words.get("v_custody").to_owned(), head));
        self.attachments.push(Attachment {
            name: "custody.jsonl".to_owned(),
            mime: "application/jsonl",
            description: self.words.get("a_custody").to_owned(),
            bytes: log.to_vec(),
        });
    }
}
