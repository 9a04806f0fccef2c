//! Mission files: which format it is, and its limits.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::{Error, Fault, Mission, archive, gpx, kml, plan, waypoints, wpml_read, xml};

/// Largest file that is read: 65,535 items of a `.plan` with all their blanks take 30 MB.
pub(super) const LARGEST_FILE_BYTES: u64 = 32 << 20;

/// Reads a mission file; what is inside decides, not the name: `.plan` of QGroundControl,
/// `.waypoints`, KML, KMZ, a route of GPX, and the route archives (`.kmz`) of DJI.
///
/// # Errors
/// [`Error`] names the file, the field, what it holds and what is known.
pub fn read(path: &Path) -> Result<Mission, Error> {
    let io = |source| Error::Io { file: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(io)?;
    file.take(LARGEST_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > LARGEST_FILE_BYTES {
        let known = format!("{} MiB are read at most", LARGEST_FILE_BYTES >> 20);
        return Err(Fault::new("the file", "is larger", known).of_file(path));
    }
    from_bytes(path, &bytes)
}

/// As [`read`], of a file's bytes; `path` is for messages.
///
/// # Errors
/// As [`read`].
pub fn from_bytes(path: &Path, bytes: &[u8]) -> Result<Mission, Error> {
    if bytes.starts_with(archive::MAGIC) {
        return packed(bytes).map_err(|fault| fault.of_file(path));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let place = format!("byte {}", error.valid_up_to());
        Fault::new(place, "is no UTF-8", "mission files are text").of_file(path)
    })?;
    from_text(path, text)
}

/// As [`read`], of a file's text; `path` is for messages.
///
/// # Errors
/// As [`read`].
pub fn from_text(path: &Path, text: &str) -> Result<Mission, Error> {
    let start = text.trim_start_matches('\u{FEFF}').trim_start();
    let mission = match start.chars().next() {
        Some('{') => plan::read(start),
        Some('<') => markup(start),
        _ => waypoints::read(text),
    };
    mission.map_err(|fault| fault.of_file(path))
}

/// What is flown comes before what is drawn.
fn packed(bytes: &[u8]) -> Result<Mission, Fault> {
    if let Some(text) = archive::text(bytes, |name| name.ends_with("waylines.wpml"))? {
        return wpml_read::read(&text);
    }
    let drawn = archive::text(bytes, |name| name.ends_with(".kml"))?;
    let text = drawn.ok_or_else(|| {
        Fault::new("the archive", "holds no mission", "known are waylines.wpml and .kml")
    })?;
    kml::read(text.trim_start_matches('\u{FEFF}').trim_start())
}

fn markup(text: &str) -> Result<Mission, Fault> {
    let document = xml::parse(text)?;
    let root = document.root_element();
    match root.tag_name().name() {
        "gpx" => gpx::read(text),
        "kml" if root.descendants().any(|node| xml::is(node, "executeHeightMode")) => {
            wpml_read::read(text)
        }
        "kml" => kml::read(text),
        other => {
            let held = format!("is <{other:.40}>");
            Err(Fault::new("the root", held, "known are <kml> and <gpx>"))
        }
    }
}
