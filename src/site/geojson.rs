//! GeoJSON (RFC 7946): features with a role.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::feature::{self, Feature, MOST_FEATURES, Told, Vertex, check_position};

#[derive(Deserialize)]
struct Collection {
    #[serde(rename = "type")]
    kind: String,
    name: Option<String>,
    #[serde(default)]
    features: Vec<Written>,
}

#[derive(Deserialize)]
struct Written {
    #[serde(rename = "type")]
    kind: String,
    geometry: Option<Geometry>,
    #[serde(default)]
    properties: Option<Told>,
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Point(Position),
    MultiPoint(Vec<Position>),
    LineString(Vec<Position>),
    MultiLineString(Vec<Vec<Position>>),
    Polygon(Vec<Vec<Position>>),
    MultiPolygon(Vec<Vec<Vec<Position>>>),
}

/// Longitude, latitude; a height behind them is passed over.
#[derive(Clone, Copy)]
struct Position(f64, f64);

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let numbers = Vec::<f64>::deserialize(deserializer)?;
        let &[lon, lat, ..] = numbers.as_slice() else {
            return Err(D::Error::custom("a position needs longitude and latitude"));
        };
        check_position(lon, lat).map_err(D::Error::custom)?;
        Ok(Self(lon, lat))
    }
}

/// The collection's name and its features.
///
/// # Errors
/// What is wrong, with line and column or the feature's number.
pub(super) fn features(text: &str) -> Result<(Option<String>, Vec<Feature>), String> {
    let collection: Collection = serde_json::from_str(text).map_err(|error| in_words(&error))?;
    if collection.kind != "FeatureCollection" {
        return Err(format!("the type is {}, not FeatureCollection", collection.kind));
    }
    let count = collection.features.len();
    if count == 0 || count > MOST_FEATURES {
        return Err(format!("{count} features; there must be 1 to {MOST_FEATURES}"));
    }
    let mut features = Vec::with_capacity(count);
    for (number, written) in (1..).zip(collection.features) {
        if written.kind != "Feature" {
            return Err(format!("feature {number}: its type is {}, not Feature", written.kind));
        }
        let none = || format!("feature {number}: it has no geometry");
        let geometry = vec![taken(written.geometry.ok_or_else(none)?)];
        features.push(Feature { told: written.properties.unwrap_or_default(), geometry });
    }
    Ok((collection.name, features))
}

/// Puts line and column in front, where the other files of this room have them.
pub(super) fn in_words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let reason = text.strip_suffix(&place).unwrap_or(&text);
    format!("line {}, column {}: {reason}", error.line(), error.column())
}

fn taken(geometry: Geometry) -> feature::Geometry {
    use feature::Geometry::{Lines, Points, Polygons};
    let line = |line: Vec<Position>| line.into_iter().map(|p| (p.0, p.1)).collect::<Vec<Vertex>>();
    let rings = |rings: Vec<Vec<Position>>| rings.into_iter().map(line).collect();
    match geometry {
        Geometry::Point(at) => Points(line(vec![at])),
        Geometry::MultiPoint(all) => Points(line(all)),
        Geometry::LineString(all) => Lines(vec![line(all)]),
        Geometry::MultiLineString(all) => Lines(rings(all)),
        Geometry::Polygon(all) => Polygons(vec![rings(all)]),
        Geometry::MultiPolygon(all) => Polygons(all.into_iter().map(rings).collect()),
    }
}
