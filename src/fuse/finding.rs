//! One thing on the ground, seen once or many times.

use nalgebra::Matrix2;
use serde::{Deserialize, Serialize};

use crate::detect::{Polarity, Reasons};
use crate::geo::{Ellipse95, Geodetic};
use crate::locate::Cause;
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

impl Kind {
    /// All of them, in order.
    pub const ALL: [Self; 11] = [
        Self::HotLeak,
        Self::ColdLeak,
        Self::InsulationDefect,
        Self::ThermalBridge,
        Self::OverheatedComponent,
        Self::HeatSource,
        Self::PvDefect,
        Self::GasSuspect,
        Self::Reflection,
        Self::LivingOrVehicle,
        Self::Unknown,
    ];
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
    /// 0 to 1: the chance that it is a source of heat or cold and not ground, as far as simulated
    /// flights tell; half of its score where only one frame could see it, and a rank where scores
    /// are heat or there are no temperatures.
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
    /// One sigma of that contrast, what emissivities leave open of it among it.
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

/// What a finding says whose contrast is no good measure.
pub(super) const SEVERITY_WITHHELD: &str = "severity_withheld";

impl Finding {
    /// Whether its severity follows from its contrast.
    pub(super) fn is_graded(&self) -> bool {
        self.notes.iter().all(|note| note != SEVERITY_WITHHELD)
    }
}

/// Whose error a term of a finding's budget is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetPart {
    /// Each view's alone: falls with the number of views.
    Own,
    /// All views' of a flight together, as it is stated, and the ground's: does not fall, but for
    /// what views from several sides cancel.
    Common,
    /// What self-calibration left of a flight's errors, which hang together.
    Calibration,
    /// By how much views scatter more than is stated.
    Scatter,
    /// Where single precision ends, and half a centimetre that no place is surer than.
    Rest,
}

/// One term of a finding's error budget.
#[derive(Debug, Clone, PartialEq)]
pub struct BudgetTerm {
    /// Whose error it is.
    pub part: BudgetPart,
    /// What it comes from, where that can be told apart.
    pub cause: Option<Cause>,
    /// One sigma of the cause in metres, radians, pixels or seconds, as [`Cause`] says: the root
    /// mean square over the views.
    pub sigma: Option<f64>,
    /// Covariance in m² that it brings, axes east and north.
    pub covariance_m2: Matrix2<f64>,
    /// Its share of the horizontal variance, 0 to 1; the shares of all terms add up to 1.
    pub share: f64,
    /// How far it reaches in metres along the major axis of the finding's 95 % ellipse: the squares
    /// of all terms add up to the axis's.
    pub major_m: f64,
    /// The same along the minor axis.
    pub minor_m: f64,
}

/// What the ellipse of a finding is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingBudget {
    /// The finding's id.
    pub finding: String,
    /// Its ellipse.
    pub ellipse95: Ellipse95,
    /// Frames that saw it.
    pub views: u32,
    /// Flights that they are of.
    pub flights: u32,
    /// How much of its height rays that meet tell, 0 to 1, in the flight that tells most; the
    /// ground as it is known tells the rest.
    pub height_by_views: f64,
    /// The terms, own ones first.
    pub terms: Vec<BudgetTerm>,
}
