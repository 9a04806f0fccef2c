//! Who is on a link, which of them is a vehicle, and when it was started.

use std::collections::{BTreeMap, BTreeSet};

use crate::wire::{
    ComponentId, Frame, Heartbeat, Lost, Message, SystemId, TlogItem, TlogReader, message_id,
};

use super::super::boots::{BootStamp, boots};
use super::super::{Autopilot, Oddity, Vehicle, Warnings};
use super::collect::Flight;

/// Who sent a message.
pub(super) type Source = (SystemId, ComponentId);

/// What has come from one source.
#[derive(Default)]
struct Heard {
    /// Heartbeats of each kind, and how many.
    heartbeats: Vec<(Heartbeat, u64)>,
    stamps: Vec<BootStamp>,
    /// Messages by number: of several with the same meaning, one is taken.
    counts: BTreeMap<u32, u64>,
}

/// Kinds of heartbeat that are told apart from one source; a hostile one could send any number.
const MOST_KINDS: usize = 16;

/// All that a first pass finds.
#[derive(Default)]
pub(super) struct Survey {
    pub(super) messages: u64,
    pub(super) losses: Vec<Lost>,
    heard: BTreeMap<Source, Heard>,
}

/// Of messages with the same meaning, the numbers that are taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Preferred {
    pub(super) attitude: u32,
    pub(super) velocity: u32,
    pub(super) gimbal: u32,
}

/// First pass over a recording.
pub(super) fn survey(bytes: &[u8]) -> Survey {
    let mut survey = Survey::default();
    for item in TlogReader::new(bytes) {
        match item {
            TlogItem::Lost(lost) => survey.losses.push(lost),
            TlogItem::Record(record) => {
                survey.messages += 1;
                survey.hear(&record.frame, record.stamp_us);
            }
        }
    }
    survey
}

/// Milliseconds since boot of the messages that an autopilot's clock is told from.
pub(super) fn boot_ms(message: &Message) -> Option<u32> {
    match message {
        Message::SystemTime(time) => Some(time.boot_ms),
        Message::Attitude(boot_ms, _) => Some(*boot_ms),
        Message::LocalPosition(local) => Some(local.boot_ms),
        Message::GlobalPosition(global) => Some(global.boot_ms),
        _ => None,
    }
}

/// The messages that make a source without heartbeat a vehicle.
const NAVIGATION: [u32; 5] = [
    message_id::ATTITUDE,
    message_id::ATTITUDE_QUATERNION,
    message_id::GLOBAL_POSITION_INT,
    message_id::LOCAL_POSITION_NED,
    message_id::GPS_RAW_INT,
];

impl Survey {
    fn hear(&mut self, frame: &Frame<'_>, received_us: u64) {
        let message = Message::decode(frame);
        if matches!(message, Message::Other) {
            return;
        }
        let heard = self.heard.entry((frame.system, frame.component)).or_default();
        *heard.counts.entry(frame.id).or_default() += 1;
        if let Message::Heartbeat(heartbeat) = message {
            heard.heartbeat(Heartbeat {
                custom_mode: 0,
                base_mode: 0,
                system_status: 0,
                ..heartbeat
            });
        }
        if let Some(boot_ms) = boot_ms(&message) {
            heard.stamps.push(BootStamp { boot_ms, received_us });
        }
    }

    /// The vehicles, in order of system and component, with their clocks placed. What navigates and
    /// is none is counted.
    pub(super) fn into_flights(self, warnings: &mut Warnings) -> Vec<Flight> {
        let gimbals = self.gimbal_counts();
        let stations = self.stations();
        let mut flights = Vec::new();
        for (source, heard) in self.heard {
            let heartbeat = heard.usual_heartbeat();
            let navigates: u64 = NAVIGATION.iter().map(|id| heard.count(*id)).sum();
            let vehicle = match heartbeat {
                Some(heartbeat) => heartbeat.is_vehicle(),
                None => {
                    let autopilot = source.1 == ComponentId::AUTOPILOT;
                    autopilot && navigates > 0 && !stations.contains(&source.0)
                }
            };
            if !vehicle {
                warnings.note_many(Oddity::NotAVehicle, navigates, None);
                continue;
            }
            let preferred = Preferred {
                attitude: heard.more(message_id::ATTITUDE, message_id::ATTITUDE_QUATERNION),
                velocity: heard
                    .more(message_id::LOCAL_POSITION_NED, message_id::GLOBAL_POSITION_INT),
                gimbal: gimbals.get(&source.0).copied().unwrap_or(message_id::MOUNT_STATUS),
            };
            let placed = boots(&heard.stamps);
            flights.push(Flight::new(source, describe(source, heartbeat), placed, preferred));
        }
        flights
    }

    /// Systems of which some part says that it is a ground station.
    fn stations(&self) -> BTreeSet<SystemId> {
        let says_so = |heard: &Heard| {
            heard.usual_heartbeat().is_some_and(|heartbeat| heartbeat.mav_type == STATION)
        };
        let stations = self.heard.iter().filter(|(_, heard)| says_so(heard));
        stations.map(|((system, _), _)| *system).collect()
    }

    /// Which gimbal message each system is taken at: the newest kind that it has.
    fn gimbal_counts(&self) -> BTreeMap<SystemId, u32> {
        let mut found = BTreeMap::new();
        for id in [
            message_id::MOUNT_STATUS,
            message_id::MOUNT_ORIENTATION,
            message_id::GIMBAL_DEVICE_ATTITUDE_STATUS,
        ] {
            let sources = self.heard.iter().filter(|(_, heard)| heard.count(id) > 0);
            found.extend(sources.map(|((system, _), _)| (*system, id)));
        }
        found
    }
}

impl Heard {
    fn heartbeat(&mut self, heartbeat: Heartbeat) {
        if let Some((_, count)) = self.heartbeats.iter_mut().find(|(known, _)| *known == heartbeat)
        {
            *count += 1;
        } else if self.heartbeats.len() < MOST_KINDS {
            self.heartbeats.push((heartbeat, 1));
        }
    }

    /// The kind of heartbeat that came most often, the first of equals.
    fn usual_heartbeat(&self) -> Option<Heartbeat> {
        let usual = self.heartbeats.iter().rev().max_by_key(|(_, count)| *count);
        usual.map(|(heartbeat, _)| *heartbeat)
    }

    fn count(&self, id: u32) -> u64 {
        self.counts.get(&id).copied().unwrap_or(0)
    }

    /// The message that came more often, the first of equals.
    fn more(&self, first: u32, second: u32) -> u32 {
        if self.count(second) > self.count(first) { second } else { first }
    }
}

/// `MAV_TYPE_GCS`.
const STATION: u8 = 6;
/// `MAV_AUTOPILOT_ARDUPILOTMEGA` and `MAV_AUTOPILOT_PX4`.
const ARDUPILOT: u8 = 3;
const PX4: u8 = 12;

fn describe((system, component): Source, heartbeat: Option<Heartbeat>) -> Vehicle {
    let autopilot = match heartbeat.map(|heartbeat| heartbeat.autopilot) {
        Some(ARDUPILOT) => Autopilot::ArduPilot,
        Some(PX4) => Autopilot::Px4,
        Some(number) => Autopilot::Other(number),
        None => Autopilot::Unknown,
    };
    Vehicle {
        system: Some(system),
        component: Some(component),
        autopilot,
        mav_type: heartbeat.map(|heartbeat| heartbeat.mav_type),
        name: None,
    }
}
