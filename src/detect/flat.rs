//! What a sensor adds to every picture of a flight: its fixed pattern of pixels, rows and columns.
//!
//! A frame less what lies around each pixel holds fine structure of the ground, another one in
//! each frame, and that of the sensor, which stays: the median of many frames. How much of a median
//! is the sensor's, and not left behind by one shutter event and gone with the next, is told by
//! what the earlier and the later frames have in common; no more is taken off. Shading wider than a
//! few pixels stays in the frames: the detector's own ground takes it off, and where a flight
//! follows a pipe or circles a stack, what stays in the picture and is wide is the pipe or stack.

use crate::thermal::PlaneUnit;

use super::{Detection, Detector, Plane};

/// Rows and columns are held against the mean of so many around them.
const STRIPE_WINDOW: usize = 9;

/// Means of rows and columns are kept in so many parts of a step.
const PARTS: u64 = 256;

/// A pixel is held against the mean of the nine around it, in ninths of a step.
const NINTHS: f64 = 9.0;

/// One row in so many tells how much of the pixels' medians is the sensor's.
const TOLD_BY: usize = 8;

/// A pixel that is off by more than so many sigma of all is stuck: it is off by another amount in
/// each frame.
const STUCK_SIGMAS: f64 = 6.0;

/// Standard deviation over median absolute deviation of normal noise.
const SIGMA_OVER_MAD: f64 = 1.4826;

/// Fewest planes: two for each half.
const LEAST_PLANES: usize = 4;

/// What is to be taken off each pixel of a sensor, in steps of its planes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlatField {
    pub(super) width: usize,
    /// Row by row.
    pub(super) offsets: Vec<i16>,
}

/// The median of all planes somewhere, and those of the earlier and of the later ones.
#[derive(Debug, Clone, Copy)]
struct Median {
    all: f64,
    halves: [f64; 2],
}

impl FlatField {
    /// Of planes with one step that one camera took of other ground each, in the order of time, row
    /// by row, 0 where there is no temperature.
    ///
    /// `None` where planes differ in size, are not whole rows, are smaller than three by three, are
    /// fewer than four, or have nothing in common.
    #[must_use]
    pub fn of(planes: &[&[u16]], width: usize) -> Option<Self> {
        let pixels = planes.first()?.len();
        let is_whole = width > 2 && pixels >= 3 * width && pixels.is_multiple_of(width);
        let are_alike = planes.iter().all(|plane| plane.len() == pixels);
        if !is_whole || !are_alike || planes.len() < LEAST_PLANES {
            return None;
        }
        let height = pixels / width;
        let columns = stripes(planes, |plane| means(plane, |at| at % width, width));
        let rows = stripes(planes, |plane| means(plane, |at| at / width, height));
        let fine = fine(planes, width, [&columns, &rows]);
        let offset = |(at, fine): (usize, f64)| {
            let whole = fine + columns[at % width] + rows[at / width];
            whole.round().clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16
        };
        let offsets: Vec<i16> = fine.into_iter().enumerate().map(offset).collect();
        offsets.iter().any(|&offset| offset != 0).then_some(Self { width, offsets })
    }

    /// Root mean square of what it takes off, in steps.
    #[must_use]
    pub fn rms(&self) -> f64 {
        let sum: f64 = self.offsets.iter().map(|&offset| f64::from(offset).powi(2)).sum();
        (sum / self.offsets.len().max(1) as f64).sqrt()
    }

    /// Spots of a plane without the pattern, each with the peak that the plane itself has there.
    /// `flat` is working memory.
    pub fn spots(
        &self,
        detector: &mut Detector,
        plane: &Plane<'_>,
        flat: &mut Vec<u16>,
    ) -> Vec<Detection> {
        let PlaneUnit::Kelvin { step_k, origin_c } = plane.unit else {
            return detector.detect(plane);
        };
        self.flatten(plane.values, plane.saturated_from, flat);
        let mut found = detector.detect(&Plane { values: flat, ..*plane });
        for spot in &mut found {
            self.restore(spot, flat, [step_k, origin_c]);
        }
        found
    }

