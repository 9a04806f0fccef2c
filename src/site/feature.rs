//! Features of any file, and the site that is gathered from them.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::geo::{Geodetic, Height, HeightDatum, LocalFrame};

use super::ring::open_ring;
use super::{Asset, AssetKind, Outline, Polygon, Role, Route, Site, Structure, Zone};

/// Most features of one site.
pub(super) const MOST_FEATURES: usize = 50_000;

/// Most places to take off from.
const MOST_TAKEOFFS: usize = 100;

/// A vertex further than this from the first one is a slip of the pen, not a site.
const LARGEST_EXTENT_M: f64 = 500_000.0;

/// Widest corridor or circle in metres that an asset or zone may have.
const LARGEST_REACH_M: f64 = 100_000.0;

/// Tallest asset in metres; the tallest building stands at 830 m.
const TALLEST_M: f64 = 1_000.0;

/// An area below this is a slip of the pen.
const SMALLEST_AREA_M2: f64 = 1.0;
/// An area above this is a province, not a site.
const LARGEST_AREA_M2: f64 = 1e9;
/// Beyond this latitude a site's plane has no useful east.
const HIGHEST_LATITUDE_DEG: f64 = 89.0;

/// A take-off further than this from all that is inspected is out of sight of it by far.
const FAR_FROM_HOME_M: f64 = 20_000.0;

/// Longitude and latitude in degrees.
pub(super) type Vertex = (f64, f64);

/// What a file tells of a feature beside its geometry.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Told {
    pub(super) role: Option<Role>,
    pub(super) name: Option<String>,
    pub(super) kind: Option<AssetKind>,
    pub(super) height_m: Option<f64>,
    pub(super) base_m: Option<f64>,
    pub(super) base_datum: Option<HeightDatum>,
    pub(super) half_width_m: Option<f64>,
    pub(super) radius_m: Option<f64>,
    pub(super) keep_away_m: Option<f64>,
}

/// The geometry of a feature as its file has it.
#[derive(Debug, Clone)]
pub(super) enum Geometry {
    Points(Vec<Vertex>),
    Lines(Vec<Vec<Vertex>>),
    /// Rings of polygons, each closed, the outer one first.
    Polygons(Vec<Vec<Vec<Vertex>>>),
}

/// A feature of any file.
#[derive(Debug, Clone)]
pub(super) struct Feature {
    pub(super) told: Told,
    /// One, or several kinds together.
    pub(super) geometry: Vec<Geometry>,
}

impl Told {
    /// What is told here, else what `others` tell.
    pub(super) fn or(self, others: &Self) -> Self {
        Self {
            role: self.role.or(others.role),
            name: self.name.or_else(|| others.name.clone()),
            kind: self.kind.or(others.kind),
            height_m: self.height_m.or(others.height_m),
            base_m: self.base_m.or(others.base_m),
            base_datum: self.base_datum.or(others.base_datum),
            half_width_m: self.half_width_m.or(others.half_width_m),
            radius_m: self.radius_m.or(others.radius_m),
            keep_away_m: self.keep_away_m.or(others.keep_away_m),
        }
    }

    /// Takes up a property by its name in a file without types. Shapefiles cut names at ten
    /// letters; what is not known is passed over.
    ///
    /// # Errors
    /// A sentence for a property that is known and holds what it cannot.
    pub(super) fn take(&mut self, key: &str, value: &str) -> Result<(), String> {
        let value = value.trim();
        if value.is_empty() {
            return Ok(());
        }
        let key = key.trim().to_ascii_lowercase();
        let is = |known: &str| key == known || key.len() == 10 && known.starts_with(&key);
        let metres = || {
            let metres: Option<f64> = value.replace(',', ".").parse().ok();
            let metres = metres.filter(|metres| metres.is_finite());
            metres.map(Some).ok_or_else(|| format!("{key} is {value:?}, not a number"))
        };
        if key == "role" {
            self.role = Some(word(value, "role")?);
        } else if key == "name" {
            self.name = Some(value.to_owned());
        } else if key == "kind" {
            self.kind = Some(word(value, "kind")?);
        } else if is("base_datum") {
            self.base_datum = Some(word(value, "base_datum")?);
        } else if is("height_m") {
            self.height_m = metres()?;
        } else if is("base_m") {
            self.base_m = metres()?;
        } else if is("half_width_m") {
            self.half_width_m = metres()?;
        } else if is("radius_m") {
            self.radius_m = metres()?;
        } else if is("keep_away_m") {
            self.keep_away_m = metres()?;
        }
        Ok(())
    }
}

