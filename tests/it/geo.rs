//! Behaviour of `geo`.

use std::fs;

use nalgebra::{Matrix3, Vector3};
use proptest::prelude::*;
use tiff::encoder::{TiffEncoder, colortype::Gray32Float};
use tiff::tags::Tag;
use torenvalk::geo::{
    Attitude, CameraModel, Distortion, Geodetic, HeightDatum, LocalFrame, Miss, ModelParams, RdNap,
    Terrain, TerrainError, egm96_undulation_m, ellipse95, etrs89_from_rd_nap, quasi_geoid_m,
    rd_nap_anywhere, rd_nap_from_etrs89,
};

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
            let given = RdNap { x_m: x, y_m: y, nap_m: Some(number(6)) };
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

fn geodetic() -> impl Strategy<Value = Geodetic> {
    (-90.0..90.0_f64, -180.0..180.0_f64, -10_000.0..1e6_f64)
        .prop_map(|(lat, lon, height)| Geodetic::from_degrees(lat, lon, height))
}

proptest! {
    #[test]
    fn earth_centred_coordinates_come_back(place in geodetic()) {
        let back = Geodetic::from_ecef(&place.to_ecef());
        prop_assert!((back.lat_rad - place.lat_rad).abs() < 1e-12);
        prop_assert!((back.height_m - place.height_m).abs() < 1e-6);
        let off = (back.lon_rad - place.lon_rad).abs() * place.lat_rad.cos();
        prop_assert!(off < 1e-12);
    }

    #[test]
    fn local_coordinates_come_back(
        place in geodetic(), east in -1e4..1e4_f64, north in -1e4..1e4_f64, up in -1e3..1e3_f64,
    ) {
        let frame = LocalFrame::at(&place);
        let enu = Vector3::new(east, north, up);
        prop_assert!((frame.enu(&frame.geodetic(&enu)) - enu).norm() < 1e-5);
    }

    #[test]
    fn an_attitude_is_a_rotation(
        yaw in -180.0..180.0_f64, pitch in -90.0..90.0_f64, roll in -180.0..180.0_f64,
    ) {
        let turn = Attitude::from_degrees(yaw, pitch, roll).ned_from_body();
        prop_assert!((turn * turn.transpose() - Matrix3::identity()).norm() < 1e-12);
        prop_assert!((turn.determinant() - 1.0).abs() < 1e-12);
        // The forward axis alone tells yaw and pitch.
        let forward = turn * Vector3::x();
        prop_assert!((-forward.z - pitch.to_radians().sin()).abs() < 1e-12);
        let level = pitch.to_radians().cos();
        prop_assert!((forward.x - level * yaw.to_radians().cos()).abs() < 1e-12);
    }

    #[test]
    fn a_pixel_s_ray_projects_back_onto_it(
        x in 0.0..640.0_f64, y in 0.0..512.0_f64, focal in 400.0..2000.0_f64,
        k1 in -0.3..0.3_f64, k2 in -0.1..0.1_f64, p1 in -0.01..0.01_f64, p2 in -0.01..0.01_f64,
    ) {
        let mut camera = CameraModel::pinhole(640, 512, focal);
        camera.distortion = Distortion { k1, k2, p1, p2, k3: 0.0 };
        let Some((ray, _)) = camera.ray_with_slopes(x, y) else {
            // Only a wide lens with a strong barrel folds inside the picture.
            prop_assert!(focal < 700.0 && k1 < 0.0, "{focal} {k1} {k2}");
            return Ok(());
        };
        prop_assert!((ray.norm() - 1.0).abs() < 1e-12);
        let (back_x, back_y) = camera.project(&ray).unwrap();
        prop_assert!((back_x - x).abs() < 1e-6 && (back_y - y).abs() < 1e-6);
    }

    #[test]
    fn rd_and_nap_come_back(lat in 50.8..53.5_f64, lon in 3.4..7.2_f64, height in 0.0..400.0_f64) {
        let rd = rd_nap_from_etrs89(lat, lon, height).unwrap();
        let back = etrs89_from_rd_nap(&rd);
        prop_assert!((back.lat_deg - lat).abs() < 1e-8 && (back.lon_deg - lon).abs() < 1e-8);
        prop_assert!((back.height_m.unwrap() - height).abs() < 1e-6);
    }

    #[test]
    fn the_ellipse_is_where_its_axes_say(
        major in 0.1..50.0_f64, ratio in 0.01..0.95_f64, azimuth in 0.0..180.0_f64,
    ) {
        let (sin, cos) = azimuth.to_radians().sin_cos();
        let (along, across) = (Vector3::new(sin, cos, 0.0), Vector3::new(cos, -sin, 0.0));
        let minor = major * ratio;
        let covariance = along * along.transpose() * major * major
            + across * across.transpose() * minor * minor;
        let ellipse = ellipse95(&covariance);
        prop_assert!((ellipse.major_m / major - 2.4477).abs() < 1e-4);
        prop_assert!((ellipse.minor_m / minor - 2.4477).abs() < 1e-3);
        let off = (ellipse.azimuth_deg - azimuth).rem_euclid(180.0);
        prop_assert!(off.min(180.0 - off) < 1e-3, "{} {azimuth}", ellipse.azimuth_deg);
    }

    #[test]
    fn no_bytes_make_a_model_panic(cut in 0..3000_usize, at in 0..3000_usize, bit in 0..8) {
        let mut bytes = Model::default().bytes();
        bytes.truncate(bytes.len().min(cut + 200));
        let length = bytes.len();
        bytes[at % length] ^= 1_u8 << bit;
        if let Ok(terrain) = Terrain::from_bytes(bytes, &ModelParams::default()) {
            let _ = terrain.height_m(0.91, 0.094);
            let origin = Geodetic::from_degrees(52.1575, 5.39, 200.0);
            let _ = terrain.cast(&origin, &Vector3::new(0.6, 0.0, -0.8));
        }
    }
}

