//! Object temperatures → raw counts: the FLIR formula the other way round.

/// What the camera record stores of calibration and measurement, as 32-bit floats like in the
/// file, so that a reader's formula starts from the same numbers.
///
/// R1, R2, B, F and O are invented, in the range of real cores: about 50 counts a kelvin at 12 °C.
/// The transmission of the air takes the constants that FLIR cameras carry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Radiometry {
    pub(super) r1: f32,
    pub(super) b: f32,
    pub(super) f: f32,
    pub(super) o: i32,
    pub(super) r2: f32,
    pub(super) alpha: [f32; 2],
    pub(super) beta: [f32; 2],
    pub(super) x: f32,
    pub(super) emissivity: f32,
    pub(super) distance_m: f32,
    pub(super) reflected_k: f32,
    pub(super) ambient_k: f32,
    /// 0 to 1.
    pub(super) humidity: f32,
}

impl Radiometry {
    /// A clear, cold morning: the sky at -20 °C, the air at 8 °C and 60 % humidity.
    pub(super) fn at_distance(distance_m: f64) -> Self {
        Self {
            r1: 16_500.0,
            b: 1_430.0,
            f: 1.0,
            o: -500,
            r2: 0.0375,
            alpha: [0.006_569, 0.012_62],
            beta: [-0.002_276, -0.006_67],
            x: 1.9,
            emissivity: 0.95,
            distance_m: distance_m as f32,
            reflected_k: 253.15,
            ambient_k: 281.15,
            humidity: 0.6,
        }
    }

    /// Counts of a black body before the camera, in kelvin.
    fn signal(&self, kelvin: f64) -> f64 {
        let planck = (f64::from(self.b) / kelvin).exp() - f64::from(self.f);
        f64::from(self.r1) / (f64::from(self.r2) * planck) - f64::from(self.o)
    }

    /// Transmission of half the path (FLIR's formula; water in the air as a polynomial in °C).
    fn half_path(&self) -> f64 {
        let air_c = f64::from(self.ambient_k) - crate::units::KELVIN_OFFSET;
        let exponent = 1.5587 + air_c * (0.069_39 + air_c * (-2.781_6e-4 + air_c * 6.845_5e-7));
        let water = (f64::from(self.humidity) * exponent.exp()).sqrt();
        let path = (f64::from(self.distance_m) / 2.0).sqrt();
        let x = f64::from(self.x);
        let [near, far] = [0, 1]
            .map(|i| (-path * (f64::from(self.alpha[i]) + f64::from(self.beta[i]) * water)).exp());
        x * near + (1.0 - x) * far
    }

    /// The inverse for one frame: object temperature in °C → count, by the half-path convention
    /// without a window.
    pub(super) fn inverse(&self) -> Inverse {
        let (e, t) = (f64::from(self.emissivity), self.half_path());
        let air = self.signal(f64::from(self.ambient_k));
        let reflected = self.signal(f64::from(self.reflected_k));
        // raw = E t² S(T) + (1-t)(1 + t) S(Ta) + t² (1-E) S(Tr)
        let gain = e * t * t;
        let offset = (1.0 - t) * (1.0 + t) * air + t * t * (1.0 - e) * reflected;
        Inverse { radiometry: *self, gain, offset }
    }
}

/// Object temperature → count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inverse {
    radiometry: Radiometry,
    gain: f64,
    offset: f64,
}

impl Inverse {
    /// The nearest count, within 0 to 65,535.
    #[inline]
    pub(super) fn count(&self, celsius: f64) -> u16 {
        let kelvin = (celsius + crate::units::KELVIN_OFFSET).max(1.0);
        // A cast from float to integer saturates.
        (self.gain * self.radiometry.signal(kelvin) + self.offset).round() as u16
    }
}

/// Hundredths of a kelvin, within 0 to 65,535.
#[inline]
pub(super) fn centikelvin(celsius: f64) -> u16 {
    ((celsius + crate::units::KELVIN_OFFSET) * 100.0).round() as u16
}
