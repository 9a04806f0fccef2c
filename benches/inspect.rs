//! Speed of `inspect`, end to end: frames on disk → a committed case; run on demand with
//! `cargo bench`.
//!
//! The frames are simulated; where the reference survey lies beside the project, its frames are
//! taken too, under many names. Every round writes a new case.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use divan::Bencher;
use divan::counter::ItemsCount;
use torenvalk::capture::CameraTable;
use torenvalk::case::Case;
use torenvalk::inspect::{self, Watch};
use torenvalk::{detect, fuse, sim, site, thermal};

fn main() {
    divan::main();
}

struct Nobody(AtomicBool);

impl Watch for Nobody {
    fn planned(&self, _total: usize) {}
    fn done(&self, _inputs: usize, _resumed: bool) {}
    fn stop(&self) -> &AtomicBool {
        &self.0
    }
}

fn params(threads: usize) -> inspect::Params {
    inspect::Params {
        read: thermal::ReadOptions::default(),
        detect: detect::Params::default(),
        fuse: fuse::Params::default(),
        cameras: CameraTable::builtin(),
        camera_id: None,
        heading: None,
        terrain: None,
        ground_height_m: None,
        takeoff_height_m: None,
        site: None,
        flat_field: false,
        calibrate: true,
        control: Vec::new(),
        logs: inspect::LogParams::default(),
        explain: false,
        threads,
        description: String::new(),
    }
}

fn rounds(bencher: Bencher<'_, '_>, inputs: &[PathBuf], frames: usize, threads: usize) {
    let scratch = tempfile::tempdir().expect("room for a case");
    let params = params(threads);
    let mut round = 0;
    bencher.counter(ItemsCount::new(frames)).bench_local(|| {
        round += 1;
        let folder = scratch.path().join(format!("{round}.case"));
        let mut case = Case::open_or_create(&folder).expect("a new case");
        inspect::inspect(inputs, &params, &mut case, &Nobody(AtomicBool::new(false)))
            .expect("sound frames")
            .findings
            .len()
    });
}

/// A simulated flight of the demo's kind.
#[divan::bench(args = [1, 2], sample_count = 5, sample_size = 1)]
fn simulated(bencher: Bencher<'_, '_>, threads: usize) {
    let folder = tempfile::tempdir().expect("room for a flight");
    let site = site::example().expect("the example site");
    let truth =
        sim::write_flight(&site, &sim::Params::demo(1), folder.path()).expect("room for a flight");
    let inputs: Vec<_> = truth.frames.iter().map(|frame| folder.path().join(&frame.file)).collect();
    rounds(bencher, &inputs, inputs.len(), threads);
}

/// The reference survey's twelve M2EA frames, forty times each under other names.
#[cfg(unix)]
#[divan::bench(args = [1, 2], sample_count = 5, sample_size = 1)]
fn survey(bencher: Bencher<'_, '_>, threads: usize) {
    let survey = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/thermal/survey");
    let folder = tempfile::tempdir().expect("room for links");
    let Ok(entries) = std::fs::read_dir(survey) else { return };
    let mut frames = 0;
    for entry in entries.flatten().filter(|entry| entry.path().extension().is_some()) {
        for copy in 0..40 {
            let name = format!("{copy:02}-{}", entry.file_name().to_string_lossy());
            let original = entry.path().canonicalize().expect("it was just listed");
            std::os::unix::fs::symlink(original, folder.path().join(name)).expect("a new link");
            frames += 1;
        }
    }
    rounds(bencher, &[folder.path().to_owned()], frames, threads);
}
