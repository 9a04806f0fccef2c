//! Which asset a place lies on.

use std::f64::consts::PI;

use crate::geo::{Geodetic, LocalFrame};

use super::{Asset, Outline, Polygon, Site};

/// Bands from south to north that a place is looked up in.
const BANDS: usize = 256;

/// A place this far below the tangent plane lies beyond 1,000 km: on another site.
const OUT_OF_SIGHT_M: f64 = -100_000.0;

type Point = [f64; 2];

/// The assets of a site, laid out in metres in one tangent plane for many look-ups.
///
/// The plane touches the ellipsoid at the first asset, so sites on the 180th meridian or near a
/// pole are ordinary ones. Heights play no part.
#[derive(Debug)]
pub struct AssetLookup<'a> {
    frame: LocalFrame,
    /// By area, smallest first.
    outlines: Vec<Flat<'a>>,
    south_m: f64,
    band_m: f64,
    bands: Vec<Vec<u32>>,
}

#[derive(Debug)]
struct Flat<'a> {
    asset: &'a Asset,
    shape: Shape,
    area_m2: f64,
    west_south: Point,
    east_north: Point,
}

#[derive(Debug)]
enum Shape {
    Rings(Vec<Vec<Point>>),
    Near { vertices: Vec<Point>, reach_m: f64 },
}

impl<'a> AssetLookup<'a> {
    /// Lays out the assets of a site.
    #[must_use]
    pub fn new(site: &'a Site) -> Self {
        let origin = site.assets.first().and_then(|asset| first_vertex(&asset.outline));
        let (lon, lat) = origin.unwrap_or_default();
        let frame = LocalFrame::at(&Geodetic::from_degrees(lat, lon, 0.0));
        let mut outlines: Vec<_> =
            site.assets.iter().map(|asset| Flat::new(asset, &frame)).collect();
        outlines.sort_by(|a, b| a.area_m2.total_cmp(&b.area_m2));
        let south_m = outlines.iter().map(|flat| flat.west_south[1]).fold(f64::INFINITY, f64::min);
        let north_m =
            outlines.iter().map(|flat| flat.east_north[1]).fold(f64::NEG_INFINITY, f64::max);
        let band_m = ((north_m - south_m) / BANDS as f64).max(1e-3);
        let mut lookup = Self { frame, outlines, south_m, band_m, bands: vec![Vec::new(); BANDS] };
        for (number, flat) in (0u32..).zip(&lookup.outlines) {
            let first = lookup.band(flat.west_south[1]).unwrap_or(0);
            let last = lookup.band(flat.east_north[1]).unwrap_or(BANDS - 1);
            lookup.bands[first..=last].iter_mut().for_each(|band| band.push(number));
        }
        lookup
    }

    /// The smallest asset that holds a place given in degrees.
    #[must_use]
    pub fn asset_at(&self, lat_deg: f64, lon_deg: f64) -> Option<&'a Asset> {
        let enu = self.frame.enu(&Geodetic::from_degrees(lat_deg, lon_deg, 0.0));
        if enu.z.is_nan() || enu.z < OUT_OF_SIGHT_M {
            return None;
        }
        let place = [enu.x, enu.y];
        let band = self.bands.get(self.band(place[1])?)?;
        let mut here = band.iter().filter_map(|&number| self.outlines.get(number as usize));
        here.find(|flat| flat.holds(place)).map(|flat| flat.asset)
    }

    fn band(&self, north_m: f64) -> Option<usize> {
        let band = ((north_m - self.south_m) / self.band_m).floor();
        // The northern edge itself belongs to the last band.
        (band >= 0.0 && band <= BANDS as f64).then(|| (band as usize).min(BANDS - 1))
    }
}

fn first_vertex(outline: &Outline) -> Option<(f64, f64)> {
    match outline {
        Outline::Polygon(polygon) => polygon.outer.first().copied(),
        Outline::Line { vertices, .. } => vertices.first().copied(),
        Outline::Point { at, .. } => Some(*at),
    }
}

