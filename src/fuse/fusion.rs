//! From observations to findings.

use std::collections::HashMap;

use nalgebra::Vector3;

use crate::capture::PosedFrame;
use crate::geo::{Geodetic, LocalFrame, Terrain};
use crate::locate::Observation;
use crate::site::{AssetLookup, Site};
use crate::time::FrameTime;

use super::Finding;
use super::cluster::clusters;
use super::estimate::{Run, estimate};
use super::possible::Cameras;
use super::spot::{Axes, Spot};

/// A frame as fusion needs it.
#[derive(Debug, Clone)]
pub struct View {
    /// Where the camera was; its `frame` is the number that observations name.
    pub pose: PosedFrame,
    /// When.
    pub taken_at: Option<FrameTime>,
    /// Whether its values are grey levels.
    pub grey_levels: bool,
}

/// How observations become findings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// Gate of the squared Mahalanobis distance: 9.21 is χ² with 2 degrees of freedom at 0.99.
    pub gate: f64,
    /// A finding is seen in at least this share of the frames that could have seen it.
    pub least_share: f64,
    /// Score from which on a cluster is a finding though too few frames saw it. At a score of 10
    /// a busy scene has one false positive a frame; twice that is our convention.
    pub strong_score: f32,
    /// The same where no other frame could have seen it: at 9 planted scenes have a precision of
    /// 1.0 and 0.93.
    pub lone_score: f32,
}

impl Default for Params {
    fn default() -> Self {
        Self { gate: 9.21, least_share: 0.5, strong_score: 20.0, lone_score: 9.0 }
    }
}

/// Findings of a run, sorted by id. `observations` are sorted by frame, then index.
///
/// Two observations may be one thing when their squared Mahalanobis distance is below
/// [`Params::gate`]. Its covariance is both own parts and the difference that the common error of
/// the flight makes between the two: a shift cancels, a yaw bias between opposite legs does not.
/// The whole run counts as one flight. Frames are taken one after the other, each assigned to the
/// clusters so far one to one at the least total cost; then clusters that no frame shows side by
/// side are merged, the likest first. Two detections of one frame never meet in one finding.
///
/// A cluster becomes a finding when two frames or more, and [`Params::least_share`] of those that
/// could have, saw it; or by its score alone, marked `single_view` or `few_views`. What becomes no
/// finding stays an observation. An observation whose numbers are not finite takes no part.
///
/// Ids are numbers from north to south in rows of 0.0001° (11 m), from west to east in a row.
#[must_use]
pub fn fuse(
    observations: &[Observation],
    views: &[View],
    terrain: &Terrain,
    site: Option<&Site>,
    params: &Params,
) -> Vec<Finding> {
    let Some(middle) = middle(observations) else { return Vec::new() };
    let plane = LocalFrame::at(&middle);
    let view_of: HashMap<u32, usize> =
        views.iter().enumerate().map(|(number, view)| (view.pose.frame, number)).collect();
    let axes: Vec<Axes> = views.iter().map(|view| Axes::of(&view.pose, view.grey_levels)).collect();
    let mut spots: Vec<Spot> = (0u32..)
        .zip(observations)
        .filter_map(|(number, observation)| {
            let axes = view_of.get(&observation.frame).and_then(|&view| axes.get(view));
            Spot::of(number, observation, axes, &plane)
        })
        .collect();
    // The input is sorted already; a caller who forgot must not get two of a frame in one finding.
    spots.sort_by_key(|spot| (spot.frame, observations[spot.number as usize].index, spot.number));
    let run = Run {
        observations,
        spots: &spots,
        views,
        view_of: &view_of,
        plane: &plane,
        cameras: Cameras::new(views, &plane),
        terrain,
        assets: site.map(AssetLookup::new),
        params,
    };
    let groups = clusters(&spots, params.gate);
    let findings = groups.iter().filter_map(|group| estimate(&run, group)).collect();
    numbered(findings, middle.lon_deg())
}

/// The place in the middle of all; `None` if there is no observation with a place.
fn middle(observations: &[Observation]) -> Option<Geodetic> {
    let mut sum = Vector3::zeros();
    let mut count = 0.0;
    for observation in observations {
        let ecef = observation.point.to_ecef();
        if ecef.iter().all(|v| v.is_finite()) {
            sum += ecef;
            count += 1.0;
        }
    }
    (count > 0.0).then(|| {
        let middle = Geodetic::from_ecef(&(sum / count));
        // The mean of places lies below the surface; only its direction counts.
        Geodetic { height_m: 0.0, ..middle }
    })
}

/// Height of a row in degrees of latitude, about 11 m. Rows are counted from the equator and not
/// from the run, so that one more frame does not renumber everything.
const ROW_DEG: f64 = 1e-4;

fn numbered(mut findings: Vec<Finding>, middle_lon_deg: f64) -> Vec<Finding> {
    let row = |finding: &Finding| (finding.point.lat_deg() / ROW_DEG).floor();
    // Counted from the run's middle, west is west on the 180th meridian too.
    let east =
        |finding: &Finding| (finding.point.lon_deg() - middle_lon_deg + 180.0).rem_euclid(360.0);
    findings.sort_by(|a, b| {
        row(b)
            .total_cmp(&row(a))
            .then(east(a).total_cmp(&east(b)))
            .then(b.point.lat_rad.total_cmp(&a.point.lat_rad))
            .then(a.polarity.cmp(&b.polarity))
            .then(a.observations.cmp(&b.observations))
    });
    let digits = findings.len().to_string().len().max(4);
    for (number, finding) in (1..).zip(&mut findings) {
        finding.id = format!("F{number:0digits$}");
    }
    findings
}
