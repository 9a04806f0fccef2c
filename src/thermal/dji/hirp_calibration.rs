//! hirp: the sensor's calibration in APP5, from a raw count to the temperature that appears.

use super::super::fault::Fault;
use super::conditions::K0;
use super::container::Fields;

/// Bytes at the start of a calibration entry before its numbers.
const ENTRY_HEAD: usize = 28;
/// Entries in APP5's directory, and the kind that is the calibration.
const ENTRIES: usize = 9;
const CALIBRATION: u32 = 7;
/// Newest calibration whose housing term is known.
const NEWEST: i32 = 0x404;
/// Two to the 28th, 32nd.
const TWO_28: f64 = 268_435_456.0;
const TWO_32: f64 = 4_294_967_296.0;
/// Compensation of the housing for lens 2 where the file asks for a later one and leaves it
/// empty: high gain, low gain.
const LATER_HOUSING: [[i32; 5]; 2] =
    [[16384, 81920, 196_608, 196_608, 3], [17203, 81920, 24576, 24576, -49]];

/// The sensor's state in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sensor {
    /// Its temperature in 0.02 °C.
    pub(super) fiftieths: i32,
    /// Lens, 0 to 4.
    pub(super) lens: usize,
    /// 0 high, 1 low.
    pub(super) gain: usize,
}

/// The calibration's numbers at their offsets.
pub(super) struct Calibration<'a> {
    app5: &'a Fields<'a>,
    at: usize,
}

impl<'a> Calibration<'a> {
    /// Finds the calibration in APP5.
    pub(super) fn find(app5: &'a Fields<'a>) -> Result<Self, Fault> {
        if app5.from(0).get(..4) != Some(b"HIDR") {
            return Err(app5.fault(0, "a hirp calibration that does not begin with HIDR"));
        }
        for entry in 0..ENTRIES {
            let at = 12 + 12 * entry;
            if app5.u32(at)? != CALIBRATION {
                continue;
            }
            let offset = app5.u32(at + 8)? as usize;
            if offset >= app5.len() {
                return Err(app5.fault(at + 8, "a calibration that begins behind its segment"));
            }
            return Ok(Self { app5, at: offset + ENTRY_HEAD });
        }
        Err(Fault::refused("its APP5 holds no calibration (kind 7): take the original file"))
    }

    pub(super) fn int(&self, offset: usize) -> Result<i32, Fault> {
        self.app5.i32(self.at + offset)
    }

    pub(super) fn byte(&self, offset: usize) -> Result<u8, Fault> {
        self.app5.u8(self.at + offset)
    }

    /// The camera core's name.
    pub(super) fn is_for(&self, name: &[u8]) -> bool {
        self.app5.from(self.at + 0x10).starts_with(name)
    }

    fn real(&self, offset: usize) -> Result<f64, Fault> {
        self.int(offset).map(f64::from)
    }

    fn five(&self, offset: usize) -> Result<[i32; 5], Fault> {
        let mut numbers = [0; 5];
        for (index, number) in numbers.iter_mut().enumerate() {
            *number = self.int(offset + 4 * index)?;
        }
        Ok(numbers)
    }

    /// P0 to P4 of the housing's compensation.
    fn housing(&self, sensor: Sensor) -> Result<[f64; 5], Fault> {
        let column = sensor.lens + 5 * sensor.gain;
        let mut numbers = self.five(0x1E8C + 32 * column)?;
        if self.byte(0x2F8A)? == 1 && sensor.lens == 2 {
            numbers = self.five(0x2FB4)?;
            if numbers == [0; 5] {
                numbers = LATER_HOUSING[sensor.gain];
            }
        }
        Ok(numbers.map(f64::from))
    }
}

/// Kelvin of a temperature in 0.02 °C.
fn kelvin(fiftieths: f64) -> f64 {
    fiftieths / 50.0 + K0
}

/// How a signal depends on a temperature: `O + R/(exp(b/T) - F)`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Curve {
    r: f64,
    b: f64,
    o: f64,
    f: f64,
}

impl Curve {
    fn read(calibration: &Calibration<'_>, sensor: Sensor) -> Result<Self, Fault> {
        let (lens, gain) = (sensor.lens, sensor.gain);
        let planck = 0x654 + 4 * (17 * lens + 85 * gain);
        let scale = 0xCF8 + 4 * (9 * lens + 45 * gain);
        let (offset, factor) = (calibration.real(scale)?, calibration.real(scale + 4)?);
        Ok(Self {
            r: calibration.real(planck)? * factor / TWO_28,
            b: calibration.real(planck + 4)? / 16384.0,
            o: (4096.0 * offset + factor * calibration.real(planck + 8)?) / TWO_28,
            f: if calibration.int(0)? <= 0x402 {
                1.0
            } else {
                calibration.real(planck + 12)? / 256.0
            },
        })
    }

    fn signal(self, kelvin: f64) -> f64 {
        self.o + self.r / ((self.b / kelvin).exp() - self.f)
    }
}

