//! One block of the file transfer protocol: its header, and the bytes behind it (mavlink.io,
//! "File Transfer Protocol").

use crate::link::Route;
use crate::wire::Packet;
use crate::wire::packet::FileTransferProtocol;

pub(super) const TERMINATE: u8 = 1;
pub(super) const LIST: u8 = 3;
pub(super) const OPEN: u8 = 4;
pub(super) const READ: u8 = 5;
pub(super) const BURST: u8 = 15;
pub(super) const ACK: u8 = 128;
pub(super) const NAK: u8 = 129;
/// The error that says there is no more.
pub(super) const END_OF_FILE: u8 = 6;
/// Bytes before the block, and the longest block.
const HEADER: usize = 12;
pub(super) const MOST_BYTES: usize = 239;

/// A block on the wire.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) seq: u16,
    pub(super) session: u8,
    pub(super) opcode: u8,
    pub(super) answered: u8,
    pub(super) complete: bool,
    pub(super) offset: u32,
    pub(super) bytes: &'a [u8],
}

impl<'a> Block<'a> {
    /// A size that is larger than the payload is cut to it.
    pub(super) fn of(payload: &'a [u8; 251]) -> Self {
        let [s0, s1, session, opcode, size, answered, complete, _, o0, o1, o2, o3, bytes @ ..] =
            payload;
        let size = usize::from(*size).min(MOST_BYTES);
        Self {
            seq: u16::from_le_bytes([*s0, *s1]),
            session: *session,
            opcode: *opcode,
            answered: *answered,
            complete: *complete != 0,
            offset: u32::from_le_bytes([*o0, *o1, *o2, *o3]),
            bytes: bytes.get(..size).unwrap_or_default(),
        }
    }

    /// The error that a refusal carries.
    pub(super) fn error(&self) -> u8 {
        self.bytes.first().copied().unwrap_or(0)
    }
}

/// A question.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) seq: u16,
    pub(super) session: u8,
    pub(super) opcode: u8,
    /// Bytes that are wanted, or that follow.
    pub(super) size: u8,
    pub(super) offset: u32,
    pub(super) bytes: &'a [u8],
}

impl<'a> Question<'a> {
    /// One about a path; a longer one than the block holds is cut, and refused by the vehicle.
    pub(super) fn of_path(seq: u16, opcode: u8, offset: u32, path: &'a str) -> Self {
        let size = path.len().min(MOST_BYTES) as u8;
        Self { seq, session: 0, opcode, size, offset, bytes: path.as_bytes() }
    }

    pub(super) fn packet(&self, route: Route) -> Packet {
        let mut payload = [0; 251];
        let [s0, s1] = self.seq.to_le_bytes();
        payload[..5].copy_from_slice(&[s0, s1, self.session, self.opcode, self.size]);
        payload[8..HEADER].copy_from_slice(&self.offset.to_le_bytes());
        for (to, from) in payload[HEADER..].iter_mut().zip(self.bytes) {
            *to = *from;
        }
        FileTransferProtocol {
            target_network: 0,
            target_system: route.them.system.0,
            target_component: route.them.component.0,
            payload,
        }
        .into()
    }
}

/// Errors of the protocol, in words.
pub(super) fn reason_of(code: u8) -> String {
    let words = match code {
        1 => "failed",
        2 => "failed, with an error of its system",
        3 => "a size that is not valid",
        4 => "no such session",
        5 => "no session is free",
        6 => "the end of the file",
        7 => "it does not know this request",
        8 => "it is there already",
        9 => "it is protected",
        10 => "no such file",
        _ => return format!("error {code}"),
    };
    words.to_owned()
}
