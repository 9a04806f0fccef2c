//! From observations to findings.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use nalgebra::Vector3;

use crate::capture::PosedFrame;
use crate::geo::{Geodetic, LocalFrame, Terrain};
use crate::locate::Observation;
use crate::site::{AssetLookup, Site};
use crate::time::FrameTime;

use super::Finding;
use super::alike;
use super::cluster::clusters;
use super::common::{Axes, Factor};
use super::emissivity::Surface;
use super::estimate::{Run, estimate};
use super::flights::flights;
use super::kind::KindRules;
use super::legs::{Motion, fit};
use super::like_surfaces;
use super::place::as_one_spot;
use super::possible::Cameras;
use super::regions::{Region, regions};
use super::spot::Spot;
use super::suspect::{Suspect, drifting, is_sensor_fixed, sensor_fixed};

/// A frame as fusion needs it.
#[derive(Debug, Clone)]
pub struct View {
    /// Where the camera was; its `frame` is the number that observations name.
    pub pose: PosedFrame,
    /// When.
    pub taken_at: Option<FrameTime>,
    /// Whether its values are grey levels.
    pub grey_levels: bool,
    /// What its temperatures were worked out with, where that is known.
    pub surface: Option<Surface>,
    /// How the errors that its flight shares hang together after calibration.
    pub(super) factor: Option<Arc<Factor>>,
}

impl View {
    /// A frame whose pose is as stated.
    #[must_use]
    pub fn new(pose: PosedFrame, taken_at: Option<FrameTime>, grey_levels: bool) -> Self {
        Self { pose, taken_at, grey_levels, surface: None, factor: None }
    }

    /// The same with what its temperatures were worked out with.
    #[must_use]
    pub fn with_surface(self, surface: Option<Surface>) -> Self {
        Self { surface, ..self }
    }
}

/// How observations become findings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// Gate of the squared Mahalanobis distance: 9.21 is χ² with 2 degrees of freedom at 0.99.
    pub gate: f64,
    /// A finding is seen in at least this share of the frames that could have seen it.
    pub least_share: f64,
    /// How sure it must be that what frames agree on is a source, 0 to 1, where it stands out
    /// neither by `plain_contrast_k` nor by what its kind grades as medium: what is less sure is no
    /// finding. In flights over rough ground half of all that two frames see is ground.
    pub least_confidence: f64,
    /// From this contrast in kelvin on what frames agree on is a finding however unsure: our
    /// convention, what spots of no kind need for medium.
    pub plain_contrast_k: f64,
    /// Whether scores are heat and no chances (see [`Profile::scores_by_heat`]): then a confidence
    /// is a rank, as where there are no temperatures, and nothing is cut by it.
    ///
    /// [`Profile::scores_by_heat`]: crate::detect::Profile::scores_by_heat
    pub scores_by_heat: bool,
    /// Median prominence of its views from which on a cluster is a finding though too few frames
    /// saw it or too few saw it surely: our convention, twice of what one false positive a frame of
    /// a busy scene has.
    pub strong_prominence: f32,
    /// Score from which on it is one where no other frame could have seen it, if it is as plain or
    /// sure as what frames agree on.
    pub lone_score: f32,
    /// What a finding is and how urgent, under the conditions that the run is told.
    pub kinds: KindRules,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            gate: 9.21,
            least_share: 0.5,
            least_confidence: 0.5,
            plain_contrast_k: 2.0,
            scores_by_heat: false,
            strong_prominence: 20.0,
            lone_score: 0.8,
            kinds: KindRules::default(),
        }
    }
}

