//! Samples of each start of each vehicle.

use nalgebra::Vector3;

use crate::geo::Attitude;
use crate::wire::{self, ComponentId, Message, Record, TlogItem, TlogReader, message_id};

use super::super::boots::{Boots, Placed};
use super::super::utc::is_utc_us;
use super::super::{
    Autopilot, CameraEvent, CameraEventKind, EventAttitude, EventClock, Fix, FixKind, Gimbal,
    Heights, LogTime, Oddity, Position, TerrainReport, TrackBuilder, UtcSource, Vehicle, Warnings,
    YawFrame, attitude_from_quaternion,
};
use super::survey::{Preferred, Source, boot_ms};

/// A time of its own that a message carries is believed within so many seconds of the vehicle's
/// clock: messages wait in buffers for less.
const NEAR_S: f64 = 10.0;
/// Before home is set, ArduPilot's height above sea level is the height above home. It is told by
/// being the same, and this far, in metres, from the receiver's.
const HOME_UNSET_M: f64 = 50.0;

/// The vehicle's clock at an instant of the recording's.
#[derive(Clone, Copy)]
struct Now {
    boot: u32,
    at: LogTime,
    received_us: u64,
}

/// One vehicle while its samples are taken.
pub(super) struct Flight {
    source: Source,
    vehicle: Vehicle,
    preferred: Preferred,
    boots: Boots,
    /// How many stamps have come.
    stamps: usize,
    now: Option<Now>,
    /// One for each start.
    pub(super) builders: Vec<TrackBuilder>,
    receiver_amsl_m: Option<f64>,
    last_event: Option<(u32, u8, u32, u64)>,
    /// Samples of a mount that has said nothing but zeros so far.
    zero_mount: Vec<(u32, LogTime, Gimbal)>,
    mount_moves: bool,
}

/// Second pass over a recording.
pub(super) fn collect(bytes: &[u8], flights: &mut [Flight], warnings: &mut Warnings) {
    for item in TlogReader::new(bytes) {
        let TlogItem::Record(record) = item else { continue };
        let message = Message::decode(&record.frame);
        if matches!(message, Message::Other) {
            continue;
        }
        let source = (record.frame.system, record.frame.component);
        if let Some(flight) = flights.iter_mut().find(|flight| flight.source == source) {
            flight.take(&record, &message);
        } else if let Some(flight) = flights.iter_mut().find(|flight| flight.source.0 == source.0) {
            flight.take_of_part(&record, &message);
        }
    }
    for flight in flights {
        flight.end(warnings);
    }
}

impl Flight {
    pub(super) fn new(
        source: Source,
        vehicle: Vehicle,
        boots: Boots,
        preferred: Preferred,
    ) -> Self {
        Self {
            source,
            vehicle,
            preferred,
            boots,
            stamps: 0,
            now: None,
            builders: Vec::new(),
            receiver_amsl_m: None,
            last_event: None,
            zero_mount: Vec::new(),
            mount_moves: false,
        }
    }

    fn builder(&mut self, boot: u32) -> &mut TrackBuilder {
        let index = boot as usize;
        while self.builders.len() <= index {
            let next = u32::try_from(self.builders.len()).unwrap_or(u32::MAX);
            self.builders.push(TrackBuilder::new(self.vehicle.clone(), next));
        }
        &mut self.builders[index]
    }

    /// A message of the autopilot.
    fn take(&mut self, record: &Record<'_>, message: &Message) {
        if boot_ms(message).is_some() {
            let placed = self.boots.placed.get(self.stamps).copied();
            self.stamps += 1;
            let Some(Placed::At { boot, at }) = placed else {
                let now = self.now(record.stamp_us);
                self.builder(now.boot).warnings.note(Oddity::StrayStamp("message"), Some(now.at));
                return;
            };
            self.now = Some(Now { boot, at, received_us: record.stamp_us });
            self.take_stamped(record, message, boot, at);
            return;
        }
        let now = self.now(record.stamp_us);
        match message {
            Message::Heartbeat(_) => {
                self.builder(now.boot).utc_us(now.at, record.stamp_us, UtcSource::ReceiveStamp);
            }
            Message::GpsRaw(gps) => self.take_receiver(gps, now),
            Message::HomePosition(home) => {
                let heights = Heights { amsl_m: Some(home.amsl_m), ..Heights::default() };
                let place = Position::from_e7(home.lat_e7, home.lon_e7, heights);
                self.builder(now.boot).home(now.at, place);
            }
            Message::TerrainReport(report) => {
                let report = TerrainReport {
                    ground_amsl_m: report.ground_amsl_m,
                    above_terrain_m: report.above_terrain_m,
                    pending: report.pending,
                    loaded: report.loaded,
                };
                self.builder(now.boot).terrain(now.at, report);
            }
            _ => self.take_of_part(record, message),
        }
    }

