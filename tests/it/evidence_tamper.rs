//! Every file of a package changed, removed, renamed, swapped and added to: verification sees all.

use std::fs;
use std::path::{Path, PathBuf};

use torenvalk::evidence::{Expected, verify};

use super::evidence;

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copied(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), place).unwrap();
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all.sort();
    all
}

fn is_whole(package: &Path) -> bool {
    verify(package, &Expected::default()).is_ok_and(|verdict| verdict.is_valid() && verdict.signed)
}

/// A small package to be changed, and a place for it.
fn small() -> (tempfile::TempDir, PathBuf) {
    let scratch = tempfile::tempdir().unwrap();
    let package = scratch.path().join("P");
    copied(evidence::concept(), &package);
    assert!(is_whole(&package));
    (scratch, package)
}

#[test]
fn a_changed_byte_in_any_file_is_seen() {
    let (_scratch, package) = small();
    for file in files(&package) {
        let good = fs::read(&file).unwrap();
        let last = good.len().saturating_sub(1);
        for at in [0, good.len() / 3, good.len() / 2, last] {
            let Some(&byte) = good.get(at) else { continue };
            for other in [byte ^ 1, byte ^ 0x20, byte.wrapping_add(7)] {
                let mut bad = good.clone();
                bad[at] = other;
                fs::write(&file, &bad).unwrap();
                assert!(!is_whole(&package), "{} byte {at} to {other}", file.display());
            }
        }
        fs::write(&file, [good.as_slice(), b"\n"].concat()).unwrap();
        assert!(!is_whole(&package), "{} longer", file.display());
        fs::write(&file, &good[..last]).unwrap();
        assert!(good.is_empty() || !is_whole(&package), "{} shorter", file.display());
        fs::write(&file, &good).unwrap();
    }
    assert!(is_whole(&package));
}

#[test]
fn a_removed_renamed_swapped_or_added_file_is_seen() {
    let (scratch, package) = small();
    let all = files(&package);
    for (number, file) in all.iter().enumerate() {
        let aside = scratch.path().join("aside");
        fs::rename(file, &aside).unwrap();
        assert!(!is_whole(&package), "{} removed", file.display());
        let renamed = file.with_extension("renamed");
        fs::rename(&aside, &renamed).unwrap();
        assert!(!is_whole(&package), "{} renamed", file.display());
        fs::rename(&renamed, file).unwrap();
        let added = file.with_file_name("added.txt");
        fs::write(&added, b"x").unwrap();
        assert!(!is_whole(&package), "added beside {}", file.display());
        fs::remove_file(&added).unwrap();
        let other = &all[(number + 1) % all.len()];
        let (one, two) = (fs::read(file).unwrap(), fs::read(other).unwrap());
        if one != two {
            fs::write(file, &two).unwrap();
            fs::write(other, &one).unwrap();
            assert!(!is_whole(&package), "{} and {}", file.display(), other.display());
            fs::write(file, &one).unwrap();
            fs::write(other, &two).unwrap();
        }
    }
    assert!(is_whole(&package));
}

#[cfg(unix)]
#[test]
fn an_added_link_is_seen() {
    let (_scratch, package) = small();
    let link = package.join("data/link");
    std::os::unix::fs::symlink("/etc/hostname", &link).unwrap();
    assert!(!is_whole(&package));
}

#[test]
fn a_custody_line_dropped_or_moved_is_seen_even_where_the_lists_are_made_anew() {
    let (_scratch, package) = small();
    let path = package.join("data/custody/custody.jsonl");
    let log = fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = log.split_inclusive('\n').collect();
    assert!(lines.len() > 2);
    let refused = |changed: &str| {
        fs::write(&path, changed).unwrap();
        let verdict = verify(&package, &Expected::default()).unwrap();
        let seen = verdict
            .checks
            .iter()
            .any(|check| check.name == "custody" && check.passed == Some(false));
        assert!(seen, "{changed}");
    };
    for at in 0..lines.len() {
        let mut less = lines.clone();
        less.remove(at);
        refused(&less.concat());
        if at > 0 {
            let mut moved = lines.clone();
            moved.swap(at - 1, at);
            refused(&moved.concat());
        }
    }
}

#[test]
fn a_signature_of_another_key_or_package_is_seen() {
    let (_scratch, package) = small();
    let signature = package.join("tagmanifest-sha256.txt.sig");
    let other = evidence::full().join("tagmanifest-sha256.txt.sig");
    fs::copy(other, &signature).unwrap();
    assert!(!is_whole(&package), "of another package");
    fs::remove_file(&signature).unwrap();
    assert!(!is_whole(&package), "removed");
}
