//! The camera's clock by the frames' own positions on the log's track.

use std::ops::Range;

use super::events::{MATCHED_SHARE, PARTS};
use super::fft::correlate;
use super::judge::stretches;
use super::series::{grid_step, sorted, step_of};
use super::signal::{at, maxima, pick, wanders};
use super::{Alternative, ClockFit, ClockParams, Method, Reason, Verdict};

/// A frame's own position, in the metres of any plane that the track shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FramePlace {
    /// Seconds on the camera's clock.
    pub camera_s: f64,
    /// East and north, metres.
    pub east_north_m: [f64; 2],
    /// Standard deviation in each, metres.
    pub sigma_m: f64,
}

/// A place of the log's track.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogPlace {
    /// Seconds on the log's clock.
    pub log_s: f64,
    /// East and north, metres.
    pub east_north_m: [f64; 2],
}

/// Frames fewer than this are never certain.
const FEWEST: usize = 8;
/// Frames that are looked at closely.
const LOOKED_AT: usize = 1500;
/// Grid of the coarse search, seconds.
const GRID_S: f64 = 0.5;
/// The track is taken as straight between samples this far apart, seconds, and no farther.
const GAP_S: f64 = 3.0;
/// Standard deviation of a constant between the two receivers, metres: different antennas and
/// filters; a few metres without corrections.
const BIAS_M: f64 = 2.0;
/// GPS errors stay alike this long, seconds; frames closer in time tell less each.
const ALIKE_S: f64 = 10.0;
/// Weight of "on the track" over "anywhere in the area".
const ON_TRACK: f64 = 20.0;

/// The offset at which the frames' places lie on the track best.
///
/// The places may differ by a constant of a few metres, which is fitted. Drift is not modelled: a
/// drift of 20 ppm is 0.02 s at the ends of a flight of half an hour. Places and track may come in
/// any order. A vehicle that hovers, or flies one straight line at an even speed, tells no time;
/// `residual` is in metres.
#[must_use]
pub fn fit_clock_by_positions(
    places: &[FramePlace],
    track: &[LogPlace],
    params: &ClockParams,
) -> ClockFit {
    let nothing = Reason::Nothing { frames: places.len(), log: track.len() };
    let none = |reason| ClockFit::none(Method::Positions, reason, places.len(), 0);
    let Some(walk) = Walk::new(places, track, params) else { return none(nothing) };
    if walk.frames.len() < FEWEST {
        return none(Reason::TooFew { matched: walk.frames.len() });
    }
    let candidates = walk.coarse(params);
    let apart_s = walk.apart_s();
    let Some(picked) = pick(&candidates, 2.0 * GRID_S, apart_s, |shift| walk.score(shift).0) else {
        return none(Reason::Still);
    };
    let (_, bias) = walk.score(picked.shift_s);
    let (inside, near, rms_m) = walk.agreement(picked.shift_s, bias);
    // Neighbours in time share their error.
    let alike = (ALIKE_S / walk.interval_s).clamp(1.0, 100.0).sqrt();
    let sigma_s = picked.sigma_s * alike;
    let reason = if near < FEWEST {
        Some(Reason::TooFew { matched: near })
    } else if walk.is_still() {
        Some(Reason::Still)
    } else {
        picked.several().or_else(|| {
            let few = (near as f64) < MATCHED_SHARE * inside as f64;
            let unmatched = Reason::Unmatched { unmatched: inside - near, frames: inside };
            let coarse = sigma_s > params.max_sigma_motion_s;
            let own = |part, shift| walk.score_of(&walk.residuals(shift, part..part + 1)).0;
            few.then_some(unmatched)
                .or_else(|| wanders(&picked, alike, apart_s, own))
                .or(coarse.then_some(Reason::Coarse { sigma_s }))
        })
    };
    let alternatives = picked
        .others
        .iter()
        .take(8)
        .map(|other| Alternative { offset_s: other.offset_s + walk.zeros_s, ..*other });
    let verdict = reason.map_or(Verdict::Certain, |reason| Verdict::CannotTell {
        reason,
        alternatives: alternatives.collect(),
    });
    ClockFit {
        offset_s: picked.shift_s + walk.zeros_s,
        reference_camera_s: walk.middle_camera_s,
        step_s: walk.step_s,
        sigma_s,
        residual: rms_m,
        verdict,
        ..none(nothing)
    }
}

/// One frame: middle of its step from the camera's zero, place, variance.
#[derive(Debug, Clone, Copy)]
struct Seen {
    time_s: f64,
    place_m: [f64; 2],
    variance: f64,
}

/// Frames and track, sorted and near zero.
struct Walk {
    frames: Vec<Seen>,
    track_s: Vec<f64>,
    track_m: Vec<[f64; 2]>,
    step_s: f64,
    interval_s: f64,
    zeros_s: f64,
    middle_camera_s: f64,
    /// Area in which the vehicle flew, square metres.
    area_m2: f64,
}

