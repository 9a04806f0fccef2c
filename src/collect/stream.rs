//! The flight as it goes, one GeoJSON feature a line (RFC 8142 without its separators): a map that
//! follows the file follows the flight.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use super::Error;
use super::aircraft::{Aircraft, Spot};
use super::pictures::Picture;

/// How often the vehicle's place is written.
const EVERY: Duration = Duration::from_secs(1);

/// The file.
#[derive(Debug)]
pub struct Stream {
    file: File,
    path: PathBuf,
    placed_at: Option<Duration>,
}

impl Stream {
    /// Begins a file; one that is there is written over.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn create(path: &Path) -> Result<Self, Error> {
        let wrong = |source| Error::Write { file: path.to_owned(), source };
        let file = File::create(path).map_err(wrong)?;
        Ok(Self { file, path: path.to_owned(), placed_at: None })
    }

    /// The vehicle's place and how many pictures it told of, when it is time for that.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn place(
        &mut self,
        aircraft: &Aircraft,
        pictures: usize,
        now: Duration,
    ) -> Result<(), Error> {
        let due = self.placed_at.is_none_or(|at| now.saturating_sub(at) >= EVERY);
        let Some(spot) = aircraft.spot.filter(|_| due) else { return Ok(()) };
        self.placed_at = Some(now);
        let properties = json!({
            "role": "vehicle",
            "t_s": now.as_secs_f64(),
            "above_home_m": spot.above_home_m,
            "armed": aircraft.armed,
            "step": aircraft.current,
            "battery_percent": aircraft.battery_percent,
            "pictures": pictures,
        });
        self.write(&spot, &properties)
    }

    /// A picture.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn picture(&mut self, picture: &Picture) -> Result<(), Error> {
        let properties = json!({
            "role": "photo",
            "index": picture.index,
            "above_home_m": picture.at.above_home_m,
            "utc_us": picture.utc_us,
        });
        self.write(&picture.at, &properties)
    }

    fn write(&mut self, spot: &Spot, properties: &serde_json::Value) -> Result<(), Error> {
        let feature = json!({
            "type": "Feature",
            "geometry": { "type": "Point", "coordinates": [spot.lon_deg, spot.lat_deg] },
            "properties": properties,
        });
        let wrong = |source| Error::Write { file: self.path.clone(), source };
        self.file.write_all(format!("{feature}\n").as_bytes()).map_err(wrong)
    }
}
