//! Any bytes as a recording of a link; and any payloads in sound frames, as one.
#![no_main]
use std::path::Path;

use torenvalk::flight::{LogTime, read_bytes};
use torenvalk::wire::{ComponentId, Step, SystemId, Version, next_frame, write_frame};

const MESSAGES: [u32; 16] = [0, 2, 24, 30, 31, 32, 33, 112, 124, 136, 158, 180, 242, 263, 265, 285];

fn look(bytes: &[u8]) {
    let Ok(log) = read_bytes(Path::new("any.tlog"), bytes) else { return };
    for track in &log.tracks {
        let Some((first, last)) = track.span() else { continue };
        assert!(first <= last);
        for part in 0..8 {
            let at = LogTime(first.0 + (last - first) * f64::from(part) / 7.0);
            if let Ok(found) = track.position_at(at) {
                assert!(found.position.lat_rad.is_finite() && found.error_m >= 0.0);
            }
            if let Ok(found) = track.attitude_at(at) {
                assert!(found.attitude.yaw_rad.is_finite() && found.error_rad >= 0.0);
            }
            let _ = track.gimbal_at(at, 0);
            let _ = track.velocity_at(at);
        }
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    look(bytes);
    let mut rest = bytes;
    while let Step::Frame { skipped, frame } = next_frame(rest) {
        rest = &rest[skipped + frame.bytes.len()..];
    }
    // Records of: message, sender, milliseconds since the last, payload length, payload.
    let (mut made, mut rest, mut us) = (Vec::new(), bytes, 1_700_000_000_000_000_u64);
    while let Some((&[message, sender, ms, length], after)) = rest.split_first_chunk::<4>() {
        let payload = &after[..after.len().min(usize::from(length))];
        rest = &after[payload.len()..];
        us += u64::from(ms) * 1000;
        made.extend(us.to_be_bytes());
        let from = (0, SystemId(sender & 3), ComponentId(1 + (sender >> 2) % 2));
        let id = MESSAGES[usize::from(message) % MESSAGES.len()];
        assert!(write_frame(&mut made, Version::V2, from, id, payload));
    }
    look(&made);
});
