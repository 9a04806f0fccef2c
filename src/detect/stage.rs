//! The frame stage: a plane in, detections out.

use crate::thermal::{PlaneUnit, Thermogram};

use super::candidates::{Candidates, POLARITIES, STEPS, Wanted};
use super::chance::Measures;
use super::cores::Core;
use super::fit::fit;
use super::heat::score_by_heat;
use super::overlap::Cells;
use super::pv::Modules;
use super::ring::{Verdict, judge};
use super::shape::Shape;
use super::{Detection, Params, Polarity, Profile, Reason, Reasons};

/// Most pixels of a frame, 64 Mi.
const MOST_PIXELS: usize = 1 << 26;

/// Fewest pixels of a component: less is noise.
const LEAST_AREA: u32 = 3;

/// Fewest pixels of a core on the coarse level. Smaller ones, up to 20 px across, stand out on the
/// frame itself, and there twins are two.
const LEAST_WIDE_CORE: u32 = 5;

/// Least noise that is believed, in kelvin or grey levels. No camera without cooling does better.
const LEAST_NOISE: f64 = 0.02;

/// Standard deviation of rounding to whole steps, one over the square root of 12.
const ROUNDING: f64 = 0.288_675;

/// What comes apart from something higher rises by this many sigma of the noise above where it
/// does.
const RISE_SIGMAS: f64 = 5.0;

/// What stands out less from its ring is not looked at further.
const LEAST_PROMINENCE: f64 = 4.0;

/// The same for hot spots whose score is their heat: a bad joint on a part that is warm all over
/// stands out little from its ring.
const LEAST_PROMINENCE_BY_HEAT: f64 = 2.0;

/// A core that is this many times as long as wide is straight.
const STRAIGHT: f64 = 4.0;

/// A frame as 16-bit steps.
#[derive(Debug, Clone, Copy)]
pub struct Plane<'a> {
    /// Columns.
    pub width_px: u32,
    /// Rows.
    pub height_px: u32,
    /// Row by row; 0 where there is no temperature.
    pub values: &'a [u16],
    /// What a step means.
    pub unit: PlaneUnit,
    /// The value from which on the sensor only says "at least".
    pub saturated_from: Option<u16>,
}

impl<'a> Plane<'a> {
    /// A frame as steps; `values` is what they are written into.
    #[must_use]
    pub fn of(frame: &Thermogram, values: &'a mut Vec<u16>) -> Self {
        let unit = frame.plane(values);
        Self {
            width_px: frame.width(),
            height_px: frame.height(),
            values,
            unit,
            saturated_from: frame.plane_saturated_from(unit),
        }
    }
}

/// The detector with its working memory, to be used for one frame after the other.
#[derive(Debug)]
pub struct Detector {
    params: Params,
    candidates: Candidates,
    ring: Vec<u16>,
    cells: Cells,
    modules: Modules,
}

/// What the numbers of a frame mean.
#[derive(Debug, Clone, Copy)]
struct Scale {
    /// Kelvin or grey levels a step.
    step: f64,
    /// Degrees Celsius or grey level of 0.
    origin: f64,
    /// The least noise that is believed, in steps.
    least_noise: [f32; 2],
    /// Whether 0 stands for "no temperature".
    holes: bool,
}

impl Scale {
    fn of(unit: PlaneUnit) -> Option<Self> {
        let (step, origin, rounding, holes) = match unit {
            PlaneUnit::Kelvin { step_k, origin_c } => (step_k, origin_c, ROUNDING, true),
            // A picture has whole grey levels, and black is one of them.
            PlaneUnit::Grey { step } => (step, 0.0, ROUNDING / step, false),
        };
        let usable = step.is_finite() && step > 0.0 && origin.is_finite();
        let noise = LEAST_NOISE / step;
        let least_noise = [noise.max(rounding) as f32, noise.max(ROUNDING) as f32];
        usable.then_some(Self { step, origin, least_noise, holes })
    }

    /// A value that was turned for cold spots, in the plane's unit.
    fn of_turned(&self, polarity: Polarity, value: u16) -> f64 {
        self.origin + f64::from(polarity.turned(value)) * self.step
    }
}

impl Detector {
    /// A detector for frames of any size.
    #[must_use]
    pub fn new(params: Params) -> Self {
        Self {
            params,
            candidates: Candidates::default(),
            ring: Vec::new(),
            cells: Cells::default(),
            modules: Modules::default(),
        }
    }

    /// The spots of one frame, best score first; ties by level, prominence, row, then column.
    ///
    /// Empty for a plane whose values do not fill it, whose step is not a positive number, that is
    /// wider or higher than 65,535 pixels, or has more than 64 Mi pixels.
    pub fn detect(&mut self, plane: &Plane<'_>) -> Vec<Detection> {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt")
        {
            #[expect(unsafe_code, reason = "the only way to call code for a newer processor")]
            // SAFETY: this processor was just asked for all four.
            return unsafe { self.detect_with_avx2(plane) };
        }
        self.detect_anywhere(plane)
    }

