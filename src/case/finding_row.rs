//! A finding as others read it: the same properties in GeoJSON, GeoPackage and CSV.

use serde::{Deserialize, Serialize};

use crate::detect::Reason;
use crate::fuse::Finding;
use crate::geo::rd_nap_from_etrs89;

/// A finding's properties, rounded once, in the order in which they are written.
///
/// Rounding: latitude and longitude to 1e-8 degrees (1 mm), lengths and heights to 1 mm, azimuth
/// to 0.1 degree, temperatures and grey levels to 0.01, area to 1 cm², confidence to 0.001.
/// A number that is not finite is left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FindingRow {
    /// Unique in its run.
    pub id: String,
    /// What it probably is.
    pub kind: String,
    /// `hot` or `cold`.
    pub polarity: String,
    /// `low`, `medium`, `high` or `critical`.
    pub severity: String,
    /// 0 to 1.
    pub confidence: Option<f64>,
    /// What the latest review says: `open`, `accepted`, `rejected` or `unsure`.
    pub status: String,
    /// Degrees north, WGS 84.
    pub lat: Option<f64>,
    /// Degrees east, WGS 84.
    pub lon: Option<f64>,
    /// Metres above the WGS 84 ellipsoid.
    pub height_ellipsoidal_m: Option<f64>,
    /// RD New easting in metres; none outside the Netherlands.
    pub x_rd: Option<f64>,
    /// RD New northing in metres; none outside the Netherlands.
    pub y_rd: Option<f64>,
    /// Metres above NAP; none outside the Netherlands.
    pub height_nap_m: Option<f64>,
    /// Semi-major axis of the 95 % ellipse in metres.
    pub ellipse95_major_m: Option<f64>,
    /// Semi-minor axis in metres.
    pub ellipse95_minor_m: Option<f64>,
    /// Direction of the major axis in degrees clockwise from north.
    pub ellipse95_azimuth_deg: Option<f64>,
    /// Peak in °C; none for grey levels.
    pub peak_c: Option<f64>,
    /// Surroundings in °C; none for grey levels.
    pub background_c: Option<f64>,
    /// Contrast in kelvin; none for grey levels.
    pub delta_k: Option<f64>,
    /// One sigma of the contrast in kelvin, what emissivities leave open of it among it; none for
    /// grey levels.
    pub delta_k_sigma: Option<f64>,
    /// Area on the ground.
    pub area_m2: Option<f64>,
    /// Frames that saw it.
    pub views: u32,
    /// Frames that could have seen it.
    pub views_possible: u32,
    /// Time of the first frame; without a `Z` it is the camera's own clock.
    pub first_seen: Option<String>,
    /// Time of the last frame.
    pub last_seen: Option<String>,
    /// The asset it lies on.
    pub asset: Option<String>,
    /// What the detector and the flight stage remark.
    pub reasons: Vec<String>,
    /// Files of its frames as the user named them; `#n` is a frame of a sequence.
    pub frames: Vec<String>,
    /// Peak in grey levels; none for temperatures.
    pub peak_grey: Option<f64>,
    /// Surroundings in grey levels; none for temperatures.
    pub background_grey: Option<f64>,
    /// Contrast in grey levels; none for temperatures.
    pub delta_grey: Option<f64>,
    /// The run that found it.
    pub run: String,
}

/// Degrees of latitude and longitude: 1e-8 degrees are 1.1 mm.
pub(super) const PLACES_DEGREES: i32 = 8;
/// Metres.
pub(super) const PLACES_METRES: i32 = 3;
/// Temperatures and grey levels.
pub(super) const PLACES_VALUE: i32 = 2;
/// Angles that people read.
pub(super) const PLACES_ANGLE: i32 = 1;

/// A number with so many decimals; `None` if it is not finite.
pub(super) fn rounded(value: f64, places: i32) -> Option<f64> {
    let scale = 10_f64.powi(places);
    let scaled = (value * scale).round();
    if !value.is_finite() {
        return None;
    }
    // Adding zero turns -0.0 into 0.0. Where scaling overflows there is nothing to round.
    Some(if scaled.is_finite() { scaled / scale + 0.0 } else { value })
}

/// The serialised name of a unit variant.
pub(super) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A list as JSON text, the form lists have in GeoPackage and CSV.
/// JSON text of something that always has one.
pub(super) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

