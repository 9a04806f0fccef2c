//! Folders and files as named by the user → the list of inputs, in a fixed order.

use std::path::{Path, PathBuf};

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
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) inputs: Vec<Input>,
    pub(super) skipped: Vec<Skipped>,
}

/// Suffix of a thermal picture's name, and those of its visible twins (DJI).
const THERMAL_SUFFIX: &str = "_T";
const VISIBLE_SUFFIXES: [&str; 3] = ["_W", "_V", "_Z"];

/// Deepest folder below an input that is looked into.
const DEEPEST: usize = 16;

/// All files below `roots`, sorted by name; case folders are left out, everything else that cannot
/// be an input is listed with its reason.
pub(super) fn find(roots: &[PathBuf]) -> Result<Found, Error> {
    let mut files = Vec::new();
    let mut found = Found::default();
    for root in roots {
        let about = std::fs::metadata(root)
            .map_err(|source| Error::Input { path: root.clone(), source })?;
        if about.is_dir() {
            walk(root, 0, &mut files, &mut found.skipped);
        } else {
            files.push(root.clone());
        }
    }
    files.sort();
    files.dedup();
    let twins = Twins::among(&files);
    for path in &files {
        match described(path, &twins) {
            Ok(input) => found.inputs.push(input),
            Err(skipped) => found.skipped.push(skipped),
        }
    }
    Ok(found)
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>, skipped: &mut Vec<Skipped>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return skipped.push(skip(folder, error.to_string())),
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                skipped.push(skip(folder, error.to_string()));
                continue;
            }
        };
        let path = entry.path();
        match std::fs::metadata(&path) {
            Ok(about) if about.is_dir() => {
                if depth == DEEPEST {
                    skipped.push(skip(&path, "folders nest too deeply; name it as an input"));
                } else if !is_case(&path) {
                    walk(&path, depth + 1, files, skipped);
                }
            }
            Ok(_) => files.push(path),
            Err(error) => skipped.push(skip(&path, error.to_string())),
        }
    }
}

fn is_case(folder: &Path) -> bool {
    folder.extension().is_some_and(|extension| extension == "case")
        || folder.join("case.gpkg").is_file()
}

fn described(path: &Path, twins: &Twins) -> Result<Input, Skipped> {
    let about = std::fs::metadata(path).map_err(|error| skip(path, error.to_string()))?;
    if !about.is_file() {
        return Err(skip(path, "neither a file nor a folder"));
    }
    if let Some(thermal) = twins.thermal_of(path) {
        let thermal = thermal.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Err(skip(path, format!("visible picture of {thermal}; only its pose is used")));
    }
    let modified_ns = about
        .modified()
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .map_or(0, |age| age.as_nanos());
    Ok(Input {
        path: path.to_owned(),
        name: name_of(path),
        bytes: about.len(),
        modified_ns,
        twin: twins.visible_of(path),
    })
}

/// A path as text with `/` between folders; bytes that are no text become U+FFFD.
pub(super) fn name_of(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

fn skip(path: &Path, reason: impl Into<String>) -> Skipped {
    Skipped { file: name_of(path), reason: reason.into() }
}

/// Pairs of pictures of one instant: `X_T.JPG` and `X_W.JPG`, `X_V.JPG` or `X_Z.JPG`.
struct Twins {
    pairs: std::collections::BTreeMap<PathBuf, PathBuf>,
    thermal: std::collections::BTreeMap<PathBuf, PathBuf>,
}

impl Twins {
    fn among(files: &[PathBuf]) -> Self {
        let mut pairs = std::collections::BTreeMap::new();
        let mut thermal = std::collections::BTreeMap::new();
        for file in files {
            let Some(stem) = stem_without(file, THERMAL_SUFFIX) else { continue };
            let beside = VISIBLE_SUFFIXES.iter().map(|suffix| {
                let mut name = format!("{stem}{suffix}");
                if let Some(extension) = file.extension() {
                    name.push('.');
                    name.push_str(&extension.to_string_lossy());
                }
                file.with_file_name(name)
            });
            for visible in beside.filter(|visible| files.binary_search(visible).is_ok()) {
                pairs.entry(file.clone()).or_insert_with(|| visible.clone());
                thermal.insert(visible, file.clone());
            }
        }
        Self { pairs, thermal }
    }

    fn visible_of(&self, thermal: &Path) -> Option<PathBuf> {
        self.pairs.get(thermal).cloned()
    }

    fn thermal_of(&self, visible: &Path) -> Option<&PathBuf> {
        self.thermal.get(visible)
    }
}

fn stem_without(file: &Path, suffix: &str) -> Option<String> {
    Some(file.file_stem()?.to_str()?.strip_suffix(suffix)?.to_owned())
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
        assert!(found.skipped.iter().all(|skipped| skipped.reason.contains("X_T.JPG")));
    }

    #[test]
    fn an_input_that_is_not_there_is_an_error() {
        let error = find(&[PathBuf::from("/nowhere/at/all")]).unwrap_err();
        assert!(error.to_string().contains("/nowhere/at/all"));
    }
}
