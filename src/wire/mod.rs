//! MAVLink bytes and their meanings, on the wire and in a `.tlog`, by the same code.
//!
//! Framing, checksums and the messages that a flight is told by are written here, not taken from
//! the `mavlink` crate: that one refuses a whole message for one unknown enum value, reads
//! recordings without their stamps, and its ArduPilot dialect alone costs 14 s of `cargo check`
//! for the score of messages that are needed. An unknown message keeps its bytes.
//!
//! | file | what |
//! |---|---|
//! | `id` | system and component numbers |
//! | `checksum` | CRC of a frame, and the seed of each message |
//! | `frame` | one frame of version 1 or 2, from and to bytes |
//! | `payload` | bytes of a payload whose trailing zeros may be cut |
//! | `message` `meaning` | what a flight is told by, in SI units |
//! | `packet/` | every message that is spoken, field by field, and how they are written |
//! | `number` | results with their words |
//! | `item` | items of a mission, fence or rally list, and the messages that carry them |
//! | `signature` | signatures of frames: made and checked |
//! | `tlog_writer` | records of a `.tlog` |
//! | `tlog` | frames with a receive stamp, past damage |
//!
//! *Invariant*: this room never keeps protocol state.

mod checksum;
mod frame;
mod id;
mod item;
mod meaning;
mod message;
mod number;
pub mod packet;
mod payload;
mod signature;
mod tlog;
mod tlog_writer;

pub use crate::mission::is_global as is_global_frame;
pub use frame::{Bad, Checked, Frame, SIGNATURE_BYTES, Step, Version, next_frame, write_frame};
pub use id::{ComponentId, SystemId};
pub use item::{list_number, list_of, mission_item_int};
pub use meaning::yaw_is_from_north;
pub use message::{
    Attitude, CameraFeedback, CameraImageCaptured, CameraTrigger, GimbalDeviceStatus,
    GlobalPosition, GpsRaw, Heartbeat, HomePosition, LocalPosition, Message, MountOrientation,
    MountStatus, SystemTime, TerrainReport, message_id,
};
pub use number::{CommandResult, MissionResult};
pub use packet::{Layout, Packet};
pub use signature::{Key, Signature, SignatureTime, sign};
pub use tlog::{Lost, Record, TlogItem, TlogReader};
pub use tlog_writer::write_record;
