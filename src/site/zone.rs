//! Where flying or looking is restricted, how high, and when.
//!
//! What a zone does not tell counts towards more restriction: a limit that is not there is open, a
//! time that is not there is always, and a zone that could not be read stays in the list with the
//! reason, so that a check of a plan can name it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Applicability, Outline, Role};

/// A zone with a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Zone {
    /// Its name.
    pub name: String,
    /// What its maker calls it. Not unique: two parts of one zone carry the same in real files.
    pub identifier: Option<String>,
    /// `NoFly`, `NoCapture`, `Resident` or `Sensitive`.
    pub role: Role,
    /// How strict it is.
    pub rule: Rule,
    /// Where and how high: several parts, each with its own floor and ceiling. Empty only where it
    /// is [`Zone::unreadable`].
    pub volumes: Vec<Volume>,
    /// When; never empty limits: an empty list is always.
    pub applicability: Vec<Applicability>,
    /// How far to stay away from it in metres, beside staying out; 0 where nothing is told.
    pub keep_away_m: f64,
    /// What its maker tells those who fly there: conditions, whom to ask.
    pub message: Option<String>,
    /// Why it, or a part of it, could not be read. Such a zone must become a violation of every
    /// plan, since nobody knows where it is.
    pub unreadable: Option<String>,
}

/// How strict a zone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Nobody may.
    Prohibited,
    /// Only with an authorisation.
    Authorisation,
    /// Under conditions, which the message tells.
    Conditional,
    /// Only with U-space services (ED-318).
    USpace,
    /// No restriction: it is there to be known.
    Free,
}

/// One part of a zone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Volume {
    /// Where; a circle is a point with a radius, and round.
    pub outline: Outline,
    /// From this height on.
    pub floor: Limit,
    /// Up to this height.
    pub ceiling: Limit,
}

/// How low or high a zone reaches.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Without end: nothing is told.
    Open,
    /// To a height.
    At {
        /// In metres.
        height_m: f64,
        /// Above what.
        above: LimitDatum,
    },
}

/// What a zone's limit is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitDatum {
    /// The ground below (AGL).
    Ground,
    /// Mean sea level (AMSL), by EGM96 here.
    SeaLevel,
    /// The WGS84 ellipsoid.
    Ellipsoid,
}

impl Zone {
    /// A zone that always applies, at all heights.
    #[must_use]
    pub fn always(name: String, role: Role, outline: Outline) -> Self {
        let volume = Volume { outline, floor: Limit::Open, ceiling: Limit::Open };
        Self { volumes: vec![volume], ..Self::unplaced(name, role) }
    }

    /// A zone with no place yet.
    pub(super) fn unplaced(name: String, role: Role) -> Self {
        Self {
            name,
            identifier: None,
            role,
            rule: Rule::Prohibited,
            volumes: Vec::new(),
            applicability: Vec::new(),
            keep_away_m: 0.0,
            message: None,
            unreadable: None,
        }
    }

    /// Whether it applies at a time. Where that cannot be told (a place without sunrise, a zone
    /// that could not be read) it does.
    #[must_use]
    pub fn applies_at(&self, utc: Timestamp) -> bool {
        if self.unreadable.is_some() || self.applicability.is_empty() {
            return true;
        }
        let place = self.volumes.first().and_then(|volume| volume.outline.vertices().first());
        let place = place.copied();
        self.applicability.iter().any(|when| when.holds(utc, place))
    }

    /// Whether it applies at any time from one instant to another, both among them. Looked at every
    /// minute; a flight of more than a day is taken to meet every schedule.
    #[must_use]
    pub fn applies_between(&self, from: Timestamp, to: Timestamp) -> bool {
        let (from_s, to_s) = (from.as_second(), to.as_second());
        if to_s - from_s > 86_400 {
            let when = |when: &Applicability| when.meets(from, to);
            return self.unreadable.is_some()
                || self.applicability.is_empty()
                || self.applicability.iter().any(when);
        }
        let minutes = (from_s..to_s).step_by(60).chain([to_s]);
        let instants = minutes.filter_map(|second| Timestamp::from_second(second).ok());
        instants.chain([from, to]).any(|instant| self.applies_at(instant))
    }
}
