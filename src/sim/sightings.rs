//! A flight without pixels: what a detector would report of planted things, drawn instead of
//! rendered. A million detections take seconds, so that fusion and calibration can be held
//! against the truth over many flights.

use nalgebra::Vector3;

use crate::capture::{PoseSigmas, PosedFrame};
use crate::detect::{Detection, Polarity, Reasons};
use crate::fuse::View;
use crate::geo::{Attitude, CameraModel, Geodetic, LocalFrame, Terrain};
use crate::locate::{Observation, observe};
use crate::time::FrameTime;

use super::draws::{Draws, Stream};
use super::params::{ErrorSigmas, PoseErrors};

/// What a flight without pixels is like: lines north and south over level ground.
#[derive(Debug, Clone)]
pub struct SightingParams {
    /// Seed of all that is drawn.
    pub seed: u64,
    /// Ground at the south-west corner, height above the ellipsoid.
    pub origin: Geodetic,
    /// The camera.
    pub camera: CameraModel,
    /// Metres above the ground.
    pub altitude_m: f64,
    /// Pitch of the camera in degrees; straight down is -90.
    pub pitch_deg: f64,
    /// Lines, and frames on each.
    pub lines: [u32; 2],
    /// From frame to frame and from line to line, in metres.
    pub spacing_m: [f64; 2],
    /// Metres a second.
    pub speed_m_s: f64,
    /// What stated poses are off.
    pub errors: PoseErrors,
    /// One sigma of how far the pose is off the picture in time, in seconds, drawn once a flight.
    pub clock_sigma_s: f64,
    /// One sigma of how far the level of the ground is off, in metres, drawn once a flight.
    pub ground_sigma_m: f64,
    /// Things on a hectare.
    pub per_hectare: f64,
    /// Least distance of two things in metres.
    pub apart_m: f64,
    /// The highest thing above the ground in metres; half of them are on it.
    pub highest_m: f64,
    /// Share of views in which a thing is detected.
    pub found_share: f64,
    /// Detections of nothing in each frame.
    pub clutter: u32,
    /// One sigma of a detection's centre in pixels.
    pub centre_sigma_px: f64,
}

impl Default for SightingParams {
    fn default() -> Self {
        Self {
            seed: 1,
            origin: Geodetic::from_degrees(52.0, 4.4, 45.0),
            camera: CameraModel::pinhole(640, 512, 1125.0),
            altitude_m: 60.0,
            pitch_deg: -90.0,
            lines: [6, 16],
            spacing_m: [8.0, 12.0],
            speed_m_s: 5.0,
            errors: PoseErrors::with_rtk(),
            clock_sigma_s: 0.0,
            ground_sigma_m: 0.0,
            per_hectare: 60.0,
            apart_m: 3.0,
            highest_m: 0.0,
            found_share: 0.9,
            clutter: 1,
            centre_sigma_px: 0.1,
        }
    }
}

/// Something planted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thing {
    /// East, north and up of the origin in metres at the first frame.
    pub at_m: [f64; 3],
    /// East and north in metres a second.
    pub velocity_m_s: [f64; 2],
    /// Contrast in kelvin.
    pub delta_k: f64,
}

/// What was seen, and what there is.
#[derive(Debug)]
pub struct Sightings {
    /// Frames as their files would state them.
    pub views: Vec<View>,
    /// Sorted by frame, then index.
    pub observations: Vec<Observation>,
    /// The thing that each observation shows.
    pub shows: Vec<Option<u32>>,
    /// The things.
    pub things: Vec<Thing>,
    /// Their true places.
    pub places: Vec<Geodetic>,
    /// The ground as it is stated.
    pub terrain: Terrain,
}

/// Half of what a fuller camera sees beyond its middle, to look for things: metres a metre up.
const MOST_REACH: f64 = 3.0;
/// Time from the end of a line to the start of the next one.
const TURN_S: f64 = 6.0;
/// Pixels at the border in which nothing is detected.
const BORDER_PX: f64 = 6.0;

impl Sightings {
    /// Things at drawn places, and what a flight sees of them.
    #[must_use]
    pub fn drawn(params: &SightingParams) -> Self {
        Self::of(&things(params), params)
    }

    /// What a flight sees of given things.
    #[must_use]
    pub fn of(things: &[Thing], params: &SightingParams) -> Self {
        let plane = LocalFrame::at(&params.origin);
        let mut common = Draws::new(params.seed, Stream::CommonError, 0);
        let shared = Shared {
            pose: error(&mut common, &params.errors.common),
            clock_s: params.clock_sigma_s * common.normal(),
            ground_m: params.ground_sigma_m * common.normal(),
        };
        let stated_m = params.origin.height_m + shared.ground_m;
        let terrain = Terrain::Flat { height_m: stated_m, sigma_m: params.ground_sigma_m };
        let place = |thing: &Thing| plane.geodetic(&Vector3::from(thing.at_m));
        let mut seen = Self {
            views: Vec::new(),
            observations: Vec::new(),
            shows: Vec::new(),
            things: things.to_vec(),
            places: things.iter().map(place).collect(),
            terrain,
        };
        let field = Field::of(things, params);
        for frame in 0..params.lines[0] * params.lines[1] {
            seen.fly(frame, &shared, &plane, &field, params);
        }
        seen
    }

