//! The vehicle: bytes and time in, bytes and pictures out.

use std::collections::VecDeque;
use std::time::Duration;

use crate::geo::egm96_undulation_m;
use crate::mission::{Item, List};
use crate::wire::packet::{MissionItemReached, Statustext, TerrainData, fixed_text};
use crate::wire::{CommandResult, ComponentId, Packet, Step, SystemId, Version, next_frame};

use super::body::Body;
use super::camera::{Camera, Gimbal};
use super::commands::Order;
use super::files::{Card, Files};
use super::lists::{self, Lists, Party, Says};
use super::manners::Manners;
use super::parameters::Parameters;
use super::params::VehicleParams;
use super::pilot::{Event, Mode, Pilot, Sees};
use super::place::Around;
use super::recorder::Recorder;
use super::shot::Shot;
use super::telemetry::Streams;
use super::terrain::Terrain;

/// One step of the vehicle's time.
pub(super) const STEP: Duration = Duration::from_millis(20);
/// Parameters that go out in a step.
const PARAMETERS_A_STEP: usize = 2;
/// How often it asks for terrain.
const TERRAIN_EVERY: Duration = Duration::from_secs(1);
/// How often PX4 says again that an item was reached.
const REACHED_EVERY: Duration = Duration::from_millis(200);
/// Bytes that wait for the rest of their frame, at most: more than the longest frame.
const MOST_WAITING: usize = 4096;

/// What a vehicle does.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// It sends a frame.
    Frame(Vec<u8>),
    /// Its camera takes a picture.
    Shot(Shot),
}

/// A simulated vehicle. It owns no socket, file or clock: time is how long ago it was switched on,
/// and never goes back.
#[derive(Debug)]
pub struct Vehicle {
    pub(super) params: VehicleParams,
    pub(super) manners: &'static Manners,
    pub(super) now: Duration,
    /// When it started last.
    pub(super) started: Duration,
    pub(super) around: Around,
    pub(super) body: Body,
    pub(super) pilot: Pilot,
    pub(super) camera: Camera,
    pub(super) gimbal: Gimbal,
    pub(super) lists: Lists,
    pub(super) parameters: Parameters,
    pub(super) files: Files,
    pub(super) terrain: Terrain,
    pub(super) streams: Streams,
    pub(super) recorder: Recorder,
    home_known: bool,
    rebooted: bool,
    /// When the mission was taken that it was armed for by hand.
    armed_for: Option<Duration>,
    asked_terrain: Duration,
    reached: VecDeque<(u16, u32, Duration)>,
    events: Vec<Event>,
    inbox: Vec<u8>,
    sequence: u8,
    version: Version,
    pub(super) out: VecDeque<Output>,
    /// What it has told of pictures, in order.
    pub(super) told_shots: Vec<Packet>,
}

impl Vehicle {
    /// A vehicle that is switched on now, with a card for its files.
    #[must_use]
    pub fn new(params: VehicleParams, card: Box<dyn Card>) -> Self {
        let manners = params.autopilot.manners();
        Self {
            manners,
            now: Duration::ZERO,
            started: Duration::ZERO,
            around: Around::new(params.start),
            body: Body::new(&params),
            pilot: Pilot::new(manners),
            camera: Camera::default(),
            gimbal: Gimbal::new(params.gimbal_pitch_deg),
            lists: Lists::new(manners, params.misdeeds),
            parameters: Parameters::new(manners, params.system),
            files: Files::new(manners, card),
            terrain: Terrain::default(),
            streams: Streams::new(params.autopilot),
            recorder: Recorder::default(),
            home_known: false,
            rebooted: false,
            armed_for: None,
            asked_terrain: Duration::ZERO,
            reached: VecDeque::new(),
            events: Vec::new(),
            inbox: Vec::new(),
            sequence: 0,
            version: Version::V2,
            out: VecDeque::new(),
            told_shots: Vec::new(),
            params,
        }
    }

    /// Bytes came: whole frames or parts of them.
    pub fn handle(&mut self, bytes: &[u8]) {
        self.inbox.extend_from_slice(bytes);
        let inbox = std::mem::take(&mut self.inbox);
        let mut at = 0;
        loop {
            match next_frame(inbox.get(at..).unwrap_or_default()) {
                Step::Frame { skipped, frame } => {
                    at += skipped + frame.bytes.len();
                    self.version = frame.version;
                    let from = (frame.system, frame.component);
                    self.message(from, &Packet::of(&frame));
                }
                Step::Wait { skipped } => {
                    at += skipped;
                    break;
                }
            }
        }
        let rest = inbox.get(at..).unwrap_or_default();
        self.inbox.extend_from_slice(rest.get(..rest.len().min(MOST_WAITING)).unwrap_or_default());
    }

    /// Time went on: it flies, and says what is due.
    pub fn advance(&mut self, now: Duration) {
        while self.now + STEP <= now {
            self.now += STEP;
            self.step();
        }
    }

