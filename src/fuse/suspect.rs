//! What is no thing on the ground: mirror images, things that move, pixels of the sensor.
//!
//! Nothing is deleted: what is recognised becomes one finding with its reason.

use std::collections::{HashMap, HashSet};

use nalgebra::Vector2;

use super::estimate::Run;
use super::grid::Grid;

/// How a thing's apparent place changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drift {
    /// With the camera: a mirror image lies behind the surface that shows it.
    WithCamera,
    /// With time.
    WithTime,
}

/// What speaks against a thing on the ground.
#[derive(Debug, Clone, Copy)]
pub(super) struct Suspect {
    pub(super) drift: Option<Drift>,
    /// It lies on the same pixels wherever the camera looks.
    pub(super) fixed: bool,
}

/// Groups of more views are things that stay.
const MOST_VIEWS: usize = 4;
/// A chain goes on within so many metres, and within so many frames.
const REACH_M: f64 = 6.0;
const FRAMES_ON: u32 = 3;
/// Fewest views of a chain: a line through three is no surprise.
const LEAST_VIEWS: usize = 5;
/// χ² over its degrees of freedom: above the first a thing does not stay, below the second a
/// motion explains it.
const STAYS_NOT: f64 = 9.0;
const EXPLAINED: f64 = 2.0;
/// Metres a second of people, animals and vehicles on a site.
const SPEEDS_M_S: std::ops::RangeInclusive<f64> = 0.2..=20.0;
/// A flight's yaw is off by no more than so many of its sigmas.
const YAW_SIGMAS: f64 = 3.0;
/// Share of the camera's way that an image must go along.
const LEAST_SHARE: f64 = 0.03;

/// Side of a cell of pixels in which a spot of the sensor stays.
const PIXELS: f32 = 3.0;
/// A cell has a spot in this share of a flight's frames, and in this many, though the camera moved.
const STUCK_SHARE: f64 = 0.3;
const STUCK_FRAMES: u32 = 6;
/// The camera moved if the ground under the cell did, by so many metres.
const MOVED_M: f64 = 10.0;

/// Class, column and row of a cell of pixels, and the flight.
type PixelCell = (u8, i32, i32, u32);

fn pixel_cell(run: &Run<'_>, place: u32) -> PixelCell {
    let spot = &run.spots[place as usize];
    let seen = &run.observations[spot.number as usize].detection;
    let flight = run.flight_of.get(&spot.frame).copied().unwrap_or(u32::MAX);
    let cell = |pixel: f32| (pixel / PIXELS).floor() as i32;
    (spot.class, cell(seen.x_px), cell(seen.y_px), flight)
}

/// Frames with a spot in a cell, and the ground that they show there.
struct Shown {
    frames: u32,
    last_frame: u32,
    low: Vector2<f64>,
    high: Vector2<f64>,
}

/// Cells of pixels that have a spot in many frames, over different ground.
pub(super) fn sensor_fixed(run: &Run<'_>) -> HashSet<PixelCell> {
    let mut frames: HashMap<u32, u32> = HashMap::new();
    for flight in run.flight_of.values() {
        *frames.entry(*flight).or_default() += 1;
    }
    let mut cells: HashMap<PixelCell, Shown> = HashMap::new();
    for (place, spot) in (0u32..).zip(&run.spots) {
        let first = || Shown { frames: 0, last_frame: u32::MAX, low: spot.at, high: spot.at };
        let shown = cells.entry(pixel_cell(run, place)).or_insert_with(first);
        shown.frames += u32::from(shown.last_frame != spot.frame);
        shown.last_frame = spot.frame;
        shown.low = shown.low.inf(&spot.at);
        shown.high = shown.high.sup(&spot.at);
    }
    cells.retain(|cell, shown| {
        let of_flight = frames.get(&cell.3).copied().unwrap_or(0);
        shown.frames >= STUCK_FRAMES
            && f64::from(shown.frames) >= STUCK_SHARE * f64::from(of_flight)
            && (shown.high - shown.low).norm() > MOVED_M
    });
    cells.into_keys().collect()
}

/// Whether most views of a group lie on such cells.
pub(super) fn is_sensor_fixed(run: &Run<'_>, group: &[u32], stuck: &HashSet<PixelCell>) -> bool {
    let on = group.iter().filter(|&&place| stuck.contains(&pixel_cell(run, place))).count();
    2 * on > group.len()
}

/// Joins groups that are one thing on the move, frame after frame; for each group how it drifts.
pub(super) fn drifting(run: &Run<'_>, groups: &[Vec<u32>]) -> (Vec<Vec<u32>>, Vec<Option<Drift>>) {
    let mut joined: Vec<Option<usize>> = vec![None; groups.len()];
    let mut chains = Vec::new();
    for chain in chained(run, groups) {
        let mut places: Vec<u32> =
            chain.iter().flat_map(|&number| groups[number].iter().copied()).collect();
        places.sort_unstable();
        if let Some(drift) = drift(run, &places) {
            chain.iter().for_each(|&number| joined[number] = Some(chains.len()));
            chains.push((places, Some(drift)));
        }
    }
    let staying = groups.iter().zip(joined).filter(|(_, chain)| chain.is_none());
    staying.map(|(group, _)| (group.clone(), None)).chain(chains).unzip()
}

