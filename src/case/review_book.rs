//! Where reviewers write: a case that several people look at while a flight may still be recorded.
//!
//! The case's lock is not taken. What is written here is one transaction of rows that are only
//! added, and SQLite lets one such transaction in after the other; the lock keeps files whole, and
//! those are left to [`Case::rewrite_findings`], which takes it.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use sha2::{Digest, Sha256};

use super::finding_row::word;
use super::shard::hexadecimal;
use super::{
    Case, Deed, Error, FindingRow, MaskRow, Review, by_hand, custody, folder, masks, read,
};

/// How an addition ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is in the case under this number.
    Added(i64),
    /// Somebody was first: the number of the latest review of the finding.
    Overtaken(i64),
}

/// A finding that a person made, and the review that says so.
#[derive(Debug)]
pub struct Made<'a> {
    /// Its row; the id is given when it is written.
    pub row: FindingRow,
    /// Start of its id, `hand` or `split`; a number follows.
    pub prefix: &'a str,
    /// Frame and box (left, top, width, height) in which it is seen, with its area in pixels;
    /// none where sightings of another finding become its own.
    pub seen: Option<(u32, [u32; 4], u32)>,
}

/// A case opened to add reviews.
#[derive(Debug)]
pub struct ReviewBook {
    folder: PathBuf,
    connection: Connection,
}

impl Review {
    /// What the custody log is told of it.
    fn deed(&self, number: i64, note: &str) -> Deed {
        let word = match self.decision {
            Some(status) => word(&status),
            None if self.withdraws.is_some() => "withdrawal".to_owned(),
            None => "comment".to_owned(),
        };
        let json = serde_json::to_vec(self).expect("text and numbers always serialise");
        Deed {
            at: self.at.clone(),
            actor: self.person.clone(),
            role: self.role.clone(),
            action: "review".to_owned(),
            object: self.finding.clone(),
            object_sha256: hexadecimal(&Sha256::digest(&json)),
            reason: format!("review {number}, {word}: {}{note}", self.reason),
        }
    }
}

impl ReviewBook {
    /// Opens a case that is there.
    ///
    /// # Errors
    /// [`Error`].
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let connection = read::open(&folder.join(folder::DATABASE))?;
        Ok(Self { folder: folder.to_owned(), connection })
    }

    /// Adds a review and its custody line, both or neither. `after` is the latest review of the
    /// finding that the reviewer had seen, 0 for none; `None` where that does not matter. `note`
    /// ends the custody line's reason.
    ///
    /// # Errors
    /// [`Error`]; [`Error::NoSuchFinding`] also where the review's run is no longer the current
    /// one: the same name may mean another thing now.
    pub fn add(
        &mut self,
        review: &Review,
        after: Option<i64>,
        note: &str,
    ) -> Result<Written, Error> {
        let folder = self.folder.clone();
        self.write(|transaction| {
            let Some(latest) = latest(transaction, review)? else { return Ok(None) };
            if after.is_some_and(|after| after != latest) {
                return Ok(Some(Written::Overtaken(latest)));
            }
            let number = insert(transaction, review)?;
            custody::append_within(transaction, &review.deed(number, note))?;
            Ok(Some(Written::Added(number)))
        })?
        .ok_or_else(|| Error::NoSuchFinding {
            path: folder,
            run: review.run.0.clone(),
            finding: review.finding.clone(),
        })
    }

    /// Adds a finding that a person made, and the review that `reviewed` writes of it once its id
    /// is known; gives the id. `after` is as in [`ReviewBook::add`] and of the review's own
    /// finding.
    ///
    /// # Errors
    /// [`Error`].
    pub fn make(
        &mut self,
        made: Made<'_>,
        after: Option<i64>,
        note: &str,
        reviewed: impl FnOnce(&str) -> Review,
    ) -> Result<(String, Written), Error> {
        let folder = self.folder.clone();
        let run = made.row.run.clone();
        self.write(|transaction| {
            let current = current_run(transaction)?;
            let Some((run_fid, _)) = current.filter(|(_, id)| *id == made.row.run) else {
                return Ok(None);
            };
            let id = free_id(transaction, made.prefix, &made.row.run)?;
            let review = reviewed(&id);
            // Of a drawn finding the first review is of the finding that is about to be there.
            if review.finding != id
                && let Some(after) = after
            {
                let latest = latest(transaction, &review)?.unwrap_or_default();
                if latest != after {
                    return Ok(Some((id, Written::Overtaken(latest))));
                }
            }
            let row = FindingRow { id: id.clone(), ..made.row };
            by_hand::made(transaction, &row)?;
            if let Some(seen) = made.seen {
                by_hand::seen(transaction, run_fid, &row, seen)?;
            }
            let number = insert(transaction, &review)?;
            custody::append_within(transaction, &review.deed(number, note))?;
            Ok(Some((id, Written::Added(number))))
        })?
        .ok_or(Error::NoSuchFinding {
            path: folder,
            run,
            finding: "drawn by hand".to_owned(),
        })
    }

    /// Adds a mask and its custody line.
    ///
    /// # Errors
    /// [`Error`].
    pub fn mask(&mut self, mask: &MaskRow, file: &str, note: &str) -> Result<i64, Error> {
        self.write(|transaction| {
            let number = masks::add(transaction, mask)?;
            let deed = Deed {
                at: mask.at.clone(),
                actor: mask.person.clone(),
                role: mask.role.clone(),
                action: "mask".to_owned(),
                object: file.to_owned(),
                object_sha256: mask.sha256.clone(),
                reason: format!("mask {number}, {}: {}{note}", mask.what, mask.reason),
            };
            custody::append_within(transaction, &deed)?;
            Ok(number)
        })
    }

    /// One transaction: all of it or nothing.
    fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let path = self.folder.join(folder::DATABASE);
        let database = |source| Error::database(&path, source);
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(database)?;
        let done = work(&transaction).map_err(database)?;
        transaction.commit().map_err(database)?;
        Ok(done)
    }
}

