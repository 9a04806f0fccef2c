//! Site files: which format a file is, several as one site, and their limits.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::feature::{Gathered, Told};
use super::{Site, archive, geojson, kml, shapefile, site_file, zone_file};

/// Largest file that is read: a site of 20,000 features takes about 10 MB.
pub(super) const LARGEST_FILE_BYTES: u64 = 32 << 20;

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

/// Gives the bytes of a file that another one names.
pub type Open<'a> = &'a dyn Fn(&Path) -> Result<Vec<u8>, Error>;

/// Reads one site file: see [`read_all`].
///
/// # Errors
/// [`Error`] names the file and the place.
pub fn read(path: &Path) -> Result<Site, Error> {
    read_all(std::slice::from_ref(&path))
}

/// Reads several files as one site.
///
/// | name ends in | what it is |
/// |---|---|
/// | `.toml` | a site file: name, mandate, take-off, ground height, and the files of its shapes |
/// | `.kml`, `.kmz` | placemarks; folders are roles |
/// | `.shp` | a Shapefile with its `.dbf` and `.prj` |
/// | others | GeoJSON with a `role` on each feature; or ED-269 or ED-318 zones, by what is inside |
///
/// An asset needs a `kind`, and `half_width_m` if it is a line, `radius_m` if it is a point. A lone
/// polygon without a role is the area. The first file gives the site its name unless a site file
/// does; other properties are passed over.
///
/// # Errors
/// [`Error`] names the file and the place.
pub fn read_all<P: AsRef<Path>>(paths: &[P]) -> Result<Site, Error> {
    let mut gathered = Gathered::default();
    for path in paths {
        let path = path.as_ref();
        add(&mut gathered, path, &read_bytes(path)?, &Told::default(), &read_bytes)?;
    }
    finished(gathered, paths.first().map(AsRef::as_ref))
}

/// As [`read`], of a file's bytes; `path` is for messages and tells the format, and `open` gives
/// the files that it names or that belong to it.
///
/// # Errors
/// As [`read`], and those of `open`.
pub fn from_bytes(path: &Path, bytes: &[u8], open: Open<'_>) -> Result<Site, Error> {
    let mut gathered = Gathered::default();
    add(&mut gathered, path, bytes, &Told::default(), open)?;
    finished(gathered, Some(path))
}

/// The example site that ships with the program, `missions/kestrel-works`.
///
/// # Errors
/// None as shipped; a test holds it.
pub fn example() -> Result<Site, Error> {
    let toml = include_str!("../../missions/kestrel-works/site.toml");
    let shapes = include_str!("../../missions/kestrel-works/site.geojson");
    let open = |_: &Path| Ok(shapes.as_bytes().to_vec());
    from_bytes(Path::new("kestrel-works/site.toml"), toml.as_bytes(), &open)
}

/// The first file's name is the site's where nothing inside told one.
fn finished(mut gathered: Gathered, first: Option<&Path>) -> Result<Site, Error> {
    if gathered.site.name.is_empty() {
        let stem = first.and_then(Path::file_stem);
        gathered.site.name = stem.map_or_else(String::new, |s| s.to_string_lossy().into_owned());
    }
    gathered.finish().map_err(|(file, reason)| Error::Syntax { file, reason })
}

/// Adds one file to a site; `defaults` stand in for what its features do not tell.
pub(super) fn add(
    gathered: &mut Gathered,
    path: &Path,
    bytes: &[u8],
    defaults: &Told,
    open: Open<'_>,
) -> Result<(), Error> {
    let end = path.extension().map(|end| end.to_string_lossy().to_lowercase());
    let refused = |reason| syntax(path, reason);
    let (name, features) = match end.as_deref() {
        Some("toml") => return site_file::add(gathered, path, text(path, bytes)?, open),
        Some("kml") => kml::features(text(path, bytes)?).map_err(refused)?,
        Some("kmz") => {
            let inside = archive::entry(bytes, |name| name.ends_with(".kml")).map_err(refused)?;
            kml::features(text(path, &inside)?).map_err(refused)?
        }
        Some("shp") => (None, shapefile::features(gathered, path, bytes, open)?),
        Some("dbf" | "shx" | "prj") => {
            return Err(refused("it is a part of a Shapefile; name the .shp file".to_owned()));
        }
        _ => {
            let text = text(path, bytes)?;
            if let Some(zones) = zone_file::zones(text).map_err(refused)? {
                return gathered.zones(zones).map_err(refused);
            }
            geojson::features(text).map_err(refused)?
        }
    };
    if let Some(name) = name.filter(|_| gathered.site.name.is_empty()) {
        gathered.site.name = name;
    }
    gathered.add(path, features, defaults).map_err(refused)
}

pub(super) fn syntax(file: &Path, reason: String) -> Error {
    Error::Syntax { file: file.to_owned(), reason }
}

/// Line and column of an offset, as messages begin.
pub(super) fn place(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}: ")
}

pub(super) fn read_text(path: &Path) -> Result<String, Error> {
    let bytes = read_bytes(path)?;
    text(path, &bytes).map(str::to_owned)
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let io = |source| Error::Io { file: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(io)?;
    file.take(LARGEST_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > LARGEST_FILE_BYTES {
        return Err(syntax(path, format!("the file is larger than {LARGEST_FILE_BYTES} bytes")));
    }
    Ok(bytes)
}

fn text<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a str, Error> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        syntax(path, format!("the byte at offset {} is not UTF-8", error.valid_up_to()))
    })?;
    // Windows editors put a byte order mark in front, which no format here knows.
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}
