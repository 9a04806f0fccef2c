//! Reading a case back.

use std::path::{Path, PathBuf};

use rusqlite::types::{Type, Value, ValueRef};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value as Json;

use super::finding_row::json_list;
use super::{Decisions, Error, FindingRow, RunId, frame_row, index, schema};

/// A run as the case remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    /// Its id.
    pub id: RunId,
    /// Version of the program that ran it.
    pub version: String,
    /// Its parameters as JSON text.
    pub parameters: String,
    /// Frames inspected.
    pub frames: u64,
    /// Files and frames that gave nothing.
    pub skipped: u64,
    /// Detections with a place.
    pub observations: u64,
    /// Findings.
    pub findings: u64,
    /// Whether it is the latest.
    pub current: bool,
}

/// Properties that are lists.
const LISTS: [&str; 2] = ["reasons", "frames"];

impl FindingRow {
    /// Values in the order of [`FindingRow::COLUMNS`].
    pub(super) fn to_values(&self) -> Vec<Value> {
        let json = serde_json::to_value(self).expect("text and numbers always serialise");
        let value = |name: &str| match json.get(name) {
            None | Some(Json::Null) => Value::Null,
            Some(Json::String(text)) => Value::Text(text.clone()),
            Some(Json::Array(items)) => Value::Text(json_list(items)),
            Some(number) => match number.as_i64() {
                Some(whole) => Value::Integer(whole),
                None => number.as_f64().map_or(Value::Null, Value::Real),
            },
        };
        Self::COLUMNS.map(value).to_vec()
    }

    fn from_row(row: &rusqlite::Row<'_>) -> Result<Self, String> {
        let mut json = serde_json::Map::new();
        for (at, name) in Self::COLUMNS.iter().enumerate() {
            let value = match row.get_ref(at).map_err(|error| error.to_string())? {
                ValueRef::Null => Json::Null,
                ValueRef::Integer(whole) => whole.into(),
                ValueRef::Real(number) => number.into(),
                ValueRef::Text(text) if LISTS.contains(name) => {
                    serde_json::from_slice(text).map_err(|error| format!("{name}: {error}"))?
                }
                ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
                ValueRef::Blob(_) => return Err(format!("{name}: bytes instead of a value")),
            };
            json.insert((*name).to_owned(), value);
        }
        serde_json::from_value(Json::Object(json)).map_err(|error| error.to_string())
    }
}

/// Findings of the latest run with what people decided of them, in the run's order.
pub(super) fn current_findings(
    connection: &Connection,
    path: &Path,
) -> Result<Vec<FindingRow>, Error> {
    let mut findings = found(connection, path)?;
    let reviews = frame_row::reviews(connection).map_err(|source| Error::database(path, source))?;
    Decisions::of(reviews.iter()).apply_to_all(&mut findings);
    Ok(findings)
}

/// Findings of the latest run as it left them, in its order.
pub(super) fn found(connection: &Connection, path: &Path) -> Result<Vec<FindingRow>, Error> {
    rows(connection).map_err(|source| match source {
        rusqlite::Error::FromSqlConversionFailure(_, _, reason) => {
            Error::NotACase { path: path.to_owned(), reason: reason.to_string() }
        }
        source => Error::database(path, source),
    })
}

/// The same within a transaction.
pub(super) fn rows(connection: &Connection) -> rusqlite::Result<Vec<FindingRow>> {
    let columns = FindingRow::COLUMNS.join(", ");
    let sql = format!("SELECT {columns} FROM findings WHERE current = 1 ORDER BY fid");
    let mut select = connection.prepare(&sql)?;
    let mut rows = select.query([])?;
    let mut findings = Vec::new();
    while let Some(row) = rows.next()? {
        findings.push(FindingRow::from_row(row).map_err(|reason| {
            let told = format!("finding {} cannot be read: {reason}", findings.len() + 1);
            rusqlite::Error::FromSqlConversionFailure(0, Type::Text, told.into())
        })?);
    }
    Ok(findings)
}

/// Runs, oldest first.
pub(super) fn runs(connection: &Connection) -> rusqlite::Result<Vec<RunSummary>> {
    let mut select = connection.prepare(
        "SELECT run, version, parameters, frames, skipped, observations, findings, current \
         FROM runs ORDER BY fid",
    )?;
    let number = |row: &rusqlite::Row<'_>, at| row.get(at).map(|n: i64| n.unsigned_abs());
    let rows = select.query_map([], |row| {
        Ok(RunSummary {
            id: RunId(row.get(0)?),
            version: row.get(1)?,
            parameters: row.get(2)?,
            frames: number(row, 3)?,
            skipped: number(row, 4)?,
            observations: number(row, 5)?,
            findings: number(row, 6)?,
            current: row.get(7)?,
        })
    })?;
    rows.collect()
}

