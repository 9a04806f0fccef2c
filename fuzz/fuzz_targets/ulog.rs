//! Any bytes as a ULog, as they are and behind a header and definitions of wanted topics.
#![no_main]

use torenvalk::flight::ulog::{Records, read};
use torenvalk_fuzz::{look_at_log, ulog_definitions};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(log) = read(bytes) {
        look_at_log(&log, bytes.len());
    }
    let defined = [&ulog_definitions()[..], bytes].concat();
    let log = read(&defined).expect("the header is sound");
    look_at_log(&log, defined.len());
    let mut records = Records::new(&defined, 0).expect("the header is sound");
    while let Some(record) = records.next_record() {
        let _ = (record.text(), record.information());
        let Some(row) = record.row else { continue };
        for field in row.topic.fields() {
            let _ = row.number(field.name);
            let _ = row.numbers::<4>(field.name);
        }
    }
});
