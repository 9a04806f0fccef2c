//! Reviews of a flight that was still being recorded, taken over by the run of the whole flight.
//!
//! A reviewer decides while frames come in, about findings of a run that the next one replaces. The
//! finding of the new run that lies in the same place, with the same polarity, takes the reviews
//! over, as rows of their own that name the ones they come from. What finds no counterpart stays
//! with the run it was said of.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

use super::{FindingRow, by_hand, frame_row, nearby, read};

/// What the run before this one leaves to it.
pub(super) struct Before {
    run: String,
    findings: Vec<FindingRow>,
    reviews: Vec<frame_row::ReviewRow>,
}

/// The current run's findings and reviews, if frames were still to come when it ended. Read before
/// the next run becomes the current one.
pub(super) fn before(connection: &Connection) -> rusqlite::Result<Option<Before>> {
    let current: Option<(String, String)> = connection
        .query_row("SELECT run, parameters FROM runs WHERE current = 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((run, parameters)) = current else { return Ok(None) };
    let parameters: Value = serde_json::from_str(&parameters).unwrap_or_default();
    if parameters["more_to_come"] != true {
        return Ok(None);
    }
    let reviews = frame_row::reviews(connection)?;
    Ok(Some(Before { run, findings: read::rows(connection)?, reviews }))
}

impl Before {
    /// Adds its reviews to the findings of `run`, which is in the database and current by now.
    pub(super) fn carry(self, connection: &Connection, run: &str) -> rusqlite::Result<()> {
        if self.run == run || self.reviews.is_empty() {
            return Ok(());
        }
        let counterparts = self.counterparts(connection, run)?;
        let mut numbers: BTreeMap<i64, i64> = BTreeMap::new();
        let mut insert = connection.prepare(
            "INSERT INTO reviews (run, finding, at, person, role, decision, reason, view, \
             withdraws) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        for review in &self.reviews {
            let Some(finding) = counterparts.get(&review.finding) else { continue };
            let mut view: Value = serde_json::from_str(&review.view).unwrap_or_default();
            if !view.is_object() {
                view = json!({});
            }
            renamed(&mut view["says"], &counterparts);
            view["carried_from"] =
                json!({ "run": self.run, "finding": review.finding, "review": review.number });
            insert.execute(params![
                run,
                finding,
                review.at,
                review.person,
                review.role,
                review.decision,
                review.reason,
                view.to_string(),
                review.withdraws.and_then(|old| numbers.get(&old)),
            ])?;
            numbers.insert(review.number, connection.last_insert_rowid());
        }
        Ok(())
    }

    /// The finding of the new run for each old one that was reviewed: nearest pairs first. What a
    /// person made by hand has no counterpart and is taken over as it is.
    fn counterparts(
        &self,
        connection: &Connection,
        run: &str,
    ) -> rusqlite::Result<BTreeMap<String, String>> {
        let new = read::rows(connection)?;
        let reviewed = |row: &&FindingRow| self.reviews.iter().any(|r| r.finding == row.id);
        let mut pairs = Vec::new();
        for old in self.findings.iter().filter(reviewed) {
            for row in new.iter().filter(|row| row.polarity == old.polarity) {
                if let Some(apart_m) = nearby::same_place(old, row) {
                    pairs.push((apart_m, &old.id, &row.id));
                }
            }
        }
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let (mut found, mut taken) = (BTreeMap::new(), Vec::new());
        for (_, old, row) in pairs {
            if !found.contains_key(old) && !taken.contains(&row) {
                found.insert(old.clone(), row.clone());
                taken.push(row);
            }
        }
        for old in self.findings.iter().filter(|old| is_by_hand(&old.id)) {
            by_hand::made(connection, &FindingRow { run: run.to_owned(), ..old.clone() })?;
            found.insert(old.id.clone(), old.id.clone());
        }
        Ok(found)
    }
}

/// Whether a person made the finding of this name.
fn is_by_hand(id: &str) -> bool {
    id.starts_with("hand-") || id.starts_with("split-")
}

/// Names of other findings that a review says something of.
fn renamed(says: &mut Value, counterparts: &BTreeMap<String, String>) {
    let Some(others) = says.get_mut("merge_with").and_then(Value::as_array_mut) else { return };
    others.retain_mut(|other| {
        let new = other.as_str().and_then(|old| counterparts.get(old)).cloned();
        new.is_some_and(|new| {
            *other = new.into();
            true
        })
    });
}
