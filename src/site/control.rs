//! Surveyed places: a table with a header, comma by comma.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::geo::Geodetic;

use super::read::{self, Error};

/// A place that was surveyed, and that stands out in the pictures as a spot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ControlPoint {
    /// Its name.
    pub name: String,
    /// Where; height above the ellipsoid.
    pub point: Geodetic,
    /// One sigma, east and north each, in metres.
    pub sigma_m: f64,
}

/// The columns, in this order or any other.
const COLUMNS: [&str; 5] = ["name", "lat", "lon", "height_m", "sigma_m"];

/// Most points: a flight needs a handful.
const MOST_POINTS: usize = 1_000;

/// Control points from a CSV file with the columns `name,lat,lon,height_m,sigma_m`: degrees, metres
/// above the WGS84 ellipsoid, metres.
///
/// # Errors
/// [`Error`]: not readable, or which line is wrong and why.
pub fn read_control(file: &Path) -> Result<Vec<ControlPoint>, Error> {
    let text = read::read_text(file)?;
    control_from_text(&text).map_err(|reason| Error::Syntax { file: file.to_owned(), reason })
}

/// The same from text.
///
/// # Errors
/// A sentence that says which line is wrong and why.
pub fn control_from_text(text: &str) -> Result<Vec<ControlPoint>, String> {
    let mut lines = (1..).zip(text.trim_start_matches('\u{feff}').lines());
    let header = lines.next().map(|(_, line)| line).unwrap_or_default();
    let names: Vec<&str> = header.split(',').map(str::trim).collect();
    let mut places = [0; COLUMNS.len()];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        *place = names.iter().position(|name| *name == column).ok_or_else(|| {
            format!("line 1: there is no column {column}; needed are {}", COLUMNS.join(","))
        })?;
    }
    let mut points: Vec<ControlPoint> = Vec::new();
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let point = point(line, &places).map_err(|reason| format!("line {number}: {reason}"))?;
        if points.iter().any(|other| other.name == point.name) {
            return Err(format!("line {number}: the name {} is there twice", point.name));
        }
        if points.len() == MOST_POINTS {
            return Err(format!("line {number}: more than {MOST_POINTS} points"));
        }
        points.push(point);
    }
    Ok(points)
}

fn point(line: &str, places: &[usize; COLUMNS.len()]) -> Result<ControlPoint, String> {
    let cells: Vec<&str> = line.split(',').map(str::trim).collect();
    let cell = |column: usize| {
        let cell = cells.get(places[column]).copied().unwrap_or_default();
        if cell.is_empty() { Err(format!("{} is missing", COLUMNS[column])) } else { Ok(cell) }
    };
    let number = |column: usize, low: f64, high: f64| {
        let text = cell(column)?;
        let value: Option<f64> = text.parse().ok();
        value.filter(|value| (low..=high).contains(value)).ok_or_else(|| {
            format!("{} is {text}, not a number from {low} to {high}", COLUMNS[column])
        })
    };
    let (lat, lon) = (number(1, -90.0, 90.0)?, number(2, -180.0, 180.0)?);
    Ok(ControlPoint {
        name: cell(0)?.to_owned(),
        point: Geodetic::from_degrees(lat, lon, number(3, -600.0, 9_000.0)?),
        sigma_m: number(4, 0.001, 100.0)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_may_stand_in_any_order() {
        let text = "lat,lon,sigma_m,name,height_m\r\n52.1,4.3,0.02,chimney,45.5\r\n\r\n";
        let [point] = &control_from_text(text).unwrap()[..] else { panic!("one point") };
        assert_eq!((point.name.as_str(), point.sigma_m), ("chimney", 0.02));
        assert_eq!(point.point, Geodetic::from_degrees(52.1, 4.3, 45.5));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let header = "name,lat,lon,height_m,sigma_m\n";
        for (rest, reason) in [
            ("a,91,4,45,0.1\n", "line 2: lat is 91, not a number from -90 to 90"),
            ("a,52,4,45,NaN\n", "line 2: sigma_m is NaN, not a number from 0.001 to 100"),
            ("a,52,4,45,0.1\na,52,4,45,0.1", "line 3: the name a is there twice"),
            ("a,52,4,45", "line 2: sigma_m is missing"),
        ] {
            assert_eq!(control_from_text(&format!("{header}{rest}")).unwrap_err(), reason);
        }
        assert!(control_from_text("").unwrap_err().contains("no column name"));
    }
}