#[test]
fn ninety_five_in_a_hundred_samples_lie_in_the_ellipse() {
    let covariance = Matrix3::new(9.0, 4.0, 0.0, 4.0, 4.0, 0.0, 0.0, 0.0, 1.0);
    let root = covariance.cholesky().unwrap().l();
    let ellipse = ellipse95(&covariance);
    let (sin, cos) = ellipse.azimuth_deg.to_radians().sin_cos();
    // Halton's sequences in bases 2 and 3, through Box and Muller.
    let halton = |mut index: u32, base: u32| {
        let (mut value, mut part) = (0.0, 1.0);
        while index > 0 {
            part /= f64::from(base);
            value += part * f64::from(index % base);
            index /= base;
        }
        value
    };
    let inside = (1..=20_000)
        .filter(|&i| {
            let radius = (-2.0 * (1.0 - halton(i, 2)).ln()).sqrt();
            let (s, c) = (std::f64::consts::TAU * halton(i, 3)).sin_cos();
            let place = root * Vector3::new(radius * c, radius * s, 0.0);
            let along = (place.x * sin + place.y * cos) / ellipse.major_m;
            let across = (place.x * cos - place.y * sin) / ellipse.minor_m;
            along * along + across * across <= 1.0
        })
        .count();
    assert!((18_960..19_040).contains(&inside), "{inside}");
}

/// A small GeoTIFF: 100 x 80 posts, 2 m apart, west and north edge at a round coordinate.
pub(crate) struct Model {
    pub(crate) keys: Vec<u16>,
    pub(crate) edge: (f64, f64),
    pub(crate) spacing: f64,
    pub(crate) rows_per_strip: u32,
    pub(crate) nodata: Option<&'static str>,
    pub(crate) height: fn(u32, u32) -> f32,
}

/// Waves of some metres.
pub(crate) fn waves(column: u32, row: u32) -> f32 {
    40.0 + 3.0 * (column as f32 / 7.0).sin() + 2.0 * (row as f32 / 5.0).cos()
}

impl Default for Model {
    fn default() -> Self {
        Self {
            keys: keys(&[(1024, 1), (1025, 1), (3072, 28992)]),
            edge: (155_100.0, 463_400.0),
            spacing: 2.0,
            rows_per_strip: 16,
            nodata: None,
            height: waves,
        }
    }
}

pub(crate) fn keys(entries: &[(u16, u16)]) -> Vec<u16> {
    let mut words = vec![1, 1, 0, entries.len() as u16];
    for (key, value) in entries {
        words.extend([*key, 0, 1, *value]);
    }
    words
}