/// Small groups that follow each other in neighbouring frames, near and alike.
fn chained(run: &Run<'_>, groups: &[Vec<u32>]) -> Vec<Vec<usize>> {
    let spot = |place: u32| &run.spots[place as usize];
    let ends = |group: &[u32]| Some((*group.first()?, *group.last()?));
    let mut order: Vec<(u32, usize)> = (0..)
        .zip(groups)
        .filter(|(_, group)| group.len() <= MOST_VIEWS)
        .filter_map(|(number, group)| Some((spot(*group.first()?).frame, number)))
        .collect();
    order.sort_unstable();
    let mut chains: Vec<Vec<usize>> = Vec::new();
    // The last spots of chains, by place.
    let mut grid = Grid::default();
    let mut tails: Vec<Option<u32>> = Vec::new();
    for (frame, number) in order {
        let Some((first, last)) = ends(&groups[number]) else { continue };
        let one = spot(first);
        let mut best: Option<(f64, u32)> = None;
        grid.near([one.at.x, one.at.y], REACH_M, |chain| {
            let Some(tail) = tails[chain as usize].map(spot) else { return };
            let gap_m = (tail.at - one.at).norm();
            let on = frame > tail.frame && frame - tail.frame <= FRAMES_ON;
            let unlike = (tail.delta - one.delta).abs() > 1.0 + 0.3 * one.delta.abs();
            let near = gap_m < REACH_M && best.is_none_or(|best| (gap_m, chain) < best);
            if on && near && tail.class == one.class && !unlike {
                best = Some((gap_m, chain));
            }
        });
        let slot = |place: u32| {
            let at = spot(place).at;
            Grid::slot([at.x, at.y], REACH_M)
        };
        let chain = if let Some((_, chain)) = best {
            if let Some(tail) = tails[chain as usize] {
                grid.remove(slot(tail), chain);
            }
            chain
        } else {
            chains.push(Vec::new());
            tails.push(None);
            chains.len() as u32 - 1
        };
        chains[chain as usize].push(number);
        tails[chain as usize] = Some(last);
        grid.insert(slot(last), chain);
    }
    chains.retain(|chain| chain.len() > 1);
    chains
}

/// One sigma of the yaw that the flight of the first view shares.
fn yaw_sigma_rad(run: &Run<'_>, places: &[u32]) -> f64 {
    let frame = places.first().map(|&place| run.spots[place as usize].frame);
    let view = frame.and_then(|frame| run.views.get(*run.view_of.get(&frame)?));
    view.map_or(0.0, |view| view.pose.common.attitude_rad[0])
}

/// How views drift, if they do and a motion explains it.
fn drift(run: &Run<'_>, places: &[u32]) -> Option<Drift> {
    if places.len() < LEAST_VIEWS {
        return None;
    }
    let mut views = Vec::with_capacity(places.len());
    for &place in places {
        let spot = &run.spots[place as usize];
        let view = run.views.get(*run.view_of.get(&spot.frame)?)?;
        let camera = run.plane.enu(&view.pose.position).xy();
        let seconds = view.taken_at.map(|time| time.seconds());
        views.push((spot.at, 2.0 / spot.own_m2().trace(), camera, seconds));
    }
    let weights: f64 = views.iter().map(|view| view.1).sum();
    let mean = |of: &dyn Fn(usize) -> Vector2<f64>| {
        (0..views.len()).map(|at| of(at) * views[at].1).sum::<Vector2<f64>>() / weights
    };
    let (at, camera) = (mean(&|n| views[n].0), mean(&|n| views[n].2));
    let chi2 = |left: &dyn Fn(usize) -> Vector2<f64>, unknowns: usize| {
        let sum: f64 = (0..views.len()).map(|n| left(n).norm_squared() * views[n].1).sum();
        sum / (2 * views.len() - unknowns) as f64
    };
    if chi2(&|n| views[n].0 - at, 2) < STAYS_NOT {
        return None;
    }
    // With the camera: one number for both axes, as a mirror image keeps its direction. A yaw that
    // the flight is off turns that direction by as much.
    let across = |way: Vector2<f64>| Vector2::new(-way.y, way.x);
    let (mut along, mut aside, mut way) = (0.0, 0.0, 0.0);
    for (place, weight, from, _) in &views {
        along += (place - at).dot(&(from - camera)) * weight;
        aside += (place - at).dot(&across(from - camera)) * weight;
        way += (from - camera).norm_squared() * weight;
    }
    let [share, turn_rad] = if way > 0.0 { [along / way, aside / way] } else { [0.0; 2] };
    let left = |n: usize| {
        let way = views[n].2 - camera;
        (views[n].0 - at) - way * share - across(way) * turn_rad
    };
    let yaw_sigma_rad = yaw_sigma_rad(run, places);
    let turned = turn_rad.abs() <= YAW_SIGMAS * yaw_sigma_rad;
    if share > LEAST_SHARE && turned && chi2(&left, 4) < EXPLAINED {
        return Some(Drift::WithCamera);
    }
    let seconds: Vec<f64> = views.iter().map(|view| view.3).collect::<Option<_>>()?;
    let middle = seconds.iter().zip(&views).map(|(s, view)| s * view.1).sum::<f64>() / weights;
    let (mut along, mut span) = (Vector2::zeros(), 0.0);
    for ((place, weight, ..), seconds) in views.iter().zip(&seconds) {
        along += (place - at) * ((seconds - middle) * weight);
        span += (seconds - middle).powi(2) * weight;
    }
    let speed = if span > 0.0 { along / span } else { Vector2::zeros() };
    let left = |n: usize| (views[n].0 - at) - speed * (seconds[n] - middle);
    let moves = SPEEDS_M_S.contains(&speed.norm()) && chi2(&left, 4) < EXPLAINED;
    moves.then_some(Drift::WithTime)
}
