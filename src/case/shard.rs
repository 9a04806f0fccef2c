//! What a shard of a run gave, kept until the run is committed.
//!
//! Layout: magic, postcard bytes, SHA-256 over run id, shard number, magic and postcard bytes. So a
//! file that is cut, altered or stands under another shard's name is not taken for a result.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Error, RunId, ShardResult, atomic};

/// Begins every shard file; the last byte is the version of the layout.
const MAGIC: &[u8; 8] = b"TVSHARD\x01";
const DIGEST_LENGTH: usize = 32;
/// 500 frames of 3,000 observations of 170 bytes fill this. A larger file is made anew, not read,
/// so that nothing that lies in the folder can take up the memory.
const LARGEST_BYTES: u64 = 1 << 28;

/// The result in a file; `None` if there is none or it is damaged.
pub(super) fn read(path: &Path, run: &RunId, number: u32) -> Result<Option<ShardResult>, Error> {
    let bytes = match File::open(path) {
        Ok(file) => bounded(file),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => Err(error),
    };
    let bytes = bytes.map_err(|source| Error::io(path, source))?;
    Ok(bytes.as_deref().and_then(|bytes| decode(bytes, run, number)))
}

/// Writes a result, all of it or nothing.
pub(super) fn write(
    path: &Path,
    run: &RunId,
    number: u32,
    result: &ShardResult,
) -> Result<(), Error> {
    let body = postcard::to_allocvec(result)
        .map_err(|error| Error::io(path, std::io::Error::other(error)))?;
    let digest = digest(&body, run, number);
    atomic::replace(path, atomic::Lasting::PowerCut, |out| {
        out.write_all(MAGIC)?;
        out.write_all(&body)?;
        out.write_all(&digest)
    })
}

/// The name of a shard's file.
pub(super) fn name(number: u32) -> String {
    format!("shard-{number:05}")
}

fn bounded(file: File) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let length = file.take(LARGEST_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(u64::try_from(length).is_ok_and(|length| length <= LARGEST_BYTES).then_some(bytes))
}

/// The result in a shard file's bytes, `None` if they are damaged or of another run or shard.
/// Public only so that a fuzz target reaches it.
#[doc(hidden)]
#[must_use]
pub fn decode(bytes: &[u8], run: &RunId, number: u32) -> Option<ShardResult> {
    let body_and_digest = bytes.strip_prefix(MAGIC)?;
    let (body, kept) =
        body_and_digest.split_at_checked(body_and_digest.len().checked_sub(DIGEST_LENGTH)?)?;
    // Only bytes that this room wrote are decoded, so what they claim needs no second check.
    if kept != digest(body, run, number) {
        return None;
    }
    postcard::from_bytes(body).ok()
}

fn digest(body: &[u8], run: &RunId, number: u32) -> [u8; DIGEST_LENGTH] {
    let mut hash = Sha256::new();
    hash.update(MAGIC);
    hash.update(u64::try_from(run.0.len()).unwrap_or(u64::MAX).to_le_bytes());
    hash.update(run.0.as_bytes());
    hash.update(number.to_le_bytes());
    hash.update(body);
    hash.finalize().into()
}

/// The folder name of a run: its id where that is a plain name, else a hash of it.
pub(super) fn folder_name(run: &RunId) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !run.0.is_empty() && run.0.len() <= 80 && run.0.chars().all(plain) {
        return run.0.clone();
    }
    "run-".to_owned() + &hexadecimal(&Sha256::digest(run.0.as_bytes()))
}

/// Bytes as lower-case hexadecimal.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Removes what is left of a run's shards, and the folder above if that is then empty.
pub(super) fn drop_all(work: &Path, folder: &str) -> Result<(), Error> {
    let gone = |path: &Path, result: std::io::Result<()>| match result {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io(path, error)),
        _ => Ok(()),
    };
    let of_run = work.join(folder);
    gone(&of_run, fs::remove_dir_all(&of_run))?;
    let others = fs::read_dir(work).is_ok_and(|mut entries| entries.next().is_some());
    if others { Ok(()) } else { gone(work, fs::remove_dir(work)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_or_misplaced_shard_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name(3));
        let run = RunId("r1".to_owned());
        let result = ShardResult { frames_seen: 7, ..ShardResult::default() };
        assert_eq!(read(&path, &run, 3).unwrap(), None);
        write(&path, &run, 3, &result).unwrap();
        assert_eq!(read(&path, &run, 3).unwrap().as_ref(), Some(&result));
        assert_eq!(read(&path, &run, 4).unwrap(), None);
        assert_eq!(read(&path, &RunId("r2".to_owned()), 3).unwrap(), None);
        let good = fs::read(&path).unwrap();
        for cut in 0..good.len() {
            fs::write(&path, &good[..cut]).unwrap();
            assert_eq!(read(&path, &run, 3).unwrap(), None, "cut at {cut}");
            let mut flipped = good.clone();
            flipped[cut] ^= 1;
            fs::write(&path, &flipped).unwrap();
            assert_eq!(read(&path, &run, 3).unwrap(), None, "flipped at {cut}");
        }
    }

    #[test]
    fn a_run_id_never_leaves_its_folder() {
        assert_eq!(folder_name(&RunId("0a1b".to_owned())), "0a1b");
        for odd in ["", "..", "a/b", "a\\b", "."] {
            assert!(folder_name(&RunId(odd.to_owned())).starts_with("run-"));
        }
    }
}
