//! What pictures show, counted on a raster of the ground, and how much they overlap.

use std::collections::BTreeMap;

use super::Error;
use super::camera::Camera;
use super::field::Field;
use super::plane::Point;
use super::region::Region;
use super::run::{Photo, Run};
use super::sweep::Turned;

/// Finest cell. Larger areas have larger ones, so that memory has a bound.
const FINEST_CELL_M: f64 = 0.25;
/// Most cells of a raster.
const MOST_CELLS: f64 = 4e6;
/// Rays that fall less steeply reach no ground that matters.
const LEAST_FALL: f64 = 0.05;

/// Sine of the angle between two lines that count as parallel.
const ALIKE: f64 = 0.02;

/// What a set of pictures shows of a target.
#[derive(Debug, Clone)]
pub struct Coverage {
    /// Share of the target's area that at least one picture shows, 0 to 1.
    pub share: f64,
    /// Side of a cell of the raster.
    pub cell_m: f64,
    /// Pictures over each cell, row by row from the south-west; `None` outside of the target.
    pub cells: Vec<Option<u8>>,
    /// Columns of the raster.
    pub columns: usize,
    /// South-west corner.
    pub origin: Point,
}

/// Where the corners of a picture lie on the ground, in order; `None` where it looks at the sky.
///
/// # Errors
/// [`Error::NoGround`].
pub fn footprint(
    field: &Field<'_>,
    camera: &Camera,
    photo: &Photo,
) -> Result<Option<[Point; 4]>, Error> {
    let ((sin_yaw, cos_yaw), (sin_pitch, cos_pitch)) =
        (photo.yaw_rad.sin_cos(), photo.pitch_rad.sin_cos());
    let ahead = [sin_yaw * cos_pitch, cos_yaw * cos_pitch, sin_pitch];
    let right = [cos_yaw, -sin_yaw, 0.0];
    let up = [-sin_yaw * sin_pitch, -cos_yaw * sin_pitch, cos_pitch];
    let [wide, tall] = camera.half_tangents();
    let mut corners = [[0.0; 2]; 4];
    for (corner, (x, y)) in
        corners.iter_mut().zip([(-wide, tall), (wide, tall), (wide, -tall), (-wide, -tall)])
    {
        let ray: [f64; 3] =
            std::array::from_fn(|axis| ahead[axis] + x * right[axis] + y * up[axis]);
        if ray[2] > -LEAST_FALL {
            return Ok(None);
        }
        // The ground below the corner is not known before the corner is: three steps towards it.
        let mut ground_m = field.ground_m(photo.at)?;
        for _ in 0..3 {
            let range = (photo.height_m - ground_m).max(0.0) / -ray[2];
            *corner = [photo.at[0] + ray[0] * range, photo.at[1] + ray[1] * range];
            if field.is_flat() {
                break;
            }
            // Beside the model the last known ground is as good as any.
            ground_m = field.ground_m(*corner).unwrap_or(ground_m);
        }
    }
    Ok(Some(corners))
}

/// Counts pictures over a target.
///
/// # Errors
/// [`Error::NoGround`].
pub fn coverage(
    field: &Field<'_>,
    camera: &Camera,
    target: &Region,
    photos: &[Photo],
) -> Result<Coverage, Error> {
    let [west, south, east, north] = target.bounds_m();
    let (wide_m, tall_m) = (east - west, north - south);
    let cell_m = (wide_m * tall_m / MOST_CELLS).sqrt().max(FINEST_CELL_M);
    let columns = (wide_m / cell_m).ceil().max(1.0) as usize;
    let rows = (tall_m / cell_m).ceil().max(1.0) as usize;
    let mut cells: Vec<Option<u8>> = vec![None; columns * rows];
    let turned = Turned::new(target, 0.0);
    let middle = |number: usize| (number as f64 + 0.5) * cell_m;
    let range = |from: f64, to: f64, start: f64, count: usize| {
        let first = ((from - start) / cell_m - 0.5).ceil().max(0.0) as usize;
        let behind = ((to - start) / cell_m + 0.5).floor().max(0.0) as usize;
        first.min(count)..behind.min(count).max(first.min(count))
    };
    for row in 0..rows {
        for (from, to) in turned.cut(south + middle(row)) {
            let line = &mut cells[row * columns..(row + 1) * columns];
            line[range(from, to, west, columns)].fill(Some(0));
        }
    }
    for photo in photos {
        let Some(corners) = footprint(field, camera, photo)? else { continue };
        let norths = corners.map(|corner| corner[1]);
        let low = norths.into_iter().fold(f64::INFINITY, f64::min);
        let high = norths.into_iter().fold(f64::NEG_INFINITY, f64::max);
        for row in range(low, high, south, rows) {
            let Some((from, to)) = cut(&corners, south + middle(row)) else { continue };
            let line = &mut cells[row * columns..(row + 1) * columns];
            for cell in line[range(from, to, west, columns)].iter_mut().flatten() {
                *cell = cell.saturating_add(1);
            }
        }
    }
    let inside = cells.iter().flatten().count();
    let seen = cells.iter().flatten().filter(|&&count| count > 0).count();
    let share = seen as f64 / inside.max(1) as f64;
    Ok(Coverage { share, cell_m, cells, columns, origin: [west, south] })
}

