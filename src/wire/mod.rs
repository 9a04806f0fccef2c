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
//! | `payload` | fields of a payload whose trailing zeros may be cut |
//! | `message` | what a payload means, in SI units |
//! | `tlog` | frames with a receive stamp, past damage |
//!
//! *Invariant*: this room never keeps protocol state.

mod checksum;
mod frame;
mod id;
mod message;
mod payload;
mod tlog;

pub use frame::{Bad, Checked, Frame, SIGNATURE_BYTES, Step, Version, next_frame, write_frame};
pub use id::{ComponentId, SystemId};
pub use message::{
    Attitude, CameraFeedback, CameraImageCaptured, CameraTrigger, GimbalDeviceStatus,
    GlobalPosition, GpsRaw, Heartbeat, HomePosition, LocalPosition, Message, MountOrientation,
    MountStatus, SystemTime, TerrainReport, message_id,
};
pub use tlog::{Lost, Record, TlogItem, TlogReader};