impl Model {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.write().expect("writing to memory")
    }

    fn write(&self) -> Result<Vec<u8>, tiff::TiffError> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut bytes)?;
        let mut image = encoder.new_image::<Gray32Float>(100, 80)?;
        image.rows_per_strip(self.rows_per_strip)?;
        let tags = image.encoder();
        tags.write_tag(Tag::GeoKeyDirectoryTag, &self.keys[..])?;
        tags.write_tag(Tag::ModelPixelScaleTag, &[self.spacing, self.spacing, 0.0][..])?;
        let tie = [0.0, 0.0, 0.0, self.edge.0, self.edge.1, 0.0];
        tags.write_tag(Tag::ModelTiepointTag, &tie[..])?;
        if let Some(nodata) = self.nodata {
            tags.write_tag(Tag::GdalNodata, nodata)?;
        }
        let heights: Vec<f32> = (0..8000).map(|i| (self.height)(i % 100, i / 100)).collect();
        image.write_data(&heights)?;
        Ok(bytes.into_inner())
    }

    pub(crate) fn terrain(&self) -> Terrain {
        Terrain::from_bytes(self.bytes(), &ModelParams::default()).expect("a sound model")
    }

    fn refusal(&self) -> TerrainError {
        Terrain::from_bytes(self.bytes(), &ModelParams::default()).expect_err("a refusal")
    }
}

/// The place of RD coordinates, and NAP's zero there.
pub(crate) fn rd_place(x_m: f64, y_m: f64) -> (f64, f64, f64) {
    let place = etrs89_from_rd_nap(&RdNap { x_m, y_m, nap_m: Some(0.0) });
    let zero_m = place.height_m.expect("inside the grid");
    (place.lat_deg.to_radians(), place.lon_deg.to_radians(), zero_m)
}

#[test]
fn posts_lie_in_the_middle_of_areas_and_at_the_corner_of_points() {
    let area = Model::default();
    let point = Model { keys: keys(&[(1024, 1), (1025, 2), (3072, 7415)]), ..Model::default() };
    for (model, off) in [(area, 0.5), (point, 0.0)] {
        let terrain = model.terrain();
        for (column, row) in [(0, 0), (40, 33), (99, 79)] {
            let x = 155_100.0 + 2.0 * (f64::from(column) + off);
            let y = 463_400.0 - 2.0 * (f64::from(row) + off);
            // A hair inside the outermost posts, which are the edge for points: RD comes back
            // to a millimetre.
            let x = if column == 0 { x + 2e-3 } else { x - 2e-3 };
            let y = if row == 0 { y - 2e-3 } else { y + 2e-3 };
            let (lat, lon, zero_m) = rd_place(x, y);
            let expected = f64::from(waves(column, row)) + zero_m;
            let found = terrain.height_m(lat, lon).unwrap();
            assert!((found - expected).abs() < 2e-3, "{column} {row}: {found} {expected}");
        }
    }
}

#[test]
fn strips_of_one_row_give_the_same_heights() {
    let (one, many) =
        (Model { rows_per_strip: 1, ..Model::default() }.terrain(), Model::default().terrain());
    for step in 0..150 {
        let (lat, lon, _) =
            rd_place(155_110.0 + f64::from(step), 463_390.0 - f64::from(step) * 0.9);
        assert_eq!(one.height_m(lat, lon).unwrap(), many.height_m(lat, lon).unwrap());
    }
}

#[test]
fn a_ray_meets_waves_where_a_dense_search_does() {
    let terrain = Model::default().terrain();
    let (lat, lon, zero_m) = rd_place(155_200.0, 463_320.0);
    let mut hits = 0;
    for case in 0..200 {
        let turn = f64::from(case) * 1.7;
        let down = (6.0 + f64::from(case % 40) * 2.0).to_radians();
        let height_m = zero_m + 47.0 + f64::from(case % 7) * 4.0;
        let origin = Geodetic { lat_rad: lat, lon_rad: lon, height_m };
        let direction = Vector3::new(turn.sin() * down.cos(), turn.cos() * down.cos(), -down.sin());
        let frame = LocalFrame::at(&origin);
        let clearance = |t: f64| {
            let place = frame.geodetic(&(direction * t));
            terrain.height_m(place.lat_rad, place.lon_rad).map(|h| place.height_m - h)
        };
        let first = (0..20_000)
            .map(|i| f64::from(i) * 0.01)
            .map_while(|t| clearance(t).map(|above| (t, above)))
            .find(|(_, above)| *above <= 0.0);
        match (terrain.cast(&origin, &direction), first) {
            (Ok(hit), Some((t, _))) => {
                hits += 1;
                assert!((hit.range_m - t).abs() < 0.011, "{case}: {} {t}", hit.range_m);
                let left = clearance(hit.range_m).unwrap();
                assert!(left.abs() < 1e-4, "{case}: {left}");
                let off = frame.enu(&hit.point) - direction * hit.range_m;
                assert!(off.norm() < 1e-5, "{case}");
            }
            (Err(Miss::OutsideTerrain), None) => {}
            (found, searched) => panic!("{case}: {found:?} {searched:?}"),
        }
    }
    assert!(hits > 150, "{hits}");
}