    fn fly(
        &mut self,
        frame: u32,
        shared: &Shared,
        plane: &LocalFrame,
        field: &Field,
        params: &SightingParams,
    ) {
        let moment = Moment::of(frame, params);
        let mut draws = Draws::new(params.seed, Stream::OwnError, u64::from(frame));
        let own = error(&mut draws, &params.errors.own);
        let stated = moment.stated(shared, &own);
        let pose = posed(frame, &stated, &moment, plane, params);
        let truth = moment.truth;
        let turn = posed(frame, &truth, &moment, plane, params).ned_from_camera();
        let mut index = 0;
        let mut sight = |pixel: (f64, f64), delta_k: f64, shows: Option<u32>| {
            let seen = detection(pixel, delta_k);
            if let Ok(observation) = observe(&pose, index, &seen, &self.terrain) {
                self.observations.push(observation);
                self.shows.push(shows);
                index += 1;
            }
        };
        let inside = |v: f64, size: u32| (BORDER_PX..f64::from(size) - BORDER_PX).contains(&v);
        for number in field.near(truth[0], truth[1], MOST_REACH * params.altitude_m) {
            let thing = &field.things[number as usize];
            let [east, north] =
                [0, 1].map(|axis| thing.at_m[axis] + thing.velocity_m_s[axis] * moment.seconds);
            let view = Vector3::new(east - truth[0], north - truth[1], thing.at_m[2] - truth[2]);
            let body = turn.transpose() * Vector3::new(view.y, view.x, -view.z);
            let Some((x, y)) = params.camera.project(&body) else { continue };
            let pixel = (
                x + params.centre_sigma_px * draws.normal(),
                y + params.centre_sigma_px * draws.normal(),
            );
            let found = draws.uniform() < params.found_share;
            let delta_k = thing.delta_k + 0.1 * draws.normal();
            if found
                && inside(pixel.0, params.camera.width_px)
                && inside(pixel.1, params.camera.height_px)
            {
                sight(pixel, delta_k, Some(number));
            }
        }
        for _ in 0..params.clutter {
            let (width, height) = (params.camera.width_px, params.camera.height_px);
            let pixel = (
                draws.between(BORDER_PX, f64::from(width) - BORDER_PX),
                draws.between(BORDER_PX, f64::from(height) - BORDER_PX),
            );
            sight(pixel, draws.between(1.0, 6.0), None);
        }
        let taken_at = FrameTime::Utc(
            jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs_f64(moment.seconds),
        );
        self.views.push(View::new(pose, Some(taken_at), false));
    }
}

/// East, north, up in metres; yaw, pitch and the tilt across in degrees.
type Parts = [f64; 6];

/// What all frames are off.
struct Shared {
    pose: Parts,
    clock_s: f64,
    ground_m: f64,
}

fn error(draws: &mut Draws, sigmas: &ErrorSigmas) -> Parts {
    let (turn, tilt) = (sigmas.yaw_deg, sigmas.pitch_roll_deg);
    [sigmas.horizontal_m, sigmas.horizontal_m, sigmas.vertical_m, turn, tilt, tilt]
        .map(|sigma| sigma * draws.normal())
}

/// Where a frame is taken.
struct Moment {
    truth: Parts,
    seconds: f64,
    velocity_m_s: [f64; 3],
}

impl Moment {
    fn of(frame: u32, params: &SightingParams) -> Self {
        let [_, of_line] = params.lines;
        let (line, photo) = (frame / of_line, frame % of_line);
        let south = line % 2 == 1;
        let step = if south { of_line - 1 - photo } else { photo };
        let heading_deg: f64 = if south { 180.0 } else { 0.0 };
        let ahead = if south { -1.0 } else { 1.0 };
        let leg_s = f64::from(of_line) * params.spacing_m[0] / params.speed_m_s;
        let back_m = params.altitude_m / (-params.pitch_deg).to_radians().tan();
        let mut draws = Draws::new(params.seed, Stream::Wander, u64::from(frame));
        let stray =
            ErrorSigmas { horizontal_m: 0.3, vertical_m: 0.3, yaw_deg: 1.0, pitch_roll_deg: 0.2 };
        let stray = error(&mut draws, &stray);
        let planned = [
            f64::from(line) * params.spacing_m[1],
            f64::from(step) * params.spacing_m[0] - ahead * back_m,
            params.altitude_m,
            heading_deg,
            params.pitch_deg,
            0.0,
        ];
        Self {
            truth: std::array::from_fn(|part| planned[part] + stray[part]),
            seconds: f64::from(line) * (leg_s + TURN_S)
                + f64::from(photo) * params.spacing_m[0] / params.speed_m_s,
            velocity_m_s: [0.0, ahead * params.speed_m_s, 0.0],
        }
    }

