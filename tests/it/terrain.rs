//! Several elevation models as one ground, and the ways that files are packed.

use std::path::{Path, PathBuf};
use std::process::Command;

use nalgebra::Vector3;
use torenvalk::geo::{
    Geodetic, LocalFrame, Miss, ModelParams, Terrain, TerrainError, egm96_undulation_m,
    terrain_files,
};

use crate::geo::{Model, keys, rd_place, waves};
use crate::program::{json_lines, run, stderr};
use crate::shared::shared;

/// A tile's width and height in posts and metres, as `Model` makes them.
const TILE: (u32, u32) = (100, 80);
const WEST_M: f64 = 155_100.0;
const NORTH_M: f64 = 463_400.0;

/// Four tiles around a corner, their waves running on from one to the next.
fn four() -> Vec<Vec<u8>> {
    let heights: [fn(u32, u32) -> f32; 4] = [
        waves,
        |column, row| waves(column + 100, row),
        |column, row| waves(column, row + 80),
        |column, row| waves(column + 100, row + 80),
    ];
    let edges = [(0.0, 0.0), (200.0, 0.0), (0.0, 160.0), (200.0, 160.0)];
    let tiles = heights.into_iter().zip(edges);
    tiles
        .map(|(height, (east, south))| {
            let edge = (WEST_M + east, NORTH_M - south);
            Model { height, edge, ..Model::default() }.bytes()
        })
        .collect()
}

fn ground(files: Vec<Vec<u8>>) -> Terrain {
    Terrain::from_all_bytes(files, &ModelParams::default()).unwrap()
}

/// The waves between posts, anywhere on the four tiles.
fn wave_m(x_m: f64, y_m: f64) -> f64 {
    let (column, row) = ((x_m - WEST_M) / 2.0 - 0.5, (NORTH_M - y_m) / 2.0 - 0.5);
    let (u, v) = (column.fract(), row.fract());
    let post = |x: f64, y: f64| f64::from(waves((column + x) as u32, (row + y) as u32));
    let upper = post(0.0, 0.0) * (1.0 - u) + post(1.0, 0.0) * u;
    let lower = post(0.0, 1.0) * (1.0 - u) + post(1.0, 1.0) * u;
    upper * (1.0 - v) + lower * v
}

#[test]
fn tiles_beside_each_other_are_one_surface() {
    let terrain = ground(four());
    let (x_seam, y_seam) = (WEST_M + 2.0 * f64::from(TILE.0), NORTH_M - 2.0 * f64::from(TILE.1));
    for step in -60..=60 {
        let along = f64::from(step) * 0.05;
        for (x_m, y_m) in [
            (x_seam + along, NORTH_M - 71.3),
            (x_seam + along, y_seam),
            (WEST_M + 33.3, y_seam + along),
            (x_seam + along, y_seam + 0.7 * along),
        ] {
            let (lat, lon, zero_m) = rd_place(x_m, y_m);
            let found = terrain.height_m(lat, lon).unwrap() - zero_m;
            // RD comes back to a millimetre.
            let expected = wave_m(x_m, y_m);
            assert!((found - expected).abs() < 2e-3, "{x_m} {y_m}: {found} {expected}");
        }
    }
}

#[test]
fn rays_cross_from_tile_to_tile() {
    let terrain = ground(four());
    let (lat_rad, lon_rad, zero_m) = rd_place(WEST_M + 190.0, NORTH_M - 150.0);
    let origin = Geodetic { lat_rad, lon_rad, height_m: zero_m + 75.0 };
    let frame = LocalFrame::at(&origin);
    let mut beyond = 0;
    for case in 0..360 {
        let (turn, down) = (f64::from(case).to_radians(), f64::to_radians(20.0));
        let direction = Vector3::new(turn.sin() * down.cos(), turn.cos() * down.cos(), -down.sin());
        let clearance = |t: f64| {
            let place = frame.geodetic(&(direction * t));
            Some(place.height_m - terrain.height_m(place.lat_rad, place.lon_rad)?)
        };
        let hit = terrain.cast(&origin, &direction).unwrap();
        assert!(clearance(hit.range_m).unwrap().abs() < 1e-4, "{case}");
        // It is the first crossing, and nothing is missing on the way.
        let mut t = 0.0;
        while t < hit.range_m - 0.02 {
            assert!(clearance(t).unwrap() > 0.0, "{case}: {t}");
            t += 0.2;
        }
        beyond += u32::from(hit.range_m > 60.0);
    }
    assert!(beyond > 100, "{beyond}");
    let down = -Vector3::z();
    for step in -2000..2000 {
        let (lat_rad, lon_rad, zero_m) =
            rd_place(WEST_M + 200.0 + f64::from(step) * 1e-3, NORTH_M - 100.0);
        let above = Geodetic { lat_rad, lon_rad, height_m: zero_m + 75.0 };
        assert!(terrain.cast(&above, &down).is_ok(), "{step} mm");
    }
}

