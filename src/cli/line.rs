//! A ground station on a link, as the verbs of a flight use it: one thing at a time, while a thread
//! of its own reads the link.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;
use tokio::time::timeout;

use crate::collect::{Aircraft, Event, Pictures};
use crate::link::driver::{Link, Params, Running};
use crate::link::{Engine, Received, Step};
use crate::wire::Packet;

/// How long one turn waits for a message.
const TURN: Duration = Duration::from_millis(5);

/// A link, and the vehicle that is heard first on it.
pub(super) struct Line {
    runtime: Runtime,
    link: Link,
    running: Running,
    heard: Receiver<Arc<Received>>,
    pub(super) aircraft: Aircraft,
    /// Those of the vehicle, once it was heard.
    pub(super) pictures: Option<Pictures>,
    events: Vec<Event>,
}

impl Line {
    /// Opens an address as `params` say.
    pub(super) fn open(address: &str, params: &Params) -> anyhow::Result<Self> {
        // What the caller does between two turns, on a slow disk too, must not leave datagrams
        // unread until the system throws them away.
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.context("no runtime")?;
        let address = address.parse()?;
        let (link, running) = runtime.block_on(Link::open(&address, params))?;
        let heard = link.listen();
        let aircraft = Aircraft::default();
        Ok(Self { runtime, link, running, heard, aircraft, pictures: None, events: Vec::new() })
    }

    /// Time since any instant.
    pub(super) fn now(&self) -> Duration {
        self.link.now()
    }

    /// Frames that came so far.
    pub(super) fn received(&self) -> u64 {
        self.link.traffic().received
    }

    /// Waits a little for a message, and gives all that have come.
    pub(super) fn turn(&mut self) -> Vec<Arc<Received>> {
        let Self { runtime, heard, .. } = self;
        let first = runtime.block_on(async { timeout(TURN, heard.recv()).await });
        let mut came: Vec<_> = first.into_iter().flatten().collect();
        loop {
            match self.heard.try_recv() {
                Ok(message) => came.push(message),
                // What was not heard in time is lost, as on a radio.
                Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        let now = self.now();
        for message in &came {
            let from = (message.from.system, message.from.component);
            self.events.extend(self.aircraft.take(from, &message.packet, now));
            let Some(system) = self.aircraft.system else { continue };
            let pictures = self.pictures.get_or_insert_with(|| Pictures::of(system));
            pictures.handle(message, now);
            let new = std::iter::from_fn(|| pictures.next_picture());
            self.events.extend(new.map(Event::Picture));
        }
        let asked = self.pictures.as_mut().map(|pictures| pictures.ask(now)).unwrap_or_default();
        asked.into_iter().for_each(|packet| self.say(packet));
        came
    }

    /// Pictures that the vehicle told of.
    pub(super) fn pictures_told(&self) -> usize {
        self.pictures.as_ref().map_or(0, Pictures::told)
    }

    /// What has changed since this was asked last.
    pub(super) fn events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Sends one message.
    pub(super) fn say(&self, packet: Packet) {
        self.link.send(packet);
    }

    /// Lets an engine go on beside everything else: it is told what came, and what it wants to
    /// say is said. Its end, once it has come.
    pub(super) fn step<E: Engine>(
        &self,
        engine: &mut E,
        heard: &[Arc<Received>],
    ) -> Option<E::Outcome> {
        let now = self.now();
        heard.iter().for_each(|message| engine.handle(message, now));
        engine.handle_timeout(now);
        loop {
            match engine.poll() {
                Step::Send(packet) => self.say(packet),
                Step::Progress { .. } => {}
                Step::Wait(_) => return None,
                Step::Done(outcome) => return Some(outcome),
            }
        }
    }

    /// Lets an engine have its conversation.
    pub(super) fn run<E: Engine>(&self, engine: E) -> E::Outcome {
        self.runtime.block_on(self.link.run(engine, |_, _| {}))
    }

    /// Closes the link, and waits until its recording is written.
    pub(super) fn close(self) -> anyhow::Result<()> {
        let Self { runtime, link, running, heard, .. } = self;
        super::linked::say_what_is_not_recorded(&link.traffic());
        drop((link, heard));
        Ok(runtime.block_on(running.ended())?)
    }
}
