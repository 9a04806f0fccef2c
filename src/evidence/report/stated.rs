//! What people state in `evidence.toml`, as far as a report shows it.

use std::path::Path;

use serde::Deserialize;

use super::Error;

/// What people state; empty is not stated. Fields that a report does not show are passed over.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "as the fields of evidence.toml")]
pub struct Stated {
    pub organization: String,
    pub case_number: String,
    pub mission_id: String,
    pub purpose: String,
    pub legal_basis: String,
    pub mandate: String,
    pub clock_source: String,
    pub dpia: String,
    pub retention_until: String,
    pub report: Named,
    pub conditions: Weather,
}

/// What Awb 5:48 wants a report to name.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "as the fields of evidence.toml")]
pub struct Named {
    pub report_date: String,
    pub offender_name: String,
    pub violation: String,
    pub violated_rule: String,
    pub place: String,
    pub established_at: String,
}

/// The weather during the flight, as a person noted it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "as the fields of evidence.toml")]
pub struct Weather {
    pub air_c: Option<f64>,
    pub humidity_percent: Option<f64>,
    pub wind_m_s: Option<f64>,
    pub sky: String,
    pub source: String,
}

impl Stated {
    /// From a file's text; `path` is for messages.
    ///
    /// # Errors
    /// [`Error::Settings`] with the place.
    pub fn from_text(path: &Path, text: &str) -> Result<Self, Error> {
        toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let line = text.get(..start).unwrap_or(text).matches('\n').count() + 1;
            Error::Settings { path: path.to_owned(), line, reason: error.message().to_owned() }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stated_is_read_and_damage_is_named_with_its_line() {
        let text = "format_version = 1\ncase_number = \"Z-1\"\n[report]\nplace = \"Hal A\"\n\
                    [conditions]\nair_c = 8.5\n";
        let stated = Stated::from_text(Path::new("e.toml"), text).unwrap();
        assert_eq!(stated.case_number, "Z-1");
        assert_eq!((stated.report.place.as_str(), stated.conditions.air_c), ("Hal A", Some(8.5)));
        for cut in 0..text.len() {
            let _ = Stated::from_text(Path::new("e.toml"), &text[..cut]);
        }
        let error = Stated::from_text(Path::new("e.toml"), "\nmandate = 3\n").unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
    }
}
