//! From a frame to what stands out in it, with the whole work on every pixel.

use super::Polarity;
use super::cores::Search;
use super::ground::{Ground, Small};
use super::level::{Compared, Level, Limits};
use super::noise::pixel_noise;
use super::standing::Standing;
use super::stuck::{fill_holes, stuck_pixels};

/// A candidate stands out from the ground by this many sigma of the pixel noise.
const CANDIDATE_SIGMAS: f32 = 5.0;

/// No more than this share of a level's pixels are candidates, the frame's own and the coarse
/// one's: on rough ground what stands out less is ground, and costs more than all else. Sources
/// cover less. Our convention; at one false spot a frame it costs four sources in a thousand on
/// rough ground and none on smooth, and a fifth less time there.
const MOST_CANDIDATES: [f64; 2] = [0.05, 0.1];

/// Pixels of a frame, along each side, to one of each level. The squares of the ground are 20 and
/// 80 pixels of the frame wide. A coarse level of 6 took a tenth more time on smooth ground and
/// found as much.
pub(super) const STEPS: [usize; 2] = [1, 8];

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
    /// The frame made half and a quarter as wide and high.
    half: Small,
    quarter: Small,
    /// Of the quarter.
    ground: Ground,
    compared: Compared<4>,
    coarse: Coarse,
    /// Noise of a pixel of each level, in steps.
    pub(super) noise: [f32; 2],
    /// Hot and cold, of each level.
    pub(super) searches: [[Search; 2]; 2],
}

/// The frame made an eighth as wide and high, where wide spots stand out.
#[derive(Debug, Default)]
struct Coarse {
    image: Small,
    /// 0 where most is unknown.
    known: Vec<u16>,
    half: Small,
    /// Of the half.
    ground: Ground,
    compared: Compared<2>,
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
        self.quarter.halve(&self.half.values, self.half.width, self.half.height);
        self.ground.of(&self.quarter);
        let limits = |level: usize| Limits {
            least: least[level],
            most: if wanted.everything { 1.0 } else { MOST_CANDIDATES[level] },
        };
        let [here, wide] = self.searches.each_mut().map(|searches| {
            let [hot, cold] = searches;
            [&mut hot.standing, &mut cold.standing]
        });
        let level = Level { values: frame, width, height, known: self.has_holes.then_some(values) };
        self.compared.find(&level, &self.ground, &limits(0), here);

        let Coarse { image, known, half, ground, compared } = &mut self.coarse;
        if !wanted.wide {
            wide.into_iter().for_each(Standing::clear);
            return;
        }
        image.halve(&self.quarter.values, self.quarter.width, self.quarter.height);
        half.halve(&image.values, image.width, image.height);
        ground.of(half);
        if self.has_holes {
            know(known, values, width, STEPS[1]);
        }
        let level = image.level(self.has_holes.then_some(known));
        compared.find(&level, ground, &limits(1), wide);
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
            known: self.has_holes.then_some(values),
        };
        let Coarse { image, known, .. } = &self.coarse;
        let coarse = image.level(self.has_holes.then_some(known));
        let [on_frame, on_coarse] = &mut self.searches;
        [(fine, on_frame), (coarse, on_coarse)]
    }
}

/// 1 for each block of `step` by `step` pixels of which at least half is known, otherwise 0. The
/// last ones may reach beyond the frame.
fn know(known: &mut Vec<u16>, values: &[u16], width: usize, step: usize) {
    let height = values.len() / width;
    known.clear();
    for y in (0..height).step_by(step) {
        known.extend((0..width).step_by(step).map(|x| {
            let rows = values.chunks_exact(width).skip(y).take(step);
            let block = rows.flat_map(|row| row[x..].iter().take(step));
            let (all, known) = block
                .fold((0, 0), |(all, known), &value| (all + 1, known + usize::from(value != 0)));
            u16::from(2 * known >= all)
        }));
    }
}
