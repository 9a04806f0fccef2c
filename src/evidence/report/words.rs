//! Words of both languages.

use serde::Serialize;
use serde_json::Value;

/// The language of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// Dutch.
    #[default]
    Dutch,
    /// English.
    English,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Dutch, Self::English];

    /// ISO 639-1.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Dutch => "nl",
            Self::English => "en",
        }
    }

    /// The language of a code.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }
}

/// All words of one language.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub(super) struct Words(Value);

impl Words {
    pub(super) fn of(language: Language) -> Self {
        let text = match language {
            Language::Dutch => include_str!("nl.json"),
            Language::English => include_str!("en.json"),
        };
        Self(serde_json::from_str(text).expect("a test reads both files"))
    }

    /// A word or sentence; its own name where there is none.
    pub(super) fn get<'a>(&'a self, name: &'a str) -> &'a str {
        self.0[name].as_str().unwrap_or(name)
    }

    /// A word of a group (`kinds`, `severities` …); spaces for underscores where there is none.
    pub(super) fn of_group(&self, group: &str, name: &str) -> String {
        self.0[group][name].as_str().map_or_else(|| name.replace('_', " "), str::to_owned)
    }

    /// A sentence with its gaps filled.
    pub(super) fn filled(&self, name: &str, gaps: &[(&str, &str)]) -> String {
        let mut text = String::new();
        let mut rest = self.get(name);
        // In one pass, so that what fills a gap is never taken for one.
        while let Some((before, after)) = rest.split_once('{') {
            let (gap, after) = after.split_once('}').unwrap_or((after, ""));
            text.push_str(before);
            text.push_str(gaps.iter().find(|(name, _)| *name == gap).map_or("?", |(_, with)| with));
            rest = after;
        }
        text + rest
    }

    /// So many of something: the singular for one, the plural with its number for others.
    pub(super) fn counted(&self, name: &str, count: usize) -> String {
        let form = self.0[name][usize::from(count != 1)].as_str().unwrap_or("{count}");
        form.replace("{count}", &count.to_string())
    }

    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let items = self.0[name].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names and gaps of all words, so that a sentence that lacks a gap is seen.
    fn shape(value: &Value) -> Value {
        match value {
            Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), shape(v))).collect(),
            Value::Array(items) => items.len().into(),
            Value::String(text) => {
                let gaps = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
                let mut gaps: Vec<_> = gaps.map(|(gap, _)| gap.to_owned()).collect();
                gaps.sort();
                gaps.into()
            }
            other => other.clone(),
        }
    }

    #[test]
    fn both_languages_have_the_same_words_with_the_same_gaps() {
        let [dutch, english] = Language::ALL.map(|language| shape(&Words::of(language).0));
        assert_eq!(dutch, english);
    }

    #[test]
    fn what_fills_a_gap_is_no_gap() {
        let words = Words::of(Language::English);
        assert_eq!(words.filled("map_alt", &[("id", "{id}")]), "Map of finding {id}");
        assert_eq!(words.filled("map_alt", &[]), "Map of finding ?");
        assert_eq!(words.of_group("reasons", "not_known"), "not known");
    }
}