/// Findings of a run, sorted by id. `observations` are sorted by frame, then index.
///
/// Two observations may be one thing when their squared Mahalanobis distance is below
/// [`Params::gate`]. Its covariance is both own parts and the difference that the common error of
/// the flight makes between the two: a shift cancels, a yaw bias between opposite legs does not.
/// Frames are taken one after the other, each assigned to the clusters so far one to one at the
/// least total cost; then clusters that no frame shows side by side are merged, the likest first.
/// Two detections of one frame never meet in one finding.
///
/// A common error is shared within a flight. Flights are told apart by camera and by pauses of
/// more than half an hour; each is grouped by itself, and then flights are joined as frames are,
/// with their whole covariances. Two aircraft of one model in the air together count as one
/// flight. Parts of a run that lie more than 70 km apart know nothing of each other, and those
/// less than 20 km apart are one.
///
/// A cluster becomes a finding when two frames or more, and [`Params::least_share`] of those that
/// could have, saw it, plainly ([`Params::plain_contrast_k`]) or surely enough
/// ([`Params::least_confidence`]); or by its score or prominence alone, marked `single_view` or
/// `few_views` where few saw it, unless the picture's border cuts it in all its views. What becomes
/// no finding stays an observation.
/// An observation whose numbers are not finite takes no part.
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
    let whole = Whole::of(observations, views, terrain, site, params);
    let regions = regions(observations, views);
    let mut findings: Vec<Finding> =
        regions.iter().flat_map(|region| whole.findings_in(region)).collect();
    alike::grade(&mut findings, &params.kinds);
    if let Some(site) = site {
        like_surfaces::grade(&mut findings, observations, site, &params.kinds);
    }
    let first = regions.first().and_then(|region| whole.middle(region));
    numbered(findings, first.map_or(0.0, |middle| middle.lon_deg()))
}

/// A run with what is worked out for it once.
struct Whole<'a> {
    observations: &'a [Observation],
    views: &'a [View],
    view_of: HashMap<u32, usize>,
    terrain: &'a Terrain,
    site: Option<&'a Site>,
    params: &'a Params,
}

