//! What a vehicle tells of itself, and how often.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::wire::packet::{
    Attitude, AutopilotVersion, BatteryStatus, CameraCaptureStatus, CameraFeedback,
    CameraInformation, CameraSettings, EkfStatusReport, EstimatorStatus, ExtendedSysState,
    GimbalDeviceAttitudeStatus, GimbalManagerInformation, GimbalManagerStatus, GlobalPositionInt,
    GpsRawInt, Heartbeat, HomePosition, MissionCurrent, MissionItemReached, ProtocolVersion,
    StorageInformation, SysStatus, SystemTime, VfrHud, Wind, fixed_text,
};
use crate::wire::{Layout, Packet};

use super::camera::PITCH_LIMITS_RAD;
use super::engine::Vehicle;
use super::params::Autopilot;
use super::terrain::Terrain;

/// `MAV_STATE`.
const BOOT: u8 = 1;
const STANDBY: u8 = 3;
const ACTIVE: u8 = 4;
/// `MAV_MODE_FLAG`: armed, and custom mode numbers in use.
const ARMED: u8 = 128;
const CUSTOM: u8 = 1;
/// `MAV_TYPE_QUADROTOR`.
const QUADROTOR: u8 = 2;
/// GPS_FIX_TYPE: none, three dimensions, RTK fixed.
const NO_FIX: u8 = 1;
const FIX_3D: u8 = 3;
const FIX_RTK: u8 = 6;
/// Gyroscopes, accelerometers, magnetometer, pressure, GPS (`MAV_SYS_STATUS_SENSOR`).
const SENSORS: u32 = 0x2F;
/// Bit of the fence in the same.
const SENSOR_FENCE: u32 = 0x10_0000;
/// Battery of four cells: volts full and empty.
const VOLTS: [f64; 2] = [16.8, 14.0];

/// What comes without being asked for, and how often a second.
const COMMON: [(u32, f64); 11] = [
    (Heartbeat::ID, 1.0),
    (SysStatus::ID, 1.0),
    (SystemTime::ID, 1.0),
    (GpsRawInt::ID, 5.0),
    (Attitude::ID, 10.0),
    (GlobalPositionInt::ID, 5.0),
    (VfrHud::ID, 2.0),
    (MissionCurrent::ID, 1.0),
    (BatteryStatus::ID, 0.5),
    (HomePosition::ID, 0.5),
    (GimbalDeviceAttitudeStatus::ID, 10.0),
];
const OF_ARDUPILOT: [(u32, f64); 3] =
    [(EkfStatusReport::ID, 1.0), (Wind::ID, 1.0), (crate::wire::packet::TerrainReport::ID, 1.0)];
const OF_PX4: [(u32, f64); 3] =
    [(ExtendedSysState::ID, 1.0), (EstimatorStatus::ID, 1.0), (GimbalManagerStatus::ID, 0.2)];

/// When each message is due.
#[derive(Debug)]
pub(super) struct Streams(BTreeMap<u32, (Duration, Duration)>);

impl Streams {
    pub(super) fn new(autopilot: Autopilot) -> Self {
        let own = match autopilot {
            Autopilot::ArduPilot => OF_ARDUPILOT,
            Autopilot::Px4 => OF_PX4,
        };
        let every = |hz: f64| Duration::from_secs_f64(1.0 / hz);
        let all = COMMON.into_iter().chain(own);
        Self(all.map(|(id, hz)| (id, (every(hz), Duration::ZERO))).collect())
    }

    /// Another interval: in microseconds, -1 never, 0 as it was (left alone here).
    pub(super) fn set(&mut self, id: u32, interval_us: f64, now: Duration) {
        if interval_us < 0.0 {
            self.0.remove(&id);
        } else if interval_us > 0.0 {
            let every = Duration::from_secs_f64((interval_us / 1e6).clamp(0.002, 1e6));
            self.0.insert(id, (every, now));
        }
    }

    /// In microseconds; -1 where it does not come.
    pub(super) fn interval_us(&self, id: u32) -> i32 {
        self.0
            .get(&id)
            .map_or(-1, |(every, _)| i32::try_from(every.as_micros()).unwrap_or(i32::MAX))
    }

