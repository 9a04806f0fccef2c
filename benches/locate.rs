//! Speed of `locate`; run on demand with `cargo bench`.

#[path = "shared/model.rs"]
mod model;

use std::path::Path;

use divan::counter::ItemsCount;
use torenvalk::capture::{PoseSigmas, PosedFrame};
use torenvalk::geo::{
    Attitude, CameraModel, Etrs89, Geodetic, ModelParams, RdNap, Terrain, egm96_undulation_m,
    etrs89_from_rd_nap, rd_nap_from_etrs89,
};

use model::rd_model;
use torenvalk::locate::{PixelSigma, locate};

fn main() {
    divan::main();
}

/// Rays in one sample.
const RAYS: u32 = 1000;

fn pose(position: Geodetic) -> PosedFrame {
    let sigmas = PoseSigmas { position_enu_m: [1.0, 1.0, 2.0], attitude_rad: [0.01, 0.005, 0.005] };
    PosedFrame {
        frame: 0,
        camera: CameraModel::pinhole(640, 512, 758.3),
        position,
        attitude: Attitude::from_degrees(30.0, -45.0, 0.0),
        tilt_rad: 0.0,
        own: sigmas,
        common: sigmas,
        velocity_enu_m_s: [0.0; 3],
        clock_sigma_s: 0.0,
        notes: Vec::new(),
    }
}

fn rays(bencher: divan::Bencher<'_, '_>, pose: &PosedFrame, terrain: &Terrain) {
    bencher.counter(ItemsCount::new(RAYS)).bench(|| {
        (0..RAYS)
            .filter_map(|ray| {
                let pixel = (f64::from(ray * 7919 % 640), f64::from(ray * 104_729 % 512));
                locate(pose, pixel, PixelSigma(1.0), terrain).ok()
            })
            .map(|found| found.point.lat_rad)
            .sum::<f64>()
    });
}

#[divan::bench]
fn flat_ground_with_covariance(bencher: divan::Bencher<'_, '_>) {
    let terrain = Terrain::Flat { height_m: 0.0, sigma_m: 0.5 };
    rays(bencher, &pose(Geodetic::from_degrees(52.0, 5.0, 70.0)), &terrain);
}

#[divan::bench]
fn posts_30_m_apart_with_covariance(bencher: divan::Bencher<'_, '_>) {
    let file = Path::new("../shared/data/geo/rome/Rome-30m-DEM.tif");
    let Ok(terrain) = Terrain::open(file, &ModelParams::default()) else { return };
    let ground_m = terrain.height_m(41.9_f64.to_radians(), 12.5_f64.to_radians());
    let Some(ground_m) = ground_m else { return };
    rays(bencher, &pose(Geodetic::from_degrees(41.9, 12.5, ground_m + 70.0)), &terrain);
}

#[divan::bench]
fn posts_half_a_metre_apart_with_covariance(bencher: divan::Bencher<'_, '_>) {
    let Some(bytes) = rd_model(154_500.0, 464_000.0, 2000, 0.5) else { return };
    let Ok(terrain) = Terrain::from_bytes(bytes, &ModelParams::default()) else { return };
    let (lat, lon) = (52.157_5_f64, 5.390_0_f64);
    let Some(ground_m) = terrain.height_m(lat.to_radians(), lon.to_radians()) else { return };
    rays(bencher, &pose(Geodetic::from_degrees(lat, lon, ground_m + 70.0)), &terrain);
}

/// Over the corner where four of nine tiles meet.
#[divan::bench]
fn nine_tiles_of_half_a_metre_with_covariance(bencher: divan::Bencher<'_, '_>) {
    let edges = (0..9).map(|tile| {
        (153_500.0 + 1000.0 * f64::from(tile % 3), 465_000.0 - 1000.0 * f64::from(tile / 3))
    });
    let Some(files) = edges.map(|(west, north)| rd_model(west, north, 2000, 0.5)).collect() else {
        return;
    };
    let Ok(terrain) = Terrain::from_all_bytes(files, &ModelParams::default()) else { return };
    let corner = RdNap { x_m: 154_500.5, y_m: 464_000.5, nap_m: Some(70.0) };
    let Etrs89 { lat_deg, lon_deg, height_m } = etrs89_from_rd_nap(&corner);
    let Some(height_m) = height_m else { return };
    rays(bencher, &pose(Geodetic::from_degrees(lat_deg, lon_deg, height_m)), &terrain);
}

#[divan::bench]
fn rd_and_nap(bencher: divan::Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(RAYS)).bench(|| {
        (0..RAYS)
            .filter_map(|i| {
                let part = f64::from(i) / f64::from(RAYS);
                rd_nap_from_etrs89(51.0 + 2.0 * part, 4.0 + 2.5 * part, 45.0)
            })
            .map(|rd| rd.x_m + rd.y_m)
            .sum::<f64>()
    });
}

#[divan::bench]
fn geoid(bencher: divan::Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(RAYS)).bench(|| {
        (0..RAYS).map(|i| egm96_undulation_m(f64::from(i) / 12.0, f64::from(i) / 3.0)).sum::<f64>()
    });
}
