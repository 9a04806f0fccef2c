//! What all answers share: the case as it was last read, and who waits for news of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use serde_json::{Value, json};
use tokio::sync::broadcast;

use crate::case::{Case, ReadOnlyCase, ReviewBook, ReviewRow};

use super::answer::Refusal;
use super::compare::Earlier;
use super::jobs::Jobs;
use super::layers::Layers;
use super::originals::Originals;
use super::snapshot::Snapshot;
use super::{Error, Params};

/// Something that open pages are told: its name and what it says.
pub(super) type News = (&'static str, Value);

/// News that a slow page may be behind before it misses some; it then reads everything anew.
const BEHIND: usize = 1024;

pub(super) struct Desk {
    pub(super) params: Params,
    pub(super) port: u16,
    pub(super) originals: Originals,
    pub(super) layers: Layers,
    pub(super) earlier: Option<Earlier>,
    pub(super) jobs: Jobs,
    news: broadcast::Sender<News>,
    now: RwLock<Arc<Snapshot>>,
    /// Open as long as the server runs: `change` compares with what this connection saw.
    reader: Mutex<(ReadOnlyCase, i64)>,
    /// `findings.geojson` does not tell the latest reviews yet.
    unwritten: AtomicBool,
}

impl Desk {
    /// Reads the case and what belongs to it.
    pub(super) fn open(params: Params, port: u16) -> Result<Self, Error> {
        let case = Case::open_read_only(&params.case)?;
        let change = case.change()?;
        let snapshot = Snapshot::read(&case, None)?;
        let earlier = params.earlier.as_deref().map(Earlier::read).transpose()?;
        Ok(Self {
            port,
            originals: Originals::new(&params),
            layers: Layers::open(&params.layers)?,
            earlier,
            jobs: Jobs::default(),
            news: broadcast::channel(BEHIND).0,
            now: RwLock::new(Arc::new(snapshot)),
            reader: Mutex::new((case, change)),
            unwritten: AtomicBool::new(false),
            params,
        })
    }

    /// The case as it was last read.
    pub(super) fn now(&self) -> Arc<Snapshot> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// News from now on.
    pub(super) fn listen(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Tells all open pages; that none is open is no error.
    pub(super) fn tell(&self, name: &'static str, says: Value) {
        let _ = self.news.send((name, says));
    }

    /// Reads the case anew if another process changed it, and writes out what is still to be.
    pub(super) fn look(&self) -> Result<(), Error> {
        {
            let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
            let change = reader.0.change()?;
            if change != reader.1 {
                reader.1 = change;
                self.take_in(&reader.0)?;
            }
        }
        self.write_out();
        Ok(())
    }

    /// Reads the case anew and tells what is new.
    fn take_in(&self, case: &ReadOnlyCase) -> Result<(), Error> {
        let before = self.now();
        let after = Arc::new(Snapshot::read(case, Some(&before))?);
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = after.clone();
        let known = before.findings.iter().map(|row| &row.id);
        if after.fixed.run != before.fixed.run
            || !after.findings.iter().map(|row| &row.id).eq(known)
        {
            self.tell("findings", json!({ "run": after.fixed.run.id.0 }));
            return Ok(());
        }
        let last = before.reviews.last().map_or(0, |review| review.number);
        for review in after.reviews.iter().filter(|review| review.number > last) {
            self.tell_of(review);
        }
        Ok(())
    }

    fn tell_of(&self, review: &ReviewRow) {
        let says = json!({ "finding": review.finding, "version": review.number });
        self.tell("review", says);
    }

    /// Runs what adds to the case, then reads what the case says now.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&mut ReviewBook) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let done = work(&mut ReviewBook::open(&self.params.case)?)?;
        self.unwritten.store(true, Ordering::Release);
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.1 = reader.0.change()?;
        self.take_in(&reader.0).map_err(Refusal::unexpected)?;
        Ok(done)
    }

    /// Brings `findings.geojson` and `findings.csv` up to the latest reviews. While another process
    /// works on the case this waits: its lock keeps those files whole, and the next look tries
    /// again.
    pub(super) fn write_out(&self) {
        if !self.unwritten.swap(false, Ordering::AcqRel) {
            return;
        }
        let written =
            Case::open_or_create(&self.params.case).and_then(|case| case.rewrite_findings());
        if written.is_err() {
            self.unwritten.store(true, Ordering::Release);
        }
    }
}

/// Runs what blocks beside the thread that serves.
pub(super) async fn aside<T: Send + 'static>(
    desk: &Arc<Desk>,
    work: impl FnOnce(&Desk) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let desk = desk.clone();
    match tokio::task::spawn_blocking(move || work(&desk)).await {
        Ok(done) => done,
        Err(error) => Err(Refusal::unexpected(error)),
    }
}
