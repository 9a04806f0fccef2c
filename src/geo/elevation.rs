//! An elevation model: posts, where they lie, and what their heights are measured from.

use std::fs::File;
use std::io::{BufReader, Cursor};
use std::path::Path;

use nalgebra::Vector3;

use super::georeference::{Georeference, Horizontal};
use super::posts::{Posts, Sample, Source, decoder};
use super::rdnap::quasi_geoid_m;
use super::terrain::Error;
use super::wgs84::{ECCENTRICITY_SQUARED, SEMI_MAJOR_M};
use super::{EGM2008_BY_EGM96_M, Geodetic, HeightDatum, egm96_undulation_m};

/// What the user says about a model.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ModelParams {
    /// What heights are measured from, whatever the file says.
    ///
    /// Without it and without a word in the file, RD models count as NAP, which AHN is, and models
    /// in degrees as EGM96, which SRTM is. Models in UTM have no such rule and are refused: some
    /// hold heights above the ellipsoid, up to 100 m from the others.
    pub vertical: Option<HeightDatum>,
    /// Standard deviation of heights in metres.
    ///
    /// Without it 0.5 m for posts up to 5 m apart, which holds for laser models in crops and grass
    /// (AHN on hard ground is better: 0.1 m), and 4 m for coarser ones: SRTM has 90 % within 6.2 m
    /// in Eurasia (Rodríguez et al., PE&RS 72, 2006).
    pub sigma_m: Option<f64>,
}

/// An elevation model in a GeoTIFF file, of which at most 64 MB of posts are held (four strips or
/// tiles, where those are larger).
///
/// Posts lie in the middle of their pixels unless the file says "point"; between them the surface
/// is bilinear.
#[derive(Debug)]
pub struct ElevationModel {
    posts: Posts,
    georeference: Georeference,
    vertical: HeightDatum,
    vertical_assumed: bool,
    sigma_m: f64,
}

/// A place of the model's surface.
pub(super) struct Ground {
    pub(super) height_m: f64,
    pub(super) normal_enu: Vector3<f64>,
}

/// What coordinates and heights are measured in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Chart {
    pub(super) horizontal: Horizontal,
    pub(super) vertical: HeightDatum,
}

impl Chart {
    /// Height of the zero above the ellipsoid; `None` outside the geoid's grid.
    pub(super) fn zero_m(&self, place: &Geodetic) -> Option<f64> {
        let (lat, lon) = (place.lat_deg(), place.lon_deg());
        match self.vertical {
            HeightDatum::Egm96 | HeightDatum::Egm2008 => Some(egm96_undulation_m(lat, lon)),
            HeightDatum::Nap => quasi_geoid_m(lat, lon),
            HeightDatum::Ellipsoid => Some(0.0),
            HeightDatum::AboveTakeoff | HeightDatum::Unknown => None,
        }
    }
}

impl ElevationModel {
    /// Opens a file.
    ///
    /// # Errors
    /// [`Error::File`] if it is not a GeoTIFF that can be read, or its heights have a datum that is
    /// not known here or not told, and `params` gives none.
    pub fn open(file: &Path, params: &ModelParams) -> Result<Self, Error> {
        let opened = File::open(file).map_err(Error::from);
        opened
            .and_then(|source| Self::new(Box::new(BufReader::new(source)), params))
            .map_err(|error| Error::File { file: file.to_owned(), reason: Box::new(error) })
    }

    /// From the bytes of a file.
    ///
    /// # Errors
    /// The reason in [`ElevationModel::open`]'s.
    pub fn from_bytes(bytes: Vec<u8>, params: &ModelParams) -> Result<Self, Error> {
        Self::new(Box::new(Cursor::new(bytes)), params)
    }

