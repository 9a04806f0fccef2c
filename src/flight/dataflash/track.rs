//! Records to tracks.

use super::kind::Kind;
use super::records::Records;
use super::sample::{Gps, Said, Sample, boot_us, said};
use crate::flight::places::checked;
use crate::flight::stamps::{Stamp, judge};
use crate::flight::{
    Autopilot, Fix, Log, LogFormat, LogTime, Loss, Oddity, TrackBuilder, UtcSource, Vehicle,
    Warnings,
};
use crate::geo::Attitude;

/// Reads a DataFlash log: one track for each start of the autopilot that it holds.
///
/// - Attitude from `ATT`, or from `AHR2` where there is none (a warning says so).
/// - Position from `POS`, heights above mean sea level and above home; where there is none, from
///   the receiver with the most solutions.
/// - Velocity from the first core of the estimator (`XKF1`, `NKF1`), else from `GPS`: speed and
///   course, down positive.
/// - Fixes from `GPS` and `GPS2`, sigmas from `GPA`. UTC from the receivers' week and milliseconds.
/// - Camera events from `CAM` (feedback) and `TRIG` (asked for); their angles are the vehicle's.
/// - Gimbals from `MNT`: yaw against north where the log has it, else against the nose.
/// - Home from `ORGN` of type 1, terrain from `TERR`: while blocks are pending it is not usable.
///
/// Never fails: what could not be read is in [`Log::losses`]. Damage that leaves a record's frame
/// whole cannot be seen, for there is no checksum; records whose time contradicts those around them
/// are left out and listed as lost. The samples that are read take some hundred bytes each.
#[must_use]
pub fn read(bytes: &[u8]) -> Log {
    let mut log = Log::empty(LogFormat::DataFlash);
    let mut warnings = Warnings::default();
    let mut records = Records::new(bytes);
    let mut samples = Vec::new();
    while let Some(record) = records.next_record() {
        log.messages += 1;
        let kind = record.format.kind;
        if kind == Kind::Other {
            continue;
        }
        let Some(time_us) = boot_us(&record, kind) else {
            warnings.note(Oddity::Other("record without a time since boot".to_owned()), None);
            continue;
        };
        match said(&record, kind) {
            Some(Said::Unusable) => {}
            Some(said) => {
                let (offset, bytes) = (record.offset, record.bytes());
                samples.push(Sample { time_us, offset, bytes, said });
            }
            None => warnings.note(Oddity::Undecodable(kind.name()), Some(at(time_us))),
        }
    }
    for (offset, what) in records.remarks() {
        warnings.note(Oddity::Other(format!("byte {offset}: {what}")), None);
    }
    log.losses = records.into_losses();
    tracks(samples, &mut log);
    log.warnings = warnings.into_sorted();
    log
}

fn at(time_us: u64) -> LogTime {
    LogTime::from_us(time_us)
}

fn tracks(samples: Vec<Sample>, log: &mut Log) {
    let times: Vec<u64> = samples.iter().map(|sample| sample.time_us).collect();
    let mut boot = Boot::new(0);
    let mut strays = Vec::new();
    for (sample, stamp) in samples.into_iter().zip(judge(&times)) {
        match stamp {
            Stamp::Sound => {}
            Stamp::Stray => {
                let what = "record whose time contradicts those around it".into();
                strays.push(Loss { offset: sample.offset, bytes: sample.bytes, what });
                continue;
            }
            Stamp::Boot => {
                boot = boot.finish_into(log);
            }
        }
        boot.take(sample);
    }
    boot.finish_into(log);
    if !strays.is_empty() {
        log.losses.extend(strays);
        log.losses.sort_by_key(|loss| loss.offset);
    }
}

/// Receivers whose accuracy is kept until their next solution; ArduPilot logs up to three.
const RECEIVERS: usize = 4;