    /// Takes it off a plane, into `flat`. Pixels without a temperature, and those that only say "at
    /// least", stay as they are, as does a plane of another size.
    fn flatten(&self, values: &[u16], saturated_from: Option<u16>, flat: &mut Vec<u16>) {
        flat.clear();
        if values.len() != self.offsets.len() {
            flat.extend_from_slice(values);
            return;
        }
        let limit = i32::from(saturated_from.unwrap_or(u16::MAX));
        flat.extend(values.iter().zip(&self.offsets).map(|(&value, &offset)| {
            let (own, offset) = (i32::from(value), i32::from(offset));
            let is_known = own != 0 && own < limit;
            if is_known { (own - offset).min(limit - 1).max(1) as u16 } else { value }
        }));
    }

    /// Gives the peak of a spot that was found on a flattened plane the value that the frame has
    /// there, and moves its surroundings by as much, so that its contrast stays as it was found. A
    /// peak that is none of the plane's pixels, as on a coarse level, stays as it is. `step` and
    /// `origin` are what a value of the plane means.
    fn restore(&self, spot: &mut Detection, flat: &[u16], [step, origin]: [f64; 2]) {
        let peak = ((f64::from(spot.peak) - origin) / step).round();
        let [left, top, width, height] = spot.bbox_px.map(usize::from);
        let mut of_box = (top..top + height)
            .flat_map(|y| (y * self.width + left..).take(width))
            .filter(|&at| flat.get(at).is_some_and(|&value| f64::from(value) == peak));
        if let Some(&offset) = of_box.next().and_then(|at| self.offsets.get(at)) {
            let taken = (f64::from(offset) * step) as f32;
            spot.peak += taken;
            spot.background += taken;
        }
    }
}

/// Mean of the pixels with a temperature of each row or column, in parts of a step.
fn means(plane: &[u16], stripe_of: impl Fn(usize) -> usize, stripes: usize) -> Vec<i64> {
    let mut sums = vec![(0_u64, 0_u64); stripes];
    for (at, &value) in plane.iter().enumerate() {
        let (sum, known) = &mut sums[stripe_of(at)];
        *sum += u64::from(value);
        *known += u64::from(value != 0);
    }
    sums.iter().map(|(sum, known)| (sum * PARTS / known.max(&1)) as i64).collect()
}

/// What the sensor adds to each row or column, in steps.
fn stripes(planes: &[&[u16]], means: impl Fn(&[u16]) -> Vec<i64>) -> Vec<f64> {
    let around = |means: Vec<i64>| {
        let over = |at: usize| {
            let window = near(&means, at, STRIPE_WINDOW / 2);
            means[at] - window.iter().sum::<i64>() / window.len() as i64
        };
        (0..means.len()).map(over).collect::<Vec<_>>()
    };
    let over: Vec<Vec<i64>> = planes.iter().map(|plane| around(means(plane))).collect();
    let medians: Vec<Median> =
        (0..over[0].len()).map(|at| Median::of(over.iter().map(|over| over[at]))).collect();
    let of_sensor = in_common(&medians);
    medians.iter().map(|median| of_sensor * median.all / PARTS as f64).collect()
}

