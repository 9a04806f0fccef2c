//! The camera's clock by the frames' motion against the log's ground speed and yaw rate.

use std::ops::Range;

use super::events::{CLEARLY, MATCHED_SHARE, PARTS};
use super::fft::correlate;
use super::judge::stretches;
use super::series::{grid_step, sorted, step_of};
use super::signal::{at, maxima, pick, wanders};
use super::{Alternative, ClockFit, ClockParams, Method, Reason, Verdict};

/// What changed from one frame to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameMotion {
    /// Stamps of the two frames, seconds on the camera's clock.
    pub from_to_s: [f64; 2],
    /// How far the ground moved, and its standard deviation: metres, or pixels. All in one unit; a
    /// common factor, for the height or the focal length, is fitted.
    pub shift: Option<[f64; 2]>,
    /// How far the picture turned, as the vehicle's heading turns, and its standard deviation,
    /// radians.
    pub turn_rad: Option<[f64; 2]>,
}

/// The log's motion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogMotion {
    /// Seconds on the log's clock.
    pub log_s: f64,
    /// Over the ground, metres per second.
    pub speed_m_s: f64,
    /// Radians per second, clockwise from above.
    pub yaw_rate_rad_s: f64,
}

/// Pairs of frames fewer than this are never certain.
const FEWEST: usize = 12;
const LOOKED_AT: usize = 1500;
const GRID_S: f64 = 0.5;
const GAP_S: f64 = 3.0;
/// Offsets nearer than this are one: a vehicle takes a few seconds to turn or to stop.
const APART_S: f64 = 4.0;
/// Weight of "as the log says" over "anything that occurs in the log".
const AS_LOGGED: f64 = 20.0;
/// Share of the frames' motion that the log must explain.
const EXPLAINED: f64 = 0.6;
/// Errors of neighbouring pairs are alike: how much wider it makes an offset.
const ALIKE: f64 = 3.0;
/// What the log itself is wrong by, over a pair of frames: a share of the way, and radians.
const LOG_SHARE: f64 = 0.05;
const LOG_TURN_RAD: f64 = 0.02;

/// The offset at which shift and turn from frame to frame are those that the log has.
///
/// Motion at an even speed tells nothing; turns and stops do. `residual` is the share of the
/// frames' motion that the log does not explain, 0 to 1. Drift is not modelled. Pairs and samples
/// may come in any order; pairs whose second frame is not later are left out.
#[must_use]
pub fn fit_clock_by_motion(
    pairs: &[FrameMotion],
    log: &[LogMotion],
    params: &ClockParams,
) -> ClockFit {
    let none = |reason| ClockFit::none(Method::Motion, reason, pairs.len(), 0);
    let nothing = Reason::Nothing { frames: pairs.len(), log: log.len() };
    let Some(flow) = Flow::new(pairs, log, params) else { return none(nothing) };
    if flow.pairs.len() < FEWEST {
        return none(Reason::TooFew { matched: flow.pairs.len() });
    }
    let candidates = flow.coarse(params);
    let apart_s = APART_S + flow.step_s;
    let Some(picked) = pick(&candidates, 2.0 * GRID_S, apart_s, |shift| flow.score(shift)) else {
        return none(Reason::Still);
    };
    let agreement = flow.agreement(picked.shift_s);
    // Neighbours share a frame, and with it the error of its stamp.
    let sigma_s = ALIKE * picked.sigma_s;
    let reason = if agreement.near < FEWEST {
        Some(Reason::TooFew { matched: agreement.near })
    } else if flow.lead_over_still(picked.shift_s) < CLEARLY {
        Some(Reason::Still)
    } else {
        picked.several().or_else(|| {
            let (near, inside) = (agreement.near, agreement.inside);
            let few = (near as f64) < MATCHED_SHARE * inside as f64;
            let unmatched = Reason::Unmatched { unmatched: inside - near, frames: inside };
            let by_chance = agreement.explained < EXPLAINED;
            let coarse = sigma_s > params.max_sigma_motion_s;
            let own = |part, shift| flow.score_of(&flow.predicted(shift, part..part + 1));
            (few.then_some(unmatched))
                .or_else(|| wanders(&picked, ALIKE, apart_s, own))
                .or(by_chance.then_some(Reason::Chance))
                .or(coarse.then_some(Reason::Coarse { sigma_s }))
        })
    };
    let alternatives = picked
        .others
        .iter()
        .take(8)
        .map(|other| Alternative { offset_s: other.offset_s + flow.zeros_s, ..*other });
    let verdict = reason.map_or(Verdict::Certain, |reason| Verdict::CannotTell {
        reason,
        alternatives: alternatives.collect(),
    });
    ClockFit {
        offset_s: picked.shift_s + flow.zeros_s,
        reference_camera_s: flow.middle_camera_s,
        step_s: flow.step_s,
        sigma_s,
        residual: (1.0 - agreement.explained).clamp(0.0, 1.0),
        verdict,
        ..none(nothing)
    }
}

