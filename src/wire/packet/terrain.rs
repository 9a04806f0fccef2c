//! Layouts: heights of the ground.

use super::layout::layouts;

layouts! {
    /// A vehicle asks for heights.
    TerrainRequest = 133 {
        mask: u64,
        lat_e7: i32,
        lon_e7: i32,
        grid_spacing_m: u16,
    }
    /// Heights of four by four posts.
    TerrainData = 134 {
        lat_e7: i32,
        lon_e7: i32,
        grid_spacing_m: u16,
        data_m: [i16; 16],
        gridbit: u8,
    }
    /// A height is asked for.
    TerrainCheck = 135 {
        lat_e7: i32,
        lon_e7: i32,
    }
    /// The ground below, and how much of the model is there.
    TerrainReport = 136 {
        lat_e7: i32,
        lon_e7: i32,
        terrain_height_m: f32,
        current_height_m: f32,
        spacing: u16,
        pending: u16,
        loaded: u16,
    }
}
