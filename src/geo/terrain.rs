//! The ground: flat, or an elevation model; and where a ray meets it.

use std::path::{Path, PathBuf};

use nalgebra::Vector3;

use super::elevation::{ElevationModel, ModelParams};
use super::models::{ElevationModels, terrain_files};
use super::{Geodetic, LocalFrame, march};

/// Rays are not followed further than this. A thermal pixel covers 10 m or more there.
pub(super) const FARTHEST_M: f64 = 10_000.0;

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
    /// One or several GeoTIFF elevation models.
    Model(Box<ElevationModels>),
}

/// An elevation model could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// As the reason says of the file.
    #[error("{file} {reason}", file = file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: Box<Error>,
    },
    /// The file cannot be opened.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// Not a TIFF, damaged, or too large in one piece.
    #[error("is no readable GeoTIFF: {0}")]
    Tiff(#[from] tiff::TiffError),
    /// A GeoTIFF of a kind that is not read.
    #[error(
        "has {0}; read are one-band GeoTIFFs in EPSG 4326, 4258, 28992, 7415 and UTM \
         (326xx, 327xx, 258xx)"
    )]
    Unsupported(String),
    /// Heights are measured from something that is not known here.
    #[error(
        "has heights of an unknown datum; say with --terrain-datum which: ellipsoid, EGM96 or NAP"
    )]
    VerticalDatum,
    /// The file says nothing of what its heights are measured from, and too much is usual.
    #[error(
        "does not say what its heights are measured from, and for UTM there is no rule: a wrong \
         guess is off by 40 m; say with --terrain-datum which: ellipsoid, EGM96 or NAP"
    )]
    VerticalDatumMissing,
    /// A folder without any, or no file named.
    #[error("holds no elevation model; wanted are GeoTIFFs, .tif or .tiff")]
    NoModel,
    /// A standard deviation that is none.
    #[error("cannot have a standard deviation of {0} m")]
    Sigma(f64),
}

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
    /// The file of the elevation model is damaged under the ray.
    #[error("the terrain model cannot be read where the ray passes")]
    Unreadable,
    /// Further away than is worth an answer.
    #[error("the ground is further than {limit_m:.0} m away")]
    TooFar {
        /// The limit.
        limit_m: f64,
    },
    /// The camera's place, the ray or the flat ground's height is not a number.
    #[error("the ray or the ground is not a number")]
    NotANumber,
}

impl Terrain {
    /// Opens a GeoTIFF elevation model.
    ///
    /// # Errors
    /// As [`ElevationModel::open`].
    pub fn open(file: &Path, params: &ModelParams) -> Result<Self, Error> {
        Self::of(vec![ElevationModel::open(file, params)?])
    }

    /// Opens several GeoTIFF elevation models, files or folders of tiles: at each place the first
    /// one that has a height there counts, so that a surface model is named before the ground model
    /// that fills its gaps. What [`ModelParams`] tells holds for all of them.
    ///
    /// # Errors
    /// As [`ElevationModel::open`] and [`terrain_files`].
    pub fn open_all(paths: &[PathBuf], params: &ModelParams) -> Result<Self, Error> {
        Ok(Self::Model(Box::new(ElevationModels::open(&terrain_files(paths)?, params)?)))
    }

    fn of(models: Vec<ElevationModel>) -> Result<Self, Error> {
        Ok(Self::Model(Box::new(ElevationModels::new(models)?)))
    }

    /// From the bytes of a GeoTIFF elevation model.
    ///
    /// # Errors
    /// As [`ElevationModel::open`].
    pub fn from_bytes(bytes: Vec<u8>, params: &ModelParams) -> Result<Self, Error> {
        Self::of(vec![ElevationModel::from_bytes(bytes, params)?])
    }

    /// From the bytes of several, in order as in [`Terrain::open_all`].
    ///
    /// # Errors
    /// As [`ElevationModel::open`].
    pub fn from_all_bytes(files: Vec<Vec<u8>>, params: &ModelParams) -> Result<Self, Error> {
        let models = files.into_iter().map(|bytes| ElevationModel::from_bytes(bytes, params));
        Self::of(models.collect::<Result<_, _>>()?)
    }

    /// Height above the ellipsoid in metres at a place, if it is known there.
    #[must_use]
    pub fn height_m(&self, lat_rad: f64, lon_rad: f64) -> Option<f64> {
        match self {
            Self::Flat { height_m, .. } => Some(*height_m),
            Self::Model(model) => model.height_m(&Geodetic { lat_rad, lon_rad, height_m: 0.0 }),
        }
    }

    /// What was assumed about the ground because neither file nor user told it, in a sentence for
    /// the user; `None` if nothing was.
    #[must_use]
    pub fn assumption(&self) -> Option<String> {
        match self {
            Self::Flat { .. } => None,
            Self::Model(model) => model.assumption(),
        }
    }

    /// Standard deviation of the ground's height in metres, of several models the largest one.
    #[must_use]
    pub fn sigma_m(&self) -> f64 {
        match self {
            Self::Flat { sigma_m, .. } => *sigma_m,
            Self::Model(model) => model.sigma_m(),
        }
    }

    /// First crossing of a ray, from `origin` along the unit vector `direction_enu` (axes at the
    /// origin), with the ground.
    ///
    /// The earth is curved here: flat ground is a surface of constant height above the ellipsoid,
    /// and rays are straight lines in earth-centred coordinates. Refraction is not modelled. On an
    /// elevation model the ray is tried every half post, so that a thinner wall that it only grazes
    /// may be missed.
    ///
    /// # Errors
    /// The reason why there is none.
    pub fn cast(&self, origin: &Geodetic, direction_enu: &Vector3<f64>) -> Result<Hit, Miss> {
        let numbers = [origin.lat_rad, origin.lon_rad, origin.height_m];
        if !numbers.iter().chain(direction_enu.iter()).all(|v| v.is_finite()) {
            return Err(Miss::NotANumber);
        }
        match self {
            Self::Flat { height_m, .. } if !height_m.is_finite() => Err(Miss::NotANumber),
            Self::Flat { height_m, sigma_m } => {
                cast_flat(origin, direction_enu, *height_m, *sigma_m)
            }
            Self::Model(model) => march::cast(model, origin, direction_enu),
        }
    }
}

/// Newton's method on the height along the ray. Height is convex along a straight line, so that
/// steps from above never pass the first crossing and a ray that misses turns upwards on the way.
fn cast_flat(
    origin: &Geodetic,
    direction_enu: &Vector3<f64>,
    height_m: f64,
    sigma_m: f64,
) -> Result<Hit, Miss> {
    if origin.height_m < height_m {
        return Err(Miss::CameraBelowTerrain { below_m: height_m - origin.height_m });
    }
    let start = origin.to_ecef();
    let direction = LocalFrame::at(origin).ecef_from_enu() * direction_enu;
    let mut point = *origin;
    let mut range_m = 0.0;
    for _ in 0..100 {
        let up = LocalFrame::at(&point).ecef_from_enu().column(2).into_owned();
        let sinking = -direction.dot(&up);
        if sinking <= 0.0 {
            return Err(Miss::AboveHorizon);
        }
        let step_m = (point.height_m - height_m) / sinking;
        range_m += step_m;
        if range_m > FARTHEST_M {
            break;
        }
        point = Geodetic::from_ecef(&(start + direction * range_m));
        if step_m.abs() < 1e-7 {
            return Ok(Hit { point, range_m, normal_enu: Vector3::z(), sigma_m });
        }
    }
    Err(Miss::TooFar { limit_m: FARTHEST_M })
}