    /// Everything that stands out from its ring, whatever its chance, with the measures that give
    /// it: for whoever weighs them anew.
    pub fn measure(&mut self, plane: &Plane<'_>) -> Vec<(Detection, Measures)> {
        self.measure_anywhere(plane)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn detect_with_avx2(&mut self, plane: &Plane<'_>) -> Vec<Detection> {
        self.detect_anywhere(plane)
    }

    /// The same code for all; it is compiled once more with wider registers above. What is compared
    /// and summed are integers, and fits are summed in single precision in an order of their own,
    /// so every processor finds the same.
    #[inline(always)]
    fn detect_anywhere(&mut self, plane: &Plane<'_>) -> Vec<Detection> {
        let found = self.measure_anywhere(plane);
        let mut found: Vec<Detection> = found.into_iter().map(|(detection, _)| detection).collect();
        if self.params.profile.scores_by_heat() {
            score_by_heat(&mut found);
        }
        if self.params.profile == Profile::Pv && size(plane).is_some() {
            self.modules.look(plane, &mut found);
        }
        found.retain(|detection| detection.score >= self.params.least_score);
        let is_wide = |detection: &Detection| detection.reasons.contains(Reason::Wide);
        found.sort_by(|a, b| {
            let by_place = a.y_px.total_cmp(&b.y_px).then(a.x_px.total_cmp(&b.x_px));
            // Of two that are as sure the one on the frame itself is the better measured.
            let best = b.score.total_cmp(&a.score).then(is_wide(a).cmp(&is_wide(b)));
            let best = best.then(b.prominence.total_cmp(&a.prominence));
            best.then(by_place).then(a.polarity.cmp(&b.polarity))
        });
        if let Some((width, height)) = size(plane) {
            self.cells.keep_best(&mut found, width, height);
        }
        found
    }

    /// Everything that stands out from its ring, with what is measured of it; no two are compared.
    #[inline(always)]
    fn measure_anywhere(&mut self, plane: &Plane<'_>) -> Vec<(Detection, Measures)> {
        let mut found = Vec::new();
        let (Some(scale), Some((width, height))) = (Scale::of(plane.unit), size(plane)) else {
            return found;
        };
        let profile = match plane.unit {
            PlaneUnit::Kelvin { .. } => self.params.profile,
            PlaneUnit::Grey { .. } => Profile::All,
        };
        let contrast = f64::from(profile.least_contrast());
        let wanted = Wanted {
            contrast: (contrast / scale.step) as f32,
            least_noise: scale.least_noise,
            holes: scale.holes,
            wide: self.params.wide,
            everything: self.params.profile.scores_by_heat(),
        };
        self.candidates.find(plane.values, width, &wanted);
        let noise = self.candidates.noise;
        let levels = self.candidates.levels(plane.values, width);
        for (((level, searches), noise), step) in levels.into_iter().zip(noise).zip(STEPS) {
            let (noise, is_wide) = (f64::from(noise), step > 1);
            for (search, polarity) in searches.iter_mut().zip(POLARITIES) {
                let by_heat = self.params.profile.scores_by_heat() && polarity == Polarity::Hot;
                let least = if by_heat { LEAST_PROMINENCE_BY_HEAT } else { LEAST_PROMINENCE };
                search.split(&level, polarity, LEAST_AREA, (RISE_SIGMAS * noise) as u16);
                let described = Described { plane, scale, polarity, noise, step, contrast };
                for core in &search.cores {
                    if is_wide && core.area < LEAST_WIDE_CORE {
                        continue;
                    }
                    let ring = &mut self.ring;
                    if let Some(verdict) = judge(&level, polarity, core, noise, least, ring) {
                        let shape = search.shape(core);
                        let fit = fit(&level, polarity, core, shape.centre(), verdict.background);
                        let measures = Measures::of(core, &verdict, &fit, noise, step);
                        found.push((described.detection(core, &shape, &verdict), measures));
                    }
                }
            }
        }
        let candidates = found.len();
        for (detection, measures) in &mut found {
            measures.set_crowd(candidates, width * height);
            detection.score = measures.chance();
        }
        found
    }
}

/// Width and height of a plane that can be worked on.
fn size(plane: &Plane<'_>) -> Option<(usize, usize)> {
    let (width, height) =
        (u16::try_from(plane.width_px).ok()?, u16::try_from(plane.height_px).ok()?);
    let (width, height) = (usize::from(width), usize::from(height));
    let pixels = width.checked_mul(height)?;
    (pixels == plane.values.len() && (1..=MOST_PIXELS).contains(&pixels)).then_some((width, height))
}

/// What a core needs beside itself to become a detection.
#[derive(Debug, Clone, Copy)]
struct Described<'a> {
    plane: &'a Plane<'a>,
    scale: Scale,
    polarity: Polarity,
    noise: f64,
    /// Pixels of the frame to one of the level, along each side.
    step: usize,
    /// Least contrast of the profile, in the plane's unit.
    contrast: f64,
}

