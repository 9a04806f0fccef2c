//! A package to be verified: a folder, or a zip of one.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use super::{Error, digest};

/// What lies under a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    /// A link, a pipe, or whatever else is no file.
    Other,
}

/// A package, read only. Nothing is unpacked.
pub(super) struct Source {
    place: Place,
    /// Path → what it is.
    entries: BTreeMap<String, Kind>,
    /// Entries of a zip that another entry of the same name hides.
    pub(super) hidden: u64,
    /// The name of the package's folder.
    pub(super) name: String,
}

enum Place {
    Folder(PathBuf),
    /// The archive and the folder in it.
    Zip(Box<ZipArchive<BufReader<File>>>, String),
}

/// More entries than that are no package: 100,000 frames with five files each fit.
const MOST_ENTRIES: usize = 1_000_000;
/// Deepest folder that is looked into.
const DEEPEST: usize = 16;

impl Source {
    /// Opens a folder or a zip.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let about = fs::metadata(path).map_err(|source| Error::io(path, source))?;
        if about.is_dir() { Self::folder(path) } else { Self::zip(path) }
    }

    fn folder(path: &Path) -> Result<Self, Error> {
        let mut entries = BTreeMap::new();
        walk(path, "", 0, &mut entries)?;
        let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let name = whole.file_name().map_or_else(String::new, |n| n.to_string_lossy().into());
        Ok(Self { place: Place::Folder(path.to_owned()), entries, hidden: 0, name })
    }

    fn zip(path: &Path) -> Result<Self, Error> {
        let bad = |reason: String| Error::NotAPackage { path: path.to_owned(), reason };
        let file = File::open(path).map_err(|source| Error::io(path, source))?;
        let archive = ZipArchive::new(BufReader::new(file))
            .map_err(|error| bad(format!("neither a folder nor a zip ({error})")))?;
        if archive.len() > MOST_ENTRIES {
            return Err(bad(format!("{} entries are too many", archive.len())));
        }
        let names: Vec<String> = archive
            .file_names()
            .map(|name| name.map(std::borrow::Cow::into_owned))
            .collect::<Result<_, _>>()
            .map_err(|error| bad(format!("a name in it cannot be read ({error})")))?;
        let tops: std::collections::BTreeSet<_> =
            names.iter().filter_map(|name| name.split('/').next()).collect();
        let top = match tops.into_iter().collect::<Vec<_>>()[..] {
            [one] => one.to_owned(),
            _ => return Err(bad("a package's zip holds one folder".to_owned())),
        };
        let told = told_entries(path).map_err(|source| Error::io(path, source))?;
        let hidden = told.unwrap_or(0).saturating_sub(archive.len() as u64);
        let mut source = Self {
            place: Place::Zip(Box::new(archive), top.clone()),
            entries: BTreeMap::new(),
            hidden,
            name: top.clone(),
        };
        for name in names.iter().filter(|name| !name.ends_with('/')) {
            let Some(below) = name.strip_prefix(&format!("{top}/")) else { continue };
            let kind = source.kind_in_zip(name);
            source.entries.insert(below.to_owned(), kind);
        }
        Ok(source)
    }

    fn kind_in_zip(&mut self, name: &str) -> Kind {
        let Place::Zip(archive, _) = &mut self.place else { return Kind::Other };
        let link = archive.by_name(name).map(|entry| entry.is_symlink() || !entry.is_file());
        if link.unwrap_or(true) { Kind::Other } else { Kind::File }
    }

    /// All paths, sorted.
    pub(super) fn entries(&self) -> &BTreeMap<String, Kind> {
        &self.entries
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.entries.get(path) == Some(&Kind::File)
    }

    fn with<T>(
        &mut self,
        path: &str,
        read: impl FnOnce(&mut dyn Read) -> io::Result<T>,
    ) -> io::Result<T> {
        if !self.has(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        match &mut self.place {
            Place::Folder(root) => read(&mut File::open(root.join(path))?),
            Place::Zip(archive, top) => {
                let mut entry =
                    archive.by_name(&format!("{top}/{path}")).map_err(io::Error::other)?;
                read(&mut entry)
            }
        }
    }

    /// A file's bytes, if they are at most `limit`.
    pub(super) fn read(&mut self, path: &str, limit: u64) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        self.with(path, |from| from.take(limit + 1).read_to_end(&mut bytes))
            .map_err(|error| format!("{path}: {error}"))?;
        if bytes.len() as u64 > limit {
            return Err(format!("{path}: larger than {limit} bytes"));
        }
        Ok(bytes)
    }

    /// A file's text.
    pub(super) fn text(&mut self, path: &str, limit: u64) -> Result<String, String> {
        String::from_utf8(self.read(path, limit)?).map_err(|_| format!("{path}: not UTF-8"))
    }

    /// Digest and length of a file.
    pub(super) fn hash(&mut self, path: &str) -> Result<(String, u64), String> {
        self.with(path, |from| digest::pass(from, &mut io::sink()))
            .map_err(|error| format!("{path}: {error}"))
    }
}

fn walk(
    root: &Path,
    below: &str,
    depth: usize,
    entries: &mut BTreeMap<String, Kind>,
) -> Result<(), Error> {
    let folder = root.join(below);
    for entry in fs::read_dir(&folder).map_err(|source| Error::io(&folder, source))? {
        let entry = entry.map_err(|source| Error::io(&folder, source))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        // Of the entry itself: a link is told as one, whatever it leads to.
        let kind = entry.file_type().map_err(|source| Error::io(&folder, source))?;
        if kind.is_dir() && depth < DEEPEST {
            walk(root, &path, depth + 1, entries)?;
        } else {
            entries.insert(path, if kind.is_file() { Kind::File } else { Kind::Other });
        }
        if entries.len() > MOST_ENTRIES {
            let reason = "too many files".to_owned();
            return Err(Error::NotAPackage { path: root.to_owned(), reason });
        }
    }
    Ok(())
}

/// How many entries a zip's directory says it has. Of two with one name a reader shows one, and
/// which of them depends on the program.
fn told_entries(path: &Path) -> io::Result<Option<u64>> {
    /// The record at the end, and the longest comment behind it (APPNOTE 4.3.16).
    const END: u64 = 22;
    const LONGEST_COMMENT: u64 = 0xFFFF;
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let from = length.saturating_sub(END + LONGEST_COMMENT + LOCATOR as u64);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.by_ref().take(length - from).read_to_end(&mut tail)?;
    let Some(at) = tail.windows(4).rposition(|four| four == b"PK\x05\x06") else { return Ok(None) };
    let Some(count) = tail.get(at + 10..at + 12) else { return Ok(None) };
    let count = u64::from(u16::from_le_bytes([count[0], count[1]]));
    if count < 0xFFFF {
        return Ok(Some(count));
    }
    // Zip64: a locator before it has the place of a record with the count (4.3.14, 4.3.15).
    let eight = |bytes: &[u8], at: usize| {
        bytes.get(at..at + 8).and_then(|eight| eight.try_into().ok()).map(u64::from_le_bytes)
    };
    let locator = at.checked_sub(LOCATOR).and_then(|at| eight(&tail, at + 8));
    let Some(place) = locator else { return Ok(Some(count)) };
    file.seek(SeekFrom::Start(place))?;
    let mut record = [0; 56];
    file.read_exact(&mut record)?;
    Ok(eight(&record, 32))
}

/// Length of a Zip64 locator.
const LOCATOR: usize = 20;
