//! One frame of MAVLink version 1 or 2, from and to bytes (mavlink.io, "Packet Serialization").

use super::checksum::{checksum, seed, seeded};
use super::{ComponentId, SystemId};

/// First byte of a frame of version 1.
pub(super) const MAGIC_1: u8 = 0xFE;
/// First byte of a frame of version 2.
pub(super) const MAGIC_2: u8 = 0xFD;
/// From the magic to the payload.
const HEADER_1: usize = 6;
pub(super) const HEADER_2: usize = 10;
pub(super) const CHECKSUM_BYTES: usize = 2;
/// Link, time and hash behind the checksum of a signed frame.
pub const SIGNATURE_BYTES: usize = 13;
/// The one incompatibility flag that is defined: the frame is signed.
pub(super) const SIGNED: u8 = 0x01;

/// How a frame is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// Magic 0xFE.
    V1,
    /// Magic 0xFD.
    V2,
}

/// Whether a frame's checksum could be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Checked {
    /// It is right.
    Right,
    /// The message is in no dialect known here, so its seed is not known either: the frame may be
    /// an accident of damaged bytes.
    SeedUnknown,
}

/// A frame in the bytes that it was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// All its bytes, signature included.
    pub bytes: &'a [u8],
    /// How it is written.
    pub version: Version,
    /// Counts the sender's frames, and wraps.
    pub sequence: u8,
    /// Who sent it.
    pub system: SystemId,
    /// Which part of it.
    pub component: ComponentId,
    /// Number of the message.
    pub id: u32,
    /// The message; version 2 cuts trailing zeros off.
    pub payload: &'a [u8],
    /// Link, time and hash of a signed frame. Nobody has checked it yet.
    pub signature: Option<&'a [u8; SIGNATURE_BYTES]>,
    /// Whether its checksum could be checked.
    pub checked: Checked,
}

/// Why there is no frame at the start of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bad {
    /// The first byte is no magic.
    NoMagic,
    /// A frame may begin here; it needs so many bytes.
    Short {
        /// Bytes that are needed from the magic on, as far as can be told yet.
        needed: usize,
    },
    /// An incompatibility flag that is not known: how to go on is not known either.
    UnknownFlags,
    /// The checksum is wrong.
    BadChecksum,
}

impl<'a> Frame<'a> {
    /// The frame that begins with the first of some bytes; more may follow.
    ///
    /// # Errors
    /// [`Bad`]: the reason. After all but [`Bad::Short`] a reader goes on at the next byte.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Bad> {
        match bytes.first() {
            Some(&MAGIC_1) => Self::parse_v1(bytes),
            Some(&MAGIC_2) => Self::parse_v2(bytes),
            Some(_) => Err(Bad::NoMagic),
            None => Err(Bad::Short { needed: HEADER_1 + CHECKSUM_BYTES }),
        }
    }

    fn parse_v1(bytes: &'a [u8]) -> Result<Self, Bad> {
        let Some(&[_, length, sequence, system, component, id]) = bytes.first_chunk::<HEADER_1>()
        else {
            return Err(Bad::Short { needed: HEADER_1 + CHECKSUM_BYTES });
        };
        let payload_end = HEADER_1 + usize::from(length);
        let id = u32::from(id);
        let (payload, checked) = checked_payload(bytes, HEADER_1, payload_end, id)?;
        Ok(Self {
            bytes: whole(bytes, payload_end + CHECKSUM_BYTES)?,
            version: Version::V1,
            sequence,
            system: SystemId(system),
            component: ComponentId(component),
            id,
            payload,
            signature: None,
            checked,
        })
    }

    fn parse_v2(bytes: &'a [u8]) -> Result<Self, Bad> {
        let Some(&[_, length, flags, _, sequence, system, component, low, middle, high]) =
            bytes.first_chunk::<HEADER_2>()
        else {
            return Err(Bad::Short { needed: HEADER_2 + CHECKSUM_BYTES });
        };
        if flags & !SIGNED != 0 {
            return Err(Bad::UnknownFlags);
        }
        let payload_end = HEADER_2 + usize::from(length);
        let checksum_end = payload_end + CHECKSUM_BYTES;
        let id = u32::from_le_bytes([low, middle, high, 0]);
        let (payload, checked) = checked_payload(bytes, HEADER_2, payload_end, id)?;
        let signed = flags & SIGNED != 0;
        let end = checksum_end + if signed { SIGNATURE_BYTES } else { 0 };
        let bytes = whole(bytes, end)?;
        let signature = bytes.get(checksum_end..).and_then(|rest| rest.first_chunk());
        Ok(Self {
            bytes,
            version: Version::V2,
            sequence,
            system: SystemId(system),
            component: ComponentId(component),
            id,
            payload,
            signature,
            checked,
        })
    }
}

