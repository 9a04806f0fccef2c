//! A plan on a map: GeoJSON (RFC 7946) in which every feature has a role.

use serde_json::{Value, json};

use super::camera::Camera;
use super::coverage::footprint;
use super::plane::{Plane, Point};
use super::region::Region;
use super::sortie::Purpose;
use super::{Error, Plan};

/// The plan's features: what was told (`area`, `no_fly`, `no_capture`, `takeoff`) and what came of
/// it (`photo_line`, `transit`, `photo`, `footprint`). Heights are above the ellipsoid.
///
/// # Errors
/// [`Error::NoGround`].
pub fn geojson(plan: &Plan<'_>, camera: &Camera) -> Result<Value, Error> {
    let plane = &plan.field.plane;
    let mut features = Vec::new();
    features.extend(regions(plane, &plan.target, "area", &plan.field.name));
    for barrier in &plan.field.barriers {
        features.extend(regions(plane, &barrier.region, "no_fly", &barrier.name));
    }
    features.extend(regions(plane, &plan.field.private, "no_capture", "no picture"));
    for (number, sortie) in (1..).zip(&plan.sorties) {
        let at = position(plane, sortie.takeoff.0, Some(sortie.takeoff.1));
        features.push(feature("Point", at, json!({ "role": "takeoff", "sortie": number })));
        for leg in &sortie.legs {
            let role = match leg.purpose {
                Purpose::Work => "photo_line",
                Purpose::Transit => "transit",
                Purpose::TakeOff | Purpose::Landing => continue,
            };
            let line = [leg.from, leg.to].map(|(at, height_m)| position(plane, at, Some(height_m)));
            let name = leg.run.and_then(|run| sortie.runs.get(run)).map(|run| run.name.as_str());
            let properties = json!({ "role": role, "sortie": number, "name": name });
            features.push(feature("LineString", json!(line), properties));
        }
        for photo in sortie.runs.iter().flat_map(super::Run::photos) {
            let at = position(plane, photo.at, Some(photo.height_m));
            let (yaw, pitch) = (photo.yaw_rad.to_degrees(), photo.pitch_rad.to_degrees());
            let angles = [yaw, pitch].map(|degrees| (degrees * 10.0).round() / 10.0);
            features.push(feature(
                "Point",
                at,
                json!({
                    "role": "photo", "sortie": number, "yaw_deg": angles[0], "pitch_deg": angles[1],
                }),
            ));
            if let Some(corners) = footprint(&plan.field, camera, &photo)? {
                let rings = json!([ring(plane, &corners)]);
                let properties = json!({ "role": "footprint", "sortie": number });
                features.push(feature("Polygon", rings, properties));
            }
        }
    }
    Ok(json!({ "type": "FeatureCollection", "name": plan.field.name, "features": features }))
}

fn feature(kind: &str, coordinates: impl Into<Value>, properties: impl Into<Value>) -> Value {
    json!({
        "type": "Feature",
        "geometry": { "type": kind, "coordinates": coordinates.into() },
        "properties": properties.into(),
    })
}

/// To a millimetre and a centimetre of height.
fn position(plane: &Plane, at: Point, height_m: Option<f64>) -> Value {
    let (lon, lat) = plane.degrees(at);
    let [lon, lat] = [lon, lat].map(|degrees| (degrees * 1e8).round() / 1e8);
    match height_m {
        Some(height_m) => json!([lon, lat, (height_m * 100.0).round() / 100.0]),
        None => json!([lon, lat]),
    }
}

fn ring(plane: &Plane, ring: &[Point]) -> Vec<Value> {
    ring.iter().chain(ring.first()).map(|&at| position(plane, at, None)).collect()
}

fn regions(plane: &Plane, region: &Region, role: &str, name: &str) -> Vec<Value> {
    let polygon = |rings: &Vec<Vec<Point>>| {
        let rings: Vec<Vec<Value>> = rings.iter().map(|points| ring(plane, points)).collect();
        feature("Polygon", json!(rings), json!({ "role": role, "name": name }))
    };
    region.shapes().iter().map(polygon).collect()
}
