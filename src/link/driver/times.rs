//! The last time that a key signed with, on disk beside it: a restart with a clock that went back
//! never signs with an older time, which the other side would take for a replay.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use crate::wire::SignatureTime;

use super::super::Error;

/// The file says a time that lies so far ahead, in 10 µs: signing goes on for half a minute, until
/// the next writing, and a crash in between leaves a time that is late enough. ArduPilot writes
/// its own every 30 s.
const AHEAD: u64 = 6_000_000;
/// It is written again when less than this is left.
const LEFT: u64 = AHEAD / 2;

/// The file, and the thread that writes it: a slow disk never holds a link up.
#[derive(Debug)]
pub(super) struct Times {
    path: PathBuf,
    told: SignatureTime,
    writes: Option<Sender<SignatureTime>>,
    thread: Option<JoinHandle<Result<(), Error>>>,
}

/// Where the time of a key lies.
pub(super) fn beside(key: &Path) -> PathBuf {
    let mut name = key.as_os_str().to_owned();
    name.push(".time");
    name.into()
}

impl Times {
    /// Reads the time of a key, and what is to be signed later than.
    ///
    /// # Errors
    /// [`Error::Key`] where the file cannot be read, written or understood: signing from a time
    /// that is not known could open the link to replays.
    pub(super) fn open(key: &Path, now: SignatureTime) -> Result<(Self, SignatureTime), Error> {
        let path = beside(key);
        let last = read(&path)?;
        let told = SignatureTime(last.max(now).0 + AHEAD);
        write(&path, told)?;
        let (writes, received) = channel();
        let target = path.clone();
        let thread = std::thread::Builder::new()
            .name("signing times".to_owned())
            .spawn(move || keep(&target, &received))
            .map_err(|error| wrong(&path, error.to_string()))?;
        Ok((Self { path, told, writes: Some(writes), thread: Some(thread) }, last))
    }

    /// A frame was signed at this time.
    pub(super) fn signed(&mut self, at: SignatureTime) {
        if at.0 + LEFT < self.told.0 {
            return;
        }
        self.told = SignatureTime(at.0 + AHEAD);
        if let Some(writes) = &self.writes {
            let _ = writes.send(self.told); // What went wrong is told when the link closes.
        }
    }

    /// Writes the time that was really reached.
    pub(super) fn close(mut self, last: SignatureTime) -> Result<(), Error> {
        self.writes = None;
        let written = self.thread.take().map_or(Ok(Ok(())), JoinHandle::join);
        written.unwrap_or_else(|_| Err(wrong(&self.path, "its writer stopped".to_owned())))?;
        write(&self.path, last)
    }
}

fn keep(path: &Path, received: &Receiver<SignatureTime>) -> Result<(), Error> {
    received.iter().try_for_each(|time| write(path, time))
}

fn wrong(path: &Path, reason: String) -> Error {
    Error::Key { path: path.to_owned(), reason }
}

fn read(path: &Path) -> Result<SignatureTime, Error> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(SignatureTime(0)),
        Err(error) => return Err(wrong(path, error.to_string())),
    };
    // 48 bits, and room for a lead.
    let time = text.trim().parse().ok().filter(|time: &u64| *time < (1 << 48) - 2 * AHEAD);
    let reason = || "it holds no time of a signature; take it away to begin anew".to_owned();
    time.map(SignatureTime).ok_or_else(|| wrong(path, reason()))
}

/// Written beside and moved there, so that it is whole at every instant.
fn write(path: &Path, time: SignatureTime) -> Result<(), Error> {
    let failed = |error: std::io::Error| wrong(path, error.to_string());
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside).map_err(failed)?;
    writeln!(file, "{}", time.0).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&beside, path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restart_signs_later_than_all_before_whatever_the_clock_says() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key");
        let (mut times, last) = Times::open(&key, SignatureTime(1_000)).unwrap();
        assert_eq!(last, SignatureTime(0));
        let reached = SignatureTime(1_000 + AHEAD * 3);
        times.signed(reached);
        // Killed: the file is already ahead of all that was signed, or will be in a moment.
        times.writes = None;
        times.thread.take().unwrap().join().unwrap().unwrap();
        assert!(read(&beside(&key)).unwrap() > reached);
        // Restarted with a clock that went back, and closed well.
        let (times, last) = Times::open(&key, SignatureTime(5)).unwrap();
        assert!(last > reached);
        times.close(SignatureTime(last.0 + 7)).unwrap();
        let (_, again) = Times::open(&key, SignatureTime(5)).unwrap();
        assert_eq!(again, SignatureTime(last.0 + 7));
        let mode = fs::metadata(beside(&key)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        for damaged in ["", "later", "-1", "281474976710655"] {
            fs::write(beside(&key), damaged).unwrap();
            assert!(Times::open(&key, SignatureTime(5)).is_err(), "{damaged:?}");
        }
    }
}
