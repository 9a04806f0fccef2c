//! What people's reviews make of findings: a finding's row stays as its run left it, and what was
//! decided is laid over it when it is read.
//!
//! A review's `view` is a JSON object of what was on the screen. Its member `says` holds what the
//! review says beside its decision: `kind`, `severity`, `merge_with` (ids that are the same thing),
//! `split_of` (frames that show another thing) with `parts` (the findings made of them),
//! `best_frame`, `measurements`, `comment`, `drawn`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{FindingRow, ReviewRow};

/// What a review says beside its decision, as its `view` keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the room's text names them")]
pub struct Says {
    pub kind: Option<String>,
    pub severity: Option<String>,
    pub merge_with: Vec<String>,
    pub split_of: Vec<u32>,
    pub parts: Vec<String>,
    pub best_frame: Option<u32>,
    pub drawn: bool,
}

#[derive(Deserialize)]
struct View {
    #[serde(default)]
    says: Says,
}

impl ReviewRow {
    /// What it says beside its decision; nothing where its view holds nothing that is understood.
    #[must_use]
    pub fn says(&self) -> Says {
        serde_json::from_str::<View>(&self.view).map(|view| view.says).unwrap_or_default()
    }
}

/// What stands of one finding after all its reviews.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decided {
    /// Number of its latest review; 0 without any.
    pub version: i64,
    /// Who wrote the latest review.
    pub reviewer: Option<String>,
    /// The latest decision that was not withdrawn.
    pub status: Option<String>,
    /// The kind that a person gave it.
    pub kind: Option<String>,
    /// The severity that a person gave it.
    pub severity: Option<String>,
    /// The finding that it is part of.
    pub merged_into: Option<String>,
    /// Findings that were merged into it or split from it.
    pub parts: Vec<String>,
    /// Frames that show something else, and the finding that this is.
    pub not_in: BTreeMap<u32, String>,
    /// The frame that a person chose as the best.
    pub best_frame: Option<u32>,
    /// The review that made it was withdrawn.
    pub gone: bool,
}

/// All findings that were reviewed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decisions(BTreeMap<String, Decided>);

