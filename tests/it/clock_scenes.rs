//! Flights with a known offset between the camera's clock and the log's.

use torenvalk::flight::{
    ClockFit, EventStamp, FrameMotion, FramePlace, FrameStamp, LogMotion, LogPlace,
};

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
pub(crate) struct Draws(pub(crate) u64);

impl Draws {
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    pub(crate) fn whole(&mut self, low: usize, high: usize) -> usize {
        low + (self.uniform() * (high - low + 1) as f64) as usize
    }

    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// How a flight is triggered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Trigger {
    /// By distance, on legs up and down the wind, with turns and now and then a hover.
    Distance,
    /// By a timer, on legs with turns between.
    Timer,
    /// By a timer that never pauses.
    Even(f64),
    /// By a person, hovering from thing to thing.
    Hand,
}

/// What goes wrong between the trigger and the card.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Faults {
    /// Share of events without a frame.
    pub(crate) dropped: f64,
    /// Share of frames without an event.
    pub(crate) extra: f64,
    /// Share of events that the log lost.
    pub(crate) lost: f64,
    pub(crate) jitter_s: f64,
    pub(crate) drift: f64,
    pub(crate) step_s: f64,
}

pub(crate) const USUAL: Faults =
    Faults { dropped: 0.1, extra: 0.02, lost: 0.0, jitter_s: 0.05, drift: 20e-6, step_s: 1.0 };

/// The two clocks: `log = camera + offset + drift · (camera − middle)`, for a camera that cuts off.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clocks {
    pub(crate) offset_s: f64,
    pub(crate) drift: f64,
    pub(crate) middle_s: f64,
    pub(crate) step_s: f64,
    pub(crate) jitter_s: f64,
}

impl Clocks {
    pub(crate) fn draw(draws: &mut Draws, faults: &Faults) -> Self {
        Self {
            offset_s: draws.between(-7200.0, 7200.0),
            drift: draws.between(-faults.drift, faults.drift),
            middle_s: 1.7e9,
            step_s: faults.step_s,
            jitter_s: faults.jitter_s,
        }
    }

    pub(crate) fn camera_s(&self, log_s: f64) -> f64 {
        let from_middle_s = (log_s - self.offset_s - self.middle_s) / (1.0 + self.drift);
        self.middle_s + from_middle_s
    }

    pub(crate) fn log_s(&self, camera_s: f64) -> f64 {
        camera_s + self.offset_s + self.drift * (camera_s - self.middle_s)
    }

    pub(crate) fn stamp(&self, log_s: f64, draws: &mut Draws) -> FrameStamp {
        let camera_s = self.camera_s(log_s + self.jitter_s * draws.normal());
        let steps = (camera_s / self.step_s).floor();
        FrameStamp { camera_s: steps * self.step_s, number: None }
    }
}

pub(crate) struct Scene {
    pub(crate) frames: Vec<FrameStamp>,
    pub(crate) events: Vec<EventStamp>,
    pub(crate) clocks: Clocks,
    /// The event of each frame.
    pub(crate) truth: Vec<Option<usize>>,
}

/// Log times of at least eighty triggers, a survey of three minutes, from 1.7e9 on.
pub(crate) fn triggers(trigger: Trigger, draws: &mut Draws) -> Vec<f64> {
    loop {
        let times = any_triggers(trigger, draws);
        if times.len() >= 80 {
            return times;
        }
    }
}