/// The sensor's bend: `n(y) = (a1 + a2 y) y`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bend {
    a1: f64,
    a2: f64,
}

impl Bend {
    /// `warmer`: sensor temperature above the calibration's, in 0.02 °C.
    fn read(calibration: &Calibration<'_>, sensor: Sensor, warmer: f64) -> Result<Self, Fault> {
        if !(0x50..0x58).contains(&calibration.int(8)?) {
            return Ok(Self { a1: 1.0, a2: 0.0 });
        }
        let at = calibration.at + 0x24D0 + 64 * (sensor.lens + 5 * sensor.gain);
        let long = |index: usize| calibration.app5.i64(at + 8 * index).map(|c| c as f64);
        let x = 2.0 * warmer;
        let sum = |c: f64, d: f64| (c * x / 1e6 + d * x * x / 1e12) / TWO_32;
        let a2 = sum(long(2)?, long(3)?);
        let a2 = if a2.abs() < 2.0_f64.powi(-23) { 0.0 } else { a2 };
        Ok(Self { a1: 1.0 + sum(long(0)?, long(1)?), a2 })
    }

    fn bent(self, y: f64) -> f64 {
        (self.a1 + self.a2 * y) * y
    }

    /// The y of a bent value; NaN where there is none.
    fn straight(self, bent: f64) -> f64 {
        2.0 * bent / (self.a1 + (self.a1 * self.a1 + 4.0 * self.a2 * bent).sqrt())
    }
}

/// From raw counts to apparent temperatures in one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Response {
    curve: Curve,
    bend: Bend,
    base: f64,
    /// Gain of the lens's transmission.
    q: f64,
    /// Signal at the calibration's temperature.
    still: f64,
    range_c: (f64, f64),
}

impl Response {
    pub(super) fn new(
        calibration: &Calibration<'_>,
        sensor: Sensor,
        ambient_c: f64,
    ) -> Result<Self, Fault> {
        let version = calibration.int(0)?;
        if version > NEWEST {
            return Err(Fault::refused(format!(
                "a hirp calibration of version {version:#x}: up to {NEWEST:#x} are known"
            )));
        }
        let column = sensor.lens + 5 * sensor.gain;
        let at_calibration = calibration.real(0x26C + 4 * column)?;
        let now = f64::from(sensor.fiftieths);
        let curve = Curve::read(calibration, sensor)?;
        let bend = Bend::read(calibration, sensor, now - at_calibration)?;
        let still = curve.signal(kelvin(at_calibration));
        let q = 1000.0 / calibration.real(0x2B18)?.max(10.0);
        let p = calibration.housing(sensor)?;
        let own = q * (curve.signal(kelvin(now)) - still);
        let knee = 50.0 * p[1] / 16384.0;
        let housing = |u: f64| if u <= knee { p[2] * u } else { p[2] * knee + p[3] * (u - knee) };
        let then = at_calibration - calibration.real(0x460 + 4 * column)?;
        let heat = (housing(now - 50.0 * ambient_c) - housing(then)) / 819_200.0;
        let base =
            still - ((now - at_calibration) * p[4] / 50.0 + p[0]) / 16384.0 * bend.bent(own) - heat;
        let limit =
            |offset: usize| calibration.real(offset + 4 * sensor.gain).map(|value| value / 256.0);
        let range_c = (limit(0x50)?, limit(0x64)?);
        Ok(Self { curve, bend, base, q, still, range_c })
    }

