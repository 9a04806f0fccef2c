//! Whom a package is for, and what it does not go without.

use crate::case::{CustodyLine, FindingRow, ReviewRow};

use super::Settings;

/// Whom a package is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// The own file: everything.
    Full,
    /// Administrative law: hashes of originals, masked pictures.
    Administrative,
    /// Criminal law: originals, frames by regime.
    Criminal,
    /// A draft.
    Concept,
}

/// The role that a custody line has when supervision turns into investigation.
pub const REGIME_SWITCH: &str = "regime_switch";

impl Profile {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Full, Self::Administrative, Self::Criminal, Self::Concept];

    /// As on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Administrative => "administrative",
            Self::Criminal => "criminal",
            Self::Concept => "concept",
        }
    }

    /// Whether originals go with it, or their hashes alone.
    #[must_use]
    pub fn holds_originals(self) -> bool {
        matches!(self, Self::Full | Self::Criminal)
    }
}

/// What a profile is held against.
#[derive(Debug)]
pub(super) struct State<'a> {
    pub(super) settings: &'a Settings,
    pub(super) findings: &'a [FindingRow],
    pub(super) reviews: &'a [ReviewRow],
    pub(super) custody: &'a [CustodyLine],
    /// Who exports.
    pub(super) exporter: &'a str,
    /// Frames of which nobody can say under which regime they were taken.
    pub(super) without_regime: usize,
}

/// What is missing for a profile, a line each; empty if nothing is.
pub(super) fn missing(profile: Profile, state: &State<'_>) -> Vec<String> {
    let mut missing = Vec::new();
    if profile == Profile::Concept {
        return missing;
    }
    let settings = state.settings;
    fields(
        &mut missing,
        &[
            ("purpose", &settings.purpose),
            ("legal_basis", &settings.legal_basis),
            ("mandate", &settings.mandate),
            ("clock_source", &settings.clock_source),
            ("dpia", &settings.dpia),
        ],
    );
    people(&mut missing, state);
    if profile == Profile::Administrative {
        let report = &settings.report;
        fields(
            &mut missing,
            &[
                ("report.report_date", &report.report_date),
                ("report.offender_name", &report.offender_name),
                ("report.violation", &report.violation),
                ("report.violated_rule", &report.violated_rule),
                ("report.place", &report.place),
                ("report.established_at", &report.established_at),
            ],
        );
    }
    if profile == Profile::Criminal {
        let criminal = &settings.criminal;
        fields(
            &mut missing,
            &[
                ("case_number", &settings.case_number),
                ("criminal.rule", &criminal.rule),
                ("criminal.place", &criminal.place),
                ("criminal.time", &criminal.time),
                ("criminal.officer", &criminal.officer),
            ],
        );
        if !state.custody.iter().any(|line| line.action == REGIME_SWITCH) {
            missing.push("switch moment: record it with `torenvalk regime`".to_owned());
        }
        if state.without_regime > 0 {
            missing.push(format!(
                "UTC time of {} frames: which regime they were taken under cannot be told",
                state.without_regime
            ));
        }
    }
    missing
}

fn fields(missing: &mut Vec<String>, fields: &[(&str, &String)]) {
    let empty = fields.iter().filter(|(_, value)| value.trim().is_empty());
    missing.extend(empty.map(|(name, _)| (*name).to_owned()));
}

/// Every finding decided by a person, and another person to hand them over.
fn people(missing: &mut Vec<String>, state: &State<'_>) {
    for finding in state.findings {
        let decided = state
            .reviews
            .iter()
            .any(|review| review.finding == finding.id && !review.decision.is_empty());
        if finding.status == "open" || !decided {
            missing.push(format!("review of finding {}", finding.id));
        }
    }
    let alone = state.reviews.iter().all(|review| review.person == state.exporter);
    if alone && !state.findings.is_empty() {
        missing.push(format!(
            "a second person: who accepts and who exports may not both be `{}`",
            state.exporter
        ));
    }
}