/// Two frames: middles of their steps, and shift and turn with their variances.
#[derive(Debug, Clone, Copy)]
struct Moved {
    from_to_s: [f64; 2],
    seen: [Option<(f64, f64)>; 2],
}

struct Agreement {
    inside: usize,
    near: usize,
    explained: f64,
}

/// Pairs and log, sorted and near zero. Of each two numbers the first is of the way, the second of
/// the turn.
struct Flow {
    pairs: Vec<Moved>,
    log_s: Vec<f64>,
    /// Way and turn from the beginning of the log.
    sums: Vec<[f64; 2]>,
    /// Standard deviation of the log's rates.
    spread: [f64; 2],
    interval_s: f64,
    step_s: f64,
    zeros_s: f64,
    middle_camera_s: f64,
}

impl Flow {
    fn new(pairs: &[FrameMotion], log: &[LogMotion], params: &ClockParams) -> Option<Self> {
        let ordered = sorted(pairs.iter().map(|pair| {
            let [from, to] = pair.from_to_s;
            if to > from && to < from + 3600.0 { from } else { f64::NAN }
        }));
        let mut sampled = sorted(log.iter().map(|sample| {
            let sound = sample.speed_m_s.abs() < 1e4 && sample.yaw_rate_rad_s.abs() < 1e3;
            if sound { sample.log_s } else { f64::NAN }
        }));
        sampled.dedup_by(|next, kept| next.0 <= kept.0);
        let (camera_zero_s, log_zero_s) = (ordered.first()?.0, sampled.first()?.0);
        let stamps: Vec<f64> = ordered.iter().flat_map(|&(_, at)| pairs[at].from_to_s).collect();
        let step_s = params.step_s.unwrap_or_else(|| step_of(&stamps)).clamp(1e-3, 3600.0);
        let sound = |value: Option<[f64; 2]>| {
            let [value, sigma] = value?;
            (value.is_finite() && sigma.is_finite()).then_some((value, sigma.max(1e-9).powi(2)))
        };
        let moved: Vec<Moved> = ordered
            .iter()
            .map(|&(_, at)| Moved {
                from_to_s: pairs[at].from_to_s.map(|time| time - camera_zero_s + step_s / 2.0),
                seen: [sound(pairs[at].shift), sound(pairs[at].turn_rad)],
            })
            .collect();
        let log_s: Vec<f64> = sampled.iter().map(|sample| sample.0 - log_zero_s).collect();
        let rates: Vec<[f64; 2]> =
            sampled.iter().map(|&(_, at)| [log[at].speed_m_s, log[at].yaw_rate_rad_s]).collect();
        let lengths: Vec<f64> =
            moved.iter().map(|pair| pair.from_to_s[1] - pair.from_to_s[0]).collect();
        let last_s = moved.last()?.from_to_s[1];
        Some(Self {
            interval_s: lengths.iter().sum::<f64>() / lengths.len() as f64,
            sums: sums(&log_s, &rates),
            spread: spread(&rates),
            middle_camera_s: camera_zero_s + last_s / 2.0,
            pairs: moved,
            log_s,
            step_s,
            zeros_s: log_zero_s - camera_zero_s,
        })
    }

    /// Way and turn from the log's beginning, averaged over the step of a stamp around the time.
    fn sum(&self, log_s: f64) -> Option<[f64; 2]> {
        let at = |time_s| at(&self.log_s, &self.sums, GAP_S, time_s);
        let third = self.step_s / 3.0;
        let parts = [at(log_s - third)?, at(log_s)?, at(log_s + third)?];
        Some([0, 1].map(|axis| parts.iter().map(|part| part[axis]).sum::<f64>() / 3.0))
    }

    /// Each pair's prediction, for those within the log.
    fn predicted(&self, shift_s: f64, parts: Range<usize>) -> Vec<(&Moved, [f64; 2])> {
        let each = self.pairs.len().div_ceil(LOOKED_AT).max(1);
        let [from, to] = [parts.start, parts.end].map(|part| part * self.pairs.len() / PARTS);
        let pairs = self.pairs.get(from..to).unwrap_or_default().iter();
        pairs
            .step_by(each)
            .filter_map(|pair| {
                let (from, to) = (
                    self.sum(pair.from_to_s[0] + shift_s)?,
                    self.sum(pair.from_to_s[1] + shift_s)?,
                );
                Some((pair, [to[0] - from[0], to[1] - from[1]]))
            })
            .collect()
    }