#[test]
fn the_order_of_overlapping_models_counts() {
    let level = |height: fn(u32, u32) -> f32, east_m: f64| {
        Model { height, edge: (WEST_M + east_m, NORTH_M), ..Model::default() }.bytes()
    };
    let (low, high) = (level(|_, _| 10.0, 0.0), level(|_, _| 20.0, 101.0));
    let height_m = |terrain: &Terrain, x_m: f64| {
        let (lat, lon, zero_m) = rd_place(x_m, NORTH_M - 80.0);
        terrain.height_m(lat, lon).map(|height| (height - zero_m).round())
    };
    let low_first = ground(vec![low.clone(), high.clone()]);
    let high_first = ground(vec![high, low]);
    for (x_m, by_low, by_high) in [(20.0, 10.0, 10.0), (150.0, 10.0, 20.0), (250.0, 20.0, 20.0)] {
        assert_eq!(height_m(&low_first, WEST_M + x_m), Some(by_low));
        assert_eq!(height_m(&high_first, WEST_M + x_m), Some(by_high));
    }
    assert_eq!(height_m(&low_first, WEST_M + 310.0), None);
    // A wall where the higher model begins: a level ray from the lower one meets it there.
    let (lat_rad, lon_rad, zero_m) = rd_place(WEST_M + 50.0, NORTH_M - 80.0);
    let origin = Geodetic { lat_rad, lon_rad, height_m: zero_m + 15.0 };
    let hit = high_first.cast(&origin, &Vector3::new(1.0, 0.0, -0.01).normalize()).unwrap();
    assert!((hit.range_m - 51.0).abs() < 0.02, "{}", hit.range_m);
}

#[test]
fn a_void_is_filled_from_the_next_model_and_less_sure() {
    let surface = Model {
        height: |column, _| if (40..60).contains(&column) { -9999.0 } else { 20.0 },
        nodata: Some("-9999"),
        ..Model::default()
    };
    let below = Model { height: |_, _| 5.0, ..Model::default() };
    let terrain = ground(vec![surface.bytes(), below.bytes()]);
    let cast = |x_m: f64, direction: Vector3<f64>| {
        let (lat_rad, lon_rad, zero_m) = rd_place(WEST_M + x_m, NORTH_M - 80.0);
        let origin = Geodetic { lat_rad, lon_rad, height_m: zero_m + 50.0 };
        let hit = terrain.cast(&origin, &direction.normalize()).unwrap();
        (((hit.point.height_m - zero_m) * 100.0).round() / 100.0, hit.sigma_m)
    };
    assert_eq!(cast(20.0, -Vector3::z()), (20.0, 0.5));
    assert_eq!(cast(100.0, -Vector3::z()), (5.0, 0.5_f64.hypot(1.0)));
    // Over the surface into the gap, and over the gap onto the surface.
    assert_eq!(cast(60.0, Vector3::new(1.0, 0.0, -1.0)).0, 5.0);
    assert_eq!(cast(90.0, Vector3::new(1.0, 0.0, -0.6)).0, 20.0);
    // Alone it has no height there.
    let (lat_rad, lon_rad, zero_m) = rd_place(WEST_M + 100.0, NORTH_M - 80.0);
    let origin = Geodetic { lat_rad, lon_rad, height_m: zero_m + 50.0 };
    let alone = surface.terrain().cast(&origin, &-Vector3::z());
    assert_eq!(alone.unwrap_err(), Miss::NoHeight);
}

