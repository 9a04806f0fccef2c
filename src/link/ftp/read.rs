//! A file of the vehicle, by bursts; gaps are asked for while the burst runs.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::block::{
    ACK, BURST, Block, END_OF_FILE, MOST_BYTES, NAK, OPEN, Question, READ, TERMINATE, reason_of,
};
use crate::link::{Engine, Error, Received, Route, Step};
use crate::wire::Packet;

/// Asked again after this.
const WAIT: Duration = Duration::from_millis(400);
/// Quiet for so long, it is over.
const SILENT: Duration = Duration::from_secs(10);
/// A longer file is not read: a number that a vehicle says reserves nothing.
const MOST_FILE: u32 = 256 << 20;
/// Gaps that are asked for at once.
const AT_ONCE: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Opening,
    Reading,
    Closing,
}

/// Reads a file.
#[derive(Debug)]
pub struct ReadFile {
    route: Route,
    path: String,
    phase: Phase,
    seq: u16,
    session: u8,
    /// All that is there without a gap.
    whole: Vec<u8>,
    /// Parts that came behind a gap, by their offset; none overlaps another.
    parts: BTreeMap<u32, Vec<u8>>,
    /// Where the file ends, once that was said.
    end: Option<u32>,
    /// Where the burst is.
    burst_at: u32,
    /// The vehicle said that the burst is at the end; blocks before it may be lost.
    burst_ended: bool,
    /// A question that is about the end: its number, and the byte behind all that came.
    probe: Option<(u16, u32)>,
    /// Gaps that were asked for, and when.
    asked: BTreeMap<u32, Duration>,
    tries: u32,
    due: Duration,
    heard: Duration,
    out: VecDeque<Packet>,
    tell_progress: bool,
    read: Option<Result<Vec<u8>, Error>>,
    outcome: Option<Result<Vec<u8>, Error>>,
}

impl ReadFile {
    /// Begins at once. A path of more than 239 bytes is refused by the vehicle.
    #[must_use]
    pub fn new(route: Route, path: &str, now: Duration) -> Self {
        Self {
            route,
            path: path.to_owned(),
            phase: Phase::Opening,
            // A vehicle takes a number that it had last for a question that is asked again, also
            // where the last one was of another file.
            seq: now.as_millis() as u16 & !1,
            session: 0,
            whole: Vec::new(),
            parts: BTreeMap::new(),
            end: None,
            burst_at: 0,
            burst_ended: false,
            probe: None,
            asked: BTreeMap::new(),
            tries: 0,
            due: now,
            heard: now,
            out: VecDeque::new(),
            tell_progress: false,
            read: None,
            outcome: None,
        }
    }

    /// A new question.
    fn send(&mut self, opcode: u8, offset: u32, size: u8, bytes: &[u8]) {
        self.seq = self.seq.wrapping_add(2); // Each answer takes the number between.
        self.send_again(opcode, offset, size, bytes);
    }

    /// The last question once more, under its number: who heard it says again what it said, and
    /// opens no second session (mavlink.io, "File Transfer Protocol").
    fn send_again(&mut self, opcode: u8, offset: u32, size: u8, bytes: &[u8]) {
        let question =
            Question { seq: self.seq, session: self.session, opcode, size, offset, bytes };
        self.out.push_back(question.packet(self.route));
    }

    fn ask(&mut self, now: Duration) {
        self.due = now + WAIT;
        match self.phase {
            Phase::Opening => {
                let path = self.path.clone();
                let size = u8::try_from(path.len().min(MOST_BYTES)).unwrap_or(u8::MAX);
                match self.tries {
                    0 => self.send(OPEN, 0, size, path.as_bytes()),
                    _ => self.send_again(OPEN, 0, size, path.as_bytes()),
                }
                self.tries += 1;
            }
            Phase::Reading if !self.burst_ended => {
                self.send(BURST, self.burst_at, MOST_BYTES as u8, &[]);
            }
            Phase::Reading => self.ask_for_gaps(now),
            Phase::Closing if self.tries == 1 => self.send(TERMINATE, 0, 0, &[]),
            Phase::Closing => self.send_again(TERMINATE, 0, 0, &[]),
        }
    }

    /// All before this is there.
    fn whole_to(&self) -> u32 {
        self.whole.len() as u32 // MOST_FILE at most.
    }

    /// Keeps of some bytes what was not there; whether that is anything.
    fn keep(&mut self, offset: u32, bytes: &[u8]) -> bool {
        let end = offset + bytes.len() as u32;
        let mut at = offset.max(self.whole_to());
        let mut is_new = false;
        while at < end {
            let before = self.parts.range(..=at).next_back();
            let covered_to = before.map_or(0, |(start, part)| start + part.len() as u32);
            if covered_to > at {
                at = covered_to;
                continue;
            }
            let next = self.parts.range(at..end).next().map_or(end, |(start, _)| *start);
            let piece = bytes.get((at - offset) as usize..(next - offset) as usize);
            self.parts.insert(at, piece.unwrap_or_default().to_vec());
            (at, is_new) = (next, true);
        }
        while let Some(part) = self.parts.remove(&self.whole_to()) {
            self.whole.extend(part);
        }
        is_new
    }

    /// Gaps: starts and lengths of what is missing before what came last.
    fn gaps(&self) -> Vec<(u32, u32)> {
        let mut gaps = Vec::new();
        let mut at = self.whole_to();
        for (&start, part) in &self.parts {
            if start > at {
                gaps.push((at, start - at));
            }
            at = start + part.len() as u32;
        }
        if let Some(end) = self.end.filter(|end| at < *end) {
            gaps.push((at, end - at));
        }
        gaps
    }

