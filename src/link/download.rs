//! Reads a list: the vehicle says how many, we ask for each.

use std::collections::VecDeque;
use std::time::Duration;

use crate::mission::{Item, List};
use crate::wire::packet::{MissionAck, MissionItemInt, MissionRequestInt, MissionRequestList};
use crate::wire::{MissionResult, Packet, list_number};

use super::error::list_name;
use super::pace::Pace;
use super::quirks::Quirks;
use super::upload::{SILENT, STUCK};
use super::{Engine, Error, Received, Route, Step};

/// A vehicle that ended the transfer, or is busy, is asked again so often,
const RESTARTS: u32 = 20;
/// each time after this pause.
const PAUSE: Duration = Duration::from_millis(500);

/// Requests that go out at once where much is lost, to a vehicle that takes them in order only:
/// at 30 % loss each way one of four comes back 14 times of 15.
const BURST: u32 = 4;
/// Timers are no finer.
const SHORTEST_WAIT: Duration = Duration::from_millis(2);

/// Quiet for so long, it may have ended the transfer without our hearing of it.
const ENDED_ALONE: Duration = Duration::from_secs(2);

/// A list as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Downloaded {
    /// Its items, in the vehicle's own way: see [`from_vehicle`](super::from_vehicle).
    pub items: Vec<Item>,
    /// Messages that were sent more than once.
    pub retries: u32,
}

/// One request.
#[derive(Debug, Clone, Copy)]
struct Asked {
    first: Duration,
    last: Duration,
    copies: u32,
    /// Copies that were sent at once.
    burst: u32,
}

/// The engine.
#[derive(Debug)]
pub struct Download {
    route: Route,
    list: List,
    window: usize,
    pace: Pace,
    out: VecDeque<Packet>,
    /// `None` until the vehicle says how many there are.
    items: Option<Vec<Option<Item>>>,
    asked: Vec<Option<Asked>>,
    list_asked: Option<Asked>,
    /// The first item that is missing.
    lowest: usize,
    due: Duration,
    heard: Duration,
    moved: Duration,
    restarts: u32,
    /// Before this, copies of the last request may still be under way.
    hold: Duration,
    /// Copies of the request before, where it was a burst, and answers to them.
    last_burst: Option<u32>,
    answers: u32,
    retries: u32,
    tell_progress: bool,
    outcome: Option<Result<Downloaded, Error>>,
}

