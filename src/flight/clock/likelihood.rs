//! How well frames and events go together under one offset.
//!
//! A stamp of step q says that its frame was taken within one window of q seconds on the camera's
//! clock. The event of that frame lies in the same window, but for a normal error of the latency.
//! So "event minus middle of the window" has the density of a box of width q blurred at its edges:
//! (Φ((x + q/2)/σ) − Φ((x − q/2)/σ)) / q. Its Fisher information is about 1.8/(σ q) for σ ≪ q: a
//! hundred frames of one-second stamps give the offset to 0.017 s where σ is 0.05 s.
//!
//! Frames are taken as a Poisson process: a low even rate of frames without an event, and one
//! window for each event. Up to terms that do not change with the offset its logarithmic likelihood
//! is Σ ln(1 + g Σ k(x)), with g the rate of the one over the other. Frames far from all events
//! add nothing, so those of another flight do no harm.

/// Share of events that have a frame, and share of frames without an event, for weighing a match
/// against a miss. Rough on purpose: a factor of two here changes a match's weight by a sixth.
const TAKEN: f64 = 0.9;
const EXTRA: f64 = 0.05;

/// What an unequal number takes off a match where frames and events share a counter.
const UNEQUAL: f64 = 0.02;

/// The density of "event minus middle of the stamp's window".
#[derive(Debug, Clone, Copy)]
pub(super) struct Kernel {
    half_s: f64,
    sigma_s: f64,
}

impl Kernel {
    /// Of stamps with this step, and events with this normal error. Neither may be zero: a density
    /// needs a width.
    pub(super) fn new(step_s: f64, sigma_s: f64) -> Self {
        Self { half_s: step_s.max(1e-3) / 2.0, sigma_s: sigma_s.max(1e-3) }
    }

    /// Beyond it the density counts as zero.
    pub(super) fn reach_s(&self) -> f64 {
        self.half_s + 4.0 * self.sigma_s
    }

    /// Density per second at `x` seconds.
    pub(super) fn density(&self, x_s: f64) -> f64 {
        let x = x_s.abs();
        let inside = self.half_s - x;
        if inside > 4.0 * self.sigma_s {
            return 0.5 / self.half_s;
        }
        if inside < -4.0 * self.sigma_s {
            return 0.0;
        }
        let sides =
            normal_below(inside / self.sigma_s) - normal_below((-self.half_s - x) / self.sigma_s);
        0.5 * sides / self.half_s
    }
}

