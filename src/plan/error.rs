//! Why there is no plan.

/// Why a site was not planned.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A number that was asked for makes no sense.
    #[error("{name} is {value}; it must be {allowed}")]
    Params {
        /// What it is.
        name: &'static str,
        /// What was asked.
        value: f64,
        /// What it may be.
        allowed: &'static str,
    },
    /// The site holds nothing that the pattern could be flown over.
    #[error("site {site} has nothing to plan: {reason}")]
    Nothing {
        /// The site's name.
        site: String,
        /// What is missing.
        reason: String,
    },
    /// The site is too small, too large or lies where a local plane does not hold.
    #[error("site {site} cannot be planned: {reason}")]
    Site {
        /// The site's name.
        site: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The elevation model does not cover a place that is flown over.
    #[error("the terrain model has no height at {lat_deg:.6}, {lon_deg:.6} (lat, lon)")]
    NoGround {
        /// Latitude.
        lat_deg: f64,
        /// Longitude.
        lon_deg: f64,
    },
    /// Nobody may take off there.
    #[error("the take-off at {lat_deg:.6}, {lon_deg:.6} (lat, lon) lies in {zone}")]
    TakeoffInZone {
        /// Latitude.
        lat_deg: f64,
        /// Longitude.
        lon_deg: f64,
        /// The zone's name.
        zone: String,
    },
    /// Zones part the take-off from what is to be flown.
    #[error("{what} cannot be reached from the take-off without crossing a zone")]
    Unreachable {
        /// What lies behind.
        what: String,
    },
    /// One battery does not carry even the shortest piece of work there and back.
    #[error(
        "a battery of {endurance_s:.0} s with {reserve_percent:.0} % kept does not reach {what}: \
         the way there and back takes {needed_s:.0} s"
    )]
    TooFar {
        /// The battery's time in the air.
        endurance_s: f64,
        /// What is kept of it.
        reserve_percent: f64,
        /// What is to be reached.
        what: String,
        /// What that takes.
        needed_s: f64,
    },
}
