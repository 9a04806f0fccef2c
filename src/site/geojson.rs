//! Sites in GeoJSON (RFC 7946): features with a role.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::geo::{Geodetic, LocalFrame};

use super::ring::open_ring;
use super::{Asset, AssetKind, Outline, Polygon, Role, Route, Site, Structure, Zone};

/// Most features of one site.
const MOST_FEATURES: usize = 50_000;

/// A vertex further than this from the first one is a slip of the pen, not a site.
const LARGEST_EXTENT_M: f64 = 500_000.0;

/// Widest corridor or circle in metres that an asset or zone may have.
const LARGEST_REACH_M: f64 = 100_000.0;

/// Tallest asset in metres; the tallest building stands at 830 m.
const TALLEST_M: f64 = 1_000.0;

type Vertex = (f64, f64);

#[derive(Deserialize)]
struct Collection {
    #[serde(rename = "type")]
    kind: String,
    name: Option<String>,
    #[serde(default)]
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    #[serde(rename = "type")]
    kind: String,
    geometry: Option<Geometry>,
    #[serde(default)]
    properties: Option<Properties>,
}

#[derive(Default, Deserialize)]
struct Properties {
    role: Option<Role>,
    name: Option<String>,
    kind: Option<AssetKind>,
    height_m: Option<f64>,
    half_width_m: Option<f64>,
    radius_m: Option<f64>,
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

/// Refuses what is no place on earth, and says what it may have been meant to be.
pub(super) fn check_position(lon: f64, lat: f64) -> Result<(), String> {
    let place = format!("longitude {lon}, latitude {lat}");
    if !lon.is_finite() || !lat.is_finite() {
        return Err(format!("{place} is not a pair of numbers"));
    }
    if lon.abs() > 360.0 || lat.abs() > 360.0 {
        return Err(format!("{place}: these look like metres (RD New?); WGS84 degrees are needed"));
    }
    if lat.abs() > 90.0 && lon.abs() <= 90.0 {
        return Err(format!("{place}: latitude is beyond 90; are the two swapped?"));
    }
    if lat.abs() > 90.0 || lon.abs() > 180.0 {
        return Err(format!("{place} is out of range"));
    }
    // The Netherlands with their numbers swapped lie in open sea off Somalia.
    if (50.7..53.7).contains(&lon) && (3.2..7.3).contains(&lat) {
        return Err(format!(
            "{place} lies in the Indian Ocean, swapped in the Netherlands; longitude comes first"
        ));
    }
    Ok(())
}

/// The site of a GeoJSON text; `name` is taken where the collection has none.
///
/// # Errors
/// What is wrong, with line and column or the feature's number.
pub(super) fn site(text: &str, name: String) -> Result<Site, String> {
    let collection: Collection = serde_json::from_str(text).map_err(|error| in_words(&error))?;
    if collection.kind != "FeatureCollection" {
        return Err(format!("the type is {}, not FeatureCollection", collection.kind));
    }
    let count = collection.features.len();
    if count == 0 || count > MOST_FEATURES {
        return Err(format!("{count} features; there must be 1 to {MOST_FEATURES}"));
    }
    let mut site = Site { name: collection.name.unwrap_or(name), ..Site::default() };
    let mut holes = Vec::new();
    let mut extent = Extent::default();
    for (number, feature) in (1..).zip(collection.features) {
        let called = feature.properties.as_ref().and_then(|p| p.name.clone());
        let called = called.map_or_else(String::new, |name| format!(" ({name})"));
        add(&mut site, &mut holes, &mut extent, feature, (number, count))
            .map_err(|reason| format!("feature {number}{called}: {reason}"))?;
    }
    for (number, hole) in holes {
        let inside = |area: &&mut Polygon| hole.iter().all(|&vertex| holds(&area.outer, vertex));
        let area = site.areas.iter_mut().find(inside);
        let area = area.ok_or_else(|| format!("feature {number}: the hole lies in no area"))?;
        area.holes.push(hole);
    }
    Ok(site)
}

/// Puts line and column in front, where the other files of this room have them.
fn in_words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let reason = text.strip_suffix(&place).unwrap_or(&text);
    format!("line {}, column {}: {reason}", error.line(), error.column())
}

