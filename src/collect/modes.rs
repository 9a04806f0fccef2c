//! What the autopilots call their modes, for the few that a station asks for.

/// `MAV_AUTOPILOT_ARDUPILOTMEGA` and `MAV_AUTOPILOT_PX4`.
const ARDUPILOT: u8 = 3;
const PX4: u8 = 12;

/// Numbers of modes as `DO_SET_MODE` takes them: main and sub mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modes {
    /// Flies its mission.
    pub mission: [u8; 2],
    /// Stays where it is, whatever the sticks say.
    pub hold: [u8; 2],
    /// Goes home.
    pub home: [u8; 2],
    /// Whether the mission has to be started besides.
    pub needs_start: bool,
    /// Bits of `custom_mode` that the sub mode is shifted by; 0 where there is none.
    sub_shift: u32,
    main_shift: u32,
}

/// ArduCopter's AUTO, BRAKE and RTL (Copter/mode.h). LOITER would follow the throttle stick.
const OF_ARDUPILOT: Modes = Modes {
    mission: [3, 0],
    hold: [17, 0],
    home: [6, 0],
    needs_start: true,
    sub_shift: 0,
    main_shift: 0,
};

/// PX4's AUTO with MISSION, LOITER and RTL (px4_custom_mode.h).
const OF_PX4: Modes = Modes {
    mission: [4, 4],
    hold: [4, 3],
    home: [4, 5],
    needs_start: false,
    sub_shift: 24,
    main_shift: 16,
};

/// The modes of an autopilot; `None` of one that is not known.
#[must_use]
pub fn modes(autopilot: u8) -> Option<&'static Modes> {
    match autopilot {
        ARDUPILOT => Some(&OF_ARDUPILOT),
        PX4 => Some(&OF_PX4),
        _ => None,
    }
}

impl Modes {
    /// The number that a heartbeat has in such a mode.
    #[must_use]
    pub fn custom(&self, [main, sub]: [u8; 2]) -> u32 {
        u32::from(main) << self.main_shift | u32::from(sub) << self.sub_shift
    }
}
