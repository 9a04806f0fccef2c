//! A sortie as QGroundControl's planner would edit it: the same steps, and what they were planned
//! as.

use crate::mission::{
    CameraCalc, Complex, Corridor, Mission, Optics, Pattern as Planned, StructureScan, Survey,
    Transects, Vertex,
};
use crate::site::Site;

use super::plane::Point;
use super::run::Run;
use super::sortie::Sortie;
use super::steps::Flown;
use super::{Params, Pattern, Plan};

/// `AltitudeMode` of QGroundControl: heights above home.
const ABOVE_HOME: u8 = 1;

/// The mission of a sortie with its work as one survey, corridor or scan of a structure. `None`
/// where the planner there has nothing that it could be: tilted, crossing or separate passes,
/// several areas, routes or structures.
///
/// It knows no holes and no zones: what it makes of an edited plan is to be planned here again.
#[must_use]
pub fn editable(plan: &Plan<'_>, site: &Site, params: &Params, sortie: usize) -> Option<Mission> {
    let (flown, planned) = (plan.flown.get(sortie)?, plan.sorties.get(sortie)?);
    let transects = transects(plan, params, &planned.runs);
    let pattern = match params.pattern {
        Pattern::Survey { crosshatch: false, .. } => {
            let [rings] = plan.target.shapes() else { return None };
            let (a, b) = planned
                .runs
                .iter()
                .find_map(|run| Some((run.stands.first()?.at, run.stands.get(1)?.at)))?;
            let angle = (b[0] - a[0]).atan2(b[1] - a[1]).to_degrees().rem_euclid(180.0);
            Planned::Survey(Survey {
                polygon: rings.first()?.iter().map(|&at| vertex(plan, at)).collect(),
                angle_deg: angle,
                entry: 0,
                alternate: false,
                split_concave: false,
                transects,
            })
        }
        Pattern::Corridor => {
            let [route] = site.routes.as_slice() else { return None };
            let line = route.vertices.iter().map(|&(lon, lat)| (lat, lon)).collect();
            let width_m = 2.0 * super::make::half_width_m(route.half_width_m);
            Planned::Corridor(Corridor { line, width_m, entry: 0, transects })
        }
        Pattern::Facade(_) | Pattern::Orbit(_) => {
            let camera = transects.camera;
            Planned::Structure(structure(plan, site, params, planned, camera)?)
        }
        _ => return None,
    };
    let (first, count) = work(flown)?;
    let kept = serde_json::Value::Null;
    let complex = vec![Complex { first, count, pattern, kept }];
    Some(Mission { complex, ..flown.mission.clone() })
}

/// Rounds about the one thing that is looked at, in one flight.
fn structure(
    plan: &Plan<'_>,
    site: &Site,
    params: &Params,
    planned: &Sortie,
    camera: CameraCalc,
) -> Option<StructureScan> {
    let mut assets = super::make::chosen(site, &params.pattern);
    let (Some(asset), None, [_]) = (assets.next(), assets.next(), plan.sorties.as_slice()) else {
        return None;
    };
    let tall = plan.field.tall.iter().find(|tall| tall.name == asset.name)?;
    let [rings] = tall.region.shapes() else { return None };
    let home_m = planned.takeoff.1;
    let stands = || planned.runs.iter().flat_map(|run| &run.stands);
    let mut levels: Vec<f64> = stands().map(|stand| stand.height_m).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup_by(|a, b| (*a - *b).abs() < 0.01);
    // One tilt for all rounds there; here only those that may not fly lower look down.
    let pitch_rad = stands().map(|stand| stand.pitch_rad).max_by(f64::total_cmp)?;
    Some(StructureScan {
        polygon: rings.first()?.iter().map(|&at| vertex(plan, at)).collect(),
        bottom_m: tall.top_m - asset.height_m - home_m,
        height_m: asset.height_m,
        layers: levels.len() as u32,
        entrance_m: levels.last()? - home_m,
        pitch_deg: pitch_rad.to_degrees(),
        from_top: stands().next()?.height_m > *levels.first()? + 0.01,
        camera,
    })
}

/// From the first run's way to the last step with the camera at work.
fn work(flown: &Flown) -> Option<(usize, usize)> {
    use crate::mission::Action;
    let first = *flown.resume_at.first()?;
    let works = |step: &crate::mission::Step| {
        matches!(step.action, Action::TriggerDistance { .. } | Action::Digicam { .. })
    };
    let last = flown.mission.steps.iter().rposition(works)?;
    (last >= first).then(|| (first, last + 1 - first))
}

fn vertex(plan: &Plan<'_>, at: Point) -> Vertex {
    let (lon, lat) = plan.field.plane.degrees(at);
    (lat, lon)
}

fn transects(plan: &Plan<'_>, params: &Params, runs: &[Run]) -> Transects {
    let camera = &params.camera;
    let millimetres = |pixels: u32| f64::from(pixels) * camera.pixel_pitch_m * 1000.0;
    let optics = Optics {
        distance_chosen: true,
        sampling_cm: plan.pace.gsd_m * 100.0,
        overlap_front: params.overlap_front * 100.0,
        overlap_side: params.overlap_side * 100.0,
        sensor_mm: (millimetres(camera.width_px), millimetres(camera.height_px)),
        picture_px: (camera.width_px, camera.height_px),
        focal_mm: camera.focal_length_m * 1000.0,
        landscape: true,
        fixed: false,
        least_interval_s: camera.least_interval_s,
    };
    Transects {
        turn_around_m: 0.0,
        pictures_in_turns: false,
        stops: false,
        crosshatch: false,
        camera: CameraCalc::of_camera(optics, plan.pace.distance_m, ABOVE_HOME),
        drawn: runs.iter().flat_map(|run| &run.stands).map(|s| vertex(plan, s.at)).collect(),
        shots: runs.iter().map(|run| run.photos().len() as u32).sum(),
        terrain: None,
    }
}
