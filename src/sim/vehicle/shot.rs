//! A picture that was taken: when, where, and which way the camera looked.

use std::time::Duration;

use super::super::flight::Pose;

/// A picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Shot {
    /// Counts from 0.
    pub number: u32,
    /// Since the vehicle's start.
    pub at: Duration,
    /// UTC in microseconds since 1970, true.
    pub utc_us: u64,
    /// Where the camera was. Its height is above sea level plus the geoid's: ellipsoidal.
    pub true_pose: Pose,
    /// Where the vehicle took it to be.
    pub stated_pose: Pose,
    /// Above home, in metres, true.
    pub above_home_m: f64,
    /// Where the vehicle headed, in degrees.
    pub heading_deg: f64,
}