#[test]
fn models_on_other_maps_lie_below_each_other_and_between_gaps() {
    // 5.38° to 5.40° east around the tile, in degrees, 12 m apart, 3 m high above EGM96.
    let around = Model {
        keys: keys(&[(1024, 2), (1025, 1), (2048, 4326)]),
        edge: (5.386, 52.162),
        spacing: 1e-4,
        height: |_, _| 3.0,
        ..Model::default()
    };
    let terrain = ground(vec![Model::default().bytes(), around.bytes()]);
    let (lat, lon, zero_m) = rd_place(WEST_M + 50.0, NORTH_M - 50.0);
    assert!((terrain.height_m(lat, lon).unwrap() - zero_m - 40.0).abs() < 6.0);
    let (lat, lon, _) = rd_place(WEST_M - 40.0, NORTH_M - 50.0);
    let egm96_m = egm96_undulation_m(lat.to_degrees(), lon.to_degrees());
    assert!((terrain.height_m(lat, lon).unwrap() - egm96_m - 3.0).abs() < 1e-6);
    // Two tiles 300 m apart: a ray that passes above the gap comes down on the second one.
    let far = Model { edge: (WEST_M + 500.0, NORTH_M), ..Model::default() };
    let terrain = ground(vec![Model::default().bytes(), far.bytes()]);
    let (lat_rad, lon_rad, zero_m) = rd_place(WEST_M + 100.0, NORTH_M - 80.0);
    let origin = Geodetic { lat_rad, lon_rad, height_m: zero_m + 140.0 };
    let cast = |down: f64| terrain.cast(&origin, &Vector3::new(1.0, 0.0, -down).normalize());
    let hit = cast(0.2).unwrap();
    assert!((450.0..560.0).contains(&hit.range_m), "{}", hit.range_m);
    assert_eq!(cast(0.35).unwrap_err(), Miss::NoHeight);
    assert_eq!(cast(0.01).unwrap_err(), Miss::OutsideTerrain);
    assert_eq!(cast(-0.01).unwrap_err(), Miss::AboveHorizon);
}

#[test]
fn a_folder_stands_for_its_models() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in ["b.tif", "a.TIFF", "d.tif", "c.tif"].into_iter().zip(four()) {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    std::fs::write(folder.path().join("readme.txt"), "no model").unwrap();
    let paths = [folder.path().to_owned()];
    let names: Vec<_> = terrain_files(&paths)
        .unwrap()
        .iter()
        .map(|file| file.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["a.TIFF", "b.tif", "c.tif", "d.tif"]);
    let terrain = Terrain::open_all(&paths, &ModelParams::default()).unwrap();
    let (lat, lon, _) = rd_place(WEST_M + 300.0, NORTH_M - 250.0);
    assert!(terrain.height_m(lat, lon).is_some());
    let empty = tempfile::tempdir().unwrap();
    let refused = Terrain::open_all(&[empty.path().to_owned()], &ModelParams::default());
    let message = refused.unwrap_err().to_string();
    assert!(message.contains("holds no elevation model"), "{message}");
    let refused = Terrain::open_all(&[], &ModelParams::default());
    assert!(matches!(refused, Err(TerrainError::NoModel)));
}

/// Height above EGM96 at a post of a model in degrees.
fn post_m(terrain: &Terrain, origin: (f64, f64), column: u32, row: u32) -> Option<f64> {
    // Every sample has posts an arc second apart, in the middle of their pixels.
    let lon = origin.0 + (f64::from(column) + 0.5) / 3600.0;
    let lat = origin.1 - (f64::from(row) + 0.5) / 3600.0;
    let height_m = terrain.height_m(lat.to_radians(), lon.to_radians())?;
    Some(height_m - egm96_undulation_m(lat, lon))
}

#[test]
fn the_last_column_of_an_lzw_model_is_read() {
    let Some(file) = shared("data/geo/parrot-error/parrot-1-dem.tiff") else { return };
    let terrain = Terrain::open(&file, &ModelParams::default()).unwrap();
    let origin = (25.332_916_666_693_876, 58.103_194_444_444_19);
    // As gdallocationinfo (GDAL 3.6.2) gives them. The tile of rows 512 to 767 at the right edge is
    // the one that the tiff crate refuses.
    for (column, row, height_m) in [
        (1436, 640, 94.0),
        (1436, 512, 90.0),
        (1400, 700, 90.0),
        (1280, 767, 86.0),
        (1279, 767, 86.0),
        (1436, 0, 106.0),
        (1436, 813, 105.0),
        (1300, 100, 141.0),
        (700, 400, 94.0),
        (1436, 300, 107.0),
    ] {
        let found = post_m(&terrain, origin, column, row).unwrap();
        assert!((found - height_m).abs() < 1e-3, "{column} {row}: {found}");
    }
}

