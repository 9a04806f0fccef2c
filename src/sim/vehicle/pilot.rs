//! Flies: by mode, and a mission step by step.
//!
//! Not modelled: circles (it stays over the middle for as long as they would take) and curves.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use nalgebra::Vector3;

use crate::mission::{Action, Item, Step};

use super::body::{Body, Wish};
use super::manners::{Manners, Modes};
use super::place::Around;

/// Climb and descent (ArduPilot's WPNAV_SPEED_UP 250 and WPNAV_SPEED_DN 150 cm/s).
const CLIMB_M_S: f64 = 2.5;
const SINK_M_S: f64 = 1.5;
/// The last metres (LAND_SPEED 50 cm/s below LAND_ALT_LOW 10 m).
const TOUCHDOWN_M_S: f64 = 0.5;
const TOUCHDOWN_BELOW_M: f64 = 10.0;
/// What it brakes with before a corner.
const BRAKING_M_S2: f64 = 1.5;
/// What is left of its speed in a corner.
const CORNER_M_S: f64 = 1.5;
/// A waypoint is reached from here on (WPNAV_RADIUS 200 cm), and within this height.
const ACCEPTANCE_M: f64 = 2.0;
const ACCEPTANCE_UP_M: f64 = 1.0;
/// Height of the way home (RTL_ALT 1500 cm).
const HOME_HEIGHT_M: f64 = 15.0;
/// How far ahead on the line it aims: this many seconds, and metres at least.
const AHEAD_S: f64 = 1.0;
const AHEAD_M: f64 = 3.0;
/// Jumps without a step between: a mission that only jumps ends.
const MOST_JUMPS: u32 = 1000;

/// A mode of flight, whatever its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Manual,
    Hold,
    Guided,
    Mission,
    Home,
    Land,
}

impl Modes {
    pub(super) fn number(&self, mode: Mode) -> u32 {
        match mode {
            Mode::Manual => self.manual,
            Mode::Hold => self.hold,
            Mode::Guided => self.guided,
            Mode::Mission => self.mission,
            Mode::Home => self.home,
            Mode::Land => self.land,
        }
    }

    pub(super) fn mode(&self, number: u32) -> Option<Mode> {
        let known = [Mode::Manual, Mode::Hold, Mode::Guided, Mode::Mission, Mode::Home, Mode::Land];
        let named = known.into_iter().find(|&mode| self.number(mode) == number);
        named.or((Some(number) == self.brake).then_some(Mode::Hold))
    }
}

/// What flying brings with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Event {
    /// A step was reached or done.
    Reached(usize),
    /// A step that is not flown is to be done.
    Do(Item),
    /// It is on the ground, and its motors stopped.
    Landed,
}

/// Where it is going in a mission.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Leg {
    /// Nothing left to fly.
    Over,
    /// To a place, there for a time.
    To { from_m: Vector3<f64>, to_m: Vector3<f64>, radius_m: f64, stay_s: f64 },
    /// Up, straight.
    Up { to_m: Vector3<f64> },
    /// Nowhere until then.
    Until(Duration),
    /// Down at a place.
    Down { at_m: Vector3<f64> },
    /// Home and down.
    Home,
}

#[derive(Debug)]
pub(super) struct Pilot {
    pub(super) mode: Mode,
    pub(super) armed: bool,
    /// The step under way, by its place in the list.
    pub(super) current: usize,
    leg: Leg,
    begun: bool,
    arrived_at: Option<Duration>,
    dos: VecDeque<(usize, Item)>,
    gate: Option<Duration>,
    jumps: BTreeMap<usize, u32>,
    pub(super) speed_m_s: f64,
    yaw_rad: f64,
    fixed_yaw_rad: Option<f64>,
    /// Where it stays in the modes that fly nowhere.
    pub(super) stay_m: Option<Vector3<f64>>,
    pub(super) home_m: Vector3<f64>,
    /// Distance to where it is going.
    pub(super) to_go_m: f64,
}

/// What the pilot sees.
pub(super) struct Sees<'a> {
    pub(super) items: &'a [Item],
    pub(super) first_step: usize,
    pub(super) around: &'a Around,
    pub(super) ground_m: &'a dyn Fn([f64; 2]) -> f64,
    pub(super) now: Duration,
}

