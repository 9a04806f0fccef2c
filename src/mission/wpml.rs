//! A mission as DJI's aircraft fly it: waypoints in one height mode, what is done at each, pictures
//! between some of them; and back.
//!
//! From DJI's Cloud API documentation, "WPML". What has no counterpart there is told.

use super::kml::waypoint;
use super::{Above, Action, Error, Fault, Frame, MOST_ITEMS, Mission, Place, Step};

/// Least and greatest `takeOffSecurityHeight`.
const TAKE_OFF_M: std::ops::RangeInclusive<f64> = 1.2..=1500.0;
/// Of a mission without a take-off: as low as a house with a margin.
const ANY_TAKE_OFF_M: f64 = 20.0;
/// Least and greatest speed of a leg.
const SPEED_M_S: std::ops::RangeInclusive<f64> = 0.1..=15.0;
/// Of a mission that tells none.
const ANY_SPEED_M_S: f64 = 5.0;
/// Heights against the start or the ground, as far as the take-off's.
const HEIGHT_M: std::ops::RangeInclusive<f64> = -1500.0..=1500.0;
/// Some remote controllers stop working on routes with more (reported by users, no figure of DJI).
const MANY_POINTS: usize = 99;
/// A landing this many degrees from the last waypoint is another place (11 m).
const ELSEWHERE_DEG: f64 = 1e-4;
/// `MAV_MOUNT_MODE_MAVLINK_TARGETING`: the angles of the item.
const THESE_ANGLES: f32 = 2.0;

/// An aircraft with a thermal camera, in the numbers of DJI's product list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DjiAircraft {
    /// `droneEnumValue`.
    pub drone: u16,
    /// `droneSubEnumValue`.
    pub drone_sub: u16,
    /// `payloadEnumValue`.
    pub payload: u16,
    /// Whether it holds its height above the surface below as it flies.
    pub follows_surface: bool,
}

/// Camera ids, `droneEnumValue`, `droneSubEnumValue`, `payloadEnumValue`, `realTimeFollowSurface`.
/// The H20 series flies on the M300, the H30T on the M350. Those of M4T and M4TD are unverified.
const AIRCRAFT: [(&str, u16, u16, u16, bool); 8] = [
    ("m3t", 77, 1, 67, true),
    ("m3td", 91, 1, 81, true),
    ("m30t", 67, 1, 53, false),
    ("m4t", 99, 1, 89, true),
    ("m4td", 100, 1, 99, true),
    ("h20t", 60, 0, 43, false),
    ("h20n", 60, 0, 61, false),
    ("h30t", 89, 0, 83, false),
];

impl DjiAircraft {
    /// The aircraft that carries a camera, by the camera's id.
    #[must_use]
    pub fn of_camera(id: &str) -> Option<Self> {
        let row = AIRCRAFT.iter().find(|row| row.0.eq_ignore_ascii_case(id))?;
        let &(_, drone, drone_sub, payload, follows_surface) = row;
        Some(Self { drone, drone_sub, payload, follows_surface })
    }

    /// The ids of all cameras that can be flown so.
    #[must_use]
    pub fn cameras() -> Vec<&'static str> {
        AIRCRAFT.iter().map(|row| row.0).collect()
    }
}

/// A route between the two.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Route {
    pub(super) above: Above,
    pub(super) take_off_m: f64,
    pub(super) speed_m_s: f64,
    pub(super) finish: Finish,
    pub(super) points: Vec<Point>,
    pub(super) pictures: Vec<Pictures>,
}

/// What is done at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finish {
    Home,
    Land,
    Nothing,
}

/// A waypoint; its height is above what the route says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    pub(super) lat_deg: f64,
    pub(super) lon_deg: f64,
    pub(super) height_m: f64,
    /// From here on.
    pub(super) speed_m_s: Option<f64>,
    pub(super) yaw_deg: Option<f64>,
    pub(super) acts: Vec<Act>,
}

/// What is done at a waypoint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Act {
    Photo,
    PitchDeg(f64),
    YawDeg(f64),
    HoverS(f64),
}

/// Pictures from one waypoint to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pictures {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) every: Every,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Every {
    Metres(f64),
    Seconds(f64),
}

