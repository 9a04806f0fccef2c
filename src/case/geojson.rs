//! Findings as GeoJSON.

use std::io::{self, Write};

use serde::Serialize;

use super::FindingRow;
use super::geometry::Envelope;

/// What stands before the number of the latest review that a file tells.
pub(super) const LATEST: &str = "\"latest_review\":";

#[derive(Serialize)]
struct Feature<'a> {
    r#type: &'static str,
    id: &'a str,
    geometry: Option<Point>,
    properties: &'a FindingRow,
}

#[derive(Serialize)]
struct Point {
    r#type: &'static str,
    coordinates: Vec<f64>,
}

/// Findings as a GeoJSON `FeatureCollection` after RFC 7946: WGS 84, longitude before latitude,
/// then metres above the ellipsoid where known; a `bbox`, no `crs`; one feature a line.
///
/// Equal rows give equal bytes. A finding without a place has a `null` geometry (section 3.2).
///
/// # Errors
/// Those of `out`.
pub fn write_findings_geojson(findings: &[FindingRow], out: &mut dyn Write) -> io::Result<()> {
    write_reviewed(findings, 0, out)
}

/// The same with the number of the latest review that it tells as a foreign member (section 6.1);
/// without one where that is 0.
pub(super) fn write_reviewed(
    findings: &[FindingRow],
    latest: i64,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut envelope = Envelope::EMPTY;
    for (lat, lon) in findings.iter().filter_map(|finding| finding.lat.zip(finding.lon)) {
        envelope.add((lon, lat));
    }
    out.write_all(b"{\"type\":\"FeatureCollection\"")?;
    if latest > 0 {
        write!(out, ",{LATEST}{latest}")?;
    }
    if !envelope.is_empty() {
        let corners = [envelope.west, envelope.south, envelope.east, envelope.north];
        out.write_all(b",\"bbox\":")?;
        serde_json::to_writer(&mut *out, &corners)?;
    }
    out.write_all(b",\"features\":[")?;
    for (number, finding) in findings.iter().enumerate() {
        out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &feature(finding))?;
    }
    out.write_all(b"\n]}\n")
}

/// The same as text.
#[must_use]
pub fn findings_geojson(findings: &[FindingRow]) -> String {
    let mut bytes = Vec::new();
    write_findings_geojson(findings, &mut bytes).expect("writing to memory does not fail");
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

fn feature(finding: &FindingRow) -> Feature<'_> {
    let geometry = finding.lat.zip(finding.lon).map(|(lat, lon)| {
        let mut coordinates = vec![lon, lat];
        coordinates.extend(finding.height_ellipsoidal_m);
        Point { r#type: "Point", coordinates }
    });
    Feature { r#type: "Feature", id: &finding.id, geometry, properties: finding }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_has_what_the_rfc_asks_for() {
        let finding = FindingRow {
            id: "F1".to_owned(),
            lat: Some(52.25),
            lon: Some(5.5),
            height_ellipsoidal_m: Some(43.0),
            ..FindingRow::default()
        };
        let nowhere = FindingRow { id: "F2".to_owned(), ..FindingRow::default() };
        let text = findings_geojson(&[finding, nowhere]);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["type"], "FeatureCollection");
        assert_eq!(json["bbox"], serde_json::json!([5.5, 52.25, 5.5, 52.25]));
        assert!(json.get("crs").is_none());
        let coordinates = &json["features"][0]["geometry"]["coordinates"];
        assert_eq!(coordinates, &serde_json::json!([5.5, 52.25, 43.0]));
        assert!(json["features"][1]["geometry"].is_null());
        assert!(
            findings_geojson(&[]).starts_with("{\"type\":\"FeatureCollection\",\"features\":[")
        );
    }
}
