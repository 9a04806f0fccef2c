//! MAVLink telemetry as a ground station records it: a stamp of 8 bytes, then the frame.
//!
//! Field offsets after MAVLink's `common.xml` and `ardupilotmega.xml`, in the order of the wire.

use nalgebra::UnitQuaternion;

use crate::wire::{ComponentId, SystemId, Version, message_id, write_frame};

use super::log::{Instant, Recorded, Shot, State, us};

/// Seconds that a message takes to the ground.
const DELAY_S: f64 = 0.04;
/// The gimbal says that its yaw is counted from north (`GIMBAL_DEVICE_FLAGS`, 2^6).
const YAW_IN_EARTH_FRAME: u16 = 64;

/// The recording while it is written.
struct Writer<'a> {
    bytes: Vec<u8>,
    sequence: u8,
    recorded: &'a Recorded,
}

/// The whole file.
pub(super) fn bytes(recorded: &Recorded) -> Vec<u8> {
    let mut writer = Writer { bytes: Vec::new(), sequence: 0, recorded };
    let mut shots = recorded.shots.iter().peekable();
    for (number, instant) in recorded.instants.iter().enumerate() {
        if number % 10 == 0 {
            writer.each_second(instant);
        }
        while let Some(shot) = shots.next_if(|shot| shot.boot_s <= instant.boot_s) {
            writer.camera(shot);
        }
        writer.samples(instant);
    }
    writer.bytes
}

fn ms(seconds: f64) -> u32 {
    (seconds * 1000.0).round() as u32
}

impl Writer<'_> {
    fn put(&mut self, boot_s: f64, id: u32, payload: &[u8]) {
        let stamp = us(self.recorded.utc_s_at_boot + boot_s + DELAY_S);
        let before = self.bytes.len();
        self.bytes.extend(stamp.to_be_bytes());
        let source = (self.sequence, SystemId(1), ComponentId::AUTOPILOT);
        if !write_frame(&mut self.bytes, Version::V2, source, id, payload) {
            self.bytes.truncate(before);
        }
        self.sequence = self.sequence.wrapping_add(1);
    }

    fn each_second(&mut self, instant: &Instant) {
        // Quadrotor, ArduPilot, armed, active, version 3.
        let heartbeat = [4, 0, 0, 0, 2, 3, 0x89, 4, 3];
        self.put(instant.boot_s, message_id::HEARTBEAT, &heartbeat);
        let mut time = us(self.recorded.utc_s_at_boot + instant.boot_s).to_le_bytes().to_vec();
        time.extend(ms(instant.boot_s).to_le_bytes());
        self.put(instant.boot_s, message_id::SYSTEM_TIME, &time);
        let (lat, lon) = self.recorded.home.e7();
        let amsl_mm = (self.recorded.home.amsl_m * 1000.0).round() as i32;
        let mut home: Vec<u8> = [lat, lon, amsl_mm].iter().flat_map(|n| n.to_le_bytes()).collect();
        home.resize(52, 0); // local place, attitude and approach are not told
        self.put(instant.boot_s, message_id::HOME_POSITION, &home);
    }

    fn samples(&mut self, instant: &Instant) {
        let State { camera_deg: [yaw, pitch, roll], .. } = instant.state;
        let mut attitude = ms(instant.boot_s).to_le_bytes().to_vec();
        for angle in [0.0, 0.0, yaw.to_radians(), 0.0, 0.0, 0.0] {
            attitude.extend((angle as f32).to_le_bytes());
        }
        self.put(instant.boot_s, message_id::ATTITUDE, &attitude);
        let turn = UnitQuaternion::from_euler_angles(
            roll.to_radians(),
            pitch.to_radians(),
            yaw.to_radians(),
        );
        let mut gimbal = ms(instant.boot_s).to_le_bytes().to_vec();
        for part in [turn.w, turn.i, turn.j, turn.k, 0.0, 0.0, 0.0] {
            gimbal.extend((part as f32).to_le_bytes());
        }
        gimbal.extend(0_u32.to_le_bytes()); // failures
        gimbal.extend(YAW_IN_EARTH_FRAME.to_le_bytes());
        self.put(instant.boot_s, message_id::GIMBAL_DEVICE_ATTITUDE_STATUS, &gimbal);
        if instant.with_place {
            self.places(instant);
        }
    }

    fn places(&mut self, instant: &Instant) {
        let state = &instant.state;
        let (lat, lon) = state.e7();
        let mm = |metres: f64| ((metres * 1000.0).round() as i32).to_le_bytes();
        let mut place = ms(instant.boot_s).to_le_bytes().to_vec();
        for four in [lat.to_le_bytes(), lon.to_le_bytes()] {
            place.extend(four);
        }
        place.extend(mm(state.amsl_m));
        place.extend(mm(state.above_home_m));
        for speed in state.velocity_ned_m_s {
            place.extend(((speed * 100.0).round() as i16).to_le_bytes());
        }
        place.extend(0_u16.to_le_bytes()); // heading
        self.put(instant.boot_s, message_id::GLOBAL_POSITION_INT, &place);
        let mut gps = us(instant.boot_s).to_le_bytes().to_vec();
        for four in [lat.to_le_bytes(), lon.to_le_bytes(), mm(state.amsl_m)] {
            gps.extend(four);
        }
        for two in [70_u16, 90, 500, u16::MAX] {
            gps.extend(two.to_le_bytes()); // hdop, vdop, speed, course
        }
        gps.extend([if self.recorded.rtk { 6 } else { 3 }, 17]);
        gps.extend(mm(state.place.height_m));
        for sigma_m in self.recorded.sigma_m {
            gps.extend(((sigma_m * 1000.0).round() as u32).to_le_bytes());
        }
        self.put(instant.boot_s, message_id::GPS_RAW_INT, &gps);
    }

    fn camera(&mut self, shot: &Shot) {
        let (lat, lon) = shot.state.e7();
        let mut feedback = us(shot.boot_s).to_le_bytes().to_vec();
        for four in [lat.to_le_bytes(), lon.to_le_bytes()] {
            feedback.extend(four);
        }
        // Heights, then roll, pitch and yaw of the vehicle, then a focal length.
        let yaw = shot.state.camera_deg[0];
        for number in [shot.state.amsl_m, shot.state.above_home_m, 0.0, 0.0, yaw, 0.0] {
            feedback.extend((number as f32).to_le_bytes());
        }
        feedback.extend(shot.number.to_le_bytes());
        feedback.extend([0, 0, 1]); // system, camera, flags
        self.put(shot.boot_s, message_id::CAMERA_FEEDBACK, &feedback);
    }
}
