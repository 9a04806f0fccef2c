//! How sure it is that a finding is a source of heat or cold, by how surely each frame saw it, how
//! many did, and how much it stands out.

use super::estimate::median;

/// What the views of a cluster say of it together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Agreement {
    /// Mean log-odds of the views' scores.
    odds: f64,
    /// Median score.
    score: f64,
    views: u32,
    /// Frames that could have seen it.
    possible: u32,
}

/// A view is never surer than this, nor less sure than what is left to one, so that no single one
/// outweighs all others.
const SUREST: f64 = 0.9995;

/// More views than this say no more: they are of one pass, or of a video.
const MOST_VIEWS: u32 = 8;

/// Contrasts in kelvin beyond these say no more; no flight that it was weighed on had others.
const CONTRASTS_K: [f64; 2] = [0.2, 20.0];

/// Log-odds of what has none of the measures, and what the mean log-odds of the views, the share of
/// the frames that saw it, the logarithm of the views and that of the contrast in kelvin each add.
///
/// Logistic regression on what two frames or more saw in 180 simulated flights over grounds of all
/// sorts, drawn as `tools/flights.py --varied` draws them; 60 of its own give -9.76 and 1.16, 5.02,
/// 0.32, 1.67 with `--weigh`: views and share trade against each other. Most of what frames take
/// for a source and is none is ground that is a bit warmer there: the next frame sees it, too, but
/// seldom so surely, and it stands out little.
///
/// They hold for what only one frame could see, too, though they were not weighed on it: of 73 such
/// in thirty flights of that tool (1001 to 1030) they expect 47.7 to be sources, and 47 are.
const CONSTANT: f64 = -11.320;
const WEIGHTS: [f64; 4] = [1.247, 4.158, 1.372, 1.952];

impl Agreement {
    /// Of the scores of all views; those that are no numbers count for nothing.
    pub(super) fn of(scores: impl Iterator<Item = f32> + Clone, possible: u32) -> Self {
        let sound = |score: f32| if score.is_finite() { f64::from(score) } else { 0.0 };
        let odds = |score: f32| {
            let score = sound(score).clamp(1.0 - SUREST, SUREST);
            (score / (1.0 - score)).ln()
        };
        let views = scores.clone().count() as u32;
        Self {
            odds: scores.clone().map(odds).sum::<f64>() / f64::from(views.max(1)),
            score: median(scores.map(sound)).clamp(0.0, 1.0),
            views,
            possible: possible.max(views).max(1),
        }
    }

    /// Share of the frames that could have seen it.
    pub(super) fn share(&self) -> f64 {
        f64::from(self.views) / f64::from(self.possible)
    }

    /// The chance that what stands out by so many kelvin is a source.
    pub(super) fn chance(&self, contrast_k: f64) -> f64 {
        let often = f64::from(self.views.clamp(1, MOST_VIEWS)).ln();
        let contrast = contrast_k.abs().clamp(CONTRASTS_K[0], CONTRASTS_K[1]).ln();
        let measures = [self.odds, self.share(), often, contrast];
        let odds = CONSTANT + WEIGHTS.iter().zip(measures).map(|(w, of)| w * of).sum::<f64>();
        1.0 / (1.0 + (-odds).exp())
    }

    /// A number that orders findings where scores are heat, or contrasts no kelvin:
    /// `p · (1 + r) / 2`, with `p` the median score and `r = share · (1 − 2^(1 − views))` for how
    /// well the views bear each other out, 0 for one view, at most 0.5 for two. Our convention, and
    /// no chance.
    pub(super) fn rank(&self) -> f64 {
        let together = self.share() * (1.0 - (1.0 - f64::from(self.views)).exp2());
        (self.score * (1.0 + together) / 2.0).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_surer_fuller_and_stronger_views_are_surer() {
        let of = |score: f32, views: usize, possible: u32, contrast_k: f64| {
            Agreement::of(std::iter::repeat_n(score, views), possible).chance(contrast_k)
        };
        for (surer, less) in [
            (of(0.99, 6, 6, 2.0), of(0.9, 6, 6, 2.0)),
            (of(0.99, 6, 6, 2.0), of(0.99, 6, 8, 2.0)),
            (of(0.99, 6, 6, 2.0), of(0.99, 2, 2, 2.0)),
            (of(0.99, 2, 2, 2.0), of(0.99, 1, 2, 2.0)),
            (of(0.99, 6, 6, -2.0), of(0.99, 6, 6, 1.0)),
        ] {
            assert!(surer > less, "{surer} {less}");
        }
        // A video's thousand frames are one look, and a flare is no surer than a fire.
        assert!((of(0.4, 1000, 1000, 1.0) - of(0.4, 8, 8, 1.0)).abs() < 1e-12);
        assert!(of(0.4, 1000, 1000, 1.0) < 0.1);
        assert!((of(0.4, 8, 8, 900.0) - of(0.4, 8, 8, 20.0)).abs() < 1e-12);
        // What a lone frame sees must stand out: by hand, 1 / (1 + exp(11.320 - 5.730 - 4.158)).
        assert!((of(0.99, 1, 1, 1.0) - 0.193).abs() < 2e-3, "{}", of(0.99, 1, 1, 1.0));
        assert!(of(0.99, 1, 1, 5.0) > 0.8);
    }

    #[test]
    fn heat_is_ranked_by_its_median_and_by_views_that_agree() {
        let rank =
            |scores: &[f32], possible| Agreement::of(scores.iter().copied(), possible).rank();
        assert_eq!(rank(&[0.5], 1), 0.25);
        assert_eq!(rank(&[0.5, 0.5], 2), 0.375);
        assert_eq!(rank(&[0.5, 0.5], 4), 0.3125);
        assert_eq!(rank(&[0.2, 1.0, 1.0], 3), 0.875);
        // No numbers and no frames do no harm.
        assert_eq!(rank(&[f32::NAN, f32::INFINITY], 0), 0.0);
        assert!((0.0..=1.0).contains(&Agreement::of([f32::NAN].into_iter(), 0).chance(0.0)));
        assert_eq!(Agreement::of([].into_iter(), 0).rank(), 0.0);
    }
}
