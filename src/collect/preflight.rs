//! What must be so before a start; and what is not known is said, not taken for granted.

use crate::mission::{Above, Mission};

use super::aircraft::Aircraft;
use super::modes::modes;

/// Least charge to start with, in per cent: what peers warn below (our convention).
const LEAST_CHARGE: i8 = 50;
/// Least free space for pictures, in MiB for each: a raw frame takes less than one.
const MIB_A_PICTURE: f32 = 1.0;
/// Home further than this from where the mission was planned is another place, in degrees of
/// latitude: about a kilometre.
const SAME_PLACE_DEG: f64 = 0.01;

/// One check.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What is checked.
    pub name: &'static str,
    /// Whether it is so; `None` where the vehicle has not told.
    pub passed: Option<bool>,
    /// With its number.
    pub detail: String,
}

fn check(name: &'static str, passed: Option<bool>, detail: impl Into<String>) -> Check {
    Check { name, passed, detail: detail.into() }
}

/// All checks. A start needs every one that is told to be so, and a person sees the others.
#[must_use]
pub fn preflight(aircraft: &Aircraft, mission: &Mission, pictures: usize) -> Vec<Check> {
    let unknown = "not told yet";
    let battery = aircraft.battery_percent;
    let storage = aircraft.storage_mib;
    let above_terrain = mission.steps.iter().any(|step| step.frame.above() == Some(Above::Terrain));
    let mut checks = vec![
        check(
            "position",
            aircraft.has_fix,
            match aircraft.has_fix {
                Some(true) => "a fix in three dimensions",
                Some(false) => "no fix",
                None => unknown,
            },
        ),
        home(aircraft, mission),
        check(
            "battery",
            battery.map(|percent| percent >= LEAST_CHARGE),
            battery.map_or_else(
                || unknown.to_owned(),
                |percent| format!("{percent} % left, {LEAST_CHARGE} % needed"),
            ),
        ),
        check(
            "storage",
            storage.map(|mib| mib >= MIB_A_PICTURE * pictures as f32),
            storage.map_or_else(
                || unknown.to_owned(),
                |mib| format!("{mib:.0} MiB for {pictures} pictures"),
            ),
        ),
        check(
            "mode",
            modes(aircraft.autopilot).map(|_| true),
            format!("autopilot {}, mode {}", aircraft.autopilot, aircraft.custom_mode),
        ),
    ];
    if !mission.fence.is_empty() {
        let detail = match aircraft.fence {
            Some(true) => "on",
            Some(false) => "it does not work",
            None => "sent, and not switched on",
        };
        checks.push(check("fence", aircraft.fence, detail));
    }
    if above_terrain {
        let pending = aircraft.terrain_pending;
        checks.push(check(
            "terrain",
            pending.map(|pending| pending == 0),
            pending
                .map_or_else(|| unknown.to_owned(), |pending| format!("{pending} posts missing")),
        ));
    }
    checks
}

fn home(aircraft: &Aircraft, mission: &Mission) -> Check {
    let Some((lat, lon)) = aircraft.home else {
        return check("home", None, "not told yet");
    };
    let planned = mission.home.map(|home| (home.lat_deg, home.lon_deg));
    let planned = planned.or_else(|| {
        let place = mission.steps.iter().find_map(|step| step.place())?;
        Some((place.lat_deg, place.lon_deg))
    });
    let near = planned.is_none_or(|(lat_deg, lon_deg)| {
        let east = (lon - lon_deg) * lat.to_radians().cos();
        (lat - lat_deg).hypot(east) < SAME_PLACE_DEG
    });
    let words = if near { "where the mission is" } else { "far from the mission" };
    check("home", Some(near), format!("{lat:.6}, {lon:.6}, {words}"))
}
