//! Any bytes as what a package or its surroundings hold: a custody log, a time stamp's reply, an
//! agent's answer, a signature of minisign, settings.
#![no_main]
use std::path::Path;

use torenvalk::{case, evidence};

/// Nobody has the private one.
const KEY: &str = "ssh-ed25519 \
    AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok((lines, head)) = case::read_custody(bytes) {
        assert_eq!(lines.len(), bytes.iter().filter(|&&byte| byte == b'\n').count());
        assert_eq!(head.len(), 64);
    }
    if let Ok(reply) = evidence::read_reply(bytes) {
        assert!(reply.digest.len() < bytes.len());
    }
    let _ = evidence::read_identities(bytes);
    let _ = evidence::read_bare_signature(bytes);
    let key = evidence::PublicKey::from_openssh(KEY).expect("a key");
    assert!(evidence::check_minisign(bytes, &key, b"message", "comment").is_err());
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = case::read_flight_manifest(text);
        let _ = evidence::Settings::from_text(Path::new("evidence.toml"), text);
        let _ = evidence::read_key(Path::new("key"), text, || Ok(String::new()));
    }
});
