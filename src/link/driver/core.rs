//! What a link does with each frame, whichever way it came.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::broadcast;

use crate::wire::packet::Heartbeat;
use crate::wire::{Checked, Frame, Packet, SignatureTime, Step, Version, next_frame};

use super::super::signing::Signing;
use super::super::{Error, Peer, Received};
use super::clock::Clock;
use super::record::Recorder;
use super::times::Times;

/// `MAV_TYPE_GCS`, `MAV_AUTOPILOT_INVALID` and `MAV_STATE_ACTIVE`; version 3 of the protocol.
const STATION: Heartbeat =
    Heartbeat { custom_mode: 0, kind: 6, autopilot: 8, base_mode: 0, system_status: 4, version: 3 };
/// A longest frame and more of rubbish before it; a stream that has no frame is not kept.
const MOST_WAITING: usize = 64 << 10;

/// What happened on a link, in numbers.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) received: AtomicU64,
    pub(super) sent: AtomicU64,
    /// Frames that were not sent since the other side did not take them.
    pub(super) dropped: AtomicU64,
    /// Bytes that were no frame.
    pub(super) skipped_bytes: AtomicU64,
    /// Frames whose signature was missing or wrong.
    pub(super) distrusted: AtomicU64,
    /// Frames that the disk did not take in time.
    pub(super) unrecorded: AtomicU64,
    pub(super) unsigned_heard: AtomicBool,
}

/// The state of a link.
pub(super) struct Core {
    pub(super) us: Peer,
    sequence: u8,
    signing: Option<Signing>,
    times: Option<Times>,
    pub(super) recorder: Option<Recorder>,
    pub(super) heard: broadcast::Sender<Arc<Received>>,
    pub(super) counters: Arc<Counters>,
}

impl Core {
    pub(super) fn new(
        us: Peer,
        (signing, times): (Option<Signing>, Option<Times>),
        recorder: Option<Recorder>,
        heard: broadcast::Sender<Arc<Received>>,
        counters: Arc<Counters>,
    ) -> Self {
        Self { us, sequence: 0, signing, times, recorder, heard, counters }
    }

    /// The bytes of a message, recorded and signed.
    pub(super) fn frame(&mut self, packet: &Packet) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let from = (self.sequence, self.us.system, self.us.component);
        if !packet.write_frame(&mut bytes, Version::V2, from) {
            return None;
        }
        self.sequence = self.sequence.wrapping_add(1);
        let now_us = Clock::unix_us();
        if let Some(signing) = &mut self.signing {
            let signed = signing.sign(&mut bytes, SignatureTime::of_unix_us(now_us));
            debug_assert!(signed, "a frame of version 2");
        }
        self.record(now_us, &bytes);
        self.counters.sent.fetch_add(1, Ordering::Relaxed);
        Some(bytes)
    }

    /// We are there.
    pub(super) fn heartbeat(&mut self) -> Option<Vec<u8>> {
        if let (Some(times), Some(signing)) = (&mut self.times, &self.signing) {
            times.keep(signing.last());
        }
        self.frame(&STATION.into())
    }

    fn record(&self, now_us: u64, frame: &[u8]) {
        if let Some(recorder) = &self.recorder
            && !recorder.take(now_us, frame)
        {
            self.counters.unrecorded.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes all whole frames off the front of a stream's bytes.
    pub(super) fn take(&mut self, waiting: &mut Vec<u8>) {
        let taken = self.take_frames(waiting);
        waiting.drain(..taken);
        if waiting.len() > MOST_WAITING {
            self.skip(waiting.len());
            waiting.clear();
        }
    }

    /// Takes the frames of a datagram, of which nothing is left for the next.
    pub(super) fn take_datagram(&mut self, bytes: &[u8]) {
        let taken = self.take_frames(bytes);
        self.skip(bytes.len() - taken);
    }

    /// How many bytes the whole frames, and what lies before them, make.
    fn take_frames(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        loop {
            match next_frame(bytes.get(at..).unwrap_or_default()) {
                Step::Frame { skipped, frame } => {
                    self.skip(skipped);
                    at += skipped + frame.bytes.len();
                    self.hear(&frame);
                }
                Step::Wait { skipped } => {
                    self.skip(skipped);
                    return at + skipped;
                }
            }
        }
    }

    pub(super) fn skip(&self, bytes: usize) {
        self.counters.skipped_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn hear(&mut self, frame: &Frame<'_>) {
        let now_us = Clock::unix_us();
        if let Some(signing) = &mut self.signing {
            if signing.check(frame, SignatureTime::of_unix_us(now_us)).is_err() {
                self.counters.distrusted.fetch_add(1, Ordering::Relaxed);
                return;
            }
        } else if frame.signature.is_none() {
            self.counters.unsigned_heard.store(true, Ordering::Relaxed);
        }
        self.record(now_us, frame.bytes);
        self.counters.received.fetch_add(1, Ordering::Relaxed);
        let from = Peer { system: frame.system, component: frame.component };
        // What nobody can check is recorded, and moves no engine; nor does our own echo.
        let is_told = frame.checked == Checked::Right && from != self.us;
        if is_told && self.heard.receiver_count() > 0 {
            let _ = self.heard.send(Arc::new(Received { from, packet: Packet::of(frame) }));
        }
    }

    pub(super) fn close(self) -> Result<(), Error> {
        if let (Some(times), Some(signing)) = (self.times, &self.signing) {
            times.close(signing.last())?;
        }
        self.recorder.map_or(Ok(()), Recorder::close)
    }
}
