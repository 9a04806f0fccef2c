//! Where a pixel looks.

use nalgebra::Matrix3;

use crate::capture::PosedFrame;
use crate::geo::{Geodetic, Hit, Miss, Terrain, ellipse95, enu_from_ned};

use super::spread::Spread;

/// One sigma of a pixel coordinate, both axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PixelSigma(pub f64);

/// Semi-axis of the 95 % ellipse over one sigma, √5.9915.
pub(super) const SIGMAS_95: f64 = 2.447_746_830_680_816;

/// A place on the ground.
#[derive(Debug, Clone, Copy)]
pub struct Located {
    /// The place.
    pub point: Geodetic,
    /// Slant range in metres.
    pub range_m: f64,
    /// Angle between the ray and the ground's normal in radians.
    pub incidence_rad: f64,
    /// Covariance in m², axes east, north, up: what this frame alone is off.
    pub own_enu_m2: Matrix3<f64>,
    /// Covariance in m², axes east, north, up: what all frames of the flight are off together.
    pub common_enu_m2: Matrix3<f64>,
}

impl Located {
    /// Both parts together.
    #[must_use]
    pub fn covariance_enu_m2(&self) -> Matrix3<f64> {
        self.own_enu_m2 + self.common_enu_m2
    }

    /// Whether the error is too large for the range to be normal: the 95 % ellipse, which takes it
    /// for linear, then says too little away from the camera. The border is one sigma of a tenth
    /// of the range.
    #[must_use]
    pub fn is_skewed(&self) -> bool {
        let sigmas = ellipse95(&self.covariance_enu_m2()).major_m / SIGMAS_95;
        sigmas > 0.1 * self.range_m
    }
}

/// Why a pixel gave no place.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The ray does not meet the ground.
    #[error(transparent)]
    Miss(#[from] Miss),
    /// The pixel lies outside the picture.
    #[error("pixel {x_px}, {y_px} lies outside the picture of {width_px} x {height_px}")]
    OutsidePicture {
        /// Asked for.
        x_px: f64,
        /// Asked for.
        y_px: f64,
        /// Columns.
        width_px: u32,
        /// Rows.
        height_px: u32,
    },
    /// The picture's border cuts the spot, and what it leaves does not tell where its middle is.
    #[error("the picture's border cuts it, and what is left is weak or wide")]
    Cut,
    /// The pixel lies beyond the fold of the lens model.
    #[error("the lens model has no ray for pixel {x_px}, {y_px}")]
    NoRay {
        /// Asked for.
        x_px: f64,
        /// Asked for.
        y_px: f64,
    },
}

/// The place that a pixel looks at, and how sure it is.
///
/// The pixel's ray, distortion removed, is turned by the whole attitude and followed to the ground.
/// The covariance is that of the linearised crossing with the ground's tangent plane: camera place,
/// yaw, pitch, roll (as [`PoseSigmas`](crate::capture::PoseSigmas) has it) and pixel of this frame
/// alone; those of the whole flight, its clock times the
/// camera's velocity, and the ground's own height, which counts as common since neighbouring frames
/// see the same ground. [`explain`](super::explain) takes it apart again.
///
/// # Errors
/// [`Refusal`]: the reason why there is none.
pub fn locate(
    pose: &PosedFrame,
    pixel: (f64, f64),
    sigma: PixelSigma,
    terrain: &Terrain,
) -> Result<Located, Refusal> {
    let (hit, spread) = crossing(pose, pixel, terrain)?;
    Ok(located(pose, sigma, &hit, &spread))
}

/// Where the pixel's ray meets the ground, and how that moves with its causes.
pub(super) fn crossing(
    pose: &PosedFrame,
    pixel: (f64, f64),
    terrain: &Terrain,
) -> Result<(Hit, Spread), Refusal> {
    let (x_px, y_px) = pixel;
    let (width_px, height_px) = (pose.camera.width_px, pose.camera.height_px);
    let inside =
        (0.0..=f64::from(width_px)).contains(&x_px) && (0.0..=f64::from(height_px)).contains(&y_px);
    if !inside {
        return Err(Refusal::OutsidePicture { x_px, y_px, width_px, height_px });
    }
    let (ray, ray_by_pixel) =
        pose.camera.ray_with_slopes(x_px, y_px).ok_or(Refusal::NoRay { x_px, y_px })?;
    let direction = enu_from_ned(&(pose.ned_from_camera() * ray));
    let hit = terrain.cast(&pose.position, &direction)?;
    let spread = Spread::new(pose, &hit, &ray, &ray_by_pixel);
    Ok((hit, spread))
}

pub(super) fn located(pose: &PosedFrame, sigma: PixelSigma, hit: &Hit, spread: &Spread) -> Located {
    let pixels = spread.by_pixel * spread.by_pixel.transpose() * sigma.0.powi(2);
    let ground = spread.by_ground * spread.by_ground.transpose() * hit.sigma_m.powi(2);
    let clock = spread.by_clock * spread.by_clock.transpose() * pose.clock_sigma_s.powi(2);
    Located {
        point: hit.point,
        range_m: hit.range_m,
        incidence_rad: (-spread.direction.dot(&hit.normal_enu)).clamp(-1.0, 1.0).acos(),
        own_enu_m2: spread.of(&pose.own) + pixels,
        common_enu_m2: spread.of(&pose.common) + clock + ground,
    }
}

/// The picture's corners on the ground: upper left, upper right, lower right, lower left.
///
/// `None` if one of them misses the ground.
#[must_use]
pub fn footprint(pose: &PosedFrame, terrain: &Terrain) -> Option<[Geodetic; 4]> {
    let (right, bottom) = (f64::from(pose.camera.width_px), f64::from(pose.camera.height_px));
    let corner = |x_px: f64, y_px: f64| {
        let ray = pose.camera.ray(x_px, y_px);
        let direction = enu_from_ned(&(pose.ned_from_camera() * ray));
        terrain.cast(&pose.position, &direction).ok().map(|hit| hit.point)
    };
    Some([corner(0.0, 0.0)?, corner(right, 0.0)?, corner(right, bottom)?, corner(0.0, bottom)?])
}
