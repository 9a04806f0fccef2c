//! Site files.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Site;
use super::geojson;

/// The version of `site.toml` that this program writes and the only one it reads.
const FORMAT_VERSION: u32 = 1;

/// Largest file that is read: a site of 20,000 features takes about 10 MB.
const LARGEST_FILE_BYTES: u64 = 32 << 20;

/// Ground lies between the Dead Sea's deepest shore and Everest, geoid included.
const GROUND_HEIGHT_M: std::ops::RangeInclusive<f64> = -600.0..=9_000.0;

/// Why a site file was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not readable.
    #[error("{file}: {source}", file = file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// Not a site; the reason has line and column where there are any.
    #[error("{file}: {reason}", file = file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// What is wrong and where.
        reason: String,
    },
}

/// `site.toml` as a person writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteFile {
    format_version: u32,
    name: String,
    /// GeoJSON file, relative to the TOML file.
    shapes: PathBuf,
    /// Above the WGS84 ellipsoid.
    ground_height_m: Option<f64>,
    takeoff: Option<Takeoff>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Takeoff {
    lat_deg: f64,
    lon_deg: f64,
}

/// Reads `site.toml` (with the GeoJSON it names, relative to it) or a GeoJSON file.
///
/// A file whose name ends in `.toml` is read as TOML, any other as GeoJSON. In TOML
/// `format_version = 1`, `name` and `shapes` must be there; `ground_height_m` (above the
/// ellipsoid) and `takeoff = { lat_deg, lon_deg }` may be. A GeoJSON FeatureCollection gives each
/// feature a `role`; an asset needs a `kind`, and `half_width_m` if it is a line, `radius_m` if it
/// is a point. A lone polygon without a role is the area. Other properties are passed over.
///
/// # Errors
/// [`Error`] names the file and the place.
pub fn read(path: &Path) -> Result<Site, Error> {
    from_text(path, &read_text(path)?, read_text)
}

/// As [`read`], of a site file's text; `path` is for messages, tells TOML from GeoJSON, and is what
/// the path handed to `read_shapes`, which gives the text of the GeoJSON file, is relative to.
///
/// # Errors
/// As [`read`], and those of `read_shapes`.
pub fn from_text(
    path: &Path,
    text: &str,
    read_shapes: impl FnOnce(&Path) -> Result<String, Error>,
) -> Result<Site, Error> {
    if !path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
        let stem = path.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
        return geojson::site(text, stem).map_err(|reason| syntax(path, reason));
    }
    from_toml(path, text, read_shapes)
}

/// The example site that ships with the program, `missions/kestrel-works`.
///
/// # Errors
/// None as shipped; a test holds it.
pub fn example() -> Result<Site, Error> {
    let toml = include_str!("../../missions/kestrel-works/site.toml");
    let shapes = include_str!("../../missions/kestrel-works/site.geojson");
    from_toml(Path::new("kestrel-works/site.toml"), toml, |_| Ok(shapes.to_owned()))
}

/// `path` is for messages and for the shapes' place; `read_shapes` gives the text of that file.
fn from_toml(
    path: &Path,
    text: &str,
    read_shapes: impl FnOnce(&Path) -> Result<String, Error>,
) -> Result<Site, Error> {
    let told: SiteFile = toml::from_str(text).map_err(|error| {
        let place = error.span().map_or_else(String::new, |span| place(text, span.start));
        syntax(path, format!("{place}{}", error.message()))
    })?;
    check(&told).map_err(|(key, reason)| {
        let at = text.lines().position(|line| line.trim_start().starts_with(key));
        let place = at.map_or_else(String::new, |line| format!("line {}, column 1: ", line + 1));
        syntax(path, format!("{place}{reason}"))
    })?;
    let shapes = path.parent().unwrap_or(Path::new("")).join(&told.shapes);
    let text = read_shapes(&shapes)?;
    let mut site =
        geojson::site(&text, told.name.clone()).map_err(|reason| syntax(&shapes, reason))?;
    site.name = told.name;
    site.ground_height_m = told.ground_height_m;
    if let Some(takeoff) = told.takeoff {
        site.takeoffs.insert(0, (takeoff.lon_deg, takeoff.lat_deg));
    }
    Ok(site)
}

/// Key and reason of what the types alone cannot refuse.
fn check(told: &SiteFile) -> Result<(), (&'static str, String)> {
    if told.format_version != FORMAT_VERSION {
        let reason = format!(
            "format_version {} is not known; this program reads {FORMAT_VERSION}",
            told.format_version
        );
        return Err(("format_version", reason));
    }
    if let Some(height) = told.ground_height_m
        && !GROUND_HEIGHT_M.contains(&height)
    {
        let reason = format!("ground_height_m {height} is not between -600 and 9000");
        return Err(("ground_height_m", reason));
    }
    if let Some(takeoff) = &told.takeoff {
        geojson::check_position(takeoff.lon_deg, takeoff.lat_deg)
            .map_err(|reason| ("takeoff", reason))?;
    }
    Ok(())
}

fn syntax(file: &Path, reason: String) -> Error {
    Error::Syntax { file: file.to_owned(), reason }
}

fn place(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}: ")
}

pub(super) fn read_text(path: &Path) -> Result<String, Error> {
    let io = |source| Error::Io { file: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(io)?;
    file.take(LARGEST_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > LARGEST_FILE_BYTES {
        return Err(syntax(path, format!("the file is larger than {LARGEST_FILE_BYTES} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        syntax(path, format!("the byte at offset {offset} is not UTF-8"))
    })?;
    // Windows editors put a byte order mark in front, which neither format knows.
    Ok(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned))
}
