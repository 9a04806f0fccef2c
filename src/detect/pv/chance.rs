//! How sure a finding on a module is.

/// Below this nothing is looked at as a logarithm.
const LEAST: f64 = 0.05;

/// What is measured of a whole module or a section.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) delta_k: f64,
    /// The difference over its spread between like modules.
    pub(super) spreads: f64,
    /// How much the parts of the module differ, over what is usual.
    pub(super) unrest: f64,
    pub(super) is_section: bool,
    pub(super) in_string: bool,
    /// The strength of its sides, and the mean of those of the frame.
    pub(super) sides: f64,
    pub(super) frame_sides: f64,
}

impl Standing {
    fn measures(self) -> [f64; 7] {
        let flag = |is: bool| f64::from(u8::from(is));
        [
            ln(self.delta_k),
            ln(self.spreads),
            ln(self.unrest),
            flag(self.is_section),
            flag(self.in_string),
            self.sides,
            self.frame_sides,
        ]
    }
}

/// What is measured of a spot on a module.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    /// Its chance beside its ring.
    pub(super) ring: f32,
    /// Its contrast to the same part of other modules, and that over their spread.
    pub(super) delta_k: f64,
    pub(super) spreads: f64,
    /// Its share of the module.
    pub(super) share: f64,
    /// How far it is from the module's nearest side.
    pub(super) side_px: f64,
    /// The mean strength of the sides of the frame's modules.
    pub(super) frame_sides: f64,
}

impl Spot {
    fn measures(self) -> [f64; 6] {
        [
            odds(self.ring),
            ln(self.delta_k),
            ln(self.spreads),
            ln(self.share),
            self.side_px.clamp(0.0, MOST_SIDE_PX),
            self.frame_sides,
        ]
    }
}

/// Farther from the sides of its module makes no difference.
const MOST_SIDE_PX: f64 = 4.0;

/// The log-odds of a chance that is never quite sure.
fn odds(chance: f32) -> f64 {
    let chance = f64::from(chance).clamp(0.001, 0.999);
    (chance / (1.0 - chance)).ln()
}

fn ln(of: f64) -> f64 {
    of.max(LEAST).ln()
}

/// Constant and weights of a whole module or a section.
///
/// This and the two below are logistic regressions on 180 drawn frames with planted defects: 944
/// modules, half of them defects, 4,500 spots on modules and 15,800 beside them. No planted module
/// was cold: cold ones get the chance that a warm one would.
const MODULE: (f64, [f64; 7]) = (-4.163, [1.023, 0.03, -0.975, 2.621, -1.511, 3.801, 3.518]);

/// Constant and weights of a spot on a module.
const SPOT: (f64, [f64; 6]) = (-5.961, [0.222, 1.979, 0.127, 0.287, 0.424, 0.772]);

/// Constant and weight of the odds beside its ring, for what lies beside all modules.
const BESIDE: (f64, f64) = (-3.469, 0.503);

/// The chance of a whole module or a section.
pub(super) fn module_chance(module: Standing) -> f32 {
    chance(MODULE.0 + dot(&module.measures(), &MODULE.1))
}

/// The chance of a spot on a module.
pub(super) fn spot_chance(spot: Spot) -> f32 {
    chance(SPOT.0 + dot(&spot.measures(), &SPOT.1))
}

/// The chance of what lies beside all modules: mostly ground, seldom a module that was not found.
pub(super) fn beside_chance(ring: f32) -> f32 {
    chance(BESIDE.0 + BESIDE.1 * odds(ring))
}

fn dot(measures: &[f64], weights: &[f64]) -> f64 {
    measures.iter().zip(weights).map(|(of, weight)| of * weight).sum()
}

/// Log-odds as a chance, in steps of a ten-thousandth.
fn chance(odds: f64) -> f32 {
    let chance = 1.0 / (1.0 + (-odds).exp());
    ((chance * 1e4).round() / 1e4) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_contrast_is_surer_and_beside_a_module_nothing_is() {
        let spot = |delta_k: f64| Spot {
            ring: 0.9,
            delta_k,
            spreads: 10.0 * delta_k,
            share: 0.02,
            side_px: 4.0,
            frame_sides: 0.8,
        };
        assert!(spot_chance(spot(10.0)) > 0.5);
        assert!(spot_chance(spot(0.3)) < 0.1);
        assert!(spot_chance(spot(f64::NAN)).is_finite());
        assert!(beside_chance(0.5) < 0.1);
    }
}
