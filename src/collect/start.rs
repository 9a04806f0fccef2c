//! What is sent when a person says "fly", "pause", "go on" or "return": modes, and for ArduPilot
//! the start of the mission. Nothing here arms: `MISSION_START` is not sent to PX4, which would arm
//! by it, nor to a vehicle that is not armed.

use std::time::Duration;

use crate::wire::packet::CommandLong;
use crate::wire::{CommandResult, Packet};

use super::aircraft::Aircraft;
use super::modes::modes;

/// `MAV_CMD_DO_SET_MODE` and `MAV_CMD_MISSION_START`.
const SET_MODE: u16 = 176;
const START: u16 = 300;
/// `MAV_MODE_FLAG_CUSTOM_MODE_ENABLED`.
const CUSTOM: f32 = 1.0;
/// A command without an answer is sent again after this, so many times (mavlink.io, "Command
/// Protocol", leaves both to the sender; QGroundControl takes 3 s and 3 times).
const AGAIN_AFTER: Duration = Duration::from_secs(1);
const TRIES: u8 = 5;

/// What a person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Fly the mission, or go on with it.
    Fly,
    /// Stay where it is.
    Hold,
    /// Go home and land.
    Return,
}

/// How an order ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The vehicle said yes to all of it.
    Done,
    /// It said no.
    Refused(CommandResult),
    /// It does not answer.
    Silent,
    /// It is not armed, and nobody here arms it.
    NotArmed,
    /// Its modes are not known.
    UnknownAutopilot,
}

/// An order on its way.
#[derive(Debug)]
pub struct Start {
    /// Command, parameters 1 to 3.
    left: Vec<(u16, [f32; 3])>,
    tries: u8,
    sent_at: Option<Duration>,
    outcome: Option<Outcome>,
}

impl Start {
    /// Of an order, for a vehicle as it is now.
    #[must_use]
    pub fn new(order: Order, aircraft: &Aircraft) -> Self {
        let known = modes(aircraft.autopilot);
        let mut left = Vec::new();
        let mut outcome = None;
        match known {
            None => outcome = Some(Outcome::UnknownAutopilot),
            Some(_) if order == Order::Fly && !aircraft.armed => outcome = Some(Outcome::NotArmed),
            Some(modes) => {
                let [main, sub] = match order {
                    Order::Fly => modes.mission,
                    Order::Hold => modes.hold,
                    Order::Return => modes.home,
                };
                left.push((SET_MODE, [CUSTOM, f32::from(main), f32::from(sub)]));
                if order == Order::Fly && modes.needs_start {
                    left.push((START, [0.0; 3]));
                }
            }
        }
        Self { left, tries: 0, sent_at: None, outcome }
    }

    /// An answer, maybe.
    pub fn handle(&mut self, packet: &Packet) {
        let Packet::CommandAck(ack) = packet else { return };
        if self.left.first().is_none_or(|(command, _)| *command != ack.command) {
            return;
        }
        match ack.result {
            CommandResult::ACCEPTED => {
                self.left.remove(0);
                (self.tries, self.sent_at) = (0, None);
                if self.left.is_empty() {
                    self.outcome = Some(Outcome::Done);
                }
            }
            // It is asked again when its time has come.
            CommandResult::IN_PROGRESS | CommandResult::TEMPORARILY_REJECTED
                if self.tries < TRIES => {}
            other => self.outcome = Some(Outcome::Refused(other)),
        }
    }

    /// What is to be sent now.
    pub fn poll(&mut self, target_system: u8, now: Duration) -> Option<Packet> {
        let due = self.sent_at.is_none_or(|at| now.saturating_sub(at) >= AGAIN_AFTER);
        let &(command, [param1, param2, param3]) = self.left.first()?;
        if self.outcome.is_some() || !due {
            return None;
        }
        if self.tries >= TRIES {
            self.outcome = Some(Outcome::Silent);
            return None;
        }
        let confirmation = self.tries;
        self.tries += 1;
        self.sent_at = Some(now);
        let message = CommandLong {
            param1,
            param2,
            param3,
            command,
            target_system,
            target_component: 1,
            confirmation,
            ..CommandLong::default()
        };
        Some(message.into())
    }

    /// How it ended, once it has.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::packet::CommandAck;

    fn commands(start: &mut Start) -> Vec<u16> {
        let mut sent = Vec::new();
        for second in 0..20 {
            let Some(Packet::CommandLong(order)) = start.poll(1, Duration::from_secs(second))
            else {
                continue;
            };
            sent.push(order.command);
            let result = CommandResult::ACCEPTED;
            start.handle(
                &CommandAck { command: order.command, result, ..Default::default() }.into(),
            );
        }
        sent
    }

    #[test]
    fn nothing_is_sent_that_arms() {
        for (autopilot, expected) in [(3, vec![SET_MODE, START]), (12, vec![SET_MODE])] {
            let idle = Aircraft { autopilot, ..Aircraft::default() };
            let mut start = Start::new(Order::Fly, &idle);
            assert!(commands(&mut start).is_empty());
            assert_eq!(start.outcome(), Some(Outcome::NotArmed));
            let armed = Aircraft { armed: true, ..idle };
            let mut start = Start::new(Order::Fly, &armed);
            assert_eq!(commands(&mut start), expected);
            assert_eq!(start.outcome(), Some(Outcome::Done));
        }
    }

    #[test]
    fn silence_ends_it() {
        let armed = Aircraft { autopilot: 3, armed: true, ..Aircraft::default() };
        let mut start = Start::new(Order::Hold, &armed);
        let sent = (0..60).filter_map(|s| start.poll(1, Duration::from_secs(s))).count();
        assert_eq!((sent, start.outcome()), (5, Some(Outcome::Silent)));
    }
}
