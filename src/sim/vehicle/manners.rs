//! In what ArduPilot and PX4 differ, as values: measured on both in software (ArduCopter 4.8-dev of
//! March 2026, PX4 1.16-dev of July 2025) unless a line says otherwise.

use super::params::Autopilot;

/// The manners of an autopilot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manners {
    /// `MAV_AUTOPILOT`.
    pub(super) autopilot: u8,
    /// `MAV_PROTOCOL_CAPABILITY` of its AUTOPILOT_VERSION.
    pub(super) capabilities: u64,
    /// Whether item 0 of a mission is home, given and never taken.
    pub(super) home_is_item_0: bool,
    /// Whether an item that comes again is answered by INVALID_SEQUENCE. PX4 was not probed, and is
    /// taken to be silent.
    pub(super) complains_of_repeats: bool,
    /// Whether a list is refused during an upload by MISSION_ACK rather than by a text.
    pub(super) acks_busy: bool,
    /// Whether it says in a text that a list came.
    pub(super) says_received: bool,
    /// Whether its parameters come packed as a file, and its logs are DataFlash.
    pub(super) has_ardupilot_files: bool,
    /// Which items of an upload it asks for by MISSION_REQUEST: none beyond this many.
    pub(super) old_requests: Requests,
    /// Most items of a mission.
    pub(super) capacity: u16,
    /// How long it waits for an item.
    pub(super) patience_s: f64,
    /// How often it asks again.
    pub(super) ask_again_s: f64,
    /// Whether it tells by MISSION_ACK that it has lost patience.
    pub(super) acks_timeout: bool,
    /// Whether what came before a refusal replaces the old mission.
    pub(super) keeps_refused_part: bool,
    /// Whether heights above terrain are flown.
    pub(super) terrain_frames: bool,
    /// Whether commands without a place must come in `MAV_FRAME_MISSION`.
    pub(super) needs_mission_frame: bool,
    /// Whether NaN is "not set" in all parameters; else only a yaw may be, and it becomes 0.
    pub(super) takes_nan: bool,
    /// Whether all lists can be cleared at once.
    pub(super) clears_all: bool,
    /// How often MISSION_ITEM_REACHED is sent for an item.
    pub(super) reached_times: u32,
    /// How long after an upload a start is refused.
    pub(super) unready_after_upload_s: f64,
    /// Whether integer parameters go as their bits.
    pub(super) bytewise_parameters: bool,
    /// Number of parameters.
    pub(super) parameters: u16,
    /// Most bytes of a block that a burst sends: the reader's wish, or always the most.
    pub(super) honours_burst_size: bool,
    /// Cruise between waypoints (WPNAV_SPEED; MPC_XY_CRUISE).
    pub(super) cruise_m_s: f64,
    /// Custom mode numbers.
    pub(super) modes: Modes,
}

/// Which of the two request messages it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Requests {
    /// MISSION_REQUEST always.
    Old,
    /// MISSION_REQUEST for the first item of its first upload.
    OldForTheVeryFirst,
}

/// Numbers of flight modes (`custom_mode`).
#[derive(Debug, Clone, Copy)]
pub(super) struct Modes {
    /// What it starts in: flown by hand.
    pub(super) manual: u32,
    /// Stays where it is.
    pub(super) hold: u32,
    /// Flown by a station.
    pub(super) guided: u32,
    /// Flies its mission.
    pub(super) mission: u32,
    /// Goes home.
    pub(super) home: u32,
    /// Lands where it is.
    pub(super) land: u32,
    /// Another number for staying where it is.
    pub(super) brake: Option<u32>,
}

/// PX4's `custom_mode`: main mode in the third byte, sub mode in the fourth (px4_custom_mode.h).
const fn px4_mode(main: u32, sub: u32) -> u32 {
    main << 16 | sub << 24
}

const ARDUPILOT: Manners = Manners {
    autopilot: 3,
    capabilities: 0xfbef,
    home_is_item_0: true,
    complains_of_repeats: true,
    acks_busy: true,
    says_received: true,
    has_ardupilot_files: true,
    old_requests: Requests::Old,
    capacity: 650,
    patience_s: 8.0,
    ask_again_s: 1.0,
    acks_timeout: true,
    keeps_refused_part: true,
    terrain_frames: true,
    needs_mission_frame: false,
    takes_nan: false,
    clears_all: false,
    reached_times: 1,
    unready_after_upload_s: 0.0,
    bytewise_parameters: false,
    parameters: 1394,
    honours_burst_size: true,
    cruise_m_s: 10.0,
    // ArduCopter's mode numbers (Copter/mode.h): STABILIZE, LOITER, GUIDED, AUTO, RTL, LAND, BRAKE.
    modes: Modes { manual: 0, hold: 5, guided: 4, mission: 3, home: 6, land: 9, brake: Some(17) },
};

const PX4: Manners = Manners {
    autopilot: 12,
    // Mission and command in integers, FTP, bytewise parameters, offboard setpoints, termination,
    // MAVLink 2, fence, rally.
    capabilities: 0x4 | 0x8 | 0x20 | 0x10 | 0x2000 | 0x4000 | 0x8000 | 0x80,
    home_is_item_0: false,
    complains_of_repeats: false,
    acks_busy: false,
    says_received: false,
    has_ardupilot_files: false,
    old_requests: Requests::OldForTheVeryFirst,
    capacity: 10_000,
    patience_s: 5.0,
    ask_again_s: 0.25,
    acks_timeout: false,
    keeps_refused_part: false,
    terrain_frames: false,
    needs_mission_frame: true,
    takes_nan: true,
    clears_all: true,
    reached_times: 6,
    unready_after_upload_s: 4.0,
    bytewise_parameters: true,
    parameters: 908,
    honours_burst_size: false,
    cruise_m_s: 5.0,
    modes: Modes {
        manual: px4_mode(3, 0),
        hold: px4_mode(4, 3),
        guided: px4_mode(6, 0),
        mission: px4_mode(4, 4),
        home: px4_mode(4, 5),
        land: px4_mode(4, 6),
        brake: None,
    },
};

impl Autopilot {
    /// Its manners.
    pub(super) fn manners(self) -> &'static Manners {
        match self {
            Self::ArduPilot => &ARDUPILOT,
            Self::Px4 => &PX4,
        }
    }
}
