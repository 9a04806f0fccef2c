//! What is sent when a person says "fly", "pause", "go on" or "return": modes, and for ArduPilot
//! the start of the mission. Nothing here arms: `MISSION_START` is not sent to PX4, which would arm
//! by it, nor to a vehicle that is not armed.

use std::collections::VecDeque;
use std::time::Duration;

use crate::link::{Accepted, Command, Engine, Error, Peer, Received, Route, Step, Wanted};
use crate::wire::CommandResult;

use super::aircraft::Aircraft;
use super::modes::modes;

/// `MAV_CMD_DO_SET_MODE` and `MAV_CMD_MISSION_START`.
const SET_MODE: u16 = 176;
const START: u16 = 300;
/// `MAV_MODE_FLAG_CUSTOM_MODE_ENABLED`.
const CUSTOM: f32 = 1.0;
/// `MAV_COMP_ID_AUTOPILOT1`.
const AUTOPILOT: u8 = 1;

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

/// An order on its way: its commands, one after the other.
#[derive(Debug)]
pub struct Start {
    route: Route,
    left: VecDeque<Wanted>,
    under_way: Option<Command>,
    outcome: Option<Outcome>,
}

impl Start {
    /// Of an order, for a vehicle as it is now.
    #[must_use]
    pub fn new(order: Order, aircraft: &Aircraft) -> Self {
        let known = modes(aircraft.autopilot);
        let mut left = VecDeque::new();
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
                let mode = [CUSTOM, f32::from(main), f32::from(sub), 0.0];
                left.push_back(Wanted::new(SET_MODE, mode));
                if order == Order::Fly && modes.needs_start {
                    left.push_back(Wanted::new(START, [0.0; 4]));
                }
            }
        }
        let system = aircraft.system.map_or(0, |system| system.0);
        let route = Route { us: Peer::STATION, them: Peer::new(system, AUTOPILOT) };
        Self { route, left, under_way: None, outcome }
    }

    fn answered(&mut self, answer: &Result<Accepted, Error>) {
        self.under_way = None;
        match answer {
            Ok(_) if self.left.is_empty() => self.outcome = Some(Outcome::Done),
            Ok(_) => {}
            Err(Error::Command { result, .. }) => self.outcome = Some(Outcome::Refused(*result)),
            Err(_) => self.outcome = Some(Outcome::Silent),
        }
    }
}

impl Engine for Start {
    type Outcome = Outcome;

    fn handle(&mut self, message: &Received, now: Duration) {
        if let Some(command) = &mut self.under_way {
            command.handle(message, now);
        }
    }

    fn handle_timeout(&mut self, now: Duration) {
        if self.under_way.is_none() && self.outcome.is_none() {
            let next = self.left.pop_front();
            self.under_way = next.map(|wanted| Command::new(self.route, wanted, now));
        }
        if let Some(command) = &mut self.under_way {
            command.handle_timeout(now);
        }
    }

    fn poll(&mut self) -> Step<Outcome> {
        while let Some(command) = &mut self.under_way {
            match command.poll() {
                Step::Done(answer) => self.answered(&answer),
                // How far a change of mode is says nothing to a person.
                Step::Progress { .. } => {}
                Step::Send(packet) => return Step::Send(packet),
                Step::Wait(until) => return Step::Wait(until),
            }
        }
        // The next command begins with the time.
        self.outcome.map_or(Step::Wait(Duration::ZERO), Step::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::packet::CommandAck;
    use crate::wire::{Packet, SystemId};

    /// Speaks with a vehicle that answers each command so; which commands it got.
    fn converse(start: &mut Start, says: Option<(Peer, CommandResult)>) -> (Vec<u16>, Outcome) {
        let mut got = Vec::new();
        for tenth in 0..1000 {
            let now = Duration::from_millis(tenth * 100);
            start.handle_timeout(now);
            loop {
                let command = match start.poll() {
                    Step::Done(outcome) => return (got, outcome),
                    Step::Send(Packet::CommandInt(order)) => order.command,
                    Step::Send(Packet::CommandLong(order)) => order.command,
                    _ => break,
                };
                got.push(command);
                if let Some((from, result)) = says {
                    let ack = CommandAck { command, result, ..Default::default() };
                    start.handle(&Received { from, packet: ack.into() }, now);
                }
            }
        }
        panic!("it never ends");
    }

    const VEHICLE: Peer = Peer::new(7, AUTOPILOT);

    fn armed(autopilot: u8) -> Aircraft {
        Aircraft { autopilot, armed: true, system: Some(SystemId(7)), ..Aircraft::default() }
    }

    #[test]
    fn nothing_is_sent_that_arms() {
        let yes = Some((VEHICLE, CommandResult::ACCEPTED));
        for (autopilot, expected) in [(3, vec![SET_MODE, START]), (12, vec![SET_MODE])] {
            let idle = Aircraft { armed: false, ..armed(autopilot) };
            let mut start = Start::new(Order::Fly, &idle);
            assert_eq!(converse(&mut start, yes), (Vec::new(), Outcome::NotArmed));
            let mut start = Start::new(Order::Fly, &armed(autopilot));
            assert_eq!(converse(&mut start, yes), (expected, Outcome::Done));
        }
    }

    #[test]
    fn silence_ends_it_and_so_does_a_no() {
        let mut start = Start::new(Order::Hold, &armed(3));
        assert_eq!(converse(&mut start, None).1, Outcome::Silent);
        let mut start = Start::new(Order::Fly, &armed(3));
        let no = Some((VEHICLE, CommandResult::DENIED));
        assert_eq!(
            converse(&mut start, no),
            (vec![SET_MODE], Outcome::Refused(CommandResult::DENIED))
        );
    }

    #[test]
    fn nobody_else_answers_for_the_vehicle() {
        let mut start = Start::new(Order::Return, &armed(12));
        let camera = Some((Peer::new(7, 100), CommandResult::ACCEPTED));
        assert_eq!(converse(&mut start, camera).1, Outcome::Silent);
    }
}
