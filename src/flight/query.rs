//! Where the vehicle was, and how it stood, at an instant between samples.
//!
//! Between two samples the way is straight and the turn is even. What that is off by is told from
//! the samples around: the next term of Newton's interpolation, the second divided difference times
//! the distances in time to both samples, which is exact for even acceleration. Where there is no
//! third sample near enough, a stated acceleration takes its place.

use nalgebra::Vector3;

use crate::geo::{Attitude, Geodetic, LocalFrame};

use super::rotation::{between, turn, wrapped};
use super::{Between, Gap, Gimbal, Heights, LogTime, Position, Series, Track, YawFrame};

/// Acceleration of a vehicle that flies a survey, in m/s²: a lean of 27°.
const ACCELERATION_M_S2: f64 = 5.0;
/// Places further apart than this, in metres, and than the fastest drone that takes pictures gets,
/// in m/s, are not bridged. A receiver that finds its fix corrects itself by some metres at once.
const JUMP_M: f64 = 10.0;
const FASTEST_M_S: f64 = 100.0;
/// Change of turn rate, in rad/s²: from rest to 30°/s within a quarter of a second.
const TURN_ACCELERATION_RAD_S2: f64 = 2.0;

/// A place between samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PositionAt {
    /// Where; a height is there if both samples have it.
    pub position: Position,
    /// What the straight way between the samples may be off by, in metres.
    pub error_m: f64,
    /// Seconds between the samples; 0 at a sample's own time.
    pub gap_s: f64,
}

/// A velocity between samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VelocityAt {
    /// North, east, down in m/s.
    pub ned_m_s: Vector3<f64>,
    /// Seconds between the samples; 0 at a sample's own time.
    pub gap_s: f64,
}

/// An attitude of the vehicle between samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AttitudeAt {
    /// How it stood.
    pub attitude: Attitude,
    /// What the even turn between the samples may be off by, in radians.
    pub error_rad: f64,
    /// Seconds between the samples; 0 at a sample's own time.
    pub gap_s: f64,
}

/// Where a gimbal pointed between samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GimbalAt {
    /// Against true north and the horizon.
    pub attitude: Attitude,
    /// What the even turn between the samples may be off by, in radians; the vehicle's is in it
    /// where yaw was counted from the vehicle.
    pub error_rad: f64,
    /// Seconds between the samples; 0 at a sample's own time.
    pub gap_s: f64,
}

impl Track {
    /// Where the vehicle was.
    ///
    /// # Errors
    /// [`Gap`], where the samples do not tell.
    pub fn position_at(&self, at: LogTime) -> Result<PositionAt, Gap> {
        let found = self.position.between(at, self.gap_limits.position_s, "place")?;
        let (before, after) = (&found.before.value, &found.after.value);
        let position = Position {
            lat_rad: mix(before.lat_rad, after.lat_rad, found.fraction),
            lon_rad: wrapped(
                before.lon_rad + wrapped(after.lon_rad - before.lon_rad) * found.fraction,
            ),
            heights: mixed_heights(&before.heights, &after.heights, found.fraction),
        };
        let height = height_of(&before.heights);
        let flat_m = height(&before.heights).unwrap_or(0.0);
        let geodetic = |place: &Position| Geodetic {
            lat_rad: place.lat_rad,
            lon_rad: place.lon_rad,
            height_m: height(&place.heights).unwrap_or(flat_m),
        };
        let frame = LocalFrame::at(&geodetic(before));
        let apart_m = frame.enu(&geodetic(after)).xy().norm();
        if apart_m > JUMP_M + FASTEST_M_S * found.gap_s {
            return Err(Gap::Jump { what: "place", apart_m, gap_s: found.gap_s });
        }
        let bend = bend(&self.position, &found, self.gap_limits.position_s, |place| {
            frame.enu(&geodetic(place))
        })
        .unwrap_or(ACCELERATION_M_S2 / 2.0);
        Ok(PositionAt { position, error_m: bend * lever(&found), gap_s: found.gap_s })
    }

    /// How the vehicle stood.
    ///
    /// # Errors
    /// [`Gap`], where the samples do not tell.
    pub fn attitude_at(&self, at: LogTime) -> Result<AttitudeAt, Gap> {
        let most_s = self.gap_limits.attitude_s;
        let found = self.attitude.between(at, most_s, "attitude")?;
        let (attitude, error_rad) = turned(&self.attitude, &found, most_s, |value| *value);
        Ok(AttitudeAt { attitude, error_rad, gap_s: found.gap_s })
    }

    /// Where a gimbal pointed, against true north. Where its yaw is counted from the vehicle, the
    /// vehicle's yaw is added, which is exact: pitch and roll are against the horizon either way.
    ///
    /// # Errors
    /// [`Gap`], where the samples of that gimbal, or of the vehicle it hangs from, do not tell.
    pub fn gimbal_at(&self, at: LogTime, number: u8) -> Result<GimbalAt, Gap> {
        let most_s = self.gap_limits.gimbal_s;
        if self.gimbal.iter().all(|sample| sample.value.number == number) {
            return self.gimbal_among(&self.gimbal, at, most_s);
        }
        // The two samples around the instant, and one more on either side.
        let from = self.gimbal.partition_point(|sample| at - sample.at > 2.0 * most_s);
        let one: Vec<_> = self.gimbal[from..]
            .iter()
            .take_while(|sample| sample.at - at <= 2.0 * most_s)
            .filter(|sample| sample.value.number == number)
            .copied()
            .collect();
        self.gimbal_among(&one.into(), at, most_s)
    }

