//! Shapefiles (ESRI, "Shapefile Technical Description", July 1998): `.shp` with its `.dbf` for what
//! is told and its `.prj` for where it is.

use std::path::Path;

use super::dbf;
use super::feature::{
    Feature, Gathered, Geometry, MOST_FEATURES, Told, Vertex, check_position, holds,
};
use super::projection::Projection;
use super::read::{Error, Open, syntax};

/// Of the main file: code, lengths, version, type, box.
const HEADER_BYTES: usize = 100;
const FILE_CODE: u32 = 9994;
/// Most points and most parts of a shape: a country's coast has less.
const MOST_POINTS: usize = 200_000;
const MOST_PARTS: usize = 2_000;

/// The features of a Shapefile.
///
/// # Errors
/// [`Error`] with the file, and the number of the record.
pub(super) fn features(
    gathered: &mut Gathered,
    path: &Path,
    bytes: &[u8],
    open: Open<'_>,
) -> Result<Vec<Feature>, Error> {
    let shapes = shapes(bytes).map_err(|reason| syntax(path, reason))?;
    let table = match beside(path, "dbf", open)? {
        Some(bytes) => {
            dbf::rows(&bytes).map_err(|reason| syntax(&path.with_extension("dbf"), reason))?
        }
        None => Vec::new(),
    };
    if !table.is_empty() && table.len() != shapes.len() {
        let reason = format!("{} shapes, but {} rows in its .dbf", shapes.len(), table.len());
        return Err(syntax(path, reason));
    }
    let projection = projection(gathered, path, open)?;
    let mut features = Vec::new();
    for (at, shape) in shapes.into_iter().enumerate() {
        let numbered = |reason| syntax(path, format!("record {}: {reason}", at + 1));
        let mut told = Told::default();
        for (key, value) in table.get(at).into_iter().flatten() {
            told.take(key, value).map_err(numbered)?;
        }
        let Some(geometry) = shape else { continue };
        let geometry = placed(geometry, &projection).map_err(numbered)?;
        features.push(Feature { told, geometry: vec![geometry] });
    }
    Ok(features)
}

/// The bytes of a file of the same name with another end, in lower or upper case.
fn beside(path: &Path, end: &str, open: Open<'_>) -> Result<Option<Vec<u8>>, Error> {
    for end in [end.to_owned(), end.to_uppercase()] {
        match open(&path.with_extension(end)) {
            Ok(bytes) => return Ok(Some(bytes)),
            Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
            Err(other) => return Err(other),
        }
    }
    Ok(None)
}

fn projection(gathered: &mut Gathered, path: &Path, open: Open<'_>) -> Result<Projection, Error> {
    let Some(bytes) = beside(path, "prj", open)? else {
        gathered.site.warnings.push(format!(
            "{}: it has no .prj; its numbers are taken as WGS84 degrees",
            path.display()
        ));
        return Ok(Projection::Degrees);
    };
    let text = String::from_utf8_lossy(&bytes);
    Projection::of_wkt(&text).map_err(|reason| syntax(&path.with_extension("prj"), reason))
}

/// Moves a geometry's vertices to longitude and latitude.
fn placed(geometry: Geometry, projection: &Projection) -> Result<Geometry, String> {
    let vertex = |(x, y): Vertex| {
        let (lon, lat) = projection.degrees(x, y)?;
        check_position(lon, lat)?;
        Ok((lon, lat))
    };
    let line = |line: Vec<Vertex>| line.into_iter().map(vertex).collect::<Result<Vec<_>, String>>();
    Ok(match geometry {
        Geometry::Points(points) => Geometry::Points(line(points)?),
        Geometry::Lines(lines) => {
            Geometry::Lines(lines.into_iter().map(line).collect::<Result<_, _>>()?)
        }
        Geometry::Polygons(polygons) => {
            let polygon = |rings: Vec<Vec<Vertex>>| rings.into_iter().map(line).collect();
            Geometry::Polygons(polygons.into_iter().map(polygon).collect::<Result<_, String>>()?)
        }
    })
}

/// What is left of a record.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take<const N: usize>(&mut self) -> Result<&'a [u8; N], String> {
        let (first, rest) = self.0.split_first_chunk().ok_or("it ends in the middle")?;
        self.0 = rest;
        Ok(first)
    }

    fn whole(&mut self) -> Result<usize, String> {
        self.take().map(|bytes| u32::from_le_bytes(*bytes) as usize)
    }

    fn vertex(&mut self) -> Result<Vertex, String> {
        let x = self.take().map(|bytes| f64::from_le_bytes(*bytes))?;
        let y = self.take().map(|bytes| f64::from_le_bytes(*bytes))?;
        Ok((x, y))
    }

    fn vertices(&mut self, count: usize) -> Result<Vec<Vertex>, String> {
        // What is announced must be there before room is made for it.
        if count > MOST_POINTS || self.0.len() / 16 < count {
            return Err(format!("it announces {count} points and has not so many bytes"));
        }
        (0..count).map(|_| self.vertex()).collect()
    }
}

