//! The page of one finding: its sentences and figures.

use crate::case::{FindingRow, ReviewRow};

use super::super::Settings;
use super::content::{FindingPage, Pair, Sentence};
use super::draft::Facts;
use super::figures::{chance, degrees, metres, moment, number, span, with_unit};
use super::words::{Language, Words};

/// 95 % of a normal distribution lies within so many sigmas.
const SIGMAS_95: f64 = 1.959_963_984_540_054;

/// What is needed to write a page.
pub(super) struct Writer<'a> {
    pub(super) words: &'a Words,
    pub(super) language: Language,
    pub(super) stated: &'a Settings,
    pub(super) facts: &'a Facts<'a>,
}

impl Writer<'_> {
    pub(super) fn page(&self, row: &FindingRow) -> FindingPage {
        let words = self.words;
        let there = |name: String| {
            let is_there = self.facts.pictures.iter().any(|(picture, _)| *picture == name);
            is_there.then(|| format!("/pictures/{name}"))
        };
        let id: &[(&str, &str)] = &[("id", &row.id)];
        let file = self.facts.best_frame(&row.id).unwrap_or_default();
        FindingPage {
            id: row.id.clone(),
            kind: kind(words, row),
            severity: words.of_group("severities", &row.severity),
            asset: row.asset.clone(),
            delta: self.delta(row).unwrap_or_else(|| "–".to_owned()),
            radius: row.ellipse95_major_m.map_or("–".to_owned(), |m| metres(m, self.language)),
            status: words.of_group("statuses", &row.status),
            thermal: there(crate::derive::printed_name(&row.id)),
            thermal_alt: words.filled("thermal_alt", id),
            thermal_caption: words.filled("thermal_caption", &[("file", &file)]),
            thermal_missing: words.get("thermal_missing").to_owned(),
            detail: self.facts.detail(&row.id),
            detail_alt: words.filled("detail_alt", id),
            map: there(crate::derive::map_name(&row.id)),
            map_alt: words.filled("map_alt", id),
            map_missing: words.get("map_missing").to_owned(),
            visible: there(crate::derive::visible_name(&row.id)),
            visible_missing: words.get("visible_missing").to_owned(),
            observation: self.observation(row),
            interpretation: self.interpretation(row),
            measurements: self.measurements(row),
            conditions: self.conditions(),
            decision: self.decision(row),
        }
    }

    fn celsius(&self, value: Option<f64>) -> Option<String> {
        value.map(|value| with_unit(value, 1, "°C", self.language))
    }

    /// The contrast with what it may be off, 95 %.
    fn delta(&self, row: &FindingRow) -> Option<String> {
        let language = self.language;
        let Some(delta) = row.delta_k else {
            return row.delta_grey.map(|grey| number(grey, 0, language));
        };
        let value = number(delta, 1, language);
        Some(match row.delta_k_sigma {
            Some(sigma) => {
                format!("{value}\u{a0}±\u{a0}{}", with_unit(sigma * SIGMAS_95, 1, "K", language))
            }
            None => format!("{value}\u{a0}K"),
        })
    }

    fn position(&self, row: &FindingRow) -> Option<(String, String)> {
        let sides = match self.language {
            Language::Dutch => (["N", "Z"], ["O", "W"]),
            Language::English => (["N", "S"], ["E", "W"]),
        };
        let lat = degrees(row.lat?, sides.0, self.language);
        Some((lat, degrees(row.lon?, sides.1, self.language)))
    }

    fn observation(&self, row: &FindingRow) -> Vec<Sentence> {
        let words = self.words;
        let mut told = Vec::new();
        let seen = if row.polarity == "cold" { "s_seen_cold" } else { "s_seen_hot" };
        let (views, possible) = (row.views.to_string(), row.views_possible.to_string());
        told.push(words.filled(seen, &[("views", &views), ("possible", &possible)]));
        let delta = self.delta(row).unwrap_or_default();
        match (self.celsius(row.peak_c), self.celsius(row.background_c)) {
            (Some(peak), Some(background)) => told.push(words.filled(
                "s_temperature",
                &[("peak", &peak), ("background", &background), ("delta", &delta)],
            )),
            _ if row.delta_grey.is_some() => {
                told.push(words.filled("s_grey", &[("delta", &delta)]));
            }
            _ => {}
        }
        let axes = row.ellipse95_major_m.zip(row.ellipse95_minor_m);
        if let (Some((lat, lon)), Some((major_m, minor_m))) = (self.position(row), axes) {
            let (major, minor) = (metres(major_m, self.language), metres(minor_m, self.language));
            told.push(words.filled(
                "s_place",
                &[("lat", &lat), ("lon", &lon), ("major", &major), ("minor", &minor)],
            ));
        }
        if let Some(area) = row.area_m2 {
            told.push(
                words.filled("s_area", &[("area", &with_unit(area, 2, "m²", self.language))]),
            );
        }
        if let (Some(first), Some(last)) = (&row.first_seen, &row.last_seen) {
            told.push(words.filled("s_time", &[("span", &span(first, last, words))]));
        }
        of_finding(told, row)
    }

    fn interpretation(&self, row: &FindingRow) -> Vec<Sentence> {
        let words = self.words;
        let kind = words.of_group("kinds", &row.kind);
        let severity = words.of_group("severities", &row.severity);
        let mut told = vec![match &row.asset {
            Some(asset) if row.kind == "unknown" => {
                words.filled("s_asset_unknown", &[("asset", asset)])
            }
            Some(asset) => words.filled("s_kind_asset", &[("asset", asset), ("kind", &kind)]),
            None => words.get("s_no_asset").to_owned(),
        }];
        told.push(words.filled("s_severity", &[("severity", &severity)]));
        for reason in &row.reasons {
            let reason = words.of_group("reasons", reason);
            told.push(words.filled("s_reason", &[("reason", &reason)]));
        }
        of_finding(told, row)
    }

    fn measurements(&self, row: &FindingRow) -> Vec<Pair> {
        let (words, language) = (self.words, self.language);
        let extreme = if row.polarity == "cold" { "temperature_low" } else { "temperature_peak" };
        let rd = row.x_rd.zip(row.y_rd).map(|(x_m, y_m)| {
            let [x, y] = [x_m, y_m].map(|m| number(m, 1, language));
            format!("x\u{a0}{x}, y\u{a0}{y}")
        });
        let height = row.height_nap_m.map(|m| format!("{} NAP", metres(m, language)));
        let ellipse = row.ellipse95_major_m.zip(row.ellipse95_minor_m).map(|(major_m, minor_m)| {
            let azimuth = number(row.ellipse95_azimuth_deg.unwrap_or_default(), 0, language);
            format!(
                "{} × {}, {azimuth}°",
                number(major_m, 2, language),
                with_unit(minor_m, 2, "m", language)
            )
        });
        let (views, possible) = (row.views.to_string(), row.views_possible.to_string());
        let seen = words.filled("views_value", &[("views", &views), ("possible", &possible)]);
        let pairs = [
            (extreme, self.celsius(row.peak_c)),
            ("background", self.celsius(row.background_c)),
            ("difference", self.delta(row)),
            ("area", row.area_m2.map(|m2| with_unit(m2, 2, "m²", language))),
            ("position", self.position(row).map(|(lat, lon)| format!("{lat}, {lon}"))),
            ("rd", rd),
            ("height", height),
            ("ellipse", ellipse),
            ("views", Some(seen)),
            ("confidence", row.confidence.map(|value| chance(value, language))),
        ];
        named(words, pairs)
    }

    fn conditions(&self) -> Vec<Pair> {
        let (language, stated) = (self.language, &self.stated.conditions);
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let pairs = [
            ("air", stated.air_c.map(|c| with_unit(c, 1, "°C", language))),
            ("humidity", stated.humidity_percent.map(|share| with_unit(share, 0, "%", language))),
            ("wind", stated.wind_m_s.map(|speed| with_unit(speed, 1, "m/s", language))),
            ("sky", text(&stated.sky)),
            ("conditions_source", text(&stated.source)),
        ];
        named(self.words, pairs)
    }

    /// The latest decision that was not taken back.
    fn decision(&self, row: &FindingRow) -> Vec<Pair> {
        let words = self.words;
        let withdrawn = |review: &ReviewRow| {
            self.facts.reviews.iter().any(|other| other.withdraws == Some(review.number))
        };
        let decided = self.facts.reviews.iter().rev().find(|review| {
            review.finding == row.id && !review.decision.is_empty() && !withdrawn(review)
        });
        let Some(review) = decided else {
            return named(words, [("status", Some(words.get("undecided").to_owned()))]);
        };
        let reviewer = match review.role.as_str() {
            "" => review.person.clone(),
            role => format!("{}, {role}", review.person),
        };
        let pairs = [
            ("status", Some(words.of_group("statuses", &review.decision))),
            ("reviewer", Some(reviewer)),
            ("reviewed_at", Some(moment(&review.at, words))),
            ("reason", Some(review.reason.clone()).filter(|reason| !reason.is_empty())),
        ];
        named(words, pairs)
    }
}

/// What it is taken for; where nobody can say, at least whether it is hot or cold.
fn kind(words: &Words, row: &FindingRow) -> String {
    match (row.kind.as_str(), row.polarity.as_str()) {
        ("unknown", "cold") => words.of_group("kinds", "unknown_cold"),
        ("unknown", "hot") => words.of_group("kinds", "unknown_hot"),
        (other, _) => words.of_group("kinds", other),
    }
}

fn of_finding(told: Vec<String>, row: &FindingRow) -> Vec<Sentence> {
    told.into_iter().map(|text| Sentence { text, finding: row.id.clone() }).collect()
}

/// Pairs by the words' names; what is not known is left out.
pub(super) fn named<const N: usize>(
    words: &Words,
    pairs: [(&str, Option<String>); N],
) -> Vec<Pair> {
    let known = pairs.into_iter().filter_map(|(name, value)| Some((name, value?)));
    known.map(|(name, value)| (words.get(name).to_owned(), value)).collect()
}
