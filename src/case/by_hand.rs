//! Findings that a person made: rows beside those of the run.

use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use super::FindingRow;
use super::geometry;

/// Adds the row of a finding to the current run.
pub(super) fn made(transaction: &Connection, row: &FindingRow) -> rusqlite::Result<()> {
    let columns = FindingRow::COLUMNS.join(", ");
    let marks = "?, ".repeat(FindingRow::COLUMNS.len());
    let point = row.lat.zip(row.lon).and_then(|(lat, lon)| {
        geometry::point_z(lon, lat, row.height_ellipsoidal_m.unwrap_or_default())
    });
    let mut values = row.to_values();
    values.push(Value::Integer(1));
    values.push(point.map_or(Value::Null, |point| Value::Blob(point.blob)));
    transaction.execute(
        &format!("INSERT INTO findings ({columns}, current, geom) VALUES ({marks}?, ?)"),
        params_from_iter(values),
    )?;
    if let Some((lat, lon)) = row.lat.zip(row.lon) {
        transaction.execute(
            "UPDATE gpkg_contents SET min_x = min(min_x, ?1), max_x = max(max_x, ?1), \
             min_y = min(min_y, ?2), max_y = max(max_y, ?2) \
             WHERE table_name = 'findings' AND min_x NOTNULL",
            params![lon, lat],
        )?;
    }
    Ok(())
}

/// Adds where a frame shows it: number, box (left, top, width, height) and area in pixels.
pub(super) fn seen(
    transaction: &Connection,
    run_fid: i64,
    row: &FindingRow,
    (frame, [left, top, width, height], area_px): (u32, [u32; 4], u32),
) -> rusqlite::Result<()> {
    transaction
        .execute(
            "INSERT INTO observations (run_fid, frame, detection, finding, polarity, left_px, \
             top_px, width_px, height_px, area_px, peak_c, background_c, delta_k, reasons, lat, \
             lon, height_ellipsoidal_m) SELECT ?1, ?2, \
             coalesce((SELECT max(detection) + 1 FROM observations WHERE run_fid = ?1 AND \
             frame = ?2), 0), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, '[\"drawn_by_hand\"]', \
             ?13, ?14, ?15",
            params![
                run_fid,
                frame,
                row.id,
                row.polarity,
                left,
                top,
                width,
                height,
                area_px,
                row.peak_c,
                row.background_c,
                row.delta_k,
                row.lat,
                row.lon,
                row.height_ellipsoidal_m,
            ],
        )
        .map(drop)
}