    /// A message with the autopilot's own time since boot.
    fn take_stamped(&mut self, record: &Record<'_>, message: &Message, boot: u32, at: LogTime) {
        let id = record.frame.id;
        let preferred = self.preferred;
        match message {
            Message::SystemTime(time) => {
                self.builder(boot).utc_us(at, time.unix_us, UtcSource::SystemTime);
            }
            Message::Attitude(_, attitude) if id == preferred.attitude => {
                let builder = self.builder(boot);
                match attitude_of(attitude) {
                    Some(attitude) => builder.attitude(at, attitude),
                    None => builder.warnings.note(Oddity::NotANumber("attitude"), Some(at)),
                }
            }
            Message::LocalPosition(local) if id == preferred.velocity => {
                self.builder(boot).velocity_ned(at, Vector3::from(local.velocity_m_s));
            }
            Message::GlobalPosition(global) => self.take_place(global, boot, at),
            _ => {}
        }
    }

    fn take_place(&mut self, global: &wire::GlobalPosition, boot: u32, at: LogTime) {
        let no_home = global.amsl_m.to_bits() == global.above_home_m.to_bits()
            && self
                .receiver_amsl_m
                .is_some_and(|amsl_m| (amsl_m - global.amsl_m).abs() > HOME_UNSET_M);
        let heights = if no_home {
            let what = "heights from before home was set, left out";
            self.builder(boot).warnings.note(Oddity::Other(what.to_owned()), Some(at));
            Heights::default()
        } else {
            Heights {
                amsl_m: Some(global.amsl_m),
                above_home_m: Some(global.above_home_m),
                ..Heights::default()
            }
        };
        let velocity = self.preferred.velocity == message_id::GLOBAL_POSITION_INT;
        let builder = self.builder(boot);
        builder.position(at, Position::from_e7(global.lat_e7, global.lon_e7, heights));
        if velocity && (global.lat_e7, global.lon_e7) != (0, 0) {
            builder.velocity_ned(at, Vector3::from(global.velocity_m_s));
        }
    }

    fn take_receiver(&mut self, gps: &wire::GpsRaw, now: Now) {
        // Zero until the first fix.
        let own = if gps.time_us == 0 { Some((now.boot, now.at)) } else { None };
        let Some((boot, at)) = own.or_else(|| self.own_time(gps.time_us, now)) else {
            self.builder(now.boot).warnings.note(Oddity::StrayStamp("fix"), Some(now.at));
            return;
        };
        let (lat_e7, lon_e7, amsl_m) = gps.place;
        let kind = FixKind::from_number(gps.fix_type);
        if kind >= FixKind::Full && gps.receiver == 0 {
            self.receiver_amsl_m = Some(amsl_m);
        }
        let heights = Heights {
            amsl_m: Some(amsl_m).filter(|_| kind != FixKind::Flat),
            ellipsoid_m: gps.ellipsoid_m.filter(|_| kind != FixKind::Flat),
            ..Heights::default()
        };
        let fix = Fix {
            receiver: gps.receiver,
            kind,
            place: Some(Position::from_e7(lat_e7, lon_e7, heights)),
            horizontal_sigma_m: gps.horizontal_sigma_m,
            vertical_sigma_m: gps.vertical_sigma_m,
            satellites: gps.satellites,
            hdop: gps.hdop,
        };
        self.builder(boot).fix(at, fix);
    }

    /// A message of a camera or gimbal, with a component number of its own or the autopilot's.
    fn take_of_part(&mut self, record: &Record<'_>, message: &Message) {
        let now = self.now(record.stamp_us);
        let component = record.frame.component;
        let preferred = record.frame.id == self.preferred.gimbal;
        match message {
            Message::CameraFeedback(feedback) => self.take_feedback(feedback, now),
            Message::CameraTrigger(trigger) => {
                let (boot, at, clock, utc_s) = self.event_time(trigger.time_us, now);
                let event = CameraEvent {
                    kind: CameraEventKind::Trigger,
                    camera: 0,
                    image_index: Some(trigger.sequence),
                    place: None,
                    attitude: None,
                    utc_s,
                    clock,
                    success: None,
                };
                self.builder(boot).camera(at, event);
            }
            Message::CameraImageCaptured(captured) => self.take_captured(captured, now),
            Message::MountStatus(mount) if preferred => {
                self.take_mount(now, gimbal(mount.angles_rad, YawFrame::Vehicle, component, 0));
            }
            Message::MountOrientation(mount) if preferred => {
                let [roll, pitch, yaw] = mount.angles_rad;
                let (yaw, frame) = match mount.yaw_absolute_rad {
                    Some(yaw) => (yaw, YawFrame::Earth),
                    None => (yaw, YawFrame::Vehicle),
                };
                let sample = gimbal([roll, pitch, yaw], frame, component, 0);
                self.take_gimbal(mount.boot_ms, now, sample);
            }
            Message::GimbalDeviceStatus(status) if preferred => {
                let frame = if status.yaw_from_north { YawFrame::Earth } else { YawFrame::Vehicle };
                let Some(attitude) = attitude_from_quaternion(status.quaternion) else {
                    let oddity = Oddity::NotANumber("gimbal");
                    return self.builder(now.boot).warnings.note(oddity, Some(now.at));
                };
                let angles = [attitude.roll_rad, attitude.pitch_rad, attitude.yaw_rad];
                let sample = gimbal(angles, frame, component, status.device);
                self.take_gimbal(status.boot_ms, now, sample);
            }
            _ => {}
        }
    }

