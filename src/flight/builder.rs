//! A track from samples in any order, sound or not.

use nalgebra::Vector3;

use crate::geo::{Attitude, North};

use super::rotation::wrapped;
use super::utc::utc_sample;
use super::{
    CameraEvent, EventClock, Fix, FixKind, GapLimits, Gimbal, LogTime, Oddity, Position,
    PositionSource, Series, TerrainReport, Timed, Track, UtcOffset, UtcSample, UtcSource, Vehicle,
    Warnings,
};

/// Takes samples as a log has them and makes a [`Track`] of them.
///
/// What is not a number, no place or far from all other stamps is left out and counted; what is out
/// of order is put in order and counted.
#[derive(Debug, Clone)]
pub struct TrackBuilder {
    /// Whose track it will be.
    pub vehicle: Vehicle,
    /// What was odd so far.
    pub warnings: Warnings,
    /// The longest gaps that are bridged.
    pub gap_limits: GapLimits,
    /// What `position` calls give.
    pub position_source: PositionSource,
    /// Which north headings count from. Autopilots log true north: they take declination off
    /// themselves (ArduPilot `COMPASS_AUTODEC`, PX4 `EKF2_DECL_TYPE`).
    pub north: North,
    boot: u32,
    utc: Vec<Timed<UtcSample>>,
    attitude: Vec<Timed<Attitude>>,
    gimbal: Vec<Timed<Gimbal>>,
    position: Vec<Timed<Position>>,
    velocity_ned: Vec<Timed<Vector3<f64>>>,
    fixes: Vec<Timed<Fix>>,
    camera: Vec<Timed<CameraEvent>>,
    home: Vec<Timed<Position>>,
    terrain: Vec<Timed<TerrainReport>>,
}

/// Heights beyond this, in metres, are no heights of a drone: deeper than any dry land, higher than
/// any balloon.
const HEIGHTS_M: std::ops::RangeInclusive<f64> = -1000.0..=60_000.0;
/// Faster than this, in m/s, is no drone's speed.
const MOST_SPEED_M_S: f64 = 1000.0;
/// A stamp this many seconds outside the middle 98 % of all stamps is a stray.
const STRAY_S: f64 = 600.0;
/// With fewer stamps than this nothing is said about strays.
const FEW_STAMPS: usize = 100;

impl TrackBuilder {
    /// Without samples yet; `boot` counts the starts of one vehicle in a file, from 0.
    #[must_use]
    pub fn new(vehicle: Vehicle, boot: u32) -> Self {
        Self {
            vehicle,
            warnings: Warnings::default(),
            gap_limits: GapLimits::default(),
            position_source: PositionSource::Estimator,
            north: North::True,
            boot,
            utc: Vec::new(),
            attitude: Vec::new(),
            gimbal: Vec::new(),
            position: Vec::new(),
            velocity_ned: Vec::new(),
            fixes: Vec::new(),
            camera: Vec::new(),
            home: Vec::new(),
            terrain: Vec::new(),
        }
    }