/// A word of a list as people write it: "No fly", "no-fly" and `no_fly` are one.
pub(super) fn word<T: serde::de::DeserializeOwned>(text: &str, what: &str) -> Result<T, String> {
    let plain = text.trim().to_lowercase().replace([' ', '-'], "_");
    serde_json::from_value(plain.into()).map_err(|error| format!("the {what}: {error}"))
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

/// A site as it is gathered from one file after the other.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) site: Site,
    /// With the file and the number of the feature.
    holes: Vec<(PathBuf, usize, Vec<Vertex>)>,
    extent: Extent,
    count: usize,
}

impl Gathered {
    /// Adds the features of a file; `defaults` stand in for what they do not tell.
    ///
    /// # Errors
    /// What is wrong, with the feature's number and name.
    pub(super) fn add(
        &mut self,
        file: &Path,
        features: Vec<Feature>,
        defaults: &Told,
    ) -> Result<(), String> {
        let count = features.len();
        if count == 0 || self.count + count > MOST_FEATURES {
            return Err(format!("{count} features; there must be 1 to {MOST_FEATURES}"));
        }
        self.count += count;
        for (number, mut feature) in (1..).zip(features) {
            let called = feature.told.name.as_ref().map_or_else(String::new, |n| format!(" ({n})"));
            feature.told = feature.told.or(defaults);
            if count == 1 && is_polygon(&feature.geometry) {
                feature.told.role = feature.told.role.or(Some(Role::Area));
            }
            self.feature(file, number, feature)
                .map_err(|reason| format!("feature {number}{called}: {reason}"))?;
        }
        Ok(())
    }

    fn feature(&mut self, file: &Path, number: usize, feature: Feature) -> Result<(), String> {
        let Feature { told, geometry } = feature;
        let role = told.role.ok_or(
            "it has no role; one of area, hole, route, asset, no_fly, no_capture, resident, \
             takeoff, sensitive, structure",
        )?;
        let mut outlines = Vec::new();
        for geometry in geometry {
            outlines.extend(shapes(geometry, role, &told)?);
        }
        if outlines.is_empty() {
            return Err("its geometry is empty".to_owned());
        }
        for outline in outlines {
            outline.vertices().iter().try_for_each(|&vertex| self.extent.check(vertex))?;
            self.outline(file, number, &told, role, outline)?;
        }
        Ok(())
    }

    fn outline(
        &mut self,
        file: &Path,
        number: usize,
        told: &Told,
        role: Role,
        outline: Outline,
    ) -> Result<(), String> {
        let named = |what: &str| told.name.clone().unwrap_or_else(|| format!("{what} {number}"));
        let site = &mut self.site;
        match (role, outline) {
            (Role::Area, Outline::Polygon(polygon)) => {
                check_area(&polygon)?;
                site.areas.push(polygon);
            }
            (Role::Hole, Outline::Polygon(polygon)) => {
                self.holes.push((file.to_owned(), number, polygon.outer));
            }
            (Role::Takeoff, Outline::Point { at, .. }) if site.takeoffs.len() < MOST_TAKEOFFS => {
                site.takeoffs.push(at);
            }
            (Role::Takeoff, Outline::Point { .. }) => {
                return Err(format!("more than {MOST_TAKEOFFS} take-offs"));
            }
            (Role::Asset, outline) => {
                let kind = told.kind.ok_or(
                    "an asset needs a kind; one of pipe, roof, facade, tank, flare, switchgear, \
                     pv_table, stack",
                )?;
                let (height_m, base) = heights(told)?;
                site.assets.push(Asset { name: named("asset"), kind, outline, height_m, base });
            }
            (Role::Structure, outline) => {
                let (height_m, base) = heights(told)?;
                site.structures.push(Structure {
                    name: named("structure"),
                    outline,
                    height_m,
                    base,
                });
            }
            (Role::Route, Outline::Line { vertices, half_width_m }) => {
                site.routes.push(Route { name: named("route"), vertices, half_width_m });
            }
            (Role::NoFly | Role::NoCapture | Role::Resident | Role::Sensitive, outline) => {
                let keep_away_m = reach(told.keep_away_m.or(Some(0.0)), "it", "keep_away_m")?;
                let zone = Zone::always(named("zone"), role, outline);
                site.zones.push(Zone { keep_away_m, ..zone });
            }
            (Role::Area | Role::Hole, _) => return Err("an area or hole is a polygon".to_owned()),
            (Role::Takeoff, _) => return Err("a take-off is a point".to_owned()),
            (Role::Route, _) => return Err("a route is a line".to_owned()),
        }
        Ok(())
    }

