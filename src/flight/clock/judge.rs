//! Every offset there is, the best of them, and whether it stands out.

use std::ops::Range;

use super::fft::correlate;
use super::likelihood::{Kernel, Model};
use super::series::grid_step;

/// Peaks that are looked at closely, and of how many the coarse score is asked.
const CLOSE_LOOKS: usize = 12;
/// Stretches of the card that are searched: those with most frames.
const MOST_STRETCHES: usize = 16;
/// A stretch is at least this long, seconds.
const SHORTEST_STRETCH_S: f64 = 600.0;
/// Finest grid of the coarse search, seconds, and cells in a step of the stamps. Its error is
/// mended by the close look.
const GRID_S: f64 = 0.125;
const CELLS_IN_STEP: f64 = 4.0;
/// Frames for a close look, and for the posterior: with a thousand frames of one-second stamps the
/// offset is known to 5 ms, and more would make it slower only.
const LOOKED_AT: usize = 3000;
const WEIGHED: usize = 1000;

/// An offset and how well it does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peak {
    pub(super) shift_s: f64,
    pub(super) drift: f64,
    /// As [`Model::score`], with the drift's own likelihood.
    pub(super) score: f64,
    /// The middle of the frames that lie within the log.
    pub(super) middle_s: f64,
}

/// The best offset, the others, and what chance gives.
#[derive(Debug)]
pub(super) struct Landscape {
    pub(super) best: Peak,
    /// Others, best first, none within [`Search::apart_s`] of the best or of each other.
    pub(super) others: Vec<Peak>,
    /// Score of the best offset on the coarse grid.
    pub(super) coarse: f64,
    /// The highest coarse score of the same frames with events in another order.
    pub(super) by_chance: f64,
}

/// How to look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Search {
    pub(super) step_s: f64,
    pub(super) jitter_s: f64,
    pub(super) drift_sigma: f64,
    /// Lowest and highest shift.
    pub(super) limits_s: [f64; 2],
}

impl Search {
    pub(super) fn kernel(&self) -> Kernel {
        Kernel::new(self.step_s, self.jitter_s)
    }

    fn grid_s(&self) -> f64 {
        GRID_S.max(self.step_s / CELLS_IN_STEP)
    }

    /// Offsets nearer than this to a peak belong to it.
    pub(super) fn apart_s(&self) -> f64 {
        (0.8 * self.step_s).max(8.0 * self.jitter_s)
    }

