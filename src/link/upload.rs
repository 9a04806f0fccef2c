//! Sends a list: we say how many, the vehicle asks for one after the other.

use std::collections::VecDeque;
use std::time::Duration;

use crate::mission::{Item, List};
use crate::wire::packet::{MissionAck, MissionCount};
use crate::wire::{MissionResult, Packet, list_number, mission_item_int};

use super::error::list_name;
use super::pace::Pace;
use super::quirks::Quirks;
use super::{Engine, Error, Received, Route, Step};

/// Silence for so long ends a transfer: ArduPilot waits 8 s itself, PX4 5 s.
pub const SILENT: Duration = Duration::from_secs(10);
/// Answers without an item more for so long end it too.
pub const STUCK: Duration = Duration::from_secs(30);
/// So long after the last item the final answer counts as lost, and what is there as unknown.
const NO_FINAL_ANSWER: Duration = Duration::from_secs(3);
/// A vehicle that cancelled or is busy is asked again so often,
const RESTARTS: u32 = 5;
/// each time after this pause.
const PAUSE: Duration = Duration::from_secs(1);
/// Requests for earlier items in a row that mean that the vehicle began again; fewer may be late.
const BEGAN_AGAIN: u32 = 4;

/// How an upload ended, if it was not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uploaded {
    /// The vehicle said that it has all; else only reading back can tell.
    pub accepted: bool,
    /// Messages that were sent more than once.
    pub retries: u32,
}

/// The engine.
#[derive(Debug)]
pub struct Upload {
    route: Route,
    list: List,
    items: Vec<Item>,
    ahead: u16,
    pace: Pace,
    out: VecDeque<Packet>,
    /// The highest item that was asked for; `None` while the count is told.
    asked: Option<u16>,
    /// Requests for earlier items in a row.
    lower: u32,
    /// When each item went out first.
    sent_at: Vec<Option<Duration>>,
    count_sent_at: Option<Duration>,
    /// Sendings of what is waited for now.
    copies: u32,
    due: Duration,
    heard: Duration,
    moved: Duration,
    restarts: u32,
    retries: u32,
    tell_progress: bool,
    outcome: Option<Result<Uploaded, Error>>,
}

impl Upload {
    /// Begins at once. The items are as this vehicle wants them: see
    /// [`to_vehicle`](super::to_vehicle).
    ///
    /// # Errors
    /// [`Error::TooLong`].
    pub fn new(
        route: Route,
        list: List,
        items: Vec<Item>,
        quirks: &Quirks,
        now: Duration,
    ) -> Result<Self, Error> {
        if items.len() >= usize::from(u16::MAX) {
            return Err(Error::TooLong { list, count: items.len() });
        }
        Ok(Self {
            route,
            list,
            ahead: quirks.items_ahead,
            pace: Pace::new(),
            out: VecDeque::new(),
            asked: None,
            lower: 0,
            sent_at: vec![None; items.len()],
            count_sent_at: None,
            copies: 0,
            due: now,
            heard: now,
            moved: now,
            restarts: 0,
            retries: 0,
            tell_progress: false,
            outcome: None,
            items,
        })
    }

    /// With what is known of the link.
    pub(super) fn with_pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// What is known of the link now.
    pub(super) fn pace(&self) -> &Pace {
        &self.pace
    }

    fn send_count(&mut self, now: Duration) {
        self.count_sent_at.get_or_insert(now);
        let count = MissionCount {
            count: u16::try_from(self.items.len()).unwrap_or(u16::MAX),
            target_system: self.route.them.system.0,
            target_component: self.route.them.component.0,
            mission_type: list_number(self.list),
            ..MissionCount::default()
        };
        self.out.push_back(count.into());
    }

    fn send_item(&mut self, seq: u16, now: Duration) {
        let index = usize::from(seq);
        let Some(item) = self.items.get(index) else { return };
        let mut message = mission_item_int(item, self.list, seq);
        message.target_system = self.route.them.system.0;
        message.target_component = self.route.them.component.0;
        self.out.push_back(message.into());
        match &mut self.sent_at[index] {
            Some(_) => self.retries += 1,
            first => *first = Some(now),
        }
    }

    /// Whether the last item went out, so that the vehicle may have all.
    fn all_sent(&self) -> bool {
        self.asked.is_some() && self.sent_at.last().is_none_or(Option::is_some)
    }

    /// The vehicle asked for an item: it gets it, however often it asks.
    fn requested(&mut self, seq: u16, now: Duration) {
        if usize::from(seq) >= self.items.len() {
            return;
        }
        self.heard = now;
        self.pace.heard();
        match self.asked {
            Some(asked) if seq == asked => {}
            Some(asked) if seq < asked => {
                self.lower += 1;
                if self.lower >= BEGAN_AGAIN {
                    self.restarts += 1;
                    if self.restarts > RESTARTS {
                        let (doing, waited) = (self.doing(), now.saturating_sub(self.moved));
                        let waited_s = waited.as_secs_f64();
                        self.outcome = Some(Err(Error::Stuck { doing, waited_s }));
                        return;
                    }
                    self.asked = Some(seq);
                    self.lower = 0;
                }
            }
            before => {
                let first = match before {
                    None => self.count_sent_at,
                    Some(_) => self.sent_at[usize::from(seq) - 1],
                };
                if let Some(first) = first {
                    self.pace.trip(now.saturating_sub(first));
                }
                self.asked = Some(seq);
                self.lower = 0;
                self.copies = 1;
                self.moved = now;
                self.tell_progress = true;
            }
        }
        self.send_item(seq, now);
        self.due = now + self.pace.wait();
    }

