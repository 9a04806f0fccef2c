//! One run into the database, in one transaction.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::time::FrameTime;

use super::geometry::Envelope;
use super::{FrameRecord, Outcome, RunId, carried, finding_row, index, rows, schema};

/// Whether a run is in the database.
pub(super) fn has_run(connection: &Connection, run: &RunId) -> rusqlite::Result<bool> {
    connection
        .query_row("SELECT EXISTS (SELECT 1 FROM runs WHERE run = ?1)", [&run.0], |row| row.get(0))
}

/// Puts a run in, whole or not at all. One that is there already only becomes the current one.
pub(super) fn commit(connection: &mut Connection, outcome: &Outcome<'_>) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if has_run(&transaction, &outcome.run.id)? {
        make_current(&transaction, &outcome.run.id)?;
        return transaction.commit();
    }
    let before = carried::before(&transaction)?;
    let mut last = Vec::new();
    for layer in &schema::LAYERS {
        index::drop_triggers(&transaction, layer.name)?;
        last.push(transaction.query_row(
            &format!("SELECT coalesce(max(fid), 0) FROM {}", layer.name),
            [],
            |row| row.get(0),
        )?);
    }
    make_current(&transaction, &outcome.run.id)?;
    let run_fid = add_run(&transaction, outcome)?;
    let names = FrameNames::new(outcome.frames);
    let mut spans = [Envelope::EMPTY; schema::LAYERS.len()];
    spans[0] = rows::findings(&transaction, outcome, &names)?;
    spans[1] = rows::ellipses(&transaction, outcome)?;
    if !outcome.more_to_come {
        spans[2] = rows::observations(&transaction, run_fid, outcome)?;
        spans[3] = rows::frames(&transaction, run_fid, outcome)?;
        spans[4] = rows::tracks(&transaction, run_fid, outcome)?;
        spans[5] = rows::site(&transaction, run_fid, outcome.site)?;
        spans[6] = rows::zones(&transaction, run_fid, outcome.site)?;
    }
    rows::inputs(&transaction, run_fid, outcome)?;
    add_calibrations(&transaction, run_fid, outcome)?;
    let changed = time_of_change(&transaction, outcome.frames)?;
    for ((layer, last), span) in schema::LAYERS.iter().zip(last).zip(spans) {
        index::fill(&transaction, layer.name, last)?;
        index::create_triggers(&transaction, layer.name)?;
        describe(&transaction, layer.name, &span)?;
    }
    transaction.execute("UPDATE gpkg_contents SET last_change = ?1", [changed])?;
    if let Some(before) = before {
        before.carry(&transaction, &outcome.run.id.0)?;
    }
    transaction.commit()
}

/// Marks the rows of one run, and of no other; what is marked already is not touched.
fn make_current(transaction: &Transaction<'_>, run: &RunId) -> rusqlite::Result<()> {
    for table in ["findings", "finding_ellipses", "runs"] {
        let sql = format!("UPDATE {table} SET current = (run = ?1) WHERE current <> (run = ?1)");
        transaction.execute(&sql, [&run.0])?;
    }
    Ok(())
}

fn add_run(transaction: &Transaction<'_>, outcome: &Outcome<'_>) -> rusqlite::Result<i64> {
    transaction.execute(
        "INSERT INTO runs (run, version, parameters, frames, skipped, observations, findings, \
         current) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1)",
        params![
            outcome.run.id.0,
            outcome.run.version,
            outcome.run.parameters,
            count(outcome.frames.len()),
            count(outcome.skipped.len()),
            count(outcome.observations.len()),
            count(outcome.findings.len()),
        ],
    )?;
    Ok(transaction.last_insert_rowid())
}

fn add_calibrations(
    transaction: &Transaction<'_>,
    run_fid: i64,
    outcome: &Outcome<'_>,
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare(
        "INSERT INTO calibrations (run_fid, first_frame, frames, kept, east_m, north_m, up_m, \
         yaw_deg, pitch_deg, roll_deg, clock_s, sigma_before, sigma_after, things, views, control, \
         held_before_m, held_after_m) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
    )?;
    let rounded = |value: f64| value.is_finite().then(|| (value * 1e4).round() / 1e4);
    for one in outcome.calibrations {
        let errors = &one.errors;
        insert.execute(params![
            run_fid,
            one.frames.first(),
            count(one.frames.len()),
            one.kept,
            rounded(errors.east_m),
            rounded(errors.north_m),
            rounded(errors.up_m),
            rounded(errors.yaw_deg),
            rounded(errors.pitch_deg),
            rounded(errors.roll_deg),
            rounded(errors.clock_s),
            finding_row::json(&one.sigma_before),
            finding_row::json(&one.sigma_after),
            count(one.ties),
            count(one.views),
            finding_row::json(&one.control),
            rounded(one.held_before_m),
            rounded(one.held_after_m),
        ])?;
    }
    Ok(())
}

/// A length as SQLite has it.
pub(super) fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// Joins what a run spans to what the layer spans already.
fn describe(transaction: &Transaction<'_>, layer: &str, span: &Envelope) -> rusqlite::Result<()> {
    if span.is_empty() {
        return Ok(());
    }
    let before = transaction
        .query_row(
            "SELECT min_x, max_x, min_y, max_y FROM gpkg_contents WHERE table_name = ?1 \
             AND min_x NOTNULL",
            [layer],
            |row| {
                Ok(Envelope {
                    west: row.get(0)?,
                    east: row.get(1)?,
                    south: row.get(2)?,
                    north: row.get(3)?,
                })
            },
        )
        .optional()?;
    let mut whole = *span;
    if let Some(before) = before {
        whole.join(&before);
    }
    transaction
        .execute(
            "UPDATE gpkg_contents SET min_x = ?2, max_x = ?3, min_y = ?4, max_y = ?5 \
             WHERE table_name = ?1",
            params![layer, whole.west, whole.east, whole.south, whole.north],
        )
        .map(drop)
}

/// GeoPackage wants a time of change in UTC. The clock would make equal runs unequal, so it is the
/// newest UTC time of any frame so far, or 1970 where cameras only told their own clock.
fn time_of_change(
    transaction: &Transaction<'_>,
    frames: &[FrameRecord],
) -> rusqlite::Result<String> {
    let before: String =
        transaction
            .query_row("SELECT max(last_change) FROM gpkg_contents", [], |row| row.get(0))?;
    let newest = frames.iter().filter_map(|frame| match frame.taken_at {
        Some(FrameTime::Utc(time)) => Some(time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()),
        _ => None,
    });
    Ok(newest.chain([before]).max().unwrap_or_else(|| schema::NO_TIME.to_owned()))
}

/// What frames are called outside the case: their file, and `#n` in a file of several frames.
pub(super) struct FrameNames(HashMap<u32, String>);

impl FrameNames {
    pub(super) fn new(frames: &[FrameRecord]) -> Self {
        let mut in_file: HashMap<&str, u32> = HashMap::new();
        for frame in frames {
            *in_file.entry(&frame.file).or_default() += 1;
        }
        let name = |frame: &FrameRecord| {
            let alone = frame.index == 0 && in_file.get(frame.file.as_str()) == Some(&1);
            if alone { frame.file.clone() } else { format!("{}#{}", frame.file, frame.index) }
        };
        Self(frames.iter().map(|frame| (frame.frame, name(frame))).collect())
    }

    /// A number that no frame has stays a number.
    pub(super) fn of(&self, frame: u32) -> String {
        self.0.get(&frame).cloned().unwrap_or_else(|| format!("#{frame}"))
    }
}