    /// Deviation of what was seen from what is predicted, and its variance; `factor` makes the
    /// log's unit that of the frames.
    fn deviation(
        &self,
        pair: &Moved,
        told: [f64; 2],
        axis: usize,
        factor: f64,
    ) -> Option<(f64, f64)> {
        let (seen, variance) = pair.seen[axis]?;
        let factor = if axis == 0 { factor } else { 1.0 };
        let rate = told[axis] / (pair.from_to_s[1] - pair.from_to_s[0]);
        // Both stamps are uniform within their steps.
        let steps = 2.0 * (rate * self.step_s).powi(2) / 12.0;
        let log = [(LOG_SHARE * told[0]).powi(2), LOG_TURN_RAD.powi(2)][axis];
        Some((seen - factor * told[axis], variance + factor * factor * (steps + log)))
    }

    /// The frames' unit over the log's: the median of the ratios, which outliers do not move.
    fn factor(&self, predicted: &[(&Moved, [f64; 2])]) -> f64 {
        let slow = 0.5 * self.spread[0] * self.interval_s;
        let mut ratios: Vec<f64> = predicted
            .iter()
            .filter(|(_, told)| told[0] > slow.max(1e-6))
            .filter_map(|(pair, told)| Some(pair.seen[0]?.0 / told[0]))
            .collect();
        let middle = ratios.len() / 2;
        if ratios.is_empty() {
            return 1.0;
        }
        (*ratios.select_nth_unstable_by(middle, f64::total_cmp).1).max(1e-9)
    }

    /// Logarithm of the likelihood over that of "any motion that occurs in the log".
    fn score(&self, shift_s: f64) -> f64 {
        self.score_of(&self.predicted(shift_s, 0..PARTS))
    }

    fn score_of(&self, predicted: &[(&Moved, [f64; 2])]) -> f64 {
        let factor = self.factor(predicted);
        let mut score = 0.0;
        for (pair, told) in predicted {
            for axis in 0..2 {
                let Some((off, variance)) = self.deviation(pair, *told, axis, factor) else {
                    continue;
                };
                let unit = if axis == 0 { factor } else { 1.0 };
                let range = 4.0 * unit * self.spread[axis] * self.interval_s;
                let gain = AS_LOGGED * range / (std::f64::consts::TAU * variance).sqrt();
                score += (gain * (-0.5 * off * off / variance).exp()).ln_1p();
            }
        }
        score
    }

    /// How much better the best is than an even motion would be: nothing where it never changes.
    fn lead_over_still(&self, shift_s: f64) -> f64 {
        let predicted = self.predicted(shift_s, 0..PARTS);
        let pairs = predicted.len().max(1) as f64;
        let mean =
            [0, 1].map(|axis| predicted.iter().map(|(_, told)| told[axis]).sum::<f64>() / pairs);
        let even: Vec<(&Moved, [f64; 2])> =
            predicted.iter().map(|(pair, _)| (*pair, mean)).collect();
        self.score_of(&predicted) - self.score_of(&even)
    }

    fn agreement(&self, shift_s: f64) -> Agreement {
        let predicted = self.predicted(shift_s, 0..PARTS);
        let factor = self.factor(&predicted);
        let (mut near, mut explained) = (0, 0.0_f64);
        for (pair, told) in &predicted {
            let fits = (0..2).all(|axis| {
                self.deviation(pair, *told, axis, factor)
                    .is_none_or(|(off, variance)| off * off < 9.0 * variance)
            });
            near += usize::from(fits);
        }
        for axis in 0..2 {
            let both: Vec<(f64, f64)> = predicted
                .iter()
                .filter_map(|(pair, told)| Some((pair.seen[axis]?.0, told[axis])))
                .collect();
            explained = explained.max(correlation(&both));
        }
        Agreement { inside: predicted.len(), near, explained: explained * explained }
    }

    /// Offsets at which the frames' rates vary as the log's, best first.
    fn coarse(&self, params: &ClockParams) -> Vec<f64> {
        let times: Vec<f64> = self.pairs.iter().map(|pair| pair.from_to_s[0]).collect();
        let log_span_s = self.log_s.last().copied().unwrap_or(0.0);
        let mut found = Vec::new();
        for stretch in stretches(&times, log_span_s).into_iter().take(4) {
            let pairs = self.pairs.get(stretch).unwrap_or_default();
            self.coarse_in(pairs, log_span_s, params, &mut found);
        }
        found
    }