    /// Adds zones of an authority. They may lie anywhere: such files hold whole countries.
    ///
    /// # Errors
    /// A sentence where there are too many.
    pub(super) fn zones(&mut self, zones: Vec<Zone>) -> Result<(), String> {
        self.count += zones.len();
        if self.count > MOST_FEATURES {
            return Err(format!("more than {MOST_FEATURES} features and zones"));
        }
        self.site.zones.extend(zones);
        Ok(())
    }

    /// The site, holes in their areas.
    ///
    /// # Errors
    /// The file and a sentence.
    pub(super) fn finish(self) -> Result<Site, (PathBuf, String)> {
        let Self { mut site, holes, .. } = self;
        for (file, number, hole) in holes {
            let inside =
                |area: &&mut Polygon| hole.iter().all(|&vertex| holds(&area.outer, vertex));
            let Some(area) = site.areas.iter_mut().find(inside) else {
                return Err((file, format!("feature {number}: the hole lies in no area")));
            };
            area.holes.push(hole);
        }
        far_from_home(&mut site);
        Ok(site)
    }
}

fn is_polygon(geometry: &[Geometry]) -> bool {
    matches!(geometry, [Geometry::Polygons(_)])
}

/// Warns where no take-off is near to what is inspected.
fn far_from_home(site: &mut Site) {
    let areas = site.areas.iter().filter_map(|area| area.outer.first());
    let routes = site.routes.iter().filter_map(|route| route.vertices.first());
    let work: Vec<Vertex> = areas.chain(routes).copied().collect();
    let Some(&(lon, lat)) = work.first() else { return };
    let frame = LocalFrame::at(&Geodetic::from_degrees(lat, lon, 0.0));
    let away = |&(lon, lat): &Vertex| frame.enu(&Geodetic::from_degrees(lat, lon, 0.0));
    let mut warnings = Vec::new();
    for takeoff in &site.takeoffs {
        let home = away(takeoff);
        let nearest = work.iter().map(|v| (away(v) - home).norm()).fold(f64::INFINITY, f64::min);
        if nearest > FAR_FROM_HOME_M {
            let (lon, lat) = takeoff;
            warnings.push(format!(
                "the take-off at {lat}, {lon} (lat, lon) is {:.0} km from what is inspected: far \
                 from home?",
                nearest / 1000.0
            ));
        }
    }
    site.warnings.append(&mut warnings);
}

/// Area in m² in the tangent plane at the first vertex, holes left out.
fn area_m2(ring: &[Vertex]) -> f64 {
    let Some(&(lon, lat)) = ring.first() else { return 0.0 };
    let frame = LocalFrame::at(&Geodetic::from_degrees(lat, lon, 0.0));
    let flat: Vec<_> =
        ring.iter().map(|&(lon, lat)| frame.enu(&Geodetic::from_degrees(lat, lon, 0.0))).collect();
    let edges = flat.iter().zip(flat.iter().cycle().skip(1));
    edges.map(|(a, b)| a.x * b.y - b.x * a.y).sum::<f64>().abs() / 2.0
}

