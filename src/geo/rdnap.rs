//! RD New and NAP by RDNAPTRANS2018, variant 1.
//!
//! NSGI, "RDNAPTRANS2018: coordinate transformation to and from the Dutch national systems": a
//! similarity transformation from ETRS89 to Bessel 1841 at a fixed height, a correction grid, and
//! the oblique (double) stereographic projection (EPSG method 9809). Heights by the quasi-geoid
//! grid. Holds 1 mm in RD and NAP and, backwards, 1e-8° inside the grids.

use nalgebra::{Matrix3, Vector3};
use serde::{Deserialize, Serialize};

use super::stereographic::DoubleStereographic;

/// Pairs of i16, corrections of latitude and longitude in 1e-9°; see `grids/README.md`.
static CORRECTIONS: &[u8] = include_bytes!("grids/rdcorr2018.bin");
/// i32, quasi-geoid in 0.1 mm; see `grids/README.md`.
static QUASI_GEOID: &[u8] = include_bytes!("grids/nlgeo2018.bin");
const ROWS: usize = 481;
const COLUMNS: usize = 301;
const SOUTH_DEG: f64 = 50.0;
const NORTH_DEG: f64 = 56.0;
const WEST_DEG: f64 = 2.0;
const EAST_DEG: f64 = 8.0;
/// 1 / 0.0125° and 1 / 0.02°.
const ROWS_PER_DEGREE: f64 = 80.0;
const COLUMNS_PER_DEGREE: f64 = 50.0;

/// GRS80: semi-major axis in metres and inverse flattening (Moritz 1980).
const GRS80: (f64, f64) = (6_378_137.0, 298.257_222_101);
/// Bessel 1841 (EPSG ellipsoid 7004).
const BESSEL: (f64, f64) = (6_377_397.155, 299.152_812_8);
/// Height above GRS80 at which every point is transformed; part of the definition.
const FIXED_HEIGHT_M: f64 = 43.0;

/// Dutch coordinates: RD New (EPSG:28992) and, inside the geoid grid, NAP height (EPSG:5709).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RdNap {
    /// Easting in metres.
    pub x_m: f64,
    /// Northing in metres.
    pub y_m: f64,
    /// Height above NAP in metres; `None` outside the quasi-geoid grid.
    pub nap_m: Option<f64>,
}

/// ETRS89: degrees, and metres above the GRS80 ellipsoid.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Etrs89 {
    /// Degrees, north positive.
    pub lat_deg: f64,
    /// Degrees, east positive.
    pub lon_deg: f64,
    /// Metres above the ellipsoid; `None` where NAP is not known or was not given.
    pub height_m: Option<f64>,
}

/// RD New and NAP of an ETRS89 point; `None` outside the area of the Dutch grids, which is 50 to
/// 56° north and 2 to 8° east.
///
/// GNSS without corrections is WGS84, which is 0.7 m or more away from ETRS89; that is not undone.
#[must_use]
pub fn rd_nap_from_etrs89(lat_deg: f64, lon_deg: f64, height_m: f64) -> Option<RdNap> {
    let inside = (SOUTH_DEG..=NORTH_DEG).contains(&lat_deg)
        && (WEST_DEG..=EAST_DEG).contains(&lon_deg)
        && height_m.is_finite();
    inside.then(|| rd_nap_anywhere(lat_deg, lon_deg, height_m))
}

/// As [`rd_nap_from_etrs89`], but anywhere: outside the grids without correction and without NAP,
/// as the standard lays down. The figures lose their use far from the Netherlands.
#[must_use]
pub fn rd_nap_anywhere(lat_deg: f64, lon_deg: f64, height_m: f64) -> RdNap {
    let etrs = cartesian(GRS80, lat_deg.to_radians(), lon_deg.to_radians(), FIXED_HEIGHT_M);
    let (pseudo_lat, pseudo_lon) = geographic(BESSEL, &TO_RD.apply(&etrs));
    let (pseudo_lat, pseudo_lon) = (pseudo_lat.to_degrees(), pseudo_lon.to_degrees());
    let (mut lat, mut lon) = (pseudo_lat, pseudo_lon);
    // One round is within 3 µm; the third changes nothing that is left.
    for _ in 0..3 {
        let (d_lat, d_lon) = correction_deg(lat, lon);
        (lat, lon) = (pseudo_lat - d_lat, pseudo_lon - d_lon);
    }
    let (x_m, y_m) = RD.project(lat.to_radians(), lon.to_radians());
    RdNap { x_m, y_m, nap_m: quasi_geoid_m(lat_deg, lon_deg).map(|n| height_m - n) }
}