fn any_triggers(trigger: Trigger, draws: &mut Draws) -> Vec<f64> {
    let mut at_s = 1.7e9 + draws.between(0.0, 1000.0);
    let mut times = Vec::new();
    let (legs, leg_m) = (draws.whole(4, 12), draws.between(80.0, 400.0));
    let (speed_m_s, wind) = (draws.between(4.0, 8.0), draws.between(0.05, 0.25));
    let spacing_m = speed_m_s * draws.between(1.5, 4.0);
    let interval_s = (draws.between(1.5, 4.0) * 2.0).round() / 2.0;
    match trigger {
        Trigger::Distance => {
            for leg in 0..legs {
                let along = if leg % 2 == 0 { 1.0 + wind } else { 1.0 - wind };
                let (mut gone_m, mut gust) = (0.0, 0.0);
                while gone_m < leg_m * (1.0 + 0.1 * (leg % 3) as f64) {
                    times.push(at_s);
                    gust = 0.8 * gust + 0.03 * draws.normal();
                    let leg_speed = speed_m_s * along * f64::max(1.0 + gust, 0.3);
                    at_s += spacing_m / leg_speed + 0.02 * draws.normal().abs();
                    gone_m += spacing_m;
                }
                at_s += draws.between(6.0, 15.0);
                if draws.uniform() < 0.15 {
                    at_s += draws.between(10.0, 90.0);
                }
            }
        }
        Trigger::Timer => {
            for _ in 0..legs {
                for _ in 0..draws.whole(8, 30) {
                    times.push(at_s);
                    at_s += interval_s;
                }
                at_s += draws.between(6.0, 40.0);
            }
        }
        Trigger::Even(interval_s) => {
            for _ in 0..draws.whole(40, 400) {
                times.push(at_s);
                at_s += interval_s;
            }
        }
        Trigger::Hand => {
            for _ in 0..draws.whole(30, 150) {
                times.push(at_s);
                at_s += 2.0 - 8.0 * (1.0 - draws.uniform()).ln();
            }
        }
    }
    times
}

/// Frames of these triggers on a card, and the events that the log kept.
pub(crate) fn scene(times: &[f64], clocks: Clocks, faults: &Faults, draws: &mut Draws) -> Scene {
    let (mut frames, mut events, mut truth) = (Vec::new(), Vec::new(), Vec::new());
    for &log_s in times {
        let kept = draws.uniform() >= faults.lost;
        if draws.uniform() >= faults.dropped {
            frames.push(clocks.stamp(log_s, draws));
            truth.push(kept.then_some(events.len()));
        }
        if kept {
            events.push(EventStamp { log_s, number: None });
        }
        if draws.uniform() < faults.extra {
            frames.push(clocks.stamp(log_s + draws.between(-30.0, 30.0), draws));
            truth.push(None);
        }
    }
    Scene { frames, events, clocks, truth }
}

pub(crate) fn usual(trigger: Trigger, faults: &Faults, seed: u64) -> Scene {
    let mut draws = Draws(seed.wrapping_mul(0xA076_1D64_78BD_642F));
    let times = triggers(trigger, &mut draws);
    let clocks = Clocks::draw(&mut draws, faults);
    scene(&times, clocks, faults, &mut draws)
}

impl Scene {
    /// The largest error of log times over the flight, seconds.
    pub(crate) fn error_s(&self, fit: &ClockFit) -> f64 {
        let stamps = || {
            let own = self.frames.iter().zip(&self.truth).filter(|(_, event)| event.is_some());
            own.map(|(frame, _)| frame.camera_s)
        };
        let ends = [stamps().fold(f64::INFINITY, f64::min), stamps().fold(0.0, f64::max)];
        ends.into_iter()
            .map(|camera_s| {
                let middle_s = camera_s + fit.step_s / 2.0;
                (fit.log_s(camera_s) - self.clocks.log_s(middle_s)).abs()
            })
            .fold(0.0, f64::max)
    }

    /// The error of the offset where the fit has its reference, seconds.
    pub(crate) fn offset_error_s(&self, fit: &ClockFit) -> f64 {
        let at_s = fit.reference_camera_s;
        at_s + fit.offset_s - self.clocks.log_s(at_s)
    }

    /// Pairs that are not the true ones.
    pub(crate) fn wrong_pairs(&self, fit: &ClockFit) -> usize {
        fit.pairs.iter().filter(|pair| self.truth[pair.frame] != Some(pair.event)).count()
    }
}

/// A lawn-mower flight at 5 Hz: time, east and north, speed, heading, yaw rate. The vehicle slows
/// down for each turn, and now and then waits.
pub(crate) struct Path {
    pub(crate) samples: Vec<(f64, [f64; 2], f64, f64, f64)>,
}

