//! Heights of the ground for a vehicle that asks for them.

use std::collections::VecDeque;

use crate::geo::{Terrain, egm96_undulation_m};
use crate::wire::Packet;
use crate::wire::packet::{TerrainData, TerrainRequest};

use super::{Peer, Received};

/// A request is of 8 by 7 blocks, a bit each, of 4 by 4 posts.
const BLOCKS_EAST: u8 = 8;
const BLOCKS: u8 = 56;
const POSTS: u16 = 4;
/// Spacings that are served; ArduPilot asks for 100 m or less.
const SPACINGS_M: std::ops::RangeInclusive<u16> = 1..=1000;
/// Metres in one 1e-7 degree of latitude, as ArduPilot has it
/// (`LOCATION_SCALING_FACTOR`, 0.011131884502145034).
const METRES_PER_E7: f64 = 0.011_131_884_502_145_034;
/// Blocks that wait to be sent: of two requests; more are asked for again.
const MOST_WAITING: usize = 112;

/// Answers requests of one vehicle from a model of the ground.
#[derive(Debug)]
pub struct TerrainServer<'a> {
    terrain: &'a Terrain,
    vehicle: Peer,
    waiting: VecDeque<TerrainData>,
    /// Blocks that were served, and blocks that the model does not have.
    served: usize,
    missing: usize,
}

impl<'a> TerrainServer<'a> {
    /// From heights above the ellipsoid; what goes out is above mean sea level (EGM96).
    #[must_use]
    pub fn new(terrain: &'a Terrain, vehicle: Peer) -> Self {
        Self { terrain, vehicle, waiting: VecDeque::new(), served: 0, missing: 0 }
    }

    /// A message came.
    pub fn handle(&mut self, message: &Received) {
        let Packet::TerrainRequest(request) = &message.packet else { return };
        if message.from != self.vehicle || !SPACINGS_M.contains(&request.grid_spacing_m) {
            return;
        }
        for bit in (0..BLOCKS).filter(|bit| request.mask >> bit & 1 == 1) {
            if self.waiting.len() >= MOST_WAITING {
                return;
            }
            match self.block(request, bit) {
                Some(block) => self.waiting.push_back(block),
                None => self.missing += 1,
            }
        }
    }

    /// One block; `None` where the model has no height at one of its posts: a wrong ground is worse
    /// than none.
    fn block(&self, request: &TerrainRequest, bit: u8) -> Option<TerrainData> {
        let spacing_m = f64::from(request.grid_spacing_m);
        let north = f64::from(bit / BLOCKS_EAST) * f64::from(POSTS) * spacing_m;
        let east = f64::from(bit % BLOCKS_EAST) * f64::from(POSTS) * spacing_m;
        let mut data_m = [0; 16];
        for (index, height_m) in data_m.iter_mut().enumerate() {
            let (row, column) = (index / usize::from(POSTS), index % usize::from(POSTS));
            let north_m = north + row as f64 * spacing_m;
            let east_m = east + column as f64 * spacing_m;
            let (lat_deg, lon_deg) = offset(request.lat_e7, request.lon_e7, north_m, east_m);
            let height = self.terrain.height_m(lat_deg.to_radians(), lon_deg.to_radians())?;
            let amsl_m = (height - egm96_undulation_m(lat_deg, lon_deg)).round();
            if !(f64::from(i16::MIN)..=f64::from(i16::MAX)).contains(&amsl_m) {
                return None;
            }
            *height_m = amsl_m as i16;
        }
        let TerrainRequest { lat_e7, lon_e7, grid_spacing_m, .. } = *request;
        // The corner is that of the request; the bit says which block it is.
        Some(TerrainData { lat_e7, lon_e7, grid_spacing_m, data_m, gridbit: bit })
    }

    /// What is to be sent next; one at a time, so that other messages come through.
    pub fn poll(&mut self) -> Option<Packet> {
        let block = self.waiting.pop_front()?;
        self.served += 1;
        Some(block.into())
    }

    /// Blocks served, and blocks that the model does not have.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.served, self.missing)
    }
}

/// The post so far north and east of a corner, counted as ArduPilot does: degrees of latitude, and
/// of longitude at the place's own latitude.
fn offset(lat_e7: i32, lon_e7: i32, north_m: f64, east_m: f64) -> (f64, f64) {
    let lat = f64::from(lat_e7) + north_m / METRES_PER_E7;
    let middle_deg = (f64::from(lat_e7) + lat) / 2e7;
    let scale = middle_deg.to_radians().cos().max(0.01);
    let lon = f64::from(lon_e7) + east_m / (METRES_PER_E7 * scale);
    (lat / 1e7, lon / 1e7)
}
