//! Mission, fence and rally points as a vehicle takes and gives them.

use std::time::Duration;

use crate::mission::{Action, Frame, Item, List, MOST_ITEMS, Step, has_place};
use crate::wire::packet::{
    MissionAck, MissionClearAll, MissionCount, MissionItem, MissionRequest, MissionRequestInt,
    MissionRequestList,
};
use crate::wire::{
    ComponentId, MissionResult, Packet, SystemId, is_global_frame, list_number, list_of,
    mission_item_int,
};

use super::manners::{Manners, Requests};
use super::params::Misdeeds;

/// Who speaks: a system and a component.
pub(super) type Party = (SystemId, ComponentId);

/// What a vehicle is told to do, and what is being told just now.
#[derive(Debug)]
pub(super) struct Lists {
    manners: &'static Manners,
    misdeeds: Misdeeds,
    mission: Vec<Item>,
    fence: Vec<Item>,
    rally: Vec<Item>,
    upload: Option<Upload>,
    /// Whether an upload has ever begun.
    asked_before: bool,
    /// When a mission was last taken.
    pub(super) taken_at: Option<Duration>,
    /// Items of uploads that came, all in all.
    pub(super) items_come: u16,
}

#[derive(Debug)]
struct Upload {
    from: Party,
    list: List,
    count: u16,
    items: Vec<Item>,
    asked_at: Duration,
    heard_at: Duration,
    very_first: bool,
}

/// What the rest of the vehicle tells this part.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    pub(super) now: Duration,
    pub(super) booting: bool,
    /// Home as an item, zeros before it is known.
    pub(super) home: Item,
}

/// Messages and texts to send.
#[derive(Debug, Default)]
pub(super) struct Says {
    pub(super) packets: Vec<Packet>,
    pub(super) texts: Vec<String>,
}

impl Says {
    pub(super) fn say(&mut self, packet: impl Into<Packet>) {
        self.packets.push(packet.into());
    }

    fn ack(&mut self, to: Party, mission_type: u8, kind: MissionResult) {
        let (target_system, target_component) = (to.0.0, to.1.0);
        self.say(MissionAck {
            target_system,
            target_component,
            kind,
            mission_type,
            ..MissionAck::default()
        });
    }
}

impl Lists {
    pub(super) fn new(manners: &'static Manners, misdeeds: Misdeeds) -> Self {
        Self {
            manners,
            misdeeds,
            mission: Vec::new(),
            fence: Vec::new(),
            rally: Vec::new(),
            upload: None,
            asked_before: false,
            taken_at: None,
            items_come: 0,
        }
    }

    pub(super) fn list(&self, list: List) -> &[Item] {
        match list {
            List::Mission => &self.mission,
            List::Fence => &self.fence,
            List::Rally => &self.rally,
        }
    }

    fn list_mut(&mut self, list: List) -> &mut Vec<Item> {
        match list {
            List::Mission => &mut self.mission,
            List::Fence => &mut self.fence,
            List::Rally => &mut self.rally,
        }
    }

    /// Places before the first step: one where item 0 is home.
    pub(super) fn first_step(&self) -> usize {
        usize::from(self.manners.home_is_item_0)
    }

    /// Whether there is anything to fly.
    pub(super) fn has_mission(&self) -> bool {
        self.mission.len() > self.first_step()
    }

