//! Logs of a vehicle: which there are, and one of them.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::wire::Packet;
use crate::wire::packet::{LogEntry, LogRequestData, LogRequestEnd, LogRequestList};

use super::{Engine, Error, Received, Route, Step};

/// Bytes in one message.
const CHUNK: u32 = 90;
/// Bytes that are asked for in one go: gaps are asked for as groups, not one by one.
const GROUP: u32 = CHUNK * 64;
/// A stream that paused for so long has ended or has gaps; asking more eagerly disturbs it.
const PAUSED: Duration = Duration::from_millis(400);
/// Quiet for so long, it is over.
const SILENT: Duration = Duration::from_secs(10);
/// The longest log that is read.
const MOST_BYTES: u32 = 2 << 30;

/// A log as the vehicle lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// Its number.
    pub id: u16,
    /// When it began, in seconds since 1970; 0 where that is not known.
    pub unix_s: u32,
    /// Its size as the vehicle says.
    pub size_bytes: u32,
}

/// Lists the logs.
#[derive(Debug)]
pub struct ListLogs {
    route: Route,
    found: BTreeMap<u16, Log>,
    total: Option<u16>,
    due: Duration,
    heard: Duration,
    to_send: bool,
    outcome: Option<Result<Vec<Log>, Error>>,
}

impl ListLogs {
    /// Begins at once.
    #[must_use]
    pub fn new(route: Route, now: Duration) -> Self {
        let found = BTreeMap::new();
        Self { route, found, total: None, due: now, heard: now, to_send: false, outcome: None }
    }

    fn entry(&mut self, entry: &LogEntry, now: Duration) {
        self.total = Some(entry.num_logs);
        if entry.num_logs > 0 {
            let LogEntry { id, time_utc_s: unix_s, size: size_bytes, .. } = *entry;
            // One that is said again and again is no progress.
            if self.found.insert(id, Log { id, unix_s, size_bytes }).is_none() {
                (self.heard, self.due) = (now, now + PAUSED);
            }
        }
        if self.found.len() >= usize::from(entry.num_logs) {
            self.outcome = Some(Ok(std::mem::take(&mut self.found).into_values().collect()));
        }
    }
}

impl Engine for ListLogs {
    type Outcome = Result<Vec<Log>, Error>;

    fn handle(&mut self, message: &Received, now: Duration) {
        if let (Packet::LogEntry(entry), true) =
            (&message.packet, message.from == self.route.them && self.outcome.is_none())
        {
            self.entry(entry, now);
        }
    }

    fn handle_timeout(&mut self, now: Duration) {
        let silent = now.saturating_sub(self.heard);
        if now < self.due || self.outcome.is_some() {
            return;
        }
        if silent > SILENT {
            let doing = "listing logs (ArduPilot does not while it is armed)".to_owned();
            self.outcome = Some(Err(Error::Silent { doing, waited_s: silent.as_secs_f64() }));
            return;
        }
        self.to_send = true;
        self.due = now + 2 * PAUSED;
    }

    fn poll(&mut self) -> Step<Self::Outcome> {
        if std::mem::take(&mut self.to_send) {
            let request = LogRequestList {
                start: 0,
                end: u16::MAX,
                target_system: self.route.them.system.0,
                target_component: self.route.them.component.0,
            };
            return Step::Send(request.into());
        }
        self.outcome.take().map_or(Step::Wait(self.due), Step::Done)
    }
}

/// Reads one.
#[derive(Debug)]
pub struct ReadLog {
    route: Route,
    log: Log,
    /// Chunks that came, by number.
    chunks: BTreeMap<u32, Vec<u8>>,
    /// All chunks before this are there.
    whole_to: u32,
    due: Duration,
    heard: Duration,
    out: VecDeque<Packet>,
    tell_progress: bool,
    outcome: Option<Result<Vec<u8>, Error>>,
}

