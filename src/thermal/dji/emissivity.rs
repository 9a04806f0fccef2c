//! iirp: the emissivity that acts on fourth powers, from the one that acts in the camera's band.
//!
//! The arithmetic of temperatures goes by T⁴, all wavelengths together, but the camera sees a
//! band. Newer files ask for the emissivity to be turned into the one that, put into the formula
//! of fourth powers, gives what the band gives.

/// The camera's band in micrometres.
const BAND_UM: (f64, f64) = (7.94, 14.2);
/// Temperature of the surroundings that the conversion takes for granted.
const SURROUNDINGS_K: f64 = 296.0;
/// Second radiation constant, CODATA 2018, in µm K.
const C2_UM_K: f64 = 14_387.768_77;
/// Apparent temperatures at which the vendor's program holds the conversion: 223 to 1823 K.
const FIRST_K: f64 = 223.0;
const STEP_K: f64 = 20.0;
const ROWS: usize = 81;
/// Emissivities between which it does; beyond them it goes straight to 0 and to 1.
const LEAST: f64 = 0.8;
const MOST: f64 = 0.998;

/// Emissivity by apparent temperature.
#[derive(Debug, Clone)]
pub(super) struct Emissivity {
    said: f64,
    /// The rows worked out so far, since a frame needs few of them; `None` without conversion.
    rows: Option<[Option<f64>; ROWS]>,
}

impl Emissivity {
    /// `converted`: whether the file asks for the conversion.
    pub(super) fn new(said: f64, converted: bool) -> Self {
        Self { said, rows: converted.then_some([None; ROWS]) }
    }

    /// The emissivity to put into the formula of fourth powers.
    pub(super) fn at(&mut self, apparent_k: f64) -> f64 {
        let said = self.said;
        let Some(rows) = &mut self.rows else { return said };
        let row = ((apparent_k - FIRST_K) / STEP_K).clamp(0.0, (ROWS - 1) as f64);
        let low = (row as usize).min(ROWS - 2);
        let mut known = |index: usize| {
            *rows[index].get_or_insert_with(|| converted(FIRST_K + STEP_K * index as f64, said))
        };
        let (from, to) = (known(low), known(low + 1));
        from + (row - low as f64) * (to - from)
    }
}

/// The conversion with its two straight ends.
fn converted(apparent_k: f64, said: f64) -> f64 {
    if said < LEAST {
        said * band_to_fourth(apparent_k, LEAST) / LEAST
    } else if said > MOST {
        let at_most = band_to_fourth(apparent_k, MOST);
        at_most + (said - MOST) / (1.0 - MOST) * (1.0 - at_most)
    } else {
        band_to_fourth(apparent_k, said)
    }
}

/// E' = (T_app⁴ - T0⁴)/(T⁴ - T0⁴), where the band's radiances are L(T_app) = E L(T) + (1-E) L(T0).
fn band_to_fourth(apparent_k: f64, emissivity: f64) -> f64 {
    if (apparent_k - SURROUNDINGS_K).abs() < 1e-3 {
        return emissivity; // the limit
    }
    let surroundings = band_radiance(SURROUNDINGS_K);
    let own = (band_radiance(apparent_k) - (1.0 - emissivity) * surroundings) / emissivity;
    let kelvin = temperature_of(own, apparent_k);
    let fourth = SURROUNDINGS_K.powi(4);
    (apparent_k.powi(4) - fourth) / (kelvin.powi(4) - fourth)
}

/// Radiance in the band, up to a constant factor.
fn band_radiance(kelvin: f64) -> f64 {
    kelvin.powi(4) * (share_below(BAND_UM.1 * kelvin) - share_below(BAND_UM.0 * kelvin))
}

/// Share of a black body's radiation below a wavelength times temperature in µm K: the series of
/// Chang and Rhee (1984).
fn share_below(um_k: f64) -> f64 {
    let x = C2_UM_K / um_k;
    let mut sum = 0.0;
    for n in 1..=200 {
        let n = f64::from(n);
        let term = (-n * x).exp() * (x.powi(3) + (3.0 * x * x + (6.0 * x + 6.0 / n) / n) / n) / n;
        sum += term;
        if term < 1e-13 * sum {
            break;
        }
    }
    15.0 / std::f64::consts::PI.powi(4) * sum
}

/// Inverse of [`band_radiance`]: the secant over 1/T, in which the radiance's logarithm is nearly
/// straight.
fn temperature_of(radiance: f64, start_k: f64) -> f64 {
    let wanted = radiance.ln();
    let miss = |inverse: f64| band_radiance(1.0 / inverse).ln() - wanted;
    let (mut last, mut inverse) = (1.0 / start_k, 1.02 / start_k);
    let mut last_miss = miss(last);
    for _ in 0..20 {
        let now_miss = miss(inverse);
        let slope = (now_miss - last_miss) / (inverse - last);
        if now_miss.abs() < 1e-11 || slope == 0.0 {
            break;
        }
        (last, last_miss) = (inverse, now_miss);
        inverse -= now_miss / slope;
    }
    1.0 / inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Black-body radiation functions, Incropera and DeWitt, table 12.1.
    #[test]
    fn shares_of_black_body_radiation_are_as_tabulated() {
        for (um_k, share) in [
            (1000.0, 0.000_321),
            (2000.0, 0.066_728),
            (2898.0, 0.250_108),
            (5000.0, 0.633_747),
            (10_000.0, 0.914_199),
        ] {
            let found = share_below(um_k);
            assert!((found - share).abs() < 1e-4, "{um_k}: {found}");
        }
    }

    #[test]
    fn a_radiance_leads_back_to_its_temperature() {
        for kelvin in [190.0, 223.0, 296.0, 500.0, 1823.0] {
            let back = temperature_of(band_radiance(kelvin), 300.0);
            assert!((back - kelvin).abs() < 1e-6, "{kelvin}: {back}");
        }
    }

    #[test]
    fn without_conversion_emissivity_is_as_said() {
        assert_eq!(Emissivity::new(0.87, false).at(400.0), 0.87);
    }

    #[test]
    fn conversion_is_straight_at_both_ends() {
        for kelvin in [223.0, 263.0, 363.0, 1823.0] {
            let at = |said| Emissivity::new(said, true).at(kelvin);
            assert_eq!(at(1.0), 1.0);
            assert!((at(0.4) - at(0.8) / 2.0).abs() < 1e-12, "{kelvin}");
            let (most, between) = (at(0.998), at(0.999));
            assert!((between - f64::midpoint(most, 1.0)).abs() < 1e-12, "{kelvin}");
        }
    }

    /// By Simpson's rule over Planck's law in 4000 steps and bisection, in another program.
    #[test]
    fn conversion_is_as_integrated_elsewhere() {
        for (kelvin, said, wanted) in [
            (223.0, 0.9, 0.887_443_988),
            (263.0, 0.9, 0.899_282_099),
            (363.0, 0.9, 0.893_315_585),
            (363.0, 0.8, 0.786_584_967),
            (823.0, 0.95, 0.909_550_611),
        ] {
            let found = converted(kelvin, said);
            assert!((found - wanted).abs() < 1e-7, "{kelvin} {said}: {found}");
        }
    }

    #[test]
    fn outside_its_rows_the_nearest_holds() {
        let at = |kelvin| Emissivity::new(0.9, true).at(kelvin);
        assert_eq!(at(100.0), at(223.0));
        assert_eq!(at(5000.0), at(1823.0));
        // Near the surroundings' temperature the conversion has its limit: nothing to convert.
        assert!((at(296.0) - 0.9).abs() < 0.01, "{}", at(296.0));
    }
}
