//! Every file of a package changed, removed, renamed, swapped and added to: verification sees all.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use torenvalk::evidence::{Check, Expected, hex_sha256, verify};

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
        for at in [0, good.len() / 2, last] {
            let Some(&byte) = good.get(at) else { continue };
            let mut bad = good.clone();
            bad[at] = byte ^ 1;
            fs::write(&file, &bad).unwrap();
            assert!(!is_whole(&package), "{} byte {at}", file.display());
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

/// Changes a file and makes all lists anew, as whoever forges a whole package would.
pub(crate) fn forged(package: &Path, path: &str, bytes: &[u8]) {
    let listed = |list: &str, path: &str, bytes: &[u8]| {
        let text = fs::read_to_string(package.join(list)).unwrap();
        let line = |line: &str| match line.split_once("  ") {
            Some((_, name)) if name == path => format!("{}  {name}\n", hex_sha256(bytes)),
            _ => format!("{line}\n"),
        };
        let text: String = text.lines().map(line).collect();
        fs::write(package.join(list), &text).unwrap();
        text
    };
    let length = |path: &str| fs::metadata(package.join(path)).unwrap().len();
    let before = length(path);
    fs::write(package.join(path), bytes).unwrap();
    let manifest = listed("manifest-sha256.txt", path, bytes);
    listed("tagmanifest-sha256.txt", "manifest-sha256.txt", manifest.as_bytes());
    let info = fs::read_to_string(package.join("bag-info.txt")).unwrap();
    let oxum = |line: &str| match line.strip_prefix("Payload-Oxum: ") {
        Some(told) => {
            let (total, files) = told.split_once('.').unwrap();
            let total = total.parse::<u64>().unwrap() + bytes.len() as u64 - before;
            format!("Payload-Oxum: {total}.{files}\n")
        }
        None => format!("{line}\n"),
    };
    let info: String = info.lines().map(oxum).collect();
    fs::write(package.join("bag-info.txt"), &info).unwrap();
    listed("tagmanifest-sha256.txt", "bag-info.txt", info.as_bytes());
}

/// Names of the checks that failed.
pub(crate) fn failed(package: &Path) -> Vec<&'static str> {
    let verdict = verify(package, &Expected::default()).unwrap();
    let failed = |check: &Check| (check.passed == Some(false)).then_some(check.name);
    verdict.checks.iter().filter_map(failed).collect()
}

#[test]
fn a_changed_figure_in_every_list_is_found_in_the_originals() {
    const GEOJSON: &str = "data/findings/findings.geojson";
    const COCO: &str = "data/findings/coco.json";
    let scratch = tempfile::tempdir().unwrap();
    let package = scratch.path().join("P");
    copied(evidence::full(), &package);
    let verdict = verify(&package, &Expected::default()).unwrap();
    for name in ["temperatures", "positions"] {
        let check = verdict.checks.iter().find(|check| check.name == name).unwrap();
        assert_eq!(check.passed, Some(true), "{check:?}");
    }
    let json = |path: &str| -> Value {
        serde_json::from_slice(&fs::read(package.join(path)).unwrap()).unwrap()
    };
    let (geojson, coco) = (json(GEOJSON), json(COCO));
    let at = |features: &[Value]| {
        features.iter().position(|one| one["properties"]["peak_c"].is_number()).unwrap()
    };
    let at = at(geojson["features"].as_array().unwrap());
    let id = geojson["features"][at]["properties"]["id"].clone();
    for (name, factor_or_metres, expected) in [
        ("peak_c", 1.0, "temperatures"),
        ("background_c", 1.0, "temperatures"),
        ("delta_k", 1.0, "temperatures"),
        ("lat", 1e-4, "positions"),
        ("height_ellipsoidal_m", 300.0, "positions"),
    ] {
        let (mut findings, mut sightings) = (geojson.clone(), coco.clone());
        let finding = &mut findings["features"][at]["properties"];
        let stated = finding[name].as_f64().unwrap();
        finding[name] = (stated + factor_or_metres).into();
        // A careful forger changes what frames say too, where they say it.
        let careful = name == "peak_c" || name == "background_c";
        for one in sightings["annotations"].as_array_mut().unwrap() {
            if careful && one["finding"] == id && one[name] == stated {
                one[name] = (stated + factor_or_metres).into();
            }
        }
        forged(&package, GEOJSON, findings.to_string().as_bytes());
        forged(&package, COCO, sightings.to_string().as_bytes());
        let failed = failed(&package);
        assert!(failed.contains(&expected), "{name}: {failed:?}");
        assert!(!failed.contains(&"manifest") && !failed.contains(&"information"), "{failed:?}");
    }
    forged(&package, GEOJSON, geojson.to_string().as_bytes());
    forged(&package, COCO, coco.to_string().as_bytes());
    // Nothing but the seal itself is left that sees it.
    assert_eq!(failed(&package), ["signature", "time_stamp_request"]);
}
