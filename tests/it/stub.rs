//! How two autopilots keep lists of items, as they were seen to do it on the wire: the receiving end
//! for the engines' tests.

use std::collections::BTreeMap;
use std::time::Duration;

use torenvalk::link::Peer;
use torenvalk::mission::{Item, List};
use torenvalk::wire::packet::{
    MissionAck, MissionCount, MissionItemInt, MissionRequest, MissionRequestInt,
};
use torenvalk::wire::{MissionResult, Packet, list_number, list_of, mission_item_int};

use crate::channel::Side;

pub(crate) const VEHICLE: Peer = Peer::new(1, 1);
/// More than real ones have, so that 700 items fit.
const CAPACITY: u16 = 2000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    ArduPilot,
    Px4,
}

#[derive(Debug)]
struct Receiving {
    list: List,
    count: u16,
    next: u16,
    items: Vec<Item>,
    asked: Duration,
    heard: Duration,
}

/// The lists of a vehicle.
#[derive(Debug)]
pub(crate) struct Stub {
    kind: Kind,
    pub(crate) lists: BTreeMap<List, Vec<Item>>,
    receiving: Option<Receiving>,
    /// PX4, while it is read: the list, the next number and the last request.
    sending: Option<(List, u16, Duration)>,
    /// It takes this from an item before it keeps it.
    pub(crate) lies: bool,
    pub(crate) accepted: usize,
}

impl Stub {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            lists: BTreeMap::new(),
            receiving: None,
            sending: None,
            lies: false,
            accepted: 0,
        }
    }

    fn ardupilot(&self) -> bool {
        self.kind == Kind::ArduPilot
    }

    fn ack(list: u8, kind: MissionResult) -> Packet {
        MissionAck {
            target_system: 255,
            target_component: 190,
            kind,
            mission_type: list,
            ..Default::default()
        }
        .into()
    }

    fn ask(&mut self, now: Duration, out: &mut Vec<Packet>) {
        let ardupilot = self.ardupilot();
        let Some(receiving) = &mut self.receiving else { return };
        receiving.asked = now;
        let (seq, mission_type) = (receiving.next, list_number(receiving.list));
        out.push(if ardupilot {
            let request =
                MissionRequest { seq, target_system: 255, target_component: 190, mission_type };
            request.into()
        } else {
            MissionRequestInt { seq, target_system: 255, target_component: 190, mission_type }
                .into()
        });
    }

    fn counted(&mut self, message: &MissionCount, now: Duration, out: &mut Vec<Packet>) {
        let Some(list) = list_of(message.mission_type) else { return };
        if message.count > CAPACITY {
            out.push(Self::ack(message.mission_type, MissionResult::NO_SPACE));
            return;
        }
        if !self.ardupilot() {
            match &self.receiving {
                Some(receiving) if receiving.next > 0 || receiving.list != list => return, // Busy.
                _ if self.sending.is_some() => return,
                _ => {}
            }
        }
        let (count, items) = (message.count, Vec::new());
        self.receiving = Some(Receiving { list, count, next: 0, items, asked: now, heard: now });
        if count == 0 {
            self.complete(out);
        } else {
            self.ask(now, out);
        }
    }

    fn complete(&mut self, out: &mut Vec<Packet>) {
        let Some(receiving) = self.receiving.take() else { return };
        out.push(Self::ack(list_number(receiving.list), MissionResult::ACCEPTED));
        let mut items = receiving.items;
        if let (true, Some(item)) = (self.lies, items.get_mut(5)) {
            item.x += 1000;
        }
        self.lists.insert(receiving.list, items);
        self.accepted += 1;
    }

    fn item(&mut self, message: &MissionItemInt, now: Duration, out: &mut Vec<Packet>) {
        let ardupilot = self.ardupilot();
        let Some(receiving) = &mut self.receiving else {
            out.push(Self::ack(message.mission_type, MissionResult::ERROR));
            return;
        };
        if message.mission_type != list_number(receiving.list) || message.seq != receiving.next {
            if ardupilot {
                out.push(Self::ack(message.mission_type, MissionResult::INVALID_SEQUENCE));
            }
            return;
        }
        let mut item = Item::from(message);
        let refused = match self.kind {
            Kind::ArduPilot if item.params[0].is_nan() => Some(MissionResult::INVALID_PARAM1),
            Kind::Px4 if item.frame == 10 => Some(MissionResult::UNSUPPORTED_FRAME),
            _ => None,
        };
        if let Some(result) = refused {
            self.receiving = None;
            out.push(Self::ack(message.mission_type, result));
            return;
        }
        if ardupilot {
            item.frame = [(6, 3), (2, 0), (11, 10)]
                .into_iter()
                .find_map(|(from, to)| (from == item.frame).then_some(to))
                .unwrap_or(item.frame);
            item.z = (item.z * 100.0).round() / 100.0;
        }
        receiving.items.push(item);
        receiving.heard = now;
        receiving.next += 1;
        if receiving.next == receiving.count {
            self.complete(out);
        } else {
            self.ask(now, out);
        }
    }

    fn listed(&mut self, mission_type: u8, now: Duration, out: &mut Vec<Packet>) {
        let Some(list) = list_of(mission_type) else { return };
        if self.receiving.is_some() {
            if self.ardupilot() {
                out.push(Self::ack(mission_type, MissionResult::DENIED));
            }
            return;
        }
        if !self.ardupilot() {
            self.sending = Some((list, 0, now));
        }
        let count = self.lists.get(&list).map_or(0, |items| items.len() as u16);
        let count = MissionCount {
            count,
            target_system: 255,
            target_component: 190,
            mission_type,
            ..Default::default()
        };
        out.push(count.into());
    }

    fn asked(&mut self, message: &MissionRequestInt, now: Duration, out: &mut Vec<Packet>) {
        let Some(list) = list_of(message.mission_type) else { return };
        if !self.ardupilot() {
            let Some((sending, next, heard)) = &mut self.sending else { return };
            *heard = now;
            if *sending == list && message.seq == *next {
                *next += 1;
            } else if *sending != list || message.seq + 1 != *next {
                self.sending = None;
                out.push(Self::ack(message.mission_type, MissionResult::ERROR));
                return;
            }
        }
        let item = self.lists.get(&list).and_then(|items| items.get(usize::from(message.seq)));
        let Some(item) = item else {
            out.push(Self::ack(message.mission_type, MissionResult::INVALID_SEQUENCE));
            return;
        };
        let mut item = mission_item_int(item, list, message.seq);
        if self.ardupilot() && list == List::Mission && message.seq == 0 {
            item.x = 1; // The live home.
        }
        (item.target_system, item.target_component) = (255, 190);
        out.push(item.into());
    }
}