impl Case {
    /// Adds a review and its custody line, both or neither, and lets the written findings follow;
    /// gives the review's number.
    ///
    /// # Errors
    /// [`Error`]; [`Error::NoSuchFinding`] if there is nothing to review.
    pub fn record_review(&mut self, review: &Review, note: &str) -> Result<i64, Error> {
        // Before anything is added to a log that was tampered with.
        self.custody_log()?;
        let (Written::Added(number) | Written::Overtaken(number)) =
            ReviewBook::open(self.folder())?.add(review, None, note)?;
        self.rewrite_findings()?;
        Ok(number)
    }
}

/// The current run: its row and id.
fn current_run(connection: &Connection) -> rusqlite::Result<Option<(i64, String)>> {
    connection
        .query_row("SELECT fid, run FROM runs WHERE current = 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()
}

/// Number of the latest review of a finding, 0 for none; `None` where there is no such finding in
/// the current run.
fn latest(connection: &Connection, review: &Review) -> rusqlite::Result<Option<i64>> {
    connection
        .query_row(
            "SELECT coalesce((SELECT max(fid) FROM reviews WHERE run = ?1 AND finding = ?2), 0) \
             FROM findings WHERE run = ?1 AND id = ?2 AND current = 1",
            params![review.run.0, review.finding],
            |row| row.get(0),
        )
        .optional()
}

/// A review as it is; gives its number.
pub(super) fn insert(connection: &Connection, review: &Review) -> rusqlite::Result<i64> {
    connection.execute(
        "INSERT INTO reviews (run, finding, at, person, role, decision, reason, view, withdraws) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            review.run.0,
            review.finding,
            review.at,
            review.person,
            review.role,
            review.decision.map_or_else(String::new, |status| word(&status)),
            review.reason,
            review.view,
            review.withdraws,
        ],
    )?;
    Ok(connection.last_insert_rowid())
}

/// The first free name of a kind in a run.
fn free_id(connection: &Connection, prefix: &str, run: &str) -> rusqlite::Result<String> {
    let mut taken =
        connection.prepare("SELECT EXISTS (SELECT 1 FROM findings WHERE run = ?1 AND id = ?2)")?;
    let mut number = 1;
    loop {
        let id = format!("{prefix}-{number}");
        if !taken.query_row(params![run, id], |row| row.get::<_, bool>(0))? {
            return Ok(id);
        }
        number += 1;
    }
}
