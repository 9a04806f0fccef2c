//! Reading and writing the files that a user named.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::inspect::name_of;

use super::ending::{BadInput, UsageError};

/// Refuses what a read of might never end: pipes, sockets, devices. A file that is not there is
/// left to the one who reads it.
pub(super) fn regular(path: &Path) -> Result<(), BadInput> {
    match std::fs::metadata(path) {
        Ok(about) if about.is_dir() => {
            Err(BadInput(format!("{}: a folder, not a file", name_of(path))))
        }
        Ok(about) if !about.is_file() => {
            Err(BadInput(format!("{}: not a regular file", name_of(path))))
        }
        _ => Ok(()),
    }
}

/// A whole file of at most so many bytes.
pub(super) fn bytes(path: &Path, most: u64) -> anyhow::Result<Vec<u8>> {
    regular(path)?;
    let name = name_of(path);
    let file = File::open(path)
        .map_err(|error| BadInput(format!("{name}: it cannot be opened: {error}")))?;
    whole(file, &name, most)
}

/// All of a stream of at most so many bytes.
pub(super) fn whole(stream: impl Read, name: &str, most: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(most + 1).read_to_end(&mut bytes).with_context(|| format!("{name}: not read"))?;
    if bytes.len() as u64 > most {
        return Err(BadInput(format!("{name}: longer than {most} bytes")).into());
    }
    Ok(bytes)
}

/// Refuses to write over one of the inputs.
pub(super) fn spares(path: &Path, inputs: &[PathBuf]) -> Result<(), UsageError> {
    let Ok(target) = path.canonicalize() else { return Ok(()) };
    let hit = |input: &&PathBuf| input.canonicalize().is_ok_and(|place| place == target);
    match inputs.iter().find(hit) {
        Some(input) => Err(UsageError(format!(
            "{} is an input and will not be written over; choose another place",
            name_of(input)
        ))),
        None => Ok(()),
    }
}

/// Writes a file, making its folder first.
pub(super) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("{}: the folder cannot be made", folder.display()))?;
    }
    std::fs::write(path, bytes).with_context(|| format!("{}: not written", path.display()))
}
