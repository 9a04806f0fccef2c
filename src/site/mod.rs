//! The object of an inspection: outline, assets, zones; read from TOML and GeoJSON.
//!
//! *Invariant*: this room never plans.

mod read;
mod shape;

pub use read::{Error, read};
pub use shape::{Asset, AssetKind, Outline, Polygon, Role, Site, Zone};
