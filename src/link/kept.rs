//! Which parameters of an item each autopilot keeps: the others are free for it to lose.
//!
//! Lowest bit: parameter 1. A command that is not in a table keeps all four.

/// ArduCopter, as its own items hold them and as they were seen to come back.
pub(super) const BY_ARDUPILOT: &[(u16, u8)] = &[
    (16, 0b0001),   // waypoint: hold
    (17, 0b0100),   // loiter: radius
    (18, 0b0101),   // turns, radius
    (19, 0b0101),   // seconds, radius
    (20, 0b0000),   // return
    (21, 0b0001),   // land: abort height
    (22, 0b0001),   // take-off: pitch
    (82, 0b0001),   // spline: hold
    (93, 0b1111),   // delay
    (112, 0b0001),  // seconds
    (114, 0b0001),  // metres
    (115, 0b1111),  // yaw
    (177, 0b0011),  // jump: item, times
    (178, 0b0111),  // speed
    (189, 0b0000),  // land start
    (201, 0b0001),  // region of interest
    (206, 0b0001),  // trigger by distance: metres (shutter and first shot differ by firmware)
    (530, 0b0010),  // camera mode
    (600, 0b0001),  // tag
    (601, 0b0011),  // jump to a tag
    (1000, 0b1111), // gimbal
    (2000, 0b0110), // take pictures: seconds, how many
    (2001, 0b0000), // stop
    (5001, 0b0001), // vertices
    (5002, 0b0001),
    (5003, 0b0001), // radius
    (5004, 0b0001),
    (5100, 0b0000), // rally point
];

/// PX4: for the global frames as `format_mavlink_mission_item` of its
/// `src/modules/mavlink/mavlink_mission.cpp` writes them; in frame 2 all four are kept.
pub(super) const BY_PX4: &[(u16, u8)] = &[
    (16, 0b1011), // waypoint: hold, acceptance radius, yaw
    (17, 0b1100), // loiter: radius, yaw
    (21, 0b1010), // land: precision, yaw
    (22, 0b1000), // take-off: yaw
    (31, 0b1011), // loiter to a height: heading, radius, exit
    (84, 0b1000), // take-off and landing of a VTOL: yaw
    (85, 0b1000),
    (189, 0b0000),  // land start: a mark, nothing else
    (201, 0b0001),  // region of interest: its mode
    (5001, 0b0001), // vertices
    (5002, 0b0001),
    (5003, 0b0001), // radius
    (5004, 0b0001),
    (5100, 0b0000), // rally point
];
