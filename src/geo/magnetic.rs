//! Where a compass points: the World Magnetic Model.

use serde::{Deserialize, Serialize};

use super::Geodetic;

/// Which north headings count from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum North {
    /// True north.
    #[default]
    True,
    /// Where an undisturbed compass points.
    Magnetic,
}

/// How far magnetic north lies off true north.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Declination {
    /// Positive where a compass points east of true north.
    pub rad: f64,
    /// One sigma.
    pub sigma_rad: f64,
}

/// Coefficients of WMM2020 and WMM2025; see `grids/README.md`.
static COEFFICIENTS: &[u8] = include_bytes!("grids/wmm.bin");
const DEGREE: usize = 12;
/// Terms from degree 1 on, one for each degree and order.
const TERMS: usize = 90;
/// g, h and what they change a year, in 0.1 nT.
const TERM_BYTES: usize = 16;

/// A set of coefficients: the year it begins with, and what its declination's sigma is made of in
/// degrees and nT · degrees.
struct Model {
    epoch: f64,
    first_term: usize,
    field_sigma_deg: f64,
    by_strength_nt_deg: f64,
}

/// Sigmas: the models' technical reports (NOAA/NCEI and BGS, doi 10.25923/ytk1-yx35 and
/// 10.25923/prbc-s316), 3.4: what core, crust and storms leave open at the surface.
const MODELS: [Model; 2] = [
    Model { epoch: 2020.0, first_term: 0, field_sigma_deg: 0.26, by_strength_nt_deg: 5625.0 },
    Model { epoch: 2025.0, first_term: TERMS, field_sigma_deg: 0.26, by_strength_nt_deg: 5417.0 },
];

/// A model is made for five years.
const VALID_YEARS: f64 = 5.0;
/// Sigma for each year outside all models, in degrees: declination in Europe moves by 0.2° a year,
/// so that its course is off by no more than that (our convention).
const OUTSIDE_DEG: f64 = 0.2;

/// The models' reference radius in metres (technical report, 1.2).
const RADIUS_M: f64 = 6_371_200.0;
/// Mean length of a year of the Gregorian calendar in seconds.
const YEAR_S: f64 = 365.2425 * 86_400.0;

/// How far a compass points off true north at a place at an instant, in seconds since 1970.
///
/// Outside 2020 to 2030 the nearest model's course goes on and the sigma grows by 0.2° a year. Near
/// the magnetic poles the sigma grows beyond use, as the model's own does. Iron and currents of the
/// vehicle are no part of this.
#[must_use]
pub fn declination(place: &Geodetic, unix_s: f64) -> Declination {
    let year = 1970.0 + unix_s / YEAR_S;
    let [older, newer] = &MODELS;
    let model = if year < newer.epoch { older } else { newer };
    let outside = (year - newer.epoch - VALID_YEARS).max(older.epoch - year).max(0.0);
    let [north_nt, east_nt] = horizontal_nt(place, model, year - model.epoch);
    let strength_nt = north_nt.hypot(east_nt).max(1.0);
    let sigma_deg = model
        .field_sigma_deg
        .hypot(model.by_strength_nt_deg / strength_nt)
        .hypot(OUTSIDE_DEG * outside);
    Declination { rad: east_nt.atan2(north_nt), sigma_rad: sigma_deg.to_radians() }
}

/// North and east component of the field in nT, `years` after the model's epoch.
///
/// The gradient of `V = a Σ (a/r)^(n+1) Σ (g cos mλ + h sin mλ) P` with Schmidt's semi-normalised
/// functions P of the geocentric colatitude, turned into the geodetic horizon.
fn horizontal_nt(place: &Geodetic, model: &Model, years: f64) -> [f64; 2] {
    let ecef = place.to_ecef();
    let (across_m, radius_m) = (ecef.x.hypot(ecef.y), ecef.norm());
    let cos = ecef.z / radius_m;
    // On the axis itself east has no direction.
    let sin = (across_m / radius_m).max(1e-10);
    let functions = schmidt(cos, sin);
    let [mut north, mut east, mut down] = [0.0; 3];
    let mut term = model.first_term;
    for n in 1..=DEGREE {
        let degree = n as f64;
        let fall = (RADIUS_M / radius_m).powi(n as i32 + 2);
        // Beyond its own degree a function is 0.
        let pairs = functions[n].iter().zip(&functions[n - 1]);
        for (m, (&value, &before)) in pairs.enumerate().take(n + 1) {
            let order = m as f64;
            let [g, h] = coefficients(term, years);
            term += 1;
            let (sin_m, cos_m) = (order * place.lon_rad).sin_cos();
            let by_colatitude =
                (degree * cos * value - (degree.powi(2) - order.powi(2)).sqrt() * before) / sin;
            let even = g * cos_m + h * sin_m;
            north += fall * even * by_colatitude;
            east += fall * order * (g * sin_m - h * cos_m) * value / sin;
            down -= fall * (degree + 1.0) * even * value;
        }
    }
    let (sin_off, cos_off) = (cos.asin() - place.lat_rad).sin_cos();
    [north * cos_off - down * sin_off, east]
}

