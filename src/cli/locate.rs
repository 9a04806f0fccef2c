//! `locate`: where a pixel looks.

use std::path::PathBuf;

use anyhow::Context;
use serde::Serialize;

use crate::capture::{self, Ground, PoseNote, PosedFrame, Takeoff, Twin};
use crate::geo::{self, Height, Terrain};
use crate::inspect::{self, FLAT_GROUND_SIGMA_M};
use crate::locate::{self, PixelSigma};
use crate::thermal;

use super::ending::{BadInput, UsageError, within};
use super::inspection::{DatumArg, ground_height};
use super::shared_args::CameraArgs;
use super::{Ending, budget, output, terrain};

/// What has to be told where there is no FILE.
const POSE: [&str; 5] = ["lat", "lon", "height_m", "yaw", "pitch"];

/// Where a pixel looks: latitude, longitude, height and how sure they are
///
/// Pixels are counted from the outer corner of the first pixel: the middle of 640 x 512 is 320,256.
/// The pose is the file's own; any part of it can be given instead, and all of it without a FILE.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Picture whose pose is taken
    #[arg(value_name = "FILE", required_unless_present_all = POSE)]
    file: Option<PathBuf>,
    /// The pixel; the middle of the picture unless told
    #[arg(long, value_name = "X,Y", value_parser = pixel, allow_hyphen_values = true)]
    pixel: Option<(f64, f64)>,
    /// Elevation model: GeoTIFF or folder of them; given several times, the first one with a height
    /// at a place counts
    #[arg(long, value_name = "DEM")]
    terrain: Vec<PathBuf>,
    /// What the elevation model's heights refer to, where it does not say
    #[arg(long, value_name = "DATUM", value_enum, requires = "terrain")]
    terrain_datum: Option<DatumArg>,
    /// Height of flat ground above the WGS84 ellipsoid in metres, where there is no elevation model
    #[arg(long, value_name = "M", allow_hyphen_values = true, conflicts_with = "terrain")]
    ground_height: Option<f64>,
    /// Tell what the error is made of
    #[arg(long)]
    explain: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    camera: CameraArgs,
    #[command(flatten)]
    pose: PoseArgs,
}

const EXAMPLES: &str = "\
Examples:
  torenvalk locate DJI_0001_T.JPG --pixel 412,96.5
  torenvalk locate --camera m3t --lat 52 --lon 5 --height-m 60 --yaw 45 --pitch -60 \\
      --ground-height 0 --pixel 320,256 --json";

/// One sigma of a pixel that a person points at.
const CLICK_SIGMA: PixelSigma = PixelSigma(0.5);

