//! Any text as a table of kinds, also behind the one that ships, and its rules.
#![no_main]
use torenvalk::fuse::{Conditions, KindTable};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let longer = format!("{}{text}", KindTable::BUILTIN);
    for text in [text, &longer] {
        if let Ok(table) = KindTable::read(text) {
            assert_eq!(table.kinds.len(), 11);
            let _ = table.rules(&Conditions::default());
        }
    }
});
