//! The key for signing: a file that its owner alone can read.

use std::fs;
use std::path::Path;

use crate::wire::Key;

use super::super::Error;

/// Reads 32 bytes, as they are or as 64 hexadecimal digits.
///
/// # Errors
/// [`Error::Key`] where others than its owner may read it, or it holds no key.
pub fn read_key(path: &Path) -> Result<Key, Error> {
    let wrong = |reason: String| Error::Key { path: path.to_owned(), reason };
    let about = fs::metadata(path).map_err(|error| wrong(error.to_string()))?;
    if about.len() > 100 {
        return Err(wrong("a key has 32 bytes, or 64 hexadecimal digits".to_owned()));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = about.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let reason = format!("others may read it (mode {mode:03o}); chmod 600 takes that away");
            return Err(wrong(reason));
        }
    }
    let bytes = fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let key = <[u8; 32]>::try_from(&bytes[..]).ok().or_else(|| from_hex(&bytes));
    key.map(Key).ok_or_else(|| wrong("a key has 32 bytes, or 64 hexadecimal digits".to_owned()))
}

fn from_hex(bytes: &[u8]) -> Option<[u8; 32]> {
    let digits = bytes.trim_ascii();
    let mut key = [0; 32];
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(digits.chunks(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16);
        *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
    }
    Some(key)
}