/// A pose given by hand.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Pose (each beats the file)")]
struct PoseArgs {
    /// Latitude in degrees
    #[arg(long, value_name = "DEG", allow_hyphen_values = true)]
    lat: Option<f64>,
    /// Longitude in degrees
    #[arg(long, value_name = "DEG", allow_hyphen_values = true)]
    lon: Option<f64>,
    /// Height in metres above what --height-datum says
    #[arg(long, value_name = "M", allow_hyphen_values = true)]
    height_m: Option<f64>,
    /// What --height-m refers to
    #[arg(long, value_enum, default_value_t = DatumArg::Ellipsoid)]
    height_datum: DatumArg,
    /// Clockwise from true north in degrees
    #[arg(long, value_name = "DEG", allow_hyphen_values = true)]
    yaw: Option<f64>,
    /// Up from the horizon in degrees; straight down is -90
    #[arg(long, value_name = "DEG", allow_hyphen_values = true)]
    pitch: Option<f64>,
    /// Right side down in degrees
    #[arg(long, value_name = "DEG", allow_hyphen_values = true)]
    roll: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Answer {
    lat: f64,
    lon: f64,
    height_ellipsoidal_m: f64,
    height_amsl_m: f64,
    height_nap_m: Option<f64>,
    x_rd: Option<f64>,
    y_rd: Option<f64>,
    range_m: f64,
    sigma: Sigma,
    ellipse95: geo::Ellipse95,
    notes: Vec<PoseNote>,
    warnings: Vec<Warning>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<Vec<budget::Row>>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Warning {
    /// The error is not normal: the ellipse says too little away from the camera.
    SkewedError,
}

impl Warning {
    fn sentence(self) -> &'static str {
        match self {
            Self::SkewedError => {
                "one sigma is more than a tenth of the range: the error is no longer normal and \
                 reaches further away from the camera than the ellipse says"
            }
        }
    }
}

#[derive(Debug, Serialize)]
struct Sigma {
    east_m: f64,
    north_m: f64,
    up_m: f64,
}

fn pixel(text: &str) -> Result<(f64, f64), String> {
    let (x, y) = text.split_once(',').ok_or("a pixel is two numbers, e.g. 320,256")?;
    let number = |part: &str| {
        part.trim().parse().ok().filter(|v: &f64| v.is_finite()).ok_or(format!("`{part}`?"))
    };
    Ok((number(x)?, number(y)?))
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let told_height_m = ground_height(args.ground_height)?;
    let terrain = terrain_of(args)?;
    let (pose, takeoff) = pose_of(args, terrain.as_ref())?;
    let takeoff = takeoff.filter(|_| terrain.is_none() && told_height_m.is_none());
    let flat_m = told_height_m.or(takeoff.map(|takeoff| takeoff.height_m));
    let ground = match (terrain, flat_m) {
        (Some(terrain), _) => terrain,
        (None, Some(height_m)) => Terrain::Flat { height_m, sigma_m: FLAT_GROUND_SIGMA_M },
        (None, None) => {
            let reason = "the height of the ground is not known: give --terrain or --ground-height";
            return Err(BadInput(reason.to_owned()).into());
        }
    };
    let pixel = args.pixel.unwrap_or((pose.camera.cx_px, pose.camera.cy_px));
    let explained =
        locate::explain(&pose, pixel, CLICK_SIGMA, &ground).with_context(|| subject(args))?;
    show(args, &pose, &explained, takeoff.map_or(0.0, |takeoff| takeoff.sigma_m))?;
    Ok(Ending::Done)
}

fn subject(args: &Args) -> String {
    args.file.as_ref().map_or_else(|| "the given pose".to_owned(), |f| f.display().to_string())
}

fn terrain_of(args: &Args) -> anyhow::Result<Option<Terrain>> {
    if args.terrain.is_empty() {
        return Ok(None);
    }
    terrain::opened(&args.terrain, args.terrain_datum).map(Some)
}

/// The pose, and the level of take-off that it implies.
fn pose_of(
    args: &Args,
    terrain: Option<&Terrain>,
) -> anyhow::Result<(PosedFrame, Option<Takeoff>)> {
    let cameras = args.camera.table()?;
    let by_hand = &args.pose;
    let mut metadata = match &args.file {
        Some(file) => thermal::read_metadata(file)?,
        None => thermal::Metadata::default(),
    };
    let twin = args.file.as_deref().and_then(|file| inspect::visible_twin(file, &metadata));
    let twin = twin.as_ref().map(|metadata| Twin { metadata }).filter(|_| !by_hand.has_a_place());
    by_hand.put_into(&mut metadata)?;
    let size_px = match (metadata.thermal_px.or(metadata.picture_px), args.camera.camera.as_deref())
    {
        (Some(size_px), _) => size_px,
        (None, Some(id)) => cameras
            .by_id(id)
            .map(|camera| (camera.width_px, camera.height_px))
            .context("the camera is in the table")?,
        (None, None) => {
            let reason = "without a FILE, --camera says which camera it is".to_owned();
            return Err(UsageError(reason).into());
        }
    };
    let ground = Ground { terrain, takeoff_height_m: args.ground_height };
    let camera_id = args.camera.camera.as_deref();
    let params = capture::Params { cameras: &cameras, camera_id, ground, heading: None };
    let mut pose = capture::pose_from_metadata(0, size_px, &metadata, twin, &params)
        .with_context(|| subject(args))?;
    if let Some(metres) = by_hand.height_m {
        let height = Height { metres, datum: by_hand.height_datum.datum() };
        let (lat_deg, lon_deg) = (pose.position.lat_deg(), pose.position.lon_deg());
        pose.position.height_m = height
            .ellipsoidal_m(lat_deg, lon_deg)
            .ok_or_else(|| BadInput(format!("no height datum here for {height:?}")))?;
    }
    let takeoff = capture::implied_takeoff(&pose, &metadata, twin);
    Ok((pose, takeoff))
}

impl PoseArgs {
    fn has_a_place(&self) -> bool {
        self.lat.or(self.lon).or(self.height_m).is_some()
    }