impl Described<'_> {
    fn detection(&self, core: &Core, shape: &Shape, verdict: &Verdict) -> Detection {
        let times = self.step;
        let (x, y) = shape.centre();
        let peak = self.scale.of_turned(self.polarity, core.peak);
        let background = self.scale.of_turned(self.polarity, verdict.background);
        let delta = peak - background;
        let bbox_px = self.bbox_px(core, times as u16);

        let mut reasons = Reasons::default();
        let (along, across) = shape.spread();
        for (reason, holds) in [
            (Reason::Border, verdict.border),
            (Reason::WarmRing, verdict.warm_ring),
            (Reason::Straight, along > STRAIGHT * across),
            (Reason::Saturated, self.polarity == Polarity::Hot && self.is_saturated(bbox_px)),
            (Reason::Wide, self.step > 1),
            (Reason::BelowKind, delta.abs() < self.contrast),
        ] {
            if holds {
                reasons.insert(reason);
            }
        }
        Detection {
            polarity: self.polarity,
            x_px: (x * times as f64) as f32,
            y_px: (y * times as f64) as f32,
            bbox_px,
            area_px: u32::try_from(u64::from(core.area) * (times * times) as u64)
                .unwrap_or(u32::MAX),
            peak: peak as f32,
            background: background as f32,
            delta: delta as f32,
            snr: (delta.abs() / (self.noise * self.scale.step)) as f32,
            prominence: verdict.prominence as f32,
            score: 0.0,
            reasons,
        }
    }

    /// The box of a core on a level of so many pixels a step, inside the frame.
    fn bbox_px(&self, core: &Core, times: u16) -> [u16; 4] {
        let inside = |at: u16, length: u32| {
            u16::try_from(length).unwrap_or(u16::MAX).min(at.saturating_mul(times))
        };
        let (left, right) =
            (inside(core.left, self.plane.width_px), inside(core.right, self.plane.width_px));
        let (top, bottom) =
            (inside(core.top, self.plane.height_px), inside(core.bottom, self.plane.height_px));
        [left, top, right - left, bottom - top]
    }

    /// Whether any pixel of a box is at its upper limit.
    fn is_saturated(&self, [left, top, width, height]: [u16; 4]) -> bool {
        let Some(limit) = self.plane.saturated_from else { return false };
        let columns = self.plane.width_px as usize;
        let rows = self.plane.values.chunks_exact(columns).skip(usize::from(top));
        rows.take(usize::from(height)).any(|row| {
            let row = &row[usize::from(left).min(columns)..];
            row.iter().take(usize::from(width)).any(|&value| value >= limit)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::pv::drawn::{Tables, plane};
    use super::*;

    #[test]
    fn wide_registers_find_the_same_of_modules() {
        let module = [28.0, 46.0];
        let tables = Tables { width: 320, height: 240, turn_rad: 0.3, module, line: 100.0 };
        let values = tables.draw(|[column, row], [share, _]| {
            let is_warm = (column + row) % 9 == 0 || (column + row) % 9 == 4 && share < 0.3;
            if is_warm { 400.0 } else { 0.0 }
        });
        let params = Params::of(Profile::Pv);
        let here = Detector::new(params).detect(&plane(&values, tables.width));
        for reason in [Reason::Module, Reason::Substring] {
            assert!(here.iter().any(|spot| spot.reasons.contains(reason)), "{here:?}");
        }
        let plane = plane(&values, tables.width);
        assert_eq!(here, Detector::new(params).detect_anywhere(&plane));
    }

    #[test]
    fn wide_registers_find_the_same() {
        // Congruential numbers: noise, and spots and holes in it.
        for (width, height, holes) in
            [(640usize, 512usize, false), (333, 97, true), (64, 70, false)]
        {
            let mut state = 3u32;
            let values: Vec<u16> = (0..width * height)
                .map(|at| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let (x, y) = (at % width % 48, at / width % 48);
                    let far = x.abs_diff(20) + y.abs_diff(20);
                    let spot = 900u16.saturating_sub(far as u16 * 100);
                    let wide = if at / width % 200 > 150 { 300 } else { 0 };
                    let hole = holes && state.is_multiple_of(97);
                    if hole { 0 } else { 28_000 + (state >> 27) as u16 + spot + wide }
                })
                .collect();
            let plane = Plane {
                width_px: width as u32,
                height_px: height as u32,
                values: &values,
                unit: PlaneUnit::Kelvin { step_k: 0.01, origin_c: -273.15 },
                saturated_from: None,
            };
            let here = Detector::new(Params::default()).detect(&plane);
            assert!(!here.is_empty());
            assert_eq!(here, Detector::new(Params::default()).detect_anywhere(&plane));
        }
    }
}
