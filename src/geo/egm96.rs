//! The EGM96 geoid.

/// Heights in centimetres, 721 x 1440 little-endian i16; see `grids/README.md`.
static GRID: &[u8] = include_bytes!("grids/egm96.bin");
const ROWS: usize = 721;
const COLUMNS: usize = 1440;
/// The grid's step is 15 minutes of arc.
const STEPS_PER_DEGREE: f64 = 4.0;

/// Height of the EGM96 geoid above the WGS84 ellipsoid in metres, bilinear in a 15′ grid.
///
/// Latitudes beyond a pole count as the pole, longitudes repeat every 360°; NaN gives NaN. Bilinear
/// meets the points that NGA publishes for its own spline within 0.06 m.
#[must_use]
pub fn egm96_undulation_m(lat_deg: f64, lon_deg: f64) -> f64 {
    if !(lat_deg.is_finite() && lon_deg.is_finite()) {
        return f64::NAN;
    }
    let down = (90.0 - lat_deg.clamp(-90.0, 90.0)) * STEPS_PER_DEGREE;
    let right = lon_deg.rem_euclid(360.0) * STEPS_PER_DEGREE;
    let row = (down as usize).min(ROWS - 2);
    // A tiny negative longitude can round to the full circle.
    let column = right as usize % COLUMNS;
    let next = (column + 1) % COLUMNS;
    let (v, u) = (down - row as f64, right - right.floor());
    let upper = cm(row, column) * (1.0 - u) + cm(row, next) * u;
    let lower = cm(row + 1, column) * (1.0 - u) + cm(row + 1, next) * u;
    (upper * (1.0 - v) + lower * v) / 100.0
}

fn cm(row: usize, column: usize) -> f64 {
    let at = 2 * (row * COLUMNS + column);
    f64::from(i16::from_le_bytes([GRID[at], GRID[at + 1]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_is_whole() {
        assert_eq!(GRID.len(), 2 * ROWS * COLUMNS);
    }

    #[test]
    fn poles_and_the_date_line_have_no_seam() {
        let pole = egm96_undulation_m(90.0, 0.0);
        assert!((pole - 13.61).abs() < 0.005, "{pole}"); // WW15MGH.DAC, first value
        for lon in [0.0, 77.3, 359.9] {
            assert!((egm96_undulation_m(90.0, lon) - pole).abs() < 1e-9);
            assert!(egm96_undulation_m(-90.0, lon).is_finite());
        }
        for lat in [-60.0, 0.1, 45.0] {
            let (west, east) = (egm96_undulation_m(lat, -1e-9), egm96_undulation_m(lat, 1e-9));
            assert!((west - east).abs() < 1e-6);
            let (same, turned) = (egm96_undulation_m(lat, -170.2), egm96_undulation_m(lat, 189.8));
            assert!((same - turned).abs() < 1e-9);
        }
        assert!(egm96_undulation_m(12.0, -1e-300).is_finite());
        assert!(egm96_undulation_m(f64::NAN, 0.0).is_nan());
        assert!(egm96_undulation_m(0.0, f64::INFINITY).is_nan());
    }
}