    fn stated(&self, shared: &Shared, own: &Parts) -> Parts {
        std::array::from_fn(|part| {
            let late = self.velocity_m_s.get(part).map_or(0.0, |speed| speed * shared.clock_s);
            self.truth[part] + shared.pose[part] + own[part] + late
        })
    }
}

fn posed(
    frame: u32,
    stated: &Parts,
    moment: &Moment,
    plane: &LocalFrame,
    params: &SightingParams,
) -> PosedFrame {
    let sigmas = |errors: &ErrorSigmas| PoseSigmas {
        position_enu_m: [errors.horizontal_m, errors.horizontal_m, errors.vertical_m],
        attitude_rad: [errors.yaw_deg, errors.pitch_roll_deg, errors.pitch_roll_deg]
            .map(f64::to_radians),
    };
    PosedFrame {
        frame,
        camera: params.camera,
        position: plane.geodetic(&Vector3::new(stated[0], stated[1], stated[2])),
        attitude: Attitude::from_degrees(stated[3], stated[4], 0.0),
        tilt_rad: stated[5].to_radians(),
        own: sigmas(&params.errors.own),
        common: sigmas(&params.errors.common),
        velocity_enu_m_s: moment.velocity_m_s,
        clock_sigma_s: params.clock_sigma_s,
        notes: Vec::new(),
    }
}

fn detection(pixel: (f64, f64), delta_k: f64) -> Detection {
    let delta = delta_k as f32;
    Detection {
        polarity: if delta > 0.0 { Polarity::Hot } else { Polarity::Cold },
        x_px: pixel.0 as f32,
        y_px: pixel.1 as f32,
        bbox_px: [pixel.0.max(2.0) as u16 - 2, pixel.1.max(2.0) as u16 - 2, 4, 4],
        area_px: 12,
        peak: 10.0 + delta,
        background: 10.0,
        delta,
        snr: delta.abs() / 0.05,
        prominence: 12.0,
        score: 0.9,
        reasons: Reasons::default(),
    }
}

/// Things by place, so that a frame does not ask all of them.
struct Field<'a> {
    things: &'a [Thing],
    cell_m: f64,
    /// Column and row of a cell, and the number of a thing in it; sorted.
    cells: Vec<((i32, i32), u32)>,
}

impl<'a> Field<'a> {
    fn of(things: &'a [Thing], params: &SightingParams) -> Self {
        let cell_m = params.altitude_m;
        let cell = |thing: &Thing| [0, 1].map(|axis| (thing.at_m[axis] / cell_m).floor() as i32);
        let mut cells: Vec<_> = (0..)
            .zip(things)
            .map(|(number, thing)| {
                let [column, row] = cell(thing);
                ((column, row), number)
            })
            .collect();
        cells.sort_unstable();
        Self { things, cell_m, cells }
    }

    /// In the order of their numbers.
    fn near(&self, east_m: f64, north_m: f64, reach_m: f64) -> Vec<u32> {
        let cell = |metres: f64| (metres / self.cell_m).floor() as i32;
        let mut found = Vec::new();
        for column in cell(east_m - reach_m)..=cell(east_m + reach_m) {
            let (low, high) =
                ((column, cell(north_m - reach_m)), (column, cell(north_m + reach_m)));
            let first = self.cells.partition_point(|(cell, _)| *cell < low);
            let of_column = self.cells[first..].iter().take_while(|(cell, _)| *cell <= high);
            found.extend(of_column.map(|&(_, number)| number));
        }
        found.sort_unstable();
        found
    }
}

/// Draws places until there are enough, or too many were too near to another.
fn things(params: &SightingParams) -> Vec<Thing> {
    let mut draws = Draws::new(params.seed, Stream::Spots, 0);
    let [lines, of_line] = params.lines.map(f64::from);
    let (long_m, wide_m) = (of_line * params.spacing_m[0], lines * params.spacing_m[1]);
    let wanted = (long_m * wide_m / 10_000.0 * params.per_hectare) as usize;
    let cell_m = params.apart_m.max(0.1);
    let mut taken = std::collections::BTreeMap::new();
    let mut things = Vec::with_capacity(wanted);
    for _ in 0..20 * wanted {
        if things.len() == wanted {
            break;
        }
        let at = [draws.between(0.0, wide_m), draws.between(0.0, long_m)];
        let raised = draws.uniform() < 0.5;
        let up_m = if raised { draws.between(0.0, params.highest_m) } else { 0.0 };
        let delta_k = draws.between(1.0, 6.0);
        let cell = at.map(|v| (v / cell_m).floor() as i32);
        let around = (-1..=1).flat_map(|de| (-1..=1).map(move |dn| (cell[0] + de, cell[1] + dn)));
        let mut near = around.filter_map(|cell| taken.get(&cell));
        if near.any(|other: &[f64; 2]| (other[0] - at[0]).hypot(other[1] - at[1]) < params.apart_m)
        {
            continue;
        }
        // A cell as wide as the least distance may hold more than one; the last stands for all.
        taken.insert((cell[0], cell[1]), at);
        things.push(Thing { at_m: [at[0], at[1], up_m], velocity_m_s: [0.0; 2], delta_k });
    }
    things
}
