//! Items of a list, from and to the messages that carry them.

use crate::mission::{Item, List, is_global};

use super::packet::{MissionItem, MissionItemInt};

/// `MAV_MISSION_TYPE` of a list.
#[must_use]
pub fn list_number(list: List) -> u8 {
    match list {
        List::Mission => 0,
        List::Fence => 1,
        List::Rally => 2,
    }
}

/// The list of a `MAV_MISSION_TYPE`; `None` of 255, all of them, and of what is not known.
#[must_use]
pub fn list_of(mission_type: u8) -> Option<List> {
    [List::Mission, List::Fence, List::Rally].into_iter().find(|&l| list_number(l) == mission_type)
}

/// An item as it is sent, to nobody yet.
#[must_use]
pub fn mission_item_int(item: &Item, list: List, seq: u16) -> MissionItemInt {
    let [param1, param2, param3, param4] = item.params;
    MissionItemInt {
        param1,
        param2,
        param3,
        param4,
        x: item.x,
        y: item.y,
        z: item.z,
        seq,
        command: item.command,
        frame: item.frame,
        autocontinue: u8::from(item.autocontinue),
        mission_type: list_number(list),
        ..MissionItemInt::default()
    }
}

impl From<&MissionItemInt> for Item {
    fn from(message: &MissionItemInt) -> Self {
        Self {
            frame: message.frame,
            command: message.command,
            params: [message.param1, message.param2, message.param3, message.param4],
            x: message.x,
            y: message.y,
            z: message.z,
            autocontinue: message.autocontinue != 0,
        }
    }
}

/// Of the older message, whose places are degrees in single precision (about 1 m).
impl From<&MissionItem> for Item {
    fn from(message: &MissionItem) -> Self {
        let scale = if is_global(message.frame) { 1e7 } else { 1.0 };
        // A cast of what is out of range, or of NaN, saturates.
        let whole = |value: f32| (f64::from(value) * scale).round() as i32;
        Self {
            frame: message.frame,
            command: message.command,
            params: [message.param1, message.param2, message.param3, message.param4],
            x: whole(message.x),
            y: whole(message.y),
            z: message.z,
            autocontinue: message.autocontinue != 0,
        }
    }
}