/// How far apart the site's vertices are.
#[derive(Default)]
struct Extent {
    first: Option<(LocalFrame, Vertex)>,
}

impl Extent {
    fn check(&mut self, (lon, lat): Vertex) -> Result<(), String> {
        let place = Geodetic::from_degrees(lat, lon, 0.0);
        let (frame, first) = self.first.get_or_insert_with(|| (LocalFrame::at(&place), (lon, lat)));
        if frame.enu(&place).norm() <= LARGEST_EXTENT_M {
            return Ok(());
        }
        let swapped = frame.enu(&Geodetic::from_degrees(lon, lat, 0.0)).norm() <= LARGEST_EXTENT_M;
        let suspicion = if swapped { "; are longitude and latitude swapped?" } else { "" };
        Err(format!(
            "longitude {lon}, latitude {lat} is more than 500 km from the site's first vertex {}, \
             {}{suspicion}",
            first.0, first.1
        ))
    }
}

fn add(
    site: &mut Site,
    holes: &mut Vec<(usize, Vec<Vertex>)>,
    extent: &mut Extent,
    feature: Feature,
    (number, count): (usize, usize),
) -> Result<(), String> {
    if feature.kind != "Feature" {
        return Err(format!("its type is {}, not Feature", feature.kind));
    }
    let properties = feature.properties.unwrap_or_default();
    let geometry = feature.geometry.ok_or("it has no geometry")?;
    let lone = count == 1 && matches!(geometry, Geometry::Polygon(_) | Geometry::MultiPolygon(_));
    let role = properties.role.or(lone.then_some(Role::Area)).ok_or(
        "it has no role; one of area, hole, route, asset, no_fly, no_capture, resident, takeoff",
    )?;
    let shapes = shapes(geometry, role, &properties)?;
    if shapes.is_empty() {
        return Err("its geometry is empty".to_owned());
    }
    for outline in shapes {
        vertices(&outline).try_for_each(|vertex| extent.check(vertex))?;
        match (role, outline) {
            (Role::Area, Outline::Polygon(polygon)) => site.areas.push(polygon),
            (Role::Hole, Outline::Polygon(polygon)) => holes.push((number, polygon.outer)),
            (Role::Takeoff, Outline::Point { at, .. }) => site.takeoffs.push(at),
            (Role::Asset, outline) => site.assets.push(asset(&properties, number, outline)?),
            (Role::Route, Outline::Line { vertices, half_width_m }) => {
                let name = named(&properties, number, "route");
                site.routes.push(Route { name, vertices, half_width_m });
            }
            (Role::Structure, outline) => {
                let name = named(&properties, number, "structure");
                let height_m = height(&properties)?;
                site.structures.push(Structure { name, outline, height_m, base: None });
            }
            (Role::NoFly | Role::NoCapture | Role::Resident | Role::Sensitive, outline) => {
                let name = named(&properties, number, "zone");
                site.zones.push(Zone::always(name, role, outline));
            }
            (Role::Area | Role::Hole, _) => return Err("an area or hole is a polygon".to_owned()),
            (Role::Takeoff, _) => return Err("a take-off is a point".to_owned()),
            (Role::Route, _) => return Err("a route is a line".to_owned()),
        }
    }
    Ok(())
}

fn named(properties: &Properties, number: usize, what: &str) -> String {
    properties.name.clone().unwrap_or_else(|| format!("{what} {number}"))
}

