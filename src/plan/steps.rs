//! A sortie as a mission: steps, fence, rally point.

use crate::geo::egm96_undulation_m;
use crate::mission::{
    Action, Fence, FenceArea, FenceShape, Frame, Home, Mission, Place, RallyPoint, Step,
};
use crate::site::Site;

use super::field::Field;
use super::plane::Point;
use super::run::{HOVER_S, Run, SETTLE_S, Shots};
use super::sortie::{Airpoint, Leg, Purpose, Sortie};
use super::sweep::hull_of;
use super::{Params, Region};

/// The fence lies so far outside of what is planned: a receiver's error and a corner's overshoot.
const FENCE_M: f64 = 10.0;

/// A mission, and the places in its list where a flight can be taken up again: before each run.
#[derive(Debug, Clone, PartialEq)]
pub struct Flown {
    /// What is sent.
    pub mission: Mission,
    /// Numbers of steps, from 0: `fly --resume-from` takes the first one that is left.
    pub resume_at: Vec<usize>,
}

/// What all sorties of a plan share.
pub(super) struct Writer<'a> {
    pub(super) field: &'a Field<'a>,
    pub(super) params: &'a Params,
    pub(super) site: &'a Site,
    pub(super) allowed: &'a Region,
    pub(super) work_m_s: f64,
}

impl Writer<'_> {
    pub(super) fn mission(&self, sortie: &Sortie, number: usize) -> Flown {
        let mut writing =
            Writing { of: self, home: sortie.takeoff, steps: Vec::new(), looks: None };
        let mut resume_at = Vec::new();
        let mut last_run = None;
        writing.speed(self.params.vehicle.cruise_m_s);
        for leg in &sortie.legs {
            match leg.purpose {
                Purpose::TakeOff => {
                    let (pitch_deg, at) = (0.0, writing.place(leg.to));
                    writing.fly(Action::TakeOff { pitch_deg, yaw_deg: None, at });
                    // A run may begin straight above.
                    if writing.begins(leg, sortie) {
                        resume_at.push(writing.steps.len());
                        last_run = leg.run;
                        writing.waypoint(leg.to, None, 0.0);
                        writing.work_after(leg, sortie);
                    }
                }
                Purpose::Landing => {
                    let (abort_height_m, precision) = (0.0, 0.0);
                    let at = writing.place(leg.to);
                    writing.fly(Action::Land { abort_height_m, precision, yaw_deg: None, at });
                }
                Purpose::Work => {}
                Purpose::Transit => {
                    if leg.run.is_some() && leg.run != last_run {
                        resume_at.push(writing.steps.len());
                        last_run = leg.run;
                    }
                    writing.waypoint(leg.to, None, 0.0);
                    writing.work_after(leg, sortie);
                }
            }
        }
        let (lon_deg, lat_deg) = self.field.plane.degrees(sortie.takeoff.0);
        let amsl_m = sortie.takeoff.1 - egm96_undulation_m(lat_deg, lon_deg);
        let at = writing.place((sortie.takeoff.0, sortie.takeoff.1));
        let mission = Mission {
            home: Some(Home { lat_deg, lon_deg, amsl_m }),
            steps: writing.steps,
            fence: self.fence(),
            rally: vec![RallyPoint { frame: Frame::AboveHome, at }],
            name: Some(format!("{}, sortie {}", self.field.name, number + 1)),
            mandate: self.site.mandate.clone(),
            ..Mission::default()
        };
        Flown { mission, resume_at }
    }

    /// Inside: the hull of all that may be flown. Outside: every zone.
    fn fence(&self) -> Fence {
        let vertex = |&at: &Point| {
            let (lon, lat) = self.field.plane.degrees(at);
            (lat, lon)
        };
        let grown = self.allowed.grown(FENCE_M);
        let hull = hull_of(&grown);
        let inside = FenceShape::Polygon(hull.iter().map(vertex).collect());
        let mut areas = vec![FenceArea { inclusion: true, shape: inside }];
        let near = Region::of_rings(&[hull]);
        for barrier in &self.field.barriers {
            let reaches = barrier.region.filled();
            for rings in reaches.within(&near).shapes() {
                let outline = rings.first().map(|ring| ring.iter().map(vertex).collect());
                let shape = FenceShape::Polygon(outline.unwrap_or_default());
                areas.push(FenceArea { inclusion: false, shape });
            }
        }
        Fence { areas, breach_return: None }
    }
}

struct Writing<'a> {
    of: &'a Writer<'a>,
    home: Airpoint,
    steps: Vec<Step>,
    /// Where the camera was told to look.
    looks: Option<f64>,
}

