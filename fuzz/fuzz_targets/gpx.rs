//! Any text as GPX, also inside a track that is one.
#![no_main]
use std::path::Path;

use torenvalk::flight::read_bytes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = read_bytes(Path::new("any.gpx"), bytes);
    let start: &[u8] =
        b"<gpx><trk><trkseg><trkpt lat=\"52\" lon=\"5\"><time>2025-01-17T10:00:00Z</time>\
        <ele>40</ele></trkpt>";
    let _ = read_bytes(Path::new("any.gpx"), &[start, bytes].concat());
    let _ = read_bytes(Path::new("any.gpx"), &[start, bytes, b"</trkseg></trk></gpx>"].concat());
});
