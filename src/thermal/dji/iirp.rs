//! iirp: M2EA (without a tag), M30T, M3T, H20N, M4T, H30T. The raw count is a temperature already,
//! as it appears; emissivity, reflection and air remain.

use super::super::decoded::Decoded;
use super::super::fault::Fault;
use super::super::{CameraIdentity, CountTable, Format, ReadOptions, Samples, Thermogram};
use super::conditions::{Condition, Conditions, K0, Otherwise, decimal};
use super::container::{APP3, APP4, APP5, Container, Fields, Size};
use super::emissivity::Emissivity;
use super::family::TAGGED;
use super::transmission::{Humidity, HumidityVersion, ONE, Shape, Transmission};

/// Where the numbers of a tagged APP4 begin.
const TAGGED_BASE: usize = 0x20;
/// Header versions in which the reflected temperature is the ambient one too.
const ONE_TEMPERATURE: [u32; 4] = [0x100, 0x200, 0x10200, 0x20200];
/// Version of the emissivity remap that a sample confirms against the maker's program.
const REMAP_VERSION: u16 = 3;
/// From this on counts say no more than that they end here: their type does, at 1023.9 K.
const LAST_COUNT: u16 = 0xFFFC;
/// Transmission at 5 m that stands in for a blank table: the vendor's program takes a built-in
/// table then and reads it with the wrong stride; this is what comes out at the stored 5 m.
const BLANK_TRANSMISSION: f64 = 0.86;

/// M30T, M3T, H20N, M4T, H30T.
pub(super) fn decode_tagged(
    container: &Container<'_>,
    options: &ReadOptions,
) -> Result<Decoded, Fault> {
    let app4 = container.header(APP4, TAGGED, TAGGED_BASE + 0x81)?;
    let version = app4.u32(TAGGED_BASE + 0x79)?;
    // The low half counts the layouts; the high one tells variants of a camera apart.
    if !(0x100..=0x3FF).contains(&(version & 0xFFFF)) || version >> 24 != 0 {
        return Err(Fault::refused(format!(
            "an iirp header of the unknown version {version:#x}: 0x100 to 0x3ff are known"
        )));
    }
    let (width, height) = (app4.u16(TAGGED_BASE + 0x7D)?, app4.u16(TAGGED_BASE + 0x7F)?);
    let size = (u32::from(width), u32::from(height));
    decode(container, options, &Header { app4, base: TAGGED_BASE, version, size })
}

/// M2EA.
pub(super) fn decode_untagged(
    container: &Container<'_>,
    options: &ReadOptions,
) -> Result<Decoded, Fault> {
    let app4 = container.header(APP4, &[], 0x61)?;
    decode(container, options, &Header { app4, base: 0, version: 0x100, size: (640, 512) })
}

/// APP4, where its numbers begin, and what differs between layouts.
struct Header<'a> {
    app4: Fields<'a>,
    base: usize,
    version: u32,
    size: Size,
}

fn decode(
    container: &Container<'_>,
    options: &ReadOptions,
    header: &Header<'_>,
) -> Result<Decoded, Fault> {
    let counts = container.counts(APP3, header.size)?;
    let gain = header.app4.u8(header.base + 0x60)?;
    if gain == 3 {
        return Err(Fault::refused(
            "taken in gain mode 3, which the maker's own program refuses too: take the frame \
             again in high or low gain",
        ));
    }
    let app5 = container.fields(APP5, 8)?;
    let mut conditions = Conditions::new(&options.overrides)?;
    let switches = Switches::read(&app5)?;
    if let Some(version) = switches.remap.filter(|&version| version != REMAP_VERSION) {
        conditions.warnings.push(format!(
            "the file asks for version {version} of the emissivity conversion, which no sample \
             confirms: it is done as in version {REMAP_VERSION}"
        ));
    }
    let mut radiometry = radiometry(header, &switches, &app5, &mut conditions)?;
    let (parameters, warnings) = conditions.finish();
    // Four neighbouring counts say the same temperature, the two low bits being flags.
    let mut last = (u16::MAX, f64::NAN);
    let table = CountTable::over(&counts, |count| {
        if count >> 2 != last.0 {
            last = (count >> 2, radiometry.celsius(f64::from(count >> 2) / 16.0));
        }
        last.1
    });
    let (width, height) = header.size;
    let samples = Samples::Counts { counts, table };
    let thermogram = Thermogram::new(width, height, samples, Some(LAST_COUNT));
    Ok(Decoded {
        format: Format::DjiIirp,
        thermogram: thermogram.ok_or_else(|| header.app4.fault(0, "an empty frame"))?,
        parameters,
        camera: CameraIdentity::default(),
        taken_at: None,
        position: None,
        altitude_m: None,
        warnings,
    })
}

