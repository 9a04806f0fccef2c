//! A package in one file.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::Error;
use super::bag::PARTIAL;

/// Endings of files that deflating makes no smaller.
const PACKED: [&str; 6] = ["jpg", "jpeg", "tif", "tiff", "png", "pdf"];

/// Writes `NAME.zip` beside a package's folder: sorted, with fixed times, so that equal folders
/// give equal bytes.
pub(super) fn write(folder: &Path, name: &str) -> Result<PathBuf, Error> {
    let place = folder.with_file_name(format!("{name}.zip"));
    let partial = folder.with_file_name(format!("{name}.zip{PARTIAL}"));
    let io = |source| Error::io(&partial, source);
    let packed = |error: zip::result::ZipError| Error::io(&partial, std::io::Error::other(error));
    let mut out = ZipWriter::new(BufWriter::new(File::create(&partial).map_err(io)?));
    let mut files = Vec::new();
    list(folder, "", &mut files)?;
    files.sort();
    for path in files {
        let from = folder.join(&path);
        let file = File::open(&from).map_err(|source| Error::io(&from, source))?;
        let large = file.metadata().is_ok_and(|about| about.len() >= u64::from(u32::MAX));
        let end = path.rsplit('.').next().unwrap_or_default();
        let method = match PACKED.contains(&end) {
            true => CompressionMethod::Stored,
            false => CompressionMethod::Deflated,
        };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644)
            .large_file(large);
        out.start_file(format!("{name}/{path}"), options).map_err(packed)?;
        std::io::copy(&mut BufReader::new(file), &mut out).map_err(io)?;
    }
    let mut buffer = out.finish().map_err(packed)?;
    buffer.flush().map_err(io)?;
    buffer.get_ref().sync_all().map_err(io)?;
    drop(buffer);
    fs::rename(&partial, &place).map_err(|source| Error::io(&place, source))?;
    Ok(place)
}

fn list(root: &Path, below: &str, files: &mut Vec<String>) -> Result<(), Error> {
    let folder = root.join(below);
    for entry in fs::read_dir(&folder).map_err(|source| Error::io(&folder, source))? {
        let entry = entry.map_err(|source| Error::io(&folder, source))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        let kind = entry.file_type().map_err(|source| Error::io(&folder, source))?;
        if kind.is_dir() {
            list(root, &path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
