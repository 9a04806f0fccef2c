//! Opening, resuming and committing.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use super::atomic::{self, Lasting, UNFINISHED, create_folder, sync_folder_of, unfinished};
use super::{
    Deed, Error, FindingRow, FrameRow, InputRow, Outcome, ReadOnlyCase, Review, ReviewRow, RunId,
    RunSummary, ShardResult, SightingRow, custody, frame_row, handed_over, read, review_book,
    schema, shard, store, written,
};

/// The database in a case's folder.
pub(super) const DATABASE: &str = "case.gpkg";
const LOCK: &str = "lock";
const THUMBS: &str = "thumbs";
const FLAT_FIELDS: &str = "flat-fields";
const WORK: &str = "work";
/// Pictures and rasters made from originals.
pub(super) const DERIVED: &str = "derived";

/// A case folder, held by this process alone.
///
/// The database is open only while something is asked of it: so no log file stays behind, and
/// several threads can keep shards.
#[derive(Debug)]
pub struct Case {
    folder: PathBuf,
    /// The kernel lets go of it when the process ends, however it ends.
    _lock: Lock,
}

impl Case {
    /// Opens a case folder, creating it if there is none, and finishes what a killed process left
    /// half done after its commit.
    ///
    /// # Errors
    /// [`Error`]; an existing folder with other content and no case is [`Error::NotACase`].
    pub fn open_or_create(folder: &Path) -> Result<Self, Error> {
        may_hold_a_case(folder)?;
        create_folder(folder)?;
        let database = folder.join(DATABASE);
        if database.exists() {
            // Before anything is touched: it may be another program's, or a newer one's.
            drop(read::open(&database)?);
        }
        let case = Self { folder: folder.to_owned(), _lock: lock(folder)? };
        case.sweep()?;
        if !database.exists() {
            create_database(&database)?;
        }
        case.finish_committed_runs()?;
        Ok(case)
    }

