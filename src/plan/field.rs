//! A site as a planner sees it: in metres, with the ground below and what stands on it.

use jiff::Timestamp;

use crate::geo::{Charted, Height, Terrain, egm96_undulation_m};
use crate::site::{Limit, LimitDatum, Outline, Polygon, Role, Rule, Site, Zone};

use super::Error;
use super::plane::{Plane, Point};
use super::region::Region;

/// Sites wider than this would bend the plane.
const WIDEST_M: f64 = 90_000.0;
/// The plane's axes turn about the poles.
const FARTHEST_NORTH_DEG: f64 = 85.0;
/// An area below this is a slip of the pen.
const LEAST_AREA_M2: f64 = 4.0;
/// One flight's worth many times over, and what a raster of this program still resolves.
const LARGEST_AREA_M2: f64 = 400e6;

/// A part of a zone that must not be flown through.
#[derive(Debug, Clone)]
pub struct Barrier {
    /// The zone's name.
    pub name: String,
    /// Where, its distance to keep counted in.
    pub region: Region,
    /// From this height on.
    pub floor: Limit,
    /// Up to this height.
    pub ceiling: Limit,
}

/// Something that stands on the ground.
#[derive(Debug, Clone)]
pub struct Tall {
    /// Its name.
    pub name: String,
    /// Where.
    pub region: Region,
    /// Its top above the ellipsoid.
    pub top_m: f64,
    bounds_m: [f64; 4],
}

/// The site in its plane.
#[derive(Debug)]
pub struct Field<'a> {
    /// The site's name.
    pub name: String,
    /// The plane.
    pub plane: Plane,
    /// What is inspected: areas without their holes.
    pub areas: Region,
    /// Zones that may not be flown through.
    pub barriers: Vec<Barrier>,
    /// Zones that may be in no picture.
    pub private: Region,
    /// Assets and structures with a height.
    pub tall: Vec<Tall>,
    /// Where to take off.
    pub takeoffs: Vec<Point>,
    /// Zones that could not be read, with the reason, and conditions to keep.
    pub unreadable: Vec<(String, String)>,
    /// What a person should know.
    pub notes: Vec<String>,
    terrain: Charted<'a>,
}

/// When it is flown: from, to.
pub type Window = Option<(Timestamp, Timestamp)>;

impl<'a> Field<'a> {
    /// Lays a site into the plane about its middle.
    ///
    /// # Errors
    /// [`Error`] for a site that holds no place, is too wide, too near to a pole, and for areas
    /// below 4 m² or above 400 km².
    pub fn new(site: &Site, terrain: &'a Terrain, window: Window) -> Result<Self, Error> {
        let plane = plane(site)?;
        let mut field = Self {
            name: site.name.clone(),
            areas: Region::default(),
            barriers: Vec::new(),
            private: Region::default(),
            tall: Vec::new(),
            takeoffs: site.takeoffs.iter().map(|&at| plane.point(at)).collect(),
            unreadable: Vec::new(),
            notes: site.warnings.clone(),
            terrain: Charted::new(terrain, *plane.frame()),
            plane,
        };
        for polygon in &site.areas {
            let area = field.polygon(polygon);
            field.areas = field.areas.and(&area);
        }
        let area_m2 = field.areas.area_m2();
        if !site.areas.is_empty() && !(LEAST_AREA_M2..=LARGEST_AREA_M2).contains(&area_m2) {
            let reason = format!(
                "its area is {area_m2:.3} m²; planned are {LEAST_AREA_M2} m² to {:.0} km²",
                LARGEST_AREA_M2 / 1e6
            );
            return Err(Error::Site { site: site.name.clone(), reason });
        }
        site.zones.iter().for_each(|zone| field.add_zone(zone, window));
        let assets = site.assets.iter().map(|a| (&a.name, &a.outline, a.height_m, a.base));
        let structures = site.structures.iter().map(|s| (&s.name, &s.outline, s.height_m, s.base));
        for (name, outline, height_m, base) in assets.chain(structures) {
            if height_m > 0.0 {
                field.add_tall(name, outline, height_m, base)?;
            }
        }
        Ok(field)
    }