    /// A message about lists; others are left alone.
    pub(super) fn handle(&mut self, from: Party, packet: &Packet, at: Around, says: &mut Says) {
        match packet {
            Packet::MissionCount(count) => self.count(from, count, at, says),
            Packet::MissionItemInt(item) => {
                self.item(from, item.seq, item.mission_type, &Item::from(item), at, says);
            }
            Packet::MissionItem(item) => {
                self.item(from, item.seq, item.mission_type, &Item::from(item), at, says);
            }
            Packet::MissionRequestList(wish) => self.give_count(from, wish, says),
            Packet::MissionRequestInt(MissionRequestInt { seq, mission_type, .. }) => {
                self.give(from, (*seq, *mission_type), true, at, says);
            }
            Packet::MissionRequest(MissionRequest { seq, mission_type, .. }) => {
                self.give(from, (*seq, *mission_type), false, at, says);
            }
            Packet::MissionClearAll(wish) => self.clear(from, wish, says),
            // A station that does not know the old request says so; PX4 then asks in the new form
            // (mavlink_mission.cpp, handle_mission_ack).
            Packet::MissionAck(ack) if ack.kind == MissionResult::UNSUPPORTED => {
                let upload = self.upload.as_mut();
                if let Some(upload) = upload.filter(|upload| upload.from == from) {
                    upload.very_first = false;
                    self.ask(at.now, says);
                }
            }
            _ => {}
        }
    }

    fn count(&mut self, from: Party, message: &MissionCount, at: Around, says: &mut Says) {
        let kind = message.mission_type;
        let Some(list) = list_of(kind) else {
            return says.ack(from, kind, MissionResult::UNSUPPORTED);
        };
        if self.upload.as_ref().is_some_and(|upload| upload.from != from || upload.list != list) {
            return says.ack(from, kind, MissionResult::DENIED);
        }
        let capacity = if at.booting { 0 } else { self.manners.capacity };
        if message.count > capacity {
            says.texts.push(format!("Only {capacity} items are supported"));
            return says.ack(from, kind, MissionResult::NO_SPACE);
        }
        if message.count == 0 {
            self.list_mut(list).clear();
            return says.ack(from, kind, MissionResult::ACCEPTED);
        }
        self.upload = Some(Upload {
            from,
            list,
            count: message.count,
            items: Vec::new(),
            asked_at: at.now,
            heard_at: at.now,
            very_first: !self.asked_before,
        });
        self.asked_before = true;
        self.ask(at.now, says);
    }

    /// Asks for the next item.
    fn ask(&mut self, now: Duration, says: &mut Says) {
        let Some(upload) = &mut self.upload else { return };
        upload.asked_at = now;
        let (target_system, target_component) = (upload.from.0.0, upload.from.1.0);
        let seq = if self.misdeeds.asks_for_ever { 0 } else { upload.items.len() as u16 };
        let mission_type = list_number(upload.list);
        let old = match self.manners.old_requests {
            Requests::Old => true,
            Requests::OldForTheVeryFirst => upload.very_first && seq == 0,
        };
        if old {
            says.say(MissionRequest { seq, target_system, target_component, mission_type });
        } else {
            says.say(MissionRequestInt { seq, target_system, target_component, mission_type });
        }
    }

    fn item(&mut self, from: Party, seq: u16, kind: u8, item: &Item, at: Around, says: &mut Says) {
        let Some(upload) = &mut self.upload else { return };
        if upload.from != from || list_number(upload.list) != kind || self.misdeeds.asks_for_ever {
            upload.heard_at = at.now;
            return;
        }
        if usize::from(seq) != upload.items.len() {
            if self.manners.complains_of_repeats {
                says.ack(from, kind, MissionResult::INVALID_SEQUENCE);
            }
            return;
        }
        self.items_come = self.items_come.saturating_add(1);
        let told = if self.misdeeds.refuses_item == Some(seq) {
            Err(MissionResult::INVALID)
        } else {
            taken(self.manners, upload.list, item)
        };
        match told {
            Ok(item) => upload.items.push(item),
            Err(result) => {
                if result == MissionResult::UNSUPPORTED_FRAME {
                    says.texts.push("IGN MISSION_ITEM: Invalid item".to_owned());
                }
                self.refused();
                return says.ack(from, kind, result);
            }
        }
        upload.heard_at = at.now;
        let whole = upload.items.len() == usize::from(upload.count);
        if whole || self.misdeeds.early_ack {
            self.take(at, says);
            return says.ack(from, kind, MissionResult::ACCEPTED);
        }
        self.ask(at.now, says);
    }