    /// Messages that are due now.
    pub(super) fn due(&mut self, now: Duration) -> Vec<u32> {
        let due: Vec<u32> =
            self.0.iter().filter(|(_, (_, next))| *next <= now).map(|(&id, _)| id).collect();
        for id in &due {
            if let Some((every, next)) = self.0.get_mut(id) {
                *next = (*next + *every).max(now);
            }
        }
        due
    }
}

impl Vehicle {
    /// A message about itself; `None` where it has none of this kind.
    pub(super) fn about(&self, id: u32) -> Option<Packet> {
        let boot_ms = self.boot_ms();
        Some(match id {
            Heartbeat::ID => self.heartbeat().into(),
            SysStatus::ID => self.sys_status().into(),
            SystemTime::ID => SystemTime { unix_us: self.utc_us(), boot_ms }.into(),
            GpsRawInt::ID => self.gps().into(),
            Attitude::ID => Attitude {
                boot_ms,
                roll_rad: self.body.roll_rad as f32,
                pitch_rad: self.body.pitch_rad as f32,
                yaw_rad: self.body.yaw_rad as f32,
                ..Attitude::default()
            }
            .into(),
            GlobalPositionInt::ID => self.position()?.into(),
            VfrHud::ID => self.head_up().into(),
            MissionCurrent::ID => self.mission_current().into(),
            BatteryStatus::ID => self.battery().into(),
            HomePosition::ID => self.home_position()?.into(),
            EkfStatusReport::ID => EkfStatusReport {
                velocity_variance: 0.02,
                pos_horiz_variance: 0.02,
                pos_vert_variance: 0.02,
                compass_variance: 0.02,
                // All that is estimated, or without a fix only attitude (EKF_STATUS_FLAGS).
                flags: if self.has_fix() { 0x33F } else { 0xA7 },
                ..EkfStatusReport::default()
            }
            .into(),
            EstimatorStatus::ID => EstimatorStatus {
                time_us: u64::from(boot_ms) * 1000,
                pos_horiz_accuracy_m: self.body.sigma_m[0] as f32,
                pos_vert_accuracy_m: self.body.sigma_m[1] as f32,
                flags: if self.has_fix() { 0x33F } else { 0xA7 },
                ..EstimatorStatus::default()
            }
            .into(),
            Wind::ID => self.wind().into(),
            ExtendedSysState::ID => ExtendedSysState {
                vtol_state: 0,
                landed_state: if self.is_flying() { 2 } else { 1 },
            }
            .into(),
            crate::wire::packet::TerrainReport::ID => {
                let place_m = self.body.estimate_m();
                let ground_m = self.ground_up_m([place_m.x, place_m.y]);
                let amsl_m = ground_m + self.params.start.amsl_m;
                self.terrain.report(self.around.e7(&place_m), amsl_m, place_m.z - ground_m).into()
            }
            _ => return self.about_payload(id),
        })
    }

