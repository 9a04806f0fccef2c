//! What is counted.

use crate::detect::Polarity;

use super::Label;

/// What is counted, and how near is near.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// Only these; `None` for both.
    pub polarity: Option<Polarity>,
    /// Leave out detections with a lower score; those without a score stay.
    pub min_score: Option<f64>,
    /// Recall counts labels from this contrast in kelvin on, and those whose contrast nobody told.
    pub from_k: f64,
    /// How far from a label a detection may always be, in the plane's unit.
    pub tolerance: f64,
    /// False alarms a frame at which recall is told.
    pub false_alarms: f64,
    /// Longest list of what was missed, and of false alarms.
    pub listed: usize,
}

impl Params {
    /// For frames: 3 pixels, as the detector's benchmark has it, from 1 K, at one false alarm a
    /// frame.
    #[must_use]
    pub fn in_frames() -> Self {
        Self {
            polarity: None,
            min_score: None,
            from_k: 1.0,
            tolerance: 3.0,
            false_alarms: 1.0,
            listed: 20,
        }
    }

    /// For the ground, where a label's reach says how far a finding may be.
    #[must_use]
    pub fn on_ground() -> Self {
        Self { tolerance: 0.0, ..Self::in_frames() }
    }

    /// Whether a label counts for recall.
    pub(super) fn counts(&self, label: &Label) -> bool {
        label.delta_k.is_none_or(|delta_k| delta_k.abs() >= self.from_k)
    }
}