    /// All items are there: the new list is the list.
    fn take(&mut self, at: Around, says: &mut Says) {
        let Some(upload) = self.upload.take() else { return };
        *self.list_mut(upload.list) = upload.items;
        if upload.list == List::Mission {
            self.taken_at = Some(at.now);
        }
        if self.manners.says_received {
            says.texts.push(match upload.list {
                List::Mission => "Flight plan received".to_owned(),
                List::Fence => "Fence received".to_owned(),
                List::Rally => "Rally points received".to_owned(),
            });
        }
    }

    /// A refused upload: ArduPilot has written what came before into the old list already.
    fn refused(&mut self) {
        let Some(upload) = self.upload.take() else { return };
        if !self.manners.keeps_refused_part {
            return;
        }
        let list = self.list_mut(upload.list);
        list.resize(usize::from(upload.count), Item::empty(0, 16));
        for (old, new) in list.iter_mut().zip(upload.items) {
            *old = new;
        }
    }

    fn give_count(&mut self, from: Party, wish: &MissionRequestList, says: &mut Says) {
        let kind = wish.mission_type;
        let Some(list) = list_of(kind) else {
            return says.ack(from, kind, MissionResult::UNSUPPORTED);
        };
        if self.upload.is_some() {
            return if self.manners.acks_busy {
                says.ack(from, kind, MissionResult::DENIED);
            } else {
                says.texts.push("WPM: IGN request list: Busy".to_owned());
            };
        }
        let count = self.list(list).len().min(MOST_ITEMS) as u16;
        says.say(MissionCount {
            count,
            target_system: from.0.0,
            target_component: from.1.0,
            mission_type: kind,
            ..MissionCount::default()
        });
    }

    fn give(
        &self,
        from: Party,
        (seq, kind): (u16, u8),
        in_integers: bool,
        at: Around,
        says: &mut Says,
    ) {
        let Some(list) = list_of(kind) else {
            return says.ack(from, kind, MissionResult::UNSUPPORTED);
        };
        let items = self.list(list);
        let Some(item) = items.get(usize::from(seq)) else {
            return says.ack(from, kind, MissionResult::INVALID_SEQUENCE);
        };
        let live_home = list == List::Mission && seq == 0 && self.manners.home_is_item_0;
        let item = if live_home { at.home } else { *item };
        let mut message = mission_item_int(&item, list, seq);
        (message.target_system, message.target_component) = (from.0.0, from.1.0);
        if in_integers {
            return says.say(message);
        }
        let scale = if is_global_frame(item.frame) { 1e-7 } else { 1.0 };
        let [param1, param2, param3, param4] = item.params;
        says.say(MissionItem {
            param1,
            param2,
            param3,
            param4,
            x: (f64::from(item.x) * scale) as f32,
            y: (f64::from(item.y) * scale) as f32,
            z: item.z,
            seq,
            command: item.command,
            target_system: from.0.0,
            target_component: from.1.0,
            frame: item.frame,
            current: 0,
            autocontinue: u8::from(item.autocontinue),
            mission_type: kind,
        });
    }

    fn clear(&mut self, from: Party, wish: &MissionClearAll, says: &mut Says) {
        let kind = wish.mission_type;
        let lists: &[List] = match list_of(kind) {
            Some(List::Mission) => &[List::Mission],
            Some(List::Fence) => &[List::Fence],
            Some(List::Rally) => &[List::Rally],
            None if kind == 255 && self.manners.clears_all => {
                &[List::Mission, List::Fence, List::Rally]
            }
            None => return says.ack(from, kind, MissionResult::UNSUPPORTED),
        };
        if self.upload.is_some() {
            return says.ack(from, kind, MissionResult::DENIED);
        }
        for &list in lists {
            self.list_mut(list).clear();
        }
        says.ack(from, kind, MissionResult::ACCEPTED);
    }

