//! Flights of one battery: the way out, runs, the way home.

use super::field::Field;
use super::plane::{Point, between, distance_m};
use super::run::{HOVER_S, Run, SETTLE_S, Shots};
use super::space::Space;
use super::{Error, Params};

/// A place in the air: where, and above the ellipsoid.
pub type Airpoint = (Point, f64);

/// What a leg is flown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Straight up from the take-off.
    TakeOff,
    /// From one thing to the next, camera off.
    Transit,
    /// Along a run, camera on.
    Work,
    /// Straight down on the take-off.
    Landing,
}

/// One straight leg.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leg {
    /// From where.
    pub from: Airpoint,
    /// To where.
    pub to: Airpoint,
    /// What for.
    pub purpose: Purpose,
    /// The run that it is part of or leads to, by its place in the sortie.
    pub run: Option<usize>,
    /// How long it takes.
    pub duration_s: f64,
}

impl Leg {
    /// Its length in the air.
    #[must_use]
    pub fn length_m(&self) -> f64 {
        distance_m(self.from.0, self.to.0).hypot(self.to.1 - self.from.1)
    }
}

/// A flight of one battery.
#[derive(Debug, Clone, PartialEq)]
pub struct Sortie {
    /// Where it begins and ends.
    pub takeoff: Airpoint,
    /// Its runs, in order.
    pub runs: Vec<Run>,
    /// All its legs, take-off and landing among them.
    pub legs: Vec<Leg>,
    /// Pictures.
    pub photos: usize,
    /// Length in the air.
    pub length_m: f64,
    /// Time in the air.
    pub duration_s: f64,
    /// Share of a full battery.
    pub energy_share: f64,
}

/// Plans flights of what can be flown in a space.
pub(super) struct Flights<'a> {
    pub(super) field: &'a Field<'a>,
    pub(super) params: &'a Params,
    pub(super) space: &'a Space,
    /// Speed over ground at work.
    pub(super) work_m_s: f64,
}

