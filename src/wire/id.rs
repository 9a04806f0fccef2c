//! Who sent a message: two numbers that must never be swapped.

/// A system on a MAVLink network: a vehicle with all that is on it, or a ground station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SystemId(pub u8);

/// A component of a system: an autopilot, a camera, a gimbal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComponentId(pub u8);

impl ComponentId {
    /// `MAV_COMP_ID_AUTOPILOT1` of the MAVLink common message set.
    pub const AUTOPILOT: Self = Self(1);
}
