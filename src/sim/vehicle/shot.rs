//! A picture that was taken: when, where, and which way the camera looked.

use std::time::Duration;

use nalgebra::Vector3;

use crate::geo::Geodetic;
use crate::wire::Packet;
use crate::wire::packet::{CameraFeedback, CameraImageCaptured};

use super::super::flight::Pose;
use super::super::log;
use super::body::wrapped;
use super::engine::{Output, Vehicle};
use super::params::Autopilot;
use super::telemetry::quaternion;

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

impl Vehicle {
    /// What a log says of this instant.
    pub(super) fn state(&self, place_m: &Vector3<f64>) -> log::State {
        let [lat_deg, lon_deg] = self.around.degrees(place_m);
        let amsl_m = self.params.start.amsl_m + place_m.z;
        let velocity = self.body.velocity_m_s;
        log::State {
            place: Geodetic::from_degrees(lat_deg, lon_deg, amsl_m + self.undulation_m()),
            amsl_m,
            above_home_m: place_m.z - self.pilot.home_m.z,
            camera_deg: [
                (self.body.yaw_rad + self.gimbal.yaw_rad).to_degrees(),
                self.gimbal.pitch_rad.to_degrees(),
                0.0,
            ],
            velocity_ned_m_s: [velocity.y, velocity.x, -velocity.z],
        }
    }

    /// Takes a picture and tells of it.
    pub(super) fn shoot(&mut self) {
        let number = self.camera.count.saturating_sub(1);
        let (truth_m, stated_m) = (self.body.place_m, self.body.estimate_m());
        let (yaw_rad, pitch_rad) = (self.body.yaw_rad + self.gimbal.yaw_rad, self.gimbal.pitch_rad);
        let pose = |place_m: &Vector3<f64>| {
            let [lat, lon] = self.around.degrees(place_m);
            let amsl_m = self.params.start.amsl_m + place_m.z;
            Pose {
                lat,
                lon,
                height_ellipsoidal_m: amsl_m + self.undulation_m(),
                yaw_deg: wrapped(yaw_rad).to_degrees(),
                pitch_deg: pitch_rad.to_degrees(),
                roll_deg: 0.0,
                tilt_deg: 0.0,
            }
        };
        let shot = Shot {
            number,
            at: self.now,
            utc_us: self.true_utc_us(),
            true_pose: pose(&truth_m),
            stated_pose: pose(&stated_m),
            above_home_m: truth_m.z - self.pilot.home_m.z,
            heading_deg: self.body.yaw_rad.to_degrees(),
        };
        let told = self.told_of(number, &stated_m, [yaw_rad, pitch_rad]);
        let state = self.state(&stated_m);
        self.recorder.shot(self.up_for().as_secs_f64(), number as u16, state);
        self.told_shots.push(told.clone());
        self.out.push_back(Output::Shot(shot));
        self.send_one(&told);
    }

    /// What it says of a picture: each autopilot in its own message.
    fn told_of(
        &self,
        number: u32,
        stated_m: &Vector3<f64>,
        [yaw_rad, pitch_rad]: [f64; 2],
    ) -> Packet {
        let [lat_e7, lon_e7] = self.around.e7(stated_m);
        let amsl_m = self.params.start.amsl_m + stated_m.z;
        match self.params.autopilot {
            Autopilot::ArduPilot => CameraFeedback {
                time_us: if self.has_fix() {
                    self.utc_us()
                } else {
                    self.up_for().as_micros() as u64
                },
                lat_e7,
                lng_e7: lon_e7,
                alt_msl_m: amsl_m as f32,
                alt_rel_m: (stated_m.z - self.pilot.home_m.z) as f32,
                // The vehicle's angles, not the camera's.
                roll_deg: self.body.roll_rad.to_degrees() as f32,
                pitch_deg: self.body.pitch_rad.to_degrees() as f32,
                yaw_deg: self.body.yaw_rad.to_degrees().rem_euclid(360.0) as f32,
                // Counts from 1, and wraps.
                img_idx: (number + 1) as u16,
                ..CameraFeedback::default()
            }
            .into(),
            Autopilot::Px4 => CameraImageCaptured {
                utc_us: self.utc_us(),
                boot_ms: self.boot_ms(),
                lat_e7,
                lon_e7,
                alt_mm: (amsl_m * 1000.0).round() as i32,
                relative_alt_mm: ((stated_m.z - self.pilot.home_m.z) * 1000.0).round() as i32,
                q: quaternion(yaw_rad, pitch_rad).map(|part| part as f32),
                image_index: number.cast_signed(),
                camera_id: 1,
                capture_result: 1,
                file_url: [0; 205],
            }
            .into(),
        }
    }

    /// What was told of a picture, for whoever asks again: of the one with this index in PX4's
    /// count, of the last in ArduPilot's.
    pub(super) fn told_shot(&self, index: f32) -> Option<&Packet> {
        match self.params.autopilot {
            Autopilot::ArduPilot => self.told_shots.last(),
            Autopilot::Px4 => self.told_shots.get(index.max(0.0) as usize),
        }
    }
}
