//! The keys of a GeoTIFF: where its posts lie, and what its heights are measured from.
//!
//! OGC 19-008r4 (GeoTIFF 1.1). Reads geographic WGS84/ETRS89, RD New and UTM.

use std::io::{Read, Seek};

use tiff::decoder::Decoder;
use tiff::tags::Tag;

use super::rdnap::rd_nap_anywhere;
use super::terrain::Error;
use super::utm::UtmZone;
use super::{Geodetic, HeightDatum};

/// Horizontal coordinates of a model. WGS84 and ETRS89 count as one: they differ by less than a
/// metre, which is for the caller's budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Horizontal {
    /// Longitude and latitude in degrees.
    Geographic,
    /// RD New.
    Rd,
    /// Universal transverse Mercator.
    Utm(UtmZone),
}

impl Horizontal {
    /// Longitude and latitude in degrees, or east and north in metres.
    pub(super) fn coordinates(&self, place: &Geodetic) -> (f64, f64) {
        match self {
            Self::Geographic => (place.lon_deg(), place.lat_deg()),
            Self::Rd => {
                let rd = rd_nap_anywhere(place.lat_deg(), place.lon_deg(), 0.0);
                (rd.x_m, rd.y_m)
            }
            Self::Utm(zone) => zone.project(place.lat_rad, place.lon_rad),
        }
    }
}

/// From places to posts.
#[derive(Debug, Clone)]
pub(super) struct Georeference {
    pub(super) horizontal: Horizontal,
    /// As the file tells it.
    pub(super) vertical: Option<HeightDatum>,
    /// Metres a unit of height.
    pub(super) metres_per_unit: f64,
    /// Whether a post stands for the area around it, so that the half post outside is known too.
    pub(super) area: bool,
    /// post = matrix · coordinate + shift; post 0 is the first post itself.
    matrix: [[f64; 2]; 2],
    shift: [f64; 2],
    /// Longitudes are taken in the turn that starts here.
    west_deg: f64,
}

impl Georeference {
    /// Reads the keys; says what is missing.
    pub(super) fn read<R: Read + Seek>(
        decoder: &mut Decoder<R>,
        columns: u32,
    ) -> Result<Self, Error> {
        let keys = Keys::read(decoder)?;
        let area = match keys.get(RASTER_TYPE) {
            None | Some(1) => true,
            Some(2) => false,
            Some(other) => return Err(unsupported(format!("raster type {other}"))),
        };
        let horizontal = horizontal(&keys)?;
        let vertical = vertical(&keys)?;
        let metres_per_unit = match keys.get(VERTICAL_UNITS) {
            None | Some(9001) => 1.0,
            Some(9002) => 0.3048,
            // US survey foot (EPSG unit 9003).
            Some(9003) => 1200.0 / 3937.0,
            Some(other) => return Err(unsupported(format!("unit of height EPSG:{other}"))),
        };
        let forward = Affine::read(decoder)?;
        let middle = if area { 0.5 } else { 0.0 };
        let (matrix, shift) = forward.inverse(middle)?;
        let west_deg = [0.0, f64::from(columns)].map(|column| forward.at(column).0);
        let west_deg = west_deg[0].min(west_deg[1]);
        Ok(Self { horizontal, vertical, metres_per_unit, area, matrix, shift, west_deg })
    }

    /// Column and row of a place, as fractions between posts.
    pub(super) fn post(&self, place: &Geodetic) -> (f64, f64) {
        self.post_at(self.horizontal.coordinates(place))
    }

    /// Column and row of coordinates as [`Horizontal::coordinates`] gives them.
    pub(super) fn post_at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let x = if self.horizontal == Horizontal::Geographic {
            // A post's width of slack, so that the western edge does not turn into the eastern.
            let start = self.west_deg - 0.5;
            start + (x - start).rem_euclid(360.0)
        } else {
            x
        };
        let [[a, b], [c, d]] = self.matrix;
        (a * x + b * y + self.shift[0], c * x + d * y + self.shift[1])
    }

    /// By how many columns and rows `other` counts further than this one, if both have their posts
    /// at the same places: post (c, r) here is (c + columns, r + rows) there.
    pub(super) fn offset_to(&self, other: &Self) -> Option<(i64, i64)> {
        let numbers = self.matrix.iter().flatten().zip(other.matrix.iter().flatten());
        // A millionth of a post over 10,000 of them.
        let alike = numbers.clone().all(|(a, b)| (a - b).abs() <= 1e-10 * a.abs().max(b.abs()));
        if self.horizontal != other.horizontal || !alike {
            return None;
        }
        let whole = |axis: usize| {
            let posts = other.shift[axis] - self.shift[axis];
            ((posts - posts.round()).abs() < 1e-3 && posts.abs() < 1e9)
                .then_some(posts.round() as i64)
        };
        Some((whole(0)?, whole(1)?))
    }

    /// Distance between posts in metres, the larger of both directions.
    pub(super) fn spacing_m(&self) -> f64 {
        let [[a, b], [c, d]] = self.matrix;
        let posts_per_unit = a.hypot(b).min(c.hypot(d));
        let metres = match self.horizontal {
            // A degree of latitude.
            Horizontal::Geographic => 111_320.0,
            Horizontal::Rd | Horizontal::Utm(_) => 1.0,
        };
        metres / posts_per_unit
    }
}

