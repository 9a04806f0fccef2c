//! Arguments that several verbs take, and the parameters that rooms get from them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::capture::CameraTable;
use crate::detect;
use crate::thermal::{LinearScale, Overrides, PathConvention, ReadOptions};

use super::ending::{UsageError, within};
use super::files;

/// How temperatures are worked out.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Radiometry (each overrides what the file says)")]
pub(super) struct RadiometryArgs {
    /// Emissivity of the surface, above 0 to 1
    #[arg(long, value_name = "E", allow_hyphen_values = true)]
    pub(super) emissivity: Option<f64>,
    /// Distance to the surface in metres
    #[arg(long, value_name = "M", allow_hyphen_values = true)]
    pub(super) distance_m: Option<f64>,
    /// Relative humidity in percent
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    pub(super) humidity: Option<f64>,
    /// Reflected apparent temperature in °C
    #[arg(long, value_name = "C", allow_hyphen_values = true)]
    pub(super) reflected_c: Option<f64>,
    /// Temperature of the air in °C
    #[arg(long, value_name = "C", allow_hyphen_values = true)]
    pub(super) ambient_c: Option<f64>,
    /// Temperature of an external window in °C (FLIR)
    #[arg(long, value_name = "C", allow_hyphen_values = true)]
    pub(super) window_c: Option<f64>,
    /// Transmission of an external window, above 0 to 1 (FLIR)
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    pub(super) window_transmission: Option<f64>,
    /// How FLIR's formula counts the air: two halves around the window, or one whole path
    #[arg(long, value_enum, default_value_t = FlirPath::Half)]
    pub(super) flir_path: FlirPath,
    /// Kelvin a count of a TIFF that does not tell its scale
    #[arg(long, value_name = "K", requires = "offset", allow_hyphen_values = true)]
    pub(super) scale: Option<f64>,
    /// Degrees Celsius at count 0 of a TIFF that does not tell its scale
    #[arg(long, value_name = "C", requires = "scale", allow_hyphen_values = true)]
    pub(super) offset: Option<f64>,
    /// Decode DJI pictures with the vendor's own library (libdirp) at this path
    #[arg(long, value_name = "PATH")]
    pub(super) vendor_sdk: Option<PathBuf>,
    /// Read pictures without radiometry too, as grey levels, never as degrees
    #[arg(long)]
    pub(super) uncalibrated: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FlirPath {
    Half,
    Full,
}

impl RadiometryArgs {
    /// Checked: a number out of its range is a usage error that names the flag.
    pub(super) fn options(&self) -> Result<ReadOptions, UsageError> {
        let overrides = Overrides {
            emissivity: within("emissivity", self.emissivity, 0.01, 1.0)?,
            distance_m: within("distance-m", self.distance_m, 0.01, 10_000.0)?,
            humidity_percent: within("humidity", self.humidity, 0.0, 100.0)?,
            reflected_c: within("reflected-c", self.reflected_c, -100.0, 3000.0)?,
            ambient_c: within("ambient-c", self.ambient_c, -100.0, 500.0)?,
            window_c: within("window-c", self.window_c, -100.0, 1000.0)?,
            window_transmission: within(
                "window-transmission",
                self.window_transmission,
                0.01,
                1.0,
            )?,
        };
        let scale = within("scale", self.scale, -1000.0, 1000.0)?;
        if scale == Some(0.0) {
            return Err(UsageError("--scale 0 would make every pixel alike".to_owned()));
        }
        let offset = within("offset", self.offset, -1e6, 1e6)?;
        Ok(ReadOptions {
            overrides,
            path_convention: match self.flir_path {
                FlirPath::Half => PathConvention::Half,
                FlirPath::Full => PathConvention::Full,
            },
            tiff_scale: scale.zip(offset).map(|(scale, offset_c)| LinearScale { scale, offset_c }),
            uncalibrated: self.uncalibrated,
            vendor_sdk: self.vendor_sdk.clone(),
        })
    }
}

/// What the detector looks for.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Detection")]
pub(super) struct DetectArgs {
    /// What is inspected; sets the least contrast, and what the score of a hot spot is: for
    /// electrical, how hot it is beside the hottest of its frame, otherwise its chance
    #[arg(long, value_enum, default_value_t = ProfileArg::All)]
    pub(super) profile: ProfileArg,
    /// Report spots from this score on, the chance (0 to 1) that a spot is a source of heat or
    /// cold; a lower one gives more spots, and more that are none [default: 0.1; 0 for electrical]
    #[arg(long, value_name = "SCORE", allow_hyphen_values = true)]
    pub(super) least_score: Option<f32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ProfileArg {
    Leak,
    Insulation,
    Electrical,
    Pv,
    HeatSource,
    All,
}

impl DetectArgs {
    pub(super) fn params(&self) -> Result<detect::Params, UsageError> {
        let mut params = detect::Params::of(match self.profile {
            ProfileArg::Leak => detect::Profile::Leak,
            ProfileArg::Insulation => detect::Profile::Insulation,
            ProfileArg::Electrical => detect::Profile::Electrical,
            ProfileArg::Pv => detect::Profile::Pv,
            ProfileArg::HeatSource => detect::Profile::HeatSource,
            ProfileArg::All => detect::Profile::All,
        });
        if let Some(least) = self.least_score {
            if !(0.0..=1.0).contains(&least) {
                return Err(UsageError(format!(
                    "--least-score {least} is not within 0 to 1: it is the chance that a \
                     spot is a source, or how hot it is beside the hottest"
                )));
            }
            params.least_score = least;
        }
        Ok(params)
    }
}

/// Which camera.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Camera")]
pub(super) struct CameraArgs {
    /// Take this camera of the table, whatever the file says (see `about`)
    #[arg(long, value_name = "ID")]
    pub(super) camera: Option<String>,
    /// Add the cameras of this TOML file to the table
    #[arg(long, value_name = "FILE")]
    pub(super) camera_table: Option<PathBuf>,
}

impl CameraArgs {
    pub(super) fn table(&self) -> anyhow::Result<CameraTable> {
        let mut table = CameraTable::builtin();
        if let Some(file) = &self.camera_table {
            files::regular(file)?;
            table.extend_from(file)?;
        }
        if let Some(id) = self.camera.as_deref().filter(|id| table.by_id(id).is_none()) {
            let known: Vec<_> = table.cameras().iter().map(|camera| camera.id.as_str()).collect();
            let known = known.join(", ");
            return Err(UsageError(format!("--camera {id}: known are {known}")).into());
        }
        Ok(table)
    }
}