/// A track in the making.
struct Boot {
    number: u32,
    builder: TrackBuilder,
    second_attitudes: Vec<(LogTime, Attitude)>,
    has_attitude: bool,
    has_velocity: bool,
    receiver_velocities: Vec<(LogTime, nalgebra::Vector3<f64>, u8)>,
    /// Solutions that wait for the accuracy of the same instant.
    waiting: [Option<(u64, Fix)>; RECEIVERS],
}

impl Boot {
    fn new(number: u32) -> Self {
        let vehicle = Vehicle { autopilot: Autopilot::ArduPilot, ..Vehicle::unknown() };
        Self {
            number,
            builder: TrackBuilder::new(vehicle, number),
            second_attitudes: Vec::new(),
            has_attitude: false,
            has_velocity: false,
            receiver_velocities: Vec::new(),
            waiting: [None; RECEIVERS],
        }
    }

    fn take(&mut self, sample: Sample) {
        let time = at(sample.time_us);
        let builder = &mut self.builder;
        match sample.said {
            Said::Attitude(attitude) => {
                self.has_attitude = true;
                builder.attitude(time, attitude);
            }
            Said::SecondAttitude(attitude) => self.second_attitudes.push((time, attitude)),
            Said::Position(position) => builder.position(time, position),
            Said::Velocity(velocity) => {
                self.has_velocity = true;
                builder.velocity_ned(time, velocity);
            }
            Said::Gimbal(gimbal) => builder.gimbal(time, gimbal),
            Said::Gps(gps) => self.solution(sample.time_us, &gps),
            Said::Accuracy { receiver, horizontal_m, vertical_m } => {
                if let Some(Some((time_us, fix))) = self.waiting.get_mut(usize::from(receiver))
                    && *time_us == sample.time_us
                {
                    (fix.horizontal_sigma_m, fix.vertical_sigma_m) = (horizontal_m, vertical_m);
                }
            }
            Said::Camera(event) => builder.camera(time, *event),
            Said::Home(position) => builder.home(time, position),
            Said::Terrain(report) => builder.terrain(time, report),
            Said::Name(name) => {
                builder.vehicle.name.get_or_insert(name);
            }
            Said::Unusable => {}
        }
    }

    /// A receiver's record. Its accuracy follows in a record of its own, of the same time.
    fn solution(&mut self, time_us: u64, gps: &Gps) {
        let time = at(time_us);
        self.builder.utc_s(time, gps.utc_s, UtcSource::GpsWeek);
        let receiver = gps.fix.receiver;
        if let Some(velocity) = gps.velocity_ned {
            self.receiver_velocities.push((time, velocity, receiver));
        }
        match self.waiting.get_mut(usize::from(receiver)) {
            Some(place) => {
                if let Some((time_us, fix)) = place.replace((time_us, gps.fix)) {
                    self.builder.fix(at(time_us), fix);
                }
            }
            None => self.builder.fix(time, gps.fix),
        }
    }

    /// Adds the track to the log, if there is anything in it, and goes on with the next.
    fn finish_into(mut self, log: &mut Log) -> Self {
        for (time_us, fix) in self.waiting.into_iter().flatten() {
            self.builder.fix(at(time_us), fix);
        }
        if !self.has_attitude && !self.second_attitudes.is_empty() {
            let what = "no ATT: attitude of the second filter, AHR2".to_owned();
            self.builder.warnings.note(Oddity::Other(what), None);
            for (time, attitude) in self.second_attitudes {
                self.builder.attitude(time, attitude);
            }
        }
        if !self.has_velocity {
            let first = self.receiver_velocities.iter().map(|(_, _, receiver)| *receiver).min();
            for (time, velocity, receiver) in self.receiver_velocities {
                if Some(receiver) == first {
                    self.builder.velocity_ned(time, velocity);
                }
            }
        }
        if self.builder.is_empty() {
            return Self::new(self.number);
        }
        log.tracks.push(checked(self.builder.finish()));
        Self::new(self.number.saturating_add(1))
    }
}
