//! Speed of `fuse` on a million observations; run on demand with `cargo bench --bench fuse`.
//!
//! Each flight is drawn once. The seconds, and how much memory the process has had at most, are
//! those of grouping alone: a thing is seen some ten times, and one frame in two shows something
//! that is not there.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a bench times and tells")]

use std::time::Instant;

use torenvalk::fuse::{Params, fuse};
use torenvalk::sim::{PoseErrors, SightingParams, Sightings};

fn main() {
    for (name, errors) in [("RTK", PoseErrors::with_rtk()), ("no RTK", PoseErrors::without_rtk())] {
        for lines in [16, 160] {
            let params = SightingParams {
                lines: [lines, 125],
                errors,
                per_hectare: 350.0,
                clutter: 1,
                ..SightingParams::default()
            };
            let seen = Sightings::drawn(&params);
            let start = Instant::now();
            let found =
                fuse(&seen.observations, &seen.views, &seen.terrain, None, &Params::default());
            let seconds = start.elapsed().as_secs_f64();
            println!(
                "{name}: {} frames, {} observations of {} things → {} findings, {seconds:.2} s, \
                 {:.2} µs an observation",
                seen.views.len(),
                seen.observations.len(),
                seen.things.len(),
                found.len(),
                seconds * 1e6 / seen.observations.len() as f64
            );
        }
    }
}
