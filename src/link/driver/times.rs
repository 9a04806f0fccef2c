//! The last time that a key signed at, in a file beside the key, so that a station that starts
//! again never signs with a time that it used before (mavlink.io, "Message Signing", asks for it).
//!
//! While a link is open the file is ahead of what was signed by up to [`AHEAD`]: after a crash the
//! times go on from there. That is less than the minute by which a new stream may lag, so that
//! another station with the right clock is still heard.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use crate::wire::SignatureTime;

use super::super::Error;

/// 30 s, in 10 µs.
const AHEAD: u64 = 3_000_000;
/// The largest time that a signature holds.
const MOST: u64 = (1 << 48) - 1;

/// The file, and what it promises.
#[derive(Debug)]
pub(super) struct Times {
    path: PathBuf,
    promised: u64,
    /// A link does not wait for the disk.
    writing: Option<JoinHandle<Result<(), Error>>>,
}

impl Times {
    /// Opens or makes the file, which then promises that nothing up to `now` is used; the time
    /// after which to sign.
    pub(super) fn open(path: &Path, now: SignatureTime) -> Result<(Self, SignatureTime), Error> {
        let last = read(path)?;
        let promised = last.max(now.0).saturating_add(AHEAD).min(MOST);
        write(path, promised)?;
        Ok((Self { path: path.to_owned(), promised, writing: None }, SignatureTime(last)))
    }

    /// Sees to it that no time up to `last` is used again, long before that is no longer promised.
    pub(super) fn keep(&mut self, last: SignatureTime) {
        let is_done = self.writing.as_ref().is_none_or(JoinHandle::is_finished);
        if !is_done || last.0 + AHEAD / 2 < self.promised {
            return;
        }
        self.promised = last.0.saturating_add(AHEAD).min(MOST);
        let (path, promised) = (self.path.clone(), self.promised);
        self.writing = Some(std::thread::spawn(move || write(&path, promised)));
    }

    /// Nothing more is signed. What could not be written meanwhile is written now, or told.
    pub(super) fn close(self, last: SignatureTime) -> Result<(), Error> {
        if let Some(writing) = self.writing {
            let _ = writing.join();
        }
        write(&self.path, last.0)
    }
}

/// Whole or not at all, and for nobody else to read.
fn write(path: &Path, time: u64) -> Result<(), Error> {
    let new = path.with_extension("time-new");
    let written = create(&new).and_then(|mut file| {
        file.write_all(format!("{time}\n").as_bytes())?;
        file.sync_data()
    });
    written.and_then(|()| fs::rename(&new, path)).map_err(|cause| {
        let reason = format!("the time of the last signature cannot be kept: {cause}");
        Error::Key { path: path.to_owned(), reason }
    })
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A file that is not there has no time; one that is damaged is not taken for that.
fn read(path: &Path) -> Result<u64, Error> {
    let wrong = |reason: String| Error::Key { path: path.to_owned(), reason };
    let file = match File::open(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(0),
        file => file.map_err(|cause| wrong(cause.to_string()))?,
    };
    let mut text = String::new();
    file.take(64).read_to_string(&mut text).map_err(|cause| wrong(cause.to_string()))?;
    text.trim().parse().ok().filter(|time| *time <= MOST).ok_or_else(|| {
        wrong(
            "it should hold one number, the time of the last signature; remove it only if the \
               key was never used on another link since"
                .to_owned(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: SignatureTime = SignatureTime(37_500_000_000_000);

    #[test]
    fn a_time_is_never_used_twice_whatever_ends_the_link() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.time");
        let (times, last) = Times::open(&path, NOW).unwrap();
        assert_eq!(last, SignatureTime(0));
        drop(times); // As if it had been killed.
        let (mut times, last) = Times::open(&path, NOW).unwrap();
        assert_eq!(last, SignatureTime(NOW.0 + AHEAD));
        times.keep(last);
        assert!(times.writing.is_none(), "written too often");
        let signed = SignatureTime(last.0 + AHEAD);
        times.keep(signed);
        times.writing.take().unwrap().join().unwrap().unwrap();
        assert_eq!(read(&path).unwrap(), signed.0 + AHEAD);
        times.close(SignatureTime(signed.0 + 5)).unwrap();
        assert_eq!(read(&path).unwrap(), signed.0 + 5);
    }

    #[test]
    fn a_damaged_file_is_told_and_not_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.time");
        for text in ["", "x", "-1", "281474976710656", "1 2"] {
            fs::write(&path, text).unwrap();
            let error = Times::open(&path, NOW).unwrap_err().to_string();
            assert!(error.contains("key.time") && error.contains("number"), "{text}: {error}");
        }
    }
}
