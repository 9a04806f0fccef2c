//! The ground below, asked of a station block by block.

use std::collections::BTreeMap;

use crate::wire::packet::{TerrainData, TerrainReport, TerrainRequest};

/// Distance of posts (ArduPilot's TERRAIN_SPACING).
const SPACING_M: u16 = 100;
/// Four by four posts in each of 8 by 7 squares: the bits of a request.
const SQUARES: u64 = 56;
const EAST_SQUARES: u64 = 8;

/// Heights of one block around where the vehicle started.
#[derive(Debug, Default)]
pub(super) struct Terrain {
    corner_e7: Option<[i32; 2]>,
    heights_m: BTreeMap<u8, [i16; 16]>,
}

/// East and north of a post in metres from the block's south-west corner.
fn post_m(square: u8, post: usize) -> [f64; 2] {
    let spacing = f64::from(SPACING_M);
    let (square, post) = (u64::from(square), post as u64);
    // Posts run along the east first within a row, rows to the north (TERRAIN_DATA of common.xml).
    let north = (square / EAST_SQUARES) * 4 + post / 4;
    let east = (square % EAST_SQUARES) * 4 + post % 4;
    [east as f64 * spacing, north as f64 * spacing]
}

impl Terrain {
    /// The corner of the block, once home is known: half a block south-west of it.
    pub(super) fn place(&mut self, corner_e7: [i32; 2]) {
        self.corner_e7.get_or_insert(corner_e7);
    }

    pub(super) fn corner_offset_m() -> [f64; 2] {
        [-16.0 * f64::from(SPACING_M), -14.0 * f64::from(SPACING_M)]
    }

    fn missing(&self) -> u64 {
        (0..SQUARES)
            .filter(|bit| !self.heights_m.contains_key(&(*bit as u8)))
            .fold(0, |mask, bit| mask | 1 << bit)
    }

    /// What it asks for, while anything is missing.
    pub(super) fn request(&self) -> Option<TerrainRequest> {
        let [lat_e7, lon_e7] = self.corner_e7?;
        let mask = self.missing();
        (mask != 0).then_some(TerrainRequest { mask, lat_e7, lon_e7, grid_spacing_m: SPACING_M })
    }

    pub(super) fn take(&mut self, told: &TerrainData) {
        let ours = self.corner_e7 == Some([told.lat_e7, told.lon_e7]);
        if ours && u64::from(told.gridbit) < SQUARES && told.grid_spacing_m == SPACING_M {
            self.heights_m.insert(told.gridbit, told.data_m);
        }
    }

    pub(super) fn is_loaded(&self) -> bool {
        self.heights_m.len() as u64 == SQUARES
    }

    /// Height above sea level of the nearest post, from metres east and north of the start.
    pub(super) fn amsl_m(&self, [east_m, north_m]: [f64; 2]) -> Option<f64> {
        let [corner_e, corner_n] = Self::corner_offset_m();
        let at = [east_m - corner_e, north_m - corner_n];
        let mut nearest: Option<(f64, i16)> = None;
        for (&square, heights) in &self.heights_m {
            for (post, &height_m) in heights.iter().enumerate() {
                let [east, north] = post_m(square, post);
                let away = (east - at[0]).hypot(north - at[1]);
                if nearest.is_none_or(|(least, _)| away < least) {
                    nearest = Some((away, height_m));
                }
            }
        }
        let reach_m = f64::from(SPACING_M);
        nearest.filter(|(away, _)| *away <= reach_m).map(|(_, height_m)| f64::from(height_m))
    }

    pub(super) fn report(
        &self,
        [lat_e7, lon_e7]: [i32; 2],
        ground_m: f64,
        up_m: f64,
    ) -> TerrainReport {
        let loaded = self.heights_m.len() as u16 * 16;
        let pending = if self.corner_e7.is_some() { SQUARES as u16 * 16 - loaded } else { 0 };
        TerrainReport {
            lat_e7,
            lon_e7,
            terrain_height_m: ground_m as f32,
            current_height_m: up_m as f32,
            spacing: if loaded > 0 { SPACING_M } else { 0 },
            pending,
            loaded,
        }
    }
}