/// Runs one of GDAL's programs; `None` where it is not installed and need not be.
fn gdal(program: &str, arguments: &[&str], stdin: &str) -> Option<String> {
    use std::io::Write;
    use std::process::Stdio;
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        assert!(std::env::var_os("TORENVALK_PEERS").is_none(), "{program} is not installed");
        return None;
    };
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Every way of packing that GDAL writes, of a part that no tile divides evenly.
fn packed(source: &Path, folder: &Path) -> Option<Vec<PathBuf>> {
    let mut files = Vec::new();
    for kind in ["Int16", "Float32"] {
        for packing in ["NONE", "LZW", "DEFLATE"] {
            for predictor in ["1", "2", "3"] {
                for layout in ["TILED=YES", "TILED=NO"] {
                    let unknown = predictor == "3" && kind == "Int16";
                    if unknown || (packing == "NONE" && predictor != "1") {
                        continue;
                    }
                    let name = format!("{kind}-{packing}-{predictor}-{layout}.tif");
                    let file = folder.join(name);
                    let compress = format!("COMPRESS={packing}");
                    let predict = format!("PREDICTOR={predictor}");
                    let mut arguments =
                        vec!["-q", "-srcwin", "300", "100", "301", "203", "-ot", kind];
                    arguments.extend(["-co", layout, "-co", &compress]);
                    if packing != "NONE" {
                        arguments.extend(["-co", &predict]);
                    }
                    if layout == "TILED=YES" {
                        arguments.extend(["-co", "BLOCKXSIZE=64", "-co", "BLOCKYSIZE=64"]);
                    }
                    arguments.extend([source.to_str().unwrap(), file.to_str().unwrap()]);
                    gdal("gdal_translate", &arguments, "")?;
                    files.push(file);
                }
            }
        }
    }
    Some(files)
}

#[test]
fn every_packing_is_read_as_gdal_reads_it() {
    let Some(source) = shared("data/geo/rome/Rome-30m-DEM.tif") else { return };
    let folder = tempfile::tempdir().unwrap();
    let Some(files) = packed(&source, folder.path()) else { return };
    assert_eq!(files.len(), 24);
    let origin = (12.349_861_111_111_11 + 300.0 / 3600.0, 42.000_138_888_888_89 - 100.0 / 3600.0);
    let posts: Vec<(u32, u32)> = (0..203)
        .step_by(7)
        .flat_map(|row| (0..301).step_by(12).map(move |column| (column, row)))
        .collect();
    let asked: String = posts.iter().map(|(column, row)| format!("{column} {row}\n")).collect();
    for file in files {
        let arguments = ["-valonly", file.to_str().unwrap()];
        let told = gdal("gdallocationinfo", &arguments, &asked).unwrap();
        let told: Vec<f64> = told.lines().map(|line| line.trim().parse().unwrap()).collect();
        assert_eq!(told.len(), posts.len());
        let terrain = Terrain::open(&file, &ModelParams::default()).unwrap();
        for ((column, row), told) in posts.iter().zip(told) {
            let found = post_m(&terrain, origin, *column, *row);
            let near = found.is_some_and(|found| (found - told).abs() < 1e-3);
            assert!(near, "{}: {column} {row}: {found:?} {told}", file.display());
        }
    }
}

/// A model in degrees of 50 x 40 posts in tiles of 32 x 32 packed with LZW, so that right and lower
/// edge cut tiles.
struct Tiled {
    big_endian: bool,
    float: bool,
    predictor: u16,
}

const TILE_POSTS: u32 = 32;

/// Whole metres, so that both kinds of numbers hold them.
fn steps(column: u32, row: u32) -> i16 {
    (column * 7 % 41) as i16 - 20 + row as i16 * 3
}

