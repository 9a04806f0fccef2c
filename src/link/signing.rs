//! Signed links: whose frames are taken, and the times of one's own.

use std::collections::BTreeMap;

use crate::wire::{Frame, Key, Signature, SignatureTime};

use super::Peer;

/// A stream that is new may lag behind by a minute, in 10 µs (mavlink.io, "Message Signing").
const NEW_STREAM_LAG: u64 = 6_000_000;
/// Thirty years in 10 µs. A time further ahead than that is no clock's: even a receiver that lost
/// count of its weeks is 20 years off. Taking it would bring our own times to the end of their 48
/// bits.
const MOST_AHEAD: u64 = 30 * 36_525 * 864 * 100_000;
/// `RADIO_STATUS` comes from the radio, which has no key.
const NEVER_SIGNED: u32 = 109;

/// Why a frame is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distrust {
    /// It is not signed.
    Unsigned,
    /// It is signed with another key, or damaged.
    WrongKey,
    /// Its time does not rise: it is a copy, or was held back.
    Replayed,
    /// The first of its stream is more than a minute old.
    Stale,
    /// Its time lies decades ahead.
    FarAhead,
}

/// A key, and the times that it was used at.
#[derive(Debug, Clone)]
pub struct Signing {
    key: Key,
    link: u8,
    last: SignatureTime,
    streams: BTreeMap<(Peer, u8), SignatureTime>,
}

impl Signing {
    /// For a link of this number.
    #[must_use]
    pub fn new(key: Key, link: u8) -> Self {
        Self { key, link, last: SignatureTime(0), streams: BTreeMap::new() }
    }

    /// The same for a key that has signed before: times go on after `last`.
    #[must_use]
    pub fn after(self, last: SignatureTime) -> Self {
        Self { last, ..self }
    }

    /// The last time that was signed with, or heard.
    #[must_use]
    pub fn last(&self) -> SignatureTime {
        self.last
    }

    /// Signs a frame that is all of `frame`; its time is later than of any before it, and than any
    /// that was heard, so that a station whose clock is late is not ignored without a word.
    #[must_use]
    pub fn sign(&mut self, frame: &mut Vec<u8>, now: SignatureTime) -> bool {
        self.last = SignatureTime((self.last.0 + 1).max(now.0));
        crate::wire::sign(frame, &self.key, self.link, self.last)
    }

    /// Whether a frame is to be taken.
    ///
    /// # Errors
    /// [`Distrust`]: the reason.
    pub fn check(&mut self, frame: &Frame<'_>, now: SignatureTime) -> Result<(), Distrust> {
        let Some(signature) = Signature::of(frame) else {
            return if frame.id == NEVER_SIGNED { Ok(()) } else { Err(Distrust::Unsigned) };
        };
        if !Signature::is_right(frame, &self.key) {
            return Err(Distrust::WrongKey);
        }
        if signature.time.0 > now.0 + MOST_AHEAD {
            return Err(Distrust::FarAhead);
        }
        let from = Peer { system: frame.system, component: frame.component };
        let stream = (from, signature.link);
        match self.streams.get(&stream) {
            Some(last) if signature.time <= *last => return Err(Distrust::Replayed),
            Some(_) => {}
            None => {
                let newest = self.last.max(now).0;
                if signature.time.0 + NEW_STREAM_LAG < newest {
                    return Err(Distrust::Stale);
                }
            }
        }
        self.streams.insert(stream, signature.time);
        self.last = self.last.max(signature.time);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::packet::{CommandLong, RadioStatus};
    use crate::wire::{Packet, Version};

    /// In 2026; a time has 48 bits.
    const NOW: SignatureTime = SignatureTime(37_500_000_000_000);

    fn frame(packet: &Packet) -> Vec<u8> {
        let mut bytes = Vec::new();
        let from = (0, Peer::STATION.system, Peer::STATION.component);
        assert!(packet.write_frame(&mut bytes, Version::V2, from));
        bytes
    }

    fn check(signing: &mut Signing, bytes: &[u8]) -> Result<(), Distrust> {
        signing.check(&Frame::parse(bytes).unwrap(), NOW)
    }

    #[test]
    fn a_time_decades_ahead_is_not_taken_and_leaves_ours_alone() {
        let command = Packet::from(CommandLong::default());
        for (ahead, told) in [(MOST_AHEAD, Ok(())), (MOST_AHEAD + 1, Err(Distrust::FarAhead))] {
            let mut here = Signing::new(Key([7; 32]), 2);
            let mut bytes = frame(&command);
            let time = SignatureTime(NOW.0 + ahead);
            assert!(crate::wire::sign(&mut bytes, &Key([7; 32]), 1, time));
            assert_eq!(check(&mut here, &bytes), told);
            assert_eq!(here.last().0 > 0, told.is_ok());
        }
    }

    #[test]
    fn only_new_frames_of_the_same_key_are_taken() {
        let command = Packet::from(CommandLong::default());
        let mut there = Signing::new(Key([7; 32]), 1);
        let mut here = Signing::new(Key([7; 32]), 2);
        let (mut first, mut second) = (frame(&command), frame(&command));
        assert!(there.sign(&mut first, NOW) && there.sign(&mut second, NOW));
        assert_eq!(check(&mut here, &first), Ok(()));
        assert_eq!(check(&mut here, &first), Err(Distrust::Replayed));
        assert_eq!(check(&mut here, &second), Ok(()), "times rise within one instant");
        assert_eq!(check(&mut here, &first), Err(Distrust::Replayed));
        assert_eq!(check(&mut Signing::new(Key([8; 32]), 2), &first), Err(Distrust::WrongKey));
        assert_eq!(check(&mut here, &frame(&command)), Err(Distrust::Unsigned));
        assert_eq!(check(&mut here, &frame(&RadioStatus::default().into())), Ok(()));
    }

    #[test]
    fn a_new_stream_may_lag_a_minute_and_no_more() {
        for (lag, expected) in [(5_999_000, Ok(())), (6_001_000, Err(Distrust::Stale))] {
            let mut bytes = frame(&CommandLong::default().into());
            let mut there = Signing::new(Key([7; 32]), 1);
            assert!(there.sign(&mut bytes, SignatureTime(NOW.0 - lag)));
            assert_eq!(check(&mut Signing::new(Key([7; 32]), 1), &bytes), expected);
        }
    }
}
