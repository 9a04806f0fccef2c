//! A folder after BagIt 1.0 (RFC 8493) in the making: everything in it is hashed as it is written.
//!
//! It lies under `NAME.partial` until it is whole; only then it gets its name. What an interrupted
//! export left there is taken over where it is what it should be.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{Error, digest, names};

/// Ending of a package that is not whole.
pub const PARTIAL: &str = ".partial";
const ORIGINALS: &str = "data/originals";

/// A bag in the making.
#[derive(Debug)]
pub(super) struct Bag {
    name: String,
    folder: PathBuf,
    root: PathBuf,
    /// Path → digest and length.
    payload: BTreeMap<String, (String, u64)>,
}

impl Bag {
    /// Begins `name` in `folder`, or goes on with what was begun.
    pub(super) fn begin(folder: &Path, name: &str) -> Result<Self, Error> {
        let root = folder.join(format!("{name}{PARTIAL}"));
        let originals = root.join(ORIGINALS);
        fs::create_dir_all(&originals).map_err(|source| Error::io(&originals, source))?;
        // Originals are most of the bytes and never differ between two exports; the rest does.
        for beside in [&root, &root.join("data")] {
            for entry in fs::read_dir(beside).map_err(|source| Error::io(beside, source))? {
                let path = entry.map_err(|source| Error::io(beside, source))?.path();
                if originals.starts_with(&path) {
                    continue;
                }
                let removed =
                    if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                removed.map_err(|source| Error::io(&path, source))?;
            }
        }
        Ok(Self {
            name: name.to_owned(),
            folder: folder.to_owned(),
            root,
            payload: BTreeMap::new(),
        })
    }

    /// Where it is for now.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Digests of what is in it so far, by path.
    pub(super) fn payload(&self) -> &BTreeMap<String, (String, u64)> {
        &self.payload
    }

    /// Adds a file under `data/`.
    pub(super) fn add(&mut self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        let (path, place) = self.place(path)?;
        write_whole(&place, bytes)?;
        self.payload.insert(path, (digest::hex_sha256(bytes), bytes.len() as u64));
        Ok(())
    }

    /// Adds a file that `write` makes at the place that it is given.
    pub(super) fn add_made(
        &mut self,
        path: &str,
        write: impl FnOnce(&Path) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (path, place) = self.place(path)?;
        write(&place)?;
        let hashed = digest::of_file(&place).map_err(|source| Error::io(&place, source))?;
        self.payload.insert(path, hashed);
        Ok(())
    }

    /// Adds a copy. If `expected` is told, what is read must have that digest.
    pub(super) fn copy(
        &mut self,
        path: &str,
        from: &Path,
        expected: Option<&str>,
    ) -> Result<(), Error> {
        let (path, place) = self.place(path)?;
        if let (Some(expected), Ok(there)) = (expected, digest::of_file(&place))
            && there.0 == expected
        {
            self.payload.insert(path, there);
            return Ok(());
        }
        let io = |source| Error::io(from, source);
        let file = File::open(from).map_err(io)?;
        let out = |source| Error::io(&place, source);
        let mut copy = BufWriter::new(File::create(&place).map_err(out)?);
        let hashed = digest::pass(&mut BufReader::new(file), &mut copy).map_err(out)?;
        copy.flush().map_err(out)?;
        if let Some(expected) = expected.filter(|&expected| expected != hashed.0) {
            fs::remove_file(&place).map_err(out)?;
            return Err(Error::Changed {
                path: from.to_owned(),
                found: hashed.0,
                expected: expected.to_owned(),
            });
        }
        self.payload.insert(path, hashed);
        Ok(())
    }

