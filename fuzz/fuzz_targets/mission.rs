//! Any bytes as a mission file; what comes out is written in every format, and read again.
#![no_main]
use std::path::Path;

use torenvalk::mission::{
    DjiAircraft, List, from_bytes, to_geojson, to_gpx, to_kml, to_plan, to_waypoints, to_wpml,
};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let path = Path::new("any");
    let Ok(mission) = from_bytes(path, bytes) else { return };
    let _ = (to_waypoints(&mission), to_geojson(&mission), to_gpx(&mission), mission.oddities());
    if let Some(aircraft) = DjiAircraft::of_camera("m3t") {
        let _ = to_wpml(&mission, &aircraft).map(|packed| from_bytes(path, &packed.bytes));
    }
    let _ = to_kml(&mission);
    // A jump to a step that is not there cannot be written in a way that is read again.
    let Ok(again) = from_bytes(path, to_plan(&mission).text.as_bytes()) else {
        assert!(!mission.oddities().is_empty());
        return;
    };
    for list in [List::Mission, List::Fence, List::Rally] {
        assert_eq!(mission.items(list).len(), again.items(list).len());
    }
});