    /// The landscape of all offsets, or none where no frame ever meets an event.
    pub(super) fn landscape(&self, model: &Model) -> Option<Landscape> {
        let coarse = self.coarse_peaks(model, &model.events_s);
        let mut candidates = coarse.clone();
        candidates.truncate(CLOSE_LOOKS);
        candidates.extend(self.by_number(model).map(|shift| (shift, 0.0)));
        let some = model.thinned(LOOKED_AT);
        let mut peaks: Vec<Peak> =
            candidates.iter().map(|&(shift_s, _)| self.close_look(&some, shift_s)).collect();
        peaks.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.shift_s.total_cmp(&b.shift_s)));
        let mut kept: Vec<Peak> = Vec::new();
        for peak in peaks {
            let is_new =
                kept.iter().all(|other| (other.shift_s - peak.shift_s).abs() > self.apart_s());
            if is_new && peak.score > 0.0 {
                kept.push(peak);
            }
        }
        let best = *kept.first()?;
        let by_chance = other_orders(&model.events_s)
            .iter()
            .filter_map(|events| Some(self.coarse_peaks(model, events).first()?.1))
            .fold(0.0, f64::max);
        // A candidate by number has no coarse score; that of the grid's best is a fair stand-in.
        let coarse = coarse.first().map_or(0.0, |peak| peak.1);
        Some(Landscape { best, others: kept.split_off(1), coarse, by_chance })
    }

    /// Peaks of the score on a grid of offsets, best first.
    fn coarse_peaks(&self, model: &Model, events_s: &[f64]) -> Vec<(f64, f64)> {
        let (Some(&first), Some(&last)) = (events_s.first(), events_s.last()) else {
            return Vec::new();
        };
        let mut peaks = Vec::new();
        for stretch in stretches(&model.frames_s, last - first) {
            let frames = model.frames_s.get(stretch).unwrap_or_default();
            self.peaks_of(frames, events_s, model.gain_s, &mut peaks);
        }
        peaks.sort_by(|a: &(f64, f64), b| b.1.total_cmp(&a.1).then(a.0.total_cmp(&b.0)));
        let mut kept: Vec<(f64, f64)> = Vec::new();
        for peak in peaks {
            if kept.len() == 2 * CLOSE_LOOKS {
                break;
            }
            if kept.iter().all(|other| (other.0 - peak.0).abs() > self.apart_s()) {
                kept.push(peak);
            }
        }
        kept
    }

    /// Appends the local maxima of one stretch of frames.
    fn peaks_of(&self, frames: &[f64], events: &[f64], gain_s: f64, peaks: &mut Vec<(f64, f64)>) {
        let (Some(&frame_0), Some(&frame_n)) = (frames.first(), frames.last()) else { return };
        let (Some(&event_0), Some(&event_n)) = (events.first(), events.last()) else { return };
        let (frame_span_s, event_span_s) = (frame_n - frame_0, event_n - event_0);
        let cell_s = grid_step(self.grid_s(), frame_span_s + event_span_s);
        // Drift and grid blur a window's edges.
        let blur_s = self.jitter_s.hypot(cell_s / 3.0).hypot(self.drift_sigma * frame_span_s / 4.0);
        let kernel = Kernel::new(self.step_s, blur_s);
        let pad = (kernel.reach_s() / cell_s).ceil() + 1.0;
        let mut reward = vec![0.0; (event_span_s / cell_s + 2.0 * pad) as usize + 2];
        for event in events {
            let at = (event - event_0) / cell_s + pad;
            let (from, to) = ((at - pad).max(0.0) as usize, (at + pad) as usize);
            for (cell, value) in reward.iter_mut().enumerate().take(to + 1).skip(from) {
                *value += kernel.density((cell as f64 - at) * cell_s);
            }
        }
        for value in reward.iter_mut().filter(|value| **value > 0.0) {
            *value = (gain_s * *value).ln_1p();
        }
        let mut comb = vec![0.0; (frame_span_s / cell_s) as usize + 2];
        for frame in frames {
            let at = (frame - frame_0) / cell_s;
            let share = at.fract();
            for (cell, part) in [(at as usize, 1.0 - share), (at as usize + 1, share)] {
                if let Some(cell) = comb.get_mut(cell) {
                    *cell += part;
                }
            }
        }
        let scores = correlate(&comb, &reward);
        // A grid finer than the sums' rounding: an empty place is not a peak.
        let least = 0.5;
        for (at, score) in scores.iter().enumerate() {
            let below = at.checked_sub(1).and_then(|at| scores.get(at)).is_none_or(|s| s <= score);
            let above = scores.get(at + 1).is_none_or(|s| s < score);
            let lag = at as f64 - (comb.len() as f64 - 1.0);
            let shift_s = event_0 - frame_0 + (lag - pad) * cell_s;
            let [low, high] = self.limits_s;
            if *score > least && below && above && shift_s >= low && shift_s <= high {
                peaks.push((shift_s, *score));
            }
        }
    }

    /// The shift that most frames and events of one number agree on.
    fn by_number(&self, model: &Model) -> impl Iterator<Item = f64> {
        let apart = model.by_number();
        let (mut best, mut from) = ((0, 0.0), 0);
        for (to, &high) in apart.iter().enumerate() {
            while apart[from] < high - self.step_s - 2.0 * self.jitter_s {
                from += 1;
            }
            let votes = to + 1 - from;
            let shift_s = (apart[from] + high) / 2.0;
            let [low, high] = self.limits_s;
            if votes > best.0 && shift_s >= low && shift_s <= high {
                best = (votes, shift_s);
            }
        }
        (best.0 > 0).then_some(best.1).into_iter()
    }

    /// The best offset and drift near a shift.
    fn close_look(&self, model: &Model, shift_s: f64) -> Peak {
        let kernel = self.kernel();
        let (middle_s, span_s) = self.within(model, shift_s);
        let mut peak = Peak { shift_s, drift: 0.0, score: f64::NEG_INFINITY, middle_s };
        let [low, high] = self.limits_s;
        let mut radius_s = self.grid_s() + 0.15 * self.step_s;
        for _ in 0..3 {
            let (from_s, from_drift) = (peak.shift_s, peak.drift);
            for step in -6..=6 {
                let shift_s = (from_s + f64::from(step) / 6.0 * radius_s).clamp(low, high);
                self.keep_better(model, kernel, Peak { shift_s, ..peak }, &mut peak);
            }
            // Nine drifts over three standard deviations, where they move the ends at all.
            if self.drift_sigma * span_s > 0.01 {
                for step in -4..=4 {
                    let drift = from_drift + 0.75 * f64::from(step) * self.drift_sigma;
                    self.keep_better(model, kernel, Peak { drift, ..peak }, &mut peak);
                }
            }
            radius_s /= 4.0;
        }
        peak
    }

    fn keep_better(&self, model: &Model, kernel: Kernel, tried: Peak, best: &mut Peak) {
        let score = self.score(model, kernel, tried);
        if score > best.score {
            *best = Peak { score, ..tried };
        }
    }

    /// Score of a peak's offset and drift with the drift's likelihood.
    pub(super) fn score(&self, model: &Model, kernel: Kernel, at: Peak) -> f64 {
        let is_free = at.drift != 0.0 && self.drift_sigma > 0.0;
        let deviations = if !is_free { 0.0 } else { at.drift / self.drift_sigma };
        model.score(kernel, at.shift_s, at.drift, at.middle_s) - 0.5 * deviations * deviations
    }

    /// Middle and length of the frames that lie within the events' time.
    fn within(&self, model: &Model, shift_s: f64) -> (f64, f64) {
        let (Some(first), Some(last)) = (model.events_s.first(), model.events_s.last()) else {
            return (0.0, 0.0);
        };
        let margin_s = self.step_s + 4.0 * self.jitter_s;
        let inside = model.frames_s.iter().filter(|&&frame| {
            frame + shift_s >= first - margin_s && frame + shift_s <= last + margin_s
        });
        let (mut sum, mut count, mut ends) = (0.0, 0.0, [f64::INFINITY, f64::NEG_INFINITY]);
        for frame in inside {
            sum += frame;
            count += 1.0;
            ends = [frame.min(ends[0]), frame.max(ends[1])];
        }
        if count > 0.0 { (sum / count, ends[1] - ends[0]) } else { (0.0, 0.0) }
    }

    /// Mean and standard deviation of the offset at the middle of the frames, over all drifts.
    pub(super) fn posterior(&self, model: &Model, best: Peak) -> Posterior {
        let model = &model.thinned(WEIGHED);
        // The jitter is not known well: one guess, even the best, makes the answer too sure.
        let mut kernels: Vec<(f64, Kernel)> = JITTERS
            .into_iter()
            .map(|factor| (factor, Kernel::new(self.step_s, factor * self.jitter_s)))
            .collect();
        kernels.sort_by_cached_key(|(_, kernel)| {
            std::cmp::Reverse((1e3 * self.score(model, *kernel, best)) as i64)
        });
        let jitter = kernels.first().map_or(1.0, |kernel| kernel.0);
        kernels.truncate(KERNELS);
        let mut mean = best;
        let mut radius = [0.7 * self.step_s + 4.0 * self.jitter_s, 3.5 * self.drift_sigma];
        let mut sigma_s = radius[0];
        for _ in 0..3 {
            let sums = self.moments(model, &kernels, mean, radius);
            mean = Peak { shift_s: sums.mean[0], drift: sums.mean[1], ..mean };
            sigma_s = sums.sigma[0];
            // Where all weight is on one node, the spacing says how little is known of the width.
            let floor = [radius[0] / SHIFTS, radius[1] / DRIFTS];
            radius = [0, 1]
                .map(|axis| (4.5 * sums.sigma[axis].max(0.5 * floor[axis])).min(radius[axis]));
        }
        mean.score = self.score(model, self.kernel(), mean);
        Posterior { peak: mean, sigma_s: HONEST * sigma_s, jitter }
    }

    /// Moments of the likelihood over a grid of offsets and drifts.
    fn moments(
        &self,
        model: &Model,
        kernels: &[(f64, Kernel)],
        middle: Peak,
        radius: [f64; 2],
    ) -> Moments {
        let drifts = if self.drift_sigma > 0.0 { DRIFTS as i32 } else { 0 };
        let mut nodes = Vec::new();
        for i in -(SHIFTS as i32)..=SHIFTS as i32 {
            for j in -drifts..=drifts {
                let shift_s = middle.shift_s + f64::from(i) / SHIFTS * radius[0];
                let drift = middle.drift + f64::from(j) / DRIFTS * radius[1];
                let node = Peak { shift_s, drift, ..middle };
                nodes.extend(
                    kernels
                        .iter()
                        .map(|(_, kernel)| ([shift_s, drift], self.score(model, *kernel, node))),
                );
            }
        }
        let highest = nodes.iter().map(|node| node.1).fold(f64::NEG_INFINITY, f64::max);
        let (mut sum, mut first, mut second) = (0.0, [0.0; 2], [0.0; 2]);
        for (place, score) in &nodes {
            let weight = (score - highest).exp();
            sum += weight;
            for axis in 0..2 {
                let from = place[axis] - [middle.shift_s, middle.drift][axis];
                first[axis] += weight * from;
                second[axis] += weight * from * from;
            }
        }
        let from = first.map(|moment| moment / sum);
        Moments {
            mean: [middle.shift_s + from[0], middle.drift + from[1]],
            sigma: [0, 1]
                .map(|axis| (second[axis] / sum - from[axis] * from[axis]).max(0.0).sqrt()),
        }
    }
}

