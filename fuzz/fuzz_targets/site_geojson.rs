//! Any text as a site's GeoJSON, and places looked up in what comes out.
#![no_main]
use std::path::Path;

use torenvalk::site::{AssetLookup, from_bytes};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let open = |_: &Path| Ok(Vec::new());
    let read = from_bytes(Path::new("any.geojson"), text.as_bytes(), &open);
    let Ok(site) = read else { return };
    let lookup = AssetLookup::new(&site);
    for (lat_deg, lon_deg) in [(52.0, 5.0), (90.0, 180.0), (f64::NAN, 0.0), (-90.0, -180.0)] {
        let _ = lookup.asset_at(lat_deg, lon_deg);
        let _ = site.asset_at(lat_deg, lon_deg);
    }
});
