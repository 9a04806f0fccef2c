//! Base maps from files that the user named on the command line. A request names one by its number
//! there and never by a path.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::{Path as InPath, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use serde_json::{Value, json};

use super::Error;
use super::answer::{Answer, Refusal, bytes_of};
use super::desk::{Desk, aside};

/// Most that is sent at once of a layer: browsers ask for more when they want more.
const MOST_BYTES: u64 = 16 << 20;
/// Deepest level of a tile pyramid: a pixel of it is 0.3 mm.
const DEEPEST: u32 = 28;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    GeoJson,
    GeoTiff,
    PmTiles,
    MbTiles,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::GeoJson => "geojson",
            Self::GeoTiff => "geotiff",
            Self::PmTiles => "pmtiles",
            Self::MbTiles => "mbtiles",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::GeoJson => "application/geo+json",
            Self::GeoTiff => "image/tiff",
            Self::PmTiles | Self::MbTiles => "application/octet-stream",
        }
    }

    /// What a file is, by how it begins.
    fn of(head: &[u8]) -> Option<Self> {
        let text = head.iter().find(|byte| !byte.is_ascii_whitespace() && **byte < 0x80);
        match head {
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(Self::GeoTiff),
            _ if head.starts_with(b"PMTiles") => Some(Self::PmTiles),
            _ if head.starts_with(b"SQLite format 3\0") => Some(Self::MbTiles),
            _ => (text == Some(&b'{')).then_some(Self::GeoJson),
        }
    }
}

#[derive(Debug)]
struct Layer {
    path: PathBuf,
    kind: Kind,
    /// What an archive of tiles says of itself; PMTiles says it to the page.
    pyramid: Option<Pyramid>,
}

/// Levels of tiles, and what is in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
struct Pyramid {
    min_zoom: u32,
    max_zoom: u32,
    /// Mapbox vector tiles; else pictures.
    vector: bool,
}

/// All base maps.
#[derive(Debug)]
pub(super) struct Layers(Vec<Layer>);

impl Layers {
    pub(super) fn open(paths: &[PathBuf]) -> Result<Self, Error> {
        paths.iter().map(|path| layer(path)).collect::<Result<_, _>>().map(Self)
    }

    /// As `/api/case` lists them.
    pub(super) fn list(&self) -> Vec<Value> {
        let one = |(at, layer): (usize, &Layer)| {
            let id = at.to_string();
            let title = layer.path.file_stem().unwrap_or_default().to_string_lossy();
            let url = match layer.kind {
                Kind::MbTiles => format!("/api/tiles/{id}/{{z}}/{{x}}/{{y}}"),
                _ => format!("/api/layers/{id}"),
            };
            json!({ "id": id, "title": title, "kind": layer.kind.word(), "url": url,
                    "tiles": layer.pyramid })
        };
        self.0.iter().enumerate().map(one).collect()
    }

    fn of(&self, id: &str) -> Result<&Layer, Refusal> {
        let found = id.parse().ok().and_then(|at: usize| self.0.get(at));
        found.ok_or_else(|| Refusal::not_found("such layer"))
    }
}

fn layer(path: &Path) -> Result<Layer, Error> {
    let refused = |reason: String| Error::Layer { path: path.to_owned(), reason };
    let mut head = Vec::new();
    File::open(path)
        .and_then(|file| file.take(256).read_to_end(&mut head))
        .map_err(|error| refused(error.to_string()))?;
    let unknown = "no base map; GeoJSON, GeoTIFF, PMTiles and MBTiles are shown";
    let kind = Kind::of(&head).ok_or_else(|| refused(unknown.to_owned()))?;
    let mut pyramid = None;
    if kind == Kind::MbTiles {
        let asked = tiles_of(path).and_then(|tiles| pyramid_of(&tiles));
        pyramid = Some(asked.map_err(|error| refused(error.to_string()))?);
    }
    Ok(Layer { path: path.to_owned(), kind, pyramid })
}

/// `GET /api/layers/{id}`.
pub(super) async fn bytes(
    State(desk): State<Arc<Desk>>,
    InPath(id): InPath<String>,
    headers: HeaderMap,
) -> Answer {
    aside(&desk, move |desk| {
        let layer = desk.layers.of(&id)?;
        let range = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
        ranged(layer, range)
    })
    .await
}

