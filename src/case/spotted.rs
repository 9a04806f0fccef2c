//! Detections of a run as it saw them, whether or not they became a finding.

use super::{Error, ReadOnlyCase};

/// A detection with a place on the ground. Detections without one are only counted in a case, with
/// their frame.
#[derive(Debug, Clone, PartialEq)]
pub struct SpotRow {
    /// Number of its frame.
    pub frame: u32,
    /// `hot` or `cold`.
    pub polarity: String,
    /// From the outer corner of the first pixel.
    pub x_px: f64,
    /// From the outer corner of the first pixel.
    pub y_px: f64,
    /// How sure the detector was.
    pub score: Option<f64>,
    /// Contrast in kelvin; none for grey levels.
    pub delta_k: Option<f64>,
}

impl ReadOnlyCase {
    /// Detections of the current run that have a place on the ground, in its order.
    ///
    /// # Errors
    /// [`Error`].
    pub fn spots(&self) -> Result<Vec<SpotRow>, Error> {
        let (connection, path) = self.inner();
        let database = |source| Error::database(path, source);
        let mut select = connection
            .prepare(
                "SELECT o.frame, o.polarity, o.x_px, o.y_px, o.score, o.delta_k \
                 FROM observations AS o JOIN runs AS r ON r.fid = o.run_fid \
                 WHERE r.current = 1 AND o.detection NOTNULL AND o.x_px NOTNULL AND o.y_px NOTNULL \
                 ORDER BY o.fid",
            )
            .map_err(database)?;
        let rows = select.query_map([], |row| {
            Ok(SpotRow {
                frame: row.get(0)?,
                polarity: row.get(1)?,
                x_px: row.get(2)?,
                y_px: row.get(3)?,
                score: row.get(4)?,
                delta_k: row.get(5)?,
            })
        });
        rows.map_err(database)?.collect::<Result<_, _>>().map_err(database)
    }
}
