//! Empties a list. ArduPilot clears nothing when all are named at once, so each is named.

use std::time::Duration;

use crate::mission::List;
use crate::wire::packet::MissionClearAll;
use crate::wire::{MissionResult, Packet, list_number};

use super::error::list_name;
use super::upload::SILENT;
use super::{Engine, Error, Received, Route, Step};

/// Asked again after so long: as QGroundControl waits for an answer.
const WAIT: Duration = Duration::from_millis(500);

/// The engine.
#[derive(Debug)]
pub struct Clear {
    route: Route,
    list: List,
    begun: Duration,
    due: Duration,
    to_send: bool,
    outcome: Option<Result<(), Error>>,
}

impl Clear {
    /// Begins at once.
    #[must_use]
    pub fn new(route: Route, list: List, now: Duration) -> Self {
        Self { route, list, begun: now, due: now, to_send: false, outcome: None }
    }
}

impl Engine for Clear {
    type Outcome = Result<(), Error>;

    fn handle(&mut self, message: &Received, _now: Duration) {
        let Packet::MissionAck(ack) = &message.packet else { return };
        let ours = self.route.transfers(message, self.list);
        if !ours || self.outcome.is_some() || self.due == self.begun {
            return;
        }
        self.outcome = match ack.kind {
            MissionResult::ACCEPTED => Some(Ok(())),
            MissionResult::INVALID_SEQUENCE => None, // Of an upload before.
            result => Some(Err(Error::Refused { list: self.list, result, item: None })),
        };
    }

    fn handle_timeout(&mut self, now: Duration) {
        let silent = now.saturating_sub(self.begun);
        if now < self.due || self.outcome.is_some() {
            return;
        }
        if silent > SILENT {
            let doing = format!("clearing the {}", list_name(self.list));
            let waited_s = silent.as_secs_f64();
            self.outcome = Some(Err(Error::Silent { doing, waited_s }));
        } else {
            self.to_send = true;
            self.due = now + WAIT;
        }
    }

    fn poll(&mut self) -> Step<Self::Outcome> {
        if std::mem::take(&mut self.to_send) {
            let clear = MissionClearAll {
                target_system: self.route.them.system.0,
                target_component: self.route.them.component.0,
                mission_type: list_number(self.list),
            };
            return Step::Send(clear.into());
        }
        self.outcome.take().map_or(Step::Wait(self.due), Step::Done)
    }
}
