//! SHA-256 of what streams by.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

/// Read at a time: large enough that system calls do not count, small enough for the cache.
const BLOCK_BYTES: usize = 1 << 18;

/// Bytes as lower-case hexadecimal.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// SHA-256 of bytes, hexadecimal.
#[must_use]
pub fn hex_sha256(bytes: &[u8]) -> String {
    hexadecimal(&sha256(bytes))
}

/// Passes everything on; gives SHA-256 and length of what went by.
pub(super) fn pass(from: &mut dyn Read, to: &mut dyn Write) -> io::Result<(String, u64)> {
    let mut hash = Sha256::new();
    let mut block = vec![0; BLOCK_BYTES];
    let mut total = 0;
    loop {
        let read = match from.read(&mut block) {
            Ok(0) => return Ok((hexadecimal(&hash.finalize()), total)),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(&block[..read]);
        to.write_all(&block[..read])?;
        total += read as u64;
    }
}

/// SHA-256 and length of a file.
pub(super) fn of_file(path: &Path) -> io::Result<(String, u64)> {
    pass(&mut File::open(path)?, &mut io::sink())
}
