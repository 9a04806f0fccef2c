//! Tracks from a ground station's recording of the link.
//!
//! Two passes over the bytes: [`survey`] finds the vehicles and places their boot clocks, which
//! needs stamps from behind a restart; [`collect`] takes the samples. Nothing is copied but
//! samples.

mod collect;
mod survey;

use crate::wire::{TlogItem, TlogReader};

use super::error::Fault;
use super::{Log, LogFormat, Loss, Oddity, Warnings};

/// How far a file may begin with damage and still be known for what it is.
const SNIFFED_BYTES: usize = 64 << 10;

/// Whether a sound record lies within the first 64 KiB.
pub(super) fn looks_like(bytes: &[u8]) -> bool {
    let start = bytes.get(..SNIFFED_BYTES).unwrap_or(bytes);
    TlogReader::new(start).any(|item| matches!(item, TlogItem::Record(_)))
}

/// Reads a whole recording.
pub(super) fn read(bytes: &[u8]) -> Result<Log, Fault> {
    let mut log = Log::empty(LogFormat::Tlog);
    let survey = survey::survey(bytes);
    if survey.messages == 0 {
        let what = "no sound MAVLink frame; give a recording with 8 byte stamps (.tlog)";
        return Err(Fault { offset: 0, what: what.to_owned() });
    }
    log.messages = survey.messages;
    log.losses = survey.losses.iter().map(loss).collect();
    let mut warnings = Warnings::default();
    let mut flights = survey.into_flights(&mut warnings);
    collect::collect(bytes, &mut flights, &mut warnings);
    for flight in flights {
        for builder in flight.builders {
            if builder.is_empty() {
                let oddity = Oddity::Other("a start of a vehicle without any sample".to_owned());
                warnings.note(oddity, None);
            } else {
                log.tracks.push(builder.finish());
            }
        }
    }
    log.warnings = warnings.into_sorted();
    Ok(log)
}

fn loss(lost: &crate::wire::Lost) -> Loss {
    let what = if lost.cut_short {
        "a record that the file's end cuts short"
    } else {
        "damaged bytes between records"
    };
    Loss { offset: lost.offset, bytes: lost.bytes, what: what.into() }
}
