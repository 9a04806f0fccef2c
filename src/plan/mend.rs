//! Pictures of what lines have left out: on the outside of a sharp bend a wide strip is farther
//! away than any line.

use std::f64::consts::FRAC_PI_2;

use super::Error;
use super::camera::{Camera, Pace};
use super::coverage::footprint;
use super::field::Field;
use super::plane::Point;
use super::region::Region;
use super::run::Run;
use super::survey::{Look, Survey};

/// Pieces narrower than twice this are what rounding leaves.
const SLIVER_M: f64 = 0.25;

/// What runs are mended over.
pub(super) struct Mend<'a> {
    pub(super) field: &'a Field<'a>,
    pub(super) camera: &'a Camera,
    pub(super) pace: &'a Pace,
    pub(super) target: &'a Region,
    /// Where pictures may be taken from.
    pub(super) allowed: &'a Region,
    pub(super) start: Point,
    /// What a turn costs, in metres of flight.
    pub(super) turn_m: f64,
}

impl Mend<'_> {
    /// Runs over what these, with their heights, do not show.
    pub(super) fn missing(&self, runs: &[Run]) -> Result<Vec<Run>, Error> {
        let mut shown = Vec::new();
        for photo in runs.iter().flat_map(Run::photos) {
            let corners = footprint(self.field, self.camera, &photo)?;
            shown.extend(corners.map(|corners| Region::of_rings(&[corners.to_vec()])));
        }
        let left = self.target.without(&united(shown));
        let left = left.grown(-SLIVER_M).grown(2.0 * SLIVER_M).within(&left);
        let mut more = Vec::new();
        for part in left.parts() {
            let survey = Survey {
                target: &part,
                allowed: self.allowed,
                pace: self.pace,
                start: self.start,
                turn_m: self.turn_m,
            };
            let down = Look::at(-FRAC_PI_2, self.pace.distance_m);
            let found = survey.runs(0, survey.best_angle(), down);
            more.extend(found.into_iter().map(|run| Run { line: None, ..run }));
        }
        for (number, run) in (1..).zip(&mut more) {
            run.name = format!("beside a bend {number}");
        }
        Ok(more)
    }
}

/// All regions as one, two by two: each is looked at as often as the count has bits.
fn united(mut regions: Vec<Region>) -> Region {
    while regions.len() > 1 {
        regions = regions
            .chunks(2)
            .map(|pair| pair.iter().skip(1).fold(pair[0].clone(), |all, one| all.and(one)))
            .collect();
    }
    regions.pop().unwrap_or_default()
}
