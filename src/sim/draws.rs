//! Random numbers from an integer hash, and value noise over them.
//!
//! Draws use integers, `+ - * /` and nothing of the platform's mathematics library, so that they
//! are the same on every machine. Rotations and Planck's formula do go through the library: counts
//! of two machines may differ by one where they fall on the edge between two.

/// Streams of draws, so that a change in one part of a scene leaves the others as they were.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stream {
    Ground = 1,
    Assets,
    Spots,
    CommonError,
    Sensor,
    Wander,
    OwnError,
    Shutter,
    Noise,
    Pace,
    Dropped,
    Vehicle,
    Path,
    Lens,
}

/// 2^64 over the golden ratio: the step of the SplitMix64 generator (Steele, Lea and Flood,
/// OOPSLA 2014).
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finaliser of SplitMix64.
#[inline]
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A sequence of draws.
#[derive(Debug, Clone)]
pub(super) struct Draws {
    state: u64,
}

impl Draws {
    /// The sequence of a seed, a stream and a number in it, e.g. of the frame.
    pub(super) fn new(seed: u64, stream: Stream, number: u64) -> Self {
        let state = mix(mix(mix(seed) ^ stream as u64).wrapping_add(number));
        Self { state }
    }

    #[inline]
    fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mix(self.state)
    }

    /// 0 to 1, 1 not reached.
    pub(super) fn uniform(&mut self) -> f64 {
        // The upper 53 bits over 2^53: every such number is exact in f64.
        (self.bits() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// From `low` to `high`.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// From `low` to `high`, the low end more often: half of them below a quarter of the way.
    pub(super) fn mostly_low(&mut self, [low, high]: [f64; 2]) -> f64 {
        let share = self.uniform();
        low + (high - low) * share * share
    }

    /// A whole number below `end`; 0 where `end` is 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        // Truncation is wanted; the share of a usize that f64 cannot hold never occurs here.
        ((self.uniform() * end as f64) as usize).min(end.saturating_sub(1))
    }

    /// Mean 0, standard deviation 1: the sum of twelve uniforms less six (Irwin and Hall), which
    /// ends at 6 sigma.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    /// As [`Draws::normal`] from one hash: the sum of its eight bytes, which ends at 4.9 sigma.
    #[inline]
    pub(super) fn quick_normal(&mut self) -> f32 {
        const PAIRS: u64 = 0x00FF_00FF_00FF_00FF;
        let bits = self.bits();
        let pairs = (bits & PAIRS) + ((bits >> 8) & PAIRS);
        let sum = pairs.wrapping_mul(0x0001_0001_0001_0001) >> 48;
        // Eight bytes: mean 8 · 127.5, variance 8 · (256² - 1) / 12.
        (sum as f32 - 1020.0) * (1.0 / 209.020_73)
    }
}

/// Side of the table of lattice values, a power of two; the lattice repeats after it.
const SIDE: usize = 256;
/// Wavelength of the coarsest octave in metres.
const COARSEST_M: f64 = 32.0;
/// Octaves: from 32 m down to 0.5 m.
const OCTAVES: usize = 7;

/// Smooth texture over the plane: values at the corners of a lattice, blended between them, in
/// octaves of half the size each.
#[derive(Debug)]
pub(super) struct Texture {
    lattice: Vec<f32>,
    /// Amplitude, cells a metre, and the lattice's shift of each octave.
    octaves: [(f32, f32, usize); OCTAVES],
}