    /// Camera and gimbal.
    fn about_payload(&self, id: u32) -> Option<Packet> {
        let boot_ms = self.boot_ms();
        Some(match id {
            GimbalDeviceAttitudeStatus::ID => self.gimbal_status().into(),
            GimbalManagerInformation::ID => GimbalManagerInformation {
                boot_ms,
                // Pitch and yaw axes, following and locked (GIMBAL_MANAGER_CAP_FLAGS).
                cap_flags: 0x1 | 0x20 | 0x200 | 0x400 | 0x800,
                pitch_min_rad: PITCH_LIMITS_RAD[0] as f32,
                pitch_max_rad: PITCH_LIMITS_RAD[1] as f32,
                yaw_min_rad: -std::f32::consts::PI,
                yaw_max_rad: std::f32::consts::PI,
                gimbal_device_id: 1,
                ..GimbalManagerInformation::default()
            }
            .into(),
            GimbalManagerStatus::ID => {
                let (system, component) =
                    self.gimbal.controller.map_or((0, 0), |(system, part)| (system.0, part.0));
                GimbalManagerStatus {
                    boot_ms,
                    flags: if self.gimbal.from_north { 16 | 64 } else { 32 },
                    gimbal_device_id: 1,
                    primary_control_sysid: system,
                    primary_control_compid: component,
                    ..GimbalManagerStatus::default()
                }
                .into()
            }
            CameraInformation::ID => self.camera_information().into(),
            CameraSettings::ID => {
                CameraSettings { boot_ms, camera_device_id: 1, ..CameraSettings::default() }.into()
            }
            StorageInformation::ID => StorageInformation {
                boot_ms,
                total_capacity_mib: 32_000.0,
                used_capacity_mib: self.camera.count as f32,
                available_capacity_mib: 32_000.0 - self.camera.count as f32,
                storage_id: 1,
                storage_count: 1,
                status: 2, // STORAGE_STATUS_READY
                ..StorageInformation::default()
            }
            .into(),
            CameraCaptureStatus::ID => CameraCaptureStatus {
                boot_ms,
                image_interval_s: self.camera.interval_s() as f32,
                available_capacity_mib: 32_000.0,
                image_status: if self.camera.is_running() { 3 } else { 0 },
                image_count: self.camera.count.cast_signed(),
                camera_device_id: 1,
                ..CameraCaptureStatus::default()
            }
            .into(),
            _ => return self.about_programs(id),
        })
    }

    /// Versions, and events that hold nothing when they are asked for.
    fn about_programs(&self, id: u32) -> Option<Packet> {
        let ardupilot = self.params.autopilot == Autopilot::ArduPilot;
        Some(match id {
            AutopilotVersion::ID => AutopilotVersion {
                capabilities: self.manners.capabilities,
                flight_sw_version: if ardupilot { 0x0408_00FF } else { 0x0110_00FF },
                uid: u64::from(self.params.system),
                ..AutopilotVersion::default()
            }
            .into(),
            ProtocolVersion::ID => ProtocolVersion {
                version: 200,
                min_version: 100,
                max_version: 200,
                ..ProtocolVersion::default()
            }
            .into(),
            // An interval on these makes ArduPilot send empty ones.
            CameraFeedback::ID if ardupilot => CameraFeedback::default().into(),
            MissionItemReached::ID if ardupilot => MissionItemReached { seq: u16::MAX }.into(),
            _ => return None,
        })
    }

    fn heartbeat(&self) -> Heartbeat {
        let system_status = match (self.is_booting(), self.pilot.armed) {
            (true, _) => BOOT,
            (false, false) => STANDBY,
            (false, true) => ACTIVE,
        };
        Heartbeat {
            custom_mode: self.manners.modes.number(self.pilot.mode),
            kind: QUADROTOR,
            autopilot: self.manners.autopilot,
            base_mode: CUSTOM | if self.pilot.armed { ARMED } else { 0 },
            system_status,
            version: 3,
        }
    }

    fn charge(&self) -> f64 {
        (1.0 - self.body.used_wh / self.params.battery_wh).clamp(0.0, 1.0)
    }

    fn volts(&self) -> f64 {
        VOLTS[1] + (VOLTS[0] - VOLTS[1]) * self.charge() - 0.01 * self.amperes()
    }

    fn amperes(&self) -> f64 {
        self.body.power_w / VOLTS[1]
    }

    fn sys_status(&self) -> SysStatus {
        let fence = if self.has_fence() { SENSOR_FENCE } else { 0 };
        let sensors = SENSORS | fence;
        let health = if self.has_fix() { sensors } else { sensors & !0x20 };
        SysStatus {
            onboard_control_sensors_present: sensors,
            onboard_control_sensors_enabled: sensors,
            onboard_control_sensors_health: health,
            load_dpct: 300,
            voltage_battery_mv: (self.volts() * 1000.0) as u16,
            current_battery_ca: (self.amperes() * 100.0) as i16,
            battery_remaining_pct: (self.charge() * 100.0).round() as i8,
            ..SysStatus::default()
        }
    }

