//! Which frames could have seen a place.

use std::collections::HashMap;

use nalgebra::{Matrix3, Rotation3, Vector3};

use crate::geo::{CameraModel, Distortion, Geodetic, LocalFrame, enu_from_ned};

use super::View;
use super::grid::Grid;
use super::legs::Motion;

/// Pixels at the picture's edge in which a spot is only seen in part (DETECTION.md, 4: 4 to 8).
const BORDER_PX: f64 = 8.0;

/// Further than this share of its sides inside the picture a place is held well: no error of a pose
/// carries it out. Our convention.
const WELL_INSIDE: f64 = 0.1;

/// A camera further away than this many times the furthest that did see the place could not be
/// expected to: a spot then covers a quarter of the pixels. Our convention.
const FAR: f64 = 2.0;

/// A lens model that sends a pixel's own ray elsewhere by more is outside its range, in px.
const MOST_RAY_ERROR_PX: f64 = 1.0;

/// Reach that cameras are filed under: cells of 32 m hold a few frames of a flight each.
const CELL_REACH_M: f64 = 16.0;

/// A frame that could have seen a place and did not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Missed {
    pub(super) frame: u32,
    /// The place lies well inside its picture.
    pub(super) well_inside: bool,
}

/// The cameras of a region, by place.
pub(super) struct Cameras<'a> {
    plane: &'a LocalFrame,
    grid: Grid,
    cameras: Vec<Camera>,
}

struct Camera {
    frame: u32,
    model: CameraModel,
    ecef: Vector3<f64>,
    body_from_ecef: Matrix3<f64>,
}

impl<'a> Cameras<'a> {
    /// `motions` are those of the frames that were moved to fit the others: a place is looked for
    /// where the picture shows it.
    pub(super) fn new(
        views: &[View],
        of_region: &[u32],
        motions: &HashMap<u32, Motion>,
        plane: &'a LocalFrame,
    ) -> Self {
        let mut grid = Grid::default();
        let mut cameras = Vec::with_capacity(of_region.len());
        let views = of_region.iter().filter_map(|&number| views.get(number as usize));
        for (number, view) in (0u32..).zip(views) {
            let pose = &view.pose;
            let mut at = plane.enu(&pose.position);
            let ned_from_body = pose.ned_from_camera();
            let mut enu_from_body = Matrix3::from_fn(|row, column| {
                enu_from_ned(&ned_from_body.column(column).into())[row]
            });
            let mut ecef = pose.position.to_ecef();
            if let Some(Motion { turn_rad, shift_m }) = motions.get(&pose.frame) {
                at += Vector3::new(shift_m.x, shift_m.y, 0.0);
                ecef = plane.geodetic(&at).to_ecef();
                let turn = Rotation3::from_axis_angle(&Vector3::z_axis(), *turn_rad);
                enu_from_body = turn.matrix() * enu_from_body;
            }
            let here = LocalFrame::at(&pose.position);
            let body_from_ecef = (here.ecef_from_enu() * enu_from_body).transpose();
            if at.iter().chain(body_from_ecef.iter()).all(|v| v.is_finite()) {
                grid.insert(Grid::slot([at.x, at.y], CELL_REACH_M), number);
            }
            cameras.push(Camera { frame: pose.frame, model: pose.camera, ecef, body_from_ecef });
        }
        Self { plane, grid, cameras }
    }

    /// The frames that could have seen a place and did not, in no order. `seen_in` are those that
    /// did, in order; `farthest_m` is the slant range of the furthest of them.
    pub(super) fn missed(&self, place: &Geodetic, farthest_m: f64, seen_in: &[u32]) -> Vec<Missed> {
        let at = self.plane.enu(place);
        let ecef = place.to_ecef();
        let reach_m = FAR * farthest_m;
        let mut missed = Vec::new();
        self.grid.near([at.x, at.y], reach_m, |number| {
            let camera = &self.cameras[number as usize];
            let known = seen_in.binary_search(&camera.frame).is_ok();
            if let (false, Some(well_inside)) = (known, camera.holds(&ecef, reach_m)) {
                missed.push(Missed { frame: camera.frame, well_inside });
            }
        });
        missed
    }
}

impl Camera {
    /// Whether its picture holds a place, and if so whether well inside.
    fn holds(&self, place_ecef: &Vector3<f64>, reach_m: f64) -> Option<bool> {
        let view = place_ecef - self.ecef;
        if view.norm_squared() > reach_m * reach_m {
            return None;
        }
        let body = self.body_from_ecef * view;
        let (x, y) = self.model.project(&body)?;
        let (width, height) = (f64::from(self.model.width_px), f64::from(self.model.height_px));
        let inside = |edge_x: f64, edge_y: f64| {
            (edge_x..=width - edge_x).contains(&x) && (edge_y..=height - edge_y).contains(&y)
        };
        let holds = inside(BORDER_PX, BORDER_PX)
            && (self.model.distortion == Distortion::default() || {
                // Far outside the picture a lens polynomial may fold back into it.
                let ray = self.model.ray(x, y);
                let off = body.normalize().cross(&ray).norm();
                off * self.model.fx_px.max(self.model.fy_px) < MOST_RAY_ERROR_PX
            });
        holds.then(|| inside(WELL_INSIDE * width, WELL_INSIDE * height))
    }
}