/// Opens the database of a case and looks whether it is one that this program knows.
pub(super) fn open(path: &Path) -> Result<Connection, Error> {
    let database = |source| Error::database(path, source);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|source| refused(path, source))?;
    check(&connection, path).map_err(|error| match error {
        Error::Database { source, .. } => refused(path, source),
        other => other,
    })?;
    index::register_functions(&connection).map_err(database)?;
    // One sync a transaction: what is reported as done survives a power cut.
    connection.pragma_update(None, "synchronous", "FULL").map_err(database)?;
    connection.pragma_update(None, "cache_size", CACHE_KIB).map_err(database)?;
    Ok(connection)
}

/// SQLite's unit for a negative cache size is KiB; 32 MiB hold the inner nodes of every index of a
/// case of a million observations.
const CACHE_KIB: i32 = -32_768;

/// A write-ahead log needs a folder that can be written to; SQLite then only says "cannot open".
fn refused(path: &Path, source: rusqlite::Error) -> Error {
    match source.sqlite_error_code() {
        Some(rusqlite::ErrorCode::CannotOpen) => Error::ReadOnly { path: path.to_owned() },
        _ => Error::database(path, source),
    }
}

fn check(connection: &Connection, path: &Path) -> Result<(), Error> {
    let database = |source| Error::database(path, source);
    let not_a_case =
        |reason: &str| Error::NotACase { path: path.to_owned(), reason: reason.to_owned() };
    let application: i32 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(database)?;
    if application != schema::APPLICATION_ID {
        return Err(not_a_case("this is no GeoPackage"));
    }
    let has_version = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'case_format')";
    if !connection.query_row(has_version, [], |row| row.get(0)).map_err(database)? {
        return Err(not_a_case("a GeoPackage of another program; choose another --case"));
    }
    let found: i64 = connection
        .query_row("SELECT coalesce(max(format_version), 0) FROM case_format", [], |row| row.get(0))
        .map_err(database)?;
    let found = u32::try_from(found).unwrap_or(u32::MAX);
    match found {
        0 => Err(not_a_case("the case does not say its format version")),
        _ if found > schema::FORMAT_VERSION => {
            Err(Error::Newer { path: path.to_owned(), found, known: schema::FORMAT_VERSION })
        }
        _ => Ok(()),
    }
}

/// A case that is only looked at: nothing that was recorded changes.
#[derive(Debug)]
pub struct ReadOnlyCase {
    path: PathBuf,
    connection: Connection,
}

impl ReadOnlyCase {
    /// Opens the case in `folder`. Other processes may work on it at the same time.
    ///
    /// # Errors
    /// [`Error`]; a folder that holds no case is [`Error::NotACase`].
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(super::folder::DATABASE);
        if !path.is_file() {
            let reason = "there is no case here: case.gpkg is missing".to_owned();
            return Err(Error::NotACase { path: folder.to_owned(), reason });
        }
        // Opened for writing, since only then the last to close takes the log away again.
        let connection = match open(&path) {
            Ok(connection) => {
                connection
                    .pragma_update(None, "query_only", true)
                    .map_err(|source| Error::database(&path, source))?;
                connection
            }
            Err(Error::ReadOnly { .. }) => open_unchanging(&path)?,
            Err(other) => return Err(other),
        };
        Ok(Self { path, connection })
    }

    /// The database and where it is.
    pub(super) fn inner(&self) -> (&Connection, &Path) {
        (&self.connection, &self.path)
    }

    /// Runs, oldest first.
    ///
    /// # Errors
    /// [`Error`].
    pub fn runs(&self) -> Result<Vec<RunSummary>, Error> {
        runs(&self.connection).map_err(|source| Error::database(&self.path, source))
    }

    /// Findings of the latest run with their status of now, in the run's order.
    ///
    /// # Errors
    /// [`Error`].
    pub fn findings(&self) -> Result<Vec<FindingRow>, Error> {
        current_findings(&self.connection, &self.path)
    }
}

/// A case on a medium that cannot be written to has no other writer either. With a log beside it
/// that was never worked in, the file alone would be an older state, so that is refused.
fn open_unchanging(path: &Path) -> Result<Connection, Error> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if Path::new(&log).metadata().is_ok_and(|log| log.len() > 0) {
        return Err(Error::ReadOnly { path: path.to_owned() });
    }
    let escaped: String =
        path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(format!("file:{escaped}?mode=ro&immutable=1"), flags)
            .map_err(|source| Error::database(path, source))?;
    check(&connection, path)?;
    Ok(connection)
}