/// Where a level line crosses a convex quadrilateral.
fn cut(corners: &[Point; 4], north: f64) -> Option<(f64, f64)> {
    let mut span: Option<(f64, f64)> = None;
    for at in 0..4 {
        let (a, b) = (corners[at], corners[(at + 1) % 4]);
        if (a[1] > north) != (b[1] > north) {
            let east = a[0] + (north - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
            let (low, high) = span.unwrap_or((east, east));
            span = Some((low.min(east), high.max(east)));
        }
    }
    span
}

/// Least overlaps of pictures with the next one of their run, and of lines with the line beside
/// them, as a share of the smaller picture at the highest ground between the two. `None` where
/// there is no pair.
///
/// # Errors
/// [`Error::NoGround`].
pub(super) fn overlaps(
    field: &Field<'_>,
    camera: &Camera,
    runs: &[&Run],
) -> Result<[Option<f64>; 2], Error> {
    let [wide, tall] = camera.half_tangents();
    let lower = |least: Option<f64>, overlap: f64| Some(least.map_or(overlap, |l| l.min(overlap)));
    let mut front = None;
    let mut lines: BTreeMap<(u32, i32), Vec<Photo>> = BTreeMap::new();
    for run in runs {
        let Some(line) = run.line else { continue };
        let photos = run.photos();
        for pair in photos.windows(2) {
            let height_m = least_height_m(field, &pair[0], &pair[1])?;
            let apart_m = super::plane::distance_m(pair[0].at, pair[1].at);
            front = lower(front, 1.0 - apart_m / (2.0 * tall * height_m));
        }
        lines.entry(line).or_default().extend(photos);
    }
    let mut side = None;
    for (&(pass, number), photos) in &lines {
        let Some(beside) = lines.get(&(pass, number + 1)) else { continue };
        let near = Near::new(beside, photos);
        for photo in photos {
            let Some(other) = near.nearest(photo) else { continue };
            let off = [other.at[0] - photo.at[0], other.at[1] - photo.at[1]];
            let (sin, cos) = photo.yaw_rad.sin_cos();
            let (ahead, across) = (off[0] * sin + off[1] * cos, off[0] * cos - off[1] * sin);
            let height_m = least_height_m(field, photo, other)?;
            // A line that has ended here has no neighbour to overlap with.
            if ahead.abs() <= tall * height_m {
                side = lower(side, 1.0 - across.abs() / (2.0 * wide * height_m));
            }
        }
    }
    Ok([front, side])
}

/// Pictures of a line by squares, so that the nearest of a thousand is found among a few.
struct Near<'a> {
    squares: BTreeMap<[i64; 2], Vec<&'a Photo>>,
    side_m: f64,
}

impl<'a> Near<'a> {
    /// Squares as wide as the two lines are apart where they begin, 20 m at least.
    fn new(photos: &'a [Photo], others: &[Photo]) -> Self {
        let apart_m = others.first().map_or(0.0, |first| {
            let distance_m = |photo: &Photo| super::plane::distance_m(photo.at, first.at);
            photos.iter().map(distance_m).fold(f64::INFINITY, f64::min)
        });
        let side_m = if apart_m.is_finite() { apart_m.max(20.0) } else { 20.0 };
        let mut near = Self { squares: BTreeMap::new(), side_m };
        for photo in photos {
            near.squares.entry(near.square(photo.at)).or_default().push(photo);
        }
        near
    }

    fn square(&self, at: Point) -> [i64; 2] {
        at.map(|metres| (metres / self.side_m).floor() as i64)
    }

    /// The nearest within two squares that was taken along the same direction or against it: beyond
    /// a bend of its line a picture has other neighbours.
    fn nearest(&self, of: &Photo) -> Option<&'a Photo> {
        let [column, row] = self.square(of.at);
        let squares = (-2..=2).flat_map(|x| (-2..=2).map(move |y| [column + x, row + y]));
        let photos = squares.filter_map(|square| self.squares.get(&square)).flatten().copied();
        let photos = photos.filter(|photo| (photo.yaw_rad - of.yaw_rad).sin().abs() < ALIKE);
        let distance_m = |photo: &&Photo| super::plane::distance_m(photo.at, of.at);
        photos.min_by(|a, b| distance_m(a).total_cmp(&distance_m(b)))
    }
}

/// Height of the lower of two pictures above the highest ground at and between them.
fn least_height_m(field: &Field<'_>, a: &Photo, b: &Photo) -> Result<f64, Error> {
    let mut ground_m = f64::NEG_INFINITY;
    for share in [0.0, 0.5, 1.0] {
        ground_m = ground_m.max(field.ground_m(super::plane::between(a.at, b.at, share))?);
    }
    Ok((a.height_m.min(b.height_m) - ground_m).max(0.1))
}
