//! hirp: M3TD and newer M4T firmware. Counts against the sensor's temperature.

use super::super::decoded::Decoded;
use super::super::fault::Fault;
use super::super::{CameraIdentity, CountTable, Format, ReadOptions, Samples, Thermogram};
use super::conditions::{Condition, Conditions, K0, Otherwise};
use super::container::{APP3, APP4, APP5, Container, Fields, Size};
use super::family::TAGGED;
use super::hirp_air::Air;
use super::hirp_calibration::{Calibration, Response, Sensor};

/// Block A of APP4: the picture. Its size, and block P's.
const BLOCK_A: usize = 0x20;
const BLOCK_A_BYTES: u32 = 40;
const BLOCK_P: usize = BLOCK_A + BLOCK_A_BYTES as usize;
const BLOCK_P_BYTES: u32 = 72;
/// A 1 in the numbers with 13 binary places.
const Q13: f64 = 8192.0;
/// Share of what is seen that comes through the lens; the rest is the lens's own, at ambient
/// temperature.
const THROUGH_LENS: f64 = 3973.0 / 4096.0;

pub(super) fn decode(container: &Container<'_>, options: &ReadOptions) -> Result<Decoded, Fault> {
    let app4 = container.header(APP4, TAGGED, BLOCK_P + BLOCK_P_BYTES as usize)?;
    let size = size(&app4)?;
    let sensor = sensor(&app4)?;
    let app5 = container.fields(APP5, 0x80)?;
    let calibration = Calibration::find(&app5)?;
    let counts = container.counts(APP3, size)?;
    let mut conditions = Conditions::new(&options.overrides)?;
    let scene = Scene::read(&app4, &calibration, sensor, &mut conditions)?;
    let table = CountTable::over(&counts, |count| scene.celsius(f64::from(count)));
    let (parameters, warnings) = conditions.finish();
    let saturated = table.limited_from(scene.most_c as f32);
    let samples = Samples::Counts { counts, table };
    let thermogram = Thermogram::new(size.0, size.1, samples, saturated);
    Ok(Decoded {
        format: Format::DjiHirp,
        thermogram: thermogram.ok_or_else(|| app4.fault(0, "an empty frame"))?,
        parameters,
        camera: CameraIdentity::default(),
        taken_at: None,
        position: None,
        altitude_m: None,
        warnings,
    })
}

/// The frame's size, once both blocks are as they should be.
fn size(app4: &Fields<'_>) -> Result<Size, Fault> {
    let blocks = (app4.u32(BLOCK_A + 4)?, app4.u32(BLOCK_P + 4)?);
    if blocks != (BLOCK_A_BYTES, BLOCK_P_BYTES) {
        return Err(Fault::refused(format!(
            "a hirp header of an unknown layout: blocks of {} and {} bytes, {BLOCK_A_BYTES} and \
             {BLOCK_P_BYTES} are known",
            blocks.0, blocks.1
        )));
    }
    Ok((app4.u32(BLOCK_A + 8)?, app4.u32(BLOCK_A + 12)?))
}

fn sensor(app4: &Fields<'_>) -> Result<Sensor, Fault> {
    if app4.i32(BLOCK_P + 8)? != Q13 as i32 {
        return Err(Fault::refused(
            "taken with a lens transmission other than 1, whose correction is not known: use the \
             maker's own program (--vendor-sdk)",
        ));
    }
    let bits = i32::from(app4.u16(BLOCK_P + 0x30)? & 0x3FFF);
    let fiftieths = if bits >= 0x2000 { 0x2000 - bits } else { bits };
    let (lens, gain) = (app4.u16(BLOCK_P + 0x32)?, app4.u16(BLOCK_P + 0x34)?);
    if lens > 4 || gain > 1 {
        return Err(Fault::refused(format!(
            "hirp lens {lens} with gain {gain}: lenses 0 to 4 and gains 0 and 1 are known"
        )));
    }
    Ok(Sensor { fiftieths, lens: usize::from(lens), gain: usize::from(gain) })
}

/// The frame's constants.
struct Scene {
    response: Response,
    transmission: f64,
    emissivity: f64,
    ambient_fourth: f64,
    reflected_fourth: f64,
    most_c: f64,
}