impl Tiled {
    /// The posts of a row of a tile, in the file's order of bytes and predicted.
    fn row(&self, left: u32, row: u32) -> Vec<u8> {
        let posts = (left..left + TILE_POSTS).map(|column| steps(column, row));
        if self.float && self.predictor == 3 {
            let words: Vec<[u8; 4]> = posts.map(|post| f32::from(post).to_be_bytes()).collect();
            let planes: Vec<u8> =
                (0..4).flat_map(|plane| words.iter().map(move |word| word[plane])).collect();
            let before = std::iter::once(0).chain(planes.iter().copied());
            return planes
                .iter()
                .zip(before)
                .map(|(now, before)| now.wrapping_sub(before))
                .collect();
        }
        let words: Vec<u32> = if self.float {
            posts.map(|post| f32::from(post).to_bits()).collect()
        } else {
            posts.map(|post| u32::from(post as u16)).collect()
        };
        let before = std::iter::once(0).chain(words.iter().copied());
        let differences = words.iter().zip(before).map(|(now, before)| match self.predictor {
            2 => now.wrapping_sub(before),
            _ => *now,
        });
        let size = if self.float { 4 } else { 2 };
        let bytes = |word: u32| match self.big_endian {
            true => word.to_be_bytes()[4 - size..].to_vec(),
            false => word.to_le_bytes()[..size].to_vec(),
        };
        differences.flat_map(bytes).collect()
    }

    fn number(&self, value: u64, size: usize) -> Vec<u8> {
        match self.big_endian {
            true => value.to_be_bytes()[8 - size..].to_vec(),
            false => value.to_le_bytes()[..size].to_vec(),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = if self.big_endian { b"MM\0*".to_vec() } else { b"II*\0".to_vec() };
        bytes.extend([0; 4]);
        let (mut offsets, mut lengths) = (Vec::new(), Vec::new());
        for (left, top) in [(0, 0), (32, 0), (0, 32), (32, 32)] {
            let rows = (top..top + TILE_POSTS).flat_map(|row| self.row(left, row));
            let mut encoder =
                weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
            let packed = encoder.encode(&rows.collect::<Vec<u8>>()).unwrap();
            offsets.push(bytes.len() as u64);
            lengths.push(packed.len() as u64);
            bytes.extend(packed);
        }
        let doubles = |numbers: &[f64]| numbers.iter().map(|n| n.to_bits()).collect::<Vec<u64>>();
        let keys = keys(&[(1024, 2), (1025, 1), (2048, 4326)]);
        let bits = if self.float { 32 } else { 16 };
        // Tag, type (3 short, 4 long, 12 double) and values.
        let entries: Vec<(u64, u64, Vec<u64>)> = vec![
            (256, 4, vec![50]),
            (257, 4, vec![40]),
            (258, 3, vec![bits]),
            (259, 3, vec![5]),
            (262, 3, vec![1]),
            (277, 3, vec![1]),
            (317, 3, vec![u64::from(self.predictor)]),
            (322, 4, vec![32]),
            (323, 4, vec![32]),
            (324, 4, offsets),
            (325, 4, lengths),
            (339, 3, vec![if self.float { 3 } else { 2 }]),
            (33550, 12, doubles(&[1.0 / 3600.0, 1.0 / 3600.0, 0.0])),
            (33922, 12, doubles(&[0.0, 0.0, 0.0, 5.0, 52.0, 0.0])),
            (34735, 3, keys.iter().map(|&key| u64::from(key)).collect()),
        ];
        let mut directory = self.number(entries.len() as u64, 2);
        for (tag, kind, values) in entries {
            let size = match kind {
                3 => 2,
                4 => 4,
                _ => 8,
            };
            let mut value: Vec<u8> =
                values.iter().flat_map(|&value| self.number(value, size)).collect();
            if value.len() > 4 {
                let place = bytes.len() as u64;
                bytes.extend(value);
                value = self.number(place, 4);
            }
            value.resize(4, 0);
            directory.extend([self.number(tag, 2), self.number(kind, 2)].concat());
            directory.extend(self.number(values.len() as u64, 4));
            directory.extend(value);
        }
        directory.extend([0; 4]);
        let place = self.number(bytes.len() as u64, 4);
        bytes[4..8].copy_from_slice(&place);
        bytes.extend(directory);
        bytes
    }
}

#[test]
fn cut_lzw_tiles_hold_what_was_packed() {
    for big_endian in [false, true] {
        for (float, predictor) in [(false, 1), (false, 2), (true, 1), (true, 2), (true, 3)] {
            let bytes = Tiled { big_endian, float, predictor }.bytes();
            let terrain = Terrain::from_bytes(bytes, &ModelParams::default()).unwrap();
            for (column, row) in (0..50).flat_map(|column| (0..40).map(move |row| (column, row))) {
                let found = post_m(&terrain, (5.0, 52.0), column, row).unwrap();
                let off = found - f64::from(steps(column, row));
                assert!(off.abs() < 1e-3, "{big_endian} {float} {predictor}: {column} {row} {off}");
            }
        }
    }
}

/// Heights of all posts of a damaged file, if it still is a model: numbers, or none.
fn read_damaged(bytes: Vec<u8>) {
    let Ok(terrain) = Terrain::from_bytes(bytes, &ModelParams::default()) else { return };
    for (column, row) in [(0, 0), (49, 0), (40, 20), (0, 39), (49, 39), (31, 31)] {
        if let Some(height_m) = post_m(&terrain, (5.0, 52.0), column, row) {
            assert!(height_m.is_finite());
        }
    }
}

#[test]
fn a_damaged_lzw_model_never_panics() {
    let bytes = Tiled { big_endian: false, float: true, predictor: 3 }.bytes();
    for length in 0..bytes.len() {
        read_damaged(bytes[..length].to_vec());
    }
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        read_damaged(flipped);
    }
}

