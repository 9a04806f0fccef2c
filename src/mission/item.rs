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
