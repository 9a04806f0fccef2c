//! What is refused, what is warned of, and whose parameters are used, on files made here.

use super::super::fault::Fault;
use super::super::{Overrides, ParameterSource};
use super::made::{Iirp, decode, parameter};

fn none() -> Overrides {
    Overrides::default()
}

#[test]
fn a_made_file_is_as_hand_computed() {
    // No air, E = 1: the count is the temperature. 4800/16 K and 1/16 K a count.
    let file = Iirp { stored: [20.0, 5.0, 1.0, 0.5, 23.0], ..Iirp::default() };
    let mut clear = Iirp { head: Iirp::switched(0, 0, 0).head, ..file };
    let celsius = clear.decode(none()).unwrap().thermogram.celsius();
    let wanted: Vec<f32> = (0..8).map(|pixel| 26.85 + pixel as f32 / 16.0).collect();
    assert!(celsius.iter().zip(&wanted).all(|(c, w)| (c - w).abs() < 1e-4), "{celsius:?}");
    // E = 0.5, reflected 23 C: T^4 = 2 Tapp^4 - Tr^4.
    clear = Iirp { head: Iirp::switched(0, 0, 1).head, ..clear };
    let half = Overrides { emissivity: Some(0.5), ..none() };
    let found = f64::from(clear.decode(half).unwrap().thermogram.celsius()[0]);
    let own = 2.0 * 300.0_f64.powi(4) - 296.15_f64.powi(4);
    assert!((found - (own.powf(0.25) - 273.15)).abs() < 1e-4, "{found}");
    // Reflection off: the air's 20 C takes its place.
    clear = Iirp { head: Iirp::switched(0, 0, 0).head, ..clear };
    let found = f64::from(clear.decode(half).unwrap().thermogram.celsius()[0]);
    let own = 2.0 * 300.0_f64.powi(4) - 293.15_f64.powi(4);
    assert!((found - (own.powf(0.25) - 273.15)).abs() < 1e-4, "{found}");
}

#[test]
fn a_remap_changes_temperatures_only_below_an_emissivity_of_one() {
    let at = |remap, emissivity| {
        let overrides = Overrides { emissivity: Some(emissivity), ..none() };
        Iirp::switched(remap, 0, 1).decode(overrides).unwrap().thermogram.celsius()[0]
    };
    assert_eq!(at(1, 1.0), at(0, 1.0));
    assert_ne!(at(1, 0.7), at(0, 0.7));
    let mut always = Iirp::switched(0, 0, 1);
    always.head[1] = 0x101;
    let overrides = Overrides { emissivity: Some(0.7), ..none() };
    let found = always.decode(overrides).unwrap().thermogram.celsius()[0];
    let mut humid = Iirp::switched(1, 1, 1);
    humid.head[7] = 1;
    assert_eq!(found, humid.decode(overrides).unwrap().thermogram.celsius()[0]);
}

#[test]
fn what_cannot_be_decoded_is_said_in_a_sentence() {
    let counts = |n: u16| (0..n).collect::<Vec<u16>>();
    let filter = |installed: u8| {
        let mut app7 = b"DJI-IR_ND".to_vec();
        app7.resize(22, 0);
        app7[12] = installed;
        Some(app7)
    };
    let base = Iirp::default;
    let mut unknown_humidity = Iirp::switched(0, 1, 1);
    unknown_humidity.head[7] = 9;
    for (file, words) in [
        (Iirp { gain: 3, ..base() }, "gain mode 3"),
        (Iirp { tag: b"qirp", ..base() }, "unknown kind `qirp`"),
        (Iirp { version: 0x900, ..base() }, "unknown version 0x900"),
        (Iirp { app7: filter(1), ..base() }, "ND filter"),
        (Iirp { counts: counts(7), ..base() }, "14 bytes, 4 x 2 pixels are 16"),
        (Iirp { counts: counts(9), ..base() }, "18 bytes, 4 x 2 pixels are 16"),
        (Iirp { size: (0, 2), ..base() }, "0 x 2"),
        (Iirp { size: (60_000, 60_000), ..base() }, "60000 x 60000"),
        (Iirp { table_words: 100, ..base() }, "ends before"),
        (Iirp { stored: [20.0, f32::NAN, 0.95, 0.5, 23.0], ..base() }, "NaN"),
        (Iirp { stored: [20.0, 5.0, 0.0, 0.5, 23.0], ..base() }, "emissivity 0"),
        (unknown_humidity, "humidity correction 9"),
    ] {
        match file.decode(none()) {
            Err(Fault::Refused(what) | Fault::Damaged { what, .. }) => {
                assert!(what.contains(words), "{what}");
            }
            Ok(_) => unreachable!("{words}: decoded"),
        }
    }
    assert!(Iirp { app7: filter(0), ..base() }.decode(none()).is_ok());
}

#[test]
fn a_missing_segment_is_told_from_a_cut_file() {
    let whole = Iirp::default().bytes();
    let app5 = whole.windows(2).rposition(|pair| pair == [0xFF, 0xE5]).unwrap();
    let mut without = whole[..app5].to_vec();
    without.extend([0xFF, 0xDA, 0, 2]);
    let Some(Err(Fault::Refused(reason))) = decode(&without, none()) else {
        unreachable!("no APP5 and not refused")
    };
    assert!(reason.contains("APP5 segment is missing"), "{reason}");
    let Some(Err(Fault::Damaged { offset, what })) = decode(&whole[..app5 + 100], none()) else {
        unreachable!("cut in APP5 and not damaged")
    };
    assert!(what.contains("ends before its APP5"), "{what}");
    assert_eq!(offset, app5 as u64);
}