    fn gimbal_among(
        &self,
        gimbal: &Series<Gimbal>,
        at: LogTime,
        most_s: f64,
    ) -> Result<GimbalAt, Gap> {
        let found = gimbal.between(at, most_s, "gimbal attitude")?;
        let frame = found.before.value.yaw_frame;
        if frame != found.after.value.yaw_frame {
            // The frame changes between the two: neither tells about the way.
            return Err(Gap::TooLong { what: "gimbal attitude", gap_s: found.gap_s, most_s });
        }
        let (mut attitude, mut error_rad) = turned(gimbal, &found, most_s, |value| value.attitude);
        if frame == YawFrame::Vehicle {
            let vehicle = self.attitude_at(at)?;
            attitude.yaw_rad = wrapped(attitude.yaw_rad + vehicle.attitude.yaw_rad);
            error_rad += vehicle.error_rad;
        }
        Ok(GimbalAt { attitude, error_rad, gap_s: found.gap_s })
    }

    /// How fast the vehicle was, and where to.
    ///
    /// # Errors
    /// [`Gap`], where the samples do not tell.
    pub fn velocity_at(&self, at: LogTime) -> Result<VelocityAt, Gap> {
        let found = self.velocity_ned.between(at, self.gap_limits.velocity_s, "velocity")?;
        let ned_m_s = found.before.value.lerp(&found.after.value, found.fraction);
        Ok(VelocityAt { ned_m_s, gap_s: found.gap_s })
    }
}

/// Seconds to the sample before times seconds to the one after.
fn lever<T>(found: &Between<'_, T>) -> f64 {
    found.fraction * (1.0 - found.fraction) * found.gap_s * found.gap_s
}

/// The larger second divided difference of the two samples and their outer neighbours, in units of
/// `place` per second squared; `None` without a neighbour near enough.
fn bend<T>(
    series: &Series<T>,
    found: &Between<'_, T>,
    most_s: f64,
    place: impl Fn(&T) -> Vector3<f64>,
) -> Option<f64> {
    if found.gap_s == 0.0 {
        return Some(0.0);
    }
    let (from, to) = (found.before.at, found.after.at);
    let rate = (place(&found.after.value) - place(&found.before.value)) / found.gap_s;
    let earlier = series[..found.index].iter().rev().find(|sample| sample.at < from);
    let later = series[found.index..].iter().find(|sample| sample.at > to);
    let near = |sample: &&super::Timed<T>| from - sample.at <= most_s && sample.at - to <= most_s;
    let before = earlier.filter(near).map(|sample| {
        let span_s = from - sample.at;
        let own = (place(&found.before.value) - place(&sample.value)) / span_s;
        ((rate - own) / (to - sample.at)).norm()
    });
    let after = later.filter(near).map(|sample| {
        let span_s = sample.at - to;
        let own = (place(&sample.value) - place(&found.after.value)) / span_s;
        ((own - rate) / (sample.at - from)).norm()
    });
    before.into_iter().chain(after).reduce(f64::max)
}

/// The attitude between two samples, and what it may be off by in radians.
fn turned<T>(
    series: &Series<T>,
    found: &Between<'_, T>,
    most_s: f64,
    of: impl Fn(&T) -> Attitude,
) -> (Attitude, f64) {
    let (before, after) = (of(&found.before.value), of(&found.after.value));
    if found.gap_s == 0.0 {
        return (before, 0.0);
    }
    let bend = bend(series, found, most_s, |value| turn(&before, &of(value)))
        .unwrap_or(TURN_ACCELERATION_RAD_S2 / 2.0);
    (between(&before, &after, found.fraction), bend * lever(found))
}

fn mix(before: f64, after: f64, fraction: f64) -> f64 {
    before + (after - before) * fraction
}

fn mixed_heights(before: &Heights, after: &Heights, fraction: f64) -> Heights {
    let both = |a: Option<f64>, b: Option<f64>| Some(mix(a?, b?, fraction));
    Heights {
        ellipsoid_m: both(before.ellipsoid_m, after.ellipsoid_m),
        amsl_m: both(before.amsl_m, after.amsl_m),
        above_home_m: both(before.above_home_m, after.above_home_m),
        above_terrain_m: both(before.above_terrain_m, after.above_terrain_m),
    }
}

/// One of the heights that a place has, to measure ways: which one does not matter, as long as it
/// is the same of all samples.
fn height_of(heights: &Heights) -> fn(&Heights) -> Option<f64> {
    if heights.amsl_m.is_some() {
        |heights| heights.amsl_m
    } else if heights.ellipsoid_m.is_some() {
        |heights| heights.ellipsoid_m
    } else {
        |heights| heights.above_home_m
    }
}