#[test]
fn the_normal_is_that_of_the_slope() {
    // Rising 1 m a metre to the east, 0.5 m a metre to the south.
    let slope = |column: u32, row: u32| 2.0 * column as f32 + row as f32;
    let terrain = Model { height: slope, ..Model::default() }.terrain();
    let (lat, lon, zero_m) = rd_place(155_200.0, 463_320.0);
    let origin = Geodetic { lat_rad: lat, lon_rad: lon, height_m: zero_m + 400.0 };
    let hit = terrain.cast(&origin, &Vector3::new(0.0, 0.0, -1.0)).unwrap();
    // RD north is true north at its meridian of 5.39°, within 0.01°.
    let expected = Vector3::new(-1.0, 0.5, 1.0).normalize();
    assert!((hit.normal_enu - expected).norm() < 3e-4, "{}", hit.normal_enu);
    assert_eq!(hit.sigma_m, 0.5);
}

#[test]
fn a_void_under_the_ray_is_named_and_one_beside_it_does_no_harm() {
    let hole = |column: u32, row: u32| if column < 50 { -9999.0 } else { waves(column, row) };
    let model = Model { height: hole, nodata: Some("-9999"), ..Model::default() };
    let float_max = |column: u32, row: u32| if column < 50 { 3.4e38 } else { waves(column, row) };
    for terrain in [model.terrain(), Model { height: float_max, ..Model::default() }.terrain()] {
        let (lat, lon, zero_m) = rd_place(155_150.0, 463_320.0);
        assert_eq!(terrain.height_m(lat, lon), None);
        let origin = Geodetic { lat_rad: lat, lon_rad: lon, height_m: zero_m + 60.0 };
        let cast = |direction: Vector3<f64>| terrain.cast(&origin, &direction.normalize());
        assert_eq!(cast(Vector3::new(1.0, 0.0, -0.6)).unwrap_err(), Miss::NoHeight);
        assert!(cast(Vector3::new(1.0, 0.0, -0.2)).is_ok());
    }
}

#[test]
fn heights_follow_their_datum() {
    let (lat, lon) = (52.0_f64, 5.0_f64);
    // Zone 31: this place is 637294, 5762926.
    let model = |entries: &[(u16, u16)]| Model {
        keys: keys(entries),
        edge: (637_200.0, 5_763_000.0),
        height: |_, _| 10.0,
        ..Model::default()
    };
    let height_m =
        |terrain: &Terrain| terrain.height_m(lat.to_radians(), lon.to_radians()).unwrap();
    let told = [(1024, 1), (3072, 32631)];
    let egm96_m = egm96_undulation_m(lat, lon);
    let nap_m = quasi_geoid_m(lat, lon).unwrap();
    type Case<'a> = (&'a [(u16, u16)], Option<HeightDatum>, f64, bool);
    let cases: [Case<'_>; 6] = [
        (&told, Some(HeightDatum::Egm96), egm96_m, false),
        (&told, Some(HeightDatum::Nap), nap_m, false),
        (&told, Some(HeightDatum::Ellipsoid), 0.0, false),
        (&[(1024, 1), (3072, 25831), (4096, 5709)], None, nap_m, false),
        (&[(1024, 1), (3072, 32631), (4096, 5773)], None, egm96_m, false),
        (&[(1024, 1), (3072, 32631), (4096, 5030)], None, 0.0, false),
    ];
    for (entries, vertical, zero_m, assumed) in cases {
        let params = ModelParams { vertical, sigma_m: Some(0.1) };
        let terrain = Terrain::from_bytes(model(entries).bytes(), &params).unwrap();
        assert!((height_m(&terrain) - 10.0 - zero_m).abs() < 1e-6, "{entries:?}");
        assert_eq!(terrain.sigma_m(), 0.1);
        let Terrain::Model(model) = &terrain else { panic!("a model") };
        assert_eq!(model.vertical_is_assumed(), assumed);
        assert_eq!(terrain.assumption(), None);
    }
    let feet = model(&[(1024, 1), (3072, 32631), (4096, 5030), (4099, 9002)]).terrain();
    assert!((height_m(&feet) - 3.048).abs() < 1e-6);
    let egm84 = model(&[(1024, 1), (3072, 32631), (4096, 5798)]);
    assert!(matches!(egm84.refusal(), TerrainError::VerticalDatum));
    for projected in [32631, 32731, 25831] {
        let refusal = model(&[(1024, 1), (3072, projected)]).refusal();
        assert!(matches!(refusal, TerrainError::VerticalDatumMissing), "{refusal}");
        assert!(refusal.to_string().contains("--terrain-datum"), "{refusal}");
    }
}

