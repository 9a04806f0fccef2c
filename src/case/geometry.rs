//! Geometries as GeoPackage stores them.
//!
//! Source: OGC 12-128r18 (GeoPackage 1.3), clause 2.1.3: a header with an envelope, then ISO WKB.
//! Everything is little-endian, longitude is x, latitude is y, both in degrees.

use crate::site::{Outline, Polygon};

/// Reference system of all layers: WGS 84, EPSG:4326.
pub(super) const SRS_WGS84: i32 = 4326;

/// West, east, south, north in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Envelope {
    pub(super) west: f64,
    pub(super) east: f64,
    pub(super) south: f64,
    pub(super) north: f64,
}

impl Envelope {
    /// Holds nothing.
    pub(super) const EMPTY: Self = Self {
        west: f64::INFINITY,
        east: f64::NEG_INFINITY,
        south: f64::INFINITY,
        north: f64::NEG_INFINITY,
    };

    /// Grows to hold a point.
    pub(super) fn add(&mut self, (lon_deg, lat_deg): (f64, f64)) {
        self.west = self.west.min(lon_deg);
        self.east = self.east.max(lon_deg);
        self.south = self.south.min(lat_deg);
        self.north = self.north.max(lat_deg);
    }

    /// Grows to hold another.
    pub(super) fn join(&mut self, other: &Self) {
        self.add((other.west, other.south));
        self.add((other.east, other.north));
    }

    /// Whether it holds nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.west > self.east
    }

    /// From the header of a geometry; `None` if the bytes are none of ours.
    pub(super) fn of_blob(blob: &[u8]) -> Option<Self> {
        let head: &[u8; HEADER_LENGTH] = blob.get(..HEADER_LENGTH)?.try_into().ok()?;
        if head[..4] != MAGIC_AND_FLAGS {
            return None;
        }
        let number = |at: usize| -> Option<f64> {
            Some(f64::from_le_bytes(head.get(at..at + 8)?.try_into().ok()?))
        };
        Some(Self { west: number(8)?, east: number(16)?, south: number(24)?, north: number(32)? })
    }
}

/// `GP`, version 0, flags: little-endian, envelope of kind 1 (x and y), not empty.
const MAGIC_AND_FLAGS: [u8; 4] = [b'G', b'P', 0, 0b0000_0011];
/// Magic, flags, reference system and four doubles.
const HEADER_LENGTH: usize = 40;

/// A geometry and what it spans.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Geometry {
    pub(super) blob: Vec<u8>,
    pub(super) envelope: Envelope,
}

/// ISO WKB codes; 1000 is added where there is a height.
const WKB_POINT: u32 = 1;
const WKB_LINE: u32 = 2;
const WKB_POLYGON: u32 = 3;
const WKB_Z: u32 = 1000;

/// A point with a height in metres; `None` if a number is not finite.
pub(super) fn point_z(lon_deg: f64, lat_deg: f64, height_m: f64) -> Option<Geometry> {
    finish(WKB_POINT + WKB_Z, &[(lon_deg, lat_deg)], |body| {
        for value in [lon_deg, lat_deg, height_m] {
            body.extend(value.to_le_bytes());
        }
    })
    .filter(|_| height_m.is_finite())
}

/// A point.
pub(super) fn point(at: (f64, f64)) -> Option<Geometry> {
    finish(WKB_POINT, &[at], |body| push_xy(body, at))
}

/// A line through (longitude, latitude, height).
pub(super) fn line_z(vertices: &[(f64, f64, f64)]) -> Option<Geometry> {
    let flat: Vec<_> = vertices.iter().map(|&(lon, lat, _)| (lon, lat)).collect();
    if vertices.len() < 2 || vertices.iter().any(|(_, _, height_m)| !height_m.is_finite()) {
        return None;
    }
    finish(WKB_LINE + WKB_Z, &flat, |body| {
        push_count(body, vertices.len());
        for (lon, lat, height_m) in vertices {
            push_xy(body, (*lon, *lat));
            body.extend(height_m.to_le_bytes());
        }
    })
}

/// A polygon; rings are closed here, outer ones counter-clockwise, holes clockwise.
pub(super) fn polygon(outer: &[(f64, f64)], holes: &[Vec<(f64, f64)>]) -> Option<Geometry> {
    if outer.len() < 3 {
        return None;
    }
    let mut rings = vec![wound(outer, true)];
    rings.extend(holes.iter().filter(|hole| hole.len() >= 3).map(|hole| wound(hole, false)));
    let all: Vec<_> = rings.iter().flatten().copied().collect();
    finish(WKB_POLYGON, &all, |body| {
        push_count(body, rings.len());
        for ring in &rings {
            push_count(body, ring.len());
            ring.iter().for_each(|&at| push_xy(body, at));
        }
    })
}

/// The shape of a site's part.
pub(super) fn outline(outline: &Outline) -> Option<Geometry> {
    match outline {
        Outline::Polygon(Polygon { outer, holes }) => polygon(outer, holes),
        Outline::Line { vertices, .. } if vertices.len() < 2 => None,
        Outline::Line { vertices, .. } => finish(WKB_LINE, vertices, |body| {
            push_count(body, vertices.len());
            vertices.iter().for_each(|&at| push_xy(body, at));
        }),
        Outline::Point { at, .. } => point(*at),
    }
}

