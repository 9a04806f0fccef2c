//! XT S: signed counts, the sensor's own temperature, then the file's table.

use super::super::decoded::Decoded;
use super::super::fault::Fault;
use super::super::{CameraIdentity, CountTable, Format, ReadOptions, Samples, Thermogram};
use super::conditions::{Condition, Conditions, Otherwise, whole_percent};
use super::container::{APP2, APP3, APP4, Container, Fields, Size};
use super::family::XTS;
use super::lut::{Lut, behind_emissivity};

const SIZE: Size = (640, 512);
/// Least length of APP2: the last field ends here.
const HEADER_BYTES: usize = 0x4EC;
/// The maker's program takes these whatever the file stores.
const EMISSIVITY: f64 = 1.0;
const DISTANCE_M: f64 = 5.0;
const HUMIDITY_PERCENT: f64 = 70.0;
const REFLECTED_C: f64 = 23.0;
/// Signed counts are stored with this added.
pub(super) const SIGN: u16 = 0x8000;

pub(super) fn decode(container: &Container<'_>, options: &ReadOptions) -> Result<Decoded, Fault> {
    let app2 = container.header(APP2, XTS, HEADER_BYTES)?;
    let lut = Lut::read(container, APP3)?;
    let mut counts = container.counts(APP4, SIZE)?;
    for count in &mut counts {
        *count ^= SIGN;
    }
    let mut conditions = Conditions::new(&options.overrides)?;
    let radiometry = Radiometry::read(&app2, &lut, &mut conditions)?;
    let table = CountTable::over(&counts, |count| {
        radiometry.celsius(&lut, f64::from(count) - f64::from(SIGN))
    });
    let (parameters, warnings) = conditions.finish();
    let thermogram = Thermogram::new(SIZE.0, SIZE.1, Samples::Counts { counts, table }, None);
    Ok(Decoded {
        format: Format::DjiXts,
        thermogram: thermogram.ok_or_else(|| app2.fault(0, "an empty frame"))?,
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
    slope: f64,
    /// Added to a count.
    shift: f64,
    /// Added to the table's index.
    start: f64,
    humidity_factor: f64,
    distance_factor: f64,
    emissivity_percent: i32,
    reflected_c: f64,
    before_tenths: f64,
    after_tenths: f64,
}

impl Radiometry {
    fn read(app2: &Fields<'_>, lut: &Lut, conditions: &mut Conditions<'_>) -> Result<Self, Fault> {
        let emissivity = conditions.choose(Condition::Emissivity, Otherwise::Vendor(EMISSIVITY))?;
        let distance_m = conditions.choose(Condition::Distance, Otherwise::Vendor(DISTANCE_M))?;
        conditions.warn_outside(Condition::Distance, distance_m, (1.0, 25.0));
        let humidity =
            conditions.choose(Condition::Humidity, Otherwise::Vendor(HUMIDITY_PERCENT))?;
        let reflected_c =
            conditions.choose(Condition::Reflected, Otherwise::Vendor(REFLECTED_C))?;
        conditions.ignore(Condition::Ambient);
        let word = |at: usize| app2.i16(at).map(f64::from);
        let wide = |at: usize| app2.i32(at).map(f64::from);
        let (a, b) = (word(0x4C8)? / 100.0, word(0x4DC)? / 100.0);
        let d = b - word(0x4EA)? / 100.0;
        // The camera's arithmetic is in whole numbers.
        let s2 = (b * word(0x4AA)? / 1e3 + b * b * word(0x4A8)? / 1e3 + word(0x4BE)?).trunc();
        let s3 = ((wide(0x4D8)? * d * d / 1e4 + word(0x4D4)? / 1e3 + word(0x4D6)? * d / 1e4)
            * word(0x4E6)?.abs())
        .trunc();
        let drift = ((a - b) * if b <= a { s3 } else { s3 - 350.0 } / 10.0).trunc();
        let offset = (word(0x4A4)? + word(0x4A6)? * (a - word(0x4CC)? / 100.0)).trunc();
        let away = distance_m - 5.0;
        let distance_factor = (wide(0x4B0)? * away * away + 1e4 - wide(0x4B4)? * away) / 1e4;
        if distance_factor == 0.0 {
            return Err(app2.fault(0x4B0, "constants of the air that allow no temperature"));
        }
        Ok(Self {
            slope: word(0x4A2)? / 100.0,
            shift: s2 - offset + drift - word(0x4D2)?,
            start: lut.first_from(10.0 * b) + word(0x4E8)?,
            humidity_factor: 1.0 - (humidity - 60.0) / 5000.0,
            distance_factor,
            emissivity_percent: whole_percent(emissivity),
            reflected_c,
            before_tenths: word(0x4AC)?,
            after_tenths: word(0x4BA)?,
        })
    }

    /// Degrees Celsius of a signed count.
    fn celsius(&self, lut: &Lut, count: f64) -> f64 {
        let index = (self.slope * (count + self.shift)).trunc() + self.start;
        let index = (index * self.humidity_factor).trunc();
        let index = (index / self.distance_factor).trunc();
        let apparent = lut.at(index) + self.before_tenths;
        let own = behind_emissivity(apparent, self.emissivity_percent, self.reflected_c);
        (own.trunc() + self.after_tenths) / 10.0
    }
}
