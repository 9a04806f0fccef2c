//! FLIR radiometry: raw counts to degrees.
//!
//! The sensor's answer to a black body of T kelvin is
//! `S(T) = R1 / (R2 (exp(B/T) - F)) - O` counts; what reaches it is the object's own radiation,
//! what it reflects, and what the air and a window add. Two conventions exist for the air, see
//! [`PathConvention`]: FLIR's published formula has one whole path; Thermimage's `raw2temp` and
//! most tools after it take half of it twice. No maker's decoder was at hand to settle which the
//! cameras use; they differ by 0.01 to 0.2 K at 1 m. A window stands between the two halves, or
//! in front of the camera where the path is whole (FLIR's formula knows none).

use crate::thermal::fault::Fault;
use crate::thermal::{Overrides, Parameter, ParameterSource, PathConvention};

/// Kelvin at 0 °C.
pub(super) const KELVIN_AT_0_C: f64 = 273.15;

/// A camera's calibration, from its file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Planck {
    /// Counts.
    pub(super) r1: f64,
    /// No unit.
    pub(super) r2: f64,
    /// Kelvin.
    pub(super) b: f64,
    /// No unit.
    pub(super) f: f64,
    /// Counts.
    pub(super) o: f64,
}

impl Planck {
    /// Counts that a black body of a temperature gives.
    fn counts(&self, celsius: f64) -> f64 {
        let kelvin = celsius + KELVIN_AT_0_C;
        self.r1 / (self.r2 * ((self.b / kelvin).exp() - self.f)) - self.o
    }

    /// The temperature of a black body that gives these counts; NaN where there is none.
    fn celsius(&self, counts: f64) -> f64 {
        let sum = counts + self.o;
        let log = (self.r1 / (self.r2 * sum) + self.f).ln();
        if sum > 0.0 && log > 0.0 { self.b / log - KELVIN_AT_0_C } else { f64::NAN }
    }

    fn is_usable(&self) -> bool {
        let positive = [self.r1, self.r2, self.b].iter().all(|v| v.is_finite() && *v > 0.0);
        positive && self.f.is_finite() && self.o.is_finite()
    }
}

/// Constants of the air's transmission, from the file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Air {
    /// Per root of a metre.
    pub(super) alpha1: f64,
    /// Per root of a metre.
    pub(super) alpha2: f64,
    /// Per root of a metre and of a mm Hg.
    pub(super) beta1: f64,
    /// Per root of a metre and of a mm Hg.
    pub(super) beta2: f64,
    /// Share of the first band.
    pub(super) x: f64,
}

impl Air {
    /// Transmission of a path. The polynomial for the water vapour (about mm Hg) is FLIR's, as
    /// published in its "atmospheric transmission" note and in Thermimage.
    fn transmission(&self, distance_m: f64, scene: &Scene) -> f64 {
        let t = scene.ambient_c;
        let saturated = (1.5587 + 0.06939 * t - 2.7816e-4 * t * t + 6.8455e-7 * t * t * t).exp();
        let root = (scene.humidity_percent / 100.0 * saturated).sqrt();
        let band = |alpha: f64, beta: f64| (-distance_m.sqrt() * (alpha + beta * root)).exp();
        self.x * band(self.alpha1, self.beta1) + (1.0 - self.x) * band(self.alpha2, self.beta2)
    }
}

/// What lies between object and camera.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scene {
    /// Above 0, to 1.
    pub(super) emissivity: f64,
    /// Metres.
    pub(super) distance_m: f64,
    /// 0 to 100.
    pub(super) humidity_percent: f64,
    /// What the object reflects.
    pub(super) reflected_c: f64,
    /// The air.
    pub(super) ambient_c: f64,
    /// An external window.
    pub(super) window_c: f64,
    /// Above 0, to 1; 1 is no window.
    pub(super) window_transmission: f64,
}