    /// Kelvin that a raw count looks like; NaN where the sensor's bend has no answer.
    pub(super) fn apparent_k(&self, count: f64) -> f64 {
        let y = self.bend.straight(count - self.base);
        let Curve { r, b, o, f } = self.curve;
        let (coldest, hottest) = (self.range_c.0 + K0, self.range_c.1 + K0);
        let radiance = y - self.q * (o - self.still);
        if radiance.is_nan() {
            return f64::NAN;
        }
        if radiance <= 0.0 {
            return coldest;
        }
        let kelvin = b / (f + self.q * r / radiance).ln();
        // A logarithm of 0 and below is reached beyond any temperature.
        if kelvin > 0.0 { kelvin.max(coldest).min(hottest) } else { hottest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// APP5 with a calibration that holds these numbers at these offsets, else zeros.
    fn made(numbers: &[(usize, i32)]) -> Fields<'static> {
        let mut bytes = vec![0; 0x80 + ENTRY_HEAD + 0x3000];
        bytes[..4].copy_from_slice(b"HIDR");
        // The second entry of the directory.
        for (index, word) in [CALIBRATION, 0x3000, 0x80].into_iter().enumerate() {
            bytes[24 + 4 * index..][..4].copy_from_slice(&word.to_le_bytes());
        }
        for (offset, number) in numbers {
            bytes[0x80 + ENTRY_HEAD + offset..][..4].copy_from_slice(&number.to_le_bytes());
        }
        Fields::made(bytes)
    }

    const SENSOR: Sensor = Sensor { fiftieths: 1500, lens: 2, gain: 1 };

    #[test]
    fn curves_are_read_by_lens_and_gain() {
        // Lens 2, gain 1: 17 · 2 + 85 = 119 and 9 · 2 + 45 = 63 words on.
        let (planck, scale) = (0x654 + 4 * 119, 0xCF8 + 4 * 63);
        let numbers = |version| {
            made(&[
                (0, version),
                (planck, 1 << 27),
                (planck + 4, 1510 << 14),
                (planck + 8, 1 << 18),
                (planck + 12, -128),
                (scale, 1 << 14),
                (scale + 4, 1 << 20),
            ])
        };
        for (version, f) in [(0x402, 1.0), (0x403, -0.5), (0x404, -0.5)] {
            let app5 = numbers(version);
            let calibration = Calibration::find(&app5).unwrap();
            let curve = Curve::read(&calibration, SENSOR).unwrap();
            // 2^27 · 2^20 / 2^28; (2^12 · 2^14 + 2^20 · 2^18) / 2^28.
            let wanted = Curve { r: 524_288.0, b: 1510.0, o: 1024.25, f };
            assert_eq!(curve, wanted, "{version:#x}");
        }
        let newer = numbers(0x405);
        let calibration = Calibration::find(&newer).unwrap();
        assert!(Response::new(&calibration, SENSOR, 20.0).is_err());
    }

    #[test]
    fn the_bend_holds_for_its_calibrations_only() {
        // Lens 2, gain 1 is column 7; as 64-bit numbers, high halves 1000 and -1.
        let at = 0x24D0 + 64 * 7;
        for (kind, bend) in [
            (0x4F, Bend { a1: 1.0, a2: 0.0 }),
            (0x50, Bend { a1: 2.0, a2: -0.001 }),
            (0x57, Bend { a1: 2.0, a2: -0.001 }),
            (0x58, Bend { a1: 1.0, a2: 0.0 }),
        ] {
            let app5 = made(&[(8, kind), (at + 4, 1000), (at + 20, -1)]);
            let calibration = Calibration::find(&app5).unwrap();
            // x = 2 · 500: 1000 · 1000/1e6 = 1 and -1 · 1000/1e6 = -0.001.
            let found = Bend::read(&calibration, SENSOR, 500.0).unwrap();
            assert_eq!(found, bend, "{kind:#x}");
        }
        let app5 = made(&[(8, 0x55), (at + 16, 1)]);
        let calibration = Calibration::find(&app5).unwrap();
        assert_eq!(Bend::read(&calibration, SENSOR, 500.0).unwrap().a2, 0.0); // too small
    }

    #[test]
    fn the_later_housing_is_for_lens_two_only() {
        let later = (0x2F8A, 1);
        let own = [(0x1E8C + 32 * 7, 11), (0x1E8C + 32 * 6, 12)];
        for (numbers, lens, first) in [
            (vec![own[0], own[1]], 2, 11.0),
            (vec![own[0], own[1], later], 2, 17203.0), // left empty: the maker's own
            (vec![own[0], own[1], later, (0x2FB4, 99)], 2, 99.0),
            (vec![own[0], own[1], later, (0x2FB4, 99)], 1, 12.0),
        ] {
            let app5 = made(&numbers);
            let calibration = Calibration::find(&app5).unwrap();
            let found = calibration.housing(Sensor { lens, ..SENSOR }).unwrap();
            assert_eq!(found[0], first, "lens {lens}");
        }
    }

    #[test]
    fn a_bent_signal_is_straightened() {
        for bend in [Bend { a1: 0.95, a2: 0.0 }, Bend { a1: 1.02, a2: 3e-5 }] {
            for y in [-500.0, 0.0, 1234.5] {
                let back = bend.straight(bend.bent(y));
                assert!((back - y).abs() < 1e-9, "{bend:?} {y}: {back}");
            }
        }
        assert!(Bend { a1: 1.0, a2: 1.0 }.straight(-1.0).is_nan());
    }

    #[test]
    fn a_response_undoes_its_own_curve() {
        let curve = Curve { r: 415_365.0, b: 1510.0, o: 2644.0, f: -0.508 };
        let response = Response {
            curve,
            bend: Bend { a1: 0.95, a2: 1e-6 },
            base: 3000.0,
            q: 1.0,
            still: curve.signal(300.0),
            range_c: (-40.0, 200.0),
        };
        for kelvin in [250.0, 300.0, 400.0] {
            let y = curve.signal(kelvin) - response.still;
            let found = response.apparent_k(response.base + response.bend.bent(y));
            assert!((found - kelvin).abs() < 1e-9, "{kelvin}: {found}");
        }
        assert_eq!(response.apparent_k(-60_000.0), K0 - 40.0);
        assert_eq!(response.apparent_k(1e9), K0 + 200.0);
    }
}
