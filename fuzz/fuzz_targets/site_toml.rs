//! Any text as `site.toml`, over the shapes of the example site.
#![no_main]
use std::path::Path;

use torenvalk::site::from_bytes;

const SHAPES: &str = include_str!("../../missions/kestrel-works/site.geojson");

libfuzzer_sys::fuzz_target!(|text: &str| {
    let open = |_: &Path| Ok(SHAPES.as_bytes().to_vec());
    let _ = from_bytes(Path::new("any/site.toml"), text.as_bytes(), &open);
});