impl Walk {
    fn new(places: &[FramePlace], track: &[LogPlace], params: &ClockParams) -> Option<Self> {
        let is_place = |place: &[f64; 2]| place.iter().all(|metres| metres.abs() < 1e8);
        let stamped = sorted(places.iter().map(|place| {
            let sound = is_place(&place.east_north_m) && place.sigma_m.is_finite();
            if sound { place.camera_s } else { f64::NAN }
        }));
        let mut walked =
            sorted(
                track.iter().map(|place| {
                    if is_place(&place.east_north_m) { place.log_s } else { f64::NAN }
                }),
            );
        walked.dedup_by(|next, kept| next.0 <= kept.0);
        let (camera_zero_s, log_zero_s) = (stamped.first()?.0, walked.first()?.0);
        let stamps: Vec<f64> = stamped.iter().map(|stamp| stamp.0).collect();
        let step_s = params.step_s.unwrap_or_else(|| step_of(&stamps)).clamp(1e-3, 3600.0);
        let origin = track.get(walked.first()?.1)?.east_north_m;
        let local = |place: [f64; 2]| [place[0] - origin[0], place[1] - origin[1]];
        let frames: Vec<Seen> = stamped
            .iter()
            .filter_map(|&(time, from)| {
                let place = places.get(from)?;
                Some(Seen {
                    time_s: time - camera_zero_s + step_s / 2.0,
                    place_m: local(place.east_north_m),
                    variance: place.sigma_m.clamp(0.01, 1e4).powi(2),
                })
            })
            .collect();
        let track_m: Vec<[f64; 2]> =
            walked.iter().map(|&(_, from)| local(track[from].east_north_m)).collect();
        let side = |axis: usize| {
            let places = || track_m.iter().map(|place| place[axis]);
            places().fold(f64::MIN, f64::max) - places().fold(f64::MAX, f64::min)
        };
        let span_s = stamps.last()? - camera_zero_s;
        Some(Self {
            interval_s: (span_s / frames.len() as f64).max(0.01),
            middle_camera_s: camera_zero_s + span_s / 2.0,
            frames,
            track_s: walked.iter().map(|place| place.0 - log_zero_s).collect(),
            area_m2: side(0).max(10.0) * side(1).max(10.0),
            track_m,
            step_s,
            zeros_s: log_zero_s - camera_zero_s,
        })
    }

    fn place(&self, log_s: f64) -> Option<[f64; 2]> {
        at(&self.track_s, &self.track_m, GAP_S, log_s)
    }

    /// The track in the step of a stamp around a log time: place, and its mean square speed over
    /// the step.
    fn passage(&self, log_s: f64) -> Option<([f64; 2], f64)> {
        let half_s = (self.step_s / 2.0).max(0.25);
        let (from, to) = (self.place(log_s - half_s)?, self.place(log_s + half_s)?);
        let way = [to[0] - from[0], to[1] - from[1]];
        Some((self.place(log_s)?, (way[0].powi(2) + way[1].powi(2)) / (4.0 * half_s * half_s)))
    }

    /// What is left between frame and track, and its variance in each direction.
    fn residuals(&self, shift_s: f64, parts: Range<usize>) -> Vec<([f64; 2], f64)> {
        let each = self.frames.len().div_ceil(LOOKED_AT).max(1);
        let [from, to] = [parts.start, parts.end].map(|part| part * self.frames.len() / PARTS);
        let frames = self.frames.get(from..to).unwrap_or_default().iter().step_by(each);
        let left = frames.filter_map(|frame| {
            let (place, speed2) = self.passage(frame.time_s + shift_s)?;
            let left = [frame.place_m[0] - place[0], frame.place_m[1] - place[1]];
            // The step's uniform error along the track, v q / √12, here in both directions.
            Some((left, frame.variance + speed2 * self.step_s.powi(2) / 12.0))
        });
        left.collect()
    }

    /// Logarithm of the likelihood over that of "anywhere in the area", and the constant between
    /// the receivers.
    fn score(&self, shift_s: f64) -> (f64, [f64; 2]) {
        self.score_of(&self.residuals(shift_s, 0..PARTS))
    }

    fn score_of(&self, left: &[([f64; 2], f64)]) -> (f64, [f64; 2]) {
        let mut bias = [0.0; 2];
        for round in 0..4 {
            let (mut sum, mut weights) = ([0.0; 2], BIAS_M.powi(-2));
            for (left, variance) in left {
                let off2 = (left[0] - bias[0]).powi(2) + (left[1] - bias[1]).powi(2);
                // Frames off the track have no say; in the first round the constant is unknown.
                let unsure = if round == 0 { variance + 4.0 * BIAS_M.powi(2) } else { *variance };
                let weight = (-0.25 * off2 / unsure).exp() / variance;
                weights += weight;
                for axis in 0..2 {
                    sum[axis] += weight * left[axis];
                }
            }
            bias = sum.map(|sum| sum / weights);
        }
        let mut score = -0.5 * (bias[0].powi(2) + bias[1].powi(2)) / BIAS_M.powi(2);
        for (left, variance) in left {
            let off2 = (left[0] - bias[0]).powi(2) + (left[1] - bias[1]).powi(2);
            let gain = ON_TRACK * self.area_m2 / (std::f64::consts::TAU * variance);
            score += (gain * (-0.5 * off2 / variance).exp()).ln_1p();
        }
        (score, bias)
    }