/// A route as it grows, and what it could not take.
struct Growing {
    route: Route,
    above: Option<Above>,
    /// Before the first waypoint.
    waiting: Vec<Act>,
    taking: Option<(usize, Every)>,
    lost: Vec<String>,
}

/// The route of a mission for an aircraft, and what it could not take.
///
/// # Errors
/// [`Error::Items`] where it cannot be flown: under two waypoints, heights of several kinds, beyond
/// the limits of the aircraft.
pub(super) fn route_of(
    mission: &Mission,
    aircraft: &DjiAircraft,
) -> Result<(Route, Vec<String>), Error> {
    let route = Route {
        above: Above::Home,
        take_off_m: ANY_TAKE_OFF_M,
        speed_m_s: ANY_SPEED_M_S,
        finish: Finish::Nothing,
        points: Vec::new(),
        pictures: Vec::new(),
    };
    let mut growing =
        Growing { route, above: None, waiting: Vec::new(), taking: None, lost: Vec::new() };
    for (number, step) in mission.steps.iter().enumerate() {
        let last = number + 1 == mission.steps.len();
        growing.step(number, step, last).map_err(Error::Items)?;
    }
    growing.every(None);
    let Growing { mut route, above, mut lost, .. } = growing;
    route.above = above.unwrap_or(Above::Home);
    if !mission.fence.is_empty() || !mission.rally.is_empty() {
        lost.push("the fence and the rally points: this format has no room for them".to_owned());
    }
    if !mission.mandate.is_empty() {
        lost.push("purpose, legal basis, case number and period: no room for them".to_owned());
    }
    check(&route, aircraft).map_err(Error::Items)?;
    Ok((route, lost))
}

impl Growing {
    fn step(&mut self, number: usize, step: &Step, last: bool) -> Result<(), Fault> {
        match step.action {
            Action::TakeOff { at, .. } if step.frame.above() == Some(Above::Home) => {
                self.route.take_off_m = f64::from(at.height_m);
            }
            Action::Waypoint { at, hold_s, yaw_deg, .. } => {
                self.point(number, step.frame, at, yaw_deg)?;
                self.hover(hold_s);
            }
            Action::Spline { at, hold_s } => {
                self.point(number, step.frame, at, None)?;
                self.hover(hold_s);
                self.lost.push(format!("the curve of step {number}: it is flown straight"));
            }
            Action::HoldFor { at, time_s, .. } => {
                self.point(number, step.frame, at, None)?;
                self.hover(time_s);
            }
            Action::Delay { time_s, .. } if time_s > 0.0 => self.hover(time_s),
            Action::Speed { kind: 0.0 | 1.0, speed_m_s, .. } if speed_m_s > 0.0 => {
                let speed_m_s = f64::from(speed_m_s);
                match self.route.points.last_mut() {
                    Some(point) => point.speed_m_s = Some(speed_m_s),
                    None => self.route.speed_m_s = speed_m_s,
                }
            }
            Action::Gimbal { pitch_deg: Some(pitch_deg), .. } => {
                self.act(Act::PitchDeg(f64::from(pitch_deg)));
            }
            Action::Mount { pitch_deg, mode: THESE_ANGLES, .. } => {
                self.act(Act::PitchDeg(f64::from(pitch_deg)));
            }
            Action::Turn { yaw_deg, relative: false, .. } => {
                self.act(Act::YawDeg(f64::from(yaw_deg)));
            }
            Action::Digicam { shoot: 1, .. } | Action::Pictures { count: 1.0, .. } => {
                self.act(Act::Photo);
            }
            Action::TriggerDistance { distance_m, at_once, .. } => {
                if at_once && distance_m > 0.0 {
                    self.lost.push(format!("the picture at once of step {number}"));
                }
                let every = Every::Metres(f64::from(distance_m));
                self.every((distance_m > 0.0).then_some(every));
            }
            Action::TriggerInterval { interval_ms, .. } if interval_ms >= 0.0 => {
                let every = Every::Seconds(f64::from(interval_ms) / 1000.0);
                self.every((interval_ms > 0.0).then_some(every));
            }
            Action::Pictures { interval_s, count: 0.0, .. } if interval_s > 0.0 => {
                self.every(Some(Every::Seconds(f64::from(interval_s))));
            }
            Action::StopPictures { .. } => self.every(None),
            Action::Return {} if last => self.route.finish = Finish::Home,
            Action::Land { at, .. } if last => self.land(at),
            _ => {
                let command = step.item().command;
                self.lost.push(format!("step {number}: command {command} is not known there"));
            }
        }
        Ok(())
    }

