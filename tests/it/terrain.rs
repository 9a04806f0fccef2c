//! Several elevation models as one ground, and the ways that files are packed.

use std::path::{Path, PathBuf};
use std::process::Command;

use nalgebra::Vector3;
use torenvalk::geo::{
    Geodetic, LocalFrame, Miss, ModelParams, Terrain, TerrainError, egm96_undulation_m,
    terrain_files,
};

use crate::geo::{Model, keys, rd_place, waves};
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
    let origin = (25.332_916_666_693_876, 58.103_194_444_444_192);
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
    let origin = (12.349_861_111_111_11 + 300.0 / 3600.0, 42.000_138_888_888_891 - 100.0 / 3600.0);
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
