//! Commands, in both forms, and what becomes of them.

use crate::mission::{Action, Item, Step, has_place};
use crate::wire::packet::{CommandAck, CommandInt, CommandLong, MessageInterval};
use crate::wire::{CommandResult, Packet};

use super::engine::Vehicle;
use super::lists::{Party, Says};
use super::params::Autopilot;
use super::pilot::Mode;

// MAV_CMD of common.xml.
const TAKE_OFF: u16 = 22;
const LAND: u16 = 21;
const RETURN: u16 = 20;
const SET_MODE: u16 = 176;
const SET_HOME: u16 = 179;
const REPOSITION: u16 = 192;
const PAUSE_CONTINUE: u16 = 193;
const SET_CURRENT: u16 = 224;
const REBOOT: u16 = 246;
const START_MISSION: u16 = 300;
const ARM: u16 = 400;
const GET_HOME: u16 = 410;
const GET_INTERVAL: u16 = 510;
const SET_INTERVAL: u16 = 511;
const REQUEST_MESSAGE: u16 = 512;
const REQUEST_VERSION: u16 = 520;
const REQUEST_CAMERA: u16 = 521;
const CONFIGURE_GIMBAL: u16 = 1001;
/// Arming without any check (MAV_CMD_COMPONENT_ARM_DISARM, parameter 2).
const FORCE: f32 = 21196.0;

/// A command, from a message or from a mission.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    item: Item,
}

impl Order {
    pub(super) fn of_item(item: &Item) -> Self {
        Self { item: *item }
    }

    fn of_int(message: &CommandInt) -> Self {
        let item = Item {
            params: [message.param1, message.param2, message.param3, message.param4],
            x: message.x,
            y: message.y,
            z: message.z,
            ..Item::empty(message.frame, message.command)
        };
        Self { item }
    }

    /// Places as floats, heights above home.
    fn of_long(message: &CommandLong) -> Self {
        let mut item = Item {
            params: [message.param1, message.param2, message.param3, message.param4],
            z: message.param7,
            ..Item::empty(3, message.command)
        };
        let scale = if item.has_place() { 1e7 } else { 1.0 };
        let whole = |value: f32| (f64::from(value) * scale).round() as i32;
        (item.x, item.y) = (whole(message.param5), whole(message.param6));
        // MAVSDK fills what a command does not use with NaN, for all but ArduPilot.
        if !has_place(item.command) && item.z.is_nan() {
            item.z = 0.0;
        }
        Self { item }
    }
}

impl Vehicle {
    /// A command came.
    pub(super) fn command(&mut self, from: Party, packet: &Packet, says: &mut Says) {
        let (order, system) = match packet {
            Packet::CommandLong(message) => (Order::of_long(message), message.target_system),
            Packet::CommandInt(message) => (Order::of_int(message), message.target_system),
            Packet::SetMode(wish) => {
                if let Some(mode) = self.manners.modes.mode(wish.custom_mode) {
                    self.enter(mode);
                }
                return;
            }
            _ => return,
        };
        if system != 0 && system != self.params.system {
            return;
        }
        let command = order.item.command;
        let result = self.obey(from, &order, says);
        says.packets.insert(
            0,
            CommandAck {
                command,
                result,
                target_system: from.0.0,
                target_component: from.1.0,
                ..CommandAck::default()
            }
            .into(),
        );
        if command == REBOOT && result == CommandResult::ACCEPTED {
            self.reboot();
        }
    }

    /// Does what a step or a command says beside flying; `false` where it is nothing of the kind.
    pub(super) fn follow(&mut self, order: &Order) -> bool {
        let action = Step::of_item(&order.item).action;
        let here_m = self.body.estimate_m();
        if self.camera.follow(&action, self.now, [here_m.x, here_m.y]) {
            return true;
        }
        let radians = |degrees: f32| f64::from(degrees).to_radians();
        match action {
            Action::Gimbal { pitch_deg, yaw_deg, flags, .. } => self.gimbal.point(
                pitch_deg.map(radians),
                yaw_deg.map(radians),
                flags.cast_unsigned(),
            ),
            Action::Mount { pitch_deg, yaw_deg, .. } => {
                self.gimbal.point(Some(radians(pitch_deg)), Some(radians(yaw_deg)), 32);
            }
            Action::LookAt { .. } | Action::Roi { .. } => {
                let ground = |at: [f64; 2]| self.ground_up_m(at);
                let home_m = self.pilot.home_m.z;
                let target = self.around.target_m(&order.item, &here_m, home_m, ground);
                let nowhere = (order.item.x, order.item.y) == (0, 0);
                self.gimbal.look_at((!nowhere).then_some([target.x, target.y, target.z]));
            }
            Action::LookAhead { .. } => self.gimbal.look_at(None),
            Action::Speed { kind, speed_m_s, .. } if kind < 2.0 => {
                self.pilot.speed_m_s = match speed_m_s {
                    told if told > 0.0 => f64::from(told),
                    -2.0 => self.manners.cruise_m_s,
                    _ => self.pilot.speed_m_s,
                };
            }
            _ => return false,
        }
        true
    }

