//! A flight's frames laid on the ground, as a cloud-optimised GeoTIFF of temperatures.
//!
//! Where frames overlap, a place takes the pixel that lies nearest to the middle of its frame,
//! counted in half diagonals, and of equals the earlier frame: there a camera looks steepest and
//! its lens is best. Nothing is blended, so every value is one that a camera measured.

use std::collections::BTreeMap;
use std::io::{Seek, Write};

use crate::case::FrameRow;

use super::cog::{Cog, Grid, TILE_PX};
use super::{Error, GroundPlane, plane};

/// Most tiles of the finest level: 4 gigapixels.
const MOST_TILES: u64 = 60_000;
/// Frames whose pixels are held at a time. Neighbouring tiles share most of theirs.
const FRAMES_HELD: usize = 48;
/// Metres of a degree of latitude, 1/360 of a meridian of the WGS 84 ellipsoid (40,007,863 m).
const METRES_A_DEGREE: f64 = 111_132.95;
/// Beyond this a frame's edge is seen so flat that its pixels are smeared over the ground.
const FLATTEST: f64 = 4.0;

/// What a mosaic is made with.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MosaicParams {
    /// Metres a pixel; the median of the frames' own unless told.
    pub metre_a_px: Option<f64>,
}

/// What a mosaic is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Mosaic {
    /// Columns and rows.
    pub size_px: (u32, u32),
    /// Metres a pixel.
    pub metre_a_px: f64,
    /// Frames that lie in it.
    pub frames: usize,
    /// Frames without a footprint or whose file gave nothing, and why.
    pub skipped: Vec<(String, String)>,
    /// Pixels that some frame shows.
    pub filled_px: u64,
}

/// A frame's temperatures in °C, row by row, NaN where there is none; or why there are none.
pub type ReadFrame<'a> = &'a mut dyn FnMut(&FrameRow) -> Result<Vec<f32>, String>;

/// A frame on the ground.
struct Laid<'f> {
    row: &'f FrameRow,
    plane: GroundPlane,
    /// West, south, east, north in degrees.
    bounds: [f64; 4],
    /// Metres a pixel from which on the ground is seen too flat, where that occurs in the frame.
    flattest_m: Option<f64>,
}

impl Laid<'_> {
    fn is_flat_at(&self, x_px: f64, y_px: f64) -> bool {
        self.flattest_m.is_some_and(|limit| self.plane.metre_a_px(x_px, y_px) > limit)
    }
}

/// Writes the mosaic of a case's frames, tile by tile, so that memory holds some frames and a row
/// of tiles whatever the size of the flight. Equal frames give equal bytes.
///
/// # Errors
/// [`Error::Raster`] where no frame has a place on the ground, or the raster would be too large.
pub fn mosaic(
    frames: &[FrameRow],
    params: &MosaicParams,
    read: ReadFrame<'_>,
    out: &mut (impl Write + Seek),
) -> Result<Mosaic, Error> {
    let mut skipped = Vec::new();
    let laid: Vec<Laid<'_>> = frames.iter().filter_map(|row| laid(row, &mut skipped)).collect();
    let metre_a_px = params.metre_a_px.or_else(|| median_scale(&laid));
    let metre_a_px = metre_a_px
        .filter(|metres| *metres > 0.0 && metres.is_finite())
        .ok_or_else(|| Error::Raster("no frame has a place on the ground".to_owned()))?;
    let grid = grid(&laid, metre_a_px);
    if grid.tiles() > MOST_TILES {
        let reason = format!("{} tiles are too many; give --metre-a-px", grid.tiles());
        return Err(Error::Raster(reason));
    }
    let mut held = Held { read, frames: BTreeMap::new(), order: Vec::new(), failed: Vec::new() };
    let mut cog = Cog::new(out, grid)?;
    let mut filled_px = 0;
    for down in 0..grid.tiles_down() {
        for across in 0..grid.tiles_across() {
            let tile = tile(&grid, (across, down), &laid, &mut held);
            filled_px += tile.iter().filter(|value| !value.is_nan()).count() as u64;
            cog.add(&tile)?;
        }
    }
    cog.finish()?;
    skipped.extend(held.failed.iter().map(|(file, why)| (file.clone(), why.clone())));
    let frames = laid.len() - held.failed.len();
    Ok(Mosaic { size_px: (grid.width, grid.height), metre_a_px, frames, skipped, filled_px })
}

fn laid<'f>(row: &'f FrameRow, skipped: &mut Vec<(String, String)>) -> Option<Laid<'f>> {
    let mut skip = |why: &str| skipped.push((row.file.clone(), why.to_owned()));
    if row.range_c[0].is_none() {
        skip("it has grey levels, not temperatures");
        return None;
    }
    let Some(plane) = GroundPlane::of(row) else {
        skip("its footprint is not known");
        return None;
    };
    let edge = |pick: fn(&(f64, f64)) -> f64| {
        let values = row.footprint.iter().map(pick);
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)))
    };
    let ((west, east), (south, north)) = (edge(|c| c.0), edge(|c| c.1));
    let (x, y) = middle(row);
    let limit = FLATTEST * plane.metre_a_px(x, y);
    let corners = [(0.0, 0.0), (2.0 * x, 0.0), (2.0 * x, 2.0 * y), (0.0, 2.0 * y)];
    let occurs = corners.iter().any(|&(x, y)| plane.metre_a_px(x, y) > limit);
    let flattest_m = occurs.then_some(limit);
    Some(Laid { row, plane, bounds: [west, south, east, north], flattest_m })
}

