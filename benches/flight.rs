//! Speed of `wire` and `flight`; run on demand with `cargo bench --bench flight`.
//!
//! A real recording of a radio link in memory, on one core: frames alone, frames with their
//! meanings, and the whole way to tracks. Messages per second.

use std::fs;
use std::path::Path;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use torenvalk::flight::read_bytes;
use torenvalk::wire::{Message, Packet, TlogItem, TlogReader};

fn main() {
    divan::main();
}

const RECORDINGS: [&str; 2] = ["dronekit_flight_replay.tlog", "uavlogviewer_vtol.tlog"];

fn recording(name: &str) -> Option<Vec<u8>> {
    fs::read(Path::new("../shared/data/logs").join(name)).ok()
}

fn messages(bytes: &[u8]) -> usize {
    TlogReader::new(bytes).filter(|item| matches!(item, TlogItem::Record(_))).count()
}

#[divan::bench(args = RECORDINGS)]
fn frames(bencher: Bencher<'_, '_>, name: &str) {
    let Some(bytes) = recording(name) else { return };
    let counted = bencher.counter(ItemsCount::new(messages(&bytes)));
    counted.counter(BytesCount::of_slice(&bytes)).bench(|| messages(black_box(&bytes)));
}

#[divan::bench(args = RECORDINGS)]
fn meanings(bencher: Bencher<'_, '_>, name: &str) {
    let Some(bytes) = recording(name) else { return };
    bencher.counter(ItemsCount::new(messages(&bytes))).bench(|| {
        for item in TlogReader::new(black_box(&bytes)) {
            if let TlogItem::Record(record) = item {
                black_box(Message::decode(&record.frame));
            }
        }
    });
}

/// Every field of every message that a link knows.
#[divan::bench(args = RECORDINGS)]
fn packets(bencher: Bencher<'_, '_>, name: &str) {
    let Some(bytes) = recording(name) else { return };
    bencher.counter(ItemsCount::new(messages(&bytes))).bench(|| {
        for item in TlogReader::new(black_box(&bytes)) {
            if let TlogItem::Record(record) = item {
                black_box(Packet::of(&record.frame));
            }
        }
    });
}

#[divan::bench(args = RECORDINGS)]
fn tracks(bencher: Bencher<'_, '_>, name: &str) {
    let Some(bytes) = recording(name) else { return };
    let counted = bencher.counter(ItemsCount::new(messages(&bytes)));
    counted.bench(|| read_bytes(Path::new(name), black_box(&bytes)));
}