    fn battery(&self) -> BatteryStatus {
        let mut voltages_mv = [u16::MAX; 10];
        voltages_mv[..4].fill((self.volts() * 250.0) as u16);
        let left_wh = self.params.battery_wh - self.body.used_wh;
        BatteryStatus {
            current_consumed_mah: (self.body.used_wh / VOLTS[0] * 1000.0) as i32,
            energy_consumed_hj: (self.body.used_wh * 36.0) as i32,
            temperature_cc: i16::MAX,
            voltages_mv,
            current_battery_ca: (self.amperes() * 100.0) as i16,
            battery_remaining_pct: (self.charge() * 100.0).round() as i8,
            time_remaining_s: (left_wh.max(0.0) / self.body.power_w.max(1.0) * 3600.0) as i32,
            charge_state: 1, // MAV_BATTERY_CHARGE_STATE_OK
            ..BatteryStatus::default()
        }
    }

    fn gps(&self) -> GpsRawInt {
        let time_us = u64::from(self.boot_ms()) * 1000;
        if !self.has_fix() {
            let (eph, epv) = (u16::MAX, u16::MAX);
            return GpsRawInt { time_us, fix_type: NO_FIX, eph, epv, ..GpsRawInt::default() };
        }
        let place_m = self.body.estimate_m();
        let [lat_e7, lon_e7] = self.around.e7(&place_m);
        let amsl_m = self.params.start.amsl_m + place_m.z;
        let velocity = self.body.velocity_m_s;
        let [horizontal, vertical] = self.body.sigma_m;
        let course_deg = velocity.x.atan2(velocity.y).to_degrees().rem_euclid(360.0);
        GpsRawInt {
            time_us,
            lat_e7,
            lon_e7,
            alt_mm: (amsl_m * 1000.0).round() as i32,
            eph: 70,
            epv: 110,
            vel_cm_s: (velocity.xy().norm() * 100.0) as u16,
            cog_cdeg: (course_deg * 100.0) as u16,
            fix_type: if self.params.rtk { FIX_RTK } else { FIX_3D },
            satellites_visible: 18,
            alt_ellipsoid_mm: ((amsl_m + self.undulation_m()) * 1000.0).round() as i32,
            h_acc_mm: (horizontal * 1000.0) as u32,
            v_acc_mm: (vertical * 1000.0) as u32,
            vel_acc_mm_s: 100,
            ..GpsRawInt::default()
        }
    }

    fn position(&self) -> Option<GlobalPositionInt> {
        if !self.has_fix() {
            return None;
        }
        let place_m = self.body.estimate_m();
        let [lat_e7, lon_e7] = self.around.e7(&place_m);
        let velocity = self.body.velocity_m_s;
        let cm_s = |m_s: f64| (m_s * 100.0).round() as i16;
        Some(GlobalPositionInt {
            boot_ms: self.boot_ms(),
            lat_e7,
            lon_e7,
            alt_mm: ((self.params.start.amsl_m + place_m.z) * 1000.0).round() as i32,
            relative_alt_mm: ((place_m.z - self.pilot.home_m.z) * 1000.0).round() as i32,
            vx_cm_s: cm_s(velocity.y),
            vy_cm_s: cm_s(velocity.x),
            vz_cm_s: cm_s(-velocity.z),
            hdg_cdeg: (self.body.yaw_rad.to_degrees().rem_euclid(360.0) * 100.0) as u16,
        })
    }

    fn head_up(&self) -> VfrHud {
        let velocity = self.body.velocity_m_s;
        VfrHud {
            airspeed_m_s: velocity.norm() as f32,
            groundspeed_m_s: velocity.xy().norm() as f32,
            alt_m: (self.params.start.amsl_m + self.body.place_m.z) as f32,
            climb_m_s: velocity.z as f32,
            heading_deg: self.body.yaw_rad.to_degrees().rem_euclid(360.0) as i16,
            throttle_pct: if self.pilot.armed { 45 } else { 0 },
        }
    }

