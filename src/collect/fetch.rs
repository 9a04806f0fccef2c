//! Frames on the vehicle's own card, fetched over the link while it flies.

use std::collections::BTreeMap;
use std::time::Duration;

use super::arrivals::is_frame;
use crate::link::{Engine, Entry, Error, ListFolder, Peer, ReadFile, Received, Route, Step};
use crate::wire::Packet;

/// The folder is looked at again after this.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A file that could not be read is tried so often in all.
const TRIES: u8 = 3;

/// What fetching has come to.
#[derive(Debug)]
pub enum Fetched {
    /// This is to be sent.
    Send(Box<Packet>),
    /// A whole file.
    File {
        /// Its name, without a folder.
        name: String,
        /// All of it.
        bytes: Vec<u8>,
    },
    /// Something that a person should know; it goes on.
    Trouble(String),
}

/// What is known of a file of the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It had this size when it was listed last: it may still grow.
    Seen(u64),
    /// It has not grown between two listings.
    Wanted,
    /// It is here, or was given up.
    Over,
}

#[derive(Debug)]
enum Doing {
    Resting,
    Listing(Box<ListFolder>),
    Reading(String, Box<ReadFile>),
}

/// Fetches frames from one folder.
#[derive(Debug)]
pub struct Fetch {
    folder: String,
    component: u8,
    files: BTreeMap<String, State>,
    failed: BTreeMap<String, u8>,
    doing: Doing,
    look_at: Duration,
    /// When the last listing began that showed nothing that is not here, or that failed.
    over_at: Option<Duration>,
    listed_from: Duration,
    /// What was said last, so that the same is not said every two seconds.
    last_trouble: Option<String>,
}

impl Fetch {
    /// From a folder of a component of the vehicle: 1 is the autopilot, 100 the first camera.
    #[must_use]
    pub fn from(folder: &str, component: u8) -> Self {
        Self {
            folder: folder.trim_end_matches('/').to_owned(),
            component,
            files: BTreeMap::new(),
            failed: BTreeMap::new(),
            doing: Doing::Resting,
            look_at: Duration::ZERO,
            over_at: None,
            listed_from: Duration::ZERO,
            last_trouble: None,
        }
    }

    /// Whether the card was asked after this, and there is nothing more to be had.
    #[must_use]
    pub fn is_over_since(&self, since: Duration) -> bool {
        self.over_at.is_some_and(|at| at >= since)
    }

    /// A message came.
    pub fn handle(&mut self, message: &Received, now: Duration) {
        match &mut self.doing {
            Doing::Resting => {}
            Doing::Listing(list) => list.handle(message, now),
            Doing::Reading(_, read) => read.handle(message, now),
        }
    }

    /// What is to be done now, for a vehicle of this number.
    pub fn advance(&mut self, system: u8, now: Duration) -> Vec<Fetched> {
        let mut out = Vec::new();
        if matches!(self.doing, Doing::Resting) {
            self.begin(system, now);
        }
        loop {
            let step = match &mut self.doing {
                Doing::Resting => return out,
                Doing::Listing(list) => {
                    list.handle_timeout(now);
                    match list.poll() {
                        Step::Done(listed) => {
                            self.doing = Doing::Resting;
                            self.listed(listed, now, &mut out);
                            return out;
                        }
                        other => other.map(|_| ()),
                    }
                }
                Doing::Reading(name, read) => {
                    read.handle_timeout(now);
                    match read.poll() {
                        Step::Done(bytes) => {
                            let name = std::mem::take(name);
                            self.doing = Doing::Resting;
                            self.read(name, bytes, &mut out);
                            return out;
                        }
                        other => other.map(|_| ()),
                    }
                }
            };
            match step {
                Step::Send(packet) => out.push(Fetched::Send(Box::new(packet))),
                Step::Progress { .. } => {}
                Step::Wait(_) | Step::Done(()) => return out,
            }
        }
    }

    fn begin(&mut self, system: u8, now: Duration) {
        let route = Route { us: Peer::STATION, them: Peer::new(system, self.component) };
        let wanted = self.files.iter().find(|(_, state)| **state == State::Wanted);
        if let Some((name, _)) = wanted {
            let path = format!("{}/{name}", self.folder);
            let read = Box::new(ReadFile::new(route, &path, now));
            self.doing = Doing::Reading(name.clone(), read);
        } else if now >= self.look_at {
            self.listed_from = now;
            let folder = if self.folder.is_empty() { "/" } else { &self.folder };
            self.doing = Doing::Listing(Box::new(ListFolder::new(route, folder, now)));
        }
    }

    fn listed(&mut self, listed: Result<Vec<Entry>, Error>, now: Duration, out: &mut Vec<Fetched>) {
        self.look_at = now + LOOK_EVERY;
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) => {
                self.over_at = Some(self.listed_from);
                return self.trouble(error.to_string(), out);
            }
        };
        self.last_trouble = None;
        let mut is_complete = true;
        for Entry { name, bytes } in listed {
            if !is_frame(&name) {
                continue;
            }
            // A name is a name: nothing of a vehicle chooses where a file goes here.
            if name.contains(['/', '\\', '\0', ':']) || name.starts_with('.') {
                if self.files.insert(name.clone(), State::Over).is_none() {
                    out.push(Fetched::Trouble(format!("{name:?} is no name for a file here")));
                }
                continue;
            }
            let state = self.files.entry(name).or_insert(State::Seen(u64::MAX));
            *state = match *state {
                State::Seen(before) if before == bytes && bytes > 0 => State::Wanted,
                State::Seen(_) => State::Seen(bytes),
                other => other,
            };
            is_complete &= *state == State::Over;
        }
        if is_complete {
            self.over_at = Some(self.listed_from);
        }
    }

    fn read(&mut self, name: String, read: Result<Vec<u8>, Error>, out: &mut Vec<Fetched>) {
        match read {
            Ok(bytes) => {
                self.files.insert(name.clone(), State::Over);
                out.push(Fetched::File { name, bytes });
            }
            Err(error) => {
                let failed = self.failed.entry(name.clone()).or_default();
                *failed += 1;
                if *failed >= TRIES {
                    self.files.insert(name, State::Over);
                    self.trouble(format!("{error}; given up after {TRIES} times"), out);
                }
            }
        }
    }

    fn trouble(&mut self, words: String, out: &mut Vec<Fetched>) {
        if self.last_trouble.as_ref() != Some(&words) {
            self.last_trouble = Some(words.clone());
            out.push(Fetched::Trouble(words));
        }
    }
}
