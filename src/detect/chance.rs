//! The chance that what stands out is a source: everything that is measured of it, weighed.

use super::cores::Core;
use super::fit::Fit;
use super::ring::Verdict;

/// What is measured of a spot to tell how likely it is a source. All are without units, so that
/// grey levels are judged as kelvin are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measures([f64; Measures::NAMES.len()]);

/// What is left unexplained of a spot counts this much more, so that noise, which leaves more of
/// weak spots, makes no difference.
const NOISE_UNEXPLAINED: f64 = 0.02;

/// Below this nothing is looked at as a logarithm.
const LEAST: f64 = 0.05;

impl Measures {
    /// Their names, in the order of the weights.
    pub const NAMES: [&'static str; 12] = [
        "ln prominence",
        "(ln prominence)²",
        "ln area",
        "ln snr",
        "ln unexplained",
        "hump height",
        "ln (rest / noise)",
        "fill of box",
        "border",
        "level",
        "ln crowd",
        "ln crowd · ln (rest / noise)",
    ];

    /// Those of a core; the last one waits for [`Measures::set_crowd`].
    pub(super) fn of(core: &Core, verdict: &Verdict, fit: &Fit, noise: f64, step: usize) -> Self {
        let ln = |of: f64| of.max(LEAST).ln();
        let prominence = ln(verdict.prominence);
        let area = f64::from(core.area).ln();
        let width = f64::from(core.right - core.left);
        let height = f64::from(core.bottom - core.top);
        let contrast = f64::from(core.peak.saturating_sub(verdict.background));
        Self([
            prominence,
            prominence * prominence,
            area,
            ln(contrast / noise),
            (1.0 + NOISE_UNEXPLAINED - fit.explained).ln(),
            fit.height.clamp(0.0, 2.0),
            ln(fit.rest / noise),
            f64::from(core.area) / (width * height),
            f64::from(u8::from(verdict.border)),
            f64::from(step.ilog2()),
            0.0,
            0.0,
        ])
    }

    /// How many candidates a frame of so many pixels has.
    pub(super) fn set_crowd(&mut self, candidates: usize, pixels: usize) {
        let [_, _, _, _, _, _, rest, .., crowd, both] = &mut self.0;
        *crowd = (1e5 * (1.0 + candidates as f64) / pixels as f64).ln();
        *both = *crowd * *rest;
    }

    /// The numbers, in the order of [`Measures::NAMES`].
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.0
    }

    /// The chance that it is a source, 0 to 1 in steps of a ten-thousandth.
    pub(super) fn chance(&self) -> f32 {
        let odds: f64 = CONSTANT + self.0.iter().zip(WEIGHTS).map(|(of, w)| of * w).sum::<f64>();
        let odds = odds.clamp(-MOST_ODDS, MOST_ODDS);
        let [constant, once, twice] = BEND;
        let odds = constant + (once + twice * odds) * odds;
        let chance = 1.0 / (1.0 + (-odds).exp());
        ((chance * 1e4).round() / 1e4) as f32
    }
}

/// Log-odds of what has none of the measures, and what each adds, in their order.
///
/// Logistic regression (`tools/weigh.py`) on what stood out in 54 scenes with planted truth: 42,000
/// candidates, more than a third of them sources of 0.4 to 80 K on smooth to rough ground, with
/// roofs, twins, stuck pixels, drift and noise of 0.03 to 0.13 K.
const CONSTANT: f64 = -7.6444;
const WEIGHTS: [f64; Measures::NAMES.len()] = [
    1.2249, -0.1004, -0.4683, 5.4635, 0.1822, 6.5813, -8.2535, 3.0450, -2.3492, -2.0548, -3.5281,
    1.1103,
];

/// How the weighed log-odds are bent, a constant and the weights of them and of their square, so
/// that the chances are as often right as they say: in between they are too low otherwise. A second
/// regression on the same candidates.
const BEND: [f64; 3] = [-0.0515, 1.1125, 0.0348];

/// Beyond these log-odds the chance stays what it is there, 0.001 and 1: below -16 the bend would
/// turn back.
const MOST_ODDS: f64 = 8.0;