    fn mission_current(&self) -> MissionCurrent {
        let total = self.lists.list(crate::mission::List::Mission).len();
        // MISSION_STATE: 1 none, 2 not started, 3 active, 4 paused, 5 complete.
        let mission_state = match (self.lists.has_mission(), self.pilot.armed) {
            (false, _) => 1,
            (true, false) => 2,
            (true, true) if self.pilot.mode != super::pilot::Mode::Mission => 4,
            (true, true) if self.pilot.is_over() => 5,
            (true, true) => 3,
        };
        let px4 = self.params.autopilot == Autopilot::Px4;
        MissionCurrent {
            seq: self.pilot.current as u16,
            total: total as u16,
            mission_state,
            mission_mode: if self.pilot.mode == super::pilot::Mode::Mission { 1 } else { 2 },
            mission_id: if px4 { self.lists.mission_id() } else { 0 },
            ..MissionCurrent::default()
        }
    }

    fn home_position(&self) -> Option<HomePosition> {
        let [lat_e7, lon_e7] = self.home_e7()?;
        let amsl_m = self.params.start.amsl_m + self.pilot.home_m.z;
        Some(HomePosition {
            latitude_e7: lat_e7,
            longitude_e7: lon_e7,
            altitude_mm: (amsl_m * 1000.0).round() as i32,
            q: [1.0, 0.0, 0.0, 0.0],
            ..HomePosition::default()
        })
    }

    fn wind(&self) -> Wind {
        let [east, north] = self.body.wind_now_m_s();
        // Where it comes from.
        let direction_deg = (-east).atan2(-north).to_degrees() as f32;
        Wind { direction_deg, speed_m_s: east.hypot(north) as f32, speed_z_m_s: 0.0 }
    }

    fn gimbal_status(&self) -> GimbalDeviceAttitudeStatus {
        GimbalDeviceAttitudeStatus {
            boot_ms: self.boot_ms(),
            q: quaternion(self.gimbal.yaw_rad, self.gimbal.pitch_rad).map(|part| part as f32),
            // Yaw against the vehicle (GIMBAL_DEVICE_FLAGS_YAW_IN_VEHICLE_FRAME), roll and pitch
            // against the horizon.
            flags: 4 | 8 | 32,
            gimbal_device_id: 1,
            ..GimbalDeviceAttitudeStatus::default()
        }
    }

    fn camera_information(&self) -> CameraInformation {
        let camera = super::super::Camera::default();
        let side_mm = |pixels: u32| (f64::from(pixels) * camera.pixel_pitch_um / 1000.0) as f32;
        CameraInformation {
            boot_ms: self.boot_ms(),
            focal_length_mm: camera.focal_length_mm as f32,
            sensor_size_h_mm: side_mm(camera.width_px),
            sensor_size_v_mm: side_mm(camera.height_px),
            flags: 2, // CAMERA_CAP_FLAGS_CAPTURE_IMAGE
            resolution_h_px: camera.width_px as u16,
            resolution_v_px: camera.height_px as u16,
            vendor_name: fixed_text("Torenvalk"),
            model_name: fixed_text(&camera.model),
            gimbal_device_id: 1,
            camera_device_id: 1,
            ..CameraInformation::default()
        }
    }

    /// The terrain's height above the start, as far as it is known.
    pub(super) fn ground_up_m(&self, east_north_m: [f64; 2]) -> f64 {
        let amsl_m = self.terrain.amsl_m(east_north_m);
        amsl_m.map_or(0.0, |amsl_m| amsl_m - self.params.start.amsl_m)
    }

    /// South-west corner of the block of terrain that it needs.
    pub(super) fn terrain_corner_e7(&self) -> [i32; 2] {
        let [east, north] = Terrain::corner_offset_m();
        self.around.e7(&nalgebra::Vector3::new(east, north, 0.0))
    }
}

/// Yaw, then pitch, as w, x, y, z.
pub(super) fn quaternion(yaw_rad: f64, pitch_rad: f64) -> [f64; 4] {
    let (sin_yaw, cos_yaw) = (yaw_rad / 2.0).sin_cos();
    let (sin_pitch, cos_pitch) = (pitch_rad / 2.0).sin_cos();
    [cos_yaw * cos_pitch, -sin_yaw * sin_pitch, cos_yaw * sin_pitch, sin_yaw * cos_pitch]
}