impl Scene {
    fn read(
        app4: &Fields<'_>,
        calibration: &Calibration<'_>,
        sensor: Sensor,
        conditions: &mut Conditions<'_>,
    ) -> Result<Self, Fault> {
        let scaled = |at: usize, one: f64| {
            app4.i32(BLOCK_P + at).map(|value| Otherwise::File(f64::from(value) / one))
        };
        let stored = f64::from(app4.u16(BLOCK_P + 0x10)?) / Q13;
        // 0.95 is stored as 7782/8192; the thousandth is what was meant.
        let emissivity = conditions
            .choose(Condition::Emissivity, Otherwise::File((1000.0 * stored).round() / 1000.0))?;
        let distance_m = conditions.choose(Condition::Distance, scaled(0x14, Q13)?)?;
        conditions.warn_outside(Condition::Distance, distance_m, (1.0, 300.0));
        let humidity = conditions.choose(Condition::Humidity, scaled(0x2C, 1000.0)?)?;
        let finer = app4.u8(BLOCK_P + 0x3B)? != 0;
        let ambient = if finer { scaled(0x3C, Q13)? } else { scaled(0x28, 1000.0)? };
        let ambient_c = conditions.choose(Condition::Ambient, ambient)?;
        let own = app4.u8(BLOCK_P + 0x1C)? == 1;
        let reflected_c = if own || conditions.said(Condition::Reflected).is_some() {
            conditions.choose(Condition::Reflected, scaled(0x18, Q13)?)?
        } else {
            conditions.follow(Condition::Reflected, Condition::Ambient, ambient_c);
            ambient_c
        };
        let air = Air::read(calibration, sensor)?;
        Ok(Self {
            response: Response::new(calibration, sensor, ambient_c)?,
            transmission: air.transmission(distance_m, humidity, ambient_c),
            emissivity,
            ambient_fourth: (ambient_c + K0).powi(4),
            reflected_fourth: (reflected_c + K0).powi(4),
            most_c: if sensor.gain == 1 { 600.0 } else { 165.0 },
        })
    }

    /// Degrees Celsius of a count, in the maker's steps of 0.1 K; NaN where there is none.
    fn celsius(&self, count: f64) -> f64 {
        let seen = THROUGH_LENS * self.response.apparent_k(count).powi(4)
            + (1.0 - THROUGH_LENS) * self.ambient_fourth;
        let foreign = self.transmission * (1.0 - self.emissivity) * self.reflected_fourth
            + (1.0 - self.transmission) * self.ambient_fourth;
        let own = (seen - foreign) / (self.transmission * self.emissivity);
        if own.is_nan() {
            return f64::NAN;
        }
        let celsius = makers_fourth_root(own) - K0;
        ((10.0 * celsius).trunc() / 10.0).clamp(-30.0, self.most_c)
    }
}

/// The fourth root as the maker's program takes it: whole numbers, and square roots that look at
/// the eleven leading bits only. It lies 0.1 K below the true root on average, up to 0.3 K.
fn makers_fourth_root(fourth: f64) -> f64 {
    let squared = leading_bits((4096.0 * fourth.max(0.0)) as u64).isqrt();
    leading_bits(64 * squared).isqrt() as f64 / 64.0
}

/// All but the eleven leading bits cleared.
fn leading_bits(value: u64) -> u64 {
    let surplus = (u64::BITS - value.leading_zeros()).saturating_sub(11);
    value >> surplus << surplus
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_makers_root_keeps_eleven_bits() {
        assert_eq!(leading_bits(0), 0);
        assert_eq!(leading_bits(0b111_1111_1111), 0b111_1111_1111);
        assert_eq!(leading_bits(0b1111_1111_1111), 0b1111_1111_1110);
        // 256 K: 4096 · 2^32 = 2^44, whose root 2^22 and then 2^14 are exact.
        assert_eq!(makers_fourth_root(256.0_f64.powi(4)), 256.0);
        assert_eq!(makers_fourth_root(-1.0), 0.0);
        let below = (230..440).map(|kelvin| {
            let kelvin = f64::from(kelvin);
            kelvin - makers_fourth_root(kelvin.powi(4))
        });
        let gaps: Vec<f64> = below.collect();
        assert!(gaps.iter().all(|gap| (0.0..0.35).contains(gap)), "{gaps:?}");
    }
}