    fn new(source: Box<dyn Source>, params: &ModelParams) -> Result<Self, Error> {
        let mut decoder = decoder(source)?;
        let (columns, _) = decoder.dimensions()?;
        let georeference = Georeference::read(&mut decoder, columns)?;
        let told = params.vertical.or(georeference.vertical);
        let vertical = match (told, georeference.horizontal) {
            (Some(told), _) => told,
            (None, Horizontal::Rd) => HeightDatum::Nap,
            (None, Horizontal::Geographic) => HeightDatum::Egm96,
            (None, Horizontal::Utm(_)) => return Err(Error::VerticalDatumMissing),
        };
        if matches!(vertical, HeightDatum::Unknown | HeightDatum::AboveTakeoff) {
            return Err(Error::VerticalDatum);
        }
        let default_sigma_m = if georeference.spacing_m() <= 5.0 { 0.5 } else { 4.0 };
        let geoid_m = if vertical == HeightDatum::Egm2008 { EGM2008_BY_EGM96_M } else { 0.0 };
        let sigma_m = params.sigma_m.unwrap_or(default_sigma_m).hypot(geoid_m);
        if !(sigma_m.is_finite() && sigma_m >= 0.0) {
            return Err(Error::Sigma(sigma_m));
        }
        let posts = Posts::new(decoder, georeference.area, georeference.metres_per_unit)?;
        Ok(Self { posts, georeference, vertical, vertical_assumed: told.is_none(), sigma_m })
    }

    /// What heights are measured from.
    #[must_use]
    pub fn vertical(&self) -> HeightDatum {
        self.vertical
    }

    /// Whether that is an assumption, because neither the file nor the user told it.
    #[must_use]
    pub fn vertical_is_assumed(&self) -> bool {
        self.vertical_assumed
    }

    /// What is assumed of the heights, in a sentence; `None` if it was told.
    pub(super) fn assumption(&self) -> Option<String> {
        if self.vertical == HeightDatum::Egm2008 {
            return Some(
                "the terrain model's heights are above EGM2008, whose grid does not ship with this \
                 program: EGM96 is taken for it, and 0.5 m added to their sigma"
                    .to_owned(),
            );
        }
        let (name, why) = match self.vertical {
            HeightDatum::Nap => ("NAP", "as is usual in RD"),
            _ => ("EGM96", "as SRTM's are"),
        };
        self.vertical_assumed.then(|| {
            format!(
                "the terrain model does not say what its heights are measured from: {name} is \
                 assumed, {why}; --terrain-datum tells otherwise"
            )
        })
    }

    /// Standard deviation of heights in metres.
    #[must_use]
    pub fn sigma_m(&self) -> f64 {
        self.sigma_m
    }

    pub(super) fn posts(&self) -> &Posts {
        &self.posts
    }

    pub(super) fn posts_mut(&mut self) -> &mut Posts {
        &mut self.posts
    }

    pub(super) fn georeference(&self) -> &Georeference {
        &self.georeference
    }

    /// What its coordinates and heights are measured in.
    pub(super) fn chart(&self) -> Chart {
        Chart { horizontal: self.georeference.horizontal, vertical: self.vertical }
    }

    /// Column and row of a place.
    pub(super) fn post(&self, place: &Geodetic) -> (f64, f64) {
        self.georeference.post(place)
    }

    /// Metres above the model's zero, from the file's unit.
    pub(super) fn metres(&self, value: f64) -> f64 {
        value * self.georeference.metres_per_unit
    }

    /// Height and normal at a place of which this is the sample. The slope of the geoid, 1e-4 at
    /// most, is left out.
    pub(super) fn ground(&self, place: &Geodetic, sample: Sample) -> Option<Ground> {
        let (column, row) = self.post(place);
        let Sample::Height { value, by_column, by_row } = sample else {
            return None;
        };
        // A metre east and a metre north in radians, by the radii of curvature.
        let squared = 1.0 - ECCENTRICITY_SQUARED * place.lat_rad.sin().powi(2);
        let normal_m = SEMI_MAJOR_M / squared.sqrt();
        let north_step = squared / (normal_m * (1.0 - ECCENTRICITY_SQUARED));
        let east_step = 1.0 / (normal_m * place.lat_rad.cos().max(1e-6));
        let slope = |lat_rad: f64, lon_rad: f64| {
            let there = self.post(&Geodetic { lat_rad, lon_rad, ..*place });
            self.metres((there.0 - column) * by_column + (there.1 - row) * by_row)
        };
        let east = slope(place.lat_rad, place.lon_rad + east_step);
        let north = slope(place.lat_rad + north_step, place.lon_rad);
        Some(Ground {
            height_m: self.metres(value) + self.chart().zero_m(place)?,
            normal_enu: Vector3::new(-east, -north, 1.0).normalize(),
        })
    }
}
