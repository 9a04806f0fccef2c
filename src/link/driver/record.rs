//! The recording of a link, on a thread of its own: a slow disk never holds the link up.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::wire::write_record;

use super::super::Error;

/// What came within so long may be lost with the process; it is less than a second.
const TOGETHER: Duration = Duration::from_millis(100);

/// A `.tlog` that grows.
#[derive(Debug)]
pub(super) struct Recorder {
    records: Option<Sender<Vec<u8>>>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
    path: PathBuf,
}

impl Recorder {
    /// Goes on behind what the file holds already.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Record { path: path.to_owned(), source };
        let file = File::options().append(true).create(true).open(path).map_err(failed)?;
        let (records, received) = channel();
        let thread = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || write(BufWriter::with_capacity(64 << 10, file), &received))
            .map_err(failed)?;
        Ok(Self { records: Some(records), thread: Some(thread), path: path.to_owned() })
    }

    /// Takes a frame. An error of the disk is told at the end.
    pub(super) fn take(&self, stamp_us: u64, frame: &[u8]) {
        let mut record = Vec::new();
        write_record(&mut record, stamp_us, frame);
        if let Some(records) = &self.records {
            let _ = records.send(record);
        }
    }

    /// Writes what is left.
    pub(super) fn close(mut self) -> Result<(), Error> {
        self.records = None;
        let written = self.thread.take().map_or(Ok(Ok(())), JoinHandle::join);
        let lost = std::io::Error::other("the recorder stopped");
        written.unwrap_or(Err(lost)).map_err(|source| Error::Record { path: self.path, source })
    }
}

fn write(mut file: BufWriter<File>, records: &Receiver<Vec<u8>>) -> std::io::Result<()> {
    while let Ok(record) = records.recv() {
        file.write_all(&record)?;
        // What comes together is written together.
        std::thread::sleep(TOGETHER);
        for record in records.try_iter() {
            file.write_all(&record)?;
        }
        file.flush()?;
    }
    file.flush()
}