type Functions = [[f64; DEGREE + 1]; DEGREE + 1];

/// Schmidt's semi-normalised associated Legendre functions, by degree and order.
fn schmidt(cos: f64, sin: f64) -> Functions {
    let mut of: Functions = [[0.0; DEGREE + 1]; DEGREE + 1];
    of[0][0] = 1.0;
    for n in 1..=DEGREE {
        let degree = n as f64;
        let last = of[n - 1];
        let before = if n >= 2 { of[n - 2] } else { [0.0; DEGREE + 1] };
        for (m, value) in of[n].iter_mut().enumerate().take(n) {
            let order = m as f64;
            let carried = ((degree - 1.0).powi(2) - order.powi(2)).max(0.0).sqrt() * before[m];
            *value = ((2.0 * degree - 1.0) * cos * last[m] - carried)
                / (degree.powi(2) - order.powi(2)).sqrt();
        }
        let scale = if n == 1 { 1.0 } else { (1.0 - 0.5 / degree).sqrt() };
        of[n][n] = scale * sin * last[n - 1];
    }
    of
}

/// g and h of a term in nT.
fn coefficients(term: usize, years: f64) -> [f64; 2] {
    let number = |at: usize| {
        let at = term * TERM_BYTES + 4 * at;
        let bytes = [0, 1, 2, 3].map(|byte| COEFFICIENTS[at + byte]);
        f64::from(i32::from_le_bytes(bytes)) / 10.0
    };
    [0, 1].map(|at| number(at) + years * number(at + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test values that NOAA publishes with the models: year, height above the ellipsoid in km,
    /// latitude, longitude; north and east component in nT, declination.
    #[rustfmt::skip]
    const PUBLISHED: [([f64; 4], [f64; 3]); 9] = [
        ([2020.0, 0.0, 80.0, 0.0], [6570.4, -146.3, -1.28]),
        ([2020.0, 0.0, 0.0, 120.0], [39624.3, 109.9, 0.16]),
        ([2020.0, 0.0, -80.0, 240.0], [5940.6, 15772.1, 69.36]),
        ([2020.0, 100.0, 80.0, 0.0], [6261.8, -185.5, -1.70]),
        ([2022.5, 0.0, 80.0, 0.0], [6529.9, 1.1, 0.01]),
        ([2022.5, 0.0, -80.0, 240.0], [6016.5, 15776.7, 69.13]),
        ([2025.0, 0.0, 80.0, 0.0], [6521.6, 145.9, 1.28]),
        ([2025.0, 0.0, 0.0, 120.0], [39677.8, -109.6, -0.16]),
        ([2025.0, 0.0, -80.0, 240.0], [6117.5, 15751.9, 68.78]),
    ];

    #[test]
    fn published_values_come_out() {
        assert_eq!(COEFFICIENTS.len(), 2 * TERMS * TERM_BYTES);
        for ([year, km, lat, lon], [north, east, degrees]) in PUBLISHED {
            let place = Geodetic::from_degrees(lat, lon, km * 1000.0);
            let model = if year < 2025.0 { &MODELS[0] } else { &MODELS[1] };
            let [x, y] = horizontal_nt(&place, model, year - model.epoch);
            assert!((x - north).abs() < 0.06 && (y - east).abs() < 0.06, "{year} {lat}: {x} {y}");
            assert!((y.atan2(x).to_degrees() - degrees).abs() < 0.0051, "{year} {lat}");
        }
    }

    #[test]
    fn the_year_is_that_of_the_instant_and_sigma_grows_outside_the_models() {
        let here = Geodetic::from_degrees(52.0, 5.0, 0.0);
        let at = |year: f64| declination(&here, (year - 1970.0) * YEAR_S);
        // The models meet within their own sigma, and declination in the Netherlands grows.
        let (before, after) = (at(2024.999), at(2025.001));
        assert!((before.rad - after.rad).abs() < after.sigma_rad);
        assert!((2.0..3.5).contains(&at(2026.9).rad.to_degrees()));
        assert!(at(2029.0).rad > at(2021.0).rad);
        let sigma_deg = at(2026.0).sigma_rad.to_degrees();
        assert!((0.35..0.42).contains(&sigma_deg), "{sigma_deg}");
        assert!(at(2010.0).sigma_rad.to_degrees() > 1.9 && at(2040.0).sigma_rad.to_degrees() > 1.9);
        let pole = declination(&Geodetic::from_degrees(90.0, 0.0, 0.0), 1.7e9);
        assert!(pole.rad.is_finite() && pole.sigma_rad.is_finite());
    }
}
