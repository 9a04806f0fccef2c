//! QGroundControl's complex items: what a run of steps was planned as, so that its planner can
//! change it later.

use serde_json::Value;

use super::Vertex;

/// A run of a mission's steps and what they were planned as.
#[derive(Debug, Clone, PartialEq)]
pub struct Complex {
    /// Place in the list of its first step, from 0.
    pub first: usize,
    /// How many steps it is.
    pub count: usize,
    /// What they were planned as.
    pub pattern: Pattern,
    /// The item of the file that it came from, so that what has no name here is written back; null
    /// where it comes from no file.
    pub kept: Value,
}

/// What steps were planned as.
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// Lines over an area.
    Survey(Survey),
    /// Lines along a line.
    Corridor(Corridor),
    /// Layers around a structure.
    Structure(StructureScan),
    /// What other programs add: written as it was.
    Other,
}

/// Lines over an area (`survey`, version 5).
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// The area; QGroundControl knows no holes.
    pub polygon: Vec<Vertex>,
    /// Direction of the lines, clockwise from north.
    pub angle_deg: f64,
    /// Where it begins: 0 top left, 1 top right, 2 bottom left, 3 bottom right.
    pub entry: u8,
    /// Whether every other line is flown on the way back.
    pub alternate: bool,
    /// Whether a concave area is cut into convex ones.
    pub split_concave: bool,
    /// How the lines are flown.
    pub transects: Transects,
}

/// Lines along a line (`CorridorScan`, version 2).
#[derive(Debug, Clone, PartialEq)]
pub struct Corridor {
    /// The line.
    pub line: Vec<Vertex>,
    /// Whole width of the strip.
    pub width_m: f64,
    /// Where it begins, 0 to 3.
    pub entry: u8,
    /// How the lines are flown.
    pub transects: Transects,
}

/// Layers around a structure (`StructureScan`, version 3).
#[derive(Debug, Clone, PartialEq)]
pub struct StructureScan {
    /// The structure's outline.
    pub polygon: Vec<Vertex>,
    /// Height of its lower edge above home.
    pub bottom_m: f64,
    /// Its height.
    pub height_m: f64,
    /// How many rounds.
    pub layers: u32,
    /// Height above home on the way there and back.
    pub entrance_m: f64,
    /// Of the gimbal; negative is down.
    pub pitch_deg: f64,
    /// Whether the highest round is flown first.
    pub from_top: bool,
    /// What the rounds follow from.
    pub camera: CameraCalc,
}

/// How lines are flown (`TransectStyleComplexItem`, version 2).
#[derive(Debug, Clone, PartialEq)]
pub struct Transects {
    /// How far beyond the area a line goes on.
    pub turn_around_m: f64,
    /// Whether pictures are taken there, too.
    pub pictures_in_turns: bool,
    /// Whether the vehicle stops for each picture.
    pub stops: bool,
    /// Whether all is flown again across.
    pub crosshatch: bool,
    /// What the lines follow from.
    pub camera: CameraCalc,
    /// The ends of the lines as they are drawn.
    pub drawn: Vec<Vertex>,
    /// How many pictures it is.
    pub shots: u32,
    /// How terrain is followed, where it is.
    pub terrain: Option<TerrainFollowing>,
}

/// How lines follow terrain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TerrainFollowing {
    /// How far the height may be off.
    pub tolerance_m: f64,
    /// Steepest climb; 0 is no limit.
    pub climb_m_s: f64,
    /// Steepest descent; 0 is no limit.
    pub descent_m_s: f64,
}

/// What spacing follows from (`CameraCalc`, version 2).
#[derive(Debug, Clone, PartialEq)]
pub struct CameraCalc {
    /// The camera's name; QGroundControl knows those of its own table and the two below.
    pub name: String,
    /// From line to line.
    pub side_m: f64,
    /// From picture to picture.
    pub front_m: f64,
    /// From the camera to the surface.
    pub distance_m: f64,
    /// `AltitudeMode`: 1 above home, 2 above sea level, 3 above terrain worked out, 4 above it.
    pub height_mode: u8,
    /// Its figures; `None` is spacing by hand.
    pub optics: Option<Optics>,
}

/// Figures of a camera in a [`CameraCalc`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Optics {
    /// Whether the distance was chosen, rather than the ground sampling.
    pub distance_chosen: bool,
    /// Ground sampling in centimetres a pixel.
    pub sampling_cm: f64,
    /// Overlap along the line, in per cent.
    pub overlap_front: f64,
    /// Overlap from line to line, in per cent.
    pub overlap_side: f64,
    /// Sensor, across and down.
    pub sensor_mm: (f64, f64),
    /// Picture, across and down.
    pub picture_px: (u32, u32),
    /// Focal length.
    pub focal_mm: f64,
    /// Whether the picture's width lies across the line.
    pub landscape: bool,
    /// Whether the camera cannot be turned.
    pub fixed: bool,
    /// Least time from picture to picture.
    pub least_interval_s: f64,
}

/// The name of spacing by hand.
pub const BY_HAND: &str = "Manual (no camera specs)";
/// The name of a camera whose figures are told.
pub const CUSTOM_CAMERA: &str = "Custom Camera";

impl CameraCalc {
    /// The spacing of a camera at a distance, as QGroundControl works it out: ground sampling from
    /// sensor width, picture width and focal length, footprints from it, and the overlap taken off.
    #[must_use]
    pub fn of_camera(optics: Optics, distance_m: f64, height_mode: u8) -> Self {
        let (across, down) = optics.picture_px;
        let sampling_cm =
            distance_m * optics.sensor_mm.0 * 100.0 / (f64::from(across) * optics.focal_mm);
        let metres = |pixels: u32, overlap: f64| {
            f64::from(pixels) * sampling_cm / 100.0 * (1.0 - overlap / 100.0)
        };
        let (wide, long) = if optics.landscape { (across, down) } else { (down, across) };
        Self {
            name: CUSTOM_CAMERA.to_owned(),
            side_m: metres(wide, optics.overlap_side),
            front_m: metres(long, optics.overlap_front),
            distance_m,
            height_mode,
            optics: Some(Optics { sampling_cm, ..optics }),
        }
    }
}