    fn coarse_in(&self, pairs: &[Moved], span_s: f64, params: &ClockParams, found: &mut Vec<f64>) {
        let (Some(first), Some(last)) = (pairs.first(), pairs.last()) else { return };
        let first_s = first.from_to_s[0];
        let pairs_span_s = last.from_to_s[1] - first_s;
        let cell_s = grid_step(GRID_S, pairs_span_s + span_s);
        let half_s = self.interval_s / 2.0;
        // The log's rate over as long as a pair lasts.
        let grid: Vec<Option<[f64; 2]>> = (0..=(span_s / cell_s) as usize)
            .map(|cell| {
                let time_s = cell as f64 * cell_s;
                let (from, to) = (self.sum(time_s - half_s)?, self.sum(time_s + half_s)?);
                Some([0, 1].map(|axis| (to[axis] - from[axis]) / self.interval_s))
            })
            .collect();
        let cells = (pairs_span_s / cell_s) as usize + 1;
        let mut scores: Vec<f64> = Vec::new();
        for axis in 0..2 {
            let mut comb = vec![[0.0; 3]; cells];
            for pair in pairs {
                let Some((seen, _)) = pair.seen[axis] else { continue };
                let [from_s, to_s] = pair.from_to_s;
                let rate = seen / (to_s - from_s);
                let cell = (((from_s + to_s) / 2.0 - first_s) / cell_s) as usize;
                if let Some(cell) = comb.get_mut(cell) {
                    *cell = [cell[0] + 1.0, cell[1] + rate, cell[2] + rate * rate];
                }
            }
            let fits = fits(&comb, &grid, axis);
            if scores.is_empty() {
                scores = fits;
            } else {
                scores.iter_mut().zip(fits).for_each(|(score, fit)| *score += fit);
            }
        }
        let [low, high] = params.search_s.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]);
        for top in maxima(&scores, 1.0, (2.0 / cell_s) as usize, 16) {
            let shift_s = (top as f64 - (cells as f64 - 1.0)) * cell_s - first_s;
            if shift_s + self.zeros_s >= low && shift_s + self.zeros_s <= high {
                found.push(shift_s);
            }
        }
    }
}

/// For each lag −n/2 ln(1 − r²) of the pairs within the log, 0 where they vary oppositely.
fn fits(comb: &[[f64; 3]], grid: &[Option<[f64; 2]>], axis: usize) -> Vec<f64> {
    let of = |moment: usize| -> Vec<f64> { comb.iter().map(|cell| cell[moment]).collect() };
    let line = |power: i32| -> Vec<f64> {
        grid.iter().map(|rates| rates.map_or(0.0, |rates| rates[axis].powi(power))).collect()
    };
    let (one, rate) = (line(0), line(1));
    let (count, seen, seen2) =
        (correlate(&of(0), &one), correlate(&of(1), &one), correlate(&of(2), &one));
    let (told, told2, both) =
        (correlate(&of(0), &rate), correlate(&of(0), &line(2)), correlate(&of(1), &rate));
    (0..count.len())
        .map(|lag| {
            let n = count[lag];
            if n < FEWEST as f64 - 0.5 {
                return 0.0;
            }
            let covariance = both[lag] - seen[lag] * told[lag] / n;
            let seen_variance = seen2[lag] - seen[lag].powi(2) / n;
            let told_variance = told2[lag] - told[lag].powi(2) / n;
            // Sums of a transform are off by some 1e-12 of their size.
            if seen_variance < 1e-9 * seen2[lag] || told_variance < 1e-9 * told2[lag] {
                return 0.0;
            }
            let r = (covariance / (seen_variance * told_variance).sqrt()).clamp(0.0, 0.999);
            -0.5 * n * (1.0 - r * r).ln()
        })
        .collect()
}

fn correlation(both: &[(f64, f64)]) -> f64 {
    let n = both.len().max(1) as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| both.iter().map(of).sum::<f64>() / n;
    let (a, b) = (mean(|one| one.0), mean(|one| one.1));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for one in both {
        let (x, y) = (one.0 - a, one.1 - b);
        (ab, aa, bb) = (ab + x * y, aa + x * x, bb + y * y);
    }
    if aa > 0.0 && bb > 0.0 { (ab / (aa * bb).sqrt()).max(0.0) } else { 0.0 }
}

/// Running integrals by the trapezium rule.
fn sums(log_s: &[f64], rates: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut sum = [0.0; 2];
    let steps = log_s.windows(2).zip(rates.windows(2)).map(|(times, rates)| {
        let half_s = (times[1] - times[0]) / 2.0;
        [0, 1].map(|axis| half_s * (rates[0][axis] + rates[1][axis]))
    });
    let mut all = vec![sum];
    all.extend(steps.map(|step| {
        sum = [sum[0] + step[0], sum[1] + step[1]];
        sum
    }));
    all
}

fn spread(rates: &[[f64; 2]]) -> [f64; 2] {
    let n = rates.len().max(1) as f64;
    [0, 1].map(|axis| {
        let mean = rates.iter().map(|rate| rate[axis]).sum::<f64>() / n;
        let squares: f64 = rates.iter().map(|rate| (rate[axis] - mean).powi(2)).sum();
        (squares / n).sqrt()
    })
}
