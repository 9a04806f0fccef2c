//! Layouts: missions, fences and rally points.

use super::super::number::MissionResult;
use super::layout::layouts;

layouts! {
    /// A part of a list is asked for.
    MissionRequestPartialList = 37 {
        start_index: i16,
        end_index: i16,
        target_system: u8,
        target_component: u8,
    } + {
        mission_type: u8,
    }
    /// An item with places as floats.
    MissionItem = 39 {
        param1: f32,
        param2: f32,
        param3: f32,
        param4: f32,
        x: f32,
        y: f32,
        z: f32,
        seq: u16,
        command: u16,
        target_system: u8,
        target_component: u8,
        frame: u8,
        current: u8,
        autocontinue: u8,
    } + {
        mission_type: u8,
    }
    /// An item is asked for, the old way.
    MissionRequest = 40 {
        seq: u16,
        target_system: u8,
        target_component: u8,
    } + {
        mission_type: u8,
    }
    /// The current item is to be another.
    MissionSetCurrent = 41 {
        seq: u16,
        target_system: u8,
        target_component: u8,
    }
    /// Which item is current.
    MissionCurrent = 42 {
        seq: u16,
    } + {
        total: u16,
        mission_state: u8,
        mission_mode: u8,
        mission_id: u32,
        fence_id: u32,
        rally_points_id: u32,
    }
    /// A list is asked for.
    MissionRequestList = 43 {
        target_system: u8,
        target_component: u8,
    } + {
        mission_type: u8,
    }
    /// How long a list is.
    MissionCount = 44 {
        count: u16,
        target_system: u8,
        target_component: u8,
    } + {
        mission_type: u8,
        opaque_id: u32,
    }
    /// A list is to be emptied.
    MissionClearAll = 45 {
        target_system: u8,
        target_component: u8,
    } + {
        mission_type: u8,
    }
    /// An item was reached.
    MissionItemReached = 46 {
        seq: u16,
    }
    /// How a transfer ended.
    MissionAck = 47 {
        target_system: u8,
        target_component: u8,
        kind: MissionResult,
    } + {
        mission_type: u8,
        opaque_id: u32,
    }
    /// An item is asked for.
    MissionRequestInt = 51 {
        seq: u16,
        target_system: u8,
        target_component: u8,
    } + {
        mission_type: u8,
    }
    /// An item.
    MissionItemInt = 73 {
        param1: f32,
        param2: f32,
        param3: f32,
        param4: f32,
        x: i32,
        y: i32,
        z: f32,
        seq: u16,
        command: u16,
        target_system: u8,
        target_component: u8,
        frame: u8,
        current: u8,
        autocontinue: u8,
    } + {
        mission_type: u8,
    }
}
