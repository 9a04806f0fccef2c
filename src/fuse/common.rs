//! What all views of a flight are off together, and how that moves a place.

use std::sync::Arc;

use nalgebra::{SMatrix, Vector2, Vector3};

use crate::capture::PosedFrame;
use crate::geo::{LocalFrame, enu_from_ned};

use super::View;

/// East, north, up, yaw, pitch, roll, clock, ground: the errors that the views of a flight share.
pub(super) const ERRORS: usize = 8;

/// Number of the ground's height among them.
pub(super) const GROUND: usize = 7;

/// One column for each common error: by how many metres one sigma of it moves a place, east and
/// north.
pub(super) type Bias = SMatrix<f64, 2, ERRORS>;

/// How the common errors hang together. Each column is one independent error of one sigma; rows
/// are the errors in metres, radians and seconds, and the ground's height in its own sigmas.
pub(super) type Factor = SMatrix<f64, ERRORS, ERRORS>;

/// Steepness below which a ray counts as that flat: sine of half a degree.
const LEAST_DOWN: f64 = 0.0087;

/// A frame's axes in its region's plane, worked out once.
#[derive(Debug, Clone)]
pub(super) struct Axes {
    camera_m: Vector3<f64>,
    pitch_axis: Vector3<f64>,
    roll_axis: Vector3<f64>,
    velocity_m_s: Vector3<f64>,
    factor: Arc<Factor>,
    pub(super) grey_levels: bool,
}

/// The errors of a pose as they are stated: none has to do with another.
pub(super) fn stated_factor(pose: &PosedFrame) -> Factor {
    let [east, north, up] = pose.common.position_enu_m;
    let [yaw, pitch, roll] = pose.common.attitude_rad;
    Factor::from_diagonal(&[east, north, up, yaw, pitch, roll, pose.clock_sigma_s, 1.0].into())
}

impl Axes {
    /// Those of all views, which share what they have in common.
    pub(super) fn of_all(views: &[View], plane: &LocalFrame) -> Vec<Self> {
        let mut axes: Vec<Self> = Vec::with_capacity(views.len());
        for view in views {
            let mut one = Self::of(view, plane);
            if let Some(last) = axes.last().filter(|last| last.factor == one.factor) {
                one.factor = Arc::clone(&last.factor);
            }
            axes.push(one);
        }
        axes
    }

    pub(super) fn of(view: &View, plane: &LocalFrame) -> Self {
        let pose = &view.pose;
        let [_, pitch_axis, roll_axis] = pose.turn_axes_ned();
        let here = LocalFrame::at(&pose.position);
        let turn = plane.ecef_from_enu().transpose() * here.ecef_from_enu();
        let factor = view.factor.clone().unwrap_or_else(|| Arc::new(stated_factor(pose)));
        Self {
            camera_m: plane.enu(&pose.position),
            pitch_axis: turn * enu_from_ned(&pitch_axis),
            roll_axis: turn * enu_from_ned(&roll_axis),
            velocity_m_s: turn * Vector3::from(pose.velocity_enu_m_s),
            factor,
            grey_levels: view.grey_levels,
        }
    }

    /// How one sigma of each common error moves a place on level ground.
    ///
    /// A turn by θ about an axis a moves it by θ (I − d nᵀ / n·d) (a × v), v from camera to place
    /// (GEO.md, 2).
    pub(super) fn bias_m(&self, at: &Vector2<f64>, up_m: f64, ground_sigma_m: f64) -> Bias {
        self.slopes(at, up_m, ground_sigma_m) * *self.factor
    }

    /// How a metre, a radian, a second of each common error moves a place on level ground; of the
    /// ground's height, one sigma.
    pub(super) fn slopes(&self, at: &Vector2<f64>, up_m: f64, ground_sigma_m: f64) -> Bias {
        let view = Vector3::new(at.x, at.y, up_m) - self.camera_m;
        let down = view.z.abs().max(LEAST_DOWN * view.norm()).max(1e-6).copysign(view.z);
        let onto_ground = |moved: Vector3<f64>| (moved - view * (moved.z / down)).xy();
        let yaw_axis = -Vector3::z();
        Bias::from_columns(&[
            Vector2::x(),
            Vector2::y(),
            onto_ground(Vector3::z()),
            onto_ground(yaw_axis.cross(&view)),
            onto_ground(self.pitch_axis.cross(&view)),
            onto_ground(self.roll_axis.cross(&view)),
            onto_ground(self.velocity_m_s),
            -onto_ground(Vector3::z()) * ground_sigma_m,
        ])
    }
}
