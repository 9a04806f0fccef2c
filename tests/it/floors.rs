//! The floors: which room may use which. See the map in `src/lib.rs`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room and what it may use, lowest floor first.
const ROOMS: &[(&str, &[&str])] = &[
    ("units", &[]),
    ("time", &[]),
    ("geo", &["units"]),
    ("mandate", &[]),
    ("site", &["units", "geo", "mandate"]),
    ("mission", &["units", "geo", "mandate"]),
    ("thermal", &["units", "time", "geo"]),
    ("wire", &["units", "time", "geo", "mission"]),
    ("flight", &["units", "time", "geo", "wire"]),
    ("plan", &["units", "geo", "mandate", "site", "mission"]),
    ("capture", &["units", "time", "geo", "thermal", "flight"]),
    ("detect", &["units", "thermal"]),
    ("locate", &["units", "geo", "site", "capture", "detect"]),
    ("evaluate", &["geo", "plan", "detect"]),
    ("fuse", &["units", "time", "geo", "site", "capture", "detect", "locate"]),
    ("case", &["units", "time", "geo", "site", "thermal", "capture", "detect", "locate", "fuse"]),
    (
        "inspect",
        &[
            "units", "time", "geo", "site", "thermal", "flight", "capture", "detect", "locate",
            "fuse", "case",
        ],
    ),
    (
        "derive",
        &["units", "time", "geo", "site", "thermal", "capture", "detect", "locate", "fuse", "case"],
    ),
    ("evidence", &["units", "time", "geo", "mandate", "site", "mission", "fuse", "case", "derive"]),
    ("link", &["units", "time", "geo", "mission", "wire", "flight"]),
    (
        "sim",
        &[
            "units", "time", "geo", "site", "mission", "thermal", "wire", "flight", "capture",
            "detect", "locate", "fuse",
        ],
    ),
    (
        "collect",
        &[
            "units", "time", "geo", "site", "mission", "wire", "thermal", "capture", "detect",
            "fuse", "case", "inspect", "link",
        ],
    ),
    (
        "review",
        &[
            "units", "time", "geo", "mandate", "site", "mission", "thermal", "wire", "flight",
            "plan", "capture", "detect", "locate", "fuse", "case", "inspect", "derive", "evidence",
        ],
    ),
    (
        "cli",
        &[
            "mandate", "units", "time", "geo", "site", "mission", "thermal", "wire", "flight",
            "capture", "plan", "detect", "locate", "fuse", "case", "inspect", "derive", "evidence",
            "link", "sim", "collect", "review", "evaluate",
        ],
    ),
];

/// Outside crates that only some rooms may name.
const GUARDED: &[(&str, &[&str])] = &[
    ("rayon", &["inspect"]),
    ("clap", &["cli"]),
    ("anyhow", &["cli"]),
    ("rusqlite", &["case", "evidence", "review"]),
    ("indicatif", &["cli"]),
    ("libloading", &["thermal"]),
    ("jpeg_encoder", &["derive", "sim"]),
    ("tokio", &["link", "sim", "cli", "review"]),
    ("axum", &["review"]),
    ("hyper", &["review"]),
    ("serial2_tokio", &["link"]),
    ("ssh_key", &["evidence"]),
    ("zip", &["evidence", "mission", "site"]),
    ("minreq", &["cli"]),
    ("rpassword", &["cli"]),
];

