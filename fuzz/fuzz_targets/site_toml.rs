//! Any text as `site.toml`, over the shapes of the example site.
#![no_main]
use std::path::Path;

use torenvalk::site::from_text;

const SHAPES: &str = include_str!("../../missions/kestrel-works/site.geojson");

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = from_text(Path::new("any/site.toml"), text, |_| Ok(SHAPES.to_owned()));
});
