//! What lies far apart: each part of a run has a plane of its own.

use std::collections::BTreeMap;

use nalgebra::Vector3;

use crate::locate::Observation;

use super::View;
use super::assign::root;

/// Width of a cell in metres. Cells that touch belong together, so that parts are at least this
/// far from each other; a plane that touches the earth is off it by 31 m at this distance.
const CELL_M: f64 = 20_000.0;

/// A part of a run that no other part comes near, on its own side of the earth or not.
#[derive(Debug, Default)]
pub(super) struct Region {
    /// Numbers of its observations, in order.
    pub(super) observations: Vec<u32>,
    /// Numbers of its views, in order.
    pub(super) views: Vec<u32>,
}

/// The parts of a run that have observations, in the order of their first one.
///
/// Connected groups of cells of the earth-centred axes, which have neither poles nor a meridian
/// where they end. What has no finite place is left out.
pub(super) fn regions(observations: &[Observation], views: &[View]) -> Vec<Region> {
    let mut cells: BTreeMap<[i32; 3], Region> = BTreeMap::new();
    for (number, observation) in (0u32..).zip(observations) {
        if let Some(cell) = cell(&observation.point.to_ecef()) {
            cells.entry(cell).or_default().observations.push(number);
        }
    }
    for (number, view) in (0u32..).zip(views) {
        if let Some(cell) = cell(&view.pose.position.to_ecef()) {
            cells.entry(cell).or_default().views.push(number);
        }
    }
    let places: Vec<[i32; 3]> = cells.keys().copied().collect();
    let mut leader: Vec<usize> = (0..places.len()).collect();
    for (number, place) in places.iter().enumerate() {
        for step in 0..27 {
            let next =
                [place[0] + step / 9 - 1, place[1] + step / 3 % 3 - 1, place[2] + step % 3 - 1];
            if let Ok(other) = places.binary_search(&next) {
                let (a, b) = (root(&mut leader, number), root(&mut leader, other));
                leader[a.max(b)] = a.min(b);
            }
        }
    }
    let mut joined: BTreeMap<usize, Region> = BTreeMap::new();
    for (number, cell) in cells.into_values().enumerate() {
        let region = joined.entry(root(&mut leader, number)).or_default();
        region.observations.extend(cell.observations);
        region.views.extend(cell.views);
    }
    let mut regions: Vec<Region> = joined.into_values().collect();
    regions.retain(|region| !region.observations.is_empty());
    for region in &mut regions {
        region.observations.sort_unstable();
        region.views.sort_unstable();
    }
    regions.sort_by_key(|region| region.observations.first().copied());
    regions
}

/// `None` for what is not finite or lies a thousand earths away.
fn cell(ecef: &Vector3<f64>) -> Option<[i32; 3]> {
    let number = |metres: f64| {
        let cell = (metres / CELL_M).floor();
        (cell.abs() < 1e6).then_some(cell as i32)
    };
    Some([number(ecef.x)?, number(ecef.y)?, number(ecef.z)?])
}
