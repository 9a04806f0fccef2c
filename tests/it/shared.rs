//! Where the reference material lies, for tests that compare with it.

use std::path::PathBuf;

/// `../shared/<path>`; `None` where a user builds without it. In CI it must be there.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let found = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    let there = found.exists();
    assert!(there || std::env::var_os("CI").is_none(), "{} is missing in CI", found.display());
    there.then_some(found)
}