fn whole(bytes: &[u8], end: usize) -> Result<&[u8], Bad> {
    bytes.get(..end).ok_or(Bad::Short { needed: end })
}

/// The payload, if the checksum behind it is right.
#[inline]
fn checked_payload(
    bytes: &[u8],
    start: usize,
    end: usize,
    id: u32,
) -> Result<(&[u8], Checked), Bad> {
    let short = Bad::Short { needed: end + CHECKSUM_BYTES };
    let covered = bytes.get(1..end).ok_or(short)?;
    let payload = bytes.get(start..end).ok_or(short)?;
    let told = bytes.get(end..).and_then(|rest| rest.first_chunk::<CHECKSUM_BYTES>());
    let told = u16::from_le_bytes(*told.ok_or(short)?);
    let Some(seed) = seed(id) else {
        return Ok((payload, Checked::SeedUnknown));
    };
    if seeded(checksum(covered), seed) == told {
        Ok((payload, Checked::Right))
    } else {
        Err(Bad::BadChecksum)
    }
}

/// What comes next in a stream of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// A frame, after so many bytes that are none.
    Frame {
        /// Bytes before the frame.
        skipped: usize,
        /// The frame.
        frame: Frame<'a>,
    },
    /// No whole frame yet: so many bytes are none and can go, the rest may become one.
    Wait {
        /// Bytes that are none.
        skipped: usize,
    },
}

/// The next frame of a stream without stamps, as a link has it. After a wrong checksum the search
/// goes on at the byte behind the magic, since the length may be what is wrong.
#[must_use]
pub fn next_frame(bytes: &[u8]) -> Step<'_> {
    let mut skipped = 0;
    while let Some(rest) = bytes.get(skipped..).filter(|rest| !rest.is_empty()) {
        match Frame::parse(rest) {
            Ok(frame) => return Step::Frame { skipped, frame },
            Err(Bad::Short { .. }) => return Step::Wait { skipped },
            Err(_) => skipped += 1,
        }
    }
    Step::Wait { skipped }
}

/// Writes a frame of a message to the end of `out`, not signed. Version 2 cuts trailing zeros, but
/// for the first byte. `false`, and nothing written, where the payload is longer than 255 bytes,
/// the message's seed is not known, or its number does not fit into version 1.
#[must_use]
pub fn write_frame(
    out: &mut Vec<u8>,
    version: Version,
    (sequence, system, component): (u8, SystemId, ComponentId),
    id: u32,
    payload: &[u8],
) -> bool {
    let mut end = payload.len();
    if version == Version::V2 {
        end = payload.iter().rposition(|&byte| byte != 0).map_or(1, |last| last + 1).min(end);
    }
    let payload = payload.get(..end).unwrap_or_default();
    let (Ok(length), Some(seed)) = (u8::try_from(end), seed(id)) else { return false };
    let [low, middle, high, _] = id.to_le_bytes();
    let start = out.len();
    match version {
        Version::V1 if id > 255 => return false,
        Version::V1 => out.extend([MAGIC_1, length, sequence, system.0, component.0, low]),
        Version::V2 => {
            out.extend([MAGIC_2, length, 0, 0, sequence, system.0, component.0, low, middle, high]);
        }
    }
    out.extend(payload);
    let crc = seeded(checksum(out.get(start + 1..).unwrap_or_default()), seed);
    out.extend(crc.to_le_bytes());
    true
}