    /// Time went on: asks again, or loses patience.
    pub(super) fn advance(&mut self, now: Duration, says: &mut Says) {
        let Some(upload) = &self.upload else { return };
        let (from, list) = (upload.from, upload.list);
        let patience = now.saturating_sub(upload.heard_at).as_secs_f64();
        if patience > self.manners.patience_s && !self.misdeeds.asks_for_ever {
            self.refused();
            if self.manners.acks_timeout {
                says.texts.push("Mission upload timeout".to_owned());
                says.ack(from, list_number(list), MissionResult::OPERATION_CANCELLED);
            } else {
                says.texts.push("Operation timeout".to_owned());
            }
        } else if now.saturating_sub(upload.asked_at).as_secs_f64() > self.manners.ask_again_s {
            self.ask(now, says);
        }
    }

    /// A number that another mission does not have (FNV-1a over its items).
    pub(super) fn mission_id(&self) -> u32 {
        let mut hash = 0x811C_9DC5_u32;
        for item in &self.mission {
            for word in [u32::from(item.command), item.x.cast_unsigned(), item.y.cast_unsigned()] {
                hash = (hash ^ word).wrapping_mul(0x0100_0193);
            }
        }
        if self.mission.is_empty() { 0 } else { hash.max(1) }
    }
}

/// What an autopilot makes of an item that comes, or why it refuses it.
fn taken(manners: &Manners, list: List, item: &Item) -> Result<Item, MissionResult> {
    let mut item = *item;
    let frame = Frame::of_code(item.frame);
    match frame {
        Frame::Other(_) => return Err(MissionResult::UNSUPPORTED_FRAME),
        Frame::AboveTerrain | Frame::AboveTerrainInt if !manners.terrain_frames => {
            return Err(MissionResult::UNSUPPORTED_FRAME);
        }
        _ => {}
    }
    if list == List::Mission {
        let known = !matches!(Step::of_item(&item).action, Action::Other(_))
            || matches!(
                item.command,
                16..=22 | 31 | 82 | 93..=95 | 112..=115 | 177..=214 | 530..=601 | 1000 | 1001
                    | 2000 | 2001 | 2500 | 2501
            );
        if !known {
            return Err(MissionResult::UNSUPPORTED);
        }
        if manners.needs_mission_frame
            && frame != Frame::Mission
            && (!has_place(item.command) || matches!(item.command, 179 | 189))
        {
            return Err(MissionResult::UNSUPPORTED);
        }
    }
    if item.has_place() && (item.x.abs() > 900_000_000 || item.y.abs() > 1_800_000_000) {
        return Err(MissionResult::INVALID_PARAM5_X);
    }
    if manners.takes_nan {
        return Ok(item);
    }
    if matches!(item.command, 16 | 17 | 21 | 22) && item.params[3].is_nan() {
        item.params[3] = 0.0;
    }
    let refusals = [
        MissionResult::INVALID_PARAM1,
        MissionResult::INVALID_PARAM2,
        MissionResult::INVALID_PARAM3,
        MissionResult::INVALID_PARAM4,
    ];
    if let Some((_, result)) = item.params.iter().zip(refusals).find(|(param, _)| param.is_nan()) {
        return Err(result);
    }
    if item.z.is_nan() {
        return Err(MissionResult::INVALID_PARAM7);
    }
    // Kept as its own structures hold it: centimetres, whole metres of a radius, fewer frames.
    item.frame = match frame {
        Frame::AboveHomeInt => 3,
        Frame::Mission | Frame::AmslInt => 0,
        Frame::AboveTerrainInt => 10,
        other => other.code(),
    };
    if item.has_place() {
        item.z = (item.z * 100.0).round() / 100.0;
    }
    if item.command == 16 {
        item.params[1] = item.params[1].round();
    }
    Ok(item)
}
