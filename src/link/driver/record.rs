//! The recording of a link, on a thread of its own: a slow disk never holds the link up.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::wire::write_record;

use super::super::Error;

/// What came within so long may be lost with the process.
const TOGETHER: Duration = Duration::from_millis(100);
/// So many writings later the disk has it: what came within a second may be lost with the power.
const WRITINGS_A_SYNC: u32 = 8;
/// What waits for a disk that takes nothing: two minutes of ten busy vehicles.
const MOST_WAITING: usize = 64 << 20;

/// A `.tlog` that grows.
#[derive(Debug)]
pub(super) struct Recorder {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
    path: PathBuf,
}

/// What the link's thread and the one that writes have in common.
#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    closed: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Whole records.
    records: Vec<u8>,
    closed: bool,
    /// Nobody writes any more.
    broken: bool,
}

impl Recorder {
    /// Goes on behind what the file holds already.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Record { path: path.to_owned(), source };
        let file = File::options().append(true).create(true).open(path).map_err(failed)?;
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || {
                let written = write(file, &theirs);
                theirs.lock().broken = true;
                written
            })
            .map_err(failed)?;
        Ok(Self { shared, thread: Some(thread), path: path.to_owned() })
    }

    /// Takes a frame; whether it will be written. An error of the disk is told at the end.
    pub(super) fn take(&self, stamp_us: u64, frame: &[u8]) -> bool {
        let mut waiting = self.shared.lock();
        if waiting.broken || waiting.records.len() + frame.len() > MOST_WAITING {
            return false;
        }
        write_record(&mut waiting.records, stamp_us, frame);
        true
    }

    /// Writes what is left.
    pub(super) fn close(mut self) -> Result<(), Error> {
        self.finish().map_err(|source| Error::Record { path: self.path.clone(), source })
    }

    fn finish(&mut self) -> std::io::Result<()> {
        self.shared.lock().closed = true;
        self.shared.closed.notify_one();
        let written = self.thread.take().map_or(Ok(Ok(())), JoinHandle::join);
        written.unwrap_or_else(|_| Err(std::io::Error::other("the recorder stopped")))
    }
}

impl Drop for Recorder {
    /// A link whose task is dropped with its runtime has what waits written all the same.
    fn drop(&mut self) {
        let _ = self.finish();
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Swaps what waits for an empty buffer, after [`TOGETHER`] or at the end; whether that is it.
    fn next(&self, records: &mut Vec<u8>) -> bool {
        let waiting = self.lock();
        let (mut waiting, _) = self
            .closed
            .wait_timeout_while(waiting, TOGETHER, |waiting| !waiting.closed)
            .unwrap_or_else(PoisonError::into_inner);
        records.clear();
        std::mem::swap(records, &mut waiting.records);
        waiting.closed
    }
}

fn write(mut file: File, shared: &Shared) -> std::io::Result<()> {
    let mut records = Vec::new();
    let mut unsynced = 0;
    loop {
        let is_last = shared.next(&mut records);
        if !records.is_empty() {
            file.write_all(&records)?;
            unsynced += 1;
        }
        if unsynced >= WRITINGS_A_SYNC || (is_last && unsynced > 0) {
            file.sync_data()?;
            unsynced = 0;
        }
        if is_last {
            return Ok(());
        }
    }
}
