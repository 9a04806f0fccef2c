//! A site and its parts, in degrees.

use serde::{Deserialize, Serialize};

use super::AssetLookup;

/// What a part of a site is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "DESIGN names them")]
pub enum Role {
    Area,
    Hole,
    Route,
    Asset,
    NoFly,
    NoCapture,
    Resident,
    Takeoff,
}

/// What an asset is; it decides a finding's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "words say it")]
pub enum AssetKind {
    Pipe,
    Roof,
    Facade,
    Tank,
    Flare,
    Switchgear,
    PvTable,
    Stack,
}

/// A closed ring and its holes, (longitude, latitude) in degrees, not repeated at the end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Polygon {
    /// Outer ring.
    pub outer: Vec<(f64, f64)>,
    /// Holes.
    pub holes: Vec<Vec<(f64, f64)>>,
}

/// A shape on the ground, (longitude, latitude) in degrees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Outline {
    /// An area.
    Polygon(Polygon),
    /// A line with half a width in metres.
    Line {
        /// Its vertices.
        vertices: Vec<(f64, f64)>,
        /// Half of its width.
        half_width_m: f64,
    },
    /// A point with a radius in metres.
    Point {
        /// Where.
        at: (f64, f64),
        /// How far it reaches.
        radius_m: f64,
    },
}

/// Something that is inspected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asset {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: AssetKind,
    /// Where.
    pub outline: Outline,
    /// Height above the ground in metres.
    pub height_m: f64,
}

/// A zone with a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Zone {
    /// Its name.
    pub name: String,
    /// `NoFly`, `NoCapture` or `Resident`; `Route` for a line that is to be inspected.
    pub role: Role,
    /// Where.
    pub outline: Outline,
}

/// A site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// Its name.
    pub name: String,
    /// What is inspected.
    pub areas: Vec<Polygon>,
    /// Things on it.
    pub assets: Vec<Asset>,
    /// Zones with rules.
    pub zones: Vec<Zone>,
    /// Where the vehicle takes off, (longitude, latitude) in degrees.
    pub takeoff: Option<(f64, f64)>,
    /// Ground height above the ellipsoid in metres, if the site tells it.
    pub ground_height_m: Option<f64>,
}

impl Site {
    /// The asset that a place lies on; the smallest where several do, the first in the file where
    /// those are equal.
    ///
    /// For many places make one [`AssetLookup`] and ask that: this builds one for each call.
    #[must_use]
    pub fn asset_at(&self, lat_deg: f64, lon_deg: f64) -> Option<&Asset> {
        AssetLookup::new(self).asset_at(lat_deg, lon_deg)
    }
}