    /// Whether nothing has come that a track is made of.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.attitude.is_empty()
            && self.gimbal.is_empty()
            && self.position.is_empty()
            && self.velocity_ned.is_empty()
            && self.fixes.is_empty()
            && self.camera.is_empty()
    }

    /// An attitude of the vehicle; any yaw, brought into -π to π.
    pub fn attitude(&mut self, at: LogTime, attitude: Attitude) {
        match sound_attitude(attitude) {
            Some(value) => self.attitude.push(Timed { at, value }),
            None => self.not_a_number("attitude", at),
        }
    }

    /// Where a gimbal points.
    pub fn gimbal(&mut self, at: LogTime, gimbal: Gimbal) {
        match sound_attitude(gimbal.attitude) {
            Some(attitude) => {
                self.gimbal.push(Timed { at, value: Gimbal { attitude, ..gimbal } });
            }
            None => self.not_a_number("gimbal", at),
        }
    }

    /// Where the vehicle is.
    pub fn position(&mut self, at: LogTime, position: Position) {
        if let Some(value) = self.sound_place("position", at, position) {
            self.position.push(Timed { at, value });
        }
    }

    /// Its velocity, north, east, down in m/s.
    pub fn velocity_ned(&mut self, at: LogTime, value: Vector3<f64>) {
        if value.norm() <= MOST_SPEED_M_S {
            self.velocity_ned.push(Timed { at, value });
        } else {
            self.not_a_number("velocity", at);
        }
    }

    /// What a receiver says. Without a solution its place goes.
    pub fn fix(&mut self, at: LogTime, mut fix: Fix) {
        if fix.kind == FixKind::None {
            self.warnings.note(Oddity::NoFix, Some(at));
            fix.place = None;
        }
        if let Some(place) = fix.place {
            fix.place = self.sound_place("fix", at, place);
        }
        for number in [&mut fix.horizontal_sigma_m, &mut fix.vertical_sigma_m, &mut fix.hdop] {
            *number = number.filter(|number| number.is_finite() && *number >= 0.0);
        }
        self.fixes.push(Timed { at, value: fix });
    }

    /// A picture, asked for or taken.
    pub fn camera(&mut self, at: LogTime, mut event: CameraEvent) {
        if let Some(place) = event.place {
            event.place = self.sound_place("camera event", at, place);
        }
        event.utc_s = event.utc_s.filter(|utc_s| utc_s.is_finite());
        self.camera.push(Timed { at, value: event });
    }

    /// The place that the vehicle calls home.
    pub fn home(&mut self, at: LogTime, position: Position) {
        if let Some(value) = self.sound_place("home", at, position) {
            self.home.push(Timed { at, value });
        }
    }

    /// What the vehicle knows of the ground.
    pub fn terrain(&mut self, at: LogTime, value: TerrainReport) {
        if !(value.ground_amsl_m.is_finite() && value.above_terrain_m.is_finite()) {
            return self.not_a_number("terrain report", at);
        }
        if !value.usable() {
            self.warnings.note(Oddity::TerrainPending, Some(at));
        }
        self.terrain.push(Timed { at, value });
    }

    /// UTC in microseconds since 1970; zero, as before the first fix, is counted.
    pub fn utc_us(&mut self, at: LogTime, utc_us: u64, source: UtcSource) {
        match utc_sample(at, utc_us, source) {
            Some(sample) => self.utc.push(sample),
            None => self.warnings.note(Oddity::NoUtc, Some(at)),
        }
    }

    /// UTC in seconds since 1970; `None`, as of a week of zero, is counted.
    pub fn utc_s(&mut self, at: LogTime, utc_s: Option<f64>, source: UtcSource) {
        match utc_s.filter(|utc_s| utc_s.is_finite()) {
            Some(utc_s) => self.utc.push(Timed { at, value: UtcSample { utc_s, source } }),
            None => self.warnings.note(Oddity::NoUtc, Some(at)),
        }
    }

    fn not_a_number(&mut self, what: &'static str, at: LogTime) {
        self.warnings.note(Oddity::NotANumber(what), Some(at));
    }

    /// A place on earth that is not 0, 0, with those of its heights that are heights.
    fn sound_place(
        &mut self,
        what: &'static str,
        at: LogTime,
        mut place: Position,
    ) -> Option<Position> {
        let (lat_deg, lon_deg) = (place.lat_rad.to_degrees(), place.lon_rad.to_degrees());
        let on_earth = (-90.0..=90.0).contains(&lat_deg) && (-180.0..=180.0).contains(&lon_deg);
        if !on_earth {
            self.not_a_number(what, at);
            return None;
        }
        // A drone at 0, 0 would be 570 km off any coast.
        if lat_deg.abs() < 1e-5 && lon_deg.abs() < 1e-5 {
            self.warnings.note(Oddity::NoPlace(what), Some(at));
            return None;
        }
        let mut bad = false;
        for height in place.heights.each() {
            let sound = height.filter(|metres| HEIGHTS_M.contains(metres));
            bad |= sound.is_none() && height.is_some();
            *height = sound;
        }
        if bad {
            self.not_a_number("height", at);
        }
        Some(place)
    }

    /// The track: strays gone, all in order, UTC worked out, and events that carry UTC moved to it.
    #[must_use]
    pub fn finish(mut self) -> Track {
        self.leave_out_strays();
        if self.position.is_empty() {
            self.position_source = PositionSource::Receiver;
            self.position = best_receiver_places(&self.fixes);
        }
        let found = UtcOffset::from_samples(&self.utc);
        if let Some((offset, strays)) = found {
            self.warnings.note_many(Oddity::StrayUtc, strays as u64, None);
            self.move_events_to_utc(&offset);
        }
        // Only of what has a stamp of its own in every log: the others may be stamped on receipt.
        let warnings = &mut self.warnings;
        Track {
            vehicle: self.vehicle,
            boot: self.boot,
            utc_s_at_zero: found.map(|(offset, _)| offset),
            utc: self.utc.into(),
            north: self.north,
            attitude: ordered(self.attitude, "attitude", warnings),
            gimbal: ordered(self.gimbal, "gimbal", warnings),
            position: ordered(self.position, "position", warnings),
            position_source: self.position_source,
            velocity_ned: ordered(self.velocity_ned, "velocity", warnings),
            fixes: ordered(self.fixes, "fix", warnings),
            camera: self.camera.into(),
            home: self.home.into(),
            terrain: self.terrain.into(),
            warnings: self.warnings.into_sorted(),
            gap_limits: self.gap_limits,
        }
    }

    /// Leaves out, and counts, stamps that are far outside the middle of all.
    fn leave_out_strays(&mut self) {
        let mut stamps: Vec<f64> = times(&self.attitude)
            .chain(times(&self.position))
            .chain(times(&self.velocity_ned))
            .chain(times(&self.gimbal))
            .chain(times(&self.fixes))
            .filter(|at_s| at_s.is_finite())
            .collect();
        stamps.sort_by(f64::total_cmp);
        let skip = stamps.len() / 100 + 1;
        let middle = if stamps.len() < FEW_STAMPS {
            f64::MIN..=f64::MAX
        } else {
            stamps[skip] - STRAY_S..=stamps[stamps.len() - 1 - skip] + STRAY_S
        };
        let warnings = &mut self.warnings;
        keep(&mut self.utc, &middle, "UTC", warnings);
        keep(&mut self.attitude, &middle, "attitude", warnings);
        keep(&mut self.gimbal, &middle, "gimbal", warnings);
        keep(&mut self.position, &middle, "position", warnings);
        keep(&mut self.velocity_ned, &middle, "velocity", warnings);
        keep(&mut self.fixes, &middle, "fix", warnings);
        keep(&mut self.camera, &middle, "camera event", warnings);
        keep(&mut self.home, &middle, "home", warnings);
        keep(&mut self.terrain, &middle, "terrain report", warnings);
    }

    /// Events without a time of their own on the log's clock, but with UTC.
    fn move_events_to_utc(&mut self, offset: &UtcOffset) {
        for event in &mut self.camera {
            if event.value.clock == EventClock::Received
                && let Some(utc_s) = event.value.utc_s
            {
                let moved = LogTime(utc_s - offset.seconds);
                // Further off, it is another clock than the one the offset is for.
                if (moved - event.at).abs() < STRAY_S {
                    event.at = moved;
                    event.value.clock = EventClock::Utc;
                }
            }
        }
    }
}

