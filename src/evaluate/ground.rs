//! Labels and findings on the ground, in the plane of one local frame.

use crate::detect::Polarity;
use crate::geo::{Ellipse95, Geodetic, LocalFrame};
use crate::plan::Region;

use super::{Label, LabelledFrame, Reach, Role, SeenFrame, Spot};

/// A labelled place on the ground.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedLabel {
    /// What it is called in lists.
    pub name: Option<String>,
    /// Degrees north.
    pub lat_deg: f64,
    /// Degrees east.
    pub lon_deg: f64,
    /// Warmer or colder; `None` fits both.
    pub polarity: Option<Polarity>,
    /// Contrast in kelvin.
    pub delta_k: Option<f64>,
    /// Sigma in pixels of a frame that shows it.
    pub sigma_px: Option<f64>,
    /// Its class in words.
    pub class: String,
    /// What it is for.
    pub role: Role,
}

/// A finding as a run left it.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedSpot {
    /// Its id.
    pub name: String,
    /// Degrees north.
    pub lat_deg: f64,
    /// Degrees east.
    pub lon_deg: f64,
    /// Warmer or colder.
    pub polarity: Polarity,
    /// How sure the run is.
    pub score: Option<f64>,
    /// Contrast in kelvin.
    pub delta_k: Option<f64>,
    /// How sure its place is.
    pub ellipse95: Option<Ellipse95>,
}

/// Labels and findings as one frame, metres east and north of the labels' middle.
///
/// `within_m` is how far a finding may be from its label; `footprints` are rings of (longitude,
/// latitude) in degrees, and the ground that they show together is the frame's area. All places are
/// taken at one height, so that differences are horizontal ones: over 10 km the plane is off by
/// less than a centimetre.
#[must_use]
pub fn on_ground(
    labels: &[PlacedLabel],
    spots: &[PlacedSpot],
    footprints: &[Vec<(f64, f64)>],
    within_m: f64,
) -> (LabelledFrame, SeenFrame) {
    let count = labels.len().max(1) as f64;
    let middle = |degrees: fn(&PlacedLabel) -> f64| labels.iter().map(degrees).sum::<f64>() / count;
    let (lat_deg, lon_deg) = (middle(|one| one.lat_deg), middle(|one| one.lon_deg));
    let frame = LocalFrame::at(&Geodetic::from_degrees(lat_deg, lon_deg, 0.0));
    let place = |lat_deg: f64, lon_deg: f64| {
        let enu_m = frame.enu(&Geodetic::from_degrees(lat_deg, lon_deg, 0.0));
        [enu_m.x, enu_m.y]
    };
    let label = |one: &PlacedLabel| {
        let [x, y] = place(one.lat_deg, one.lon_deg);
        Label {
            name: one.name.clone(),
            polarity: one.polarity,
            x,
            y,
            reach: Reach::Disc(within_m),
            delta_k: one.delta_k,
            sigma_px: one.sigma_px,
            class: one.class.clone(),
            role: one.role,
        }
    };
    let spot = |one: &PlacedSpot| {
        let [x, y] = place(one.lat_deg, one.lon_deg);
        Spot {
            name: Some(one.name.clone()),
            polarity: one.polarity,
            x,
            y,
            score: one.score,
            delta_k: one.delta_k,
            ellipse95: one.ellipse95,
        }
    };
    let rings = footprints.iter();
    let ring = |ring: &Vec<(f64, f64)>| ring.iter().map(|&(lon, lat)| place(lat, lon)).collect();
    let shown = Region::of_any(&rings.map(ring).collect::<Vec<_>>());
    let area_m2 = Some(shown.area_m2()).filter(|area_m2| *area_m2 > 0.0);
    let labelled =
        LabelledFrame { file: String::new(), labels: labels.iter().map(label).collect() };
    let spots = spots.iter().map(spot).collect();
    (labelled, SeenFrame { file: String::new(), size_px: None, spots, area_m2 })
}

/// Area of a footprint, (longitude, latitude) in degrees; `None` for fewer than three corners.
#[must_use]
pub fn footprint_m2(ring: &[(f64, f64)]) -> Option<f64> {
    let &(lon_deg, lat_deg) = ring.first()?;
    let frame = LocalFrame::at(&Geodetic::from_degrees(lat_deg, lon_deg, 0.0));
    let place = |&(lon_deg, lat_deg): &(f64, f64)| {
        let enu_m = frame.enu(&Geodetic::from_degrees(lat_deg, lon_deg, 0.0));
        [enu_m.x, enu_m.y]
    };
    let area_m2 = Region::of_any(&[ring.iter().map(place).collect()]).area_m2();
    (area_m2 > 0.0).then_some(area_m2)
}