fn finish(code: u32, vertices: &[(f64, f64)], body: impl FnOnce(&mut Vec<u8>)) -> Option<Geometry> {
    let mut envelope = Envelope::EMPTY;
    vertices.iter().for_each(|&at| envelope.add(at));
    if vertices.is_empty() || vertices.iter().any(|at| !(at.0.is_finite() && at.1.is_finite())) {
        return None;
    }
    let mut blob = Vec::with_capacity(HEADER_LENGTH + 9 + vertices.len() * 24);
    blob.extend(MAGIC_AND_FLAGS);
    blob.extend(SRS_WGS84.to_le_bytes());
    for value in [envelope.west, envelope.east, envelope.south, envelope.north] {
        blob.extend(value.to_le_bytes());
    }
    blob.push(1);
    blob.extend(code.to_le_bytes());
    body(&mut blob);
    Some(Geometry { blob, envelope })
}

/// The outer ring of a polygon, as it is stored: the first vertex again at the end. `None` for any
/// other geometry and for damaged bytes.
pub(super) fn outer_ring(blob: &[u8]) -> Option<Vec<(f64, f64)>> {
    Envelope::of_blob(blob)?;
    let body = blob.get(HEADER_LENGTH..)?;
    let word = |at: usize| Some(u32::from_le_bytes(body.get(at..at + 4)?.try_into().ok()?));
    if body.first() != Some(&1) || word(1)? != WKB_POLYGON || word(5)? == 0 {
        return None;
    }
    let count = usize::try_from(word(9)?).ok()?;
    let bytes = body.get(13..13 + count.checked_mul(16)?)?;
    let number = |eight: &[u8]| f64::from_le_bytes(eight.try_into().unwrap_or_default());
    Some(bytes.chunks_exact(16).map(|pair| (number(&pair[..8]), number(&pair[8..]))).collect())
}

fn push_xy(body: &mut Vec<u8>, (lon_deg, lat_deg): (f64, f64)) {
    body.extend(lon_deg.to_le_bytes());
    body.extend(lat_deg.to_le_bytes());
}

fn push_count(body: &mut Vec<u8>, count: usize) {
    body.extend(
        u32::try_from(count).expect("a ring of 2^32 vertices fits no memory").to_le_bytes(),
    );
}

/// A closed ring in the asked direction (shoelace formula, RFC 7946 section 3.1.6).
fn wound(ring: &[(f64, f64)], counter_clockwise: bool) -> Vec<(f64, f64)> {
    let mut ring = ring.to_vec();
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    let next = ring.iter().cycle().skip(1);
    let twice_area: f64 = ring.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum();
    if (twice_area > 0.0) != counter_clockwise {
        ring.reverse();
    }
    ring.extend(ring.first().copied());
    ring
}

/// The outer ring of a polygon of ours, without the repeated last vertex; `None` for another
/// geometry, and for bytes that do not hold what they announce.
pub(super) fn polygon_of_blob(blob: &[u8]) -> Option<Vec<(f64, f64)>> {
    Envelope::of_blob(blob)?;
    let body = blob.get(HEADER_LENGTH..)?;
    let whole = |at: usize| -> Option<u32> {
        Some(u32::from_le_bytes(body.get(at..at + 4)?.try_into().ok()?))
    };
    if body.first() != Some(&1) || whole(1)? != WKB_POLYGON || whole(5)? == 0 {
        return None;
    }
    let count = usize::try_from(whole(9)?).ok()?;
    let points = body.get(13..13_usize.checked_add(count.checked_mul(16)?)?)?;
    let number = |bytes: &[u8]| bytes.try_into().ok().map(f64::from_le_bytes);
    let vertex = |point: &[u8]| Some((number(&point[..8])?, number(&point[8..])?));
    let mut ring: Vec<_> = points.chunks_exact(16).map(vertex).collect::<Option<_>>()?;
    ring.pop();
    (ring.len() >= 3 && ring.iter().all(|v| v.0.is_finite() && v.1.is_finite())).then_some(ring)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_header_and_iso_wkb() {
        let blob = point_z(5.0, 52.0, 43.0).unwrap().blob;
        assert_eq!(blob.len(), 40 + 5 + 24);
        assert_eq!(blob[..8], [0x47, 0x50, 0, 3, 0xE6, 0x10, 0, 0]);
        assert_eq!(blob[40..45], [1, 0xE9, 3, 0, 0]); // little-endian, 1001: Point Z
        let envelope = Envelope::of_blob(&blob).unwrap();
        assert_eq!((envelope.west, envelope.north), (5.0, 52.0));
    }

    #[test]
    fn what_is_no_geometry_is_none() {
        assert_eq!(point_z(f64::NAN, 52.0, 0.0), None);
        assert_eq!(point_z(5.0, 52.0, f64::INFINITY), None);
        assert_eq!(line_z(&[(5.0, 52.0, 0.0)]), None);
        assert_eq!(polygon(&[(5.0, 52.0), (5.1, 52.0)], &[]), None);
        assert_eq!(Envelope::of_blob(b"GP"), None);
        assert_eq!(Envelope::of_blob(&[0; 60]), None);
    }

    #[test]
    fn a_ring_is_read_back_and_damage_is_none() {
        let ring = [(5.0, 52.0), (5.1, 52.0), (5.1, 52.1)];
        let blob = polygon(&ring, &[]).unwrap().blob;
        let read = outer_ring(&blob).unwrap();
        assert_eq!((read.len(), read[0]), (4, ring[0]));
        for cut in 0..blob.len() {
            assert_eq!(outer_ring(&blob[..cut]), None);
        }
        let mut huge = blob;
        huge[HEADER_LENGTH + 9..HEADER_LENGTH + 13].fill(0xFF);
        assert_eq!(outer_ring(&huge), None);
    }

    #[test]
    fn outer_rings_turn_left_and_holes_right() {
        let clockwise = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)];
        let left = wound(&clockwise, true);
        assert_eq!(left.first(), left.last());
        assert_eq!(left[1], (1.0, 1.0));
        assert_eq!(wound(&clockwise, false)[1], (0.0, 1.0));
    }
}