fn times<T>(samples: &[Timed<T>]) -> impl Iterator<Item = f64> {
    samples.iter().map(|sample| sample.at.0)
}

fn keep<T>(
    samples: &mut Vec<Timed<T>>,
    middle: &std::ops::RangeInclusive<f64>,
    what: &'static str,
    warnings: &mut Warnings,
) {
    samples.retain(|sample| {
        let stays = middle.contains(&sample.at.0);
        if !stays {
            let at = Some(sample.at).filter(|at| at.0.is_finite());
            warnings.note(Oddity::StrayStamp(what), at);
        }
        stays
    });
}

fn ordered<T>(samples: Vec<Timed<T>>, what: &'static str, warnings: &mut Warnings) -> Series<T> {
    let mut late = samples.windows(2).filter(|pair| pair[1].at < pair[0].at).peekable();
    let first_at = late.peek().map(|pair| pair[1].at);
    warnings.note_many(Oddity::OutOfOrder(what), late.count() as u64, first_at);
    samples.into()
}

fn sound_attitude(attitude: Attitude) -> Option<Attitude> {
    let Attitude { yaw_rad, pitch_rad, roll_rad } = attitude;
    // Two turns either way is what any of the formats writes; beyond, the bytes are wrong.
    let sound = [yaw_rad, pitch_rad, roll_rad].iter().all(|rad| rad.abs() <= 13.0);
    sound.then(|| Attitude { yaw_rad: wrapped(yaw_rad), ..attitude })
}

/// The places of the receiver with the most solutions, the lower number first where equal.
fn best_receiver_places(fixes: &[Timed<Fix>]) -> Vec<Timed<Position>> {
    let mut counts = [0_usize; 256];
    for fix in fixes.iter().filter(|fix| fix.value.place.is_some()) {
        counts[usize::from(fix.value.receiver)] += 1;
    }
    let best = (0..=u8::MAX).rev().max_by_key(|number| counts[usize::from(*number)]);
    fixes
        .iter()
        .filter(|fix| Some(fix.value.receiver) == best)
        .filter_map(|fix| Some(Timed { at: fix.at, value: fix.value.place? }))
        .collect()
}
