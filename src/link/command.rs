//! One command: sent until it is answered, in the form that the vehicle takes.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use crate::wire::packet::{CommandAck, CommandInt, CommandLong};
use crate::wire::{CommandResult, Packet};

use super::{Engine, Error, Peer, Received, Route, Step};

/// Sent again after this; long radio paths have a round trip of a second.
const WAIT: Duration = Duration::from_millis(700);
/// Tries without any answer.
const TRIES: u32 = 8;
/// `TEMPORARILY_REJECTED` means later: tried again after this,
const LATER: Duration = Duration::from_secs(1);
/// for so long.
const MOST_LATER: Duration = Duration::from_secs(10);
/// After `IN_PROGRESS` the next word may take so long.
const IN_PROGRESS: Duration = Duration::from_secs(30);
/// and all of it so long: a vehicle that is in progress for ever is stuck.
const MOST_IN_PROGRESS: Duration = Duration::from_secs(600);
/// `MAV_FRAME_GLOBAL`, for commands without a place.
const NO_FRAME: u8 = 0;

/// What a command is told with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wanted {
    /// `MAV_CMD`.
    pub command: u16,
    /// Parameters 1 to 4.
    pub params: [f32; 4],
    /// Its place.
    pub place: Place,
}

/// Parameters 5 to 7.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// They are numbers like the others.
    Numbers([f32; 3]),
    /// A place on Earth; sent as whole numbers, since single precision loses a metre.
    Global {
        /// `MAV_FRAME`, a global one.
        frame: u8,
        /// Latitude in 1e-7 degree.
        lat_e7: i32,
        /// Longitude in 1e-7 degree.
        lon_e7: i32,
        /// Height by the frame.
        height_m: f32,
    },
}

impl Wanted {
    /// A command with numbers only.
    #[must_use]
    pub fn new(command: u16, params: [f32; 4]) -> Self {
        Self { command, params, place: Place::Numbers([0.0; 3]) }
    }

    /// `MAV_CMD_REQUEST_MESSAGE`: a message once. What it asks for may come before the answer.
    #[must_use]
    pub fn message(id: u32, number: f32) -> Self {
        Self::new(512, [id as f32, number, 0.0, 0.0])
    }
}

/// Commands that arm a vehicle, move it, or let it go on: what is flown, mode, arming, mission
/// start, pause and go on, reposition, motors, termination, actuators.
#[must_use]
pub fn moves_or_arms(command: u16) -> bool {
    matches!(command, 0..=99 | 176 | 181..=187 | 189..=194 | 209 | 210 | 252 | 300 | 310 | 400 | 420
        | 3000..=3001)
}

/// One outstanding command for each target and number: an answer does not say which it is of.
#[derive(Debug, Clone, Default)]
pub struct Commands(BTreeSet<(Peer, u16)>);

impl Commands {
    /// Begins a command; `None` while the same is under way.
    pub fn begin(&mut self, route: Route, wanted: Wanted, now: Duration) -> Option<Command> {
        self.0.insert((route.them, wanted.command)).then(|| Command::new(route, wanted, now))
    }

    /// It is over.
    pub fn end(&mut self, route: Route, command: u16) {
        self.0.remove(&(route.them, command));
    }
}

/// An answer that was yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// `result_param2` of the answer.
    pub detail: i32,
}

/// The engine.
#[derive(Debug)]
pub struct Command {
    route: Route,
    wanted: Wanted,
    /// As COMMAND_INT; else as COMMAND_LONG.
    whole: bool,
    changed_form: bool,
    tries: u32,
    begun: Duration,
    due: Duration,
    in_progress: Option<u8>,
    out: VecDeque<Packet>,
    tell_progress: bool,
    outcome: Option<Result<Accepted, Error>>,
}

impl Command {
    /// Begins at once, with COMMAND_INT; see [`Commands`] for why there is one at a time.
    #[must_use]
    pub fn new(route: Route, wanted: Wanted, now: Duration) -> Self {
        Self {
            route,
            wanted,
            whole: true,
            changed_form: false,
            tries: 0,
            begun: now,
            due: now,
            in_progress: None,
            out: VecDeque::new(),
            tell_progress: false,
            outcome: None,
        }
    }

