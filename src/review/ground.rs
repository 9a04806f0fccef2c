//! What lies on the map: site, track, footprints.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use serde_json::{Value, json};

use crate::case::FrameRow;
use crate::site::{Outline, Site};

use super::answer::{Answer, Refusal, bytes_of};
use super::desk::{Desk, aside};

/// A feature of GeoJSON, written as it is: tens of thousands of them as JSON values would take
/// ten times their text.
#[derive(Serialize)]
struct Feature<C, P> {
    r#type: &'static str,
    geometry: Geometry<C>,
    properties: P,
}

#[derive(Serialize)]
struct Geometry<C> {
    r#type: &'static str,
    coordinates: C,
}

fn feature<C, P>(shape: &'static str, coordinates: C, properties: P) -> Feature<C, P> {
    Feature { r#type: "Feature", geometry: Geometry { r#type: shape, coordinates }, properties }
}

/// All features as one collection.
fn collected(features: &impl Serialize) -> Result<Vec<u8>, Refusal> {
    #[derive(Serialize)]
    struct Collection<'f, F> {
        r#type: &'static str,
        features: &'f F,
    }
    let all = Collection { r#type: "FeatureCollection", features };
    serde_json::to_vec(&all).map_err(Refusal::unexpected)
}

async fn features(
    desk: &Arc<Desk>,
    make: impl FnOnce(&Desk) -> Result<Vec<u8>, Refusal> + Send + 'static,
) -> Answer {
    Ok(bytes_of("application/geo+json", aside(desk, make).await?))
}

/// `GET /api/site`.
pub(super) async fn site(State(desk): State<Arc<Desk>>) -> Answer {
    features(&desk, |desk| {
        collected(&desk.now().fixed.site.as_ref().map(of_site).unwrap_or_default())
    })
    .await
}

fn of_site(site: &Site) -> Vec<Value> {
    let ring = |ring: &[(f64, f64)]| ring.iter().chain(ring.first()).copied().collect::<Vec<_>>();
    let polygon = |polygon: &crate::site::Polygon| {
        let holes = polygon.holes.iter().map(|hole| ring(hole));
        let rings: Vec<_> = [ring(&polygon.outer)].into_iter().chain(holes).collect();
        json!({ "type": "Polygon", "coordinates": rings })
    };
    let shape = |outline: &Outline| match outline {
        Outline::Polygon(area) => polygon(area),
        Outline::Line { vertices, .. } => json!({ "type": "LineString", "coordinates": vertices }),
        Outline::Point { at, .. } => json!({ "type": "Point", "coordinates": at }),
    };
    let reach = |outline: &Outline| match outline {
        Outline::Polygon(_) => None,
        Outline::Line { half_width_m, .. } => Some(*half_width_m),
        Outline::Point { radius_m, .. } => Some(*radius_m),
    };
    let part = |layer: &str, kind: Value, name: &str, geometry: Value, reach_m: Option<f64>| {
        json!({
            "type": "Feature",
            "geometry": geometry,
            "properties": { "layer": layer, "kind": kind, "name": name, "reach_m": reach_m },
        })
    };
    let areas =
        site.areas.iter().map(|area| part("area", json!("area"), &site.name, polygon(area), None));
    let assets = site.assets.iter().map(|asset| {
        let outline = &asset.outline;
        part("assets", json!(asset.kind), &asset.name, shape(outline), reach(outline))
    });
    let zones = site.zones.iter().flat_map(|zone| {
        zone.volumes.iter().map(move |volume| {
            let outline = &volume.outline;
            part("zones", json!(zone.role), &zone.name, shape(outline), reach(outline))
        })
    });
    areas.chain(assets).chain(zones).collect()
}

/// `GET /api/track`.
pub(super) async fn track(State(desk): State<Arc<Desk>>) -> Answer {
    features(&desk, |desk| {
        let now = desk.now();
        let mut by_camera: BTreeMap<&str, Vec<&FrameRow>> = BTreeMap::new();
        for row in &now.fixed.frames {
            by_camera.entry(&row.camera).or_default().push(row);
        }
        let line = |(camera, mut rows): (&str, Vec<&FrameRow>)| {
            rows.sort_by(|a, b| (&a.taken_at, a.frame).cmp(&(&b.taken_at, b.frame)));
            let places: Vec<_> = rows.iter().filter_map(|row| row.lon.zip(row.lat)).collect();
            let is_line = places.len() > 1;
            is_line.then(|| feature("LineString", places, json!({ "camera": camera })))
        };
        collected(&by_camera.into_iter().filter_map(line).collect::<Vec<_>>())
    })
    .await
}

/// `GET /api/footprints`.
pub(super) async fn footprints(State(desk): State<Arc<Desk>>) -> Answer {
    features(&desk, |desk| {
        let now = desk.now();
        let with_one = now.fixed.frames.iter().filter(|row| row.footprint.len() > 3);
        let all =
            with_one.map(|row| feature("Polygon", [&row.footprint], OfFrame { frame: row.frame }));
        collected(&all.collect::<Vec<_>>())
    })
    .await
}

#[derive(Serialize)]
struct OfFrame {
    frame: u32,
}
