//! The first 16 bytes of a ULog, and its flags.

/// First bytes of a log (PX4 developer guide, ULog file format).
pub(super) const MAGIC: [u8; 7] = [0x55, 0x4C, 0x6F, 0x67, 0x01, 0x12, 0x35];
/// Magic, version, start.
const HEADER: usize = 16;
/// Least body of the record of flags: twice eight bytes of flags, three offsets.
pub(super) const FLAGS: usize = 40;
/// The one incompatible flag that is known: data were appended after the log was closed.
const APPENDED: u8 = 1;

/// Why a log is not read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset}: {what}")]
pub struct Refused {
    /// In bytes from the start of the file.
    pub offset: u64,
    /// Reason and remedy.
    pub what: String,
}

/// What a log says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Of the file format.
    pub version: u8,
    /// Microseconds of the vehicle's clock when the log began.
    pub start_us: u64,
    /// Flags that may be ignored.
    pub compatible: [u8; 8],
    /// Flags that may not.
    pub incompatible: [u8; 8],
    /// Where appended data begin, in bytes from the start of the log.
    pub appended: Vec<u64>,
    /// Where records begin.
    pub(super) end: usize,
}

impl Header {
    pub(super) fn read(bytes: &[u8], start: usize) -> Result<Self, Refused> {
        let missing = || Refused {
            offset: start as u64,
            what: "no ULog begins here; copy the file again from the vehicle".to_owned(),
        };
        let log = bytes.get(start..).filter(|log| log.starts_with(&MAGIC)).ok_or_else(missing)?;
        let (head, records) = log.split_at_checked(HEADER).ok_or_else(missing)?;
        let mut header = Self {
            version: head.get(7).copied().unwrap_or_default(),
            start_us: u64_at(head, 8),
            compatible: [0; 8],
            incompatible: [0; 8],
            appended: Vec::new(),
            end: start + HEADER,
        };
        // The record of flags is the first one, and old logs have none.
        if let Some((&[low, high, b'B'], body)) = records.split_first_chunk()
            && usize::from(u16::from_le_bytes([low, high])) >= FLAGS
            && let Some(body) = body.get(..FLAGS)
        {
            header.compatible = u64_at(body, 0).to_le_bytes();
            header.incompatible = u64_at(body, 8).to_le_bytes();
            if header.incompatible[0] & !APPENDED != 0 || header.incompatible[1..] != [0; 7] {
                let offset = (header.end + 3 + 8) as u64;
                let what = format!(
                    "the ULog has incompatible flags {:02X?} that are not known here; a newer \
                     version of this program may read it",
                    header.incompatible
                );
                return Err(Refused { offset, what });
            }
            if header.incompatible[0] & APPENDED != 0 {
                let offsets = [16, 24, 32].map(|at| u64_at(body, at));
                header.appended = offsets.into_iter().filter(|&offset| offset != 0).collect();
            }
        }
        Ok(header)
    }
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let eight = bytes.get(at..).and_then(|rest| rest.first_chunk());
    eight.map_or(0, |eight| u64::from_le_bytes(*eight))
}