impl Texture {
    /// Texture of the given standard deviation; `roughness` is the amplitude of each octave over
    /// that of the next coarser one.
    pub(super) fn new(seed: u64, deviation: f64, roughness: f64) -> Self {
        let mut draws = Draws::new(seed, Stream::Ground, 0);
        let lattice = (0..SIDE * SIDE).map(|_| draws.between(-1.0, 1.0) as f32).collect();
        let mut amplitudes = [1.0_f64; OCTAVES];
        for octave in 1..OCTAVES {
            amplitudes[octave] = amplitudes[octave - 1] * roughness;
        }
        // A blend w = 3t² - 2t³ of independent values keeps ∫ w² + (1-w)² = 26/35 of their
        // variance along each axis; uniform values on (-1, 1) have a variance of 1/3.
        let kept = (26.0 / 35.0) * (26.0 / 35.0) / 3.0;
        let power: f64 = amplitudes.iter().map(|a| a * a * kept).sum();
        let scale = deviation / power.sqrt();
        let mut cells_a_metre = 1.0 / COARSEST_M;
        let octaves = amplitudes.map(|amplitude| {
            let octave = ((amplitude * scale) as f32, cells_a_metre as f32, draws.below(SIDE));
            cells_a_metre *= 2.0;
            octave
        });
        Self { lattice, octaves }
    }

    /// The texture at a place in metres.
    #[inline]
    pub(super) fn at(&self, east_m: f32, north_m: f32) -> f32 {
        let mut sum = 0.0;
        for &(amplitude, cells_a_metre, shift) in &self.octaves {
            sum += amplitude * self.blend(east_m * cells_a_metre, north_m * cells_a_metre, shift);
        }
        sum
    }

    #[inline]
    fn blend(&self, x: f32, y: f32, shift: usize) -> f32 {
        let (x0, y0) = (x.floor(), y.floor());
        let (u, v) = (x - x0, y - y0);
        let (u, v) = (u * u * (3.0 - 2.0 * u), v * v * (3.0 - 2.0 * v));
        // Through i32, so that places west and south of the origin wrap round like the others.
        let column = (x0 as i32 as usize).wrapping_add(shift);
        let row = (y0 as i32 as usize).wrapping_add(shift);
        let mask = SIDE - 1;
        let (c0, c1) = (column & mask, column.wrapping_add(1) & mask);
        let (r0, r1) = ((row & mask) * SIDE, (row.wrapping_add(1) & mask) * SIDE);
        let south = self.lattice[r0 + c0] * (1.0 - u) + self.lattice[r0 + c1] * u;
        let north = self.lattice[r1 + c0] * (1.0 - u) + self.lattice[r1 + c1] * u;
        south * (1.0 - v) + north * v
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt())
    }

    #[test]
    fn the_hash_is_splitmix64() {
        // First output of SplitMix64 seeded with 1234567, as its reference implementation prints.
        let mut draws = Draws { state: 1_234_567 };
        assert_eq!(draws.bits(), 6_457_827_717_110_365_317);
        assert_eq!(draws.bits(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn normals_have_mean_zero_and_deviation_one() {
        let mut draws = Draws::new(5, Stream::Noise, 0);
        let slow: Vec<_> = (0..100_000).map(|_| draws.normal()).collect();
        let quick: Vec<_> = (0..100_000).map(|_| f64::from(draws.quick_normal())).collect();
        for values in [slow, quick] {
            let (mean, deviation) = mean_and_deviation(&values);
            assert!(mean.abs() < 0.012, "{mean}");
            assert!((deviation - 1.0).abs() < 0.01, "{deviation}");
            let beyond = values.iter().filter(|v| v.abs() > 1.959_964).count();
            assert!((4_700..5_300).contains(&beyond), "{beyond} of 100,000 beyond 95 %");
        }
    }

    #[test]
    fn texture_has_the_stated_deviation_and_no_steps() {
        let texture = Texture::new(9, 0.5, 0.6);
        let values: Vec<_> = (0..300)
            .flat_map(|x| (0..300).map(move |y| (x, y)))
            .map(|(x, y)| f64::from(texture.at(x as f32 * 7.3 - 900.0, y as f32 * 7.1 - 900.0)))
            .collect();
        let (mean, deviation) = mean_and_deviation(&values);
        assert!(mean.abs() < 0.08 && (deviation - 0.5).abs() < 0.05, "{mean} {deviation}");
        for step in -4000..4000 {
            let x = step as f32 * 0.01;
            let jump = (texture.at(x + 0.01, -x) - texture.at(x, -x)).abs();
            assert!(jump < 0.03, "{jump} at {x}");
        }
    }
}