    fn answered(&mut self, ack: &MissionAck, now: Duration) {
        self.heard = now;
        self.pace.heard();
        match ack.kind {
            MissionResult::ACCEPTED => {
                // One that comes before the last item is of an earlier transfer.
                if self.all_sent() || (self.items.is_empty() && self.count_sent_at.is_some()) {
                    self.end(true);
                }
            }
            // It goes on: the item was out of its turn.
            MissionResult::INVALID_SEQUENCE => {}
            MissionResult::ERROR if self.all_sent() => self.end(false),
            MissionResult::ERROR | MissionResult::OPERATION_CANCELLED | MissionResult::DENIED => {
                self.restart(ack.kind, now);
            }
            result => self.outcome = Some(Err(self.refused(result))),
        }
    }

    fn end(&mut self, accepted: bool) {
        self.outcome = Some(Ok(Uploaded { accepted, retries: self.retries }));
    }

    fn refused(&self, result: MissionResult) -> Error {
        Error::Refused { list: self.list, result, item: self.asked }
    }

    fn restart(&mut self, result: MissionResult, now: Duration) {
        if self.asked.is_none() && self.due > now + self.pace.wait() {
            return; // The pause runs already.
        }
        self.restarts += 1;
        if self.restarts > RESTARTS {
            self.outcome = Some(Err(self.refused(result)));
            return;
        }
        self.asked = None;
        self.copies = 0;
        self.count_sent_at = None;
        self.sent_at.fill(None);
        self.due = now + PAUSE;
    }

    fn doing(&self) -> String {
        let what = list_name(self.list);
        match self.asked {
            Some(item) => format!("sending item {item} of {} ({what})", self.items.len()),
            None => format!("announcing {} items ({what})", self.items.len()),
        }
    }

    /// Ends what has taken too long.
    fn give_up(&mut self, now: Duration) {
        if self.outcome.is_some() {
            return;
        }
        let silent = now.saturating_sub(self.heard);
        let standing = now.saturating_sub(self.moved);
        let last_sent = self.sent_at.last().copied().flatten();
        let enough = self.pace.patience(NO_FINAL_ANSWER);
        if last_sent.is_some_and(|at| now.saturating_sub(at.max(self.moved)) > enough) {
            self.end(false);
        } else if silent > self.pace.patience(SILENT) {
            let doing = self.doing();
            self.outcome = Some(Err(Error::Silent { doing, waited_s: silent.as_secs_f64() }));
        } else if standing > self.pace.patience(STUCK) {
            let doing = self.doing();
            self.outcome = Some(Err(Error::Stuck { doing, waited_s: standing.as_secs_f64() }));
        }
    }

    /// What is waited for is sent again; with repeats also what may be asked for next, since the
    /// request for it may be what was lost.
    fn repeat(&mut self, now: Duration) {
        let Some(asked) = self.asked else {
            self.retries += u32::from(self.copies > 1);
            self.send_count(now);
            return;
        };
        self.send_item(asked, now);
        let repeats = u16::try_from(self.copies - 1).unwrap_or(u16::MAX);
        let ahead = if self.pace.is_lossy() { 1 + repeats / 4 } else { repeats.min(1) };
        for seq in (1..=ahead.min(self.ahead)).map(|ahead| asked.saturating_add(ahead)) {
            self.send_item(seq, now);
        }
    }
}

impl Engine for Upload {
    type Outcome = Result<Uploaded, Error>;

    fn handle(&mut self, message: &Received, now: Duration) {
        if message.from != self.route.them || self.outcome.is_some() {
            return;
        }
        if self.route.transfers(message, self.list) {
            match &message.packet {
                Packet::MissionRequest(m) => self.requested(m.seq, now),
                Packet::MissionRequestInt(m) => self.requested(m.seq, now),
                Packet::MissionAck(m) => self.answered(m, now),
                _ => {}
            }
        }
        self.give_up(now);
    }

    fn handle_timeout(&mut self, now: Duration) {
        self.give_up(now);
        if now < self.due || self.outcome.is_some() {
            return;
        }
        self.copies += 1;
        if self.copies > 1 {
            self.pace.repeated();
        }
        self.repeat(now);
        self.due = now + self.pace.wait();
    }

    fn poll(&mut self) -> Step<Self::Outcome> {
        if let Some(packet) = self.out.pop_front() {
            return Step::Send(packet);
        }
        if std::mem::take(&mut self.tell_progress) {
            let done = usize::from(self.asked.unwrap_or(0));
            return Step::Progress { done, total: self.items.len() };
        }
        self.outcome.take().map_or(Step::Wait(self.due), Step::Done)
    }
}
