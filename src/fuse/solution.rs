//! Poses corrected by what they are off, in sigmas of what is stated.

use std::sync::Arc;

use nalgebra::{SMatrix, SVector};
use serde::{Deserialize, Serialize};

use crate::capture::{PoseNote, PosedFrame};
use crate::geo::{LocalFrame, Terrain};
use crate::locate::{Observation, observe};

use super::adjust::{OF_FRAME, SHARED};
use super::common::{Factor, stated_factor};
use super::fusion::View;

/// One number for each common error of a flight: metres, radians, seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the field's own terms, with their units")]
pub struct CommonErrors {
    pub east_m: f64,
    pub north_m: f64,
    pub up_m: f64,
    pub yaw_deg: f64,
    pub pitch_deg: f64,
    pub roll_deg: f64,
    pub clock_s: f64,
}

/// What stated poses are off, in their sigmas.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Solution {
    pub(super) off: SVector<f64, SHARED>,
    /// Columns are independent errors of one sigma that are left.
    pub(super) factor: SMatrix<f64, SHARED, SHARED>,
}

impl Default for Solution {
    fn default() -> Self {
        Self { off: SVector::zeros(), factor: SMatrix::identity() }
    }
}

/// What one frame is off by itself, and one sigma of what is left, in sigmas of its pose.
#[derive(Debug, Clone)]
pub(super) struct OwnError {
    pub(super) off: SVector<f64, OF_FRAME>,
    pub(super) left: SVector<f64, OF_FRAME>,
}

impl Default for OwnError {
    fn default() -> Self {
        Self { off: SVector::zeros(), left: SVector::repeat(1.0) }
    }
}

impl CommonErrors {
    pub(super) fn of(values: &SVector<f64, SHARED>) -> Self {
        Self {
            east_m: values[0],
            north_m: values[1],
            up_m: values[2],
            yaw_deg: values[3].to_degrees(),
            pitch_deg: values[4].to_degrees(),
            roll_deg: values[5].to_degrees(),
            clock_s: values[6],
        }
    }
}

/// One sigma of each error of a factor.
pub(super) fn sigmas(factor: &SMatrix<f64, SHARED, SHARED>) -> SVector<f64, SHARED> {
    SVector::from_iterator(factor.row_iter().map(|row| row.norm()))
}

impl Solution {
    pub(super) fn corrected(&self, stated: &View) -> View {
        let whole = stated_factor(&stated.pose);
        let by_sigmas = whole.fixed_view::<SHARED, SHARED>(0, 0);
        let off = by_sigmas * self.off;
        let left = by_sigmas * self.factor;
        let sigmas = sigmas(&left);
        let mut pose = stated.pose.clone();
        let moved = |axis: usize| -off[axis] - pose.velocity_enu_m_s[axis] * off[6];
        let here = LocalFrame::at(&pose.position);
        pose.position = here.geodetic(&[moved(0), moved(1), moved(2)].into());
        pose.attitude.yaw_rad -= off[3];
        pose.attitude.pitch_rad -= off[4];
        pose.tilt_rad -= off[5];
        pose.common.position_enu_m = [sigmas[0], sigmas[1], sigmas[2]];
        pose.common.attitude_rad = [sigmas[3], sigmas[4], sigmas[5]];
        pose.clock_sigma_s = sigmas[6];
        pose.notes.push(PoseNote::Calibrated);
        pose.notes.sort_unstable();
        let mut factor = Factor::identity();
        factor.fixed_view_mut::<SHARED, SHARED>(0, 0).copy_from(&left);
        View { pose, factor: Some(Arc::new(factor)), ..stated.clone() }
    }
}

impl OwnError {
    pub(super) fn corrected(&self, mut view: View, stated: &View) -> View {
        let own = own_sigmas(&stated.pose);
        let off = own.component_mul(&self.off);
        let left = own.component_mul(&self.left);
        let pose = &mut view.pose;
        let here = LocalFrame::at(&pose.position);
        pose.position = here.geodetic(&[-off[0], -off[1], -off[2]].into());
        pose.attitude.yaw_rad -= off[3];
        pose.attitude.pitch_rad -= off[4];
        pose.tilt_rad -= off[5];
        pose.own.position_enu_m = [left[0], left[1], left[2]];
        pose.own.attitude_rad = [left[3], left[4], left[5]];
        view
    }
}

/// One sigma of each error of a frame by itself.
pub(super) fn own_sigmas(pose: &PosedFrame) -> SVector<f64, OF_FRAME> {
    let [[east, north, up], [yaw, pitch, roll]] = [pose.own.position_enu_m, pose.own.attitude_rad];
    [east, north, up, yaw, pitch, roll].into()
}

/// An observation by another pose of its frame; as it was where that no longer meets the ground.
pub(super) fn observed_again(
    one: &Observation,
    pose: &PosedFrame,
    terrain: &Terrain,
) -> Observation {
    // Flat ground may lie at another height for each frame.
    let own_ground;
    let ground = match terrain {
        Terrain::Flat { .. } => {
            own_ground = ground_of(one);
            &own_ground
        }
        Terrain::Model(_) => terrain,
    };
    observe(pose, one.index, &one.detection, ground).unwrap_or(*one)
}

/// The flat ground that an observation was placed on.
pub(super) fn ground_of(one: &Observation) -> Terrain {
    let sigma_m = f64::from(one.common_enu_m2[5]).max(0.0).sqrt();
    Terrain::Flat { height_m: one.point.height_m, sigma_m }
}
