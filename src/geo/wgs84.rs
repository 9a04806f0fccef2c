//! Geodetic coordinates, earth-centred coordinates and local tangent frames on WGS84.

use nalgebra::{Matrix3, Vector3};
use serde::{Deserialize, Serialize};

/// Semi-major axis in metres (NGA.STND.0036, table 3.1).
pub(super) const SEMI_MAJOR_M: f64 = 6_378_137.0;
/// Inverse flattening (NGA.STND.0036, table 3.1).
pub(super) const INVERSE_FLATTENING: f64 = 298.257_223_563;

/// First eccentricity squared, from the two defining constants.
pub(super) const ECCENTRICITY_SQUARED: f64 = {
    let f = 1.0 / INVERSE_FLATTENING;
    f * (2.0 - f)
};

/// A point by latitude, longitude and height above the WGS84 ellipsoid.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Geodetic {
    /// Geodetic latitude in radians, north positive, -π/2 to π/2.
    pub lat_rad: f64,
    /// Longitude in radians, east positive.
    pub lon_rad: f64,
    /// Height above the ellipsoid in metres.
    pub height_m: f64,
}

impl Geodetic {
    /// From degrees, and metres above the ellipsoid.
    #[must_use]
    pub fn from_degrees(lat_deg: f64, lon_deg: f64, height_m: f64) -> Self {
        Self { lat_rad: lat_deg.to_radians(), lon_rad: lon_deg.to_radians(), height_m }
    }

    /// Latitude in degrees.
    #[must_use]
    pub fn lat_deg(&self) -> f64 {
        self.lat_rad.to_degrees()
    }

    /// Longitude in degrees.
    #[must_use]
    pub fn lon_deg(&self) -> f64 {
        self.lon_rad.to_degrees()
    }

    /// Earth-centred, earth-fixed coordinates in metres.
    #[must_use]
    pub fn to_ecef(&self) -> Vector3<f64> {
        let (sin_lat, cos_lat) = self.lat_rad.sin_cos();
        let (sin_lon, cos_lon) = self.lon_rad.sin_cos();
        let normal_m = SEMI_MAJOR_M / (1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat).sqrt();
        let axis_distance_m = (normal_m + self.height_m) * cos_lat;
        Vector3::new(
            axis_distance_m * cos_lon,
            axis_distance_m * sin_lon,
            (normal_m * (1.0 - ECCENTRICITY_SQUARED) + self.height_m) * sin_lat,
        )
    }

    /// From earth-centred coordinates in metres.
    ///
    /// Bowring's formula (Survey Review 23, 1976), iterated until latitude is stable: below
    /// 1e-12 rad for heights from -10 km to 10,000 km.
    #[must_use]
    pub fn from_ecef(ecef: &Vector3<f64>) -> Self {
        let semi_minor_m = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED).sqrt();
        let second = ECCENTRICITY_SQUARED / (1.0 - ECCENTRICITY_SQUARED);
        let axis_distance_m = ecef.x.hypot(ecef.y);
        let lon_rad = ecef.y.atan2(ecef.x);
        let mut reduced = (ecef.z * SEMI_MAJOR_M).atan2(axis_distance_m * semi_minor_m);
        let mut lat_rad = 0.0;
        for _ in 0..3 {
            let (sin_b, cos_b) = reduced.sin_cos();
            lat_rad = (ecef.z + second * semi_minor_m * sin_b.powi(3))
                .atan2(axis_distance_m - ECCENTRICITY_SQUARED * SEMI_MAJOR_M * cos_b.powi(3));
            let (sin_lat, cos_lat) = lat_rad.sin_cos();
            reduced = (semi_minor_m * sin_lat).atan2(SEMI_MAJOR_M * cos_lat);
        }
        let (sin_lat, cos_lat) = lat_rad.sin_cos();
        let curvature = (1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat).sqrt();
        let height_m = axis_distance_m * cos_lat + ecef.z * sin_lat - SEMI_MAJOR_M * curvature;
        Self { lat_rad, lon_rad, height_m }
    }
}

/// East, north and up at one place.
#[derive(Debug, Clone, Copy)]
pub struct LocalFrame {
    origin_ecef: Vector3<f64>,
    ecef_from_enu: Matrix3<f64>,
}

impl LocalFrame {
    /// The tangent frame at `origin`.
    #[must_use]
    pub fn at(origin: &Geodetic) -> Self {
        let (sin_lat, cos_lat) = origin.lat_rad.sin_cos();
        let (sin_lon, cos_lon) = origin.lon_rad.sin_cos();
        #[rustfmt::skip]
        let ecef_from_enu = Matrix3::new(
            -sin_lon, -sin_lat * cos_lon, cos_lat * cos_lon,
             cos_lon, -sin_lat * sin_lon, cos_lat * sin_lon,
             0.0,      cos_lat,           sin_lat,
        );
        Self { origin_ecef: origin.to_ecef(), ecef_from_enu }
    }

    /// Rotates a direction from east-north-up to earth-centred axes.
    #[must_use]
    pub fn ecef_from_enu(&self) -> &Matrix3<f64> {
        &self.ecef_from_enu
    }

    /// East, north, up in metres of a point.
    #[must_use]
    pub fn enu(&self, point: &Geodetic) -> Vector3<f64> {
        self.ecef_from_enu.transpose() * (point.to_ecef() - self.origin_ecef)
    }

    /// The point at east, north, up in metres.
    #[must_use]
    pub fn geodetic(&self, enu_m: &Vector3<f64>) -> Geodetic {
        Geodetic::from_ecef(&(self.origin_ecef + self.ecef_from_enu * enu_m))
    }

    /// The place at height 0 whose east and north are these, in metres.
    #[must_use]
    pub fn on_ellipsoid(&self, [east, north]: [f64; 2]) -> Geodetic {
        // The ellipsoid sinks below the plane; a few steps bring the point down to a nanometre.
        let mut place = self.geodetic(&Vector3::new(east, north, 0.0));
        let mut up_m = 0.0;
        for _ in 0..3 {
            up_m -= place.height_m;
            place = self.geodetic(&Vector3::new(east, north, up_m));
        }
        Geodetic { height_m: 0.0, ..place }
    }
}

/// Rotates north-east-down to east-north-up; its own inverse.
#[must_use]
pub fn enu_from_ned(ned: &Vector3<f64>) -> Vector3<f64> {
    Vector3::new(ned.y, ned.x, -ned.z)
}