fn asset(properties: &Properties, number: usize, outline: Outline) -> Result<Asset, String> {
    let kind = properties.kind.ok_or(
        "an asset needs a kind; one of pipe, roof, facade, tank, flare, switchgear, pv_table, \
         stack",
    )?;
    let height_m = height(properties)?;
    Ok(Asset { name: named(properties, number, "asset"), kind, outline, height_m, base: None })
}

fn height(properties: &Properties) -> Result<f64, String> {
    let height_m = properties.height_m.unwrap_or(0.0);
    if !(-TALLEST_M..=TALLEST_M).contains(&height_m) {
        return Err(format!("height_m {height_m} is beyond {TALLEST_M}"));
    }
    Ok(height_m)
}

fn shapes(geometry: Geometry, role: Role, told: &Properties) -> Result<Vec<Outline>, String> {
    let lines = |lines: Vec<Vec<Position>>| {
        // A route is a line to fly along: it has no width of its own.
        let least = if role == Role::Route { Some(0.0) } else { None };
        let half_width_m = reach(told.half_width_m.or(least), "a line", "half_width_m")?;
        lines.into_iter().map(|line| polyline(line, half_width_m)).collect()
    };
    let points = |points: Vec<Position>| {
        let least = if role == Role::Takeoff { Some(0.0) } else { None };
        let radius_m = reach(told.radius_m.or(least), "a point", "radius_m")?;
        Ok(points.into_iter().map(|p| Outline::Point { at: (p.0, p.1), radius_m }).collect())
    };
    match geometry {
        Geometry::Point(point) => points(vec![point]),
        Geometry::MultiPoint(all) => points(all),
        Geometry::LineString(line) => lines(vec![line]),
        Geometry::MultiLineString(all) => lines(all),
        Geometry::Polygon(rings) => Ok(vec![polygon(rings)?]),
        Geometry::MultiPolygon(all) => all.into_iter().map(polygon).collect(),
    }
}

fn reach(told: Option<f64>, what: &str, property: &str) -> Result<f64, String> {
    let metres = told.ok_or_else(|| format!("{what} needs {property}"))?;
    if !(0.0..=LARGEST_REACH_M).contains(&metres) {
        return Err(format!("{property} {metres} is not between 0 and {LARGEST_REACH_M}"));
    }
    Ok(metres)
}

fn polyline(line: Vec<Position>, half_width_m: f64) -> Result<Outline, String> {
    let mut vertices: Vec<Vertex> = line.into_iter().map(|p| (p.0, p.1)).collect();
    vertices.dedup();
    if vertices.len() < 2 {
        return Err("a line needs two distinct vertices".to_owned());
    }
    Ok(Outline::Line { vertices, half_width_m })
}

fn polygon(rings: Vec<Vec<Position>>) -> Result<Outline, String> {
    let mut rings = rings.into_iter().map(|ring| ring.into_iter().map(|p| (p.0, p.1)).collect());
    let outer = open_ring(rings.next().ok_or("the polygon has no ring")?)?;
    let holes: Vec<_> = rings.map(open_ring).collect::<Result<_, _>>()?;
    Ok(Outline::Polygon(Polygon { outer, holes }))
}

fn vertices(outline: &Outline) -> impl Iterator<Item = Vertex> {
    let (ring, point): (&[Vertex], _) = match outline {
        Outline::Polygon(polygon) => (&polygon.outer, None),
        Outline::Line { vertices, .. } => (vertices, None),
        Outline::Point { at, .. } => (&[], Some(*at)),
    };
    ring.iter().copied().chain(point)
}

/// Whether a ring holds a vertex, in degrees; an edge of the ring counts as inside or not, as it
/// falls.
fn holds(ring: &[Vertex], at: Vertex) -> bool {
    let edges = ring.iter().zip(ring.iter().cycle().skip(1));
    let crossed = edges.filter(|(a, b)| {
        (a.1 > at.1) != (b.1 > at.1) && at.0 < a.0 + (b.0 - a.0) * (at.1 - a.1) / (b.1 - a.1)
    });
    crossed.count() % 2 == 1
}