impl ReadLog {
    /// Begins at once. Memory grows with what comes, not with what the vehicle says.
    #[must_use]
    pub fn new(route: Route, log: Log, now: Duration) -> Self {
        Self {
            route,
            log: Log { size_bytes: log.size_bytes.min(MOST_BYTES), ..log },
            chunks: BTreeMap::new(),
            whole_to: 0,
            due: now,
            heard: now,
            out: VecDeque::new(),
            tell_progress: false,
            outcome: None,
        }
    }

    fn count(&self) -> u32 {
        self.log.size_bytes.div_ceil(CHUNK)
    }

    fn ask(&mut self) {
        let first = self.whole_to;
        let next = self.chunks.range(first..).next().map_or(self.count(), |(number, _)| *number);
        let request = LogRequestData {
            ofs: first * CHUNK,
            count: ((next - first) * CHUNK).min(GROUP),
            id: self.log.id,
            target_system: self.route.them.system.0,
            target_component: self.route.them.component.0,
        };
        self.out.push_back(request.into());
    }

    fn finish(&mut self) {
        let mut bytes: Vec<u8> = Vec::new();
        for chunk in std::mem::take(&mut self.chunks).into_values() {
            bytes.extend(chunk);
        }
        bytes.truncate(self.log.size_bytes as usize);
        let end = LogRequestEnd {
            target_system: self.route.them.system.0,
            target_component: self.route.them.component.0,
        };
        // Without it ArduPilot logs no more; nobody answers it, so it goes out more than once.
        for _ in 0..3 {
            self.out.push_back(end.into());
        }
        self.outcome = Some(Ok(bytes));
    }
}

impl Engine for ReadLog {
    type Outcome = Result<Vec<u8>, Error>;

    fn handle(&mut self, message: &Received, now: Duration) {
        let Packet::LogData(block) = &message.packet else { return };
        let number = block.ofs / CHUNK;
        let ours = message.from == self.route.them
            && block.id == self.log.id
            && block.ofs.is_multiple_of(CHUNK)
            && number < self.count();
        if !ours || self.outcome.is_some() || number < self.whole_to {
            return;
        }
        let length = usize::from(block.count).min(block.data.len());
        // A short one that is not the last tells that the log ends there.
        if length < block.data.len() && number + 1 < self.count() {
            self.log.size_bytes = block.ofs + length as u32;
            self.chunks.retain(|known, _| *known < number);
        }
        let chunk = block.data.get(..length).unwrap_or_default().to_vec();
        if self.chunks.insert(number, chunk).is_none() {
            (self.heard, self.due) = (now, now + PAUSED);
            self.tell_progress = true;
        }
        while self.chunks.contains_key(&self.whole_to) {
            self.whole_to += 1;
        }
        if self.whole_to >= self.count() {
            self.finish();
        } else if self.whole_to.is_multiple_of(GROUP / CHUNK) && number + 1 == self.whole_to {
            self.due = now; // The group is whole.
        }
    }

    fn handle_timeout(&mut self, now: Duration) {
        let silent = now.saturating_sub(self.heard);
        if now < self.due || self.outcome.is_some() {
            return;
        }
        if self.count() == 0 {
            self.finish();
            return;
        }
        if silent > SILENT {
            let doing = format!("reading log {} at byte {}", self.log.id, self.whole_to * CHUNK);
            self.outcome = Some(Err(Error::Silent { doing, waited_s: silent.as_secs_f64() }));
            return;
        }
        self.ask();
        self.due = now + 2 * PAUSED;
    }

    fn poll(&mut self) -> Step<Self::Outcome> {
        if let Some(packet) = self.out.pop_front() {
            return Step::Send(packet);
        }
        if std::mem::take(&mut self.tell_progress) {
            let total = self.count().max(self.whole_to) as usize;
            return Step::Progress { done: self.whole_to as usize, total };
        }
        self.outcome.take().map_or(Step::Wait(self.due), Step::Done)
    }
}
