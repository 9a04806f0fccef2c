//! What all answers share: the case as it was last read, and who waits for news of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, TryLockError};
use std::time::Duration;

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
    /// How long `findings.geojson` has not told the latest review.
    unwritten: Mutex<Option<Unwritten>>,
    /// Held by what needs the case's lock: this process has it once.
    pub(super) alone: Mutex<()>,
}

/// In looks at the case, which come evenly.
#[derive(Debug, Clone, Copy, Default)]
struct Unwritten {
    since_the_last: u32,
    since_the_first: u32,
}

impl Unwritten {
    /// Reviews come every few seconds and all findings are written for each: that waits until
    /// nobody decides for a while, but not for ever.
    fn is_due(self) -> bool {
        let looked = |looks: u32| LOOK_EVERY * looks;
        looked(self.since_the_last) >= QUIET || looked(self.since_the_first) >= LONGEST
    }
}

/// How often the case is looked at. People find half a second prompt, and the question costs
/// SQLite one read of a page.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Nobody has reviewed anything for so long.
const QUIET: Duration = Duration::from_secs(10);
/// The written findings are never older than this while the server runs.
const LONGEST: Duration = Duration::from_secs(120);

impl Desk {
    /// Reads the case and what belongs to it.
    pub(super) fn open(params: Params, port: u16) -> Result<Self, Error> {
        let case = Case::open_read_only(&params.case)?;
        let change = case.change()?;
        let snapshot = Snapshot::read(&case, None)?;
        let earlier =
            params.earlier.as_deref().map(|case| Earlier::read(case, &params)).transpose()?;
        Ok(Self {
            port,
            originals: Originals::of_case(&params.case, &params.originals),
            layers: Layers::open(&params.layers)?,
            earlier,
            jobs: Jobs::default(),
            news: broadcast::channel(BEHIND).0,
            now: RwLock::new(Arc::new(snapshot)),
            reader: Mutex::new((case, change)),
            unwritten: Mutex::default(),
            alone: Mutex::default(),
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

    /// Reads the case anew if another process changed it, and writes out what is due.
    pub(super) fn look(&self) -> Result<(), Error> {
        {
            let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
            let change = reader.0.change()?;
            if change != reader.1 {
                reader.1 = change;
                self.take_in(&reader.0)?;
            }
        }
        let is_due = self.unwritten().as_mut().is_some_and(|waiting| {
            waiting.since_the_last += 1;
            waiting.since_the_first += 1;
            waiting.is_due()
        });
        if is_due {
            self.write_out();
        }
        Ok(())
    }

    fn unwritten(&self) -> MutexGuard<'_, Option<Unwritten>> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.unwritten().get_or_insert_default().since_the_last = 0;
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.1 = reader.0.change()?;
        self.take_in(&reader.0).map_err(Refusal::unexpected)?;
        Ok(done)
    }

    /// Brings `findings.geojson` and `findings.csv` up to the latest reviews; `false` where that is
    /// still to be done. While another process or a job works on the case this waits: its lock
    /// keeps those files whole.
    pub(super) fn write_out(&self) -> bool {
        let Some(waiting) = self.unwritten().take() else { return true };
        let alone = match self.alone.try_lock() {
            Ok(alone) => Some(alone),
            Err(TryLockError::Poisoned(alone)) => Some(alone.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        };
        // Opened to be worked on, a case writes them where they are not true.
        let written = alone.is_some() && Case::open_or_create(&self.params.case).is_ok();
        drop(alone);
        if !written {
            self.unwritten().get_or_insert(waiting);
        }
        written
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