/// Groups the spots of a part of one flight and hands them on.
pub(super) fn with_groups<T>(
    observations: &[Observation],
    views: &[View],
    terrain: &Terrain,
    params: &Params,
    then: impl FnOnce(&Run<'_>, &[Vec<u32>]) -> T,
) -> Option<T> {
    let region = Region {
        observations: (0..observations.len() as u32).collect(),
        views: (0..views.len() as u32).collect(),
    };
    let whole = Whole::of(observations, views, terrain, None, params);
    whole.grouped(&region, |run, groups, _| then(run, groups))
}

/// Hands on each part of a run, as it is for [`fuse`] once groups are known.
pub(super) fn with_regions(
    observations: &[Observation],
    views: &[View],
    terrain: &Terrain,
    mut then: impl FnMut(&Run<'_>),
) {
    let params = Params::default();
    let whole = Whole::of(observations, views, terrain, None, &params);
    for region in regions(observations, views) {
        whole.with_run(&region, |run| then(run));
    }
}

impl<'a> Whole<'a> {
    fn of(
        observations: &'a [Observation],
        views: &'a [View],
        terrain: &'a Terrain,
        site: Option<&'a Site>,
        params: &'a Params,
    ) -> Self {
        let view_of = (0..).zip(views).map(|(number, view)| (view.pose.frame, number)).collect();
        Self { observations, views, view_of, terrain, site, params }
    }

    fn findings_in(&self, region: &Region) -> Vec<Finding> {
        let found = self.grouped(region, |run, groups, motions| {
            let cameras = Cameras::new(self.views, &region.views, motions, run.plane);
            let stuck = sensor_fixed(run);
            let (groups, drifts) = drifting(run, groups);
            let groups = groups.iter().zip(drifts);
            groups
                .filter_map(|(group, drift)| {
                    let fixed = is_sensor_fixed(run, group, &stuck);
                    estimate(run, &cameras, group, Suspect { drift, fixed })
                })
                .collect()
        });
        found.unwrap_or_default()
    }

    /// Groups a region's spots and hands them on, with the motions that frames were fitted by;
    /// `None` if it has no place.
    fn grouped<T>(
        &self,
        region: &Region,
        then: impl FnOnce(&Run<'_>, &[Vec<u32>], &HashMap<u32, Motion>) -> T,
    ) -> Option<T> {
        self.with_run(region, |run| {
            let mut motions = HashMap::new();
            let groups = by_flight(run, &mut motions);
            if run.spots.is_empty() {
                run.spots = self.spots(region, run.axes, run.plane);
            }
            then(run, &groups, &motions)
        })
    }

    /// A region with its plane and its spots; `None` if it has no place.
    fn with_run<T>(&self, region: &Region, then: impl FnOnce(&mut Run<'_>) -> T) -> Option<T> {
        let plane = LocalFrame::at(&self.middle(region)?);
        let axes = Axes::of_all(self.views, &plane);
        let flight_of = flights(self.views, &region.views);
        let mut run = Run {
            observations: self.observations,
            spots: self.spots(region, &axes, &plane),
            axes: &axes,
            flight_of: &flight_of,
            views: self.views,
            view_of: &self.view_of,
            plane: &plane,
            terrain: self.terrain,
            assets: self.site.map(AssetLookup::new),
            params: self.params,
        };
        Some(then(&mut run))
    }

    /// In the order of frames.
    fn spots(&self, region: &Region, axes: &[Axes], plane: &LocalFrame) -> Vec<Spot> {
        let mut spots: Vec<Spot> = region
            .observations
            .iter()
            .filter_map(|&number| {
                let observation = self.observations.get(number as usize)?;
                let view = self.view_of.get(&observation.frame).copied().unwrap_or(usize::MAX);
                Spot::of(number, observation, (view as u32, axes.get(view)), plane)
            })
            .collect();
        // The input is sorted already; a caller who forgot must not get two of a frame in one
        // finding.
        let index = |spot: &Spot| self.observations[spot.number as usize].index;
        // Sorting takes memory by the size of the run, so only where it is needed.
        let order = |spot: &Spot| (spot.frame, index(spot), spot.number);
        if !spots.is_sorted_by_key(order) {
            spots.sort_by_key(order);
        }
        spots
    }

    /// The place in the middle of a region's observations.
    fn middle(&self, region: &Region) -> Option<Geodetic> {
        let places = || {
            let seen = region.observations.iter();
            seen.filter_map(|&number| self.observations.get(number as usize))
                .map(|one| one.point.to_ecef())
        };
        let count = places().count();
        (count > 0).then(|| {
            let middle = Geodetic::from_ecef(&(places().sum::<Vector3<f64>>() / count as f64));
            // The mean of places lies below the surface; only its direction counts.
            Geodetic { height_m: 0.0, ..middle }
        })
    }
}

/// Groups of a region's spots: each flight by itself, and then flight with flight.
///
/// What one flight saw of a thing is one spot with its whole covariance, and a flight is to
/// flights what a frame is to frames: it has each thing once, and is off as a whole.
fn by_flight(run: &mut Run<'_>, motions: &mut HashMap<u32, Motion>) -> Vec<Vec<u32>> {
    let gate = run.params.gate;
    let flight = |spot: &Spot| run.flight_of.get(&spot.frame).copied().unwrap_or(u32::MAX);
    let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (place, spot) in (0u32..).zip(&run.spots) {
        members.entry(flight(spot)).or_default().push(place);
    }
    if members.len() < 2 {
        // A second copy is what a large run would need most memory for: these are used up, and
        // made again when groups are known.
        let spots = std::mem::take(&mut run.spots);
        return of_flight(run, spots, motions);
    }
    let (mut groups, mut seen) = (Vec::new(), Vec::new());
    for (&flight, places) in &members {
        let spots: Vec<Spot> = places.iter().map(|&place| run.spots[place as usize]).collect();
        for group in of_flight(run, spots, motions) {
            let group: Vec<u32> = group.iter().map(|&at| places[at as usize]).collect();
            if let Some(mut spot) = as_one_spot(run, &group, flight) {
                spot.number = groups.len() as u32;
                seen.push(spot);
                groups.push(group);
            }
        }
    }
    let joined = clusters(seen, run.axes, gate).into_iter();
    let joined = joined.map(|of| {
        let mut group: Vec<u32> = of.iter().flat_map(|&at| groups[at as usize].clone()).collect();
        group.sort_unstable();
        group
    });
    joined.collect()
}

fn of_flight(
    run: &Run<'_>,
    mut spots: Vec<Spot>,
    motions: &mut HashMap<u32, Motion>,
) -> Vec<Vec<u32>> {
    fit(run, &mut spots, run.params.gate, motions);
    clusters(spots, run.axes, run.params.gate)
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
