//! Headings that count from magnetic north, against true north.

use crate::geo::{Declination, Geodetic, North, declination};

use super::direction::{Direction, wrapped};
use super::{NoPose, PoseNote};

/// Turns a direction that counts from magnetic north to true north, and takes the model's own sigma
/// into what the whole flight is off. `unix_s` is when, in seconds since 1970; the year is enough.
///
/// Gives back what was added to the yaw, in radians.
///
/// # Errors
/// [`NoPose::NoDate`] where nobody tells the year.
pub(super) fn to_true_north(
    direction: &mut Direction,
    place: &Geodetic,
    unix_s: Option<f64>,
    notes: &mut Vec<PoseNote>,
) -> Result<f64, NoPose> {
    if direction.north == North::True {
        return Ok(0.0);
    }
    let unix_s = unix_s.filter(|seconds| seconds.is_finite()).ok_or(NoPose::NoDate)?;
    let Declination { rad, sigma_rad } = declination(place, unix_s);
    let yaw = &mut direction.attitude.yaw_rad;
    *yaw = wrapped((*yaw + rad).to_degrees()).to_radians();
    direction.common_rad[0] = direction.common_rad[0].hypot(sigma_rad);
    direction.north = North::True;
    notes.push(PoseNote::MagneticHeading);
    Ok(rad)
}
