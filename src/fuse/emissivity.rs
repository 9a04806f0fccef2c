//! What a surface's emissivity leaves open of a contrast.

use serde_json::Value;

/// One sigma of an emissivity that is read off a table: what is painted, mineral, of plastic or
/// grown has 0.90 to 0.97, and nobody knows of a spot from the air which. Our convention.
const EMISSIVITY_SIGMA: f64 = 0.02;

/// Second radiation constant over the middle of 8 to 14 µm, 14,388 µm·K / 10.5 µm, in kelvin
/// (CODATA 2018). Wien's law is within 2 % of Planck's there up to 350 K.
const WIEN_K: f64 = 14_388.0 / 10.5;

const ZERO_CELSIUS_K: f64 = 273.15;

/// What a frame's temperatures were worked out with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Surface {
    /// Emissivity of all that the frame shows, above 0 to 1.
    pub emissivity: f64,
    /// Temperature in °C of what it reflects.
    pub reflected_c: f64,
}

impl Surface {
    /// Out of radiometric parameters as JSON text, the form in which a frame's record keeps them;
    /// `None` where one of the two is not known.
    #[must_use]
    pub fn told(parameters: &str) -> Option<Self> {
        let all: Value = serde_json::from_str(parameters).ok()?;
        let number = |name: &str| all[name].as_f64().filter(|of| of.is_finite());
        let (emissivity, reflected_c) = (number("emissivity")?, number("reflected_c")?);
        (emissivity > 0.0).then_some(Self { emissivity, reflected_c })
    }

    /// One sigma in kelvin that unknown emissivities leave of the contrast of a spot of `peak_c`
    /// with ground of `background_c`, which may be of another material.
    #[must_use]
    pub fn contrast_sigma_k(&self, peak_c: f64, background_c: f64) -> f64 {
        let sigma = self.slope_k(peak_c).hypot(self.slope_k(background_c)) * EMISSIVITY_SIGMA;
        if sigma.is_finite() { sigma } else { 0.0 }
    }

    /// By how many kelvin a temperature falls if the emissivity is 1 higher, as it would if it kept
    /// its slope: `(1 − W(T_r) / W(T)) · W(T) / (ε · W'(T))` from `W = ε W(T) + (1 − ε) W(T_r)`,
    /// with Wien's law for `W`.
    fn slope_k(&self, celsius: f64) -> f64 {
        let kelvin = (celsius + ZERO_CELSIUS_K).max(1.0);
        let reflected = (self.reflected_c + ZERO_CELSIUS_K).max(1.0);
        let share = (WIEN_K / kelvin - WIEN_K / reflected).exp();
        (1.0 - share) * kelvin * kelvin / (WIEN_K * self.emissivity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Planck's law at one wavelength, without its constant factor.
    fn planck(kelvin: f64) -> f64 {
        1.0 / ((WIEN_K / kelvin).exp() - 1.0)
    }

    /// The temperature that a radiance shows for an emissivity, as a camera works it out.
    fn shown_c(radiance: f64, emissivity: f64, reflected_c: f64) -> f64 {
        let own =
            (radiance - (1.0 - emissivity) * planck(reflected_c + ZERO_CELSIUS_K)) / emissivity;
        WIEN_K / (1.0 / own).ln_1p() - ZERO_CELSIUS_K
    }

    #[test]
    fn a_wrong_emissivity_is_off_by_as_much_as_a_camera_s_own_sum() {
        for (celsius, reflected_c, emissivity) in
            [(15.0, -40.0, 0.95), (15.0, 20.0, 0.95), (70.0, -20.0, 0.9), (60.0, 20.0, 0.6)]
        {
            let radiance = emissivity * planck(celsius + ZERO_CELSIUS_K)
                + (1.0 - emissivity) * planck(reflected_c + ZERO_CELSIUS_K);
            let step = 0.001;
            let higher = shown_c(radiance, emissivity + step, reflected_c);
            let surface = Surface { emissivity, reflected_c };
            let (slope, summed) = (surface.slope_k(celsius), (celsius - higher) / step);
            assert!((slope - summed).abs() < 0.04 * summed.abs() + 0.05, "{slope} {summed}");
        }
    }

    #[test]
    fn both_must_be_told() {
        let surface = Surface { emissivity: 0.95, reflected_c: -12.5 };
        for (text, expected) in [
            (r#"{"emissivity": 0.95, "reflected_c": -12.5, "distance_m": 30}"#, Some(surface)),
            (r#"{"emissivity": 0.95}"#, None),
            (r#"{"emissivity": 0, "reflected_c": 20}"#, None),
            (r#"{"emissivity": "0.95", "reflected_c": 20}"#, None),
            ("", None),
        ] {
            assert_eq!(Surface::told(text), expected, "{text}");
        }
    }

    #[test]
    fn nothing_is_open_where_ground_and_sky_are_alike_and_much_under_a_clear_sky() {
        let room = Surface { emissivity: 0.95, reflected_c: 20.0 };
        assert!(room.contrast_sigma_k(20.0, 20.0) < 1e-9);
        let sky = Surface { emissivity: 0.95, reflected_c: -40.0 };
        let open = sky.contrast_sigma_k(15.0, 12.0);
        // 43 and 41 K for a whole one, by hand.
        assert!((open - 0.02 * 43.0_f64.hypot(41.1)).abs() < 0.01, "{open}");
        let broken = Surface { emissivity: 0.0, reflected_c: f64::NAN };
        assert!(broken.contrast_sigma_k(15.0, 12.0).abs() < 1e-9);
    }
}
