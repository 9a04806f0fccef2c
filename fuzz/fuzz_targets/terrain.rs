//! Any bytes as an elevation model; heights and rays of places out of the file's end.
#![no_main]
use nalgebra::Vector3;
use torenvalk::geo::{Geodetic, HeightDatum, ModelParams, Terrain};
use torenvalk_fuzz::Draw;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let end: Vec<u8> = bytes.iter().rev().take(96).copied().collect();
    let mut draw = Draw(&end);
    let vertical = draw.flag().then_some(HeightDatum::Ellipsoid);
    let params = ModelParams { vertical, sigma_m: draw.maybe() };
    // Sometimes above another one, so that gaps are looked for below and seams beside.
    let mut files = vec![bytes.to_vec()];
    if draw.flag() {
        files.push(bytes.to_vec());
    }
    let Ok(terrain) = Terrain::from_all_bytes(files, &params) else { return };
    // The middle of the Dutch sample, then anywhere.
    let near = Geodetic::from_degrees(52.0, 5.0, 300.0);
    let drawn =
        Geodetic { lat_rad: draw.number(), lon_rad: draw.number(), height_m: draw.number() };
    let low = Geodetic::from_degrees(draw.number(), draw.number(), 500.0);
    for origin in [near, drawn, low] {
        let _ = terrain.height_m(origin.lat_rad, origin.lon_rad);
        let any = Vector3::new(draw.number(), draw.number(), draw.number());
        for direction in [-Vector3::z(), Vector3::new(0.6, 0.6, -0.53).normalize(), any] {
            if let Ok(hit) = terrain.cast(&origin, &direction) {
                assert!(!hit.range_m.is_nan());
            }
        }
    }
});