#[test]
fn numbers_outside_their_range_are_refused() {
    for overrides in [
        Overrides { emissivity: Some(f64::NAN), ..none() },
        Overrides { distance_m: Some(-1.0), ..none() },
        Overrides { distance_m: Some(1000.1), ..none() }, // the table ends at 1000 m
    ] {
        assert!(Iirp::default().decode(overrides).is_err(), "{overrides:?}");
    }
}

#[test]
fn each_parameter_says_whose_it_is() {
    use ParameterSource::{File, Ignored, User};
    let all = Overrides {
        reflected_c: Some(15.0),
        ambient_c: Some(10.0),
        window_c: Some(20.0),
        ..none()
    };
    for (version, reflected_on, overrides, reflected, ambient) in [
        // Reflected sets ambient too, and an ambient that is given does nothing.
        // Reflection without a temperature of its own has the air's.
        (0x100, 0, none(), Some((20.0, File)), Some((20.0, File))),
        (0x100, 1, none(), Some((23.0, File)), Some((20.0, File))),
        (0x200, 0, all, Some((15.0, User)), Some((10.0, Ignored))),
        (0x10200, 0, Overrides { ambient_c: None, ..all }, Some((15.0, User)), Some((15.0, User))),
        (0x300, 1, all, Some((15.0, User)), Some((10.0, User))),
        (0x300, 0, all, Some((15.0, Ignored)), Some((10.0, User))),
        (0x300, 0, none(), Some((20.0, File)), Some((20.0, File))),
    ] {
        let file = Iirp { version, ..Iirp::switched(0, 0, reflected_on) };
        let decoded = file.decode(overrides).unwrap();
        assert_eq!(parameter(&decoded, "reflected_c"), reflected, "{version:#x}");
        assert_eq!(parameter(&decoded, "ambient_c"), ambient, "{version:#x}");
        assert_eq!(parameter(&decoded, "distance_m"), Some((5.0, File)));
        assert_eq!(parameter(&decoded, "humidity_percent"), Some((50.0, File)));
        let window = overrides.window_c.map(|value| (value, Ignored));
        assert_eq!(parameter(&decoded, "window_c"), window);
    }
}

#[test]
fn what_the_makers_program_would_not_take_is_warned_of() {
    for (version, table, distance_m, warned) in [
        (0x300, 0x42, 300.0, false),
        (0x300, 0x42, 301.0, true),
        (0x200, 0x42, 26.0, true),
        (0x300, 0x3F, 25.0, false),
        (0x300, 0x3F, 26.0, true),
        (0x300, 0x3F, 0.5, true),
    ] {
        let mut file = Iirp { version, ..Iirp::default() };
        file.head[1] = table;
        let overrides = Overrides { distance_m: Some(distance_m), ..none() };
        let warnings = file.decode(overrides).unwrap().warnings;
        assert_eq!(!warnings.is_empty(), warned, "{version:#x} {table:#x}: {warnings:?}");
    }
}

#[test]
fn a_conversion_of_emissivity_that_no_sample_confirms_is_warned_of() {
    for (remap, version, warned) in [(1, 3, false), (1, 1, true), (0, 1, false)] {
        let mut file = Iirp::switched(remap, 0, 1);
        file.head[5] = version;
        let warnings = file.decode(none()).unwrap().warnings;
        let found = warnings.iter().any(|warning| warning.contains("version 1 of the emissivity"));
        assert_eq!(found, warned, "{remap} {version}: {warnings:?}");
    }
}

#[test]
fn an_impossible_ambient_temperature_is_refused_where_it_is_used() {
    for (version, reflected_on) in [(0x200, 0), (0x200, 1), (0x300, 1)] {
        let stored = [-1000.0, 5.0, 0.95, 0.5, 23.0];
        let file = Iirp { version, stored, ..Iirp::switched(0, 0, reflected_on) };
        let Err(Fault::Refused(reason)) = file.decode(none()) else {
            unreachable!("{version:#x}: -1000 C of air and not refused")
        };
        assert!(reason.contains("_c -1000"), "{reason}");
    }
    // Here a reflected temperature that is given sets the air's too.
    let stored = [-1000.0, 5.0, 0.95, 0.5, 23.0];
    let file = Iirp { version: 0x200, stored, ..Iirp::switched(0, 0, 1) };
    assert!(file.decode(Overrides { reflected_c: Some(15.0), ..none() }).is_ok());
}

#[test]
fn a_blank_table_is_warned_of_and_ignores_distance() {
    let file = Iirp { head: [0xFFFF; 12], transmission: 0xFFFF, ..Iirp::default() };
    let decoded = file.decode(Overrides { distance_m: Some(20.0), ..none() }).unwrap();
    assert!(decoded.warnings[0].contains("blank"), "{:?}", decoded.warnings);
    assert_eq!(parameter(&decoded, "distance_m"), Some((20.0, ParameterSource::Ignored)));
    let stored = file.decode(none()).unwrap();
    assert_eq!(stored.thermogram, decoded.thermogram);
    assert_eq!(parameter(&stored, "distance_m"), Some((5.0, ParameterSource::File)));
}

#[test]
fn a_table_without_a_head_begins_at_once() {
    // The head's words are then the first transmissions: near, all of them 1 but those two.
    let file = Iirp { head: [16384; 12], ..Iirp::default() };
    let decoded = file.decode(none());
    // The words behind a made head are FFFF: a transmission of 4 that no air has, but no panic.
    assert!(decoded.unwrap().warnings.is_empty());
}
