//! Remote ID: who flies what, told to the vehicle's transmitter; only with the user's consent.

use std::time::Duration;

use crate::wire::Packet;
use crate::wire::packet::{
    OpenDroneIdBasicId, OpenDroneIdOperatorId, OpenDroneIdSelfId, OpenDroneIdSystem, fixed_text,
};

use super::Peer;
use super::Received;

/// Each is told once a second (mavlink.io, "Open Drone ID Protocol").
const EVERY: Duration = Duration::from_secs(1);
/// Without a word of the transmitter for so long it is not ready.
const READY_FOR: Duration = Duration::from_millis(2500);
/// Seconds from 1970 to 2019, from which its times are counted (ASTM F3411).
const EPOCH_2019_S: u64 = 1_546_300_800;

/// What the user agreed to have told.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// Serial number of the aircraft (ANSI/CTA-2063-A).
    pub serial: String,
    /// Registration number of the operator.
    pub operator: String,
    /// What the flight is for.
    pub purpose: String,
    /// `MAV_ODID_UA_TYPE`; 2 of a multirotor.
    pub aircraft: u8,
    /// Where the operator stands: latitude and longitude in 1e-7 degree, height above the
    /// ellipsoid.
    pub place: (i32, i32, f32),
}

/// Tells an identity, turn by turn.
#[derive(Debug)]
pub struct RemoteId {
    vehicle: Peer,
    identity: Identity,
    turn: usize,
    due: Duration,
    armed_word: Option<(Duration, bool)>,
}

impl RemoteId {
    /// Only this begins it: who has no consent makes none.
    #[must_use]
    pub fn with_consent(vehicle: Peer, identity: Identity, now: Duration) -> Self {
        Self { vehicle, identity, turn: 0, due: now, armed_word: None }
    }

    /// A message came.
    pub fn handle(&mut self, message: &Received, now: Duration) {
        if let (Packet::OpenDroneIdArmStatus(status), true) =
            (&message.packet, message.from.system == self.vehicle.system)
        {
            self.armed_word = Some((now, status.status == 0));
        }
    }

    /// Whether the transmitter says that it is ready, and said so lately.
    #[must_use]
    pub fn is_ready(&self, now: Duration) -> bool {
        self.armed_word.is_some_and(|(at, good)| good && now.saturating_sub(at) <= READY_FOR)
    }

    /// When it wants to tell something.
    #[must_use]
    pub fn due(&self) -> Duration {
        self.due
    }

    /// What is to be told now; `unix_us` is UTC in microseconds since 1970.
    pub fn poll(&mut self, now: Duration, unix_us: u64) -> Option<Packet> {
        if now < self.due {
            return None;
        }
        let (target_system, target_component) = (self.vehicle.system.0, self.vehicle.component.0);
        let told: Packet = match self.turn {
            0 => OpenDroneIdBasicId {
                target_system,
                target_component,
                id_type: 1, // a serial number
                ua_type: self.identity.aircraft,
                uas_id: fixed_text(&self.identity.serial),
                ..OpenDroneIdBasicId::default()
            }
            .into(),
            1 => OpenDroneIdOperatorId {
                target_system,
                target_component,
                operator_id: fixed_text(&self.identity.operator),
                ..OpenDroneIdOperatorId::default()
            }
            .into(),
            2 => OpenDroneIdSelfId {
                target_system,
                target_component,
                description: fixed_text(&self.identity.purpose),
                ..OpenDroneIdSelfId::default()
            }
            .into(),
            _ => self.system((target_system, target_component), unix_us).into(),
        };
        self.turn = (self.turn + 1) % 4;
        self.due = now + EVERY / 4;
        Some(told)
    }

    fn system(&self, target: (u8, u8), unix_us: u64) -> OpenDroneIdSystem {
        let (lat_e7, lon_e7, height_m) = self.identity.place;
        let seconds = (unix_us / 1_000_000).saturating_sub(EPOCH_2019_S);
        OpenDroneIdSystem {
            target_system: target.0,
            target_component: target.1,
            operator_location_type: 1, // lives: told each time anew
            operator_latitude_e7: lat_e7,
            operator_longitude_e7: lon_e7,
            operator_altitude_geo_m: height_m,
            area_count: 1,
            area_ceiling_m: -1000.0, // not known
            area_floor_m: -1000.0,
            timestamp_s: u32::try_from(seconds).unwrap_or(u32::MAX),
            ..OpenDroneIdSystem::default()
        }
    }
}