/// ETRS89 of RD coordinates and, where it is known, a NAP height.
///
/// `height_m` is `None` without a NAP height and outside the quasi-geoid grid. Numbers that are not
/// finite give coordinates that are not.
#[must_use]
pub fn etrs89_from_rd_nap(rd: &RdNap) -> Etrs89 {
    let (lat, lon) = RD.unproject(rd.x_m, rd.y_m);
    let (d_lat, d_lon) = correction_deg(lat.to_degrees(), lon.to_degrees());
    let (pseudo_lat, pseudo_lon) = (lat + d_lat.to_radians(), lon + d_lon.to_radians());
    let bessel = cartesian(BESSEL, pseudo_lat, pseudo_lon, 0.0);
    let (lat, lon) = geographic(GRS80, &TO_ETRS.apply(&bessel));
    let (lat_deg, lon_deg) = (lat.to_degrees(), lon.to_degrees());
    let geoid_m = quasi_geoid_m(
        onto_edge(lat_deg, SOUTH_DEG, NORTH_DEG),
        onto_edge(lon_deg, WEST_DEG, EAST_DEG),
    );
    let height_m = rd.nap_m.and_then(|nap_m| Some(nap_m + geoid_m?));
    Etrs89 { lat_deg, lon_deg, height_m }
}

/// A point on the grid's edge must not lose its height on the way back, which is good for 1e-8°.
fn onto_edge(deg: f64, low: f64, high: f64) -> f64 {
    let inside = deg.clamp(low, high);
    if (inside - deg).abs() <= 1e-8 { inside } else { deg }
}

/// Height of NAP above the ETRS89 ellipsoid in metres; `None` outside the grid.
#[must_use]
pub fn quasi_geoid_m(lat_deg: f64, lon_deg: f64) -> Option<f64> {
    let cell = Cell::at(lat_deg, lon_deg)?;
    Some(cell.bilinear(|node| {
        let at = 4 * node;
        let bytes = [0, 1, 2, 3].map(|i| QUASI_GEOID[at + i]);
        f64::from(i32::from_le_bytes(bytes)) * 1e-4
    }))
}

/// Corrections of Bessel latitude and longitude in degrees; 0 outside the grid.
fn correction_deg(lat_deg: f64, lon_deg: f64) -> (f64, f64) {
    let Some(cell) = Cell::at(lat_deg, lon_deg) else {
        return (0.0, 0.0);
    };
    let value = |node: usize, column: usize| {
        let at = 4 * node + 2 * column;
        f64::from(i16::from_le_bytes([CORRECTIONS[at], CORRECTIONS[at + 1]])) * 1e-9
    };
    (cell.bilinear(|node| value(node, 0)), cell.bilinear(|node| value(node, 1)))
}

/// A cell of the grids and a place in it.
struct Cell {
    south_west: usize,
    north: f64,
    east: f64,
}

impl Cell {
    fn at(lat_deg: f64, lon_deg: f64) -> Option<Self> {
        let row = (lat_deg - SOUTH_DEG) * ROWS_PER_DEGREE;
        let column = (lon_deg - WEST_DEG) * COLUMNS_PER_DEGREE;
        let inside = (0.0..=(ROWS - 1) as f64).contains(&row)
            && (0.0..=(COLUMNS - 1) as f64).contains(&column);
        if !inside {
            return None;
        }
        let south = (row as usize).min(ROWS - 2);
        let west = (column as usize).min(COLUMNS - 2);
        Some(Self {
            south_west: south * COLUMNS + west,
            north: row - south as f64,
            east: column - west as f64,
        })
    }

    fn bilinear(&self, value: impl Fn(usize) -> f64) -> f64 {
        let at = self.south_west;
        let south = value(at) * (1.0 - self.east) + value(at + 1) * self.east;
        let next = at + COLUMNS;
        let north = value(next) * (1.0 - self.east) + value(next + 1) * self.east;
        south * (1.0 - self.north) + north * self.north
    }
}

/// A similarity transformation with rotations of the frame, x first, then y, then z.
struct Similarity {
    shift_m: [f64; 3],
    rotation_rad: [f64; 3],
    scale: f64,
}

