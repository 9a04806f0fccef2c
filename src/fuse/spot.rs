//! An observation in its region's plane, and how the flight's common error moves it.

use nalgebra::{Matrix2, Matrix2x4, Matrix3, Vector2, Vector3};

use crate::capture::PosedFrame;
use crate::detect::Polarity;
use crate::geo::{Geodetic, LocalFrame, enu_from_ned};
use crate::locate::{Observation, symmetric};

/// Variance in m² that is added to each axis: half a centimetre, where single precision and the
/// plane's flatness end.
pub(super) const LEAST_VARIANCE_M2: f64 = 0.005 * 0.005;

/// Steepness below which a ray counts as that flat: sine of half a degree.
const LEAST_DOWN: f64 = 0.0087;

/// An observation in its region's plane.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    /// Its number in the run.
    pub(super) number: u32,
    pub(super) frame: u32,
    /// Only spots of one class can be one thing: polarity and unit.
    pub(super) class: u8,
    /// East and north of the region's middle in metres.
    pub(super) at: Vector2<f64>,
    pub(super) up_m: f64,
    /// What its frame alone is off, in m².
    pub(super) own_m2: Matrix2<f64>,
    /// How one sigma of the flight's vertical, yaw, pitch and roll error moves it, in metres.
    pub(super) bias_m: Matrix2x4<f32>,
    pub(super) delta: f32,
}

/// A frame's axes, worked out once.
#[derive(Debug, Clone)]
pub(super) struct Axes {
    camera_ecef: Vector3<f64>,
    pitch_axis_enu: Vector3<f64>,
    roll_axis_enu: Vector3<f64>,
    /// Vertical in metres; yaw, pitch, roll in radians.
    common: [f64; 4],
    pub(super) grey_levels: bool,
}

impl Axes {
    pub(super) fn of(pose: &PosedFrame, grey_levels: bool) -> Self {
        let (sin_yaw, cos_yaw) = pose.attitude.yaw_rad.sin_cos();
        let forward_ned = pose.attitude.ned_from_body().column(0).into_owned();
        let [yaw, pitch, roll] = pose.common.attitude_rad;
        Self {
            camera_ecef: pose.position.to_ecef(),
            pitch_axis_enu: enu_from_ned(&Vector3::new(-sin_yaw, cos_yaw, 0.0)),
            roll_axis_enu: enu_from_ned(&forward_ned),
            common: [pose.common.position_enu_m[2], yaw, pitch, roll],
            grey_levels,
        }
    }

    /// How one sigma of each common error moves a place on level ground.
    ///
    /// A turn by θ about an axis a moves it by θ (I − d nᵀ / n·d) (a × v), v from camera to place
    /// (GEO.md, 2). East and north of the camera move every place alike and cancel between two.
    fn bias_m(&self, here: &LocalFrame, place: &Geodetic, ground_variance_m2: f64) -> Bias {
        let view = here.ecef_from_enu().transpose() * (place.to_ecef() - self.camera_ecef);
        let down = view.z.abs().max(LEAST_DOWN * view.norm()).max(1e-6).copysign(view.z);
        let onto_ground = |moved: Vector3<f64>| moved - view * (moved.z / down);
        let [vertical, yaw, pitch, roll] = self.common;
        let vertical = vertical.hypot(ground_variance_m2.max(0.0).sqrt());
        Bias::from_columns(&[
            onto_ground(Vector3::z() * vertical),
            onto_ground((-Vector3::z()).cross(&view) * yaw),
            onto_ground(self.pitch_axis_enu.cross(&view) * pitch),
            onto_ground(self.roll_axis_enu.cross(&view) * roll),
        ])
    }
}

type Bias = nalgebra::Matrix3x4<f64>;

/// Turns axes east, north, up at a place into those of a region's plane.
pub(super) fn plane_from_local(plane: &LocalFrame, place: &LocalFrame) -> Matrix3<f64> {
    plane.ecef_from_enu().transpose() * place.ecef_from_enu()
}

/// The horizontal block, safe to invert.
pub(super) fn horizontal(m: &Matrix3<f64>) -> Matrix2<f64> {
    m.fixed_view::<2, 2>(0, 0).into_owned() + Matrix2::identity() * LEAST_VARIANCE_M2
}

impl Spot {
    /// `None` where the observation's numbers are not finite: such a thing has no place.
    pub(super) fn of(
        number: u32,
        observation: &Observation,
        axes: Option<&Axes>,
        plane: &LocalFrame,
    ) -> Option<Self> {
        let here = LocalFrame::at(&observation.point);
        let turn = plane_from_local(plane, &here);
        let mut own = symmetric(&observation.own_enu_m2);
        let mut bias_m = Matrix2x4::zeros();
        if let Some(axes) = axes {
            let ground_m2 = f64::from(observation.common_enu_m2[5]);
            let bias = turn * axes.bias_m(&here, &observation.point, ground_m2);
            bias_m = bias.fixed_rows::<2>(0).map(|v| v as f32);
        } else {
            // Nothing is known of the view: what is common counts as if it were not.
            own += symmetric(&observation.common_enu_m2);
        }
        let own_m2 = horizontal(&(turn * own * turn.transpose()));
        let enu = plane.enu(&observation.point);
        let cold = u8::from(observation.detection.polarity == Polarity::Cold);
        let grey = u8::from(axes.is_some_and(|axes| axes.grey_levels));
        let sound = own_m2.iter().all(|v| v.is_finite())
            && observation.own_enu_m2.iter().all(|v| v.is_finite())
            && observation.common_enu_m2.iter().all(|v| v.is_finite())
            && own_m2.determinant() > 0.0
            && own_m2.trace() > 0.0
            && bias_m.iter().all(|v| v.is_finite())
            && enu.iter().all(|v| v.is_finite())
            && observation.detection.delta.is_finite();
        sound.then_some(Self {
            number,
            frame: observation.frame,
            class: cold | grey << 1,
            at: enu.xy(),
            up_m: enu.z,
            own_m2,
            bias_m,
            delta: observation.detection.delta,
        })
    }
}