    /// Opens a case only to look at it; see [`ReadOnlyCase`].
    ///
    /// # Errors
    /// [`Error`].
    pub fn open_read_only(folder: &Path) -> Result<ReadOnlyCase, Error> {
        ReadOnlyCase::open(folder)
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether a run was committed already.
    ///
    /// # Errors
    /// [`Error`].
    pub fn has_run(&self, run: &RunId) -> Result<bool, Error> {
        let connection = self.connection()?;
        store::has_run(&connection, run).map_err(|source| self.refused(source))
    }

    /// Runs, oldest first.
    ///
    /// # Errors
    /// [`Error`].
    pub fn runs(&self) -> Result<Vec<RunSummary>, Error> {
        let connection = self.connection()?;
        read::runs(&connection).map_err(|source| self.refused(source))
    }

    /// Findings of the latest run with their status of now, in the run's order.
    ///
    /// # Errors
    /// [`Error`].
    pub fn findings(&self) -> Result<Vec<FindingRow>, Error> {
        read::current_findings(&self.connection()?, &self.database())
    }

    /// What a shard gave in an earlier, interrupted run; `None` if it was not finished or its
    /// record is damaged.
    ///
    /// # Errors
    /// [`Error`].
    pub fn shard(&self, run: &RunId, number: u32) -> Result<Option<ShardResult>, Error> {
        shard::read(&self.work_of(run).join(shard::name(number)), run, number)
    }

    /// Keeps what a shard gave: all of it or nothing. Can be called from several threads.
    ///
    /// # Errors
    /// [`Error`].
    pub fn keep_shard(&self, run: &RunId, number: u32, result: &ShardResult) -> Result<(), Error> {
        let folder = self.work_of(run);
        create_folder(&folder)?;
        shard::write(&folder.join(shard::name(number)), run, number, result)
    }

    /// Keeps a small picture of a frame (PNG bytes), all of it or nothing, under `thumbs/`.
    ///
    /// # Errors
    /// [`Error`]; [`Error::BadName`] for a name that is more than a plain file name.
    pub fn keep_thumb(&self, name: &str, png: &[u8]) -> Result<(), Error> {
        if !is_plain_name(name) {
            return Err(Error::BadName(name.to_owned()));
        }
        let folder = self.folder.join(THUMBS);
        create_folder(&folder)?;
        atomic::replace(&folder.join(name), Lasting::Kill, |out| out.write_all(png))
    }

    /// Where the fixed pattern of a sensor with that SHA-256 lies below the case's folder.
    #[must_use]
    pub fn flat_field_file(sha256: &str) -> String {
        format!("{FLAT_FIELDS}/{}.tif", sha256.get(..16).unwrap_or(sha256))
    }

    /// Keeps the fixed pattern of a sensor (TIFF bytes), all of it or nothing.
    ///
    /// # Errors
    /// [`Error`]; [`Error::BadName`] for what is no digest.
    pub fn keep_flat_field(&self, sha256: &str, tiff: &[u8]) -> Result<(), Error> {
        if !is_plain_name(sha256) {
            return Err(Error::BadName(sha256.to_owned()));
        }
        create_folder(&self.folder.join(FLAT_FIELDS))?;
        let path = self.folder.join(Self::flat_field_file(sha256));
        atomic::replace(&path, Lasting::PowerCut, |out| out.write_all(tiff))
    }

    /// Commits a run in one transaction, then rewrites `findings.geojson` and `findings.csv`, then
    /// drops the shards. Earlier runs and reviews stay. A run that is in the case already is only
    /// made the current one again, and what was left undone is finished.
    ///
    /// # Errors
    /// [`Error`]; the case is then as before.
    pub fn commit(&mut self, outcome: &Outcome<'_>) -> Result<(), Error> {
        // While this folder is there, a committed run counts as not yet written out.
        create_folder(&self.work_of(&outcome.run.id))?;
        let mut connection = self.connection()?;
        store::commit(&mut connection, outcome).map_err(|source| self.refused(source))?;
        self.write_out(&connection)?;
        self.close(connection)?;
        shard::drop_all(&self.folder.join(WORK), &shard::folder_name(&outcome.run.id))
    }

    /// Drops what [`Case::keep_shard`] kept under an id, once it is no longer needed.
    ///
    /// # Errors
    /// [`Error`].
    pub fn drop_shards(&self, run: &RunId) -> Result<(), Error> {
        shard::drop_all(&self.folder.join(WORK), &shard::folder_name(run))
    }

    /// Adds a review. The finding's `status` in `case.gpkg` follows at once; `findings.geojson` and
    /// `findings.csv` follow with [`Case::rewrite_findings`], or when the case is opened next.
    ///
    /// # Errors
    /// [`Error`]; [`Error::NoSuchFinding`] if there is nothing to review.
    pub fn append_review(&mut self, review: &Review) -> Result<i64, Error> {
        let connection = self.connection()?;
        let is_there = "SELECT EXISTS (SELECT 1 FROM findings WHERE run = ?1 AND id = ?2)";
        let is_there: bool = connection
            .query_row(is_there, params![review.run.0, review.finding], |row| row.get(0))
            .map_err(|source| self.refused(source))?;
        if !is_there {
            return Err(Error::NoSuchFinding {
                path: self.folder.clone(),
                run: review.run.0.clone(),
                finding: review.finding.clone(),
            });
        }
        let number = review_book::insert(&connection, review);
        let number = number.map_err(|source| self.refused(source))?;
        self.close(connection)?;
        Ok(number)
    }

    /// Writes `findings.geojson` and `findings.csv` from what the case holds now.
    ///
    /// # Errors
    /// [`Error`].
    pub fn rewrite_findings(&self) -> Result<(), Error> {
        self.write_out(&self.connection()?)
    }

    /// Adds to the custody log; gives the hash of the new last line.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Custody`] where the log so far does not hang together.
    pub fn append_custody(&mut self, deed: &Deed) -> Result<String, Error> {
        self.custody_log()?;
        let mut connection = self.connection()?;
        let head = custody::append(&mut connection, deed).map_err(|source| self.refused(source))?;
        self.close(connection)?;
        Ok(head)
    }

    /// The custody log's bytes, checked.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Custody`] where it does not hang together.
    pub fn custody_log(&self) -> Result<Vec<u8>, Error> {
        let log = custody::log(&self.connection()?).map_err(|source| self.refused(source))?;
        custody::read_custody(&log).map_err(|(line, reason)| Error::Custody {
            path: self.folder.clone(),
            line,
            reason,
        })?;
        Ok(log)
    }

    /// Whether the custody log says that something was done to an object.
    ///
    /// # Errors
    /// [`Error`].
    pub fn has_deed(&self, action: &str, object: &str) -> Result<bool, Error> {
        custody::has(&self.connection()?, action, object).map_err(|source| self.refused(source))
    }

    /// Frames of the current run.
    ///
    /// # Errors
    /// [`Error`].
    pub fn frames(&self) -> Result<Vec<FrameRow>, Error> {
        frame_row::frames(&self.connection()?).map_err(|source| self.refused(source))
    }

    /// Files of the current run that were read: frames, then flight logs.
    ///
    /// # Errors
    /// [`Error`].
    pub fn inputs(&self) -> Result<Vec<InputRow>, Error> {
        frame_row::inputs(&self.connection()?).map_err(|source| self.refused(source))
    }

    /// Reviews of the current run, oldest first.
    ///
    /// # Errors
    /// [`Error`].
    pub fn reviews(&self) -> Result<Vec<ReviewRow>, Error> {
        frame_row::reviews(&self.connection()?).map_err(|source| self.refused(source))
    }

    /// Where frames of the current run saw its findings.
    ///
    /// # Errors
    /// [`Error`].
    pub fn sightings(&self) -> Result<Vec<SightingRow>, Error> {
        frame_row::sightings(&self.connection()?).map_err(|source| self.refused(source))
    }

    /// Writes the current run as a GeoPackage of its own, for others.
    ///
    /// # Errors
    /// [`Error`].
    pub fn write_package_gpkg(&self, out: &Path, base: &str) -> Result<(), Error> {
        handed_over::write(&self.database(), out, base)
    }

    fn database(&self) -> PathBuf {
        self.folder.join(DATABASE)
    }

    fn work_of(&self, run: &RunId) -> PathBuf {
        self.folder.join(WORK).join(shard::folder_name(run))
    }

    fn connection(&self) -> Result<Connection, Error> {
        read::open(&self.database())
    }

    fn refused(&self, source: rusqlite::Error) -> Error {
        Error::database(&self.database(), source)
    }

    /// The last connection takes the log into the database and removes it.
    fn close(&self, connection: Connection) -> Result<(), Error> {
        connection.close().map_err(|(_, source)| self.refused(source))
    }

    fn write_out(&self, connection: &Connection) -> Result<(), Error> {
        written::write(&self.folder, connection)
    }

    /// Removes files that a killed process was still writing.
    fn sweep(&self) -> Result<(), Error> {
        let new_database = unfinished(Path::new(DATABASE));
        let new_database = new_database.to_string_lossy();
        let in_thumbs = self.folder.join(THUMBS);
        let in_derived = self.folder.join(DERIVED);
        let in_flat_fields = self.folder.join(FLAT_FIELDS);
        for folder in [&self.folder, &in_thumbs, &in_derived, &in_flat_fields] {
            let Ok(entries) = fs::read_dir(folder) else { continue };
            for entry in entries.flatten() {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                let ours = match name.strip_suffix(UNFINISHED) {
                    Some(finished) => {
                        [&in_thumbs, &in_derived, &in_flat_fields].contains(&folder)
                            || written::FILES.contains(&finished)
                            || finished == DATABASE
                    }
                    None => name.starts_with(&*new_database), // its log or journal
                };
                if ours && entry.file_type().is_ok_and(|kind| kind.is_file()) {
                    let path = entry.path();
                    fs::remove_file(&path).map_err(|source| Error::io(&path, source))?;
                }
            }
        }
        Ok(())
    }

    /// A run whose shards are still there although it is committed was killed between commit and
    /// clearing up; a review that the written findings do not tell was followed by a kill, or is
    /// about to be written out by a server. Opening the database here also takes in a log that was
    /// left behind.
    fn finish_committed_runs(&self) -> Result<(), Error> {
        let connection = self.connection()?;
        let work = self.folder.join(WORK);
        let runs = read::runs(&connection).map_err(|source| self.refused(source))?;
        let left: Vec<String> = runs
            .iter()
            .map(|run| shard::folder_name(&run.id))
            .filter(|folder| work.join(folder).exists())
            .collect();
        let is_true = written::are_true(&self.folder, &connection);
        let is_true = is_true.map_err(|source| self.refused(source))?;
        if !left.is_empty() || (!runs.is_empty() && !is_true) {
            self.write_out(&connection)?;
        }
        self.close(connection)?;
        left.iter().try_for_each(|folder| shard::drop_all(&work, folder))?;
        // A kill just before the last step of clearing up leaves it empty; it goes only if it is.
        let _ = fs::remove_dir(&work);
        Ok(())
    }
}

/// Whether a name is that of a file and nothing more, on any system.
pub(super) fn is_plain_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let bad = name.is_empty() || name.starts_with('.') || name.ends_with(UNFINISHED);
    !bad && name.len() <= 200 && name.chars().all(plain)
}