fn check_area(polygon: &Polygon) -> Result<(), String> {
    if let Some((_, lat)) = polygon.outer.iter().find(|v| v.1.abs() > HIGHEST_LATITUDE_DEG) {
        return Err(format!("an area at latitude {lat} is too near to a pole to be planned"));
    }
    let holes: f64 = polygon.holes.iter().map(|hole| area_m2(hole)).sum();
    let area = area_m2(&polygon.outer) - holes;
    if area < SMALLEST_AREA_M2 {
        return Err(format!("the area has {area:.3} m2; below {SMALLEST_AREA_M2} it is a slip"));
    }
    if area > LARGEST_AREA_M2 {
        return Err(format!("the area has {:.0} km2; {} are the most", area / 1e6, 1000));
    }
    Ok(())
}

/// How far apart the site's vertices are.
#[derive(Debug, Default)]
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

fn heights(told: &Told) -> Result<(f64, Option<Height>), String> {
    let height_m = told.height_m.unwrap_or(0.0);
    if !(-TALLEST_M..=TALLEST_M).contains(&height_m) {
        return Err(format!("height_m {height_m} is beyond {TALLEST_M}"));
    }
    let base = match (told.base_m, told.base_datum) {
        (None, _) => None,
        (Some(_), None) => {
            return Err("base_m needs base_datum: ellipsoid, egm96, egm2008 or nap".to_owned());
        }
        (Some(_), Some(HeightDatum::AboveTakeoff | HeightDatum::Unknown)) => {
            return Err("base_datum must be ellipsoid, egm96, egm2008 or nap".to_owned());
        }
        (Some(metres), Some(datum)) => Some(Height { metres, datum }),
    };
    if let Some(base) = base
        && !(-600.0..=9_000.0).contains(&base.metres)
    {
        return Err(format!("base_m {} is not between -600 and 9000", base.metres));
    }
    Ok((height_m, base))
}

fn shapes(geometry: Geometry, role: Role, told: &Told) -> Result<Vec<Outline>, String> {
    match geometry {
        Geometry::Points(points) => {
            let least = if role == Role::Takeoff { Some(0.0) } else { None };
            let radius_m = reach(told.radius_m.or(least), "a point", "radius_m")?;
            Ok(points.into_iter().map(|at| Outline::Point { at, radius_m }).collect())
        }
        Geometry::Lines(lines) => {
            // A route is a line to fly along: it need not have a width of its own.
            let least = if role == Role::Route { Some(0.0) } else { None };
            let half_width_m = reach(told.half_width_m.or(least), "a line", "half_width_m")?;
            lines.into_iter().map(|line| polyline(line, half_width_m)).collect()
        }
        Geometry::Polygons(all) => all.into_iter().map(polygon).collect(),
    }
}

fn reach(told: Option<f64>, what: &str, property: &str) -> Result<f64, String> {
    let metres = told.ok_or_else(|| format!("{what} needs {property}"))?;
    if !(0.0..=LARGEST_REACH_M).contains(&metres) {
        return Err(format!("{property} {metres} is not between 0 and {LARGEST_REACH_M}"));
    }
    Ok(metres)
}

fn polyline(mut vertices: Vec<Vertex>, half_width_m: f64) -> Result<Outline, String> {
    vertices.dedup();
    if vertices.len() < 2 {
        return Err("a line needs two distinct vertices".to_owned());
    }
    Ok(Outline::Line { vertices, half_width_m })
}

/// A polygon of closed rings, the outer one first.
pub(super) fn polygon(rings: Vec<Vec<Vertex>>) -> Result<Outline, String> {
    let mut rings = rings.into_iter();
    let outer = open_ring(rings.next().ok_or("the polygon has no ring")?)?;
    let holes: Vec<_> = rings.map(open_ring).collect::<Result<_, _>>()?;
    Ok(Outline::Polygon(Polygon { outer, holes }))
}

/// Whether a ring holds a vertex, in degrees; an edge of the ring counts as inside or not, as it
/// falls.
pub(super) fn holds(ring: &[Vertex], at: Vertex) -> bool {
    let edges = ring.iter().zip(ring.iter().cycle().skip(1));
    let crossed = edges.filter(|(a, b)| {
        (a.1 > at.1) != (b.1 > at.1) && at.0 < a.0 + (b.0 - a.0) * (at.1 - a.1) / (b.1 - a.1)
    });
    crossed.count() % 2 == 1
}
