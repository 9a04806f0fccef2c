//! The whole flight, rendered and written.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::site::Site;

use super::flight::{Flight, FlownFrame, is_dropped};
use super::log;
use super::params::{FileFormat, Params};
use super::planck::{Radiometry, centikelvin};
use super::render::Renderer;
use super::rjpeg::RadiometricJpeg;
use super::scene::{PlantedSpot, RoundAsset, Scene};
use super::tags::Tags;
use super::tiff;
use super::view::View;

/// Name of the file with the truth.
const TRUTH_FILE: &str = "truth.json";
/// A spot whose middle lies nearer to the border than this does not count as shown.
const BORDER_PX: f64 = 4.0;

/// What was planted and what was flown, written as `truth.json` beside the frames.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// Version of this file's format.
    pub format_version: u32,
    /// It is simulated, and says so.
    pub simulated: bool,
    /// Everything that was asked for: seed, camera, sigmas.
    pub params: Params,
    /// Height of the flat ground, and of the take-off place, above the WGS84 ellipsoid.
    pub ground_height_m: f64,
    /// The spots.
    pub spots: Vec<PlantedSpot>,
    /// Spots that were asked for and found no room.
    pub not_placed: u32,
    /// What is warm or cold as a whole without having been planted.
    #[serde(default)]
    pub round_assets: Vec<RoundAsset>,
    /// The frames, in the order they were taken.
    pub frames: Vec<FlownFrame>,
}

/// Makes a flight over a site and writes its logs, its frames and then `truth.json` into a folder.
///
/// The folder is made if it is missing; files of the same names are replaced. A `truth.json` that
/// is there belongs to a complete flight: an old one is removed first. Assets are painted on flat
/// ground: their heights, their shadows and mirror images are not modelled.
///
/// # Errors
/// `InvalidInput` with a sentence for parameters out of range and for a site without an area; else
/// the file system's.
pub fn write_flight(site: &Site, params: &Params, folder: &Path) -> io::Result<Truth> {
    let unfit = |reason: String| io::Error::new(io::ErrorKind::InvalidInput, reason);
    if let Some(fault) = params.fault() {
        return Err(unfit(fault));
    }
    let mut scene = Scene::new(site, params)
        .ok_or_else(|| unfit(format!("site {} has no area to fly over", site.name)))?;
    let mut flight = Flight::over(&scene, params).map_err(unfit)?;
    fs::create_dir_all(folder)?;
    let truth_path = folder.join(TRUTH_FILE);
    match fs::remove_file(&truth_path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
        _ => {}
    }
    for &kind in &params.log.kinds {
        let (name, bytes) = log::file(kind, &scene, &flight, params);
        fs::write(folder.join(name), bytes)?;
    }
    let mut number = 0..;
    flight.frames.retain(|_| number.next().is_none_or(|number| !is_dropped(number, params)));
    let renderer = Renderer::new(&scene, params);
    let mut views = vec![0; scene.at.len()];
    let mut celsius = Vec::new();
    for (frame, number) in flight.frames.iter().zip(0_u32..) {
        let view = View::new(&params.camera, &frame.true_pose, &scene.frame, scene.ground_m);
        for (count, spot) in views.iter_mut().zip(&scene.at) {
            *count += u32::from(shows(&view, params, spot.place_m));
        }
        renderer.frame(number, &view, &mut celsius);
        fs::write(folder.join(&frame.file), file(params, frame, scene.ground_m, &celsius)?)?;
    }
    for (spot, views) in scene.spots.iter_mut().zip(views) {
        spot.views = views;
    }
    let truth = Truth {
        format_version: 1,
        simulated: true,
        params: params.clone(),
        ground_height_m: scene.ground_m,
        spots: scene.spots,
        not_placed: scene.not_placed,
        round_assets: scene.round_assets,
        frames: flight.frames,
    };
    write_truth(&truth, folder)?;
    Ok(truth)
}

/// Writes `truth.json` into a folder, whole or not at all.
pub(super) fn write_truth(truth: &Truth, folder: &Path) -> io::Result<()> {
    let part = folder.join("truth.json.part");
    let mut text = serde_json::to_vec_pretty(truth)?;
    text.push(b'\n');
    fs::write(&part, text)?;
    fs::rename(&part, folder.join(TRUTH_FILE))
}

/// Whether a place lies inside the picture, away from its border.
pub(super) fn shows(view: &View, params: &Params, place_m: [f64; 2]) -> bool {
    let inside = |px: f64, end: u32| px >= BORDER_PX && px <= f64::from(end) - BORDER_PX;
    view.pixel(place_m).is_some_and(|[x_px, y_px]| {
        inside(x_px, params.camera.width_px) && inside(y_px, params.camera.height_px)
    })
}

/// A frame's file.
pub(super) fn file(
    params: &Params,
    frame: &FlownFrame,
    ground_m: f64,
    celsius: &[f32],
) -> io::Result<Vec<u8>> {
    let tags = Tags::new(params, frame, ground_m);
    if params.format == FileFormat::TiffCentikelvin {
        let counts: Vec<u16> = celsius.iter().map(|&c| centikelvin(f64::from(c))).collect();
        return Ok(tiff::file(&tags, &params.camera, &counts));
    }
    let radiometry = Radiometry::at_distance(params.flight.altitude_m);
    let inverse = radiometry.inverse();
    let counts: Vec<u16> = celsius.iter().map(|&c| inverse.count(f64::from(c))).collect();
    let as_png = params.format == FileFormat::FlirPng;
    RadiometricJpeg { camera: &params.camera, frame, tags, radiometry, counts: &counts, as_png }
        .file()
}
