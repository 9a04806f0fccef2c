//! How often a message comes.

use std::time::Duration;

use super::command::Wanted;
use super::quirks::Quirks;

/// `MAV_CMD_SET_MESSAGE_INTERVAL`.
const SET_MESSAGE_INTERVAL: u16 = 511;

/// The command that has a message come each `every`; not at all for zero. `None` for messages that
/// tell events: asked for so, ArduPilot streams empty ones.
#[must_use]
pub fn message_interval(id: u32, every: Duration, quirks: &Quirks) -> Option<Wanted> {
    if quirks.event_messages.contains(&id) {
        return None;
    }
    let interval_us = if every.is_zero() { -1.0 } else { every.as_secs_f64() * 1e6 };
    Some(Wanted::new(SET_MESSAGE_INTERVAL, [id as f32, interval_us as f32, 0.0, 0.0]))
}