impl Path {
    pub(crate) fn fly(draws: &mut Draws) -> Self {
        let (legs, leg_m) = (draws.whole(4, 10), draws.between(100.0, 300.0));
        let (cruise_m_s, wind) = (draws.between(4.0, 8.0), draws.between(0.05, 0.2));
        let mut samples = Vec::new();
        let (mut at_s, mut place, mut speed, mut heading) = (1.7e9, [0.0, 0.0], 0.0, 0.0_f64);
        let mut step = |wanted_m_s: f64, yaw_rate: f64| {
            speed += (wanted_m_s - speed).clamp(-0.4, 0.4);
            heading += yaw_rate * 0.2;
            place[0] += speed * 0.2 * heading.sin();
            place[1] += speed * 0.2 * heading.cos();
            at_s += 0.2;
            samples.push((at_s, place, speed, heading, yaw_rate));
        };
        for leg in 0..legs {
            let along = if leg % 2 == 0 { 1.0 + wind } else { 1.0 - wind };
            let mut gust = 0.0;
            let length_m = leg_m * (1.0 + 0.1 * (leg % 3) as f64);
            let mut gone_m = 0.0;
            while gone_m < length_m {
                gust = 0.98 * gust + 0.01 * draws.normal();
                let wanted = cruise_m_s * along * (1.0 + gust);
                step(wanted, 0.01 * draws.normal());
                gone_m += wanted * 0.2;
            }
            let (side, turn_s) = (if leg % 2 == 0 { 1.0 } else { -1.0 }, draws.between(4.0, 9.0));
            for _ in 0..(turn_s / 0.2) as usize {
                step(2.0, side * std::f64::consts::PI / turn_s);
            }
            if draws.uniform() < 0.2 {
                for _ in 0..draws.whole(20, 200) {
                    step(0.0, 0.0);
                }
            }
        }
        Self { samples }
    }

    /// Line between two samples: place, way and heading.
    fn at(&self, log_s: f64) -> ([f64; 2], f64) {
        let next = self.samples.partition_point(|sample| sample.0 < log_s);
        let (a, b) =
            (&self.samples[next.max(1) - 1], &self.samples[next.clamp(1, self.samples.len() - 1)]);
        let share = if b.0 > a.0 { (log_s - a.0) / (b.0 - a.0) } else { 0.0 };
        let between = |a: f64, b: f64| a + share * (b - a);
        ([between(a.1[0], b.1[0]), between(a.1[1], b.1[1])], between(a.3, b.3))
    }

    /// When frames were taken: each two seconds or so.
    pub(crate) fn shots(&self, draws: &mut Draws) -> Vec<f64> {
        let (mut at_s, last_s) = (self.samples[5].0, self.samples[self.samples.len() - 5].0);
        let mut shots = Vec::new();
        while at_s < last_s {
            shots.push(at_s);
            at_s += 2.0 + draws.between(-0.2, 0.2);
        }
        shots
    }

    pub(crate) fn track(&self, draws: &mut Draws) -> Vec<LogPlace> {
        let mut error = [0.0; 2];
        self.samples
            .iter()
            .map(|sample| {
                error = error.map(|error| 0.98 * error + 0.1 * draws.normal());
                let east_north_m = [sample.1[0] + error[0], sample.1[1] + error[1]];
                LogPlace { log_s: sample.0, east_north_m }
            })
            .collect()
    }

    pub(crate) fn places(
        &self,
        shots: &[f64],
        clocks: &Clocks,
        draws: &mut Draws,
    ) -> Vec<FramePlace> {
        let bias = [2.0 * draws.normal(), 2.0 * draws.normal()];
        let mut error = [0.0; 2];
        shots
            .iter()
            .map(|&log_s| {
                error = error.map(|error| 0.8 * error + 0.5 * draws.normal());
                let (place, _) = self.at(log_s);
                let east_north_m = [0, 1].map(|i| place[i] + bias[i] + error[i]);
                let camera_s = clocks.stamp(log_s, draws).camera_s;
                FramePlace { camera_s, east_north_m, sigma_m: 1.0 }
            })
            .collect()
    }

    pub(crate) fn log_motion(&self, draws: &mut Draws) -> Vec<LogMotion> {
        self.samples
            .iter()
            .map(|sample| LogMotion {
                // The rates of a sample led to it.
                log_s: sample.0 - 0.1,
                speed_m_s: sample.2 + 0.1 * draws.normal(),
                yaw_rate_rad_s: sample.4 + 0.01 * draws.normal(),
            })
            .collect()
    }