/// What the sensor adds to each pixel beside its row and column, in steps.
fn fine(planes: &[&[u16]], width: usize, [columns, rows]: [&[f64]; 2]) -> Vec<f64> {
    let over = |stripes: &[f64]| {
        let over = |at: usize| {
            let window = near(stripes, at, 1);
            stripes[at] - window.iter().sum::<f64>() / window.len() as f64
        };
        (0..stripes.len()).map(over).collect::<Vec<_>>()
    };
    let (columns, rows) = (over(columns), over(rows));
    let of_row = |y: usize| {
        let over: Vec<Vec<i32>> = planes.iter().map(|plane| over_nine(plane, width, y)).collect();
        let less = |median: f64, x: usize| median / NINTHS - columns[x] - rows[y];
        let median = |x: usize| {
            let of_planes = over.iter().map(|row| row[x]);
            match y % TOLD_BY {
                0 => Median::of(of_planes).each(|median| less(median, x)),
                _ => Median::of_all(of_planes).each(|median| less(median, x)),
            }
        };
        (0..width).map(median).collect::<Vec<_>>()
    };
    let medians: Vec<Vec<Median>> = (0..rows.len()).map(of_row).collect();
    let told: Vec<Median> = medians.iter().step_by(TOLD_BY).flatten().copied().collect();
    let (of_sensor, most) = (in_common(&told), largest(&told));
    let sound = |median: &Median| if median.all.abs() > most { 0.0 } else { median.all };
    medians.iter().flatten().map(|median| of_sensor * sound(median)).collect()
}

/// Nine times how far each pixel of a row is over the mean of the nine around it. Beyond the edges
/// the plane goes on with its last pixels; where any of the nine has no temperature it is 0.
fn over_nine(plane: &[u16], width: usize, y: usize) -> Vec<i32> {
    let last = plane.len() / width - 1;
    let row = |y: usize| &plane[y * width..][..width];
    let (above, own, below) = (row(y.saturating_sub(1)), row(y), row((y + 1).min(last)));
    let three = |a: u16, b: u16, c: u16| i32::from(a) + i32::from(b) + i32::from(c);
    let sums: Vec<i32> =
        above.iter().zip(own).zip(below).map(|((&a, &b), &c)| three(a, b, c)).collect();
    let known: Vec<bool> =
        above.iter().zip(own).zip(below).map(|((&a, &b), &c)| a.min(b).min(c) != 0).collect();
    let over = |x: usize| {
        let (left, right) = (x.saturating_sub(1), (x + 1).min(width - 1));
        let around = sums[left] + sums[x] + sums[right];
        let is_known = known[left] && known[x] && known[right];
        if is_known { 9 * i32::from(own[x]) - around } else { 0 }
    };
    (0..width).map(over).collect()
}

/// Those at most so many places away.
fn near<T>(all: &[T], at: usize, places: usize) -> &[T] {
    &all[at.saturating_sub(places)..(at + places + 1).min(all.len())]
}

impl Median {
    fn of<T: Ord + Copy + Into<i64>>(values: impl ExactSizeIterator<Item = T> + Clone) -> Self {
        let half = values.len() / 2;
        let earlier = middle(values.clone().take(half));
        Self { halves: [earlier, middle(values.clone().skip(half))], ..Self::of_all(values) }
    }

    /// Without its halves.
    fn of_all<T: Ord + Copy + Into<i64>>(values: impl Iterator<Item = T>) -> Self {
        Self { all: middle(values), halves: [0.0; 2] }
    }

    fn each(self, turned: impl Fn(f64) -> f64) -> Self {
        Self { all: turned(self.all), halves: self.halves.map(turned) }
    }
}

/// The middle value; of an even number the mean of the middle two; 0 of none.
fn middle<T: Ord + Copy + Into<i64>>(values: impl Iterator<Item = T>) -> f64 {
    let mut values: Vec<T> = values.collect();
    if values.is_empty() {
        return 0.0;
    }
    let (half, is_odd) = (values.len() / 2, values.len() % 2 == 1);
    let (below, &mut upper, _) = values.select_nth_unstable(half);
    let lower = below.iter().max().copied().filter(|_| !is_odd).unwrap_or(upper);
    (lower.into() + upper.into()) as f64 / 2.0
}

/// The largest median that is not a stuck pixel's.
fn largest(medians: &[Median]) -> f64 {
    let mut sizes: Vec<f64> = medians.iter().map(|median| median.all.abs()).collect();
    let half = sizes.len() / 2;
    if sizes.is_empty() {
        return 0.0;
    }
    let (_, &mut mad, _) = sizes.select_nth_unstable_by(half, f64::total_cmp);
    STUCK_SIGMAS * SIGMA_OVER_MAD * mad
}

