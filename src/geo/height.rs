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
    /// Mean sea level by the EGM2008 geoid. Its grid does not ship: EGM96 is taken for it, with
    /// [`EGM2008_BY_EGM96_M`] more sigma.
    Egm2008,
    /// Normaal Amsterdams Peil.
    Nap,
    /// The place where the vehicle took off.
    AboveTakeoff,
    /// The file does not tell and nothing else does.
    Unknown,
}

/// One sigma of EGM2008 against EGM96 in metres, where people live; in high mountains they are
/// metres apart (our convention: EGM96 is off the Dutch quasi-geoid by 0.1 to 0.6 m).
pub const EGM2008_BY_EGM96_M: f64 = 0.5;

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
            HeightDatum::Egm96 | HeightDatum::Egm2008 => {
                Some(self.metres + egm96_undulation_m(lat_deg, lon_deg))
            }
            HeightDatum::Nap => Some(self.metres + quasi_geoid_m(lat_deg, lon_deg)?),
            HeightDatum::AboveTakeoff | HeightDatum::Unknown => None,
        }
    }
}