impl Pilot {
    pub(super) fn new(manners: &'static Manners) -> Self {
        Self {
            mode: Mode::Manual,
            armed: false,
            current: 0,
            leg: Leg::Over,
            begun: false,
            arrived_at: None,
            dos: VecDeque::new(),
            gate: None,
            jumps: BTreeMap::new(),
            speed_m_s: manners.cruise_m_s,
            yaw_rad: 0.0,
            fixed_yaw_rad: None,
            stay_m: None,
            home_m: Vector3::zeros(),
            to_go_m: 0.0,
        }
    }

    /// Another mode; a mission goes on where it was left.
    pub(super) fn set_mode(&mut self, mode: Mode) {
        if self.mode != mode {
            self.mode = mode;
            self.stay_m = None;
            self.arrived_at = None;
            if mode == Mode::Home || mode == Mode::Land {
                self.leg = Leg::Over;
            }
            self.begun = false;
        }
    }

    /// Another step of the mission from now on.
    pub(super) fn set_current(&mut self, seq: usize) {
        self.current = seq;
        self.begun = false;
        self.jumps.clear();
    }

    /// Whether the next step of time is the first of a mission.
    pub(super) fn is_about_to_begin(&self) -> bool {
        self.armed && self.mode == Mode::Mission && !self.begun
    }

    pub(super) fn is_over(&self) -> bool {
        self.begun && self.leg == Leg::Over
    }

    /// One step of time; what came of it is added to `events`.
    pub(super) fn fly(
        &mut self,
        body: &mut Body,
        sees: &Sees<'_>,
        dt_s: f64,
        events: &mut Vec<Event>,
    ) {
        let here_m = body.estimate_m();
        if !self.armed {
            (self.yaw_rad, self.begun) = (body.yaw_rad, false);
            return body.rest(dt_s);
        }
        let velocity_m_s = match self.mode {
            Mode::Mission => self.fly_mission(&here_m, body, sees, events),
            Mode::Home => self.go_home(&here_m, body, events),
            Mode::Land => {
                let at_m = *self.stay_m.get_or_insert(here_m);
                self.go_down(&here_m, &at_m, events)
            }
            Mode::Guided | Mode::Hold | Mode::Manual => {
                let stay_m = *self.stay_m.get_or_insert(here_m);
                self.towards(&here_m, &stay_m, 0.0)
            }
        };
        if !self.armed || (here_m.z < 0.3 && velocity_m_s.z <= 0.0 && self.is_on_ground(body)) {
            return body.rest(dt_s);
        }
        body.fly(&Wish { velocity_m_s, yaw_rad: self.yaw_rad }, dt_s);
        if body.place_m.z < 0.0 {
            body.place_m.z = 0.0;
            body.velocity_m_s.z = 0.0;
        }
    }

    fn is_on_ground(&self, body: &Body) -> bool {
        body.place_m.z <= 0.0
    }

    fn fly_mission(
        &mut self,
        here_m: &Vector3<f64>,
        body: &Body,
        sees: &Sees<'_>,
        events: &mut Vec<Event>,
    ) -> Vector3<f64> {
        if !self.begun {
            self.begun = true;
            self.begin(self.current.max(sees.first_step), here_m, sees);
        }
        self.do_what_is_due(here_m, sees, events);
        let (velocity_m_s, there) = match self.leg {
            Leg::Over => {
                let stay_m = *self.stay_m.get_or_insert(*here_m);
                return self.towards(here_m, &stay_m, 0.0);
            }
            Leg::Up { to_m } => {
                let wish = Vector3::new(0.0, 0.0, climb(to_m.z - here_m.z));
                (wish, to_m.z - here_m.z < 0.5)
            }
            Leg::Until(then) => (Vector3::zeros(), sees.now >= then),
            Leg::To { from_m, to_m, radius_m, stay_s } => {
                let corner_m_s = if stay_s > 0.0 { 0.0 } else { CORNER_M_S };
                let wish = self.along(here_m, &from_m, &to_m, corner_m_s);
                let off = to_m - here_m;
                let near = off.xy().norm() < radius_m && off.z.abs() < ACCEPTANCE_UP_M;
                if near && self.arrived_at.is_none() {
                    self.arrived_at = Some(sees.now);
                }
                let stayed = self.arrived_at.map(|at| (sees.now - at).as_secs_f64());
                (wish, stayed.is_some_and(|stayed| stayed >= stay_s))
            }
            Leg::Down { at_m } => return self.go_down(here_m, &at_m, events),
            Leg::Home => return self.go_home(here_m, body, events),
        };
        if there {
            events.push(Event::Reached(self.current));
            self.begin(self.current + 1, here_m, sees);
        }
        velocity_m_s
    }

