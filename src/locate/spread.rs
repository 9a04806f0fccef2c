//! How a place on the ground moves with each cause of error.

use nalgebra::{Matrix3, Matrix3x2, Vector3};

use crate::capture::{PoseSigmas, PosedFrame};
use crate::geo::{Hit, LocalFrame};

/// How the place moves with each cause, axes east, north, up at the place:
///
/// ```text
/// dX = A dP + t A dd(yaw, pitch, roll, u, v) + d (n_up / (n·d)) dDEM + A v dt
/// A  = I − d nᵀ / (n·d)
/// ```
///
/// Roll turns about the level axis ahead, not about the line of sight: what a gimbal is levelled
/// wrong tilts a camera that looks straight down across, by as much as along.
pub(super) struct Spread {
    pub(super) direction: Vector3<f64>,
    pub(super) by_position: Matrix3<f64>,
    pub(super) by_attitude: Matrix3<f64>,
    pub(super) by_pixel: Matrix3x2<f64>,
    pub(super) by_clock: Vector3<f64>,
    pub(super) by_ground: Vector3<f64>,
}

impl Spread {
    pub(super) fn new(
        pose: &PosedFrame,
        hit: &Hit,
        ray: &Vector3<f64>,
        ray_by_pixel: &Matrix3x2<f64>,
    ) -> Self {
        let camera = LocalFrame::at(&pose.position);
        let place = LocalFrame::at(&hit.point);
        let turn = place.ecef_from_enu().transpose() * camera.ecef_from_enu();
        let enu_from_ned = Matrix3::new(0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, -1.0);
        let body = turn * enu_from_ned * pose.ned_from_camera();
        let direction = body * ray;
        let (normal, facing) = (hit.normal_enu, hit.normal_enu.dot(&direction));
        let slide = Matrix3::identity() - direction * normal.transpose() / facing;
        // A small turn about an axis moves a direction by the cross product with it. NED is
        // right-handed as ENU is, so that cross products carry over.
        let axes = pose.turn_axes_ned().map(|axis| turn * enu_from_ned * axis);
        let turned = Matrix3::from_columns(&axes.map(|axis| axis.cross(&direction)));
        let by_position = slide * turn;
        Self {
            direction,
            by_position,
            by_attitude: slide * turned * hit.range_m,
            by_pixel: slide * body * ray_by_pixel * hit.range_m,
            by_clock: by_position * Vector3::from(pose.velocity_enu_m_s),
            by_ground: direction * (normal.z / facing),
        }
    }

    /// Covariance in m² of place and attitude.
    pub(super) fn of(&self, sigmas: &PoseSigmas) -> Matrix3<f64> {
        let squared =
            |sigmas: [f64; 3]| Matrix3::from_diagonal(&Vector3::from(sigmas).map(|s| s * s));
        let position = squared(sigmas.position_enu_m);
        let attitude = squared(sigmas.attitude_rad);
        self.by_position * position * self.by_position.transpose()
            + self.by_attitude * attitude * self.by_attitude.transpose()
    }
}