/// A model of one strip that says it has more posts than it has.
fn claiming(columns: u32, rows: u32) -> Vec<u8> {
    let mut bytes = Model { rows_per_strip: 80, ..Model::default() }.bytes();
    let directory = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]) as usize;
    let entries = usize::from(u16::from_le_bytes([bytes[directory], bytes[directory + 1]]));
    for entry in 0..entries {
        let at = directory + 2 + 12 * entry;
        let tag = u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        // Width, length, rows a strip.
        let value = match tag {
            256 => columns,
            257 | 278 => rows,
            _ => continue,
        };
        bytes[at + 2..at + 4].copy_from_slice(&4_u16.to_le_bytes());
        bytes[at + 8..at + 12].copy_from_slice(&value.to_le_bytes());
    }
    bytes
}

#[test]
fn models_of_other_kinds_are_refused_by_name() {
    for entries in [
        &[(1024, 1), (3072, 3857)][..],
        &[(1024, 1), (3072, 32767)],
        &[(1024, 3)],
        &[(1024, 1)],
        &[(1024, 1), (3072, 28992), (4099, 9036)],
    ] {
        let model = Model { keys: keys(entries), ..Model::default() };
        assert!(matches!(model.refusal(), TerrainError::Unsupported(_)), "{entries:?}");
    }
    let flat = Model { spacing: 0.0, ..Model::default() };
    assert!(matches!(flat.refusal(), TerrainError::Unsupported(_)));
    let refused = Terrain::from_bytes(claiming(100_000, 100_000), &ModelParams::default());
    assert!(matches!(refused, Err(TerrainError::Unsupported(_))), "{refused:?}");
    let refused = Terrain::from_bytes(b"no tiff".to_vec(), &ModelParams::default());
    assert!(matches!(refused, Err(TerrainError::Tiff(_))));
    let params = ModelParams { sigma_m: Some(f64::NAN), ..ModelParams::default() };
    let refused = Terrain::from_bytes(Model::default().bytes(), &params);
    assert!(matches!(refused, Err(TerrainError::Sigma(_))));
    let missing = Terrain::open(std::path::Path::new("none.tif"), &ModelParams::default());
    let Err(TerrainError::File { reason, .. }) = &missing else { panic!("{missing:?}") };
    assert!(matches!(**reason, TerrainError::Io(_)), "{reason}");
    let message = missing.unwrap_err().to_string();
    assert!(message.starts_with("none.tif cannot be read"), "{message}");
}

#[test]
fn what_is_assumed_of_heights_is_said() {
    let degrees = Model {
        keys: keys(&[(1024, 2), (1025, 1), (2048, 4326)]),
        edge: (12.0, 42.0),
        spacing: 1e-4,
        ..Model::default()
    };
    let told = Model { keys: keys(&[(1024, 1), (3072, 7415)]), ..Model::default() };
    for (model, word) in [(degrees, Some("EGM96")), (Model::default(), Some("NAP")), (told, None)] {
        let said = model.terrain().assumption();
        assert_eq!(said.is_some(), word.is_some(), "{said:?}");
        if let (Some(said), Some(word)) = (said, word) {
            assert!(said.contains(word) && said.contains("--terrain-datum"), "{said}");
        }
    }
    assert_eq!(Terrain::Flat { height_m: 0.0, sigma_m: 0.0 }.assumption(), None);
}

