//! From a frame to what stands out in it, with the whole work on every pixel.

use super::Polarity;
use super::cores::Search;
use super::ground::{Ground, Small};
use super::level::{Level, Rows};
use super::noise::pixel_noise;
use super::stuck::{fill_holes, stuck_pixels};

/// A candidate stands out from the ground by this many sigma of the pixel noise.
const CANDIDATE_SIGMAS: f32 = 5.0;

/// No more than this share of a level's pixels are candidates, the frame's own and the coarse
/// one's: on rough ground what stands out less is ground, and costs more than all else. Sources
/// cover less. Our convention; at one false spot a frame it costs four sources in a thousand on
/// rough ground and none on smooth, and a third less work there.
const MOST_CANDIDATES: [f64; 2] = [0.05, 0.1];

/// Pixels of a frame, along each side, to one of each level. The ground reaches 18 and 54 pixels of
/// the frame far. Two coarse levels, of 4 and 8, took an eighth more time and found one in a
/// hundred more of the wide spots.
pub(super) const STEPS: [usize; 2] = [1, 6];

/// What is asked of a frame, in steps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Least contrast.
    pub(super) contrast: f32,
    /// Least noise that is believed, of a pixel and of one of a coarse level.
    pub(super) least_noise: [f32; 2],
    /// A value of 0 is a pixel without a temperature.
    pub(super) holes: bool,
    pub(super) wide: bool,
    /// However much of the frame stands out, all of it is looked at.
    pub(super) everything: bool,
}

/// The candidates of one frame, and the memory to find them.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    differences: Vec<u16>,
    stuck: Vec<(usize, u16)>,
    /// The frame without stuck pixels and holes, if it had any.
    mended: Vec<u16>,
    is_mended: bool,
    has_holes: bool,
    half: Small,
    ground: Ground,
    samples: Vec<u16>,
    /// The frame made a sixth as wide and high.
    coarse: Coarse,
    rows: Rows,
    /// Noise of a pixel of each level, in steps.
    pub(super) noise: [f32; 2],
    /// Hot and cold, of each level.
    pub(super) searches: [[Search; 2]; 2],
}

/// A smaller picture of the frame, where wide spots stand out.
#[derive(Debug, Default)]
struct Coarse {
    image: Small,
    /// 0 where most is unknown.
    known: Vec<u16>,
    ground: Ground,
}

/// The polarities in the order of `Candidates::searches`.
pub(super) const POLARITIES: [Polarity; 2] = [Polarity::Hot, Polarity::Cold];

impl Candidates {
    /// Fills what stands out for all searches.
    #[inline(always)]
    pub(super) fn find(&mut self, values: &[u16], width: usize, wanted: &Wanted) {
        let height = values.len() / width;
        let noise = pixel_noise(values, width, &mut self.differences);
        self.noise =
            STEPS.map(|step| (noise / step as f32).max(wanted.least_noise[usize::from(step > 1)]));
        let least = self.noise.map(|noise| (CANDIDATE_SIGMAS * noise).max(wanted.contrast) as u16);

        self.mend(values, width, wanted.holes);
        let frame = if self.is_mended { &self.mended } else { values };
        self.half.halve(frame, width, height);
        self.ground.of(&self.half.values, self.half.width, self.half.height);
        let level = Level {
            values: frame,
            width,
            height,
            opening: &self.ground.opening,
            closing: &self.ground.closing,
            ground_width: self.half.width,
            shift: 1,
            known: self.has_holes.then_some(values),
        };
        let samples = &mut self.samples;
        let mut raised = |level: &Level<'_>, least: u16, most: f64| match wanted.everything {
            true => least,
            false => least.max(level.standing_out(most, samples)),
        };
        let [[hot, cold], [wide_hot, wide_cold]] = &mut self.searches;
        let least_here = raised(&level, least[0], MOST_CANDIDATES[0]);
        self.rows.compare(&level, least_here, &mut hot.standing, &mut cold.standing);

        let coarse = &mut self.coarse;
        coarse.image.shrink::<{ STEPS[1] / 2 }>(&self.half);
        if !wanted.wide || coarse.image.values.is_empty() {
            coarse.image.values.clear();
            wide_hot.standing.clear();
            wide_cold.standing.clear();
            return;
        }
        coarse.ground.of(&coarse.image.values, coarse.image.width, coarse.image.height);
        if self.has_holes {
            coarse.know(values, width, STEPS[1]);
        }
        let level = coarse.level(self.has_holes);
        let least_there = raised(&level, least[1], MOST_CANDIDATES[1]);
        self.rows.compare(&level, least_there, &mut wide_hot.standing, &mut wide_cold.standing);
    }

    /// Copies the frame where it has stuck pixels or holes, and closes these.
    #[inline(always)]
    fn mend(&mut self, values: &[u16], width: usize, holes: bool) {
        let height = values.len() / width;
        self.has_holes = holes && values.iter().fold(u16::MAX, |low, &v| low.min(v)) == 0;
        self.is_mended = self.has_holes;
        if self.has_holes {
            self.mended.clear();
            self.mended.extend_from_slice(values);
            fill_holes(&mut self.mended, width);
        }
        let frame = if self.has_holes { &self.mended } else { values };
        stuck_pixels(frame, width, height, self.noise[0], &mut self.stuck);
        if !self.stuck.is_empty() && !self.is_mended {
            self.mended.clear();
            self.mended.extend_from_slice(values);
            self.is_mended = true;
        }
        for &(at, value) in &self.stuck {
            self.mended[at] = value;
        }
    }

    /// The frame itself and its coarse level with their grounds and the searches on them.
    pub(super) fn levels<'a>(
        &'a mut self,
        values: &'a [u16],
        width: usize,
    ) -> [(Level<'a>, &'a mut [Search; 2]); 2] {
        let fine = Level {
            values: if self.is_mended { &self.mended } else { values },
            width,
            height: values.len() / width,
            opening: &self.ground.opening,
            closing: &self.ground.closing,
            ground_width: self.half.width,
            shift: 1,
            known: self.has_holes.then_some(values),
        };
        let coarse = self.coarse.level(self.has_holes);
        let [on_frame, on_coarse] = &mut self.searches;
        [(fine, on_frame), (coarse, on_coarse)]
    }
}

impl Coarse {
    fn level(&self, has_holes: bool) -> Level<'_> {
        Level {
            values: &self.image.values,
            width: self.image.width,
            height: self.image.height,
            opening: &self.ground.opening,
            closing: &self.ground.closing,
            ground_width: self.image.width,
            shift: 0,
            known: has_holes.then_some(&self.known),
        }
    }

    /// 1 for each pixel of which at least half is known, otherwise 0. The last ones may reach
    /// beyond an odd frame.
    fn know(&mut self, values: &[u16], width: usize, step: usize) {
        let Self { image, known, .. } = self;
        known.clear();
        for y in 0..image.height {
            known.extend((0..image.width).map(|x| {
                let rows = values.chunks_exact(width).skip(y * step).take(step);
                let block = rows.flat_map(|row| row[x * step..].iter().take(step));
                let (all, known) = block.fold((0, 0), |(all, known), &value| {
                    (all + 1, known + usize::from(value != 0))
                });
                u16::from(2 * known >= all)
            }));
        }
    }
}
