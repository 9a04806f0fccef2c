//! Whether two findings lie in the same place.

use crate::geo::{Geodetic, LocalFrame};

use super::FindingRow;

/// Of a hundred pairs of one and the same thing five lie further apart than their 95 % ellipses
/// reach together: in a case of twenty findings one would be told as gone and as new. Of a thousand
/// one lies beyond √(13.8155 / 5.9915) of that (χ² with 2 degrees of freedom at 0.999 and 0.95).
const REACH: f64 = 1.518_5;

/// How far apart two findings are, if their ellipses let them be the same thing.
#[must_use]
pub fn same_place(one: &FindingRow, other: &FindingRow) -> Option<f64> {
    let place = |row: &FindingRow| Some(Geodetic::from_degrees(row.lat?, row.lon?, 0.0));
    let off = LocalFrame::at(&place(one)?).enu(&place(other)?);
    let apart_m = off.x.hypot(off.y);
    let azimuth_deg = off.x.atan2(off.y).to_degrees();
    let reach_m = REACH * radius_m(one, azimuth_deg).hypot(radius_m(other, azimuth_deg));
    (apart_m <= reach_m).then_some(apart_m)
}

/// The 95 % ellipse's radius in a direction.
fn radius_m(row: &FindingRow, azimuth_deg: f64) -> f64 {
    let (Some(major), Some(minor)) = (row.ellipse95_major_m, row.ellipse95_minor_m) else {
        return 0.0;
    };
    let turn = (azimuth_deg - row.ellipse95_azimuth_deg.unwrap_or_default()).to_radians();
    let (sin, cos) = turn.sin_cos();
    let across = (minor * cos).hypot(major * sin);
    if across > 0.0 { major * minor / across } else { major }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(east_m: f64) -> FindingRow {
        FindingRow {
            lat: Some(52.0),
            // A degree of longitude at 52 degrees north is 68,678 m (WGS 84).
            lon: Some(5.0 + east_m / 68_678.0),
            ellipse95_major_m: Some(1.0),
            ellipse95_minor_m: Some(0.5),
            ellipse95_azimuth_deg: Some(90.0),
            ..FindingRow::default()
        }
    }

    #[test]
    fn an_ellipse_is_as_wide_as_its_axes_say() {
        assert!((radius_m(&row(0.0), 90.0) - 1.0).abs() < 1e-12);
        assert!((radius_m(&row(0.0), 0.0) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn two_ellipses_reach_as_far_as_their_errors_add_up() {
        assert!(same_place(&row(0.0), &row(2.14)).is_some());
        assert_eq!(same_place(&row(0.0), &row(2.16)), None);
        assert_eq!(same_place(&row(0.0), &FindingRow::default()), None);
    }
}
