//! From a file or its bytes to its tracks: what kind it is, and that kind's reader.

use std::fs;
use std::path::Path;

use super::error::Fault;
use super::{Error, Log, LogFormat, csv, dataflash, gpx, tlog, ulog};

/// Reads a flight log. Its kind is told by its content, not by its name.
///
/// The whole file is in memory while it is read, and the samples besides; no more.
///
/// # Errors
/// [`Error`], where nothing at all can be read. Damage, and what was odd, stands in the [`Log`].
pub fn read(path: &Path) -> Result<Log, Error> {
    let bytes = fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    read_bytes(path, &bytes)
}

/// The same from a file's bytes; `path` is its name in errors.
///
/// # Errors
/// As [`read()`].
pub fn read_bytes(path: &Path, bytes: &[u8]) -> Result<Log, Error> {
    let path_buf = || path.to_owned();
    let Some(format) = sniff(bytes) else {
        return Err(Error::UnknownFormat { path: path_buf() });
    };
    let read: Result<Log, Fault> = match format {
        LogFormat::Tlog => tlog::read(bytes),
        LogFormat::Csv => csv::read(bytes),
        LogFormat::Gpx => gpx::read(bytes),
        LogFormat::DataFlash => Ok(dataflash::read(bytes)),
        LogFormat::ULog => ulog::read(bytes)
            .map_err(|refused| Fault { offset: refused.offset, what: refused.what }),
    };
    read.map_err(|Fault { offset, what }| Error::Unreadable { path: path_buf(), offset, what })
}

/// Start of a DataFlash record (ArduPilot, `AP_Logger/LogStructure.h`).
const DATAFLASH_MAGIC: [u8; 2] = [0xA3, 0x95];
/// Start of a ULog file (PX4 user guide, "ULog File Format").
const ULOG_MAGIC: [u8; 7] = [0x55, 0x4C, 0x6F, 0x67, 0x01, 0x12, 0x35];

/// What kind of log some bytes are, by their content.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Option<LogFormat> {
    if bytes.starts_with(&ULOG_MAGIC) {
        Some(LogFormat::ULog)
    } else if bytes.starts_with(&DATAFLASH_MAGIC) {
        Some(LogFormat::DataFlash)
    } else if gpx::looks_like(bytes) {
        Some(LogFormat::Gpx)
    } else if tlog::looks_like(bytes) {
        Some(LogFormat::Tlog)
    } else if csv::looks_like(bytes) {
        Some(LogFormat::Csv)
    } else {
        None
    }
}
