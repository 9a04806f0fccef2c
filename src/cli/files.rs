//! Writing the files that a user asked for.

use std::path::Path;

use anyhow::Context;

/// Writes a file, making its folder first.
pub(super) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("{}: the folder cannot be made", folder.display()))?;
    }
    std::fs::write(path, bytes).with_context(|| format!("{}: not written", path.display()))
}
