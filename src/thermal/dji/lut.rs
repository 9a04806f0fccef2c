//! H20T, XT S, girp: the file's own table from the sensor's step to tenths of a degree.

use super::super::fault::Fault;
use super::container::Container;

/// Entries of the table.
const ENTRIES: usize = 16384;

/// Rising tenths of a degree Celsius.
pub(super) struct Lut {
    tenths: Vec<i16>,
}

impl Lut {
    /// A table of consecutive tenths from a temperature on.
    #[cfg(test)]
    pub(super) fn from(first_tenths: i16) -> Self {
        let entries = ENTRIES as i16;
        Self { tenths: (0..entries).map(|index| first_tenths + index).collect() }
    }

    /// The table in the segments with a marker.
    pub(super) fn read(container: &Container<'_>, marker: u8) -> Result<Self, Fault> {
        let payload = container.fields(marker, 2 * ENTRIES)?;
        let (pairs, _) = payload.from(0).as_chunks();
        let tenths: Vec<i16> = pairs.iter().map(|&pair| i16::from_le_bytes(pair)).collect();
        if tenths.len() != ENTRIES || tenths.first() >= tenths.last() {
            return Err(payload.fault(0, "no rising table of 16384 temperatures"));
        }
        Ok(Self { tenths })
    }

    /// Index of the first entry that is at least a temperature in tenths; the last one if none is.
    pub(super) fn first_from(&self, tenths: f64) -> f64 {
        let found = self.tenths.iter().position(|&entry| f64::from(entry) >= tenths);
        found.unwrap_or(ENTRIES - 1) as f64
    }

    /// Tenths of a degree at a whole index; the table's ends hold beyond it, the start for NaN.
    pub(super) fn at(&self, index: f64) -> f64 {
        let index = index.clamp(0.0, (ENTRIES - 1) as f64) as usize;
        f64::from(self.tenths[index])
    }
}

/// Fourth power of a temperature in tenths of a degree, the integer families' way: their kelvins
/// begin at -273.5 °C.
fn fourth(tenths: f64) -> f64 {
    (tenths / 10.0 + 273.5).powi(4)
}

/// XT S and girp: the temperature behind an emissivity below 100 %, in tenths. The percentage is
/// taken one higher, and a reflected temperature within 2 K of 23 °C is taken for that.
pub(super) fn behind_emissivity(tenths: f64, percent: i32, reflected_c: f64) -> f64 {
    if percent >= 100 {
        return tenths;
    }
    let reflected_c = if (reflected_c - 23.0).abs() <= 2.0 { 23.0 } else { reflected_c };
    let reflected = fourth(10.0 * reflected_c);
    let own = reflected + (fourth(tenths) - reflected) * 100.0 / f64::from(percent + 1);
    10.0 * (own.sqrt().sqrt() - 273.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_searched_and_read_to_its_ends() {
        let lut = Lut::from(-100);
        assert_eq!((lut.first_from(-1000.0), lut.first_from(0.0)), (0.0, 100.0));
        assert_eq!((lut.first_from(0.5), lut.first_from(1e9)), (101.0, 16383.0));
        assert_eq!((lut.at(-5.0), lut.at(100.0), lut.at(1e12)), (-100.0, 0.0, 16283.0));
    }

    #[test]
    fn emissivity_counts_one_percent_higher() {
        assert_eq!(behind_emissivity(300.0, 100, 23.0), 300.0);
        assert!((behind_emissivity(300.0, 99, 5.0) - 300.0).abs() < 1e-9);
        // A target of the reflected temperature stays, whatever the emissivity.
        assert!((behind_emissivity(50.0, 60, 5.0) - 50.0).abs() < 1e-9);
        // Within 2 K of 23 °C a reflected temperature is 23 °C.
        assert_eq!(behind_emissivity(300.0, 80, 21.0), behind_emissivity(300.0, 80, 23.0));
        assert_ne!(behind_emissivity(300.0, 80, 20.9), behind_emissivity(300.0, 80, 23.0));
        // 100/80 of the difference of fourth powers, by hand: 30 °C behind 79 %, 23 °C around.
        let own = 296.5_f64.powi(4) + (303.5_f64.powi(4) - 296.5_f64.powi(4)) * 1.25;
        let wanted = 10.0 * (own.powf(0.25) - 273.5);
        assert!((behind_emissivity(300.0, 79, 23.0) - wanted).abs() < 1e-9);
    }
}