    /// The next thing that it does.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When it does something next.
    #[must_use]
    pub fn next_step(&self) -> Duration {
        self.now + STEP
    }

    /// Whether its motors run.
    #[must_use]
    pub fn is_armed(&self) -> bool {
        self.pilot.armed
    }

    /// How long ago it started last.
    pub(super) fn up_for(&self) -> Duration {
        self.now.saturating_sub(self.started)
    }

    pub(super) fn boot_ms(&self) -> u32 {
        // A cast that wraps, as the counter does after 49.7 days.
        self.up_for().as_millis() as u32
    }

    pub(super) fn is_booting(&self) -> bool {
        self.up_for() < self.params.boot
    }

    pub(super) fn has_fix(&self) -> bool {
        self.up_for() >= self.params.fix_after
    }

    /// 0 before the fix.
    pub(super) fn utc_us(&self) -> u64 {
        if self.has_fix() { self.true_utc_us() } else { 0 }
    }

    pub(super) fn true_utc_us(&self) -> u64 {
        self.params.utc_at_boot_us + self.now.as_micros() as u64
    }

    pub(super) fn undulation_m(&self) -> f64 {
        egm96_undulation_m(self.params.start.lat_deg, self.params.start.lon_deg)
    }

    pub(super) fn is_flying(&self) -> bool {
        self.pilot.armed && self.body.place_m.z > 0.2
    }

    pub(super) fn has_fence(&self) -> bool {
        !self.lists.list(List::Fence).is_empty()
    }

    pub(super) fn home_e7(&self) -> Option<[i32; 2]> {
        self.home_known.then(|| self.around.e7(&self.pilot.home_m))
    }

    /// Home is here from now on.
    pub(super) fn set_home_here(&mut self) {
        self.pilot.home_m = self.body.estimate_m();
        if !self.is_flying() {
            self.pilot.home_m.z = 0.0;
        }
        self.home_known = true;
    }

    /// It restarts: boot clock from 0, mission and all that was under way gone.
    pub(super) fn reboot(&mut self) {
        self.started = self.now;
        self.lists = Lists::new(self.manners, self.params.misdeeds);
        self.pilot = Pilot::new(self.manners);
        self.streams = Streams::new(self.params.autopilot);
        self.parameters = Parameters::new(self.manners, self.params.system);
        self.files.restart();
        self.inbox.clear();
        self.home_known = false;
        self.rebooted = true;
    }

    fn step(&mut self) {
        if let Some(after) = self.params.misdeeds.reboot_after_items
            && !self.rebooted
            && self.lists.items_come >= after
        {
            self.reboot();
        }
        if self.has_fix() && !self.home_known {
            self.set_home_here();
            self.terrain.place(self.terrain_corner_e7());
        }
        self.sticks();
        self.fly();
        let mut says = Says::default();
        self.lists.advance(self.now, &mut says);
        self.parameters.advance(PARAMETERS_A_STEP, &mut says);
        let packed = self.parameters.packed_if(self.files.is_busy());
        self.files.advance(&packed, &mut says);
        if self.now.saturating_sub(self.asked_terrain) >= TERRAIN_EVERY
            && self.manners.terrain_frames
        {
            self.asked_terrain = self.now;
            if let Some(request) = self.terrain.request() {
                says.say(request);
            }
        }
        self.tell_reached(&mut says);
        for id in self.streams.due(self.now) {
            says.packets.extend(self.about(id));
        }
        self.send(&says);
    }

    /// Somebody at the sticks arms it, once for each mission.
    fn sticks(&mut self) {
        let due = self.params.armed_after_upload.zip(self.lists.taken_at);
        let due = due.is_some_and(|(after, taken)| self.now >= taken + after);
        if due && self.armed_for != self.lists.taken_at && self.has_fix() {
            self.enter(Mode::Guided);
            if self.arm(1.0, 0.0) == CommandResult::ACCEPTED {
                self.armed_for = self.lists.taken_at;
            }
        }
    }

    /// A step of flight, of the camera and of the gimbal.
    fn fly(&mut self) {
        let dt_s = STEP.as_secs_f64();
        if self.pilot.is_about_to_begin() && !self.is_flying() {
            // A flight is the same for a seed, however long it stood before.
            self.body = self.body.renewed(&self.params);
        }
        let was_armed = self.pilot.armed;
        let mut events = std::mem::take(&mut self.events);
        let (terrain, start_m) = (&self.terrain, self.params.start.amsl_m);
        let ground_m = |at: [f64; 2]| terrain.amsl_m(at).map_or(0.0, |amsl_m| amsl_m - start_m);
        let sees = Sees {
            items: self.lists.list(List::Mission),
            first_step: self.lists.first_step(),
            around: &self.around,
            ground_m: &ground_m,
            now: self.now,
        };
        self.pilot.fly(&mut self.body, &sees, dt_s, &mut events);
        for event in events.drain(..) {
            match event {
                Event::Reached(seq) => {
                    self.reached.push_back((seq as u16, self.manners.reached_times, self.now));
                }
                Event::Do(item) => {
                    self.follow(&Order::of_item(&item));
                }
                Event::Landed => self.text("Disarming motors"),
            }
        }
        self.events = events;
        let here_m = self.body.estimate_m();
        self.gimbal.advance([here_m.x, here_m.y, here_m.z], self.body.yaw_rad, dt_s);
        if self.pilot.armed || self.camera.is_running() {
            for _ in 0..self.camera.advance(self.now, [here_m.x, here_m.y]) {
                self.shoot();
            }
        }
        if self.pilot.armed {
            let now_s = self.up_for().as_secs_f64();
            self.recorder.instant(now_s, self.state(&here_m));
        } else if was_armed {
            let utc_s = self.params.utc_at_boot_us as f64 / 1e6 + self.started.as_secs_f64();
            let log = self.recorder.finish(utc_s, self.params.rtk, self.body.sigma_m);
            self.files.logs.extend(log.filter(|_| self.manners.has_ardupilot_files));
        }
    }