fn middle(row: &FrameRow) -> (f64, f64) {
    (f64::from(row.width_px) / 2.0, f64::from(row.height_px) / 2.0)
}

fn median_scale(laid: &[Laid<'_>]) -> Option<f64> {
    let scale = |one: &Laid<'_>| {
        let (x, y) = middle(one.row);
        one.plane.metre_a_px(x, y)
    };
    let mut scales: Vec<f64> = laid.iter().map(scale).collect();
    scales.sort_by(f64::total_cmp);
    scales.get(scales.len() / 2).copied()
}

/// Longitude and latitude, so that every program places it; a pixel is square in the middle of it.
fn grid(laid: &[Laid<'_>], metre_a_px: f64) -> Grid {
    let [west, south, east, north] = laid.iter().fold(
        [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
        |all, one| {
            let [w, s, e, n] = one.bounds;
            [all[0].min(w), all[1].min(s), all[2].max(e), all[3].max(n)]
        },
    );
    let step_lat_deg = metre_a_px / METRES_A_DEGREE;
    let step_lon_deg = step_lat_deg / ((south + north) / 2.0).to_radians().cos().max(0.01);
    let count = |span: f64, step: f64| (span / step).ceil().clamp(1.0, f64::from(u32::MAX)) as u32;
    Grid {
        west_deg: west,
        north_deg: north,
        step_lon_deg,
        step_lat_deg,
        width: count(east - west, step_lon_deg),
        height: count(north - south, step_lat_deg),
    }
}

/// Frames' pixels, the latest asked for kept.
struct Held<'r> {
    read: ReadFrame<'r>,
    frames: BTreeMap<u32, Option<Vec<f32>>>,
    order: Vec<u32>,
    failed: Vec<(String, String)>,
}

impl Held<'_> {
    /// A frame's temperatures; `None` where its file gives none, which is noted once.
    fn of(&mut self, row: &FrameRow) -> Option<&[f32]> {
        if !self.frames.contains_key(&row.frame) {
            let pixels = u64::from(row.width_px) * u64::from(row.height_px);
            let read = (self.read)(row).and_then(|celsius| {
                let fits = celsius.len() as u64 == pixels;
                if fits { Ok(celsius) } else { Err("its size is not what it was".to_owned()) }
            });
            let read = read.map_err(|why| {
                let known = self.failed.iter().any(|(file, _)| *file == row.file);
                if !known {
                    self.failed.push((row.file.clone(), why));
                }
            });
            self.frames.insert(row.frame, read.ok());
            self.order.push(row.frame);
            if self.order.len() > FRAMES_HELD {
                self.frames.remove(&self.order.remove(0));
            }
        }
        self.frames.get(&row.frame)?.as_deref()
    }
}

/// One tile of the finest level.
fn tile(
    grid: &Grid,
    (across, down): (u32, u32),
    laid: &[Laid<'_>],
    held: &mut Held<'_>,
) -> Vec<f32> {
    let side = TILE_PX as usize;
    let mut values = vec![f32::NAN; side * side];
    let mut nearest = vec![f64::INFINITY; side * side];
    let (first_x, first_y) = (across * TILE_PX, down * TILE_PX);
    let west = grid.lon_deg(f64::from(first_x));
    let north = grid.lat_deg(f64::from(first_y));
    let east = grid.lon_deg(f64::from(first_x + TILE_PX));
    let south = grid.lat_deg(f64::from(first_y + TILE_PX));
    let touches = |one: &&Laid<'_>| {
        let [w, s, e, n] = one.bounds;
        w < east && e > west && s < north && n > south
    };
    let step_deg = (grid.step_lon_deg, -grid.step_lat_deg);
    for one in laid.iter().filter(touches) {
        let (middle_x, middle_y) = middle(one.row);
        let half_diagonal = middle_x.hypot(middle_y);
        let Some(celsius) = held.of(one.row) else { continue };
        let (wide, high) = (f64::from(one.row.width_px), f64::from(one.row.height_px));
        let map = one.plane.px_from_raster((west, north), step_deg, f64::from(TILE_PX));
        let columns = (grid.width - first_x).min(TILE_PX);
        let rows = (grid.height - first_y).min(TILE_PX);
        for (y, x) in (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x))) {
            let at = (y * TILE_PX + x) as usize;
            let (px, py) = plane::apply(&map, f64::from(x) + 0.5, f64::from(y) + 0.5);
            let inside = px >= 0.0 && py >= 0.0 && px < wide && py < high;
            let far = (px - middle_x).hypot(py - middle_y) / half_diagonal;
            if !inside || far >= nearest[at] || one.is_flat_at(px, py) {
                continue;
            }
            let value = celsius[py as usize * one.row.width_px as usize + px as usize];
            if !value.is_nan() {
                (values[at], nearest[at]) = (value, far);
            }
        }
    }
    values
}
