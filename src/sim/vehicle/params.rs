//! What can be varied in a simulated vehicle.

use std::time::Duration;

/// Whose manners it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Autopilot {
    /// ArduCopter.
    ArduPilot,
    /// PX4 on a multirotor.
    Px4,
}

/// Where it stands before its flight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Start {
    /// Latitude.
    pub lat_deg: f64,
    /// Longitude.
    pub lon_deg: f64,
    /// Above mean sea level by EGM96.
    pub amsl_m: f64,
}

/// Everything that sets a vehicle apart; the rest follows from its seed.
#[derive(Debug, Clone, PartialEq)]
pub struct VehicleParams {
    /// Whose manners.
    pub autopilot: Autopilot,
    /// Its system id.
    pub system: u8,
    /// Same seed, same wind and same errors.
    pub seed: u64,
    /// Where it stands.
    pub start: Start,
    /// UTC at its start, in microseconds since 1970.
    pub utc_at_boot_us: u64,
    /// From its start to the end of booting.
    pub boot: Duration,
    /// From its start to a position fix.
    pub fix_after: Duration,
    /// Mean wind towards east and north.
    pub wind_m_s: [f64; 2],
    /// One sigma of gusts.
    pub gust_m_s: f64,
    /// Whether its receiver has an RTK fix.
    pub rtk: bool,
    /// What its battery holds.
    pub battery_wh: f64,
    /// What of it is left at the start, 0 to 1.
    pub charge: f64,
    /// Where the camera looks until it is told, from the horizon up.
    pub gimbal_pitch_deg: f64,
    /// How long after a mission came somebody at the sticks arms it; `None` leaves that to others.
    pub armed_after_upload: Option<Duration>,
    /// What it does wrong on purpose.
    pub misdeeds: Misdeeds,
}

/// What a vehicle does wrong on purpose; nothing unless told.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Misdeeds {
    /// It restarts after so many items of an upload, once; its mission is gone then.
    pub reboot_after_items: Option<u16>,
    /// It says "accepted" to a mission after its first item, as if it had all of it.
    pub early_ack: bool,
    /// It says nothing at all between these two times since its start.
    pub silent: Option<(Duration, Duration)>,
    /// It asks for one and the same item for ever.
    pub asks_for_ever: bool,
    /// It refuses an item with this number.
    pub refuses_item: Option<u16>,
}

impl VehicleParams {
    /// A vehicle at a place, with no wind, quickly ready.
    #[must_use]
    pub fn at(autopilot: Autopilot, start: Start) -> Self {
        Self {
            autopilot,
            system: 1,
            seed: 1,
            start,
            // 2026-03-21 06:00 UTC.
            utc_at_boot_us: 1_774_072_800_000_000,
            boot: Duration::from_secs(2),
            fix_after: Duration::from_secs(8),
            wind_m_s: [0.0, 0.0],
            gust_m_s: 0.0,
            rtk: true,
            battery_wh: 250.0,
            charge: 1.0,
            gimbal_pitch_deg: -90.0,
            armed_after_upload: None,
            misdeeds: Misdeeds::default(),
        }
    }
}
