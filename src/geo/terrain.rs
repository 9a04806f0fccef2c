//! The ground: flat, or an elevation model; and where a ray meets it.

use nalgebra::Vector3;

use super::Geodetic;

/// The surface that rays are cast against.
#[derive(Debug)]
pub enum Terrain {
    /// A surface of one height above the WGS84 ellipsoid, in metres.
    Flat {
        /// Height above the ellipsoid.
        height_m: f64,
        /// Standard deviation of that height.
        sigma_m: f64,
    },
}

/// An elevation model could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {}

/// Where a ray met the ground.
#[derive(Debug, Clone, Copy)]
pub struct Hit {
    /// The place.
    pub point: Geodetic,
    /// Distance from the ray's origin in metres.
    pub range_m: f64,
    /// Unit normal of the ground in east, north, up at the place.
    pub normal_enu: Vector3<f64>,
    /// Standard deviation of the ground's height in metres.
    pub sigma_m: f64,
}

/// Why a ray gave no place on the ground.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Miss {
    /// The ray does not go down to the ground.
    #[error("the ray points above the horizon")]
    AboveHorizon,
    /// The camera lies below the ground.
    #[error("the camera is {below_m:.1} m below the terrain")]
    CameraBelowTerrain {
        /// How far.
        below_m: f64,
    },
    /// The ray left the elevation model before it met the ground, or began outside.
    #[error("the ray leaves the terrain model")]
    OutsideTerrain,
    /// The elevation model has no height at the place.
    #[error("the terrain model has no height where the ray meets it")]
    NoHeight,
    /// Further away than is worth an answer.
    #[error("the ground is further than {limit_m:.0} m away")]
    TooFar {
        /// The limit.
        limit_m: f64,
    },
}

impl Terrain {
    /// Height above the ellipsoid in metres at a place, if it is known there.
    #[must_use]
    pub fn height_m(&self, _lat_rad: f64, _lon_rad: f64) -> Option<f64> {
        match self {
            Self::Flat { height_m, .. } => Some(*height_m),
        }
    }

    /// First crossing of a ray, from `origin` along the unit vector `direction_enu` (axes at the
    /// origin), with the ground.
    ///
    /// # Errors
    /// The reason why there is none.
    pub fn cast(&self, _origin: &Geodetic, _direction_enu: &Vector3<f64>) -> Result<Hit, Miss> {
        Err(Miss::AboveHorizon)
    }
}