const MODEL_TYPE: u16 = 1024;
const RASTER_TYPE: u16 = 1025;
const GEODETIC_CRS: u16 = 2048;
const PROJECTED_CRS: u16 = 3072;
const VERTICAL_CRS: u16 = 4096;
const VERTICAL_UNITS: u16 = 4099;

/// The short values of the key directory.
struct Keys(Vec<(u16, u16)>);

impl Keys {
    fn read<R: Read + Seek>(decoder: &mut Decoder<R>) -> Result<Self, Error> {
        let words = decoder
            .find_tag(Tag::GeoKeyDirectoryTag)?
            .ok_or_else(|| unsupported("a TIFF without georeference".to_owned()))?
            .into_u16_vec()?;
        let entries = words.get(4..).unwrap_or_default().chunks_exact(4);
        // Location 0: the value stands in the entry itself.
        Ok(Self(entries.filter(|entry| entry[1] == 0).map(|entry| (entry[0], entry[3])).collect()))
    }

    fn get(&self, key: u16) -> Option<u16> {
        self.0.iter().find(|(found, _)| *found == key).map(|(_, value)| *value)
    }
}

fn horizontal(keys: &Keys) -> Result<Horizontal, Error> {
    let code = match keys.get(MODEL_TYPE) {
        Some(1) => keys.get(PROJECTED_CRS),
        Some(2) => keys.get(GEODETIC_CRS),
        other => return Err(unsupported(format!("model type {other:?}"))),
    };
    let zone =
        |code: u16, base: u16, south| Horizontal::Utm(UtmZone { zone: (code - base) as u8, south });
    match code {
        // WGS84, WGS84 3D, ETRS89, ETRS89 3D.
        Some(4326 | 4979 | 4258 | 4937) => Ok(Horizontal::Geographic),
        Some(28992 | 7415) => Ok(Horizontal::Rd),
        Some(code @ 32601..=32660) => Ok(zone(code, 32600, false)),
        Some(code @ 32701..=32760) => Ok(zone(code, 32700, true)),
        // ETRS89 / UTM.
        Some(code @ 25828..=25838) => Ok(zone(code, 25800, false)),
        Some(code) => Err(unsupported(format!("coordinates EPSG:{code}"))),
        None => Err(unsupported("coordinates without an EPSG code".to_owned())),
    }
}

fn vertical(keys: &Keys) -> Result<Option<HeightDatum>, Error> {
    match keys.get(VERTICAL_CRS) {
        Some(5773) => return Ok(Some(HeightDatum::Egm96)),
        Some(3855) => return Ok(Some(HeightDatum::Egm2008)),
        Some(5709) => return Ok(Some(HeightDatum::Nap)),
        // "VertCS" codes of GeoTIFF 1.0 for heights above GRS80 and WGS84, and WGS84 3D itself.
        Some(5019 | 5030 | 4979) => return Ok(Some(HeightDatum::Ellipsoid)),
        Some(code) => return Ok((code != 32767).then_some(HeightDatum::Unknown)),
        None => {}
    }
    Ok(match (keys.get(PROJECTED_CRS), keys.get(GEODETIC_CRS)) {
        (Some(7415), _) => Some(HeightDatum::Nap),
        (None, Some(4979 | 4937)) => Some(HeightDatum::Ellipsoid),
        _ => None,
    })
}

/// x = a·column + b·row + c, y = d·column + e·row + f.
struct Affine([f64; 6]);

impl Affine {
    fn read<R: Read + Seek>(decoder: &mut Decoder<R>) -> Result<Self, Error> {
        let mut numbers = |tag| -> Result<Option<Vec<f64>>, Error> {
            Ok(decoder.find_tag(tag)?.map(|value| value.into_f64_vec()).transpose()?)
        };
        if let Some(m) = numbers(Tag::ModelTransformationTag)?.filter(|m| m.len() >= 8) {
            return Ok(Self([m[0], m[1], m[3], m[4], m[5], m[7]]));
        }
        let scale = numbers(Tag::ModelPixelScaleTag)?.filter(|scale| scale.len() >= 2);
        let tie = numbers(Tag::ModelTiepointTag)?.filter(|tie| tie.len() >= 6);
        let (Some(scale), Some(tie)) = (scale, tie) else {
            return Err(unsupported("a TIFF without tie point and scale".to_owned()));
        };
        let (sx, sy) = (scale[0], -scale[1]);
        Ok(Self([sx, 0.0, tie[3] - tie[0] * sx, 0.0, sy, tie[4] - tie[1] * sy]))
    }

    fn at(&self, column: f64) -> (f64, f64) {
        let [a, _, c, d, _, f] = self.0;
        (a * column + c, d * column + f)
    }

    /// Matrix and shift from coordinates to posts, the first post at `middle` of its pixel.
    fn inverse(&self, middle: f64) -> Result<([[f64; 2]; 2], [f64; 2]), Error> {
        let [a, b, c, d, e, f] = self.0;
        let determinant = a * e - b * d;
        let matrix = [[e / determinant, -b / determinant], [-d / determinant, a / determinant]];
        let shift = [
            -(matrix[0][0] * c + matrix[0][1] * f) - middle,
            -(matrix[1][0] * c + matrix[1][1] * f) - middle,
        ];
        if matrix.iter().flatten().chain(&shift).all(|v| v.is_finite()) {
            Ok((matrix, shift))
        } else {
            Err(unsupported("a georeference that cannot be inverted".to_owned()))
        }
    }
}

fn unsupported(what: String) -> Error {
    Error::Unsupported(what)
}
