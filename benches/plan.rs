//! How long a plan takes, and how near to the best its ways are: `cargo bench --bench plan`.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and stops if broken"
)]

use std::f64::consts::TAU;
use std::time::{Duration, Instant};

use torenvalk::geo::Terrain;
use torenvalk::plan::{Camera, Params, Pattern, Plane, Point, plan};
use torenvalk::site::{Polygon, Site};

fn camera() -> Camera {
    Camera {
        id: "m3t".to_owned(),
        width_px: 640,
        height_px: 512,
        pixel_pitch_m: 12e-6,
        focal_length_m: 9.1e-3,
        time_constant_s: 0.011,
        least_interval_s: 1.0,
    }
}

/// A ring of many corners, concave, about `side_m` wide.
fn site(side_m: f64) -> Site {
    let plane = Plane::at(52.1, 5.2);
    let corner = |number: u32| -> Point {
        let angle = f64::from(number) / 24.0 * TAU;
        let radius_m = side_m * 0.564 * if number.is_multiple_of(3) { 0.9 } else { 1.05 };
        [radius_m * angle.cos(), radius_m * angle.sin()]
    };
    let outer = (0..24).map(|number| plane.degrees(corner(number))).collect();
    let areas = vec![Polygon { outer, holes: Vec::new() }];
    Site { name: "bench".to_owned(), areas, ..Site::default() }
}

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn fastest(rounds: u32, mut job: impl FnMut()) -> Duration {
    let round = |_| {
        let start = Instant::now();
        job();
        start.elapsed()
    };
    (0..rounds).map(round).min().unwrap_or_default()
}

fn main() {
    let ground = Terrain::Flat { height_m: 45.0, sigma_m: 0.1 };
    for (name, side_m, distance_m, rounds) in
        [("1 km²", 1_000.0, 60.0, 10), ("100 km², flat", 10_000.0, 110.0, 2)]
    {
        let site = site(side_m);
        let pattern = Pattern::Survey { crosshatch: false, along_rad: None };
        let mut params = Params::new(camera(), pattern);
        (params.distance_m, params.range_m) = (Some(distance_m), 50_000.0);
        params.vehicle.endurance_s = 10.0 * 3600.0;
        let took = fastest(rounds, || drop(plan(&site, &ground, &params).unwrap()));
        let made = plan(&site, &ground, &params).unwrap();
        println!(
            "{name}: {:.0} ms, {} pictures, {} sorties, coverage {:.4} in cells of {:.2} m",
            took.as_secs_f64() * 1000.0,
            made.photos().len(),
            made.sorties.len(),
            made.coverage.as_ref().map_or(0.0, |seen| seen.share),
            made.coverage.as_ref().map_or(0.0, |seen| seen.cell_m),
        );
    }
}