impl Decisions {
    /// From the reviews of one run, oldest first.
    pub fn of<'r>(reviews: impl Iterator<Item = &'r ReviewRow> + Clone) -> Self {
        let withdrawn: BTreeSet<i64> = reviews.clone().filter_map(|r| r.withdraws).collect();
        let mut all = Self::default();
        for review in reviews {
            let says = review.says();
            let standing = !withdrawn.contains(&review.number);
            let own = all.0.entry(review.finding.clone()).or_default();
            own.version = review.number;
            own.reviewer = Some(review.person.clone());
            if !standing {
                own.gone |= says.drawn;
                for part in says.parts {
                    all.0.entry(part).or_default().gone = true;
                }
                continue;
            }
            all.take(review, says);
        }
        all
    }

    /// A review that stands.
    fn take(&mut self, review: &ReviewRow, says: Says) {
        let own = self.0.entry(review.finding.clone()).or_default();
        if ["open", "accepted", "rejected", "unsure"].contains(&review.decision.as_str()) {
            own.status = Some(review.decision.clone());
        }
        own.kind = says.kind.or(own.kind.take());
        own.severity = says.severity.or(own.severity.take());
        own.best_frame = says.best_frame.or(own.best_frame);
        if let Some(part) = says.parts.first() {
            own.not_in.extend(says.split_of.iter().map(|&frame| (frame, part.clone())));
        }
        let others: Vec<_> =
            says.merge_with.into_iter().filter(|other| *other != review.finding).collect();
        own.parts.extend(says.parts.into_iter().chain(others.iter().cloned()));
        for other in others {
            // Of two that were merged into each other the earlier stays the whole.
            if self.whole(&review.finding) != other {
                self.0.entry(other).or_default().merged_into = Some(review.finding.clone());
            }
        }
    }

    /// Whether frames show other findings than they were taken for in the same cases as after other
    /// reviews.
    #[must_use]
    pub fn splits_as(&self, other: &Self) -> bool {
        let parts = |all: &Self| {
            let split = all.0.iter().filter(|(_, own)| !own.not_in.is_empty());
            split.map(|(id, own)| (id.clone(), own.not_in.clone())).collect::<Vec<_>>()
        };
        parts(self) == parts(other)
    }

    /// What stands of a finding; `None` if nobody looked at it.
    #[must_use]
    pub fn of_finding(&self, id: &str) -> Option<&Decided> {
        self.0.get(id)
    }

    /// The finding that `id` is part of in the end; itself where it was not merged.
    #[must_use]
    pub fn whole(&self, id: &str) -> String {
        let mut at = id;
        // Ids are finite and no loop can arise, see `take`; a log of another's making might hold
        // one.
        for _ in 0..=self.0.len() {
            match self.0.get(at).and_then(|own| own.merged_into.as_deref()) {
                Some(next) => at = next,
                None => break,
            }
        }
        at.to_owned()
    }

    /// The finding that a frame's sighting of `id` is of: a part of it, where a person said that
    /// the frame shows something else.
    #[must_use]
    pub fn finding_of(&self, id: &str, frame: u32) -> String {
        let part = self.0.get(id).and_then(|own| own.not_in.get(&frame));
        part.map_or_else(|| id.to_owned(), Clone::clone)
    }

    /// Lays over a row what people decided of it; `false` if what made the finding was withdrawn.
    pub fn apply(&self, row: &mut FindingRow) -> bool {
        let whole = self.whole(&row.id);
        if let Some(status) = self.0.get(&whole).and_then(|own| own.status.clone()) {
            row.status = status;
        }
        let Some(own) = self.0.get(&row.id) else { return true };
        if own.status.is_none() && whole == row.id {
            "open".clone_into(&mut row.status);
        }
        if let Some(kind) = &own.kind {
            row.kind.clone_from(kind);
        }
        if let Some(severity) = &own.severity {
            row.severity.clone_from(severity);
        }
        if whole != row.id {
            row.reasons.push(format!("part of {whole}"));
        }
        !own.gone
    }

    /// The same for all rows; those whose making was withdrawn leave the list.
    pub(super) fn apply_to_all(&self, rows: &mut Vec<FindingRow>) {
        rows.retain_mut(|row| self.apply(row));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn review(number: i64, finding: &str, decision: &str, says: &str) -> ReviewRow {
        ReviewRow {
            number,
            finding: finding.to_owned(),
            at: String::new(),
            person: format!("P{number}"),
            role: String::new(),
            decision: decision.to_owned(),
            reason: String::new(),
            view: format!("{{\"says\":{says}}}"),
            withdraws: None,
        }
    }

    fn row(id: &str, reviews: &[ReviewRow]) -> (FindingRow, bool) {
        let mut row = FindingRow {
            id: id.to_owned(),
            kind: "unknown".to_owned(),
            status: "open".to_owned(),
            ..FindingRow::default()
        };
        let stays = Decisions::of(reviews.iter()).apply(&mut row);
        (row, stays)
    }

    #[test]
    fn the_last_word_that_stands_counts_and_a_part_follows_its_whole() {
        let mut all = vec![
            review(1, "A", "accepted", "{}"),
            review(2, "A", "", r#"{"kind":"hot_leak"}"#),
            review(3, "A", "rejected", r#"{"kind":"reflection"}"#),
            review(4, "A", "", r#"{"merge_with":["B"]}"#),
        ];
        assert_eq!(
            (row("A", &all).0.kind.as_str(), row("B", &all).0.status),
            ("reflection", "rejected".to_owned())
        );
        assert_eq!(row("B", &all).0.reasons, ["part of A"]);
        let mut undo = review(5, "A", "", "{}");
        undo.withdraws = Some(3);
        all.push(undo);
        let (a, _) = row("A", &all);
        assert_eq!((a.kind.as_str(), a.status.as_str()), ("hot_leak", "accepted"));
        let decided = Decisions::of(all.iter());
        assert_eq!(decided.of_finding("A").unwrap().version, 5);
        assert_eq!(decided.of_finding("A").unwrap().reviewer.as_deref(), Some("P5"));
    }

    #[test]
    fn what_was_made_by_a_withdrawn_review_is_gone() {
        let mut all = vec![
            review(1, "hand-1", "", r#"{"drawn":true}"#),
            review(2, "A", "", r#"{"split_of":[3],"parts":["split-1"]}"#),
        ];
        assert!(row("hand-1", &all).1 && row("split-1", &all).1);
        for withdraws in [1, 2] {
            let mut undo =
                review(2 + withdraws, if withdraws == 1 { "hand-1" } else { "A" }, "", "{}");
            undo.withdraws = Some(withdraws);
            all.push(undo);
        }
        assert!(!row("hand-1", &all).1 && !row("split-1", &all).1 && row("A", &all).1);
    }

    #[test]
    fn merging_in_a_ring_ends() {
        let all = [
            review(1, "A", "", r#"{"merge_with":["B","A"]}"#),
            review(2, "B", "", r#"{"merge_with":["C"]}"#),
            review(3, "C", "accepted", r#"{"merge_with":["A"]}"#),
        ];
        let decided = Decisions::of(all.iter());
        assert_eq!(["A", "B", "C"].map(|id| decided.whole(id)), ["A", "A", "A"]);
    }
}
