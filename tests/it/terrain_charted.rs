//! Heights by metres in a plane, beside the exact way from a place to a post.

use torenvalk::geo::{Charted, Geodetic, LocalFrame, ModelParams, Terrain};

use crate::geo::{Model, keys, rd_place};

const WEST_M: f64 = 155_100.0;
const NORTH_M: f64 = 463_400.0;

/// Ripples with slopes up to 45°, in metres for posts 2 m apart.
fn steep(column: u32, row: u32) -> f32 {
    (f64::from(column) / 3.0).sin() as f32 * 6.0 + (f64::from(row) / 5.0).cos() as f32 * 3.0
}

/// The largest difference in metres to the exact way, and how many points have a height.
fn worst_m(terrain: &Terrain, at: Geodetic, reach_m: f64) -> (f64, usize) {
    let frame = LocalFrame::at(&at);
    let charted = Charted::new(terrain, frame);
    let (mut worst_m, mut both) = (0.0_f64, 0);
    for number in 0..20_000 {
        // Two steps that never fall into line with each other or with squares.
        let point = [0.618_034, 0.754_878]
            .map(|step| ((f64::from(number) * step).fract() * 2.0 - 1.0) * reach_m);
        let exact = frame.on_ellipsoid(point);
        let exact_m = terrain.height_m(exact.lat_rad, exact.lon_rad);
        if let (Some(exact_m), Some(height_m)) = (exact_m, charted.height_m(point)) {
            worst_m = worst_m.max((height_m - exact_m).abs());
            both += 1;
        }
    }
    (worst_m, both)
}

#[test]
fn heights_on_a_chart_are_those_of_the_exact_way_to_5_mm() {
    let near = |lat_rad, lon_rad| Geodetic { lat_rad, lon_rad, height_m: 0.0 };
    // RD and NAP, with a gap that a second model in degrees fills.
    let (lat, lon, _) = rd_place(WEST_M + 100.0, NORTH_M - 80.0);
    let tile = Model { height: steep, ..Model::default() };
    let around = Model {
        keys: keys(&[(1024, 2), (1025, 1), (2048, 4326)]),
        edge: (5.386, 52.162),
        spacing: 1e-4,
        height: |column, row| steep(column, row) / 2.0,
        ..Model::default()
    };
    let both = vec![tile.bytes(), around.bytes()];
    let terrain = Terrain::from_all_bytes(both, &ModelParams::default()).unwrap();
    let (off_m, points) = worst_m(&terrain, near(lat, lon), 300.0);
    assert!(points > 5_000 && off_m < 5e-3, "{points} {off_m}");
    // Far north, and over the antimeridian.
    for (lat_deg, lon_deg) in [(80.0, 15.0_f64), (-17.0, 179.999), (-17.0, -180.0)] {
        let model = Model {
            keys: keys(&[(1024, 2), (1025, 1), (2048, 4326)]),
            edge: (lon_deg - 0.005, lat_deg + 0.004),
            spacing: 1e-4,
            height: |column, row| steep(column, row) / 2.0,
            ..Model::default()
        };
        let terrain = Terrain::from_bytes(model.bytes(), &ModelParams::default()).unwrap();
        let at = Geodetic::from_degrees(lat_deg, lon_deg, 0.0);
        let (off_m, points) = worst_m(&terrain, at, 400.0);
        assert!(points > 2_000 && off_m < 5e-3, "{lat_deg} {lon_deg}: {points} {off_m}");
    }
}

#[test]
fn where_the_exact_way_has_no_height_a_chart_has_none() {
    let (lat_rad, lon_rad, _) = rd_place(WEST_M + 100.0, NORTH_M - 80.0);
    let terrain = Terrain::from_bytes(Model::default().bytes(), &ModelParams::default()).unwrap();
    let frame = LocalFrame::at(&Geodetic { lat_rad, lon_rad, height_m: 0.0 });
    let charted = Charted::new(&terrain, frame);
    assert!(charted.height_m([0.0, 0.0]).is_some());
    for outside in [[150.0, 0.0], [0.0, -200.0], [1e12, 0.0], [f64::NAN, 0.0]] {
        assert_eq!(charted.height_m(outside), None, "{outside:?}");
    }
}
