//! A site and its parts, in degrees.

use serde::{Deserialize, Serialize};

use crate::geo::Height;
use crate::mandate::Mandate;

use super::{AssetLookup, Zone};

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
    Sensitive,
    Structure,
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

impl Outline {
    /// The outer vertices of it: a ring's, a line's, or the one of a point.
    #[must_use]
    pub fn vertices(&self) -> &[(f64, f64)] {
        match self {
            Self::Polygon(polygon) => &polygon.outer,
            Self::Line { vertices, .. } => vertices,
            Self::Point { at, .. } => std::slice::from_ref(at),
        }
    }
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
    /// Height above what it stands on, in metres.
    pub height_m: f64,
    /// What it stands on, where that is told and not simply the ground.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Height>,
}

/// Something that stands in the way and is not inspected: a mast, a building, trees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Structure {
    /// Its name.
    pub name: String,
    /// Where.
    pub outline: Outline,
    /// Height above what it stands on, in metres.
    pub height_m: f64,
    /// What it stands on, where that is told and not simply the ground.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Height>,
}

/// A line that is inspected along, and how far to each side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// Its name.
    pub name: String,
    /// Its vertices, (longitude, latitude) in degrees.
    pub vertices: Vec<(f64, f64)>,
    /// Half of the strip's width in metres; 0 where only the line is told.
    pub half_width_m: f64,
}

impl Route {
    /// Where it is.
    #[must_use]
    pub fn outline(&self) -> Outline {
        Outline::Line { vertices: self.vertices.clone(), half_width_m: self.half_width_m }
    }
}

/// A site.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// Its name.
    pub name: String,
    /// What is inspected.
    pub areas: Vec<Polygon>,
    /// Lines that are inspected along.
    pub routes: Vec<Route>,
    /// Things on it.
    pub assets: Vec<Asset>,
    /// Things in the way.
    pub structures: Vec<Structure>,
    /// Zones with rules; residents and sensitive objects among them.
    pub zones: Vec<Zone>,
    /// Where the vehicle may take off, (longitude, latitude) in degrees; the first is preferred.
    pub takeoffs: Vec<(f64, f64)>,
    /// Ground height above the ellipsoid in metres, if the site tells it.
    pub ground_height_m: Option<f64>,
    /// Why it is inspected, on what ground, under which number and when.
    pub mandate: Mandate,
    /// What a person should look at before trusting it, in words: "far from home?".
    pub warnings: Vec<String>,
}

impl Site {
    /// Where the vehicle takes off, if the site tells it: the first of the places it may.
    #[must_use]
    pub fn takeoff(&self) -> Option<(f64, f64)> {
        self.takeoffs.first().copied()
    }

    /// The asset that a place lies on; the smallest where several do, the first in the file where
    /// those are equal.
    ///
    /// For many places make one [`AssetLookup`] and ask that: this builds one for each call.
    #[must_use]
    pub fn asset_at(&self, lat_deg: f64, lon_deg: f64) -> Option<&Asset> {
        AssetLookup::new(self).asset_at(lat_deg, lon_deg)
    }
}
