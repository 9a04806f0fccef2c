//! QGroundControl's complex items, read.

use super::complex::{
    BY_HAND, CameraCalc, Corridor, Optics, Pattern, StructureScan, Survey, TerrainFollowing,
    Transects,
};
use super::json::At;
use super::{Fault, Vertex};

/// `AltitudeMode` of heights above home, above sea level, and above terrain worked out.
const ABOVE_HOME: u8 = 1;
const ABOVE_SEA: u8 = 2;
const ABOVE_TERRAIN: u8 = 3;

/// What a complex item was planned as, and its list of steps.
///
/// # Errors
/// The field, what it holds and what is known.
pub(super) fn pattern<'a>(at: &At<'a>) -> Result<(Pattern, At<'a>), Fault> {
    let kind = at.key("complexItemType")?;
    let pattern = match kind.text()? {
        "survey" => Pattern::Survey(survey(at)?),
        "CorridorScan" => Pattern::Corridor(corridor(at)?),
        "StructureScan" => {
            at.key("version")?.version(&[3])?;
            // QGroundControl keeps no steps of a scan; those that this program wrote are there.
            let steps = at.maybe("Items").ok_or_else(|| no_steps(&kind))?;
            return Ok((Pattern::Structure(structure(at)?), steps));
        }
        "fwLandingPattern" | "vtolLandingPattern" => return Err(no_steps(&kind)),
        _ => Pattern::Other,
    };
    let transects = at.key("TransectStyleComplexItem")?;
    if let Some(version) = transects.maybe("version") {
        version.version(&[1, 2])?;
    }
    Ok((pattern, transects.key("Items")?))
}

fn no_steps(kind: &At<'_>) -> Fault {
    kind.fault(
        "it holds no steps, QGroundControl makes them anew each time; known are survey, \
         CorridorScan and what has steps in TransectStyleComplexItem.Items",
    )
}

fn survey(at: &At<'_>) -> Result<Survey, Fault> {
    let version = at.key("version")?.version(&[2, 3, 4, 5])?;
    Ok(Survey {
        // The list of steps is looked for first: a file without it has nothing to fly.
        transects: transects(at)?,
        polygon: outline(&at.key("polygon")?, 3)?,
        angle_deg: at.key("angle")?.number()?,
        entry: at.key("entryLocation")?.whole(3)? as u8,
        alternate: at.maybe("flyAlternateTransects").map_or(Ok(false), |at| at.flag())?,
        split_concave: match at.maybe("splitConcavePolygons") {
            None if version < 5 => false,
            _ => at.key("splitConcavePolygons")?.flag()?,
        },
    })
}

fn corridor(at: &At<'_>) -> Result<Corridor, Fault> {
    at.key("version")?.version(&[2])?;
    Ok(Corridor {
        transects: transects(at)?,
        line: outline(&at.key("polyline")?, 2)?,
        width_m: at.key("CorridorWidth")?.number()?,
        entry: at.key("EntryPoint")?.whole(3)? as u8,
    })
}

fn structure(at: &At<'_>) -> Result<StructureScan, Fault> {
    Ok(StructureScan {
        polygon: outline(&at.key("polygon")?, 3)?,
        bottom_m: at.key("ScanBottomAlt")?.number()?,
        height_m: at.key("StructureHeight")?.number()?,
        layers: at.key("Layers")?.whole(u32::MAX)?,
        entrance_m: at.key("EntranceAltitude")?.number()?,
        pitch_deg: at.key("GimbalPitch")?.number()?,
        from_top: at.key("StartFromTop")?.flag()?,
        camera: camera(&at.key("CameraCalc")?, false)?,
    })
}

fn outline(at: &At<'_>, least: usize) -> Result<Vec<Vertex>, Fault> {
    let vertices: Vec<_> = at.list()?.iter().map(At::vertex).collect::<Result<_, _>>()?;
    if vertices.len() < least {
        return Err(at.fault(format!("it needs {least} vertices at least")));
    }
    Ok(vertices)
}

fn transects(item: &At<'_>) -> Result<Transects, Fault> {
    let at = item.key("TransectStyleComplexItem")?;
    let version = at.key("version")?.version(&[1, 2])?;
    at.key("Items")?;
    let follows = version == 1 && at.maybe("FollowTerrain").map_or(Ok(false), |at| at.flag())?;
    let terrain = at.maybe("TerrainAdjustTolerance").map(|tolerance| {
        Ok(TerrainFollowing {
            tolerance_m: tolerance.number()?,
            climb_m_s: at.key("TerrainAdjustMaxClimbRate")?.number()?,
            descent_m_s: at.key("TerrainAdjustMaxDescentRate")?.number()?,
        })
    });
    Ok(Transects {
        turn_around_m: at.key("TurnAroundDistance")?.number()?,
        pictures_in_turns: at.key("CameraTriggerInTurnAround")?.flag()?,
        stops: at.key("HoverAndCapture")?.flag()?,
        crosshatch: at.key("Refly90Degrees")?.flag()?,
        camera: camera(&at.key("CameraCalc")?, follows)?,
        drawn: outline(&at.key("VisualTransectPoints")?, 0)?,
        shots: at.maybe("CameraShots").map_or(Ok(0), |at| at.whole(u32::MAX))?,
        terrain: terrain.transpose()?,
    })
}

/// Versions 0 and 1 tell a flag for what version 2 tells a mode for.
fn camera(at: &At<'_>, follows: bool) -> Result<CameraCalc, Fault> {
    let version = at.maybe("version").map_or(Ok(0), |at| at.version(&[0, 1, 2]))?;
    let height_mode = match at.maybe("DistanceMode").filter(|_| version == 2) {
        Some(mode) => mode.whole(255)? as u8,
        None if version == 2 => return Err(at.fault("it needs DistanceMode")),
        None if follows => ABOVE_TERRAIN,
        None => match at.key("DistanceToSurfaceRelative")?.flag()? {
            true => ABOVE_HOME,
            false => ABOVE_SEA,
        },
    };
    let name = at.key("CameraName")?.text()?.to_owned();
    Ok(CameraCalc {
        optics: if name == BY_HAND { None } else { Some(optics(at)?) },
        name,
        side_m: at.key("AdjustedFootprintSide")?.number()?,
        front_m: at.key("AdjustedFootprintFrontal")?.number()?,
        distance_m: at.key("DistanceToSurface")?.number()?,
        height_mode,
    })
}

fn optics(at: &At<'_>) -> Result<Optics, Fault> {
    let number = |key: &str| at.key(key)?.number();
    let whole = |key: &str| at.key(key)?.whole(u32::MAX);
    Ok(Optics {
        distance_chosen: at.key("ValueSetIsDistance")?.flag()?,
        sampling_cm: number("ImageDensity")?,
        overlap_front: number("FrontalOverlap")?,
        overlap_side: number("SideOverlap")?,
        sensor_mm: (number("SensorWidth")?, number("SensorHeight")?),
        picture_px: (whole("ImageWidth")?, whole("ImageHeight")?),
        focal_mm: number("FocalLength")?,
        landscape: at.key("Landscape")?.flag()?,
        fixed: at.key("FixedOrientation")?.flag()?,
        least_interval_s: number("MinTriggerInterval")?,
    })
}