    /// Goes on with the step at a place of the list, past those that are not flown.
    fn begin(&mut self, mut seq: usize, here_m: &Vector3<f64>, sees: &Sees<'_>) {
        self.arrived_at = None;
        self.stay_m = None;
        self.dos.clear();
        self.gate = None;
        for _ in 0..MOST_JUMPS {
            let Some(item) = sees.items.get(seq) else { break };
            seq = match Step::of_item(item).action {
                Action::Jump { to, times } => self.jump(seq, usize::from(to), times),
                Action::JumpToTag { tag, times } => {
                    let label = |item: &Item| match Step::of_item(item).action {
                        Action::Tag { tag: label } => label == tag,
                        _ => false,
                    };
                    match sees.items.iter().position(label) {
                        Some(to) => self.jump(seq, to, times),
                        None => seq + 1,
                    }
                }
                Action::Tag { .. } => seq + 1,
                action if item.is_navigation() => {
                    self.current = seq;
                    self.leg = self.leg_of(&action, item, here_m, sees);
                    return;
                }
                _ => {
                    self.dos.push_back((seq, *item));
                    seq + 1
                }
            };
        }
        self.leg = Leg::Over;
    }

    /// A jump's target while it has turns left, else what comes behind it.
    fn jump(&mut self, seq: usize, to: usize, times: f32) -> usize {
        let made = self.jumps.entry(seq).or_insert(0);
        if times >= 0.0 && *made as f32 >= times {
            return seq + 1;
        }
        *made += 1;
        to
    }

    fn leg_of(&self, action: &Action, item: &Item, here_m: &Vector3<f64>, sees: &Sees<'_>) -> Leg {
        let to_m = sees.around.target_m(item, here_m, self.home_m.z, sees.ground_m);
        let to = |acceptance_m: f32, stay_s: f64| {
            let radius_m = if acceptance_m > 0.0 { f64::from(acceptance_m) } else { ACCEPTANCE_M };
            Leg::To { from_m: *here_m, to_m, radius_m, stay_s }
        };
        match *action {
            Action::Waypoint { hold_s, acceptance_m, .. } => to(acceptance_m, f64::from(hold_s)),
            Action::Spline { hold_s, .. } => to(0.0, f64::from(hold_s)),
            Action::Hold { .. } => to(0.0, f64::INFINITY),
            Action::HoldFor { time_s, .. } => to(0.0, f64::from(time_s)),
            Action::Circle { turns, radius_m, .. } => {
                let round_m = std::f64::consts::TAU * f64::from(radius_m.abs());
                to(0.0, f64::from(turns) * round_m / self.speed_m_s)
            }
            Action::TakeOff { .. } => Leg::Up { to_m },
            Action::Land { .. } => Leg::Down { at_m: to_m },
            Action::Return {} => Leg::Home,
            Action::Delay { time_s, .. } if time_s > 0.0 => {
                Leg::Until(sees.now + Duration::from_secs_f64(f64::from(time_s).min(1e6)))
            }
            _ if item.has_place() => to(0.0, 0.0),
            _ => Leg::Until(sees.now),
        }
    }

    /// What is done beside flying, in its order, as far as nothing holds it back.
    fn do_what_is_due(&mut self, here_m: &Vector3<f64>, sees: &Sees<'_>, events: &mut Vec<Event>) {
        while let Some(&(seq, item)) = self.dos.front() {
            match Step::of_item(&item).action {
                Action::DelayNext { time_s } => {
                    let wait = Duration::from_secs_f64(f64::from(time_s).clamp(0.0, 1e6));
                    if sees.now < *self.gate.get_or_insert(sees.now + wait) {
                        return;
                    }
                }
                Action::NearNext { distance_m } => {
                    let Leg::To { to_m, .. } = self.leg else { return };
                    if (to_m - here_m).xy().norm() > f64::from(distance_m) {
                        return;
                    }
                }
                Action::Turn { yaw_deg, relative, direction, .. } => {
                    let turn_rad = f64::from(yaw_deg).to_radians();
                    let signed = if direction < 0.0 { -turn_rad } else { turn_rad };
                    let base_rad = if relative { self.yaw_rad + signed } else { turn_rad };
                    self.fixed_yaw_rad = Some(base_rad);
                }
                _ => events.push(Event::Do(item)),
            }
            self.gate = None;
            self.dos.pop_front();
            events.push(Event::Reached(seq));
        }
    }