/// Nodes of the posterior to either side.
const SHIFTS: f64 = 12.0;
const DRIFTS: f64 = 4.0;
/// Guesses of the jitter that are averaged over.
const KERNELS: usize = 4;

/// Guesses of the jitter, over the expected one.
const JITTERS: [f64; 8] = [0.2, 0.4, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0];
/// In simulated flights with dropped and extra frames errors were 1.09 times what the likelihood
/// alone says, and 1.01 times without these.
const HONEST: f64 = 1.1;

/// The offset as the likelihood has it.
pub(super) struct Posterior {
    /// Its mean.
    pub(super) peak: Peak,
    /// Standard deviation of the shift.
    pub(super) sigma_s: f64,
    /// Likeliest jitter over the expected one.
    pub(super) jitter: f64,
}

struct Moments {
    mean: [f64; 2],
    sigma: [f64; 2],
}

/// The frames that one offset can bring into the log together: stretches twice as long as the log,
/// half overlapping, so that each log fits into one of them.
pub(super) fn stretches(frames_s: &[f64], log_span_s: f64) -> Vec<Range<usize>> {
    let length_s = log_span_s.max(SHORTEST_STRETCH_S);
    let mut found: Vec<Range<usize>> = Vec::new();
    let Some(&(mut from_s)) = frames_s.first() else { return found };
    loop {
        let from = frames_s.partition_point(|&frame| frame < from_s);
        let to = frames_s.partition_point(|&frame| frame <= from_s + 2.0 * length_s);
        found.extend((from < to).then_some(from..to));
        let Some(&next) = frames_s.get(to) else { break };
        // On by a length, or over a hole in the frames to the next one.
        from_s = (from_s + length_s).max(next - length_s);
    }
    found.sort_by_key(|stretch| std::cmp::Reverse(stretch.len()));
    found.truncate(MOST_STRETCHES);
    found
}

/// The events' intervals in other orders: backwards, and twice mixed. Frames that fit these as well
/// as the log fit any flight of this kind.
fn other_orders(events_s: &[f64]) -> Vec<Vec<f64>> {
    let Some(&first) = events_s.first() else { return Vec::new() };
    let intervals: Vec<f64> = events_s.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mut orders = vec![intervals.iter().rev().copied().collect::<Vec<f64>>()];
    for salt in [0x9E37_79B9_7F4A_7C15_u64, 0xD1B5_4A32_D192_ED03] {
        let mut mixed: Vec<(u64, f64)> = intervals
            .iter()
            .enumerate()
            .map(|(at, &interval)| (mix(salt.wrapping_mul(at as u64 + 1)), interval))
            .collect();
        mixed.sort_by_key(|one| one.0);
        orders.push(mixed.into_iter().map(|one| one.1).collect());
    }
    let times = |order: Vec<f64>| {
        let sums = order.iter().scan(first, |sum, interval| {
            *sum += interval;
            Some(*sum)
        });
        std::iter::once(first).chain(sums).collect()
    };
    orders.into_iter().map(times).collect()
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): no pattern.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
