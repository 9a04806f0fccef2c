//! From a frame to what stands out in it, with the whole work on every pixel.

use super::Polarity;
use super::cores::Search;
use super::ground::{Ground, Small};
use super::level::{Level, Rows};
use super::noise::pixel_noise;
use super::stuck::{fill_holes, stuck_pixels};

/// A candidate stands out from the ground by this many sigma of the pixel noise.
const CANDIDATE_SIGMAS: f32 = 5.0;

/// Pixels of a frame, along each side, to one of the coarse level.
pub(super) const WIDE_STEP: usize = 8;

/// What is asked of a frame, in steps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Least contrast.
    pub(super) contrast: f32,
    /// Least noise that is believed, of a pixel and of one of the coarse level.
    pub(super) least_noise: [f32; 2],
    /// A value of 0 is a pixel without a temperature.
    pub(super) holes: bool,
    pub(super) wide: bool,
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
    eighth: Small,
    /// Of the eighth: 0 where most is unknown.
    eighth_known: Vec<u16>,
    ground: Ground,
    wide_ground: Ground,
    rows: Rows,
    /// Noise of a pixel and of one of the coarse level, in steps.
    pub(super) noise: [f32; 2],
    /// Hot, cold, hot and wide, cold and wide.
    pub(super) searches: [Search; 4],
}

/// The polarities in the order of `Candidates::searches`.
pub(super) const POLARITIES: [Polarity; 2] = [Polarity::Hot, Polarity::Cold];

impl Candidates {
    /// Fills what stands out for all searches.
    #[inline(always)]
    pub(super) fn find(&mut self, values: &[u16], width: usize, wanted: &Wanted) {
        let height = values.len() / width;
        let noise = pixel_noise(values, width, &mut self.differences);
        let wide_noise = noise / WIDE_STEP as f32;
        self.noise = [noise.max(wanted.least_noise[0]), wide_noise.max(wanted.least_noise[1])];
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
        let [hot, cold, wide_hot, wide_cold] = &mut self.searches;
        self.rows.compare(&level, least[0], &mut hot.standing, &mut cold.standing);

        self.eighth.quarter(&self.half);
        let Small { values: eighth, width: eighth_width, height: eighth_height } = &self.eighth;
        if !wanted.wide || eighth.is_empty() {
            self.eighth.values.clear();
            wide_hot.standing.clear();
            wide_cold.standing.clear();
            return;
        }
        self.wide_ground.of(eighth, *eighth_width, *eighth_height);
        if self.has_holes {
            know_eighth(values, width, &self.eighth, &mut self.eighth_known);
        }
        let level = wide_level(&self.eighth, &self.wide_ground, self.has_holes, &self.eighth_known);
        self.rows.compare(&level, least[1], &mut wide_hot.standing, &mut wide_cold.standing);
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
    ) -> [(Level<'a>, &'a mut [Search]); 2] {
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
        let wide = wide_level(&self.eighth, &self.wide_ground, self.has_holes, &self.eighth_known);
        let (fine_searches, wide_searches) = self.searches.split_at_mut(POLARITIES.len());
        [(fine, fine_searches), (wide, wide_searches)]
    }
}

fn wide_level<'a>(
    eighth: &'a Small,
    ground: &'a Ground,
    has_holes: bool,
    known: &'a [u16],
) -> Level<'a> {
    Level {
        values: &eighth.values,
        width: eighth.width,
        height: eighth.height,
        opening: &ground.opening,
        closing: &ground.closing,
        ground_width: eighth.width,
        shift: 0,
        known: has_holes.then_some(known),
    }
}

/// 1 for each pixel of the eighth of which at least half is known, otherwise 0. The last ones may
/// reach beyond an odd frame.
fn know_eighth(values: &[u16], width: usize, eighth: &Small, known: &mut Vec<u16>) {
    known.clear();
    for y in 0..eighth.height {
        known.extend((0..eighth.width).map(|x| {
            let rows = values.chunks_exact(width).skip(y * WIDE_STEP).take(WIDE_STEP);
            let block = rows.flat_map(|row| row[x * WIDE_STEP..].iter().take(WIDE_STEP));
            let (all, known) = block
                .fold((0, 0), |(all, known), &value| (all + 1, known + usize::from(value != 0)));
            u16::from(2 * known >= all)
        }));
    }
}