    fn packet(&self) -> Packet {
        let (target_system, target_component) =
            (self.route.them.system.0, self.route.them.component.0);
        let [param1, param2, param3, param4] = self.wanted.params;
        let command = self.wanted.command;
        if self.whole {
            let (frame, x, y, z) = match self.wanted.place {
                Place::Numbers([x, y, z]) => (NO_FRAME, x.round() as i32, y.round() as i32, z),
                Place::Global { frame, lat_e7, lon_e7, height_m } => {
                    (frame, lat_e7, lon_e7, height_m)
                }
            };
            let current = 0;
            return CommandInt {
                param1,
                param2,
                param3,
                param4,
                x,
                y,
                z,
                command,
                target_system,
                target_component,
                frame,
                current,
                autocontinue: 0,
            }
            .into();
        }
        let [param5, param6, param7] = match self.wanted.place {
            Place::Numbers(numbers) => numbers,
            Place::Global { lat_e7, lon_e7, height_m, .. } => {
                [(f64::from(lat_e7) / 1e7) as f32, (f64::from(lon_e7) / 1e7) as f32, height_m]
            }
        };
        CommandLong {
            param1,
            param2,
            param3,
            param4,
            param5,
            param6,
            param7,
            command,
            target_system,
            target_component,
            confirmation: u8::try_from(self.tries.saturating_sub(1)).unwrap_or(u8::MAX),
        }
        .into()
    }

    /// The other form, once.
    fn other_form(&mut self, whole: bool, result: CommandResult, now: Duration) {
        if self.changed_form || self.whole == whole {
            self.refuse(result);
            return;
        }
        (self.changed_form, self.whole, self.tries, self.due) = (true, whole, 0, now);
    }

    fn refuse(&mut self, result: CommandResult) {
        self.outcome = Some(Err(Error::Command { command: self.wanted.command, result }));
    }

    fn answered(&mut self, ack: &CommandAck, now: Duration) {
        match ack.result {
            CommandResult::ACCEPTED => {
                self.outcome = Some(Ok(Accepted { detail: ack.result_param2 }));
            }
            CommandResult::IN_PROGRESS => {
                self.in_progress = Some(ack.progress);
                self.tell_progress = true;
                self.due = (now + IN_PROGRESS).min(self.begun + MOST_IN_PROGRESS);
            }
            CommandResult::TEMPORARILY_REJECTED if now.saturating_sub(self.begun) < MOST_LATER => {
                self.tries = 0;
                self.due = now + LATER;
            }
            CommandResult::COMMAND_INT_ONLY => self.other_form(true, ack.result, now),
            // Older vehicles know a command in the long form only, and say they do not know it.
            CommandResult::COMMAND_LONG_ONLY | CommandResult::UNSUPPORTED if self.whole => {
                self.other_form(false, ack.result, now);
            }
            result => self.refuse(result),
        }
    }
}

impl Engine for Command {
    type Outcome = Result<Accepted, Error>;

    fn handle(&mut self, message: &Received, now: Duration) {
        let Packet::CommandAck(ack) = &message.packet else { return };
        let ours = message.from == self.route.them
            && ack.command == self.wanted.command
            && self.route.us.is_meant(ack.target_system, ack.target_component);
        if ours && self.tries > 0 && self.outcome.is_none() {
            self.answered(ack, now);
        }
    }

    fn handle_timeout(&mut self, now: Duration) {
        if now < self.due || self.outcome.is_some() {
            return;
        }
        if self.tries >= TRIES || self.in_progress.is_some() {
            let doing = format!("command {}", self.wanted.command);
            let waited_s = now.saturating_sub(self.begun).as_secs_f64();
            self.outcome = Some(Err(Error::Silent { doing, waited_s }));
            return;
        }
        self.tries += 1;
        self.due = now + WAIT;
        let packet = self.packet();
        self.out.push_back(packet);
    }

    fn poll(&mut self) -> Step<Self::Outcome> {
        if let Some(packet) = self.out.pop_front() {
            return Step::Send(packet);
        }
        if std::mem::take(&mut self.tell_progress) {
            // 255 is not known.
            let done = self.in_progress.filter(|percent| *percent <= 100).unwrap_or(0);
            return Step::Progress { done: usize::from(done), total: 100 };
        }
        self.outcome.take().map_or(Step::Wait(self.due), Step::Done)
    }
}