    /// Lays what was given over what the file says.
    fn put_into(&self, metadata: &mut thermal::Metadata) -> Result<(), UsageError> {
        let (lat, lon) =
            (within("lat", self.lat, -90.0, 90.0)?, within("lon", self.lon, -180.0, 180.0)?);
        match (lat, lon) {
            (Some(lat_deg), Some(lon_deg)) => {
                metadata.xmp_position = Some(thermal::FilePosition { lat_deg, lon_deg });
                metadata.exif_position = None;
            }
            (None, None) => {}
            _ => return Err(UsageError("--lat and --lon go together".to_owned())),
        }
        if let Some(height_m) = within("height-m", self.height_m, -1000.0, 20_000.0)? {
            metadata.absolute_altitude_m = Some(height_m);
            metadata.relative_altitude_m = None;
        }
        let yaw = within("yaw", self.yaw, -360.0, 360.0)?;
        let pitch = within("pitch", self.pitch, -180.0, 180.0)?;
        let roll = within("roll", self.roll, -180.0, 180.0)?;
        if yaw.or(pitch).or(roll).is_some() {
            let from_file = metadata.gimbal.or(metadata.flight);
            let from_file =
                from_file.unwrap_or(thermal::EulerDegrees { yaw: 0.0, pitch: 0.0, roll: 0.0 });
            metadata.gimbal = Some(thermal::EulerDegrees {
                yaw: yaw.unwrap_or(from_file.yaw),
                pitch: pitch.unwrap_or(from_file.pitch),
                roll: roll.unwrap_or(from_file.roll),
            });
            metadata.flight = None;
        }
        Ok(())
    }
}

/// `level_sigma_m`: one sigma of the ground's level, where that is implied by the pose. It adds to
/// the height alone, since the camera goes up and down with it.
fn show(
    args: &Args,
    pose: &PosedFrame,
    explained: &locate::Explained,
    level_sigma_m: f64,
) -> anyhow::Result<()> {
    let located = &explained.located;
    let point = &located.point;
    let (lat, lon) = (point.lat_deg(), point.lon_deg());
    let covariance = located.covariance_enu_m2();
    let dutch = geo::rd_nap_from_etrs89(lat, lon, point.height_m);
    let sigma = Sigma {
        east_m: covariance[(0, 0)].sqrt(),
        north_m: covariance[(1, 1)].sqrt(),
        up_m: covariance[(2, 2)].sqrt().hypot(level_sigma_m),
    };
    let answer = Answer {
        lat,
        lon,
        height_ellipsoidal_m: point.height_m,
        height_amsl_m: point.height_m - geo::egm96_undulation_m(lat, lon),
        height_nap_m: dutch.and_then(|dutch| dutch.nap_m),
        x_rd: dutch.map(|dutch| dutch.x_m),
        y_rd: dutch.map(|dutch| dutch.y_m),
        range_m: located.range_m,
        sigma,
        ellipse95: explained.ellipse95,
        notes: pose.notes.clone(),
        warnings: located.is_skewed().then_some(Warning::SkewedError).into_iter().collect(),
        explain: args.explain.then(|| budget::rows(explained)),
    };
    if args.json { output::json_line(&answer) } else { output::text(&answer.text()) }
}

impl Answer {
    fn text(&self) -> String {
        let (lat, lon, ellipse95) = (self.lat, self.lon, &self.ellipse95);
        let mut text = format!(
            "{lat:.9} {lon:.9}\n\
             height {:.3} m above the ellipsoid, {:.3} m above mean sea level (EGM96)\n\
             range {:.3} m, 95 % ellipse {:.2} x {:.2} m at {:.0}°\n",
            self.height_ellipsoidal_m,
            self.height_amsl_m,
            self.range_m,
            ellipse95.major_m,
            ellipse95.minor_m,
            ellipse95.azimuth_deg,
        );
        if let (Some(x), Some(y)) = (self.x_rd, self.y_rd) {
            text.push_str(&format!("RD {x:.3} {y:.3}"));
            if let Some(nap) = self.height_nap_m {
                text.push_str(&format!(", {nap:.3} m NAP"));
            }
            text.push('\n');
        }
        for note in &self.notes {
            text.push_str(&format!("note: {}\n", note.sentence()));
        }
        for warning in &self.warnings {
            text.push_str(&format!("warning: {}\n", warning.sentence()));
        }
        if let Some(rows) = &self.explain {
            text.push_str(&budget::table(rows, ellipse95));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_is_two_numbers() {
        assert_eq!(pixel("320,256"), Ok((320.0, 256.0)));
        assert_eq!(pixel(" 1.5 , -2"), Ok((1.5, -2.0)));
        for wrong in ["320", "320;256", "a,b", "NaN,1", ""] {
            assert!(pixel(wrong).is_err(), "{wrong}");
        }
    }
}
