//! Why an inspection is made, on what ground, under which number and when.
//!
//! Sites tell it, missions carry it, sheets and packages print it: nobody changes it on the way.
//!
//! *Invariant*: this room never judges whether a ground is a good one.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Longest text of a part in characters: a sentence or two, never a file's worth.
pub const LONGEST_TEXT: usize = 2_000;

/// What a site or a mission says about its own reason. Nothing of it must be told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mandate {
    /// What is looked for, and what for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The law, permit or agreement that allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<String>,
    /// The number under which an authority keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_number: Option<String>,
    /// When it may be flown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
}

/// Days, the first and the last among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

impl Period {
    /// Whether a day lies in it.
    #[must_use]
    pub fn holds(&self, day: Date) -> bool {
        (self.from..=self.to).contains(&day)
    }
}

impl Mandate {
    /// Whether nothing is told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is wrong with it, if anything is: the key and a sentence.
    #[must_use]
    pub fn fault(&self) -> Option<(&'static str, String)> {
        let texts = [
            ("purpose", &self.purpose),
            ("legal_basis", &self.legal_basis),
            ("case_number", &self.case_number),
        ];
        for (key, text) in texts {
            let Some(text) = text else { continue };
            if text.chars().count() > LONGEST_TEXT {
                return Some((key, format!("{key} is longer than {LONGEST_TEXT} characters")));
            }
        }
        let period = self.period.filter(|period| period.from > period.to)?;
        Some(("period", format!("the period ends on {} before {}", period.to, period.from)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_holds_its_first_and_last_day_and_must_not_end_before_it_begins() {
        let day = |day| jiff::civil::date(2026, 11, day);
        let period = Period { from: day(2), to: day(4) };
        let held: Vec<bool> = (1..=5).map(|n| period.holds(day(n))).collect();
        assert_eq!(held, [false, true, true, true, false]);
        let turned = Period { from: day(4), to: day(2) };
        let mandate = Mandate { period: Some(turned), ..Mandate::default() };
        assert!(mandate.fault().is_some_and(|(key, _)| key == "period"));
        assert!(Mandate::default().fault().is_none() && Mandate::default().is_empty());
    }
}