/// A file, or the part of it that is asked for (RFC 9110, section 14). What is no range of bytes is
/// ignored, as the standard says.
fn ranged(layer: &Layer, range: Option<&str>) -> Answer {
    let mut file = File::open(&layer.path).map_err(Refusal::unexpected)?;
    let length = file.metadata().map_err(Refusal::unexpected)?.len();
    let (from, to, partial) = match range.and_then(|range| range.strip_prefix("bytes=")) {
        Some(range) if !range.contains(',') => match asked(range, length) {
            Some((from, to)) => (from, to.min(from.saturating_add(MOST_BYTES)), true),
            None => return Ok(unsatisfiable(length)),
        },
        _ => (0, length, false),
    };
    if !partial && length > MOST_BYTES && layer.kind != Kind::GeoJson {
        let remedy = "ask for parts of it with Range";
        return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "the layer is large", remedy));
    }
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(from))
        .and_then(|_| file.take(to - from).read_to_end(&mut bytes))
        .map_err(Refusal::unexpected)?;
    let mut response = bytes_of(layer.kind.content_type(), bytes);
    let headers = response.headers_mut();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if partial {
        let told = format!("bytes {from}-{}/{length}", to.saturating_sub(1));
        let told = HeaderValue::from_str(&told).map_err(Refusal::unexpected)?;
        headers.insert(header::CONTENT_RANGE, told);
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

fn unsatisfiable(length: u64) -> Response {
    let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
    if let Ok(told) = HeaderValue::from_str(&format!("bytes */{length}")) {
        response.headers_mut().insert(header::CONTENT_RANGE, told);
    }
    response
}

/// First byte and the one after the last; `None` where no byte of the file is meant.
fn asked(range: &str, length: u64) -> Option<(u64, u64)> {
    let (from, to) = range.split_once('-')?;
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let (from, to) = match (number(from), number(to)) {
        (Some(from), Some(to)) => (from, to.saturating_add(1).min(length)),
        (Some(from), None) if to.trim().is_empty() => (from, length),
        (None, Some(last)) if from.trim().is_empty() => (length.saturating_sub(last), length),
        _ => return None,
    };
    (from < to).then_some((from, to))
}

fn tiles_of(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.prepare("SELECT tile_data FROM tiles LIMIT 1")?;
    Ok(connection)
}

/// Levels are those that have tiles, whatever the file claims; deeper ones are drawn from the last.
fn pyramid_of(tiles: &Connection) -> rusqlite::Result<Pyramid> {
    let (min_zoom, max_zoom) = tiles.query_row(
        "SELECT (SELECT coalesce(min(zoom_level), 0) FROM tiles), \
         (SELECT coalesce(max(zoom_level), 0) FROM tiles)",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let first = tiles
        .query_row("SELECT tile_data FROM tiles LIMIT 1", [], |row| row.get::<_, Vec<u8>>(0))
        .optional()?;
    let vector = first.is_some_and(|first| content_type(&first) == VECTORS);
    Ok(Pyramid { min_zoom, max_zoom, vector })
}

const VECTORS: &str = "application/x-protobuf";

/// What a tile is, by how it begins; vector tiles have no beginning of their own.
fn content_type(tile: &[u8]) -> &'static str {
    match tile.get(..4) {
        Some([0xFF, 0xD8, ..]) => "image/jpeg",
        Some([0x89, b'P', b'N', b'G']) => "image/png",
        Some(b"RIFF") => "image/webp",
        _ => VECTORS,
    }
}

/// `GET /api/tiles/{id}/{z}/{x}/{y}`: rows counted from the north, as browsers do; MBTiles counts
/// from the south (github.com/mapbox/mbtiles-spec, version 1.3).
pub(super) async fn tile(
    State(desk): State<Arc<Desk>>,
    InPath((id, z, x, y)): InPath<(String, u32, u32, u32)>,
) -> Answer {
    aside(&desk, move |desk| {
        let layer = desk.layers.of(&id)?;
        let none = || Refusal::not_found("such tile");
        if layer.kind != Kind::MbTiles || z > DEEPEST || x >> z != 0 || y >> z != 0 {
            return Err(none());
        }
        let from_south = (1_u32 << z) - 1 - y;
        let bytes: Option<Vec<u8>> = tiles_of(&layer.path)
            .and_then(|connection| {
                connection
                    .query_row(
                        "SELECT tile_data FROM tiles WHERE zoom_level = ?1 AND tile_column = ?2 \
                         AND tile_row = ?3",
                        [z, x, from_south],
                        |row| row.get(0),
                    )
                    .optional()
            })
            .map_err(Refusal::unexpected)?;
        let bytes = bytes.ok_or_else(none)?;
        let kind = content_type(&bytes);
        let zipped = bytes.starts_with(&[0x1F, 0x8B]);
        let mut response = bytes_of(kind, bytes);
        if zipped {
            let gzip = HeaderValue::from_static("gzip");
            response.headers_mut().insert(header::CONTENT_ENCODING, gzip);
        }
        Ok(response)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_what_the_standard_says() {
        for (range, expected) in [
            ("0-0", Some((0, 1))),
            ("2-5", Some((2, 6))),
            ("8-", Some((8, 10))),
            ("-3", Some((7, 10))),
            ("-30", Some((0, 10))),
            ("5-99999999999999999", Some((5, 10))),
            ("10-", None),
            ("5-2", None),
            ("-0", None),
            ("a-b", None),
            ("", None),
            ("99999999999999999999-", None),
        ] {
            assert_eq!(asked(range, 10), expected, "{range}");
        }
    }

    #[test]
    fn a_file_is_told_by_its_beginning() {
        for (head, kind) in [
            (&b"II*\0rest"[..], Some(Kind::GeoTiff)),
            (b"MM\0+rest", Some(Kind::GeoTiff)),
            (b"PMTiles\x03", Some(Kind::PmTiles)),
            (b"SQLite format 3\0", Some(Kind::MbTiles)),
            (b"\xEF\xBB\xBF \n{\"type\"", Some(Kind::GeoJson)),
            (b"<html>", None),
            (b"", None),
        ] {
            assert_eq!(Kind::of(head), kind, "{head:?}");
        }
    }
}
