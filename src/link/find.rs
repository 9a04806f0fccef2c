//! Which vehicles are on a link. What is no autopilot is never taken for one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::wire::{ComponentId, Heartbeat, Packet};

use super::{Engine, Error, Peer, Quirks, Received, Step};

/// After the first vehicle, others may follow within a heartbeat (1 Hz) and a bit.
const SETTLE: Duration = Duration::from_millis(1300);
/// `MAV_STATE_BOOT`: ArduPilot refuses every list then, for want of space.
const STARTING: u8 = 1;
/// Parties that are remembered; a hostile link could name any number.
const MOST: usize = 256;

/// An autopilot that was heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vehicle {
    /// Who.
    pub peer: Peer,
    /// Its last heartbeat.
    pub heartbeat: Heartbeat,
}

impl Vehicle {
    /// How its kind behaves.
    #[must_use]
    pub fn quirks(&self) -> &'static Quirks {
        Quirks::of(self.heartbeat.autopilot)
    }
}

/// The vehicle of a heartbeat, if it is one's: an autopilot, in something that moves.
#[must_use]
pub fn vehicle_of(message: &Received) -> Option<Vehicle> {
    let Packet::Heartbeat(told) = &message.packet else { return None };
    let heartbeat = Heartbeat::from(*told);
    heartbeat.is_vehicle().then_some(Vehicle { peer: message.from, heartbeat })
}

/// Listens until a vehicle is heard.
#[derive(Debug)]
pub struct Find {
    system: Option<u8>,
    begun: Duration,
    patience: Duration,
    settled: Option<Duration>,
    vehicles: BTreeMap<Peer, Vehicle>,
    others: BTreeSet<Peer>,
    /// Vehicles that are starting: they take nothing yet.
    starting: BTreeSet<Peer>,
    outcome: Option<Result<Vehicle, Error>>,
}

impl Find {
    /// Of a system, or the only one there is.
    #[must_use]
    pub fn new(system: Option<u8>, patience: Duration, now: Duration) -> Self {
        Self {
            system,
            begun: now,
            patience,
            settled: None,
            vehicles: BTreeMap::new(),
            others: BTreeSet::new(),
            starting: BTreeSet::new(),
            outcome: None,
        }
    }

    /// One of each system: its autopilot, or what says that it is one where there is none.
    fn choose(&self) -> Option<Result<Vehicle, Error>> {
        let mut of_system: BTreeMap<u8, Vehicle> = BTreeMap::new();
        for vehicle in self.vehicles.values() {
            let first = vehicle.peer.component == ComponentId::AUTOPILOT;
            if first || !of_system.contains_key(&vehicle.peer.system.0) {
                of_system.insert(vehicle.peer.system.0, *vehicle);
            }
        }
        if let Some(system) = self.system {
            return of_system.get(&system).copied().map(Ok);
        }
        if of_system.len() > 1 {
            let names: Vec<_> = of_system.keys().map(ToString::to_string).collect();
            return Some(Err(Error::SeveralVehicles(names.join(", "))));
        }
        of_system.values().next().copied().map(Ok)
    }

    fn nobody(&self, now: Duration) -> Error {
        let names = |peers: &mut dyn Iterator<Item = &Peer>| {
            let names = peers.map(|peer| format!("{}/{}", peer.system.0, peer.component.0));
            names.collect::<Vec<_>>().join(", ")
        };
        let mut others = String::new();
        if !self.starting.is_empty() {
            others = format!("; {} is still starting", names(&mut self.starting.iter()));
        } else if !self.others.is_empty() || !self.vehicles.is_empty() {
            let heard = names(&mut self.others.iter().chain(self.vehicles.keys()));
            others = format!("; heard were only {heard}");
        }
        Error::NoVehicle { waited_s: now.saturating_sub(self.begun).as_secs_f64(), others }
    }
}

impl Engine for Find {
    type Outcome = Result<Vehicle, Error>;

    fn handle(&mut self, message: &Received, now: Duration) {
        match vehicle_of(message) {
            Some(vehicle)
                if vehicle.heartbeat.system_status == STARTING && self.starting.len() < MOST =>
            {
                self.starting.insert(vehicle.peer);
            }
            Some(vehicle)
                if vehicle.heartbeat.system_status != STARTING && self.vehicles.len() < MOST =>
            {
                self.vehicles.insert(vehicle.peer, vehicle);
                let named = self.system == Some(vehicle.peer.system.0)
                    && vehicle.peer.component == ComponentId::AUTOPILOT;
                self.settled.get_or_insert(if named { now } else { now + SETTLE });
                if named {
                    self.outcome = Some(Ok(vehicle));
                }
            }
            None if self.others.len() < MOST => {
                self.others.insert(message.from);
            }
            _ => {}
        }
    }

    fn handle_timeout(&mut self, now: Duration) {
        if self.outcome.is_some() {
            return;
        }
        if self.settled.is_some_and(|settled| now >= settled) {
            self.outcome = self.choose();
        }
        if self.outcome.is_none() && now >= self.begun + self.patience {
            self.outcome = Some(Err(self.nobody(now)));
        }
    }

    fn poll(&mut self) -> Step<Self::Outcome> {
        let end = self.begun + self.patience;
        let until = match self.settled {
            Some(settled) if self.choose().is_some() => settled.min(end),
            _ => end,
        };
        self.outcome.take().map_or(Step::Wait(until), Step::Done)
    }
}
