//! What a program that shows a case to people reads of it, also while another writes.

use super::{Error, FrameRow, InputRow, ReadOnlyCase, ReviewRow, SightingRow, frame_row, read};

impl ReadOnlyCase {
    /// A number that changes whenever another process committed something to the case
    /// (sqlite.org/pragma.html#pragma_data_version).
    ///
    /// # Errors
    /// [`Error`].
    pub fn change(&self) -> Result<i64, Error> {
        let (connection, path) = self.inner();
        connection
            .pragma_query_value(None, "data_version", |row| row.get(0))
            .map_err(|source| Error::database(path, source))
    }

    /// Frames of the current run.
    ///
    /// # Errors
    /// [`Error`].
    pub fn frames(&self) -> Result<Vec<FrameRow>, Error> {
        let (connection, path) = self.inner();
        frame_row::frames(connection).map_err(|source| Error::database(path, source))
    }

    /// Files of the current run that were read.
    ///
    /// # Errors
    /// [`Error`].
    pub fn inputs(&self) -> Result<Vec<InputRow>, Error> {
        let (connection, path) = self.inner();
        frame_row::inputs(connection).map_err(|source| Error::database(path, source))
    }

    /// Reviews of the current run, oldest first.
    ///
    /// # Errors
    /// [`Error`].
    pub fn reviews(&self) -> Result<Vec<ReviewRow>, Error> {
        let (connection, path) = self.inner();
        frame_row::reviews(connection).map_err(|source| Error::database(path, source))
    }

    /// Where frames of the current run saw its findings.
    ///
    /// # Errors
    /// [`Error`].
    pub fn sightings(&self) -> Result<Vec<SightingRow>, Error> {
        let (connection, path) = self.inner();
        frame_row::sightings(connection).map_err(|source| Error::database(path, source))
    }

    /// Findings of the current run as the run left them, without what people decided.
    ///
    /// # Errors
    /// [`Error`].
    pub fn undecided_findings(&self) -> Result<Vec<super::FindingRow>, Error> {
        let (connection, path) = self.inner();
        read::found(connection, path)
    }

    /// How many findings the current run has, with those that people made.
    ///
    /// # Errors
    /// [`Error`].
    pub fn count_findings(&self) -> Result<usize, Error> {
        let (connection, path) = self.inner();
        let count: i64 = connection
            .query_row("SELECT count(*) FROM findings WHERE current = 1", [], |row| row.get(0))
            .map_err(|source| Error::database(path, source))?;
        Ok(usize::try_from(count).unwrap_or_default())
    }
}
