//! The built program, run as a user runs it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;
use torenvalk::{sim, site};

/// The program with arguments.
pub(crate) fn torenvalk<I, S>(arguments: I) -> Command
where
    I: IntoIterator<Item = S>,
    S: AsRef<std::ffi::OsStr>,
{
    let mut command = Command::new(env!("CARGO_BIN_EXE_torenvalk"));
    // The custody log has times; told ones let cases be compared to the byte.
    command.args(arguments).env("SOURCE_DATE_EPOCH", "1767225600");
    command
}

/// Runs it to its end.
pub(crate) fn run<I, S>(arguments: I) -> Output
where
    I: IntoIterator<Item = S>,
    S: AsRef<std::ffi::OsStr>,
{
    torenvalk(arguments).output().unwrap()
}

/// Every line of stdout as JSON.
pub(crate) fn json_lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Stderr as text.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A small simulated flight over the example site, made once for all tests, and its truth.
pub(crate) fn small_flight() -> &'static (PathBuf, sim::Truth) {
    static FLIGHT: OnceLock<(PathBuf, sim::Truth)> = OnceLock::new();
    FLIGHT.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("small-flight-{}", std::process::id()));
        let truth = write(&folder, &small_params());
        (folder, truth)
    })
}

/// Quarter-size frames, high up: few and quick to make.
pub(crate) fn small_params() -> sim::Params {
    let mut params = sim::Params { seed: 7, ..sim::Params::default() };
    params.camera.width_px = 320;
    params.camera.height_px = 256;
    params.camera.pixel_pitch_um = 24.0;
    params.flight.altitude_m = 90.0;
    params.spots.sigma_m = [0.6, 1.2];
    params.spots.contrast_k = [4.0, 20.0];
    params
}

/// A flight with other parameters.
pub(crate) fn write(folder: &Path, params: &sim::Params) -> sim::Truth {
    let site = site::example().unwrap();
    sim::write_flight(&site, params, folder).unwrap()
}