    fn obey(&mut self, from: Party, order: &Order, says: &mut Says) -> CommandResult {
        let [p1, p2, ..] = order.item.params;
        match order.item.command {
            ARM => self.arm(p1, p2),
            SET_MODE => self.mode_command(p1, p2, order.item.params[2]),
            START_MISSION => self.start_mission(),
            TAKE_OFF if self.pilot.armed => {
                let mut target_m = self.body.estimate_m();
                target_m.z = f64::from(order.item.z);
                self.enter(Mode::Guided);
                self.pilot.stay_m = Some(target_m);
                CommandResult::ACCEPTED
            }
            TAKE_OFF => CommandResult::FAILED,
            RETURN => self.enter_accepted(Mode::Home),
            LAND => self.enter_accepted(Mode::Land),
            REPOSITION if self.pilot.armed => {
                let here_m = self.body.estimate_m();
                let ground = |at: [f64; 2]| self.ground_up_m(at);
                let home_m = self.pilot.home_m.z;
                let target_m = self.around.target_m(&order.item, &here_m, home_m, ground);
                self.enter(Mode::Guided);
                self.pilot.stay_m = Some(target_m);
                CommandResult::ACCEPTED
            }
            REPOSITION => CommandResult::DENIED,
            PAUSE_CONTINUE => match self.pilot.mode {
                Mode::Mission if p1 == 0.0 => self.enter_accepted(Mode::Hold),
                Mode::Hold if p1 == 1.0 => self.enter_accepted(Mode::Mission),
                _ => CommandResult::DENIED,
            },
            SET_CURRENT => {
                self.pilot.set_current(p1.max(0.0) as usize);
                CommandResult::ACCEPTED
            }
            SET_HOME if p1 == 1.0 => {
                self.set_home_here();
                CommandResult::ACCEPTED
            }
            REBOOT if self.pilot.armed => CommandResult::DENIED,
            REBOOT => CommandResult::ACCEPTED,
            CONFIGURE_GIMBAL => {
                self.gimbal.controller = (p1 != -3.0).then_some(from);
                CommandResult::ACCEPTED
            }
            _ => self.tell(order, says),
        }
    }

    /// Commands that ask for messages, and those of camera and gimbal.
    fn tell(&mut self, order: &Order, says: &mut Says) -> CommandResult {
        let [p1, p2, ..] = order.item.params;
        let id = p1.max(0.0) as u32;
        match order.item.command {
            SET_INTERVAL => {
                self.streams.set(id, f64::from(p2), self.now);
                CommandResult::ACCEPTED
            }
            GET_INTERVAL => {
                let interval_us = self.streams.interval_us(id);
                says.say(MessageInterval { interval_us, message_id: id as u16 });
                CommandResult::ACCEPTED
            }
            REQUEST_MESSAGE => self.request(id, p2, says),
            REQUEST_VERSION => self.request(148, 0.0, says),
            REQUEST_CAMERA => self.request(259, 0.0, says),
            GET_HOME => self.request(242, 0.0, says),
            _ if self.follow(order) => CommandResult::ACCEPTED,
            _ => CommandResult::UNSUPPORTED,
        }
    }

