//! What the coordinates of a step are counted from (`MAV_FRAME` of common.xml).

use super::item::is_global;

/// `MAV_FRAME`, as a step of a mission can have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Frame {
    /// Degrees, and metres above mean sea level.
    Amsl,
    /// No coordinates: parameters 5 and 6 are numbers of the command's own.
    Mission,
    /// Degrees, and metres above home.
    AboveHome,
    /// As `Amsl`; the number that vehicles gave to integer coordinates once.
    AmslInt,
    /// As `AboveHome`, likewise.
    AboveHomeInt,
    /// Degrees, and metres above the terrain below.
    AboveTerrain,
    /// As `AboveTerrain`, likewise.
    AboveTerrainInt,
    /// Another one; its height is above nothing that is known here.
    Other(u8),
}

/// What a height is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Above {
    /// Mean sea level.
    SeaLevel,
    /// The home position.
    Home,
    /// The ground below.
    Terrain,
}

impl Frame {
    /// The frame with a number.
    #[must_use]
    pub fn of_code(code: u8) -> Self {
        match code {
            0 => Self::Amsl,
            2 => Self::Mission,
            3 => Self::AboveHome,
            5 => Self::AmslInt,
            6 => Self::AboveHomeInt,
            10 => Self::AboveTerrain,
            11 => Self::AboveTerrainInt,
            other => Self::Other(other),
        }
    }

    /// Its number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Amsl => 0,
            Self::Mission => 2,
            Self::AboveHome => 3,
            Self::AmslInt => 5,
            Self::AboveHomeInt => 6,
            Self::AboveTerrain => 10,
            Self::AboveTerrainInt => 11,
            Self::Other(code) => code,
        }
    }

    /// What its heights are counted from.
    #[must_use]
    pub fn above(self) -> Option<Above> {
        match self {
            Self::Amsl | Self::AmslInt => Some(Above::SeaLevel),
            Self::AboveHome | Self::AboveHomeInt => Some(Above::Home),
            Self::AboveTerrain | Self::AboveTerrainInt => Some(Above::Terrain),
            Self::Mission | Self::Other(_) => None,
        }
    }

    /// Whether it counts in degrees.
    #[must_use]
    pub fn is_global(self) -> bool {
        is_global(self.code())
    }
}