/// Whether a place is free for a case or has one: nothing, an empty folder, or what is ours.
fn may_hold_a_case(folder: &Path) -> Result<(), Error> {
    let not_a_case =
        |reason: &str| Err(Error::NotACase { path: folder.to_owned(), reason: reason.to_owned() });
    match fs::metadata(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io(folder, error)),
        Ok(there) if !there.is_dir() => {
            return not_a_case("this is a file; a case is a folder, choose another --case");
        }
        Ok(_) => {}
    }
    if folder.join(DATABASE).is_file() {
        return Ok(());
    }
    let new_database = unfinished(Path::new(DATABASE));
    for entry in fs::read_dir(folder).map_err(|source| Error::io(folder, source))? {
        let name = entry.map_err(|source| Error::io(folder, source))?.file_name();
        let name = name.to_string_lossy();
        if name != LOCK && !name.starts_with(&*new_database.to_string_lossy()) {
            return not_a_case(&format!(
                "this folder holds other things (`{name}`) and no case.gpkg; choose an empty or \
                 new folder as --case"
            ));
        }
    }
    Ok(())
}

/// The lock of a case. It is given back and not only closed: a process that is started at this very
/// moment holds every open file until it runs its own program.
#[derive(Debug)]
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.0.unlock(); // Closing it does the same, only later.
    }
}

fn lock(folder: &Path) -> Result<Lock, Error> {
    let path = folder.join(LOCK);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|source| Error::io(&path, source))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(Error::Locked { path: folder.to_owned() }),
        Err(TryLockError::Error(source)) => Err(Error::io(&path, source)),
    }
}

/// Makes an empty database under another name and renames it, so that none is ever half made.
fn create_database(path: &Path) -> Result<(), Error> {
    let beside = unfinished(path);
    let database = |source| Error::database(path, source);
    let connection = Connection::open(&beside).map_err(database)?;
    schema::create(&connection).map_err(database)?;
    connection.close().map_err(|(_, source)| database(source))?;
    File::open(&beside)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(&beside, path))
        .map_err(|source| Error::io(path, source))?;
    sync_folder_of(path)
}
