//! How autopilots differ, as values in one table.
//!
//! Sources: what ArduCopter 4.8-dev and PX4 1.16-dev were seen to do on the wire, in software, and
//! MAVLink's own description of the protocols for all others. What was read instead of seen is in
//! PX4's `src/modules/mavlink/mavlink_mission.cpp`: `parse_mavlink_mission_item` has a list of
//! commands for the global frames and another for frame 2, and turns a yaw into 0 to 360°;
//! `format_mavlink_mission_item` gives frames 0 and 3 back as 5 and 6 where it is asked for whole
//! numbers, which mean the same.

use super::kept;

/// What an autopilot does in its own way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quirks {
    /// In words.
    pub name: &'static str,
    /// Item 0 of a mission is home: thrown away when it is sent, the live home when it is read.
    pub home_is_item_0: bool,
    /// Items that may be sent before they are asked for: what is out of sequence is ignored, or
    /// answered with `INVALID_SEQUENCE`, and the transfer goes on.
    pub items_ahead: u16,
    /// Requests that may be under way when a list is read. One that comes out of order ends the
    /// transfer where this is 1.
    pub requests_ahead: u16,
    /// "Not set" in parameters and heights is NaN; else it is 0.
    pub takes_nan: bool,
    /// Commands without a place must be in frame 2 (`MAV_FRAME_MISSION`).
    pub places_in_frame_2: bool,
    /// Commands with a place that are taken in frame 2 only, where x and y are no degrees.
    pub loses_place_of: &'static [u16],
    /// A yaw comes back as 0 to 360°.
    pub wraps_yaw: bool,
    /// Heights above the terrain model (frames 10 and 11) are taken.
    pub takes_terrain_frames: bool,
    /// Frames that come back as others: sent, read.
    pub frames_read_as: &'static [(u8, u8)],
    /// Heights are rounded to so many metres.
    pub height_step_m: f32,
    /// Numbers of seconds and metres in navigation commands are rounded to whole ones.
    pub rounds_navigation: bool,
    /// Only the parameters that a command uses are kept.
    pub drops_unused: bool,
    /// Those that are kept, by command; a bit each, the lowest for parameter 1.
    pub keeps: &'static [(u16, u8)],
    /// Integers of parameters are sent as the bits of the float, not as its value.
    pub bytewise_parameters: bool,
    /// Requests for files are answered in blocks of the size that was asked for.
    pub burst_size_is_kept: bool,
    /// Logs are not sent while armed.
    pub no_logs_while_armed: bool,
    /// Messages that tell events: with an interval set, empty ones are streamed.
    pub event_messages: &'static [u32],
}

/// `MAV_AUTOPILOT_ARDUPILOTMEGA`.
pub const ARDUPILOT: u8 = 3;
/// `MAV_AUTOPILOT_PX4`.
pub const PX4: u8 = 12;

/// ITEM_REACHED, CAMERA_FEEDBACK, CAMERA_IMAGE_CAPTURED, STATUSTEXT and COMMAND_ACK: events all.
const EVENTS: &[u32] = &[46, 180, 263, 253, 77];

const OF_ARDUPILOT: Quirks = Quirks {
    name: "ArduPilot",
    home_is_item_0: true,
    items_ahead: 4,
    requests_ahead: 8,
    takes_nan: false,
    places_in_frame_2: false,
    loses_place_of: &[],
    wraps_yaw: false,
    takes_terrain_frames: true,
    frames_read_as: &[(5, 0), (6, 3), (11, 10), (2, 0)],
    height_step_m: 0.01,
    rounds_navigation: true,
    drops_unused: true,
    keeps: kept::BY_ARDUPILOT,
    bytewise_parameters: false,
    burst_size_is_kept: true,
    no_logs_while_armed: true,
    event_messages: EVENTS,
};

const OF_PX4: Quirks = Quirks {
    name: "PX4",
    home_is_item_0: false,
    items_ahead: 4,
    requests_ahead: 1,
    takes_nan: true,
    places_in_frame_2: true,
    loses_place_of: &[179, 189],
    wraps_yaw: true,
    takes_terrain_frames: false,
    frames_read_as: &[(0, 5), (3, 6), (5, 0), (6, 3)],
    height_step_m: 0.0,
    rounds_navigation: false,
    drops_unused: true,
    keeps: kept::BY_PX4,
    bytewise_parameters: true,
    burst_size_is_kept: false,
    no_logs_while_armed: false,
    event_messages: EVENTS,
};

/// By the book, and careful.
const OF_OTHERS: Quirks = Quirks {
    name: "an unknown autopilot",
    home_is_item_0: false,
    items_ahead: 0,
    requests_ahead: 1,
    takes_nan: true,
    places_in_frame_2: false,
    loses_place_of: &[],
    wraps_yaw: false,
    takes_terrain_frames: true,
    frames_read_as: &[],
    height_step_m: 0.0,
    rounds_navigation: false,
    drops_unused: false,
    keeps: &[],
    bytewise_parameters: true,
    burst_size_is_kept: true,
    no_logs_while_armed: false,
    event_messages: EVENTS,
};

impl Quirks {
    /// Of a `MAV_AUTOPILOT`.
    #[must_use]
    pub const fn of(autopilot: u8) -> &'static Self {
        match autopilot {
            ARDUPILOT => &OF_ARDUPILOT,
            PX4 => &OF_PX4,
            _ => &OF_OTHERS,
        }
    }

    /// The frame that comes back where this one was sent.
    #[must_use]
    pub fn frame_read(&self, sent: u8) -> u8 {
        let read = self.frames_read_as.iter().find(|(from, _)| *from == sent);
        read.map_or(sent, |(_, to)| *to)
    }
}
