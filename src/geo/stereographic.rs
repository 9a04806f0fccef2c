//! The oblique (double) stereographic projection, EPSG method 9809.
//!
//! IOGP Guidance Note 7-2 (2019), 3.2.4: the ellipsoid is mapped conformally to a sphere, and the
//! sphere stereographically to the plane.

/// The projection with all that depends on its parameters alone.
pub(super) struct DoubleStereographic {
    eccentricity: f64,
    lon_origin: f64,
    exponent: f64,
    constant: f64,
    sphere_origin: (f64, f64),
    diameter_m: f64,
    false_origin_m: (f64, f64),
}

impl DoubleStereographic {
    /// From an ellipsoid (semi-major axis, inverse flattening), the origin in radians, the scale
    /// there, and the coordinates of the origin in metres.
    pub(super) fn new(
        ellipsoid: (f64, f64),
        lat_origin: f64,
        lon_origin: f64,
        scale: f64,
        false_origin_m: (f64, f64),
    ) -> Self {
        let f = 1.0 / ellipsoid.1;
        let e2 = f * (2.0 - f);
        let e = e2.sqrt();
        let (sin0, cos0) = lat_origin.sin_cos();
        let meridian = ellipsoid.0 * (1.0 - e2) / (1.0 - e2 * sin0 * sin0).powf(1.5);
        let normal = ellipsoid.0 / (1.0 - e2 * sin0 * sin0).sqrt();
        let exponent = (1.0 + e2 * cos0.powi(4) / (1.0 - e2)).sqrt();
        // The sphere's latitude of the origin, so that scale is stationary there.
        let sin_sphere = sin0 / exponent;
        let constant = sin_sphere.atanh() - exponent * isometric(e, sin0);
        Self {
            eccentricity: e,
            lon_origin,
            exponent,
            constant,
            sphere_origin: (sin_sphere, (1.0 - sin_sphere * sin_sphere).sqrt()),
            diameter_m: 2.0 * (meridian * normal).sqrt() * scale,
            false_origin_m,
        }
    }

    /// Easting and northing in metres of a latitude and longitude in radians.
    pub(super) fn project(&self, lat: f64, lon: f64) -> (f64, f64) {
        let isometric = self.exponent * isometric(self.eccentricity, lat.sin()) + self.constant;
        // tanh and 1/cosh of the isometric latitude are the sine and cosine of the latitude.
        let grown = isometric.exp();
        let (square, both) = (grown * grown, grown * grown + 1.0);
        let (sin_lat, cos_lat) = ((square - 1.0) / both, 2.0 * grown / both);
        let (sin_lon, cos_lon) = (self.exponent * (lon - self.lon_origin)).sin_cos();
        let (sin0, cos0) = self.sphere_origin;
        let scale = self.diameter_m / (1.0 + sin_lat * sin0 + cos_lat * cos0 * cos_lon);
        (
            self.false_origin_m.0 + scale * cos_lat * sin_lon,
            self.false_origin_m.1 + scale * (sin_lat * cos0 - cos_lat * sin0 * cos_lon),
        )
    }

    /// Latitude and longitude in radians of an easting and northing in metres.
    pub(super) fn unproject(&self, x_m: f64, y_m: f64) -> (f64, f64) {
        let x = (x_m - self.false_origin_m.0) / self.diameter_m;
        let y = (y_m - self.false_origin_m.1) / self.diameter_m;
        let (sin0, cos0) = self.sphere_origin;
        // The angle c from the origin: tan(c/2) = ρ.
        let square = x * x + y * y;
        let (cos_c, sin_c_over_rho) = ((1.0 - square) / (1.0 + square), 2.0 / (1.0 + square));
        let sin_lat = cos_c * sin0 + y * sin_c_over_rho * cos0;
        let lon = (x * sin_c_over_rho).atan2(cos0 * cos_c - y * sin0 * sin_c_over_rho);
        let wanted = (sin_lat.atanh() - self.constant) / self.exponent;
        (self.latitude(wanted), self.lon_origin + lon / self.exponent)
    }

    /// Inverts the isometric latitude: sin φ = tanh(ψ + e·atanh(e sin φ)). Each round shrinks the
    /// error by e² = 0.0067, so eight reach the last bit.
    fn latitude(&self, wanted: f64) -> f64 {
        let e = self.eccentricity;
        let mut sin_lat = wanted.tanh();
        for _ in 0..8 {
            sin_lat = (wanted + e * (e * sin_lat).atanh()).tanh();
        }
        sin_lat.asin()
    }
}

/// The isometric latitude.
fn isometric(eccentricity: f64, sin_lat: f64) -> f64 {
    sin_lat.atanh() - eccentricity * (eccentricity * sin_lat).atanh()
}
