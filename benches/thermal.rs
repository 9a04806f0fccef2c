//! Speed of `thermal`; run on demand with `cargo bench`.
//!
//! From a file's bytes in memory to all its temperatures in degrees Celsius, on one core. Frames of
//! 640x512 come from the simulator; cameras' own files are read where they are there.

use std::fs;
use std::path::{Path, PathBuf};

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use torenvalk::sim::{FileFormat, Params, write_flight};
use torenvalk::site::{Polygon, Site};
use torenvalk::thermal::{ReadOptions, read_bytes};

fn main() {
    divan::main();
}

fn temperatures(bencher: Bencher<'_, '_>, path: &Path, bytes: &[u8]) {
    let options = ReadOptions::default();
    let read = || read_bytes(path, black_box(bytes), &options);
    let frames = read().expect("a sound file").len();
    bencher.counter(ItemsCount::new(frames)).bench(|| {
        let frames = read().unwrap_or_default();
        frames.iter().map(|frame| frame.thermogram.celsius()).collect::<Vec<_>>()
    });
}

/// The first frame of a flight over some 30 m of ground.
fn simulated(format: FileFormat) -> Option<(PathBuf, Vec<u8>)> {
    let (lon, lat) = (4.37, 52.0);
    let corners = [(0.0, 0.0), (4e-4, 0.0), (4e-4, 3e-4), (0.0, 3e-4)];
    let outer = corners.map(|(east, north)| (lon + east, lat + north)).to_vec();
    let site = Site {
        name: "bench".to_owned(),
        areas: vec![Polygon { outer, holes: Vec::new() }],
        ground_height_m: Some(40.0),
        ..Site::default()
    };
    let folder = tempfile::tempdir().ok()?;
    let mut params = Params { format, ..Params::default() };
    params.flight.overlap_front = 0.0;
    params.flight.overlap_side = 0.0;
    let truth = write_flight(&site, &params, folder.path()).ok()?;
    let path = folder.path().join(&truth.frames.first()?.file);
    let bytes = fs::read(&path).ok()?;
    Some((path, bytes))
}

#[divan::bench(args = [FileFormat::FlirRaw, FileFormat::FlirPng, FileFormat::TiffCentikelvin])]
fn simulated_frame(bencher: Bencher<'_, '_>, format: &FileFormat) {
    let Some((path, bytes)) = simulated(*format) else { return };
    temperatures(bencher, &path, &bytes);
}

/// A M2EA of a survey, then one of each container and family; the last has three frames.
#[divan::bench(args = [
    "survey/DJI_20250117111415_0159_T.JPG",
    "dji/M30T_0001.JPG",
    "dji/M4T_0002.JPG",
    "dji/M4T_0003_hirp.JPG",
    "flir/XT2.jpg",
    "flir/T640_b.jpg",
    "flir/T1030sc_3frames.csq",
])]
fn camera_file(bencher: Bencher<'_, '_>, name: &str) {
    let path = Path::new("../shared/data/thermal").join(name);
    let Ok(bytes) = fs::read(&path) else { return };
    temperatures(bencher, &path, &bytes);
}