impl Scene {
    /// The stored scene with the user's values put in, and the list of what was used.
    pub(super) fn with(mut self, user: &Overrides) -> (Self, Vec<Parameter>) {
        let fields = [
            ("emissivity", &mut self.emissivity, user.emissivity),
            ("distance_m", &mut self.distance_m, user.distance_m),
            ("humidity_percent", &mut self.humidity_percent, user.humidity_percent),
            ("reflected_c", &mut self.reflected_c, user.reflected_c),
            ("ambient_c", &mut self.ambient_c, user.ambient_c),
            ("window_c", &mut self.window_c, user.window_c),
            ("window_transmission", &mut self.window_transmission, user.window_transmission),
        ];
        let mut used = Vec::with_capacity(fields.len());
        for (name, value, user) in fields {
            let source = match user {
                Some(user) => {
                    *value = user;
                    ParameterSource::User
                }
                None => ParameterSource::File,
            };
            used.push(Parameter { name, value: *value, source });
        }
        (self, used)
    }

    /// The first parameter outside what physics allows, NaN included, with its range.
    fn impossible(&self) -> Option<(&'static str, f64, &'static str)> {
        let share = |v: f64| v > 0.0 && v <= 1.0;
        let kelvin = |v: f64| v > -KELVIN_AT_0_C && v <= 5000.0;
        let far = self.distance_m >= 0.0 && self.distance_m.is_finite();
        let humid = (0.0..=100.0).contains(&self.humidity_percent);
        // Without a window its temperature does not matter, but a user's NaN is a mistake.
        let window =
            kelvin(self.window_c) || (self.window_transmission == 1.0 && self.window_c.is_finite());
        let above_zero = "above 0, to 1";
        let warm = "above -273.15 C";
        let rules = [
            ("emissivity", self.emissivity, share(self.emissivity), above_zero),
            ("distance", self.distance_m, far, "0 m or more"),
            ("humidity", self.humidity_percent, humid, "0 to 100 %"),
            ("reflected temperature", self.reflected_c, kelvin(self.reflected_c), warm),
            ("air temperature", self.ambient_c, kelvin(self.ambient_c), warm),
            ("window temperature", self.window_c, window, warm),
            (
                "window transmission",
                self.window_transmission,
                share(self.window_transmission),
                above_zero,
            ),
        ];
        rules.into_iter().find(|rule| !rule.2).map(|(name, value, _, range)| (name, value, range))
    }
}

/// Everything of one frame that does not depend on the pixel: the object's own counts are
/// `gain * raw - rest`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Radiometry {
    planck: Planck,
    gain: f64,
    rest: f64,
    /// Of the whole path.
    pub(super) transmission: f64,
}

impl Radiometry {
    pub(super) fn new(
        planck: Planck,
        air: &Air,
        scene: &Scene,
        path: PathConvention,
    ) -> Result<Self, Fault> {
        if !planck.is_usable() {
            return Err(Fault::refused(format!(
                "the file holds no camera calibration (R1 {}, R2 {}, B {}, F {}): export it again \
                 from the maker's program as a radiometric JPEG",
                planck.r1, planck.r2, planck.b, planck.f
            )));
        }
        if let Some((name, value, range)) = scene.impossible() {
            return Err(Fault::refused(format!(
                "the {name} is {value}, but must be {range}: give one that holds"
            )));
        }
        let (far, near) = match path {
            PathConvention::Half => {
                let half = air.transmission(scene.distance_m / 2.0, scene);
                (half, half)
            }
            PathConvention::Full => (air.transmission(scene.distance_m, scene), 1.0),
        };
        let (e, w) = (scene.emissivity, scene.window_transmission);
        let ambient = planck.counts(scene.ambient_c);
        let reflected = planck.counts(scene.reflected_c);
        // A window that lets everything through has no temperature that counts.
        let window = if w == 1.0 { 0.0 } else { planck.counts(scene.window_c) };
        let gain = 1.0 / (e * far * w * near);
        let rest = (1.0 - far) / (e * far) * ambient
            + (1.0 - near) * gain * ambient
            + (1.0 - w) / (e * far * w) * window
            + (1.0 - e) / e * reflected;
        let transmission = far * near;
        let sound = [transmission, gain, rest].iter().all(|value| value.is_finite());
        if !sound || far <= 0.0 {
            return Err(Fault::refused(format!(
                "the air's transmission comes out as {transmission:.3} at {} m, {} C and {} % \
                 humidity: give a distance, humidity and air temperature that hold",
                scene.distance_m, scene.ambient_c, scene.humidity_percent
            )));
        }
        Ok(Self { planck, gain, rest, transmission })
    }

