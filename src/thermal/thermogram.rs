//! A frame of temperatures: counts, and one table that turns them into degrees.

use std::ops::Range;

use crate::units::KELVIN_OFFSET;

/// Temperatures by raw count, over the counts that occur in one frame.
///
/// Signed raw counts are stored with 32768 added, so that the order stays.
#[derive(Debug, Clone, PartialEq)]
pub struct CountTable {
    first: u16,
    celsius: Vec<f32>,
}

impl CountTable {
    /// A table for the counts from `first` on; `celsius[i]` belongs to `first + i`, NaN where the
    /// count has no temperature.
    #[must_use]
    pub fn new(first: u16, celsius: Vec<f32>) -> Self {
        Self { first, celsius }
    }

    /// Builds the table over the counts that occur, calling `celsius_of` once for each count.
    #[must_use]
    pub fn over(counts: &[u16], mut celsius_of: impl FnMut(u16) -> f64) -> Self {
        let (low, high) = counts
            .iter()
            .fold((u16::MAX, 0), |(low, high), &count| (low.min(count), high.max(count)));
        let celsius = (low..=high).map(|count| celsius_of(count) as f32).collect();
        Self { first: low, celsius }
    }

    /// Degrees Celsius of a count; NaN outside the table.
    #[must_use]
    pub fn celsius(&self, count: u16) -> f32 {
        count
            .checked_sub(self.first)
            .and_then(|index| self.celsius.get(usize::from(index)))
            .copied()
            .unwrap_or(f32::NAN)
    }

    /// The count from which on every entry is a limit at which temperatures are cut; `None` if the
    /// last entry is below it.
    #[must_use]
    pub(super) fn limited_from(&self, limit_c: f32) -> Option<u16> {
        let below = self.celsius.iter().rposition(|&celsius| celsius != limit_c);
        let index = below.map_or(0, |below| below + 1);
        let count = usize::from(self.first) + index;
        (index < self.celsius.len()).then(|| u16::try_from(count).ok()).flatten()
    }

    /// The count of the first entry.
    #[must_use]
    pub fn first(&self) -> u16 {
        self.first
    }

    /// All temperatures, from the first count on.
    #[must_use]
    pub fn entries(&self) -> &[f32] {
        &self.celsius
    }
}

/// The pixels of a frame, row by row.
#[derive(Debug, Clone, PartialEq)]
pub enum Samples {
    /// Raw counts and their temperatures.
    Counts {
        /// One a pixel.
        counts: Vec<u16>,
        /// Their temperatures.
        table: CountTable,
    },
    /// Degrees Celsius straight from the file (32-bit TIFF); NaN where there is none.
    Celsius(Vec<f32>),
    /// Grey levels of a picture without radiometry, 0 to 255.
    Grey(Vec<u8>),
}

/// What one step of a detector's plane means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PlaneUnit {
    /// A value v is the temperature `origin_c + v · step_k` in degrees Celsius.
    Kelvin {
        /// Kelvin a step.
        step_k: f64,
        /// Degrees Celsius at value 0.
        origin_c: f64,
    },
    /// A value v is the grey level `v · step`.
    Grey {
        /// Grey levels a step.
        step: f64,
    },
}

/// Temperatures of a whole frame in degrees Celsius.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statistics {
    /// Of the coldest pixel.
    pub min_c: f32,
    /// Of the hottest pixel.
    pub max_c: f32,
    /// Over all pixels that have a temperature.
    pub mean_c: f32,
}

/// A thermal frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Thermogram {
    width: u32,
    height: u32,
    samples: Samples,
    saturated_count: Option<u16>,
}

impl Thermogram {
    /// A frame of `width` x `height` pixels; `None` if the number of samples differs or is zero.
    ///
    /// `saturated_count` is the raw count from which on the sensor only says "at least".
    #[must_use]
    pub fn new(
        width: u32,
        height: u32,
        samples: Samples,
        saturated_count: Option<u16>,
    ) -> Option<Self> {
        let pixels = match &samples {
            Samples::Counts { counts, .. } => counts.len(),
            Samples::Celsius(celsius) => celsius.len(),
            Samples::Grey(grey) => grey.len(),
        };
        let expected = usize::try_from(u64::from(width) * u64::from(height)).ok()?;
        (pixels == expected && pixels > 0).then_some(Self {
            width,
            height,
            samples,
            saturated_count,
        })
    }

    /// Columns.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The pixels.
    #[must_use]
    pub fn samples(&self) -> &Samples {
        &self.samples
    }

    /// The count from which on a temperature is a lower bound.
    #[must_use]
    pub fn saturated_count(&self) -> Option<u16> {
        self.saturated_count
    }

    /// Whether the pixels are temperatures.
    #[must_use]
    pub fn is_radiometric(&self) -> bool {
        !matches!(self.samples, Samples::Grey(_))
    }