/// The normal distribution function, to 1e-7 (Abramowitz and Stegun 1964, 26.2.17).
fn normal_below(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let series = t
        * (0.319_381_530
            + t * (-0.356_563_782
                + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let above = (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt() * series;
    if x < 0.0 { above } else { 1.0 - above }
}

/// Sorted frames and events, each on its own clock but near zero, and how they are weighed.
#[derive(Debug)]
pub(super) struct Model {
    /// Middles of the stamps' windows.
    pub(super) frames_s: Vec<f64>,
    pub(super) events_s: Vec<f64>,
    /// Numbers of frames and events on one counter; empty where there is none.
    frame_numbers: Vec<Option<u32>>,
    event_numbers: Vec<Option<u32>>,
    /// Rate of frames with an event over that of frames without, in seconds.
    pub(super) gain_s: f64,
}

impl Model {
    /// `frames` and `events` are times and numbers on the shared counter, sorted by time.
    pub(super) fn new(frames: &[(f64, Option<u32>)], events: &[(f64, Option<u32>)]) -> Self {
        let frames_s: Vec<f64> = frames.iter().map(|frame| frame.0).collect();
        let interval_s = median_interval(&frames_s).unwrap_or(1.0).clamp(0.1, 60.0);
        let numbered = frames.iter().any(|frame| frame.1.is_some())
            && events.iter().any(|event| event.1.is_some());
        let numbers = |of: &[(f64, Option<u32>)]| {
            if numbered { of.iter().map(|one| one.1).collect() } else { Vec::new() }
        };
        Self {
            frame_numbers: numbers(frames),
            event_numbers: numbers(events),
            frames_s,
            events_s: events.iter().map(|event| event.0).collect(),
            gain_s: TAKEN * interval_s / EXTRA,
        }
    }

    /// The same with at most this many frames, evenly chosen.
    pub(super) fn thinned(&self, most: usize) -> Self {
        let each = self.frames_s.len().div_ceil(most.max(1)).max(1);
        self.of_frames((0..self.frames_s.len()).step_by(each))
    }

    /// The same with these frames only, by their places.
    pub(super) fn of_frames(&self, frames: impl Iterator<Item = usize> + Clone) -> Self {
        let numbers = frames.clone();
        Self {
            frames_s: frames.filter_map(|at| self.frames_s.get(at).copied()).collect(),
            frame_numbers: numbers.filter_map(|at| self.frame_numbers.get(at).copied()).collect(),
            events_s: self.events_s.clone(),
            event_numbers: self.event_numbers.clone(),
            gain_s: self.gain_s,
        }
    }

    /// Logarithm of the likelihood over that of "none of these frames has an event here"; a match
    /// adds three to six, a miss nothing. `shift_s` and `drift` are those of [`super::ClockFit`],
    /// with the reference at `middle_s` of the frames' own zero.
    pub(super) fn score(&self, kernel: Kernel, shift_s: f64, drift: f64, middle_s: f64) -> f64 {
        let reach_s = kernel.reach_s();
        // Most frames have one event well within their step: its logarithm is taken once.
        let whole = kernel.density(0.0);
        let whole_score = (self.gain_s * whole).ln_1p();
        let mut from = 0;
        let mut score = 0.0;
        for (frame, &time_s) in self.frames_s.iter().enumerate() {
            let log_s = time_s + shift_s + drift * (time_s - middle_s);
            while self.events_s.get(from).is_some_and(|&event| event < log_s - reach_s) {
                from += 1;
            }
            let mut density = 0.0;
            for (event, &event_s) in self.events_s.iter().enumerate().skip(from) {
                if event_s > log_s + reach_s {
                    break;
                }
                density += kernel.density(event_s - log_s) * self.agreement(frame, event);
            }
            if density == whole {
                score += whole_score;
            } else if density > 0.0 {
                score += (self.gain_s * density).ln_1p();
            }
        }
        score
    }

    /// 1 unless frame and event have numbers on one counter that differ.
    fn agreement(&self, frame: usize, event: usize) -> f64 {
        match (self.frame_numbers.get(frame), self.event_numbers.get(event)) {
            (Some(Some(frame)), Some(Some(event))) if frame != event => UNEQUAL,
            _ => 1.0,
        }
    }

    /// Event minus frame, of each frame and event with one number.
    pub(super) fn by_number(&self) -> Vec<f64> {
        let mut events: Vec<(u32, f64)> = self
            .event_numbers
            .iter()
            .zip(&self.events_s)
            .filter_map(|(number, &time)| Some(((*number)?, time)))
            .collect();
        events.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut apart = Vec::new();
        for (number, &frame_s) in self.frame_numbers.iter().zip(&self.frames_s) {
            let Some(number) = *number else { continue };
            let first = events.partition_point(|event| event.0 < number);
            // A counter that wraps gives several events; a few are enough to vote.
            let same = events.iter().skip(first).take_while(|event| event.0 == number);
            apart.extend(same.take(MOST_WRAPS).map(|event| event.1 - frame_s));
        }
        apart.sort_by(f64::total_cmp);
        apart
    }
}

/// Events of one number that are looked at: a counter of 64 in a flight of 2,000 frames.
const MOST_WRAPS: usize = 32;

/// Half of the intervals are longer; none for fewer than two times, which are sorted.
pub(super) fn median_interval(times_s: &[f64]) -> Option<f64> {
    let mut intervals: Vec<f64> =
        times_s.windows(2).map(|pair| pair[1] - pair[0]).filter(|&i| i > 1e-3).collect();
    let middle = intervals.len() / 2;
    if intervals.is_empty() {
        return None;
    }
    Some(*intervals.select_nth_unstable_by(middle, f64::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_density_is_that_of_a_blurred_box() {
        // Φ(0) = 1/2, Φ(1) = 0.841344746, Φ(−1.5) = 0.066807201 (tables).
        assert!((normal_below(0.0) - 0.5).abs() < 1e-7);
        assert!((normal_below(1.0) - 0.841_344_746).abs() < 1e-7);
        assert!((normal_below(-1.5) - 0.066_807_201).abs() < 1e-7);
        for (step, sigma) in [(1.0, 0.05), (1.0, 0.3), (0.001, 0.05), (0.1, 0.1)] {
            let kernel = Kernel::new(step, sigma);
            let sum: f64 = (-4000..=4000).map(|x| kernel.density(f64::from(x) * 1e-3) * 1e-3).sum();
            assert!((sum - 1.0).abs() < 2e-3, "{step} {sigma}: {sum}");
        }
        let kernel = Kernel::new(1.0, 0.05);
        assert!((kernel.density(0.5) - 0.5).abs() < 1e-6);
        assert!((kernel.density(-0.55) - 0.158_655).abs() < 1e-5);
    }

    #[test]
    fn a_frame_without_an_event_adds_nothing() {
        let model = Model::new(&[(0.0, None), (100.0, None)], &[(7.0, None)]);
        let kernel = Kernel::new(1.0, 0.05);
        let one = Model::new(&[(0.0, None)], &[(7.0, None)]);
        let expected = (model.gain_s / one.gain_s).ln();
        let gain = model.score(kernel, 7.0, 0.0, 0.0) - one.score(kernel, 7.0, 0.0, 0.0);
        assert!((gain - expected).abs() < 0.1);
        assert_eq!(model.score(kernel, 50.0, 0.0, 0.0), 0.0);
    }
}
