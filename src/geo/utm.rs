//! Universal transverse Mercator, forwards.
//!
//! Krüger's series in the third flattening to the fourth order (Karney, "Transverse Mercator with
//! an accuracy of a few nanometers", J. Geodesy 85, 2011, eq. 35): below 1 µm within a zone.

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
}