#[test]
fn a_tile_that_is_cut_off_is_unreadable_and_no_other_model_hides_it() {
    let mut bytes = Tiled { big_endian: false, float: false, predictor: 2 }.bytes();
    // The second tile's data begin after the first one's; an early end-of-data code (257 in nine
    // bits) follows the clear code there.
    let whole = Terrain::from_bytes(bytes.clone(), &ModelParams::default()).unwrap();
    assert!(post_m(&whole, (5.0, 52.0), 45, 5).is_some());
    let word =
        |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let directory = word(4) as usize;
    let entry = directory + 2 + 12 * 9;
    let offsets = word(entry + 8) as usize;
    let second = word(offsets + 4) as usize;
    // 1_0000_0000 1_0000_0001 and zeros.
    bytes[second..second + 4].copy_from_slice(&[0x80, 0x40, 0x40, 0]);
    let files = vec![bytes, Tiled { big_endian: true, float: true, predictor: 3 }.bytes()];
    let damaged = Terrain::from_all_bytes(files, &ModelParams::default()).unwrap();
    assert!(post_m(&damaged, (5.0, 52.0), 10, 5).is_some());
    assert_eq!(post_m(&damaged, (5.0, 52.0), 45, 5), None);
    let origin = Geodetic::from_degrees(52.0 - 5.0 / 3600.0, 5.0 + 45.0 / 3600.0, 400.0);
    assert_eq!(damaged.cast(&origin, &-Vector3::z()).unwrap_err(), Miss::Unreadable);
}

#[test]
fn the_program_takes_several_models_and_folders() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in ["a.tif", "b.tif", "c.tif", "d.tif"].into_iter().zip(four()) {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let roof = folder.path().join("roof");
    std::fs::write(&roof, Model { height: |_, _| 60.0, ..Model::default() }.bytes()).unwrap();
    let nap_m = |x_m: f64, models: &[&Path]| {
        let (lat_rad, lon_rad, _) = rd_place(x_m, NORTH_M - 80.0);
        let (lat, lon) = (lat_rad.to_degrees().to_string(), lon_rad.to_degrees().to_string());
        let mut arguments = vec!["locate", "--json", "--camera", "m3t", "--lat", &lat, "--lon"];
        arguments.extend([&lon, "--height-m", "200", "--yaw", "0", "--pitch", "-90"]);
        for model in models {
            arguments.extend(["--terrain", model.to_str().unwrap()]);
        }
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(stderr(&output).contains("NAP is assumed"), "{}", stderr(&output));
        json_lines(&output)[0]["height_nap_m"].as_f64().unwrap()
    };
    let west = nap_m(WEST_M + 100.0, &[&roof, folder.path()]);
    assert!((west - 60.0).abs() < 0.01, "{west}");
    let east = nap_m(WEST_M + 300.0, &[&roof, folder.path()]);
    assert!((34.0..46.0).contains(&east), "{east}");
    let under = nap_m(WEST_M + 100.0, &[folder.path(), &roof]);
    assert!((34.0..46.0).contains(&under), "{under}");
}