    /// All temperatures in degrees Celsius, row by row; NaN where there is none, and everywhere in
    /// a picture without radiometry.
    #[must_use]
    pub fn celsius(&self) -> Vec<f32> {
        match &self.samples {
            Samples::Counts { counts, table } => {
                counts.iter().map(|&count| table.celsius(count)).collect()
            }
            Samples::Celsius(celsius) => celsius.clone(),
            Samples::Grey(grey) => vec![f32::NAN; grey.len()],
        }
    }

    /// Coldest, hottest and mean temperature; `None` if no pixel has one.
    #[must_use]
    pub fn statistics(&self) -> Option<Statistics> {
        let celsius = self.celsius();
        let known = celsius.iter().copied().filter(|celsius| !celsius.is_nan());
        let (mut min_c, mut max_c, mut sum, mut count) = (f32::MAX, f32::MIN, 0.0, 0_u32);
        for celsius in known {
            min_c = min_c.min(celsius);
            max_c = max_c.max(celsius);
            sum += f64::from(celsius);
            count += 1;
        }
        let mean_c = (sum / f64::from(count)) as f32;
        (count > 0).then_some(Statistics { min_c, max_c, mean_c })
    }

    /// Writes the frame as 16-bit steps for a detector into `plane` and says what a step means.
    ///
    /// Steps are 0.01 K from -273.15 °C where the frame stays below 382 °C; coarser, so that the
    /// hottest pixel fits, where it does not; a hundredth of a grey level without radiometry. A
    /// pixel without a temperature becomes 0; one that has a value, however low, is at least 1.
    pub fn plane(&self, plane: &mut Vec<u16>) -> PlaneUnit {
        plane.clear();
        match &self.samples {
            Samples::Counts { counts, table } => {
                let occurring = occurring(counts, table);
                let step_k = step_for(hottest(&table.celsius[occurring.clone()]));
                let steps = steps_by_count(table, occurring, step_k);
                plane.extend(counts.iter().map(|&count| steps[usize::from(count)]));
                kelvin_steps(step_k)
            }
            Samples::Celsius(celsius) => {
                let step_k = step_for(hottest(celsius));
                plane.extend(celsius.iter().map(|&celsius| step_of(celsius, step_k)));
                kelvin_steps(step_k)
            }
            Samples::Grey(grey) => {
                plane.extend(grey.iter().map(|&level| (u16::from(level) * 100).max(1)));
                PlaneUnit::Grey { step: 0.01 }
            }
        }
    }

    /// The value of [`Self::plane`] from which on the sensor only said "at least"; `unit` is what
    /// `plane` returned. `None` where nothing in the frame is saturated.
    #[must_use]
    pub fn plane_saturated_from(&self, unit: PlaneUnit) -> Option<u16> {
        match (&self.samples, unit) {
            (Samples::Counts { counts, table }, PlaneUnit::Kelvin { step_k, .. }) => {
                let limit = self.saturated_count?;
                // Most frames stay below the limit, and their highest count is found soonest.
                if highest(counts) < limit {
                    return None;
                }
                let least = counts.iter().copied().filter(|&count| count >= limit).min()?;
                Some(step_of(table.celsius(least), step_k)).filter(|&step| step > 0)
            }
            // A picture's white is where its gain ended.
            (Samples::Grey(grey), PlaneUnit::Grey { .. }) => {
                grey.contains(&u8::MAX).then_some(u16::from(u8::MAX) * 100)
            }
            _ => None,
        }
    }
}

/// The step of a plane as long as the hottest pixel allows: below the noise of any sensor here.
const FINEST_STEP_K: f64 = 0.01;

fn kelvin_steps(step_k: f64) -> PlaneUnit {
    PlaneUnit::Kelvin { step_k, origin_c: -KELVIN_OFFSET }
}

/// The smallest multiple of the finest step with which the hottest pixel fits into 16 bits.
fn step_for(hottest_c: f32) -> f64 {
    let finest_steps = (f64::from(hottest_c) + KELVIN_OFFSET) / FINEST_STEP_K;
    FINEST_STEP_K * (finest_steps / f64::from(u16::MAX)).ceil().clamp(1.0, 1e6)
}

fn step_of(celsius: f32, step_k: f64) -> u16 {
    if celsius.is_nan() {
        return 0;
    }
    let steps = (f64::from(celsius) + KELVIN_OFFSET) / step_k;
    steps.round().clamp(1.0, f64::from(u16::MAX)) as u16
}

/// The highest finite temperature; -273.15 °C if there is none.
fn hottest(celsius: &[f32]) -> f32 {
    let finite = celsius.iter().copied().filter(|celsius| celsius.is_finite());
    finite.fold(-KELVIN_OFFSET as f32, f32::max)
}

