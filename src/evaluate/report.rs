//! What an evaluation says.

use serde::Serialize;

use crate::detect::Polarity;

use super::Share;

/// Where detections and labels lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// In a frame, in pixels.
    Px,
    /// On the ground, in metres: all of it is one frame.
    M,
}

impl Unit {
    /// `px` or `m`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Px => "px",
            Self::M => "m",
        }
    }
}

/// Detections against labels.
///
/// The sums hold: `detections = right + wrong + set_aside`; `labels` counts all that were asked
/// for, `missed` those of all contrasts that no detection is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Unit of places and their errors.
    pub unit: Unit,
    /// Frames of the truth, all of which count.
    pub frames: usize,
    /// Only these; none for both.
    pub polarity: Option<Polarity>,
    /// Detections with a lower score were left out.
    pub min_score: Option<f64>,
    /// Recall counts labels from this contrast on.
    pub from_k: f64,
    /// Detections that were asked for.
    pub detections: usize,
    /// Those that are a target.
    pub right: usize,
    /// Those that are none.
    pub wrong: usize,
    /// Those where labels are to be ignored.
    pub set_aside: usize,
    /// Labels by role.
    pub labels: Roles,
    /// Targets of any contrast that were not found.
    pub missed: usize,
    /// Right of right and wrong.
    pub precision: Share,
    /// Found of the targets that count.
    pub recall: Share,
    /// The same by polarity, where it was labelled.
    pub recall_by_polarity: Vec<Class>,
    /// Found of all targets whose contrast is known.
    pub recall_by_contrast: Vec<Class>,
    /// By sigma in pixels.
    pub recall_by_size: Vec<Class>,
    /// By what they were labelled as.
    pub recall_by_class: Vec<Class>,
    /// Distractors with a detection in them.
    pub distractors_hit: Share,
    /// Wrong ones a frame.
    pub wrong_per_frame: f64,
    /// Wrong ones a hectare that frames show; none where the run does not tell footprints.
    pub wrong_per_hectare: Option<f64>,
    /// The hectares: frames' footprints added up, or, on the ground, together.
    pub hectares: Option<f64>,
    /// What lies near wrong ones.
    pub wrong_near: Vec<Near>,
    /// How far right ones are off; none without one.
    pub position: Option<Position>,
    /// Right ones whose label lies within their 95 % ellipse.
    pub inside_ellipse95: Option<Share>,
    /// Median of found over labelled contrast, less 1.
    pub contrast_error_median: Option<f64>,
    /// Recall at so many false alarms a frame; none without scores.
    pub at_false_alarms: Option<AtCut>,
    /// Area under precision over recall; none without scores.
    pub average_precision: Option<f64>,
    /// Share of labels in which one of the first detections of their frame lies.
    pub hit_by_first: Vec<Rank>,
    /// Detections a frame that lie in no label of any role.
    pub outside_labels_per_frame: f64,
    /// Stated probability against precision; none where scores are not all within 0 to 1.
    pub calibration: Option<Calibration>,
    /// From the highest cut down, thinned.
    pub curve: Vec<Cut>,
    /// The strongest of what was missed and counts.
    pub worst_missed: Vec<Listed>,
    /// The surest of what is wrong.
    pub worst_wrong: Vec<Listed>,
    /// Frames of the truth that the run has no line for: counted as if nothing was found there.
    pub frames_without_a_line: Vec<String>,
    /// Frames of the run that the truth does not tell of: not counted.
    pub unknown_frames: Vec<String>,
    /// What else could not be looked at, in words.
    pub notes: Vec<String>,
}

/// Labels by role.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Roles {
    /// To be found.
    pub target: usize,
    /// Not to be reported.
    pub distractor: usize,
    /// Neither.
    pub ignore: usize,
}

/// Recall of a class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Class {
    /// Its name.
    pub class: String,
    /// How many of it were found.
    #[serde(rename = "recall")]
    pub found: Share,
}

/// How many wrong detections lie near what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Near {
    /// `distractor`, `double` (a target that counts once), `other_polarity` (a target's rim) or
    /// `elsewhere`.
    pub near: &'static str,
    /// How many.
    pub count: usize,
}

/// How far right detections are off, in the plane's unit; x and east, y (down) and north.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Position {
    /// Right ones.
    pub count: usize,
    /// Median distance.
    pub median: f64,
    /// Root mean square.
    pub rms: f64,
    /// Nine of ten are nearer.
    pub most90: f64,
    /// Mean of detection less label: what all are off together. Half a pixel in both tells that the
    /// two count pixels from different places.
    pub mean_x: f64,
    /// The same across.
    pub mean_y: f64,
}

/// What a cut of the score gives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cut {
    /// Detections from this score on are kept; none is infinite (no score).
    pub score: Option<f64>,
    /// Right of right and wrong.
    pub precision: f64,
    /// Found of the targets that count.
    pub recall: f64,
    /// Wrong ones a frame.
    pub wrong_per_frame: f64,
}

/// The lowest cut that leaves so many false alarms a frame at most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AtCut {
    /// So many were allowed.
    pub false_alarms_per_frame: f64,
    /// The cut; none where nothing may be kept.
    pub score: Option<f64>,
    /// Found of the targets that count.
    pub recall: Share,
    /// Right of right and wrong.
    pub precision: Share,
}

/// What the first detections of each frame find, whether or not others find it too.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rank {
    /// So many of the highest scores.
    pub first: usize,
    /// Targets hit.
    pub target: Share,
    /// Distractors hit.
    pub distractor: Share,
}

/// Stated probability against precision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// Ten bins of a tenth, those that hold something.
    pub bins: Vec<Bin>,
    /// Mean of what bins are off, weighted by what they hold (expected calibration error).
    pub mean_off: f64,
}

/// Detections whose score says much the same.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bin {
    /// Mean of their scores.
    pub stated: f64,
    /// How many of them are right.
    pub right: Share,
}

/// A label or a detection, to be looked at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Listed {
    /// Its frame; empty on the ground.
    pub file: String,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Its place.
    pub x: f64,
    /// Its place.
    pub y: f64,
    /// Warmer or colder, where that is told.
    pub polarity: Option<Polarity>,
    /// Its contrast in kelvin.
    pub delta_k: Option<f64>,
    /// Its score; labels have none.
    pub score: Option<f64>,
    /// What lies near, or its class.
    pub about: String,
}
