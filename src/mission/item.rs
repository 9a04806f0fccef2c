//! One item of a mission, a fence or a list of rally points, as MAVLink carries it.

/// Which list of a vehicle an item belongs to (`MAV_MISSION_TYPE`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum List {
    /// What is flown.
    Mission,
    /// Where the vehicle may be.
    Fence,
    /// Where it may land in need.
    Rally,
}

/// One item as `MISSION_ITEM_INT` carries it. Its number is its place in the list.
///
/// NaN in `params` and `z` means "not set", so that two items are compared bit by bit or by the
/// rules of an autopilot, never by `==` of floats alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Item {
    /// `MAV_FRAME`.
    pub frame: u8,
    /// `MAV_CMD`.
    pub command: u16,
    /// Parameters 1 to 4, as the command says.
    pub params: [f32; 4],
    /// Parameter 5: latitude in 1e-7 degree in a global frame, else as the command says.
    pub x: i32,
    /// Parameter 6: longitude in 1e-7 degree in a global frame, else as the command says.
    pub y: i32,
    /// Parameter 7: height in metres above what the frame says, else as the command says.
    pub z: f32,
    /// Whether the vehicle goes on by itself.
    pub autocontinue: bool,
}

/// The least and greatest number that `MAV_CMD` gives to what the vehicle flies to or through,
/// `NAV_WAYPOINT` to `NAV_LAST`.
const NAVIGATION: std::ops::RangeInclusive<u16> = 16..=95;

impl Item {
    /// An item with nothing but a frame and a command.
    #[must_use]
    pub fn empty(frame: u8, command: u16) -> Self {
        Self { frame, command, params: [0.0; 4], x: 0, y: 0, z: 0.0, autocontinue: true }
    }

    /// Whether two items are the same in all their bits; one "not set" is as good as another.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        let alike = |a: f32, b: f32| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
        (self.frame, self.command, self.x, self.y, self.autocontinue)
            == (other.frame, other.command, other.x, other.y, other.autocontinue)
            && self.params.iter().zip(&other.params).all(|(&a, &b)| alike(a, b))
            && alike(self.z, other.z)
    }

    /// Whether `x` and `y` are a latitude and a longitude: the frame is a global one, and the
    /// command has a place at all.
    #[must_use]
    pub fn has_place(&self) -> bool {
        is_global(self.frame) && has_place(self.command)
    }

    /// Whether a vehicle flies to it, other than what is done on the way.
    #[must_use]
    pub fn is_navigation(&self) -> bool {
        NAVIGATION.contains(&self.command)
    }
}

/// Whether a frame counts in degrees: `MAV_FRAME_GLOBAL` and those against home and terrain, and
/// their integer twins.
#[must_use]
pub fn is_global(frame: u8) -> bool {
    matches!(frame, 0 | 3 | 5 | 6 | 10 | 11)
}

/// Commands of navigation that have no place: home, and a delay.
const PLACELESS: [u16; 2] = [20, 93];
/// Commands from here on wait for something or do something (`MAV_CMD_NAV_LAST` is 95),
const FIRST_DO: u16 = 112;
/// up to the vertices of fences and to rally points, which are places.
const FIRST_FENCE: u16 = 5000;
/// Those that do something at a place: home, land start, reposition, region of interest twice,
/// the mount's target, and a gate.
const DO_AT_A_PLACE: [u16; 7] = [179, 189, 192, 195, 201, 213, 4501];

/// Whether x, y and z of a command are a place in a global frame (`hasLocation` of common.xml, and
/// what gives parameters 5 and 6 another meaning).
#[must_use]
pub fn has_place(command: u16) -> bool {
    let does = (FIRST_DO..FIRST_FENCE).contains(&command);
    !PLACELESS.contains(&command) && (!does || DO_AT_A_PLACE.contains(&command))
}
