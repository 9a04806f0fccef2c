//! Is the package whole, and is nothing else in it?

use std::collections::{BTreeMap, BTreeSet};

use super::bag::{BAGIT, TAG_MANIFEST};
use super::names;
use super::source::Kind;
use super::tags::LAYOUT;
use super::verify::{Opened, none_of};

/// Largest manifest that is read: a million files of 200 bytes a line fit.
const LARGEST_MANIFEST: u64 = 256 << 20;
/// Largest tag file that is read.
const LARGEST_TAG: u64 = 4 << 20;
/// Tag files that must be there.
const REQUIRED: [&str; 6] = [
    "bag-info.txt",
    "bagit.txt",
    "manifest-sha256.txt",
    "VERIFY.txt",
    "VERIFIEREN.txt",
    "verify/check-custody.sh",
];
/// What lies beside the tag manifest and is in no list: signatures and time stamps.
pub(super) const BESIDE: [&str; 4] = [".sig", ".minisig", ".tsq", ".tsr"];

pub(super) fn check(opened: &mut Opened) {
    names(opened);
    layout(opened);
    let tags = tag_manifest(opened);
    manifest(opened);
    nothing_added(opened, &tags);
    information(opened);
}

fn names(opened: &mut Opened) {
    let mut wrong = Vec::new();
    let mut lower = BTreeSet::new();
    for (path, kind) in opened.source.entries() {
        if let Some(objection) = names::objection(path) {
            wrong.push(format!("{path}: {objection}"));
        }
        if *kind == Kind::Other {
            wrong.push(format!("{path}: a link or no plain file"));
        }
        if !lower.insert(path.to_ascii_lowercase()) {
            wrong.push(format!("{path}: twice but for upper and lower case"));
        }
    }
    if opened.source.hidden > 0 {
        wrong.push(format!("{} files of the zip are hidden by others", opened.source.hidden));
    }
    let seen = none_of(&wrong, format!("{} files", opened.source.entries().len()));
    opened.add("names", "every system shows the same files under the same names", seen);
}

fn layout(opened: &mut Opened) {
    let mut wrong: Vec<_> = REQUIRED
        .iter()
        .filter(|path| !opened.source.has(path))
        .map(|path| format!("{path} is missing"))
        .collect();
    if opened.source.has("bagit.txt")
        && opened.source.read("bagit.txt", LARGEST_TAG).ok().as_deref() != Some(BAGIT)
    {
        wrong.push("bagit.txt does not say BagIt 1.0".to_owned());
    }
    let seen = none_of(&wrong, "BagIt 1.0 (RFC 8493)".to_owned());
    opened.add("layout", "it is a package of this kind", seen);
}

/// Digest by path; every line as `sha256sum` and RFC 8493 both want it, sorted, none twice.
fn listed(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut all = BTreeMap::new();
    let mut last = "";
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let wrong = |what: &str| format!("line {}: {what}", number + 1);
        let line = line.strip_suffix('\n').ok_or_else(|| wrong("it has no end"))?;
        let (sha256, path) = line.split_once("  ").ok_or_else(|| wrong("no digest and path"))?;
        let hexadecimal = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
        if sha256.len() != 64 || !sha256.bytes().all(hexadecimal) {
            return Err(wrong("no SHA-256"));
        }
        if path <= last {
            return Err(wrong("not sorted"));
        }
        last = path;
        all.insert(path.to_owned(), sha256.to_owned());
    }
    Ok(all)
}

/// Reads a list and holds it against what is there; gives the list.
fn held(opened: &mut Opened, list: &str) -> (BTreeMap<String, String>, Result<String, String>) {
    let text = opened.source.text(list, LARGEST_MANIFEST);
    let all = match text.and_then(|text| listed(&text)) {
        Ok(all) => all,
        Err(reason) => return (BTreeMap::new(), Err(format!("{list}: {reason}"))),
    };
    let mut wrong = Vec::new();
    let mut bytes = 0;
    for (path, expected) in &all {
        match opened.source.hash(path) {
            Ok((sha256, length)) => {
                if sha256 != *expected {
                    wrong.push(format!("{path} was changed"));
                }
                bytes += length;
                opened.files.insert(path.clone(), (sha256, length));
            }
            Err(_) => wrong.push(format!("{path} is missing")),
        }
    }
    let seen = none_of(&wrong, format!("{} files, {bytes} bytes", all.len()));
    (all, seen)
}

fn tag_manifest(opened: &mut Opened) -> BTreeMap<String, String> {
    let (all, mut seen) = held(opened, TAG_MANIFEST);
    let unlisted: Vec<_> = REQUIRED
        .iter()
        .filter(|path| !all.contains_key(**path))
        .map(|path| format!("{path} is not listed"))
        .collect();
    if seen.is_ok() && !unlisted.is_empty() {
        seen = none_of(&unlisted, String::new());
    }
    opened.add("tag_manifest", "the lists and explanations are those that were signed", seen);
    all
}

fn manifest(opened: &mut Opened) {
    let (all, mut seen) = held(opened, "manifest-sha256.txt");
    if let Some(path) = all.keys().find(|path| !path.starts_with("data/")) {
        seen = Err(format!("{path} is not under data/"));
    }
    opened.manifest = all;
    opened.add("manifest", "no file was changed or removed since the export", seen);
}

fn nothing_added(opened: &mut Opened, tags: &BTreeMap<String, String>) {
    let beside = |path: &str| {
        path == TAG_MANIFEST
            || path.strip_prefix(TAG_MANIFEST).is_some_and(|end| BESIDE.contains(&end))
    };
    let added: Vec<_> = opened
        .source
        .entries()
        .keys()
        .filter(|path| {
            !opened.manifest.contains_key(*path) && !tags.contains_key(*path) && !beside(path)
        })
        .map(|path| format!("{path} is in no list"))
        .collect();
    let seen = none_of(&added, "every file is in a list".to_owned());
    opened.add("nothing_added", "no file was added since the export", seen);
}

fn information(opened: &mut Opened) {
    let text = opened.source.text("bag-info.txt", LARGEST_TAG);
    let seen = text.and_then(|text| {
        for line in text.lines() {
            let (name, value) = line.split_once(": ").ok_or(format!("`{line}` is no field"))?;
            opened.info.insert(name.to_owned(), value.to_owned());
        }
        let said = |name: &str| opened.info.get(name).cloned().unwrap_or_default();
        if said("BagIt-Profile-Identifier") != LAYOUT {
            return Err(format!("its layout is not {LAYOUT}"));
        }
        let bytes: u64 = opened
            .manifest
            .keys()
            .filter_map(|path| opened.files.get(path))
            .map(|(_, length)| length)
            .sum();
        let counted = format!("{bytes}.{}", opened.manifest.len());
        if said("Payload-Oxum") != counted {
            return Err(format!("Payload-Oxum is {}, counted {counted}", said("Payload-Oxum")));
        }
        // The folder's own name is not compared: who receives a package may call it as they like.
        Ok(format!("{}, profile {}", said("External-Identifier"), said("Package-Profile")))
    });
    opened.add("information", "it is the package that it says it is, and complete", seen);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_form_only() {
        let a = "a".repeat(64);
        assert_eq!(listed(&format!("{a}  x\n{a}  y\n")).unwrap().len(), 2);
        for bad in [
            format!("{a}  x"),
            format!("{a} x\n"),
            format!("{a}  y\n{a}  x\n"),
            format!("{a}  x\n{a}  x\n"),
            format!("{}  x\n", "A".repeat(64)),
            "abc  x\n".to_owned(),
        ] {
            assert!(listed(&bad).is_err(), "{bad}");
        }
    }
}