    /// A mount that is not there says zero throughout: its samples wait until one is not.
    fn take_mount(&mut self, now: Now, sample: Gimbal) {
        let zero = Attitude { yaw_rad: 0.0, pitch_rad: 0.0, roll_rad: 0.0 };
        if !self.mount_moves && sample.attitude == zero {
            self.zero_mount.push((now.boot, now.at, sample));
            return;
        }
        self.mount_moves = true;
        for (boot, at, sample) in std::mem::take(&mut self.zero_mount) {
            self.builder(boot).gimbal(at, sample);
        }
        self.builder(now.boot).gimbal(now.at, sample);
    }

    fn take_gimbal(&mut self, boot_ms: u32, now: Now, sample: Gimbal) {
        match self.own_time(u64::from(boot_ms) * 1000, now) {
            Some((boot, at)) => self.builder(boot).gimbal(at, sample),
            None => {
                let what = "gimbal with a clock of its own, by the time it was received";
                let builder = self.builder(now.boot);
                builder.warnings.note(Oddity::Other(what.to_owned()), Some(now.at));
                builder.gimbal(now.at, sample);
            }
        }
    }

    fn take_feedback(&mut self, feedback: &wire::CameraFeedback, now: Now) {
        let empty = feedback.time_us == 0 && feedback.lat_e7 == 0 && feedback.lon_e7 == 0;
        let (boot, at, clock, utc_s) = self.event_time(feedback.time_us, now);
        // ArduPilot repeats its last one when asked.
        let number = u32::from(feedback.image_index);
        let key = (boot, feedback.camera, number, feedback.time_us);
        if empty || self.last_event.replace(key) == Some(key) {
            self.builder(boot).warnings.note(Oddity::EmptyCameraEvent, Some(at));
            return;
        }
        let heights = Heights {
            amsl_m: Some(feedback.amsl_m),
            above_home_m: Some(feedback.above_home_m),
            ..Heights::default()
        };
        let [roll_rad, pitch_rad, yaw_rad] = feedback.angles_rad;
        let angles = Attitude { yaw_rad, pitch_rad, roll_rad };
        let finite = feedback.angles_rad.iter().all(|rad| rad.is_finite());
        let event = CameraEvent {
            kind: CameraEventKind::Feedback,
            camera: feedback.camera,
            image_index: Some(number),
            place: Some(Position::from_e7(feedback.lat_e7, feedback.lon_e7, heights)),
            attitude: finite.then_some(EventAttitude::Vehicle(angles)),
            utc_s,
            clock,
            success: None,
        };
        self.builder(boot).camera(at, event);
    }

    fn take_captured(&mut self, captured: &wire::CameraImageCaptured, now: Now) {
        let own = self.own_time(u64::from(captured.boot_ms) * 1000, now);
        let (boot, at) = own.unwrap_or((now.boot, now.at));
        let number = captured.image_index.unwrap_or(u32::MAX);
        // Asked again, the camera repeats an old one.
        let key = (boot, captured.camera, number, u64::from(captured.boot_ms));
        if self.last_event.replace(key) == Some(key) {
            self.builder(boot).warnings.note(Oddity::EmptyCameraEvent, Some(at));
            return;
        }
        let px4 = self.vehicle.autopilot == Autopilot::Px4;
        let heights = Heights {
            amsl_m: Some(captured.amsl_m),
            above_home_m: Some(captured.above_ground_m).filter(|_| px4),
            above_terrain_m: Some(captured.above_ground_m).filter(|_| !px4),
            ..Heights::default()
        };
        let event = CameraEvent {
            kind: CameraEventKind::Captured,
            camera: captured.camera,
            image_index: captured.image_index,
            place: Some(Position::from_e7(captured.lat_e7, captured.lon_e7, heights)),
            attitude: attitude_from_quaternion(captured.quaternion).map(EventAttitude::Camera),
            utc_s: is_utc_us(captured.utc_us).then(|| LogTime::from_us(captured.utc_us).0),
            clock: if own.is_some() { EventClock::Boot } else { EventClock::Received },
            success: Some(captured.result == 1),
        };
        self.builder(boot).camera(at, event);
    }

