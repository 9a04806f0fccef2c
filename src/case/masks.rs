//! People and number plates that somebody marked on frames: what leaves the case hides them.
//!
//! The table is made with the first mask, and the case then has format version 2: a program that
//! does not know of masks would show what somebody hid, so it must refuse the case.

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::{Case, Error, ReadOnlyCase, schema};

/// A part of a frame to be hidden. Masks are only ever added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MaskRow {
    /// Number of the mask; 0 before it is in the case.
    pub number: i64,
    /// SHA-256 of the frame's file: a mask stays with the picture, whatever run reads it.
    pub sha256: String,
    /// Index within a sequence file.
    pub index: u32,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Who marked it.
    pub person: String,
    /// As what.
    pub role: String,
    /// `person` or `plate`.
    pub what: String,
    /// Why.
    pub reason: String,
    /// Its outline in pixels.
    pub polygon_px: Vec<(f64, f64)>,
}

impl MaskRow {
    /// Left, top, width, height of the pixels that its outline touches, within a picture of a size.
    #[must_use]
    pub fn bounds_px(&self, width: u32, height: u32) -> [usize; 4] {
        let edges = |pick: fn(&(f64, f64)) -> f64, size: u32| {
            let values = self.polygon_px.iter().map(pick);
            let low = values.clone().fold(f64::from(size), f64::min).clamp(0.0, f64::from(size));
            let high = values.fold(0.0, f64::max).clamp(low, f64::from(size));
            (low.floor() as usize, high.ceil() as usize)
        };
        let (left, right) = edges(|vertex| vertex.0, width);
        let (top, bottom) = edges(|vertex| vertex.1, height);
        [left, top, right - left, bottom - top]
    }
}

impl Case {
    /// All masks, oldest first.
    ///
    /// # Errors
    /// [`Error`].
    pub fn masks(&self) -> Result<Vec<MaskRow>, Error> {
        Self::open_read_only(self.folder())?.masks()
    }
}

impl ReadOnlyCase {
    /// All masks, oldest first.
    ///
    /// # Errors
    /// [`Error`].
    pub fn masks(&self) -> Result<Vec<MaskRow>, Error> {
        let (connection, path) = self.inner();
        all(connection).map_err(|source| Error::database(path, source))
    }
}

fn all(connection: &Connection) -> rusqlite::Result<Vec<MaskRow>> {
    if !connection.table_exists(None, schema::MASKS)? {
        return Ok(Vec::new());
    }
    let mut select = connection.prepare(
        "SELECT fid, sha256, frame_index, at, person, role, what, reason, polygon_px FROM masks \
         ORDER BY fid",
    )?;
    let rows = select.query_map([], |row| {
        let polygon: String = row.get(8)?;
        Ok(MaskRow {
            number: row.get(0)?,
            sha256: row.get(1)?,
            index: row.get(2)?,
            at: row.get(3)?,
            person: row.get(4)?,
            role: row.get(5)?,
            what: row.get(6)?,
            reason: row.get(7)?,
            // An outline that cannot be read hides everything rather than nothing.
            polygon_px: serde_json::from_str(&polygon)
                .unwrap_or_else(|_| vec![(0.0, 0.0), (f64::MAX, f64::MAX)]),
        })
    })?;
    rows.collect()
}

/// Adds a mask within a transaction; gives its number.
pub(super) fn add(transaction: &Connection, mask: &MaskRow) -> rusqlite::Result<i64> {
    if !transaction.table_exists(None, schema::MASKS)? {
        schema::create_masks(transaction)?;
    }
    transaction.execute(
        "INSERT INTO masks (sha256, frame_index, at, person, role, what, reason, polygon_px) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            mask.sha256,
            mask.index,
            mask.at,
            mask.person,
            mask.role,
            mask.what,
            mask.reason,
            super::finding_row::json(&mask.polygon_px),
        ],
    )?;
    Ok(transaction.last_insert_rowid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_cover_every_pixel_that_is_touched_and_stay_in_the_picture() {
        let mask = |polygon_px: &[(f64, f64)]| MaskRow {
            number: 0,
            sha256: String::new(),
            index: 0,
            at: String::new(),
            person: String::new(),
            role: String::new(),
            what: "person".to_owned(),
            reason: String::new(),
            polygon_px: polygon_px.to_vec(),
        };
        for (polygon, bounds) in [
            (&[(1.5, 2.5), (3.2, 2.6), (3.0, 4.0)][..], [1, 2, 3, 2]),
            (&[(-5.0, -5.0), (99.0, 99.0)], [0, 0, 10, 8]),
            (&[(0.0, 0.0), (f64::MAX, f64::MAX)], [0, 0, 10, 8]),
            (&[], [0, 0, 10, 8]),
        ] {
            let found = mask(polygon).bounds_px(10, 8);
            if polygon.is_empty() {
                assert_eq!(found[2] * found[3], 0, "nothing is hidden by nothing");
            } else {
                assert_eq!(found, bounds, "{polygon:?}");
            }
        }
    }
}
