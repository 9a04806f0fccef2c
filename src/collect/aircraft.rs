//! What a vehicle has told of itself so far.

use std::time::Duration;

use crate::wire::packet::{Heartbeat, text_of};
use crate::wire::{ComponentId, Packet, SystemId};

use super::pictures::Picture;

/// `MAV_MODE_FLAG_SAFETY_ARMED`.
const ARMED: u8 = 128;
/// `GPS_FIX_TYPE_3D_FIX`.
const FIX_3D: u8 = 3;
/// `MAV_SYS_STATUS_GEOFENCE`.
const FENCE: u32 = 0x10_0000;

/// Where it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// Latitude.
    pub lat_deg: f64,
    /// Longitude.
    pub lon_deg: f64,
    /// Above mean sea level.
    pub amsl_m: f64,
    /// Above home.
    pub above_home_m: f64,
}

/// Something that has changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A picture was taken.
    Picture(Picture),
    /// Its motors may run.
    Armed,
    /// Its motors stopped.
    Disarmed,
    /// Another mode, by the autopilot's own number.
    Mode(u32),
    /// A step was reached.
    Reached(u16),
    /// It says something.
    Text(String),
}

/// The state of one vehicle.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Aircraft {
    /// Who it is, once it was heard.
    pub system: Option<SystemId>,
    /// `MAV_AUTOPILOT`.
    pub autopilot: u8,
    /// Whether its motors may run.
    pub armed: bool,
    /// Its mode.
    pub custom_mode: u32,
    /// `MAV_STATE`.
    pub system_status: u8,
    /// Whether it has a position in three dimensions, once it told.
    pub has_fix: Option<bool>,
    /// Where it is.
    pub spot: Option<Spot>,
    /// Where home is: latitude and longitude in degrees.
    pub home: Option<(f64, f64)>,
    /// Share of the battery that is left, 0 to 100.
    pub battery_percent: Option<i8>,
    /// Whether it has a fence and it works.
    pub fence: Option<bool>,
    /// Free space on the camera's storage in MiB.
    pub storage_mib: Option<f32>,
    /// Posts of its terrain model that are missing.
    pub terrain_pending: Option<u16>,
    /// The step under way.
    pub current: Option<u16>,
    /// When it was heard last.
    pub heard_at: Option<Duration>,
}

/// `MAV_STATE_BOOT`.
const BOOT: u8 = 1;

impl Aircraft {
    /// Whether it is there and past its start: before, it takes no mission.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.system.is_some() && self.system_status > BOOT
    }

    /// A message of anybody on the link; what has changed by it.
    pub fn take(
        &mut self,
        (system, component): (SystemId, ComponentId),
        packet: &Packet,
        now: Duration,
    ) -> Option<Event> {
        if self.system.is_none() {
            let Packet::Heartbeat(beat) = packet else { return None };
            if component != ComponentId::AUTOPILOT || !is_vehicle(beat) {
                return None;
            }
            self.system = Some(system);
        }
        if self.system != Some(system) {
            return None;
        }
        self.heard_at = Some(now);
        match packet {
            // Mode and motors from the autopilot alone: a camera's heartbeat has neither.
            Packet::Heartbeat(beat) if component == ComponentId::AUTOPILOT => self.beat(beat),
            Packet::MissionItemReached(told) if told.seq != u16::MAX => {
                Some(Event::Reached(told.seq))
            }
            Packet::Statustext(told) => Some(Event::Text(text_of(&told.text))),
            other => {
                self.state(other);
                None
            }
        }
    }

    fn state(&mut self, packet: &Packet) {
        let degrees = |e7: i32| f64::from(e7) / 1e7;
        match packet {
            Packet::GpsRawInt(told) => self.has_fix = Some(told.fix_type >= FIX_3D),
            Packet::GlobalPositionInt(told) => {
                self.spot = Some(Spot {
                    lat_deg: degrees(told.lat_e7),
                    lon_deg: degrees(told.lon_e7),
                    amsl_m: f64::from(told.alt_mm) / 1000.0,
                    above_home_m: f64::from(told.relative_alt_mm) / 1000.0,
                });
            }
            Packet::HomePosition(told) => {
                let home = (degrees(told.latitude_e7), degrees(told.longitude_e7));
                self.home = Some(home).filter(|home| *home != (0.0, 0.0));
            }
            Packet::SysStatus(told) => {
                self.battery_percent =
                    Some(told.battery_remaining_pct).filter(|percent| *percent >= 0);
                let [there, works] =
                    [told.onboard_control_sensors_enabled, told.onboard_control_sensors_health]
                        .map(|bits| bits & FENCE != 0);
                self.fence = there.then_some(works);
            }
            Packet::StorageInformation(told) => {
                self.storage_mib = Some(told.available_capacity_mib).filter(|mib| mib.is_finite());
            }
            Packet::TerrainReport(told) => self.terrain_pending = Some(told.pending),
            Packet::MissionCurrent(told) => self.current = Some(told.seq),
            _ => {}
        }
    }

    fn beat(&mut self, beat: &Heartbeat) -> Option<Event> {
        let armed = beat.base_mode & ARMED != 0;
        let (was_armed, was_mode) = (self.armed, self.custom_mode);
        self.autopilot = beat.autopilot;
        (self.armed, self.custom_mode) = (armed, beat.custom_mode);
        self.system_status = beat.system_status;
        match (was_armed, armed) {
            (false, true) => Some(Event::Armed),
            (true, false) => Some(Event::Disarmed),
            _ if was_mode != beat.custom_mode => Some(Event::Mode(beat.custom_mode)),
            _ => None,
        }
    }
}

fn is_vehicle(beat: &Heartbeat) -> bool {
    crate::wire::Heartbeat {
        custom_mode: beat.custom_mode,
        mav_type: beat.kind,
        autopilot: beat.autopilot,
        base_mode: beat.base_mode,
        system_status: beat.system_status,
    }
    .is_vehicle()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VEHICLE: (SystemId, ComponentId) = (SystemId(1), ComponentId(1));

    fn heard() -> Aircraft {
        let mut aircraft = Aircraft::default();
        let beat = Heartbeat { kind: 2, autopilot: 3, ..Heartbeat::default() };
        aircraft.take(VEHICLE, &beat.into(), Duration::ZERO);
        aircraft
    }

    #[test]
    fn stations_and_cameras_are_no_vehicles() {
        let mut aircraft = Aircraft::default();
        for (kind, autopilot, component) in [(6, 8, 190), (30, 8, 100), (27, 8, 156), (2, 8, 1)] {
            let beat = Heartbeat { kind, autopilot, ..Heartbeat::default() };
            let from = (SystemId(9), ComponentId(component));
            assert_eq!(aircraft.take(from, &beat.into(), Duration::ZERO), None);
            assert_eq!(aircraft.system, None);
        }
        assert_eq!(heard().system, Some(SystemId(1)));
    }
}
