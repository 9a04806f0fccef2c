//! What people say is there, and what a run says, in one plane: a frame's pixels or the ground.

use serde::Serialize;

use crate::detect::Polarity;
use crate::geo::Ellipse95;

/// What a label is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// What should be found.
    #[default]
    Target,
    /// Warm or cold, but no finding: a detection there is wrong.
    Distractor,
    /// Neither right nor wrong: detections there are set aside.
    Ignore,
}

impl Role {
    /// `target`, `distractor` or `ignore`.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "target" => Some(Self::Target),
            "distractor" => Some(Self::Distractor),
            "ignore" => Some(Self::Ignore),
            _ => None,
        }
    }
}

/// How far a label reaches from its middle, in the plane's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reach {
    /// So far in every direction.
    Disc(f64),
    /// Half of a box's width and height.
    Box([f64; 2]),
}

/// Sigma of a Gaussian to the radius of its half-peak contour: √(2 ln 2).
pub(super) const HALF_PEAK: f64 = 1.177_410_022_515_474_7;

/// A labelled place.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// What it is called in lists, where it has a name.
    pub name: Option<String>,
    /// Warmer or colder; `None` fits both.
    pub polarity: Option<Polarity>,
    /// Middle, in the plane's unit.
    pub x: f64,
    /// Middle, in the plane's unit.
    pub y: f64,
    /// How far it reaches.
    pub reach: Reach,
    /// Contrast in kelvin, where it is known.
    pub delta_k: Option<f64>,
    /// Size in pixels as the sigma of a Gaussian, where it is known.
    pub sigma_px: Option<f64>,
    /// Its class in words; empty where it has none.
    pub class: String,
    /// What it is for.
    pub role: Role,
}

impl Label {
    /// Distance of a place as a share of what is allowed; `None` if it lies too far. A box allows
    /// so much beyond its edges, a disc at least so much.
    pub(super) fn share_of(&self, x: f64, y: f64, tolerance: f64) -> Option<f64> {
        let (dx, dy) = (x - self.x, y - self.y);
        let share = match self.reach {
            Reach::Disc(radius) => dx.hypot(dy) / radius.max(tolerance),
            Reach::Box([half_width, half_height]) => {
                (dx.abs() / (half_width + tolerance)).max(dy.abs() / (half_height + tolerance))
            }
        };
        (share <= 1.0).then_some(share)
    }

    /// Whether a spot of a polarity may be this.
    pub(super) fn fits(&self, polarity: Polarity) -> bool {
        self.polarity.is_none_or(|own| own == polarity)
    }

    /// Size in pixels as the sigma of a Gaussian: as told, else that whose half-peak contour has
    /// the area of the box.
    pub(super) fn size_px(&self) -> Option<f64> {
        self.sigma_px.or(match self.reach {
            Reach::Box([half_width, half_height]) => {
                Some((half_width * half_height).sqrt() / HALF_PEAK)
            }
            Reach::Disc(_) => None,
        })
    }
}

/// A frame that people looked through: what they did not label is not there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LabelledFrame {
    /// Its file, `#n` behind it in a file of several frames.
    pub file: String,
    /// What is there.
    pub labels: Vec<Label>,
}

/// What a run found in one place: a detection in a frame, or a finding on the ground.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    /// What it is called in lists, where it has a name.
    pub name: Option<String>,
    /// Warmer or colder.
    pub polarity: Polarity,
    /// Where, in the plane's unit.
    pub x: f64,
    /// Where, in the plane's unit.
    pub y: f64,
    /// How sure the run is: higher is surer, on whatever scale.
    pub score: Option<f64>,
    /// Contrast in kelvin.
    pub delta_k: Option<f64>,
    /// How sure its place is, on the ground.
    pub ellipse95: Option<Ellipse95>,
}

impl Spot {
    /// The highest cut of the score that keeps it: one without a score is always kept.
    pub(super) fn cut(&self) -> f64 {
        self.score.unwrap_or(f64::INFINITY)
    }
}

/// A frame as a run saw it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SeenFrame {
    /// Its file, `#n` behind it in a file of several frames.
    pub file: String,
    /// Columns and rows, where the run tells.
    pub size_px: Option<[u32; 2]>,
    /// What was found.
    pub spots: Vec<Spot>,
    /// Area on the ground that it shows, where that is known.
    pub area_m2: Option<f64>,
}

/// Gives every target of some classes another role: formats of others know of no distractors.
pub fn give_roles<'a>(
    labels: impl Iterator<Item = &'a mut Label>,
    distractors: &[String],
    ignored: &[String],
) {
    for label in labels.filter(|label| label.role == Role::Target) {
        if ignored.contains(&label.class) {
            label.role = Role::Ignore;
        } else if distractors.contains(&label.class) {
            label.role = Role::Distractor;
        }
    }
}
