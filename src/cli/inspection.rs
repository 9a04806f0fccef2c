//! How frames are inspected: the flags of every verb that does so, and the parameters from them.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::fuse::{self, KindRules};
use crate::geo::{self, HeightDatum, ModelParams, North, Terrain};
use crate::{inspect, site};

use super::ending::{BadInput, UsageError, within};
use super::kinds::KindArgs;
use super::shared_args::{CameraArgs, DetectArgs, RadiometryArgs};
use super::terrain::opened;
use super::{files, output};

/// How frames are inspected.
#[derive(Debug, clap::Args)]
pub(super) struct InspectionArgs {
    /// Site file (TOML or GeoJSON): its assets decide what kind a finding is; `unknown` without one
    #[arg(long, value_name = "FILE")]
    pub(super) site: Option<PathBuf>,
    /// Elevation model (GeoTIFF, or a folder of tiles); given again, the next one fills what the
    /// first leaves open; flat ground at the level of take-off without one
    #[arg(long, value_name = "DEM")]
    terrain: Vec<PathBuf>,
    /// What the elevation model's heights refer to, where it does not say
    #[arg(long, value_name = "DATUM", value_enum, requires = "terrain")]
    terrain_datum: Option<DatumArg>,
    /// Height of flat ground above the WGS84 ellipsoid in metres, where there is no elevation model
    #[arg(long, value_name = "M", allow_hyphen_values = true, conflicts_with = "terrain")]
    ground_height: Option<f64>,
    /// Threads, up to 1024; 0, as unless told, takes one a core. Any number gives the same result
    #[arg(
        long,
        value_name = "N",
        allow_hyphen_values = true,
        default_value_t = 0,
        hide_default_value = true,
        value_parser = clap::value_parser!(u16).range(0..=1024),
    )]
    threads: u16,
    /// Surveyed places that stand out as spots, to tie the flight to: CSV with
    /// name,lat,lon,height_m,sigma_m (height above the ellipsoid)
    #[arg(long, value_name = "FILE")]
    control: Option<PathBuf>,
    /// Leave in the frames what lens and sensor add to every picture of a flight; else it is taken
    /// off before spots are looked for, as far as frames that show other ground each tell it
    #[arg(long)]
    no_flat_field: bool,
    /// Take all poses as they are stated, though overlapping frames may tell what they are off
    #[arg(long, conflicts_with = "control")]
    no_calibration: bool,
    /// Make findings of what frames agree on, stands out by less than 2 K and would be graded low
    /// from this confidence on, the chance (0 to 1) that it is a source of heat or cold; 0 takes
    /// all of it. Not for electrical, nor where there are no temperatures [default: 0.5]
    #[arg(long, value_name = "CHANCE", allow_hyphen_values = true)]
    least_confidence: Option<f64>,
    /// Log's clock less camera's clock in seconds, where it cannot be found: to the log's UTC, or
    /// to its own clock if it never learnt UTC. A camera on Dutch summer time has -7200
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true)]
    clock_offset: Option<f64>,
    /// Which north headings count from, whatever files and logs say; without it true north, but for
    /// columns and EXIF directions that say magnetic
    #[arg(long, value_name = "NORTH", value_enum)]
    heading: Option<NorthArg>,
    /// For poses from logs: pitch of a camera that is fixed to the airframe; -90 looks down
    #[arg(long, value_name = "DEG", allow_hyphen_values = true)]
    mount_pitch: Option<f64>,
    #[command(flatten)]
    kinds: KindArgs,
    #[command(flatten)]
    camera: CameraArgs,
    #[command(flatten)]
    detect: DetectArgs,
    #[command(flatten)]
    radiometry: RadiometryArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum NorthArg {
    True,
    Magnetic,
}