impl Flights<'_> {
    /// Flights that carry out runs in their order. A run that is too long for a battery is cut.
    pub(super) fn sorties(&self, runs: &[Run]) -> Result<Vec<Sortie>, Error> {
        let mut open: std::collections::VecDeque<Run> = runs.iter().cloned().collect();
        let mut sorties = Vec::new();
        while let Some(run) = open.pop_front() {
            let Some(mut sortie) = self.best(std::slice::from_ref(&run))? else {
                let pieces = self.halves(&run)?;
                pieces.into_iter().rev().for_each(|piece| open.push_front(piece));
                continue;
            };
            while let Some(next) = open.front() {
                let mut more = sortie.runs.clone();
                more.push(next.clone());
                let Some(longer) = self.from(sortie.takeoff, &more)?.filter(|s| self.fits(s))
                else {
                    break;
                };
                sortie = longer;
                open.pop_front();
            }
            sorties.push(sortie);
        }
        Ok(sorties)
    }

    fn budget(&self) -> f64 {
        1.0 - self.params.vehicle.reserve
    }

    fn fits(&self, sortie: &Sortie) -> bool {
        sortie.energy_share <= self.budget()
    }

    /// The shortest flight of some runs over all take-offs; `None` where no battery carries it.
    fn best(&self, runs: &[Run]) -> Result<Option<Sortie>, Error> {
        let mut best: Option<Sortie> = None;
        for &takeoff in &self.space.takeoffs {
            let takeoff = (takeoff, self.field.ground_m(takeoff)?);
            let Some(sortie) = self.from(takeoff, runs)?.filter(|sortie| self.fits(sortie)) else {
                continue;
            };
            if best.as_ref().is_none_or(|best| sortie.duration_s < best.duration_s) {
                best = Some(sortie);
            }
        }
        Ok(best)
    }

    fn halves(&self, run: &Run) -> Result<Vec<Run>, Error> {
        let pieces = run.cut(run.length_m() * 0.55);
        if pieces.len() > 1 && run.length_m() > 20.0 {
            return Ok(pieces);
        }
        let takeoff = self.space.takeoffs[0];
        let takeoff = (takeoff, self.field.ground_m(takeoff)?);
        let Some(needed) = self.from(takeoff, std::slice::from_ref(run))? else {
            return Err(Error::Unreachable { what: run.name.clone() });
        };
        Err(Error::TooFar {
            endurance_s: self.params.vehicle.endurance_s,
            reserve_percent: self.params.vehicle.reserve * 100.0,
            what: run.name.clone(),
            needed_s: needed.duration_s,
        })
    }

    /// A flight from a take-off; `None` where there is no way.
    fn from(&self, takeoff: Airpoint, runs: &[Run]) -> Result<Option<Sortie>, Error> {
        let mut legs = Vec::new();
        let mut here = takeoff;
        let mut photos = 0;
        for (number, run) in runs.iter().enumerate() {
            let first = run.stands.first().map_or(here, |stand| (stand.at, stand.height_m));
            let Some(way) = self.way(here, first)? else { return Ok(None) };
            self.add(&mut legs, here, &way, Some(number));
            here = first;
            photos += run.photos().len();
            for stand in run.stands.iter().skip(1) {
                let to = (stand.at, stand.height_m);
                legs.push(self.leg((here, to), Purpose::Work, Some(number), self.work_m_s));
                here = to;
            }
            let hovers_s = match run.shots {
                Shots::AtEach => HOVER_S * run.stands.len() as f64,
                Shots::Every(_) => SETTLE_S,
            };
            if let Some(last) = legs.last_mut() {
                last.duration_s += hovers_s + self.params.vehicle.turn_s;
            }
        }
        let Some(way) = self.way(here, takeoff)? else { return Ok(None) };
        self.add(&mut legs, here, &way, None);
        let vertical = |leg: &Leg| leg.from.0 == leg.to.0;
        if let Some(first) = legs.first_mut().filter(|leg| vertical(leg)) {
            first.purpose = Purpose::TakeOff;
        }
        if let Some(last) = legs.last_mut().filter(|leg| vertical(leg)) {
            last.purpose = Purpose::Landing;
        }
        let duration_s: f64 = legs.iter().map(|leg| leg.duration_s).sum();
        Ok(Some(Sortie {
            takeoff,
            runs: runs.to_vec(),
            photos,
            length_m: legs.iter().map(Leg::length_m).sum(),
            duration_s,
            energy_share: duration_s / self.params.vehicle.endurance_s,
            legs,
        }))
    }

    fn add(&self, legs: &mut Vec<Leg>, from: Airpoint, way: &[Airpoint], run: Option<usize>) {
        let mut here = from;
        // Where a run begins at the end of another there is no way, and yet a beginning.
        let begins = run.is_some() && way.iter().all(|&to| to == from);
        for &to in way {
            if to != here || begins {
                let along = [to.0[0] - here.0[0], to.0[1] - here.0[1]];
                let speed = self.params.ground_m_s(along);
                legs.push(self.leg((here, to), Purpose::Transit, run, speed));
            }
            here = to;
        }
    }

    fn leg(
        &self,
        (from, to): (Airpoint, Airpoint),
        purpose: Purpose,
        run: Option<usize>,
        speed_m_s: f64,
    ) -> Leg {
        let up_m = to.1 - from.1;
        let vehicle = &self.params.vehicle;
        let rise_s = if up_m > 0.0 { up_m / vehicle.climb_m_s } else { -up_m / vehicle.sink_m_s };
        let along = [to.0[0] - from.0[0], to.0[1] - from.0[1]];
        let speed_m_s = speed_m_s.min(self.params.ground_m_s(along));
        let duration_s = (distance_m(from.0, to.0) / speed_m_s).max(rise_s);
        Leg { from, to, purpose, run, duration_s }
    }

    /// Points of a way: up where the ground or a thing asks for it, over, and down; `None` where
    /// zones part the two.
    fn way(&self, from: Airpoint, to: Airpoint) -> Result<Option<Vec<Airpoint>>, Error> {
        let Some(bends) = self.space.ways.bends(from.0, to.0) else { return Ok(None) };
        let mut line = vec![from.0];
        line.extend(bends);
        line.push(to.0);
        let clearance_m = self.params.clearance_m;
        let mut needed_m = f64::NEG_INFINITY;
        for pair in line.windows(2) {
            let steps = (distance_m(pair[0], pair[1]) / 5.0).ceil().max(1.0) as usize;
            for step in 0..=steps {
                let at = between(pair[0], pair[1], step as f64 / steps as f64);
                needed_m = needed_m.max(self.field.surface_m(at, clearance_m)? + clearance_m);
            }
        }
        let level_m = needed_m.max(from.1.min(to.1));
        let mut points = Vec::new();
        if line.len() == 2 && needed_m <= from.1.min(to.1) {
            return Ok(Some(vec![to]));
        }
        // On the ground one goes straight up to the higher of the two.
        let on_ground = |point: Airpoint| self.is_ground(point);
        let level_m =
            if on_ground(from) || on_ground(to) { level_m.max(from.1.max(to.1)) } else { level_m };
        if (from.1 - level_m).abs() > 0.01 {
            points.push((from.0, level_m));
        }
        points.extend(line[1..].iter().map(|&at| (at, level_m)));
        if (to.1 - level_m).abs() > 0.01 {
            points.push(to);
        } else if let Some(last) = points.last_mut() {
            *last = to;
        }
        Ok(Some(points))
    }

    fn is_ground(&self, (at, height_m): Airpoint) -> bool {
        self.field.ground_m(at).is_ok_and(|ground_m| height_m - ground_m < 0.5)
    }
}