/// The share of medians' variance that is the sensor's, 0 to 1: what two halves, which share no
/// frame, vary together.
fn in_common(medians: &[Median]) -> f64 {
    let most = largest(medians);
    let sound = medians.iter().filter(|median| median.all.abs() <= most);
    let count = sound.clone().count().max(1) as f64;
    let mean = |of: fn(&Median) -> f64| sound.clone().map(of).sum::<f64>() / count;
    let all = mean(|median| median.all * median.all) - mean(|median| median.all).powi(2);
    let [earlier, later] = [mean(|median| median.halves[0]), mean(|median| median.halves[1])];
    let together = mean(|median| median.halves[0] * median.halves[1]) - earlier * later;
    if all > 0.0 { (together / all).clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::super::{Polarity, Reasons};
    use super::*;

    const WIDTH: usize = 96;
    const HEIGHT: usize = 80;

    /// Numbers from -1 to 1, about normal.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self) -> f64 {
            let mut one = || {
                self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (self.0 >> 40) as f64 / f64::from(1 << 24)
            };
            (one() + one() + one() + one() - 2.0) / 0.5774
        }
    }

    /// Pixel, column and row patterns of a standard deviation of 8, 12 and 10 steps.
    fn pattern() -> Vec<f64> {
        let mut dice = Dice(3);
        let columns: Vec<f64> = (0..WIDTH).map(|_| 12.0 * dice.roll()).collect();
        let rows: Vec<f64> = (0..HEIGHT).map(|_| 10.0 * dice.roll()).collect();
        let pixel = |at: usize| columns[at % WIDTH] + rows[at / WIDTH] + 8.0 * dice.roll();
        (0..WIDTH * HEIGHT).map(pixel).collect()
    }

    /// Frames of waves of 60 steps, another way in each, noise of 5 steps, and `added`.
    fn frames(count: usize, added: impl Fn(usize) -> f64) -> Vec<Vec<u16>> {
        let mut dice = Dice(9);
        let mut frame = |_| {
            let waves: Vec<[f64; 3]> =
                (0..6).map(|_| [dice.roll() / 4.0, dice.roll() / 4.0, 9.0 * dice.roll()]).collect();
            let value = |at: usize| {
                let (x, y) = ((at % WIDTH) as f64, (at / WIDTH) as f64);
                let ground = waves.iter().map(|[a, b, c]| (a * x + b * y + c).sin()).sum::<f64>();
                (29_000.0 + 35.0 * ground + 5.0 * dice.roll() + added(at)).round() as u16
            };
            (0..WIDTH * HEIGHT).map(value).collect()
        };
        (0..count).map(&mut frame).collect()
    }

    fn field(frames: &[Vec<u16>]) -> Option<FlatField> {
        FlatField::of(&frames.iter().map(Vec::as_slice).collect::<Vec<_>>(), WIDTH)
    }

    fn rms(values: impl Iterator<Item = f64> + Clone) -> f64 {
        (values.clone().map(|v| v * v).sum::<f64>() / values.count() as f64).sqrt()
    }

    #[test]
    fn most_of_a_pattern_is_taken_off_and_more_with_more_frames() {
        let pattern = pattern();
        let left = |count: usize| {
            let field = field(&frames(count, |at| pattern[at])).unwrap();
            rms(pattern.iter().zip(&field.offsets).map(|(&is, &told)| is - f64::from(told)))
        };
        // What stays of rows and columns is their mean over nine: a third of 15.6 of 17.5 steps.
        let whole = rms(pattern.iter().copied());
        let (few, many) = (left(12) / whole, left(60) / whole);
        assert!(many < 0.42 && many < few && few < 0.6, "{few} {many}");
    }

    #[test]
    fn ground_is_no_pattern() {
        assert!(field(&frames(40, |_| 0.0)).is_none_or(|field| field.rms() < 0.5));
    }

    #[test]
    fn what_one_shutter_event_left_is_no_pattern_of_a_flight() {
        let pattern = pattern();
        let mut earlier = frames(20, |at| pattern[at]);
        let later = frames(20, |at| pattern[(at + 37 * WIDTH + 11) % pattern.len()]);
        earlier.extend(later);
        assert!(field(&earlier).is_none_or(|field| field.rms() < 2.0));
    }

    #[test]
    fn what_is_wide_and_stays_in_the_picture_is_left_there() {
        // A pipe of 300 steps along the flight, twelve pixels wide, with soft flanks.
        let pipe = |at: usize| {
            let across = (at % WIDTH) as f64 - 48.0;
            300.0 * (-across * across / 72.0).exp()
        };
        let field = field(&frames(40, pipe));
        let taken = field.map_or(0.0, |field| f64::from(field.offsets[40 * WIDTH + 48]));
        assert!(taken.abs() < 60.0, "{taken}");
    }

    #[test]
    fn stuck_pixels_are_left_to_who_knows_them() {
        let pattern = pattern();
        let stuck = |at: usize| if at == 30 * WIDTH + 20 { 600.0 } else { pattern[at] };
        let field = field(&frames(24, stuck)).unwrap();
        assert!(field.offsets[30 * WIDTH + 20].abs() < 60, "{}", field.offsets[30 * WIDTH + 20]);
    }

    #[test]
    fn planes_that_do_not_fit_have_none() {
        let fine = frames(6, |at| (at % 2 * 20) as f64);
        assert!(field(&fine).is_some());
        assert!(field(&fine[..3]).is_none() && field(&[]).is_none());
        let mut short = fine.clone();
        short[2].pop();
        assert!(field(&short).is_none());
        for width in [0, 1, 2, 7, WIDTH * HEIGHT] {
            let planes: Vec<_> = fine.iter().map(Vec::as_slice).collect();
            assert!(FlatField::of(&planes, width).is_none(), "{width}");
        }
        // Nothing is known anywhere.
        assert!(field(&vec![vec![0; WIDTH * HEIGHT]; 6]).is_none());
    }

    #[test]
    fn a_spot_keeps_the_temperature_of_its_file() {
        let field = FlatField { width: 4, offsets: (0..16).map(|at| at - 8).collect() };
        let values: Vec<u16> = (0..16).map(|at| [500, 0, 900, 3][at % 4]).collect();
        let mut flat = Vec::new();
        field.flatten(&values, Some(900), &mut flat);
        assert_eq!(flat[..8], [508, 0, 900, 8, 504, 0, 900, 4]);
        assert_eq!(flat[12..], [496, 0, 900, 1]);
        field.flatten(&values[..8], None, &mut flat);
        assert_eq!(flat, values[..8]);

        field.flatten(&values, Some(900), &mut flat);
        let mut spot = Detection {
            polarity: Polarity::Hot,
            x_px: 0.5,
            y_px: 1.5,
            bbox_px: [0, 1, 2, 2],
            area_px: 4,
            peak: 5.04,
            background: 4.0,
            delta: 1.04,
            snr: 5.0,
            prominence: 5.0,
            score: 0.9,
            reasons: Reasons::default(),
        };
        field.restore(&mut spot, &flat, [0.01, 0.0]);
        assert!(
            (spot.peak - 5.0).abs() < 1e-6 && (spot.background - 3.96).abs() < 1e-6,
            "{spot:?}"
        );
        // A mean of pixels is none of them.
        spot.peak = 5.02;
        field.restore(&mut spot, &flat, [0.01, 0.0]);
        assert!((spot.peak - 5.02).abs() < 1e-6);
        spot.bbox_px = [9, 9, 9, 9];
        field.restore(&mut spot, &flat, [0.01, 0.0]);
    }
}
