//! Any bytes as each kind of site file, the first byte choosing which; a Shapefile's table and
//! projection are the same bytes again.
#![no_main]
use std::path::Path;

use torenvalk::site::from_bytes;

const NAMES: [&str; 5] = ["a.kml", "a.kmz", "a.shp", "a.json", "b.shp"];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((&first, rest)) = bytes.split_first() else { return };
    let name = NAMES[usize::from(first) % NAMES.len()];
    let open = |path: &Path| {
        let is_prj = path.extension().is_some_and(|end| end == "prj");
        let degrees = is_prj && name == "b.shp";
        Ok(if degrees { br#"GEOGCS["WGS 84"]"#.to_vec() } else { rest.to_vec() })
    };
    let Ok(site) = from_bytes(Path::new(name), rest, &open) else { return };
    for zone in &site.zones {
        let _ = zone.applies_at(jiff::Timestamp::UNIX_EPOCH);
    }
});
