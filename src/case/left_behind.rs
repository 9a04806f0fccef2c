//! Reviews that the run of the whole flight has no finding for.
//!
//! What a person said while frames still came in moves on to the finding that lies in the same
//! place (`carried`). Where none does, it stays with the run it was said of, and people are told:
//! somebody decided on something that the whole flight does not show any more.

use std::collections::HashSet;

use rusqlite::Connection;
use serde::Serialize;
use serde_json::Value;

use super::{Error, ReadOnlyCase};

/// A review of an earlier state of the flight under review.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeftBehind {
    /// The run that it was said of.
    pub run: String,
    /// Number of the review.
    pub number: i64,
    /// Id of the finding in that run.
    pub finding: String,
    /// Its kind then.
    pub kind: String,
    /// Degrees.
    pub lat: Option<f64>,
    /// Degrees.
    pub lon: Option<f64>,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Who.
    pub person: String,
    /// `accepted`, `rejected`, `unsure`; empty where nothing was decided.
    pub decision: String,
    /// Why, in words.
    pub reason: String,
}

impl ReadOnlyCase {
    /// Reviews of the current run's forerunners that no finding of a later one took over, oldest
    /// first; what was withdrawn, and withdrawals, are not among them.
    ///
    /// # Errors
    /// [`Error`].
    pub fn left_behind(&self) -> Result<Vec<LeftBehind>, Error> {
        let (connection, path) = self.inner();
        read(connection).map_err(|source| Error::database(path, source))
    }
}

fn read(connection: &Connection) -> rusqlite::Result<Vec<LeftBehind>> {
    let forerunners = forerunners(connection)?;
    if forerunners.is_empty() {
        return Ok(Vec::new());
    }
    let carried = carried(connection)?;
    let mut select = connection.prepare(
        "SELECT v.run, v.fid, v.finding, f.kind, f.lat, f.lon, v.at, v.person, v.decision, \
         v.reason FROM reviews AS v JOIN findings AS f ON f.run = v.run AND f.id = v.finding \
         WHERE v.run = ?1 AND v.withdraws IS NULL AND NOT EXISTS \
         (SELECT 1 FROM reviews AS w WHERE w.withdraws = v.fid) ORDER BY v.fid",
    )?;
    let mut all = Vec::new();
    for run in &forerunners {
        let rows = select.query_map([run], |row| {
            Ok(LeftBehind {
                run: row.get(0)?,
                number: row.get(1)?,
                finding: row.get(2)?,
                kind: row.get(3)?,
                lat: row.get(4)?,
                lon: row.get(5)?,
                at: row.get(6)?,
                person: row.get(7)?,
                decision: row.get(8)?,
                reason: row.get(9)?,
            })
        })?;
        for row in rows {
            all.extend(Some(row?).filter(|row| !carried.contains(&row.number)));
        }
    }
    Ok(all)
}

/// Runs of the same flight before the current one, oldest first: those right before it that had
/// more to come.
fn forerunners(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut select = connection.prepare(
        "SELECT run, parameters FROM runs WHERE fid < \
         (SELECT fid FROM runs WHERE current = 1) ORDER BY fid DESC",
    )?;
    let mut rows = select.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let parameters: String = row.get(1)?;
        let parameters: Value = serde_json::from_str(&parameters).unwrap_or_default();
        if parameters["more_to_come"] != true {
            break;
        }
        found.push(row.get(0)?);
    }
    found.reverse();
    Ok(found)
}

/// Numbers of the reviews that another one was carried from.
fn carried(connection: &Connection) -> rusqlite::Result<HashSet<i64>> {
    let mut select =
        connection.prepare("SELECT view FROM reviews WHERE view LIKE '%\"carried_from\"%'")?;
    let views = select.query_map([], |row| row.get::<_, String>(0))?;
    let mut numbers = HashSet::new();
    for view in views {
        let view: Value = serde_json::from_str(&view?).unwrap_or_default();
        numbers.extend(view["carried_from"]["review"].as_i64());
    }
    Ok(numbers)
}
