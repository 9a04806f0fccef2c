//! Speed of `detect`; run on demand with `cargo bench`.
//!
//! One frame of 640x512, warm and cold spots, everything that is said about them: made here, then
//! the reference survey's where it lies beside the project, then those of the folder that
//! `TORENVALK_SCENE` names, so that other detectors can be timed on the same frames.

use std::path::Path;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use torenvalk::detect::{Detector, Params, Plane};
use torenvalk::thermal::{PlaneUnit, ReadOptions, open};

const WIDTH: usize = 640;
const HEIGHT: usize = 512;

fn main() {
    divan::main();
}

/// A frame of centikelvin: rolling ground, noise of 0.05 K, and spots, one in five of them cold.
fn frame(spots: u32, ripple_k: f64) -> Vec<u16> {
    let mut state = 1u32;
    let mut uniform = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24)
    };
    let mut values: Vec<f64> = (0..WIDTH * HEIGHT)
        .map(|at| {
            let (x, y) = ((at % WIDTH) as f64, (at / WIDTH) as f64);
            let hills = 100.0 * (x / 90.0).sin() * (y / 70.0).cos();
            let ripples = 100.0 * ripple_k * (x / 4.0).sin() * (y / 3.0).sin() * (y / 50.0).cos();
            let noise: f64 = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
            28_500.0 + hills + ripples + 5.0 * noise
        })
        .collect();
    for spot in 0..spots {
        let (x, y) = (uniform() * WIDTH as f64, uniform() * HEIGHT as f64);
        let sigma = 0.8 * 11f64.powf(uniform());
        let contrast_k = 0.5 * 80f64.powf(uniform()) * if spot % 5 == 0 { -1.0 } else { 1.0 };
        for (at, value) in values.iter_mut().enumerate() {
            let (dx, dy) = ((at % WIDTH) as f64 + 0.5 - x, (at / WIDTH) as f64 + 0.5 - y);
            let far = (dx * dx + dy * dy) / (sigma * sigma);
            if far < 25.0 {
                *value += 100.0 * contrast_k * (-0.5 * far).exp();
            }
        }
    }
    values.iter().map(|value| value.round() as u16).collect()
}

fn bench(bencher: Bencher<'_, '_>, values: &[u16]) {
    let plane = Plane {
        width_px: WIDTH as u32,
        height_px: HEIGHT as u32,
        values,
        unit: PlaneUnit::Kelvin { step_k: 0.01, origin_c: -273.15 },
        saturated_from: None,
    };
    let mut detector = Detector::new(Params::default());
    bencher.bench_local(|| detector.detect(black_box(&plane)));
}

/// Thirty spots on smooth ground.
#[divan::bench]
fn smooth_ground(bencher: Bencher<'_, '_>) {
    bench(bencher, &frame(30, 0.0));
}

/// Thirty spots among some hundred ripples that look like weak ones.
#[divan::bench]
fn rippled_ground(bencher: Bencher<'_, '_>) {
    bench(bencher, &frame(30, 0.5));
}

/// All frames of a folder, decoded before the clock starts; nothing if it is not there.
fn folder(bencher: Bencher<'_, '_>, folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let options = ReadOptions::default();
    let files = entries.flatten().filter_map(|entry| open(&entry.path(), &options).ok());
    let frames: Vec<_> = files.flatten().flatten().map(|frame| frame.thermogram).collect();
    let mut values = vec![Vec::new(); frames.len()];
    let planes: Vec<_> =
        frames.iter().zip(&mut values).map(|(frame, values)| Plane::of(frame, values)).collect();
    let mut detector = Detector::new(Params::default());
    bencher.counter(ItemsCount::new(planes.len())).bench_local(|| {
        planes.iter().map(|plane| detector.detect(black_box(plane)).len()).sum::<usize>()
    });
}

/// Twelve frames of a dense town by day, half of whose pixels stand out from the ground.
#[divan::bench]
fn survey(bencher: Bencher<'_, '_>) {
    folder(bencher, Path::new("../shared/data/thermal/survey"));
}

/// The frames of a scene.
#[divan::bench]
fn scene(bencher: Bencher<'_, '_>) {
    if let Some(scene) = std::env::var_os("TORENVALK_SCENE") {
        folder(bencher, Path::new(&scene));
    }
}
