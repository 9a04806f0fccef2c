//! Rows to tracks.

use super::header::Refused;
use super::records::{Record, Records};
use super::topic::{Gps, Said, said};
use crate::flight::places::checked;
use crate::flight::stamps::{Stamp, judge};
use crate::flight::{
    Autopilot, EventAttitude, Log, LogFormat, LogTime, Loss, Oddity, Position, Track, TrackBuilder,
    UtcSource, Vehicle, Warnings,
};

/// Reads a ULog: one track, or more where several logs were joined.
///
/// - Attitude from `vehicle_attitude`.
/// - Position from `vehicle_global_position`; where there is none, from `vehicle_local_position`
///   about its reference, if that is tied to the earth, else from the receivers.
/// - Velocity from `vehicle_local_position`, else from the receivers.
/// - Fixes and UTC from `vehicle_gps_position`, receiver 0, and `sensor_gps`, receivers 1 and on.
///   Firmware of all ages: integers of 1e-7 degree and millimetres, or degrees and metres.
/// - Camera events from `camera_capture` and `camera_trigger`, gimbals from
///   `gimbal_device_attitude_status` and `mount_orientation` (what was asked for), home from
///   `home_position`.
///
/// Rows whose time contradicts those around them are left out and listed as lost, but a home keeps
/// its place: it is often set before the log begins. The samples that are read take some hundred
/// bytes each.
///
/// # Errors
/// [`Refused`], where no ULog begins or it has incompatible flags that are not known here. All else
/// is in [`Log::losses`] and the warnings.
pub fn read(bytes: &[u8]) -> Result<Log, Refused> {
    let mut log = Log::empty(LogFormat::ULog);
    let mut warnings = Warnings::default();
    let mut start = Some(0);
    let mut boot = 0;
    while let Some(at) = start {
        let mut records = match Records::new(bytes, at) {
            Ok(records) => records,
            Err(refused) if at == 0 => return Err(refused),
            Err(refused) => {
                let (offset, bytes) = (at as u64, (bytes.len() - at) as u64);
                log.losses.push(Loss { offset, bytes, what: refused.what.into() });
                break;
            }
        };
        boot = one_log(&mut records, boot, &mut log, &mut warnings);
        start = records.next_log();
    }
    log.losses.sort_by_key(|loss| loss.offset);
    log.warnings = warnings.into_sorted();
    Ok(log)
}

/// One wanted row.
struct Sample {
    time_us: u64,
    offset: u64,
    bytes: u64,
    said: Said,
}

/// What the log says of the vehicle.
#[derive(Default)]
struct Name {
    system: Option<String>,
    hardware: Option<String>,
    software: Option<String>,
}

impl Name {
    fn take(&mut self, record: &Record<'_>) {
        let Some((_, name, value)) = record.information() else { return };
        let place = match name {
            "sys_name" => &mut self.system,
            "ver_hw" => &mut self.hardware,
            "ver_sw" => &mut self.software,
            _ => return,
        };
        *place = Some(String::from_utf8_lossy(value).into_owned());
    }

    fn vehicle(self) -> Vehicle {
        let autopilot = match self.system.as_deref() {
            Some("PX4") => Autopilot::Px4,
            _ => Autopilot::Unknown,
        };
        let parts = [self.system, self.hardware, self.software];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let name = Some(parts.join(" ")).filter(|name| !name.is_empty());
        Vehicle { autopilot, name, ..Vehicle::unknown() }
    }
}

/// Reads one log of the file; number of the next boot.
fn one_log(records: &mut Records<'_>, boot: u32, log: &mut Log, warnings: &mut Warnings) -> u32 {
    let (mut samples, mut name) = (Vec::new(), Name::default());
    let (mut dropouts, mut dropped_ms) = (0, 0_u64);
    while let Some(record) = records.next_record() {
        log.messages += 1;
        if record.kind == b'I' {
            name.take(&record);
        }
        if let Some(milliseconds) = record.dropout_ms() {
            dropouts += 1;
            dropped_ms += u64::from(milliseconds);
        }
        let Some(row) = &record.row else { continue };
        let Some(kind) = row.topic.kind else { continue };
        let time = row.integer("timestamp").and_then(|time| u64::try_from(time).ok());
        match time.and_then(|time_us| Some((time_us, said(row, kind)?))) {
            Some((time_us, said)) => {
                let (offset, bytes) = (record.offset, record.bytes());
                samples.push(Sample { time_us, offset, bytes, said });
            }
            None => warnings.note(Oddity::Undecodable(kind.name()), None),
        }
    }
    if dropouts > 0 {
        let what = format!("the logger dropped rows, {dropped_ms} ms in all");
        warnings.note_many(Oddity::Other(what), dropouts, None);
    }
    for (offset, what) in records.remarks() {
        warnings.note(Oddity::Other(format!("byte {offset}: {what}")), None);
    }
    log.losses.extend_from_slice(records.losses());
    let mut flight = Flight::new(name.vehicle(), boot);
    flight.take_all(samples, &mut log.losses);
    let track = flight.finish();
    let Some(track) = track else { return boot };
    log.tracks.push(track);
    boot.saturating_add(1)
}

