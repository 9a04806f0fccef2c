//! Builds the page for inspectors into the output folder, so that it can be put into the program.
//!
//! `TORENVALK_PAGE` chooses: `build` (unless told otherwise) builds it with Node, `skip` leaves it
//! out on purpose, `prebuilt:FOLDER` takes one that is finished. Without Node or without packages
//! the program is built all the same, with a page that says what is missing: the command line does
//! not need it. Nothing is ever written into the source tree.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = "src/review/page";
const CHOICE: &str = "TORENVALK_PAGE";

type Done<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Done {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={CHOICE}");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let choice = env::var(CHOICE).unwrap_or_else(|_| "build".to_owned());
    let (state, page) = match choice.as_str() {
        "skip" => ("skipped", stub(&out, "The page was left out of this program on purpose.")?),
        "build" => match built(&out) {
            Ok(page) => ("built", page),
            Err(error) => {
                println!("cargo::warning=the page for inspectors is missing: {error}");
                ("missing", stub(&out, &format!("The page could not be built: {error}."))?)
            }
        },
        other => match other.strip_prefix("prebuilt:") {
            Some(folder) => {
                println!("cargo::rerun-if-changed={folder}");
                ("built", checked(Path::new(folder))?)
            }
            None => return Err(format!("{CHOICE}={other}: build, skip or prebuilt:FOLDER").into()),
        },
    };
    fs::write(out.join("page.rs"), table(state, &page)?)?;
    Ok(())
}

/// Builds the page from a copy of its source.
fn built(out: &Path) -> Done<PathBuf> {
    let work = out.join("page-work");
    let page = out.join("page");
    fs::create_dir_all(&work)?;
    let mut sources = Vec::new();
    list(Path::new(SOURCE), &mut sources)?;
    // Files and not their folders: cargo would look through all of `node_modules` each time. A new
    // file only counts once an old one names it.
    for file in &sources {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    if !sources.iter().any(|file| file.ends_with("package.json")) {
        return Err("its source is not there".into());
    }
    copy(&sources, &work)?;
    let lock = fs::read(work.join("package-lock.json"))?;
    let stamp = work.join("node_modules/.torenvalk-lock");
    if fs::read(&stamp).ok().as_deref() != Some(&lock) {
        npm(&work, &["ci", "--no-audit", "--no-fund", "--prefer-offline"], &page)?;
        fs::write(&stamp, &lock)?;
    }
    npm(&work, &["run", "build"], &page)?;
    checked(&page)
}

/// Files of the page's source, without what others made there.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Done {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        if path.ends_with("node_modules") || path.ends_with("dist") {
            continue;
        }
        if path.is_dir() { list(&path, files)? } else { files.push(path) }
    }
    files.sort();
    Ok(())
}

/// Brings a copy up to date; what is no longer in the source leaves the copy too.
fn copy(sources: &[PathBuf], work: &Path) -> Done {
    let mut wanted = Vec::new();
    for file in sources {
        let to = work.join(file.strip_prefix(SOURCE)?);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(file, &to)?;
        wanted.push(to);
    }
    let mut there = Vec::new();
    list_copy(work, &mut there)?;
    for old in there.iter().filter(|old| !wanted.contains(old)) {
        fs::remove_file(old)?;
    }
    Ok(())
}

fn list_copy(folder: &Path, files: &mut Vec<PathBuf>) -> Done {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.ends_with("node_modules") {
            continue;
        }
        if path.is_dir() { list_copy(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

fn npm(work: &Path, arguments: &[&str], page: &Path) -> Done {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let ran = Command::new(program)
        .args(arguments)
        .current_dir(work)
        .env("TORENVALK_PAGE_OUT", page)
        .output()
        .map_err(|error| format!("npm (Node 20 or newer) cannot be run: {error}"))?;
    if ran.status.success() {
        return Ok(());
    }
    let said =
        format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    let said: Vec<_> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    let told = said.iter().rev().take(3).rev().copied().collect::<Vec<_>>().join(" | ");
    Err(format!("npm {} failed: {told}", arguments.join(" ")).into())
}

/// A page that can be served: there is one, and it has its files.
fn checked(page: &Path) -> Done<PathBuf> {
    if !page.join("index.html").is_file() || !page.join("assets").is_dir() {
        return Err(format!("{}: no index.html with assets", page.display()).into());
    }
    Ok(page.canonicalize()?)
}

/// A page that says why there is none, and what works without it.
fn stub(out: &Path, why: &str) -> Done<PathBuf> {
    let folder = out.join("stub");
    fs::create_dir_all(folder.join("assets"))?;
    let why = why.replace('&', "&amp;").replace('<', "&lt;");
    fs::write(
        folder.join("index.html"),
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <title>Torenvalk: no page</title>\n<h1>This program has no page for inspectors</h1>\n\
             <p>{why}</p>\n<p>Install Node 20 or newer and build again with the environment \
             variable {CHOICE} unset, or start with <code>--page-dir FOLDER</code>. The command \
             line works as ever, and so does <a href=\"/api\">the interface for programs</a>.</p>\n"
        ),
    )?;
    Ok(folder)
}

/// Rust text that names each file and takes its bytes in.
fn table(state: &str, page: &Path) -> Done<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(page.join("assets"))? {
        files.push(format!("assets/{}", entry?.file_name().to_string_lossy()));
    }
    files.push("index.html".to_owned());
    files.sort();
    let mut text = format!(
        "/// How the page came into this program: `built`, `missing` or `skipped`.\n\
         pub(super) const STATE: &str = {state:?};\n\
         /// Files of the page: name and bytes.\n\
         const FILES: &[(&str, &[u8])] = &[\n"
    );
    for name in &files {
        let path = page.join(name);
        writeln!(text, "    ({name:?}, include_bytes!({path:?})),")?;
    }
    text.push_str("];\n");
    Ok(text)
}
