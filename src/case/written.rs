//! The findings as files beside the database, for programs that read no GeoPackage.
//!
//! They follow each run at once and reviews when there is time: a server that is asked for a review
//! a second writes them when people rest. `findings.geojson` says in its head up to which review of
//! the run it tells; it is written last, so where that is the latest one both files are true.
//! Whoever opens the case to work on it looks, and mends what a killed process left behind.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rusqlite::Connection;

use super::atomic::{self, Lasting};
use super::folder::DATABASE;
use super::{Error, csv, geojson, read};

const GEOJSON: &str = "findings.geojson";
const CSV: &str = "findings.csv";
/// Both names.
pub(super) const FILES: [&str; 2] = [GEOJSON, CSV];
/// The head of the file that holds the number; the number stands right behind the type.
const HEAD_BYTES: u64 = 128;

/// Writes both from what the database holds now.
pub(super) fn write(folder: &Path, connection: &Connection) -> Result<(), Error> {
    let path = folder.join(DATABASE);
    // Read before the findings: a review that comes in between is written twice, and never missed.
    let latest = latest(connection).map_err(|source| Error::database(&path, source))?;
    let findings = read::current_findings(connection, &path)?;
    atomic::replace(&folder.join(CSV), Lasting::PowerCut, |out| {
        csv::write_findings_csv(&findings, out)
    })?;
    atomic::replace(&folder.join(GEOJSON), Lasting::PowerCut, |out| {
        geojson::write_reviewed(&findings, latest, out)
    })
}

/// Whether both are there and tell the latest review.
pub(super) fn are_true(folder: &Path, connection: &Connection) -> rusqlite::Result<bool> {
    let told = File::open(folder.join(GEOJSON)).and_then(|file| {
        let mut head = Vec::new();
        file.take(HEAD_BYTES).read_to_end(&mut head)?;
        Ok(number_in(&String::from_utf8_lossy(&head)))
    });
    let is_there = folder.join(CSV).is_file();
    Ok(is_there && told.is_ok_and(|told| Some(told) == latest(connection).ok()))
}

/// The number in a head; none is said where nobody reviewed yet.
fn number_in(head: &str) -> i64 {
    let digits = head.split_once(geojson::LATEST).map_or("", |(_, rest)| rest);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().unwrap_or_default()
}

/// Number of the latest review of the current run, 0 for none.
fn latest(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row(
        "SELECT coalesce(max(v.fid), 0) FROM reviews AS v JOIN runs AS r ON r.run = v.run \
         WHERE r.current = 1",
        [],
        |row| row.get(0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_says_the_number_or_nothing() {
        for (latest, expected) in [(0, 0), (7, 7), (1_234_567, 1_234_567)] {
            let mut bytes = Vec::new();
            geojson::write_reviewed(&[], latest, &mut bytes).unwrap();
            assert_eq!(number_in(&String::from_utf8(bytes).unwrap()), expected);
        }
        for odd in ["", "{", "{\"latest_review\":", "{\"latest_review\":-3"] {
            assert_eq!(number_in(odd), 0, "{odd}");
        }
    }
}
