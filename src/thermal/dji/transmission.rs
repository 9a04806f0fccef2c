//! iirp: the transmission of air in the file's own table, and what humidity does to it.

use super::super::fault::Fault;
use super::container::Fields;

/// A transmission of 1 in the table.
pub(super) const ONE: f64 = 16384.0;
/// The first row, for every table version.
const FIRST_ROW_K: f64 = 248.15;
const ROW_STEP_K: f64 = 25.0;
/// From table version 0x101 on rows are twice as far apart behind this one (823.15 K).
const LAST_CLOSE_ROW: usize = 23;
const WIDE_ROW_STEP_K: f64 = 50.0;

/// Columns: how many, from where, how far apart, in centimetres.
const NEAR: &[(u32, u32, u32)] = &[
    (20, 25, 5),
    (8, 130, 10),
    (10, 220, 20),
    (8, 450, 50),
    (6, 900, 100),
    (8, 1600, 200),
    (4, 3500, 500),
];
const FAR: &[(u32, u32, u32)] =
    &[(5, 6000, 1000), (10, 12_000, 2000), (4, 35_000, 5000), (5, 60_000, 10_000)];

/// The shape of a table, by its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    rows: usize,
    far: bool,
    wide_rows: bool,
}

impl Shape {
    pub(super) fn of(version: u16) -> Self {
        match version {
            0..0x40 => Self { rows: 56, far: false, wide_rows: false },
            0x40..=0x100 => Self { rows: 42, far: true, wide_rows: false },
            0x101.. => Self { rows: 45, far: true, wide_rows: true },
        }
    }

    fn columns_m(self) -> Vec<f64> {
        let far = if self.far { FAR } else { &[] };
        let runs = NEAR.iter().chain(far);
        runs.flat_map(|&(count, first, step)| (0..count).map(move |i| first + i * step))
            .map(|cm| f64::from(cm) / 100.0)
            .collect()
    }

    /// Where the table ends, in metres.
    pub(super) fn farthest_m(self) -> f64 {
        if self.far { 1000.0 } else { 50.0 }
    }
}

/// Transmission over the distance at hand, by the target's temperature.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Transmission {
    /// One a row, in 1/16384, not yet rounded.
    column: Vec<f64>,
    wide_rows: bool,
}

impl Transmission {
    /// The table at byte `at` of APP5, read for one distance; nearer than its first column (0.25 m)
    /// that one holds.
    pub(super) fn read(
        app5: &Fields<'_>,
        at: usize,
        shape: Shape,
        distance_m: f64,
    ) -> Result<Self, Fault> {
        let columns = shape.columns_m();
        let right = columns.partition_point(|&column| column <= distance_m);
        let right = right.clamp(1, columns.len() - 1);
        let (near, far) = (columns[right - 1], columns[right]);
        let share = ((distance_m - near) / (far - near)).clamp(0.0, 1.0);
        let mut column = Vec::with_capacity(shape.rows);
        for row in 0..shape.rows {
            let left = at + 2 * (row * columns.len() + right - 1);
            let (low, high) = (f64::from(app5.u16(left)?), f64::from(app5.u16(left + 2)?));
            column.push(low + share * (high - low));
        }
        Ok(Self { column, wide_rows: shape.wide_rows })
    }

    /// The same transmission for every target.
    pub(super) fn constant(transmission: f64) -> Self {
        Self { column: vec![transmission * ONE; 2], wide_rows: false }
    }

    /// In whole 1/16384. Below the first row the line through the first two goes on; above the
    /// last row, which no frame reaches, that one holds.
    pub(super) fn at(&self, kelvin: f64) -> f64 {
        let mut row = (kelvin - FIRST_ROW_K) / ROW_STEP_K;
        if self.wide_rows && row > LAST_CLOSE_ROW as f64 {
            let beyond = row - LAST_CLOSE_ROW as f64;
            row = LAST_CLOSE_ROW as f64 + beyond * ROW_STEP_K / WIDE_ROW_STEP_K;
        }
        let low = (row.max(0.0) as usize).min(self.column.len() - 2);
        let share = (row - low as f64).min(1.0);
        let (from, to) = (self.column[low], self.column[low + 1]);
        (from + share * (to - from)).round()
    }
}

