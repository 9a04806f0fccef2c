//! One thing on the ground, seen once or many times.

use serde::{Deserialize, Serialize};

use crate::detect::{Polarity, Reasons};
use crate::geo::{Ellipse95, Geodetic};
use crate::time::FrameTime;

/// What a finding probably is. The asset it lies on decides more than its pixels do.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the field's own terms")]
pub enum Kind {
    HotLeak,
    ColdLeak,
    InsulationDefect,
    ThermalBridge,
    OverheatedComponent,
    HeatSource,
    PvDefect,
    GasSuspect,
    Reflection,
    LivingOrVehicle,
    #[default]
    Unknown,
}

/// How urgent a finding is, from its contrast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "words say it")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

/// What a person has decided; the program itself only ever says `Open`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "words say it")]
pub enum Status {
    #[default]
    Open,
    Accepted,
    Rejected,
    Unsure,
}

/// A finding. Contrasts are kelvin, or grey levels where `grey_levels` is set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// `F` and a number, by place: stable for the same input.
    pub id: String,
    /// What it probably is.
    pub kind: Kind,
    /// Warmer or colder than around.
    pub polarity: Polarity,
    /// How urgent.
    pub severity: Severity,
    /// 0 to 1: how sure that it is there at all.
    pub confidence: f64,
    /// What a person decided.
    pub status: Status,
    /// Where; height above the ellipsoid.
    pub point: Geodetic,
    /// How sure the place is.
    pub ellipse95: Ellipse95,
    /// One sigma of the height in metres.
    pub height_sigma_m: f64,
    /// Strongest view: peak.
    pub peak: f64,
    /// Strongest view: around it.
    pub background: f64,
    /// Median contrast over the views.
    pub delta: f64,
    /// One sigma of that contrast.
    pub delta_sigma: f64,
    /// Values are grey levels, not degrees.
    pub grey_levels: bool,
    /// Median area on the ground in m².
    pub area_m2: f64,
    /// Frames that saw it.
    pub views: u32,
    /// Frames whose footprint holds its place.
    pub views_possible: u32,
    /// First frame's time.
    pub first_seen: Option<FrameTime>,
    /// Last frame's time.
    pub last_seen: Option<FrameTime>,
    /// The asset it lies on.
    pub asset: Option<String>,
    /// Reasons of its detections, together.
    pub reasons: Reasons,
    /// What the flight stage adds, in words (`single_view`, `steep_view` …), sorted.
    pub notes: Vec<String>,
    /// Numbers of its observations in the run's order, strongest first.
    pub observations: Vec<u32>,
    /// Numbers of its frames, in order.
    pub frames: Vec<u32>,
}