/// The head of APP5: which corrections the file asks for, and where its table begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Switches {
    version: u16,
    /// `None`: the table is blank.
    table_at: Option<usize>,
    /// Version of the emissivity conversion that the file asks for, if it does.
    remap: Option<u16>,
    humidity: (u16, u16),
    reflected: bool,
}

impl Switches {
    fn read(app5: &Fields<'_>) -> Result<Self, Fault> {
        let word = |index: usize| app5.u16(2 * index);
        let off =
            Self { version: 0, table_at: Some(0), remap: None, humidity: (0, 0), reflected: false };
        if [word(2)?, word(3)?] != [0xFFFF; 2] {
            return Ok(off); // no head
        }
        if [word(0)?, word(1)?] == [0xFFFF; 2] {
            return Ok(Self { table_at: None, ..off });
        }
        let version = word(1)?;
        Ok(Self {
            version,
            table_at: Some(256),
            remap: (word(4)? == 1 || version == 0x101).then_some(word(5)?),
            humidity: (word(6)?, word(7)?),
            reflected: word(10)? == 1,
        })
    }
}

/// What turns an apparent temperature into the target's.
struct Radiometry {
    emissivity: Emissivity,
    transmission: Transmission,
    humidity: Option<Humidity>,
    ambient_fourth: f64,
    /// `None`: the file leaves reflection to the air's temperature.
    reflected_fourth: Option<f64>,
}

/// Whose conditions are used, and the tables for them.
fn radiometry(
    header: &Header<'_>,
    switches: &Switches,
    app5: &Fields<'_>,
    conditions: &mut Conditions<'_>,
) -> Result<Radiometry, Fault> {
    let stored = |at: usize| header.app4.f32(header.base + at).map(decimal);
    let emissivity = conditions.choose(Condition::Emissivity, Otherwise::File(stored(8)?))?;
    let (distance_m, transmission) = air(header, switches, app5, conditions, stored(4)?)?;
    let humidity_percent =
        conditions.choose(Condition::Humidity, Otherwise::File(percent(stored(12)?)))?;
    let (reflected_c, ambient_c) = if ONE_TEMPERATURE.contains(&header.version) {
        // Where reflection has no temperature of its own, it has the air's.
        let reflected_c = if switches.reflected { stored(16)? } else { stored(0)? };
        one_temperature(conditions, reflected_c, stored(0)?)?
    } else if switches.reflected {
        let reflected_c = conditions.choose(Condition::Reflected, Otherwise::File(stored(16)?))?;
        (reflected_c, conditions.choose(Condition::Ambient, Otherwise::File(stored(0)?))?)
    } else {
        let ambient_c = conditions.choose(Condition::Ambient, Otherwise::File(stored(0)?))?;
        if conditions.said(Condition::Reflected).is_some() {
            conditions.ignore(Condition::Reflected);
        } else {
            conditions.follow(Condition::Reflected, Condition::Ambient, ambient_c);
        }
        (ambient_c, ambient_c)
    };
    let (switch, number) = switches.humidity;
    let humidity = HumidityVersion::of(switches.version, switch, number)?
        .map(|version| Humidity::new(version, humidity_percent, ambient_c, distance_m));
    let fourth = |celsius: f64| (celsius + K0).powi(4);
    Ok(Radiometry {
        emissivity: Emissivity::new(emissivity, switches.remap.is_some()),
        transmission,
        humidity,
        ambient_fourth: fourth(ambient_c),
        reflected_fourth: switches.reflected.then(|| fourth(reflected_c)),
    })
}

/// A share of 1 in percent, without the last digits that the multiplication leaves.
fn percent(share: f64) -> f64 {
    (share * 1e8).round() / 1e6
}

/// Reflected and ambient temperature of the headers in which a reflected temperature that is given
/// sets the ambient one too, and an ambient one that is given does nothing.
fn one_temperature(
    conditions: &mut Conditions<'_>,
    reflected_c: f64,
    ambient_c: f64,
) -> Result<(f64, f64), Fault> {
    let said = conditions.said(Condition::Reflected);
    let reflected_c = conditions.choose(Condition::Reflected, Otherwise::File(reflected_c))?;
    if said.is_none() {
        conditions.check(Condition::Ambient, ambient_c, Condition::Reflected)?;
    }
    let ambient_c = said.unwrap_or(ambient_c);
    if conditions.said(Condition::Ambient).is_some() {
        conditions.ignore(Condition::Ambient);
    } else {
        conditions.follow(Condition::Ambient, Condition::Reflected, ambient_c);
    }
    Ok((reflected_c, ambient_c))
}

