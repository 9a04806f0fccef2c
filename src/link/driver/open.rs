//! A link that is open: engines run on it, several at once.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinHandle;

use crate::wire::{Key, Packet, SignatureTime};

use super::super::signing::Signing;
use super::super::{Engine, Error, Peer, Received, Step};
use super::address::Address;
use super::clock::Clock;
use super::core::{Core, Counters};
use super::pump::{self, Port};
use super::record::Recorder;
use super::times::Times;

/// Messages that an engine may be behind by; it loses the oldest, as a link does.
const MOST_UNHEARD: usize = 4096;
/// Messages that wait to be sent.
const MOST_TO_SEND: usize = 1024;

/// How a link is opened.
#[derive(Debug, Clone)]
pub struct Params {
    /// We.
    pub us: Peer,
    /// Signs what is sent, and takes nothing that is not signed with it.
    pub key: Option<Key>,
    /// Where the last time that the key signed at is kept; without it a station that starts again
    /// goes by its clock alone.
    pub times: Option<PathBuf>,
    /// The number of this link in signatures.
    pub link: u8,
    /// Records both directions; a file that is there is gone on with.
    pub record: Option<PathBuf>,
}

impl Default for Params {
    fn default() -> Self {
        Self { us: Peer::STATION, key: None, times: None, link: 0, record: None }
    }
}

/// What happened on a link so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// Frames that came and were taken.
    pub received: u64,
    /// Frames that went out.
    pub sent: u64,
    /// Frames that a slow connection did not take.
    pub dropped: u64,
    /// Bytes that were no frame.
    pub skipped_bytes: u64,
    /// Frames that were not taken for their signature.
    pub distrusted: u64,
    /// Frames that the recording lacks, since the disk did not take them.
    pub unrecorded: u64,
    /// Something came that was not signed, and was taken.
    pub unsigned: bool,
}

/// A link. Its clones are the same link.
#[derive(Debug, Clone)]
pub struct Link {
    us: Peer,
    out: mpsc::Sender<Packet>,
    heard: broadcast::Sender<Arc<Received>>,
    counters: Arc<Counters>,
    clock: Clock,
}

/// The task behind a link.
#[derive(Debug)]
pub struct Running(JoinHandle<Result<(), Error>>);

impl Running {
    /// Waits until the link, which nobody holds any more, is closed and its recording written.
    ///
    /// # Errors
    /// [`Error::Record`].
    pub async fn ended(self) -> Result<(), Error> {
        self.0.await.unwrap_or(Ok(()))
    }
}

impl Link {
    /// Opens an address; within a tokio runtime.
    ///
    /// # Errors
    /// [`Error::Io`] and [`Error::Record`].
    pub async fn open(address: &Address, params: &Params) -> Result<(Self, Running), Error> {
        let port = Port::open(address).await?;
        let recorder = params.record.as_deref().map(Recorder::open).transpose()?;
        let mut signing = params.key.clone().map(|key| Signing::new(key, params.link));
        let mut times = None;
        if let (Some(path), Some(unused)) = (&params.times, &signing) {
            let now = SignatureTime::of_unix_us(Clock::unix_us());
            let (opened, last) = Times::open(path, now)?;
            times = Some(opened);
            signing = Some(unused.clone().after(last));
        }
        let (out, to_send) = mpsc::channel(MOST_TO_SEND);
        let (heard, _) = broadcast::channel(MOST_UNHEARD);
        let counters = Arc::new(Counters::default());
        let core =
            Core::new(params.us, (signing, times), recorder, heard.clone(), Arc::clone(&counters));
        let running = tokio::spawn(pump::run(core, port, address.clone(), to_send));
        let link = Self { us: params.us, out, heard, counters, clock: Clock::new() };
        Ok((link, Running(running)))
    }

    /// We.
    #[must_use]
    pub fn us(&self) -> Peer {
        self.us
    }

    /// The time that engines are told.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.clock.now()
    }

    /// What happened so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        let read = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        Traffic {
            received: read(&self.counters.received),
            sent: read(&self.counters.sent),
            dropped: read(&self.counters.dropped),
            skipped_bytes: read(&self.counters.skipped_bytes),
            distrusted: read(&self.counters.distrusted),
            unrecorded: read(&self.counters.unrecorded),
            unsigned: self.counters.unsigned_heard.load(Ordering::Relaxed),
        }
    }

    /// All that is heard from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Arc<Received>> {
        self.heard.subscribe()
    }

    /// Sends one message; dropped where the link takes no more.
    pub fn send(&self, packet: Packet) {
        if self.out.try_send(packet).is_err() {
            self.counters.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Runs an engine to its end; `progress` is told how much is done of how much.
    pub async fn run<E: Engine>(
        &self,
        mut engine: E,
        mut progress: impl FnMut(usize, usize),
    ) -> E::Outcome {
        let mut heard = self.listen();
        loop {
            let until = match engine.poll() {
                Step::Send(packet) => {
                    self.send(packet);
                    continue;
                }
                Step::Progress { done, total } => {
                    progress(done, total);
                    continue;
                }
                Step::Wait(until) => until,
                Step::Done(outcome) => return outcome,
            };
            if self.now() >= until {
                engine.handle_timeout(self.now());
                // Others run between two deadlines.
                tokio::task::yield_now().await;
                continue;
            }
            match tokio::time::timeout_at(self.clock.at(until), heard.recv()).await {
                Ok(Ok(message)) => engine.handle(&message, self.now()),
                Ok(Err(RecvError::Lagged(_))) => {}
                Ok(Err(RecvError::Closed)) => tokio::time::sleep_until(self.clock.at(until)).await,
                Err(_) => engine.handle_timeout(self.now()),
            }
        }
    }
}
