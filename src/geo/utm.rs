//! Transverse Mercator: the universal one forwards, any on this ellipsoid backwards.
//!
//! Krüger's series in the third flattening to the fourth order (Karney, "Transverse Mercator with
//! an accuracy of a few nanometers", J. Geodesy 85, 2011, eq. 35 and 36): below 1 µm within a zone.

use super::wgs84::{INVERSE_FLATTENING, SEMI_MAJOR_M};

/// Scale on the central meridian and the false origin (NGA.SIG.0012, 2.1).
const SCALE: f64 = 0.9996;
const FALSE_EASTING_M: f64 = 500_000.0;
const FALSE_NORTHING_SOUTH_M: f64 = 10_000_000.0;

/// Third flattening.
const N: f64 = 1.0 / (2.0 * INVERSE_FLATTENING - 1.0);
/// Radius of the rectifying sphere over the semi-major axis.
const RECTIFYING: f64 = (1.0 + N * N / 4.0 + N * N * N * N / 64.0) / (1.0 + N);
#[rustfmt::skip]
const ALPHA: [f64; 4] = [
    N / 2.0 - 2.0 / 3.0 * N * N + 5.0 / 16.0 * N * N * N + 41.0 / 180.0 * N * N * N * N,
    13.0 / 48.0 * N * N - 3.0 / 5.0 * N * N * N + 557.0 / 1440.0 * N * N * N * N,
    61.0 / 240.0 * N * N * N - 103.0 / 140.0 * N * N * N * N,
    49561.0 / 161_280.0 * N * N * N * N,
];

/// A zone of the northern or southern hemisphere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UtmZone {
    /// 1 to 60.
    pub(super) zone: u8,
    /// Whether northings count from the south.
    pub(super) south: bool,
}

impl UtmZone {
    /// Easting and northing in metres.
    pub(super) fn project(self, lat_rad: f64, lon_rad: f64) -> (f64, f64) {
        let meridian = (f64::from(self.zone) * 6.0 - 183.0).to_radians();
        let lon = lon_rad - meridian;
        let f = 1.0 / INVERSE_FLATTENING;
        let e = (f * (2.0 - f)).sqrt();
        let sin_lat = lat_rad.sin();
        let conformal = sin_lat.atanh() - e * (e * sin_lat).atanh();
        let xi0 = conformal.sinh().atan2(lon.cos());
        let eta0 = (lon.sin() / conformal.cosh()).atanh();
        let (mut xi, mut eta) = (xi0, eta0);
        for (index, alpha) in ALPHA.iter().enumerate() {
            let order = 2.0 * (index + 1) as f64;
            xi += alpha * (order * xi0).sin() * (order * eta0).cosh();
            eta += alpha * (order * xi0).cos() * (order * eta0).sinh();
        }
        let radius = SCALE * SEMI_MAJOR_M * RECTIFYING;
        let origin = if self.south { FALSE_NORTHING_SOUTH_M } else { 0.0 };
        (FALSE_EASTING_M + radius * eta, origin + radius * xi)
    }
}

/// Backwards: eq. 36.
#[rustfmt::skip]
const BETA: [f64; 4] = [
    N / 2.0 - 2.0 / 3.0 * N * N + 37.0 / 96.0 * N * N * N - 1.0 / 360.0 * N * N * N * N,
    1.0 / 48.0 * N * N + 1.0 / 15.0 * N * N * N - 437.0 / 1440.0 * N * N * N * N,
    17.0 / 480.0 * N * N * N - 37.0 / 840.0 * N * N * N * N,
    4397.0 / 161_280.0 * N * N * N * N,
];

/// Beyond this many earth radii from the meridian or the equator the series is no longer good.
const WIDEST_RADII: (f64, f64) = (1.0, 1.6);
/// Each step of the latitude gains two digits or more.
const LATITUDE_STEPS: usize = 8;

/// A transverse Mercator projection with its origin on the equator, on WGS84 or GRS80, which are
/// the same here within 0.1 mm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TransverseMercator {
    /// Its central meridian.
    pub meridian_deg: f64,
    /// Scale there.
    pub scale: f64,
    /// False easting.
    pub east_m: f64,
    /// False northing.
    pub north_m: f64,
}

impl TransverseMercator {
    /// Longitude and latitude in degrees of an easting and a northing; `None` too far from the
    /// meridian (1 earth radius), beyond the poles, and for numbers that are not finite.
    #[must_use]
    pub fn degrees(&self, east_m: f64, north_m: f64) -> Option<(f64, f64)> {
        let radius = self.scale * SEMI_MAJOR_M * RECTIFYING;
        let (eta, xi) = ((east_m - self.east_m) / radius, (north_m - self.north_m) / radius);
        if !(eta.abs() <= WIDEST_RADII.0 && xi.abs() <= WIDEST_RADII.1) {
            return None;
        }
        let (mut xi0, mut eta0) = (xi, eta);
        for (index, beta) in BETA.iter().enumerate() {
            let order = 2.0 * (index + 1) as f64;
            xi0 -= beta * (order * xi).sin() * (order * eta).cosh();
            eta0 -= beta * (order * xi).cos() * (order * eta).sinh();
        }
        let f = 1.0 / INVERSE_FLATTENING;
        let e = (f * (2.0 - f)).sqrt();
        let conformal = (xi0.sin() / eta0.cosh()).atanh();
        let mut sin_lat = conformal.tanh();
        for _ in 0..LATITUDE_STEPS {
            sin_lat = (conformal + e * (e * sin_lat).atanh()).tanh();
        }
        let lon_deg = self.meridian_deg + eta0.sinh().atan2(xi0.cos()).to_degrees();
        let lat_deg = sin_lat.asin().to_degrees();
        (lat_deg.is_finite() && lon_deg.is_finite()).then_some((lon_deg, lat_deg))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meets_known_points() {
        // PROJ 9, EPSG:4326 → EPSG:32631, 32756.
        let rows = [
            (52.0, 5.0, 31, false, 637_294.365_894, 5_762_926.812_914),
            (-33.9, 151.2, 56, true, 333_568.941_012, 6_247_473.336_844),
        ];
        for (lat, lon, zone, south, east, north) in rows {
            let zone = UtmZone { zone, south };
            let (x, y) = zone.project(f64::to_radians(lat), f64::to_radians(lon));
            assert!((x - east).abs() < 1e-3 && (y - north).abs() < 1e-3, "{x:.6} {y:.6}");
        }
    }

    #[test]
    fn the_way_back_meets_the_way_there() {
        for (lat, lon) in [(52.0, 5.0), (-33.9, 8.9), (0.0, 3.0), (83.9, -3.0)] {
            let (x, y) = UtmZone { zone: 31, south: false }
                .project(f64::to_radians(lat), f64::to_radians(lon));
            let back = TransverseMercator {
                meridian_deg: 3.0,
                scale: SCALE,
                east_m: FALSE_EASTING_M,
                north_m: 0.0,
            };
            let (lon_back, lat_back) = back.degrees(x, y).unwrap();
            assert!((lat_back - lat).abs() < 1e-10 && (lon_back - lon).abs() < 1e-9, "{lat} {lon}");
            assert!(back.degrees(f64::NAN, y).is_none() && back.degrees(9e6, y).is_none());
        }
    }
}