/// The distance and the air's transmission over it.
fn air(
    header: &Header<'_>,
    switches: &Switches,
    app5: &Fields<'_>,
    conditions: &mut Conditions<'_>,
    stored_m: f64,
) -> Result<(f64, Transmission), Fault> {
    let Some(table_at) = switches.table_at else {
        if conditions.said(Condition::Distance).is_some() {
            conditions.ignore(Condition::Distance);
        } else {
            conditions.choose(Condition::Distance, Otherwise::File(stored_m))?;
        }
        conditions.warnings.push(format!(
            "the camera's transmission table is blank: {BLANK_TRANSMISSION} is taken for the air, \
             whatever the distance"
        ));
        return Ok((stored_m, Transmission::constant(BLANK_TRANSMISSION)));
    };
    let shape = Shape::of(switches.version);
    let distance_m = conditions.choose(Condition::Distance, Otherwise::File(stored_m))?;
    if distance_m > shape.farthest_m() {
        return Err(Fault::refused(format!(
            "distance_m {distance_m} is beyond the camera's transmission table, which ends at \
             {} m: give at most that",
            shape.farthest_m()
        )));
    }
    let longer = switches.version > 0x3F && !matches!(header.version, 0x100 | 0x200);
    let accepted = (1.0, if longer { 300.0 } else { 25.0 });
    conditions.warn_outside(Condition::Distance, distance_m, accepted);
    Ok((distance_m, Transmission::read(app5, table_at, shape, distance_m)?))
}

impl Radiometry {
    /// Degrees Celsius of what appears as a temperature in kelvin; NaN where the air and the
    /// reflection alone would be brighter.
    fn celsius(&mut self, apparent_k: f64) -> f64 {
        let emissivity = self.emissivity.at(apparent_k);
        let apparent_fourth = apparent_k.powi(4);
        let first =
            self.fourth(apparent_fourth, emissivity, self.transmission.at(apparent_k)).max(0.0);
        let kelvin = first.sqrt().sqrt();
        let mut transmission = self.transmission.at(kelvin);
        if let Some(humidity) = self.humidity {
            transmission = humidity.correct(transmission, kelvin);
        }
        self.fourth(apparent_fourth, emissivity, transmission).sqrt().sqrt() - K0
    }

    /// The target's temperature to the fourth power, for a transmission in 1/16384.
    fn fourth(&self, apparent_fourth: f64, emissivity: f64, transmission: f64) -> f64 {
        let air = transmission / ONE;
        let through = air * emissivity;
        let foreign = match self.reflected_fourth {
            Some(reflected) => (1.0 - air) * self.ambient_fourth + (air - through) * reflected,
            None => (1.0 - through) * self.ambient_fourth,
        };
        (apparent_fourth - foreign) / through
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn radiometry(emissivity: f64, transmission: f64) -> Radiometry {
        Radiometry {
            emissivity: Emissivity::new(emissivity, false),
            transmission: Transmission::constant(transmission),
            humidity: None,
            ambient_fourth: 300.0_f64.powi(4),
            reflected_fourth: Some(300.0_f64.powi(4)),
        }
    }

    #[test]
    fn in_surroundings_of_its_own_temperature_a_target_looks_as_it_is() {
        for (emissivity, transmission) in [(1.0, 1.0), (0.5, 1.0), (1.0, 0.5), (0.3, 0.25)] {
            let mut radiometry = radiometry(emissivity, transmission);
            assert!((radiometry.celsius(300.0) - (300.0 - K0)).abs() < 1e-9);
            radiometry.reflected_fourth = None;
            assert!((radiometry.celsius(300.0) - (300.0 - K0)).abs() < 1e-9);
        }
    }

    #[test]
    fn reflection_and_air_are_taken_off_the_fourth_powers() {
        // 310 K seen at half transmission through air of 300 K, and at emissivity 0.5.
        let fourth = f64::midpoint(310.0_f64.powi(4), 300.0_f64.powi(4));
        for (emissivity, transmission) in [(1.0, 0.5), (0.5, 1.0)] {
            let mut radiometry = radiometry(emissivity, transmission);
            let celsius = radiometry.celsius(fourth.sqrt().sqrt());
            assert!((celsius - (310.0 - K0)).abs() < 1e-6, "{celsius}");
        }
        // Colder than air and reflection alone: no temperature.
        assert!(radiometry(0.1, 0.5).celsius(200.0).is_nan());
    }

    #[test]
    fn reflection_is_of_its_own_temperature_where_the_file_says_so() {
        let mut with = radiometry(0.5, 0.5);
        with.reflected_fourth = Some(280.0_f64.powi(4));
        // 0.25 · 320⁴ + 0.25 · 280⁴ + 0.5 · 300⁴ arrives.
        let arrives = 0.25 * 320.0_f64.powi(4) + 0.25 * 280.0_f64.powi(4) + 0.5 * 8.1e9;
        let celsius = with.celsius(arrives.sqrt().sqrt());
        assert!((celsius - (320.0 - K0)).abs() < 1e-6, "{celsius}");
    }
}
