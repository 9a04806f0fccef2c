//! Folders and files as named by the user → the list of inputs, in a fixed order.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::capture::visible_names;
use crate::case::Skipped;

use super::Error;

/// A file that may hold thermal frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// As the user named it, with `/` between folders.
    pub name: String,
    /// Length in bytes.
    pub bytes: u64,
    /// When it was last changed, in nanoseconds since 1970; tells whether a shard is still true.
    pub modified_ns: u128,
    /// The visible picture of the same instant.
    pub twin: Option<PathBuf>,
    /// Length of the twin in bytes and when it was last changed, in nanoseconds since 1970.
    pub twin_bytes_and_modified_ns: Option<(u64, u128)>,
}

impl Input {
    /// The folder that it lies in, as the user named it.
    pub(super) fn folder(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) inputs: Vec<Input>,
    pub(super) skipped: Vec<Skipped>,
}

/// The same words for every twin, so that they can be told as one.
const TWIN: &str =
    "visible twin of the thermal picture of the same name with _T; only its pose is used";

/// Deepest folder below an input that is looked into.
const DEEPEST: usize = 16;

/// All files below `roots`, sorted by name; case folders are left out, everything else that cannot
/// be an input is listed with its reason. A file that is reached in two ways counts once.
pub(super) fn find(roots: &[PathBuf]) -> Result<Found, Error> {
    let mut search = Search::default();
    for root in roots {
        let about = std::fs::metadata(root)
            .map_err(|source| Error::Input { path: root.clone(), source })?;
        if about.is_dir() {
            search.walk(root, 0);
        } else {
            let folder = root.parent().filter(|folder| !folder.as_os_str().is_empty());
            let place = place_of(folder.unwrap_or(Path::new(".")));
            search.file(&place, root);
        }
    }
    search.follow_links();
    let mut files: Vec<_> = search.files.into_values().collect();
    files.sort();
    let twins = Twins::among(&files);
    let mut found = Found { inputs: Vec::new(), skipped: search.skipped };
    for path in &files {
        match described(path, &twins) {
            Ok(input) => found.inputs.push(input),
            Err(skipped) => found.skipped.push(skipped),
        }
    }
    found.skipped.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(found)
}

/// What was seen so far. A place is a path without links in its folders.
#[derive(Default)]
struct Search {
    /// Place → as it is named.
    files: BTreeMap<PathBuf, PathBuf>,
    folders: BTreeSet<PathBuf>,
    /// Links to folders and how deep they lie, followed last so that real folders name their files.
    links: Vec<(PathBuf, usize)>,
    skipped: Vec<Skipped>,
}

impl Search {
    fn file(&mut self, place: &Path, path: &Path) {
        let place = place.join(path.file_name().unwrap_or_default());
        self.files.entry(place).or_insert_with(|| path.to_owned());
    }

    fn walk(&mut self, folder: &Path, depth: usize) {
        let place = place_of(folder);
        if !self.folders.insert(place.clone()) {
            return;
        }
        let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.skipped.push(skip(folder, error.to_string())),
        };
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            match std::fs::metadata(&path) {
                Ok(about) if !about.is_dir() => self.file(&place, &path),
                Ok(_) if is_case(&path) => {}
                Ok(_) if depth == DEEPEST => {
                    self.skipped.push(skip(&path, "folders nest too deeply; name it as an input"));
                }
                Ok(_) if path.is_symlink() => self.links.push((path, depth + 1)),
                Ok(_) => self.walk(&path, depth + 1),
                Err(error) => self.skipped.push(skip(&path, error.to_string())),
            }
        }
    }

    fn follow_links(&mut self) {
        while !self.links.is_empty() {
            let mut links = std::mem::take(&mut self.links);
            links.sort();
            for (link, depth) in links {
                if self.folders.contains(&place_of(&link)) {
                    self.skipped.push(skip(&link, "leads to a folder that is read already"));
                } else {
                    self.walk(&link, depth);
                }
            }
        }
    }
}

/// A folder without links on the way to it; as named if the system does not tell.
fn place_of(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

fn is_case(folder: &Path) -> bool {
    folder.join("case.gpkg").is_file()
}

fn described(path: &Path, twins: &Twins) -> Result<Input, Skipped> {
    let about = std::fs::metadata(path).map_err(|error| skip(path, error.to_string()))?;
    if !about.is_file() {
        return Err(skip(path, "neither a file nor a folder"));
    }
    if twins.is_visible(path) {
        return Err(skip(path, TWIN));
    }
    let twin = twins.visible_of(path);
    let twin_changed = twin.as_deref().and_then(|twin| std::fs::metadata(twin).ok());
    Ok(Input {
        path: path.to_owned(),
        name: name_of(path),
        bytes: about.len(),
        modified_ns: modified_ns(&about),
        twin_bytes_and_modified_ns: twin_changed.map(|twin| (twin.len(), modified_ns(&twin))),
        twin,
    })
}

fn modified_ns(about: &std::fs::Metadata) -> u128 {
    about
        .modified()
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .map_or(0, |age| age.as_nanos())
}

/// A path as text with `/` between folders; a byte that is no text is written like `\xFF`, so that
/// two names that differ stay two.
pub(super) fn name_of(path: &Path) -> String {
    let mut name = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        name.push_str(chunk.valid());
        for byte in chunk.invalid() {
            name.push_str(&format!("\\x{byte:02X}"));
        }
    }
    if cfg!(windows) { name.replace('\\', "/") } else { name }
}

