//! Places and directions: WGS84, heights with their datum, attitude, camera model, terrain, RD/NAP.
//!
//! | file | what |
//! |---|---|
//! | `wgs84` | geodetic ↔ ECEF ↔ local east-north-up |
//! | `height` | a height and its datum |
//! | `attitude` | yaw, pitch, roll → rotation |
//! | `camera` | pixel ↔ ray, lens distortion |
//! | `egm96` | the EGM96 geoid |
//! | `magnetic` | true and magnetic north: the World Magnetic Model |
//! | `terrain` | flat ground or elevation model; where a ray meets it |
//! | `elevation` | a GeoTIFF model: `georeference` its keys, `posts` its tiles, some by `lzw` |
//! | `models` | several models as one; `march` follows rays over them |
//! | `charted` | many heights near to each other, by metres in a plane |
//! | `ellipse` | horizontal covariance → 95 % ellipse |
//! | `rdnap` | ETRS89 ↔ RD New and NAP, with `stereographic` |
//! | `sun` | where the sun stands, when it rises and sets |
//! | `utm` | transverse Mercator, the universal one and others |
//!
//! *Invariant*: this room never asks which camera or vehicle.

mod attitude;
mod camera;
mod charted;
mod egm96;
mod elevation;
mod ellipse;
mod georeference;
mod height;
mod lzw;
mod magnetic;
mod march;
mod models;
mod posts;
mod rdnap;
mod stereographic;
mod sun;
mod terrain;
mod utm;
mod wgs84;

pub use attitude::Attitude;
pub use camera::{CameraModel, Distortion};
pub use charted::Charted;
pub use egm96::egm96_undulation_m;
pub use elevation::{ElevationModel, ModelParams};
pub use ellipse::{Ellipse95, ellipse95};
pub use height::{EGM2008_BY_EGM96_M, Height, HeightDatum};
pub use magnetic::{Declination, North, declination};
pub use models::{ElevationModels, terrain_files};
pub use rdnap::{
    Etrs89, RdNap, etrs89_from_rd_nap, quasi_geoid_m, rd_nap_anywhere, rd_nap_from_etrs89,
};
pub use sun::{Sun, SunEvent, sun, sun_event_unix_s};
pub use terrain::{Error as TerrainError, Hit, Miss, Terrain};
pub use utm::TransverseMercator;
pub use wgs84::{Geodetic, LocalFrame, enu_from_ned};
