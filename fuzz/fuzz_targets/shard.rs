//! Any bytes as a shard file, and as what a shard file holds behind its digest.
#![no_main]
use torenvalk::case::{RunId, ShardResult, decode_shard};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = decode_shard(bytes, &RunId("run".to_owned()), 3);
    let _ = postcard::from_bytes::<ShardResult>(bytes);
});