#[test]
fn rooms_only_use_what_they_may() {
    let allowed: BTreeMap<_, _> = ROOMS.iter().copied().collect();
    let mut wrong = Vec::new();
    for file in rust_files(Path::new("src")) {
        let room = room_of(&file);
        let Some(may_use) = allowed.get(room.as_str()) else {
            continue; // lib.rs and main.rs
        };
        let text = fs::read_to_string(&file).unwrap();
        for (number, used) in rooms_named(&text) {
            if used != room && allowed.contains_key(used) && !may_use.contains(&used) {
                wrong.push(format!("{}:{number}: `{room}` may not use `{used}`", file.display()));
            }
        }
        for (number, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for (name, rooms) in GUARDED {
                if line.contains(&format!("{name}::")) && !rooms.contains(&room.as_str()) {
                    wrong.push(format!(
                        "{}:{}: `{room}` may not name `{name}`",
                        file.display(),
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_table_has_no_loops() {
    for (index, (room, may_use)) in ROOMS.iter().enumerate() {
        for used in *may_use {
            let floor = ROOMS.iter().position(|(name, _)| name == used);
            assert!(
                floor.is_some_and(|floor| floor < index),
                "`{room}` lists `{used}`, which is not below it"
            );
        }
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn room_of(file: &Path) -> String {
    let first = file.strip_prefix("src").unwrap().components().next().unwrap();
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// What a file takes from the crate's root: line number and name, one by one also where a group in
/// braces names several.
fn rooms_named(text: &str) -> Vec<(usize, &str)> {
    let mut named = Vec::new();
    for (at, prefix) in text.match_indices("crate::") {
        let line_start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        if text[line_start..at].trim_start().starts_with("//") {
            continue;
        }
        let number = text[..at].matches('\n').count() + 1;
        let mut names = Vec::new();
        first_names(&text[at + prefix.len()..], &mut names);
        named.extend(names.into_iter().map(|name| (number, name)));
    }
    named
}

/// The names that a path begins with: one, or, where it begins with braces, those of each of its
/// branches.
fn first_names<'a>(path: &'a str, names: &mut Vec<&'a str>) {
    let path = path.trim_start();
    let Some(group) = path.strip_prefix('{') else {
        let end = path.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(path.len());
        names.extend(Some(&path[..end]).filter(|name| !name.is_empty()));
        return;
    };
    let (mut depth, mut start) = (0_usize, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                first_names(&group[start..at], names);
                start = at + 1;
                if c == '}' {
                    return;
                }
            }
            _ => {}
        }
    }
}

#[test]
fn every_room_that_an_import_names_is_seen() {
    for (text, expected) in [
        ("use crate::geo;", &[(1, "geo")][..]),
        ("use crate::geo::{self, Terrain};", &[(1, "geo")]),
        ("use crate::{geo, detect};", &[(1, "geo"), (1, "detect")]),
        ("\nuse crate::{\n    cli::{a, b::{c, d}},\n    sim,\n};\nx", &[(2, "cli"), (2, "sim")]),
        ("use crate::{ {geo, site}, time::* };", &[(1, "geo"), (1, "site"), (1, "time")]),
        ("let x = crate::fuse::run(crate::site::A);", &[(1, "fuse"), (1, "site")]),
        ("    // crate::geo\npub(crate) fn f() {}", &[]),
    ] {
        assert_eq!(rooms_named(text), expected, "{text}");
    }
}

/// Longest file of `src/` in lines, without the tests at its end.
const LONGEST_FILE: usize = 500;
const LONGEST_LINE: usize = 100;
const LONGEST_FUNCTION: usize = 70;
const DEEPEST_FOLDER: usize = 3;

#[test]
fn files_functions_lines_and_folders_stay_small() {
    let mut wrong = Vec::new();
    for file in rust_files(Path::new("src")) {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("\n#[cfg(test)]\nmod ").next().unwrap();
        let name = file.display();
        if code.lines().count() > LONGEST_FILE {
            wrong.push(format!("{name}: {} lines", code.lines().count()));
        }
        if file.components().count() > DEEPEST_FOLDER + 1 {
            wrong.push(format!("{name}: too deep"));
        }
        for (number, line) in text.lines().enumerate() {
            if line.chars().count() > LONGEST_LINE {
                wrong.push(format!("{name}:{}: line too long", number + 1));
            }
        }
        wrong.extend(
            long_functions(code)
                .map(|(line, size)| format!("{name}:{line}: function of {size} lines")),
        );
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Line and size of functions that are too long: from `fn` to the brace at the same indentation.
fn long_functions(code: &str) -> impl Iterator<Item = (usize, usize)> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let words = line.trim_start();
        let is_function = words.split('(').next().is_some_and(|head| {
            head.split(' ').any(|word| word == "fn") && !words.starts_with("//")
        });
        if !is_function {
            continue;
        }
        let close = format!("{}}}", " ".repeat(indent));
        let size = lines[start..].iter().position(|end| end.trim_end() == close);
        if let Some(size) = size.filter(|&size| size > LONGEST_FUNCTION) {
            found.push((start + 1, size));
        }
    }
    found.into_iter()
}

#[test]
fn only_the_main_function_decides_the_exit_code_and_only_the_command_line_prints() {
    let mut wrong = Vec::new();
    for file in rust_files(Path::new("src")) {
        let room = room_of(&file);
        if room == "cli" || room == "main" {
            continue;
        }
        // The one place beside the command line that reads clocks: it hands time to the engines.
        if file == Path::new("src/link/driver/clock.rs") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for word in ["process::exit", "println!", "eprintln!", "Instant::now", "SystemTime::now"] {
            if text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(word))
            {
                wrong.push(format!("{}: `{word}`", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
