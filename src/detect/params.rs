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
    /// The least contrast that is looked for, in kelvin, or in grey levels where there are no
    /// temperatures.
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
}

/// Parameters of the frame stage.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Params {
    /// What is inspected.
    pub profile: Profile,
    /// Detections below this score are not reported; 0.1 by default. Of several views of a flight
    /// those that agree decide, so that a frame may propose much. At 0.3 a frame has about one
    /// false spot, on smooth as on rough ground (see `benches/README.md`).
    pub least_score: f32,
    /// Look for wide spots too.
    pub wide: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self { profile: Profile::All, least_score: 0.1, wide: true }
    }
}