    fn point(
        &mut self,
        number: usize,
        frame: Frame,
        at: Place,
        yaw_deg: Option<f32>,
    ) -> Result<(), Fault> {
        let fault = |held: &str, known: &str| Fault::new(format!("step {number}"), held, known);
        let above = frame
            .above()
            .ok_or_else(|| fault("has a height above nothing", "home, sea level or terrain"))?;
        if *self.above.get_or_insert(above) != above {
            return Err(fault(
                "has a height of another kind than the waypoints before",
                "a route of DJI has one kind for all of it",
            ));
        }
        if !at.height_m.is_finite() {
            return Err(fault("has no height", "each waypoint needs one"));
        }
        self.route.points.push(Point {
            lat_deg: at.lat_deg,
            lon_deg: at.lon_deg,
            height_m: f64::from(at.height_m),
            speed_m_s: None,
            yaw_deg: yaw_deg.map(f64::from),
            acts: std::mem::take(&mut self.waiting),
        });
        Ok(())
    }

    fn act(&mut self, act: Act) {
        match self.route.points.last_mut() {
            Some(point) => point.acts.push(act),
            None => self.waiting.push(act),
        }
    }

    fn hover(&mut self, time_s: f32) {
        if time_s > 0.0 && time_s.is_finite() {
            self.act(Act::HoverS(f64::from(time_s)));
        }
    }

    /// Ends the pictures that are taken, and begins others.
    fn every(&mut self, every: Option<Every>) {
        let here = self.route.points.len().saturating_sub(1);
        if let Some((first, every)) = self.taking.take()
            && here > first
        {
            self.route.pictures.push(Pictures { first, last: here, every });
        }
        self.taking = every.map(|every| (here, every));
    }

    fn land(&mut self, at: Place) {
        self.route.finish = Finish::Land;
        let far = |point: &Point| {
            (point.lat_deg - at.lat_deg).abs() > ELSEWHERE_DEG
                || (point.lon_deg - at.lon_deg).abs() > ELSEWHERE_DEG
        };
        let told = (at.lat_deg, at.lon_deg) != (0.0, 0.0);
        if told && self.route.points.last().is_some_and(far) {
            self.lost.push("where it lands: it lands at the last waypoint".to_owned());
        }
    }
}

/// Refuses what the aircraft would refuse, or fly otherwise.
fn check(route: &Route, aircraft: &DjiAircraft) -> Result<(), Fault> {
    let count = route.points.len();
    if !(2..=MOST_ITEMS).contains(&count) {
        let known = format!("a route of DJI has 2 to {MOST_ITEMS}");
        return Err(Fault::new("the mission", format!("has {count} waypoints"), known));
    }
    if route.above == Above::Terrain && !aircraft.follows_surface {
        let held = "has heights above terrain";
        let known = "this aircraft does not follow the surface; plan heights above home";
        return Err(Fault::new("the mission", held, known));
    }
    let within = |what: String, value: f64, range: &std::ops::RangeInclusive<f64>| {
        if range.contains(&value) {
            return Ok(());
        }
        let known = format!("from {} to {} are flown", range.start(), range.end());
        Err(Fault::new(what, format!("is {value}"), known))
    };
    within("the height of the take-off".to_owned(), route.take_off_m, &TAKE_OFF_M)?;
    within("the speed".to_owned(), route.speed_m_s, &SPEED_M_S)?;
    for (number, point) in route.points.iter().enumerate() {
        if let Some(speed_m_s) = point.speed_m_s {
            within(format!("the speed from waypoint {number}"), speed_m_s, &SPEED_M_S)?;
        }
        if route.above != Above::SeaLevel {
            within(format!("the height of waypoint {number}"), point.height_m, &HEIGHT_M)?;
        }
    }
    Ok(())
}

