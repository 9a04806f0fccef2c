//! The object of an inspection: outline, assets, zones; read from TOML and GeoJSON.
//!
//! | file | what |
//! |---|---|
//! | `shape` | a site and its parts |
//! | `zone` | where and how high flying or looking is restricted |
//! | `applies` | when it is: dates, schedules, sun and twilight |
//! | `read` | `site.toml`, files and their limits |
//! | `geojson` | features with a role |
//! | `ring` | what makes a ring usable |
//! | `control` | surveyed places |
//! | `lookup` | which asset a place lies on |
//!
//! *Invariant*: this room never plans.

mod applies;
mod control;
mod geojson;
mod lookup;
mod read;
mod ring;
mod shape;
mod zone;

pub use applies::{Applicability, Daily, Edge, Weekday0};
pub use control::{ControlPoint, control_from_text, read_control};
pub use lookup::AssetLookup;
pub use read::{Error, example, from_text, read};
pub use shape::{Asset, AssetKind, Outline, Polygon, Role, Route, Site, Structure};
pub use zone::{Limit, LimitDatum, Rule, Volume, Zone};
