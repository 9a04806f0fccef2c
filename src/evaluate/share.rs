//! A share of a count, and how sure it is.

use serde::Serialize;

/// `of` things, `count` of which are so.
///
/// The interval is Wilson's at 95 % (E. B. Wilson, "Probable inference, the law of succession, and
/// statistical inference", JASA 22 (1927), 209–212), which Brown, Cai and DasGupta ("Interval
/// estimation for a binomial proportion", Statistical Science 16 (2001), 101–133) recommend also
/// for few things and for shares near 0 and 1. It takes the things as independent; frames of one
/// scene are not, so it is then too narrow.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// The share; none of nothing.
    pub share: Option<f64>,
    /// Things that are so.
    pub count: usize,
    /// Things.
    pub of: usize,
    /// Lower end of the 95 % interval.
    pub low95: f64,
    /// Upper end.
    pub high95: f64,
}

/// Two-sided 95 % point of the normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;

impl Share {
    /// `count` of `of`.
    #[must_use]
    pub fn new(count: usize, of: usize) -> Self {
        if of == 0 {
            return Self { share: None, count, of, low95: 0.0, high95: 1.0 };
        }
        let (n, share) = (of as f64, count as f64 / of as f64);
        let z2 = Z_95 * Z_95;
        let middle = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
        let half = Z_95 / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
        // At the ends the formula gives 0 and 1 but for rounding.
        let low95 = if count == 0 { 0.0 } else { (middle - half).max(0.0) };
        let high95 = if count == of { 1.0 } else { (middle + half).min(1.0) };
        Self { share: Some(share), count, of, low95, high95 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilson_s() {
        // Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in
        // Medicine 17 (1998), 857–872, table I, method 3.
        for (count, of, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let share = Share::new(count, of);
            assert!(
                (share.low95 - low).abs() < 6e-5 && (share.high95 - high).abs() < 6e-5,
                "{share:?}"
            );
        }
        let nothing = Share::new(0, 0);
        assert_eq!((nothing.share, nothing.low95, nothing.high95), (None, 0.0, 1.0));
    }
}