/// Which way a camera corrects transmission for humidity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HumidityVersion {
    One,
    Two,
    Three,
}

impl HumidityVersion {
    /// By the table version, or by the switch and number in APP5's head; `None`: no correction.
    pub(super) fn of(table: u16, switch: u16, number: u16) -> Result<Option<Self>, Fault> {
        Ok(match (table, switch, number) {
            (0..0x102, _, _) => Some(Self::One),
            (0x110, _, _) => Some(Self::Two),
            (0x104 | 0x113 | 0x116 | 0x119, _, _) => Some(Self::Three),
            (_, 1, 1) => Some(Self::One),
            (_, 1, 2) => Some(Self::Two),
            (_, 1, 3) => Some(Self::Three),
            (_, 1, _) => {
                return Err(Fault::refused(format!(
                    "humidity correction {number} of the file's table is not known, 1 to 3 are"
                )));
            }
            _ => None,
        })
    }
}

/// The humidity correction of one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Humidity {
    /// `f · log2 d · ln(e/1425)`.
    exponent: f64,
}

impl Humidity {
    /// For a relative humidity in percent, air in degrees Celsius, a distance in metres.
    pub(super) fn new(
        version: HumidityVersion,
        humidity_percent: f64,
        ambient_c: f64,
        distance_m: f64,
    ) -> Self {
        let (strength, most_pascal, most_m) = match version {
            HumidityVersion::One => (1.0, 3000.0, 1000.0),
            HumidityVersion::Two => (0.6, 4000.0, 10.0),
            HumidityVersion::Three => (0.3, 4000.0, 10.0),
        };
        // Magnus' formula for the pressure of water vapour.
        let saturated = 611.2 * (17.67 * ambient_c / (243.5 + ambient_c)).exp();
        let pascal = (humidity_percent / 100.0 * saturated).clamp(800.0, most_pascal).trunc();
        let doublings = distance_m.clamp(1.0, most_m).log2();
        Self { exponent: strength * doublings * (pascal / 1425.0).ln() }
    }

    /// Corrects a transmission in 1/16384 for a target of a temperature.
    pub(super) fn correct(self, transmission: f64, kelvin: f64) -> f64 {
        (transmission * (self.exponent * weight(kelvin)).exp()).floor()
    }
}

