//! hirp: the transmission of air, by distance, humidity and temperature.

use super::super::fault::Fault;
use super::hirp_calibration::{Calibration, Sensor};

/// The core of the M4T, whose distances are stretched and whose humidity acts once more.
const M4T_CORE: &[u8] = b"HM-TM640-17";
/// Strength of that humidity term by ambient temperature in °C, for air drier and damper than
/// 50 %.
const HUMIDITY: [(f64, f64, f64); 3] =
    [(25.0, 5.25e-4, 3.5e-4), (40.0, 7.0e-4, 5.26e-4), (50.0, 8.75e-4, 7.03e-4)];

/// What the air does to what is seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Air {
    /// Slope and start of the distance curve.
    c1: f64,
    c2_cm: f64,
    m4t: bool,
    low_gain: bool,
}

impl Air {
    pub(super) fn read(calibration: &Calibration<'_>, sensor: Sensor) -> Result<Self, Fault> {
        let at = 0x21AC + 32 * sensor.gain;
        let stored = calibration.int(at + 4)?;
        let later = calibration.byte(0x2F8A)? == 1
            && sensor.gain == 0
            && calibration.int(0x2F8C)? == 0
            && calibration.int(0x2FAC)? == 0;
        Ok(Self {
            c1: if later { 260.0 } else { f64::from(stored) },
            c2_cm: f64::from(calibration.int(at + 8)?),
            m4t: calibration.is_for(M4T_CORE),
            low_gain: sensor.gain == 1,
        })
    }

    /// The share that gets through; above 1 nearer than the calibration's distance.
    pub(super) fn transmission(
        self,
        distance_m: f64,
        humidity_percent: f64,
        ambient_c: f64,
    ) -> f64 {
        let distance_m = if self.m4t { self.stretched(distance_m) } else { distance_m };
        let cm = 100.0 * distance_m;
        let l = (cm - self.c2_cm).abs();
        let x = (self.c1 * l / 6250.0).clamp(0.0, 3200.0);
        let a = 2445.0
            + ambient_c
                * (174.67 + ambient_c * (4.8903 + ambient_c * (0.08413 + ambient_c * 0.001_267_4)));
        let exponent = 3.1023e-12 * a * humidity_percent * l
            + 9.4e-8 * l
            + x / (151.2 + 15.4 * x.powf(0.6946));
        let u = (-exponent).exp();
        let transmission = if cm >= self.c2_cm { u } else { 2.5 - 1.5 * u };
        if self.m4t {
            transmission * (1.0 + (50.0 - humidity_percent) * strength(humidity_percent, ambient_c))
        } else {
            transmission
        }
    }

    fn stretched(self, metres: f64) -> f64 {
        match metres {
            20.0.. if self.low_gain => 0.4 * metres + 8.0,
            40.0.. => 3.8 * metres - 112.0,
            20.0..40.0 => 1.2 * metres - 8.0,
            15.0..20.0 => 16.0 + (metres - 20.0) / 5.0,
            _ => metres,
        }
    }
}

/// Straight between the three temperatures, level beyond them.
fn strength(humidity_percent: f64, ambient_c: f64) -> f64 {
    let of = |(_, drier, damper): (f64, f64, f64)| {
        if humidity_percent < 50.0 { drier } else { damper }
    };
    let [cool, warm, hot] = HUMIDITY;
    let between = |low: (f64, f64, f64), high: (f64, f64, f64)| {
        of(low) + (ambient_c - low.0) / (high.0 - low.0) * (of(high) - of(low))
    };
    match ambient_c {
        25.0..40.0 => between(cool, warm),
        40.0..50.0 => between(warm, hot),
        50.0.. => of(hot),
        _ => of(cool),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AIR: Air = Air { c1: 600.0, c2_cm: 400.0, m4t: false, low_gain: false };

    #[test]
    fn distances_of_the_m4t_are_stretched() {
        let high = Air { m4t: true, ..AIR };
        let low = Air { low_gain: true, ..high };
        for (air, metres, stretched) in [
            (high, 5.0, 5.0),
            (high, 15.0, 15.0),
            (high, 17.5, 15.5),
            (high, 20.0, 16.0),
            (high, 30.0, 28.0),
            (high, 40.0, 40.0),
            (high, 50.0, 78.0),
            (low, 17.5, 15.5),
            (low, 20.0, 16.0),
            (low, 40.0, 24.0),
        ] {
            assert!((air.stretched(metres) - stretched).abs() < 1e-9, "{metres} m");
        }
    }

    #[test]
    fn transmission_is_one_at_the_calibrations_distance() {
        assert_eq!(AIR.transmission(4.0, 80.0, 40.0), 1.0);
        let (nearer, farther) =
            (AIR.transmission(3.0, 50.0, 20.0), AIR.transmission(5.0, 50.0, 20.0));
        assert!(farther < 1.0 && (nearer - (2.5 - 1.5 * farther)).abs() < 1e-12);
    }

    /// By hand for 10 m, 20 °C, 50 %: l = 600 cm, x = 57.6, x^0.6946 = 16.7063.., a = 8770.6..
    #[test]
    fn transmission_follows_its_three_parts() {
        let a: f64 =
            2445.0 + 174.67 * 20.0 + 4.8903 * 400.0 + 0.08413 * 8000.0 + 0.001_267_4 * 1.6e5;
        let water = 3.1023e-12 * a * 50.0 * 600.0;
        let distance = 57.6 / (151.2 + 15.4 * (0.6946 * 57.6_f64.ln()).exp());
        let wanted = (-water).exp() * (-9.4e-8 * 600.0_f64).exp() * (-distance).exp();
        assert!((AIR.transmission(10.0, 50.0, 20.0) - wanted).abs() < 1e-12);
        assert!((0.85..0.90).contains(&wanted), "{wanted}");
    }

    #[test]
    fn humidity_of_the_m4t_acts_by_temperature() {
        for (percent, ambient_c, wanted) in [
            (40.0, -20.0, 5.25e-4),
            (60.0, 25.0, 3.5e-4),
            (40.0, 32.5, 6.125e-4),
            (60.0, 32.5, 4.38e-4),
            (40.0, 40.0, 7.0e-4),
            (60.0, 45.0, 6.145e-4),
            (40.0, 50.0, 8.75e-4),
            (60.0, 70.0, 7.03e-4),
        ] {
            let found = strength(percent, ambient_c);
            assert!((found - wanted).abs() < 1e-12, "{percent} % at {ambient_c} C: {found}");
        }
        let m4t = Air { m4t: true, ..AIR };
        let plain = AIR.transmission(10.0, 70.0, 20.0);
        let wanted = plain * (1.0 - 20.0 * 3.5e-4);
        assert!((m4t.transmission(10.0, 70.0, 20.0) - wanted).abs() < 1e-12);
    }
}
