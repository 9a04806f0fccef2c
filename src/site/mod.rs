//! The object of an inspection: outline, assets, zones; read from TOML, GeoJSON, KML, KMZ,
//! Shapefiles, and ED-269 and ED-318 zone files.
//!
//! | file | what |
//! |---|---|
//! | `shape` | a site and its parts |
//! | `zone` | where and how high flying or looking is restricted |
//! | `applies` | when it is: dates, schedules, sun and twilight |
//! | `read` | which format a file is, several files as one site, limits |
//! | `site_file` | `site.toml` |
//! | `feature` | features of any file, and the site that is gathered from them |
//! | `geojson` | features with a role |
//! | `kml`, `archive` | placemarks, and KMZ around them |
//! | `shapefile`, `dbf`, `projection` | Shapefiles, their tables, and where they are |
//! | `zone_file`, `zone_time` | zones that authorities publish, and when they apply |
//! | `ring` | what makes a ring usable |
//! | `control` | surveyed places |
//! | `lookup` | which asset a place lies on |
//!
//! *Invariant*: this room never plans.

mod applies;
mod archive;
mod control;
mod dbf;
mod feature;
mod geojson;
mod kml;
mod lookup;
mod projection;
mod read;
mod ring;
mod shape;
mod shapefile;
mod site_file;
mod zone;
mod zone_file;
mod zone_time;

pub use applies::{Applicability, Daily, Edge, Weekday0};
pub use control::{ControlPoint, control_from_text, read_control};
pub use lookup::AssetLookup;
pub use read::{Error, Open, example, from_bytes, read, read_all};
pub use shape::{Asset, AssetKind, Outline, Polygon, Role, Route, Site, Structure};
pub use zone::{Limit, LimitDatum, Rule, Volume, Zone};