impl NorthArg {
    fn north(self) -> North {
        match self {
            Self::True => North::True,
            Self::Magnetic => North::Magnetic,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum DatumArg {
    Ellipsoid,
    Egm96,
    Egm2008,
    Nap,
}

impl DatumArg {
    pub(super) fn datum(self) -> HeightDatum {
        match self {
            Self::Ellipsoid => HeightDatum::Ellipsoid,
            Self::Egm96 => HeightDatum::Egm96,
            Self::Egm2008 => HeightDatum::Egm2008,
            Self::Nap => HeightDatum::Nap,
        }
    }

    pub(super) fn model(told: Option<Self>) -> ModelParams {
        ModelParams { vertical: told.map(Self::datum), sigma_m: None }
    }
}

impl InspectionArgs {
    /// All of it checked, and the files that it names read.
    pub(super) fn params(&self) -> anyhow::Result<inspect::Params> {
        let read = self.radiometry.options()?;
        let detect = self.detect.params()?;
        let told_height_m = ground_height(self.ground_height)?;
        let cameras = self.camera.table()?;
        let kinds = self.kinds.graded()?;
        let site = self.site.as_deref().map(read_site).transpose()?;
        let terrain = if self.terrain.is_empty() {
            None
        } else {
            Some(opened(&self.terrain, self.terrain_datum)?)
        };
        let terrain_files: Vec<_> = geo::terrain_files(&self.terrain)?
            .iter()
            .map(|file| hashed(Some(file)))
            .collect::<Result<_, _>>()?;
        let control = self.control.as_deref().map(read_control).transpose()?;
        let ground_height_m = told_height_m.or(site.as_ref().and_then(|site| site.ground_height_m));
        let logs = inspect::LogParams {
            clock_offset_s: within("clock-offset", self.clock_offset, -1e10, 1e10)?,
            mount_pitch_deg: within("mount-pitch", self.mount_pitch, -180.0, 180.0)?,
        };
        let heading = self.heading.map(NorthArg::north);
        let fuse = self.fuse_params(kinds.rules)?;
        let description = json!({
            "overrides": read.overrides,
            "flir_path": read.path_convention,
            "tiff_scale": read.tiff_scale,
            "uncalibrated": read.uncalibrated,
            "vendor_sdk": hashed(read.vendor_sdk.as_deref())?,
            "detect": detect,
            "least_confidence": fuse.least_confidence,
            "kinds": kinds.table,
            "conditions": kinds.conditions,
            "camera": self.camera.camera,
            "camera_table": hashed(self.camera.camera_table.as_deref())?,
            "terrain": terrain_files,
            "terrain_datum": self.terrain_datum.map(DatumArg::datum),
            "ground_height_m": ground_height_m,
            "site": site,
            "flat_field": !self.no_flat_field,
            "calibrate": !self.no_calibration,
            "control": control,
            "heading": heading,
            "clock_offset_s": logs.clock_offset_s,
            "mount_pitch_deg": logs.mount_pitch_deg,
        });
        let takeoff_height_m = takeoff_height_m(site.as_ref(), terrain.as_ref());
        Ok(inspect::Params {
            read,
            detect,
            fuse,
            cameras,
            camera_id: self.camera.camera.clone(),
            heading,
            terrain,
            ground_height_m,
            takeoff_height_m,
            site,
            flat_field: !self.no_flat_field,
            calibrate: !self.no_calibration,
            control: control.unwrap_or_default(),
            logs,
            explain: false,
            threads: usize::from(self.threads),
            description: description.to_string(),
        })
    }

    fn fuse_params(&self, kinds: KindRules) -> anyhow::Result<fuse::Params> {
        let scores_by_heat = self.detect.params()?.profile.scores_by_heat();
        if let (true, Some(told)) = (scores_by_heat, self.least_confidence) {
            return Err(UsageError(format!(
                "--least-confidence {told}: in the profile electrical confidence is a rank and no \
                 chance, and nothing is left out by it"
            ))
            .into());
        }
        let usual = fuse::Params::default();
        let told = within("least-confidence", self.least_confidence, 0.0, 1.0)?;
        let least_confidence = told.unwrap_or(usual.least_confidence);
        Ok(fuse::Params { least_confidence, scores_by_heat, kinds, ..usual })
    }
}

/// Height of the site's take-off place above the ellipsoid, as the elevation model has it.
fn takeoff_height_m(site: Option<&site::Site>, terrain: Option<&Terrain>) -> Option<f64> {
    let (lon_deg, lat_deg) = site?.takeoff()?;
    terrain?.height_m(lat_deg.to_radians(), lon_deg.to_radians())
}

/// A file as the run's description has it: with its content, so that a changed file makes another
/// run and nothing that was worked out with the old one is taken for it.
fn hashed(file: Option<&Path>) -> anyhow::Result<serde_json::Value> {
    let Some(file) = file else { return Ok(serde_json::Value::Null) };
    let name = inspect::name_of(file);
    let sha256 = inspect::content_hash(file)
        .map_err(|error| BadInput(format!("{name}: cannot be read: {error}")))?;
    Ok(json!({"file": name, "sha256": sha256}))
}

fn read_control(file: &Path) -> anyhow::Result<Vec<site::ControlPoint>> {
    files::regular(file)?;
    Ok(site::read_control(file)?)
}

fn read_site(file: &Path) -> anyhow::Result<site::Site> {
    files::regular(file)?;
    let site = site::read(file)?;
    for warning in &site.warnings {
        output::message(&format!("{}: {warning}", file.display()));
    }
    Ok(site)
}

/// `--ground-height`, checked: from below the lowest land to above the highest.
pub(super) fn ground_height(metres: Option<f64>) -> Result<Option<f64>, UsageError> {
    within("ground-height", metres, -1000.0, 10_000.0)
}