    fn place(&self, path: &str) -> Result<(String, PathBuf), Error> {
        let path = format!("data/{path}");
        if let Some(reason) = names::objection(&path) {
            return Err(Error::NotAPackage {
                path: PathBuf::from(path),
                reason: reason.to_owned(),
            });
        }
        let place = self.root.join(&path);
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder).map_err(|source| Error::io(folder, source))?;
        }
        Ok((path, place))
    }

    /// Bytes and files so far, as `Payload-Oxum` has them.
    pub(super) fn oxum(&self) -> String {
        let bytes: u64 = self.payload.values().map(|(_, bytes)| bytes).sum();
        format!("{bytes}.{}", self.payload.len())
    }

    /// Drops originals of an earlier attempt that are no part of this one, then writes manifests
    /// and tag files. Gives the tag manifest: what is signed and stamped.
    pub(super) fn close(
        &self,
        info: &[(&str, String)],
        tags: &[(&str, Vec<u8>)],
    ) -> Result<Vec<u8>, Error> {
        self.drop_strangers()?;
        let mut manifest = String::new();
        for (path, (sha256, _)) in &self.payload {
            let _ = writeln!(manifest, "{sha256}  {path}");
        }
        let mut tag_files: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
        tag_files.insert("bagit.txt", BAGIT.to_vec());
        tag_files.insert("bag-info.txt", bag_info(info).into_bytes());
        tag_files.insert("manifest-sha256.txt", manifest.into_bytes());
        tag_files.extend(tags.iter().map(|(name, bytes)| (*name, bytes.clone())));
        let mut tag_manifest = String::new();
        for (name, bytes) in &tag_files {
            let place = self.root.join(name);
            if let Some(folder) = place.parent() {
                fs::create_dir_all(folder).map_err(|source| Error::io(folder, source))?;
            }
            write_whole(&place, bytes)?;
            let _ = writeln!(tag_manifest, "{}  {name}", digest::hex_sha256(bytes));
        }
        self.beside(TAG_MANIFEST, tag_manifest.as_bytes())?;
        Ok(tag_manifest.into_bytes())
    }

    /// Adds a file that no manifest lists: a signature, a time stamp.
    pub(super) fn beside(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        write_whole(&self.root.join(name), bytes)
    }

    fn drop_strangers(&self) -> Result<(), Error> {
        self.drop_strangers_in(ORIGINALS)
    }

    fn drop_strangers_in(&self, below: &str) -> Result<(), Error> {
        let folder = self.root.join(below);
        for entry in fs::read_dir(&folder).map_err(|source| Error::io(&folder, source))? {
            let entry = entry.map_err(|source| Error::io(&folder, source))?;
            let path = format!("{below}/{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().map_err(|source| Error::io(&folder, source))?;
            if kind.is_dir() {
                self.drop_strangers_in(&path)?;
            } else if !self.payload.contains_key(&path) {
                fs::remove_file(entry.path()).map_err(|source| Error::io(&folder, source))?;
            }
        }
        // An empty folder is in no manifest, and some programs drop it on the way.
        let _ = fs::remove_dir(&folder);
        Ok(())
    }

    /// Forces it to disk, then gives it its name.
    pub(super) fn finish(self) -> Result<PathBuf, Error> {
        for path in self.payload.keys() {
            let place = self.root.join(path);
            File::open(&place)
                .and_then(|file| file.sync_all())
                .map_err(|source| Error::io(&place, source))?;
        }
        let whole = self.folder.join(&self.name);
        fs::rename(&self.root, &whole).map_err(|source| Error::io(&whole, source))?;
        if cfg!(unix) {
            File::open(&self.folder)
                .and_then(|folder| folder.sync_all())
                .map_err(|source| Error::io(&self.folder, source))?;
        }
        Ok(whole)
    }
}

/// What is signed.
pub const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";
/// RFC 8493, section 2.1.1.
pub(super) const BAGIT: &[u8] = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// A line a field; fields without a value are left out, line breaks in values become spaces.
fn bag_info(fields: &[(&str, String)]) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        let value: Vec<_> = value.split_whitespace().collect();
        if !value.is_empty() {
            let _ = writeln!(text, "{name}: {}", value.join(" "));
        }
    }
    text
}

fn write_whole(place: &Path, bytes: &[u8]) -> Result<(), Error> {
    File::create(place)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .map_err(|source| Error::io(place, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_interrupted_export_left_is_taken_over_only_where_it_is_right() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("a.jpg");
        fs::write(&from, b"whole").unwrap();
        let sha256 = digest::hex_sha256(b"whole");
        let mut bag = Bag::begin(folder.path(), "P").unwrap();
        bag.add("old.txt", b"old").unwrap();
        bag.copy("originals/gone.jpg", &from, Some(&sha256)).unwrap();
        fs::write(bag.root().join("data/originals/F1.jpg"), b"who").unwrap();
        let mut bag = Bag::begin(folder.path(), "P").unwrap();
        bag.copy("originals/F1.jpg", &from, Some(&sha256)).unwrap();
        bag.close(&[("A", "x\ny".to_owned()), ("B", String::new())], &[]).unwrap();
        assert!(!folder.path().join("P").exists());
        let whole = bag.finish().unwrap();
        let text = |name: &str| fs::read_to_string(whole.join(name)).unwrap();
        assert_eq!(text("data/originals/F1.jpg"), "whole");
        assert_eq!(text("bag-info.txt"), "A: x y\n");
        assert_eq!(text("manifest-sha256.txt"), format!("{sha256}  data/originals/F1.jpg\n"));
        assert!(!whole.join("data/old.txt").exists());
        assert!(!whole.join("data/originals/gone.jpg").exists());
        let wrong = Bag::begin(folder.path(), "Q").unwrap().copy("x", &from, Some("00"));
        assert!(matches!(wrong, Err(Error::Changed { .. })));
    }
}
