//! The GeoPackage that leaves the case: the current run alone, in one file without a log.

use std::path::Path;

use rusqlite::{Connection, params};

use super::finding_row::json_list;
use super::{Decisions, Error, frame_row, index, read, schema};

/// Tables whose rows name a run by the row of `runs`.
const BY_ROW: [&str; 8] =
    ["observations", "frames", "track", "site", "zones", "inputs", "skipped", "calibrations"];
/// Tables whose rows name a run by its id.
const BY_ID: [&str; 4] = ["findings", "finding_ellipses", "runs", "reviews"];

/// Writes the current run of `database` to a new file. Equal rows give equal bytes.
///
/// The custody log stays behind: it is handed over as the lines that its chain is made of.
/// `base` is a folder that names of files are told without.
pub(super) fn write(database: &Path, out: &Path, base: &str) -> Result<(), Error> {
    let failed = |source| Error::database(out, source);
    let connection = Connection::open(out).map_err(failed)?;
    fill(&connection, database, base).map_err(failed)?;
    connection.close().map_err(|(_, source)| failed(source))
}

/// Names of files without the folder that all of them share.
fn without_base(connection: &Connection, base: &str) -> rusqlite::Result<()> {
    for table in ["frames", "inputs", "skipped"] {
        connection.execute(
            &format!(
                "UPDATE main.{table} SET file = substr(file, length(?1) + 1) \
                 WHERE substr(file, 1, length(?1)) = ?1"
            ),
            [base],
        )?;
    }
    // Lists of names and parameters are JSON, where a string begins with a quote.
    let quoted = serde_json::Value::from(base).to_string();
    let begin = &quoted[..quoted.len() - 1];
    for (table, column) in [("findings", "frames"), ("runs", "parameters")] {
        connection.execute(
            &format!("UPDATE main.{table} SET {column} = replace({column}, ?1, '\"')"),
            [begin],
        )?;
    }
    Ok(())
}

fn fill(connection: &Connection, database: &Path, base: &str) -> rusqlite::Result<()> {
    index::register_functions(connection)?;
    schema::create(connection)?;
    connection.pragma_update(None, "journal_mode", "DELETE")?;
    connection.execute("ATTACH ?1 AS source", [database.to_string_lossy()])?;
    connection.execute_batch("BEGIN IMMEDIATE; DROP TRIGGER reviews_decide;")?;
    for layer in &schema::LAYERS {
        index::drop_triggers(connection, layer.name)?;
    }
    for table in BY_ID {
        connection.execute_batch(&format!(
            "INSERT INTO main.{table} SELECT * FROM source.{table} WHERE run IN \
             (SELECT run FROM source.runs WHERE current = 1) ORDER BY fid"
        ))?;
    }
    for table in BY_ROW {
        connection.execute_batch(&format!(
            "INSERT INTO main.{table} SELECT * FROM source.{table} WHERE run_fid IN \
             (SELECT fid FROM source.runs WHERE current = 1) ORDER BY fid"
        ))?;
    }
    if !base.is_empty() {
        without_base(connection, base)?;
    }
    decide(connection)?;
    for layer in &schema::LAYERS {
        let name = layer.name;
        index::fill(connection, name, 0)?;
        index::create_triggers(connection, name)?;
        connection.execute_batch(&format!(
            "UPDATE gpkg_contents SET (min_x, max_x, min_y, max_y) = \
             (SELECT min(minx), max(maxx), min(miny), max(maxy) FROM rtree_{name}_geom) \
             WHERE table_name = '{name}'"
        ))?;
    }
    connection.execute(
        "UPDATE gpkg_contents SET last_change = (SELECT max(last_change) FROM \
         source.gpkg_contents)",
        params![],
    )?;
    connection.execute_batch(
        "DELETE FROM gpkg_contents WHERE table_name = 'custody'; DROP TABLE custody; COMMIT; \
         DETACH source; VACUUM",
    )
}

/// Lays over the findings what people decided, as `findings.geojson` has it too.
fn decide(connection: &Connection) -> rusqlite::Result<()> {
    let reviews = frame_row::reviews(connection)?;
    let decisions = Decisions::of(reviews.iter());
    for before in read::rows(connection)? {
        let mut row = before.clone();
        if !decisions.apply(&mut row) {
            connection.execute("DELETE FROM findings WHERE id = ?1", [&row.id])?;
        } else if row != before {
            connection.execute(
                "UPDATE findings SET status = ?2, kind = ?3, severity = ?4, reasons = ?5 \
                 WHERE id = ?1",
                params![row.id, row.status, row.kind, row.severity, json_list(&row.reasons)],
            )?;
        }
    }
    Ok(())
}