impl Side for Stub {
    fn handle(&mut self, message: &Packet, now: Duration, out: &mut Vec<Packet>) {
        match message {
            Packet::MissionCount(message) => self.counted(message, now, out),
            Packet::MissionItemInt(message) => self.item(message, now, out),
            Packet::MissionRequestList(message) => self.listed(message.mission_type, now, out),
            Packet::MissionRequestInt(message) => self.asked(message, now, out),
            Packet::MissionAck(_) => self.sending = None,
            Packet::MissionClearAll(message) => {
                if let Some(list) = list_of(message.mission_type) {
                    self.lists.remove(&list);
                    out.push(Self::ack(message.mission_type, MissionResult::ACCEPTED));
                }
            }
            _ => {}
        }
    }

    fn handle_timeout(&mut self, now: Duration, out: &mut Vec<Packet>) {
        let (patience, again) = match self.kind {
            Kind::ArduPilot => (Duration::from_secs(8), Duration::from_secs(1)),
            Kind::Px4 => (Duration::from_secs(5), Duration::from_millis(250)),
        };
        if self.sending.is_some_and(|(_, _, heard)| now >= heard + patience) {
            self.sending = None;
        }
        let Some(receiving) = &self.receiving else { return };
        if now >= receiving.heard + patience {
            let list = list_number(receiving.list);
            self.receiving = None;
            if self.ardupilot() {
                out.push(Self::ack(list, MissionResult::OPERATION_CANCELLED));
            }
        } else if now >= receiving.asked + again {
            self.ask(now, out);
        }
    }

    fn due(&self) -> Option<Duration> {
        let again = match self.kind {
            Kind::ArduPilot => Duration::from_secs(1),
            Kind::Px4 => Duration::from_millis(250),
        };
        let sending = self.sending.map(|(_, _, heard)| heard + Duration::from_secs(5));
        let receiving = self.receiving.as_ref().map(|receiving| receiving.asked + again);
        [sending, receiving].into_iter().flatten().min()
    }
}
