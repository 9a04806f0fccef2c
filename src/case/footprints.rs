//! What frames of a case show on the ground, read back for a plan of what they missed.

use super::geometry::polygon_of_blob;
use super::{Error, ReadOnlyCase};

/// A ring of (longitude, latitude) in degrees, not repeated at the end.
pub type Ring = Vec<(f64, f64)>;

impl ReadOnlyCase {
    /// Footprints of the frames of the latest run. Frames whose footprint is not known have none.
    ///
    /// # Errors
    /// [`Error`].
    pub fn footprints(&self) -> Result<Vec<Ring>, Error> {
        let (connection, path) = self.inner();
        let database = |source| Error::database(path, source);
        let mut select = connection
            .prepare(
                "SELECT geom FROM frames WHERE run_fid = \
                 (SELECT fid FROM runs WHERE current = 1) ORDER BY fid",
            )
            .map_err(database)?;
        let blobs = select.query_map([], |row| row.get::<_, Option<Vec<u8>>>(0));
        let mut rings = Vec::new();
        for blob in blobs.map_err(database)? {
            rings.extend(blob.map_err(database)?.as_deref().and_then(polygon_of_blob));
        }
        Ok(rings)
    }
}
