//! A synthetic flight with planted truth.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::site::Site;

/// What can be varied; everything else follows from the seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Params {
    /// Same seed, same bytes.
    pub seed: u64,
}

/// A warm or cold spot on the ground.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlantedSpot {
    /// `S` and a number.
    pub id: String,
    /// Degrees.
    pub lat: f64,
    /// Degrees.
    pub lon: f64,
    /// One sigma of its Gaussian profile in metres.
    pub sigma_m: f64,
    /// Contrast in kelvin, negative for cold.
    pub delta_k: f64,
}

/// The scene: ground and spots.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Planted spots.
    pub spots: Vec<PlantedSpot>,
}

/// The flight over it: poses, true and as the files will state them.
#[derive(Debug, Clone)]
pub struct Flight {}

/// What was planted and what was flown, written as `truth.json` beside the frames.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Truth {
    /// Version of this file's format.
    pub format_version: u32,
    /// It is simulated, and says so.
    pub simulated: bool,
    /// The spots.
    pub spots: Vec<PlantedSpot>,
}

/// Makes a flight over a site and writes its frames and `truth.json` into a folder.
///
/// # Errors
/// The file system's.
pub fn write_flight(_site: &Site, _params: &Params, _folder: &Path) -> std::io::Result<Truth> {
    Ok(Truth { format_version: 1, simulated: true, spots: Vec::new() })
}
