//! Several elevation models as one: tiles beside each other, and a ground model below a surface
//! model's gaps.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Geodetic;
use super::elevation::{Chart, ElevationModel, Ground, ModelParams};
use super::posts::{Kept, PostReader, Sample, bilinear};
use super::terrain::Error;

/// What a place of which the first model there knows no height adds to the deviation of the next
/// one's, in metres. Voids of a surface model are water and what the laser missed, those of a
/// ground model buildings and thick growth: what stands there is not known to a metre.
const FILLED_SIGMA_M: f64 = 1.0;

/// Elevation models in order: at each place the first one that has a height there counts.
///
/// Tiles whose posts continue each other's are one surface: between the last posts of one and the
/// first posts of the next it is bilinear as everywhere. Where the first model that covers a place
/// has no height, the next one's counts, with a deviation larger by 1 m. All of them together hold
/// at most 64 MB of posts (four strips or tiles, where those are larger).
#[derive(Debug)]
pub struct ElevationModels {
    models: Vec<ElevationModel>,
    charts: Vec<Chart>,
    /// Of each model, which chart it is drawn on.
    chart_of: Vec<usize>,
    /// Of each model, those whose posts continue its own.
    neighbours: Vec<Vec<Neighbour>>,
}

/// Post (c, r) of the one is post (c + columns, r + rows) of the other.
#[derive(Debug, Clone, Copy)]
struct Neighbour {
    model: usize,
    columns: i64,
    rows: i64,
}

/// The files of elevation models: a file stands for itself, a folder for the `.tif` and `.tiff`
/// files in it (not below it), sorted by name.
///
/// # Errors
/// [`Error::File`] for a folder that cannot be read or holds none.
pub fn terrain_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let in_folder = |reason| Error::File { file: path.clone(), reason: Box::new(reason) };
        let mut found = Vec::new();
        for entry in std::fs::read_dir(path).map_err(|error| in_folder(error.into()))? {
            let file = entry.map_err(|error| in_folder(error.into()))?.path();
            if is_tiff(&file) && file.is_file() {
                found.push(file);
            }
        }
        if found.is_empty() {
            return Err(in_folder(Error::NoModel));
        }
        found.sort();
        files.extend(found);
    }
    Ok(files)
}

fn is_tiff(file: &Path) -> bool {
    let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    ["tif", "tiff"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

impl ElevationModels {
    /// Opens files in this order; see [`terrain_files`] for folders.
    ///
    /// # Errors
    /// As [`ElevationModel::open`], of the first file that cannot be taken; [`Error::NoModel`]
    /// without any.
    pub fn open(files: &[PathBuf], params: &ModelParams) -> Result<Self, Error> {
        let models: Result<_, _> =
            files.iter().map(|file| ElevationModel::open(file, params)).collect();
        Self::new(models?)
    }

    /// Of models in this order.
    ///
    /// # Errors
    /// [`Error::NoModel`] without any.
    pub fn new(mut models: Vec<ElevationModel>) -> Result<Self, Error> {
        if models.is_empty() {
            return Err(Error::NoModel);
        }
        let kept = Arc::new(Kept::default());
        for (number, model) in (0..).zip(&mut models) {
            model.posts_mut().share(&kept, number);
        }
        let mut charts: Vec<Chart> = Vec::new();
        let mut chart_of = Vec::new();
        for chart in models.iter().map(ElevationModel::chart) {
            let known = charts.iter().position(|known| *known == chart);
            chart_of.push(known.unwrap_or(charts.len()));
            if known.is_none() {
                charts.push(chart);
            }
        }
        let neighbours = (0..models.len()).map(|model| neighbours(&models, model)).collect();
        Ok(Self { models, charts, chart_of, neighbours })
    }

    /// Whether what heights are measured from is an assumption for any of them, because neither
    /// the file nor the user told it.
    #[must_use]
    pub fn vertical_is_assumed(&self) -> bool {
        self.models.iter().any(ElevationModel::vertical_is_assumed)
    }

    /// What is assumed of the heights, in a sentence; `None` if all was told.
    pub(super) fn assumption(&self) -> Option<String> {
        self.models.iter().find_map(ElevationModel::assumption)
    }

    /// Standard deviation of heights in metres, the largest of the models'.
    #[must_use]
    pub fn sigma_m(&self) -> f64 {
        self.models.iter().map(ElevationModel::sigma_m).fold(0.0, f64::max)
    }

    pub(super) fn models(&self) -> &[ElevationModel] {
        &self.models
    }

    pub(super) fn charts(&self) -> &[Chart] {
        &self.charts
    }

    pub(super) fn chart_of(&self, model: usize) -> usize {
        self.chart_of.get(model).copied().unwrap_or(0)
    }

    pub(super) fn readers(&self) -> Readers<'_> {
        Readers { models: self, readers: self.models.iter().map(|_| None).collect() }
    }

    /// Height above the ellipsoid; `None` where there is none.
    pub(super) fn height_m(&self, place: &Geodetic) -> Option<f64> {
        Some(self.readers().ground(place)?.0.height_m)
    }
}

/// The models whose posts continue those of `model`, in their order.
fn neighbours(models: &[ElevationModel], model: usize) -> Vec<Neighbour> {
    let Some(one) = models.get(model) else { return Vec::new() };
    let reach = |other: &ElevationModel, columns: i64, rows: i64| {
        // The other's first post in this one's count, and where it ends; they touch if no post
        // lies between.
        let touches = |first: i64, count: u32, own: u32| {
            first <= i64::from(own) && first + i64::from(count) >= 0
        };
        touches(-columns, other.posts().columns, one.posts().columns)
            && touches(-rows, other.posts().rows, one.posts().rows)
    };
    let found = models.iter().enumerate().filter(|(index, _)| *index != model);
    found
        .filter(|(_, other)| other.chart() == one.chart())
        .filter(|(_, other)| {
            other.georeference().metres_per_unit == one.georeference().metres_per_unit
        })
        .filter_map(|(index, other)| {
            let (columns, rows) = one.georeference().offset_to(other.georeference())?;
            reach(other, columns, rows).then_some(Neighbour { model: index, columns, rows })
        })
        .collect()
}

/// Reads all models, each with a memory of the block that it read last.
pub(super) struct Readers<'a> {
    models: &'a ElevationModels,
    readers: Vec<Option<PostReader<'a>>>,
}

