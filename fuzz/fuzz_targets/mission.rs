//! Any text as a mission file; what comes out is written in every format, and read again.
#![no_main]
use std::path::Path;

use torenvalk::mission::{List, from_text, to_geojson, to_plan, to_waypoints};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let path = Path::new("any");
    let Ok(mission) = from_text(path, text) else { return };
    let _ = (to_waypoints(&mission), to_geojson(&mission), mission.oddities());
    // A jump to a step that is not there cannot be written in a way that is read again.
    let Ok(again) = from_text(path, &to_plan(&mission).text) else {
        assert!(!mission.oddities().is_empty());
        return;
    };
    for list in [List::Mission, List::Fence, List::Rally] {
        assert_eq!(mission.items(list).len(), again.items(list).len());
    }
});