/// A track in the making.
struct Flight {
    builder: TrackBuilder,
    blended: bool,
    has_global: bool,
    has_gimbal: bool,
    local_places: Vec<(LogTime, Position)>,
    has_velocity: bool,
    receiver_velocities: Vec<(LogTime, nalgebra::Vector3<f64>)>,
}

impl Flight {
    fn new(vehicle: Vehicle, boot: u32) -> Self {
        Self {
            builder: TrackBuilder::new(vehicle, boot),
            blended: false,
            has_global: false,
            has_gimbal: false,
            local_places: Vec::new(),
            has_velocity: false,
            receiver_velocities: Vec::new(),
        }
    }

    fn take_all(&mut self, samples: Vec<Sample>, losses: &mut Vec<Loss>) {
        // A home is written when the log begins with the time when it was set.
        let own_time = |said: &Said| !matches!(said, Said::Home(_));
        let times: Vec<u64> = samples
            .iter()
            .filter(|sample| own_time(&sample.said))
            .map(|sample| sample.time_us)
            .collect();
        for sample in &samples {
            self.blended |= matches!(sample.said, Said::Gps { blended: true, .. });
            self.has_gimbal |= matches!(sample.said, Said::Gimbal { .. });
        }
        let mut stamps = judge(&times).into_iter();
        let mut now_us = times.first().copied();
        for sample in samples {
            if !own_time(&sample.said) {
                let (least, time_us) = (now_us.unwrap_or(0), sample.time_us);
                self.take(time_us.max(least), sample.said);
                continue;
            }
            if stamps.next() == Some(Stamp::Stray) {
                let what = "row whose time contradicts those around it".into();
                losses.push(Loss { offset: sample.offset, bytes: sample.bytes, what });
                continue;
            }
            now_us = Some(sample.time_us);
            self.take(sample.time_us, sample.said);
        }
    }

    fn take(&mut self, time_us: u64, said: Said) {
        let time = LogTime::from_us(time_us);
        let builder = &mut self.builder;
        match said {
            Said::Attitude(Some(attitude)) => {
                builder.attitude(time, attitude);
            }
            Said::Attitude(None) => {
                builder.warnings.note(Oddity::NotANumber("attitude"), Some(time));
            }
            Said::Gps { blended, gps } => self.solution(time, blended, *gps),
            Said::Global { place, dead_reckoning } => {
                self.has_global = true;
                if dead_reckoning {
                    let what = "position by dead reckoning".to_owned();
                    builder.warnings.note(Oddity::Other(what), Some(time));
                }
                builder.position(time, place);
            }
            Said::Local { velocity_ned, place } => {
                if let Some(velocity) = velocity_ned {
                    self.has_velocity = true;
                    builder.velocity_ned(time, velocity);
                }
                self.local_places.extend(place.map(|place| (time, place)));
            }
            Said::Camera { mut event, attitude } => {
                event.attitude = attitude.map(|attitude| match self.has_gimbal {
                    true => EventAttitude::Camera(attitude),
                    false => EventAttitude::Vehicle(attitude),
                });
                builder.camera(time, *event);
            }
            Said::Gimbal { gimbal, asked_for } => {
                if asked_for {
                    let what = "mount_orientation: what the gimbal was asked for".to_owned();
                    builder.warnings.note(Oddity::Other(what), Some(time));
                }
                builder.gimbal(time, gimbal);
            }
            Said::Home(place) => builder.home(time, place),
            Said::NotValid => {
                let what = "rows that the vehicle marks as not valid, left out".to_owned();
                builder.warnings.note(Oddity::Other(what), Some(time));
            }
        }
    }

    fn solution(&mut self, time: LogTime, blended: bool, mut gps: Gps) {
        if self.blended && !blended {
            gps.fix.receiver = gps.fix.receiver.saturating_add(1);
        }
        let first = gps.fix.receiver == 0;
        if first {
            self.builder.utc_us(time, gps.utc_us, UtcSource::ReceiverUtc);
        }
        let velocity = gps.velocity_ned.filter(|_| first);
        self.receiver_velocities.extend(velocity.map(|velocity| (time, velocity)));
        self.builder.fix(time, gps.fix);
    }

    /// The track; `None` where there is nothing in it.
    fn finish(mut self) -> Option<Track> {
        if !self.has_global && !self.local_places.is_empty() {
            let what = "no vehicle_global_position: places from vehicle_local_position".to_owned();
            self.builder.warnings.note(Oddity::Other(what), None);
            for (time, place) in self.local_places {
                self.builder.position(time, place);
            }
        }
        if !self.has_velocity {
            for (time, velocity) in self.receiver_velocities {
                self.builder.velocity_ned(time, velocity);
            }
        }
        (!self.builder.is_empty()).then(|| checked(self.builder.finish()))
    }
}
