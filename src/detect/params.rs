//! What the detector looks for.

use serde::{Deserialize, Serialize};

/// What is inspected, which sets the least contrast.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Pipes and tanks.
    Leak,
    /// Roofs and façades.
    Insulation,
    /// Switchgear and lines.
    Electrical,
    /// Solar modules.
    Pv,
    /// Flares, stacks and heaps.
    HeatSource,
    /// Everything from the least contrast on.
    #[default]
    All,
}

impl Profile {
    /// The least contrast that is looked for, in kelvin. A grey level is none: where there are no
    /// temperatures all profiles look from 0.5 grey levels on.
    ///
    /// Working values of this detector, not taken from a standard: no standard gives the contrast
    /// in a frame. A heap that smoulders below its surface shows as little as a solar cell.
    #[must_use]
    pub fn least_contrast(self) -> f32 {
        match self {
            Self::All | Self::Insulation => 0.5,
            Self::Leak => 1.0,
            Self::Pv | Self::HeatSource => 2.0,
            Self::Electrical => 4.0,
        }
    }

    /// Whether the score of a hot spot is how hot it is beside the hottest of its frame, and not
    /// its chance.
    #[must_use]
    pub fn scores_by_heat(self) -> bool {
        self == Self::Electrical
    }

    /// Detections below this score are not reported unless asked for: a chance of 0.1. Where the
    /// score is heat nothing is cut by it, only by the least contrast.
    #[must_use]
    pub fn least_score(self) -> f32 {
        if self.scores_by_heat() { 0.0 } else { 0.1 }
    }
}

/// Parameters of the frame stage.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Params {
    /// What is inspected.
    pub profile: Profile,
    /// Detections below this score are not reported, see [`Profile::least_score`]. Of several views
    /// of a flight those that agree decide, so that a frame may propose much. At a chance of
    /// 0.5 a frame has one false spot on rough ground and a quarter of one on smooth (see
    /// `benches/README.md`).
    pub least_score: f32,
    /// Look for wide spots too.
    pub wide: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self::of(Profile::All)
    }
}

impl Params {
    /// What a profile looks for unless told otherwise.
    #[must_use]
    pub fn of(profile: Profile) -> Self {
        Self { profile, least_score: profile.least_score(), wide: true }
    }
}
