//! Any bytes as a DataFlash log, as they are and behind the descriptions of wanted messages.
#![no_main]

use torenvalk::flight::dataflash::{Records, read};
use torenvalk_fuzz::{dataflash_formats, look_at_log};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    look_at_log(&read(bytes), bytes.len());
    let described = [&dataflash_formats()[..], bytes].concat();
    look_at_log(&read(&described), described.len());
    let mut records = Records::new(&described);
    while let Some(record) = records.next_record() {
        for field in &record.format.fields {
            let _ = record.in_unit(field.name);
            let _ = record.text(field.name);
        }
    }
});
