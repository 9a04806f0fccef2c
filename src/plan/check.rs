//! Checks of what was planned, leg by leg, each against what the site told and not against what the
//! planner made of it.

use crate::site::Limit;

use super::field::Field;
use super::plane::{Point, between, distance_m};
use super::region::Region;
use super::round::FLATTEST_VIEW_RAD;
use super::sortie::{Leg, Purpose, Sortie};
use super::way::Ways;
use super::{Error, Params};

/// Legs are looked at from point to point so far apart.
const STEP_M: f64 = 5.0;

/// Something that a plan must not do.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Violation {
    /// What rule.
    pub rule: Rule,
    /// The sortie, from 1; `None` where the plan as a whole is meant.
    pub sortie: Option<usize>,
    /// Its leg, from 1.
    pub leg: Option<usize>,
    /// What it is, in the rule's unit.
    pub figure: f64,
    /// What it may be.
    pub limit: f64,
    /// In words.
    pub words: String,
}

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Outside of zones; the figure is how many metres of the leg lie in one.
    Zone,
    /// A zone that could not be read.
    UnreadableZone,
    /// Inside of what may be flown; the figure is metres outside.
    Fence,
    /// Not too high above ground, metres.
    Height,
    /// Not too near to ground and things, metres.
    Clearance,
    /// Not too far from the take-off, metres.
    Range,
    /// Not too flat a view, degrees.
    ViewAngle,
    /// Not more than the battery holds, share.
    Energy,
    /// Enough of the area, share.
    Coverage,
    /// Pictures overlap, share.
    Overlap,
    /// Pictures of what must not be in any; the figure is how many.
    Privacy,
}

/// The violations of sorties.
pub(super) fn check(
    field: &Field<'_>,
    params: &Params,
    allowed: &Region,
    sorties: &[Sortie],
) -> Result<Vec<Violation>, Error> {
    let mut found: Vec<Violation> = field
        .unreadable
        .iter()
        .map(|(zone, reason)| Violation {
            rule: Rule::UnreadableZone,
            sortie: None,
            leg: None,
            figure: 1.0,
            limit: 0.0,
            words: format!("zone {zone} could not be read, so nobody knows where it is: {reason}"),
        })
        .collect();
    let ways = Ways::new(allowed);
    for (number, sortie) in (1..).zip(sorties) {
        for (at, leg) in (1..).zip(&sortie.legs) {
            let checked = Checked { field, params, sortie, leg, found: Vec::new() };
            for (rule, figure, limit, words) in checked.all(allowed, &ways)? {
                let words = format!("sortie {number}, leg {at}: {words}");
                let (sortie, leg) = (Some(number), Some(at));
                found.push(Violation { rule, sortie, leg, figure, limit, words });
            }
        }
        let budget = 1.0 - params.vehicle.reserve;
        if sortie.energy_share > budget + 1e-9 {
            found.push(Violation {
                rule: Rule::Energy,
                sortie: Some(number),
                leg: None,
                figure: sortie.energy_share,
                limit: budget,
                words: format!(
                    "sortie {number} takes {:.0} % of a battery, {:.0} % may be used",
                    sortie.energy_share * 100.0,
                    budget * 100.0
                ),
            });
        }
    }
    Ok(found)
}

struct Checked<'a> {
    field: &'a Field<'a>,
    params: &'a Params,
    sortie: &'a Sortie,
    leg: &'a Leg,
    found: Vec<(Rule, f64, f64, String)>,
}

