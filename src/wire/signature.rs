//! Signatures of frames: link, time and six bytes of a hash behind the checksum (mavlink.io,
//! "Message Signing"). Who may lag by how much is for the one who keeps the streams.

use sha2::{Digest, Sha256};

use super::Frame;
use super::checksum::{checksum, seed, seeded};
use super::frame::{CHECKSUM_BYTES, HEADER_2, SIGNATURE_BYTES, SIGNED};

/// Seconds from 1970 to 2015-01-01, from which the time of signatures is counted.
const EPOCH_2015_S: u64 = 1_420_070_400;

/// A shared secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(pub [u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

/// Time of a signature: 48 bits of 10 µs since 2015-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignatureTime(pub u64);

impl SignatureTime {
    /// Of microseconds since 1970; the epoch's start for what is before it.
    #[must_use]
    pub fn of_unix_us(unix_us: u64) -> Self {
        Self(unix_us.saturating_sub(EPOCH_2015_S * 1_000_000) / 10)
    }
}

/// What is signed with: the link's number and the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// Number of the link.
    pub link: u8,
    /// When it was signed.
    pub time: SignatureTime,
    /// Six bytes of the hash.
    pub hash: [u8; 6],
}

impl Signature {
    /// As it stands in a frame.
    #[must_use]
    pub fn of(frame: &Frame<'_>) -> Option<Self> {
        let [link, t0, t1, t2, t3, t4, t5, hash @ ..] = *frame.signature?;
        let time = u64::from_le_bytes([t0, t1, t2, t3, t4, t5, 0, 0]);
        Some(Self { link, time: SignatureTime(time), hash })
    }

    /// Whether it is that of this key. A frame without signature has none.
    #[must_use]
    pub fn is_right(frame: &Frame<'_>, key: &Key) -> bool {
        let hashed = frame.bytes.len().saturating_sub(6);
        let (Some(signature), Some(signed)) = (Self::of(frame), frame.bytes.get(..hashed)) else {
            return false;
        };
        // All six are compared, so that the time taken tells nothing.
        let pairs = hash(key, signed).into_iter().zip(signature.hash);
        pairs.fold(0, |wrong, (right, told)| wrong | (right ^ told)) == 0
    }
}

fn hash(key: &Key, signed: &[u8]) -> [u8; 6] {
    let whole = Sha256::new().chain_update(key.0).chain_update(signed).finalize();
    std::array::from_fn(|index| whole[index])
}

/// Signs a frame of version 2 that is not signed yet and is all that is in `frame`. `false`, and
/// nothing changed, of any other bytes.
#[must_use]
pub fn sign(frame: &mut Vec<u8>, key: &Key, link: u8, time: SignatureTime) -> bool {
    let Ok(parsed) = Frame::parse(frame) else { return false };
    let unsigned = parsed.signature.is_none() && parsed.bytes.len() == frame.len();
    let (2, Some(seed), true) = (frame_version(frame), seed(parsed.id), unsigned) else {
        return false;
    };
    let end = frame.len() - CHECKSUM_BYTES;
    frame[2] |= SIGNED;
    let crc = seeded(checksum(&frame[1..end]), seed);
    frame.truncate(end);
    frame.extend(crc.to_le_bytes());
    frame.push(link);
    frame.extend(&time.0.to_le_bytes()[..6]);
    let hash = hash(key, frame);
    frame.extend(hash);
    debug_assert_eq!(frame.len(), end + CHECKSUM_BYTES + SIGNATURE_BYTES);
    debug_assert!(end >= HEADER_2);
    true
}

fn frame_version(frame: &[u8]) -> u8 {
    if frame.first() == Some(&super::frame::MAGIC_2) { 2 } else { 1 }
}
