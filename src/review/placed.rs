//! Where a finding lies that a person made, and how well that is known.

use nalgebra::{Matrix2, Matrix3, Vector2, Vector3};

use crate::case::{FindingRow, SightingRow};
use crate::geo::{Geodetic, LocalFrame, ellipse95, rd_nap_from_etrs89};
use crate::site::Site;

/// Semi-axis of the 95 % ellipse over one sigma, √5.9915 (χ² with 2 degrees of freedom).
const SIGMAS_95: f64 = 2.447_746_830_680_816;

/// A place with its horizontal covariance, east and north, in m².
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Placed {
    pub(super) lat: f64,
    pub(super) lon: f64,
    pub(super) height_m: Option<f64>,
    pub(super) covariance_m2: Matrix2<f64>,
}

/// A value to so many places.
pub(super) fn round(value: f64, places: i32) -> f64 {
    let scale = 10_f64.powi(places);
    (value * scale).round() / scale
}

/// The covariance that an observation's ellipse states.
pub(super) fn covariance_of(seen: &SightingRow) -> Option<Matrix2<f64>> {
    let (major, minor) = seen.ellipse95_major_m.zip(seen.ellipse95_minor_m)?;
    let (sin, cos) = seen.ellipse95_azimuth_deg.unwrap_or_default().to_radians().sin_cos();
    let (along, across) = (Vector2::new(sin, cos), Vector2::new(cos, -sin));
    let part =
        |axis_m: f64, way: Vector2<f64>| way * way.transpose() * (axis_m / SIGMAS_95).powi(2);
    Some(part(major, along) + part(minor, across))
}

/// Where some observations see a thing together: their mean, each weighed by how well it knows.
///
/// The covariance is the mean of theirs, by the same weights. What one flight's observations are
/// off is mostly common to them, so that more of them do not make the place better known; for
/// errors that are all common this is what is left, for others it is too large.
pub(super) fn together(seen: &[&SightingRow]) -> Option<Placed> {
    let known: Vec<_> = seen
        .iter()
        .filter_map(|one| Some((one.lat?, one.lon?, one.height_ellipsoidal_m, covariance_of(one)?)))
        .collect();
    let &(lat, lon, _, _) = known.first()?;
    let local = LocalFrame::at(&Geodetic::from_degrees(lat, lon, 0.0));
    let (mut whole, mut place_m) = (0.0, Vector2::zeros());
    let (mut covariance_m2, mut height_m, mut of_height) = (Matrix2::zeros(), 0.0, 0.0);
    for (lat, lon, height, covariance) in &known {
        let enu = local.enu(&Geodetic::from_degrees(*lat, *lon, 0.0));
        let weight = 1.0 / covariance.trace().max(f64::EPSILON);
        whole += weight;
        place_m += Vector2::new(enu.x, enu.y) * weight;
        covariance_m2 += covariance * weight;
        if let Some(height) = height {
            height_m += height * weight;
            of_height += weight;
        }
    }
    let mean = local.geodetic(&Vector3::new(place_m.x / whole, place_m.y / whole, 0.0));
    Some(Placed {
        lat: mean.lat_deg(),
        lon: mean.lon_deg(),
        height_m: (of_height > 0.0).then(|| height_m / of_height),
        covariance_m2: covariance_m2 / whole,
    })
}

/// Lays a place over a row: degrees, RD New and NAP, the ellipse, the asset that is there.
pub(super) fn lay(row: FindingRow, place: &Placed, site: Option<&Site>) -> FindingRow {
    let Placed { lat, lon, height_m, covariance_m2: c } = *place;
    let dutch = rd_nap_from_etrs89(lat, lon, height_m.unwrap_or_default());
    let flat = Matrix3::new(c[(0, 0)], c[(0, 1)], 0.0, c[(1, 0)], c[(1, 1)], 0.0, 0.0, 0.0, 0.0);
    let ellipse = ellipse95(&flat);
    let is_known = c.trace() > 0.0;
    let axis = |metres: f64| is_known.then(|| round(metres, 3));
    FindingRow {
        lat: Some(round(lat, 8)),
        lon: Some(round(lon, 8)),
        height_ellipsoidal_m: height_m.map(|height| round(height, 3)),
        x_rd: dutch.map(|dutch| round(dutch.x_m, 3)),
        y_rd: dutch.map(|dutch| round(dutch.y_m, 3)),
        height_nap_m: height_m
            .and_then(|_| dutch.and_then(|dutch| dutch.nap_m))
            .map(|nap| round(nap, 3)),
        ellipse95_major_m: axis(ellipse.major_m),
        ellipse95_minor_m: axis(ellipse.minor_m),
        ellipse95_azimuth_deg: is_known.then(|| round(ellipse.azimuth_deg, 1)),
        asset: site.and_then(|site| site.asset_at(lat, lon)).map(|asset| asset.name.clone()),
        ..row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(east_m: f64, major_m: f64, azimuth_deg: f64) -> SightingRow {
        SightingRow {
            lat: Some(52.0),
            // A degree of longitude at 52 degrees north is 68,678 m (WGS 84).
            lon: Some(5.0 + east_m / 68_678.0),
            height_ellipsoidal_m: Some(43.0),
            ellipse95_major_m: Some(major_m),
            ellipse95_minor_m: Some(major_m / 2.0),
            ellipse95_azimuth_deg: Some(azimuth_deg),
            ..SightingRow::default()
        }
    }

    #[test]
    fn an_ellipse_becomes_a_covariance_and_an_ellipse_again() {
        for azimuth_deg in [0.0, 30.0, 90.0, 135.0] {
            let one = seen(0.0, 2.0, azimuth_deg);
            let row = lay(FindingRow::default(), &together(&[&one]).unwrap(), None);
            assert_eq!((row.ellipse95_major_m, row.ellipse95_minor_m), (Some(2.0), Some(1.0)));
            assert_eq!(row.ellipse95_azimuth_deg, Some(azimuth_deg));
            assert_eq!((row.lat, row.lon), (Some(52.0), Some(5.0)));
        }
    }

    #[test]
    fn the_better_known_weighs_more_and_many_do_not_shrink_the_ellipse() {
        let (good, bad) = (seen(0.0, 1.0, 0.0), seen(5.0, 2.0, 0.0));
        let row = lay(FindingRow::default(), &together(&[&good, &bad]).unwrap(), None);
        // Weights 4 to 1.
        assert!(((row.lon.unwrap() - 5.0) * 68_678.0 - 1.0).abs() < 0.01, "{row:?}");
        assert!((1.0..2.0).contains(&row.ellipse95_major_m.unwrap()), "{row:?}");
        let twice = lay(FindingRow::default(), &together(&[&good, &good]).unwrap(), None);
        assert_eq!(twice.ellipse95_major_m, Some(1.0));
        assert_eq!(together(&[&SightingRow::default()]), None);
    }
}
