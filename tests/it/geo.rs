//! Behaviour of `geo`.

use std::fs;

use torenvalk::geo::{egm96_undulation_m, etrs89_from_rd_nap, rd_nap_anywhere, rd_nap_from_etrs89};

use crate::shared::shared;

#[test]
fn rd_and_nap_meet_the_official_points() {
    let Some(file) = shared("data/geo/rdnaptrans2018/Z001-sample-1000.txt") else { return };
    let text = fs::read_to_string(file).unwrap();
    let (mut inside, mut outside) = (0, 0);
    let mut worst = [0.0_f64; 5];
    for line in text.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let number = |i: usize| fields[i].parse::<f64>().unwrap();
        let (lat, lon, height, x, y) = (number(1), number(2), number(3), number(4), number(5));
        let rd = rd_nap_anywhere(lat, lon, height);
        let off = (rd.x_m - x).hypot(rd.y_m - y);
        if fields[6] == "*" {
            outside += 1;
            assert_eq!(rd.nap_m, None, "{line}");
            worst[3] = worst[3].max(off);
        } else {
            inside += 1;
            assert_eq!(rd_nap_from_etrs89(lat, lon, height), Some(rd), "{line}");
            worst[0] = worst[0].max(off);
            worst[1] = worst[1].max((rd.nap_m.unwrap() - number(6)).abs());
            let given = torenvalk::geo::RdNap { x_m: x, y_m: y, nap_m: Some(number(6)) };
            let back = etrs89_from_rd_nap(&given);
            worst[2] = worst[2].max((back.lat_deg - lat).abs()).max((back.lon_deg - lon).abs());
            worst[4] = worst[4].max((back.height_m.unwrap() - height).abs());
        }
    }
    println!("inside RD, NAP, back in degrees, outside RD, back in height: {worst:?}");
    assert_eq!((inside, outside), (812, 188));
    assert!(worst[0] < 1e-3 && worst[1] < 1e-3, "{worst:?}");
    assert!(worst[2] < 1e-8 && worst[3] < 1e-3 && worst[4] < 1e-3, "{worst:?}");
}

#[test]
fn outside_the_dutch_grids_there_is_no_rd() {
    for (lat, lon) in [(49.99, 5.0), (56.01, 5.0), (52.0, 1.99), (52.0, 8.01), (f64::NAN, 5.0)] {
        assert_eq!(rd_nap_from_etrs89(lat, lon, 0.0), None);
    }
    assert!(rd_nap_from_etrs89(52.0, 5.0, f64::NAN).is_none());
    assert!(rd_nap_from_etrs89(50.0, 2.0, 0.0).is_some());
    assert!(rd_nap_from_etrs89(56.0, 8.0, 0.0).is_some());
}

#[test]
fn the_geoid_meets_nga_and_the_plain_grid() {
    let Some(file) = shared("data/geo/egm96/offsets.json") else { return };
    let json: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let value = |v: &serde_json::Value, key: &str| v[key].as_f64().unwrap();
    let mut seen = 0;
    for list in ["cities", "nga_points"] {
        for place in json[list].as_array().unwrap() {
            let found = egm96_undulation_m(value(place, "lat"), value(place, "lon"));
            let off = found - value(place, "bilinear_m");
            assert!(off.abs() < 1e-6, "{place}: {found}");
            if let Some(nga_m) = place["nga_m"].as_f64() {
                assert!((found - nga_m).abs() < 0.06, "{place}: {found}");
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 8);
}

#[test]
fn the_shipped_geoid_is_the_decoded_one_at_every_node() {
    let Some(file) = shared("data/geo/egm96/egm96-15min.i16be") else { return };
    let bytes = fs::read(file).unwrap();
    for (index, pair) in bytes.chunks_exact(2).enumerate() {
        let expected = f64::from(i16::from_be_bytes([pair[0], pair[1]])) / 100.0;
        let lat = 90.0 - (index / 1440) as f64 * 0.25;
        let lon = (index % 1440) as f64 * 0.25;
        assert!((egm96_undulation_m(lat, lon) - expected).abs() < 1e-9, "{lat} {lon}");
    }
}
