//! Speed of the clock fit; run on demand with `cargo bench`.

use divan::counter::ItemsCount;
use torenvalk::flight::{ClockParams, fit_clock_by_events};

#[path = "../tests/it/clock_scenes.rs"]
#[expect(dead_code, reason = "shared with the tests, which use all of it")]
mod clock_scenes;

use clock_scenes::{Clocks, Draws, Trigger, USUAL, scene, triggers};

fn main() {
    divan::main();
}

/// Frames of one flight.
#[divan::bench(args = [100, 1000, 10_000])]
fn by_events(bencher: divan::Bencher<'_, '_>, count: usize) {
    let mut draws = Draws(5);
    let mut times: Vec<f64> = Vec::new();
    while times.len() < count {
        let next_s = times.last().map_or(1.7e9, |last| last + 60.0);
        let more = triggers(Trigger::Distance, &mut draws);
        times.extend(more.iter().map(|time| time - more[0] + next_s));
    }
    times.truncate(count);
    let clocks = Clocks::draw(&mut draws, &USUAL);
    let scene = scene(&times, clocks, &USUAL, &mut draws);
    bencher
        .counter(ItemsCount::new(count))
        .bench(|| fit_clock_by_events(&scene.frames, &scene.events, &ClockParams::default()));
}
