//! What only people know: `evidence.toml`.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Error;

/// The only version that is read.
const FORMAT_VERSION: u32 = 1;

/// An `evidence.toml` to fill in, with what each field is for.
pub const TEMPLATE: &str = include_str!("texts/evidence.toml");

/// What an operator states. Empty is not stated; each profile says what it does not go without.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the template explains each")]
pub struct Settings {
    pub format_version: u32,
    pub organization: String,
    pub case_number: String,
    pub mission_id: String,
    pub purpose: String,
    pub legal_basis: String,
    pub mandate: String,
    pub clock_source: String,
    pub dpia: String,
    pub retention_until: String,
    pub report: Awb548,
    pub criminal: Criminal,
    pub conditions: Conditions,
    pub privacy: Privacy,
    pub retention: Retention,
    pub checklist: Vec<String>,
}

/// What Awb 5:48 wants a report to name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the template explains each")]
pub struct Awb548 {
    pub report_date: String,
    pub offender_name: String,
    pub violation: String,
    pub violated_rule: String,
    pub place: String,
    pub established_at: String,
}

/// What the criminal profile wants besides.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the template explains each")]
pub struct Criminal {
    pub rule: String,
    pub place: String,
    pub time: String,
    pub officer: String,
}

/// The weather during the flight, as a person noted it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the template explains each")]
pub struct Conditions {
    pub air_c: Option<f64>,
    pub humidity_percent: Option<f64>,
    pub wind_m_s: Option<f64>,
    pub sky: String,
    pub source: String,
}

/// What is done for those who live nearby.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the template explains each")]
pub struct Privacy {
    pub frames_outside: Outside,
    pub notice: String,
    pub contact: String,
}

/// What becomes of originals whose frames lie outside the inspected area.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "words say it")]
pub enum Outside {
    #[default]
    LeaveOut,
    Keep,
}

/// How long originals are kept, in days from when they were taken.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the template explains each")]
pub struct Retention {
    pub unused_days: Option<u32>,
    pub used_days: Option<u32>,
}

impl Settings {
    /// From a file's text; `path` is for messages.
    ///
    /// # Errors
    /// [`Error::Settings`] names the place.
    pub fn from_text(path: &Path, text: &str) -> Result<Self, Error> {
        let wrong = |reason: String| Error::Settings { path: path.to_owned(), reason };
        let settings: Self = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .map_or(1, |span| text.get(..span.start).unwrap_or(text).matches('\n').count() + 1);
            wrong(format!("line {line}: {}", error.message()))
        })?;
        if settings.format_version != FORMAT_VERSION {
            return Err(wrong(format!(
                "format_version {} is not known; this program reads {FORMAT_VERSION}",
                settings.format_version
            )));
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_states_nothing_and_can_be_read() {
        let read = Settings::from_text(Path::new("evidence.toml"), TEMPLATE).unwrap();
        assert_eq!(read, Settings { format_version: 1, ..Settings::default() });
    }

    #[test]
    fn a_misspelt_field_is_named_with_its_line() {
        let text = "format_version = 1\nmandaat = \"x\"\n";
        let error = Settings::from_text(Path::new("e.toml"), text).unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("mandaat"), "{error}");
        let error = Settings::from_text(Path::new("e.toml"), "").unwrap_err().to_string();
        assert!(error.contains("format_version"), "{error}");
    }
}