    /// One message, once; of those that it has several of, the one with this index.
    fn request(&self, id: u32, index: f32, says: &mut Says) -> CommandResult {
        match (id, self.params.autopilot) {
            // Component metadata: PX4 says yes, ArduPilot has none.
            (397, Autopilot::ArduPilot) | (263, Autopilot::ArduPilot) => CommandResult::FAILED,
            (397, Autopilot::Px4) => CommandResult::ACCEPTED,
            // There is no thermal driver that would fill it.
            (277, Autopilot::ArduPilot) => CommandResult::ACCEPTED,
            (180, Autopilot::ArduPilot) | (263, Autopilot::Px4)
                if self.told_shot(index).is_some() =>
            {
                says.packets.extend(self.told_shot(index).cloned());
                CommandResult::ACCEPTED
            }
            _ => match self.about(id) {
                Some(packet) => {
                    says.packets.push(packet);
                    CommandResult::ACCEPTED
                }
                None if self.params.autopilot == Autopilot::Px4 => CommandResult::DENIED,
                None => CommandResult::FAILED,
            },
        }
    }

    fn enter_accepted(&mut self, mode: Mode) -> CommandResult {
        self.enter(mode);
        CommandResult::ACCEPTED
    }

    /// Whether the time after an upload has passed in which PX4 is not ready.
    fn is_settled(&self) -> bool {
        let since = self.lists.taken_at.map(|at| self.now.saturating_sub(at).as_secs_f64());
        since.is_none_or(|since| since >= self.manners.unready_after_upload_s)
    }

    fn mode_command(&mut self, base: f32, main: f32, sub: f32) -> CommandResult {
        let number = match self.params.autopilot {
            Autopilot::ArduPilot => main.max(0.0) as u32,
            Autopilot::Px4 => (main.max(0.0) as u32) << 16 | (sub.max(0.0) as u32) << 24,
        };
        if base as u32 & 1 == 0 {
            return CommandResult::UNSUPPORTED;
        }
        let Some(mode) = self.manners.modes.mode(number) else {
            return CommandResult::UNSUPPORTED;
        };
        let px4 = self.params.autopilot == Autopilot::Px4;
        if mode == Mode::Mission && px4 && !(self.is_settled() && self.lists.has_mission()) {
            return CommandResult::TEMPORARILY_REJECTED;
        }
        if matches!(mode, Mode::Mission | Mode::Guided | Mode::Home) && !self.has_fix() {
            self.text("Mode change failed: requires position");
            return CommandResult::FAILED;
        }
        self.enter_accepted(mode)
    }

    /// ArduPilot accepts nearly always, and stays disarmed if it is; PX4 arms.
    fn start_mission(&mut self) -> CommandResult {
        if self.params.autopilot == Autopilot::Px4 {
            if !self.is_settled() || !self.lists.has_mission() {
                self.text("No valid mission available, refusing takeoff");
                return CommandResult::DENIED;
            }
            self.enter(Mode::Mission);
            return self.arm(1.0, 0.0);
        }
        self.enter_accepted(Mode::Mission)
    }

    pub(super) fn arm(&mut self, wish: f32, force: f32) -> CommandResult {
        if wish != 1.0 {
            if self.is_flying() && force != FORCE {
                return CommandResult::DENIED;
            }
            self.pilot.armed = false;
            return CommandResult::ACCEPTED;
        }
        let reason = if self.is_booting() {
            Some("PreArm: Waiting for initialisation")
        } else if !self.has_fix() {
            Some("PreArm: Need Position Estimate")
        } else if self.pilot.mode == Mode::Mission && !self.lists.has_mission() {
            Some("PreArm: Mode requires mission")
        } else if self.needs_terrain() {
            Some("PreArm: waiting for terrain data")
        } else {
            None
        };
        if let Some(reason) = reason.filter(|_| force != FORCE) {
            self.text(reason);
            return match self.params.autopilot {
                Autopilot::ArduPilot => CommandResult::FAILED,
                Autopilot::Px4 => CommandResult::TEMPORARILY_REJECTED,
            };
        }
        if !self.pilot.armed {
            // Home is where it is armed.
            self.set_home_here();
            self.pilot.armed = true;
            self.pilot.set_current(0);
            self.text("Arming motors");
        }
        CommandResult::ACCEPTED
    }

    /// Whether its mission needs heights that it does not have yet.
    fn needs_terrain(&self) -> bool {
        let mission = self.lists.list(crate::mission::List::Mission);
        let above_terrain = mission.iter().any(|item| item.has_place() && item.frame == 10);
        above_terrain && !self.terrain.is_loaded()
    }
}
