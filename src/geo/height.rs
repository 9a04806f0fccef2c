//! A height never travels without its datum.

use serde::{Deserialize, Serialize};

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
