//! Findings in the formats that only a package has: KML and COCO.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;

use crate::case::{FindingRow, FrameRow, SightingRow};

use super::frames::frame_id;

/// Findings as KML 2.2 (OGC 07-147r2): a placemark each, its properties as extended data.
pub(super) fn kml(findings: &[FindingRow]) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <kml xmlns=\"http://www.opengis.net/kml/2.2\">\n<Document>\n<name>findings</name>\n",
    );
    for finding in findings {
        let (Some(lat), Some(lon)) = (finding.lat, finding.lon) else { continue };
        let _ = write!(
            text,
            "<Placemark id=\"{id}\">\n<name>{id}</name>\n<description>{kind}, {severity}, \
             {status}</description>\n<ExtendedData>\n",
            id = escaped(&finding.id),
            kind = escaped(&finding.kind),
            severity = escaped(&finding.severity),
            status = escaped(&finding.status),
        );
        let numbers = [
            ("delta_k", finding.delta_k),
            ("peak_c", finding.peak_c),
            ("ellipse95_major_m", finding.ellipse95_major_m),
            ("ellipse95_minor_m", finding.ellipse95_minor_m),
            ("ellipse95_azimuth_deg", finding.ellipse95_azimuth_deg),
            ("height_ellipsoidal_m", finding.height_ellipsoidal_m),
        ];
        for (name, value) in numbers {
            if let Some(value) = value {
                let _ = writeln!(text, "<Data name=\"{name}\"><value>{value}</value></Data>");
            }
        }
        let _ = write!(
            text,
            "</ExtendedData>\n<Point><coordinates>{lon},{lat}</coordinates></Point>\n\
             </Placemark>\n"
        );
    }
    text + "</Document>\n</kml>\n"
}

/// Text in XML.
pub(super) fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
        escaped
    })
}

/// Where frames saw findings, as COCO has object detection (cocodataset.org, format): images with
/// a box for each sighting. Categories are kind and polarity of the finding.
pub(super) fn coco(
    findings: &[FindingRow],
    frames: &[FrameRow],
    sightings: &[SightingRow],
    originals: &BTreeMap<u32, String>,
) -> Vec<u8> {
    let label = |finding: &FindingRow| format!("{}_{}", finding.kind, finding.polarity);
    let mut labels: Vec<_> = findings.iter().map(label).collect();
    labels.sort();
    labels.dedup();
    let category = |id: &str| {
        let finding = findings.iter().find(|finding| finding.id == id)?;
        labels.binary_search(&label(finding)).ok().map(|at| at + 1)
    };
    let by_id: BTreeMap<&str, Option<usize>> =
        findings.iter().map(|finding| (finding.id.as_str(), category(&finding.id))).collect();
    let name = |frame: u32| originals.get(&frame).cloned().unwrap_or_else(|| frame_id(frame));
    let images: Vec<_> = frames
        .iter()
        .map(|frame| {
            json!({
                "id": frame.frame,
                "file_name": name(frame.frame),
                "width": frame.width_px,
                "height": frame.height_px,
            })
        })
        .collect();
    let annotations: Vec<_> = sightings
        .iter()
        .enumerate()
        .map(|(at, sighting)| {
            json!({
                "id": at + 1,
                "image_id": sighting.frame,
                "category_id": by_id.get(sighting.finding.as_str()).copied().flatten(),
                "bbox": sighting.bbox_px,
                "area": sighting.area_px,
                "iscrowd": 0,
                "score": sighting.score,
                "finding": sighting.finding,
                "x_px": sighting.x_px,
                "y_px": sighting.y_px,
                "peak_c": sighting.peak_c,
                "background_c": sighting.background_c,
                "delta_k": sighting.delta_k,
                "ellipse95_major_m": sighting.ellipse95_major_m,
            })
        })
        .collect();
    let categories: Vec<_> = labels
        .iter()
        .enumerate()
        .map(|(at, name)| json!({"id": at + 1, "name": name, "supercategory": "thermal"}))
        .collect();
    super::pretty(&json!({
        "info": {"description": "Thermal sightings of findings", "version": "1"},
        "images": images,
        "annotations": annotations,
        "categories": categories,
    }))
}