    /// Shift in pixels of 0.07 m, with one in twenty pairs wrong.
    pub(crate) fn motion(
        &self,
        shots: &[f64],
        clocks: &Clocks,
        draws: &mut Draws,
    ) -> Vec<FrameMotion> {
        let stamps: Vec<f64> =
            shots.iter().map(|&log_s| clocks.stamp(log_s, draws).camera_s).collect();
        let pairs = shots.windows(2).zip(stamps.windows(2));
        pairs
            .map(|(shots, stamps)| {
                let ((a, from), (b, to)) = (self.at(shots[0]), self.at(shots[1]));
                let way_px = (a[0] - b[0]).hypot(a[1] - b[1]) / 0.07;
                let wrong = if draws.uniform() < 0.05 { draws.between(-1.0, 1.0) } else { 0.0 };
                FrameMotion {
                    from_to_s: [stamps[0], stamps[1]],
                    shift: Some([way_px * (1.0 + wrong) + 3.0 * draws.normal(), 3.0]),
                    turn_rad: Some([to - from + wrong + 0.01 * draws.normal(), 0.01]),
                }
            })
            .collect()
    }

    /// A scene of these shots, to hold a fit against.
    pub(crate) fn scene(shots: &[f64], clocks: Clocks) -> Scene {
        let frames = shots.iter().map(|&log_s| clocks.camera_s(log_s));
        let frames = frames.map(|camera_s| FrameStamp { camera_s, number: None }).collect();
        Scene { frames, events: Vec::new(), clocks, truth: vec![Some(0); shots.len()] }
    }
}

/// How flights of one kind came out.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tally {
    pub(crate) flights: usize,
    pub(crate) right: usize,
    pub(crate) cannot_tell: usize,
    pub(crate) wrong: usize,
    pub(crate) worst_s: f64,
    /// Sum of squares of error over sigma, of the certain ones.
    pub(crate) squares: f64,
    pub(crate) beyond_3_sigma: usize,
    pub(crate) pairs: usize,
    pub(crate) wrong_pairs: usize,
    pub(crate) frames: usize,
    pub(crate) reasons: std::collections::BTreeMap<String, usize>,
}

impl Tally {
    pub(crate) fn add(&mut self, scene: &Scene, fit: &ClockFit) {
        self.add_within(scene, fit, 0.1);
    }

    /// Right is a log time within `most_s`.
    pub(crate) fn add_within(&mut self, scene: &Scene, fit: &ClockFit, most_s: f64) {
        self.flights += 1;
        if !fit.is_certain() {
            self.cannot_tell += 1;
            let reason = format!("{:?}", fit.verdict);
            let word = reason.split(&['{', ' '][..]).filter(|w| !w.is_empty()).nth(2);
            *self.reasons.entry(word.unwrap_or("?").to_owned()).or_default() += 1;
            return;
        }
        let error_s = scene.error_s(fit);
        self.worst_s = self.worst_s.max(error_s);
        if error_s < most_s {
            self.right += 1;
        } else {
            self.wrong += 1;
        }
        let deviations = scene.offset_error_s(fit) / fit.sigma_s;
        self.squares += deviations * deviations;
        self.beyond_3_sigma += usize::from(deviations.abs() > 3.0);
        self.pairs += fit.pairs.len();
        self.frames += scene.truth.iter().flatten().count();
        self.wrong_pairs += scene.wrong_pairs(fit);
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let certain = (self.right + self.wrong).max(1) as f64;
        write!(
            f,
            "{} flights: {} right, {} cannot tell {:?}, {} wrong, worst {:.3} s, \
             error/sigma rms {:.2}, {} beyond 3 sigma, {} pairs of {}, {} false",
            self.flights,
            self.right,
            self.cannot_tell,
            self.reasons,
            self.wrong,
            self.worst_s,
            (self.squares / certain).sqrt(),
            self.beyond_3_sigma,
            self.pairs,
            self.frames,
            self.wrong_pairs
        )
    }
}