impl<'a> Flat<'a> {
    fn new(asset: &'a Asset, frame: &LocalFrame) -> Self {
        let flat = |&(lon, lat): &(f64, f64)| {
            let enu = frame.enu(&Geodetic::from_degrees(lat, lon, 0.0));
            [enu.x, enu.y]
        };
        let (shape, area_m2, margin_m) = match &asset.outline {
            Outline::Polygon(Polygon { outer, holes }) => {
                let rings: Vec<Vec<Point>> = std::iter::once(outer)
                    .chain(holes)
                    .map(|ring| ring.iter().map(flat).collect())
                    .collect();
                let whole = rings.first().map_or(0.0, |ring| area_m2(ring));
                let without: f64 = rings.iter().skip(1).map(|ring| area_m2(ring)).sum();
                (Shape::Rings(rings), whole - without, 0.0)
            }
            Outline::Line { vertices, half_width_m } => {
                let vertices: Vec<Point> = vertices.iter().map(flat).collect();
                let length_m: f64 =
                    vertices.windows(2).map(|w| (w[1][0] - w[0][0]).hypot(w[1][1] - w[0][1])).sum();
                let area = length_m * 2.0 * half_width_m;
                (Shape::Near { vertices, reach_m: *half_width_m }, area, *half_width_m)
            }
            Outline::Point { at, radius_m } => {
                let vertices = vec![flat(at)];
                (Shape::Near { vertices, reach_m: *radius_m }, PI * radius_m.powi(2), *radius_m)
            }
        };
        let (west_south, east_north) = bounds(shape.vertices(), margin_m);
        Self { asset, shape, area_m2, west_south, east_north }
    }

    fn holds(&self, place: Point) -> bool {
        let outside = (0..2)
            .any(|axis| place[axis] < self.west_south[axis] || place[axis] > self.east_north[axis]);
        !outside
            && match &self.shape {
                // Even-odd over all rings: inside the outer one and in none of the holes.
                Shape::Rings(rings) => {
                    rings.iter().filter(|ring| ring_holds(ring, place)).count() % 2 == 1
                }
                Shape::Near { vertices, reach_m } => distance_m(vertices, place) <= *reach_m,
            }
    }
}

impl Shape {
    fn vertices(&self) -> &[Point] {
        match self {
            Self::Rings(rings) => rings.first().map_or(&[], Vec::as_slice),
            Self::Near { vertices, .. } => vertices,
        }
    }
}

fn bounds(vertices: &[Point], margin_m: f64) -> (Point, Point) {
    let mut low = [f64::INFINITY; 2];
    let mut high = [f64::NEG_INFINITY; 2];
    for vertex in vertices {
        for axis in 0..2 {
            low[axis] = low[axis].min(vertex[axis] - margin_m);
            high[axis] = high[axis].max(vertex[axis] + margin_m);
        }
    }
    (low, high)
}

fn edges(ring: &[Point]) -> impl Iterator<Item = (Point, Point)> {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

/// Shoelace formula.
fn area_m2(ring: &[Point]) -> f64 {
    edges(ring).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>().abs() / 2.0
}

/// Counts the edges that a ray to the east crosses. Half-open in north, so a vertex counts once.
fn ring_holds(ring: &[Point], place: Point) -> bool {
    let crossed = edges(ring).filter(|(a, b)| {
        (a[1] > place[1]) != (b[1] > place[1])
            && place[0] < a[0] + (b[0] - a[0]) * (place[1] - a[1]) / (b[1] - a[1])
    });
    crossed.count() % 2 == 1
}

fn distance_m(vertices: &[Point], place: Point) -> f64 {
    let from = |p: Point| (place[0] - p[0]).hypot(place[1] - p[1]);
    let ends = vertices.iter().map(|&vertex| from(vertex));
    let sides = vertices.windows(2).map(|pair| {
        let (a, b) = (pair[0], pair[1]);
        let along = [b[0] - a[0], b[1] - a[1]];
        let length2 = along[0].powi(2) + along[1].powi(2);
        let share = if length2 > 0.0 {
            (((place[0] - a[0]) * along[0] + (place[1] - a[1]) * along[1]) / length2)
                .clamp(0.0, 1.0)
        } else {
            0.0
        };
        from([a[0] + share * along[0], a[1] + share * along[1]])
    });
    ends.chain(sides).fold(f64::INFINITY, f64::min)
}