impl Download {
    /// Begins at once.
    #[must_use]
    pub fn new(route: Route, list: List, quirks: &Quirks, now: Duration) -> Self {
        Self {
            route,
            list,
            window: usize::from(quirks.requests_ahead.max(1)),
            pace: Pace::new(),
            out: VecDeque::new(),
            items: None,
            asked: Vec::new(),
            list_asked: None,
            lowest: 0,
            due: now,
            heard: now,
            moved: now,
            restarts: 0,
            hold: now,
            last_burst: None,
            answers: 0,
            retries: 0,
            tell_progress: false,
            outcome: None,
        }
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

    /// The vehicle says how many there are. Said again it is nothing new, unless the number is
    /// another: then the list is.
    fn counted(&mut self, count: u16, now: Duration) {
        self.heard = now;
        self.pace.heard();
        let count = usize::from(count);
        if self.items.as_ref().is_some_and(|items| items.len() == count) {
            return;
        }
        if self.items.is_some() {
            if !self.may_begin_again(now) {
                return;
            }
        } else if let Some(asked) = self.list_asked {
            self.hold_after(asked.last);
            self.pace.trip(now.saturating_sub(asked.first));
        }
        self.items = Some(vec![None; count]);
        self.asked = vec![None; count];
        self.lowest = 0;
        self.moved = now;
        self.ask(now);
    }

    fn came(&mut self, message: &MissionItemInt, now: Duration) {
        let Some(items) = &mut self.items else { return };
        let index = usize::from(message.seq);
        let Some(slot) = items.get_mut(index) else { return };
        self.heard = now;
        self.pace.heard();
        if slot.is_some() {
            self.answers += u32::from(index + 1 == self.lowest); // Another copy's answer.
            return;
        }
        *slot = Some(Item::from(message));
        while items.get(self.lowest).is_some_and(Option::is_some) {
            self.lowest += 1;
        }
        if let Some(asked) = self.asked[index] {
            let elapsed = now.saturating_sub(asked.first);
            match self.last_burst {
                Some(copies) if asked.burst > 1 => {
                    self.pace.burst(elapsed, copies, self.answers);
                }
                _ if asked.burst > 1 => self.pace.burst(elapsed, 0, 0),
                _ => self.pace.trip(elapsed),
            }
            self.hold_after(asked.last);
            self.last_burst = Some(asked.burst).filter(|copies| *copies > 1);
            self.answers = 1;
        }
        self.moved = now;
        self.tell_progress = true;
        self.ask(now);
    }

    /// Asks for what is missing and due, or ends.
    fn ask(&mut self, now: Duration) {
        let Some(items) = &self.items else { return };
        let wait = self.wait();
        let (mut due, mut wanted) = (None, Vec::new());
        let missing = (self.lowest..items.len()).filter(|&index| items[index].is_none());
        for index in missing.take(self.window) {
            let at = self.asked[index].map_or(self.hold, |asked| asked.last + wait);
            if at <= now {
                wanted.push(index);
            }
            let next = if at <= now { now + wait } else { at };
            due = Some(due.map_or(next, |due: Duration| due.min(next)));
        }
        let Some(due) = due else {
            self.finish();
            return;
        };
        self.due = due;
        for index in wanted {
            self.request(index, now);
        }
    }

    fn request(&mut self, index: usize, now: Duration) {
        let burst = if self.in_bursts() { BURST } else { 1 };
        let asked =
            self.asked[index].get_or_insert(Asked { first: now, last: now, copies: 0, burst: 1 });
        asked.copies += 1;
        asked.last = now;
        asked.burst = burst;
        if asked.copies > 1 {
            self.retries += 1;
            self.pace.repeated();
        }
        let request = MissionRequestInt {
            seq: u16::try_from(index).unwrap_or(u16::MAX),
            target_system: self.route.them.system.0,
            target_component: self.route.them.component.0,
            mission_type: list_number(self.list),
        };
        for _ in 0..burst {
            self.out.push_back(request.into());
        }
    }

    /// How long to wait before a request goes out again.
    ///
    /// A vehicle that takes them in order only ends the transfer where a copy arrives behind the
    /// next request. Copies that are sent at once and repeated no sooner than this cannot, as long
    /// as none takes more than half a round trip longer than it should; each time that the transfer
    /// ended so the wait becomes longer.
    fn wait(&self) -> Duration {
        match self.pace.round_trip().filter(|_| self.in_bursts()) {
            Some(round_trip) => (round_trip * (6 + self.restarts.min(12)) / 4).max(SHORTEST_WAIT),
            None => self.pace.wait(),
        }
    }

    fn hold_after(&mut self, last: Duration) {
        if let Some(round_trip) = self.pace.round_trip().filter(|_| self.in_bursts()) {
            self.hold = last + round_trip * (4 + self.restarts.min(12)) / 4;
        }
    }

    fn in_bursts(&self) -> bool {
        self.window == 1 && self.pace.is_lossy()
    }

    fn finish(&mut self) {
        let items = self.items.take().unwrap_or_default().into_iter().flatten().collect();
        let ack = MissionAck {
            target_system: self.route.them.system.0,
            target_component: self.route.them.component.0,
            kind: MissionResult::ACCEPTED,
            mission_type: list_number(self.list),
            ..MissionAck::default()
        };
        // Nobody answers this one; PX4 is busy for some seconds where it is lost.
        for _ in 0..if self.pace.is_lossy() { 3 } else { 1 } {
            self.out.push_back(ack.into());
        }
        self.outcome = Some(Ok(Downloaded { items, retries: self.retries }));
    }

    fn restart(&mut self, result: MissionResult, now: Duration) {
        if self.items.is_none() && self.due > now + self.pace.wait() {
            return; // The pause runs already.
        }
        self.restarts += 1;
        if self.restarts > RESTARTS {
            let item = u16::try_from(self.lowest).ok();
            self.outcome = Some(Err(Error::Refused { list: self.list, result, item }));
            return;
        }
        self.list_asked = None;
        self.items = None;
        self.due = now + PAUSE;
    }

    /// Counts a new beginning that the vehicle did not ask for in words. One that begins again for
    /// ever never ends, however much it says meanwhile.
    fn may_begin_again(&mut self, now: Duration) -> bool {
        self.restarts += 1;
        let may = self.restarts <= RESTARTS;
        if !may {
            let (doing, waited) = (self.doing(), now.saturating_sub(self.moved));
            self.outcome = Some(Err(Error::Stuck { doing, waited_s: waited.as_secs_f64() }));
        }
        may
    }

    fn doing(&self) -> String {
        let what = list_name(self.list);
        match &self.items {
            Some(items) => format!("reading item {} of {} ({what})", self.lowest, items.len()),
            None => format!("asking for the {what}"),
        }
    }

    /// An answer that may end it. That all is well says nothing while items are missing.
    fn answered(&mut self, result: MissionResult, now: Duration) {
        if matches!(result, MissionResult::ACCEPTED | MissionResult::INVALID_SEQUENCE) {
            return;
        }
        self.heard = now;
        self.pace.heard();
        if result == MissionResult::UNSUPPORTED {
            self.outcome = Some(Err(Error::Refused { list: self.list, result, item: None }));
        } else {
            self.restart(result, now);
        }
    }

    /// Ends what has taken too long.
    fn give_up(&mut self, now: Duration) {
        if self.outcome.is_some() {
            return;
        }
        let silent = now.saturating_sub(self.heard);
        let standing = now.saturating_sub(self.moved);
        if silent > self.pace.patience(SILENT) {
            let doing = self.doing();
            self.outcome = Some(Err(Error::Silent { doing, waited_s: silent.as_secs_f64() }));
        } else if standing > self.pace.patience(STUCK) {
            let doing = self.doing();
            self.outcome = Some(Err(Error::Stuck { doing, waited_s: standing.as_secs_f64() }));
        }
    }

    /// Whether a vehicle that takes requests in order only may have ended the transfer, and its
    /// word of that was lost.
    fn ends_alone(&self, now: Duration) -> bool {
        let quiet = ENDED_ALONE.max(self.pace.round_trip().unwrap_or_default() * 4);
        self.window == 1 && now.saturating_sub(self.heard.max(self.moved)) > quiet
    }

    fn ask_for_list(&mut self, now: Duration) {
        let asked =
            self.list_asked.get_or_insert(Asked { first: now, last: now, copies: 0, burst: 1 });
        asked.copies += 1;
        asked.last = now;
        if asked.copies > 1 {
            self.retries += 1;
            self.pace.repeated();
        }
        let request = MissionRequestList {
            target_system: self.route.them.system.0,
            target_component: self.route.them.component.0,
            mission_type: list_number(self.list),
        };
        for _ in 0..if self.in_bursts() { BURST } else { 1 } {
            self.out.push_back(request.into());
        }
        self.due = now + self.wait();
    }
}

impl Engine for Download {
    type Outcome = Result<Downloaded, Error>;

    fn handle(&mut self, message: &Received, now: Duration) {
        if message.from != self.route.them || self.outcome.is_some() {
            return;
        }
        if self.route.transfers(message, self.list) {
            match &message.packet {
                // Before we asked, it is an answer to somebody else or to an earlier question.
                Packet::MissionCount(m) if self.list_asked.is_some() => self.counted(m.count, now),
                Packet::MissionItemInt(m) => self.came(m, now),
                Packet::MissionAck(m) => self.answered(m.kind, now),
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
        if self.items.is_some() && self.ends_alone(now) {
            if !self.may_begin_again(now) {
                return;
            }
            self.list_asked = None;
            self.items = None;
        }
        if self.items.is_some() {
            self.ask(now);
        } else {
            self.ask_for_list(now);
        }
    }

    fn poll(&mut self) -> Step<Self::Outcome> {
        if let Some(packet) = self.out.pop_front() {
            return Step::Send(packet);
        }
        if std::mem::take(&mut self.tell_progress) {
            let total = self.items.as_ref().map_or(self.lowest, Vec::len);
            return Step::Progress { done: self.lowest, total };
        }
        self.outcome.take().map_or(Step::Wait(self.due), Step::Done)
    }
}