impl<'a> Readers<'a> {
    /// The reader of a model that was read before.
    pub(super) fn used(&self, model: usize) -> Option<&PostReader<'a>> {
        self.readers.get(model)?.as_ref()
    }

    fn reader(&mut self, model: usize) -> Option<&mut PostReader<'a>> {
        let posts = self.models.models.get(model)?.posts();
        Some(self.readers.get_mut(model)?.get_or_insert_with(|| posts.reader()))
    }

    /// The surface of one model at its column and row, over seams with its neighbours' posts.
    pub(super) fn sample(&mut self, model: usize, column: f64, row: f64) -> Sample {
        let Some(reader) = self.reader(model) else { return Sample::Outside };
        let near = reader.sample(column, row);
        let beside = self.models.neighbours.get(model).is_some_and(|beside| !beside.is_empty());
        if !beside {
            return near;
        }
        let Some(one) = self.models.models.get(model) else { return near };
        let (right, bottom) =
            (f64::from(one.posts().columns) - 1.0, f64::from(one.posts().rows) - 1.0);
        let within = (0.0..=right).contains(&column) && (0.0..=bottom).contains(&row);
        let in_seam =
            (-1.0..=right + 1.0).contains(&column) && (-1.0..=bottom + 1.0).contains(&row);
        if within || !in_seam {
            return near;
        }
        self.over_seam(model, column, row).unwrap_or(near)
    }

    /// `None` unless all four posts around are there.
    fn over_seam(&mut self, model: usize, column: f64, row: f64) -> Option<Sample> {
        let (west, north) = (column.floor(), row.floor());
        let mut corners = [0.0_f32; 4];
        for (corner, (x, y)) in corners.iter_mut().zip([(0, 0), (1, 0), (0, 1), (1, 1)]) {
            *corner = self.post(model, west as i64 + x, north as i64 + y)?;
        }
        Some(bilinear(corners, column - west, row - north))
    }

    /// A post of the model itself or, beside it, of the first neighbour that has it.
    fn post(&mut self, model: usize, column: i64, row: i64) -> Option<f32> {
        let all = self.models;
        let own = Neighbour { model, columns: 0, rows: 0 };
        for one in std::iter::once(&own).chain(all.neighbours.get(model)?) {
            let posts = all.models.get(one.model)?.posts();
            let (column, row) = (column + one.columns, row + one.rows);
            let there = (0..i64::from(posts.columns)).contains(&column)
                && (0..i64::from(posts.rows)).contains(&row);
            if there {
                return self.reader(one.model)?.post(column as u32, row as u32);
            }
        }
        None
    }

    /// The ground at a place and its height's standard deviation.
    pub(super) fn ground(&mut self, place: &Geodetic) -> Option<(Ground, f64)> {
        let mut filled = false;
        let mut known: Option<(usize, (f64, f64))> = None;
        for (index, model) in self.models.models.iter().enumerate() {
            // Tiles share a chart, and the way onto it is dear.
            let chart = self.models.chart_of(index);
            let coordinates = match known {
                Some((same, coordinates)) if same == chart => coordinates,
                _ => model.georeference().horizontal.coordinates(place),
            };
            known = Some((chart, coordinates));
            let (column, row) = model.georeference().post_at(coordinates);
            match self.sample(index, column, row) {
                Sample::Void => filled = true,
                Sample::Unreadable => return None,
                Sample::Outside => {}
                sample @ Sample::Height { .. } => {
                    let more_m = if filled { FILLED_SIGMA_M } else { 0.0 };
                    return Some((model.ground(place, sample)?, model.sigma_m().hypot(more_m)));
                }
            }
        }
        None
    }
}
