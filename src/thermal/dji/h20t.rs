//! H20T: counts against the shutter's temperature, then the file's table.

use super::super::decoded::Decoded;
use super::super::fault::Fault;
use super::super::{CameraIdentity, CountTable, Format, ReadOptions, Samples, Thermogram};
use super::conditions::{Condition, Conditions, Otherwise, whole_percent};
use super::container::{APP3, APP4, APP5, Container, Fields, Size};
use super::family::{H20T, H20T_BYTES};
use super::lut::Lut;

const SIZE: Size = (640, 512);
/// The maker's program takes these whatever the file stores.
const EMISSIVITY: f64 = 1.0;
const DISTANCE_M: f64 = 5.0;
const HUMIDITY_PERCENT: f64 = 70.0;
const REFLECTED_C: f64 = 23.0;
/// This family's kelvins begin here.
const ZERO_C: f64 = 273.0;

pub(super) fn decode(container: &Container<'_>, options: &ReadOptions) -> Result<Decoded, Fault> {
    let app4 = container.header(APP4, H20T, H20T_BYTES)?;
    let lut = Lut::read(container, APP5)?;
    let counts = container.counts(APP3, SIZE)?;
    let mut conditions = Conditions::new(&options.overrides)?;
    let radiometry = Radiometry::read(&app4, &lut, &mut conditions)?;
    let table = CountTable::over(&counts, |count| radiometry.celsius(&lut, count));
    let (parameters, warnings) = conditions.finish();
    let thermogram = Thermogram::new(SIZE.0, SIZE.1, Samples::Counts { counts, table }, None);
    Ok(Decoded {
        format: Format::DjiH20t,
        thermogram: thermogram.ok_or_else(|| app4.fault(0, "an empty frame"))?,
        parameters,
        camera: CameraIdentity::default(),
        taken_at: None,
        position: None,
        altitude_m: None,
        warnings,
    })
}

/// The frame's constants: a count c is the quarter step `(c · slope + start) / damping` of the
/// table.
struct Radiometry {
    slope: f64,
    dark_count: f64,
    start: f64,
    damping: f64,
    emissivity_percent: f64,
    reflected_fourth: f64,
    gain: f64,
    offset_k: f64,
}

impl Radiometry {
    fn read(app4: &Fields<'_>, lut: &Lut, conditions: &mut Conditions<'_>) -> Result<Self, Fault> {
        let real = |at: usize| app4.f32(at).map(f64::from);
        let emissivity = conditions.choose(Condition::Emissivity, Otherwise::Vendor(EMISSIVITY))?;
        let distance_m = conditions.choose(Condition::Distance, Otherwise::Vendor(DISTANCE_M))?;
        conditions.warn_outside(Condition::Distance, distance_m, (1.0, 25.0));
        let humidity =
            conditions.choose(Condition::Humidity, Otherwise::Vendor(HUMIDITY_PERCENT))?;
        let reflected = conditions.choose(Condition::Reflected, Otherwise::Vendor(REFLECTED_C))?;
        conditions.ignore(Condition::Ambient);
        let percent = whole_percent(emissivity);
        if percent < 1 {
            return Err(Fault::refused("H20T takes emissivities from 0.01 on"));
        }
        let stored = app4.i16(0x58)?;
        let known_c = if stored < -2735 { real(0x64)? } else { f64::from(stored) / 10.0 };
        let (u, v) = (real(0x88)? - known_c, real(0xA8)? - known_c);
        let p0 = (real(0xA4)? - known_c) * real(0x24)? + real(0x38)?;
        let p1 = real(0x28)? * (u * u - v * v) + real(0x2C)? * (u - v);
        // The vendor subtracts 50 tenths of a metre from metres.
        let y = distance_m - 50.0;
        let damping = ((humidity - 70.0) / 6.4 + 70.0) / 70.0
            * (1.0 + f64::from(app4.i32(0x4C)?) * y * y / 1e5
                - f64::from(app4.i32(0x50)?) * y / 1e5);
        if !damping.is_finite() || damping == 0.0 {
            return Err(app4.fault(0x4C, "constants of the air that allow no temperature"));
        }
        let offset = app4.i16(0x56)?;
        if offset != 0 {
            conditions.warnings.push(format!(
                "the camera was told an offset of {offset}, read as tenths of a degree"
            ));
        }
        Ok(Self {
            slope: real(0x34)? / 79.0,
            dark_count: f64::from(app4.u16(0x146)?),
            start: 4.0 * lut.first_from((10.0 * real(0xA4)?).round()) + real(0x3C)? - p0 - p1,
            damping,
            emissivity_percent: f64::from(percent),
            reflected_fourth: (reflected + ZERO_C).powi(4),
            gain: f64::from(app4.u16(0x54)?) / 100.0,
            offset_k: f64::from(offset) / 10.0,
        })
    }

    /// Degrees Celsius of a count; NaN where reflection alone would be brighter.
    fn celsius(&self, lut: &Lut, count: u16) -> f64 {
        let quarters =
            ((f64::from(count) - self.dark_count) * self.slope + self.start) / self.damping;
        let apparent = lut.at((quarters.round() / 4.0 + 0.5).floor()) / 10.0 + ZERO_C;
        let own = self.reflected_fourth
            + (apparent.powi(4) - self.reflected_fourth) * 100.0 / self.emissivity_percent;
        self.offset_k + self.gain * (own.sqrt().sqrt() - ZERO_C)
    }
}