    /// Boot, time, its clock and UTC of an event whose time is of either kind.
    fn event_time(&self, time_us: u64, now: Now) -> (u32, LogTime, EventClock, Option<f64>) {
        if is_utc_us(time_us) {
            let utc_s = LogTime::from_us(time_us).0;
            return (now.boot, now.at, EventClock::Received, Some(utc_s));
        }
        match self.own_time(time_us, now) {
            Some((boot, at)) => (boot, at, EventClock::Boot, None),
            None => (now.boot, now.at, EventClock::Received, None),
        }
    }

    /// Boot and time of a message that carries microseconds since boot, if they are near the clock
    /// before or after it; of one that carries UTC, the clock's.
    fn own_time(&self, time_us: u64, now: Now) -> Option<(u32, LogTime)> {
        if is_utc_us(time_us) {
            return Some((now.boot, now.at));
        }
        let own = LogTime::from_us(time_us);
        let next = self.boots.placed.get(self.stamps).and_then(|placed| match placed {
            Placed::At { boot, at } => Some((*boot, *at)),
            Placed::Stray => None,
        });
        let near = |(_, at): &(u32, LogTime)| (own - *at).abs() <= NEAR_S;
        [Some((now.boot, now.at)), next]
            .into_iter()
            .flatten()
            .find(near)
            .map(|(boot, _)| (boot, own))
    }

    /// The vehicle's clock when something was received: the last stamp and what has passed since,
    /// or, before the first stamp, that stamp.
    fn now(&self, received_us: u64) -> Now {
        if let Some(last) = self.now {
            let waited = LogTime::from_us(received_us.saturating_sub(last.received_us));
            return Now { at: last.at + waited.0, received_us, ..last };
        }
        let first = self.boots.placed.iter().find_map(|placed| match placed {
            Placed::At { boot, at } => Some((*boot, *at)),
            Placed::Stray => None,
        });
        let (boot, at) = first.unwrap_or((0, LogTime(0.0)));
        Now { boot, at, received_us }
    }

    fn end(&mut self, warnings: &mut Warnings) {
        let (steps_back, jumps) = (self.boots.steps_back, self.boots.jumps);
        let zeros = std::mem::take(&mut self.zero_mount).len() as u64;
        let told = self.vehicle.mav_type.is_some();
        let counted = match self.builders.first_mut() {
            Some(first) => &mut first.warnings,
            None => warnings,
        };
        counted.note_many(Oddity::ClockStepBack, steps_back, None);
        counted.note_many(Oddity::ClockJump, jumps, None);
        counted.note_many(Oddity::NoHeartbeat, u64::from(!told), None);
        let what = "MOUNT_STATUS is zero throughout: there is no mount, left out";
        counted.note_many(Oddity::Other(what.to_owned()), zeros, None);
    }
}

fn attitude_of(told: &wire::Attitude) -> Option<Attitude> {
    match *told {
        wire::Attitude::Angles([roll_rad, pitch_rad, yaw_rad]) => {
            Some(Attitude { yaw_rad, pitch_rad, roll_rad })
        }
        wire::Attitude::Quaternion(wxyz) => attitude_from_quaternion(wxyz),
    }
}

/// `MAV_COMP_ID_GIMBAL` and `MAV_COMP_ID_GIMBAL2` to 6.
const FIRST_GIMBAL: u8 = 154;
const MORE_GIMBALS: std::ops::RangeInclusive<u8> = 171..=175;

/// A gimbal's number, from 0: by its device number behind an autopilot, else by its component.
fn gimbal(angles_rad: [f64; 3], yaw_frame: YawFrame, component: ComponentId, device: u8) -> Gimbal {
    let [roll_rad, pitch_rad, yaw_rad] = angles_rad;
    let number = match (device, component.0) {
        (1..=6, _) => device - 1,
        (_, FIRST_GIMBAL) => 0,
        (_, component) if MORE_GIMBALS.contains(&component) => component - MORE_GIMBALS.start() + 1,
        _ => 0,
    };
    Gimbal { attitude: Attitude { yaw_rad, pitch_rad, roll_rad }, yaw_frame, number }
}