pub(super) fn json_list<T: Serialize>(items: &[T]) -> String {
    serde_json::to_string(items).expect("text and numbers always serialise")
}

/// Names of reasons.
pub(super) fn reason_words(reasons: impl Iterator<Item = Reason>) -> Vec<String> {
    reasons.map(|reason| word(&reason)).collect()
}

impl FindingRow {
    /// Names of the properties in order, the same in GeoJSON, GeoPackage and CSV.
    pub const COLUMNS: [&str; 31] = [
        "id",
        "kind",
        "polarity",
        "severity",
        "confidence",
        "status",
        "lat",
        "lon",
        "height_ellipsoidal_m",
        "x_rd",
        "y_rd",
        "height_nap_m",
        "ellipse95_major_m",
        "ellipse95_minor_m",
        "ellipse95_azimuth_deg",
        "peak_c",
        "background_c",
        "delta_k",
        "delta_k_sigma",
        "area_m2",
        "views",
        "views_possible",
        "first_seen",
        "last_seen",
        "asset",
        "reasons",
        "frames",
        "peak_grey",
        "background_grey",
        "delta_grey",
        "run",
    ];

    /// Of a finding of `run`. `frame_name` gives the file of a frame's number.
    #[must_use]
    pub fn new(finding: &Finding, run: &str, frame_name: impl Fn(u32) -> String) -> Self {
        let metres = |value| rounded(value, PLACES_METRES);
        let (lat, lon) = (finding.point.lat_deg(), finding.point.lon_deg());
        let dutch = rd_nap_from_etrs89(lat, lon, finding.point.height_m);
        let kelvin = |value| rounded(value, PLACES_VALUE).filter(|_| !finding.grey_levels);
        let grey = |value| rounded(value, PLACES_VALUE).filter(|_| finding.grey_levels);
        let mut reasons = reason_words(finding.reasons.iter());
        reasons.extend(finding.notes.iter().cloned());
        Self {
            id: finding.id.clone(),
            kind: word(&finding.kind),
            polarity: word(&finding.polarity),
            severity: word(&finding.severity),
            confidence: rounded(finding.confidence, 3),
            status: word(&finding.status),
            lat: rounded(lat, PLACES_DEGREES),
            lon: rounded(lon, PLACES_DEGREES),
            height_ellipsoidal_m: metres(finding.point.height_m),
            x_rd: dutch.and_then(|place| metres(place.x_m)),
            y_rd: dutch.and_then(|place| metres(place.y_m)),
            height_nap_m: dutch.and_then(|place| place.nap_m).and_then(metres),
            ellipse95_major_m: metres(finding.ellipse95.major_m),
            ellipse95_minor_m: metres(finding.ellipse95.minor_m),
            ellipse95_azimuth_deg: rounded(finding.ellipse95.azimuth_deg, PLACES_ANGLE),
            peak_c: kelvin(finding.peak),
            background_c: kelvin(finding.background),
            delta_k: kelvin(finding.delta),
            delta_k_sigma: rounded(finding.delta_sigma, 3).filter(|_| !finding.grey_levels),
            area_m2: rounded(finding.area_m2, 4),
            views: finding.views,
            views_possible: finding.views_possible,
            first_seen: finding.first_seen.map(|time| time.to_string()),
            last_seen: finding.last_seen.map(|time| time.to_string()),
            asset: finding.asset.clone(),
            reasons,
            frames: finding.frames.iter().map(|&frame| frame_name(frame)).collect(),
            peak_grey: grey(finding.peak),
            background_grey: grey(finding.background),
            delta_grey: grey(finding.delta),
            run: run.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_the_fields() {
        let json = serde_json::to_value(FindingRow::default()).unwrap();
        let mut columns = FindingRow::COLUMNS.to_vec();
        columns.sort_unstable();
        assert!(json.as_object().unwrap().keys().map(String::as_str).eq(columns));
    }

    #[test]
    fn numbers_are_rounded_once_and_only_if_they_are_numbers() {
        assert_eq!(rounded(52.156_160_555_55, PLACES_DEGREES), Some(52.156_160_56));
        assert_eq!(rounded(-0.000_01, 3).map(f64::to_bits), Some(0.0_f64.to_bits()));
        assert_eq!(rounded(f64::MAX, 3), Some(f64::MAX));
        assert_eq!(rounded(f64::NAN, 3), None);
        assert_eq!(rounded(f64::NEG_INFINITY, 3), None);
    }
}