/// The shapes of a main file; a null shape is `None`.
fn shapes(bytes: &[u8]) -> Result<Vec<Option<Geometry>>, String> {
    let header = bytes.get(..HEADER_BYTES).ok_or("it is shorter than a Shapefile's header")?;
    let code = header.first_chunk().map(|code| u32::from_be_bytes(*code));
    if code != Some(FILE_CODE) {
        return Err(format!("it does not begin with {FILE_CODE}, as a Shapefile does"));
    }
    let mut rest = bytes.get(HEADER_BYTES..).unwrap_or_default();
    let mut shapes = Vec::new();
    while !rest.is_empty() {
        let number = shapes.len() + 1;
        let cut = || format!("record {number}: the file ends in the middle of it");
        let words = rest.get(4..8).and_then(|words| words.first_chunk()).ok_or_else(cut)?;
        let end = 8 + u32::from_be_bytes(*words) as usize * 2;
        let record = rest.get(8..end).ok_or_else(cut)?;
        shapes.push(shape(record).map_err(|reason| format!("record {number}: {reason}"))?);
        if shapes.len() > MOST_FEATURES {
            return Err(format!("more than {MOST_FEATURES} shapes"));
        }
        rest = rest.get(end..).unwrap_or_default();
    }
    Ok(shapes)
}

/// Heights and measures behind the points are passed over.
fn shape(record: &[u8]) -> Result<Option<Geometry>, String> {
    let mut bytes = Bytes(record);
    let kind = bytes.whole()?;
    Ok(Some(match kind {
        0 => return Ok(None),
        1 | 11 | 21 => Geometry::Points(vec![bytes.vertex()?]),
        8 | 18 | 28 => {
            bytes.take::<32>()?;
            let count = bytes.whole()?;
            Geometry::Points(bytes.vertices(count)?)
        }
        3 | 13 | 23 => Geometry::Lines(parts(&mut bytes)?),
        5 | 15 | 25 => Geometry::Polygons(polygons(parts(&mut bytes)?)?),
        other => return Err(format!("shape type {other} is no point, line or polygon")),
    }))
}

/// The lines or rings of a record.
fn parts(bytes: &mut Bytes<'_>) -> Result<Vec<Vec<Vertex>>, String> {
    bytes.take::<32>()?;
    let (parts, points) = (bytes.whole()?, bytes.whole()?);
    if parts > MOST_PARTS || bytes.0.len() / 4 < parts {
        return Err(format!("it announces {parts} parts and has not so many bytes"));
    }
    let starts: Vec<usize> = (0..parts).map(|_| bytes.whole()).collect::<Result<_, _>>()?;
    let vertices = bytes.vertices(points)?;
    let ends = starts.iter().copied().skip(1).chain([points]);
    let part = |(&start, end): (&usize, usize)| {
        let part = vertices.get(start..end).map(<[_]>::to_vec);
        part.ok_or_else(|| format!("a part from {start} to {end} of {points} points"))
    };
    starts.iter().zip(ends).map(part).collect()
}

/// Outer rings run clockwise, holes against it; a hole belongs to the ring that holds it.
fn polygons(rings: Vec<Vec<Vertex>>) -> Result<Vec<Vec<Vec<Vertex>>>, String> {
    let (holes, outer): (Vec<_>, Vec<_>) =
        rings.into_iter().partition(|ring| doubled_area(ring) > 0.0);
    let mut polygons: Vec<Vec<Vec<Vertex>>> = outer.into_iter().map(|ring| vec![ring]).collect();
    if polygons.is_empty() {
        // Some programs write a lone ring the wrong way round.
        return Ok(holes.into_iter().map(|ring| vec![ring]).collect());
    }
    for hole in holes {
        let first = hole.first().copied().ok_or("a ring is empty")?;
        let inside = |polygon: &&mut Vec<Vec<Vertex>>| {
            polygon.first().is_some_and(|outer| holds(outer, first))
        };
        let polygon = polygons.iter_mut().find(inside).ok_or("a hole lies in no ring")?;
        polygon.push(hole);
    }
    Ok(polygons)
}

/// Positive against the clock.
fn doubled_area(ring: &[Vertex]) -> f64 {
    // Counted from the first vertex, so that large coordinates cancel no digits.
    let Some(&(x0, y0)) = ring.first() else { return 0.0 };
    let pairs = ring.windows(2);
    pairs.map(|w| (w[0].0 - x0) * (w[1].1 - y0) - (w[1].0 - x0) * (w[0].1 - y0)).sum()
}