fn highest(counts: &[u16]) -> u16 {
    counts.iter().fold(0, |high, &count| high.max(count))
}

/// The table's entries from the frame's lowest count to its highest: vendors' tables may go far
/// beyond the scene.
fn occurring(counts: &[u16], table: &CountTable) -> Range<usize> {
    let low = counts.iter().fold(u16::MAX, |low, &count| low.min(count));
    let high = highest(counts);
    let index = |count: u16| usize::from(count.saturating_sub(table.first));
    let end = (index(high) + 1).min(table.celsius.len());
    index(low).min(end)..end
}

/// A step for every possible count, so that a pixel costs one look-up and no check.
fn steps_by_count(table: &CountTable, occurring: Range<usize>, step_k: f64) -> Box<[u16; 1 << 16]> {
    let mut steps = Box::new([0; 1 << 16]);
    let from = steps.iter_mut().skip(usize::from(table.first) + occurring.start);
    for (step, &celsius) in from.zip(&table.celsius[occurring]) {
        *step = step_of(celsius, step_k);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(counts: &[u16], table: CountTable, saturated: Option<u16>) -> Thermogram {
        let samples = Samples::Counts { counts: counts.to_vec(), table };
        Thermogram::new(counts.len() as u32, 1, samples, saturated).unwrap()
    }

    fn plane_of(frame: &Thermogram) -> (Vec<u16>, f64) {
        let mut plane = vec![7; 3];
        match frame.plane(&mut plane) {
            PlaneUnit::Kelvin { step_k, origin_c } => {
                assert_eq!(origin_c, -273.15);
                (plane, step_k)
            }
            PlaneUnit::Grey { step } => (plane, step),
        }
    }

    #[test]
    fn a_plane_is_hundredths_of_a_kelvin_and_zero_is_no_temperature() {
        let table = CountTable::new(100, vec![-273.15, f32::NAN, 0.0, 21.374, 382.0]);
        let frame = counts(&[99, 100, 101, 102, 103, 104, 105], table, None);
        let (plane, step) = plane_of(&frame);
        assert_eq!((plane, step), (vec![0, 1, 0, 27315, 29452, 65515, 0], 0.01));
    }

    #[test]
    fn hot_frames_take_coarser_steps_and_tables_alone_do_not() {
        let table = CountTable::new(0, vec![19.99, 500.0, 1600.0]);
        assert_eq!(plane_of(&counts(&[0, 0], table.clone(), None)).1, 0.01);
        assert_eq!(plane_of(&counts(&[0, 1], table.clone(), None)), (vec![14657, 38658], 0.02));
        let (plane, step) = plane_of(&counts(&[0, 2], table, None));
        assert_eq!(step, 0.03);
        assert!((f64::from(plane[1]) * step - 273.15 - 1600.0).abs() <= step / 2.0);
        let celsius = Samples::Celsius(vec![f32::NAN, 500.0, f32::INFINITY]);
        let frame = Thermogram::new(3, 1, celsius, None).unwrap();
        assert_eq!(plane_of(&frame), (vec![0, 38658, 65535], 0.02));
    }

    #[test]
    fn saturation_carries_over_to_the_plane() {
        let table = CountTable::over(&[10, 14], f64::from);
        let frame = counts(&[10, 11, 14], table.clone(), Some(13));
        let unit = frame.plane(&mut Vec::new());
        assert_eq!(frame.plane_saturated_from(unit), Some(28715));
        assert_eq!(counts(&[10, 11], table, Some(13)).plane_saturated_from(unit), None);
        let grey = Thermogram::new(2, 1, Samples::Grey(vec![0, 255]), None).unwrap();
        assert_eq!(plane_of(&grey).0, [1, 25500]);
    }

    #[test]
    fn a_table_s_limit_begins_where_it_stays_there() {
        let limited = |celsius: &[f32]| CountTable::new(100, celsius.to_vec()).limited_from(165.0);
        for (celsius, from) in [
            (&[160.0, 165.0, 165.0][..], Some(101)),
            (&[165.0, 165.0], Some(100)),
            (&[165.0, 160.0, 165.0], Some(102)),
            (&[165.0, 164.9], None),
            (&[165.0, f32::NAN], None),
            (&[], None),
        ] {
            assert_eq!(limited(celsius), from, "{celsius:?}");
        }
    }

    #[test]
    fn sizes_must_agree() {
        assert_eq!(Thermogram::new(2, 2, Samples::Grey(vec![0; 3]), None), None);
        assert_eq!(Thermogram::new(0, 2, Samples::Grey(Vec::new()), None), None);
        assert_eq!(Thermogram::new(u32::MAX, u32::MAX, Samples::Grey(Vec::new()), None), None);
    }
}