    /// Degrees Celsius of a raw count; NaN where no temperature gives it.
    pub(super) fn celsius(&self, count: u16) -> f64 {
        self.planck.celsius(self.gain * f64::from(count) - self.rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLANCK: Planck = Planck { r1: 17000.0, r2: 0.012, b: 1430.0, f: 1.0, o: -6000.0 };
    const AIR: Air =
        Air { alpha1: 0.006569, alpha2: 0.01262, beta1: -0.002276, beta2: -0.00667, x: 1.9 };
    const SCENE: Scene = Scene {
        emissivity: 0.95,
        distance_m: 5.0,
        humidity_percent: 50.0,
        reflected_c: 20.0,
        ambient_c: 20.0,
        window_c: 20.0,
        window_transmission: 1.0,
    };

    #[test]
    fn everything_at_one_temperature_is_that_temperature_whatever_lies_between() {
        let count = PLANCK.counts(20.0).round();
        let truth = PLANCK.celsius(count);
        for path in [PathConvention::Half, PathConvention::Full] {
            for (emissivity, window_transmission) in [(1.0, 1.0), (0.3, 1.0), (0.7, 0.6)] {
                let same = Scene {
                    emissivity,
                    window_transmission,
                    reflected_c: truth,
                    window_c: truth,
                    ambient_c: truth,
                    ..SCENE
                };
                let radiometry = Radiometry::new(PLANCK, &AIR, &same, path).unwrap();
                let got = radiometry.celsius(count as u16);
                assert!((got - truth).abs() < 1e-9, "{path:?} {emissivity}: {got} {truth}");
            }
        }
    }

    #[test]
    fn parameters_that_cannot_be_give_no_numbers() {
        for broken in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1.1] {
            let scene = Scene { emissivity: broken, ..SCENE };
            assert!(Radiometry::new(PLANCK, &AIR, &scene, PathConvention::Half).is_err());
        }
        for broken in [f64::NAN, f64::INFINITY, -300.0] {
            for path in [PathConvention::Half, PathConvention::Full] {
                for scene in [
                    Scene { distance_m: broken, ..SCENE },
                    Scene { humidity_percent: broken, ..SCENE },
                    Scene { reflected_c: broken, ..SCENE },
                    Scene { ambient_c: broken, ..SCENE },
                ] {
                    assert!(Radiometry::new(PLANCK, &AIR, &scene, path).is_err());
                }
            }
            let window = Scene { window_c: broken, window_transmission: 0.9, ..SCENE };
            assert!(Radiometry::new(PLANCK, &AIR, &window, PathConvention::Half).is_err());
        }
        let far = Scene { distance_m: 1e9, ambient_c: 60.0, ..SCENE };
        assert!(Radiometry::new(PLANCK, &AIR, &far, PathConvention::Full).is_err());
        let broken = Planck { b: f64::NAN, ..PLANCK };
        assert!(Radiometry::new(broken, &AIR, &SCENE, PathConvention::Half).is_err());
    }

    #[test]
    fn counts_below_the_offset_have_no_temperature() {
        let radiometry = Radiometry::new(PLANCK, &AIR, &SCENE, PathConvention::Half).unwrap();
        assert!(radiometry.celsius(0).is_nan());
        assert!(radiometry.celsius(15000).is_finite());
    }

    #[test]
    fn a_windowless_whole_path_is_the_published_formula() {
        // raw = t E S(T) + t (1-E) S(Tr) + (1-t) S(Ta)
        let tau = AIR.transmission(SCENE.distance_m, &SCENE);
        let truth = 57.0;
        let scene = Scene { reflected_c: 3.0, ambient_c: 12.0, ..SCENE };
        let raw = AIR.transmission(5.0, &scene) * 0.95 * PLANCK.counts(truth)
            + AIR.transmission(5.0, &scene) * 0.05 * PLANCK.counts(3.0)
            + (1.0 - AIR.transmission(5.0, &scene)) * PLANCK.counts(12.0);
        assert!((0.9..1.0).contains(&tau));
        let radiometry = Radiometry::new(PLANCK, &AIR, &scene, PathConvention::Full).unwrap();
        let got = radiometry.celsius(raw.round() as u16);
        // A count is about 0.01 K here.
        assert!((got - truth).abs() < 0.02, "{got}");
    }
}