    fn polygon(&self, polygon: &Polygon) -> Region {
        let ring = |ring: &Vec<(f64, f64)>| ring.iter().map(|&at| self.plane.point(at)).collect();
        let outer: Vec<Point> = ring(&polygon.outer);
        let holes: Vec<Vec<Point>> = polygon.holes.iter().map(ring).collect();
        Region::of_rings(&[outer]).without(
            &holes
                .into_iter()
                .fold(Region::default(), |all, hole| all.and(&Region::of_rings(&[hole]))),
        )
    }

    /// Where an outline lies; lines and points have a width of at least 0.2 m.
    pub(super) fn region(&self, outline: &Outline) -> Region {
        match outline {
            Outline::Polygon(polygon) => self.polygon(polygon),
            Outline::Line { vertices, half_width_m } => {
                let line: Vec<Point> = vertices.iter().map(|&at| self.plane.point(at)).collect();
                Region::around_line(&line, half_width_m.max(0.1))
            }
            Outline::Point { at, radius_m } => {
                Region::around_point(self.plane.point(*at), radius_m.max(0.1))
            }
        }
    }

    fn add_zone(&mut self, zone: &Zone, window: Window) {
        let called = zone.identifier.as_ref().map_or_else(
            || zone.name.clone(),
            |identifier| format!("{} ({identifier})", zone.name),
        );
        if let Some(reason) = &zone.unreadable {
            self.unreadable.push((called.clone(), reason.clone()));
        }
        if let Some((from, to)) = window
            && !zone.applies_between(from, to)
        {
            self.notes.push(format!("zone {called} does not apply at the time of the flight"));
            return;
        }
        let message = zone.message.as_deref().unwrap_or("its conditions are not told");
        match zone.rule {
            Rule::Free => return,
            Rule::Conditional => {
                self.notes.push(format!("zone {called} has conditions: {message}"));
                if zone.role == Role::NoFly {
                    return;
                }
            }
            Rule::Prohibited | Rule::Authorisation | Rule::USpace => {}
        }
        for volume in &zone.volumes {
            let region = self.region(&volume.outline);
            if zone.role != Role::NoFly {
                self.private = self.private.and(&region);
            }
            if zone.role == Role::NoFly || zone.keep_away_m > 0.0 {
                let region = region.grown(zone.keep_away_m);
                let (name, floor, ceiling) = (called.clone(), volume.floor, volume.ceiling);
                self.barriers.push(Barrier { name, region, floor, ceiling });
            }
        }
    }

    fn add_tall(
        &mut self,
        name: &str,
        outline: &Outline,
        height_m: f64,
        base: Option<Height>,
    ) -> Result<(), Error> {
        let region = self.region(outline);
        let bounds_m = region.bounds_m();
        let middle = [(bounds_m[0] + bounds_m[2]) / 2.0, (bounds_m[1] + bounds_m[3]) / 2.0];
        let (lon, lat) = self.plane.degrees(middle);
        let base_m = match base.and_then(|base| base.ellipsoidal_m(lat, lon)) {
            Some(base_m) => base_m,
            None => self.ground_m(middle)?,
        };
        let name = name.to_owned();
        self.tall.push(Tall { name, region, top_m: base_m + height_m, bounds_m });
        Ok(())
    }

    /// Height of the ground above the ellipsoid.
    ///
    /// # Errors
    /// [`Error::NoGround`] where the terrain model has none.
    pub fn ground_m(&self, point: Point) -> Result<f64, Error> {
        self.terrain.height_m(point).ok_or_else(|| {
            let place = self.plane.place(point, 0.0);
            Error::NoGround { lat_deg: place.lat_deg(), lon_deg: place.lon_deg() }
        })
    }

    /// Whether the ground is the same height everywhere.
    pub(super) fn is_flat(&self) -> bool {
        matches!(self.terrain.terrain(), Terrain::Flat { .. })
    }

