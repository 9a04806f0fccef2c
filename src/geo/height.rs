//! A height never travels without its datum.

use serde::{Deserialize, Serialize};

use super::{egm96_undulation_m, quasi_geoid_m};

/// What a height is measured from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeightDatum {
    /// The WGS84 (or, within a millimetre, GRS80) ellipsoid.
    Ellipsoid,
    /// Mean sea level by the EGM96 geoid.
    Egm96,
    /// Normaal Amsterdams Peil.
    Nap,
    /// The place where the vehicle took off.
    AboveTakeoff,
    /// The file does not tell and nothing else does.
    Unknown,
}

/// A height in metres and its datum.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Height {
    /// Metres above the datum.
    pub metres: f64,
    /// What it is measured from.
    pub datum: HeightDatum,
}

impl Height {
    /// Metres above the ellipsoid at a place; `None` where the datum is not tied to the earth, or
    /// outside the grid of the Dutch quasi-geoid.
    #[must_use]
    pub fn ellipsoidal_m(&self, lat_deg: f64, lon_deg: f64) -> Option<f64> {
        match self.datum {
            HeightDatum::Ellipsoid => Some(self.metres),
            HeightDatum::Egm96 => Some(self.metres + egm96_undulation_m(lat_deg, lon_deg)),
            HeightDatum::Nap => Some(self.metres + quasi_geoid_m(lat_deg, lon_deg)?),
            HeightDatum::AboveTakeoff | HeightDatum::Unknown => None,
        }
    }
}