    fn ask_for_gaps(&mut self, now: Duration) {
        let gaps = self.gaps();
        for &(start, length) in gaps.iter().take(AT_ONCE) {
            if self.asked.get(&start).is_some_and(|at| now < *at + WAIT) {
                continue;
            }
            self.asked.insert(start, now);
            self.send(READ, start, length.min(MOST_BYTES as u32) as u8, &[]);
        }
        // The last block may be what was lost: the file ends where nothing more can be read.
        if gaps.is_empty() && self.burst_ended && self.end.is_none() {
            let at = self.whole_to();
            self.send(READ, at, MOST_BYTES as u8, &[]);
            self.probe = Some((self.seq.wrapping_add(1), at));
            self.due = now + WAIT;
        }
    }

    fn block(&mut self, block: &Block<'_>, now: Duration) {
        let end = block.offset.saturating_add(block.bytes.len() as u32);
        if end > MOST_FILE {
            self.close(Err(self.refusal(format!("it is longer than {MOST_FILE} bytes"))), now);
            return;
        }
        // What was there already is no progress: a vehicle that says one block for ever is silent.
        let is_new = self.keep(block.offset, block.bytes);
        if is_new {
            self.heard = now;
            self.tell_progress = true;
        }
        if block.answered == BURST {
            self.burst_at = self.burst_at.max(end);
            if block.complete {
                self.due = now; // The next burst.
            } else if is_new {
                self.due = now + WAIT;
            }
        }
        self.ask_for_gaps(now);
        self.finish_if_whole(now);
    }

    fn finish_if_whole(&mut self, now: Duration) {
        if self.end.is_some_and(|end| self.whole_to() >= end) {
            let bytes = std::mem::take(&mut self.whole);
            self.close(Ok(bytes), now);
        }
    }

    fn refusal(&self, reason: String) -> Error {
        Error::File { doing: format!("reading {}", self.path), reason }
    }

    /// Sessions are few: it is closed before anything else.
    fn close(&mut self, read: Result<Vec<u8>, Error>, now: Duration) {
        self.read = Some(read);
        self.phase = Phase::Closing;
        self.tries = 0;
        self.due = now;
    }

    fn refused(&mut self, block: &Block<'_>, now: Duration) {
        let code = block.error();
        match self.phase {
            Phase::Opening => {
                let reason = format!("the vehicle refused it ({})", reason_of(code));
                self.outcome = Some(Err(self.refusal(reason)));
            }
            Phase::Reading if code == END_OF_FILE => {
                match self.probe {
                    Some((seq, at)) if seq == block.seq && at == self.whole_to() => {
                        self.end = Some(at);
                    }
                    _ if block.answered == BURST && !self.burst_ended => {
                        self.burst_ended = true;
                        self.ask_for_gaps(now);
                    }
                    _ => {}
                }
                self.finish_if_whole(now);
            }
            Phase::Reading => {
                let reason = format!("the vehicle stopped ({})", reason_of(code));
                self.close(Err(self.refusal(reason)), now);
            }
            Phase::Closing => {} // Whatever is said of it, it is over.
        }
    }
}

impl Engine for ReadFile {
    type Outcome = Result<Vec<u8>, Error>;

    fn handle(&mut self, message: &Received, now: Duration) {
        let Packet::FileTransferProtocol(told) = &message.packet else { return };
        let ours = message.from == self.route.them
            && self.route.us.is_meant(told.target_system, told.target_component);
        let block = Block::of(&told.payload);
        if !ours || self.outcome.is_some() {
            return;
        }
        // An answer to another question than the last one, or late ones after closing: dropped.
        let is_last = block.seq == self.seq.wrapping_add(1);
        match (self.phase, block.opcode, block.answered) {
            (Phase::Opening, ACK, OPEN) if is_last && self.tries > 0 => {
                self.session = block.session;
                self.phase = Phase::Reading;
                (self.heard, self.due) = (now, now);
            }
            (Phase::Reading, ACK, BURST | READ) if block.session == self.session => {
                self.block(&block, now);
            }
            (Phase::Opening, NAK, OPEN) if is_last && self.tries > 0 => self.refused(&block, now),
            (Phase::Reading, NAK, BURST | READ) if block.session == self.session => {
                self.refused(&block, now);
            }
            (Phase::Closing, ACK | NAK, TERMINATE) if is_last => self.outcome = self.read.take(),
            _ => {}
        }
    }

    fn handle_timeout(&mut self, now: Duration) {
        if now < self.due || self.outcome.is_some() {
            return;
        }
        let silent = now.saturating_sub(self.heard);
        if self.phase == Phase::Closing {
            self.tries += 1;
            if self.tries > 6 {
                self.outcome = self.read.take();
                return;
            }
        } else if silent > SILENT {
            let doing = format!("reading {} at byte {}", self.path, self.whole_to());
            let error = Err(Error::Silent { doing, waited_s: silent.as_secs_f64() });
            if self.phase == Phase::Opening {
                self.outcome = Some(error);
                return;
            }
            self.close(error, now);
            self.tries = 1;
        }
        self.ask(now);
    }

    fn poll(&mut self) -> Step<Self::Outcome> {
        if let Some(packet) = self.out.pop_front() {
            return Step::Send(packet);
        }
        if std::mem::take(&mut self.tell_progress) {
            let done = self.whole.len();
            return Step::Progress {
                done,
                total: self.end.map_or(done, |end| end as usize).max(done),
            };
        }
        self.outcome.take().map_or(Step::Wait(self.due), Step::Done)
    }
}