/// ETRS89 → Amersfoort (RDNAPTRANS2018, table of datum transformation parameters).
static TO_RD: Prepared = Prepared::new(&Similarity {
    shift_m: [-565.7346, -50.4058, -465.2895],
    rotation_rad: [-1.915_13e-6, 1.603_65e-6, -9.095_46e-6],
    scale: 1.0 - 4.072_42e-6,
});

/// Amersfoort → ETRS89 (the same table).
static TO_ETRS: Prepared = Prepared::new(&Similarity {
    shift_m: [565.7381, 50.4018, 465.2904],
    rotation_rad: [1.915_14e-6, -1.603_63e-6, 9.095_46e-6],
    scale: 1.0 + 4.072_44e-6,
});

/// A similarity transformation as a matrix and a shift.
struct Prepared {
    rows: [[f64; 3]; 3],
    shift_m: [f64; 3],
}

impl Prepared {
    /// Sines by their series, since no function of the standard library is `const`: the angles are
    /// below 1e-5 rad, so that the third term is 1e-27.
    const fn new(by: &Similarity) -> Self {
        let [a, b, c] = by.rotation_rad;
        let (sa, sb, sc) = (sin(a), sin(b), sin(c));
        let (ca, cb, cc) = (cos(a), cos(b), cos(c));
        let s = by.scale;
        Self {
            rows: [
                [s * cc * cb, s * (cc * sb * sa + sc * ca), s * (sc * sa - cc * sb * ca)],
                [-s * sc * cb, s * (cc * ca - sc * sb * sa), s * (sc * sb * ca + cc * sa)],
                [s * sb, -s * cb * sa, s * cb * ca],
            ],
            shift_m: by.shift_m,
        }
    }

    fn apply(&self, point: &Vector3<f64>) -> Vector3<f64> {
        let matrix = Matrix3::from_fn(|row, column| self.rows[row][column]);
        matrix * point + Vector3::from(self.shift_m)
    }
}

const fn sin(x: f64) -> f64 {
    x - x * x * x / 6.0
}

const fn cos(x: f64) -> f64 {
    1.0 - x * x / 2.0 + x * x * x * x / 24.0
}

/// RD New (EPSG:28992): origin Amersfoort, 52°09′22.178″ N 5°23′15.5″ E.
static RD: std::sync::LazyLock<DoubleStereographic> = std::sync::LazyLock::new(|| {
    DoubleStereographic::new(
        BESSEL,
        (52.0 + 9.0 / 60.0 + 22.178 / 3600.0_f64).to_radians(),
        (5.0 + 23.0 / 60.0 + 15.5 / 3600.0_f64).to_radians(),
        0.999_907_9,
        (155_000.0, 463_000.0),
    )
});

fn eccentricity_squared(inverse_flattening: f64) -> f64 {
    let f = 1.0 / inverse_flattening;
    f * (2.0 - f)
}

fn cartesian(ellipsoid: (f64, f64), lat: f64, lon: f64, height_m: f64) -> Vector3<f64> {
    let e2 = eccentricity_squared(ellipsoid.1);
    let ((sin_lat, cos_lat), (sin_lon, cos_lon)) = (lat.sin_cos(), lon.sin_cos());
    let normal = ellipsoid.0 / (1.0 - e2 * sin_lat * sin_lat).sqrt();
    Vector3::new(
        (normal + height_m) * cos_lat * cos_lon,
        (normal + height_m) * cos_lat * sin_lon,
        (normal * (1.0 - e2) + height_m) * sin_lat,
    )
}

/// Latitude and longitude in radians by Bowring's formula, below 1e-14 rad near the ellipsoid.
fn geographic(ellipsoid: (f64, f64), point: &Vector3<f64>) -> (f64, f64) {
    let e2 = eccentricity_squared(ellipsoid.1);
    let major = ellipsoid.0;
    let minor = major * (1.0 - e2).sqrt();
    let axis = point.x.hypot(point.y);
    let (sin_b, cos_b) = (point.z * major).atan2(axis * minor).sin_cos();
    let lat = (point.z + e2 / (1.0 - e2) * minor * sin_b.powi(3))
        .atan2(axis - e2 * major * cos_b.powi(3));
    (lat, point.y.atan2(point.x))
}