/// The grid of EGM2008 does not ship: that is said, and counted in.
#[test]
fn heights_above_egm2008_are_taken_by_egm96_and_say_so() {
    let model = Model {
        keys: keys(&[(1024, 1), (3072, 32631), (4096, 3855)]),
        edge: (637_200.0, 5_763_000.0),
        height: |_, _| 10.0,
        ..Model::default()
    };
    let terrain = model.terrain();
    let height_m = terrain.height_m(52.0_f64.to_radians(), 5.0_f64.to_radians()).unwrap();
    assert!((height_m - 10.0 - egm96_undulation_m(52.0, 5.0)).abs() < 1e-6, "{height_m}");
    let said = terrain.assumption().unwrap();
    assert!(said.contains("EGM2008") && said.contains("EGM96"), "{said}");
    let told = ModelParams { vertical: None, sigma_m: Some(0.1) };
    let terrain = Terrain::from_bytes(model.bytes(), &told).unwrap();
    assert!((terrain.sigma_m() - 0.1_f64.hypot(0.5)).abs() < 1e-12, "{}", terrain.sigma_m());
}

#[test]
fn heights_in_feet_may_be_above_ten_thousand() {
    // A mountain of 6,096 m, marks for "none" of two kinds, and 31,168 feet, above Everest.
    let feet = |column: u32, _: u32| match column {
        0..25 => 20_000.0,
        25..50 => -32_768.0,
        50..75 => 31_200.0,
        _ => f32::MAX,
    };
    let keys = keys(&[(1024, 1), (1025, 1), (3072, 28992), (4099, 9002)]);
    let terrain = Model { keys, height: feet, ..Model::default() }.terrain();
    for (x_m, height_m) in
        [(155_120.0, Some(6096.0)), (155_175.0, None), (155_225.0, None), (155_275.0, None)]
    {
        let (lat, lon, zero_m) = rd_place(x_m, 463_320.0);
        let found = terrain.height_m(lat, lon).map(|height| (height - zero_m).round());
        assert_eq!(found, height_m, "{x_m}");
    }
}

/// A model's bytes without the strips from `first` on: no offset and no length, as sparse files
/// have them.
fn sparse(model: &Model, first: usize) -> Vec<u8> {
    let mut bytes = model.bytes();
    let word = |bytes: &[u8], at: usize| {
        u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]) as usize
    };
    let directory = word(&bytes, 4);
    let entries = usize::from(u16::from_le_bytes([bytes[directory], bytes[directory + 1]]));
    for at in (0..entries).map(|entry| directory + 2 + 12 * entry) {
        let (tag, kind) = (bytes[at..at + 2].to_vec(), bytes[at + 2]);
        // StripOffsets and StripByteCounts, many and of four bytes.
        if tag == 273_u16.to_le_bytes() || tag == 279_u16.to_le_bytes() {
            assert_eq!(kind, 4);
            let (count, values) = (word(&bytes, at + 4), word(&bytes, at + 8));
            bytes[values + 4 * first..values + 4 * count].fill(0);
        }
    }
    bytes
}

#[test]
fn strips_that_a_sparse_file_leaves_out_have_no_heights() {
    for rows_per_strip in [1, 16] {
        let model = Model { rows_per_strip, ..Model::default() };
        let first_left_out = 48 / rows_per_strip as usize;
        let bytes = sparse(&model, first_left_out);
        let terrain = Terrain::from_bytes(bytes, &ModelParams::default()).unwrap();
        let (lat, lon, zero_m) = rd_place(155_200.0, 463_390.0);
        assert!(terrain.height_m(lat, lon).is_some());
        // Row 60 is left out.
        let (lat, lon, _) = rd_place(155_200.0, 463_400.0 - 2.0 * 60.0);
        assert_eq!(terrain.height_m(lat, lon), None);
        let origin = Geodetic { lat_rad: lat, lon_rad: lon, height_m: zero_m + 80.0 };
        let down = Vector3::new(0.0, 0.0, -1.0);
        assert_eq!(terrain.cast(&origin, &down).unwrap_err(), Miss::NoHeight);
    }
}

#[test]
fn many_threads_read_one_model_alike() {
    let terrain = Model { rows_per_strip: 1, ..Model::default() }.terrain();
    let (lat, lon, zero_m) = rd_place(155_200.0, 463_320.0);
    let sum = || {
        (0..300)
            .filter_map(|i| {
                let turn = f64::from(i);
                let origin = Geodetic { lat_rad: lat, lon_rad: lon, height_m: zero_m + 80.0 };
                let direction = Vector3::new(turn.sin() * 0.6, turn.cos() * 0.6, -0.8);
                terrain.cast(&origin, &direction).ok()
            })
            .map(|hit| hit.range_m)
            .sum::<f64>()
    };
    let alone = sum();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(sum)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), alone);
        }
    });
}