    /// A message for this vehicle, or for nobody.
    fn message(&mut self, from: Party, packet: &Packet) {
        if self.is_silent() {
            return;
        }
        let mut says = Says::default();
        let packed = match packet {
            Packet::FileTransferProtocol(_) => self.parameters.packed(),
            _ => Vec::new(),
        };
        match packet {
            Packet::FileTransferProtocol(message) => {
                self.files.file(from, message, &packed, &mut says);
            }
            Packet::TerrainData(told) => self.take_terrain(told),
            Packet::CommandLong(_) | Packet::CommandInt(_) | Packet::SetMode(_) => {
                self.command(from, packet, &mut says);
            }
            Packet::Timesync(message) if message.tc1_ns == 0 => {
                let mut answer = *message;
                answer.tc1_ns = self.up_for().as_nanos() as i64;
                says.say(answer);
            }
            Packet::GimbalManagerSetPitchyaw(wish) => {
                let told = |angle: f32| Some(f64::from(angle));
                self.gimbal.point(told(wish.pitch_rad), told(wish.yaw_rad), wish.flags);
            }
            Packet::MissionSetCurrent(wish) => {
                self.pilot.set_current(usize::from(wish.seq));
                says.packets.extend(
                    self.about(<crate::wire::packet::MissionCurrent as crate::wire::Layout>::ID),
                );
            }
            _ => {
                let utc_s = (self.utc_us() / 1_000_000) as u32;
                self.files.logs(packet, self.pilot.armed, utc_s, &mut says);
                self.parameters.handle(packet, &mut says);
                let at = lists::Around {
                    now: self.now,
                    booting: self.is_booting(),
                    home: self.home_item(),
                };
                self.lists.handle(from, packet, at, &mut says);
            }
        }
        self.send(&says);
    }

    fn take_terrain(&mut self, told: &TerrainData) {
        let before = self.terrain.is_loaded();
        self.terrain.take(told);
        if !before && self.terrain.is_loaded() {
            self.text("Terrain: loaded");
        }
    }

    /// What it gives as item 0: zeros before it knows.
    fn home_item(&self) -> Item {
        let mut item = Item::empty(0, 16);
        if let Some([x, y]) = self.home_e7() {
            (item.x, item.y) = (x, y);
            item.z = (self.params.start.amsl_m + self.pilot.home_m.z) as f32;
        }
        item
    }

    fn tell_reached(&mut self, says: &mut Says) {
        for _ in 0..self.reached.len() {
            let Some((seq, times, due)) = self.reached.pop_front() else { break };
            if due > self.now {
                self.reached.push_back((seq, times, due));
                continue;
            }
            says.say(MissionItemReached { seq });
            if times > 1 {
                self.reached.push_back((seq, times - 1, self.now + REACHED_EVERY));
            }
        }
    }

    fn is_silent(&self) -> bool {
        let silent = self.params.misdeeds.silent;
        silent.is_some_and(|(from, to)| (from..to).contains(&self.now))
    }

    pub(super) fn text(&mut self, text: &str) {
        self.send_one(
            &Statustext { severity: 6, text: fixed_text(text), ..Statustext::default() }.into(),
        );
    }

    fn send(&mut self, says: &Says) {
        for text in &says.texts {
            self.text(text);
        }
        for packet in &says.packets {
            self.send_one(packet);
        }
    }

    pub(super) fn send_one(&mut self, packet: &Packet) {
        if self.is_silent() {
            return;
        }
        let mut bytes = Vec::new();
        let from = (self.sequence, SystemId(self.params.system), ComponentId::AUTOPILOT);
        // What does not fit into version 1 is not said to a station that speaks only that.
        if packet.write_frame(&mut bytes, self.version, from) {
            self.sequence = self.sequence.wrapping_add(1);
            self.out.push_back(Output::Frame(bytes));
        }
    }

    /// Its mode, from a command or a switch.
    pub(super) fn enter(&mut self, mode: Mode) {
        self.pilot.set_mode(mode);
    }
}