    /// Height of the ground or of what stands on it, whichever is higher, above the ellipsoid;
    /// things reach `near_m` further than they stand.
    pub(super) fn surface_m(&self, point: Point, near_m: f64) -> Result<f64, Error> {
        let mut top_m = self.ground_m(point)?;
        for tall in &self.tall {
            if tall.top_m > top_m && tall.is_near(point, near_m) {
                top_m = tall.top_m;
            }
        }
        Ok(top_m)
    }

    /// A zone's limit above the ellipsoid at a point; infinite where it is open.
    pub(super) fn limit_m(&self, limit: Limit, point: Point, open_m: f64) -> Result<f64, Error> {
        Ok(match limit {
            Limit::Open => open_m,
            Limit::At { height_m, above } => match above {
                LimitDatum::Ellipsoid => height_m,
                LimitDatum::Ground => self.ground_m(point)? + height_m,
                LimitDatum::SeaLevel => {
                    let (lon, lat) = self.plane.degrees(point);
                    height_m + egm96_undulation_m(lat, lon)
                }
            },
        })
    }
}

impl Tall {
    /// Whether a point lies on it or within a distance.
    pub(super) fn is_near(&self, [east, north]: Point, near_m: f64) -> bool {
        let [west, south, far_east, far_north] = self.bounds_m;
        let outside = east < west - near_m
            || east > far_east + near_m
            || north < south - near_m
            || north > far_north + near_m;
        !outside
            && (self.region.holds([east, north])
                || (near_m > 0.0 && self.region.edge_distance_m([east, north]) <= near_m))
    }
}

/// The plane about the middle of all that a site holds beside its zones.
fn plane(site: &Site) -> Result<Plane, Error> {
    let outlines = site.assets.iter().map(|asset| asset.outline.vertices());
    let areas = site.areas.iter().map(|area| area.outer.as_slice());
    let routes = site.routes.iter().map(|route| route.vertices.as_slice());
    let all = areas.chain(routes).chain(outlines).chain([site.takeoffs.as_slice()]);
    let wrong = |reason| Err(Error::Site { site: site.name.clone(), reason });
    let volumes = site.zones.iter().flat_map(|zone| &zone.volumes);
    let zones = volumes.flat_map(|volume| volume.outline.vertices());
    let finite = |(lon, lat): &(f64, f64)| lon.is_finite() && lat.is_finite();
    let mut vertices: Vec<(f64, f64)> = all.flatten().copied().collect();
    if !vertices.iter().chain(zones).all(finite) {
        return wrong("a coordinate is not a number".to_owned());
    }
    let mut vertices = vertices.drain(..).peekable();
    let Some(&first) = vertices.peek() else {
        let reason = "it has no area, no route and no asset".to_owned();
        return Err(Error::Nothing { site: site.name.clone(), reason });
    };
    let far = f64::INFINITY;
    // Counted from the first longitude, so that a site on the antimeridian stays in one piece.
    let [west, south, east, north] = vertices.fold([far, far, -far, -far], |all, (lon, lat)| {
        let lon = (lon - first.0 + 540.0).rem_euclid(360.0) - 180.0;
        [all[0].min(lon), all[1].min(lat), all[2].max(lon), all[3].max(lat)]
    });
    if south < -FARTHEST_NORTH_DEG || north > FARTHEST_NORTH_DEG {
        return wrong(format!("it lies beyond {FARTHEST_NORTH_DEG} degrees of latitude"));
    }
    let plane = Plane::at((south + north) / 2.0, first.0 + (west + east) / 2.0);
    let corner = |lon: f64, lat: f64| plane.point((first.0 + lon, lat));
    let width_m = super::plane::distance_m(corner(west, south), corner(east, north));
    if width_m > WIDEST_M {
        return wrong(format!("it is {:.0} km wide; 90 km are planned", width_m / 1000.0));
    }
    Ok(plane)
}