impl Route {
    /// What a person should know before it is flown.
    pub(super) fn notes(&self) -> Vec<String> {
        let many = self.points.len();
        let note = || {
            format!(
                "{many} waypoints: some remote controllers fail beyond {MANY_POINTS}; fly it in \
                 parts there"
            )
        };
        (many > MANY_POINTS).then(note).into_iter().collect()
    }
}

/// The mission of a route.
pub(super) fn mission_of(route: &Route) -> Mission {
    let frame = match route.above {
        Above::Home => Frame::AboveHome,
        Above::SeaLevel => Frame::Amsl,
        Above::Terrain => Frame::AboveTerrain,
    };
    // Where it stands.
    let at = Place { lat_deg: 0.0, lon_deg: 0.0, height_m: route.take_off_m as f32 };
    let speed = |speed_m_s: f64| {
        let action = Action::Speed { kind: 1.0, speed_m_s: speed_m_s as f32, throttle: -1.0 };
        Step::new(Frame::Mission, action)
    };
    let take_off = Action::TakeOff { pitch_deg: 0.0, yaw_deg: None, at };
    let mut steps = vec![Step::new(Frame::AboveHome, take_off), speed(route.speed_m_s)];
    for (number, point) in route.points.iter().enumerate() {
        let Point { lat_deg, lon_deg, height_m, .. } = *point;
        let place = Place { lat_deg, lon_deg, height_m: height_m as f32 };
        let mut step = waypoint(frame, place);
        if let Action::Waypoint { yaw_deg, .. } = &mut step.action {
            *yaw_deg = point.yaw_deg.map(|yaw| yaw as f32);
        }
        steps.push(step);
        steps.extend(point.speed_m_s.map(speed));
        steps.extend(point.acts.iter().map(done));
        let begins = route.pictures.iter().filter(|pictures| pictures.first == number);
        if route.pictures.iter().any(|pictures| pictures.last == number) && begins.count() == 0 {
            let ended = route.pictures.iter().rfind(|pictures| pictures.last == number);
            steps.extend(ended.map(|pictures| taking(pictures.every, true)));
        }
        let begins = route.pictures.iter().filter(|pictures| pictures.first == number);
        steps.extend(begins.map(|pictures| taking(pictures.every, false)));
    }
    let home = Place { height_m: 0.0, ..at };
    match route.finish {
        Finish::Home => steps.push(Step::new(Frame::Mission, Action::Return {})),
        Finish::Land => {
            let action =
                Action::Land { abort_height_m: 0.0, precision: 0.0, yaw_deg: None, at: home };
            steps.push(Step::new(Frame::AboveHome, action));
        }
        Finish::Nothing => {}
    }
    Mission { steps, ..Mission::default() }
}

fn done(act: &Act) -> Step {
    let action = match *act {
        Act::Photo => {
            Action::Pictures { camera: 0.0, interval_s: 0.0, count: 1.0, first: Some(0.0) }
        }
        Act::PitchDeg(pitch_deg) => Action::Gimbal {
            pitch_deg: Some(pitch_deg as f32),
            yaw_deg: None,
            pitch_rate_deg_s: None,
            yaw_rate_deg_s: None,
            flags: 0,
            gimbal: 0.0,
        },
        Act::YawDeg(yaw_deg) => Action::Turn {
            yaw_deg: yaw_deg as f32,
            rate_deg_s: 0.0,
            direction: 0.0,
            relative: false,
        },
        Act::HoverS(time_s) => {
            Action::Delay { time_s: time_s as f32, hour: -1.0, minute: -1.0, second: -1.0 }
        }
    };
    Step::new(Frame::Mission, action)
}

fn taking(every: Every, ends: bool) -> Step {
    let action = match every {
        Every::Metres(metres) => Action::TriggerDistance {
            distance_m: if ends { 0.0 } else { metres as f32 },
            shutter_ms: 0.0,
            at_once: false,
            camera: 0.0,
        },
        Every::Seconds(_) if ends => Action::StopPictures { camera: 0.0 },
        Every::Seconds(seconds) => Action::Pictures {
            camera: 0.0,
            interval_s: seconds as f32,
            count: 0.0,
            first: Some(0.0),
        },
    };
    Step::new(Frame::Mission, action)
}
