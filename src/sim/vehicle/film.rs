//! Shots of a vehicle's camera become frames of a scene, and the truth about them.

use std::io;

use jiff::Timestamp;
use jiff::tz::Offset;

use crate::geo::egm96_undulation_m;
use crate::mission::{Action, Frame, Home, Mission, Place, Step};
use crate::site::Site;

use super::super::draws::{Draws, Stream};
use super::super::flight::{self, FlownFrame, Pose, Trigger};
use super::super::params::{ErrorSigmas, Params};
use super::super::render::Renderer;
use super::super::scene::Scene;
use super::super::truth::{self, Truth};
use super::super::view::View;
use super::params::Start;
use super::shot::Shot;

/// A scene and what was photographed of it.
#[derive(Debug)]
pub struct Film {
    scene: Scene,
    params: Params,
    start: (f64, f64),
    views: Vec<u32>,
    frames: Vec<FlownFrame>,
}

impl Film {
    /// For a site.
    ///
    /// # Errors
    /// `InvalidInput` with a sentence for parameters out of range and for a site without an area.
    pub fn new(site: &Site, params: &Params) -> io::Result<Self> {
        let unfit = |reason: String| io::Error::new(io::ErrorKind::InvalidInput, reason);
        if let Some(fault) = params.fault() {
            return Err(unfit(fault));
        }
        let scene = Scene::new(site, params)
            .ok_or_else(|| unfit(format!("site {} has no area to fly over", site.name)))?;
        let (lon, lat) = site.takeoff().unwrap_or_else(|| {
            let [west, south, east, north] = scene.bounds_m;
            let middle = nalgebra::Vector3::new((west + east) / 2.0, (south + north) / 2.0, 0.0);
            let middle = scene.frame.geodetic(&middle);
            (middle.lon_deg(), middle.lat_deg())
        });
        let views = vec![0; scene.at.len()];
        Ok(Self { scene, params: params.clone(), start: (lat, lon), views, frames: Vec::new() })
    }

    /// Where a vehicle stands before its flight: the site's take-off, else its middle.
    #[must_use]
    pub fn start(&self) -> Start {
        let (lat_deg, lon_deg) = self.start;
        let amsl_m = self.scene.ground_m - egm96_undulation_m(lat_deg, lon_deg);
        Start { lat_deg, lon_deg, amsl_m }
    }

    /// A mission over the site: take-off, each line with the camera triggered by distance, return.
    ///
    /// # Errors
    /// A sentence, if the flight would have more than 10,000 frames.
    pub fn survey(&self) -> Result<Mission, String> {
        let triggers = flight::triggers(&self.scene, &self.params)?;
        let plan = &self.params.flight;
        let height_m = plan.altitude_m as f32;
        let start = self.start();
        let at = |[east, north]: [f64; 2]| {
            let flat = nalgebra::Vector3::new(east, north, 0.0);
            let place = self.scene.frame.geodetic(&flat);
            Place { lat_deg: place.lat_deg(), lon_deg: place.lon_deg(), height_m }
        };
        let up = Place { lat_deg: start.lat_deg, lon_deg: start.lon_deg, height_m };
        let fly = |action| Step::new(Frame::AboveHome, action);
        let act = |action| Step::new(Frame::Mission, action);
        let waypoint = |place_m| {
            let (hold_s, acceptance_m, pass_m) = (0.0, 0.0, 0.0);
            let at = at(place_m);
            fly(Action::Waypoint { hold_s, acceptance_m, pass_m, yaw_deg: None, at })
        };
        let trigger = |distance_m| {
            let at_once = distance_m > 0.0;
            act(Action::TriggerDistance { distance_m, shutter_ms: 0.0, at_once, camera: 0.0 })
        };
        let speed_m_s = plan.speed_m_s as f32;
        let mut steps = vec![
            fly(Action::TakeOff { pitch_deg: 0.0, yaw_deg: None, at: up }),
            act(Action::Speed { kind: 1.0, speed_m_s, throttle: -1.0 }),
            act(Action::Gimbal {
                pitch_deg: Some(plan.gimbal_pitch_deg as f32),
                yaw_deg: Some(0.0),
                pitch_rate_deg_s: None,
                yaw_rate_deg_s: None,
                flags: 0,
                gimbal: 0.0,
            }),
        ];
        for line in lines(&triggers) {
            let [from, to] =
                [line.first(), line.last()].map(|end| end.map_or([0.0; 2], |t| t.place_m));
            let length_m = (to[0] - from[0]).hypot(to[1] - from[1]);
            let spacing_m = length_m / (line.len().max(2) - 1) as f64;
            steps.push(waypoint(from));
            steps.push(trigger(spacing_m as f32));
            steps.push(waypoint(to));
            steps.push(trigger(0.0));
        }
        steps.push(act(Action::Return {}));
        let Start { lat_deg, lon_deg, amsl_m } = start;
        let home = Some(Home { lat_deg, lon_deg, amsl_m });
        Ok(Mission { home, steps, ..Mission::default() })
    }

