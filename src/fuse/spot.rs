//! An observation in its region's plane.

use nalgebra::{Matrix2, Matrix3, Vector2};

use crate::detect::Polarity;
use crate::geo::LocalFrame;
use crate::locate::{Observation, symmetric};

use super::common::{Axes, Bias};

/// Variance in m² that is added to each axis: half a centimetre, where single precision and the
/// plane's flatness end.
pub(super) const LEAST_VARIANCE_M2: f64 = 0.005 * 0.005;

/// The number of axes of a spot that shares no error with others.
pub(super) const NO_AXES: u32 = u32::MAX;

/// An observation in its region's plane. There are a million of them, so it is kept small.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    /// Its number in the run.
    pub(super) number: u32,
    pub(super) frame: u32,
    /// The number of its frame's axes.
    pub(super) axes: u32,
    /// Only spots of one class can be one thing: polarity and unit.
    pub(super) class: u8,
    /// East and north of the region's middle in metres.
    pub(super) at: Vector2<f64>,
    pub(super) up_m: f32,
    pub(super) ground_sigma_m: f32,
    pub(super) delta: f32,
    own_m2: [f32; 3],
}

/// Turns axes east, north, up at a place into those of a region's plane.
pub(super) fn plane_from_local(plane: &LocalFrame, place: &LocalFrame) -> Matrix3<f64> {
    plane.ecef_from_enu().transpose() * place.ecef_from_enu()
}

impl Spot {
    /// `None` where the observation's numbers are not finite: such a thing has no place.
    pub(super) fn of(
        number: u32,
        observation: &Observation,
        axes: (u32, Option<&Axes>),
        plane: &LocalFrame,
    ) -> Option<Self> {
        let turn = plane_from_local(plane, &LocalFrame::at(&observation.point));
        let mut own = symmetric(&observation.own_enu_m2);
        if axes.1.is_none() {
            // Nothing is known of the view: what is common counts as if it were not.
            own += symmetric(&observation.common_enu_m2);
        }
        let own_m2 = (turn * own * turn.transpose()).fixed_view::<2, 2>(0, 0).into_owned()
            + Matrix2::identity() * LEAST_VARIANCE_M2;
        let enu = plane.enu(&observation.point);
        let cold = u8::from(observation.detection.polarity == Polarity::Cold);
        let grey = u8::from(axes.1.is_some_and(|axes| axes.grey_levels));
        let mut spot = Self {
            number,
            frame: observation.frame,
            axes: if axes.1.is_some() { axes.0 } else { NO_AXES },
            class: cold | grey << 1,
            at: enu.xy(),
            up_m: enu.z as f32,
            ground_sigma_m: observation.common_enu_m2[5].max(0.0).sqrt(),
            delta: observation.detection.delta,
            own_m2: [0.0; 3],
        };
        spot.set_own_m2(&own_m2);
        let own_m2 = spot.own_m2();
        let bias_m = axes.1.map_or_else(Bias::zeros, |axes| {
            axes.bias_m(&spot.at, enu.z, f64::from(spot.ground_sigma_m))
        });
        let sound = own_m2.iter().all(|v| v.is_finite())
            && observation.own_enu_m2.iter().all(|v| v.is_finite())
            && observation.common_enu_m2.iter().all(|v| v.is_finite())
            && own_m2.determinant() > 0.0
            && own_m2.trace() > 0.0
            && bias_m.iter().all(|v| v.is_finite())
            && enu.iter().all(|v| v.is_finite())
            && observation.detection.delta.is_finite();
        sound.then_some(spot)
    }

    /// What its frame alone is off, in m².
    pub(super) fn own_m2(&self) -> Matrix2<f64> {
        let [ee, en, nn] = self.own_m2.map(f64::from);
        Matrix2::new(ee, en, en, nn)
    }

    pub(super) fn set_own_m2(&mut self, own_m2: &Matrix2<f64>) {
        self.own_m2 = [own_m2[(0, 0)], own_m2[(0, 1)], own_m2[(1, 1)]].map(|v| v as f32);
    }

    /// How one sigma of each common error of its flight moves it, in metres.
    pub(super) fn bias_m(&self, axes: &[Axes]) -> Bias {
        axes.get(self.axes as usize).map_or_else(Bias::zeros, |axes| {
            axes.bias_m(&self.at, f64::from(self.up_m), f64::from(self.ground_sigma_m))
        })
    }

    /// How a metre, a radian, a second of each common error of its flight moves it; of the
    /// ground's height, one sigma.
    pub(super) fn slopes(&self, axes: &[Axes]) -> Option<Bias> {
        let axes = axes.get(self.axes as usize)?;
        Some(axes.slopes(&self.at, f64::from(self.up_m), f64::from(self.ground_sigma_m)))
    }
}