impl Writing<'_> {
    fn place(&self, (at, height_m): Airpoint) -> Place {
        let (lon_deg, lat_deg) = self.of.field.plane.degrees(at);
        Place { lat_deg, lon_deg, height_m: (height_m - self.home.1) as f32 }
    }

    fn fly(&mut self, action: Action) {
        self.steps.push(Step::new(Frame::AboveHome, action));
    }

    fn act(&mut self, action: Action) {
        self.steps.push(Step::new(Frame::Mission, action));
    }

    fn speed(&mut self, speed_m_s: f64) {
        let speed_m_s = speed_m_s as f32;
        self.act(Action::Speed { kind: 1.0, speed_m_s, throttle: -1.0 });
    }

    fn waypoint(&mut self, to: Airpoint, yaw_rad: Option<f64>, hold_s: f64) {
        let yaw_deg = yaw_rad.map(|yaw| yaw.to_degrees().rem_euclid(360.0) as f32);
        let (hold_s, acceptance_m, pass_m) = (hold_s as f32, 0.0, 0.0);
        let at = self.place(to);
        self.fly(Action::Waypoint { hold_s, acceptance_m, pass_m, yaw_deg, at });
    }

    fn gimbal(&mut self, pitch_rad: f64) {
        if self.looks == Some(pitch_rad) {
            return;
        }
        self.looks = Some(pitch_rad);
        self.act(Action::Gimbal {
            pitch_deg: Some(pitch_rad.to_degrees() as f32),
            yaw_deg: Some(0.0),
            pitch_rate_deg_s: None,
            yaw_rate_deg_s: None,
            flags: 0,
            gimbal: 0.0,
        });
    }

    fn turn(&mut self, yaw_rad: f64) {
        let yaw_deg = yaw_rad.to_degrees().rem_euclid(360.0) as f32;
        self.act(Action::Turn { yaw_deg, rate_deg_s: 0.0, direction: 0.0, relative: false });
    }

    /// Whether a run begins where a leg ends.
    fn begins(&self, leg: &Leg, sortie: &Sortie) -> bool {
        let run = leg.run.and_then(|number| sortie.runs.get(number));
        let first = run.and_then(|run| run.stands.first());
        first.is_some_and(|stand| (stand.at, stand.height_m) == leg.to)
    }

    /// The run that a way leads to, once its last leg has been flown.
    fn work_after(&mut self, leg: &Leg, sortie: &Sortie) {
        if self.begins(leg, sortie)
            && let Some(run) = leg.run.and_then(|number| sortie.runs.get(number))
        {
            self.run(run);
        }
    }

    fn run(&mut self, run: &Run) {
        let single = run.stands.len() == 1;
        match run.trigger_m().filter(|_| !single) {
            Some(distance_m) => self.line(run, distance_m),
            None => self.views(run),
        }
        self.speed(self.of.params.vehicle.cruise_m_s);
    }

    fn line(&mut self, run: &Run, distance_m: f64) {
        let Some(first) = run.stands.first() else { return };
        self.gimbal(first.pitch_rad);
        if let Some(yaw_rad) = first.yaw_rad {
            self.turn(yaw_rad);
            self.act_delay();
        }
        self.speed(self.of.work_m_s);
        self.trigger(distance_m);
        let last = run.stands.len() - 1;
        for (number, stand) in run.stands.iter().enumerate().skip(1) {
            let hold_s = if number == last { SETTLE_S } else { 0.0 };
            self.waypoint((stand.at, stand.height_m), stand.yaw_rad, hold_s);
        }
        self.trigger(0.0);
    }

    fn trigger(&mut self, distance_m: f64) {
        let at_once = distance_m > 0.0;
        let distance_m = distance_m as f32;
        self.act(Action::TriggerDistance { distance_m, shutter_ms: 0.0, at_once, camera: 0.0 });
    }

    fn act_delay(&mut self) {
        let (hour, minute, second) = (-1.0, -1.0, -1.0);
        self.act(Action::Delay { time_s: HOVER_S as f32, hour, minute, second });
    }

    /// One picture at each stand: there, turned, at rest, then the shutter.
    fn views(&mut self, run: &Run) {
        debug_assert!(run.shots == Shots::AtEach || run.stands.len() == 1);
        for (number, stand) in run.stands.iter().enumerate() {
            if number > 0 {
                self.waypoint((stand.at, stand.height_m), stand.yaw_rad, 0.0);
            }
            self.gimbal(stand.pitch_rad);
            if let Some(yaw_rad) = stand.yaw_rad {
                self.turn(yaw_rad);
            }
            self.act_delay();
            self.act(Action::Digicam {
                session: 0.0,
                zoom: 0.0,
                zoom_step: 0.0,
                focus_lock: 0.0,
                shoot: 1,
                number: 0,
                test: 0.0,
            });
        }
    }
}
