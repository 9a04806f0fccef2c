//! How long a plan takes, and how near to the best its ways are: `cargo bench --bench plan`.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and stops if broken"
)]

#[path = "shared/model.rs"]
mod model;

use std::f64::consts::TAU;
use std::time::{Duration, Instant};

use torenvalk::geo::{ModelParams, Terrain, rd_nap_from_etrs89};
use torenvalk::plan::{Camera, Params, Pattern, Plane, Point, plan};
use torenvalk::site::{Polygon, Site};

use model::rd_model;

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

/// Five metres between posts, 12 km wide, under the site.
fn hills() -> Option<Terrain> {
    let middle = rd_nap_from_etrs89(52.1, 5.2, 43.0)?;
    let model = rd_model(middle.x_m - 6_000.0, middle.y_m + 6_000.0, 2_400, 5.0)?;
    Terrain::from_bytes(model, &ModelParams::default()).ok()
}

/// Against a survey of the convex hull, which is how stations plan that know no concave areas.
fn beside_the_hull() {
    let ground = Terrain::Flat { height_m: 45.0, sigma_m: 0.1 };
    let plane = Plane::at(52.1, 5.2);
    // A name, its corners, and which of these are its hull's.
    let shapes: [(&str, Vec<Point>, &[usize]); 4] = [
        (
            "L",
            vec![[0., 0.], [400., 0.], [400., 100.], [100., 100.], [100., 400.], [0., 400.]],
            &[0, 1, 2, 4, 5],
        ),
        (
            "U",
            vec![
                [0., 0.],
                [400., 0.],
                [400., 300.],
                [300., 300.],
                [300., 100.],
                [100., 100.],
                [100., 300.],
                [0., 300.],
            ],
            &[0, 1, 2, 7],
        ),
        (
            "T",
            vec![
                [150., 0.],
                [250., 0.],
                [250., 300.],
                [400., 300.],
                [400., 400.],
                [0., 400.],
                [0., 300.],
                [150., 300.],
            ],
            &[0, 1, 3, 4, 5, 6],
        ),
        ("arrow", vec![[0., 0.], [300., 150.], [600., 0.], [300., 500.]], &[0, 2, 3]),
    ];
    for (name, corners, hull) in shapes {
        let length_of = |ring: &[Point]| {
            let outer = ring.iter().map(|&at| plane.degrees(at)).collect();
            let areas = vec![Polygon { outer, holes: Vec::new() }];
            let takeoffs = vec![plane.degrees([-20.0, -20.0])];
            let site = Site { name: name.to_owned(), areas, takeoffs, ..Site::default() };
            let pattern = Pattern::Survey { crosshatch: false, along_rad: None };
            let mut params = Params::new(camera(), pattern);
            (params.distance_m, params.range_m) = (Some(40.0), 5_000.0);
            params.vehicle.endurance_s = 10.0 * 3600.0;
            let made = plan(&site, &ground, &params).unwrap();
            made.sorties.iter().map(|sortie| sortie.length_m).sum::<f64>()
        };
        let hull: Vec<Point> = hull.iter().map(|&at| corners[at]).collect();
        let (own, around) = (length_of(&corners), length_of(&hull));
        println!("{name}: {own:.0} m, its hull {around:.0} m, ratio {:.3}", own / around);
    }
}

fn time(name: &str, side_m: f64, distance_m: f64, rounds: u32, ground: &Terrain) {
    let site = site(side_m);
    let pattern = Pattern::Survey { crosshatch: false, along_rad: None };
    let mut params = Params::new(camera(), pattern);
    (params.distance_m, params.range_m) = (Some(distance_m), 50_000.0);
    params.vehicle.endurance_s = 10.0 * 3600.0;
    let took = fastest(rounds, || drop(plan(&site, ground, &params).unwrap()));
    let made = plan(&site, ground, &params).unwrap();
    println!(
        "{name}: {:.0} ms, {} pictures, {} sorties, coverage {:.4} in cells of {:.2} m",
        took.as_secs_f64() * 1000.0,
        made.photos().len(),
        made.sorties.len(),
        made.coverage.as_ref().map_or(0.0, |seen| seen.share),
        made.coverage.as_ref().map_or(0.0, |seen| seen.cell_m),
    );
}

fn main() {
    let flat = Terrain::Flat { height_m: 45.0, sigma_m: 0.1 };
    time("1 km²", 1_000.0, 60.0, 10, &flat);
    time("100 km², flat", 10_000.0, 110.0, 2, &flat);
    let hills = hills().unwrap();
    time("1 km² over a model", 1_000.0, 60.0, 10, &hills);
    time("100 km² over a model", 10_000.0, 110.0, 2, &hills);
    beside_the_hull();
}