impl Checked<'_> {
    fn all(
        mut self,
        allowed: &Region,
        ways: &Ways,
    ) -> Result<Vec<(Rule, f64, f64, String)>, Error> {
        let (from, to) = (self.leg.from.0, self.leg.to.0);
        if !(allowed.holds(from) && allowed.holds(to) && ways.is_clear(from, to)) {
            let outside =
                |at: Point| if allowed.holds(at) { 0.0 } else { allowed.edge_distance_m(at) };
            let figure = self.points().iter().map(|at| outside(at.0)).fold(0.0, f64::max);
            // Touching the edge is no leaving.
            if figure > 0.01 {
                let words = format!("it leaves what may be flown by {figure:.1} m");
                self.found.push((Rule::Fence, figure, 0.0, words));
            }
        }
        self.zones()?;
        self.heights()?;
        self.range();
        self.views();
        Ok(self.found)
    }

    fn points(&self) -> Vec<(Point, f64)> {
        let (from, to) = (self.leg.from, self.leg.to);
        let steps = (self.leg.length_m() / STEP_M).ceil().max(1.0) as usize;
        (0..=steps)
            .map(|step| {
                let share = step as f64 / steps as f64;
                (between(from.0, to.0, share), from.1 + (to.1 - from.1) * share)
            })
            .collect()
    }

    /// A leg crosses a zone where its line lies in the zone's outline at a height of the zone.
    fn zones(&mut self) -> Result<(), Error> {
        let (from, to) = (self.leg.from, self.leg.to);
        let length_m = distance_m(from.0, to.0);
        for barrier in &self.field.barriers {
            let [west, south, east, north] = barrier.region.bounds_m();
            let apart = from.0[0].max(to.0[0]) < west
                || from.0[0].min(to.0[0]) > east
                || from.0[1].max(to.0[1]) < south
                || from.0[1].min(to.0[1]) > north;
            if apart {
                continue;
            }
            let mut inside_m = 0.0;
            for (a, b) in inside(&barrier.region, from.0, to.0) {
                let at = between(from.0, to.0, (a + b) / 2.0);
                let heights = [a, b].map(|share| from.1 + (to.1 - from.1) * share);
                let (low, high) = (heights[0].min(heights[1]), heights[0].max(heights[1]));
                let floor = limit_m(self.field, barrier.floor, at, f64::NEG_INFINITY)?;
                let ceiling = limit_m(self.field, barrier.ceiling, at, f64::INFINITY)?;
                if high >= floor && low <= ceiling {
                    inside_m += ((b - a) * length_m).max(0.01);
                }
            }
            if inside_m > 0.0 {
                let words = format!("it crosses zone {} for {inside_m:.1} m", barrier.name);
                self.found.push((Rule::Zone, inside_m, 0.0, words));
            }
        }
        Ok(())
    }

    fn heights(&mut self) -> Result<(), Error> {
        let vertical = matches!(self.leg.purpose, Purpose::TakeOff | Purpose::Landing);
        let (mut highest_m, mut nearest_m) = (f64::NEG_INFINITY, f64::INFINITY);
        for (at, height_m) in self.points() {
            let ground_m = self.field.ground_m(at)?;
            highest_m = highest_m.max(height_m - ground_m);
            let surface_m = self.field.surface_m(at, 0.0)?;
            nearest_m = nearest_m.min(height_m - surface_m);
        }
        let most_m = self.params.most_height_m;
        if highest_m > most_m + 0.01 {
            let words = format!("it is {highest_m:.1} m above ground, {most_m:.0} m are allowed");
            self.found.push((Rule::Height, highest_m, most_m, words));
        }
        let least_m = self.params.clearance_m;
        if !vertical && nearest_m < least_m - 0.01 {
            let words = format!(
                "it is {nearest_m:.1} m above ground or what stands there, {least_m:.0} m are kept"
            );
            self.found.push((Rule::Clearance, nearest_m, least_m, words));
        }
        Ok(())
    }

    fn range(&mut self) {
        let home = self.sortie.takeoff.0;
        let far_m = distance_m(home, self.leg.from.0).max(distance_m(home, self.leg.to.0));
        let most_m = self.params.range_m;
        if far_m > most_m {
            let words =
                format!("it leads {far_m:.0} m from the take-off, {most_m:.0} m are in sight");
            self.found.push((Rule::Range, far_m, most_m, words));
        }
    }

    /// Of the middle of a picture: from straight down on ground, from level on walls.
    fn views(&mut self) {
        if self.leg.purpose != Purpose::Work {
            return;
        }
        let run = self.leg.run.and_then(|number| self.sortie.runs.get(number));
        let Some(stand) = run.and_then(|run| run.stands.first()) else { return };
        let down_rad = stand.pitch_rad + std::f64::consts::FRAC_PI_2;
        let level_rad = stand.pitch_rad.abs();
        let flattest_rad = down_rad.min(level_rad);
        if flattest_rad > FLATTEST_VIEW_RAD + 1e-9 {
            let (figure, limit) = (flattest_rad.to_degrees(), FLATTEST_VIEW_RAD.to_degrees());
            let words =
                format!("it looks {figure:.0}° from the surface's normal, {limit:.0}° are good");
            self.found.push((Rule::ViewAngle, figure, limit, words));
        }
    }
}

/// The shares of a line between which it lies in a region.
fn inside(region: &Region, from: Point, to: Point) -> Vec<(f64, f64)> {
    let mut shares = vec![0.0, 1.0];
    for (a, b) in region.edges() {
        let (d, e) = ([to[0] - from[0], to[1] - from[1]], [b[0] - a[0], b[1] - a[1]]);
        let cross = d[0] * e[1] - d[1] * e[0];
        if cross.abs() > 1e-12 {
            let off = [a[0] - from[0], a[1] - from[1]];
            let share = (off[0] * e[1] - off[1] * e[0]) / cross;
            let other = (off[0] * d[1] - off[1] * d[0]) / cross;
            if (0.0..=1.0).contains(&share) && (-1e-9..=1.0 + 1e-9).contains(&other) {
                shares.push(share);
            }
        }
    }
    shares.sort_by(f64::total_cmp);
    shares
        .windows(2)
        .map(|pair| (pair[0], pair[1]))
        .filter(|&(a, b)| region.holds(between(from, to, (a + b) / 2.0)))
        .collect()
}

fn limit_m(field: &Field<'_>, limit: Limit, at: Point, open_m: f64) -> Result<f64, Error> {
    field.limit_m(limit, at, open_m)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_inside_where_it_is_and_nowhere_else() {
        let zone = Region::of_rings(&[vec![[10., -5.], [20., -5.], [20., 5.], [10., 5.]]]);
        let spans = inside(&zone, [0.0, 0.0], [40.0, 0.0]);
        let [(a, b)] = spans[..] else { panic!("{spans:?}") };
        assert!((a - 0.25).abs() < 1e-6 && (b - 0.5).abs() < 1e-6);
        assert!(inside(&zone, [0.0, 6.0], [40.0, 6.0]).is_empty());
        assert_eq!(inside(&zone, [12.0, 0.0], [13.0, 0.0]), [(0.0, 1.0)]);
        // Both ends outside, the corner cut.
        assert_eq!(inside(&zone, [5.0, 2.0], [15.0, 8.0]).len(), 0);
        assert_eq!(inside(&zone, [8.0, 2.0], [14.0, 8.0]).len(), 1);
    }
}
