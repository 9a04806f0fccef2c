//! QGroundControl's complex items, written in the newest version of each.
//!
//! What was read and has no name here stays; what has a name here is written anew.

use serde_json::{Map, Value, json};

use super::Vertex;
use super::complex::{CameraCalc, Complex, Corridor, Pattern, StructureScan, Survey, Transects};

/// The item of a complex, with the steps that it is flown as.
pub(super) fn item(complex: &Complex, steps: &[Value]) -> Value {
    let mut kept = match &complex.kept {
        Value::Object(kept) => kept.clone(),
        _ => Map::new(),
    };
    kept.insert("type".to_owned(), json!("ComplexItem"));
    let told = match &complex.pattern {
        Pattern::Survey(told) => survey(told, steps),
        Pattern::Corridor(told) => corridor(told, steps),
        Pattern::Structure(told) => structure(told, steps),
        Pattern::Other => json!({ "TransectStyleComplexItem": { "Items": steps } }),
    };
    lay_over(&mut kept, told);
    if let Some(Value::Object(transects)) = kept.get_mut("TransectStyleComplexItem")
        && complex.pattern != Pattern::Other
    {
        // Version 1 told here what version 2 tells in the camera's height mode.
        transects.remove("FollowTerrain");
        if let Some(Value::Object(camera)) = transects.get_mut("CameraCalc") {
            camera.remove("DistanceToSurfaceRelative");
        }
    }
    Value::Object(kept)
}

/// Lays fields over those that are there, objects within objects.
fn lay_over(under: &mut Map<String, Value>, over: Value) {
    let Value::Object(over) = over else { return };
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(Value::Object(inner)), value @ Value::Object(_)) => lay_over(inner, value),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

fn vertices(all: &[Vertex]) -> Value {
    all.iter().map(|(lat, lon)| json!([lat, lon])).collect()
}

fn survey(told: &Survey, steps: &[Value]) -> Value {
    json!({
        "complexItemType": "survey",
        "version": 5,
        "polygon": vertices(&told.polygon),
        "angle": told.angle_deg,
        "entryLocation": told.entry,
        "flyAlternateTransects": told.alternate,
        "splitConcavePolygons": told.split_concave,
        "TransectStyleComplexItem": transects(&told.transects, steps),
    })
}

fn corridor(told: &Corridor, steps: &[Value]) -> Value {
    json!({
        "complexItemType": "CorridorScan",
        "version": 2,
        "polyline": vertices(&told.line),
        "CorridorWidth": told.width_m,
        "EntryPoint": told.entry,
        "TransectStyleComplexItem": transects(&told.transects, steps),
    })
}

/// QGroundControl passes over `Items` here and makes the rounds anew; this program flies them.
fn structure(told: &StructureScan, steps: &[Value]) -> Value {
    json!({
        "complexItemType": "StructureScan",
        "version": 3,
        "polygon": vertices(&told.polygon),
        "ScanBottomAlt": told.bottom_m,
        "StructureHeight": told.height_m,
        "Layers": told.layers,
        "EntranceAltitude": told.entrance_m,
        "GimbalPitch": told.pitch_deg,
        "StartFromTop": told.from_top,
        "CameraCalc": camera(&told.camera),
        "Items": steps,
    })
}

fn transects(told: &Transects, steps: &[Value]) -> Value {
    let mut value = json!({
        "version": 2,
        "TurnAroundDistance": told.turn_around_m,
        "CameraTriggerInTurnAround": told.pictures_in_turns,
        "HoverAndCapture": told.stops,
        "Refly90Degrees": told.crosshatch,
        "CameraCalc": camera(&told.camera),
        "VisualTransectPoints": vertices(&told.drawn),
        "CameraShots": told.shots,
        "Items": steps,
    });
    if let Some(terrain) = told.terrain {
        value["TerrainAdjustTolerance"] = json!(terrain.tolerance_m);
        value["TerrainAdjustMaxClimbRate"] = json!(terrain.climb_m_s);
        value["TerrainAdjustMaxDescentRate"] = json!(terrain.descent_m_s);
    }
    value
}

fn camera(told: &CameraCalc) -> Value {
    let mut value = json!({
        "version": 2,
        "CameraName": told.name,
        "AdjustedFootprintSide": told.side_m,
        "AdjustedFootprintFrontal": told.front_m,
        "DistanceToSurface": told.distance_m,
        "DistanceMode": told.height_mode,
    });
    let Some(optics) = told.optics else { return value };
    let told = json!({
        "ValueSetIsDistance": optics.distance_chosen,
        "ImageDensity": optics.sampling_cm,
        "FrontalOverlap": optics.overlap_front,
        "SideOverlap": optics.overlap_side,
        "SensorWidth": optics.sensor_mm.0,
        "SensorHeight": optics.sensor_mm.1,
        "ImageWidth": optics.picture_px.0,
        "ImageHeight": optics.picture_px.1,
        "FocalLength": optics.focal_mm,
        "Landscape": optics.landscape,
        "FixedOrientation": optics.fixed,
        "MinTriggerInterval": optics.least_interval_s,
    });
    if let Value::Object(camera) = &mut value {
        lay_over(camera, told);
    }
    value
}
