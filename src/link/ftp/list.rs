//! What is in a folder of the vehicle, asked for piece by piece.

use std::collections::VecDeque;
use std::time::Duration;

use super::block::{ACK, Block, END_OF_FILE, LIST, NAK, Question, reason_of};
use crate::link::{Engine, Error, Received, Route, Step};
use crate::wire::Packet;

/// Asked again after this.
const WAIT: Duration = Duration::from_millis(400);
/// Quiet for so long, it is over.
const SILENT: Duration = Duration::from_secs(10);
/// A card may hold 10,000 frames a folder; a vehicle that lists for ever is not believed.
const MOST_ENTRIES: usize = 100_000;

/// A file of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, without the folder.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Lists the files of one folder; folders in it are passed over.
#[derive(Debug)]
pub struct ListFolder {
    route: Route,
    folder: String,
    files: Vec<Entry>,
    /// Entries of any kind that came: where the next piece starts.
    seen: u32,
    seq: u16,
    due: Duration,
    heard: Duration,
    is_asked: bool,
    out: VecDeque<Packet>,
    outcome: Option<Result<Vec<Entry>, Error>>,
}

impl ListFolder {
    /// Begins at once.
    #[must_use]
    pub fn new(route: Route, folder: &str, now: Duration) -> Self {
        Self {
            route,
            folder: folder.to_owned(),
            files: Vec::new(),
            seen: 0,
            // As a file is read: no number that the vehicle had last.
            seq: now.as_millis() as u16 & !1,
            due: now,
            heard: now,
            is_asked: false,
            out: VecDeque::new(),
            outcome: None,
        }
    }

    fn refuse(&mut self, reason: String) {
        self.outcome = Some(Err(Error::File { doing: format!("listing {}", self.folder), reason }));
    }

    /// Takes a piece: entries with a zero behind each, `F` name, tab, size; `D` name; `S` for what
    /// was skipped.
    fn piece(&mut self, bytes: &[u8], now: Duration) {
        for entry in bytes.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
            self.seen += 1;
            let text = String::from_utf8_lossy(entry);
            let Some((name, size)) = text.strip_prefix('F').and_then(|text| text.split_once('\t'))
            else {
                continue;
            };
            if let Ok(bytes) = size.trim().parse() {
                self.files.push(Entry { name: name.to_owned(), bytes });
            }
        }
        if self.seen as usize > MOST_ENTRIES {
            self.refuse(format!("it has more than {MOST_ENTRIES} entries"));
        }
        (self.is_asked, self.heard, self.due) = (false, now, now);
    }
}

impl Engine for ListFolder {
    type Outcome = Result<Vec<Entry>, Error>;

    fn handle(&mut self, message: &Received, now: Duration) {
        let Packet::FileTransferProtocol(told) = &message.packet else { return };
        let ours = message.from == self.route.them
            && self.route.us.is_meant(told.target_system, told.target_component);
        let block = Block::of(&told.payload);
        let is_answer = block.answered == LIST && block.seq == self.seq.wrapping_add(1);
        if !ours || !is_answer || !self.is_asked || self.outcome.is_some() {
            return;
        }
        match block.opcode {
            // An empty piece would be asked for again and again.
            ACK if block.bytes.iter().all(|byte| *byte == 0) => {
                self.outcome = Some(Ok(std::mem::take(&mut self.files)));
            }
            ACK => self.piece(block.bytes, now),
            NAK if block.error() == END_OF_FILE => {
                self.outcome = Some(Ok(std::mem::take(&mut self.files)));
            }
            NAK => self.refuse(format!("the vehicle refused it ({})", reason_of(block.error()))),
            _ => {}
        }
    }

    fn handle_timeout(&mut self, now: Duration) {
        if now < self.due || self.outcome.is_some() {
            return;
        }
        let silent = now.saturating_sub(self.heard);
        if silent > SILENT {
            let doing = format!("listing {}", self.folder);
            self.outcome = Some(Err(Error::Silent { doing, waited_s: silent.as_secs_f64() }));
            return;
        }
        if !self.is_asked {
            self.seq = self.seq.wrapping_add(2); // The answer takes the number between.
        }
        (self.is_asked, self.due) = (true, now + WAIT);
        let question = Question::of_path(self.seq, LIST, self.seen, &self.folder);
        self.out.push_back(question.packet(self.route));
    }

    fn poll(&mut self) -> Step<Self::Outcome> {
        if let Some(packet) = self.out.pop_front() {
            return Step::Send(packet);
        }
        self.outcome.take().map_or(Step::Wait(self.due), Step::Done)
    }
}