    /// The frame of a shot: name and bytes of its file.
    ///
    /// # Errors
    /// The encoder's.
    pub fn expose(&mut self, shot: &Shot) -> io::Result<(String, Vec<u8>)> {
        let micros = i64::try_from(shot.utc_us).unwrap_or(i64::MAX);
        let taken_at = Timestamp::from_microsecond(micros).map_err(io::Error::other)?;
        let taken_at = Offset::UTC.to_datetime(taken_at);
        let number = self.frames.len() as u32;
        let frame = FlownFrame {
            file: flight::file_name(taken_at, number + 1, self.params.format),
            taken_at,
            true_pose: shot.true_pose,
            stated_pose: self.stated(shot, number),
            after_first_s: shot.at.as_secs_f64(),
            heading_deg: shot.heading_deg,
        };
        let (scene, params) = (&self.scene, &self.params);
        let view = View::new(&params.camera, &frame.true_pose, &scene.frame, scene.ground_m);
        for (count, spot) in self.views.iter_mut().zip(&scene.at) {
            *count += u32::from(truth::shows(&view, params, spot.place_m));
        }
        let mut celsius = Vec::new();
        Renderer::new(scene, params).frame(number, &view, &mut celsius);
        let bytes = truth::file(params, &frame, scene.ground_m, &celsius)?;
        let name = frame.file.clone();
        self.frames.push(frame);
        Ok((name, bytes))
    }

    /// What the file says: the vehicle's own place, and angles with the flight's errors.
    fn stated(&self, shot: &Shot, number: u32) -> Pose {
        let angles =
            |sigmas: &ErrorSigmas| ErrorSigmas { horizontal_m: 0.0, vertical_m: 0.0, ..*sigmas };
        let errors = &self.params.errors;
        let mut common = Draws::new(self.params.seed, Stream::CommonError, 0);
        let mut own = Draws::new(self.params.seed, Stream::OwnError, u64::from(number));
        let common = flight::error(&mut common, &angles(&errors.common));
        let own = flight::error(&mut own, &angles(&errors.own));
        let pose = shot.stated_pose;
        Pose {
            yaw_deg: (pose.yaw_deg + common[3] + own[3] + 180.0).rem_euclid(360.0) - 180.0,
            pitch_deg: pose.pitch_deg + common[4] + own[4],
            roll_deg: pose.roll_deg + common[5] + own[5],
            ..pose
        }
    }

    /// Frames so far.
    #[must_use]
    pub fn frames(&self) -> &[FlownFrame] {
        &self.frames
    }

    /// What was planted and what was flown.
    #[must_use]
    pub fn truth(mut self) -> Truth {
        for (spot, views) in self.scene.spots.iter_mut().zip(&self.views) {
            spot.views = *views;
        }
        Truth {
            format_version: 1,
            simulated: true,
            params: self.params,
            ground_height_m: self.scene.ground_m,
            spots: self.scene.spots,
            not_placed: self.scene.not_placed,
            round_assets: self.scene.round_assets,
            frames: self.frames,
        }
    }
}

/// Triggers in a row with one heading.
fn lines(triggers: &[Trigger]) -> impl Iterator<Item = &[Trigger]> {
    triggers.chunk_by(|a, b| a.heading_deg.to_bits() == b.heading_deg.to_bits())
}