fn skip(path: &Path, reason: impl Into<String>) -> Skipped {
    Skipped { file: name_of(path), reason: reason.into() }
}

/// Pairs of pictures of one instant: `X_T.JPG` and `X_W.JPG`, `X_V.JPG` or `X_Z.JPG`.
struct Twins {
    /// Thermal → visible.
    pairs: BTreeMap<PathBuf, PathBuf>,
    visible: BTreeSet<PathBuf>,
}

impl Twins {
    /// `files` are sorted.
    fn among(files: &[PathBuf]) -> Self {
        let mut twins = Self { pairs: BTreeMap::new(), visible: BTreeSet::new() };
        for file in files {
            let beside = visible_names(file).into_iter().flatten();
            for visible in beside.filter(|visible| files.binary_search(visible).is_ok()) {
                twins.pairs.entry(file.clone()).or_insert_with(|| visible.clone());
                twins.visible.insert(visible);
            }
        }
        twins
    }

    fn visible_of(&self, thermal: &Path) -> Option<PathBuf> {
        self.pairs.get(thermal).cloned()
    }

    fn is_visible(&self, path: &Path) -> bool {
        self.visible.contains(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visible_twins_are_paired_and_listed_and_cases_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let touch = |name: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, b"x").unwrap();
        };
        for name in ["b/X_T.JPG", "b/X_W.JPG", "b/X_Z.JPG", "a.tif", "old.case/case.gpkg"] {
            touch(name);
        }
        let found = find(&[folder.path().to_owned()]).unwrap();
        let names: Vec<_> =
            found.inputs.iter().map(|input| input.path.file_name().unwrap()).collect();
        assert_eq!(names, ["a.tif", "X_T.JPG"]);
        assert!(found.inputs[1].twin.as_ref().unwrap().ends_with("b/X_W.JPG"));
        assert_eq!(found.skipped.len(), 2);
        assert!(found.skipped.iter().all(|skipped| skipped.reason.contains("visible twin")));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_reached_in_many_ways_counts_once() {
        use std::os::unix::fs::symlink;
        let scratch = tempfile::tempdir().unwrap();
        let card = scratch.path().join("card");
        std::fs::create_dir_all(card.join("z_real")).unwrap();
        std::fs::write(card.join("z_real/a.tif"), b"x").unwrap();
        std::fs::write(card.join("b.tif"), b"x").unwrap();
        symlink(".", card.join("loop")).unwrap();
        symlink("z_real", card.join("latest")).unwrap();
        symlink("nowhere", card.join("broken.tif")).unwrap();
        let roots = [
            card.clone(),
            card.join("b.tif"),
            card.join("z_real/../b.tif"),
            card.join("z_real"),
            scratch.path().join("./card/loop/loop"),
        ];
        let found = find(&roots).unwrap();
        let paths: Vec<_> = found.inputs.iter().map(|input| input.path.clone()).collect();
        assert_eq!(paths, [card.join("b.tif"), card.join("z_real/a.tif")]);
        let skipped: Vec<_> = found.skipped.iter().map(|skipped| &skipped.file).collect();
        let named = ["broken.tif", "latest", "loop"].map(|name| name_of(&card.join(name)));
        assert_eq!(skipped, named.iter().collect::<Vec<_>>());
    }

    #[test]
    fn a_folder_is_a_case_by_what_it_holds_not_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("pelican.case")).unwrap();
        std::fs::write(folder.path().join("pelican.case/a.tif"), b"x").unwrap();
        assert_eq!(find(&[folder.path().to_owned()]).unwrap().inputs.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_no_text_stay_apart() {
        use std::os::unix::ffi::OsStrExt;
        let name = |bytes: &[u8]| name_of(Path::new(std::ffi::OsStr::from_bytes(bytes)));
        assert_eq!(name(b"a/\xFF.jpg"), "a/\\xFF.jpg");
        assert_ne!(name(b"\xFF"), name(b"\xFE"));
        assert_eq!(name(b"back\\slash"), "back\\slash");
    }

    #[test]
    fn an_input_that_is_not_there_is_an_error() {
        let error = find(&[PathBuf::from("/nowhere/at/all")]).unwrap_err();
        assert!(error.to_string().contains("/nowhere/at/all"));
    }
}