    /// Along a line, aiming ahead on it, so that wind and corners do not leave it far.
    fn along(
        &mut self,
        here_m: &Vector3<f64>,
        from_m: &Vector3<f64>,
        to_m: &Vector3<f64>,
        corner_m_s: f64,
    ) -> Vector3<f64> {
        let line = (to_m - from_m).xy();
        let length = line.norm();
        let mut aim = *to_m;
        if length > AHEAD_M {
            let direction = line / length;
            let done = (here_m - from_m).xy().dot(&direction);
            let ahead = (done + (self.speed_m_s * AHEAD_S).max(AHEAD_M)).min(length);
            let across = from_m.xy() + direction * ahead;
            (aim.x, aim.y) = (across.x, across.y);
        }
        let left_m = (to_m - here_m).xy().norm();
        let speed = (corner_m_s * corner_m_s + 2.0 * BRAKING_M_S2 * left_m).sqrt();
        let mut wish = self.towards(here_m, &aim, f64::INFINITY);
        let flat = wish.xy().norm();
        let wanted = speed.min(self.speed_m_s);
        if flat > 1e-6 {
            (wish.x, wish.y) = (wish.x / flat * wanted, wish.y / flat * wanted);
        }
        if corner_m_s == 0.0 && left_m < 1.0 {
            let near = (to_m - here_m).xy();
            (wish.x, wish.y) = (near.x, near.y);
        }
        self.to_go_m = left_m;
        wish
    }

    /// Straight to a place, slowing down to a speed there.
    fn towards(
        &mut self,
        here_m: &Vector3<f64>,
        to_m: &Vector3<f64>,
        end_m_s: f64,
    ) -> Vector3<f64> {
        let off = to_m - here_m;
        let flat_m = off.xy().norm();
        self.to_go_m = flat_m;
        let braking = if end_m_s.is_finite() {
            (2.0 * BRAKING_M_S2 * flat_m).sqrt().min(flat_m)
        } else {
            self.speed_m_s
        };
        let speed = self.speed_m_s.min(braking);
        if let Some(fixed_rad) = self.fixed_yaw_rad {
            self.yaw_rad = fixed_rad;
        } else if flat_m > 2.0 {
            self.yaw_rad = off.x.atan2(off.y);
        }
        let scale = if flat_m > 1e-6 { speed / flat_m } else { 0.0 };
        Vector3::new(off.x * scale, off.y * scale, climb(off.z))
    }

    fn go_home(
        &mut self,
        here_m: &Vector3<f64>,
        body: &Body,
        events: &mut Vec<Event>,
    ) -> Vector3<f64> {
        self.fixed_yaw_rad = None;
        let home_m = self.home_m;
        let away_m = (home_m - here_m).xy().norm();
        let over = self.stay_m.is_some();
        if !over && away_m > ACCEPTANCE_M {
            let height_m = here_m.z.max(home_m.z + HOME_HEIGHT_M);
            if here_m.z < height_m - ACCEPTANCE_UP_M && body.place_m.z < height_m - ACCEPTANCE_UP_M
            {
                return Vector3::new(0.0, 0.0, CLIMB_M_S);
            }
            let to_m = Vector3::new(home_m.x, home_m.y, height_m);
            return self.along(here_m, here_m, &to_m, 0.0);
        }
        self.stay_m = Some(home_m);
        self.go_down(here_m, &home_m, events)
    }

    /// Over a place and down on it.
    fn go_down(
        &mut self,
        here_m: &Vector3<f64>,
        at_m: &Vector3<f64>,
        events: &mut Vec<Event>,
    ) -> Vector3<f64> {
        let away_m = (at_m - here_m).xy().norm();
        let level_m = Vector3::new(at_m.x, at_m.y, here_m.z);
        let mut wish = self.towards(here_m, &level_m, 0.0);
        if away_m < ACCEPTANCE_M {
            wish.z = if here_m.z > TOUCHDOWN_BELOW_M { -SINK_M_S } else { -TOUCHDOWN_M_S };
        }
        if away_m < ACCEPTANCE_M && here_m.z < 0.1 {
            self.armed = false;
            self.leg = Leg::Over;
            events.push(Event::Reached(self.current));
            events.push(Event::Landed);
        }
        wish
    }
}

fn climb(up_m: f64) -> f64 {
    up_m.clamp(-SINK_M_S, CLIMB_M_S)
}