/// How strongly humidity acts by the target's temperature: `c(T)`.
fn weight(kelvin: f64) -> f64 {
    let fourth = (kelvin / 410.15).powi(4);
    match kelvin {
        273.15..410.15 => 0.01 * (1.0 / fourth - 1.0) - 0.04,
        410.15..1273.15 => -0.003 * (fourth - 1.0) - 0.04,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table whose number is 100 · row + column.
    fn table(version: u16, distance_m: f64) -> Transmission {
        let shape = Shape::of(version);
        let columns = shape.columns_m().len();
        let numbers = (0..shape.rows).flat_map(|row| (0..columns).map(move |c| 100 * row + c));
        let bytes: Vec<u8> = numbers.flat_map(|n| (n as u16).to_le_bytes()).collect();
        Transmission::read(&Fields::made(bytes), 0, shape, distance_m).unwrap()
    }

    #[test]
    fn tables_have_the_columns_of_their_version() {
        for (version, rows, columns, farthest_m) in
            [(0x3F, 56, 64, 50.0), (0x40, 42, 88, 1000.0), (0x101, 45, 88, 1000.0)]
        {
            let shape = Shape::of(version);
            let found = shape.columns_m();
            assert_eq!((shape.rows, found.len()), (rows, columns), "{version:#x}");
            assert_eq!((found[0], found[columns - 1]), (0.25, farthest_m), "{version:#x}");
            assert_eq!(shape.farthest_m(), farthest_m);
            assert!(found.is_sorted_by(|a, b| a < b), "{version:#x}");
        }
        assert_eq!(Shape::of(0x100).rows, 42);
        let far = Shape::of(0x42).columns_m();
        for (column, metres) in [(19, 1.2), (20, 1.3), (46, 9.0), (63, 50.0), (64, 60.0)] {
            assert_eq!(far[column], metres);
        }
        assert_eq!((far[69], far[79], far[83]), (120.0, 350.0, 600.0));
    }

    #[test]
    fn a_table_is_read_between_its_rows_and_columns() {
        for (version, kelvin, distance_m, number) in [
            (0x3, 248.15, 0.25, 0.0),
            (0x3, 248.15, 0.1, 0.0),    // nearer than the first column
            (0x3, 273.15, 0.30, 101.0), // second row, second column
            (0x3, 260.65, 0.25, 50.0),
            (0x3, 273.15, 49.0, 163.0), // 162.8 is rounded
            (0x3, 1623.15, 50.0, 5563.0),
            (0x3, 1700.0, 50.0, 5563.0), // above the last row
            (0x3, 223.15, 20.0, -46.0),  // the line goes on below the first
            (0x42, 298.15, 60.0, 264.0),
            (0x42, 298.15, 1000.0, 287.0),
            (0x42, 1273.15, 1000.0, 4187.0),
            (0x12C, 823.15, 1000.0, 2387.0),
            (0x12C, 848.15, 1000.0, 2437.0), // rows are 50 K apart from here
            (0x12C, 873.15, 1000.0, 2487.0),
            (0x12C, 1873.15, 0.25, 4400.0),
        ] {
            let found = table(version, distance_m).at(kelvin);
            assert_eq!(found, number, "{version:#x} at {kelvin} K, {distance_m} m");
        }
    }

    #[test]
    fn a_short_table_is_damage() {
        let short = Fields::made(vec![0; 2 * 56 * 64 - 2]);
        assert!(Transmission::read(&short, 0, Shape::of(3), 50.0).is_err());
    }

    #[test]
    fn each_table_version_has_its_humidity_correction() {
        use HumidityVersion::{One, Three, Two};
        for (table, switch, number, found) in [
            (0, 0, 0, Some(One)),
            (0x42, 0xFFFF, 0xFFFF, Some(One)),
            (0x101, 0, 0, Some(One)),
            (0x110, 0, 0, Some(Two)),
            (0x104, 0, 1, Some(Three)),
            (0x113, 0, 0, Some(Three)),
            (0x116, 0, 0, Some(Three)),
            (0x119, 0, 0, Some(Three)),
            (0x12C, 1, 2, Some(Two)),
            (0x12C, 1, 3, Some(Three)),
            (0x12C, 1, 1, Some(One)),
            (0x12C, 0, 2, None),
            (0x12C, 0xFFFF, 2, None),
        ] {
            assert_eq!(HumidityVersion::of(table, switch, number), Ok(found), "{table:#x}");
        }
        assert!(HumidityVersion::of(0x12C, 1, 4).is_err());
    }

    /// Worked out by hand: at 410.15 K the weight is -0.04 on both sides; the pressure at 100 %
    /// and 40 °C is above all limits, at 20 % and 0 °C below the lowest; 2 m are one doubling.
    #[test]
    fn humidity_acts_by_its_version() {
        use HumidityVersion::{One, Three, Two};
        for (version, percent, ambient_c, metres, kelvin, corrected) in [
            (One, 100.0, 40.0, 2.0, 410.15, 15903.0),
            (Two, 100.0, 40.0, 2.0, 410.15, 15983.0),
            (Three, 100.0, 40.0, 2.0, 410.15, 16182.0),
            (One, 100.0, 40.0, 1.0, 410.15, 16384.0),
            (One, 100.0, 40.0, 0.5, 410.15, 16384.0),
            (One, 100.0, 40.0, 2.0, 273.0, 16384.0),
            (One, 100.0, 40.0, 2.0, 1273.15, 16384.0),
        ] {
            let humidity = Humidity::new(version, percent, ambient_c, metres);
            assert_eq!(humidity.correct(ONE, kelvin), corrected, "{version:?} {metres} {kelvin}");
        }
        let dry = Humidity::new(One, 20.0, 0.0, 2.0);
        assert!((dry.exponent - (800.0_f64 / 1425.0).ln()).abs() < 1e-12);
        let far = |version, metres| Humidity::new(version, 50.0, 25.0, metres);
        assert_eq!(far(Two, 10.0), far(Two, 300.0));
        assert_eq!(far(Three, 10.0), far(Three, 300.0));
        assert_ne!(far(One, 10.0), far(One, 300.0));
        assert!((weight(410.15) + 0.04).abs() < 1e-15);
        assert!((weight(410.149_999) + 0.04).abs() < 1e-9);
    }
}
