//! What the detector says.

use serde::{Deserialize, Serialize};

/// Warmer or colder than around.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Polarity {
    /// Warmer.
    Hot,
    /// Colder.
    Cold,
}

/// One thing worth knowing about a detection. Reasons inform; they never delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Touches the picture's border: only a part is seen.
    Border,
    /// Much of the ring around it is warm (cold) too.
    WarmRing,
    /// Long and straight, probably an edge.
    Straight,
    /// Saturated: the peak is a lower bound.
    Saturated,
    /// Found on the frame made an eighth as wide and high: wide.
    Wide,
    /// Below the least contrast of the profile.
    BelowKind,
    /// Of a solar module: up to about one cell.
    HotCell,
    /// Of a solar module: a section with a bypass diode of its own, one or two thirds of it.
    Substring,
    /// A whole solar module.
    Module,
    /// One of three or more whole solar modules in a row that are warm alike.
    String,
}

/// A set of reasons.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reasons(u16);

impl Reasons {
    /// All reasons there are, in order.
    pub const ALL: [Reason; 10] = [
        Reason::Border,
        Reason::WarmRing,
        Reason::Straight,
        Reason::Saturated,
        Reason::Wide,
        Reason::BelowKind,
        Reason::HotCell,
        Reason::Substring,
        Reason::Module,
        Reason::String,
    ];

    /// Adds one.
    pub fn insert(&mut self, reason: Reason) {
        self.0 |= 1 << reason as u8;
    }

    /// Whether it is there.
    #[must_use]
    pub fn contains(self, reason: Reason) -> bool {
        self.0 & (1 << reason as u8) != 0
    }

    /// Those that are there, in order.
    pub fn iter(self) -> impl Iterator<Item = Reason> {
        Self::ALL.into_iter().filter(move |&reason| self.contains(reason))
    }
}

/// A spot that stands out in one frame.
///
/// Values are in the plane's own unit: degrees Celsius and kelvin for a radiometric frame, grey
/// levels otherwise. Pixel coordinates start at the outer corner of the first pixel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// Warmer or colder.
    pub polarity: Polarity,
    /// Weighted centre.
    pub x_px: f32,
    /// Weighted centre.
    pub y_px: f32,
    /// Left, top, width, height of the core in whole pixels.
    pub bbox_px: [u16; 4],
    /// Pixels of the core.
    pub area_px: u32,
    /// Hottest (coldest) pixel; of a wide spot under a small one without that.
    pub peak: f32,
    /// Median of the ring around it; of a solar module that of its neighbours, and of a spot on one
    /// that of the same part of the other modules.
    pub background: f32,
    /// Peak minus background; negative for cold spots.
    pub delta: f32,
    /// Contrast over pixel noise.
    pub snr: f32,
    /// How far the peak stands above the ring's upper tail, in units of the ring's unrest.
    pub prominence: f32,
    /// The chance that it is a source of heat or cold and not ground, an edge or noise: 0 to 1. Of
    /// a hot spot in the profile for electrical parts, how hot it is beside the hottest of its
    /// frame.
    pub score: f32,
    /// What else is worth knowing.
    pub reasons: Reasons,
}
