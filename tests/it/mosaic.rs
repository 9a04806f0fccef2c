//! Behaviour of `mosaic`.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;
use torenvalk::case::Case;
use torenvalk::derive::GroundPlane;
use torenvalk::thermal::{self, ReadOptions};

use super::derive::copy;
use super::program::{json_lines, run, stderr};

#[test]
fn each_frame_s_middle_shows_what_it_measured_there() {
    let folder = copy();
    let (first, second) = (folder.path().join("one.tif"), folder.path().join("two.tif"));
    for out in [&first, &second] {
        let ran = run([
            "mosaic".as_ref(),
            folder.path().as_os_str(),
            "--out".as_ref(),
            out.as_os_str(),
            "--json".as_ref(),
        ]);
        assert!(matches!(ran.status.code(), Some(0 | 6)), "{}", stderr(&ran));
        let told = &json_lines(&ran)[0];
        assert!(told["filled_px"].as_u64().unwrap() > 10_000, "{told}");
    }
    let bytes = fs::read(&first).unwrap();
    assert!(bytes == fs::read(&second).unwrap(), "the same case gives the same bytes");
    let mut decoder = Decoder::new(Cursor::new(bytes)).unwrap();
    let (width, height) = decoder.dimensions().unwrap();
    let scale = decoder.get_tag_f64_vec(Tag::ModelPixelScaleTag).unwrap();
    let corner = decoder.get_tag_f64_vec(Tag::ModelTiepointTag).unwrap();
    let DecodingResult::F32(mosaic) = decoder.read_image().unwrap() else {
        panic!("not 32-bit floats");
    };
    let mut compared = 0;
    for row in Case::open_read_only(folder.path()).unwrap().frames().unwrap() {
        let Some(plane) = GroundPlane::of(&row) else { continue };
        let (x, y) = (row.width_px / 2, row.height_px / 2);
        let (lon, lat) = plane.degrees(f64::from(x), f64::from(y));
        let column = ((lon - corner[3]) / scale[0]) as u32;
        let line = ((corner[4] - lat) / scale[1]) as u32;
        assert!(column < width && line < height);
        let value = mosaic[(line * width + column) as usize];
        let mut read = thermal::open(Path::new(&row.file), &ReadOptions::default()).unwrap();
        let celsius = read.next().unwrap().unwrap().thermogram.celsius();
        // The place's middle lies within a pixel of the frame's.
        let near = (y - 2..y + 2).flat_map(|y| (x - 2..x + 2).map(move |x| (x, y)));
        let measured = near.map(|(x, y)| celsius[(y * row.width_px + x) as usize]);
        assert!(measured.into_iter().any(|celsius| celsius == value), "{} {value}", row.file);
        compared += 1;
    }
    assert!(compared > 5, "{compared}");
}

#[test]
fn a_plane_takes_corners_to_corners_and_back() {
    let folder = copy();
    let frames = Case::open_read_only(folder.path()).unwrap().frames().unwrap();
    let row = frames.iter().find(|row| row.footprint.len() == 5).unwrap();
    let plane = GroundPlane::of(row).unwrap();
    let (width, height) = (f64::from(row.width_px), f64::from(row.height_px));
    let pixels = [(0.0, height), (width, height), (width, 0.0), (0.0, 0.0)];
    for ((x, y), (lon, lat)) in pixels.into_iter().zip(&row.footprint) {
        let place = plane.degrees(x, y);
        assert!((place.0 - lon).abs() < 1e-9 && (place.1 - lat).abs() < 1e-9);
        let back = plane.pixel(place.0, place.1);
        assert!((back.0 - x).abs() < 1e-3 && (back.1 - y).abs() < 1e-3);
    }
    let mut bent = row.clone();
    bent.footprint.truncate(3);
    assert!(GroundPlane::of(&bent).is_none());
    bent.footprint = vec![(5.0, 52.0); 5];
    assert!(GroundPlane::of(&bent).is_none(), "a footprint without an area");
}
