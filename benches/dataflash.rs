//! Speed of reading logs on board; run on demand with `cargo bench`.
//!
//! From a log's bytes in memory to its tracks, on one core; messages a second. One log is made, with
//! the mix of messages of a real flight; vehicles' own logs are read where they are there.

use std::fs;
use std::path::Path;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use torenvalk::flight::{dataflash, ulog};

fn main() {
    divan::main();
}

/// A log of some 100,000 messages, of which one in seven is read: attitude and place 10 times a
/// second, a receiver 5 times, inertia and estimators that nobody asked for.
fn made() -> Vec<u8> {
    let mut log = Vec::new();
    let formats = [
        (10, "ATT", 27, "QccccCCCC", "TimeUS,DesRoll,Roll,DesPitch,Pitch,DesYaw,Yaw,ErrRP,ErrYaw"),
        (11, "POS", 31, "QLLfff", "TimeUS,Lat,Lng,Alt,RelHomeAlt,RelOriginAlt"),
        (
            12,
            "GPS",
            46,
            "QBIHBcLLefffB",
            "TimeUS,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,U",
        ),
        (13, "IMU", 35, "Qffffff", "TimeUS,GyrX,GyrY,GyrZ,AccX,AccY,AccZ"),
    ];
    for (id, name, length, characters, labels) in formats {
        log.extend([0xA3, 0x95, 128, id, length]);
        for (text, size) in [(name, 4), (characters, 16), (labels, 64)] {
            let start = log.len();
            log.extend(text.as_bytes());
            log.resize(start + size, 0);
        }
    }
    for tick in 0..6000_u64 {
        let time = (tick * 100_000).to_le_bytes();
        for (id, length, count) in [(10, 27, 1), (11, 31, 1), (12, 46, tick % 2), (13, 35, 14)] {
            for _ in 0..count {
                log.extend([0xA3, 0x95, id]);
                log.extend(time);
                log.resize(log.len() + length - 11, 3);
            }
        }
    }
    log
}

fn tracks(bencher: Bencher<'_, '_>, bytes: &[u8]) {
    let messages = dataflash::read(bytes).messages as usize;
    bencher
        .counter(ItemsCount::new(messages))
        .counter(BytesCount::of_slice(bytes))
        .bench(|| dataflash::read(black_box(bytes)));
}

#[divan::bench]
fn made_log(bencher: Bencher<'_, '_>) {
    tracks(bencher, &made());
}

fn shared(name: &str) -> Option<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/logs");
    fs::read(folder.join(name)).ok()
}

#[divan::bench(args = ["spark404_log.bin", "dataflash-sample-2.bin"])]
fn vehicles_log(bencher: Bencher<'_, '_>, name: &str) {
    let Some(bytes) = shared(name) else { return };
    tracks(bencher, &bytes);
}

/// The walk alone, every field of every record decoded.
#[divan::bench(args = ["spark404_log.bin", "dataflash-sample-2.bin"])]
fn every_field(bencher: Bencher<'_, '_>, name: &str) {
    let Some(bytes) = shared(name) else { return };
    let messages = dataflash::read(&bytes).messages as usize;
    bencher.counter(ItemsCount::new(messages)).bench(|| {
        let mut records = dataflash::Records::new(black_box(&bytes));
        let mut sum = 0.0;
        while let Some(record) = records.next_record() {
            for field in &record.format.fields {
                sum += field.scaled(record.payload).unwrap_or(1.0);
            }
        }
        sum
    });
}

#[divan::bench(args = ["px4-ulog-rs_quadrotor_local.ulg", "pyulog_sample_log_small.ulg"])]
fn ulog_tracks(bencher: Bencher<'_, '_>, name: &str) {
    let Some(bytes) = shared(name) else { return };
    let Ok(log) = ulog::read(&bytes) else { return };
    bencher
        .counter(ItemsCount::new(log.messages as usize))
        .counter(BytesCount::of_slice(&bytes))
        .bench(|| ulog::read(black_box(&bytes)));
}