    /// Frames within the track's time, those within three standard deviations of it, and the root
    /// mean square of what is left of these, metres. Counts are of all frames.
    fn agreement(&self, shift_s: f64, bias: [f64; 2]) -> (usize, usize, f64) {
        let (mut inside, mut near, mut squares) = (0, 0, 0.0);
        for (left, variance) in self.residuals(shift_s, 0..PARTS) {
            let off2 = (left[0] - bias[0]).powi(2) + (left[1] - bias[1]).powi(2);
            inside += 1;
            if off2 < 9.0 * 2.0 * variance {
                near += 1;
                squares += off2;
            }
        }
        let rms_m = (squares / f64::from(u32::try_from(near.max(1)).unwrap_or(u32::MAX))).sqrt();
        (inside, near, rms_m)
    }

    /// The frames were taken in one place, as far as their error tells.
    fn is_still(&self) -> bool {
        let frames = self.frames.len() as f64;
        let mean =
            |value: &dyn Fn(&Seen) -> f64| self.frames.iter().map(value).sum::<f64>() / frames;
        let middle = [0, 1].map(|axis| mean(&|frame| frame.place_m[axis]));
        let spread2 = mean(&|frame| {
            (frame.place_m[0] - middle[0]).powi(2) + (frame.place_m[1] - middle[1]).powi(2)
        });
        spread2.sqrt() < BIAS_M + 3.0 * mean(&|frame| frame.variance).sqrt()
    }

    /// Nearer offsets are one: as long as the vehicle takes over the error of a place.
    fn apart_s(&self) -> f64 {
        self.step_s + 3.0
    }

    /// Offsets at which the places vary with the track's, best first.
    fn coarse(&self, params: &ClockParams) -> Vec<f64> {
        let times: Vec<f64> = self.frames.iter().map(|frame| frame.time_s).collect();
        let track_span_s = self.track_s.last().copied().unwrap_or(0.0);
        let mut found = Vec::new();
        for stretch in stretches(&times, track_span_s).into_iter().take(4) {
            let frames = self.frames.get(stretch).unwrap_or_default();
            self.coarse_in(frames, track_span_s, params, &mut found);
        }
        found
    }

    fn coarse_in(&self, frames: &[Seen], span_s: f64, params: &ClockParams, found: &mut Vec<f64>) {
        let (Some(first), Some(last)) = (frames.first(), frames.last()) else { return };
        let frame_span_s = last.time_s - first.time_s;
        let cell_s = grid_step(GRID_S, frame_span_s + span_s);
        let grid: Vec<Option<[f64; 2]>> =
            (0..=(span_s / cell_s) as usize).map(|cell| self.place(cell as f64 * cell_s)).collect();
        let cells = (frame_span_s / cell_s) as usize + 1;
        let comb = |value: &dyn Fn(&Seen) -> f64| {
            let mut comb = vec![0.0; cells];
            for frame in frames {
                let cell = ((frame.time_s - first.time_s) / cell_s) as usize;
                if let Some(cell) = comb.get_mut(cell) {
                    *cell += value(frame);
                }
            }
            comb
        };
        let line = |value: &dyn Fn([f64; 2]) -> f64| -> Vec<f64> {
            grid.iter().map(|place| place.map_or(0.0, value)).collect()
        };
        let one = line(&|_| 1.0);
        let count = correlate(&comb(&|_| 1.0), &one);
        let mut apart2 = vec![0.0; count.len()];
        for axis in 0..2 {
            let seen = comb(&|frame| frame.place_m[axis]);
            let flown = line(&|place| place[axis]);
            let seen2 = correlate(&comb(&|frame| frame.place_m[axis].powi(2)), &one);
            let flown2 = correlate(&comb(&|_| 1.0), &line(&|place| place[axis].powi(2)));
            let both = correlate(&seen, &flown);
            for (apart2, ((seen2, flown2), both)) in
                apart2.iter_mut().zip(seen2.iter().zip(&flown2).zip(&both))
            {
                *apart2 += seen2 + flown2 - 2.0 * both;
            }
        }
        // Frames on the track, as far as their mean square distance tells.
        let spread = self.area_m2 / 12.0;
        let scores: Vec<f64> =
            count.iter().zip(&apart2).map(|(count, apart2)| count - apart2 / spread).collect();
        let least = 0.02 * frames.len() as f64;
        let [low, high] = params.search_s.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]);
        for top in maxima(&scores, least, (2.0 / cell_s) as usize, 12) {
            let lag = top as f64 - (cells as f64 - 1.0);
            let shift_s = lag * cell_s - first.time_s;
            if shift_s + self.zeros_s >= low && shift_s + self.zeros_s <= high {
                found.push(shift_s);
            }
        }
    }
}
