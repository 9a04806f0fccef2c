//! girp: some captures of the M30T. Signed counts, whole-number arithmetic, then the file's table.

use super::super::decoded::Decoded;
use super::super::fault::Fault;
use super::super::{CameraIdentity, CountTable, Format, ReadOptions, Samples, Thermogram};
use super::conditions::{Condition, Conditions, Otherwise, whole_percent};
use super::container::{APP3, APP4, APP5, Container, Fields, Size};
use super::family::TAGGED;
use super::lut::{Lut, behind_emissivity};
use super::xts::SIGN;

const SIZE: Size = (640, 512);
/// Where the numbers of APP4 begin.
const BASE: usize = 0x20;
/// Below this the family's formula is not meant to be used.
const LEAST_EMISSIVITY_PERCENT: i32 = 50;

pub(super) fn decode(container: &Container<'_>, options: &ReadOptions) -> Result<Decoded, Fault> {
    let app4 = container.header(APP4, TAGGED, BASE + 0x10C)?;
    if app4.u16(BASE)? != 0x55AA {
        return Err(app4.fault(BASE, "girp numbers that do not begin with AA 55"));
    }
    let lut = Lut::read(container, APP5)?;
    let mut counts = container.counts(APP3, SIZE)?;
    for count in &mut counts {
        *count ^= SIGN;
    }
    let mut conditions = Conditions::new(&options.overrides)?;
    let radiometry = Radiometry::read(&app4, &mut conditions)?;
    let table = CountTable::over(&counts, |count| {
        radiometry.celsius(&lut, i64::from(count) - i64::from(SIGN))
    });
    let (parameters, warnings) = conditions.finish();
    let thermogram = Thermogram::new(SIZE.0, SIZE.1, Samples::Counts { counts, table }, None);
    Ok(Decoded {
        format: Format::DjiGirp,
        thermogram: thermogram.ok_or_else(|| app4.fault(0, "an empty frame"))?,
        parameters,
        camera: CameraIdentity::default(),
        taken_at: None,
        position: None,
        altitude_m: None,
        warnings,
    })
}

/// The frame's constants.
struct Radiometry {
    /// Steps of the table a count, in 1/8192.
    slope: i64,
    start: i64,
    offset_tenths: f64,
    emissivity_percent: i32,
    reflected_c: f64,
}

impl Radiometry {
    fn read(app4: &Fields<'_>, conditions: &mut Conditions<'_>) -> Result<Self, Fault> {
        // Wide enough for any number that a damaged file can hold.
        let word = |at: usize| app4.i16(BASE + at).map(i128::from);
        let wide = |at: usize| app4.i32(BASE + at).map(i128::from);
        let positive = |at: usize| app4.u16(BASE + at).map(i128::from);
        let stored = |at: usize, scale: f64| {
            app4.u16(BASE + at).map(|value| Otherwise::File(f64::from(value) / scale))
        };
        let emissivity = conditions.choose(Condition::Emissivity, stored(8, 100.0)?)?;
        let distance_m = conditions.choose(Condition::Distance, stored(6, 10.0)?)?;
        conditions.warn_outside(Condition::Distance, distance_m, (1.0, 25.0));
        let humidity = conditions.choose(Condition::Humidity, stored(4, 1.0)?)?;
        let reflected = Otherwise::File(f64::from(app4.i16(BASE + 0xA)?) / 10.0);
        let reflected_c = conditions.choose(Condition::Reflected, reflected)?;
        conditions.ignore(Condition::Ambient);
        let emissivity_percent = whole_percent(emissivity);
        if emissivity_percent < LEAST_EMISSIVITY_PERCENT {
            return Err(Fault::refused(format!(
                "emissivity {emissivity} is below the 0.5 that this family's formula holds to"
            )));
        }
        // A distance that is given is cut to whole metres; the stored one is in tenths.
        let tenths = match conditions.said(Condition::Distance) {
            Some(metres) => 10 * metres as i128,
            None => positive(6)?,
        };
        let y = tenths - 50;
        let air = (5060 - humidity as i128)
            * (word(0xF8)? + y * (y * wide(0xF0)? + wide(0xF4)?) / 10_000)
            / 5000;
        let start = word(0x102)?
            + y * (y * wide(0xFA)? + wide(0xFE)?) / 10_000
            + air * wide(0x106)? / 1000
            + word(0x10A)?;
        let fits = |number: i128| {
            i64::try_from(number)
                .map_err(|_| app4.fault(BASE, "girp constants that allow no temperature"))
        };
        Ok(Self {
            slope: fits(air * positive(0x104)? / 1000)?,
            start: fits(start)?,
            offset_tenths: f64::from(app4.i16(BASE + 0x16)?),
            emissivity_percent,
            reflected_c,
        })
    }

    /// Degrees Celsius of a signed count.
    fn celsius(&self, lut: &Lut, count: i64) -> f64 {
        let index = self.start.saturating_add(count.saturating_mul(self.slope) / 8192);
        let apparent = lut.at(index as f64) + self.offset_tenths;
        let mut own = behind_emissivity(apparent, self.emissivity_percent, self.reflected_c);
        if self.emissivity_percent == 95 && apparent >= 1551.0 {
            own += (apparent * apparent + 21_148.0 * apparent) / 1e6 - 12.0;
        }
        own.trunc() / 10.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn radiometry(emissivity_percent: i32) -> Radiometry {
        Radiometry {
            slope: 8192,
            start: 0,
            offset_tenths: 0.0,
            emissivity_percent,
            reflected_c: 23.0,
        }
    }

    #[test]
    fn hot_targets_at_95_percent_get_the_makers_own_term() {
        let lut = Lut::from(0);
        let plain = |tenths: f64| behind_emissivity(tenths, 95, 23.0);
        let at = |count| radiometry(95).celsius(&lut, count);
        assert_eq!(at(1550), plain(1550.0).trunc() / 10.0);
        // (1551² + 21148 · 1551)/1e6 - 12 = 2.405601 + 32.800548 - 12 = 23.206149 tenths
        assert_eq!(at(1551), (plain(1551.0) + 23.206_149).trunc() / 10.0);
        assert_eq!(radiometry(94).celsius(&lut, 1551), {
            behind_emissivity(1551.0, 94, 23.0).trunc() / 10.0
        });
    }

    #[test]
    fn counts_are_signed_and_cut_towards_zero() {
        let lut = Lut::from(-100);
        let mut steep = radiometry(100);
        (steep.start, steep.slope) = (100, 4096);
        assert_eq!(steep.celsius(&lut, 3), 0.1);
        assert_eq!(steep.celsius(&lut, -3), -0.1);
        assert_eq!(steep.celsius(&lut, i64::from(i16::MIN)), -10.0);
    }
}
