//! Behaviour of `site`.
#![expect(clippy::unwrap_used, reason = "a test that cannot write its files has failed")]

use std::fs;
use std::path::Path;

use torenvalk::site::{AssetKind, AssetLookup, Outline, Role, Site, read};

fn kestrel_works() -> Site {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("missions/kestrel-works/site.toml")).unwrap()
}

fn read_text(name: &str, text: &str) -> Result<Site, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    read(&path).map_err(|error| error.to_string())
}

/// One feature; `what` is the text of its properties.
fn feature(what: &str, geometry: &str, coordinates: &str) -> String {
    format!(
        r#"{{"type": "Feature", "properties": {{{what}}},
 "geometry": {{"type": "{geometry}", "coordinates": {coordinates}}}}}"#
    )
}

fn collection(features: &[String]) -> String {
    format!(r#"{{"type": "FeatureCollection", "features": [{}]}}"#, features.join(",\n"))
}

const SQUARE: &str = "[[[5.0, 52.0], [5.002, 52.0], [5.002, 52.001], [5.0, 52.001], [5.0, 52.0]]]";
const INNER: &str = "[[[5.0005, 52.0002], [5.001, 52.0002], [5.001, 52.0006], [5.0005, 52.0006], [5.0005, 52.0002]]]";

#[test]
fn the_worked_example_has_every_part_that_the_demo_needs() {
    let site = kestrel_works();
    assert_eq!(site.name, "Kestrel Works");
    assert_eq!(site.areas.len(), 1);
    assert_eq!(site.ground_height_m, Some(42.0));
    assert!(site.takeoff().is_some());
    let count = |kind| site.assets.iter().filter(|asset| asset.kind == kind).count();
    for (kind, times) in [
        (AssetKind::Pipe, 2),
        (AssetKind::Roof, 2),
        (AssetKind::Tank, 1),
        (AssetKind::Switchgear, 1),
        (AssetKind::PvTable, 1),
        (AssetKind::Stack, 1),
    ] {
        assert_eq!(count(kind), times, "{kind:?}");
    }
    let roles: Vec<_> = site.zones.iter().map(|zone| zone.role).collect();
    assert_eq!((site.routes.len(), roles), (1, vec![Role::NoFly, Role::NoCapture]));
}

#[test]
fn the_smallest_asset_that_holds_a_place_is_its_asset() {
    let site = kestrel_works();
    // Places in metres east and north of 52.77 N, 5.43 E, where the file's shapes are laid out.
    let at = |east_m: f64, north_m: f64| {
        site.asset_at(52.77 + north_m / 111_273.0, 5.43 + east_m / 67_500.0)
            .map(|asset| asset.name.as_str())
    };
    assert_eq!(at(-80.0, 30.0), Some("hall A roof"));
    assert_eq!(at(-100.0, 84.0), None, "the notch of hall B");
    assert_eq!(at(-70.0, 84.0), Some("hall B roof"));
    assert_eq!(at(-90.0, -67.0), Some("heat main, buried"));
    assert_eq!(at(-90.0, -65.0), None, "5 m beside a corridor of 4 m");
    assert_eq!(at(50.0, -2.0), Some("tank T1"));
    assert_eq!(at(86.0, 62.0), Some("substation S1"), "smaller than the pipe that ends in it");
    assert_eq!(at(101.0, -28.0), Some("boiler stack"));
    assert_eq!(at(0.0, 60_000.0), None);
    assert!(site.asset_at(-52.77, -174.57).is_none(), "the other side of the earth");
    assert!(site.asset_at(f64::NAN, 5.43).is_none());
}

#[test]
fn a_lone_polygon_is_the_area_and_holes_go_into_it() {
    let site = read_text("field.geojson", &collection(&[feature("", "Polygon", SQUARE)])).unwrap();
    assert_eq!((site.name.as_str(), site.areas.len()), ("field", 1));
    let two = [
        feature(r#""role": "hole""#, "Polygon", INNER),
        feature(r#""role": "area""#, "Polygon", SQUARE),
    ];
    let site = read_text("field.geojson", &collection(&two)).unwrap();
    assert_eq!(site.areas[0].holes.len(), 1);
    assert_eq!(site.areas[0].outer.len(), 4, "the closing vertex is not repeated");
}

#[test]
fn a_roof_with_a_courtyard_does_not_hold_the_courtyard() {
    let rings = format!("[{}, {}]", &SQUARE[1..SQUARE.len() - 1], &INNER[1..INNER.len() - 1]);
    let what = r#""role": "asset", "kind": "roof", "height_m": 6"#;
    let site = read_text("a.geojson", &collection(&[feature(what, "Polygon", &rings)])).unwrap();
    assert!(site.asset_at(52.0004, 5.0007).is_none());
    assert!(site.asset_at(52.0008, 5.0007).is_some());
}

#[test]
fn assets_lie_across_the_180th_meridian_and_at_the_pole() {
    for (lon, lat) in [(179.999_99_f64, 10.0_f64), (-180.0, -40.0), (12.0, 89.999_99), (0.0, -90.0)]
    {
        let what = r#""role": "asset", "kind": "tank", "radius_m": 20"#;
        let point = feature(what, "Point", &format!("[{lon}, {lat}]"));
        let site = read_text("a.geojson", &collection(&[point])).unwrap();
        let other_side = if lat.abs() > 89.0 { lon - 179.0 } else { lon - 359.9999 };
        assert!(site.asset_at(lat, lon).is_some());
        assert!(site.asset_at(lat, other_side).is_some(), "{lon} {lat}");
        assert!(site.asset_at(lat - lat.signum() * 0.001, lon).is_none());
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let asset = |what: &str| format!(r#""role": "asset", {what}"#);
    let line = "[[5.0, 52.0], [5.001, 52.0]]";
    let table: &[(&str, &str, &str, &str)] = &[
        (r#""role": "aera""#, "Polygon", SQUARE, "line 1, column 92: unknown variant `aera`"),
        (r#""role": "aera""#, "Polygon", SQUARE, "`no_fly`"),
        (&asset(r#""kind": "chimney""#), "Polygon", SQUARE, "`pv_table`"),
        (&asset(r#""name": "x""#), "Polygon", SQUARE, "feature 1 (x): an asset needs a kind"),
        (&asset(r#""kind": "pipe""#), "LineString", line, "a line needs half_width_m"),
        (&asset(r#""kind": "tank""#), "Point", "[5.0, 52.0]", "a point needs radius_m"),
        (&asset(r#""kind": "pipe", "half_width_m": -1"#), "LineString", line, "half_width_m -1"),
        ("", "Point", "[5.0, 52.0]", "it has no role"),
        ("", "Polygon", "[[[5, 95], [6, 52], [6, 53], [5, 95]]]", "swapped?"),
        ("", "Polygon", "[[[52.1, 5.0], [52.2, 5.0], [52.1, 5.1], [52.1, 5.0]]]", "swapped in"),
        ("", "Polygon", "[[[155000, 463000]]]", "line 2, column"),
        ("", "Polygon", "[[[155000, 463000]]]", "RD New"),
        ("", "Polygon", "[[[5, 52], [5, 52.1], [5, 1e400], [5, 52]]]", "out of range"),
        (
            "",
            "Polygon",
            "[[[5, 52], [5.1, 52.1], [5.1, 52], [5, 52.1], [5, 52]]]",
            "crosses itself",
        ),
        ("", "Polygon", "[[[5, 52], [5.1, 52.1], [5.1, 52]]]", "a closed ring needs 4"),
        ("", "Polygon", "[[[5, 52], [25.1, 52.1], [5.1, 52], [5, 52]]]", "500 km"),
        (r#""role": "hole""#, "Polygon", SQUARE, "the hole lies in no area"),
        (r#""role": "route""#, "Polygon", SQUARE, "a route is a line"),
    ];
    for (what, geometry, coordinates, says) in table {
        let text = collection(&[feature(what, geometry, coordinates)]);
        let error = read_text("a.geojson", &text).unwrap_err();
        assert!(error.contains("a.geojson: ") && error.contains(says), "{says}\n{error}\n{text}");
    }
}

#[test]
fn toml_is_strict_and_names_line_and_column() {
    let head = "format_version = 1\nname = \"x\"\n";
    for (text, says) in [
        (format!("{head}shapes = \"a\"\nspeed = 3\n"), "line 4, column 1: unknown field `speed`"),
        (format!("{head}shapes = 3\n"), "line 3, column 10: "),
        ("format_version = 9\nname = \"x\"\nshapes = \"a\"\n".to_owned(), "line 1, column 1: "),
        (format!("{head}shapes = \"a\"\nground_height_m = nan\n"), "line 4, column 1: "),
        (format!("{head}shapes = \"a\"\ntakeoff = {{lat_deg = 99.0, lon_deg = 5.0}}\n"), "swapped"),
        (format!("{head}shapes = \"missing.geojson\"\n"), "missing.geojson: "),
        (head.to_owned(), "missing field `shapes`"),
    ] {
        let error = read_text("site.toml", &text).unwrap_err();
        assert!(error.contains(says), "{says}\n{error}");
    }
}

#[test]
fn damage_is_refused_and_never_a_panic() {
    let whole = fs::read_to_string("missions/kestrel-works/site.geojson").unwrap();
    for part in 0..64 {
        let cut = &whole[..whole.len() * part / 64];
        assert!(read_text("a.geojson", cut).is_err(), "{part}/64");
    }
    assert!(read_text("a.geojson", &"[".repeat(100_000)).is_err());
    for flip in 0..400usize {
        let mut bytes = whole.clone().into_bytes();
        let at = flip * 7919 % bytes.len();
        bytes[at] ^= 1 << (flip % 7);
        // A flipped digit may well be a site still; then it can be asked.
        if let Ok(site) = read_text("a.geojson", &String::from_utf8_lossy(&bytes)) {
            assert!(site.asset_at(-52.77, -174.57).is_none());
        }
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(read(folder.path()).is_err());
    let binary = folder.path().join("b.geojson");
    fs::write(&binary, [0xff, 0xfe, 0x00]).unwrap();
    assert!(read(&binary).unwrap_err().to_string().contains("offset 0 is not UTF-8"));
    let sparse = folder.path().join("big.geojson");
    fs::File::create(&sparse).unwrap().set_len(4 << 30).unwrap();
    assert!(read(&sparse).unwrap_err().to_string().contains("larger than"));
}

#[test]
fn many_places_are_looked_up_among_many_assets() {
    let mut site = kestrel_works();
    let Outline::Polygon(field) =
        site.assets.iter().find(|a| a.kind == AssetKind::PvTable).unwrap().outline.clone()
    else {
        panic!("the field is a polygon")
    };
    let table = site.assets.iter().find(|a| a.kind == AssetKind::PvTable).unwrap().clone();
    for number in 0..5_000u32 {
        let mut one = table.clone();
        let step = f64::from(number) * 1e-4;
        let outer = field.outer.iter().map(|&(lon, lat)| (lon, lat + step)).collect();
        let polygon = torenvalk::site::Polygon { outer, holes: Vec::new() };
        one.outline = Outline::Polygon(polygon);
        site.assets.push(one);
    }
    let lookup = AssetLookup::new(&site);
    let found = (0..100_000u32)
        .filter(|&n| lookup.asset_at(52.769 + f64::from(n) * 5e-6, 5.4303).is_some())
        .count();
    // The tables reach from 90 m south of the middle to 0.5° further north: all but the first 20.
    assert!((99_900..100_000).contains(&found), "{found}");
}
