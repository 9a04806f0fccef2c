//! What every engine of this room is: told what came and what time it is, asked what to do.

use std::time::Duration;

use crate::mission::List;
use crate::wire::{ComponentId, Packet, SystemId, list_number};

/// One party of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Peer {
    /// Its system.
    pub system: SystemId,
    /// Its component.
    pub component: ComponentId,
}

impl Peer {
    /// From two numbers, the system first.
    #[must_use]
    pub const fn new(system: u8, component: u8) -> Self {
        Self { system: SystemId(system), component: ComponentId(component) }
    }

    /// A ground station as others expect one: system 255, `MAV_COMP_ID_MISSIONPLANNER`.
    pub const STATION: Self = Self::new(255, 190);

    /// Whether a message with this target is for this party: 0 is everybody.
    #[must_use]
    pub fn is_meant(self, target_system: u8, target_component: u8) -> bool {
        (target_system == 0 || target_system == self.system.0)
            && (target_component == 0 || target_component == self.component.0)
    }
}

/// Who speaks with whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// We.
    pub us: Peer,
    /// The other side.
    pub them: Peer,
}

impl Route {
    /// Whether a message belongs to our transfer of a list: both sides and the list are right.
    /// Messages that are of no transfer do not.
    pub(super) fn transfers(self, message: &Received, list: List) -> bool {
        let (system, component, mission_type) = match &message.packet {
            Packet::MissionCount(m) => (m.target_system, m.target_component, m.mission_type),
            Packet::MissionRequest(m) => (m.target_system, m.target_component, m.mission_type),
            Packet::MissionRequestInt(m) => (m.target_system, m.target_component, m.mission_type),
            Packet::MissionItemInt(m) => (m.target_system, m.target_component, m.mission_type),
            Packet::MissionAck(m) => (m.target_system, m.target_component, m.mission_type),
            _ => return false,
        };
        message.from == self.them
            && mission_type == list_number(list)
            && self.us.is_meant(system, component)
    }
}

/// A message and who sent it.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// Who.
    pub from: Peer,
    /// What.
    pub packet: Packet,
}

/// What an engine wants.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a message is passed on at once")]
pub enum Step<T> {
    /// This is to be sent; ask again.
    Send(Packet),
    /// So much is done; ask again.
    Progress {
        /// Pieces that are through.
        done: usize,
        /// Of how many, as far as is known.
        total: usize,
    },
    /// Nothing, until a message comes or this time is reached.
    Wait(Duration),
    /// It is over.
    Done(T),
}

impl<T> Step<T> {
    /// The same with another end.
    pub fn map<U>(self, end: impl FnOnce(T) -> U) -> Step<U> {
        match self {
            Self::Send(packet) => Step::Send(packet),
            Self::Progress { done, total } => Step::Progress { done, total },
            Self::Wait(until) => Step::Wait(until),
            Self::Done(outcome) => Step::Done(end(outcome)),
        }
    }
}

/// A conversation. It owns no socket, clock, thread or randomness.
///
/// `now` is the time since any fixed instant and never goes back. After [`Step::Done`] an engine is
/// not used any more.
pub trait Engine {
    /// What it ends with.
    type Outcome;

    /// A message came, of anybody on the link.
    fn handle(&mut self, message: &Received, now: Duration);

    /// Time went on; called at the latest when the time of [`Step::Wait`] is reached.
    fn handle_timeout(&mut self, now: Duration);

    /// What to do next.
    fn poll(&mut self) -> Step<Self::Outcome>;
}
